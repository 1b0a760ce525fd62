//! Coaching: what a supervisor says to an agent, what the agent thinks of it, and forwarding it.
//!
//! Only forwarding writes anything that a customer can see, and that is the agent's own message.

use async_trait::async_trait;
use shared::assistance::{Settled, SettledHow};
use shared::error::{ConflictCause, Problem};
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::{Action, WorkitemAct};
use shared::text::CoachingText;
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody, Reaction, Sent};
use shared::workitem::{Workitem, WorkitemState};

use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::message_content::MessageContent;
use super::messages::{self, OutgoingMessage};
use super::monitoring::announce;
use super::states::derived;
use super::{entries, requests, rights, workitems};
use crate::store::rows::{CoachingRow, NewEntry};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Appends a coaching message, which settles the requests that were raised from this workitem. `NotMonitoring` unless
/// its author monitors the workitem. Touches nothing of the customer's and no waiting clock.
#[derive(Clone, Debug)]
pub struct CoachingAppend {
    /// In which workitem; it must be active or in wrap-up.
    pub workitem: WorkitemId,
    /// Who coaches.
    pub supervisor: PersonRef,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// What is said.
    pub text: CoachingText,
    /// To whom, where that is known: `Conflict` when somebody else has the workitem by now.
    pub agent: Option<UserId>,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for CoachingAppend {
    type Answer = Sent;
    const NAME: &'static str = "coaching_append";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Sent>> {
        let content = (&self.workitem, self.text.as_str());
        let key = IdempotencyKey::of_user(&self.supervisor.id, &self.key, Self::NAME, &content)?;
        if let Some(first) = key.first_sent(rows, &self.workitem).await? {
            return Ok(Written::unchanged(first));
        }
        let row = rows.workitem_find(&self.workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        rights::ask_in(rows, &self.supervisor.id, WorkitemAct::Coach, &row).await?;
        let workitem = row.workitem;
        coachable(&workitem)?;
        let has = workitem.agent.as_ref().map(|agent| &agent.id);
        if self.agent.is_some() && self.agent.as_ref() != has {
            return Err(StoreError::Conflict(ConflictCause::HandedOnMeanwhile));
        }
        let mut changes = Vec::new();
        // Nobody coaches unseen: a line in the conversation says who is there.
        let line = (derived(&self.entry, 1)?, self.at);
        announce(rows, &workitem, &self.supervisor.id, line, &mut changes).await?;
        let sent = entries::append(rows, &workitem.id, self.line(), &mut changes).await?;
        let event = Event::coached(&workitem.id, &self.entry);
        events::report(rows, &event, self.at, &mut changes).await?;
        // What the agent asked from here has been answered.
        let settled = Settled {
            how: SettledHow::Coached,
            by: Some(self.supervisor.clone()),
            at: self.at,
        };
        requests::settle_in(rows, &workitem.id, &settled, &mut changes).await?;
        entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
        if let Some(agent) = workitem.agent {
            changes.push(Change::Agent(agent.id));
        }
        key.keep_sent(rows, self.at, &sent).await?;
        Ok(Written {
            value: sent,
            changes,
        })
    }
}

/// Whether agent and coaches can say something to each other in it now.
pub(super) fn coachable(workitem: &Workitem) -> Stored<()> {
    if !workitem.channel.coachable() {
        return Err(StoreError::Invalid {
            field: "workitem",
            problem: Problem::NotCoachable,
        });
    }
    let cause = match workitem.state {
        WorkitemState::Active | WorkitemState::WrapUp => return Ok(()),
        WorkitemState::Queued => ConflictCause::NobodyHasIt,
        WorkitemState::Closed => ConflictCause::WorkitemClosed,
    };
    Err(StoreError::Conflict(cause))
}

impl CoachingAppend {
    fn line(&self) -> NewEntry {
        let body = EntryBody::Coaching {
            supervisor: self.supervisor.id.clone(),
            name: self.supervisor.name.clone(),
            text: self.text.clone().into(),
            reaction: None,
            reaction_by: None,
            forwarded_at: None,
            seen_at: None,
        };
        NewEntry::of_staff(self.entry.clone(), self.at, &self.supervisor, body)
    }
}

/// Finds coaching for the agent who is about to use it. `Refused` for another team's.
async fn find(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    agent: &UserId,
    entry: &EntryId,
) -> Stored<CoachingRow> {
    let row = rows.coaching_find(workitem, entry).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    if let Some(team) = &row.sealed_team {
        let former = Action::FormerCoaching {
            team,
            author: &row.author,
        };
        rights::ask(rows, agent, former).await?;
    }
    Ok(row)
}

/// The agent does not want to be notified of this coaching message again; it counts as unseen all the same.
#[derive(Clone, Debug)]
pub struct CoachingDismiss {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Its agent.
    pub agent: UserId,
    /// The coaching message.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for CoachingDismiss {
    type Answer = ();
    const NAME: &'static str = "coaching_dismiss";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        workitems::load_of(rows, &self.workitem, &self.agent).await?;
        find(rows, &self.workitem, &self.agent, &self.entry).await?;
        if !rows.coaching_set_dismissed(&self.entry, self.at).await? {
            return Ok(Written::unchanged(()));
        }
        let mut changes = Vec::new();
        entries::touch_workitem(rows, &self.workitem, &mut changes).await?;
        changes.push(Change::Agent(self.agent.clone()));
        Ok(Written { value: (), changes })
    }
}

