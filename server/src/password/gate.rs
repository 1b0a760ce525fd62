//! The only place that verifies and hashes passwords while the host runs: attempts are limited, hashing takes turns,
//! and the work of a sender who hung up is skipped.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest, Sha256};
use shared::error::AppError;
use shared::ids::UserId;
use shared::text::{Password, TypedPassword};

use super::attempts::{AttemptKey, Attempts, Wait};
use super::shared_attempts::SharedAttempts;
use super::turns::{Full, Lane, Turns};
use super::{hash_now, verify_now};
use crate::clock_and_ids::Clock;
use crate::store::Store;

/// Who says that a password is theirs.
#[derive(Clone, Debug)]
pub enum Claim {
    /// Somebody in a browser in which this user has not signed in before. All of these share the account's limit and
    /// their address's.
    Stranger {
        /// What was typed.
        username: String,
        /// Where it came from.
        address: String,
    },
    /// Somebody in a browser in which this user has signed in before: what strangers do is not held against them.
    KnownBrowser {
        /// Who signed in there.
        user: UserId,
        /// The hash of the browser's secret.
        browser: String,
    },
    /// Somebody who is signed in.
    SignedIn(UserId),
}

impl Claim {
    fn keys(&self) -> Vec<AttemptKey> {
        match self {
            Self::Stranger { username, address } => vec![
                AttemptKey::Account(username.clone()),
                AttemptKey::Address(address.clone()),
            ],
            Self::KnownBrowser { browser, .. } => vec![AttemptKey::Browser(browser.clone())],
            Self::SignedIn(user) => vec![AttemptKey::SignedIn(user.to_string())],
        }
    }

    fn lane(&self) -> Lane {
        let (known, origin, account) = match self {
            Self::Stranger { username, address } => (false, address.clone(), username.clone()),
            Self::KnownBrowser { user, browser } => (true, browser.clone(), user.to_string()),
            Self::SignedIn(user) => (true, user.to_string(), user.to_string()),
        };
        Lane {
            known,
            origin,
            account,
        }
    }
}

/// Who gives a code of a second factor, or a passkey in place of one. The password was right, so guessing goes on behind it.
#[derive(Clone, Debug)]
pub enum CodeClaim {
    /// Somebody in a browser in which this user has not signed in before. All of these share a limit.
    Stranger {
        /// Whose code it is.
        user: UserId,
        /// The password hash that was verified: with another password nobody who guessed goes on, so nothing is held against
        /// those who have it.
        verified: String,
    },
    /// Somebody in a browser in which this user has signed in before: what strangers do is not held against them.
    KnownBrowser {
        /// The hash of the browser's secret for the user.
        browser: String,
    },
    /// Somebody who confirms what they set up, where there is nothing to guess: what is set up is theirs.
    SettingUp(UserId),
}

impl CodeClaim {
    /// From where attempts are counted together.
    fn whose(&self) -> String {
        match self {
            Self::Stranger { user, verified } => {
                let password = hex::encode(Sha256::digest(verified.as_bytes()));
                format!("stranger {user} {password}")
            }
            Self::KnownBrowser { browser } => format!("browser {browser}"),
            Self::SettingUp(user) => format!("set-up {user}"),
        }
    }

    fn keys(&self) -> Vec<AttemptKey> {
        let mut keys = vec![AttemptKey::Code(self.whose())];
        if !matches!(self, Self::SettingUp(_)) {
            keys.push(AttemptKey::CodeDay(self.whose()));
        }
        keys
    }
}

/// The result of verifying a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one that is stored.
    Right {
        /// The stored hash that it fits. What rests on this must find it still stored.
        verified: String,
        /// A hash of it by today's parameters, when the stored one is not.
        renewed: Option<String>,
    },
    /// It is not.
    Wrong,
}

/// Why a password was not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Too many attempts.
    Attempts {
        /// Seconds until the next one may be made.
        retry_after_s: i64,
    },
    /// Too many wait for their turn.
    Busy {
        /// Seconds until there may be room.
        retry_after_s: i64,
    },
    /// The sender has left; nobody reads the answer.
    Gone,
    /// The database cannot say how many attempts there were.
    Unavailable,
}

impl From<Refused> for AppError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Attempts { retry_after_s } | Refused::Busy { retry_after_s } => {
                AppError::rate_limited(retry_after_s)
            }
            Refused::Gone | Refused::Unavailable => AppError::Unavailable,
        }
    }
}

impl From<Wait> for Refused {
    fn from(Wait(left): Wait) -> Self {
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Self::Attempts {
            retry_after_s: i64::try_from(seconds).unwrap_or(i64::MAX).max(1),
        }
    }
}

impl From<Full> for Refused {
    fn from(Full { retry_after_s }: Full) -> Self {
        Self::Busy { retry_after_s }
    }
}

