//! Carrying out commands: each in a transaction of its own, and again when it met another one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{PoisonError, RwLock};
use std::thread::sleep;
use std::time::Duration;

use sqlx::postgres::PgPool;
use tokio::runtime::Handle;

use super::reports::Reports;
use super::session::{Purpose, Session, Trouble};
use crate::store::measures::Counters;
use crate::store::sql::runner;
use crate::store::{ErasedAnswer, ErasedCommand, StoreError, Stored, Written};

/// How often a command is tried beside others.
const BESIDE_OTHERS: u32 = 6;
/// How often it is tried with nobody of this process beside it. Of several nodes each has one such command at a time, and of those
/// that meet one is stored each time; a second is enough for the last of them.
const ALONE: u32 = 40;
/// The longest wait in front of the second try, in microseconds. It doubles with each further one.
const WAIT: u64 = 1_000;

/// What commands need.
pub(super) struct Commands {
    /// A connection for each that runs.
    pub(super) pool: PgPool,
    /// Who has met others too often runs alone.
    pub(super) beside: RwLock<()>,
    pub(super) reports: Reports,
    pub(super) counters: Counters,
}

/// How one try ended.
enum Tried {
    Done(Stored<Written<ErasedAnswer>>),
    Again,
}

impl Commands {
    /// Carries out a command. It blocks: for a thread that may wait.
    pub(super) fn carry_out(
        &self,
        runtime: &Handle,
        command: &dyn ErasedCommand,
    ) -> Stored<Written<ErasedAnswer>> {
        for tried in 0..BESIDE_OTHERS + ALONE {
            if tried > 0 {
                self.counters.measures.retried.inc();
                sleep(jitter(WAIT << tried.min(6)));
            }
            let outcome = if tried < BESIDE_OTHERS {
                let _beside = self.beside.read().unwrap_or_else(PoisonError::into_inner);
                self.attempt(runtime, command)
            } else {
                let _alone = self.beside.write().unwrap_or_else(PoisonError::into_inner);
                self.attempt(runtime, command)
            };
            if let Tried::Done(outcome) = outcome {
                return outcome;
            }
        }
        self.counters.failed(1);
        Err(Trouble::Conflict.into())
    }

    fn attempt(&self, runtime: &Handle, command: &dyn ErasedCommand) -> Tried {
        let begun = Session::begin(runtime.clone(), &self.pool, Purpose::Command);
        let mut session = match runtime.block_on(begun) {
            Ok(session) => session,
            Err(trouble) => return Tried::Done(Err(trouble.into())),
        };
        let run = AssertUnwindSafe(|| runner::carry_out(command, &mut session));
        let Ok(result) = catch_unwind(run) else {
            tracing::error!("store: a command panicked and was undone");
            return Tried::Done(Err(StoreError::Storage(
                "the write was given up".to_owned(),
            )));
        };
        // What a rule made of a statement that failed counts for nothing: the transaction can only be undone.
        let written = match (session.trouble(), result) {
            (Some(Trouble::Conflict), _) => return Tried::Again,
            (Some(trouble), Ok(_)) => return Tried::Done(Err(trouble.into())),
            (_, Err(refused)) => return Tried::Done(Err(refused)),
            (None, Ok(written)) => written,
        };
        let committed = self.reports.in_order(&written.changes, || session.commit());
        match committed {
            Ok(()) => {
                self.counters.committed(1);
                Tried::Done(Ok(written))
            }
            Err(Trouble::Conflict) => Tried::Again,
            Err(trouble) => {
                tracing::error!(error = ?trouble, "store: a transaction failed");
                self.counters.failed(1);
                Tried::Done(Err(trouble.into()))
            }
        }
    }
}

/// Something up to this many microseconds, so that those who met do not meet again.
fn jitter(most: u64) -> Duration {
    let mut bytes = [0; 8];
    // Without random numbers it waits as long as it may.
    let _ = getrandom::fill(&mut bytes);
    Duration::from_micros(most - u64::from_le_bytes(bytes) % most)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn those_who_met_wait_for_different_times_and_never_too_long() {
        let waits: BTreeSet<Duration> = (0..100).map(|_| jitter(WAIT << 6)).collect();
        let longest = u128::from(WAIT << 6);
        assert!(
            waits
                .iter()
                .all(|wait| (1..=longest).contains(&wait.as_micros()))
        );
        // Of a hundred numbers below 64,000 hardly two are the same.
        assert!(waits.len() > 90, "{waits:?}");
    }
}
