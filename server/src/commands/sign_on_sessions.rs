//! What a provider says of sessions that there are: one has proved whose it is, or some are over. What the provider said was verified
//! before; the transaction looks again how single sign-on is set up and whose the subject is.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use super::sign_on_use::{SignOnRefusal, refused};
use super::{audit, sessions};
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// A session has proved whose it is: its user has just signed in at the provider once more.
#[derive(Clone, Debug)]
pub struct SignOnProve {
    /// The session.
    pub session: String,
    /// The provider's identifier.
    pub issuer: String,
    /// Who signed in there.
    pub subject: String,
    /// What the provider calls its session by now, if it says that.
    pub provider_session: Option<String>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SignOnProve {
    type Answer = Result<UserId, SignOnRefusal>;
    const NAME: &'static str = "sign_on_prove";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Self::Answer>> {
        let row = rows.sign_on_find().await?;
        if row.is_none_or(|row| !row.active || row.issuer != self.issuer) {
            return Ok(Written::unchanged(Err(SignOnRefusal::Changed)));
        }
        let user = rows.session_user(&self.session).await?;
        let user = user.ok_or(StoreError::NotFound)?;
        let meant = rows.subject_find(&self.issuer, &self.subject).await?;
        let known = rows.credentials_of(&user).await?;
        let right = meant.as_ref() == Some(&user) && known.is_some_and(|known| known.active);
        if !right {
            return refused(rows, SignOnRefusal::Another, user.as_str(), self.at).await;
        }
        rows.session_set_proved(&self.session, self.at).await?;
        self.follow_session(rows, &user).await?;
        let act = ("sign_on_prove", user.as_str());
        audit::done(rows, Some(&user), act, &[], self.at).await?;
        Ok(Written::unchanged(Ok(user)))
    }
}

impl SignOnProve {
    /// The provider may have begun another session of its own, and says by that one's name when it is over. A session that began with a
    /// password stays one of Sideline's alone.
    async fn follow_session(&self, rows: &mut dyn Transaction, user: &UserId) -> Stored<()> {
        let Some(session) = &self.provider_session else {
            return Ok(());
        };
        let begun = rows.sessions_begun_at(&self.issuer, user).await?;
        if begun.contains(&self.session) {
            rows.session_set_provider(&self.session, &self.issuer, Some(session))
                .await?;
        }
        Ok(())
    }
}

/// Ends the sessions that a provider says are over: those of one session of the provider's where it names one, else all of the user.
/// Answers whether the message counts: it came for the first time.
#[derive(Clone, Debug)]
pub struct SignOnLogout {
    /// The provider's identifier.
    pub issuer: String,
    /// The message's own id.
    pub token: String,
    /// When it is not taken any more.
    pub expires_at: Timestamp,
    /// Whose sessions.
    pub subject: Option<String>,
    /// What the provider calls its session.
    pub session: Option<String>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SignOnLogout {
    type Answer = bool;
    const NAME: &'static str = "sign_on_logout";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let (issuer, at) = (&self.issuer, self.at);
        let taken = rows.logout_token_take(issuer, &self.token, self.expires_at);
        if !taken.await? {
            return Ok(Written::unchanged(false));
        }
        let mut changes = Vec::new();
        if let Some(session) = &self.session {
            for session in rows.sessions_of_provider(issuer, session).await? {
                if let Some(user) = rows.session_delete(&session).await? {
                    let act = (Self::NAME, user.as_str());
                    audit::done(rows, Some(&user), act, &[], at).await?;
                    changes.push(Change::SignedOut { user, session });
                }
            }
        } else if let Some(subject) = &self.subject
            && let Some(user) = rows.subject_find(issuer, subject).await?
        {
            sessions::end_of(rows, &user, None, &mut changes).await?;
            let act = (Self::NAME, user.as_str());
            audit::done(rows, Some(&user), act, &[], at).await?;
        }
        Ok(Written {
            value: true,
            changes,
        })
    }
}
