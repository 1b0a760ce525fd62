//! The chat page: where a customer types a name and a message and talks to the agent who gets the work.
//!
//! Everything that leaves here is made of [`shared::customer::CustomerFrame`]s, the channel's name and the
//! visitor's own words. It never reads the staff's side of a workitem and never sends one of its ids.
//!
//! The same page in a frame of another site is the widget (`embedded`); `/widget.js` puts it there.

pub(super) mod answers;
mod embedded;
mod files;
mod limits;
mod lines;
mod live;
mod message;
mod offline;
mod page;
mod rate;
mod rating;
mod rating_form;
mod reading;
mod stream_cursor;
mod taking;
mod transcript;
mod under_way;
mod visitor;
mod visits;
mod writing;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::header::HeaderMap;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use shared::error::{AppError, ConflictCause};
use tokio::sync::watch;

use self::limits::Limits;
use self::under_way::UnderWay;
use self::visitor::{Visitor, claim_of};
use self::visits::Visit;
use crate::desk::Desk;
use crate::http::FILE_BODY_MAX;
use crate::http::routes::Routes;
use crate::store::ChannelRecord;

struct Inner {
    desk: Desk,
    secure: bool,
    limits: Limits,
    under_way: UnderWay,
    closing: watch::Receiver<bool>,
}

type Chat = Arc<Inner>;

/// The customer's routes, `/chat/{key}` and below. `secure`: TLS stands in front, so cookies say so. `closing`
/// turns true when the process is about to end; the streams end with it.
pub fn router(desk: Desk, secure: bool, closing: watch::Receiver<bool>) -> Routes {
    let chat = Arc::new(Inner {
        desk,
        secure,
        limits: Limits::default(),
        under_way: UnderWay::default(),
        closing,
    });
    let admit = from_fn_with_state(Arc::clone(&chat), files::admit);
    Routes::new()
        .route(
            "/chat/{key}",
            get(reading::chat_page).post(writing::message_post),
        )
        .route("/chat/{key}/embed", get(embedded::embedded_page))
        .route("/chat/{key}/visit", get(embedded::visit))
        .route("/chat/{key}/messages", post(writing::message_send))
        .route(
            "/chat/{key}/files",
            post(files::file_send)
                .layer(DefaultBodyLimit::max(FILE_BODY_MAX))
                .route_layer(admit),
        )
        .route("/chat/{key}/files/{file}", get(files::file))
        .route("/chat/{key}/offline", post(writing::offline_send))
        .route("/chat/{key}/transcript", get(transcript::transcript))
        .route("/chat/{key}/typing", post(writing::typing))
        .route("/chat/{key}/end", post(writing::end))
        .route("/chat/{key}/rating", post(rating::rate))
        .route("/chat/{key}/forget", post(writing::forget))
        .route("/chat/{key}/history", get(reading::history))
        .route("/chat/{key}/live", get(reading::live))
        .with_state(chat)
}

impl Inner {
    /// The visitor of a request on a channel; `token`: what its form says of the page.
    async fn visitor(
        &self,
        channel: &ChannelRecord,
        headers: &HeaderMap,
        token: &str,
    ) -> Result<Visitor, AppError> {
        let proven = self.proven(channel, headers).await?;
        Ok(proven.unwrap_or_else(|| Visitor::of(headers, token, self.secure, self.desk.ids())))
    }

    /// The channel and the visitor of a request, and what they have there.
    async fn arrival(
        &self,
        key: &str,
        headers: &HeaderMap,
    ) -> Result<(ChannelRecord, Visitor, Option<Visit>), AppError> {
        if let Ok(None) = claim_of(headers) {
            let of = || Visitor::of(headers, "", self.secure, self.desk.ids());
            return visits::arrival(&self.desk, key, of).await;
        }
        // What is proved rests on the channel's secret, which is none of the customer's reads.
        let channel = visits::channel(&self.desk, key).await?;
        let visitor = self.visitor(&channel, headers, "").await?;
        let visit = Visit::of(&self.desk, &channel, &visitor).await?;
        Ok((channel, visitor, visit))
    }

    /// The visitor of a request that brings one along.
    async fn known(
        &self,
        channel: &ChannelRecord,
        headers: &HeaderMap,
        token: &str,
    ) -> Result<Option<Visitor>, AppError> {
        let proven = self.proven(channel, headers).await?;
        Ok(proven.or_else(|| Visitor::known(headers, token, self.secure)))
    }

    /// The customer whom the page around the frame proves, if it says who that is.
    async fn proven(
        &self,
        channel: &ChannelRecord,
        headers: &HeaderMap,
    ) -> Result<Option<Visitor>, AppError> {
        let proved = async {
            let Some(claim) = claim_of(headers)? else {
                return Ok(None);
            };
            let known = self.desk.identity_prove(&channel.key, &claim).await?;
            Ok(Some(Visitor::proven(claim.user, known)))
        };
        let proved: Result<_, AppError> = proved.await;
        if let Err(AppError::Invalid { .. }) = &proved
            && self.limits.proofs.admits(self.desk.clock().now())
        {
            tracing::warn!(
                channel = %channel.key,
                "a page's proof of its customer was refused: compare its secret with the channel's"
            );
        }
        proved
    }

    /// The refusal of what would begin a conversation while none begins here.
    fn closed(&self, channel: &ChannelRecord) -> AppError {
        let now = self.desk.clock().now();
        if self.limits.closed.admits(now) {
            let why = match channel.active {
                false => "it is switched off",
                true if !channel.chat_settings().is_open(now) => {
                    "it is outside of its opening hours"
                }
                true => "its set-up has changed since the page was loaded",
            };
            tracing::warn!(
                channel = %channel.key,
                why,
                "a customer could not begin a chat; if they should, switch the channel on, change its opening hours or give it an offline form on /admin/channels"
            );
        }
        AppError::conflict(ConflictCause::ChannelClosed)
    }

    /// The visit of a browser that must have been here before.
    async fn own_visit(
        &self,
        key: &str,
        headers: &HeaderMap,
    ) -> Result<(ChannelRecord, Visitor, Visit), AppError> {
        let channel = visits::channel(&self.desk, key).await?;
        let visitor = self.known(&channel, headers, "").await?;
        let visitor = visitor.ok_or(AppError::NotFound)?;
        let visit = Visit::of(&self.desk, &channel, &visitor).await?;
        Ok((channel, visitor, visit.ok_or(AppError::NotFound)?))
    }
}
