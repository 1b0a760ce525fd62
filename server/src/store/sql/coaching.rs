//! Rows of coaching.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use shared::clusters::beginning;
use shared::ids::{EntryId, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::search::{Search, Term};
use shared::time::Timestamp;
use shared::transcript::Reaction;
use shared::workitem::{COACHING_NOTICE_MAX, ReplyNotice};

use super::history::{matching, places};
use super::names::name_then;
use super::rows::{self, at, id, id_maybe, int, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, Sql, sql};
use crate::store::Stored;
use crate::store::rows::{CoachingReads, CoachingRow, CoachingRows, HelpedLike, HelpedRow};

const FIND: &str =
    "SELECT c.text, c.reaction, c.reaction_by, c.forwarded_entry, c.sealed_team, e.author_id FROM coaching c
    JOIN entries e ON e.id = c.entry_id WHERE e.workitem_id = $1 AND e.id = $2 AND c.by_agent = 0";
const AUTHORS: &str =
    "SELECT DISTINCT e.author_id FROM entries e CROSS JOIN coaching c ON c.entry_id = e.id
    WHERE e.workitem_id = $1 AND e.kind = 'coaching' AND c.by_agent = 0 AND c.sealed_team IS NULL";
/// What is set in PostgreSQL before words are looked for: to use their index, however common they are, and to take some thousand places
/// of one that is everywhere, whichever they are. SQLite reads an index of words from its end and stops.
pub(in crate::store) const BOUNDED: Sql = Sql::of(
    "SELECT 1 AS bounded",
    "SELECT set_config('enable_seqscan', 'off', TRUE) AS plans,
        set_config('gin_fuzzy_search_limit', '5000', TRUE) AS places",
);
/// As it was before.
const UNBOUNDED: Sql = Sql::of(
    "SELECT 0 AS bounded",
    "SELECT set_config('enable_seqscan', 'on', TRUE) AS plans,
        set_config('gin_fuzzy_search_limit', '0', TRUE) AS places",
);
/// Coaching that helped in workitems of the team $1 on the channel $2, `from` entries that are named `e`.
macro_rules! helped {
    ($from:expr, $tail:literal) => {
        concat!(
            "SELECT e.workitem_id, e.id, e.at, w.subject, c.text FROM ",
            $from,
            " CROSS JOIN coaching c ON c.entry_id = e.id CROSS JOIN workitems w ON w.id = e.workitem_id
            WHERE (c.reaction = 'thumbs_up' OR c.forwarded_at IS NOT NULL) AND c.by_agent = 0 AND c.sealed_team IS NULL
                AND w.team_id = $1 AND w.channel = $2",
            $tail
        )
    };
}
/// Of the latest thousand: ids rise with time.
const HELPED_LATEST: &str = helped!(
    "(SELECT l.entry_id AS helped FROM coaching l INDEXED BY coaching_helped
        WHERE (l.reaction = 'thumbs_up' OR l.forwarded_at IS NOT NULL) AND l.entry_id > ''
        ORDER BY l.entry_id DESC LIMIT 1000) latest
    CROSS JOIN entries e ON e.id = helped",
    ""
);
/// Of the latest thousand that have the word $3, which is $4 for PostgreSQL: a word that is everywhere says nothing, and must not
/// have all of an index read. PostgreSQL is asked for an order that no index has. Else it may read the table from its end until it has a
/// thousand, and a word that is rarer than it thinks has it read all of the table.
macro_rules! with_word {
    ($index:literal, $entries:literal) => {
        Sql::of(
            with_word!($index, $entries, "f.rowid", "f.", $index, " MATCH $3"),
            with_word!($index, $entries, "f.rowid + 0", "f.found @@ CAST($4 AS TSQUERY)"),
        )
    };
    ($index:literal, $entries:literal, $order:literal, $($matches:literal),+) => {
        helped!(
            concat!(
                "(SELECT f.rowid AS place FROM ",
                $index,
                " f WHERE ",
                $($matches,)+
                " ORDER BY ",
                $order,
                " DESC LIMIT 1000) latest ",
                $entries
            ),
            ""
        )
    };
}
const HELPED_SAID: Sql = with_word!(
    "coaching_words",
    "CROSS JOIN entries e ON e.search_id = place"
);
pub(in crate::store) const HELPED_OF_CUSTOMER: Sql = with_word!(
    "message_words",
    "CROSS JOIN entries m ON m.search_id = place AND m.kind = 'customer'
    CROSS JOIN entries e ON e.workitem_id = m.workitem_id AND e.kind = 'coaching'"
);
/// Where the text $3 was asked, among the latest requests.
const HELPED_ASKED: &str = helped!(
    "(SELECT r.workitem_id, r.text FROM requests r INDEXED BY requests_at
        WHERE r.at > 0 ORDER BY r.at DESC, r.id DESC LIMIT 5000) latest
    CROSS JOIN entries e ON e.workitem_id = latest.workitem_id AND e.kind = 'coaching'",
    " AND latest.text = $3"
);
const WAIT_FOR: &str = "SELECT DISTINCT r.supervisor_id FROM entries e CROSS JOIN coaching_readers r ON r.entry_id = e.id
    WHERE e.workitem_id = $1 AND e.kind = 'coaching' AND r.seen_at IS NULL";
