//! Those who hear of commits.

use std::sync::{Arc, PoisonError, RwLock};

use super::{Change, CommitListener};

/// The listeners of one store. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Listeners(Arc<RwLock<Vec<Arc<dyn CommitListener>>>>);

impl Listeners {
    /// Takes in another one.
    pub(super) fn add(&self, listener: Arc<dyn CommitListener>) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
    }

    /// Reports a commit.
    pub(super) fn committed(&self, changes: &[Change]) {
        self.each(|listener| listener.committed(changes));
    }

    /// Reports a commit that failed.
    pub(super) fn failed(&self) {
        self.each(|listener| listener.failed());
    }

    fn each(&self, report: impl Fn(&dyn CommitListener)) {
        for listener in &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            report(&**listener);
        }
    }
}
