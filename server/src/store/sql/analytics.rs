//! Figures. Conversations that are over are counted from an index that holds all that is asked of them; those that are open are few.

use std::collections::BTreeMap;

use async_trait::async_trait;
use shared::assistance::SettledHow;
use shared::ids::{TeamId, UserId};
use shared::labels::{LabelKind, LabelRef};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::Channel;

use super::names::shown_name;
use super::rows::{
    at, at_maybe, code, damaged, flag, id, id_maybe, ids_argument, int, text, text_maybe,
};
use super::runner::{Rows, Runner};
use super::statement::{Connection, Row, Sql, Statement, sql};
use crate::store::Stored;
use crate::store::rows::{
    AnalyticsReads, AroundFigure, CoachingFigure, ConversationFigures, ConversationMeasure,
    Counted, LabelFigure, QuarterFigure, RatingFigure, RequestFigure, TemplateFigure, TimeFigure,
};

const REQUESTS: &str = concat!(
    "SELECT r.agent_id AS id, ",
    shown_name!("a"),
    " AS name, r.at, r.claimed_at, r.answered_at, r.settled_how,
        r.template_id, (SELECT t.title FROM templates t WHERE t.id = r.template_id) AS template,
        (SELECT MIN(e.at) FROM entries e INDEXED BY entries_coaching WHERE e.workitem_id = r.workitem_id
            AND e.kind = 'coaching' AND e.at >= r.at AND e.author_id <> r.agent_id) AS coached_at
    FROM requests r INDEXED BY requests_at JOIN users a ON a.id = r.agent_id
    WHERE r.at > 0 AND r.at >= $2 AND r.at < $3 AND EXISTS (SELECT 1 FROM team_members m
        WHERE m.user_id = r.agent_id AND m.team_id IN (SELECT value FROM json_each($1)))
    ORDER BY r.at, r.id"
);
const MEMBERS: &str = "SELECT m.user_id, m.team_id FROM team_members m
    WHERE m.team_id IN (SELECT value FROM json_each($1)) ORDER BY m.user_id, m.team_id";
