//! What the steps offer of passkeys, and the second factor by one in place of a code.

use axum::http::HeaderMap;
use i18n::t;
use maud::{Markup, html};
use shared::account::SignInStep;
use shared::local_path::LocalPath;
use shared::organisation::PasskeyRule;

use super::{NotTaken, STEP, UnderWay};
use crate::commands::{SessionBegin, SignInPasskey};
use crate::http::session::SessionState;
use crate::http::sign_in::document::hidden_next;
use crate::http::sign_in::passkeys::{Asks, Looked, form, why_not};
use crate::store::{StoreError, Stored};

/// What the page of the step says of passkeys.
pub(super) enum Offer {
    /// The user has none that count.
    Nothing,
    /// They have some, which do not work here.
    Not(String),
    /// The browser is asked for one.
    Ask(String),
    /// One can be made, in place of an app.
    Make,
    /// The browser is asked to make one.
    Making(String),
}

impl SessionState {
    /// What a sign-in that stands at the second factor, or has to set one up, is offered. The browser is asked again what it has
    /// not answered yet; to make one only where its user has said so (`making`).
    pub(super) async fn offer(
        &self,
        at: &UnderWay,
        headers: &HeaderMap,
        making: bool,
    ) -> Stored<Offer> {
        if !matches!(at.step, SignInStep::Code | SignInStep::SetUp) {
            return Ok(Offer::Nothing);
        }
        let mut rows = self.desk.store().snapshot().await?;
        let settings = rows.organisation_find().await?.settings;
        let there = rows.passkeys_of(&at.row.user).await?;
        drop(rows);
        if settings.passkeys_allowed() == PasskeyRule::Off {
            return Ok(Offer::Nothing);
        }
        let set_up = at.step == SignInStep::SetUp;
        let last = match there.last() {
            None if !set_up => return Ok(Offer::Nothing),
            last => last,
        };
        let party = match self.party(headers) {
            Ok(party) => party,
            Err(no_party) => return Ok(Offer::Not(why_not(at.language, &no_party))),
        };
        let Some(last) = last.filter(|_| !set_up) else {
            let asked = match making {
                true => self.asked(&at.row.id).await?,
                false => None,
            };
            return Ok(asked.map_or(Offer::Make, |asked| Offer::Making(asked.options)));
        };
        let here = there.iter().filter(|passkey| passkey.host == party.host());
        let here: Vec<_> = here.map(|passkey| passkey.credential_id.clone()).collect();
        if here.is_empty() {
            let other = t!(at.language, passkeys.other_host, host = &last.host);
            return Ok(Offer::Not(other));
        }
        let id = at.row.id.clone();
        Ok(Offer::Ask(match self.asked(&id).await? {
            Some(asked) => asked.options,
            None => self.ask(id, &party, &here).await?.options,
        }))
    }

    /// Takes a passkey in place of a code.
    pub(super) async fn take_passkey(
        &self,
        at: &UnderWay,
        begin: SessionBegin,
        (answer, headers): (&str, &HeaderMap),
    ) -> Result<SignInStep, NotTaken> {
        let because = |text: &str| NotTaken::Because(text.to_owned());
        self.attempt_code(at).await?;
        let (sign_in, user) = (at.row.id.clone(), &at.row.user);
        let looked = self.look_at((sign_in.clone(), Some(user)), headers, answer);
        let given = match looked.await? {
            Looked::Late => return Err(because(t!(at.language, passkeys.late))),
            Looked::Refused(refusal, _) => Err(refusal),
            Looked::Right(_, used) => Ok(used),
        };
        let give = SignInPasskey {
            sign_in,
            given,
            begin,
        };
        let given: Result<_, StoreError> = self.desk.store().execute(give).await;
        let step = self.desk.publish(given?);
        let step = step.ok_or_else(|| because(t!(at.language, passkeys.wrong)))?;
        self.desk.passwords().code_was_right(&at.code_claim());
        Ok(step)
    }
}

impl Offer {
    /// In front of the form for a code. What is offered at the set-up stands in its page (`view.rs`).
    pub(super) fn render(&self, at: &UnderWay, next: Option<&LocalPath>) -> Markup {
        let language = at.language;
        match self {
            Offer::Nothing | Offer::Make | Offer::Making(_) => html! {},
            Offer::Not(reason) => html! { p class="notice" { (reason) } },
            Offer::Ask(options) => html! {
                p { (t!(language, passkeys.use_line)) }
                (form(language, Asks::Get, (STEP, options), &hidden_next(next)))
            },
        }
    }
}
