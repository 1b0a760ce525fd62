//! Jobs: what is to be done outside, in the order of its lane.

use std::collections::BTreeMap;

use async_trait::async_trait;
use shared::time::Timestamp;

use crate::store::Stored;

/// A job about to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewJob<'a> {
    /// What is to be done.
    pub kind: &'a str,
    /// With what of this kind it is taken together: for whom.
    pub queue: &'a str,
    /// The id of what it is done with. There is one job for it at a time.
    pub about: &'a str,
    /// In which order: after those that were added to this lane before.
    pub lane: &'a str,
}

/// A job that somebody has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Its number.
    pub id: i64,
    /// The id of what it is done with.
    pub about: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// How often it was taken, this time included.
    pub attempts: i64,
    /// Whether an attempt before may have been carried out.
    pub unsettled: bool,
}

/// How many jobs may be done at a time.
#[derive(Clone, Debug, Default)]
pub struct JobRoom {
    /// Of one queue.
    pub share: i64,
    /// How many of each queue are being done.
    pub busy: BTreeMap<String, i64>,
}

/// Reads of jobs.
#[async_trait]
pub trait JobReads: Send {
    /// When the next job of a kind and queue can be taken.
    async fn job_next(&mut self, kind: &str, queue: &str) -> Stored<Option<Timestamp>>;
    /// When the next job of a kind can be taken, whichever its queue: not before the pause of its queue ends.
    async fn job_next_of_any(&mut self, kind: &str) -> Stored<Option<Timestamp>>;
    /// Until when a kind and queue paused last; nothing: it never did.
    async fn job_paused_until(&mut self, kind: &str, queue: &str) -> Stored<Option<Timestamp>>;
}

/// Writes of jobs.
#[async_trait]
pub trait JobRows: Send {
    /// Adds a job that can be taken from `at` on.
    async fn job_insert(&mut self, job: &NewJob<'_>, at: Timestamp) -> Stored<()>;
    /// Takes at most `limit` jobs of a kind and queue that are due and first in their lanes, until `until`. One that was taken before and
    /// not settled is lost to its former holder, who may have carried it out.
    async fn jobs_claim(
        &mut self,
        of: (&str, &str),
        lease: &str,
        at: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Stored<Vec<JobRow>>;
    /// Takes jobs of a kind as [`JobRows::jobs_claim`] does: of each queue as many as it has room for, and of one that pauses
    /// ([`JobRows::job_set_pause`]) none.
    async fn jobs_claim_of_each(
        &mut self,
        kind: &str,
        lease: &str,
        at: Timestamp,
        until: Timestamp,
        room: &JobRoom,
    ) -> Stored<Vec<JobRow>>;
    /// Whether this lease is the present one.
    async fn job_held(&mut self, job: i64, lease: &str) -> Stored<bool>;
    /// Gives a job back, to be taken from `run_after` on. An attempt that was none is not counted.
    async fn job_release(
        &mut self,
        job: i64,
        run_after: Timestamp,
        counted: bool,
        unsettled: bool,
    ) -> Stored<()>;
    /// Lets a job wait for no other one, and no other one for it.
    async fn job_leave_lane(&mut self, job: i64) -> Stored<()>;
    /// What the jobs of a lane are done with of which no attempt was made or none can have been carried out, in order.
    async fn jobs_untouched(&mut self, lane: &str) -> Stored<Vec<String>>;
    /// What the jobs of a kind and queue are done with that nobody has taken, in order.
    async fn jobs_waiting(&mut self, kind: &str, queue: &str) -> Stored<Vec<String>>;
    /// Deletes the job that is done with this.
    async fn job_delete(&mut self, about: &str) -> Stored<()>;
    /// Lets a kind and queue pause: [`JobRows::jobs_claim_of_each`] takes nothing of it before `until`. What was taken before stays
    /// with its holder. Replaces the pause before.
    async fn job_set_pause(&mut self, kind: &str, queue: &str, until: Timestamp) -> Stored<()>;
}
