//! When a channel may hand over its next message: as often in a second as its provider takes, one after the other. Nodes divide
//! the rate by their number, so together they stay below it, and none asks another one about a message.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use shared::ids::ChannelKey;
use tokio::time::Instant;

use super::lock;

/// The longest that a message waits for its turn under its lease. A slow channel of many nodes has turns that are further away.
const WAIT_MAX: Duration = Duration::from_secs(15);

/// The next turn of each channel that has had one a moment ago.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<ChannelKey, Instant>>);

impl Pace {
    /// Takes this node's next turn of a channel with so many in a second for all nodes. Nothing is taken back: a turn that nobody
    /// uses is lost.
    ///
    /// # Errors
    /// How far away the turn is, where that is more than [`WAIT_MAX`]. It is not taken.
    pub(super) fn turn(
        &self,
        channel: &ChannelKey,
        (rate, nodes): (u32, u32),
        now: Instant,
    ) -> Result<Instant, Duration> {
        let mut next = lock(&self.0);
        // Nothing is saved up for later.
        next.retain(|_, turn| *turn > now);
        let turn = next.get(channel).copied().unwrap_or(now);
        let wait = turn.saturating_duration_since(now);
        if wait > WAIT_MAX {
            return Err(wait);
        }
        next.insert(channel.clone(), turn + between(rate, nodes));
        Ok(turn)
    }
}

/// The time between two turns of one node. A rest that does not divide is left unused, so no second has more turns of all nodes than
/// the rate says. Where there are more nodes than turns in a second, each has one every few seconds.
fn between(rate: u32, nodes: u32) -> Duration {
    let (rate, nodes, second) = (rate.max(1), nodes.max(1), Duration::from_secs(1));
    match rate / nodes {
        0 => second * nodes / rate,
        share => second / share,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> ChannelKey {
        ChannelKey::parse(key).unwrap()
    }

    #[test]
    fn a_second_has_as_many_turns_as_the_rate_says() {
        for rate in [1, 3, 80, 300, 1_000] {
            let (pace, begun) = (Pace::default(), Instant::now());
            let turns = (0..=rate).map(|_| pace.turn(&key("care"), (rate, 1), begun).unwrap());
            let within = begun + Duration::from_millis(999);
            let (soon, later): (Vec<_>, Vec<_>) = turns.partition(|turn| *turn <= within);
            assert_eq!((soon.len(), later.len()), (rate as usize, 1), "{rate}");
            assert_eq!(soon[0], begun, "the first one waits for nothing");
        }
    }

    #[test]
    fn all_nodes_together_have_no_more_turns_than_the_rate_says() {
        for (rate, nodes) in [(80, 3), (300, 7), (1_000, 2), (3, 3)] {
            let begun = Instant::now();
            let within = begun + Duration::from_millis(999);
            let mut soon = 0;
            for _ in 0..nodes {
                let pace = Pace::default();
                let turns = (0..=rate).map(|_| pace.turn(&key("care"), (rate, nodes), begun));
                let taken = turns.filter_map(Result::ok);
                soon += u32::try_from(taken.filter(|turn| *turn <= within).count()).unwrap();
            }
            assert_eq!(soon, rate / nodes * nodes, "{rate} for {nodes}");
            assert!(soon <= rate && soon + nodes > rate, "{rate} for {nodes}");
        }
    }

    #[test]
    fn a_turn_that_is_too_far_away_is_not_taken() {
        let (pace, begun) = (Pace::default(), Instant::now());
        let after = |seconds| begun + Duration::from_secs(seconds);
        let turn = |at| pace.turn(&key("care"), (1, 3), at);
        for seconds in [0, 3, 6, 9, 12, 15] {
            assert_eq!(turn(begun), Ok(after(seconds)));
        }
        let far: Result<Instant, Duration> = Err(Duration::from_secs(18));
        assert_eq!([turn(begun), turn(begun)], [far, far]);
        assert_eq!(turn(after(3)), Ok(after(18)));
    }

    #[test]
    fn channels_have_turns_of_their_own_and_save_none_up() {
        let (pace, begun) = (Pace::default(), Instant::now());
        let after = |millis| begun + Duration::from_millis(millis);
        let turn = |channel, at| pace.turn(&key(channel), (2, 1), at).unwrap();
        let care = |at| turn("care", at);
        assert_eq!([care(begun), care(begun)], [begun, after(500)]);
        assert_eq!(turn("sales", begun), begun);
        let late = after(60_000);
        assert_eq!([care(late), care(late)], [late, after(60_500)]);
    }
}
