//! How many requests one token may send over time. In memory, one moment for each token that was used; a token that does not
//! last never comes here.
//!
//! A bucket that leaks at an even rate, kept as the moment at which it will be empty (see `http::send_rate`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use shared::ids::TokenId;

/// The span for which the limit is given.
const WINDOW: Duration = Duration::from_secs(60);

/// The requests of each token.
#[derive(Debug)]
pub(super) struct ApiRate {
    /// How many requests may be sent in [`WINDOW`].
    most: u32,
    /// When all requests of a token have ceased to count.
    empty_at: Mutex<HashMap<TokenId, Instant>>,
}

/// How it stands with a token's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RateStatus {
    /// How many requests may be sent in a minute.
    pub(super) most: u32,
    /// How many may be sent now.
    pub(super) left: u32,
    /// After how many seconds all of them may be sent again.
    pub(super) reset_s: u64,
    /// After how many seconds one may be sent, if none may now and this one was refused.
    pub(super) retry_after_s: Option<i64>,
}

impl ApiRate {
    /// So many requests in a minute, all of them at once if need be.
    pub(super) fn new(most: u32) -> Self {
        Self {
            most: most.max(1),
            empty_at: Mutex::default(),
        }
    }

    /// Counts one request, unless there were too many.
    pub(super) fn count(&self, token: &TokenId, now: Instant) -> RateStatus {
        let each = WINDOW / self.most;
        // Nothing under this lock can panic half-way through a change.
        let mut all = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        let empty_at = all.entry(token.clone()).or_insert(now);
        let next = (*empty_at).max(now) + each;
        let over = (next - now).saturating_sub(WINDOW);
        let refused = !over.is_zero();
        if !refused {
            *empty_at = next;
        }
        let full = (*empty_at).saturating_duration_since(now);
        let room = WINDOW.saturating_sub(full).as_nanos() / each.as_nanos().max(1);
        RateStatus {
            most: self.most,
            left: if refused {
                0
            } else {
                room.try_into().unwrap_or(self.most)
            },
            reset_s: whole_seconds(full),
            retry_after_s: refused.then(|| whole_seconds(over).try_into().unwrap_or(i64::MAX)),
        }
    }
}

/// At least one.
fn whole_seconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis().div_ceil(1_000)).map_or(u64::MAX, |seconds| seconds.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: &str) -> TokenId {
        TokenId::parse(id).expect("an id")
    }

    #[test]
    fn a_token_sends_so_many_and_then_at_its_pace() {
        let (rate, begin) = (ApiRate::new(60), Instant::now());
        for sent in 1..=60 {
            let status = rate.count(&token("a"), begin);
            assert_eq!((status.left, status.retry_after_s), (60 - sent, None));
        }
        let refused = rate.count(&token("a"), begin);
        assert_eq!((refused.left, refused.retry_after_s), (0, Some(1)));
        assert_eq!(refused.reset_s, 60);
        let other = rate.count(&token("b"), begin);
        assert_eq!((other.left, other.retry_after_s), (59, None));
        let later = begin + Duration::from_secs(1);
        assert_eq!(rate.count(&token("a"), later).retry_after_s, None);
        assert_eq!(rate.count(&token("a"), later).retry_after_s, Some(1));
        let rested = begin + Duration::from_secs(120);
        assert_eq!(rate.count(&token("a"), rested).left, 59);
    }

    #[test]
    fn without_a_limit_nothing_is_refused() {
        let (rate, now) = (ApiRate::new(u32::MAX), Instant::now());
        for _ in 0..1_000 {
            assert_eq!(rate.count(&token("a"), now).retry_after_s, None);
        }
    }
}
