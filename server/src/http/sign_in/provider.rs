//! `/sso/…`: to the provider at which users sign in and back, and its messages that end sessions. Where something is refused, the sign-in
//! page says why; the log has the reason and no token.

use app::backend::Caller;
use axum::extract::{Extension, State};
use axum::http::header::{HOST, HeaderMap, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use form_urlencoded::Serializer;
use i18n::{Language, t};
use maud::html;
use shared::error::AppError;
use shared::ids::UserId;
use shared::local_path::LocalPath;
use tracing::Instrument;

use super::document::page;
use super::steps::refused_words;
use super::{ABSOLUTE, SIGN_IN_AGE, landing, see_other, session_begin};
use crate::desk::Desk;
use crate::desk::sign_on::{CameBack, NotSignedOn, SignOnAttempt};
use crate::http::client_address::ClientAddress;
use crate::http::cookies::set_cookie;
use crate::http::errors::error_response;
use crate::http::forms::{Fields, PageForm, PageQuery, value};
use crate::http::language::language_for;
use crate::http::paths::{SIGN_ON_CALLBACK, SIGN_ON_START};
use crate::http::plain_page::with_status;
use crate::http::session::{SessionState, SignedIn};
use crate::password::Refused;

/// Where a browser goes to sign in at the provider.
pub(super) const START: &str = SIGN_ON_START;
/// Where the provider sends browsers back to.
pub(crate) const CALLBACK: &str = SIGN_ON_CALLBACK;
/// Where the provider sends its messages.
pub(crate) const LOGOUT: &str = "/sso/back-channel-logout";

/// Where this host is reached, without a slash at its end: what the operator says, else what the request calls it.
pub(crate) fn base_of(desk: &Desk, secure: bool, headers: &HeaderMap) -> String {
    let scheme = if secure { "https" } else { "http" };
    let name = headers.get(HOST).and_then(|name| name.to_str().ok());
    let called = || format!("{scheme}://{}", name.unwrap_or_default());
    desk.config().public_url.clone().unwrap_or_else(called)
}

/// A browser on its way.
struct Way {
    state: SessionState,
    address: String,
    headers: HeaderMap,
    signed_in: Option<SignedIn>,
}

/// To the provider; somebody who is signed in goes on.
pub(super) async fn start(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    address: ClientAddress,
    PageQuery(query): PageQuery<Fields>,
    headers: HeaderMap,
) -> Response {
    let next = LocalPath::parse(value(&query, "next"));
    if let Some(SignedIn { actor, session, .. }) = signed_in {
        let caller = Caller { actor, session };
        return see_other(landing(next.as_ref(), Some(&caller), &state.desk).await);
    }
    let way = Way::of(state, address, headers, None);
    way.begin(next, false).await
}

/// To the provider once more, to prove who it is; somebody who is not signed in does that first.
pub(super) async fn again(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    address: ClientAddress,
    PageQuery(query): PageQuery<Fields>,
    headers: HeaderMap,
) -> Response {
    let next = LocalPath::parse(value(&query, "next"));
    let fresh = signed_in.is_some();
    let way = Way::of(state, address, headers, signed_in);
    way.begin(next, fresh).await
}

/// Back from the provider.
pub(super) async fn callback(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    address: ClientAddress,
    PageQuery(query): PageQuery<Fields>,
    jar: CookieJar,
    headers: HeaderMap,
) -> Response {
    let way = Way::of(state, address, headers, signed_in);
    // It is a GET that writes: it goes on when its sender hangs up, as other writes do.
    let come = async move { way.come_back(&query, &jar).await };
    let come = tokio::spawn(come.in_current_span()).await;
    come.unwrap_or_else(|_| error_response(&AppError::Unavailable))
}

/// A message of the provider's. It has no cookie and no page; what counts is its signature. Anybody can send one, and to look at it
/// the provider may have to be asked: those that do not count are limited.
pub(super) async fn logout(
    State(state): State<SessionState>,
    address: ClientAddress,
    PageForm(form): PageForm<Fields>,
) -> Response {
    let (desk, address) = (&state.desk, address.to_string());
    match desk.passwords().attempt_sign_on(&address).await {
        Ok(()) => {}
        Err(Refused::Attempts { retry_after_s } | Refused::Busy { retry_after_s }) => {
            return error_response(&AppError::rate_limited(retry_after_s));
        }
        Err(Refused::Gone | Refused::Unavailable) => {
            return error_response(&AppError::Unavailable);
        }
    }
    match desk.sign_on_logout(value(&form, "logout_token")).await {
        Ok(()) => {
            desk.passwords().message_was_right(&address);
            StatusCode::OK.into_response()
        }
        Err(NotSignedOn::Failed(error)) => error_response(&error),
        Err(refused) => {
            desk.sign_on_failed("a message of the provider was refused", &refused);
            desk.refused(None, "sign_on_logout_refused", "").await;
            StatusCode::BAD_REQUEST.into_response()
        }
    }
}

impl Way {
    fn of(
        state: SessionState,
        address: ClientAddress,
        headers: HeaderMap,
        signed_in: Option<SignedIn>,
    ) -> Self {
        Self {
            state,
            address: address.to_string(),
            headers,
            signed_in,
        }
    }

    fn redirect(&self) -> String {
        let (desk, secure) = (&self.state.desk, self.state.cookies.secure);
        [base_of(desk, secure, &self.headers).as_str(), CALLBACK].concat()
    }

    async fn begin(&self, next: Option<LocalPath>, fresh: bool) -> Response {
        if let Err(refused) = self.attempt().await {
            return self.limited(refused, next.as_ref()).await;
        }
        let text = next.clone().map(String::from);
        let redirect = self.redirect();
        let begun = self.state.desk.sign_on_begin(&redirect, text, fresh);
        match begun.await {
            Ok((place, cookie)) => {
                let mut response = see_other(&place);
                let cookie = self.state.cookies.sign_on_cookie(cookie, SIGN_IN_AGE);
                set_cookie(response.headers_mut(), &cookie);
                response
            }
            Err(failed) => self.failed(&failed, next.as_ref()).await,
        }
    }

    async fn attempt(&self) -> Result<(), Refused> {
        let passwords = self.state.desk.passwords();
        passwords.attempt_sign_on(&self.address).await
    }

    async fn come_back(&self, query: &Fields, jar: &CookieJar) -> Response {
        let cookie = self.state.cookies.sign_on_of(jar);
        let attempt = cookie.and_then(|cookie| self.state.desk.sign_on_attempt(cookie));
        let next = attempt.as_ref().and_then(|attempt| attempt.next.as_deref());
        let next = next.and_then(LocalPath::parse);
        let text = |name: &str| value(query, name).to_owned();
        let back = CameBack {
            state: text("state"),
            code: text("code"),
            issuer: Some(text("iss")).filter(|issuer| !issuer.is_empty()),
            error: text("error"),
        };
        if let Err(refused) = self.attempt().await {
            return self.limited(refused, next.as_ref()).await;
        }
        let came = match (&attempt, &self.signed_in) {
            (None, _) => Err(NotSignedOn::Late),
            (Some(attempt), Some(signed_in)) if attempt.fresh => {
                self.prove(attempt, back, signed_in, next.as_ref()).await
            }
            // The session ended on the way.
            (Some(attempt), _) if attempt.fresh => Err(NotSignedOn::Late),
            (Some(attempt), _) => self.sign_in(attempt, back, jar, next.as_ref()).await,
        };
        let mut response = match came {
            Ok(response) => {
                self.state.desk.passwords().sign_on_was_right(&self.address);
                response
            }
            Err(failed) => self.failed(&failed, next.as_ref()).await,
        };
        // It counts once.
        let gone = self.state.cookies.no_sign_on();
        set_cookie(response.headers_mut(), &gone);
        response
    }

    async fn sign_in(
        &self,
        attempt: &SignOnAttempt,
        back: CameBack,
        jar: &CookieJar,
        next: Option<&LocalPath>,
    ) -> Result<Response, NotSignedOn> {
        let (desk, cookies) = (&self.state.desk, self.state.cookies);
        let token = desk.ids().secret();
        // Whose it is, the provider says; until then it is that of the user who may be created.
        let new = UserId::parse(desk.ids().next()).map_err(NotSignedOn::Failed)?;
        let nothing = (String::new(), None);
        let begin = session_begin(desk, &token, &new, nothing, None, &self.headers);
        let session = begin.session.clone();
        let redirect = self.redirect();
        let finished = desk.sign_on_finish(attempt, back, &redirect, begin);
        let user = finished.await?;
        self.state.end_former(jar).await;
        let actor = desk.actor_load(&user).await?;
        let caller = actor.map(|actor| Caller { actor, session });
        let mut response = see_other(landing(next, caller.as_ref(), desk).await);
        let cookie = cookies.session_cookie(token, ABSOLUTE);
        set_cookie(response.headers_mut(), &cookie);
        Ok(response)
    }

    async fn prove(
        &self,
        attempt: &SignOnAttempt,
        back: CameBack,
        signed_in: &SignedIn,
        next: Option<&LocalPath>,
    ) -> Result<Response, NotSignedOn> {
        let (desk, redirect) = (&self.state.desk, self.redirect());
        desk.sign_on_prove(attempt, back, &redirect, &signed_in.session)
            .await?;
        let home = signed_in.actor.home();
        Ok(see_other(next.map_or(home, LocalPath::as_str)))
    }

    /// Why nobody is signed in, on the sign-in page; or why nothing is proved, on a page of its own.
    async fn failed(&self, failed: &NotSignedOn, next: Option<&LocalPath>) -> Response {
        self.state
            .desk
            .sign_on_failed("nobody was signed in", failed);
        match &self.signed_in {
            None => back_to_sign_in(failed.code(), None, next),
            Some(_) => {
                let language = self.language().await;
                let text = match failed.code() {
                    "sso_declined" => t!(language, login.sso_declined),
                    "sso_again" => t!(language, login.sso_again),
                    "sso_unreachable" => t!(language, login.sso_unreachable),
                    "sso_another" => t!(language, sso.another),
                    _ => t!(language, login.sso_untrusted),
                };
                self.said(text, next).await
            }
        }
    }

    async fn limited(&self, refused: Refused, next: Option<&LocalPath>) -> Response {
        let (code, seconds) = match refused {
            Refused::Attempts { retry_after_s } => ("rate", retry_after_s),
            Refused::Busy { retry_after_s } => ("busy", retry_after_s),
            Refused::Gone | Refused::Unavailable => {
                return error_response(&AppError::Unavailable);
            }
        };
        if self.signed_in.is_none() {
            return back_to_sign_in(code, Some(seconds), next);
        }
        let words = refused_words(self.language().await, refused);
        self.said(&words, next).await
    }

    async fn language(&self) -> Language {
        let user = self.signed_in.as_ref().map(|signed_in| &signed_in.actor.id);
        language_for(user, &self.headers, &self.state.desk).await
    }

    async fn said(&self, text: &str, next: Option<&LocalPath>) -> Response {
        let language = self.language().await;
        let content = html! {
            a class="button login__submit" href=(next.map_or("/", LocalPath::as_str)) { (t!(language, sso.back_there)) }
        };
        let title = t!(language, sso.not_proved);
        let shown = page(language, title, (Some(text), false), &content);
        with_status(shown, true)
    }
}

/// The sign-in page, which says what went wrong.
fn back_to_sign_in(code: &str, retry_after_s: Option<i64>, next: Option<&LocalPath>) -> Response {
    let page = String::from("/login?");
    let behind_the_mark = page.len();
    let mut query = Serializer::for_suffix(page, behind_the_mark);
    query.append_pair("error", code);
    if let Some(seconds) = retry_after_s {
        query.append_pair("retry", &seconds.to_string());
    }
    if let Some(next) = next {
        query.append_pair("next", next.as_str());
    }
    let mut response = see_other(&query.finish());
    if let Some(seconds) = retry_after_s {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
