//! Asking for assistance. What becomes of a request then is in `requests`.
//!
//! A request keeps a copy of the template's text and the template's id. The id is for figures alone: whatever becomes of the
//! template, the request says what it said.

use async_trait::async_trait;
use shared::assistance::Template;
use shared::directory::RequestRef;
use shared::error::ConflictCause;
use shared::escalation::Step;
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, TemplateId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::Action;
use shared::time::Timestamp;
use shared::workitem::WorkitemState;

use super::directory::{self, Delivery};
use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::{rights, workitems};
use crate::store::rows::NewRequest;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// Stores a request for assistance and one directory message for each recipient, whom the sender has already chosen.
/// Answers who was asked. `Conflict` when the template is no longer offered (deleted, switched off, or never there), or says
/// something else than the agent saw: nothing is sent under the name of words that the agent did not choose.
#[derive(Clone, Debug)]
pub struct RequestCreate {
    /// The new request's id.
    pub request: RequestId,
    /// Who asks.
    pub agent: PersonRef,
    /// The template that was chosen; must still be active. Its id is kept, and its text copied.
    pub template: TemplateId,
    /// `all_available`, `all_signed_in` or `one`, for the record.
    pub choice: &'static str,
    /// The supervisor whom the agent chose, with the choice `one`.
    pub named: Option<UserId>,
    /// Who is asked, each with the id for their directory message. Not empty, unless the key was used already.
    pub recipients: Vec<(PersonRef, DirectoryMessageId)>,
    /// From which workitem; its agent must still be `agent`.
    pub workitem: Option<WorkitemId>,
    /// The words that the agent saw, which must still be the template's; `None`: whatever it says now.
    pub text: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for RequestCreate {
    type Answer = Vec<PersonRef>;
    const NAME: &'static str = "request_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Vec<PersonRef>>> {
        let agent = &self.agent;
        let key = self.key()?;
        if let Some(first) = key.first_answer::<Option<Vec<PersonRef>>>(rows).await? {
            // The release before did not keep who was asked.
            let now = || self.recipients.iter().map(|(who, _)| who.clone());
            return Ok(Written::unchanged(first.unwrap_or_else(|| now().collect())));
        }
        rights::ask(rows, &agent.id, Action::AssistanceRequest).await?;
        let template = self.offered(rows).await?;
        let text = template.text;
        let workitem = self.asked_from(rows).await?;
        let supervisors = rows.supervisors_of(&agent.id).await?;
        let mut recipients = self.recipients.clone();
        recipients.retain(|(asked, _)| supervisors.iter().any(|(who, _)| who.id == asked.id));
        if recipients.is_empty() {
            return Err(StoreError::Conflict(ConflictCause::RecipientsGone));
        }
        let request = NewRequest {
            id: self.request.clone(),
            agent: agent.id.clone(),
            text: text.clone(),
            template: template.id,
            choice: self.choice,
            workitem: workitem.clone(),
            target_min: template.target_min,
            at: self.at,
        };
        rows.request_insert(&request).await?;
        let mut changes = Vec::new();
        let asked: Vec<PersonRef> = recipients.iter().map(|(who, _)| who.clone()).collect();
        for (recipient, message) in recipients {
            let delivery = Delivery {
                id: message,
                from: agent,
                to: &recipient,
                at: self.at,
                text: &text,
                request: Some(RequestRef {
                    id: self.request.clone(),
                    at: Some(self.at),
                    escalated: Step::Asked,
                    workitem: workitem.clone(),
                    answered_by: None,
                    settled: None,
                    claimed: false,
                    claimed_by: None,
                    unreadable: false,
                }),
            };
            directory::deliver(rows, delivery, &mut changes).await?;
        }
        changes.push(Change::Hands(agent.id.clone()));
        let event = Event::requested(&self.request);
        events::report(rows, &event, self.at, &mut changes).await?;
        key.keep(rows, self.at, &asked).await?;
        Ok(Written {
            value: asked,
            changes,
        })
    }
}

impl RequestCreate {
    /// The supervisors who can be reached differ each time; those whom the agent named do not.
    fn key(&self) -> Stored<IdempotencyKey> {
        let content = (
            &self.template,
            self.choice,
            &self.named,
            &self.workitem,
            &self.text,
        );
        IdempotencyKey::of_user(&self.agent.id, &self.key, Self::NAME, &content)
    }

    /// The template, if it is still offered and says what the agent saw.
    async fn offered(&self, rows: &mut dyn Snapshot) -> Stored<Template> {
        let template = rows.template_find(&self.template).await?;
        let template = template
            .filter(|template| template.active)
            .ok_or(StoreError::Conflict(ConflictCause::TemplateGone))?;
        if self
            .text
            .as_ref()
            .is_some_and(|seen| *seen != template.text)
        {
            let text = template.text;
            return Err(StoreError::Conflict(ConflictCause::TemplateChanged {
                text,
            }));
        }
        Ok(template)
    }

    /// The workitem that the request is about, with its subject.
    async fn asked_from(&self, rows: &mut dyn Snapshot) -> Stored<Option<(WorkitemId, String)>> {
        let Some(workitem) = &self.workitem else {
            return Ok(None);
        };
        let row = workitems::load_of(rows, workitem, &self.agent.id).await?;
        if row.workitem.state == WorkitemState::Closed {
            return Err(StoreError::Conflict(ConflictCause::WorkitemClosed));
        }
        Ok(Some((row.workitem.id, row.workitem.subject)))
    }
}
