//! The live endpoint of staff: one WebSocket per tab carries all its topics. Customers do not use it; their event stream is
//! in `channels`.

mod connection;
mod followed;
mod logs;
mod projections;
#[cfg(test)]
mod simulation;
mod topics;

use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, State};
use axum::http::header::UPGRADE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use shared::error::AppError;
use shared::ids::UserId;
use shared::live::CLIENT_FRAME_MAX;
use tokio::sync::watch;
use tracing::{Instrument, Span};

use crate::desk::Desk;
use crate::http::SignedIn;
use crate::http::concurrency_limits::ConcurrencyLimits;
use crate::http::errors::error_response;
use crate::http::routes::Routes;

/// How many events may wait for one connection before it is closed and has to resume.
pub const QUEUE: usize = 256;
/// How many events are taken up before what they make leaves.
const BATCH: usize = 32;
/// How long sending one frame may take before the connection ends.
const SEND_LIMIT: Duration = Duration::from_secs(10);
/// How often a browser is pinged.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// After this many heartbeats a connection sends `Hello` and checks its session.
const HELLO_EVERY: u32 = 2;
/// How long a browser may be silent; it answers each ping without the page. An agent whose network is gone is noticed within
/// this time and a heartbeat.
const SILENCE_LIMIT: Duration = Duration::from_secs(25);
/// For how long one frame of a browser counts, and so much time's worth may come at once: a tab that comes back sends one for each topic,
/// and then a few in a minute. Each of them can ask the database.
const FRAME_COUNTS: Duration = Duration::from_millis(50);
const FRAMES_AT_ONCE: Duration = Duration::from_secs(50);
/// How often at most others hear from one connection that its user writes to them, apart from one early sign.
const TYPING_PAUSE: Duration = Duration::from_secs(1);
/// The same for the whole list of people, sent to a tab of an earlier release.
const LIST_PAUSE: Duration = Duration::from_secs(2);
/// How many changed rows of a dashboard are sent as a patch; for more, the whole is sent.
const ROWS: usize = 32;
/// How many missed changes are replayed; beyond this a snapshot is cheaper.
const REPLAY_MAX: i64 = 500;

/// How many connections a user may have: one for each tab, and many times that.
const CONNECTIONS: u32 = 1_000;
/// How many topics a connection may follow: a page follows a handful.
const TOPICS: usize = 200;

#[derive(Clone)]
struct LiveState {
    desk: Desk,
    connections: ConcurrencyLimits<UserId>,
    closing: watch::Receiver<bool>,
}

/// The route `/live`. `closing` turns true when the process is about to end.
pub fn router<S: Clone + Send + Sync + 'static>(
    desk: Desk,
    closing: watch::Receiver<bool>,
) -> Routes<S> {
    Routes::new()
        .route("/live", get(upgrade))
        .with_state(LiveState {
            desk,
            connections: ConcurrencyLimits::new(CONNECTIONS),
            closing,
        })
}

async fn upgrade(
    State(state): State<LiveState>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Some(signed_in) = signed_in else {
        let refused = state.desk.refused(None, "refused_signed_out", "live");
        refused.await;
        // In words, because a proxy may answer with this status too.
        return error_response(&AppError::Unauthenticated);
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        // Scripts cannot see why a socket was refused: a tab asks again without one, and learns whether its session
        // has ended.
        Err(_) if !headers.contains_key(UPGRADE) => return StatusCode::NO_CONTENT.into_response(),
        Err(refused) => return refused.into_response(),
    };
    let permit = match state.connections.acquire(&signed_in.actor.id) {
        Ok(permit) => permit,
        Err(error) => return error_response(&error),
    };
    // Errors on the connection are logged under the id of the request that opened it.
    let request = Span::current();
    upgrade
        // The default takes 128 KiB for each connection; frames from browsers are far smaller.
        .read_buffer_size(4 * 1024)
        // The connection flushes when it has nothing more to say; what is larger than this leaves before.
        .write_buffer_size(4 * 1024)
        .max_write_buffer_size(4 * 1024 * 1024)
        .max_message_size(CLIENT_FRAME_MAX)
        .max_frame_size(CLIENT_FRAME_MAX)
        .on_upgrade(move |socket| {
            let served = async move {
                connection::serve(socket, state.desk, signed_in, state.closing).await;
                drop(permit);
            };
            served.instrument(request)
        })
}
