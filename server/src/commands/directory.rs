//! The Company Directory: what two people write to each other, and what each of them has read.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shared::directory::{DirectoryMessage, Notification, RequestRef};
use shared::error::Problem;
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, TeamId, UserId};
use shared::people::PersonRef;
use shared::policy::Action;
use shared::time::Timestamp;

use super::keys::IdempotencyKey;
use super::requests::{self, AnsweringMessage};
use super::{notifications, rights};
use crate::store::rows::NewDirectoryMessage;
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// A message about to be delivered.
pub(super) struct Delivery<'a> {
    pub(super) id: DirectoryMessageId,
    pub(super) from: &'a PersonRef,
    pub(super) to: &'a PersonRef,
    pub(super) at: Timestamp,
    pub(super) text: &'a str,
    pub(super) request: Option<RequestRef>,
}

/// Appends a message, notifies both, and marks everything before it as read by the one who writes.
pub(super) async fn deliver(
    rows: &mut dyn Transaction,
    delivery: Delivery<'_>,
    changes: &mut Vec<Change>,
) -> Stored<DirectoryMessage> {
    let (from, to) = (&delivery.from.id, &delivery.to.id);
    let new = NewDirectoryMessage {
        id: delivery.id.clone(),
        from: from.clone(),
        to: to.clone(),
        at: delivery.at,
        text: delivery.text.to_owned(),
        request: delivery.request.as_ref().map(|request| request.id.clone()),
    };
    let place = rows.directory_message_append(&new).await?;
    let had_unread = rows
        .directory_unread_between(from, to, place.read, place.head)
        .await?
        > 0;
    rows.directory_set_read(from, to, place.head).await?;
    let mut message = DirectoryMessage {
        id: delivery.id,
        seq: place.head,
        at: delivery.at,
        from: delivery.from.clone(),
        to: delivery.to.clone(),
        text: new.text,
        request: delivery.request.map(Box::new),
    };
    rights::mark_unreadable(rows, &mut message).await?;
    for reader in [to, from] {
        let event = Notification::Message(message.clone());
        notifications::append(rows, reader, event, changes).await?;
    }
    if had_unread {
        let event = Notification::Read {
            with: to.clone(),
            through: place.head,
        };
        notifications::append(rows, from, event, changes).await?;
    }
    Ok(message)
}

/// What is kept of a message as the answer to the command that sent it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptMessage {
    /// Its place in the conversation of the two.
    At(i64),
    /// As the release before kept it.
    Whole(Box<DirectoryMessage>),
}

/// Appends a message to the conversation of two.
#[derive(Clone, Debug)]
pub struct DirectoryAppend {
    /// The new message's id.
    pub id: DirectoryMessageId,
    /// Who writes.
    pub from: PersonRef,
    /// To whom; must be an active user.
    pub to: UserId,
    /// The checked text.
    pub text: String,
    /// The request that it answers. Without it, a message to an agent answers the only open request of that
    /// agent to `from`; of several it answers none.
    pub answers: Option<RequestId>,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for DirectoryAppend {
    type Answer = DirectoryMessage;
    const NAME: &'static str = "directory_append";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<DirectoryMessage>> {
        let from = &self.from;
        let content = (&self.to, self.text.as_str(), &self.answers);
        let key = IdempotencyKey::of_user(&from.id, &self.key, Self::NAME, &content)?;
        match key.first_answer(rows).await? {
            None => {}
            Some(KeptMessage::Whole(first)) => return Ok(Written::unchanged(*first)),
            Some(KeptMessage::At(seq)) => {
                let first = rows.directory_message_find(&from.id, &self.to, seq).await?;
                return Ok(Written::unchanged(first.ok_or(StoreError::NotFound)?));
            }
        }
        rights::ask(rows, &from.id, Action::DirectoryUse).await?;
        if self.to == from.id {
            return Err(StoreError::Invalid {
                field: "to",
                problem: Problem::Yourself,
            });
        }
        let to = rows.person_find(&self.to, true).await?;
        let to = to.ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        let delivery = Delivery {
            id: self.id.clone(),
            from,
            to: &to,
            at: self.at,
            text: &self.text,
            request: None,
        };
        let delivered = write(rows, delivery, self.answers.as_ref(), &mut changes).await?;
        let kept = KeptMessage::At(delivered.seq);
        key.keep(rows, self.at, &kept).await?;
        Ok(Written {
            value: delivered,
            changes,
        })
    }
}

