//! Logs on one connection: replay of missed changes, then live changes.
//!
//! Order and completeness depend on one rule: a change is sent only if it has the next number. A higher number makes the
//! connection read the gap from the database first. What is read has no number for what a later change replaced: then the tab
//! hears up to where there is nothing more to come.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::directory::Notification;
use shared::error::AppError;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::live::{ServerFrame, Topic};
use shared::people::Permission;
use shared::policy::{Action, can};
use shared::transcript::{Entry, WorkitemChange};
use shared::workitem::ReplyNotice;

use super::REPLAY_MAX;
use super::connection::{Connection, End};
use super::followed::Holder;
use crate::bus::Event;
use crate::commands::Shown;
use crate::queries::{LiveQuestion, LogPosition, Missed};
use crate::store::Change;

fn position(id: &WorkitemId, after: i64) -> LogPosition {
    LogPosition {
        workitem: id.clone(),
        after,
        limit: REPLAY_MAX,
    }
}

impl Connection {
    /// Sends all changes after `known`; a snapshot when there are too many, or when nothing is known.
    pub(super) async fn catch_up(
        &mut self,
        id: &WorkitemId,
        known: Option<i64>,
    ) -> Result<(), End> {
        let missed = match known {
            Some(after) => {
                let asked = LiveQuestion {
                    logs: vec![position(id, after)],
                    ..self.question()
                };
                let (_, mut answer) = self.ask(asked).await?;
                self.note(&Topic::Workitem(id.clone()), after);
                answer.missed.pop().unwrap_or(Missed::Refused)
            }
            None => Missed::Snapshot,
        };
        self.hand_on(id, missed).await
    }

    /// Where several logs are behind, what they have is read at once.
    pub(super) async fn read_ahead(&mut self, events: &[Arc<Event>]) -> Result<(), End> {
        let mut behind: BTreeMap<&WorkitemId, i64> = BTreeMap::new();
        for event in events {
            if let Change::WorkitemHead { id, rev } = &***event
                && let Some(known) = self.known(&Topic::Workitem(id.clone()))
                && known < *rev
            {
                behind.insert(id, known);
            }
        }
        if behind.len() < 2 {
            return Ok(());
        }
        let logs = behind.iter().map(|(id, known)| position(id, *known));
        let asked = LiveQuestion {
            logs: logs.collect(),
            ..self.question()
        };
        let (_, answer) = self.ask(asked).await?;
        for (id, missed) in behind.into_keys().zip(answer.missed) {
            self.hand_on(id, missed).await?;
        }
        Ok(())
    }

    /// Sends what was missed of a log.
    async fn hand_on(&mut self, id: &WorkitemId, missed: Missed) -> Result<(), End> {
        let topic = Topic::Workitem(id.clone());
        match missed {
            Missed::Changes(changes) => {
                for (rev, change) in changes {
                    self.pass_over(&topic, rev).await?;
                    self.note(&topic, rev);
                    self.send(&ServerFrame::Workitem {
                        id: id.clone(),
                        rev,
                        change,
                    })
                    .await?;
                }
                Ok(())
            }
            Missed::Snapshot => self.send_conversation(id).await,
            Missed::Refused => self.refuse(topic, AppError::NotFound).await,
        }
    }

    /// Sends the conversation as a snapshot. What another agent has is shown to nobody in silence: it may have come to them, or the
    /// monitoring may have ended, since the topic was admitted. What no agent has is in the history, and stands in the audit log as that.
    async fn send_conversation(&mut self, id: &WorkitemId) -> Result<(), End> {
        let topic = Topic::Workitem(id.clone());
        loop {
            let conversation = match self.desk.conversation(&self.actor.id, id).await {
                Ok(conversation) => conversation,
                Err(error) => return self.refuse(topic, error).await,
            };
            if !conversation.workitem.is_unrecorded_for(&self.actor.id) {
                let (reader, workitem) = (&self.actor.id, &conversation.workitem);
                let recorded = self.desk.reading_recorded(reader, Shown::Pages, workitem);
                if let Err(error) = recorded.await {
                    return self.refuse(topic, error).await;
                }
                self.note(&topic, conversation.rev);
                let frame = ServerFrame::Snapshot(Box::new(conversation));
                return self.send(&frame).await;
            }
            if !self.monitors(&topic) {
                let (rev, workitem) = (conversation.rev, conversation.workitem);
                return self.hand_off(topic, rev, &workitem).await;
            }
            if let Err(error) = self.monitor(id, true).await {
                return self.refuse(topic, error).await;
            }
        }
    }

