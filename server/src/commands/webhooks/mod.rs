//! Receivers of webhooks, as administrators keep them. Addresses and keys come sealed; the audit log names the place of an
//! address and never the rest, which may hold a secret.

mod again;
mod delivery;

use async_trait::async_trait;
use serde::Serialize;
use shared::audit::AuditChange;
use shared::error::Problem;
use shared::ids::{ReceiverId, TeamId};
use shared::people::PersonRef;
use shared::policy::Action;
use shared::time::Timestamp;
use shared::webhooks::{EventKind, RECEIVERS_MAX};

pub use self::again::{Again, WebhookAgain, WebhookTest};
pub use self::delivery::{EventJob, EventOutcome, EventSettle, EventsClaim};
use super::edits::edited_meanwhile;
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::rows::{ReceiverHealth, ReceiverRow, ReceiverSecret};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// How long the key before signs beside a new one, in microseconds: a day, in which the receiver learns the new one.
const BOTH_KEYS_US: i64 = 24 * 3_600 * 1_000_000;

/// What an administrator decides about a receiver.
#[derive(Clone, Debug)]
pub struct ReceiverChange {
    /// What it is called.
    pub name: String,
    /// Scheme, host and port of its address.
    pub place: String,
    /// A digest of the whole address, by which the key of the command tells it from another; empty without an address.
    pub address_digest: String,
    /// The events that it wants.
    pub events: Vec<EventKind>,
    /// Of whose workitems; nothing: of all.
    pub teams: Option<Vec<TeamId>>,
}

impl ReceiverChange {
    /// A team that it is limited to already may have been deleted since.
    async fn check(&self, rows: &mut dyn Snapshot, before: Option<&ReceiverRow>) -> Stored<()> {
        if self.events.is_empty() {
            return Err(StoreError::Invalid {
                field: "events",
                problem: Problem::NoneChosen,
            });
        }
        let had = before.and_then(|before| before.teams.as_deref());
        for team in self.teams.iter().flatten() {
            let stays = had.is_some_and(|had| had.contains(team));
            if !stays && rows.team_find(team).await?.is_none() {
                return Err(StoreError::Invalid {
                    field: "teams",
                    problem: Problem::NotATeam,
                });
            }
        }
        Ok(())
    }

    /// What was decided, for the key of the command.
    fn decided(&self) -> impl Serialize {
        (&self.name, &self.address_digest, self.codes(), &self.teams)
    }

    fn codes(&self) -> Vec<&'static str> {
        self.events.iter().map(|kind| kind.code()).collect()
    }

    fn audited(&self) -> [String; 4] {
        let events = audit::listed(self.codes());
        let teams = audit::listed(self.teams.iter().flatten());
        [self.name.clone(), self.place.clone(), events, teams]
    }
}

/// What the audit log says of a receiver.
fn differences(before: Option<&ReceiverRow>, is: Option<&ReceiverChange>) -> Vec<AuditChange> {
    let was = before.map(|row| {
        let change = ReceiverChange {
            name: row.name.clone(),
            place: row.place.clone(),
            address_digest: String::new(),
            events: row.events.clone(),
            teams: row.teams.clone(),
        };
        change.audited()
    });
    let is = is.map(ReceiverChange::audited);
    audit::differences(["name", "place", "events", "teams"], was, is)
}

/// The receiver, if it hears of nothing that is out of the sender's reach.
async fn find(
    rows: &mut dyn Snapshot,
    context: &CommandContext,
    receiver: &ReceiverId,
) -> Stored<ReceiverRow> {
    let row = rows.receiver_find(receiver).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    rights::ask_to_hear(rows, context, row.teams.as_deref()).await?;
    Ok(row)
}

/// Adds a receiver, which is on. Answers whether it was added now: under a repeated key it was added before, and its secret
/// was shown then. Needs a session that has just proved its password.
#[derive(Clone)]
pub struct WebhookCreate {
    /// The new receiver's id.
    pub receiver: ReceiverId,
    /// What it shall be.
    pub change: ReceiverChange,
    /// Its address and its key.
    pub secrets: Vec<ReceiverSecret>,
    /// Who adds it, as the page names them.
    pub created_by: PersonRef,
    /// The session of the administrator; nobody: the operator.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WebhookCreate {
    type Answer = bool;
    const NAME: &'static str = "webhook_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let Self {
            change, context, ..
        } = self;
        // Id and signing key are made by the host, each time it is asked.
        let key = IdempotencyKey::in_context(context, Self::NAME, &change.decided())?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(false));
        }
        rights::ask_for(rows, context, Action::WebhookManage).await?;
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        change.check(rows, None).await?;
        rights::ask_to_hear(rows, context, change.teams.as_deref()).await?;
        if rows.receiver_list().await?.len() as i64 >= RECEIVERS_MAX {
            return Err(StoreError::Invalid {
                field: "receivers",
                problem: Problem::TooMany { max: RECEIVERS_MAX },
            });
        }
        rows.receiver_insert(&ReceiverRow {
            id: self.receiver.clone(),
            name: change.name.clone(),
            place: change.place.clone(),
            events: change.events.clone(),
            teams: change.teams.clone(),
            active: true,
            version: 0,
            rests_on: self.created_by.clone(),
            created_at: context.at,
            health: ReceiverHealth::default(),
        })
        .await?;
        for secret in &self.secrets {
            rows.receiver_secret_set(secret).await?;
        }
        let changes = differences(None, Some(change));
        audit::changed(rows, context, Self::NAME, self.receiver.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(true))
    }
}

