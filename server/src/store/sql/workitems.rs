//! Rows of workitems.

use std::cmp::Reverse;
use std::collections::HashMap;

use async_trait::async_trait;
use shared::clusters::beginning;
use shared::fold::folded;
use shared::ids::{EntryId, LabelId, TeamId, UserId, WorkitemId};
use shared::labels::{LabelKind, LabelRef};
use shared::people::PersonRef;
use shared::rating::{Rating, Score};
use shared::text::{RatingComment, TextLimit};
use shared::time::Timestamp;
use shared::workitem::{
    COACHING_NOTICE_MAX, Channel, CoachingNotice, ProviderLimits, Service, Workitem, WorkitemState,
};

use super::deliveries::undelivered;
use super::names::{name_then, shown_name, words};
use super::rows::{
    at, at_maybe, before, code, id, id_maybe, ids_argument, int, json, known_json, text, text_maybe,
};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, Sql, Statement, returning, sql};
use crate::store::rows::{NewWorkitem, WorkitemReads, WorkitemRow, WorkitemRows, WorkitemStanding};
use crate::store::{StoreError, Stored};

/// Coaching that the agent has not seen: how much, and the columns of the newest.
macro_rules! unseen {
    ($numbers:literal, $tail:literal) => {
        concat!(
            "(SELECT json_array(", $numbers, ", e.id, e.at, ", name_then!("e.name", "e.author_id"), ", substr(c.text, 1, 301),
                c.dismissed_at)
             FROM entries e JOIN coaching c ON c.entry_id = e.id
             WHERE e.workitem_id = w.id AND e.kind = 'coaching' AND c.seen_at IS NULL AND c.sealed_team IS NULL",
            $tail, ")"
        )
    };
}
macro_rules! select_workitems {
    ($tail:literal) => {
        select_workitems!($tail, or $tail)
    };
    ($sqlite:literal, or $postgres:literal) => {
        Sql::of(
            // SQLite takes what stands beside MAX from the row that has it.
            select_workitems!($sqlite, unseen!("COUNT(*), MAX(e.seq)", "")),
            select_workitems!(
                $postgres,
                unseen!("COUNT(*) OVER (), e.seq", " ORDER BY e.seq DESC LIMIT 1")
            ),
        )
    };
    ($tail:literal, $unseen:expr) => {
        concat!(
            "SELECT w.id, w.channel, w.customer, w.subject, w.state, w.agent_id, ", shown_name!("u"), " AS agent_name,
                w.team_id, t.name AS team_name, w.started_at, w.last_activity_at, w.waiting_since,
                w.taken_from, ", shown_name!("f"), " AS taken_from_name,
                w.preview, w.unread, w.read_through, w.last_entry, w.head, w.rev,
                (SELECT json_group_array(json_array(m.started_at, s.id, ", shown_name!("s"), ", m.announced))
                 FROM monitoring m JOIN users s ON s.id = m.supervisor_id
                 WHERE m.workitem_id = w.id) AS monitors,
                ", $unseen, " AS unseen,
                CASE WHEN w.channel IN ('social', 'sms') THEN
                    (SELECT json_array(p.text_max, p.text_in_bytes,
                        CASE WHEN v.ended = 0 THEN i.heard_at + p.answer_window_us END,
                        CASE WHEN v.ended = 0 AND i.stopped_at IS NOT NULL THEN 1 ELSE 0 END,
                        CASE WHEN ", undelivered!("w.id"), " THEN 1 ELSE 0 END, p.kind, i.address)
                     FROM customer_views v
                     JOIN customer_identities i ON i.id = v.visitor AND i.channel_key = v.channel_key
                     JOIN channels p ON p.key = i.channel_key
                     WHERE v.workitem_id = w.id) END AS limits,
                (SELECT json_group_array(json_array(l.kind, l.name, l.id))
                 FROM workitem_labels wl JOIN labels l ON l.id = wl.label_id
                 WHERE wl.workitem_id = w.id) AS labels,
                (SELECT json_array(r.rating, r.comment) FROM customer_ratings r
                 WHERE r.workitem_id = w.id) AS rating,
                (SELECT json_group_array(tm.team_id) FROM team_members tm
                 WHERE tm.user_id = w.agent_id) AS agent_teams
             FROM workitems w
             JOIN teams t ON t.id = w.team_id
             LEFT JOIN users u ON u.id = w.agent_id
             LEFT JOIN users f ON f.id = w.taken_from ",
            $tail
        )
    };
}
const FIND: Sql = select_workitems!("WHERE w.id = $1");
const FIND_EACH: Sql = select_workitems!("WHERE w.id IN (SELECT value FROM json_each($1))");
const OF_AGENT: Sql = select_workitems!(
    "WHERE w.agent_id = $1 AND w.state IN ('active', 'wrap_up') ORDER BY w.started_at, w.id"
);
const OF_EACH_AGENT: Sql = select_workitems!(
    "WHERE w.agent_id IN (SELECT value FROM json_each($1)) AND w.state IN ('active', 'wrap_up')
     ORDER BY w.started_at, w.id"
);
const QUEUED_IN: Sql = select_workitems!(
    "WHERE w.state = 'queued' AND w.team_id = $1 ORDER BY w.started_at, w.id LIMIT $2"
);
/// In no order: they are few.
const CLOSED_OF: Sql = select_workitems!(
    "WHERE w.id IN (SELECT c.id FROM workitems c INDEXED BY workitems_closed_of
        WHERE c.agent_id = $1 AND c.state = 'closed' ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $2)",
    or "WHERE w.id IN (SELECT c.id FROM workitems c
        WHERE c.agent_id = $1 AND c.state = 'closed' ORDER BY c.closed_at DESC, c.id DESC LIMIT $2)"
);
const BEFORE: Sql = select_workitems!(
    "WHERE w.started_at > 0 AND (w.started_at, w.id) < ($1, $2) ORDER BY w.started_at DESC, w.id DESC LIMIT $3"
);
const OF_TEAM_BEFORE: Sql = select_workitems!(
    "WHERE w.team_id = $4 AND w.started_at > 0 AND (w.started_at, w.id) < ($1, $2)
     ORDER BY w.started_at DESC, w.id DESC LIMIT $3"
);
/// $4 is whether everything is read, the new entry included.
const SET_ANSWERED: &str = "UPDATE workitems SET waiting_since = NULL,
    first_answer_at = COALESCE(first_answer_at, $2), unread = CASE WHEN $4 = 1 THEN 0 ELSE unread END,
    read_through = CASE WHEN $4 = 1 THEN last_entry + 1 ELSE read_through END,
    last_activity_at = $2, preview = $3, last_entry = last_entry + 1, head = head + 2, rev = head + 2
    WHERE id = $1";
