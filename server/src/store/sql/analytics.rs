//! Figures. Conversations that are over are counted by day and kept so; days that have changed since are counted from an index that
//! holds all that is asked of them. Those that are open are few.

use std::collections::BTreeMap;
use std::ops::Range;

use async_trait::async_trait;
use shared::assistance::SettledHow;
use shared::ids::{LabelId, TeamId, UserId};
use shared::labels::{LabelKind, LabelRef};
use shared::people::PersonRef;
use shared::time::Timestamp;

use super::conversation_counts::{Counts, DAY, QUARTER};
use super::names::shown_name;
use super::requests::settled_how;
use super::rows::{at, at_maybe, code, flag, id, id_maybe, ids_argument, int, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, Sql, Statement, sql};
use crate::store::Stored;
use crate::store::rows::{
    AnalyticsReads, AnalyticsRows, AroundFigure, ChangedDay, CoachingFigure, ConversationFigures,
    Counted, CountedDay, LabelFigure, QuarterFigure, RatingFigure, RequestFigure, TeamDay,
    TemplateFigure,
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
                CAST(SUM(",
            $closed_at,
            " - w.started_at) / 1000000 AS BIGINT) AS duration_s
             FROM (SELECT w.agent_id, MIN(e.at) AS first_at",
            coached_in!(),
            "WHERE e.kind = 'coaching' AND c.by_agent = 0 AND w.agent_id IS NOT NULL AND e.at >= $2 AND e.at < $3
                AND COALESCE(c.sealed_team, w.team_id) IN (SELECT value FROM json_each($1)) GROUP BY w.agent_id) k
             JOIN users a ON a.id = k.agent_id
             JOIN workitems w INDEXED BY workitems_begun_of ON w.agent_id = k.agent_id
             WHERE w.state = 'closed' AND w.started_at >= k.first_at - $4 AND w.started_at < k.first_at + $4
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
macro_rules! closed {
    ($closed_at:literal) => {
        concat!(
            "SELECT w.channel, w.started_at, w.first_answer_at, w.first_given_at, ",
            $closed_at,
            ", w.shut_at FROM workitems w INDEXED BY workitems_figures WHERE w.state = 'closed'
                AND w.team_id IN (SELECT value FROM json_each($1)) AND w.started_at >= $2 AND w.started_at < $3"
        )
    };
}
/// Conversations of the teams $1 that began from $2 on and before $3 and are closed, in the order of an index that holds all of this.
const CLOSED: Sql = Sql::of(closed!("w.last_activity_at"), closed!("w.closed_at"));
/// The others, which are few.
const OPEN: &str = "SELECT w.channel, w.started_at, w.first_answer_at, w.first_given_at, NULL AS last, NULL AS shut
    FROM workitems w INDEXED BY workitems_queue WHERE w.state IN ('queued', 'active', 'wrap_up')
        AND w.team_id IN (SELECT value FROM json_each($1)) AND w.started_at >= $2 AND w.started_at < $3";
/// Those that are closed, by days from $2 on and before $3 that were counted and have not changed since.
const KEPT_DAYS: &str = "SELECT d.channel, d.day, d.figures FROM conversation_days d
    WHERE d.team_id IN (SELECT value FROM json_each($1)) AND d.day >= $2 AND d.day < $3
        AND NOT EXISTS (SELECT 1 FROM workitems_changed c WHERE c.day = d.day AND c.team_id = d.team_id)";
/// The days that have changed since, or were not counted yet.
const CHANGED_DAYS: &str = "SELECT DISTINCT c.day, c.team_id FROM workitems_changed c
    WHERE c.day >= $2 AND c.day < $3 AND c.team_id IN (SELECT value FROM json_each($1)) ORDER BY c.day, c.team_id";

/// The first day in front of $1 that is to be counted.
const NEXT_CHANGED: &str = "SELECT c.day, c.team_id FROM workitems_changed c WHERE c.day < $1 ORDER BY c.day, c.team_id LIMIT 1";
/// What has changed of a day of a team, each with its mark.
const MARKS: &str = "SELECT c.workitem_id || ' ' || c.mark AS mark FROM workitems_changed c
    WHERE c.day = $1 AND c.team_id = $2 ORDER BY c.workitem_id LIMIT $3";
const MARKS_LEFT: &str =
    "SELECT COUNT(*) AS count FROM workitems_changed c WHERE c.day = $1 AND c.team_id = $2
    AND (c.workitem_id || ' ' || c.mark) IN (SELECT value FROM json_each($3))";
const MARKS_DELETE: &str = "DELETE FROM workitems_changed WHERE day = $1 AND team_id = $2
    AND (workitem_id || ' ' || mark) IN (SELECT value FROM json_each($3))";
/// All of the day has changed. The mark is another one than before.
const MARK_DAY: Sql = Sql::of(
    "INSERT INTO workitems_changed (day, team_id, workitem_id, mark) VALUES ($1, $2, '', random())
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark",
    "INSERT INTO workitems_changed (day, team_id, workitem_id, mark)
        VALUES ($1, $2, '', (random() * 9007199254740991)::BIGINT)
        ON CONFLICT (day, team_id, workitem_id) DO UPDATE SET mark = excluded.mark",
);
const MARKS_CUT: &str = "DELETE FROM workitems_changed WHERE day = $1 AND team_id = $2 AND workitem_id IN (
    SELECT c.workitem_id FROM workitems_changed c WHERE c.day = $1 AND c.team_id = $2 AND c.workitem_id > ''
    ORDER BY c.workitem_id LIMIT $3)";
const DAY_DELETE: &str = "DELETE FROM conversation_days WHERE team_id = $2 AND day = $1";
const DAY_KEEP: &str =
    "INSERT INTO conversation_days (team_id, day, channel, figures) VALUES ($2, $1, $3, $4)";

/// How many conversations of the teams $1 that began from $2 on and before $3 have which label.
const LABELS: &str = "SELECT wl.label_id, COUNT(*) AS counted FROM workitem_labels wl INDEXED BY workitem_labels_figures
    WHERE wl.team_id IN (SELECT value FROM json_each($1)) AND wl.started_at >= $2 AND wl.started_at < $3
    GROUP BY wl.label_id";
/// The same by days from $2 on and before $3 that were counted and have not changed since.
const KEPT_LABELS: &str = "SELECT d.label_id, CAST(SUM(d.count) AS BIGINT) AS counted FROM label_days d
    WHERE d.team_id IN (SELECT value FROM json_each($1)) AND d.day >= $2 AND d.day < $3
        AND NOT EXISTS (SELECT 1 FROM workitems_changed c WHERE c.day = d.day AND c.team_id = d.team_id)
    GROUP BY d.label_id";
const LABEL_NAMES: &str = "SELECT l.id, l.kind, l.name FROM labels l
    WHERE l.id IN (SELECT value FROM json_each($1)) ORDER BY l.kind, l.name_key, l.id";
const LABELS_DELETE: &str = "DELETE FROM label_days WHERE team_id = $2 AND day = $1";
const LABELS_KEEP: &str =
    "INSERT INTO label_days (team_id, day, label_id, count) VALUES ($2, $1, $3, $4)";

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
/// How many marks are taken back at once. Where there are more, they are made one first.
const MARKS_MAX: usize = 500;
/// One more, by which one knows that there are more.
const MARKS_READ: i64 = 501;

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
        let of = of.clone();
        self.slow(move |connection: &Connection| labels(&of, connection))
            .await
    }

    async fn ratings_counted(&mut self, of: &Counted) -> Stored<Vec<RatingFigure>> {
        let asked = asked(RATINGS, of);
        self.read_all(asked, rating).await
    }

    async fn conversations_counted(&mut self, of: &Counted) -> Stored<ConversationFigures> {
        let of = of.clone();
        self.slow(move |connection: &Connection| conversations(&of, connection))
            .await
    }

    async fn changed_day(&mut self, before: i64) -> Stored<Option<ChangedDay>> {
        self.slow(move |connection: &Connection| changed_day(before, connection))
            .await
    }
}

