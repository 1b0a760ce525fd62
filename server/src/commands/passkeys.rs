//! Passkeys: added and removed by their user, and what browsers are asked to sign.
//!
//! A user's own acts need a session that has proved its password, which the transaction asks (`rights::proved`). How a
//! passkey signs in stands in `passkey_sign_ins`.

use async_trait::async_trait;
use shared::ids::{PasskeyId, UserId};
use shared::organisation::PasskeyRule;
use shared::policy::Action;
use shared::time::Timestamp;

use super::{audit, rights, second_factors};
use crate::passkeys::{Challenge, Made, Used, counts_on};
use crate::store::rows::{ChallengeRow, PasskeyRow};
use crate::store::{Command, Snapshot, StoreError, Stored, Transaction, Written};

/// How many passkeys a user may have.
pub const PASSKEYS_MAX: usize = 20;
/// How long a browser has to answer, in microseconds.
const CHALLENGE_LASTS_US: i64 = 10 * 60 * 1_000_000;

/// What passkeys are good for.
pub(super) async fn rule(rows: &mut dyn Snapshot) -> Stored<PasskeyRule> {
    Ok(rows.organisation_find().await?.settings.passkeys_allowed())
}

/// Whether a challenge can still be answered.
pub(crate) fn lasts(challenge: &ChallengeRow, now: Timestamp) -> bool {
    (0..CHALLENGE_LASTS_US).contains(&(now.0 - challenge.at.0))
}

pub(super) async fn ask(
    rows: &mut dyn Transaction,
    id: &str,
    challenge: &Challenge,
    at: Timestamp,
) -> Stored<()> {
    let row = ChallengeRow {
        id: id.to_owned(),
        state: challenge.state.clone(),
        options: challenge.options.clone(),
        at,
    };
    let since = Timestamp(at.0.saturating_sub(CHALLENGE_LASTS_US));
    rows.passkey_challenge_set(&row, since).await
}

/// Notes what a passkey said. Answers whether it counts: it is still there, it is this user's, and it has not counted
/// backwards. Records both.
pub(super) async fn take(
    rows: &mut dyn Transaction,
    user: &UserId,
    used: &Used,
    at: Timestamp,
) -> Stored<bool> {
    let about = user.as_str();
    let passkey = rows.passkey_find(&used.credential_id).await?;
    let Some(passkey) = passkey.filter(|passkey| passkey.user == *user) else {
        audit::refused(rows, ("passkey_refused", about), at).await?;
        return Ok(false);
    };
    if !counts_on(passkey.counter, used.counter) {
        audit::refused(rows, ("passkey_cloned", about), at).await?;
        return Ok(false);
    }
    let passkey = PasskeyRow {
        credential: used.credential.clone(),
        counter: used.counter,
        used_at: Some(at),
        ..passkey
    };
    rows.passkey_set_used(&passkey).await?;
    audit::done(rows, Some(user), ("passkey_use", about), &[], at).await?;
    Ok(true)
}

/// Asks a browser that signs in to use a passkey. Its right is its token.
#[derive(Clone)]
pub struct PasskeyAsk {
    /// The id of the sign-in, or the hash of the browser's token.
    pub id: String,
    /// What it is asked.
    pub challenge: Challenge,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for PasskeyAsk {
    type Answer = ();
    const NAME: &'static str = "passkey_ask";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        ask(rows, &self.id, &self.challenge, self.at).await?;
        Ok(Written::unchanged(()))
    }
}

/// Takes a challenge for the one answer that it gets, before that is looked at. Answers what it was; nothing: it was
/// answered before, or too long ago.
#[derive(Clone, Debug)]
pub struct PasskeyAnswered {
    /// The id of the session or sign-in, or the hash of the browser's token.
    pub id: String,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for PasskeyAnswered {
    type Answer = Option<String>;
    const NAME: &'static str = "passkey_answered";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Option<String>>> {
        let taken = rows.passkey_challenge_take(&self.id).await?;
        let taken = taken.filter(|challenge| lasts(challenge, self.at));
        Ok(Written::unchanged(taken.map(|challenge| challenge.state)))
    }
}

