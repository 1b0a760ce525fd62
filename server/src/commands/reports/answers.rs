//! What a report is answered, and what is kept of that under its key: enough to give the first answer again, and no word of the
//! customer. Keys are kept for ever, and what a customer said or is called must be erasable.

use serde::{Deserialize, Serialize};
use shared::erasure::ERASED;
use shared::ids::{TeamId, WorkitemId};
use shared::labels::LabelRef;
use shared::people::PersonRef;
use shared::rating::Rating;
use shared::time::Timestamp;
use shared::workitem::{Channel, Workitem, WorkitemState};

use super::ReportContext;
use crate::commands::keys::IdempotencyKey;
use crate::store::{Snapshot, StoreError, Stored, Transaction};

/// A workitem as other systems read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkitemSummary {
    /// Which.
    pub id: WorkitemId,
    /// On which way the customer came.
    pub channel: Channel,
    /// Where it stands.
    pub state: WorkitemState,
    /// How the customer is called. It stands in the workitem alone, where it can be erased; nothing else changes it.
    #[serde(skip)]
    pub customer: String,
    /// What it is about; as `customer`.
    #[serde(skip)]
    pub subject: String,
    /// The team that it belongs to.
    pub team: TeamId,
    /// That team's name.
    pub team_name: String,
    /// Who has it; nobody while it is queued.
    pub agent: Option<PersonRef>,
    /// When it came in.
    pub started_at: Timestamp,
    /// The last message of customer or agent.
    pub last_activity_at: Timestamp,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<Timestamp>,
    /// How it ended and what it is about.
    #[serde(default)]
    pub labels: Vec<LabelRef>,
    /// How the customer rated it; as `customer`.
    #[serde(skip)]
    pub rating: Option<Rating>,
}

impl From<Workitem> for WorkitemSummary {
    fn from(workitem: Workitem) -> Self {
        Self {
            id: workitem.id,
            channel: workitem.channel,
            state: workitem.state,
            customer: workitem.customer,
            subject: workitem.subject,
            team: workitem.team,
            team_name: workitem.team_name,
            agent: workitem.agent,
            started_at: workitem.started_at,
            last_activity_at: workitem.last_activity_at,
            waiting_since: workitem.waiting_since,
            labels: workitem.labels,
            rating: workitem.rating,
        }
    }
}

/// What stands under a key.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredAnswer {
    /// The workitem as it was answered.
    Answer(Box<WorkitemSummary>),
    /// The release before kept of a beginning which workitem it was.
    Begun(WorkitemId),
    /// And of a change that it was made.
    Changed(()),
}

impl ReportContext {
    /// The first answer of a report that was made before; `about`: the workitem that it names, if it names one.
    pub(super) async fn first_answer(
        &self,
        rows: &mut dyn Snapshot,
        key: &IdempotencyKey,
        about: Option<&WorkitemId>,
    ) -> Stored<Option<WorkitemSummary>> {
        let begun = match key.first_answer(rows).await? {
            None => return Ok(None),
            Some(StoredAnswer::Answer(first)) => return with_words(rows, *first).await.map(Some),
            Some(StoredAnswer::Begun(workitem)) => Some(workitem),
            Some(StoredAnswer::Changed(())) => None,
        };
        // How it was is known no more. As it is now it is for those who may read it.
        let workitem = begun.as_ref().or(about).ok_or(StoreError::NotFound)?;
        let row = rows.workitem_find(workitem).await?;
        let workitem = row.ok_or(StoreError::NotFound)?.workitem;
        self.ask(rows, std::slice::from_ref(&workitem.team)).await?;
        Ok(Some(workitem.into()))
    }

    /// The workitem as it is now, which is the answer from now on.
    pub(super) async fn answer(
        &self,
        rows: &mut dyn Transaction,
        key: &IdempotencyKey,
        workitem: &WorkitemId,
    ) -> Stored<WorkitemSummary> {
        let answer = super::load(rows, workitem).await?.workitem.into();
        key.keep(rows, self.at, &answer).await?;
        Ok(answer)
    }
}

/// With the customer's words, as far as they are kept.
async fn with_words(rows: &mut dyn Snapshot, first: WorkitemSummary) -> Stored<WorkitemSummary> {
    let row = rows.workitem_find(&first.id).await?;
    let gone = || (ERASED.to_owned(), ERASED.to_owned());
    let words = row.map(|row| (row.workitem.customer, row.workitem.subject));
    let (customer, subject) = words.unwrap_or_else(gone);
    Ok(WorkitemSummary {
        customer,
        subject,
        ..first
    })
}
