//! Signing in and out by plain forms, which work before the wasm has arrived. What is asked for after the password
//! (`steps`), a user's second factor (`second_factor`) and the first administrator (`setup`) are plain pages too: they
//! need no script, and the app loads nothing for them. Signing in at a provider (`provider`) is a way of redirects.

mod browser;
mod document;
mod landing_place;
mod passkey_alone;
pub(crate) mod passkeys;
pub(crate) mod provider;
mod second_factor;
mod setup;
mod steps;

use std::time::Duration;

use app::backend::{ApiResult, Caller};
use axum::extract::{Extension, State};
use axum::http::header::{HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use form_urlencoded::Serializer;
use serde::Deserialize;
use shared::account::SignInStep;
use shared::error::AppError;
use shared::ids::UserId;
use shared::local_path::LocalPath;
use shared::text::{Password, TypedPassword};

use self::browser::Browser;
pub(crate) use self::landing_place::{landing, opens_plain};
use self::steps::{STEP, sign_in_cookie, step_address};
use super::client_address::ClientAddress;
use super::cookies::{StaffCookies, set_cookie, token_hash};
use super::errors::error_response;
use super::forms::{PageForm, PageQuery};
use super::guards::Sender;
use super::paths::SIGN_ON_AGAIN;
use super::people::wants_page;
use super::routes::Routes;
use super::session::{SessionState, SignedIn};
use super::user_agent::signed_in_from;
use crate::commands::{BrowserRenewal, SessionBegin, SessionEnd};
use crate::desk::{Desk, to_app_error};
use crate::password::{Claim, Refused, Verdict};
use crate::store::StoreError;

/// A session that nobody uses ends after 12 hours, any session after 7 days.
const IDLE_US: i64 = 12 * 3_600 * 1_000_000;
const ABSOLUTE: Duration = Duration::from_secs(7 * 24 * 3_600);
const ABSOLUTE_US: i64 = ABSOLUTE.as_secs().cast_signed() * 1_000_000;
/// The longest username that is looked up, in characters. No user has a longer one.
const USERNAME_MAX: usize = 40;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// For how long a browser keeps the cookie of a sign-in that is under way.
const SIGN_IN_AGE: Duration = Duration::from_secs(10 * 60);

/// The routes of signing in and out; the page at `/login` belongs to the app.
pub fn router<S: Clone + Send + Sync + 'static>(state: SessionState) -> Routes<S> {
    Routes::new()
        .route("/login", post(sign_in))
        .route("/logout", post(sign_out))
        .route(STEP, get(steps::show).post(steps::give))
        .route(
            passkey_alone::PATH,
            get(passkey_alone::show).post(passkey_alone::give),
        )
        .route(
            second_factor::PATH,
            get(second_factor::show).post(second_factor::act),
        )
        .route("/setup", get(setup::show).post(setup::create))
        .route(provider::START, get(provider::start))
        .route(SIGN_ON_AGAIN, get(provider::again))
        .route(provider::CALLBACK, get(provider::callback))
        .route(provider::LOGOUT, post(provider::logout))
        .with_state(state)
}

#[derive(Deserialize)]
struct Credential {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    next: Option<String>,
}

/// Why nobody is signed in.
enum NotSignedIn {
    Wrong,
    Refused(Refused),
    Failed(AppError),
}

impl From<StoreError> for NotSignedIn {
    fn from(error: StoreError) -> Self {
        Self::Failed(to_app_error(error))
    }
}

