//! What live connections ask, many at a time and of one snapshot. Each is answered for its own session, with the rights that the session
//! has in that snapshot: that another connection reads the same log gives nobody a right to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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
use crate::store::rows::{EntryRow, SessionRow, WorkitemRow};
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
    /// Whether the session's user, an agent, wants what is open at them.
    pub worklist: bool,
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

/// Whether one statement answers them all: then a look is enough.
pub fn take_one_statement(asked: &[LiveQuestion]) -> bool {
    let bare = |question: &LiveQuestion| {
        let follows = !question.logs.is_empty() || question.replies || question.review.is_some();
        !follows && !question.worklist && question.dashboard.is_none()
    };
    let sessions = asked.iter().any(|question| question.session.is_some());
    let workitems = asked.iter().any(|question| !question.workitems.is_empty());
    asked.iter().all(bare) && !(sessions && workitems)
}

/// Answers questions, in their order. However many there are, sessions, workitems, and what is open at agents take a statement each.
pub async fn live_answers(
    rows: &mut dyn Snapshot,
    asked: &[LiveQuestion],
) -> Stored<Vec<LiveAnswer>> {
    let sessions = sessions(rows, asked).await?;
    let workitems = workitems(rows, asked).await?;
    let entries = entries(rows, asked, &workitems).await?;
    let mut dashboards = dashboards(rows, asked, &sessions).await?;
    let lists = lists(rows, asked, &sessions, &mut dashboards).await?;
    let mut answers = Vec::with_capacity(asked.len());
    for (question, dashboard) in asked.iter().zip(dashboards) {
        let named = question.workitems.iter();
        let named = named.filter_map(|id| Some((id.clone(), workitems.get(id)?.clone().record())));
        let mut answer = LiveAnswer {
            workitems: named.collect(),
            ..LiveAnswer::default()
        };
        if let Some(session) = session_of(question, &sessions) {
            let actor = &session.actor;
            let unsaid = unsaid_logs(rows, actor, question, &workitems, *now).await?;
            let missed = |log| missed(log, actor, &workitems, &entries, &unsaid);
            answer.missed = question.logs.iter().map(missed).collect();
            if question.replies {
                answer.replies = replies_unseen(rows, actor).await?;
            }
            let flagged = question.review.as_ref().and_then(|id| workitems.get(id));
            if let Some(row) = flagged {
                answer.review = review_shown(rows, actor, row).await?;
            }
            if question.worklist {
                answer.worklist = lists.get(&actor.id).cloned();
            }
            answer.dashboard = dashboard;
            answer.session = Some(session.clone());
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// The session for which a question is asked, unless it is over.
fn session_of<'s>(
    question: &LiveQuestion,
    sessions: &'s HashMap<String, SessionRow>,
) -> Option<&'s SessionRow> {
    let (id, now) = question.session.as_ref()?;
    sessions.get(id).filter(|session| session.lasts(*now))
}

/// What each question wants of its asker's dashboard, with nothing open at anybody.
async fn dashboards(
    rows: &mut dyn Snapshot,
    asked: &[LiveQuestion],
    sessions: &HashMap<String, SessionRow>,
) -> Stored<Vec<Option<Dashboard>>> {
    let mut all = Vec::with_capacity(asked.len());
    for question in asked {
        let actor = session_of(question, sessions).map(|session| &session.actor);
        let actor = actor.filter(|actor| can(actor, Action::DashboardView).is_ok());
        let (Some(part), Some(actor)) = (&question.dashboard, actor) else {
            all.push(None);
            continue;
        };
        let mut dashboard = Dashboard::default();
        if !part.agents.is_empty() {
            let agents = rows.dashboard_rows(&actor.supervises, &part.agents);
            dashboard.agents = agents.await?;
        }
        if part.queues {
            dashboard.queues = rows.dashboard_queues(&actor.supervises).await?;
        }
        all.push(Some(dashboard));
    }
    Ok(all)
}

/// What is open at those who want to know it of themselves. It is counted in the rows of the dashboards as well.
async fn lists(
    rows: &mut dyn Snapshot,
    asked: &[LiveQuestion],
    sessions: &HashMap<String, SessionRow>,
    dashboards: &mut [Option<Dashboard>],
) -> Stored<HashMap<UserId, OpenWork>> {
    let own = asked.iter().filter(|question| question.worklist);
    let own = own.filter_map(|question| session_of(question, sessions));
    let own = own.filter(|session| can(&session.actor, Action::WorkspaceUse).is_ok());
    let own: BTreeSet<UserId> = own.map(|session| session.actor.id.clone()).collect();
    let shown = dashboards.iter().flatten();
    let shown = shown.flat_map(|dashboard| dashboard.agents.iter().map(|row| row.id.clone()));
    let agents: BTreeSet<UserId> = own.iter().cloned().chain(shown).collect();
    if agents.is_empty() {
        return Ok(HashMap::new());
    }
    let agents: Vec<UserId> = agents.into_iter().collect();
    let open = rows.workitems_open_of_each(&agents).await?;
    let mut open: HashMap<UserId, Vec<WorkitemRow>> = open.into_iter().collect();
    for row in dashboards
        .iter_mut()
        .flatten()
        .flat_map(|dashboard| &mut dashboard.agents)
    {
        if let Some(list) = open.get(&row.id) {
            count_open(row, list.iter().map(|row| &row.workitem));
        }
    }
    if own.is_empty() {
        return Ok(HashMap::new());
    }
    let own: Vec<UserId> = own.into_iter().collect();
    let mut hands: HashMap<UserId, Vec<RaisedHand>> = HashMap::new();
    for (agent, hand) in rows.requests_open_of_each(&own).await? {
        hands.entry(agent).or_default().push(hand);
    }
    let presences = rows.presences_find_each(&own).await?.into_iter();
    let lists = presences.map(|(agent, presence)| {
        let open = open.remove(&agent).unwrap_or_default().into_iter();
        let work = OpenWork {
            presence,
            workitems: open.map(|row| row.workitem).collect(),
            hands: hands.remove(&agent).unwrap_or_default(),
        };
        (agent, work)
    });
    Ok(lists.collect())
}

async fn sessions(
    rows: &mut dyn Snapshot,
    asked: &[LiveQuestion],
) -> Stored<HashMap<String, SessionRow>> {
    let named = asked
        .iter()
        .filter_map(|question| question.session.as_ref());
    // Times differ by moments; each question compares with its own.
    let Some(now) = named.clone().map(|(_, now)| *now).min() else {
        return Ok(HashMap::new());
    };
    let ids: BTreeSet<&str> = named.map(|(id, _)| id.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let found = rows.sessions_find_each(&ids, now).await?;
    Ok(found.into_iter().collect())
}

async fn workitems(
    rows: &mut dyn Snapshot,
    asked: &[LiveQuestion],
) -> Stored<HashMap<WorkitemId, WorkitemRow>> {
    let named = asked.iter().flat_map(|question| {
        let logs = question.logs.iter().map(|log| &log.workitem);
        logs.chain(&question.review).chain(&question.workitems)
    });
    let ids: BTreeSet<&WorkitemId> = named.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<WorkitemId> = ids.into_iter().cloned().collect();
    let found = rows.workitems_find_each(&ids).await?.into_iter();
    Ok(found.map(|row| (row.workitem.id.clone(), row)).collect())
}

/// The entries of each log that is asked for, from the first position on that does not want a snapshot.
async fn entries(
    rows: &mut dyn Snapshot,
    asked: &[LiveQuestion],
    workitems: &HashMap<WorkitemId, WorkitemRow>,
) -> Stored<HashMap<WorkitemId, Vec<EntryRow>>> {
    let mut from: BTreeMap<&WorkitemId, i64> = BTreeMap::new();
    for log in asked.iter().flat_map(|question| &question.logs) {
        let row = workitems.get(&log.workitem);
        if row.is_some_and(|row| is_within(log, row.head)) {
            let first = from.entry(&log.workitem).or_insert(log.after);
            *first = log.after.min(*first);
        }
    }
    if from.is_empty() {
        return Ok(HashMap::new());
    }
    let from = from.into_iter().map(|(id, after)| (id.clone(), after));
    let from: Vec<(WorkitemId, i64)> = from.collect();
    let found = rows.entries_after_each(&from).await?;
    Ok(found.into_iter().collect())
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
    let behind = head.checked_sub(log.after);
    behind.is_some_and(|behind| (0..=log.limit).contains(&behind))
}

fn missed(
    log: &LogPosition,
    actor: &Actor,
    workitems: &HashMap<WorkitemId, WorkitemRow>,
    entries: &HashMap<WorkitemId, Vec<EntryRow>>,
    unsaid: &BTreeSet<WorkitemId>,
) -> Missed {
    let may = |row: &&WorkitemRow| {
        let facts = row.facts();
        can(actor, Action::Workitem(WorkitemAct::Read, &facts)).is_ok()
    };
    let Some(row) = workitems.get(&log.workitem).filter(may) else {
        return Missed::Refused;
    };
    if !is_within(log, row.head) || unsaid.contains(&log.workitem) {
        return Missed::Snapshot;
    }
    let entries = entries.get(&log.workitem).map_or(&[][..], Vec::as_slice);
    Missed::Changes(changes_shown(row, entries, log.after, actor))
}