macro_rules! coached_in {
    () => {
        " FROM entries e INDEXED BY entries_coached_at JOIN coaching c ON c.entry_id = e.id
            JOIN workitems w ON w.id = e.workitem_id "
    };
}
macro_rules! coaching {
    ($columns:expr, $tail:literal) => {
        concat!("SELECT ", $columns, coached_in!(), $tail)
    };
}
const COACHING: &str = coaching!(
    concat!(
        "a.id, ",
        shown_name!("a"),
        " AS name, b.id AS agent_id, ",
        shown_name!("b"),
        " AS agent_name, c.by_agent, COUNT(*) AS messages,
        COUNT(*) FILTER (WHERE c.reaction = 'thumbs_up') AS up,
        COUNT(*) FILTER (WHERE c.reaction = 'thumbs_down') AS down, COUNT(c.forwarded_at) AS forwarded"
    ),
    "JOIN users a ON a.id = e.author_id LEFT JOIN users b ON b.id = w.agent_id
    WHERE e.kind = 'coaching' AND e.at >= $2 AND e.at < $3
        AND COALESCE(c.sealed_team, w.team_id) IN (SELECT value FROM json_each($1))
    GROUP BY a.id, b.id, c.by_agent ORDER BY a.id, b.id NULLS FIRST, c.by_agent"
);
/// $4 is how long before and after counts, in microseconds.
macro_rules! around {
    ($closed_at:literal) => {
        concat!(
            "SELECT a.id, ", shown_name!("a"), " AS name, w.started_at >= k.first_at AS after, COUNT(*) AS conversations,
                COUNT(w.first_answer_at) AS answered,
                CAST(COALESCE(SUM(w.first_answer_at - w.started_at), 0) / 1000000 AS BIGINT) AS first_answer_s,
                CAST(SUM(w.last_activity_at - w.started_at) / 1000000 AS BIGINT) AS duration_s
             FROM (SELECT w.agent_id, MIN(e.at) AS first_at",
            coached_in!(),
            "WHERE e.kind = 'coaching' AND c.by_agent = 0 AND w.agent_id IS NOT NULL AND e.at >= $2 AND e.at < $3
                AND COALESCE(c.sealed_team, w.team_id) IN (SELECT value FROM json_each($1)) GROUP BY w.agent_id) k
             JOIN users a ON a.id = k.agent_id
             JOIN workitems w INDEXED BY workitems_closed_of ON w.agent_id = k.agent_id
             WHERE w.state = 'closed' AND ", $closed_at, " >= k.first_at - $4
                AND w.started_at >= k.first_at - $4 AND w.started_at < k.first_at + $4
                AND w.team_id IN (SELECT value FROM json_each($1))
             GROUP BY a.id, after ORDER BY a.name_key, a.id, after"
        )
    };
}
const AROUND: Sql = Sql::of(around!("w.last_activity_at"), around!("w.closed_at"));
const COACHING_BY_QUARTER: &str = coaching!(
    "e.at / 900000000 AS quarter, COUNT(*) AS count",
    "WHERE e.kind = 'coaching' AND c.by_agent = 0 AND e.at >= $2 AND e.at < $3
        AND COALESCE(c.sealed_team, w.team_id) IN (SELECT value FROM json_each($1))
    GROUP BY 1 ORDER BY 1"
);
macro_rules! conversations {
    ($closed_at:literal) => {
        concat!(
            "SELECT w.channel, w.started_at, w.first_answer_at, w.first_given_at, ",
            $closed_at,
            ", w.shut_at FROM workitems w INDEXED BY workitems_figures WHERE w.state = 'closed'
                AND w.team_id IN (SELECT value FROM json_each($1)) AND w.started_at >= $2 AND w.started_at < $3
            UNION ALL
            SELECT w.channel, w.started_at, w.first_answer_at, w.first_given_at, NULL, NULL
            FROM workitems w INDEXED BY workitems_queue WHERE w.state IN ('queued', 'active', 'wrap_up')
                AND w.team_id IN (SELECT value FROM json_each($1)) AND w.started_at >= $2 AND w.started_at < $3"
        )
    };
}
/// Conversations of the teams $1 that began from $2 on and before $3: those that are closed, and the others. A year of a large
/// centre has millions, so they are read once and in the order of the index.
const CONVERSATIONS: Sql = Sql::of(
    conversations!("w.last_activity_at"),
    conversations!("w.closed_at"),
);

const LABELS: &str = "SELECT l.kind, l.name, l.id, counted FROM
        (SELECT wl.label_id, COUNT(*) AS counted FROM workitem_labels wl INDEXED BY workitem_labels_figures
         WHERE wl.team_id IN (SELECT value FROM json_each($1)) AND wl.started_at >= $2 AND wl.started_at < $3
         GROUP BY wl.label_id) counts
    JOIN labels l ON l.id = label_id ORDER BY l.kind, counted DESC, l.name_key, l.id";

const RATINGS: &str = concat!(
    "SELECT t.id AS team_id, t.name AS team_name, a.id AS agent_id, ",
    shown_name!("a"),
    " AS agent_name, COUNT(*) AS count, CAST(SUM(r.rating) AS BIGINT) AS total,
        COUNT(*) FILTER (WHERE r.rating >= 4) AS good
    FROM customer_ratings r INDEXED BY customer_ratings_figures JOIN teams t ON t.id = r.team_id
        LEFT JOIN users a ON a.id = r.agent_id
    WHERE r.team_id IN (SELECT value FROM json_each($1)) AND r.at >= $2 AND r.at < $3
    GROUP BY t.id, a.id ORDER BY t.id, a.id NULLS FIRST"
);

/// How long before and after the first coaching counts, in microseconds: two weeks, so that each has every weekday twice.
const AROUND_US: i64 = 14 * 86_400_000_000;
/// Microseconds of a quarter of an hour.
const QUARTER: i64 = 900_000_000;

