//! Figures. Conversations that are over are counted from an index that holds all that is asked of them; those that are open are few.

use async_trait::async_trait;
use shared::assistance::SettledHow;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::Channel;

use super::names::shown_name;
use super::rows::{at, at_maybe, code, flag, id, id_maybe, ids_argument, int, text, text_maybe};
use super::runner::{Rows, Runner};
use super::statement::{Connection, Row, sql};
use crate::store::Stored;
use crate::store::rows::{
    AnalyticsReads, CoachingFigure, ConversationMeasure, Counted, QuarterFigure, RequestFigure,
    TimeFigure,
};

const REQUESTS: &str = concat!(
    "SELECT r.agent_id AS id, ",
    shown_name!("a"),
    " AS name, r.at, r.claimed_at, r.answered_at, r.settled_how,
        (SELECT t.title FROM templates t WHERE t.text = r.text ORDER BY t.id LIMIT 1) AS template,
        (SELECT MIN(e.at) FROM entries e INDEXED BY entries_coaching WHERE e.workitem_id = r.workitem_id
            AND e.kind = 'coaching' AND e.at >= r.at AND e.author_id <> r.agent_id) AS coached_at
    FROM requests r INDEXED BY requests_at JOIN users a ON a.id = r.agent_id
    WHERE r.at > 0 AND r.at >= $2 AND r.at < $3 AND EXISTS (SELECT 1 FROM team_members m
        WHERE m.user_id = r.agent_id AND m.team_id IN (SELECT value FROM json_each($1)))
    ORDER BY r.at, r.id"
);
macro_rules! coaching {
    ($columns:expr, $tail:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM entries e INDEXED BY entries_coached_at JOIN coaching c ON c.entry_id = e.id
                JOIN workitems w ON w.id = e.workitem_id ",
            $tail
        )
    };
}
const COACHING: &str = coaching!(
    concat!(
        "e.author_id AS id, ",
        shown_name!("a"),
        " AS name, w.agent_id, ",
        shown_name!("b"),
        " AS agent_name, c.by_agent, COUNT(*) AS messages,
        SUM(c.reaction IS 'thumbs_up') AS up, SUM(c.reaction IS 'thumbs_down') AS down,
        SUM(c.forwarded_at IS NOT NULL) AS forwarded"
    ),
    "JOIN users a ON a.id = e.author_id LEFT JOIN users b ON b.id = w.agent_id
    WHERE e.kind = 'coaching' AND e.at >= $2 AND e.at < $3
        AND COALESCE(c.sealed_team, w.team_id) IN (SELECT value FROM json_each($1))
    GROUP BY e.author_id, w.agent_id, c.by_agent ORDER BY e.author_id, w.agent_id, c.by_agent"
);
const COACHING_BY_QUARTER: &str = coaching!(
    "e.at / 900000000 AS quarter, COUNT(*) AS count",
    "WHERE e.kind = 'coaching' AND c.by_agent = 0 AND e.at >= $2 AND e.at < $3
        AND COALESCE(c.sealed_team, w.team_id) IN (SELECT value FROM json_each($1))
    GROUP BY 1 ORDER BY 1"
);
/// Conversations of the teams $1 that began from $2 on and before $3: those that are closed, and the others.
macro_rules! conversations {
    ($columns:expr, $tail:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM (
                SELECT w.channel, w.started_at, w.first_answer_at, w.last_activity_at AS ended_at
                FROM workitems w INDEXED BY workitems_figures WHERE w.state = 'closed'
                    AND w.team_id IN (SELECT value FROM json_each($1)) AND w.started_at >= $2 AND w.started_at < $3
                UNION ALL
                SELECT w.channel, w.started_at, w.first_answer_at, NULL
                FROM workitems w INDEXED BY workitems_queue WHERE w.state IN ('queued', 'active', 'wrap_up')
                    AND w.team_id IN (SELECT value FROM json_each($1)) AND w.started_at >= $2 AND w.started_at < $3
            ) ",
            $tail
        )
    };
}
/// A time between two columns, in seconds: the longer it is, the rougher.
macro_rules! seconds {
    ($from:literal, $to:literal) => {
        concat!(
            "CASE WHEN ",
            $to,
            " - ",
            $from,
            " < 120000000 THEN MAX(",
            $to,
            " - ",
            $from,
            ", 0) / 1000000
                WHEN ",
            $to,
            " - ",
            $from,
            " < 3600000000 THEN (",
            $to,
            " - ",
            $from,
            ") / 10000000 * 10
                WHEN ",
            $to,
            " - ",
            $from,
            " < 36000000000 THEN (",
            $to,
            " - ",
            $from,
            ") / 60000000 * 60
                ELSE (",
            $to,
            " - ",
            $from,
            ") / 3600000000 * 3600 END AS seconds"
        )
    };
}
const CONVERSATIONS_BY_QUARTER: &str = conversations!(
    "started_at / 900000000 AS quarter, COUNT(*) AS count",
    "GROUP BY 1 ORDER BY 1"
);
const CONVERSATIONS_BY_CHANNEL: &str = conversations!(
    "channel, COUNT(*) AS count",
    "GROUP BY channel ORDER BY channel"
);
const FIRST_ANSWERS: &str = conversations!(
    concat!(
        "channel, ",
        seconds!("started_at", "first_answer_at"),
        ", COUNT(*) AS count"
    ),
    "WHERE first_answer_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
);
const DURATIONS: &str = conversations!(
    concat!(
        "channel, ",
        seconds!("started_at", "ended_at"),
        ", COUNT(*) AS count"
    ),
    "WHERE ended_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
);

/// Microseconds of a quarter of an hour.
const QUARTER: i64 = 900_000_000;

/// A statement with its arguments, on its way to the thread that reads.
struct Asked {
    statement: &'static str,
    teams: String,
    from: i64,
    until: i64,
}

fn asked(statement: &'static str, of: &Counted) -> Asked {
    Asked {
        statement,
        teams: ids_argument(&of.teams),
        from: of.from.0,
        until: of.until.0,
    }
}

#[async_trait]
impl<R: Runner> AnalyticsReads for Rows<R> {
    async fn requests_counted(&mut self, of: &Counted) -> Stored<Vec<RequestFigure>> {
        let asked = asked(REQUESTS, of);
        self.read_all(asked, request).await
    }

    async fn coaching_counted(&mut self, of: &Counted) -> Stored<Vec<CoachingFigure>> {
        let asked = asked(COACHING, of);
        self.read_all(asked, coaching).await
    }

    async fn coaching_by_quarter(&mut self, of: &Counted) -> Stored<Vec<QuarterFigure>> {
        let asked = asked(COACHING_BY_QUARTER, of);
        self.read_all(asked, quarter).await
    }

    async fn conversations_by_quarter(&mut self, of: &Counted) -> Stored<Vec<QuarterFigure>> {
        let asked = asked(CONVERSATIONS_BY_QUARTER, of);
        self.read_all(asked, quarter).await
    }

    async fn conversations_by_channel(&mut self, of: &Counted) -> Stored<Vec<(Channel, i64)>> {
        let asked = asked(CONVERSATIONS_BY_CHANNEL, of);
        let read = |row: &Row| {
            let channel = code(row, "channel", Channel::from_code)?;
            Ok((channel, int(row, "count")?))
        };
        self.read_all(asked, read).await
    }

    async fn conversation_times(&mut self, of: &Counted) -> Stored<Vec<TimeFigure>> {
        let mut times = Vec::new();
        for (statement, measure) in [
            (FIRST_ANSWERS, ConversationMeasure::FirstAnswer),
            (DURATIONS, ConversationMeasure::Duration),
        ] {
            let read = move |row: &Row| {
                Ok(TimeFigure {
                    channel: code(row, "channel", Channel::from_code)?,
                    measure,
                    seconds: int(row, "seconds")?,
                    count: int(row, "count")?,
                })
            };
            times.extend(self.read_all(asked(statement, of), read).await?);
        }
        Ok(times)
    }
}

impl<R: Runner> Rows<R> {
    async fn read_all<T: Send + 'static>(
        &mut self,
        asked: Asked,
        read: impl Fn(&Row) -> Stored<T> + Send + 'static,
    ) -> Stored<Vec<T>> {
        let Asked {
            statement,
            teams,
            from,
            until,
        } = asked;
        self.slow(move |connection: &Connection| {
            let statement = sql(statement).bind(teams).bind(from).bind(until);
            statement.fetch_all(connection)?.iter().map(read).collect()
        })
        .await
    }
}

