//! The Company Directory: conversations of two people, numbered without gaps, and what each of them has read.

use serde::{Deserialize, Serialize};
use shared::directory::{DirectoryMessage, DirectoryPage, OwnEvent, RequestRef, Unread};
use shared::ids::{DirectoryMessageId, UserId};
use shared::people::{Person, PersonRef, Presence, Role};
use shared::policy::Action;
use shared::time::Timestamp;

use super::commands::Command;
use super::requests::{self, Answer};
use super::rows::{at, code, codes, id, id_maybe, int, json, person, text, text_maybe, unchanged};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, own, rights};
use crate::store::{Change, DirectoryAppend, StoreError, Stored, Written};

/// How many messages a page holds.
const PAGE: i64 = 50;

const PEOPLE: &str = "SELECT u.id, u.name, u.presence,
        (SELECT json_group_array(r.role ORDER BY r.place) FROM user_roles r
         WHERE r.user_id = u.id) AS roles,
        (SELECT json_group_array(t.name ORDER BY lower(t.name), t.id) FROM teams t
         WHERE t.id IN (SELECT m.team_id FROM team_members m WHERE m.user_id = u.id
            UNION SELECT s.team_id FROM team_supervisors s WHERE s.user_id = u.id)) AS teams
    FROM users u WHERE u.active = 1 ORDER BY lower(u.name), u.id";
const PERSON: &str = "SELECT id, name FROM users WHERE id = $1 AND active >= $2";
const BEGIN: &str = "INSERT INTO directory_conversations (low, high) VALUES ($1, $2)
    ON CONFLICT (low, high) DO NOTHING";
const NEXT: &str = "UPDATE directory_conversations SET head = head + 1 WHERE low = $1 AND high = $2
    RETURNING head, low_read, high_read";
const ADD: &str =
    "INSERT INTO directory_messages (low, high, seq, id, at, from_id, text, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UNREAD_BETWEEN: &str = "SELECT COUNT(*) AS count FROM directory_messages
    WHERE low = $1 AND high = $2 AND seq > $3 AND seq < $4 AND from_id <> $5";
const MARKS: &str = "SELECT head, low_read, high_read FROM directory_conversations
    WHERE low = $1 AND high = $2";
const MARK_LOW: &str =
    "UPDATE directory_conversations SET low_read = $3 WHERE low = $1 AND high = $2";
const MARK_HIGH: &str =
    "UPDATE directory_conversations SET high_read = $3 WHERE low = $1 AND high = $2";
const UNREAD: &str = "SELECT m.from_id, COUNT(*) AS count
    FROM directory_conversations c
    JOIN directory_messages m ON m.low = c.low AND m.high = c.high AND m.seq > c.low_read
    WHERE c.low = $1 AND c.low_read < c.head AND m.from_id = c.high GROUP BY m.from_id
    UNION ALL SELECT m.from_id, COUNT(*)
    FROM directory_conversations c
    JOIN directory_messages m ON m.low = c.low AND m.high = c.high AND m.seq > c.high_read
    WHERE c.high = $1 AND c.high_read < c.head AND m.from_id = c.low GROUP BY m.from_id
    ORDER BY 1";

const FORMER: &str = "SELECT u.id, u.name FROM directory_conversations c
        JOIN users u ON u.id = c.high WHERE c.low = $1 AND u.active = 0
    UNION ALL SELECT u.id, u.name FROM directory_conversations c
        JOIN users u ON u.id = c.low WHERE c.high = $1 AND u.active = 0
    ORDER BY 2, 1";

macro_rules! select_messages {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.seq, m.at, m.text, f.id AS from_id, f.name AS from_name,
                t.id AS to_id, t.name AS to_name, r.id AS request_id, r.workitem_id, r.subject,
                r.answered_by, r.answered_at, r.settled_how, a.name AS answered_name
             FROM directory_messages m
             JOIN users f ON f.id = m.from_id
             JOIN users t ON t.id = CASE m.from_id WHEN m.low THEN m.high ELSE m.low END
             LEFT JOIN requests r ON r.id = m.request_id
             LEFT JOIN users a ON a.id = r.answered_by ",
            $tail
        )
    };
}
const PAGE_BEFORE: &str = select_messages!(
    "WHERE m.low = $1 AND m.high = $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4"
);
const ONE: &str = select_messages!("WHERE m.low = $1 AND m.high = $2 AND m.seq = $3");
const OPEN: &str = select_messages!(
    "WHERE m.request_id IN (SELECT open.id FROM requests open
            WHERE open.answered_at IS NULL AND open.agent_id IN (
                SELECT high FROM directory_conversations WHERE low = $1
                UNION ALL SELECT low FROM directory_conversations WHERE high = $1))
       AND r.answered_at IS NULL AND t.id = $1
       AND NOT EXISTS (SELECT 1 FROM dismissals d WHERE d.user_id = $1 AND d.message_id = m.id)
     ORDER BY m.at, m.id"
);