/// A statement with its arguments, on its way to the thread that reads.
struct Asked {
    statement: Sql,
    teams: String,
    from: i64,
    until: i64,
}

fn asked(statement: impl Into<Sql>, of: &Counted) -> Asked {
    Asked {
        statement: statement.into(),
        teams: ids_argument(&of.teams),
        from: of.from.0,
        until: of.until.0,
    }
}

#[async_trait]
impl<R: Runner> AnalyticsReads for Rows<R> {
    async fn requests_counted(&mut self, of: &Counted) -> Stored<Vec<RequestFigure>> {
        let (requests, members) = (asked(REQUESTS, of), asked(MEMBERS, of));
        self.slow(move |connection: &Connection| {
            let mut teams: BTreeMap<UserId, Vec<TeamId>> = BTreeMap::new();
            for row in &members.statement().fetch_all(connection)? {
                let of = teams.entry(id(row, "user_id")?).or_default();
                of.push(id(row, "team_id")?);
            }
            let rows = requests.statement().fetch_all(connection)?;
            rows.iter().map(|row| request(row, &teams)).collect()
        })
        .await
    }

    async fn coaching_counted(&mut self, of: &Counted) -> Stored<Vec<CoachingFigure>> {
        let asked = asked(COACHING, of);
        self.read_all(asked, coaching).await
    }

    async fn around_coaching(&mut self, of: &Counted) -> Stored<Vec<AroundFigure>> {
        let asked = asked(AROUND, of);
        self.slow(move |connection: &Connection| {
            let rows = asked.statement().bind(AROUND_US).fetch_all(connection)?;
            rows.iter().map(around).collect()
        })
        .await
    }

    async fn coaching_by_quarter(&mut self, of: &Counted) -> Stored<Vec<QuarterFigure>> {
        let asked = asked(COACHING_BY_QUARTER, of);
        self.read_all(asked, quarter).await
    }

    async fn labels_counted(&mut self, of: &Counted) -> Stored<Vec<LabelFigure>> {
        let asked = asked(LABELS, of);
        self.read_all(asked, label).await
    }

    async fn ratings_counted(&mut self, of: &Counted) -> Stored<Vec<RatingFigure>> {
        let asked = asked(RATINGS, of);
        self.read_all(asked, rating).await
    }

    async fn conversations_counted(&mut self, of: &Counted) -> Stored<ConversationFigures> {
        // A conversation stays in the half in which it began, so each is counted once, although the earlier half may be read a
        // moment later.
        let middle = Timestamp(of.from.0.midpoint(of.until.0));
        let later = Counted {
            from: middle,
            ..of.clone()
        };
        let earlier = Counted {
            until: middle,
            ..of.clone()
        };
        let count = |of: &Counted| {
            let asked = asked(CONVERSATIONS, of);
            move |connection: &Connection| Counts::read(asked, connection)
        };
        let (mut later, earlier) = self.both(count(&later), count(&earlier)).await?;
        later.add_all(earlier);
        Ok(later.figures())
    }
}

fn label(row: &Row) -> Stored<LabelFigure> {
    Ok(LabelFigure {
        label: LabelRef {
            kind: code(row, "kind", LabelKind::from_code)?,
            name: text(row, "name")?,
            id: id(row, "id")?,
        },
        count: int(row, "counted")?,
    })
}

/// How long it took, the rougher the longer.
fn rough(microseconds: i64) -> i64 {
    let seconds = microseconds.max(0) / 1_000_000;
    let step = match seconds {
        ..120 => 1,
        120..3_600 => 10,
        3_600..36_000 => 60,
        _ => 3_600,
    };
    seconds / step * step
}

/// Conversations, as far as they are counted. A year of a large centre has millions, so nearly all are counted without a
/// search for where.
#[derive(Default)]
struct Counts {
    begun: BTreeMap<i64, i64>,
    /// The quarter of the last one, with those that are not in `begun` yet: conversations come in the order in which they began.
    quarter: (i64, i64),
    channels: [ChannelCounts; Channel::ALL.len()],
}

