//! The Company Directory: conversations of two people, numbered without gaps, and what each of them has read.

use async_trait::async_trait;
use shared::directory::{DirectoryMessage, RequestRef, Unread};
use shared::escalation::Step;
use shared::ids::UserId;
use shared::people::{Person, PersonRef, Role};

use super::names::shown_name;
use super::requests;
use super::rows::{
    at, at_maybe, codes, flag, id, id_maybe, int, json, pair, person, presence, text, text_maybe,
};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{DirectoryPlace, DirectoryReads, DirectoryRows, NewDirectoryMessage};

const PEOPLE: &str = concat!(
    "SELECT u.id, ",
    shown_name!("u"),
    " AS name, u.presence,
        (SELECT json_group_array(r.role ORDER BY r.place) FROM user_roles r
         WHERE r.user_id = u.id) AS roles,
        (SELECT json_group_array(t.name ORDER BY t.name_key, t.id) FROM teams t
         WHERE t.deleted_at IS NULL AND t.id IN (SELECT m.team_id FROM team_members m WHERE m.user_id = u.id
            UNION SELECT s.team_id FROM team_supervisors s WHERE s.user_id = u.id)) AS teams
    FROM users u WHERE u.active = 1 ORDER BY u.name_key, u.id"
);
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
/// A request that somebody else sees to, or saw to, asks nothing of this user.
const UNREAD: &str = "SELECT m.from_id, COUNT(*) AS count
    FROM directory_conversations c
    JOIN directory_messages m ON m.low = c.low AND m.high = c.high AND m.seq > c.low_read
    LEFT JOIN requests r ON r.id = m.request_id
    WHERE c.low = $1 AND c.low_read < c.head AND m.from_id = c.high
        AND COALESCE(r.claimed_by, $1) = $1 GROUP BY m.from_id
    UNION ALL SELECT m.from_id, COUNT(*)
    FROM directory_conversations c
    JOIN directory_messages m ON m.low = c.low AND m.high = c.high AND m.seq > c.high_read
    LEFT JOIN requests r ON r.id = m.request_id
    WHERE c.high = $1 AND c.high_read < c.head AND m.from_id = c.low
        AND COALESCE(r.claimed_by, $1) = $1 GROUP BY m.from_id
    ORDER BY 1";

const FORMER: &str = concat!(
    "SELECT u.id, ",
    shown_name!("u"),
    " AS name FROM directory_conversations c
        JOIN users u ON u.id = c.high WHERE c.low = $1 AND u.active = 0
    UNION ALL SELECT u.id, ",
    shown_name!("u"),
    " AS name FROM directory_conversations c
        JOIN users u ON u.id = c.low WHERE c.high = $1 AND u.active = 0
    ORDER BY 2, 1"
);

const RECENT: &str = "SELECT c.high AS other,
        (SELECT m.at FROM directory_messages m WHERE m.low = c.low AND m.high = c.high AND m.seq = c.head) AS at
        FROM directory_conversations c WHERE c.low = $1
    UNION ALL SELECT c.low,
        (SELECT m.at FROM directory_messages m WHERE m.low = c.low AND m.high = c.high AND m.seq = c.head)
        FROM directory_conversations c WHERE c.high = $1
    ORDER BY 2 DESC NULLS LAST, 1";
/// How many of them are told.
const RECENT_MAX: usize = 20;

