//! What the pages with a passkey share: for which host it is, what the browser is asked, and the verification of its answer.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use i18n::{Language, t};
use maud::{Markup, html};
use shared::ids::UserId;
use shared::organisation::PasskeyRule;
use shared::time::Timestamp;

use crate::commands::{PasskeyAnswered, PasskeyAsk};
use crate::desk::Desk;
use crate::http::assets;
use crate::http::session::SessionState;
use crate::passkeys::{Challenge, Known, NoParty, Party, Refusal, Used, named_in, used};
use crate::store::rows::ChallengeRow;
use crate::store::{StoreError, Stored};

/// A question that is asked again as it was, when its page is loaded again: it is younger than this, in microseconds.
const ASKED_AGAIN_US: i64 = 5 * 60 * 1_000_000;

/// The host for which passkeys are made and used, by a request.
pub(super) fn party_of(desk: &Desk, secure: bool, headers: &HeaderMap) -> Result<Party, NoParty> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    Party::of(desk.config().public_url.as_deref(), host, secure)
}

/// Whether the sign-in page leads to signing in with a passkey alone.
pub(crate) async fn offered(desk: &Desk, secure: bool, headers: &HeaderMap) -> bool {
    if party_of(desk, secure, headers).is_err() {
        return false;
    }
    let allowed = async {
        let mut rows = desk.store().snapshot().await?;
        let settings = rows.organisation_find().await?.settings;
        Ok::<_, StoreError>(settings.passkeys_allowed())
    };
    matches!(allowed.await, Ok(PasskeyRule::Alone))
}

/// Why passkeys cannot work at this address.
pub(super) fn why_not(language: Language, reason: &NoParty) -> String {
    match reason {
        NoParty::Unknown => t!(language, passkeys.unknown).to_owned(),
        NoParty::Numbers => t!(language, passkeys.numbers).to_owned(),
        NoParty::NotSecure => t!(language, passkeys.not_secure).to_owned(),
        NoParty::Elsewhere(address) => t!(language, passkeys.elsewhere, address = address),
    }
}

/// What came of an answer.
pub(super) enum Looked {
    /// The question was answered before, or asked too long ago.
    Late,
    /// It does not count; whose passkey it is, if that is known.
    Refused(Refusal, Option<UserId>),
    /// It was this user's passkey.
    Right(UserId, Used),
}

impl SessionState {
    /// The host for which passkeys are made and used.
    pub(super) fn party(&self, headers: &HeaderMap) -> Result<Party, NoParty> {
        party_of(&self.desk, self.cookies.secure, headers)
    }

    /// Asks the browser behind an id for one of these passkeys, or for any if there are none.
    pub(super) async fn ask(
        &self,
        id: String,
        party: &Party,
        known: &[String],
    ) -> Stored<Challenge> {
        let challenge = crate::passkeys::ask_to_use(party, known);
        let challenge = challenge.ok_or(StoreError::NotFound)?;
        let ask = PasskeyAsk {
            id,
            challenge: challenge.clone(),
            at: self.desk.clock().now(),
        };
        self.desk.store().execute(ask).await?;
        Ok(challenge)
    }

    /// What the browser behind an id was asked a short while ago and has not answered.
    pub(super) async fn asked(&self, id: &str) -> Stored<Option<ChallengeRow>> {
        let now = self.desk.clock().now();
        let mut rows = self.desk.store().snapshot().await?;
        let found = rows.passkey_challenge_find(id).await?;
        let young = |at: Timestamp| (0..ASKED_AGAIN_US).contains(&(now.0 - at.0));
        Ok(found.filter(|challenge| young(challenge.at)))
    }

    /// Takes the question that was asked under an id, and looks whether this is its answer. `whose` is the user who gives it after
    /// the password; nobody: the passkey says who it is.
    pub(super) async fn look_at(
        &self,
        (id, whose): (String, Option<&UserId>),
        headers: &HeaderMap,
        answer: &str,
    ) -> Stored<Looked> {
        let refused = |refusal| Looked::Refused(refusal, whose.cloned());
        let at = self.desk.clock().now();
        let taken = self
            .desk
            .store()
            .execute(PasskeyAnswered { id, at })
            .await?;
        let Some(state) = self.desk.publish(taken) else {
            return Ok(Looked::Late);
        };
        let (Ok(party), Ok(credential_id)) = (self.party(headers), named_in(answer)) else {
            return Ok(refused(Refusal::Wrong));
        };
        let mut rows = self.desk.store().snapshot().await?;
        let passkey = rows.passkey_find(&credential_id).await?;
        drop(rows);
        let theirs = |user: &UserId| whose.is_none_or(|whose| whose == user);
        let passkey = passkey.filter(|passkey| theirs(&passkey.user));
        let Some(passkey) = passkey.filter(|passkey| passkey.host == party.host()) else {
            return Ok(refused(Refusal::Wrong));
        };
        let known = Known {
            owner: &passkey.user,
            credential: &passkey.credential,
            alone: whose.is_none(),
        };
        Ok(match used(&party, &state, answer, known) {
            Ok(used) => Looked::Right(passkey.user, used),
            Err(refusal) => Looked::Refused(refusal, Some(passkey.user)),
        })
    }
}

/// What the browser is asked to do with a passkey.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// To make one.
    Create,
    /// To use one.
    Get,
}

/// A form that a script sends with the browser's answer (`passkeys.js`). Its button is there once the script knows that
/// the browser can do it; the words for what may go wrong stand in its data.
pub(super) fn form(
    language: Language,
    asks: Asks,
    (action, options): (&str, &str),
    hidden: &Markup,
) -> Markup {
    let (kind, button, stopped) = match asks {
        Asks::Create => (
            "create",
            t!(language, passkeys.create),
            t!(language, passkeys.create_stopped),
        ),
        Asks::Get => (
            "get",
            t!(language, passkeys.use_button),
            t!(language, passkeys.stopped),
        ),
    };
    html! {
        form class="login__form" method="post" action=(action) data-passkey=(kind) data-options=(options)
            data-stopped=(stopped) data-timeout=(t!(language, passkeys.timeout))
            data-known=(t!(language, passkeys.known)) data-unverified=(t!(language, passkeys.unverified))
            data-unsupported=(t!(language, passkeys.unsupported)) data-insecure=(t!(language, passkeys.not_secure))
            data-failed=(t!(language, passkeys.failed)) {
            (hidden)
            input type="hidden" name="credential";
            // It stands there until the script has come, which also says what does not work.
            p class="notice notice--error" role="alert" data-problem { (t!(language, passkeys.no_script)) }
            button class="button button--primary login__submit" type="submit" hidden { (button) }
        }
        script src=(assets::url("passkeys.js")) defer {}
    }
}