#[async_trait]
impl AnalyticsRows for Rows<Inline<'_>> {
    async fn marks_fold(&mut self, day: &TeamDay) -> Stored<()> {
        let connection = self.connection();
        of_day(MARK_DAY, day).execute(connection)?;
        let cut = of_day(MARKS_CUT, day).bind(MARKS_READ);
        cut.execute(connection).map(drop)
    }

    async fn day_keep(&mut self, counted: &CountedDay) -> Stored<bool> {
        let connection = self.connection();
        let CountedDay {
            day,
            marks,
            kept,
            labels,
        } = counted;
        let marks_argument = ids_argument(marks);
        let left = of_day(MARKS_LEFT, day).bind(&marks_argument);
        let left = int(&left.fetch_one(connection)?, "count")?;
        if usize::try_from(left) != Ok(marks.len()) {
            return Ok(false);
        }
        let delete = of_day(MARKS_DELETE, day).bind(&marks_argument);
        delete.execute(connection)?;
        of_day(DAY_DELETE, day).execute(connection)?;
        for (channel, figures) in kept {
            let keep = of_day(DAY_KEEP, day).bind(channel.code());
            keep.bind(&figures[..]).execute(connection)?;
        }
        of_day(LABELS_DELETE, day).execute(connection)?;
        for (label, count) in labels {
            let keep = of_day(LABELS_KEEP, day).bind(label.as_str());
            keep.bind(*count).execute(connection)?;
        }
        Ok(true)
    }
}

