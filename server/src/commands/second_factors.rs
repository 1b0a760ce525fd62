//! Second factors: set up, confirmed, used, taken away.
//!
//! The user's own acts need a session that has proved its password, which the transaction asks (`rights::proved`). What a
//! sign-in does instead stands in `sign_ins`.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::organisation::{PasskeyRule, SecondFactorRule};
use shared::policy::Action;
use shared::time::Timestamp;

use super::keys::IdempotencyKey;
use super::{audit, rights, sessions};
use crate::second_factor::{StoredKey, plain, recovery_hash, step_at, step_of};
use crate::secrets::{Keyring, Secret};
use crate::store::rows::SecondFactorRow;
use crate::store::{Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written};

/// Takes a code of the user's app or a recovery code, which are good for one time. Answers whether it was one.
///
/// A key that cannot be opened takes no code, but recovery codes go on; then only the log says why.
pub(super) async fn take(
    rows: &mut dyn Transaction,
    (user, keys): (&UserId, &Keyring),
    typed: &str,
    now: Timestamp,
) -> Stored<bool> {
    let factor = rows.second_factor_of(user).await?;
    let opened = opened(factor.secret.as_ref(), user, keys);
    let key = opened.as_ref().ok().and_then(Option::as_ref);
    if let Some(step) = key.and_then(|key| step_of(key.reveal(), &plain(typed), now)) {
        if step <= last_step(&factor, now) {
            return Ok(false);
        }
        let used = SecondFactorRow {
            last_step: step,
            ..factor
        };
        rows.second_factor_set(user, &used).await?;
        return Ok(true);
    }
    let hash = recovery_hash(user, typed);
    let taken = rows.recovery_code_take(user, &hash).await?;
    match opened {
        Err(error) if !taken => Err(error),
        _ => Ok(taken),
    }
}

/// A key in the clear.
fn opened(stored: Option<&StoredKey>, user: &UserId, keys: &Keyring) -> Stored<Option<Secret>> {
    let opened = stored.map(|key| key.open(keys, user)).transpose();
    opened.map_err(|error| {
        let what = "the key of an authenticator app cannot be opened";
        StoreError::Storage(format!("{what}: user {user}: {error}"))
    })
}

