//! What live connections ask, many at a time and of one snapshot. Each is answered for its own session, with the rights that the session
//! has in that snapshot: that another connection reads the same log gives nobody a right to it.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use shared::ids::{UserId, WorkitemId};
use shared::people::{Actor, Presence};
use shared::policy::{Action, WorkitemAct, can};
use shared::reviews::Review;
use shared::time::Timestamp;
use shared::transcript::WorkitemChange;
use shared::workitem::{Dashboard, RaisedHand, ReplyNotice, Workitem};

use super::agents::count_open;
use super::replies::replies_unseen;
use super::reviews::review_shown;
use super::transcripts::changes_shown;
use crate::commands::Shown;
use crate::commands::readings::{readings, unsaid};
use crate::store::rows::{EntryRow, LiveRows, LiveRowsAsked, SessionRow, WorkitemRow};
use crate::store::{Snapshot, Stored, WorkitemRecord};

/// Where a connection stands in the log of a workitem.
#[derive(Clone, Debug)]
pub struct LogPosition {
    /// Which log.
    pub workitem: WorkitemId,
    /// The last revision that it knows.
    pub after: i64,
    /// Of how many revisions the changes are read at most.
    pub limit: i64,
}

/// What is asked at a time. A caller that asks for workitems alone asks for the right to them afterwards.
#[derive(Clone, Debug, Default)]
pub struct LiveQuestion {
    /// For which session, by its id, and what time it is.
    pub session: Option<(String, Timestamp)>,
    /// Workitems to look up.
    pub workitems: Vec<WorkitemId>,
    /// Of which logs the session's user wants what they missed.
    pub logs: Vec<LogPosition>,
    /// Whether the replies count that the session's user has not seen.
    pub replies: bool,
    /// The workitem whose flag for review the session's user wants.
    pub review: Option<WorkitemId>,
    /// The session's user, if they want what is open at them.
    pub worklist: Option<UserId>,
    /// What the session's user wants of their dashboard.
    pub dashboard: Option<DashboardPart>,
}

/// A part of a dashboard.
#[derive(Clone, Debug)]
pub struct DashboardPart {
    /// The rows of these agents.
    pub agents: Vec<UserId>,
    /// Whether the queues as well.
    pub queues: bool,
}

/// What is open at an agent.
#[derive(Clone, Debug)]
pub struct OpenWork {
    /// As they chose it.
    pub presence: Presence,
    /// Active and in wrap-up, the oldest first.
    pub workitems: Vec<Workitem>,
    /// Their requests, the oldest first.
    pub hands: Vec<RaisedHand>,
}

/// What a session may read of a log.
#[derive(Clone, Debug)]
pub enum Missed {
    /// The changes in order, each with its revision.
    Changes(Vec<(i64, WorkitemChange)>),
    /// More revisions than were asked for, or a revision that does not exist: the asker knows another history. Or nothing says yet that
    /// the asker reads it, which is decided where it is read whole.
    Snapshot,
    /// Nothing: there is no such workitem, or it is not for them.
    Refused,
}

/// The answer to a question. Nothing but workitems is answered where the session is over.
#[derive(Clone, Debug, Default)]
pub struct LiveAnswer {
    /// The session, unless it is over.
    pub session: Option<SessionRow>,
    /// The workitems that there are.
    pub workitems: HashMap<WorkitemId, WorkitemRecord>,
    /// What was missed of each log that was asked for, in the order of the question.
    pub missed: Vec<Missed>,
    /// The replies, if they were asked for.
    pub replies: Vec<ReplyNotice>,
    /// The flag for review, if it was asked for and the user may review the workitem.
    pub review: Option<Box<Review>>,
    /// What is open at the user, if it was asked for and they handle work.
    pub worklist: Option<OpenWork>,
    /// Rows and queues, if they were asked for and the user has a dashboard.
    pub dashboard: Option<Dashboard>,
}

