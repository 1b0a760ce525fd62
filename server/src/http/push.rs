//! `/push`: whether the browser of a session gets notifications while no page of Sideline is open in it. Called by `alerts.js`, which
//! knows what the browser's push service answered.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use i18n::{Language, t};
use serde::Deserialize;
use serde_json::json;
use shared::error::{AppError, Problem};
use shared::ids::UserId;

use super::SignedIn;
use super::concurrency_limits::ConcurrencyLimits;
use super::errors::{error_json, error_response};
use super::language::language_for;
use super::pages::caller_of;
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::push::Subscribed;
use crate::store::rows::PushSubscription;

const PATH: &str = "/push";
/// The largest body, in bytes.
const BODY_MAX: usize = 8 * 1024;
/// How many a user may have checked at once: each asks for the address of a name that the user chose.
const CHECKS: u32 = 2;

#[derive(Clone)]
struct PushState {
    desk: Desk,
    checks: ConcurrencyLimits<UserId>,
}

/// The route.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    let methods = get(state).put(subscribe).delete(unsubscribe);
    let checks = ConcurrencyLimits::new(CHECKS);
    Routes::new()
        .route(PATH, methods.layer(DefaultBodyLimit::max(BODY_MAX)))
        .with_state(PushState { desk, checks })
}

/// What a browser asks for. Unknown fields are those of a later release.
#[derive(Deserialize)]
struct Wanted {
    endpoint: String,
    p256dh: String,
    auth: String,
    /// Whether alerts are wanted as well.
    alerts: bool,
    /// From when until when nothing is wanted; empty for no such time.
    quiet_from: String,
    quiet_until: String,
    zone: String,
}

async fn known(desk: &Desk, signed_in: Option<SignedIn>) -> Result<SignedIn, AppError> {
    match signed_in {
        Some(signed_in) => Ok(signed_in),
        None => {
            desk.refused(None, "refused_signed_out", PATH).await;
            Err(AppError::Unauthenticated)
        }
    }
}

fn answer(done: Result<Response, AppError>) -> Response {
    done.unwrap_or_else(|error| error_response(&error))
}

async fn state(
    State(PushState { desk, .. }): State<PushState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
) -> Response {
    let state = async {
        let caller = caller_of(known(&desk, signed_in).await?);
        let (key, on) = desk.push_state(&caller).await?;
        Ok(Json(json!({ "key": key, "on": on })).into_response())
    };
    answer(state.await)
}

async fn subscribe(
    State(PushState { desk, checks }): State<PushState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Response {
    let done = async {
        let caller = caller_of(known(&desk, signed_in).await?);
        let _check = checks.acquire(&caller.actor.id)?;
        let Json(wanted) = wanted.map_err(|refused| {
            let detail = refused.body_text();
            AppError::invalid("body", Problem::Unreadable { detail })
        })?;
        let language = language_for(Some(&caller.actor.id), &headers, &desk).await;
        let subscription = PushSubscription {
            session: caller.session,
            user: caller.actor.id,
            endpoint: wanted.endpoint,
            p256dh: wanted.p256dh,
            auth: wanted.auth,
            alerts: wanted.alerts,
            quiet: (wanted.quiet_from, wanted.quiet_until),
            zone: wanted.zone,
            language,
        };
        Ok(match desk.push_subscribe(subscription).await? {
            Subscribed::Yes => StatusCode::NO_CONTENT.into_response(),
            Subscribed::NoContact => no_contact(language),
        })
    };
    answer(done.await)
}

/// The refusal of a browser whose push service wants to know more of this host than it says. The page shows the words.
fn no_contact(language: Language) -> Response {
    let mut body = error_json(&AppError::invalid("public_url", Problem::Missing));
    body["said"] = t!(language, push.no_contact).into();
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

async fn unsubscribe(
    State(PushState { desk, .. }): State<PushState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
) -> Response {
    let done = async {
        let caller = caller_of(known(&desk, signed_in).await?);
        desk.push_unsubscribe(&caller).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    answer(done.await)
}