/// Replaces what a receiver is, which rests on the sender's rights from then on. What waits for it goes to the new address. `Conflict`
/// when somebody else edited it since the version that this started from. Needs a session that has just proved its password.
#[derive(Clone)]
pub struct WebhookUpdate {
    /// Which.
    pub receiver: ReceiverId,
    /// What it shall be; with an empty place its address stays.
    pub change: ReceiverChange,
    /// The version that this started from.
    pub version: i64,
    /// Its new address, if it has another one.
    pub address: Option<ReceiverSecret>,
    /// The session of the administrator; nobody: the operator.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WebhookUpdate {
    type Answer = ();
    const NAME: &'static str = "webhook_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (receiver, context) = (&self.receiver, &self.context);
        let change = &self.change;
        let content = ((receiver, self.version), change.decided());
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::WebhookManage).await?;
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        let before = find(rows, context, receiver).await?;
        if before.version != self.version {
            let refusal = edited_meanwhile(rows, receiver.as_str(), Self::NAME, Vec::new(), false);
            return Err(refusal.await?);
        }
        change.check(rows, Some(&before)).await?;
        rights::ask_to_hear(rows, context, change.teams.as_deref()).await?;
        let place = match &self.address {
            Some(_) => change.place.clone(),
            None => before.place.clone(),
        };
        let change = ReceiverChange {
            place,
            ..change.clone()
        };
        rows.receiver_update(&ReceiverRow {
            name: change.name.clone(),
            place: change.place.clone(),
            events: change.events.clone(),
            teams: change.teams.clone(),
            version: before.version + 1,
            ..before.clone()
        })
        .await?;
        if let Some(actor) = &context.actor {
            rows.receiver_rest_on(receiver, actor).await?;
        }
        let mut changes = differences(Some(&before), Some(&change));
        if let Some(address) = &self.address {
            rows.receiver_secret_set(address).await?;
            let (field, is) = ("address".to_owned(), Some(change.place.clone()));
            let was = Some(before.place.clone());
            changes.push(AuditChange { field, was, is });
        }
        audit::changed(rows, context, Self::NAME, receiver.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Switches a receiver on or off. On, it is tried at once, whatever came before; what happens while it is off is
/// never delivered.
#[derive(Clone, Debug)]
pub struct WebhookActivate {
    /// Which.
    pub receiver: ReceiverId,
    /// Whether it shall be on.
    pub active: bool,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WebhookActivate {
    type Answer = ();
    const NAME: &'static str = "webhook_activate";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (receiver, context) = (&self.receiver, &self.context);
        let content = (receiver, self.active);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::WebhookManage).await?;
        let before = find(rows, context, receiver).await?;
        if before.active == self.active {
            return Ok(Written::unchanged(()));
        }
        rows.receiver_set_active(receiver, self.active, None)
            .await?;
        if self.active {
            let health = ReceiverHealth {
                succeeded_at: before.health.succeeded_at,
                ..ReceiverHealth::default()
            };
            rows.receiver_set_health(receiver, &health).await?;
        }
        let (was, is) = ([before.active.to_string()], [self.active.to_string()]);
        let changes = audit::differences(["active"], Some(was), Some(is));
        audit::changed(rows, context, Self::NAME, receiver.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written {
            value: (),
            changes: vec![Change::EventQueued],
        })
    }
}

/// Deletes a receiver: name, address and keys are gone at once, its events in steps (`retention`).
#[derive(Clone, Debug)]
pub struct WebhookDelete {
    /// Which.
    pub receiver: ReceiverId,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WebhookDelete {
    type Answer = ();
    const NAME: &'static str = "webhook_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (receiver, context) = (&self.receiver, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, receiver)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::WebhookManage).await?;
        let before = find(rows, context, receiver).await?;
        rows.receiver_delete(receiver, context.at).await?;
        let changes = differences(Some(&before), None);
        audit::changed(rows, context, Self::NAME, receiver.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Gives a receiver another key. For a day both sign. Answers whether it was done now: under a repeated key the secret was
/// shown before. Needs a session that has just proved its password.
#[derive(Clone)]
pub struct WebhookRotate {
    /// Which.
    pub receiver: ReceiverId,
    /// The new key.
    pub secret: ReceiverSecret,
    /// The session of the administrator; nobody: the operator.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for WebhookRotate {
    type Answer = bool;
    const NAME: &'static str = "webhook_rotate";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let (receiver, context) = (&self.receiver, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, receiver)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(false));
        }
        rights::ask_for(rows, context, Action::WebhookManage).await?;
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        find(rows, context, receiver).await?;
        let both_until = Timestamp(context.at.0 + BOTH_KEYS_US);
        rows.receiver_keys_expire(receiver, both_until).await?;
        rows.receiver_secret_set(&self.secret).await?;
        let changes = vec![AuditChange {
            field: "before_until".to_owned(),
            was: None,
            is: Some(both_until.rfc3339()),
        }];
        audit::changed(rows, context, Self::NAME, receiver.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(true))
    }
}
