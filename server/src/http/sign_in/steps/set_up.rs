//! The second factor that the organisation requires, set up at the sign-in: an app or a passkey.

use axum::http::HeaderMap;
use axum::response::Response;
use i18n::t;
use maud::{Markup, html};
use shared::account::SignInStep;
use shared::error::AppError;
use shared::ids::PasskeyId;
use shared::local_path::LocalPath;
use shared::text::PasskeyName;

use super::{Given, NotTaken, UnderWay, step_address};
use crate::commands::{
    PasskeyAdded, PasskeyAnswered, SessionBegin, SignInConfirm, SignInPasskeyAdd,
    SignInPasskeyBegin, SignInSetUp, what_is_refused,
};
use crate::http::refused::Refused as WrongFields;
use crate::http::session::SessionState;
use crate::http::sign_in::passkeys::why_not;
use crate::http::sign_in::see_other;
use crate::passkeys::{Owner, Party, ask_to_make, made};
use crate::second_factor::{StoredKey, new_key, new_recovery_codes, recovery_hash};

/// What a form of the set-up asks for, beside an app.
pub(super) const BEGIN: &str = "passkey_begin";
pub(super) const ADD: &str = "passkey_add";
/// What the address of the page says that asks the browser.
pub(super) const MAKING: &str = "passkey";

/// The field that says what a form asks for.
pub(super) fn act(what: &str) -> Markup {
    html! { input type="hidden" name="act" value=(what); }
}

impl SessionState {
    /// Takes what the set-up asks for, all but the question for a passkey. Answers the next step, with the recovery codes where
    /// this was the last one.
    pub(super) async fn second_factor_set_up(
        &self,
        at: &UnderWay,
        given: &Given,
        begin: SessionBegin,
        headers: &HeaderMap,
    ) -> Result<(SignInStep, Vec<String>), NotTaken> {
        let (store, user) = (self.desk.store(), &at.row.user);
        let (sign_in, keys) = (at.row.id.clone(), self.desk.config().keys.clone());
        if given.act == ADD {
            return self
                .passkey_add(at, &given.credential, begin, headers)
                .await;
        }
        if at.setup.is_none() || given.code.is_empty() {
            let give = SignInSetUp {
                sign_in,
                secret: StoredKey::seal(&keys, user, &new_key()),
                begin,
            };
            store.execute(give).await?;
            return Ok((SignInStep::SetUp, Vec::new()));
        }
        self.attempt_code(at).await?;
        let codes = new_recovery_codes();
        let recovery = codes.iter().map(|code| recovery_hash(user, code));
        let give = SignInConfirm {
            sign_in,
            code: given.code.clone(),
            recovery: recovery.collect(),
            keys,
            begin,
        };
        let step = self.coded(at, store.execute(give).await?)?;
        Ok((step, codes))
    }

    fn party_here(&self, at: &UnderWay, headers: &HeaderMap) -> Result<Party, NotTaken> {
        let party = self.party(headers);
        party.map_err(|no_party| NotTaken::Because(why_not(at.language, &no_party)))
    }

    /// Asks the browser to make a passkey of this name.
    pub(super) async fn passkey_begin(
        &self,
        at: &UnderWay,
        name: &str,
        begin: SessionBegin,
        (headers, next): (&HeaderMap, Option<&LocalPath>),
    ) -> Result<Response, NotTaken> {
        let wrong = |error| {
            let reason = i18n::error_text(at.language, &error);
            NotTaken::Fields(WrongFields::one("name", &reason))
        };
        let name = PasskeyName::parse(name).map_err(wrong)?;
        let party = self.party_here(at, headers)?;
        let owner = Owner {
            user: &at.actor.id,
            username: &at.actor.username,
            name: &at.actor.name,
        };
        // There is none yet that the device could have.
        let challenge = ask_to_make(&party, owner, name.as_str(), &[]);
        let give = SignInPasskeyBegin {
            sign_in: at.row.id.clone(),
            challenge: challenge.ok_or(NotTaken::Failed(AppError::Unavailable))?,
            begin,
        };
        self.desk.store().execute(give).await?;
        Ok(see_other(&step_address(next, Some(MAKING))))
    }

    /// Adds the passkey that the browser has made. Answers the next step, with the recovery codes.
    async fn passkey_add(
        &self,
        at: &UnderWay,
        answer: &str,
        begin: SessionBegin,
        headers: &HeaderMap,
    ) -> Result<(SignInStep, Vec<String>), NotTaken> {
        let (language, user) = (at.language, &at.row.user);
        let because = |text: &str| NotTaken::Because(text.to_owned());
        if answer.is_empty() {
            return Err(because(t!(language, passkeys.no_script)));
        }
        let party = self.party_here(at, headers)?;
        self.attempt_code(at).await?;
        let sign_in = at.row.id.clone();
        let answered = PasskeyAnswered {
            id: sign_in.clone(),
            at: begin.now,
        };
        let asked = self.desk.store().execute(answered).await?;
        let asked = self.desk.publish(asked);
        let asked = asked.ok_or_else(|| because(t!(language, passkeys.late)))?;
        let made = match made(&party, &asked, answer) {
            Ok(made) => made,
            Err(refusal) => {
                let what = what_is_refused(refusal);
                self.desk.refused(Some(user), what, user.as_str()).await;
                return Err(because(t!(language, passkeys.not_made)));
            }
        };
        let codes = new_recovery_codes();
        let recovery = codes.iter().map(|code| recovery_hash(user, code));
        let add = SignInPasskeyAdd {
            sign_in,
            id: PasskeyId::parse(self.desk.ids().next()).map_err(NotTaken::Failed)?,
            made,
            recovery: recovery.collect(),
            begin,
        };
        let (added, step) = self.desk.publish(self.desk.store().execute(add).await?);
        let step = step.ok_or_else(|| because(t!(language, passkeys.known)))?;
        self.desk.passwords().code_was_right(&at.code_claim());
        match added {
            PasskeyAdded::First => Ok((step, codes)),
            _ => Ok((step, Vec::new())),
        }
    }
}
