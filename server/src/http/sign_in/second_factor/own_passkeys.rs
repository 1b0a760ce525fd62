//! What a user does with their own passkeys: adds and removes them.

use axum::response::Response;
use i18n::t;
use shared::error::AppError;
use shared::ids::PasskeyId;
use shared::text::PasskeyName;

use super::{FIRST, PATH, Page, SETTING_UP_PASSKEY, Shown};
use crate::commands::passkeys::PASSKEYS_MAX;
use crate::commands::{
    PasskeyAdd, PasskeyAdded, PasskeyAnswered, PasskeyBegin, PasskeyRemove, what_is_refused,
};
use crate::desk::to_app_error;
use crate::http::sign_in::see_other;
use crate::passkeys::{Owner, ask_to_make, made};
use crate::password::CodeClaim;
use crate::second_factor::{new_recovery_codes, recovery_hash};

impl Page {
    /// Asks the browser to make a passkey of this name.
    pub(super) async fn passkey_begin(&self, name: &str) -> Result<Response, AppError> {
        let name = PasskeyName::parse(name)?;
        // The page says why there is none.
        let Ok(party) = &self.party else {
            return Ok(self.refused(Shown::Status, None).await);
        };
        let (desk, actor) = (&self.state.desk, &self.caller.actor);
        let mut rows = desk.store().snapshot().await.map_err(to_app_error)?;
        let there = rows.passkeys_of(&actor.id).await.map_err(to_app_error)?;
        drop(rows);
        let here = there.into_iter().filter(|one| one.host == party.host());
        let here: Vec<_> = here.map(|one| one.credential_id).collect();
        let owner = Owner {
            user: &actor.id,
            username: &actor.username,
            name: &actor.name,
        };
        let challenge = ask_to_make(party, owner, name.as_str(), &here);
        let begin = PasskeyBegin {
            user: actor.id.clone(),
            session: self.caller.session.clone(),
            challenge: challenge.ok_or(AppError::Unavailable)?,
            at: desk.clock().now(),
        };
        self.done(desk.store().execute(begin).await.map(drop))
            .await?;
        Ok(see_other(SETTING_UP_PASSKEY))
    }

    /// Adds the passkey that the browser has made. With the first second factor the recovery codes are shown.
    pub(super) async fn passkey_add(&self, answer: &str) -> Result<Response, AppError> {
        let (language, desk) = (self.language, &self.state.desk);
        let user = &self.caller.actor.id;
        let said = async |text: &str| Ok(self.refused(Shown::Status, Some(text)).await);
        if answer.is_empty() {
            return said(t!(language, passkeys.no_script)).await;
        }
        let Ok(party) = &self.party else {
            return Ok(self.refused(Shown::Status, None).await);
        };
        let claim = CodeClaim::SettingUp(user.clone());
        desk.passwords().attempt_code(&claim).await?;
        let at = desk.clock().now();
        let answered = PasskeyAnswered {
            id: self.caller.session.clone(),
            at,
        };
        let asked = desk.store().execute(answered).await;
        let asked = self.done(asked.map(|asked| asked.value)).await?;
        let Some(asked) = asked else {
            return said(t!(language, passkeys.late)).await;
        };
        let made = match made(party, &asked, answer) {
            Ok(made) => made,
            Err(refusal) => {
                let what = what_is_refused(refusal);
                desk.refused(Some(user), what, user.as_str()).await;
                return said(t!(language, passkeys.not_made)).await;
            }
        };
        let codes = new_recovery_codes();
        let recovery = codes.iter().map(|code| recovery_hash(user, code));
        let add = PasskeyAdd {
            user: user.clone(),
            session: self.caller.session.clone(),
            id: PasskeyId::parse(desk.ids().next())?,
            made,
            recovery: recovery.collect(),
            at,
        };
        let added = desk.store().execute(add).await;
        let added = self.done(added.map(|added| added.value)).await?;
        desk.passwords().code_was_right(&claim);
        match added {
            PasskeyAdded::First => Ok(self.codes(FIRST, &codes)),
            PasskeyAdded::Further => Ok(see_other(PATH)),
            PasskeyAdded::Known => said(t!(language, passkeys.known)).await,
            PasskeyAdded::TooMany => said(&t!(language, passkeys.limit, max = PASSKEYS_MAX)).await,
        }
    }

    /// Removes one of the user's passkeys.
    pub(super) async fn passkey_remove(&self, id: &str) -> Result<(), AppError> {
        let remove = PasskeyRemove {
            user: self.caller.actor.id.clone(),
            session: self.caller.session.clone(),
            id: PasskeyId::parse(id)?,
            at: self.state.desk.clock().now(),
        };
        let removed = self.state.desk.store().execute(remove).await;
        self.done(removed.map(drop)).await
    }
}