const SET_READ: Sql = returning!(
    "UPDATE workitems SET read_through = $2, unread = (
        SELECT COUNT(*) FROM entries e
        WHERE e.workitem_id = $1 AND e.kind = 'customer' AND e.seq > $2)
    WHERE id = $1",
    "unread"
);
const UNREAD: &str = "SELECT unread FROM workitems WHERE id = $1";
const HEADS: &str = "SELECT id, head FROM workitems WHERE id IN (SELECT value FROM json_each($1))";
const INSERT: &str = "INSERT INTO workitems
    (id, channel, customer, subject, state, agent_id, team_id, started_at, last_activity_at, customer_key, first_given_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)";
const INSERT_WORD: &str =
    "INSERT INTO name_words (workitem_id, word, started_at) VALUES ($1, $2, $3)";
const SET_HEARD: &str = "UPDATE workitems SET waiting_since = COALESCE(waiting_since, $2),
    unread = unread + 1, last_activity_at = $2, preview = $3, last_entry = last_entry + 1, head = head + 2, rev = head + 2
    WHERE id = $1";
/// The nodes that begin and that assign a workitem may have clocks that differ: nothing is assigned before it began.
const SET_PLACE: &str =
    "UPDATE workitems SET agent_id = $2, team_id = $3, given_at = $4, taken_from = NULL,
    first_given_at = COALESCE(first_given_at, CASE WHEN $2 IS NOT NULL THEN MAX(started_at, $4) END),
    state = CASE WHEN $2 IS NULL THEN 'queued' ELSE 'active' END WHERE id = $1";
const SET_LABELS_TEAM: &str = "UPDATE workitem_labels SET team_id = $2 WHERE workitem_id = $1";
const SET_TAKEN_FROM: &str = "UPDATE workitems SET taken_from = $2 WHERE id = $1";
const TOUCH: &str = "UPDATE workitems SET head = head + 1, rev = head + 1 WHERE id = $1";
const END: &str =
    "UPDATE workitems SET state = $2, waiting_since = NULL, shut_at = $3 WHERE id = $1";
const REOPEN: &str = "UPDATE workitems SET state = 'active', waiting_since = (
        SELECT MIN(m.at) FROM customer_entries m WHERE m.workitem_id = $1 AND m.kind = 'mine'
            AND m.seq > COALESCE((SELECT MAX(t.seq) FROM customer_entries t
                WHERE t.workitem_id = $1 AND t.kind = 'theirs'), 0))
    WHERE id = $1";