    /// Before a change that was read of a gap: what had a number between the last one and `rev` was replaced by a later change,
    /// so it never comes. A tab that follows the log would miss it and subscribe again. One that numbers no subscriptions does,
    /// and one whose subscription is being answered expects gaps.
    pub(super) async fn pass_over(&mut self, topic: &Topic, rev: i64) -> Result<(), End> {
        let Some(followed) = self.followed.get_mut(topic) else {
            return Ok(());
        };
        if followed.answered == 0 || rev <= followed.rev + 1 {
            return Ok(());
        }
        followed.rev = rev - 1;
        // A tab that has subscribed once more meanwhile takes this for the answer to the subscription before: it changes nothing.
        let number = followed.answered;
        let (topic, rev) = (topic.clone(), rev - 1);
        self.send(&ServerFrame::Subscribed { topic, rev, number })
            .await
    }

    pub(super) async fn catch_up_notifications(&mut self, known: Option<i64>) -> Result<(), End> {
        let user = self.actor.id.clone();
        let missed = match known {
            Some(after) => {
                let desk = &self.desk;
                desk.notifications_missed(&user, after, REPLAY_MAX).await
            }
            None => Ok(None),
        };
        match missed {
            Ok(Some(events)) => {
                let mut head = known.unwrap_or_default();
                let mut assigned = false;
                for (seq, event) in events {
                    head = seq;
                    assigned |= matches!(event, Notification::WorkAssigned { .. });
                    self.send(&ServerFrame::Notification { seq, event }).await?;
                }
                self.note(&Topic::Notifications, head);
                // Another node may have assigned it.
                match assigned {
                    true => self.ask_for_proof().await,
                    false => Ok(()),
                }
            }
            Ok(None) => match self.desk.notification_head(&user).await {
                Ok(head) => {
                    self.note(&Topic::Notifications, head);
                    self.send(&ServerFrame::NotificationsReset).await
                }
                Err(error) => self.refuse(Topic::Notifications, error).await,
            },
            Err(error) => self.refuse(Topic::Notifications, error).await,
        }
    }

    pub(super) async fn on_workitem(
        &mut self,
        id: &WorkitemId,
        rev: i64,
        change: &WorkitemChange,
        event: &Event,
    ) -> Result<(), End> {
        let topic = Topic::Workitem(id.clone());
        let Some(known) = self.known(&topic) else {
            return Ok(());
        };
        if rev <= known {
            return Ok(());
        }
        if let WorkitemChange::Workitem(workitem) = change {
            let had = self
                .followed
                .get(&topic)
                .and_then(|followed| followed.holder.as_ref());
            if had != Some(&Holder::of(workitem)) {
                // It has another agent or team. An actor who may no longer read it must not get this change either.
                self.review_topic(topic.clone()).await?;
                if self.known(&topic).is_none() {
                    return Ok(());
                }
            }
            if workitem.is_at_another(&self.actor.id) && !self.monitors(&topic) {
                return self.hand_off(topic, rev, workitem).await;
            }
        }
        if rev > known + 1 {
            return self.catch_up(id, Some(known)).await;
        }
        self.note(&topic, rev);
        match event.frame() {
            Some(text) => self.text(text).await,
            None => Ok(()),
        }
    }

    /// Whether replies are sent to the user: to those who may coach, and to those who were shown some before.
    pub(super) fn shows_replies(&self) -> bool {
        let concerned = self.replies_sent || self.actor.holds(Permission::WorkitemMonitor);
        concerned && self.known(&Topic::Notifications).is_some()
    }