/// Puts keys of apps, each as it was read and as it shall be, in the place of those that are still there. Answers how many.
pub(super) async fn reseal(
    rows: &mut dyn Transaction,
    apps: &[(UserId, SecondFactorRow, SecondFactorRow)],
) -> Stored<i64> {
    let mut count = 0;
    for (user, was, is) in apps {
        if rows.second_factor_of(user).await? == *was {
            rows.second_factor_set(user, is).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Seals keys of apps that stand in the clear. Nobody's act: the program's, at its start.
#[derive(Clone, Debug)]
pub struct AppKeysSeal {
    /// Each user's as it was read and as it shall be.
    pub apps: Vec<(UserId, SecondFactorRow, SecondFactorRow)>,
}

#[async_trait]
impl Command for AppKeysSeal {
    type Answer = i64;
    const NAME: &'static str = "app_keys_seal";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<i64>> {
        Ok(Written::unchanged(reseal(rows, &self.apps).await?))
    }
}

/// The last step whose code was taken. One that is still to come was taken by a clock that was wrong.
fn last_step(factor: &SecondFactorRow, now: Timestamp) -> i64 {
    match factor.last_step {
        step if step > step_at(now) + 1 => 0,
        step => step,
    }
}

/// Whether the user has a second factor that counts: an app, or a passkey where the organisation allows them.
pub(super) async fn any_of(rows: &mut dyn Snapshot, user: &UserId) -> Stored<bool> {
    if rows.second_factor_of(user).await?.secret.is_some() {
        return Ok(true);
    }
    let settings = rows.organisation_find().await?.settings;
    Ok(
        settings.passkeys_allowed() != PasskeyRule::Off
            && !rows.passkeys_of(user).await?.is_empty(),
    )
}

/// A second factor of the user was taken away: `NotFound` if they must have one and have none left. Without any the recovery codes
/// go as well.
pub(super) async fn one_less(rows: &mut dyn Transaction, user: &UserId) -> Stored<()> {
    let actor = rows.actor_find(user).await?.ok_or(StoreError::NotFound)?;
    if rule(rows).await?.requires(&actor.roles) && !any_of(rows, user).await? {
        return Err(StoreError::NotFound);
    }
    let app = rows.second_factor_of(user).await?.secret.is_some();
    if !app && rows.passkeys_of(user).await?.is_empty() {
        rows.recovery_codes_set(user, &[]).await?;
    }
    Ok(())
}

/// Puts a key in place that waits for its first code.
pub(super) async fn set_up(
    rows: &mut dyn Transaction,
    user: &UserId,
    key: &StoredKey,
) -> Stored<()> {
    let factor = rows.second_factor_of(user).await?;
    let waiting = SecondFactorRow {
        setup: Some(key.clone()),
        ..factor
    };
    rows.second_factor_set(user, &waiting).await
}

/// The key that waits becomes the one that counts, if this is its code; so do the recovery codes. Answers whether it is.
pub(super) async fn confirm(
    rows: &mut dyn Transaction,
    (user, keys): (&UserId, &Keyring),
    typed: &str,
    recovery: &[String],
    now: Timestamp,
) -> Stored<bool> {
    let factor = rows.second_factor_of(user).await?;
    let waiting = opened(factor.setup.as_ref(), user, keys)?;
    let step = waiting.and_then(|key| step_of(key.reveal(), &plain(typed), now));
    let Some(step) = step else { return Ok(false) };
    let confirmed = SecondFactorRow {
        secret: factor.setup,
        setup: None,
        last_step: step,
    };
    rows.second_factor_set(user, &confirmed).await?;
    rows.recovery_codes_set(user, recovery).await?;
    let act = ("second_factor_set", user.as_str());
    audit::done(rows, Some(user), act, &[], now).await?;
    Ok(true)
}

/// The organisation's rule.
pub(super) async fn rule(rows: &mut dyn Snapshot) -> Stored<SecondFactorRule> {
    Ok(rows.organisation_find().await?.settings.second_factor)
}

/// Whether the session of a user may change their second factor.
async fn own(
    rows: &mut dyn Snapshot,
    user: &UserId,
    session: &str,
    at: Timestamp,
) -> Stored<SecondFactorRule> {
    rights::ask(rows, user, Action::DirectoryUse).await?;
    rights::proved(rows, user, session, at).await?;
    rule(rows).await
}

/// Begins to set up a second factor; one that is there goes on counting. `NotFound` where the organisation has none.
#[derive(Clone)]
pub struct SecondFactorSetUp {
    /// Whose.
    pub user: UserId,
    /// The session, which must have proved its password.
    pub session: String,
    /// The new key.
    pub secret: StoredKey,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SecondFactorSetUp {
    type Answer = ();
    const NAME: &'static str = "second_factor_set_up";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        if own(rows, &self.user, &self.session, self.at).await? == SecondFactorRule::Off {
            return Err(StoreError::NotFound);
        }
        set_up(rows, &self.user, &self.secret).await?;
        Ok(Written::unchanged(()))
    }
}

/// Confirms the key that waits by its first code, with new recovery codes. Answers whether the code was right.
#[derive(Clone)]
pub struct SecondFactorConfirm {
    /// Whose.
    pub user: UserId,
    /// The session, which must have proved its password.
    pub session: String,
    /// The code as it was typed.
    pub code: String,
    /// The hashes of the recovery codes.
    pub recovery: Vec<String>,
    /// What opens the key that waits.
    pub keys: Keyring,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SecondFactorConfirm {
    type Answer = bool;
    const NAME: &'static str = "second_factor_confirm";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let user = &self.user;
        own(rows, user, &self.session, self.at).await?;
        let whose = (user, &self.keys);
        let right = confirm(rows, whose, &self.code, &self.recovery, self.at).await?;
        Ok(Written::unchanged(right))
    }
}

/// Replaces the user's recovery codes. `NotFound` without a second factor.
#[derive(Clone)]
pub struct RecoveryCodesRenew {
    /// Whose.
    pub user: UserId,
    /// The session, which must have proved its password.
    pub session: String,
    /// The hashes of the recovery codes.
    pub recovery: Vec<String>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for RecoveryCodesRenew {
    type Answer = ();
    const NAME: &'static str = "recovery_codes_renew";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let user = &self.user;
        own(rows, user, &self.session, self.at).await?;
        if !any_of(rows, user).await? {
            return Err(StoreError::NotFound);
        }
        rows.recovery_codes_set(user, &self.recovery).await?;
        let act = (Self::NAME, user.as_str());
        audit::done(rows, Some(user), act, &[], self.at).await?;
        Ok(Written::unchanged(()))
    }
}

/// Takes the user's own authenticator app away. `NotFound` where the organisation requires a second factor and there is no other.
#[derive(Clone, Debug)]
pub struct SecondFactorRemove {
    /// Whose.
    pub user: UserId,
    /// The session, which must have proved its password.
    pub session: String,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SecondFactorRemove {
    type Answer = ();
    const NAME: &'static str = "second_factor_remove";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let user = &self.user;
        own(rows, user, &self.session, self.at).await?;
        rows.second_factor_delete(user).await?;
        one_less(rows, user).await?;
        let act = (Self::NAME, user.as_str());
        audit::done(rows, Some(user), act, &[], self.at).await?;
        Ok(Written::unchanged(()))
    }
}

/// Takes away all that somebody has as a second factor, who has lost it, and ends their sessions.
#[derive(Clone, Debug)]
pub struct SecondFactorReset {
    /// Whose.
    pub user: UserId,
    /// The session of an administrator, which must have proved its password; none is the operator's.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SecondFactorReset {
    type Answer = ();
    const NAME: &'static str = "second_factor_reset";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, context) = (&self.user, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, user)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
        rows.second_factor_delete(user).await?;
        rows.passkeys_delete_of(user).await?;
        rows.recovery_codes_set(user, &[]).await?;
        let mut changes = Vec::new();
        sessions::end_of(rows, user, None, &mut changes).await?;
        audit::act(rows, context, Self::NAME, user.as_str()).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}