fn read(row: &Row) -> Stored<DirectoryMessage> {
    let request = match id_maybe(row, "request_id")? {
        Some(request) => Some(RequestRef {
            id: request,
            workitem: id_maybe(row, "workitem_id")?.zip(text_maybe(row, "subject")?),
            answered_by: id_maybe(row, "answered_by")?
                .zip(text_maybe(row, "answered_name")?)
                .map(|(id, name)| PersonRef { id, name }),
            settled: requests::settled(row)?,
        }),
        None => None,
    };
    Ok(DirectoryMessage {
        id: id(row, "id")?,
        seq: int(row, "seq")?,
        at: at(row, "at")?,
        from: PersonRef {
            id: id(row, "from_id")?,
            name: text(row, "from_name")?,
        },
        to: PersonRef {
            id: id(row, "to_id")?,
            name: text(row, "to_name")?,
        },
        text: text(row, "text")?,
        request,
    })
}

/// The two of a conversation, in the order in which it is stored.
pub(super) fn pair<'a>(one: &'a UserId, other: &'a UserId) -> (&'a str, &'a str) {
    let (one, other) = (one.as_str(), other.as_str());
    (one.min(other), one.max(other))
}

/// See the trait.
pub(super) async fn people(store: &SqliteStore) -> Stored<Vec<Person>> {
    store
        .read(|connection| {
            let rows = sql(PEOPLE).fetch_all(connection)?;
            rows.iter().map(read_person).collect()
        })
        .await
}

fn read_person(row: &Row) -> Stored<Person> {
    Ok(Person {
        id: id(row, "id")?,
        name: text(row, "name")?,
        roles: codes(row, "roles", Role::from_code)?,
        teams: json(row, "teams")?,
        presence: code(row, "presence", Presence::from_code)?,
    })
}

/// A person of the organisation; `active_only` leaves out those who were deactivated.
pub(super) fn find_person(
    connection: &Connection,
    user: &UserId,
    active_only: bool,
) -> Stored<Option<PersonRef>> {
    sql(PERSON)
        .bind(user.as_str())
        .bind(i64::from(active_only))
        .fetch_optional(connection)?
        .as_ref()
        .map(person)
        .transpose()
}

/// A message about to be appended.
pub(super) struct NewMessage<'a> {
    pub(super) id: DirectoryMessageId,
    pub(super) from: &'a PersonRef,
    pub(super) to: &'a PersonRef,
    pub(super) at: Timestamp,
    pub(super) text: &'a str,
    pub(super) request: Option<RequestRef>,
}

/// Appends a message, tells both, and marks everything before it as read by the one who writes.
pub(super) fn deliver(
    connection: &Connection,
    new: NewMessage<'_>,
    changes: &mut Vec<Change>,
) -> Stored<DirectoryMessage> {
    let (from, to) = (&new.from.id, &new.to.id);
    let (low, high) = pair(from, to);
    sql(BEGIN).bind(low).bind(high).execute(connection)?;
    let row = sql(NEXT).bind(low).bind(high).fetch_one(connection)?;
    let seq = int(&row, "head")?;
    let read = int(&row, mark_column(from, to))?;
    sql(ADD)
        .bind(low)
        .bind(high)
        .bind(seq)
        .bind(new.id.as_str())
        .bind(new.at.0)
        .bind(from.as_str())
        .bind(new.text)
        .bind(new.request.as_ref().map(|request| request.id.as_str()))
        .execute(connection)?;
    let unread = sql(UNREAD_BETWEEN)
        .bind(low)
        .bind(high)
        .bind(read)
        .bind(seq)
        .bind(from.as_str())
        .fetch_one(connection)?;
    let had_unread = int(&unread, "count")? > 0;
    mark(connection, from, to, seq)?;
    let message = DirectoryMessage {
        id: new.id,
        seq,
        at: new.at,
        from: new.from.clone(),
        to: new.to.clone(),
        text: new.text.to_owned(),
        request: new.request,
    };
    for reader in [to, from] {
        let event = OwnEvent::Message(message.clone());
        own::append(connection, reader, event, changes)?;
    }
    if had_unread {
        let event = OwnEvent::Read {
            with: to.clone(),
            through: seq,
        };
        own::append(connection, from, event, changes)?;
    }
    Ok(message)
}

fn mark_column(reader: &UserId, other: &UserId) -> &'static str {
    if reader < other {
        "low_read"
    } else {
        "high_read"
    }
}