/// Appends a message to the sender's conversation with each agent of a team. It answers no request, because it is for all.
#[derive(Clone, Debug)]
pub struct TeamMessage {
    /// Who writes. They get none.
    pub from: PersonRef,
    /// To the agents of which team.
    pub team: TeamId,
    /// The agents, each with the id of the message that they get. Somebody who is no longer an agent of the team gets none.
    pub to: Vec<(UserId, DirectoryMessageId)>,
    /// The checked text.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for TeamMessage {
    /// How many got it.
    type Answer = usize;
    const NAME: &'static str = "team_message";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<usize>> {
        let from = &self.from;
        let content = (&self.team, self.text.as_str());
        let key = IdempotencyKey::of_user(&from.id, &self.key, Self::NAME, &content)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask(rows, &from.id, Action::TeamMessage(&self.team)).await?;
        let team = rows.dashboard_skeleton(std::slice::from_ref(&self.team));
        let agents = team.await?.agents;
        let mut changes = Vec::new();
        let mut delivered = 0;
        for (to, id) in &self.to {
            let agent = agents
                .iter()
                .find(|agent| agent.id == *to && *to != from.id);
            let Some(agent) = agent else {
                continue;
            };
            let delivery = Delivery {
                id: id.clone(),
                from,
                to: &PersonRef {
                    id: agent.id.clone(),
                    name: agent.name.clone(),
                },
                at: self.at,
                text: &self.text,
                request: None,
            };
            deliver(rows, delivery, &mut changes).await?;
            delivered += 1;
        }
        key.keep(rows, self.at, &delivered).await?;
        Ok(Written {
            value: delivered,
            changes,
        })
    }
}

/// Delivers a message and settles the request that it answers.
async fn write(
    rows: &mut dyn Transaction,
    delivery: Delivery<'_>,
    answers: Option<&RequestId>,
    changes: &mut Vec<Change>,
) -> Stored<DirectoryMessage> {
    let answer = AnsweringMessage {
        by: delivery.from,
        agent: &delivery.to.id,
        request: answers,
        at: delivery.at,
    };
    let delivered = deliver(rows, delivery, changes).await?;
    requests::answer(rows, answer, changes).await?;
    Ok(delivered)
}

/// Moves the read mark forward, never back, and notifies the user's other tabs.
#[derive(Clone, Debug)]
pub struct DirectoryRead {
    /// Who read.
    pub user: UserId,
    /// In the conversation with whom.
    pub with: UserId,
    /// Up to which message.
    pub through: i64,
    /// When. The mark is kept without it.
    pub at: Timestamp,
}

#[async_trait]
impl Command for DirectoryRead {
    type Answer = ();
    const NAME: &'static str = "directory_read";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, with) = (&self.user, &self.with);
        rights::ask(rows, user, Action::DirectoryUse).await?;
        // Nobody wrote yet: there is nothing to have read.
        let Some(place) = rows.directory_place(user, with).await? else {
            return Ok(Written::unchanged(()));
        };
        let through = self.through.min(place.head);
        if through <= place.read {
            return Ok(Written::unchanged(()));
        }
        rows.directory_set_read(user, with, through).await?;
        let mut changes = Vec::new();
        let event = Notification::Read {
            with: with.clone(),
            through,
        };
        notifications::append(rows, user, event, &mut changes).await?;
        Ok(Written { value: (), changes })
    }
}
