//! Slows down guessing: counts attempts by account, address and browser, in memory and bounded.
//!
//! An attempt is counted before its password is verified, and given back when it was right: what many try at the
//! same time cannot pass between the check and the count. Time is the process's monotonic clock.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The span in which attempts count.
pub(super) const WINDOW: Duration = Duration::from_secs(300);
/// The span in which guesses at codes count as well.
pub(super) const DAY: Duration = Duration::from_secs(24 * 3_600);
/// How many keys are kept.
const KEYS_MAX: usize = 20_000;
/// How many are left when some must go.
const KEYS_LEFT: usize = 15_000;

/// Where attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AttemptKey {
    /// An account, for everybody who comes from a browser that is not known: the name that was typed.
    Account(String),
    /// An address, for the same.
    Address(String),
    /// A browser in which the user has signed in before.
    Browser(String),
    /// A user who is signed in.
    SignedIn(String),
    /// Codes of a second factor, or passkeys in place of one, from where this says.
    Code(String),
    /// The same, in a day.
    CodeDay(String),
    /// That [`AttemptKey::Code`] or [`AttemptKey::CodeDay`] was used up, which is said once in a day.
    CodeSaid(String),
    /// An address from which browsers sign in with a passkey alone.
    Passkey(String),
    /// An address from which browsers sign in at a provider.
    SignOn(String),
}

impl AttemptKey {
    /// How many wrong attempts it has in its window.
    ///
    /// A code has six digits, and three of them count at a time: that of the moment, the one before and the next. So a guess
    /// is right with 3 in 1,000,000. By ten in five minutes alone, 2,880 in a day, a code would be found with 0.9 % in a day and
    /// 96 % in a year. By 30 in a day it is 0.009 % in a day and 3 % in a year, and each wrong one leaves a row in the audit log.
    /// Guessing in browsers that are known needs the secret of each, which is renewed at the next sign-in there.
    pub(super) fn allowed(&self) -> u32 {
        match self {
            Self::CodeDay(_) => 30,
            Self::CodeSaid(_) => 1,
            Self::Account(_) | Self::Browser(_) | Self::SignedIn(_) | Self::Code(_) => 10,
            Self::Address(_) => 50,
            // Nobody guesses a passkey; this bounds what is stored for those who only ask to be asked.
            Self::Passkey(_) => 100,
            // Nor what a provider says; this bounds what the provider is asked.
            Self::SignOn(_) => 100,
        }
    }

    /// The span in which its attempts count.
    pub(super) fn window(&self) -> Duration {
        match self {
            Self::CodeDay(_) | Self::CodeSaid(_) => DAY,
            _ => WINDOW,
        }
    }
}

/// Too many; the time until the next attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

#[derive(Debug)]
struct Count {
    since: Instant,
    attempts: u32,
}

/// The attempts that count now.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<AttemptKey, Count>>);

impl Attempts {
    /// Whether an attempt may be made under all of these keys. Counts nothing.
    pub fn check(&self, keys: &[AttemptKey], now: Instant) -> Result<(), Wait> {
        check(&self.lock(), keys, now)
    }

    /// Counts an attempt under all of these keys, or under none of them.
    pub fn count(&self, keys: &[AttemptKey], now: Instant) -> Result<(), Wait> {
        let mut all = self.lock();
        check(&all, keys, now)?;
        for key in keys {
            if all.len() >= KEYS_MAX && !all.contains_key(key) {
                make_room(&mut all, now);
            }
            let count = all.entry(key.clone()).or_insert(Count {
                since: now,
                attempts: 0,
            });
            if now.saturating_duration_since(count.since) >= key.window() {
                *count = Count {
                    since: now,
                    attempts: 0,
                };
            }
            count.attempts += 1;
        }
        Ok(())
    }