fn request(row: &Row) -> Stored<RequestFigure> {
    let settled = match at_maybe(row, "answered_at")? {
        Some(at) => {
            // The first releases wrote no way.
            let how = match text_maybe(row, "settled_how")? {
                Some(_) => code(row, "settled_how", SettledHow::from_code)?,
                None => SettledHow::Answered,
            };
            Some((at, how))
        }
        None => None,
    };
    let in_directory = settled.filter(|(_, how)| *how == SettledHow::Answered);
    let coached_at = at_maybe(row, "coached_at")?;
    let answered_at = match (coached_at, in_directory) {
        (Some(coached), Some((answered, _))) => Some(coached.min(answered)),
        (coached, answered) => coached.or(answered.map(|(at, _)| at)),
    };
    Ok(RequestFigure {
        agent: PersonRef {
            id: id(row, "id")?,
            name: text(row, "name")?,
        },
        at: at(row, "at")?,
        template: text_maybe(row, "template")?,
        claimed_at: at_maybe(row, "claimed_at")?,
        answered_at,
        settled,
    })
}

fn coaching(row: &Row) -> Stored<CoachingFigure> {
    let agent = match id_maybe(row, "agent_id")? {
        Some(agent) => Some(PersonRef {
            id: agent,
            name: text(row, "agent_name")?,
        }),
        None => None,
    };
    Ok(CoachingFigure {
        author: PersonRef {
            id: id(row, "id")?,
            name: text(row, "name")?,
        },
        agent,
        replies: flag(row, "by_agent")?,
        messages: int(row, "messages")?,
        thumbs_up: int(row, "up")?,
        thumbs_down: int(row, "down")?,
        forwarded: int(row, "forwarded")?,
    })
}

fn quarter(row: &Row) -> Stored<QuarterFigure> {
    Ok(QuarterFigure {
        start: Timestamp(int(row, "quarter")? * QUARTER),
        count: int(row, "count")?,
    })
}