const SET_STANDING: &str = "UPDATE workitems SET head = $2, last_entry = $2, last_activity_at = $3,
    waiting_since = $4, preview = $5, read_through = $6, unread = $7, first_given_at = COALESCE($8, first_given_at),
    first_answer_at = (SELECT e.at FROM entries e WHERE e.workitem_id = $1 AND e.kind = 'agent' ORDER BY e.seq LIMIT 1)
    WHERE id = $1";

#[async_trait]
impl<R: Runner> WorkitemReads for Rows<R> {
    async fn workitem_find(&mut self, workitem: &WorkitemId) -> Stored<Option<WorkitemRow>> {
        self.quick(|connection| {
            let row = sql(FIND)
                .bind(workitem.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn workitems_open_of(&mut self, agent: &UserId) -> Stored<Vec<WorkitemRow>> {
        self.quick(|connection| open_of(connection, agent))
    }

    async fn workitems_closed_of(
        &mut self,
        agent: &UserId,
        limit: i64,
    ) -> Stored<Vec<WorkitemRow>> {
        let agent = agent.clone();
        self.slow(move |connection| {
            let rows = sql(CLOSED_OF)
                .bind(agent.as_str())
                .bind(limit)
                .fetch_all(connection)?;
            let closed: Stored<Vec<WorkitemRow>> = rows.iter().map(read).collect();
            let mut closed = closed?;
            closed.sort_by_key(|row| {
                let Workitem {
                    id,
                    last_activity_at,
                    ..
                } = &row.workitem;
                Reverse((*last_activity_at, id.clone()))
            });
            Ok(closed)
        })
        .await
    }

    async fn workitems_queued_in(&mut self, team: &TeamId, limit: i64) -> Stored<Vec<WorkitemRow>> {
        let team = team.clone();
        self.slow(move |connection| {
            let rows = sql(QUEUED_IN)
                .bind(team.as_str())
                .bind(limit)
                .fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }

    async fn workitems_open_of_each(
        &mut self,
        agents: &[UserId],
    ) -> Stored<Vec<(UserId, Vec<WorkitemRow>)>> {
        let agents = agents.to_vec();
        self.slow(move |connection| {
            let rows = open_of_each(&agents).fetch_all(connection)?;
            let mut lists: HashMap<UserId, Vec<WorkitemRow>> = HashMap::new();
            for row in &rows {
                let row = read(row)?;
                if let Some(agent) = row.workitem.agent.as_ref() {
                    lists.entry(agent.id.clone()).or_default().push(row);
                }
            }
            let list = |agent: UserId| {
                let rows = lists.remove(&agent).unwrap_or_default();
                (agent, rows)
            };
            Ok(agents.into_iter().map(list).collect())
        })
        .await
    }

    async fn workitems_before(
        &mut self,
        team: Option<&TeamId>,
        at: Timestamp,
        id: &str,
        limit: i64,
    ) -> Stored<Vec<WorkitemRow>> {
        let (team, id) = (team.cloned(), id.to_owned());
        self.slow(move |connection| {
            let statements = (OF_TEAM_BEFORE, BEFORE);
            let rows = before(connection, statements, team.as_ref(), (at, &id), limit)?;
            rows.iter().map(read).collect()
        })
        .await
    }

    async fn workitem_heads(&mut self, workitems: &[WorkitemId]) -> Stored<Vec<(WorkitemId, i64)>> {
        let workitems = ids_argument(workitems);
        self.slow(move |connection| {
            let rows = sql(HEADS).bind(workitems).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, int(row, "head")?)))
                .collect()
        })
        .await
    }
}

#[async_trait]
impl WorkitemRows for Rows<Inline<'_>> {
    async fn workitem_insert(&mut self, workitem: &NewWorkitem) -> Stored<()> {
        let state = match workitem.agent {
            Some(_) => WorkitemState::Active,
            None => WorkitemState::Queued,
        };
        sql(INSERT)
            .bind(workitem.id.as_str())
            .bind(workitem.channel.code())
            .bind(workitem.customer.as_str())
            .bind(workitem.subject.as_str())
            .bind(state.code())
            .bind(workitem.agent.as_ref().map(UserId::as_str))
            .bind(workitem.team.as_str())
            .bind(workitem.started_at.0)
            .bind(folded(&workitem.customer))
            .bind(workitem.agent.as_ref().map(|_| workitem.started_at.0))
            .execute(self.connection())?;
        for word in words(&workitem.customer) {
            sql(INSERT_WORD)
                .bind(workitem.id.as_str())
                .bind(word)
                .bind(workitem.started_at.0)
                .execute(self.connection())?;
        }
        Ok(())
    }

    async fn workitem_set_place(
        &mut self,
        workitem: &WorkitemId,
        agent: Option<&UserId>,
        team: &TeamId,
        at: Timestamp,
    ) -> Stored<()> {
        sql(SET_PLACE)
            .bind(workitem.as_str())
            .bind(agent.map(UserId::as_str))
            .bind(team.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        sql(SET_LABELS_TEAM)
            .bind(workitem.as_str())
            .bind(team.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn workitem_set_taken_from(
        &mut self,
        workitem: &WorkitemId,
        agent: &UserId,
    ) -> Stored<()> {
        sql(SET_TAKEN_FROM)
            .bind(workitem.as_str())
            .bind(agent.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn workitem_touch(&mut self, workitem: &WorkitemId) -> Stored<()> {
        sql(TOUCH)
            .bind(workitem.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn workitem_set_standing(
        &mut self,
        workitem: &WorkitemId,
        standing: &WorkitemStanding,
    ) -> Stored<()> {
        sql(SET_STANDING)
            .bind(workitem.as_str())
            .bind(standing.entries)
            .bind(standing.last_activity_at.0)
            .bind(standing.waiting_since.map(|since| since.0))
            .bind(standing.preview.as_str())
            .bind(standing.read_through)
            .bind(standing.unread)
            .bind(standing.first_given_at.map(|given| given.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn workitem_set_heard(
        &mut self,
        workitem: &WorkitemId,
        at: Timestamp,
        preview: &str,
    ) -> Stored<()> {
        sql(SET_HEARD)
            .bind(workitem.as_str())
            .bind(at.0)
            .bind(preview)
            .execute(self.connection())?;
        Ok(())
    }

    async fn workitem_set_answered(
        &mut self,
        workitem: &WorkitemId,
        at: Timestamp,
        preview: &str,
        read: bool,
    ) -> Stored<()> {
        sql(SET_ANSWERED)
            .bind(workitem.as_str())
            .bind(at.0)
            .bind(preview)
            .bind(i64::from(read))
            .execute(self.connection())?;
        Ok(())
    }

    async fn workitem_set_read(&mut self, workitem: &WorkitemId, through: i64) -> Stored<i64> {
        let row = sql(SET_READ)
            .bind(workitem.as_str())
            .bind(through)
            .fetch_changed(self.connection(), UNREAD)?
            .ok_or(StoreError::NotFound)?;
        int(&row, "unread")
    }

    async fn workitem_end(
        &mut self,
        workitem: &WorkitemId,
        state: WorkitemState,
        at: Timestamp,
    ) -> Stored<()> {
        let shut_at = (state == WorkitemState::Closed).then_some(at.0);
        sql(END)
            .bind(workitem.as_str())
            .bind(state.code())
            .bind(shut_at)
            .execute(self.connection())?;
        Ok(())
    }

    async fn workitem_reopen(&mut self, workitem: &WorkitemId) -> Stored<()> {
        sql(REOPEN)
            .bind(workitem.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}

/// Who is there, the first one first: of whom the agent was notified, and the others. Put in order here: the database would
/// make a table for it each time.
fn monitors(row: &Row) -> Stored<(Vec<PersonRef>, Vec<PersonRef>)> {
    let mut monitors: Vec<(i64, UserId, String, i64)> = json(row, "monitors")?;
    monitors.sort();
    let (mut announced, mut others) = (Vec::new(), Vec::new());
    for (_, id, name, notified) in monitors {
        let list = if notified == 1 {
            &mut announced
        } else {
            &mut others
        };
        list.push(PersonRef { id, name });
    }
    Ok((announced, others))
}

/// How much coaching the agent has not seen, the number, id, time, author and beginning of the newest, and when
/// its notice was dismissed.
type Unseen = (
    i64,
    Option<i64>,
    Option<EntryId>,
    Option<Timestamp>,
    Option<String>,
    Option<String>,
    Option<i64>,
);

/// The count, and the newest unless its notice was dismissed.
fn unseen(row: &Row) -> Stored<(i64, Option<CoachingNotice>)> {
    // PostgreSQL answers nothing where there is none.
    if text_maybe(row, "unseen")?.is_none() {
        return Ok((0, None));
    }
    let (count, _, entry, at, supervisor, text, dismissed): Unseen = json(row, "unseen")?;
    let notice = match (entry, at, supervisor, text, dismissed) {
        (Some(entry), Some(at), Some(supervisor), Some(text), None) => Some(CoachingNotice {
            entry,
            at,
            supervisor,
            text: beginning(&text, COACHING_NOTICE_MAX).to_owned(),
        }),
        _ => None,
    };
    Ok((count, notice))
}

/// Its labels, in order: see [`monitors`].
fn labels(row: &Row) -> Stored<Vec<LabelRef>> {
    let labels: Vec<(LabelKind, String, LabelId)> = json(row, "labels")?;
    let mut labels: Vec<LabelRef> = labels
        .into_iter()
        .map(|(kind, name, id)| LabelRef { kind, name, id })
        .collect();
    labels.sort();
    Ok(labels)
}

/// How its customer rated it.
fn rating(row: &Row) -> Stored<Option<Rating>> {
    if text_maybe(row, "rating")?.is_none() {
        return Ok(None);
    }
    let known: Option<(Score, Option<RatingComment>)> = known_json(row, "rating")?;
    Ok(known.map(|(score, comment)| Rating { score, comment }))
}

/// See [`limits`].
type Limits = (i64, i64, Option<Timestamp>, i64, i64, String, String);

/// What the provider that carries its messages asks of them: its longest text, whether that is in bytes, and until when the
/// customer can be answered. Then whether they want no messages, whether one did not arrive, the channel's kind and the customer's
/// address there.
fn limits(row: &Row) -> Stored<Option<Box<ProviderLimits>>> {
    if text_maybe(row, "limits")?.is_none() {
        return Ok(None);
    }
    let (max, in_bytes, answer_until, stopped, undelivered, kind, address): Limits =
        json(row, "limits")?;
    let service = Service::of_kind(&kind);
    let in_bytes = in_bytes != 0;
    Ok(Some(Box::new(ProviderLimits {
        text: TextLimit { max, in_bytes },
        answer_until,
        stopped: stopped != 0,
        undelivered: undelivered != 0,
        number: service
            .filter(|service| *service == Service::Whatsapp)
            .and_then(|_| telephone_number(&address)),
        service,
    })))
}

/// An address that is a number, as people write it. WhatsApp may withhold the number and name the customer by an id.
fn telephone_number(address: &str) -> Option<String> {
    let digits = address.strip_prefix('+').unwrap_or(address);
    let number = !digits.is_empty() && digits.bytes().all(|sign| sign.is_ascii_digit());
    number.then(|| ["+", digits].concat())
}

pub(super) fn read(row: &Row) -> Stored<WorkitemRow> {
    let (coaching_unseen, coaching_latest) = unseen(row)?;
    let (monitors, unannounced) = monitors(row)?;
    let person = |id, name| -> Stored<Option<PersonRef>> {
        Ok(match id_maybe::<UserId>(row, id)? {
            Some(id) => Some(PersonRef {
                id,
                name: text(row, name)?,
            }),
            None => None,
        })
    };
    Ok(WorkitemRow {
        workitem: Workitem {
            id: id(row, "id")?,
            channel: code(row, "channel", Channel::from_code)?,
            customer: text(row, "customer")?,
            subject: text(row, "subject")?,
            state: code(row, "state", WorkitemState::from_code)?,
            agent: person("agent_id", "agent_name")?,
            team: id(row, "team_id")?,
            team_name: text(row, "team_name")?,
            started_at: at(row, "started_at")?,
            last_activity_at: at(row, "last_activity_at")?,
            waiting_since: at_maybe(row, "waiting_since")?,
            preview: text(row, "preview")?,
            unread: int(row, "unread")?,
            monitors,
            unannounced,
            coaching_unseen,
            coaching_latest,
            limits: limits(row)?,
            taken_from: person("taken_from", "taken_from_name")?,
            labels: labels(row)?,
            rating: rating(row)?,
        },
        agent_teams: json(row, "agent_teams")?,
        read_through: int(row, "read_through")?,
        last_entry: int(row, "last_entry")?,
        head: int(row, "head")?,
        rev: int(row, "rev")?,
    })
}

/// Finds those of these workitems that there are.
pub(super) fn find_each(workitems: &[WorkitemId]) -> Statement<'static> {
    sql(FIND_EACH).bind(ids_argument(workitems))
}

/// Finds what is open at these agents, the oldest first.
pub(super) fn open_of_each(agents: &[UserId]) -> Statement<'static> {
    sql(OF_EACH_AGENT).bind(ids_argument(agents))
}

/// The open workitems of an agent.
fn open_of(connection: &Connection, agent: &UserId) -> Stored<Vec<WorkitemRow>> {
    let rows = sql(OF_AGENT).bind(agent.as_str()).fetch_all(connection)?;
    rows.iter().map(read).collect()
}