impl From<Refused> for NotSignedIn {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

async fn sign_in(
    State(state): State<SessionState>,
    address: ClientAddress,
    sender: Option<Extension<Sender>>,
    jar: CookieJar,
    headers: HeaderMap,
    PageForm(form): PageForm<Credential>,
) -> Response {
    let username: String = form.username.trim().to_lowercase();
    let username: String = username.chars().take(USERNAME_MAX).collect();
    let next = form.next.as_deref().and_then(LocalPath::parse);
    let back = Back {
        cookies: state.cookies,
        username: &username,
        next: next.as_ref(),
        page: wants_page(&headers),
    };
    let gone = async move {
        match sender {
            Some(Extension(sender)) => sender.gone().await,
            None => std::future::pending().await,
        }
    };
    let typed = TypedPassword::new(&form.password);
    let attempt = state.attempt(&username, typed, (address, &headers), &jar, gone);
    match attempt.await {
        Ok(Came {
            caller,
            next_step,
            cookies,
        }) => {
            let mut response = match next_step {
                true => see_other(&step_address(next.as_ref(), None)),
                false => see_other(landing(next.as_ref(), caller.as_ref(), &state.desk).await),
            };
            for cookie in cookies {
                set_cookie(response.headers_mut(), &cookie);
            }
            response
        }
        Err(NotSignedIn::Wrong) => {
            // The same for a right password: it says nothing about which ones there are.
            let offered = state.desk.sign_on_offered().await;
            match offered.is_some_and(|offered| !offered.passwords) {
                true => back.with_error("sso_only", None),
                false => back.with_error("credentials", None),
            }
        }
        Err(NotSignedIn::Refused(refused)) => back.refused(refused),
        Err(NotSignedIn::Failed(error)) => error_response(&error),
    }
}

/// What came of the right password.
struct Came {
    /// Who is signed in now.
    caller: Option<Caller>,
    /// More is asked for first.
    next_step: bool,
    /// The cookie of the session or of the sign-in first.
    cookies: Vec<Cookie<'static>>,
}

/// The session of a user who has given everything that is asked for. `verified` is the password hash that was verified,
/// and one that takes its place.
fn session_begin(
    desk: &Desk,
    token: &str,
    user: &UserId,
    (verified, renewed): (String, Option<String>),
    browser: Option<BrowserRenewal>,
    headers: &HeaderMap,
) -> SessionBegin {
    SessionBegin {
        session: token_hash(token),
        user: user.clone(),
        verified,
        renewed,
        browser,
        now: desk.clock().now(),
        idle_us: IDLE_US,
        absolute_us: ABSOLUTE_US,
        from: signed_in_from(headers),
    }
}

impl SessionState {
    /// A new password that was typed: of the right length, and none that is tried first by who knows these names.
    ///
    /// # Errors
    /// `Invalid` about the field `password`.
    async fn new_password(&self, typed: &str, known: &[&str]) -> ApiResult<Password> {
        let password = Password::parse(typed).map_err(|error| error.at("password"))?;
        let checked = self.desk.password_check(&password, known).await;
        checked.map_err(|error| error.at("password"))?;
        Ok(password)
    }

    /// Verifies a password, and signs the user in unless more is asked for.
    async fn attempt(
        &self,
        username: &str,
        typed: TypedPassword,
        (address, headers): (ClientAddress, &HeaderMap),
        jar: &CookieJar,
        gone: impl Future<Output = ()>,
    ) -> Result<Came, NotSignedIn> {
        let store = self.desk.store();
        let known = store.snapshot().await?.credentials_find(username).await?;
        let known = known.filter(|known| known.active);
        let browser = match &known {
            Some(known) => Some(self.browser(&known.user, jar).await?),
            None => None,
        };
        let claim = claim(username, browser.as_ref(), address);
        // A name that was typed is not written down: it may be a password in the wrong field.
        let whose = known.as_ref().map_or("", |known| known.user.as_str());
        let refused = |what| self.desk.refused(None, what, whose);
        // Who came by the provider has none.
        let stored = known.as_ref().map(|known| known.password_hash.clone());
        let stored = stored.filter(|hash| !hash.is_empty());
        let verdict = self.desk.passwords().verify(&claim, typed, stored, gone);
        let verdict = match verdict.await {
            Ok(verdict) => verdict,
            Err(error) => {
                if matches!(error, Refused::Attempts { .. }) {
                    refused("sign_in_limited").await;
                }
                return Err(error.into());
            }
        };
        let (Verdict::Right { verified, renewed }, Some(known), Some(browser)) =
            (verdict, &known, browser)
        else {
            refused("sign_in_refused").await;
            return Err(NotSignedIn::Wrong);
        };
        let token = self.desk.ids().secret();
        let (browser, cookie) = browser.renewed(self);
        let (user, right) = (&known.user, (verified, renewed));
        let begin = session_begin(&self.desk, &token, user, right, Some(browser), headers);
        let step = match store.execute(begin).await {
            Ok(begun) => self.desk.publish(begun),
            // The password was changed, or the user deactivated, while this one was verified.
            Err(StoreError::NotFound) => {
                refused("sign_in_refused").await;
                return Err(NotSignedIn::Wrong);
            }
            Err(error) => return Err(error.into()),
        };
        self.end_former(jar).await;
        if step != SignInStep::Done {
            return Ok(Came {
                caller: None,
                next_step: true,
                cookies: vec![sign_in_cookie(self, token), self.cookies.no_session()],
            });
        }
        let actor = self.desk.actor_load(&known.user).await?;
        let caller = actor.map(|actor| Caller {
            actor,
            session: token_hash(&token),
        });
        Ok(Came {
            caller,
            next_step: false,
            cookies: vec![self.cookies.session_cookie(token, ABSOLUTE), cookie],
        })
    }