    /// The attempt was right: it is not counted.
    pub fn give_back(&self, keys: &[AttemptKey]) {
        let mut all = self.lock();
        for key in keys {
            if let Some(count) = all.get_mut(key) {
                count.attempts = count.attempts.saturating_sub(1);
                if count.attempts == 0 {
                    all.remove(key);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AttemptKey, Count>> {
        // Nothing under this lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check(all: &HashMap<AttemptKey, Count>, keys: &[AttemptKey], now: Instant) -> Result<(), Wait> {
    let waits = keys.iter().filter_map(|key| {
        let count = all.get(key)?;
        let left = (key.window()).checked_sub(now.saturating_duration_since(count.since))?;
        (count.attempts >= key.allowed() && !left.is_zero()).then_some(left)
    });
    waits.max().map_or(Ok(()), |left| Err(Wait(left)))
}

/// Forgets what is over, then the keys with the fewest attempts: inventing names must not make anybody forget the
/// name that is being guessed at.
fn make_room(all: &mut HashMap<AttemptKey, Count>, now: Instant) {
    all.retain(|key, count| now.saturating_duration_since(count.since) < key.window());
    if all.len() < KEYS_MAX {
        return;
    }
    let mut by_weight: Vec<(u32, Instant, AttemptKey)> = all
        .iter()
        .map(|(key, count)| (count.attempts, count.since, key.clone()))
        .collect();
    by_weight.sort_by_key(|(attempts, since, _)| (*attempts, *since));
    for (_, _, key) in by_weight.drain(..all.len() - KEYS_LEFT) {
        all.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> [AttemptKey; 1] {
        [AttemptKey::Account(name.to_owned())]
    }

    #[test]
    fn s02_what_is_counted_first_cannot_be_passed_by_many_at_once() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let admitted = (0..600).filter(|_| attempts.count(&account("amy"), now).is_ok());
        assert_eq!(admitted.count(), 10);
        assert_eq!(attempts.check(&account("amy"), now), Err(Wait(WINDOW)));
        assert!(attempts.check(&account("ben"), now).is_ok());
        // One of the ten was right.
        attempts.give_back(&account("amy"));
        assert!(attempts.count(&account("amy"), now).is_ok());
        assert!(attempts.count(&account("amy"), now).is_err());
    }

    #[test]
    fn s27_a_window_ends_by_the_process_own_time() {
        let (attempts, begun) = (Attempts::default(), Instant::now());
        for second in 0..10 {
            let now = begun + Duration::from_secs(second);
            attempts.count(&account("amy"), now).unwrap();
        }
        let later = begun + Duration::from_secs(20);
        let left = Wait(Duration::from_secs(280));
        assert_eq!(attempts.check(&account("amy"), later), Err(left));
        assert!(attempts.check(&account("amy"), begun + WINDOW).is_ok());
    }

    #[test]
    fn s10_guesses_at_codes_have_a_limit_in_a_day_as_well() {
        let (attempts, begun) = (Attempts::default(), Instant::now());
        let whose = || "amy".to_owned();
        let keys = [AttemptKey::Code(whose()), AttemptKey::CodeDay(whose())];
        let mut counted = 0;
        for window in 0..12 {
            let now = begun + WINDOW * window;
            counted += (0..20)
                .filter(|_| attempts.count(&keys, now).is_ok())
                .count();
        }
        assert_eq!(counted, 30);
        let later = begun + WINDOW * 12;
        assert_eq!(attempts.check(&keys, later), Err(Wait(DAY - WINDOW * 12)));
        assert!(attempts.check(&keys, begun + DAY).is_ok());
    }

    #[test]
    fn an_attempt_counts_everywhere_or_nowhere() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let address = AttemptKey::Address("192.0.2.1".to_owned());
        for number in 0..50 {
            let keys = [AttemptKey::Account(number.to_string()), address.clone()];
            attempts.count(&keys, now).unwrap();
        }
        let refused = [AttemptKey::Account("amy".to_owned()), address];
        for _ in 0..20 {
            assert!(attempts.count(&refused, now).is_err());
        }
        assert!(attempts.check(&account("amy"), now).is_ok());
    }

    #[test]
    fn inventing_names_makes_nobody_forget_the_one_that_is_guessed_at() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..10 {
            attempts.count(&account("amy"), now).unwrap();
        }
        for number in 0..3 * KEYS_MAX {
            attempts.count(&account(&number.to_string()), now).unwrap();
        }
        assert!(attempts.lock().len() <= KEYS_MAX);
        assert!(attempts.check(&account("amy"), now).is_err());
    }
}