/// A statement about a day of a team: $1 and $2.
fn of_day<'a>(statement: impl Into<Sql>, day: &'a TeamDay) -> Statement<'a> {
    sql(statement).bind(day.day).bind(day.team.as_str())
}

/// Days that are over come from what was kept of them; the ends of the time, which are no whole days, and days that have changed since
/// from the workitems.
fn conversations(of: &Counted, connection: &Connection) -> Stored<ConversationFigures> {
    let mut counts = Counts::default();
    counts.read(asked(OPEN, of).statement(), connection)?;
    let (days, parts) = days_and_parts(of, connection)?;
    if let Some(days) = days {
        counts.read_kept(asked(KEPT_DAYS, &days).statement(), connection)?;
    }
    for part in &parts {
        counts.read(asked(CLOSED, part).statement(), connection)?;
    }
    Ok(counts.figures())
}

/// The labels of conversations, likewise.
fn labels(of: &Counted, connection: &Connection) -> Stored<Vec<LabelFigure>> {
    let (days, parts) = days_and_parts(of, connection)?;
    let mut counts: BTreeMap<LabelId, i64> = BTreeMap::new();
    let kept = days.iter().map(|days| asked(KEPT_LABELS, days));
    for asked in kept.chain(parts.iter().map(|part| asked(LABELS, part))) {
        for (label, count) in label_counts(asked.statement(), connection)? {
            *counts.entry(label).or_default() += count;
        }
    }
    let ids: Vec<&str> = counts.keys().map(LabelId::as_str).collect();
    let names = sql(LABEL_NAMES).bind(ids_argument(&ids));
    let named = |row: &Row| -> Stored<LabelFigure> {
        let id: LabelId = id(row, "id")?;
        Ok(LabelFigure {
            count: counts.get(&id).copied().unwrap_or_default(),
            label: LabelRef {
                kind: code(row, "kind", LabelKind::from_code)?,
                name: text(row, "name")?,
                id,
            },
        })
    };
    let names = names.fetch_all(connection)?;
    let figures = names.iter().map(named).collect::<Stored<Vec<_>>>();
    let mut figures = figures?;
    // Those that are as frequent stay in the order of their names.
    figures.sort_by_key(|figure| (figure.label.kind, -figure.count));
    Ok(figures)
}