macro_rules! select_messages {
    ($tail:literal) => {
        concat!(
            "SELECT m.id, m.seq, m.at, m.text, f.id AS from_id, ",
            shown_name!("f"),
            " AS from_name,
                t.id AS to_id, ",
            shown_name!("t"),
            " AS to_name, r.id AS request_id, r.at AS raised_at, r.escalated, r.workitem_id, r.subject,
                r.answered_by, r.answered_at, r.settled_how,
                COALESCE(r.claimed_by = t.id, FALSE) AS claimed, r.claimed_by, ",
            shown_name!("c"),
            " AS claimer_name, ",
            shown_name!("a"),
            " AS answered_name
             FROM directory_messages m
             JOIN users f ON f.id = m.from_id
             JOIN users t ON t.id = CASE m.from_id WHEN m.low THEN m.high ELSE m.low END
             LEFT JOIN requests r ON r.id = m.request_id
             LEFT JOIN users a ON a.id = r.answered_by
             LEFT JOIN users c ON c.id = r.claimed_by ",
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
       AND r.answered_at IS NULL AND COALESCE(r.claimed_by, $1) = $1 AND t.id = $1
       AND NOT EXISTS (SELECT 1 FROM dismissals d WHERE d.user_id = $1 AND d.message_id = m.id)
     ORDER BY m.at, m.id"
);

fn read(row: &Row) -> Stored<DirectoryMessage> {
    let request = match id_maybe(row, "request_id")? {
        Some(request) => Some(Box::new(RequestRef {
            id: request,
            at: at_maybe(row, "raised_at")?,
            escalated: Step::of_number(int(row, "escalated")?),
            workitem: id_maybe(row, "workitem_id")?.zip(text_maybe(row, "subject")?),
            answered_by: id_maybe(row, "answered_by")?
                .zip(text_maybe(row, "answered_name")?)
                .map(|(id, name)| PersonRef { id, name }),
            settled: requests::settled(row)?,
            claimed: flag(row, "claimed")?,
            claimed_by: id_maybe(row, "claimed_by")?
                .zip(text_maybe(row, "claimer_name")?)
                .map(|(id, name)| PersonRef { id, name }),
            // What is shown asks the policy (`rights::mark_unreadable`).
            unreadable: false,
        })),
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

fn read_person(row: &Row) -> Stored<Person> {
    Ok(Person {
        id: id(row, "id")?,
        name: text(row, "name")?,
        roles: codes(row, "roles", Role::from_code)?,
        teams: json(row, "teams")?,
        presence: presence(row)?,
    })
}

/// Where a conversation stands for its reader.
fn place(row: &Row, reader: &UserId, other: &UserId) -> Stored<DirectoryPlace> {
    Ok(DirectoryPlace {
        head: int(row, "head")?,
        read: int(row, mark_column(reader, other))?,
    })
}

fn mark_column(reader: &UserId, other: &UserId) -> &'static str {
    if reader < other {
        "low_read"
    } else {
        "high_read"
    }
}

#[async_trait]
impl<R: Runner> DirectoryReads for Rows<R> {
    async fn people_list(&mut self) -> Stored<Vec<Person>> {
        self.slow(|connection| {
            let rows = sql(PEOPLE).fetch_all(connection)?;
            rows.iter().map(read_person).collect()
        })
        .await
    }

    async fn person_find(&mut self, user: &UserId, active_only: bool) -> Stored<Option<PersonRef>> {
        self.quick(|connection| {
            let row = sql(PERSON)
                .bind(user.as_str())
                .bind(i64::from(active_only))
                .fetch_optional(connection)?;
            row.as_ref().map(person).transpose()
        })
    }

    async fn former_contacts(&mut self, user: &UserId) -> Stored<Vec<PersonRef>> {
        let user = user.clone();
        self.slow(move |connection| {
            let rows = sql(FORMER).bind(user.as_str()).fetch_all(connection)?;
            rows.iter().map(person).collect()
        })
        .await
    }

    async fn recent_contacts(&mut self, user: &UserId) -> Stored<Vec<UserId>> {
        let user = user.clone();
        self.slow(move |connection| {
            let rows = sql(RECENT).bind(user.as_str()).fetch_all(connection)?;
            let last = rows.iter().take(RECENT_MAX);
            last.map(|row| id(row, "other")).collect()
        })
        .await
    }

    async fn directory_message_find(
        &mut self,
        one: &UserId,
        other: &UserId,
        seq: i64,
    ) -> Stored<Option<DirectoryMessage>> {
        let (low, high) = pair(one, other);
        self.quick(|connection| {
            let row = sql(ONE)
                .bind(low)
                .bind(high)
                .bind(seq)
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn directory_messages(
        &mut self,
        one: &UserId,
        other: &UserId,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<DirectoryMessage>> {
        let (low, high) = pair(one, other);
        let (low, high) = (low.to_owned(), high.to_owned());
        self.slow(move |connection| {
            let rows = sql(PAGE_BEFORE)
                .bind(low)
                .bind(high)
                .bind(before)
                .bind(limit)
                .fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }

    async fn directory_place(
        &mut self,
        reader: &UserId,
        other: &UserId,
    ) -> Stored<Option<DirectoryPlace>> {
        let (low, high) = pair(reader, other);
        self.quick(|connection| {
            let row = sql(MARKS).bind(low).bind(high).fetch_optional(connection)?;
            row.map(|row| place(&row, reader, other)).transpose()
        })
    }

    async fn directory_unread_between(
        &mut self,
        reader: &UserId,
        other: &UserId,
        after: i64,
        before: i64,
    ) -> Stored<i64> {
        let (low, high) = pair(reader, other);
        self.quick(|connection| {
            let row = sql(UNREAD_BETWEEN)
                .bind(low)
                .bind(high)
                .bind(after)
                .bind(before)
                .bind(reader.as_str())
                .fetch_one(connection)?;
            int(&row, "count")
        })
    }

    async fn directory_unread(&mut self, user: &UserId) -> Stored<Vec<Unread>> {
        let user = user.clone();
        self.slow(move |connection| {
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

    async fn requests_open_to(&mut self, user: &UserId) -> Stored<Vec<DirectoryMessage>> {
        let user = user.clone();
        self.slow(move |connection| {
            let rows = sql(OPEN).bind(user.as_str()).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }
}

#[async_trait]
impl DirectoryRows for Rows<Inline<'_>> {
    async fn directory_message_append(
        &mut self,
        message: &NewDirectoryMessage,
    ) -> Stored<DirectoryPlace> {
        let connection = self.connection();
        let (low, high) = pair(&message.from, &message.to);
        sql(BEGIN).bind(low).bind(high).execute(connection)?;
        let row = sql(NEXT).bind(low).bind(high).fetch_one(connection)?;
        let place = place(&row, &message.from, &message.to)?;
        sql(ADD)
            .bind(low)
            .bind(high)
            .bind(place.head)
            .bind(message.id.as_str())
            .bind(message.at.0)
            .bind(message.from.as_str())
            .bind(message.text.as_str())
            .bind(message.request.as_ref().map(|request| request.as_str()))
            .execute(connection)?;
        Ok(place)
    }

    async fn directory_set_read(
        &mut self,
        reader: &UserId,
        other: &UserId,
        through: i64,
    ) -> Stored<()> {
        let (low, high) = pair(reader, other);
        sql(if reader < other { MARK_LOW } else { MARK_HIGH })
            .bind(low)
            .bind(high)
            .bind(through)
            .execute(self.connection())?;
        Ok(())
    }
}
