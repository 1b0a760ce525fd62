//! Workitems that are stored whole: demo data, tests, intake of other systems.
//!
//! Numbers and revisions come out as if everything had happened one after the other.

use async_trait::async_trait;
use shared::customer::CustomerBody;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::error::{ConflictCause, Problem};
use shared::ids::{ChannelKey, EntryId, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody};
use shared::workitem::Channel;

use super::messages::PREVIEW;
use super::one_line::one_line;
use super::{entries, workitems};
use crate::store::rows::{EntryPlace, NewEntry, NewWorkitem, WorkitemStanding};
use crate::store::{Command, Snapshot, StoreError, Stored, Transaction, Written};

/// A workitem made whole, by demo data, tests and intake of other systems. Entry ids are made from the workitem's id and
/// the entry's number. `Invalid` when the agent cannot take work, or when an agent speaks in a workitem that nobody has.
#[derive(Clone, Debug)]
pub struct WorkitemImport {
    /// Its id.
    pub id: WorkitemId,
    /// On which way the customer came.
    pub channel: Channel,
    /// The customer's name.
    pub customer: String,
    /// The title.
    pub subject: String,
    /// The team.
    pub team: TeamId,
    /// Who has it; nobody: queued.
    pub agent: Option<UserId>,
    /// When it came in.
    pub started_at: Timestamp,
    /// When its agent was given it; nothing: when it came in.
    pub given_at: Option<Timestamp>,
    /// Who said what when, oldest first: `true` is the customer.
    pub messages: Vec<(bool, Timestamp, MessageText)>,
    /// The provider that carries it; nobody carries most.
    pub carried: Option<ImportCarried>,
}

/// How a provider carries a workitem that is stored whole.
#[derive(Clone, Debug)]
pub struct ImportCarried {
    /// The provider's channel.
    pub channel: ChannelKey,
    /// The customer's address there, unknown so far.
    pub address: String,
    /// Id for the customer.
    pub identity: String,
    /// How far what the agent said has come; the last of it may have failed.
    pub delivered: DeliveryState,
    /// The provider's number of the failure of the agent's last message; it arrived without one.
    pub last_failed: Option<i64>,
}

impl ImportCarried {
    /// How far a message of the agent's has come.
    fn delivery(&self, last: bool) -> Delivery {
        match self.last_failed.filter(|_| last) {
            Some(code) => Delivery::failed(DeliveryReason::Undelivered, Some(code)),
            None => Delivery::of(self.delivered),
        }
    }
}

#[async_trait]
impl Command for WorkitemImport {
    type Answer = ();
    const NAME: &'static str = "workitem_import";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        if rows.workitem_find(&self.id).await?.is_some() {
            return Err(StoreError::Conflict(ConflictCause::WorkitemExists));
        }
        let agent = self.taker(rows).await?;
        let new = NewWorkitem {
            id: self.id.clone(),
            channel: self.channel,
            customer: self.customer.clone(),
            subject: self.subject.clone(),
            agent: self.agent.clone(),
            team: self.team.clone(),
            started_at: self.started_at,
        };
        workitems::insert(rows, &new).await?;
        self.connect(rows).await?;
        let mut standing = WorkitemStanding {
            entries: self.messages.len() as i64,
            last_activity_at: self.started_at,
            waiting_since: None,
            preview: String::new(),
            read_through: 0,
            unread: 0,
            first_given_at: self.first_given_at(),
        };
        for (number, (by_customer, at, text)) in (1..).zip(&self.messages) {
            let author = match (by_customer, &agent) {
                (true, _) => None,
                (false, Some(agent)) => Some(agent),
                (false, None) => {
                    return Err(StoreError::Invalid {
                        field: "messages",
                        problem: Problem::NobodyHasIt,
                    });
                }
            };
            count_message(&mut standing, author.is_none(), number, *at, text.as_str());
            self.message(rows, number, author, *at, text).await?;
        }
        rows.workitem_set_standing(&self.id, &standing).await?;
        let mut changes = Vec::new();
        let row = entries::touch_workitem(rows, &self.id, &mut changes).await?;
        changes.push(workitems::list_change(&row.workitem));
        Ok(Written { value: (), changes })
    }
}