/// Those of a channel.
#[derive(Default)]
struct ChannelCounts {
    all: i64,
    first_answer: TimeCounts,
    duration: TimeCounts,
    waiting: TimeCounts,
    handling: TimeCounts,
}

/// When what happened to a conversation, as far as it did.
struct Times {
    began: i64,
    answered: Option<i64>,
    given: Option<i64>,
    /// Its last message, of one that is closed.
    last: Option<i64>,
    shut: Option<i64>,
}

/// How many took how many seconds.
#[derive(Default)]
struct TimeCounts {
    /// Below [`LONG_S`], each at its place; empty while there are none.
    usual: Vec<i64>,
    long: BTreeMap<i64, i64>,
}

/// From how many seconds on a time is rare.
const LONG_S: usize = 36_000;

impl TimeCounts {
    fn add(&mut self, seconds: i64, count: i64) {
        match usize::try_from(seconds) {
            Ok(place) if place < LONG_S => {
                if self.usual.is_empty() {
                    self.usual.resize(LONG_S, 0);
                }
                self.usual[place] += count;
            }
            _ => *self.long.entry(seconds).or_default() += count,
        }
    }

    fn counted(self) -> impl Iterator<Item = (i64, i64)> {
        let usual = (0..).zip(self.usual).filter(|(_, count)| *count > 0);
        usual.chain(self.long)
    }
}

impl Counts {
    fn read(asked: Asked, connection: &Connection) -> Stored<Self> {
        let mut counts = Self::default();
        asked.statement().each(connection, |row| {
            let channel = Channel::from_code(row.text(0)?);
            let channel = channel.ok_or_else(|| damaged("channel"))?;
            let times = Times {
                began: row.integer(1)?.ok_or_else(|| damaged("started_at"))?,
                answered: row.integer(2)?,
                given: row.integer(3)?,
                last: row.integer(4)?,
                shut: row.integer(5)?,
            };
            counts.add(channel, &times);
            Ok(())
        })?;
        counts.next_quarter(0);
        Ok(counts)
    }

    fn add_all(&mut self, other: Self) {
        for (quarter, count) in other.begun {
            *self.begun.entry(quarter).or_default() += count;
        }
        for (own, other) in self.channels.iter_mut().zip(other.channels) {
            own.all += other.all;
            for (own, other) in [
                (&mut own.first_answer, other.first_answer),
                (&mut own.duration, other.duration),
                (&mut own.waiting, other.waiting),
                (&mut own.handling, other.handling),
            ] {
                for (seconds, count) in other.counted() {
                    own.add(seconds, count);
                }
            }
        }
    }

    fn add(&mut self, channel: Channel, times: &Times) {
        let began = times.began;
        let quarter = began.div_euclid(QUARTER);
        if self.quarter.0 != quarter {
            self.next_quarter(quarter);
        }
        self.quarter.1 += 1;
        let of_channel = &mut self.channels[channel as usize];
        of_channel.all += 1;
        if let Some(at) = times.answered {
            of_channel.first_answer.add(rough(at - began), 1);
        }
        if let Some(at) = times.last {
            of_channel.duration.add(rough(at - began), 1);
        }
        if let Some(at) = times.given {
            of_channel.waiting.add(rough(at - began), 1);
        }
        if let (Some(from), Some(to)) = (times.given, times.shut) {
            of_channel.handling.add(rough(to - from), 1);
        }
    }

    fn next_quarter(&mut self, next: i64) {
        let (quarter, count) = std::mem::replace(&mut self.quarter, (next, 0));
        if count > 0 {
            *self.begun.entry(quarter).or_default() += count;
        }
    }

