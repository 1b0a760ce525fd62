//! The chat page: where a customer types a name and a message and talks to the agent who gets the work.
//!
//! Everything that leaves here is made of [`shared::customer::CustomerFrame`]s, the channel's name and the
//! visitor's own words. It never reads the staff's side of a workitem and never sends one of its ids.

pub(super) mod answers;
mod limits;
mod live;
mod message;
mod page;
mod rate;
mod reading;
mod stream_cursor;
mod visitor;
mod visits;
mod writing;

use std::sync::Arc;

use axum::http::header::HeaderMap;
use axum::routing::{get, post};
use shared::error::AppError;
use tokio::sync::watch;

use self::limits::Limits;
use self::visitor::Visitor;
use self::visits::Visit;
use crate::desk::Desk;
use crate::http::routes::Routes;

struct Inner {
    desk: Desk,
    secure: bool,
    limits: Limits,
    closing: watch::Receiver<bool>,
}

type Chat = Arc<Inner>;

/// The customer's routes, `/chat/{key}` and below. `secure`: TLS stands in front, so cookies say so. `closing`
/// turns true when the process is about to end; the streams end with it.
pub fn router(desk: Desk, secure: bool, closing: watch::Receiver<bool>) -> Routes {
    Routes::new()
        .route(
            "/chat/{key}",
            get(reading::chat_page).post(writing::message_post),
        )
        .route("/chat/{key}/messages", post(writing::message_send))
        .route("/chat/{key}/end", post(writing::end))
        .route("/chat/{key}/forget", post(writing::forget))
        .route("/chat/{key}/history", get(reading::history))
        .route("/chat/{key}/live", get(reading::live))
        .with_state(Arc::new(Inner {
            desk,
            secure,
            limits: Limits::default(),
            closing,
        }))
}

impl Inner {
    /// The visitor of a request; `token`: what its form says of the page.
    fn visitor(&self, headers: &HeaderMap, token: &str) -> Visitor {
        Visitor::of(headers, token, self.secure, self.desk.ids())
    }

    /// The visit of a browser that must have been here before.
    async fn own_visit(
        &self,
        key: &str,
        headers: &HeaderMap,
    ) -> Result<(Visitor, Visit), AppError> {
        let visitor = Visitor::known(headers, "", self.secure).ok_or(AppError::NotFound)?;
        let (_, visit) = visits::channel_and_visit(&self.desk, key, &visitor).await?;
        Ok((visitor, visit.ok_or(AppError::NotFound)?))
    }
}