    /// The replies that the user has not seen, whole.
    pub(super) async fn send_replies(&mut self) -> Result<(), End> {
        if !self.shows_replies() {
            return Ok(());
        }
        let asked = LiveQuestion {
            replies: true,
            ..self.question()
        };
        let (_, answer) = self.ask(asked).await?;
        self.show_replies(answer.replies).await
    }

    /// Sends them as they were just read.
    pub(super) async fn show_replies(&mut self, replies: Vec<ReplyNotice>) -> Result<(), End> {
        if !self.shows_replies() {
            return Ok(());
        }
        self.replies_sent = !replies.is_empty();
        self.send(&ServerFrame::Replies(replies)).await
    }

    /// The flag for review changed, or may have.
    pub(super) async fn on_review(&mut self, id: &WorkitemId) -> Result<(), End> {
        match self.known(&Topic::Workitem(id.clone())) {
            Some(_) => self.send_review(id).await,
            None => Ok(()),
        }
    }

    /// The latest flag for review of a conversation, if there is one and the user may review it. Others get nothing, so that
    /// no frame tells them of it.
    pub(super) async fn send_review(&mut self, id: &WorkitemId) -> Result<(), End> {
        let asked = LiveQuestion {
            review: Some(id.clone()),
            ..self.question()
        };
        let (_, answer) = self.ask(asked).await?;
        match answer.review {
            Some(review) => {
                let id = id.clone();
                self.send(&ServerFrame::Review { id, review }).await
            }
            None => Ok(()),
        }
    }

    /// It has no number, so one that comes before the conversation does is nothing to anybody.
    pub(super) async fn on_typing(&mut self, id: &WorkitemId, event: &Event) -> Result<(), End> {
        match self.known(&Topic::Workitem(id.clone())) {
            Some(_) => match event.frame() {
                Some(text) => self.text(text).await,
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Former coaching is visible to some subscribers only, so each connection encodes a frame of its own.
    pub(super) async fn on_former_coaching(
        &mut self,
        id: &WorkitemId,
        rev: i64,
        entry: &Entry,
        (author, team): (&UserId, &TeamId),
    ) -> Result<(), End> {
        self.refresh().await?;
        let topic = Topic::Workitem(id.clone());
        let Some(known) = self.known(&topic).filter(|known| rev > *known) else {
            return Ok(());
        };
        if rev > known + 1 {
            return self.catch_up(id, Some(known)).await;
        }
        let entry = match can(&self.actor, Action::FormerCoaching { team, author }) {
            Ok(()) => entry.clone(),
            Err(_) => entry.clone().withheld(),
        };
        self.note(&topic, rev);
        self.send(&ServerFrame::Workitem {
            id: id.clone(),
            rev,
            change: WorkitemChange::Entry(entry),
        })
        .await
    }

    pub(super) async fn on_workitem_head(&mut self, id: &WorkitemId, rev: i64) -> Result<(), End> {
        match self.known(&Topic::Workitem(id.clone())) {
            Some(known) if known < rev => self.catch_up(id, Some(known)).await,
            _ => Ok(()),
        }
    }

    pub(super) async fn on_notification(&mut self, seq: i64, event: &Event) -> Result<(), End> {
        let Some(known) = self.known(&Topic::Notifications) else {
            return Ok(());
        };
        if seq <= known {
            return Ok(());
        }
        if seq > known + 1 {
            return self.catch_up_notifications(Some(known)).await;
        }
        self.note(&Topic::Notifications, seq);
        if let Some(text) = event.frame() {
            self.text(text).await?;
        }
        match &**event {
            Change::Notification {
                event: Notification::WorkAssigned { .. },
                ..
            } => self.ask_for_proof().await,
            _ => Ok(()),
        }
    }

    pub(super) async fn on_notification_head(&mut self, seq: i64) -> Result<(), End> {
        match self.known(&Topic::Notifications) {
            Some(known) if known < seq => self.catch_up_notifications(Some(known)).await,
            _ => Ok(()),
        }
    }
}
