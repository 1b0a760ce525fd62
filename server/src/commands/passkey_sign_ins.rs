//! Signing in with a passkey: after the password in place of a code, or alone; and one that is made at the sign-in, where a second
//! factor is required. What is given here was verified with the
//! passkey as it was stored a moment ago; the transaction looks again whether it is there, whose it is and how it counts.

use async_trait::async_trait;
use shared::account::SignInStep;
use shared::ids::PasskeyId;
use shared::organisation::PasskeyRule;

use super::{PasskeyAdded, SessionBegin, audit, passkeys, sessions, sign_ins};
use crate::passkeys::{Challenge, Made, Refusal, Used};
use crate::store::{Command, StoreError, Stored, Transaction, Written};

/// Gives a passkey as the second factor. Answers the next step, or nothing when it does not count.
#[derive(Clone)]
pub struct SignInPasskey {
    /// The sign-in.
    pub sign_in: String,
    /// What the passkey said.
    pub given: Result<Used, Refusal>,
    /// The session that begins when nothing more is asked for; the password that it rests on is the sign-in's.
    pub begin: SessionBegin,
}

#[async_trait]
impl Command for SignInPasskey {
    type Answer = Option<SignInStep>;
    const NAME: &'static str = "sign_in_passkey";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Option<SignInStep>>> {
        let (begin, now) = (&self.begin, self.begin.now);
        let row = sign_ins::standing_at(rows, &self.sign_in, begin, SignInStep::Code).await?;
        if passkeys::rule(rows).await? == PasskeyRule::Off {
            return Err(StoreError::NotFound);
        }
        let counts = match &self.given {
            Ok(used) => passkeys::take(rows, &row.user, used, now).await?,
            Err(refusal) => {
                let what = what_is_refused(*refusal);
                audit::refused(rows, (what, row.user.as_str()), now).await?;
                false
            }
        };
        if !counts {
            sign_ins::count_wrong(rows, &row).await?;
            return Ok(Written::unchanged(None));
        }
        sign_ins::advance_with_factor(rows, &row, begin).await
    }
}

/// Asks the browser to make the passkey that is to be the second factor that the organisation requires. `NotFound` where it has
/// none.
#[derive(Clone)]
pub struct SignInPasskeyBegin {
    /// The sign-in.
    pub sign_in: String,
    /// What its browser is asked.
    pub challenge: Challenge,
    /// As in [`SignInPasskey`]; it does not begin yet.
    pub begin: SessionBegin,
}

#[async_trait]
impl Command for SignInPasskeyBegin {
    type Answer = ();
    const NAME: &'static str = "sign_in_passkey_begin";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let begin = &self.begin;
        sign_ins::standing_at(rows, &self.sign_in, begin, SignInStep::SetUp).await?;
        if passkeys::rule(rows).await? == PasskeyRule::Off {
            return Err(StoreError::NotFound);
        }
        passkeys::ask(rows, &self.sign_in, &self.challenge, begin.now).await?;
        Ok(Written::unchanged(()))
    }
}

/// Adds the passkey that the browser has made as the second factor that the organisation requires. Answers what came of it and
/// the next step; no step when it was not added.
#[derive(Clone)]
pub struct SignInPasskeyAdd {
    /// The sign-in.
    pub sign_in: String,
    /// Its id.
    pub id: PasskeyId,
    /// What the browser has made.
    pub made: Made,
    /// The hashes of the recovery codes.
    pub recovery: Vec<String>,
    /// As in [`SignInPasskey`].
    pub begin: SessionBegin,
}

#[async_trait]
impl Command for SignInPasskeyAdd {
    type Answer = (PasskeyAdded, Option<SignInStep>);
    const NAME: &'static str = "sign_in_passkey_add";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Self::Answer>> {
        let (begin, now) = (&self.begin, self.begin.now);
        let row = sign_ins::standing_at(rows, &self.sign_in, begin, SignInStep::SetUp).await?;
        if passkeys::rule(rows).await? == PasskeyRule::Off {
            return Err(StoreError::NotFound);
        }
        let new = (&self.id, &self.made, self.recovery.as_slice());
        let added = passkeys::add(rows, &row.user, new, now).await?;
        if matches!(added, PasskeyAdded::Known | PasskeyAdded::TooMany) {
            return Ok(Written::unchanged((added, None)));
        }
        let written = sign_ins::advance_with_factor(rows, &row, begin).await?;
        Ok(Written {
            value: (added, written.value),
            changes: written.changes,
        })
    }
}

/// The code of the audit log.
pub(crate) fn what_is_refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Wrong => "passkey_refused",
        Refusal::Cloned => "passkey_cloned",
    }
}

/// Signs in with a passkey alone, which counts as both factors. Answers the next step, or nothing when it does not count.
/// `NotFound` where the organisation does not allow it, for a user who is deactivated, and when the password that is named is
/// not the stored one any more.
#[derive(Clone)]
pub struct PasskeySignIn {
    /// What the passkey said.
    pub used: Used,
    /// The session; it names the passkey's user and the hash of their password.
    pub begin: SessionBegin,
}

#[async_trait]
impl Command for PasskeySignIn {
    type Answer = Option<SignInStep>;
    const NAME: &'static str = "passkey_sign_in";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Option<SignInStep>>> {
        let begin = &self.begin;
        if passkeys::rule(rows).await? != PasskeyRule::Alone {
            return Err(StoreError::NotFound);
        }
        sessions::verified(rows, &begin.user, &begin.verified).await?;
        if !passkeys::take(rows, &begin.user, &self.used, begin.now).await? {
            return Ok(Written::unchanged(None));
        }
        let mut changes = Vec::new();
        let step = sign_ins::begin(rows, begin, true, &mut changes).await?;
        Ok(Written {
            value: Some(step),
            changes,
        })
    }
}
