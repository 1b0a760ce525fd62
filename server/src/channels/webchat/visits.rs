//! What a visitor has on a channel: their latest conversation, as far as they may see it. Reads only; every read
//! starts from the visitor's own secret.

use i18n::Language;
use shared::chat_settings::ChatSettings;
use shared::customer::CustomerFrame;
use shared::error::AppError;
use shared::ids::ChannelKey;
use shared::text::Greeting;
use shared::time::Timestamp;

use super::message::SentForm;
use super::offline::Closed;
use super::page::{Asks, ChatPage, Cookies};
use super::stream_cursor::{HistoryTag, StreamCursor};
use super::visitor::Visitor;
use crate::desk::{Desk, to_app_error};
use crate::store::rows::CustomerReads;
use crate::store::{ChannelRecord, CustomerVisit};

/// How many lines are read from the database at once.
pub(super) const BATCH: i64 = 200;
/// How many lines a page shows.
const PAGE_LINES: i64 = 100;

/// A visitor's latest conversation on a channel, ended or not.
pub(super) struct Visit(
    pub(super) CustomerVisit,
    /// The history to which the numbers of its lines belong.
    pub(super) HistoryTag,
);

/// The channel of an address; `NotFound` when there is none.
pub(super) async fn channel(desk: &Desk, key: &str) -> Result<ChannelRecord, AppError> {
    let mut rows = look(desk).await?;
    channel_in(&mut *rows, key).await
}

/// The channel of an address, and what a visitor has there. The visitor is taken from the request once the channel is known.
pub(super) async fn arrival(
    desk: &Desk,
    key: &str,
    visitor: impl FnOnce() -> Visitor,
) -> Result<(ChannelRecord, Visitor, Option<Visit>), AppError> {
    let mut rows = look(desk).await?;
    let channel = channel_in(&mut *rows, key).await?;
    let visitor = visitor();
    let visit = Visit::find(&mut *rows, desk, &channel, &visitor).await?;
    Ok((channel, visitor, visit))
}

/// For operations that are a statement each and need not be of one state: what a command rests on, its transaction reads again.
async fn look(desk: &Desk) -> Result<Box<dyn CustomerReads>, AppError> {
    let rows = desk.store().customer_look().await;
    rows.map_err(to_app_error)
}

async fn channel_in(rows: &mut dyn CustomerReads, key: &str) -> Result<ChannelRecord, AppError> {
    let key = ChannelKey::parse(key)?;
    let channel = rows.customer_channel_find(&key).await;
    // A channel of a provider has no page.
    let page = channel
        .map_err(to_app_error)?
        .filter(ChannelRecord::is_chat);
    page.ok_or(AppError::NotFound)
}

/// The history of the store, as a customer's browser knows it.
pub(super) fn tag(desk: &Desk) -> HistoryTag {
    HistoryTag::of(desk.store().epoch())
}

impl Visit {
    /// The visitor's latest conversation; `None` for a visitor whom the store does not know on this channel, whatever
    /// they bring with them.
    pub(super) async fn of(
        desk: &Desk,
        channel: &ChannelRecord,
        visitor: &Visitor,
    ) -> Result<Option<Self>, AppError> {
        let mut rows = look(desk).await?;
        Self::find(&mut *rows, desk, channel, visitor).await
    }

    async fn find(
        rows: &mut dyn CustomerReads,
        desk: &Desk,
        channel: &ChannelRecord,
        visitor: &Visitor,
    ) -> Result<Option<Self>, AppError> {
        let visit = rows
            .customer_visit_find(&channel.key, &visitor.hash())
            .await;
        let visit = visit.map_err(to_app_error)?;
        Ok(visit.map(|visit| Self(visit, tag(desk))))
    }

    /// At most [`BATCH`] lines after number `after`.
    pub(super) async fn frames(
        &self,
        desk: &Desk,
        after: i64,
    ) -> Result<Vec<CustomerFrame>, AppError> {
        let mut rows = look(desk).await?;
        let frames = rows.customer_frames_after(&self.0.workitem, after, BATCH);
        frames.await.map_err(to_app_error)
    }

