//! How single sign-on is set up, by those who manage users.

use app::backend::{ApiResult, Caller};
use shared::error::{AppError, Problem};
use shared::ids::CommandKey;
use shared::people::Actor;
use shared::policy::Action;
use shared::roles::CustomRole;

use super::{NOWHERE, PLACE};
use crate::commands::sign_on::SECRET_MAX;
use crate::commands::{SignOnActivate, SignOnChange, SignOnDelete, SignOnSave};
use crate::desk::identity_provider::{ProviderFailure, Registration};
use crate::desk::{Desk, to_app_error};
use crate::secrets::Secret;
use crate::store::rows::SignOnRow;

/// What the page of single sign-on shows.
pub(crate) struct SignOnManaged {
    /// How it is set up, if it is.
    pub(crate) row: Option<SignOnRow>,
    /// The roles that were built, by kind and name.
    pub(crate) customs: Vec<CustomRole>,
}

/// Why it was not set up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NotSetUp {
    /// The provider's identifier cannot be used.
    Issuer(ProviderFailure),
    /// Anything else.
    App(AppError),
}

impl From<AppError> for NotSetUp {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl Desk {
    /// How single sign-on is set up.
    ///
    /// # Errors
    /// `NotFound` for those who do not manage users.
    pub(crate) async fn sign_on_managed(&self, actor: &Actor) -> ApiResult<SignOnManaged> {
        self.allow(actor, Action::UserManage).await?;
        let mut rows = self.snapshot().await?;
        Ok(SignOnManaged {
            row: rows.sign_on_find().await.map_err(to_app_error)?,
            customs: rows.custom_role_list().await.map_err(to_app_error)?,
        })
    }

    /// Sets it up, or changes how it is; an empty secret stays as it was. The caller has proved themselves a short while ago.
    pub(crate) async fn sign_on_save(
        &self,
        caller: &Caller,
        key: CommandKey,
        version: Option<i64>,
        change: SignOnChange,
        secret: &Secret,
    ) -> Result<(), NotSetUp> {
        self.allow(&caller.actor, Action::UserManage).await?;
        let usable = self.sign_on_issuer_check(&change.issuer);
        usable.map_err(NotSetUp::Issuer)?;
        self.only_way_in_answers(&change, secret).await?;
        let secret = secret.reveal();
        let actual = secret.chars().count();
        if actual > SECRET_MAX {
            let (max, actual) = (SECRET_MAX as i64, actual as i64);
            return Err(AppError::invalid("secret", Problem::TooLong { max, actual }).into());
        }
        let seal = |secret: &str| self.config().keys.seal(PLACE, secret);
        let save = SignOnSave {
            change,
            secret: (!secret.is_empty()).then(|| seal(secret)),
            version,
            session: caller.session.clone(),
            context: self.context(&caller.actor, key),
        };
        Ok(self.execute(save).await?)
    }

    /// Whether a provider's identifier can be used at all. Nobody is asked for it.
    pub(crate) fn sign_on_issuer_check(&self, issuer: &str) -> Result<(), ProviderFailure> {
        let speaker = self.config().identity_providers.speaker()?;
        speaker.address(issuer)
    }

    /// Asks the provider whether it answers, where a change makes it the only way in: one that does not would shut out everybody who
    /// does not manage users.
    async fn only_way_in_answers(
        &self,
        change: &SignOnChange,
        secret: &Secret,
    ) -> Result<(), NotSetUp> {
        let row = self.sign_on_stored().await?.filter(|row| row.active);
        let Some(row) = row.filter(|_| !change.settings.passwords) else {
            return Ok(());
        };
        let other = row.issuer != change.issuer;
        // Another provider without its secret is refused in the transaction.
        let asks = row.settings.passwords || other;
        if !asks || (other && secret.reveal().is_empty()) {
            return Ok(());
        }
        let at = Registration {
            issuer: change.issuer.clone(),
            client_id: change.client_id.clone(),
            secret: secret.clone(),
            redirect: NOWHERE.to_owned(),
        };
        self.answers(&at).await.map_err(NotSetUp::Issuer)
    }

    async fn sign_on_stored(&self) -> ApiResult<Option<SignOnRow>> {
        let mut rows = self.snapshot().await?;
        let found = rows.sign_on_find().await;
        found.map_err(to_app_error)
    }

    /// Whether a provider's documents can be used, as they are now.
    async fn answers(&self, at: &Registration) -> Result<(), ProviderFailure> {
        let speaker = self.config().identity_providers.speaker()?;
        speaker.check(at).await
    }

    /// Switches it on or off. A provider that is the only way in has to answer then.
    pub(crate) async fn sign_on_activate(
        &self,
        caller: &Caller,
        key: CommandKey,
        active: bool,
    ) -> Result<(), NotSetUp> {
        self.allow(&caller.actor, Action::UserManage).await?;
        let row = self.sign_on_stored().await?;
        if let Some(row) = row.filter(|row| active && !row.settings.passwords) {
            let at = self.registration(&row, NOWHERE);
            let at = at.map_err(NotSetUp::Issuer)?;
            self.answers(&at).await.map_err(NotSetUp::Issuer)?;
        }
        let activate = SignOnActivate {
            active,
            session: caller.session.clone(),
            context: self.context(&caller.actor, key),
        };
        Ok(self.execute(activate).await?)
    }

    /// Removes it.
    pub(crate) async fn sign_on_delete(&self, actor: &Actor, key: CommandKey) -> ApiResult<()> {
        self.allow(actor, Action::UserManage).await?;
        let context = self.context(actor, key);
        self.execute(SignOnDelete { context }).await
    }

    /// Whether the provider's documents can be used, as they are now.
    pub(crate) async fn sign_on_check(
        &self,
        actor: &Actor,
        redirect: &str,
    ) -> ApiResult<Result<(), ProviderFailure>> {
        self.allow(actor, Action::UserManage).await?;
        let row = self.sign_on_stored().await?;
        let row = row.ok_or(AppError::NotFound)?;
        let checked = async {
            let at = self.registration(&row, redirect)?;
            self.answers(&at).await
        };
        Ok(checked.await)
    }
}