    /// A session from before belongs to nobody now: signing in makes a new one.
    async fn end_former(&self, jar: &CookieJar) {
        let Some(former) = self.cookies.session_of(jar) else {
            return;
        };
        let end = SessionEnd {
            session: token_hash(former),
            at: self.desk.clock().now(),
        };
        match self.desk.store().execute(end).await {
            Ok(ended) => self.desk.publish(ended),
            Err(error) => tracing::warn!(%error, "an old session could not be ended"),
        }
    }
}

/// Who says that the password is theirs; `browser` is that of a user whom this name names.
fn claim(username: &str, browser: Option<&Browser>, address: ClientAddress) -> Claim {
    let known = browser.and_then(|browser| Some((browser.user(), browser.known()?)));
    match known {
        Some((user, browser)) => Claim::KnownBrowser {
            user: user.clone(),
            browser: browser.to_owned(),
        },
        None => Claim::Stranger {
            username: username.to_owned(),
            address: address.to_string(),
        },
    }
}

/// What the browser forgets besides the session: drafts, unsent texts, whatever else a script put there. Not its cookies:
/// one of them lets its users sign in while somebody else guesses (`cookies.rs`), and one may be a customer's.
const CLEARED: &str = "\"storage\"";

async fn sign_out(
    State(state): State<SessionState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    PageQuery(asked): PageQuery<Vec<(String, String)>>,
) -> Result<Response, Response> {
    if let Some(signed_in) = signed_in {
        let desk = &state.desk;
        let end = SessionEnd {
            session: signed_in.session,
            at: desk.clock().now(),
        };
        let ended = desk.store().execute(end).await;
        let ended = ended.map_err(|error| error_response(&to_app_error(error)))?;
        desk.publish(ended);
    }
    // The theme belongs to the browser: the next page puts it back into the cleared storage (`early.js`).
    let theme = asked.iter().find(|(name, _)| name == "theme");
    let mut response = see_other(match theme.map(|(_, theme)| theme.as_str()) {
        Some("light") => "/login?theme=light",
        Some("dark") => "/login?theme=dark",
        _ => "/login",
    });
    set_cookie(response.headers_mut(), &state.cookies.no_session());
    let cleared = HeaderValue::from_static(CLEARED);
    response.headers_mut().insert(CLEAR_SITE_DATA, cleared);
    Ok(response)
}

/// The way back to the sign-in page, with what was typed there.
struct Back<'a> {
    cookies: StaffCookies,
    username: &'a str,
    next: Option<&'a LocalPath>,
    /// A browser shows the page; a program reads the status.
    page: bool,
}

impl Back<'_> {
    fn with_error(&self, code: &str, retry_after_s: Option<i64>) -> Response {
        let page = String::from("/login?");
        let behind_the_mark = page.len();
        let mut query = Serializer::for_suffix(page, behind_the_mark);
        query.append_pair("error", code);
        if let Some(seconds) = retry_after_s {
            query.append_pair("retry", &seconds.to_string());
        }
        // The page begins with the password. The name itself is in the cookie.
        query.append_pair("username", "");
        if let Some(next) = self.next {
            query.append_pair("next", next.as_str());
        }
        let mut response = see_other(&query.finish());
        if !self.username.is_empty() {
            let typed = self.cookies.typed_cookie(self.username);
            set_cookie(response.headers_mut(), &typed);
        }
        response
    }

    fn refused(&self, refused: Refused) -> Response {
        let (code, retry_after_s) = match refused {
            Refused::Attempts { retry_after_s } => ("rate", retry_after_s),
            Refused::Busy { retry_after_s } => ("busy", retry_after_s),
            Refused::Gone | Refused::Unavailable => return error_response(&AppError::Unavailable),
        };
        if !self.page {
            return error_response(&AppError::rate_limited(retry_after_s));
        }
        let mut response = self.with_error(code, Some(retry_after_s));
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
        response
    }
}

fn see_other(location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}