    /// The last lines, or the last ones before number `before`.
    pub(super) async fn last(
        &self,
        desk: &Desk,
        before: Option<i64>,
    ) -> Result<Vec<CustomerFrame>, AppError> {
        let before = before.unwrap_or(i64::MAX);
        let mut rows = look(desk).await?;
        let frames = rows.customer_frames_before(&self.0.workitem, before, PAGE_LINES);
        frames.await.map_err(to_app_error)
    }

    /// The last line that the browser shows of this conversation; `None` when it shows another one, or lines of
    /// another history, which the database has lost.
    pub(super) fn seen(&self, cursor: StreamCursor) -> Option<i64> {
        let this = cursor.began.is_none_or(|began| began == self.0.began);
        let known = cursor.seq == 0 || cursor.tag == Some(self.1);
        (this && known && cursor.seq <= self.0.head).then_some(cursor.seq)
    }
}

/// What a page is asked to show.
#[derive(Default)]
pub(super) struct Wanted<'a> {
    /// In this language.
    pub(super) language: Language,
    /// Without the conversation that has ended.
    pub(super) without_ended: bool,
    /// The lines before this one, for reading only.
    pub(super) before: Option<i64>,
    /// With this question.
    pub(super) asks: Option<Asks>,
    /// What was typed and could not be taken, with the reason.
    pub(super) refused: Option<(&'a SentForm, &'a str)>,
    /// Whether that was a rating, which leaves what has ended where it is.
    pub(super) rating: bool,
    /// What is known about the browser's cookies.
    pub(super) cookies: Cookies,
    /// For a frame on pages of the channel's origins.
    pub(super) embedded: bool,
}

/// Whether a channel begins conversations at a time, and else when it does again.
pub(super) fn closed(
    channel: &ChannelRecord,
    settings: &ChatSettings,
    now: Timestamp,
) -> Option<Closed> {
    if channel.active && settings.is_open(now) {
        return None;
    }
    let hours = settings.hours.as_ref().filter(|_| channel.active);
    let opens = hours.and_then(|hours| hours.opens(now).map(|at| (at, hours.zone.clone())));
    Some(Closed {
        opens,
        form: settings.offline_form,
    })
}

/// The page of a channel for a visitor.
pub(super) async fn page(
    desk: &Desk,
    channel: &ChannelRecord,
    visitor: &Visitor,
    wanted: Wanted<'_>,
) -> Result<String, AppError> {
    let visit = Visit::of(desk, channel, visitor).await?;
    let mut frames = match &visit {
        Some(visit) => visit.last(desk, wanted.before).await?,
        None => Vec::new(),
    };
    let last = frames.last().map_or(0, |frame| frame.seq);
    // With a refused text there is something to send, and it begins a new conversation as well.
    let without_ended = wanted.without_ended || (wanted.refused.is_some() && !wanted.rating);
    if without_ended && frames.last().is_some_and(|frame| frame.body.is_end()) {
        frames.clear();
    }
    let (settings, now) = (channel.chat_settings(), desk.clock().now());
    let closed = closed(channel, &settings, now);
    // What is under way goes on when a channel is switched off or closes.
    let under_way = visit.as_ref().is_some_and(|visit| !visit.0.ended);
    let page = ChatPage {
        language: wanted.language,
        key: channel.key.as_str(),
        name: &channel.name,
        greeting: settings.greeting.as_ref().map(Greeting::as_str),
        under_way,
        closed: closed.as_ref(),
        origins: wanted.embedded.then_some(&settings.origins[..]),
        visitor: visit.as_ref().map(|visit| visit.0.name.as_str()),
        token: visitor.token(),
        cookies: wanted.cookies,
        now,
        frames: &frames,
        earlier: wanted.before.is_some(),
        rated: visit.as_ref().is_some_and(|visit| visit.0.rated),
        cursor: visit.as_ref().map(|visit| StreamCursor {
            began: Some(visit.0.began),
            seq: last,
            tag: Some(visit.1),
        }),
        tag: tag(desk),
        asks: wanted.asks,
        refused: wanted.refused,
    };
    Ok(page.render())
}
