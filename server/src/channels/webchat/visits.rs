//! What a visitor has on a channel: their latest conversation, as far as they may see it. Reads only; every read
//! starts from the visitor's own secret.

use std::collections::VecDeque;

use shared::customer::{CustomerBody, CustomerFrame};
use shared::error::AppError;
use shared::ids::{ChannelKey, WorkitemId};

use super::message::SentForm;
use super::page::ChatPage;
use super::place::Place;
use super::visitor::Visitor;
use crate::desk::{Desk, outward};
use crate::store::ChannelRecord;

/// How many lines are read from the database at once.
pub(super) const BATCH: i64 = 200;
/// How many lines the page shows; the newest ones.
const PAGE_LINES: usize = 400;

/// A visitor's latest conversation on a channel.
pub(super) struct Visit {
    /// Never leaves the host.
    pub(super) workitem: WorkitemId,
    /// As the visitor introduced themselves.
    pub(super) name: String,
    /// The line that it began with.
    pub(super) first: CustomerFrame,
}

/// The channel of an address; `NotFound` when there is none.
pub(super) async fn channel(desk: &Desk, key: &str) -> Result<ChannelRecord, AppError> {
    let key = ChannelKey::parse(key)?;
    desk.store()
        .customer_channel(&key)
        .await
        .map_err(outward)?
        .ok_or(AppError::NotFound)
}

/// The visitor's latest workitem on a channel, and the name that they gave there.
async fn latest(
    desk: &Desk,
    channel: &ChannelRecord,
    visitor: &Visitor,
) -> Result<Option<(WorkitemId, String)>, AppError> {
    desk.store()
        .customer_visit(&channel.key, &visitor.hash())
        .await
        .map_err(outward)
}

/// The name that a visitor is known by on a channel.
pub(super) async fn name(
    desk: &Desk,
    channel: &ChannelRecord,
    visitor: &Visitor,
) -> Result<Option<String>, AppError> {
    let visit = latest(desk, channel, visitor).await?;
    Ok(visit.map(|(_, name)| name))
}

impl Visit {
    /// The visitor's latest conversation, ended or not.
    pub(super) async fn of(
        desk: &Desk,
        channel: &ChannelRecord,
        visitor: &Visitor,
    ) -> Result<Option<Self>, AppError> {
        let Some((workitem, name)) = latest(desk, channel, visitor).await? else {
            return Ok(None);
        };
        let first = desk
            .store()
            .customer_frames(&workitem, 0, 1)
            .await
            .map_err(outward)?
            .pop();
        Ok(first.map(|first| Self {
            workitem,
            name,
            first,
        }))
    }

    /// At most [`BATCH`] lines after number `after`.
    pub(super) async fn frames(
        &self,
        desk: &Desk,
        after: i64,
    ) -> Result<Vec<CustomerFrame>, AppError> {
        desk.store()
            .customer_frames(&self.workitem, after, BATCH)
            .await
            .map_err(outward)
    }

    /// The last line that the browser shows of this conversation; `None` when it shows another one, or lines
    /// that the database has lost.
    pub(super) async fn seen(&self, desk: &Desk, place: Place) -> Result<Option<i64>, AppError> {
        if place.began.is_some_and(|began| began != self.first.at) {
            return Ok(None);
        }
        let there = place.seq == 0 || !self.frames(desk, place.seq - 1).await?.is_empty();
        Ok(there.then_some(place.seq))
    }

    /// The newest lines, and whether there are older ones.
    async fn newest(&self, desk: &Desk) -> Result<(VecDeque<CustomerFrame>, bool), AppError> {
        let mut lines: VecDeque<CustomerFrame> = VecDeque::new();
        let mut older = false;
        loop {
            let batch = self
                .frames(desk, lines.back().map_or(0, |line| line.seq))
                .await?;
            if batch.is_empty() {
                return Ok((lines, older));
            }
            lines.extend(batch);
            let surplus = lines.len().saturating_sub(PAGE_LINES);
            older |= surplus > 0;
            lines.drain(..surplus);
        }
    }
}

/// The page of a channel for a visitor. `anew`: without the conversation that has ended. `refused`: what was
/// typed and could not be taken, with the reason.
pub(super) async fn page(
    desk: &Desk,
    channel: &ChannelRecord,
    visitor: &Visitor,
    anew: bool,
    refused: Option<(&SentForm, &str)>,
) -> Result<String, AppError> {
    let visit = Visit::of(desk, channel, visitor).await?;
    let (mut frames, mut older) = match &visit {
        Some(visit) => visit.newest(desk).await?,
        None => Default::default(),
    };
    let last = frames.back().map_or(0, |frame| frame.seq);
    // With a refused text there is something to send, and it begins a new conversation as well.
    let anew = anew || refused.is_some();
    if anew
        && frames
            .back()
            .is_some_and(|frame| frame.body == CustomerBody::Ended)
    {
        (frames, older) = Default::default();
    }
    let place = visit.as_ref().map(|visit| Place::of(&visit.first, last));
    let page = ChatPage {
        key: channel.key.as_str(),
        name: &channel.name,
        active: channel.active,
        visitor: visit.as_ref().map(|visit| visit.name.as_str()),
        frames: frames.make_contiguous(),
        older,
        place,
        refused,
    };
    Ok(page.render())
}
