//! Sessions: signing in and out by plain forms, which work before the wasm has arrived, and finding out who
//! sent a request.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Form, Request, State};
use axum::http::header::{COOKIE, HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::text::Password;

use super::client_address::ClientAddress;
use super::errors::answer;
use super::rate::Attempts;
use super::{HttpConfig, SignedIn};
use crate::desk::{Desk, outward};
use crate::password;

/// A session that nobody uses ends after 12 hours, any session after 7 days.
const IDLE_US: i64 = 12 * 3_600 * 1_000_000;
const ABSOLUTE_US: i64 = 7 * 24 * 3_600 * 1_000_000;
/// Failed attempts in five minutes, by account and by address.
const ACCOUNT_ATTEMPTS: u32 = 10;
const ADDRESS_ATTEMPTS: u32 = 50;

#[derive(Clone)]
pub struct SignInState {
    desk: Desk,
    config: HttpConfig,
    attempts: Arc<Attempts>,
}

impl SignInState {
    pub fn new(desk: Desk, config: HttpConfig) -> Self {
        Self {
            desk,
            config,
            attempts: Arc::default(),
        }
    }

    fn cookie_name(&self) -> &'static str {
        if self.config.secure {
            "__Host-sideline_session"
        } else {
            "sideline_session"
        }
    }

    /// `value` empty: the browser forgets the cookie.
    fn cookie(&self, value: &str) -> HeaderValue {
        let secure = if self.config.secure { "; Secure" } else { "" };
        let age = if value.is_empty() {
            0
        } else {
            ABSOLUTE_US / 1_000_000
        };
        let name = self.cookie_name();
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }
}

/// The routes `POST /login` and `POST /logout`; the page at `/login` belongs to the app.
pub fn router<S>(state: SignInState) -> Router<S> {
    Router::new()
        .route("/login", post(sign_in))
        .route("/logout", post(sign_out))
        .with_state(state)
}

/// Only the hash of a token is stored: who reads the database cannot sign in with it.
fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The value of a cookie.
pub fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })
}

/// Puts `Option<SignedIn>` into the request's extensions.
pub async fn identify(
    State(state): State<Arc<SignInState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut signed_in = None;
    if let Some(token) = cookie_value(request.headers(), state.cookie_name()) {
        match state
            .desk
            .store()
            .session_find(&token_hash(token), state.desk.clock().now())
            .await
        {
            Ok(session) => {
                signed_in = session.map(|session| SignedIn {
                    actor: session.actor,
                    session: session.id,
                });
            }
            Err(error) => return answer(&outward(error)),
        }
    }
    request.extensions_mut().insert(signed_in);
    next.run(request).await
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    next: Option<String>,
}

fn see_other(location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// A place on this host: a path with one slash in front, so that nobody is sent elsewhere after signing in.
fn local(next: Option<String>) -> Option<String> {
    let next = next?;
    let path = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
    (path
        && next
            .parse::<Uri>()
            .is_ok_and(|uri| uri.authority().is_none()))
    .then_some(next)
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

async fn sign_in(
    State(state): State<SignInState>,
    address: ClientAddress,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Response {
    let store = state.desk.store();
    let now = state.desk.clock().now();
    let username: String = form
        .username
        .trim()
        .to_lowercase()
        .chars()
        .take(40)
        .collect();
    let next = local(form.next);
    let places = [
        (format!("account {username}"), ACCOUNT_ATTEMPTS),
        (format!("address {address}"), ADDRESS_ATTEMPTS),
    ];
    let back = |why: String| {
        let next = next
            .as_deref()
            .map(|next| format!("&next={}", encoded(next)))
            .unwrap_or_default();
        see_other(&format!(
            "/login?error={why}&username={}{next}",
            encoded(&username)
        ))
    };
    if let Some(wait) = places
        .iter()
        .filter_map(|(place, allowed)| state.attempts.wait(place, *allowed, now))
        .max()
    {
        return back(format!("rate&retry={wait}"));
    }
    let known = match store.credentials(&username).await {
        Ok(known) => known.filter(|known| known.active),
        Err(error) => return answer(&outward(error)),
    };
    let right = match (&known, Password::parse(&form.password)) {
        (Some(known), Ok(password)) => {
            password::verify(&password, known.password_hash.clone()).await
        }
        _ => {
            password::verify_nobody().await;
            false
        }
    };
    let user = match known {
        Some(known) if right => known.user,
        _ => {
            for (place, _) in &places {
                state.attempts.failed(place, now);
            }
            let _ = store.audit(None, "sign_in_refused", &username, now).await;
            return back("credentials".to_owned());
        }
    };
    state.attempts.succeeded(&places[0].0);
    let token = state.desk.ids().secret();
    let created = store
        .session_create(&token_hash(&token), &user, now, IDLE_US, ABSOLUTE_US)
        .await;
    if let Err(error) = created {
        return answer(&outward(error));
    }
    // A session from before belongs to nobody now: signing in makes a new one.
    if let Some(old) = cookie_value(&headers, state.cookie_name()) {
        match store.session_end(&token_hash(old), now).await {
            Ok(ended) => state.desk.publish(ended),
            Err(error) => tracing::warn!(%error, "an old session could not be ended"),
        }
    }
    let _ = store.audit(Some(&user), "sign_in", &username, now).await;
    let home = match store.actor_load(&user).await {
        Ok(actor) => actor.map_or("/", |actor| actor.home()),
        Err(error) => return answer(&outward(error)),
    };
    let mut response = see_other(next.as_deref().unwrap_or(home));
    response
        .headers_mut()
        .insert(SET_COOKIE, state.cookie(&token));
    response
}

async fn sign_out(
    State(state): State<SignInState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
) -> Result<Response, Response> {
    if let Some(signed_in) = signed_in {
        let now = state.desk.clock().now();
        let ended = state
            .desk
            .store()
            .session_end(&signed_in.session, now)
            .await;
        let ended = ended.map_err(|error| answer(&outward(error)))?;
        let user = signed_in.actor.id;
        let _ = state
            .desk
            .store()
            .audit(Some(&user), "sign_out", &signed_in.actor.username, now)
            .await;
        state.desk.publish(ended);
    }
    let mut response = see_other("/login");
    response.headers_mut().insert(SET_COOKIE, state.cookie(""));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site_after_signing_in() {
        let to = |next: &str| local(Some(next.to_owned()));
        assert_eq!(
            to("/coaching/amy?x=1"),
            Some("/coaching/amy?x=1".to_owned())
        );
        for elsewhere in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "evil",
            "",
        ] {
            assert_eq!(to(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(
            COOKIE,
            HeaderValue::from_static("a=1; sideline_session=abc; b=2"),
        );
        assert_eq!(cookie_value(&headers, "sideline_session"), Some("abc"));
        assert_eq!(cookie_value(&headers, "session"), None);
    }
}
