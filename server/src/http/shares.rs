//! What one user, or one customer, may take of the host at the same time, so that a flood from one is refused while the
//! others notice nothing. In memory; who takes nothing has no place in it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::error::AppError;

/// Shares of one thing, each taken by a `W`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shares<W: Clone + Eq + Hash> {
    most: u32,
    taken: Arc<Mutex<HashMap<W, u32>>>,
}

/// One share; dropping it gives it back.
#[derive(Debug)]
pub struct Share<W: Clone + Eq + Hash> {
    shares: Shares<W>,
    who: W,
}

impl<W: Clone + Eq + Hash> Shares<W> {
    /// Each may take this many.
    pub fn new(most: u32) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// Takes one.
    pub fn take(&self, who: &W) -> Result<Share<W>, AppError> {
        let mut taken = self.lock();
        let count = taken.entry(who.clone()).or_default();
        if *count >= self.most {
            return Err(AppError::RateLimited { retry_after_s: 1 });
        }
        *count += 1;
        Ok(Share {
            shares: self.clone(),
            who: who.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<W, u32>> {
        // Nothing under this lock can panic half-way through a change.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Clone + Eq + Hash> Drop for Share<W> {
    fn drop(&mut self) {
        let mut taken = self.shares.lock();
        if let Some(count) = taken.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::UserId;

    use super::*;

    #[test]
    fn a_share_that_is_given_back_can_be_taken_again() {
        let [amy, ben] = ["amy", "ben"].map(|id| UserId::parse(id).unwrap());
        let shares = Shares::new(2);
        let (first, second) = (shares.take(&amy).unwrap(), shares.take(&amy).unwrap());
        let refused = AppError::RateLimited { retry_after_s: 1 };
        assert_eq!(shares.take(&amy).unwrap_err(), refused);
        let _others = shares.take(&ben).unwrap();
        drop(first);
        let third = shares.take(&amy).unwrap();
        drop((second, third));
        assert_eq!(shares.lock().len(), 1, "amy has no place any more");
    }
}
