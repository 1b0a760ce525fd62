//! How many operations one user, or one customer, may have under way at the same time, so that a flood from one is
//! refused while the others notice nothing. In memory; a key without a permit has no entry.
//!
//! `tower`'s concurrency limit and a semaphore count all callers together; these are counted by key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::error::AppError;

/// Limits of one kind of operation, counted by `K`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimits<K: Clone + Eq + Hash> {
    max: u32,
    held: Arc<Mutex<HashMap<K, u32>>>,
}

/// Leave for one operation; dropping it makes room for another.
#[derive(Debug)]
pub struct Permit<K: Clone + Eq + Hash> {
    limits: ConcurrencyLimits<K>,
    key: K,
}

impl<K: Clone + Eq + Hash> ConcurrencyLimits<K> {
    /// Each key may hold this many permits.
    pub fn new(max: u32) -> Self {
        Self {
            max,
            held: Arc::default(),
        }
    }

    /// Acquires a permit, or answers `RateLimited`. Never waits.
    pub fn acquire(&self, key: &K) -> Result<Permit<K>, AppError> {
        let mut held = self.lock();
        let count = held.entry(key.clone()).or_default();
        if *count >= self.max {
            return Err(AppError::rate_limited(1));
        }
        *count += 1;
        Ok(Permit {
            limits: self.clone(),
            key: key.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, u32>> {
        // Nothing under this lock can panic half-way through a change.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut held = self.limits.lock();
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::UserId;

    use super::*;

    #[test]
    fn a_permit_that_is_dropped_can_be_acquired_again() {
        let [amy, ben] = ["amy", "ben"].map(|id| UserId::parse(id).unwrap());
        let limits = ConcurrencyLimits::new(2);
        let (first, second) = (limits.acquire(&amy).unwrap(), limits.acquire(&amy).unwrap());
        let refused = AppError::rate_limited(1);
        assert_eq!(limits.acquire(&amy).unwrap_err(), refused);
        let _others = limits.acquire(&ben).unwrap();
        drop(first);
        let third = limits.acquire(&amy).unwrap();
        drop((second, third));
        assert_eq!(limits.lock().len(), 1, "amy has no entry any more");
    }
}
