//! A browser on its way to the provider and back.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::NotSignedOn;
use crate::commands::SignOnRefusal;
use crate::desk::Desk;
use crate::desk::identity_provider::{Claims, ProviderFailure, Returned};
use crate::store::StoreError;
use crate::store::rows::SignOnRow;

/// Where what a browser carries to the provider and back stands: in its cookie.
const ATTEMPT: &str = "cookie/sign_on";
/// How long a sign-in at the provider may take, in microseconds.
const LASTS_US: i64 = 10 * 60 * 1_000_000;

/// A browser's way to the provider and back, as its cookie holds it, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SignOnAttempt {
    state: String,
    nonce: String,
    verifier: String,
    /// When it began, in microseconds.
    at: i64,
    /// How single sign-on was set up then.
    version: i64,
    /// Where its user wants to go.
    pub(crate) next: Option<String>,
    /// Whether it is for a proof.
    pub(crate) fresh: bool,
}

/// What comes back with a browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct CameBack {
    pub(crate) state: String,
    pub(crate) code: String,
    pub(crate) issuer: Option<String>,
    pub(crate) error: String,
}

impl Desk {
    /// Sends a browser to the provider: where it goes, and what its cookie holds.
    pub(crate) async fn sign_on_begin(
        &self,
        redirect: &str,
        next: Option<String>,
        fresh: bool,
    ) -> Result<(String, String), NotSignedOn> {
        let row = self.sign_on_row().await?;
        let at = self.registration(&row, redirect)?;
        let speaker = self.config().identity_providers.speaker()?;
        let sent = speaker.begin(&at, fresh).await?;
        let attempt = SignOnAttempt {
            state: sent.state,
            nonce: sent.nonce,
            verifier: sent.verifier,
            at: self.now().0,
            version: row.version,
            next,
            fresh,
        };
        let text = serde_json::to_string(&attempt).map_err(StoreError::from)?;
        let (key, sealed) = self.config().keys.seal(ATTEMPT, &text);
        let sealed = BASE64_URL_SAFE_NO_PAD.encode(sealed);
        Ok((sent.address, format!("{key}.{sealed}")))
    }

    /// What a browser's cookie holds, if it was sealed here and is not too old.
    pub(crate) fn sign_on_attempt(&self, cookie: &str) -> Option<SignOnAttempt> {
        let (key, sealed) = cookie.split_once('.')?;
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let text = self.config().keys.open(ATTEMPT, key, &sealed).ok()?;
        let attempt: SignOnAttempt = serde_json::from_str(text.reveal()).ok()?;
        let lasts = (0..LASTS_US).contains(&(self.now().0 - attempt.at));
        lasts.then_some(attempt)
    }

    /// What the provider says of the user of a browser that came back, and how single sign-on is set up.
    pub(super) async fn sign_on_claims(
        &self,
        attempt: &SignOnAttempt,
        back: CameBack,
        redirect: &str,
    ) -> Result<(SignOnRow, Claims), NotSignedOn> {
        if attempt.state != back.state {
            return Err(NotSignedOn::Late);
        }
        let row = self.sign_on_row().await?;
        if row.version != attempt.version {
            return Err(NotSignedOn::Refused(SignOnRefusal::Changed));
        }
        // A provider that says who it is says it in refusals as well.
        if back.issuer.is_some_and(|issuer| issuer != row.issuer) {
            return Err(ProviderFailure::OtherToken.into());
        }
        if !back.error.is_empty() || back.code.is_empty() {
            return Err(NotSignedOn::Declined);
        }
        let at = self.registration(&row, redirect)?;
        let speaker = self.config().identity_providers.speaker()?;
        let returned = Returned {
            code: back.code,
            nonce: attempt.nonce.clone(),
            verifier: attempt.verifier.clone(),
        };
        let claims = speaker.finish(&at, returned).await?;
        Ok((row, claims))
    }
}
