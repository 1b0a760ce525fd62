//! Events that administrators ask for: a test, and what was given up once more.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::ids::ReceiverId;
use shared::policy::Action;
use shared::time::Timestamp;
use shared::webhooks::EventState;

use super::find;
use crate::commands::events::{self, Event};
use crate::commands::keys::IdempotencyKey;
use crate::commands::{audit, rights};
use crate::store::rows::{EVENT_DELIVER, EventRow, EventTries, NewJob, ReceiverRow};
use crate::store::{Change, Command, CommandContext, StoreError, Stored, Transaction, Written};

/// How many events are delivered again by one act.
const AGAIN_MAX: i64 = 1_000;

/// Queues a test for a receiver.
#[derive(Clone, Debug)]
pub struct WebhookTest {
    /// Which.
    pub receiver: ReceiverId,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WebhookTest {
    type Answer = ();
    const NAME: &'static str = "webhook_test";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (receiver, context) = (&self.receiver, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, receiver)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::WebhookManage).await?;
        find(rows, context, receiver).await?;
        let test = Event::test(context.key.to_string());
        events::queue(rows, receiver, &test, None, context.at).await?;
        audit::act(rows, context, Self::NAME, receiver.as_str()).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written {
            value: (),
            changes: vec![Change::EventQueued],
        })
    }
}

/// What is delivered again.
#[derive(Clone, Debug)]
pub enum Again {
    /// This event, if it does not wait.
    One(String),
    /// What happened since then and was given up.
    FailedSince(Timestamp),
}

/// Delivers events of a receiver again, each under its id. Answers how many: 1,000 at most by one act.
#[derive(Clone, Debug)]
pub struct WebhookAgain {
    /// Of which.
    pub receiver: ReceiverId,
    /// What.
    pub what: Again,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WebhookAgain {
    type Answer = i64;
    const NAME: &'static str = "webhook_again";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<i64>> {
        let (receiver, context) = (&self.receiver, &self.context);
        // Since when is a matter of when the page was shown: what was clicked is the same.
        let one = match &self.what {
            Again::One(event) => Some(event),
            Again::FailedSince(_) => None,
        };
        let key = IdempotencyKey::in_context(context, Self::NAME, &(receiver, one))?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::WebhookManage).await?;
        let row = find(rows, context, receiver).await?;
        let wanted = self.wanted(rows, &row).await?;
        for event in &wanted {
            queue_again(rows, event, context.at).await?;
        }
        let count = i64::try_from(wanted.len()).unwrap_or(i64::MAX);
        let changes = vec![AuditChange {
            field: "events".to_owned(),
            was: None,
            is: Some(count.to_string()),
        }];
        audit::changed(rows, context, Self::NAME, receiver.as_str(), changes).await?;
        key.keep(rows, context.at, &count).await?;
        Ok(Written {
            value: count,
            changes: vec![Change::EventQueued],
        })
    }
}

impl WebhookAgain {
    /// What is delivered again: never events that the receiver no longer wants.
    async fn wanted(
        &self,
        rows: &mut dyn Transaction,
        receiver: &ReceiverRow,
    ) -> Stored<Vec<EventRow>> {
        let since = match &self.what {
            Again::One(event) => {
                let event = rows.event_find(event).await?;
                let event = event.filter(|event| event.receiver == self.receiver);
                let event = event.ok_or(StoreError::NotFound)?;
                let of = rows.event_teams(&event.facts).await?;
                let can = event.state != EventState::Pending && receiver.hears_of(event.kind, &of);
                return Ok(if can { vec![event] } else { Vec::new() });
            }
            Again::FailedSince(since) => *since,
        };
        let failed = rows.events_failed(&self.receiver, since, AGAIN_MAX).await?;
        let mut wanted = Vec::new();
        for event in failed {
            let of = rows.event_teams(&event.facts).await?;
            if receiver.hears_of(event.kind, &of) {
                wanted.push(event);
                continue;
            }
            // The next act does not find it again.
            rows.event_set(&event.id, EventState::Dropped, &event.tries)
                .await?;
        }
        Ok(wanted)
    }
}

/// Queues an event that does not wait, in a lane of its own: what came after it may have been delivered long since.
async fn queue_again(rows: &mut dyn Transaction, event: &EventRow, at: Timestamp) -> Stored<()> {
    let tries = EventTries {
        attempts: event.tries.attempts,
        ..EventTries::default()
    };
    rows.event_set(&event.id, EventState::Pending, &tries)
        .await?;
    let job = NewJob {
        kind: EVENT_DELIVER,
        queue: event.receiver.as_str(),
        about: &event.id,
        lane: &event.id,
    };
    rows.job_insert(&job, at).await
}