/// See the module's head.
#[derive(Debug, Default)]
pub struct Gate {
    attempts: Attempts,
    /// Where several nodes count together.
    shared: Option<SharedAttempts>,
    turns: Turns,
}

impl Gate {
    /// The gate of one of several nodes, which count attempts together.
    pub fn shared(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Some(SharedAttempts::new(store, clock)),
            ..Self::default()
        }
    }

    async fn check(&self, keys: &[AttemptKey]) -> Result<(), Refused> {
        self.attempts.check(keys, Instant::now())?;
        self.asked_together(keys, true).await
    }

    async fn count(&self, keys: &[AttemptKey]) -> Result<(), Refused> {
        self.attempts.count(keys, Instant::now())?;
        let counted = self.asked_together(keys, false).await;
        if counted.is_err() {
            self.attempts.give_back(keys);
        }
        counted
    }

    async fn asked_together(&self, keys: &[AttemptKey], only_ask: bool) -> Result<(), Refused> {
        let Some(shared) = &self.shared else {
            return Ok(());
        };
        let answer = shared.count(keys, only_ask).await;
        // Without a count nobody is let in.
        Ok(answer.map_err(|_| Refused::Unavailable)??)
    }

    fn give_back(&self, keys: &[AttemptKey]) {
        self.attempts.give_back(keys);
        if let Some(shared) = &self.shared {
            shared.give_back(keys);
        }
    }

    /// Whether the password is the stored one; with no stored one it is wrong, in the same time. `gone` is done when
    /// nobody waits for the answer any more.
    pub async fn verify(
        &self,
        claim: &Claim,
        typed: TypedPassword,
        stored: Option<String>,
        gone: impl Future<Output = ()>,
    ) -> Result<Verdict, Refused> {
        let keys = claim.keys();
        // A sender who is locked out anyhow does not stand in the queue.
        self.check(&keys).await?;
        let turn = tokio::select! {
            biased;
            () = gone => return Err(Refused::Gone),
            turn = self.turns.take(claim.lane()) => turn?,
        };
        self.count(&keys).await?;
        let verdict = aside(move || {
            let _turn = turn;
            verify_now(&typed, stored)
        })
        .await;
        if matches!(verdict, Verdict::Right { .. }) {
            self.give_back(&keys);
        }
        Ok(verdict)
    }

    /// Counts an attempt at a code of a second factor, before it is looked at.
    pub async fn attempt_code(&self, claim: &CodeClaim) -> Result<(), Refused> {
        self.count(&claim.keys()).await
    }

    /// The code was right: its attempt is not counted.
    pub fn code_was_right(&self, claim: &CodeClaim) {
        self.give_back(&claim.keys());
    }

    /// Whether strangers have used up their attempts at codes, by a password that is right: it is known to somebody. Says so
    /// once in a day.
    pub async fn codes_guessed(&self, claim: &CodeClaim) -> bool {
        if !matches!(claim, CodeClaim::Stranger { .. }) {
            return false;
        }
        let left = self.check(&claim.keys()).await;
        let said = [AttemptKey::CodeSaid(claim.whose())];
        matches!(left, Err(Refused::Attempts { .. })) && self.count(&said).await.is_ok()
    }

    /// Counts a browser at this address that asks to sign in with a passkey, or answers.
    pub async fn attempt_passkey(&self, address: &str) -> Result<(), Refused> {
        self.count(&[AttemptKey::Passkey(address.to_owned())]).await
    }

    /// The passkey was right: neither the question nor the answer is counted.
    pub fn passkey_was_right(&self, address: &str) {
        let key = || AttemptKey::Passkey(address.to_owned());
        self.give_back(&[key(), key()]);
    }

    /// Counts a browser at this address that goes to a provider to sign in, or comes back, or a message from there.
    pub async fn attempt_sign_on(&self, address: &str) -> Result<(), Refused> {
        self.count(&[AttemptKey::SignOn(address.to_owned())]).await
    }

    /// The provider knows who it is: neither the way there nor the way back is counted.
    pub fn sign_on_was_right(&self, address: &str) {
        let key = || AttemptKey::SignOn(address.to_owned());
        self.give_back(&[key(), key()]);
    }

    /// The message was a provider's: it is not counted.
    pub fn message_was_right(&self, address: &str) {
        self.give_back(&[AttemptKey::SignOn(address.to_owned())]);
    }

    /// Whether a password that somebody chooses is the one that is stored already. Counts nothing: who asks has proved
    /// the stored one.
    pub async fn is_same(
        &self,
        user: &UserId,
        password: &Password,
        stored: String,
    ) -> Result<bool, Refused> {
        let turn = self
            .turns
            .take(Claim::SignedIn(user.clone()).lane())
            .await?;
        let typed = TypedPassword::new(password.expose());
        let verdict = aside(move || {
            let _turn = turn;
            verify_now(&typed, Some(stored))
        });
        Ok(matches!(verdict.await, Verdict::Right { .. }))
    }

    /// The PHC string to store, at the request of a user who is signed in.
    pub async fn hash(&self, user: &UserId, password: Password) -> Result<String, Refused> {
        let claim = Claim::SignedIn(user.clone());
        let turn = self.turns.take(claim.lane()).await?;
        Ok(aside(move || {
            let _turn = turn;
            hash_now(&password)
        })
        .await)
    }
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .expect("hashing does not panic")
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::future::join_all;

    use super::*;

    fn stranger(address: &str) -> Claim {
        Claim::Stranger {
            username: "amy".to_owned(),
            address: address.to_owned(),
        }
    }

    async fn try_as(
        gate: &Gate,
        claim: &Claim,
        password: &str,
        stored: &str,
    ) -> Result<Verdict, Refused> {
        let typed = TypedPassword::new(password);
        gate.verify(claim, typed, Some(stored.to_owned()), pending())
            .await
    }

    #[tokio::test]
    async fn s02_f54_ten_of_many_at_once_are_looked_at() {
        let gate = Gate::default();
        let stored = hash_now(&Password::parse("sideline-demo").unwrap());
        // From many addresses, so that the account's limit is what counts.
        let claims: Vec<_> = (0..150)
            .map(|number| stranger(&number.to_string()))
            .collect();
        let tried = claims
            .iter()
            .map(|claim| try_as(&gate, claim, "wrong", &stored));
        let answers = join_all(tried).await;
        let looked_at = answers.iter().filter(|answer| answer.is_ok());
        assert_eq!(looked_at.count(), 10);
        let right = try_as(&gate, &stranger("home"), "sideline-demo", &stored).await;
        assert!(matches!(
            right,
            Err(Refused::Attempts { retry_after_s: 1.. })
        ));

        // F55: from a browser that is known, and by somebody who is signed in, it is.
        let user = UserId::parse("amy").unwrap();
        let known = Claim::KnownBrowser {
            user: user.clone(),
            browser: "hers".to_owned(),
        };
        for claim in [known, Claim::SignedIn(user)] {
            for _ in 0..12 {
                let right = try_as(&gate, &claim, "sideline-demo", &stored).await;
                assert!(matches!(right, Ok(Verdict::Right { .. })));
            }
            for _ in 0..10 {
                let wrong = try_as(&gate, &claim, "wrong", &stored).await;
                assert_eq!(wrong, Ok(Verdict::Wrong));
            }
            let no_more = try_as(&gate, &claim, "wrong", &stored).await;
            assert!(no_more.is_err());
        }
    }

    #[tokio::test]
    async fn s10_what_strangers_guess_at_codes_keeps_nobody_out_of_a_browser_that_is_known() {
        let gate = Gate::default();
        let user = UserId::parse("amy").unwrap();
        let stranger = |verified: &str| CodeClaim::Stranger {
            user: user.clone(),
            verified: verified.to_owned(),
        };
        let guessed = stranger("first");
        for _ in 0..10 {
            assert!(!gate.codes_guessed(&guessed).await);
            assert_eq!(gate.attempt_code(&guessed).await, Ok(()));
        }
        assert!(gate.attempt_code(&guessed).await.is_err());
        assert!(gate.codes_guessed(&guessed).await);
        assert!(!gate.codes_guessed(&guessed).await, "it was said");

        let known = CodeClaim::KnownBrowser {
            browser: "hers".to_owned(),
        };
        for claim in [&known, &CodeClaim::SettingUp(user.clone())] {
            for _ in 0..12 {
                assert_eq!(gate.attempt_code(claim).await, Ok(()));
                gate.code_was_right(claim);
            }
            for _ in 0..10 {
                assert_eq!(gate.attempt_code(claim).await, Ok(()));
            }
            assert!(gate.attempt_code(claim).await.is_err());
            assert!(!gate.codes_guessed(claim).await);
        }
        // Who guessed does not have the new password.
        assert_eq!(gate.attempt_code(&stranger("second")).await, Ok(()));
    }

    #[tokio::test]
    async fn s03_what_a_sender_asked_for_who_left_is_not_done() {
        let gate = Gate::default();
        for _ in 0..20 {
            let typed = TypedPassword::new("wrong");
            let gone = gate.verify(&stranger("away"), typed, None, ready(())).await;
            assert_eq!(gone, Err(Refused::Gone));
        }
        let here = gate
            .verify(
                &stranger("home"),
                TypedPassword::new("wrong"),
                None,
                pending(),
            )
            .await;
        assert_eq!(here, Ok(Verdict::Wrong), "nothing was counted");
    }
}
