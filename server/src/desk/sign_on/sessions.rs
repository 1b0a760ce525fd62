//! What a provider's answers do to sessions: one begins, one proves itself, or some end.

use app::backend::Keys;
use serde_json::Value;
use shared::ids::UserId;
use shared::time::Timestamp;

use super::claims::{FRESH_S, provider_session, signed_in_at, subject, who};
use super::{CameBack, NOWHERE, NotSignedOn, SignOnAttempt};
use crate::commands::{SessionBegin, SignOnLogout, SignOnProve, SignOnUse};
use crate::desk::Desk;
use crate::desk::identity_provider::{ProviderFailure, time};
use crate::store::{CommandContext, StoreError};

impl Desk {
    /// Signs in the user of a browser that came back. `begin` is the session; whose it is is found out.
    pub(crate) async fn sign_on_finish(
        &self,
        attempt: &SignOnAttempt,
        back: CameBack,
        redirect: &str,
        begin: SessionBegin,
    ) -> Result<UserId, NotSignedOn> {
        let (row, claims) = self.sign_on_claims(attempt, back, redirect).await?;
        let who = who(&row, &claims, self.now());
        let signing_in = SignOnUse {
            version: row.version,
            new_user: begin.user.clone(),
            begin,
            context: CommandContext {
                actor: None,
                key: self.key_fresh(),
                at: self.now(),
            },
            who,
        };
        let done = self.store().execute(signing_in).await?;
        self.publish(done).map_err(NotSignedOn::Refused)
    }

    /// Notes that the user of a session has just signed in at the provider once more.
    pub(crate) async fn sign_on_prove(
        &self,
        attempt: &SignOnAttempt,
        back: CameBack,
        redirect: &str,
        session: &str,
    ) -> Result<UserId, NotSignedOn> {
        let (row, claims) = self.sign_on_claims(attempt, back, redirect).await?;
        let now = self.now();
        // A provider that does not say when would let an old sign-in pass for a new one.
        let long_ago = |then: Timestamp| then.0 < now.0 - FRESH_S * 1_000_000;
        if signed_in_at(&claims, now).is_none_or(long_ago) {
            return Err(ProviderFailure::Claim.into());
        }
        let prove = SignOnProve {
            session: session.to_owned(),
            issuer: row.issuer,
            subject: subject(&claims),
            provider_session: provider_session(&claims),
            at: now,
        };
        let done = self.store().execute(prove).await;
        let done = done.map_err(|error| match error {
            // The session ended meanwhile.
            StoreError::NotFound => NotSignedOn::Late,
            error => error.into(),
        })?;
        self.publish(done).map_err(NotSignedOn::Refused)
    }

    /// Ends the sessions that a provider's message says are over. Whether the message counts.
    pub(crate) async fn sign_on_logout(&self, token: &str) -> Result<(), NotSignedOn> {
        let row = self.sign_on_row().await?;
        let at = self.registration(&row, NOWHERE)?;
        let speaker = self.config().identity_providers.speaker()?;
        let claims = speaker.logout(&at, token).await?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let ends = time(&claims, "exp").unwrap_or_default();
        let command = SignOnLogout {
            issuer: row.issuer,
            token: text("jti").unwrap_or_default(),
            // Clocks differ.
            expires_at: Timestamp(ends.saturating_add(120).saturating_mul(1_000_000)),
            subject: text("sub"),
            session: text("sid"),
            at: self.now(),
        };
        let done = self.store().execute(command).await?;
        match self.publish(done) {
            true => Ok(()),
            false => Err(NotSignedOn::Late),
        }
    }
}
