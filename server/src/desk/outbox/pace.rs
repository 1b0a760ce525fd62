//! When a channel may hand over its next message: as often in a second as its provider takes, one after the other. Each node
//! counts its own.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use shared::ids::ChannelKey;
use tokio::time::Instant;

use super::lock;

/// The next turn of each channel that has had one a moment ago.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<ChannelKey, Instant>>);

impl Pace {
    /// Takes the next turn of a channel with so many in a second. Nothing is taken back: a turn that nobody uses is lost.
    pub(super) fn turn(&self, channel: &ChannelKey, rate: u32, now: Instant) -> Instant {
        let between = Duration::from_secs(1) / rate.max(1);
        let mut next = lock(&self.0);
        // Nothing is saved up for later.
        next.retain(|_, turn| *turn > now);
        let turn = next.get(channel).copied().unwrap_or(now);
        next.insert(channel.clone(), turn + between);
        turn
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
            let turns = (0..=rate).map(|_| pace.turn(&key("care"), rate, begun));
            let within = begun + Duration::from_millis(999);
            let (soon, later): (Vec<_>, Vec<_>) = turns.partition(|turn| *turn <= within);
            assert_eq!((soon.len(), later.len()), (rate as usize, 1), "{rate}");
            assert_eq!(soon[0], begun, "the first one waits for nothing");
        }
    }

    #[test]
    fn channels_have_turns_of_their_own_and_save_none_up() {
        let (pace, begun) = (Pace::default(), Instant::now());
        let after = |millis| begun + Duration::from_millis(millis);
        let care = |at| pace.turn(&key("care"), 2, at);
        assert_eq!([care(begun), care(begun)], [begun, after(500)]);
        assert_eq!(pace.turn(&key("sales"), 2, begun), begun);
        let late = after(60_000);
        assert_eq!([care(late), care(late)], [late, after(60_500)]);
    }
}
