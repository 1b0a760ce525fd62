//! `/login/passkey`: signing in with a passkey alone, which counts as both factors.

use app::backend::Caller;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, CookieJar};
use i18n::{Language, t};
use maud::{Markup, html};
use serde::Deserialize;
use shared::account::SignInStep;
use shared::ids::UserId;
use shared::local_path::LocalPath;
use shared::organisation::PasskeyRule;

use super::document::{hidden_next, page};
use super::passkeys::{Asks, Looked, form, why_not};
use super::steps::{not_now, refused_words, sign_in_cookie, step_address};
use super::{ABSOLUTE, SIGN_IN_AGE, landing, see_other, session_begin};
use crate::commands::{PasskeySignIn, what_is_refused};
use crate::desk::to_app_error;
use crate::http::client_address::ClientAddress;
use crate::http::cookies::{set_cookie, token_hash};
use crate::http::errors::error_response;
use crate::http::forms::{PageForm, PageQuery};
use crate::http::language::language_for;
use crate::http::paths::PASSKEY_ALONE;
use crate::http::plain_page::with_status;
use crate::http::session::{SessionState, SignedIn};
use crate::passkeys::{Party, Refusal, Used};
use crate::password::Refused;
use crate::store::{StoreError, Stored};

/// The page's address.
pub(super) const PATH: &str = PASSKEY_ALONE;

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
}

/// What the form sends.
#[derive(Default, Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    credential: String,
    next: Option<String>,
}

/// The page; somebody who is signed in goes on.
pub(super) async fn show(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    address: ClientAddress,
    PageQuery(asked): PageQuery<Asked>,
    jar: CookieJar,
    headers: HeaderMap,
) -> Response {
    let next = asked.next.as_deref().and_then(LocalPath::parse);
    if let Some(SignedIn { actor, session, .. }) = signed_in {
        let caller = Caller { actor, session };
        return see_other(landing(next.as_ref(), Some(&caller), &state.desk).await);
    }
    let alone = Alone::of(state, address, jar, headers, next).await;
    alone.page(None).await
}

/// Takes the browser's answer.
pub(super) async fn give(
    State(state): State<SessionState>,
    address: ClientAddress,
    jar: CookieJar,
    headers: HeaderMap,
    PageForm(given): PageForm<Given>,
) -> Response {
    let next = given.next.as_deref().and_then(LocalPath::parse);
    let alone = Alone::of(state, address, jar, headers, next).await;
    let language = alone.language;
    if given.credential.is_empty() {
        return alone.refused(t!(language, passkeys.no_script)).await;
    }
    if let Err(refused) = alone.attempt().await {
        return alone.limited(refused);
    }
    match alone.take(&given.credential).await {
        Ok(Outcome::In(response)) => response,
        Ok(Outcome::Late) => alone.refused(t!(language, passkeys.late)).await,
        Ok(Outcome::Refused(refusal, whose)) => {
            let whose = whose.as_ref().map_or("", UserId::as_str);
            let what = what_is_refused(refusal);
            alone.state.desk.refused(None, what, whose).await;
            alone.refused(t!(language, passkeys.wrong)).await
        }
        // What was refused in the transaction has its row already.
        Ok(Outcome::NotTaken) => alone.refused(t!(language, passkeys.wrong)).await,
        Err(error) => error_response(&to_app_error(error)),
    }
}

/// What came of an answer.
enum Outcome {
    In(Response),
    Late,
    Refused(Refusal, Option<UserId>),
    NotTaken,
}

/// A browser that signs in.
struct Alone {
    state: SessionState,
    address: String,
    jar: CookieJar,
    headers: HeaderMap,
    next: Option<LocalPath>,
    language: Language,
}

impl Alone {
    async fn of(
        state: SessionState,
        address: ClientAddress,
        jar: CookieJar,
        headers: HeaderMap,
        next: Option<LocalPath>,
    ) -> Self {
        let language = language_for(None, &headers, &state.desk).await;
        Self {
            state,
            address: address.to_string(),
            jar,
            headers,
            next,
            language,
        }
    }

    /// Counts an attempt.
    async fn attempt(&self) -> Result<(), Refused> {
        let gate = self.state.desk.passwords();
        gate.attempt_passkey(&self.address).await
    }

    async fn take(&self, answer: &str) -> Stored<Outcome> {
        let desk = &self.state.desk;
        let Some(token) = self.state.cookies.passkey_of(&self.jar) else {
            return Ok(Outcome::Late);
        };
        let id = token_hash(token);
        let looked = self.state.look_at((id, None), &self.headers, answer);
        let (user, used) = match looked.await? {
            Looked::Late => return Ok(Outcome::Late),
            Looked::Refused(refusal, whose) => return Ok(Outcome::Refused(refusal, whose)),
            Looked::Right(user, used) => (user, used),
        };
        let mut rows = desk.store().snapshot().await?;
        let known = rows.credentials_of(&user).await?;
        drop(rows);
        let Some(known) = known.filter(|known| known.active) else {
            return Ok(Outcome::Refused(Refusal::Wrong, Some(user)));
        };
        match self.sign_in(&user, known.password_hash, used).await {
            Ok(Some(response)) => {
                desk.passwords().passkey_was_right(&self.address);
                Ok(Outcome::In(response))
            }
            Ok(None) => Ok(Outcome::NotTaken),
            // Switched off, deactivated or given another password in between.
            Err(StoreError::NotFound) => Ok(Outcome::Refused(Refusal::Wrong, Some(user))),
            Err(error) => Err(error),
        }
    }

