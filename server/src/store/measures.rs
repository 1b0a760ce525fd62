//! What a store measures about its writes, and what its owner asks of it. Numbers only: nothing here knows what was written.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

use super::Store;

/// A store, to the program that opened it.
#[async_trait]
pub trait OwnedStore: Store {
    /// Finishes the writes that wait and lets go of the database. A later caller gets an error.
    async fn close(&self);

    /// How long writes take and how many share a commit.
    fn writer_measures(&self) -> &WriterMeasures;

    /// How many writes wait for the next transaction, or run.
    fn writes_waiting(&self) -> usize;

    /// The sizes of the database and of its write-ahead log, in bytes; nothing where they are a server's.
    fn file_bytes(&self) -> Option<(u64, u64)>;
}

/// What the writer has done since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriterStats {
    /// Jobs that were run.
    pub jobs: u64,
    /// Transactions that were committed.
    pub commits: u64,
    /// The most jobs that one transaction held.
    pub largest_group: u64,
}

/// The writer's measures; cheap to clone, all clones count together.
#[derive(Clone, Debug)]
pub struct WriterMeasures {
    /// Jobs in one committed transaction.
    pub group_size: Histogram,
    /// Seconds from the asking to the answer of a write that is on disk.
    pub acknowledged: Histogram,
    /// Transactions that the disk or the database refused.
    pub failed: Counter,
    /// Transactions that met another one and were tried again; SQLite, with its one writer, has none.
    pub retried: Counter,
}

impl Default for WriterMeasures {
    fn default() -> Self {
        Self {
            // 1, 2, 4 … 128: a group is never larger.
            group_size: Histogram::new(exponential_buckets(1.0, 2.0, 8)),
            // 0.25 ms to 8 s, each bound twice the one before.
            acknowledged: Histogram::new(exponential_buckets(0.000_25, 2.0, 16)),
            failed: Counter::default(),
            retried: Counter::default(),
        }
    }
}

#[derive(Debug, Default)]
pub(in crate::store) struct Counters {
    jobs: AtomicU64,
    commits: AtomicU64,
    largest_group: AtomicU64,
    pub(in crate::store) measures: WriterMeasures,
}

impl Counters {
    pub(in crate::store) fn committed(&self, size: u64) {
        self.jobs.fetch_add(size, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.largest_group.fetch_max(size, Ordering::Relaxed);
        self.measures.group_size.observe(size as f64);
    }

    pub(in crate::store) fn failed(&self, size: u64) {
        self.jobs.fetch_add(size, Ordering::Relaxed);
        self.measures.failed.inc();
    }

    pub(in crate::store) fn acknowledged(&self, asked: Instant) {
        let took: Duration = asked.elapsed();
        self.measures.acknowledged.observe(took.as_secs_f64());
    }

    pub(in crate::store) fn stats(&self) -> WriterStats {
        WriterStats {
            jobs: self.jobs.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
            largest_group: self.largest_group.load(Ordering::Relaxed),
        }
    }
}