/// Sets the agent's reaction to a coaching message, or takes it back. When the agent changed their mind is not kept. `Refused` for
/// what another agent thought of it.
#[derive(Clone, Debug)]
pub struct ReactionSet {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Its agent.
    pub agent: UserId,
    /// The coaching message.
    pub entry: EntryId,
    /// The reaction; `None` takes it back.
    pub reaction: Option<Reaction>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ReactionSet {
    type Answer = ();
    const NAME: &'static str = "reaction_set";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let content = (
            &self.workitem,
            &self.entry,
            self.reaction.map(Reaction::code),
        );
        let key = IdempotencyKey::in_context(&self.context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        workitems::load_of(rows, &self.workitem, &self.agent).await?;
        let coaching = find(rows, &self.workitem, &self.agent, &self.entry).await?;
        if coaching.reaction_by.is_some_and(|by| by != self.agent) {
            return Err(StoreError::Refused {
                user: self.agent.clone(),
                what: "reaction",
                about: self.entry.to_string(),
            });
        }
        key.keep(rows, self.context.at, &()).await?;
        if coaching.reaction == self.reaction {
            return Ok(Written::unchanged(()));
        }
        rows.coaching_set_reaction(&self.entry, self.reaction, &self.agent)
            .await?;
        let mut changes = Vec::new();
        entries::touch(rows, &self.workitem, &self.entry, &mut changes).await?;
        Ok(Written { value: (), changes })
    }
}

/// Sends a coaching message to the customer as the agent's own. Each is forwarded once: again, it answers the first
/// message.
#[derive(Clone, Debug)]
pub struct CoachingForward {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// The coaching message.
    pub source: EntryId,
    /// The workitem's agent.
    pub agent: PersonRef,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for CoachingForward {
    type Answer = Sent;
    const NAME: &'static str = "coaching_forward";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Sent>> {
        let content = (&self.workitem, &self.source);
        let key = IdempotencyKey::of_user(&self.agent.id, &self.key, Self::NAME, &content)?;
        if let Some(first) = key.first_sent(rows, &self.workitem).await? {
            return Ok(Written::unchanged(first));
        }
        let row = workitems::load_of(rows, &self.workitem, &self.agent.id).await?;
        let coaching = find(rows, &self.workitem, &self.agent.id, &self.source).await?;
        if let Some(first) = coaching.forwarded_entry {
            let row = rows.entry_find(&first).await?.ok_or(StoreError::NotFound)?;
            let sent = Sent {
                workitem: self.workitem.clone(),
                rev: row.rev,
                entry: row.entry,
            };
            key.keep_sent(rows, self.at, &sent).await?;
            return Ok(Written::unchanged(sent));
        }
        messages::answerable(&row.workitem)?;
        let message = OutgoingMessage {
            author: Author::Agent,
            entry: self.entry.clone(),
            at: self.at,
            content: MessageContent::text(coaching.text.forwarded()),
        };
        let mut changes = Vec::new();
        let sent = messages::append(rows, &row, &self.agent, message, &mut changes).await?;
        rows.coaching_set_forwarded(&self.source, self.at, &sent.entry.id)
            .await?;
        entries::touch(rows, &self.workitem, &self.source, &mut changes).await?;
        changes.push(Change::Agent(self.agent.id.clone()));
        key.keep_sent(rows, self.at, &sent).await?;
        Ok(Written {
            value: sent,
            changes,
        })
    }
}

/// Keeps what was said so far for the team that a workitem is about to leave, unless the organisation lets coaching go
/// along.
pub(super) async fn seal(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    leaves: &TeamId,
) -> Stored<()> {
    let settings = rows.organisation_find().await?.settings;
    if settings.coaching_crosses_teams {
        return Ok(());
    }
    rows.coaching_seal(workitem, leaves).await
}
