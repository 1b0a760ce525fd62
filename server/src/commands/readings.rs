//! Reading what others have or had: what the audit log says of it, before anything is shown.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::ids::{UserId, WorkitemId};
use shared::policy::WorkitemAct;
use shared::time::Timestamp;
use shared::workitem::Workitem;

use super::{HistoryRead, WorkitemPeek, audit, rights};
use crate::store::rows::{LiveRowsAsked, ReadingRow};
use crate::store::{Command, Snapshot, StoreError, Stored, Transaction, Written};

/// For how long a row says that somebody reads a conversation. More of the same would say no more and fill the log.
const SAYS_FOR_US: i64 = 60 * 60 * 1_000_000;

/// What somebody is shown of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Pages of it.
    Pages,
    /// Words that a search found.
    Excerpt,
    /// A file of a message.
    File,
    /// Coaching that helped in it.
    Coaching,
}

impl Shown {
    /// What a row says of it beside who and which; of pages nothing.
    fn noted(self) -> Option<AuditChange> {
        let code = match self {
            Self::Pages => return None,
            Self::Excerpt => "excerpt",
            Self::File => "file",
            Self::Coaching => "coaching",
        };
        Some(audit::noted("shown", code))
    }
}

/// The row that somebody's reading has.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Of which workitem.
    pub(crate) workitem: WorkitemId,
    what: &'static str,
    /// Who has the work: of a peek alone.
    agent: Vec<AuditChange>,
    shown: Option<AuditChange>,
}

impl Reading {
    /// None where a monitoring says that they read it, and of their own work.
    fn of(workitem: &Workitem, reader: &UserId, shown: Shown) -> Option<Self> {
        if !workitem.is_unsaid_for(reader) {
            return None;
        }
        let (what, agent) = match workitem.state.is_at_agent() {
            true => (WorkitemPeek::NAME, audit::of_agent(workitem.agent.as_ref())),
            false => (HistoryRead::NAME, Vec::new()),
        };
        Some(Self {
            workitem: workitem.id.clone(),
            what,
            agent,
            shown: shown.noted(),
        })
    }

    fn changes(&self) -> Vec<AuditChange> {
        self.agent.iter().chain(&self.shown).cloned().collect()
    }

    /// Whether this row says it already. One of the whole conversation says it of its parts. Opening what another agent has is a row
    /// each time.
    fn is_said_by(&self, row: &ReadingRow) -> bool {
        let opens = self.shown.is_none() && self.what == WorkitemPeek::NAME;
        let same = row.what == self.what && row.about == self.workitem.as_str();
        same && !opens && (row.changes == self.agent || row.changes == self.changes())
    }
}

/// The rows that a reading of these has, one of each workitem, in their order.
pub(crate) fn readings<'a>(
    reader: &UserId,
    shown: Shown,
    workitems: impl Iterator<Item = &'a Workitem>,
) -> Vec<Reading> {
    let rows = workitems.filter_map(|workitem| Reading::of(workitem, reader, shown));
    let mut rows: Vec<Reading> = rows.collect();
    rows.sort_by(|one, other| one.workitem.cmp(&other.workitem));
    rows.dedup_by(|one, other| one.workitem == other.workitem);
    rows
}

/// Those of them that the log does not say already.
pub(crate) async fn unsaid(
    rows: &mut dyn Snapshot,
    reader: &UserId,
    mut readings: Vec<Reading>,
    at: Timestamp,
) -> Stored<Vec<Reading>> {
    if readings.is_empty() {
        return Ok(readings);
    }
    let about: Vec<WorkitemId> = readings.iter().map(|row| row.workitem.clone()).collect();
    let since = Timestamp(at.0 - SAYS_FOR_US);
    let said = rows.audit_readings(reader, &about, (since, at)).await?;
    readings.retain(|reading| !said.iter().any(|row| reading.is_said_by(row)));
    Ok(readings)
}

/// Somebody is about to be shown something of conversations that others have or had, without monitoring them. Nobody is notified, so it
/// is recorded: as a peek where an agent has the work, else as reading the history. Answers whether something was: not where the
/// reader has or had the workitem, where they monitor it by now, and where the log says it already.
#[derive(Clone, Debug)]
pub struct ConversationRead {
    /// Of which workitems, each once.
    pub workitems: Vec<WorkitemId>,
    /// Who.
    pub reader: UserId,
    /// What of them.
    pub shown: Shown,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for ConversationRead {
    type Answer = bool;
    const NAME: &'static str = "conversation_read";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let asked = LiveRowsAsked {
            workitems: self.workitems.clone(),
            ..LiveRowsAsked::default()
        };
        let found = rows.live_rows(asked).await?.workitems;
        if found.len() < self.workitems.len() {
            return Err(StoreError::NotFound);
        }
        rights::ask_in_each(rows, &self.reader, WorkitemAct::Read, &found).await?;
        let found = found.iter().map(|row| &row.workitem);
        let due = readings(&self.reader, self.shown, found);
        let due = unsaid(rows, &self.reader, due, self.at).await?;
        for reading in &due {
            let act = (reading.what, reading.workitem.as_str());
            let changes = reading.changes();
            audit::done(rows, Some(&self.reader), act, &changes, self.at).await?;
        }
        Ok(Written::unchanged(!due.is_empty()))
    }
}
