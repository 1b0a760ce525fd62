//! Labels of workitems: the list that administrators keep, and what those who work on a workitem choose from it.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::error::{ConflictCause, Difference, Problem};
use shared::ids::{CommandKey, LabelId, TeamId, UserId, WorkitemId};
use shared::labels::{LABELS_MAX, LABELS_OF_ONE_MAX, Label, LabelKind, LabelRef};
use shared::policy::{Action, WorkitemAct};
use shared::time::Timestamp;
use shared::workitem::{Workitem, WorkitemState};

use super::edits::{difference, edited_meanwhile};
use super::keys::IdempotencyKey;
use super::{audit, entries, rights, workitems};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Adds a label to the list. `Invalid` when its name is taken, or there are too many.
#[derive(Clone, Debug)]
pub struct LabelCreate {
    /// The label.
    pub label: Label,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for LabelCreate {
    type Answer = ();
    const NAME: &'static str = "label_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self { label, context } = self;
        let content = (label.kind, &label.team, &label.name);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::OrganisationManage).await?;
        if let Some(team) = &label.team
            && rows.team_find(team).await?.is_none()
        {
            return Err(invalid("team", Problem::NotATeam));
        }
        room(rows).await?;
        free(rows, label).await?;
        rows.label_insert(label).await?;
        let changes = audited(None, Some(label));
        audit::changed(rows, context, Self::NAME, label.id.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Renames a label, or says whether it can be chosen. Workitems that have it keep it. `Conflict` when somebody else edited it
/// since `version`.
#[derive(Clone, Debug)]
pub struct LabelUpdate {
    /// Which.
    pub label: LabelId,
    /// The version that this started from.
    pub version: i64,
    /// What it shall be called.
    pub name: String,
    /// Whether it can be chosen.
    pub active: bool,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for LabelUpdate {
    type Answer = ();
    const NAME: &'static str = "label_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let content = (&self.label, self.version, &self.name, self.active);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::OrganisationManage).await?;
        let stored = rows.label_find(&self.label).await?;
        let stored = stored.ok_or(StoreError::NotFound)?;
        let renamed = difference(&stored.name, &self.name, Difference::Name);
        let edited = renamed.is_some() || stored.active != self.active;
        if edited && stored.version != self.version {
            let now = renamed.into_iter().collect();
            let refusal = edited_meanwhile(rows, self.label.as_str(), Self::NAME, now, false);
            return Err(refusal.await?);
        }
        let after = Label {
            name: self.name.clone(),
            active: self.active,
            version: stored.version + i64::from(edited),
            ..stored.clone()
        };
        if after.active && !stored.active {
            room(rows).await?;
        }
        free(rows, &after).await?;
        rows.label_set(&after).await?;
        let changes = audited(Some(&stored), Some(&after));
        audit::changed(rows, context, Self::NAME, self.label.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written {
            value: (),
            // Every workitem that has it shows its name.
            changes: vec![Change::People],
        })
    }
}

/// Gives a workitem a label, or takes one from it. A new outcome takes the place of the one before. Nothing of it is the
/// customer's.
#[derive(Clone, Debug)]
pub struct LabelSet {
    /// Which workitem; it may be closed.
    pub workitem: WorkitemId,
    /// Who.
    pub by: UserId,
    /// Which label.
    pub label: LabelId,
    /// Whether it shall have it.
    pub on: bool,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for LabelSet {
    type Answer = ();
    const NAME: &'static str = "label_set";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let content = (&self.workitem, &self.label, self.on);
        let key = IdempotencyKey::of_user(&self.by, &self.key, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = rows.workitem_find(&self.workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        rights::ask_in(rows, &self.by, WorkitemAct::Label, &row).await?;
        let mut labels = row.workitem.labels.iter();
        match (self.on, labels.find(|has| has.id == self.label)) {
            (true, None) => {
                let label = rows.label_find(&self.label).await?;
                let label = label.ok_or_else(|| invalid("label", Problem::NotALabel))?;
                put(rows, &row.workitem, &label).await?;
            }
            (false, Some(label)) => take(rows, &row.workitem, label).await?,
            (true, Some(_)) | (false, None) => {
                key.keep(rows, self.at, &()).await?;
                return Ok(Written::unchanged(()));
            }
        }
        let mut changes = Vec::new();
        let row = entries::touch_workitem(rows, &self.workitem, &mut changes).await?;
        changes.push(workitems::list_change(&row.workitem));
        key.keep(rows, self.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Gives a workitem a label that it has not.
async fn put(rows: &mut dyn Transaction, workitem: &Workitem, label: &Label) -> Stored<()> {
    if !label.active || !fits(label, &workitem.team) {
        return Err(invalid("label", Problem::NotALabel));
    }
    let mut count = workitem.labels.len() + 1;
    if label.kind == LabelKind::Outcome {
        let before = workitem.labels.iter();
        for outcome in before.filter(|label| label.kind == LabelKind::Outcome) {
            rows.label_take(&workitem.id, &outcome.id).await?;
            count -= 1;
        }
    }
    if count > LABELS_OF_ONE_MAX {
        let max = LABELS_OF_ONE_MAX as i64;
        return Err(invalid("labels", Problem::TooMany { max }));
    }
    rows.label_put(&workitem.id, &label.id).await
}

/// Takes a label from a workitem that has it, even if the label belongs to another team by now or was deleted. The outcome that
/// closing required stays.
async fn take(rows: &mut dyn Transaction, workitem: &Workitem, label: &LabelRef) -> Stored<()> {
    if workitem.state == WorkitemState::Closed && label.kind == LabelKind::Outcome {
        let mut without = workitem.clone();
        without.labels.retain(|has| has.id != label.id);
        if let Some(cause) = missing_outcome(rows, &without).await? {
            return Err(StoreError::Conflict(cause));
        }
    }
    rows.label_take(&workitem.id, &label.id).await
}

/// Whether workitems of a team can have it.
fn fits(label: &Label, team: &TeamId) -> bool {
    label.team.as_ref().is_none_or(|own| own == team)
}

/// Why a workitem cannot be closed yet: the organisation wants an outcome, there are some, and it has none.
pub(super) async fn missing_outcome(
    rows: &mut dyn Snapshot,
    workitem: &Workitem,
) -> Stored<Option<ConflictCause>> {
    let is_outcome = |kind| kind == LabelKind::Outcome;
    if workitem.labels.iter().any(|label| is_outcome(label.kind)) {
        return Ok(None);
    }
    if !rows.organisation_find().await?.settings.outcome_required {
        return Ok(None);
    }
    let offered = rows.labels_offered(&workitem.team).await?;
    let wanted = offered.iter().any(|label| is_outcome(label.kind));
    Ok(wanted.then_some(ConflictCause::OutcomeMissing))
}

/// There is room for one more that is offered.
async fn room(rows: &mut dyn Snapshot) -> Stored<()> {
    let labels = rows.label_list().await?;
    let offered = labels.iter().filter(|label| label.active).count();
    match offered as i64 >= LABELS_MAX {
        true => Err(invalid("labels", Problem::TooMany { max: LABELS_MAX })),
        false => Ok(()),
    }
}

/// No other label of its kind has its name where both could be offered.
async fn free(rows: &mut dyn Snapshot, label: &Label) -> Stored<()> {
    match rows.label_name_taken(label).await? {
        true => Err(invalid("name", Problem::Taken)),
        false => Ok(()),
    }
}

fn invalid(field: &'static str, problem: Problem) -> StoreError {
    StoreError::Invalid { field, problem }
}

/// What the audit log says of a change.
pub(super) fn audited(before: Option<&Label>, after: Option<&Label>) -> Vec<AuditChange> {
    let values = |label: &Label| {
        let team = label.team.as_ref();
        [
            label.kind.code().to_owned(),
            label.name.clone(),
            team.map_or_else(String::new, TeamId::to_string),
            label.active.to_string(),
        ]
    };
    let names = ["kind", "name", "team", "active"];
    audit::differences(names, before.map(values), after.map(values))
}
