//! Attempts to sign in, counted together by several nodes. (One node alone counts them in memory: `password/attempts.rs`.)

use async_trait::async_trait;
use shared::time::Timestamp;

use crate::store::rows::AttemptRow;
use crate::store::{Command, Stored, Transaction, Written};

/// How many keys that are over are forgotten with each attempt.
const FORGOTTEN: i64 = 100;

/// Where an attempt counts, and how many there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptLimit {
    /// The hash of the key.
    pub key: String,
    /// How many wrong ones there may be in a window.
    pub allowed: i64,
    /// By how much its window is longer than that of others, in microseconds.
    pub longer: i64,
}

/// Counts an attempt under all of these keys, or under none of them. Answers how long the next one has to wait, in microseconds, where there were too
/// many already.
#[derive(Clone, Debug)]
pub struct AttemptCount {
    /// Where.
    pub limits: Vec<AttemptLimit>,
    /// The span in which attempts count, in microseconds.
    pub window: i64,
    /// Whether it is only asked, and nothing counted.
    pub only_ask: bool,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for AttemptCount {
    type Answer = Option<i64>;
    const NAME: &'static str = "attempt_count";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Option<i64>>> {
        let mut wait = None;
        let mut counted = Vec::new();
        for limit in &self.limits {
            // All rows are forgotten at one age, so one that lasts longer is dated ahead.
            let fresh = AttemptRow {
                since: Timestamp(self.at.0.saturating_add(limit.longer)),
                count: 0,
            };
            let row = rows.attempts_find(&limit.key).await?;
            let row = row.filter(|row| self.at.0 < row.since.0 + self.window);
            // (Another node's clock may be ahead.)
            let row = row.unwrap_or(fresh);
            if row.count >= limit.allowed {
                wait = wait.max(Some(row.since.0 + self.window - self.at.0));
            }
            counted.push(row);
        }
        if wait.is_none() && !self.only_ask {
            for (limit, row) in self.limits.iter().zip(counted) {
                let count = row.count + 1;
                rows.attempts_set(&limit.key, AttemptRow { count, ..row })
                    .await?;
            }
            let over = Timestamp(self.at.0 - self.window);
            rows.attempts_forget(over, FORGOTTEN).await?;
        }
        Ok(Written::unchanged(wait))
    }
}

/// The attempt was right: it is not counted.
#[derive(Clone, Debug)]
pub struct AttemptReturn {
    /// The hashes of its keys.
    pub keys: Vec<String>,
}

#[async_trait]
impl Command for AttemptReturn {
    type Answer = ();
    const NAME: &'static str = "attempt_return";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        for key in &self.keys {
            match rows.attempts_find(key).await? {
                Some(row) if row.count > 1 => {
                    let count = row.count - 1;
                    rows.attempts_set(key, AttemptRow { count, ..row }).await?;
                }
                Some(_) => rows.attempts_delete(key).await?,
                None => {}
            }
        }
        Ok(Written::unchanged(()))
    }
}
