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
    /// The id of what it is done with. There is one job for it at a time.
    pub about: &'a str,
    /// In which order: after those that were added to this lane before.
    pub lane: &'a str,
    /// Beside which: a few of one pool are done at a time.
    pub pool: &'a str,
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
    /// Of one pool.
    pub share: i64,
    /// How many of each pool are being done.
    pub busy: BTreeMap<String, i64>,
}

/// Reads of jobs.
#[async_trait]
pub trait JobReads: Send {
    /// When the next job can be taken.
    async fn job_next(&mut self) -> Stored<Option<Timestamp>>;
}

/// Writes of jobs.
#[async_trait]
pub trait JobRows: Send {
    /// Adds a job that can be taken from `at` on.
    async fn job_insert(&mut self, job: &NewJob<'_>, at: Timestamp) -> Stored<()>;
    /// Takes the jobs of a kind that are due and first in their lanes, until `until`: of each pool as many as it has room for.
    /// One that was taken before and not settled is lost to its former holder, who may have carried it out.
    async fn jobs_claim(
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
    /// What the jobs of a lane are done with of which no attempt was made or none can have been carried out, in order.
    async fn jobs_untouched(&mut self, lane: &str) -> Stored<Vec<String>>;
    /// Deletes the job that is done with this.
    async fn job_delete(&mut self, about: &str) -> Stored<()>;
}