    async fn sign_in(
        &self,
        user: &UserId,
        verified: String,
        used: Used,
    ) -> Stored<Option<Response>> {
        let (desk, cookies) = (&self.state.desk, self.state.cookies);
        let token = desk.ids().secret();
        let browser = self.state.browser(user, &self.jar).await?;
        let (browser, known) = browser.renewed(&self.state);
        let right = (verified, None);
        let begin = session_begin(desk, &token, user, right, Some(browser), &self.headers);
        let session = begin.session.clone();
        let signed_in = desk.store().execute(PasskeySignIn { used, begin }).await?;
        let Some(step) = desk.publish(signed_in) else {
            return Ok(None);
        };
        self.state.end_former(&self.jar).await;
        if step != SignInStep::Done {
            let response = see_other(&step_address(self.next.as_ref(), None));
            let cookies = [
                sign_in_cookie(&self.state, token),
                cookies.no_session(),
                cookies.no_passkey(),
            ];
            return Ok(Some(with_cookies(response, &cookies)));
        }
        let actor = desk.actor_load(user).await?;
        let caller = actor.map(|actor| Caller { actor, session });
        let place = landing(self.next.as_ref(), caller.as_ref(), desk).await;
        let cookies = [
            cookies.session_cookie(token, ABSOLUTE),
            known,
            cookies.no_passkey(),
        ];
        Ok(Some(with_cookies(see_other(place), &cookies)))
    }

    /// The page that says why an answer was refused, and asks once more.
    async fn refused(&self, reason: &str) -> Response {
        with_status(self.page(Some(reason)).await, true)
    }

    /// The page after too many attempts.
    fn limited(&self, refused: Refused) -> Response {
        let words = refused_words(self.language, refused);
        not_now(self.said(words), refused)
    }

    /// The page, which asks for a passkey where one can be used.
    async fn page(&self, reason: Option<&str>) -> Response {
        let party = match self.state.party(&self.headers) {
            Ok(party) => party,
            Err(no_party) => return self.said(why_not(self.language, &no_party)),
        };
        match self.asking(&party, reason).await {
            Ok(response) => response,
            Err(error) => error_response(&to_app_error(error)),
        }
    }

    async fn asking(&self, party: &Party, reason: Option<&str>) -> Stored<Response> {
        let (language, desk) = (self.language, &self.state.desk);
        let mut rows = desk.store().snapshot().await?;
        let settings = rows.organisation_find().await?.settings;
        drop(rows);
        if settings.passkeys_allowed() != PasskeyRule::Alone {
            return Ok(self.said(t!(language, passkeys.alone_off).to_owned()));
        }
        let token = self.state.cookies.passkey_of(&self.jar);
        let asked = match token {
            Some(token) => self.state.asked(&token_hash(token)).await?,
            None => None,
        };
        let (options, token) = match asked {
            Some(asked) => (asked.options, None),
            None => {
                if let Err(refused) = self.attempt().await {
                    return Ok(self.limited(refused));
                }
                let token = desk.ids().secret();
                let challenge = self.state.ask(token_hash(&token), party, &[]).await?;
                (challenge.options, Some(token))
            }
        };
        let content = html! {
            p { (t!(language, passkeys.alone_line)) }
            (form(language, Asks::Get, (PATH, &options), &self.hidden()))
            (self.back())
        };
        let title = t!(language, passkeys.alone_title);
        let shown = page(language, title, (reason, false), &content);
        let cookie = token.map(|token| self.state.cookies.passkey_cookie(token, SIGN_IN_AGE));
        Ok(with_cookies(shown, cookie.as_slice()))
    }

    /// The page with what stands in the way, and nothing to try.
    fn said(&self, reason: String) -> Response {
        let title = t!(self.language, passkeys.alone_title);
        page(
            self.language,
            title,
            (Some(reason.as_str()), false),
            &self.back(),
        )
    }

    fn hidden(&self) -> Markup {
        hidden_next(self.next.as_ref())
    }

    fn back(&self) -> Markup {
        html! {
            form method="get" action="/login" {
                (self.hidden())
                button class="button button--quiet login__submit" type="submit" { (t!(self.language, passkeys.back)) }
            }
        }
    }
}

fn with_cookies(mut response: Response, cookies: &[Cookie<'static>]) -> Response {
    for cookie in cookies {
        set_cookie(response.headers_mut(), cookie);
    }
    response
}
