//! The steps of a sign-in between the right password and the session: a code, a password of one's own, setting up a second
//! factor. Until the last one there is no session, so nothing else can be reached.
//!
//! Each step finds the password that was verified still stored, and answers `NotFound` when the sign-in is over.

use async_trait::async_trait;
use shared::account::SignInStep;
use shared::ids::UserId;
use shared::organisation::SecondFactorRule;
use shared::time::Timestamp;

use super::{SessionBegin, audit, second_factors, sessions, sign_on};
use crate::second_factor::StoredKey;
use crate::secrets::Keyring;
use crate::store::rows::SignInRow;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// How long a sign-in may take after its password, in microseconds.
const LASTS_US: i64 = 10 * 60 * 1_000_000;
/// How many wrong codes end it.
const WRONG_MAX: i64 = 5;
/// How many sign-ins of one user may be under way.
const KEPT: i64 = 10;

/// What is asked for next. `NotFound` for a user who may come in by the provider alone.
async fn next_step(
    rows: &mut dyn Snapshot,
    (user, verified): (&UserId, &str),
    factor_given: bool,
) -> Stored<SignInStep> {
    let credentials = sessions::verified(rows, user, verified).await?;
    if !sign_on::own_way_in(rows, user).await? {
        return Err(StoreError::NotFound);
    }
    let rule = second_factors::rule(rows).await?;
    let set_up = second_factors::any_of(rows, user).await?;
    let actor = rows.actor_find(user).await?.ok_or(StoreError::NotFound)?;
    Ok(
        if set_up && rule != SecondFactorRule::Off && !factor_given {
            SignInStep::Code
        } else if credentials.temporary {
            SignInStep::Password
        } else if !set_up && rule.requires(&actor.roles) {
            SignInStep::SetUp
        } else {
            SignInStep::Done
        },
    )
}

/// The password was right, or a passkey that counts as both factors (`factor_given`): begins the session, or a sign-in under
/// the session's id that goes on with the step that is answered.
pub(super) async fn begin(
    rows: &mut dyn Transaction,
    begin: &SessionBegin,
    factor_given: bool,
    changes: &mut Vec<Change>,
) -> Stored<SignInStep> {
    let step = next_step(rows, (&begin.user, &begin.verified), factor_given).await?;
    if step == SignInStep::Done {
        sessions::insert(rows, begin, changes).await?;
        return Ok(step);
    }
    let sign_in = SignInRow {
        id: begin.session.clone(),
        user: begin.user.clone(),
        verified: begin.verified.clone(),
        factor: factor_given,
        wrong: 0,
        at: begin.now,
    };
    rows.sign_in_insert(&sign_in, KEPT).await?;
    Ok(step)
}

/// A sign-in that is under way, and the step at which it stands. `NotFound` for one that is over.
pub(crate) async fn sign_in_step(
    rows: &mut dyn Snapshot,
    sign_in: &str,
    now: Timestamp,
) -> Stored<(SignInRow, SignInStep)> {
    let row = rows.sign_in_find(sign_in).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    if !(0..LASTS_US).contains(&(now.0 - row.at.0)) || row.wrong >= WRONG_MAX {
        return Err(StoreError::NotFound);
    }
    let step = next_step(rows, (&row.user, &row.verified), row.factor).await?;
    Ok((row, step))
}

/// A sign-in that stands at this step.
pub(super) async fn standing_at(
    rows: &mut dyn Snapshot,
    sign_in: &str,
    begin: &SessionBegin,
    step: SignInStep,
) -> Stored<SignInRow> {
    let (row, reached) = sign_in_step(rows, sign_in, begin.now).await?;
    match reached == step && row.user == begin.user {
        true => Ok(row),
        false => Err(StoreError::NotFound),
    }
}

/// A step is done: the session begins, or the next step is answered.
async fn advance(
    rows: &mut dyn Transaction,
    row: &SignInRow,
    begin: &SessionBegin,
) -> Stored<Written<Option<SignInStep>>> {
    let begin = SessionBegin {
        verified: row.verified.clone(),
        ..begin.clone()
    };
    let mut changes = Vec::new();
    let step = next_step(rows, (&row.user, &row.verified), row.factor).await?;
    if step == SignInStep::Done {
        rows.sign_in_delete(&row.id).await?;
        sessions::insert(rows, &begin, &mut changes).await?;
    } else {
        rows.sign_in_set(row).await?;
    }
    Ok(Written {
        value: Some(step),
        changes,
    })
}

/// A wrong code: counted, and recorded without it.
async fn wrong(
    rows: &mut dyn Transaction,
    row: SignInRow,
    now: Timestamp,
) -> Stored<Written<Option<SignInStep>>> {
    count_wrong(rows, &row).await?;
    let act = ("second_factor_refused", row.user.as_str());
    audit::refused(rows, act, now).await?;
    Ok(Written::unchanged(None))
}

