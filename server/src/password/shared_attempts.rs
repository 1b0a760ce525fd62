//! Attempts that several nodes count together, in the database: trying at each of them gives no more tries.
//!
//! It costs a write for each attempt, so one process alone counts in memory only. Keys are stored as hashes: what somebody types as a
//! name may be their password.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::attempts::{AttemptKey, WINDOW, Wait};
use crate::clock_and_ids::Clock;
use crate::commands::{AttemptCount, AttemptLimit, AttemptReturn};
use crate::store::{Store, Stored};

/// The attempts at all nodes.
#[derive(Clone)]
pub(super) struct SharedAttempts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for SharedAttempts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedAttempts")
    }
}

impl SharedAttempts {
    pub(super) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Counts an attempt under all of these keys, or under none of them; with `only_ask` under none in any case.
    pub(super) async fn count(
        &self,
        keys: &[AttemptKey],
        only_ask: bool,
    ) -> Stored<Result<(), Wait>> {
        let limit = |key: &AttemptKey| AttemptLimit {
            key: hash(key),
            allowed: i64::from(key.allowed()),
            longer: micros(key.window() - WINDOW),
        };
        let count = AttemptCount {
            limits: keys.iter().map(limit).collect(),
            window: micros(WINDOW),
            only_ask,
            at: self.clock.now(),
        };
        let wait = self.store.execute(count).await?.value;
        let wait = wait.map(|left| Duration::from_micros(u64::try_from(left).unwrap_or_default()));
        let longest = keys.iter().map(AttemptKey::window).max();
        let longest = longest.unwrap_or(WINDOW);
        Ok(wait.map_or(Ok(()), |left| Err(Wait(left.min(longest)))))
    }

    /// The attempt was right: it is not counted. Goes on beside the caller.
    pub(super) fn give_back(&self, keys: &[AttemptKey]) {
        let (store, keys) = (self.store.clone(), keys.iter().map(hash).collect());
        tokio::spawn(async move {
            if let Err(error) = store.execute(AttemptReturn { keys }).await {
                tracing::warn!(%error, "a right attempt stays counted");
            }
        });
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn hash(key: &AttemptKey) -> String {
    let (kind, text) = match key {
        AttemptKey::Account(text) => ("account", text),
        AttemptKey::Address(text) => ("address", text),
        AttemptKey::Browser(text) => ("browser", text),
        AttemptKey::SignedIn(text) => ("signed-in", text),
        AttemptKey::Code(text) => ("code", text),
        AttemptKey::CodeDay(text) => ("code-day", text),
        AttemptKey::CodeSaid(text) => ("code-said", text),
        AttemptKey::Passkey(text) => ("passkey", text),
        AttemptKey::SignOn(text) => ("sign-on", text),
    };
    hex::encode(Sha256::digest(format!("{kind} {text}")))
}
