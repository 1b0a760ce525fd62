//! The caller of a request, by the session in its cookie.

use std::sync::Arc;

use axum::extract::{FromRef, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::cookie::CookieJar;
use shared::people::Actor;

use super::HttpConfig;
use super::cookies::{StaffCookies, token_hash};
use super::errors::error_response;
use super::paths::{WAITING, WALL};
use crate::desk::{Desk, to_app_error};

/// Who sent a request. In the extensions of every request as `Option<SignedIn>`.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// On whose behalf.
    pub actor: Actor,
    /// The session's id.
    pub session: String,
    /// How cookies of this host are named and protected.
    pub(crate) cookies: StaffCookies,
}

/// What finding, beginning and ending a session needs.
#[derive(Clone)]
pub struct SessionState {
    pub(super) desk: Desk,
    pub(super) cookies: StaffCookies,
    /// The hash of the token with which the first administrator is made.
    pub(super) setup: Option<Arc<str>>,
}

impl SessionState {
    pub fn new(desk: Desk, config: &HttpConfig) -> Self {
        Self {
            desk,
            cookies: StaffCookies {
                secure: config.secure,
            },
            setup: config.setup_hash.as_deref().map(Arc::from),
        }
    }
}

impl FromRef<SessionState> for Desk {
    fn from_ref(state: &SessionState) -> Self {
        state.desk.clone()
    }
}

/// What an open tab asks for without its user: only what a person does keeps a session from ending unused. Nor do pictures of
/// conversations, which load as they come.
const UNATTENDED: [&str; 8] = [
    "/live",
    "/api/app/api/coaching/coaching_reply_seen",
    "/api/app/api/directory/desk_load",
    "/api/app/api/directory/directory_read",
    "/api/app/api/views/view_list",
    "/api/app/api/workitems/closed_list",
    "/api/app/api/workitems/workitem_read",
    WAITING,
];

/// Whether a request comes without its user.
fn is_unattended(path: &str) -> bool {
    UNATTENDED.contains(&path) || path.starts_with("/files/") || path.starts_with(WALL)
}

/// Puts `Option<SignedIn>` into the request's extensions.
pub async fn identify(
    State(state): State<Arc<SessionState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut signed_in = None;
    let jar = CookieJar::from_headers(request.headers());
    if let Some(token) = state.cookies.session_of(&jar) {
        let (reads, now) = (state.desk.reads(), state.desk.clock().now());
        let token = token_hash(token);
        let found = match is_unattended(request.uri().path()) {
            true => reads.session_find(&token, now).await,
            false => reads.session_use(&token, now).await,
        };
        match found {
            Ok(session) => {
                signed_in = session.map(|session| SignedIn {
                    actor: session.actor,
                    session: session.id,
                    cookies: state.cookies,
                });
            }
            Err(error) => return error_response(&to_app_error(error)),
        }
    }
    request.extensions_mut().insert(signed_in);
    next.run(request).await
}
