//! Escalation of requests for assistance: what an administrator sets, and the steps when they are due.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::directory::{Notification, RequestRef};
use shared::error::Problem;
use shared::escalation::{Escalation, Step, later};
use shared::ids::{DirectoryMessageId, UserId};
use shared::people::{PersonRef, Role};
use shared::policy::Action;
use shared::time::Timestamp;

use super::directory::{self, Delivery};
use super::edits::edited_meanwhile;
use super::keys::IdempotencyKey;
use super::{audit, notifications, rights};
use crate::store::rows::DueRequest;
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Sets the steps of a team. `Conflict` when somebody else did since `version`.
#[derive(Clone, Debug)]
pub struct EscalationSave {
    /// What it shall be, with the version that this started from.
    pub escalation: Escalation,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for EscalationSave {
    type Answer = ();
    const NAME: &'static str = "escalation_save";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self {
            escalation: wanted,
            context,
        } = self;
        let key = IdempotencyKey::in_context(context, Self::NAME, wanted)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::OrganisationManage).await?;
        if rows.team_find(&wanted.team).await?.is_none() {
            return Err(StoreError::NotFound);
        }
        if let Some((after, who)) = &wanted.on_call {
            later(wanted.all_after_min, *after)
                .map_err(|(field, problem)| StoreError::Invalid { field, problem })?;
            let user = rows.user_find(who).await?;
            let role = Role::Supervisor;
            if user.is_none_or(|user| !user.active || !user.roles.contains(&role)) {
                return Err(StoreError::Invalid {
                    field: "on_call",
                    problem: Problem::WithoutRole { role },
                });
            }
        }
        let before = rows.escalation_find(&wanted.team).await?;
        let version = before.as_ref().map_or(0, |before| before.version);
        let after = Escalation {
            version: version + 1,
            ..wanted.clone()
        };
        let changes = audited(before.as_ref(), &after);
        if !changes.is_empty() {
            if version != wanted.version {
                let id = wanted.team.as_str();
                let refusal = edited_meanwhile(rows, id, Self::NAME, Vec::new(), false);
                return Err(refusal.await?);
            }
            rows.escalation_set(&after).await?;
            audit::changed(rows, context, Self::NAME, wanted.team.as_str(), changes).await?;
        }
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// What the audit log says of a change.
fn audited(before: Option<&Escalation>, after: &Escalation) -> Vec<AuditChange> {
    let values = |steps: &Escalation| {
        let minutes = |minutes: Option<i64>| minutes.map(|min| min.to_string());
        let (after, who) = steps.on_call.clone().unzip();
        [
            minutes(steps.all_after_min).unwrap_or_default(),
            minutes(after).unwrap_or_default(),
            who.map(|who| who.to_string()).unwrap_or_default(),
        ]
    };
    let nothing = || [String::new(), String::new(), String::new()];
    let was = before.map_or_else(nothing, values);
    let fields = ["all_after", "on_call_after", "on_call"];
    audit::differences(fields, Some(was), Some(values(after)))
}

/// Takes the steps that are due. The supervisors who are asked get the agent's request like those whom the agent chose, and those who
/// have it already are notified of the step. Answers how many requests took a step.
#[derive(Clone, Debug)]
pub struct RequestsEscalate {
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for RequestsEscalate {
    type Answer = usize;
    const NAME: &'static str = "requests_escalate";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<usize>> {
        let mut changes = Vec::new();
        let mut taken: Vec<DueRequest> = Vec::new();
        for due in rows.requests_due(self.at).await? {
            let again = |known: &DueRequest| known.request == due.request && known.step == due.step;
            if !taken.iter().any(again) {
                self.take(rows, &due, &mut changes).await?;
                taken.push(due);
            }
        }
        Ok(Written {
            value: taken.len(),
            changes,
        })
    }
}

impl RequestsEscalate {
    async fn take(
        &self,
        rows: &mut dyn Transaction,
        due: &DueRequest,
        changes: &mut Vec<Change>,
    ) -> Stored<()> {
        rows.request_set_escalated(&due.request, due.step).await?;
        let asked = rows.request_recipients(&due.request).await?;
        for user in &asked {
            let event = Notification::RequestEscalated {
                request: due.request.clone(),
                step: due.step,
            };
            notifications::append(rows, user, event, changes).await?;
        }
        for (number, to) in (1_i64..).zip(whom(rows, due, &asked).await?) {
            let id = format!("{}-{}-{number}", due.request, due.step.number());
            let id = DirectoryMessageId::parse(id).map_err(|_| {
                StoreError::Storage("a request's id is too long to derive others from".to_owned())
            })?;
            let delivery = Delivery {
                id,
                from: &due.agent,
                to: &to,
                at: self.at,
                text: &due.text,
                request: Some(RequestRef {
                    id: due.request.clone(),
                    at: Some(due.at),
                    escalated: due.step,
                    workitem: due.workitem.clone(),
                    answered_by: None,
                    settled: None,
                    claimed: false,
                    claimed_by: None,
                    unreadable: false,
                }),
            };
            directory::deliver(rows, delivery, changes).await?;
        }
        changes.push(Change::Hands(due.agent.id.clone()));
        Ok(())
    }
}

/// The supervisors whom this step asks, without those who were `asked` before.
async fn whom(
    rows: &mut dyn Snapshot,
    due: &DueRequest,
    asked: &[UserId],
) -> Stored<Vec<PersonRef>> {
    let mut whom: Vec<PersonRef> = match due.step {
        Step::OnCall => due.on_call.iter().cloned().collect(),
        Step::Asked | Step::Everybody => {
            let supervisors = rows.supervisors_of(&due.agent.id).await?.into_iter();
            supervisors.map(|(person, _)| person).collect()
        }
    };
    whom.retain(|person| person.id != due.agent.id && !asked.contains(&person.id));
    Ok(whom)
}
