//! Logs on one connection: replay of missed changes, then live changes.
//!
//! Order and completeness depend on one rule: a change is sent only if it has the next number. A higher number makes the
//! connection read the gap from the database first.

use shared::directory::Notification;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::live::{CLOSE_OVERFLOW, ServerFrame, Topic};
use shared::people::Permission;
use shared::policy::{Action, can};
use shared::transcript::{Entry, WorkitemChange};

use super::REPLAY_MAX;
use super::connection::{Connection, End};
use super::topics::Holder;
use crate::bus::Event;
use crate::store::Change;

impl Connection {
    /// Sends all changes after `known`; a snapshot when there are too many, or when nothing is known.
    pub(super) async fn catch_up(
        &mut self,
        id: &WorkitemId,
        known: Option<i64>,
    ) -> Result<(), End> {
        let missed = match known {
            Some(after) => {
                let viewer = &self.actor.id;
                self.desk
                    .conversation_changes(viewer, id, after, REPLAY_MAX)
                    .await
            }
            None => Ok(None),
        };
        let topic = Topic::Workitem(id.clone());
        match missed {
            Ok(Some(changes)) => {
                let mut head = known.unwrap_or_default();
                for (rev, change) in changes {
                    head = rev;
                    self.send(&ServerFrame::Workitem {
                        id: id.clone(),
                        rev,
                        change,
                    })
                    .await?;
                }
                self.note(&topic, head);
                Ok(())
            }
            Ok(None) => match self.desk.conversation(&self.actor.id, id).await {
                Ok(conversation) => {
                    self.note(&topic, conversation.rev);
                    self.send(&ServerFrame::Snapshot(Box::new(conversation)))
                        .await
                }
                Err(error) => self.refuse(topic, error).await,
            },
            Err(error) => self.refuse(topic, error).await,
        }
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

    /// The replies that the user has not seen, whole: to those who may coach, and to those who were shown some before.
    pub(super) async fn send_replies(&mut self) -> Result<(), End> {
        let concerned = self.replies_sent || self.actor.holds(Permission::WorkitemMonitor);
        if !concerned || self.known(&Topic::Notifications).is_none() {
            return Ok(());
        }
        match self.desk.replies_unseen(&self.actor.id).await {
            Ok(replies) => {
                self.replies_sent = !replies.is_empty();
                self.send(&ServerFrame::Replies(replies)).await
            }
            // The browser comes back and is sent them then.
            Err(_) => Err(End::Close(CLOSE_OVERFLOW)),
        }
    }

    /// The flag for review changed, or may have.
    pub(super) async fn on_review(&mut self, id: &WorkitemId) -> Result<(), End> {
        self.refresh().await?;
        match self.known(&Topic::Workitem(id.clone())) {
            Some(_) => self.send_review(id).await,
            None => Ok(()),
        }
    }

    /// The latest flag for review of a conversation, if there is one and the user may review it. Others get nothing, so that
    /// no frame tells them of it.
    pub(super) async fn send_review(&mut self, id: &WorkitemId) -> Result<(), End> {
        match self.desk.review_shown(&self.actor.id, id).await {
            Ok(Some(review)) => {
                let id = id.clone();
                self.send(&ServerFrame::Review { id, review }).await
            }
            Ok(None) => Ok(()),
            // The browser comes back and is sent it then.
            Err(_) => Err(End::Close(CLOSE_OVERFLOW)),
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
