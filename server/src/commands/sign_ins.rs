//! A sign-in, from the right password to the session. Between them stand its steps: a code, a password of one's own, setting
//! up a second factor. Until the last one there is no session, so nothing else can be reached.
//!
//! Each step finds the password that was verified still stored, and answers `NotFound` when the sign-in is over.

use async_trait::async_trait;
use shared::account::{SignInStep, SignedInFrom};
use shared::ids::UserId;
use shared::organisation::SecondFactorRule;
use shared::time::Timestamp;

use super::{audit, second_factors, sessions, sign_on};
use crate::second_factor::StoredKey;
use crate::secrets::Keyring;
use crate::store::rows::{NewSession, SignInRow};
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// How long a sign-in may take after its password, in microseconds.
const LASTS_US: i64 = 10 * 60 * 1_000_000;
/// How many wrong codes end it.
const WRONG_MAX: i64 = 5;
/// How many sign-ins of one user may be under way.
const KEPT: i64 = 10;
/// How many sessions of a user that are over are kept at most. By their number and not by their age: a clock that is wrong
/// for an hour must not end anybody's session for good.
const ENDED_KEPT: i64 = 20;
/// How many browsers of one user are remembered; the one that was used longest ago is forgotten first.
const BROWSERS_KEPT: i64 = 50;
/// How many sessions a user may have; at one more, the one that was used longest ago ends.
const SESSIONS_MAX: usize = 20;

/// Begins a session, remembers the browser, and clears away sessions of the same user that are long over. When more is asked
/// for than the password, a sign-in begins under the session's id instead, and its next step is answered.
/// `NotFound` for a user who is deactivated, or whose password is not the verified one any more.
#[derive(Clone, Debug)]
pub struct SessionBegin {
    /// The hash of its token, in hex.
    pub session: String,
    /// Whose.
    pub user: UserId,
    /// The password hash that was verified: only while it is still the stored one does the session begin.
    pub verified: String,
    /// A hash of the same password that takes its place.
    pub renewed: Option<String>,
    /// The browser, which is remembered for the user; `None`: it is not.
    pub browser: Option<BrowserRenewal>,
    /// When.
    pub now: Timestamp,
    /// How long it lasts while nobody uses it, in microseconds.
    pub idle_us: i64,
    /// How long it lasts at most, in microseconds.
    pub absolute_us: i64,
    /// In which browser.
    pub from: SignedInFrom,
}

/// A browser in which a user signs in: it is known by a new secret from then on.
#[derive(Clone, Debug)]
pub struct BrowserRenewal {
    /// The hash of its new secret for the user.
    pub known: String,
    /// The hashes of the secrets by which the user was known there, which are forgotten.
    pub former: Vec<String>,
}

#[async_trait]
impl Command for SessionBegin {
    type Answer = SignInStep;
    const NAME: &'static str = "session_begin";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<SignInStep>> {
        sessions::verified(rows, &self.user, &self.verified).await?;
        let mut asked = self.clone();
        if let Some(renewed) = asked.renewed.take() {
            rows.account_set_password(&self.user, &renewed).await?;
            asked.verified = renewed;
        }
        let mut changes = Vec::new();
        let value = begin(rows, &asked, false, &mut changes).await?;
        Ok(Written { value, changes })
    }
}

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
        insert(rows, begin, changes).await?;
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

/// Nothing more is asked for: the session is there.
pub(super) async fn insert(
    rows: &mut dyn Transaction,
    begin: &SessionBegin,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let (user, now) = (&begin.user, begin.now);
    if let Some(browser) = &begin.browser {
        for former in &browser.former {
            rows.browser_forget(user, former).await?;
        }
        rows.browser_remember(user, &browser.known, now, BROWSERS_KEPT)
            .await?;
    }
    rows.sessions_delete_ended(user, now, ENDED_KEPT).await?;
    // Before the new one is there: by a clock that was set back it would be the oldest.
    let there = rows.session_list(user, now).await?;
    for session in there.iter().skip(SESSIONS_MAX - 1) {
        sessions::end(rows, session.id.as_str(), changes).await?;
    }
    let session = NewSession {
        id: begin.session.clone(),
        user: user.clone(),
        at: now,
        idle_us: begin.idle_us,
        expires_at: Timestamp(now.0.saturating_add(begin.absolute_us)),
        from: begin.from.clone(),
    };
    rows.session_insert(&session).await?;
    let act = ("sign_in", user.as_str());
    audit::done(rows, Some(user), act, &[], now).await
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
        insert(rows, &begin, &mut changes).await?;
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