macro_rules! replies_unseen {
    ($numbers:literal, $tail:literal) => {
        concat!(
            "SELECT ",
            $numbers,
            ", e.workitem_id, e.at, e.author_id, ",
            name_then!("e.name", "e.author_id"),
            " AS name, substr(c.text, 1, 301) AS text, w.customer, w.subject
            FROM coaching_readers r CROSS JOIN entries e ON e.id = r.entry_id CROSS JOIN coaching c ON c.entry_id = e.id
            CROSS JOIN workitems w ON w.id = e.workitem_id
            WHERE r.supervisor_id = $1 AND r.seen_at IS NULL AND c.sealed_team IS NULL ",
            $tail
        )
    };
}
/// SQLite takes what stands beside MAX from the row that has it.
const REPLIES_UNSEEN: Sql = Sql::of(
    replies_unseen!(
        "MAX(e.seq) AS seq, COUNT(*) AS count",
        "GROUP BY e.workitem_id"
    ),
    replies_unseen!(
        "DISTINCT ON (e.workitem_id) e.seq, COUNT(*) OVER (PARTITION BY e.workitem_id) AS count",
        "ORDER BY e.workitem_id, e.seq DESC"
    ),
);
const ADDRESS: &str = "INSERT INTO coaching_readers (entry_id, supervisor_id) VALUES ($1, $2)";
const SET_REPLIES_SEEN: &str = "INSERT INTO coaching_readers (entry_id, supervisor_id, seen_at)
    SELECT e.id, $2, $4 FROM entries e CROSS JOIN coaching c ON c.entry_id = e.id
    WHERE e.workitem_id = $1 AND e.kind = 'coaching' AND e.seq <= $3 AND c.by_agent = 1 AND c.sealed_team IS NULL
        AND NOT EXISTS (SELECT 1 FROM coaching_readers r
            WHERE r.entry_id = e.id AND r.supervisor_id = $2 AND r.seen_at IS NOT NULL)
    ON CONFLICT (entry_id, supervisor_id) DO UPDATE SET seen_at = excluded.seen_at
    RETURNING entry_id";
const SET_REACTION: &str =
    "UPDATE coaching SET reaction = $2, reaction_by = $3 WHERE entry_id = $1";
const SET_DISMISSED: &str =
    "UPDATE coaching SET dismissed_at = $2 WHERE entry_id = $1 AND dismissed_at IS NULL";
const SET_FORWARDED: &str =
    "UPDATE coaching SET forwarded_at = $2, forwarded_entry = $3 WHERE entry_id = $1";
/// The coaching that an agent has in front of them now for the first time.
const SET_SEEN: &str = "UPDATE coaching SET seen_at = $3
    WHERE seen_at IS NULL AND sealed_team IS NULL AND entry_id IN (
        SELECT id FROM entries WHERE workitem_id = $1 AND kind = 'coaching' AND seq <= $2)
    RETURNING entry_id";
const SEAL: &str = "UPDATE coaching SET sealed_team = $2 WHERE sealed_team IS NULL AND entry_id IN
    (SELECT id FROM entries WHERE workitem_id = $1 AND kind = 'coaching')";

#[async_trait]
impl<R: Runner> CoachingReads for Rows<R> {
    async fn coaching_find(
        &mut self,
        workitem: &WorkitemId,
        entry: &EntryId,
    ) -> Stored<Option<CoachingRow>> {
        self.quick(|connection| {
            let row = sql(FIND)
                .bind(workitem.as_str())
                .bind(entry.as_str())
                .fetch_optional(connection)?;
            row.map(|row| {
                let reaction = text_maybe(&row, "reaction")?;
                Ok(CoachingRow {
                    author: id(&row, "author_id")?,
                    text: rows::coaching(&row, "text")?,
                    reaction: reaction.and_then(|reaction| Reaction::from_code(&reaction)),
                    reaction_by: id_maybe(&row, "reaction_by")?,
                    forwarded_entry: id_maybe(&row, "forwarded_entry")?,
                    sealed_team: id_maybe(&row, "sealed_team")?,
                })
            })
            .transpose()
        })
    }

    async fn coaching_authors(&mut self, workitem: &WorkitemId) -> Stored<Vec<UserId>> {
        self.quick(|connection| {
            let rows = sql(AUTHORS).bind(workitem.as_str()).fetch_all(connection)?;
            rows.iter().map(|row| id(row, "author_id")).collect()
        })
    }

    async fn coaching_helped(&mut self, like: &HelpedLike) -> Stored<Vec<HelpedRow>> {
        let like = like.clone();
        self.slow(move |connection| Helped::of(connection, &like))
            .await
    }

    async fn replies_wait_for(&mut self, workitem: &WorkitemId) -> Stored<Vec<UserId>> {
        self.quick(|connection| {
            let rows = sql(WAIT_FOR)
                .bind(workitem.as_str())
                .fetch_all(connection)?;
            rows.iter().map(|row| id(row, "supervisor_id")).collect()
        })
    }