/// Whether the session of a user may change their passkeys.
async fn own(
    rows: &mut dyn Snapshot,
    user: &UserId,
    session: &str,
    at: Timestamp,
) -> Stored<PasskeyRule> {
    rights::ask(rows, user, Action::DirectoryUse).await?;
    rights::proved(rows, user, session, at).await?;
    rule(rows).await
}

/// Begins to add a passkey: asks the user's browser to make one. `NotFound` where the organisation has none.
#[derive(Clone)]
pub struct PasskeyBegin {
    /// Whose.
    pub user: UserId,
    /// The session, which must have proved its password.
    pub session: String,
    /// What its browser is asked.
    pub challenge: Challenge,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for PasskeyBegin {
    type Answer = ();
    const NAME: &'static str = "passkey_begin";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        if own(rows, &self.user, &self.session, self.at).await? == PasskeyRule::Off {
            return Err(StoreError::NotFound);
        }
        ask(rows, &self.session, &self.challenge, self.at).await?;
        Ok(Written::unchanged(()))
    }
}

/// What came of adding a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyAdded {
    /// It is the user's first second factor: the recovery codes are there now.
    First,
    /// It is there.
    Further,
    /// It was there already.
    Known,
    /// There are as many as there may be.
    TooMany,
}

/// Adds a passkey that the user's browser has made; with the first second factor come recovery codes. `NotFound` where the
/// organisation has none.
#[derive(Clone)]
pub struct PasskeyAdd {
    /// Whose.
    pub user: UserId,
    /// The session, which must have proved its password.
    pub session: String,
    /// Its id.
    pub id: PasskeyId,
    /// What the browser has made.
    pub made: Made,
    /// The hashes of the recovery codes.
    pub recovery: Vec<String>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for PasskeyAdd {
    type Answer = PasskeyAdded;
    const NAME: &'static str = "passkey_add";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<PasskeyAdded>> {
        let user = &self.user;
        if own(rows, user, &self.session, self.at).await? == PasskeyRule::Off {
            return Err(StoreError::NotFound);
        }
        let new = (&self.id, &self.made, self.recovery.as_slice());
        let added = add(rows, user, new, self.at).await?;
        Ok(Written::unchanged(added))
    }
}

/// Adds what a user's browser has made, with recovery codes where it is the first second factor.
pub(super) async fn add(
    rows: &mut dyn Transaction,
    user: &UserId,
    (id, made, recovery): (&PasskeyId, &Made, &[String]),
    at: Timestamp,
) -> Stored<PasskeyAdded> {
    if rows.passkey_find(&made.credential_id).await?.is_some() {
        return Ok(PasskeyAdded::Known);
    }
    let there = rows.passkeys_of(user).await?.len();
    if there >= PASSKEYS_MAX {
        return Ok(PasskeyAdded::TooMany);
    }
    let first = there == 0 && rows.second_factor_of(user).await?.secret.is_none();
    if first {
        rows.recovery_codes_set(user, recovery).await?;
    }
    let passkey = PasskeyRow {
        id: id.clone(),
        user: user.clone(),
        credential_id: made.credential_id.clone(),
        host: made.host.clone(),
        name: made.name.clone(),
        credential: made.credential.clone(),
        counter: 0,
        added_at: at,
        used_at: None,
    };
    rows.passkey_insert(&passkey).await?;
    let act = (PasskeyAdd::NAME, user.as_str());
    audit::done(rows, Some(user), act, &[], at).await?;
    Ok(match first {
        true => PasskeyAdded::First,
        false => PasskeyAdded::Further,
    })
}

/// Removes a passkey of the user; with the last second factor go the recovery codes. `NotFound` for one that is not there, and
/// for the last second factor of somebody who must have one.
#[derive(Clone, Debug)]
pub struct PasskeyRemove {
    /// Whose.
    pub user: UserId,
    /// The session, which must have proved its password.
    pub session: String,
    /// Which.
    pub id: PasskeyId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for PasskeyRemove {
    type Answer = ();
    const NAME: &'static str = "passkey_remove";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let user = &self.user;
        own(rows, user, &self.session, self.at).await?;
        if !rows.passkey_delete(user, &self.id).await? {
            return Err(StoreError::NotFound);
        }
        second_factors::one_less(rows, user).await?;
        let act = (Self::NAME, user.as_str());
        audit::done(rows, Some(user), act, &[], self.at).await?;
        Ok(Written::unchanged(()))
    }
}
