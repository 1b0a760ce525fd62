//! Workitems made whole at once: demo data, tests, intake of other systems.
//!
//! Numbers and revisions come out as if everything had happened one after the other.

use shared::customer::CustomerBody;
use shared::ids::{EntryId, WorkitemId};
use shared::people::PersonRef;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody};

use super::SqliteStore;
use super::entries;
use super::statement::{Connection, sql};
use super::{agents, customers, intake, workitems};
use crate::commands::messages::{PREVIEW, one_line};
use crate::store::rows::{NewEntry, NewWorkitem};
use crate::store::{StoreError, Stored, WorkitemImport, Written};

const FINISH: &str = "UPDATE workitems SET head = $2, last_entry = $2, last_activity_at = $3,
    waiting_since = $4, preview = $5, read_through = $6, unread = $7 WHERE id = $1";

/// Where a conversation stands after some of its messages.
struct Standing {
    last_activity_at: Timestamp,
    waiting_since: Option<Timestamp>,
    preview: String,
    read_through: i64,
    unread: i64,
}

/// See the trait. Entry ids are made from the workitem's id and the entry's number. `Invalid` when the agent
/// cannot take work, or when an agent speaks in a workitem that nobody has.
pub(super) async fn workitem_import(
    store: &SqliteStore,
    import: WorkitemImport,
) -> Stored<Written<()>> {
    store
        .write(move |connection| write(connection, import))
        .await
}

fn write(connection: &Connection, import: WorkitemImport) -> Stored<Written<()>> {
    if workitems::load(connection, &import.id)?.is_some() {
        return Err(StoreError::Conflict(
            "This workitem exists already.".to_owned(),
        ));
    }
    let agent = match &import.agent {
        Some(agent) => {
            Some(
                agents::active(connection, agent)?.ok_or_else(|| StoreError::Invalid {
                    field: "agent",
                    reason: "is not an agent who can take work".to_owned(),
                })?,
            )
        }
        None => None,
    };
    let new = NewWorkitem {
        id: import.id.clone(),
        channel: import.channel,
        customer: import.customer.clone(),
        subject: import.subject.clone(),
        agent: import.agent.clone(),
        team: import.team.clone(),
        started_at: import.started_at,
    };
    intake::begin(connection, &new)?;
    let count = import.messages.len() as i64;
    let mut standing = Standing {
        last_activity_at: import.started_at,
        waiting_since: None,
        preview: String::new(),
        read_through: 0,
        unread: 0,
    };
    for (number, (by_customer, at, text)) in (1..).zip(import.messages) {
        let author = match (by_customer, &agent) {
            (true, _) => None,
            (false, Some(agent)) => Some(agent),
            (false, None) => {
                return Err(StoreError::Invalid {
                    field: "messages",
                    reason: "an agent speaks in a workitem that nobody has".to_owned(),
                });
            }
        };
        standing.hear(author.is_none(), number, at, text.as_str());
        message(
            connection,
            (&import.id, number),
            author,
            &import.customer,
            at,
            text,
        )?;
    }
    sql(FINISH)
        .bind(import.id.as_str())
        .bind(count)
        .bind(standing.last_activity_at.0)
        .bind(standing.waiting_since.map(|since| since.0))
        .bind(standing.preview)
        .bind(standing.read_through)
        .bind(standing.unread)
        .execute(connection)?;
    let mut changes = Vec::new();
    let row = entries::touch_workitem(connection, &import.id, &mut changes)?;
    changes.push(workitems::list_change(&row.workitem));
    Ok(Written { value: (), changes })
}

impl Standing {
    fn hear(&mut self, by_customer: bool, number: i64, at: Timestamp, text: &str) {
        if by_customer {
            self.waiting_since.get_or_insert(at);
            self.unread += 1;
        } else {
            self.waiting_since = None;
            self.unread = 0;
            self.read_through = number;
        }
        self.last_activity_at = at;
        self.preview = one_line(text, PREVIEW);
    }
}

fn message(
    connection: &Connection,
    (workitem, number): (&WorkitemId, i64),
    agent: Option<&PersonRef>,
    customer: &str,
    at: Timestamp,
    text: MessageText,
) -> Stored<()> {
    let entry =
        EntryId::parse(format!("{workitem}-{number}")).map_err(|_| StoreError::Invalid {
            field: "id",
            reason: "is too long to derive the entries' ids from".to_owned(),
        })?;
    let (author, name, shown) = match agent {
        Some(agent) => (
            Author::Agent,
            agent.name.clone(),
            CustomerBody::Theirs {
                name: agent.name.clone(),
                text: text.clone(),
            },
        ),
        None => (
            Author::Customer,
            customer.to_owned(),
            CustomerBody::Mine {
                text: text.clone(),
                key: String::new(),
            },
        ),
    };
    let frame = customers::frame_append(connection, workitem, at, shown)?;
    let body = EntryBody::Message {
        author,
        name,
        text: text.into(),
    };
    let author = agent.map(|agent| agent.id.clone());
    let new = NewEntry::message(entry, at, author, body, frame.seq);
    entries::insert(connection, workitem, number, number, &new)
}
