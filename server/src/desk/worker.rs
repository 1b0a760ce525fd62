//! The worker of jobs: takes what is due of one kind, carries it out several at once, and sleeps until something else is.
//!
//! Each kind of job has a worker and room of its own, so a slow receiver of events keeps no customer's message waiting. What
//! waits is in the database; a crash loses nothing, and a lease that ran out is taken again.

use std::time::Duration;

use async_trait::async_trait;
use shared::time::Timestamp;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::Desk;
use crate::store::{StoreError, Stored};

/// How long a worker sleeps at least when something is due that it cannot take, and at most.
const SLEEP: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// A kind of job.
#[async_trait]
pub(super) trait Work: Send + Sync + 'static {
    /// A job with the room that it takes, which it gives back when it is dropped.
    type Job: Send + Sync + 'static;

    /// What is done, for the log.
    const NAME: &'static str;

    /// What wakes the worker: something was added, or there is room again.
    fn wake(desk: &Desk) -> &Notify;
    /// When the next job is due.
    async fn next(desk: &Desk) -> Stored<Option<Timestamp>>;
    /// Takes what is due, as much as there is room for. Costs no write while nothing is.
    async fn take(desk: &Desk) -> Stored<Vec<Self::Job>>;
    /// Carries out a job and notes what came of it.
    async fn carry_out(desk: &Desk, job: &Self::Job);
}

/// Works as long as the process lives.
pub(super) async fn run<W: Work>(desk: Desk) {
    loop {
        match round::<W>(&desk).await {
            Ok(()) => {}
            Err(StoreError::Closed) => return,
            Err(error) => {
                tracing::error!(%error, work = W::NAME, "jobs could not be taken");
                sleep(SLEEP.0).await;
            }
        }
        let pause = pause::<W>(&desk).await.unwrap_or(SLEEP.0);
        tokio::select! {
            () = W::wake(&desk).notified() => {}
            () = sleep(pause) => {}
        }
    }
}

/// Takes what is due and lets it be carried out.
async fn round<W: Work>(desk: &Desk) -> Stored<()> {
    for job in W::take(desk).await? {
        let desk = desk.clone();
        tokio::spawn(async move {
            W::carry_out(&desk, &job).await;
            drop(job);
            W::wake(&desk).notify_one();
        });
    }
    Ok(())
}

/// How long until something is due.
async fn pause<W: Work>(desk: &Desk) -> Stored<Duration> {
    let next = W::next(desk).await?;
    let wait = next.map_or(i64::MAX, |next| next.0.saturating_sub(desk.now().0));
    let wait = Duration::from_micros(u64::try_from(wait).unwrap_or_default());
    Ok(wait.clamp(SLEEP.0, SLEEP.1))
}

/// The longest pause after so many attempts, in microseconds: the first one, doubled with each further attempt up to the last.
pub(super) fn backoff(attempts: i64, (first, last): (i64, i64)) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or_default();
    (first << doublings).min(last)
}

/// Anything up to this (full jitter): what failed together is not tried again together.
pub(super) fn jitter(most: i64) -> i64 {
    let mut bytes = [0; 8];
    // Without randomness everybody waits as long as may be.
    if getrandom::fill(&mut bytes).is_err() {
        return most;
    }
    let random = i64::try_from(u64::from_le_bytes(bytes) >> 1).unwrap_or_default();
    random % (most + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_are_as_long_or_shorter() {
        let pauses = [1, 2, 3, 10, 60].map(|attempts| backoff(attempts, (2, 600)));
        assert_eq!(pauses, [2, 4, 8, 600, 600]);
        let waits: Vec<i64> = (0..200).map(|_| jitter(1_000)).collect();
        assert!(waits.iter().all(|wait| (0..=1_000).contains(wait)));
        assert!(waits.iter().any(|wait| *wait < 500) && waits.iter().any(|wait| *wait > 500));
    }
}