fn label_counts(statement: Statement<'_>, connection: &Connection) -> Stored<Vec<(LabelId, i64)>> {
    let rows = statement.fetch_all(connection)?;
    let read =
        |row: &Row| -> Stored<(LabelId, i64)> { Ok((id(row, "label_id")?, int(row, "counted")?)) };
    rows.iter().map(read).collect()
}

/// Some time as whole days, by their numbers, of which what is kept counts; and what is to be counted from the rows, because it is no
/// whole day or has changed since.
fn days_and_parts(
    of: &Counted,
    connection: &Connection,
) -> Stored<(Option<Counted>, Vec<Counted>)> {
    let part = |teams: &[TeamId], from: i64, until: i64| Counted {
        teams: teams.to_vec(),
        from: Timestamp(from),
        until: Timestamp(until),
    };
    let (first, end) = (
        (of.from.0 + DAY - 1).div_euclid(DAY),
        of.until.0.div_euclid(DAY),
    );
    if first >= end {
        return Ok((None, vec![of.clone()]));
    }
    let days = part(&of.teams, first, end);
    let mut parts = vec![
        part(&of.teams, of.from.0, first * DAY),
        part(&of.teams, end * DAY, of.until.0),
    ];
    parts.retain(|part| part.from < part.until);
    for (run, teams) in changed_days(asked(CHANGED_DAYS, &days).statement(), connection)? {
        parts.push(part(&teams, run.start * DAY, run.end * DAY));
    }
    Ok((Some(days), parts))
}

/// Days that follow one another, with the teams of which they have changed.
fn changed_days(
    statement: Statement<'_>,
    connection: &Connection,
) -> Stored<Vec<(Range<i64>, Vec<TeamId>)>> {
    let mut days: BTreeMap<i64, Vec<TeamId>> = BTreeMap::new();
    for row in &statement.fetch_all(connection)? {
        let teams = days.entry(int(row, "day")?).or_default();
        teams.push(id(row, "team_id")?);
    }
    let mut runs: Vec<(Range<i64>, Vec<TeamId>)> = Vec::new();
    for (day, teams) in days {
        match runs.last_mut() {
            Some((run, of)) if run.end == day && *of == teams => run.end += 1,
            _ => runs.push((day..day + 1, teams)),
        }
    }
    Ok(runs)
}

fn changed_day(before: i64, connection: &Connection) -> Stored<Option<ChangedDay>> {
    let next = sql(NEXT_CHANGED).bind(before).fetch_optional(connection)?;
    let Some(next) = next else { return Ok(None) };
    let day = TeamDay {
        team: id(&next, "team_id")?,
        day: int(&next, "day")?,
    };
    let marks = of_day(MARKS, &day).bind(MARKS_READ);
    let marks: Vec<String> = marks
        .fetch_all(connection)?
        .iter()
        .map(|row| text(row, "mark"))
        .collect::<Stored<_>>()?;
    if marks.len() > MARKS_MAX {
        return Ok(Some(ChangedDay::Crowded(day)));
    }
    let of = Counted {
        teams: vec![day.team.clone()],
        from: Timestamp(day.day * DAY),
        until: Timestamp((day.day + 1) * DAY),
    };
    let mut counts = Counts::default();
    counts.read(asked(CLOSED, &of).statement(), connection)?;
    let kept = counts.kept(day.day);
    let labels = label_counts(asked(LABELS, &of).statement(), connection)?;
    Ok(Some(ChangedDay::Counted(CountedDay {
        day,
        marks,
        kept,
        labels,
    })))
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
        Some(at) => Some((at, settled_how(row)?)),
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