/// The workitem after one more message.
fn count_message(
    standing: &mut WorkitemStanding,
    by_customer: bool,
    number: i64,
    at: Timestamp,
    text: &str,
) {
    if by_customer {
        standing.waiting_since.get_or_insert(at);
        standing.unread += 1;
    } else {
        standing.waiting_since = None;
        standing.unread = 0;
        standing.read_through = number;
    }
    standing.last_activity_at = at;
    standing.preview = one_line(text, PREVIEW);
}

impl WorkitemImport {
    /// When its agent was given it: not before it began.
    fn first_given_at(&self) -> Option<Timestamp> {
        let given = self.given_at.filter(|_| self.agent.is_some())?;
        Some(given.max(self.started_at))
    }

    /// Who has it.
    async fn taker(&self, rows: &mut dyn Snapshot) -> Stored<Option<PersonRef>> {
        let Some(agent) = &self.agent else {
            return Ok(None);
        };
        let found = rows.agent_find(agent).await?;
        let (person, _) = found.ok_or(StoreError::Invalid {
            field: "agent",
            problem: Problem::NotAnAgent,
        })?;
        Ok(Some(person))
    }

    /// From now on the provider carries what is said.
    async fn connect(&self, rows: &mut dyn Transaction) -> Stored<()> {
        let Some(carried) = &self.carried else {
            return Ok(());
        };
        let (channel, identity) = (&carried.channel, &carried.identity);
        rows.identity_insert(identity, channel, &carried.address)
            .await?;
        // From then on runs the time in which the provider lets the customer be answered.
        let heard = self.messages.iter().rev().find(|message| message.0);
        if let Some(heard) = heard {
            rows.identity_heard(identity, heard.1).await?;
        }
        rows.customer_visit_set(channel, identity, &self.id, &self.customer)
            .await
    }

    async fn message(
        &self,
        rows: &mut dyn Transaction,
        number: i64,
        agent: Option<&PersonRef>,
        at: Timestamp,
        text: &MessageText,
    ) -> Stored<()> {
        let id =
            EntryId::parse(format!("{}-{number}", self.id)).map_err(|_| StoreError::Invalid {
                field: "id",
                problem: Problem::IdTooLong,
            })?;
        let (author, name, shown) = match agent {
            Some(agent) => (
                Author::Agent,
                agent.name.clone(),
                CustomerBody::Theirs {
                    name: agent.name.clone(),
                    text: Some(text.clone()),
                    files: Vec::new(),
                },
            ),
            None => (
                Author::Customer,
                self.customer.clone(),
                CustomerBody::Mine {
                    text: Some(text.clone()),
                    files: Vec::new(),
                    key: String::new(),
                },
            ),
        };
        let frame = rows.customer_frame_append(&self.id, at, shown).await?;
        let carried = self.carried.as_ref().filter(|_| agent.is_some());
        let last = usize::try_from(number).is_ok_and(|number| number == self.messages.len());
        let delivery = carried.map(|carried| carried.delivery(last));
        let body = EntryBody::Message {
            author,
            name,
            text: text.clone().into(),
            files: Vec::new(),
            delivery,
        };
        let author = agent.map(|agent| agent.id.clone());
        let new = NewEntry::message(id.clone(), at, author, body, frame.seq);
        let place = EntryPlace {
            seq: number,
            rev: number,
        };
        rows.entry_insert(&self.id, place, &new).await?;
        if let (Some(carried), Some(delivery)) = (carried, delivery) {
            let number = rows.identity_next_number(&carried.identity).await?;
            rows.delivery_set(&id, &carried.identity, number).await?;
            // Inserting an entry stores no reason.
            rows.entry_set_delivery(&id, &delivery).await?;
        }
        Ok(())
    }
}
