//! Single sign-on: set up by administrators, used by everybody. What a provider says is verified elsewhere; here it is decided what it
//! means.

mod attempt;
mod claims;
mod links;
mod refusal;
mod sessions;
mod set_up;

use app::sign_on::SignOnOffered;

pub(crate) use attempt::{CameBack, SignOnAttempt};
pub(crate) use links::{LinkedPage, NamedLink};
pub(crate) use refusal::NotSignedOn;
pub(crate) use set_up::{NotSetUp, SignOnManaged};

use super::Desk;
use super::identity_provider::{ProviderFailure, Registration};
use crate::store::rows::SignOnRow;

/// Where the client's secret stands.
pub(crate) const PLACE: &str = "sign_on/one/client_secret";
/// Where a provider sends browsers back to, where none is sent there.
const NOWHERE: &str = "http://localhost/";

impl Desk {
    /// What pages offer.
    pub(crate) async fn sign_on_offered(&self) -> Option<SignOnOffered> {
        let found = async { self.store().snapshot().await?.sign_on_find().await };
        // A page without the offer is better than none.
        let row = found.await.ok().flatten().filter(|row| row.active)?;
        Some(SignOnOffered {
            name: row.name,
            passwords: row.settings.passwords,
        })
    }

    fn registration(
        &self,
        row: &SignOnRow,
        redirect: &str,
    ) -> Result<Registration, ProviderFailure> {
        let secret = self.config().keys.open(PLACE, &row.key_id, &row.sealed);
        let secret = secret.map_err(|error| {
            tracing::error!(%error, "the secret of single sign-on cannot be opened");
            ProviderFailure::ClientRefused
        })?;
        Ok(Registration {
            issuer: row.issuer.clone(),
            client_id: row.client_id.clone(),
            secret,
            redirect: redirect.to_owned(),
        })
    }

    async fn sign_on_row(&self) -> Result<SignOnRow, NotSignedOn> {
        let row = self.store().snapshot().await?.sign_on_find().await?;
        row.filter(|row| row.active).ok_or(NotSignedOn::Off)
    }
}