    async fn replies_unseen(&mut self, supervisor: &UserId) -> Stored<Vec<ReplyNotice>> {
        let supervisor = supervisor.clone();
        self.slow(move |connection| {
            let rows = sql(REPLIES_UNSEEN)
                .bind(supervisor.as_str())
                .fetch_all(connection)?;
            rows.iter().map(reply_notice).collect()
        })
        .await
    }
}

/// What was found, each once.
#[derive(Default)]
struct Helped(BTreeMap<EntryId, HelpedRow>);

impl Helped {
    fn of(connection: &Connection, like: &HelpedLike) -> Stored<Vec<HelpedRow>> {
        let ask = |statement: Sql, what: &str, places: &str| {
            let asked = sql(statement).bind(like.team.as_str());
            let asked = asked.bind(like.channel.code()).bind(what).bind(places);
            asked.fetch_all(connection)
        };
        let mut helped = Self::default();
        sql(BOUNDED).fetch_all(connection)?;
        helped.add(&ask(HELPED_LATEST.into(), "", "")?, |_| {})?;
        for word in &like.words {
            let terms = vec![Term {
                words: vec![word.clone()],
                prefix: false,
            }];
            let search = Search { terms };
            let (matching, places) = (matching(&search), places(&search));
            for statement in [HELPED_SAID, HELPED_OF_CUSTOMER] {
                let rows = ask(statement, &matching, &places)?;
                helped.add(&rows, |row| {
                    row.words.insert(word.clone());
                })?;
            }
        }
        if let Some(request) = &like.request {
            let rows = ask(HELPED_ASKED.into(), request, "")?;
            helped.add(&rows, |row| row.asked = true)?;
        }
        sql(UNBOUNDED).fetch_all(connection)?;
        Ok(helped.0.into_values().collect())
    }

    fn add(&mut self, rows: &[Row], note: impl Fn(&mut HelpedRow)) -> Stored<()> {
        for row in rows {
            let found = HelpedRow {
                workitem: id(row, "workitem_id")?,
                entry: id(row, "id")?,
                at: at(row, "at")?,
                subject: text(row, "subject")?,
                text: text(row, "text")?,
                words: BTreeSet::new(),
                asked: false,
            };
            note(self.0.entry(found.entry.clone()).or_insert(found));
        }
        Ok(())
    }
}

fn reply_notice(row: &Row) -> Stored<ReplyNotice> {
    Ok(ReplyNotice {
        workitem: id(row, "workitem_id")?,
        customer: text(row, "customer")?,
        subject: text(row, "subject")?,
        agent: PersonRef {
            id: id(row, "author_id")?,
            name: text(row, "name")?,
        },
        seq: int(row, "seq")?,
        at: at(row, "at")?,
        text: beginning(&text(row, "text")?, COACHING_NOTICE_MAX).to_owned(),
        count: int(row, "count")?,
    })
}

#[async_trait]
impl CoachingRows for Rows<Inline<'_>> {
    async fn coaching_set_reaction(
        &mut self,
        entry: &EntryId,
        reaction: Option<Reaction>,
        by: &UserId,
    ) -> Stored<()> {
        sql(SET_REACTION)
            .bind(entry.as_str())
            .bind(reaction.map(Reaction::code))
            .bind(reaction.map(|_| by.as_str()))
            .execute(self.connection())?;
        Ok(())
    }

    async fn coaching_set_dismissed(&mut self, entry: &EntryId, at: Timestamp) -> Stored<bool> {
        let dismissed = sql(SET_DISMISSED)
            .bind(entry.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(dismissed > 0)
    }

    async fn coaching_set_seen(
        &mut self,
        workitem: &WorkitemId,
        through: i64,
        at: Timestamp,
    ) -> Stored<Vec<EntryId>> {
        let seen = sql(SET_SEEN)
            .bind(workitem.as_str())
            .bind(through)
            .bind(at.0)
            .fetch_all(self.connection())?;
        seen.iter().map(|row| id(row, "entry_id")).collect()
    }

    async fn reply_address(&mut self, entry: &EntryId, supervisor: &UserId) -> Stored<()> {
        sql(ADDRESS)
            .bind(entry.as_str())
            .bind(supervisor.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn replies_set_seen(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        through: i64,
        at: Timestamp,
    ) -> Stored<Vec<EntryId>> {
        let seen = sql(SET_REPLIES_SEEN)
            .bind(workitem.as_str())
            .bind(supervisor.as_str())
            .bind(through)
            .bind(at.0)
            .fetch_all(self.connection())?;
        seen.iter().map(|row| id(row, "entry_id")).collect()
    }

    async fn coaching_seal(&mut self, workitem: &WorkitemId, team: &TeamId) -> Stored<()> {
        sql(SEAL)
            .bind(workitem.as_str())
            .bind(team.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn coaching_set_forwarded(
        &mut self,
        entry: &EntryId,
        at: Timestamp,
        message: &EntryId,
    ) -> Stored<()> {
        sql(SET_FORWARDED)
            .bind(entry.as_str())
            .bind(at.0)
            .bind(message.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