fn mark(connection: &Connection, reader: &UserId, other: &UserId, through: i64) -> Stored<()> {
    let (low, high) = pair(reader, other);
    sql(if reader < other { MARK_LOW } else { MARK_HIGH })
        .bind(low)
        .bind(high)
        .bind(through)
        .execute(connection)?;
    Ok(())
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

/// See the trait.
pub(super) async fn directory_append(
    store: &SqliteStore,
    message: DirectoryAppend,
) -> Stored<Written<DirectoryMessage>> {
    store
        .write(move |connection| append(connection, message))
        .await
}

fn append(connection: &Connection, message: DirectoryAppend) -> Stored<Written<DirectoryMessage>> {
    let content = (&message.to, message.text.as_str(), &message.answers);
    let command = Command::of_user(&message.from.id, &message.key, "directory_append", &content)?;
    match command.first_answer(connection)? {
        None => {}
        Some(KeptMessage::Whole(first)) => return Ok(unchanged(*first)),
        Some(KeptMessage::At(seq)) => {
            let (low, high) = pair(&message.from.id, &message.to);
            let row = sql(ONE)
                .bind(low)
                .bind(high)
                .bind(seq)
                .fetch_optional(connection)?
                .ok_or(StoreError::NotFound)?;
            return Ok(unchanged(read(&row)?));
        }
    }
    rights::ask(connection, &message.from.id, Action::DirectoryUse)?;
    if message.to == message.from.id {
        return Err(StoreError::Invalid {
            field: "to",
            reason: "is yourself".to_owned(),
        });
    }
    let to = find_person(connection, &message.to, true)?.ok_or(StoreError::NotFound)?;
    let mut changes = Vec::new();
    let new = NewMessage {
        id: message.id,
        from: &message.from,
        to: &to,
        at: message.at,
        text: &message.text,
        request: None,
    };
    let delivered = deliver(connection, new, &mut changes)?;
    let answer = Answer {
        by: &message.from,
        agent: &to.id,
        request: message.answers.as_ref(),
        at: message.at,
    };
    requests::answer(connection, answer, &mut changes)?;
    command.keep(connection, message.at, &KeptMessage::At(delivered.seq))?;
    Ok(Written {
        value: delivered,
        changes,
    })
}

/// See the trait. `NotFound` when there is no such person.
pub(super) async fn directory_page(
    store: &SqliteStore,
    user: &UserId,
    with: &UserId,
    before: Option<i64>,
) -> Stored<DirectoryPage> {
    let (user, with) = (user.clone(), with.clone());
    store
        .read(move |connection| page(connection, &user, &with, before))
        .await
}

fn page(
    connection: &Connection,
    user: &UserId,
    with: &UserId,
    before: Option<i64>,
) -> Stored<DirectoryPage> {
    find_person(connection, with, false)?.ok_or(StoreError::NotFound)?;
    let (low, high) = pair(user, with);
    let rows = sql(PAGE_BEFORE)
        .bind(low)
        .bind(high)
        .bind(before.unwrap_or(i64::MAX))
        .bind(PAGE + 1)
        .fetch_all(connection)?;
    let mut messages = rows.iter().map(read).collect::<Stored<Vec<_>>>()?;
    let older = messages.len() as i64 > PAGE;
    if older {
        messages.pop();
    }
    messages.reverse();
    Ok(DirectoryPage { messages, older })
}

/// See the trait. The user's other tabs are told.
pub(super) async fn directory_read(
    store: &SqliteStore,
    user: &UserId,
    with: &UserId,
    through: i64,
) -> Stored<Written<()>> {
    let (user, with) = (user.clone(), with.clone());
    store
        .write(move |connection| read_through(connection, user, with, through))
        .await
}

fn read_through(
    connection: &Connection,
    user: UserId,
    with: UserId,
    through: i64,
) -> Stored<Written<()>> {
    rights::ask(connection, &user, Action::DirectoryUse)?;
    let (low, high) = pair(&user, &with);
    let marks = sql(MARKS).bind(low).bind(high).fetch_optional(connection)?;
    // Nobody wrote yet: there is nothing to have read.
    let Some(marks) = marks else {
        return Ok(unchanged(()));
    };
    let through = through.min(int(&marks, "head")?);
    if through <= int(&marks, mark_column(&user, &with))? {
        return Ok(unchanged(()));
    }
    mark(connection, &user, &with, through)?;
    let mut changes = Vec::new();
    let event = OwnEvent::Read { with, through };
    own::append(connection, &user, event, &mut changes)?;
    Ok(Written { value: (), changes })
}

/// See the trait.
pub(super) async fn unread(store: &SqliteStore, user: &UserId) -> Stored<Vec<Unread>> {
    let user = user.clone();
    store
        .read(move |connection| {
            let rows = sql(UNREAD).bind(user.as_str()).fetch_all(connection)?;
            rows.iter()
                .map(|row| {
                    Ok(Unread {
                        from: id(row, "from_id")?,
                        count: int(row, "count")?,
                    })
                })
                .collect()
        })
        .await
}

/// See the trait.
pub(super) async fn open_requests(
    store: &SqliteStore,
    user: &UserId,
) -> Stored<Vec<DirectoryMessage>> {
    let user = user.clone();
    store
        .read(move |connection| {
            let rows = sql(OPEN).bind(user.as_str()).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
}

/// See the trait.
pub(super) async fn former_contacts(store: &SqliteStore, user: &UserId) -> Stored<Vec<PersonRef>> {
    let user = user.clone();
    store
        .read(move |connection| {
            let rows = sql(FORMER).bind(user.as_str()).fetch_all(connection)?;
            rows.iter().map(person).collect()
        })
        .await
}
