//! How many workitems waited in the queues in the last hour: looked at once a minute and kept by this process alone. It knows nothing
//! of the time before it began.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::ids::TeamId;
use shared::time::Timestamp;
use shared::views::{WAITED_PART_MIN, WAITED_PARTS};

use super::Desk;

/// One part of the hour, in microseconds.
const PART_US: i64 = WAITED_PART_MIN * 60_000_000;
/// How many samples are kept: more than those of an hour.
const KEPT: usize = 70;

/// The queues as they were at some moment.
#[derive(Debug)]
struct Sample {
    at: Timestamp,
    queued: Vec<(TeamId, i64)>,
}

/// The last samples, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Waited(Mutex<VecDeque<Sample>>);

impl Waited {
    fn record(&self, at: Timestamp, queued: Vec<(TeamId, i64)>) {
        let mut samples = self.samples();
        samples.push_back(Sample { at, queued });
        while samples.len() > KEPT {
            samples.pop_front();
        }
    }

    /// How many waited at most at once for these teams together in each part of the last hour, the present one last. Parts before
    /// the first sample are left out.
    pub(super) fn of(&self, teams: &[TeamId], now: Timestamp) -> Vec<i64> {
        let present = now.0.div_euclid(PART_US);
        let mut parts = [None; WAITED_PARTS];
        for sample in self.samples().iter() {
            let ago = present - sample.at.0.div_euclid(PART_US);
            let place = usize::try_from(ago)
                .ok()
                .and_then(|ago| WAITED_PARTS.checked_sub(ago + 1));
            let Some(part) = place.and_then(|place| parts.get_mut(place)) else {
                continue;
            };
            let of_teams = sample
                .queued
                .iter()
                .filter(|(team, _)| teams.contains(team));
            let waiting: i64 = of_teams.map(|(_, queued)| queued).sum();
            *part = Some(part.map_or(waiting, |most: i64| most.max(waiting)));
        }
        let known = parts.into_iter().skip_while(Option::is_none);
        known.map(Option::unwrap_or_default).collect()
    }

    /// How many whole minutes of the last hour are known.
    pub(super) fn minutes(&self, now: Timestamp) -> i64 {
        let samples = self.samples();
        let seen = samples.front().map_or(0, |first| now.0 - first.at.0);
        (seen / 60_000_000).clamp(0, WAITED_PARTS as i64 * WAITED_PART_MIN)
    }

    fn samples(&self) -> MutexGuard<'_, VecDeque<Sample>> {
        // Nothing under this lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Samples the queues.
    pub(super) async fn waited_note(&self) {
        let counted = async { self.store().snapshot().await?.queued_counts().await };
        match counted.await {
            Ok(queued) => self.0.waited.record(self.now(), queued),
            Err(error) => tracing::warn!(%error, "the queues could not be counted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(id: &str) -> TeamId {
        TeamId::parse(id).expect("a test id")
    }

    #[test]
    fn each_part_has_the_most_that_waited_at_once_and_the_time_before_is_left_out() {
        let waited = Waited::default();
        let (care, sales) = (team("care"), team("sales"));
        let minute = |minute: i64| Timestamp(minute * 60_000_000);
        assert!(waited.of(std::slice::from_ref(&care), minute(0)).is_empty());
        for (at, in_care, in_sales) in [(1, 2, 5), (2, 3, 0), (3, 1, 4), (11, 7, 0), (21, 1, 1)] {
            let queued = vec![(care.clone(), in_care), (sales.clone(), in_sales)];
            waited.record(minute(at), queued);
        }
        let of = |teams: &[&TeamId], now| {
            let teams: Vec<_> = teams.iter().map(|team| (*team).clone()).collect();
            waited.of(&teams, minute(now))
        };
        assert_eq!(of(&[&care], 22), [3, 0, 7, 0, 1]);
        assert_eq!(of(&[&care, &sales], 22), [7, 0, 7, 0, 2]);
        assert_eq!(of(&[&care], 62), [7, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert!(of(&[], 22).iter().all(|most| *most == 0));
        assert!(of(&[&care], 200).is_empty());
    }

    #[test]
    fn minutes_are_counted_from_the_first_look_and_not_from_the_beginning_of_its_part() {
        let waited = Waited::default();
        let second = |second: i64| Timestamp(second * 1_000_000);
        assert_eq!(waited.minutes(second(0)), 0);
        // Ten seconds before a part ends.
        waited.record(second(290), Vec::new());
        waited.record(second(350), Vec::new());
        assert_eq!(waited.of(&[], second(351)).len(), 2, "two parts");
        for (at, minutes) in [(290, 0), (349, 0), (351, 1), (560, 4), (4_000, 60)] {
            assert_eq!(waited.minutes(second(at)), minutes, "{at}");
        }
    }
}