/// Counts a second factor that was wrong.
pub(super) async fn count_wrong(rows: &mut dyn Transaction, row: &SignInRow) -> Stored<()> {
    let row = SignInRow {
        wrong: row.wrong + 1,
        ..row.clone()
    };
    rows.sign_in_set(&row).await
}

/// The second factor was given: the session begins, or the next step is answered.
pub(super) async fn advance_with_factor(
    rows: &mut dyn Transaction,
    row: &SignInRow,
    begin: &SessionBegin,
) -> Stored<Written<Option<SignInStep>>> {
    let row = SignInRow {
        factor: true,
        ..row.clone()
    };
    advance(rows, &row, begin).await
}

/// Gives the second factor. Answers the next step, or nothing when the code was wrong.
#[derive(Clone)]
pub struct SignInCode {
    /// The sign-in.
    pub sign_in: String,
    /// The code as it was typed.
    pub code: String,
    /// What opens the key of the user's app.
    pub keys: Keyring,
    /// The session that begins when nothing more is asked for; the password that it rests on is the sign-in's.
    pub begin: SessionBegin,
}

#[async_trait]
impl Command for SignInCode {
    type Answer = Option<SignInStep>;
    const NAME: &'static str = "sign_in_code";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Option<SignInStep>>> {
        let (begin, now) = (&self.begin, self.begin.now);
        let row = standing_at(rows, &self.sign_in, begin, SignInStep::Code).await?;
        let whose = (&row.user, &self.keys);
        if !second_factors::take(rows, whose, &self.code, now).await? {
            return wrong(rows, row, now).await;
        }
        advance_with_factor(rows, &row, begin).await
    }
}

/// Puts a password of the user's own in the place of the one that somebody else chose, and ends the user's sessions.
#[derive(Clone)]
pub struct SignInPassword {
    /// The sign-in.
    pub sign_in: String,
    /// The hash of the new password.
    pub hash: String,
    /// As in [`SignInCode`].
    pub begin: SessionBegin,
}

#[async_trait]
impl Command for SignInPassword {
    type Answer = Option<SignInStep>;
    const NAME: &'static str = "sign_in_password";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Option<SignInStep>>> {
        let (begin, now) = (&self.begin, self.begin.now);
        let row = standing_at(rows, &self.sign_in, begin, SignInStep::Password).await?;
        let user = &row.user;
        rows.account_set_password(user, &self.hash).await?;
        rows.account_set_temporary(user, false).await?;
        let act = ("password_change", user.as_str());
        audit::done(rows, Some(user), act, &[], now).await?;
        let mut ended = Vec::new();
        sessions::end_of(rows, user, None, &mut ended).await?;
        let row = SignInRow {
            verified: self.hash.clone(),
            ..row
        };
        let mut written = advance(rows, &row, begin).await?;
        written.changes.splice(0..0, ended);
        Ok(written)
    }
}

/// Begins to set up the second factor that the organisation requires.
#[derive(Clone)]
pub struct SignInSetUp {
    /// The sign-in.
    pub sign_in: String,
    /// The new key.
    pub secret: StoredKey,
    /// As in [`SignInCode`]; it does not begin yet.
    pub begin: SessionBegin,
}

#[async_trait]
impl Command for SignInSetUp {
    type Answer = ();
    const NAME: &'static str = "sign_in_set_up";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let row = standing_at(rows, &self.sign_in, &self.begin, SignInStep::SetUp).await?;
        second_factors::set_up(rows, &row.user, &self.secret).await?;
        Ok(Written::unchanged(()))
    }
}

/// Confirms the second factor that the organisation requires. Answers the next step, or nothing when the code was wrong.
#[derive(Clone)]
pub struct SignInConfirm {
    /// The sign-in.
    pub sign_in: String,
    /// The code as it was typed.
    pub code: String,
    /// The hashes of the recovery codes.
    pub recovery: Vec<String>,
    /// What opens the key that waits.
    pub keys: Keyring,
    /// As in [`SignInCode`].
    pub begin: SessionBegin,
}

#[async_trait]
impl Command for SignInConfirm {
    type Answer = Option<SignInStep>;
    const NAME: &'static str = "sign_in_confirm";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Option<SignInStep>>> {
        let (begin, now) = (&self.begin, self.begin.now);
        let row = standing_at(rows, &self.sign_in, begin, SignInStep::SetUp).await?;
        let (whose, codes) = ((&row.user, &self.keys), &self.recovery);
        if !second_factors::confirm(rows, whose, &self.code, codes, now).await? {
            return wrong(rows, row, now).await;
        }
        advance_with_factor(rows, &row, begin).await
    }
}
