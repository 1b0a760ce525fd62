//! Changes that are published after the sender has the answer.
//!
//! The time of an answer must not depend on subscribers. The changes are on disk already; the body of the answer holds
//! them, and they are published in order when it was sent or dropped.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::Handle;

use super::Desk;
use crate::store::{Change, Written};

/// Changes that wait for an answer to leave. Dropping it publishes them.
#[must_use = "readers hear of the changes when this is dropped"]
pub struct Unpublished {
    desk: Desk,
    changes: Vec<Change>,
}

/// Those whose answers have left.
#[derive(Default)]
pub(super) struct Outgoing {
    waiting: Mutex<VecDeque<Vec<Change>>>,
    /// Held while they are published, so that they stay in order.
    publishing: Mutex<()>,
}

impl Desk {
    /// The value of a write, with its changes to be published after the answer.
    pub(super) fn unpublished<T>(&self, written: Written<T>) -> (T, Unpublished) {
        let unpublished = Unpublished {
            desk: self.clone(),
            changes: written.changes,
        };
        (written.value, unpublished)
    }

    fn publish_waiting(&self) {
        let outgoing = &self.0.outgoing;
        let _in_order = lock(&outgoing.publishing);
        let next = || lock(&outgoing.waiting).pop_front();
        while let Some(changes) = next() {
            self.publish(Written { value: (), changes });
        }
    }
}

impl Unpublished {
    /// Whether the write changed nothing: its key was repeated.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Drop for Unpublished {
    fn drop(&mut self) {
        if self.changes.is_empty() {
            return;
        }
        lock(&self.desk.0.outgoing.waiting).push_back(std::mem::take(&mut self.changes));
        let desk = self.desk.clone();
        match Handle::try_current() {
            // Not right here: the bytes of the answer may still wait for this very task to write them.
            Ok(runtime) => drop(runtime.spawn(async move { desk.publish_waiting() })),
            Err(_) => desk.publish_waiting(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing under these locks can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