/// Whether they are answered by rows that are read together, so that a look is enough.
pub fn are_read_together(asked: &[LiveQuestion]) -> bool {
    let more = |question: &LiveQuestion| {
        question.replies || question.review.is_some() || question.dashboard.is_some()
    };
    !asked.iter().any(more)
}

/// Answers questions, in their order. However many there are, sessions, workitems, logs and lists are read together.
pub async fn live_answers(
    rows: &mut dyn Snapshot,
    asked: &[LiveQuestion],
) -> Stored<Vec<LiveAnswer>> {
    let found = Found::of(rows.live_rows(wanted(asked)).await?);
    let mut answers = Vec::with_capacity(asked.len());
    for question in asked {
        let named = question.workitems.iter();
        let named =
            named.filter_map(|id| Some((id.clone(), found.workitems.get(id)?.clone().record())));
        let mut answer = LiveAnswer {
            workitems: named.collect(),
            ..LiveAnswer::default()
        };
        if let (Some(session), Some((_, now))) = (found.session(question), &question.session) {
            let actor = &session.actor;
            let unsaid = unsaid_logs(rows, actor, question, &found.workitems, *now).await?;
            let missed = |log| found.missed(log, actor, &unsaid);
            answer.missed = question.logs.iter().map(missed).collect();
            if question.replies {
                answer.replies = replies_unseen(rows, actor).await?;
            }
            let flagged = question.review.as_ref();
            if let Some(row) = flagged.and_then(|id| found.workitems.get(id)) {
                answer.review = review_shown(rows, actor, row).await?;
            }
            let own = question.worklist.as_ref();
            answer.worklist = own.and_then(|agent| found.worklist(agent, actor));
            if let Some(part) = &question.dashboard {
                answer.dashboard = dashboard_part(rows, actor, part, &found).await?;
            }
            answer.session = Some(session.clone());
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// What is read together for all questions.
fn wanted(asked: &[LiveQuestion]) -> LiveRowsAsked {
    let named = asked
        .iter()
        .filter_map(|question| question.session.as_ref());
    // Times differ by moments; each question compares with its own.
    let now = named.clone().map(|(_, now)| *now).min();
    let sessions: BTreeSet<&String> = named.map(|(id, _)| id).collect();
    let workitems: BTreeSet<&WorkitemId> = asked
        .iter()
        .flat_map(|question| {
            let logs = question.logs.iter().map(|log| &log.workitem);
            logs.chain(&question.review).chain(&question.workitems)
        })
        .collect();
    let logs = asked.iter().flat_map(|question| &question.logs);
    // No log has a revision below 0: whoever says so knows another history.
    let logs = logs.filter(|log| log.after >= 0);
    let logs: BTreeSet<_> = logs
        .map(|log| (log.workitem.clone(), log.after, log.limit))
        .collect();
    let own: BTreeSet<&UserId> = asked
        .iter()
        .filter_map(|question| question.worklist.as_ref())
        .collect();
    let shown = asked
        .iter()
        .filter_map(|question| question.dashboard.as_ref());
    let shown = shown.flat_map(|part| &part.agents);
    let open: BTreeSet<&UserId> = own.iter().copied().chain(shown).collect();
    LiveRowsAsked {
        sessions: now.map(|now| (sessions.into_iter().cloned().collect(), now)),
        workitems: workitems.into_iter().cloned().collect(),
        logs: logs.into_iter().collect(),
        open_of: open.into_iter().cloned().collect(),
        standing_of: own.into_iter().cloned().collect(),
    }
}

/// What was read together, by what it is asked for.
struct Found {
    sessions: HashMap<String, SessionRow>,
    workitems: HashMap<WorkitemId, WorkitemRow>,
    entries: HashMap<WorkitemId, Vec<EntryRow>>,
    open: HashMap<UserId, Vec<Workitem>>,
    hands: HashMap<UserId, Vec<RaisedHand>>,
    presences: HashMap<UserId, Presence>,
}

fn grouped<K: Eq + Hash, V>(pairs: impl IntoIterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}

impl Found {
    fn of(rows: LiveRows) -> Self {
        let workitems = rows.workitems.into_iter();
        let open = rows.open.into_iter().filter_map(|row| {
            let agent = row.workitem.agent.as_ref()?.id.clone();
            Some((agent, row.workitem))
        });
        Self {
            sessions: rows.sessions.into_iter().collect(),
            workitems: workitems
                .map(|row| (row.workitem.id.clone(), row))
                .collect(),
            entries: grouped(rows.entries),
            open: grouped(open),
            hands: grouped(rows.hands),
            presences: rows.presences.into_iter().collect(),
        }
    }

    /// The session for which a question is asked, unless it is over.
    fn session(&self, question: &LiveQuestion) -> Option<&SessionRow> {
        let (id, now) = question.session.as_ref()?;
        let session = self.sessions.get(id);
        session.filter(|session| session.lasts(*now))
    }

    fn missed(&self, log: &LogPosition, actor: &Actor, unsaid: &BTreeSet<WorkitemId>) -> Missed {
        let may = |row: &&WorkitemRow| {
            let facts = row.facts();
            can(actor, Action::Workitem(WorkitemAct::Read, &facts)).is_ok()
        };
        let Some(row) = self.workitems.get(&log.workitem).filter(may) else {
            return Missed::Refused;
        };
        if !is_within(log, row.head) || unsaid.contains(&log.workitem) {
            return Missed::Snapshot;
        }
        let entries = self.entries.get(&log.workitem);
        let entries = entries.map_or(&[][..], Vec::as_slice);
        Missed::Changes(changes_shown(row, entries, log.after, actor))
    }

    /// What is open at an agent, if it is they who ask and they handle work.
    fn worklist(&self, agent: &UserId, actor: &Actor) -> Option<OpenWork> {
        if *agent != actor.id || can(actor, Action::WorkspaceUse).is_err() {
            return None;
        }
        Some(OpenWork {
            presence: *self.presences.get(agent)?,
            workitems: self.open.get(agent).cloned().unwrap_or_default(),
            hands: self.hands.get(agent).cloned().unwrap_or_default(),
        })
    }
}

/// What somebody wants of their dashboard, if they have one.
async fn dashboard_part(
    rows: &mut dyn Snapshot,
    actor: &Actor,
    part: &DashboardPart,
    found: &Found,
) -> Stored<Option<Dashboard>> {
    if can(actor, Action::DashboardView).is_err() {
        return Ok(None);
    }
    let mut dashboard = Dashboard::default();
    if !part.agents.is_empty() {
        let agents = rows.dashboard_rows(&actor.supervises, &part.agents);
        dashboard.agents = agents.await?;
    }
    for row in &mut dashboard.agents {
        if let Some(open) = found.open.get(&row.id) {
            count_open(row, open);
        }
    }
    if part.queues {
        dashboard.queues = rows.dashboard_queues(&actor.supervises).await?;
    }
    Ok(Some(dashboard))
}

/// Which of the logs that are asked for the user reads without anything that says so.
async fn unsaid_logs(
    rows: &mut dyn Snapshot,
    actor: &Actor,
    question: &LiveQuestion,
    workitems: &HashMap<WorkitemId, WorkitemRow>,
    now: Timestamp,
) -> Stored<BTreeSet<WorkitemId>> {
    let logs = question.logs.iter();
    let logs = logs.filter_map(|log| workitems.get(&log.workitem));
    let read = readings(&actor.id, Shown::Pages, logs.map(|row| &row.workitem));
    let unsaid = unsaid(rows, &actor.id, read, now).await?;
    Ok(unsaid.into_iter().map(|reading| reading.workitem).collect())
}

/// Whether what is behind the position is read change by change.
fn is_within(log: &LogPosition, head: i64) -> bool {
    log.after >= 0 && (0..=log.limit).contains(&(head - log.after))
}