    fn figures(self) -> ConversationFigures {
        let begun = self
            .begun
            .into_iter()
            .map(|(quarter, count)| QuarterFigure {
                start: Timestamp(quarter * QUARTER),
                count,
            });
        let (mut channels, mut times) = (Vec::new(), Vec::new());
        for (channel, counts) in Channel::ALL.into_iter().zip(self.channels) {
            if counts.all > 0 {
                channels.push((channel, counts.all));
            }
            for (measure, counts) in [
                (ConversationMeasure::FirstAnswer, counts.first_answer),
                (ConversationMeasure::Duration, counts.duration),
                (ConversationMeasure::Waiting, counts.waiting),
                (ConversationMeasure::Handling, counts.handling),
            ] {
                times.extend(counts.counted().map(|(seconds, count)| TimeFigure {
                    channel,
                    measure,
                    seconds,
                    count,
                }));
            }
        }
        ConversationFigures {
            begun: begun.collect(),
            channels,
            times,
        }
    }
}

impl Asked {
    fn statement(self) -> Statement<'static> {
        let statement = sql(self.statement).bind(self.teams);
        statement.bind(self.from).bind(self.until)
    }
}

impl<R: Runner> Rows<R> {
    async fn read_all<T: Send + 'static>(
        &mut self,
        asked: Asked,
        read: impl Fn(&Row) -> Stored<T> + Send + 'static,
    ) -> Stored<Vec<T>> {
        self.slow(move |connection: &Connection| {
            let rows = asked.statement().fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }
}

fn request(row: &Row, teams: &BTreeMap<UserId, Vec<TeamId>>) -> Stored<RequestFigure> {
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
    let template = match id_maybe(row, "template_id")? {
        Some(id) => Some(TemplateFigure {
            id,
            title: text_maybe(row, "template")?,
        }),
        None => None,
    };
    let agent = PersonRef {
        id: id(row, "id")?,
        name: text(row, "name")?,
    };
    Ok(RequestFigure {
        teams: teams.get(&agent.id).cloned().unwrap_or_default(),
        agent,
        at: at(row, "at")?,
        template,
        claimed_at: at_maybe(row, "claimed_at")?,
        answered_at,
        settled,
    })
}

fn agent(row: &Row) -> Stored<Option<PersonRef>> {
    Ok(match id_maybe(row, "agent_id")? {
        Some(agent) => Some(PersonRef {
            id: agent,
            name: text(row, "agent_name")?,
        }),
        None => None,
    })
}

fn rating(row: &Row) -> Stored<RatingFigure> {
    Ok(RatingFigure {
        team: id(row, "team_id")?,
        team_name: text(row, "team_name")?,
        agent: agent(row)?,
        count: int(row, "count")?,
        total: int(row, "total")?,
        good: int(row, "good")?,
    })
}

fn coaching(row: &Row) -> Stored<CoachingFigure> {
    Ok(CoachingFigure {
        author: PersonRef {
            id: id(row, "id")?,
            name: text(row, "name")?,
        },
        agent: agent(row)?,
        replies: flag(row, "by_agent")?,
        messages: int(row, "messages")?,
        thumbs_up: int(row, "up")?,
        thumbs_down: int(row, "down")?,
        forwarded: int(row, "forwarded")?,
    })
}

fn around(row: &Row) -> Stored<AroundFigure> {
    Ok(AroundFigure {
        agent: PersonRef {
            id: id(row, "id")?,
            name: text(row, "name")?,
        },
        after: flag(row, "after")?,
        conversations: int(row, "conversations")?,
        answered: int(row, "answered")?,
        first_answer_s: int(row, "first_answer_s")?,
        duration_s: int(row, "duration_s")?,
    })
}

fn quarter(row: &Row) -> Stored<QuarterFigure> {
    Ok(QuarterFigure {
        start: Timestamp(int(row, "quarter")? * QUARTER),
        count: int(row, "count")?,
    })
}

#[cfg(test)]
mod tests {
    use super::rough;

    #[test]
    fn a_long_time_is_counted_more_roughly_than_a_short_one() {
        for (seconds, counted) in [
            (-5, 0),
            (0, 0),
            (119, 119),
            (125, 120),
            (3_599, 3_590),
            (3_661, 3_660),
            (36_001, 36_000),
            (90_000, 90_000),
            (90_100, 90_000),
        ] {
            assert_eq!(
                rough(seconds * 1_000_000 + 999_999 * i64::from(seconds >= 0)),
                counted
            );
        }
    }
}
