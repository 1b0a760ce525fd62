//! The end of a request for assistance: who may answer it, and how it is settled.
//!
//! `settle` is the one place where a request comes to its end. Every way goes through it, and the first one counts. Who
//! sees to it until then is in `claims`.

use async_trait::async_trait;
use shared::assistance::{Settled, SettledHow};
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, RequestId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::{Action, AgentFacts};
use shared::time::Timestamp;
use shared::workitem::WorkitemState;

use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::request_facts::{audited, concerned};
use super::{audit, claims, namesakes, notifications, rights};
use crate::store::rows::WorkitemRow;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// Settles a request that is open, and notifies the agent and everybody who was asked or could have answered. One that
/// is settled already stays as it is.
async fn settle(
    rows: &mut dyn Transaction,
    request: &RequestId,
    settled: &Settled,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    if !rows.request_settle(request, settled).await? {
        return Ok(());
    }
    let row = rows.request_find(request).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let what = match settled.how {
        SettledHow::Answered | SettledHow::Coached | SettledHow::Handled => "request_done",
        SettledHow::Withdrawn => "request_withdraw",
        SettledHow::ConversationEnded
        | SettledHow::WorkitemClosed
        | SettledHow::WorkitemMoved
        | SettledHow::AgentGone
        | SettledHow::NobodyLeft => "request_lapse",
    };
    let by = settled.by.as_ref().map(|by| &by.id);
    let mut said = audited(&row);
    said.push(audit::noted("how", settled.how.code()));
    audit::done(rows, by, (what, request.as_str()), &said, settled.at).await?;
    let agent = row.agent;
    for user in &concerned(rows, request, &agent.id).await? {
        let event = Notification::RequestAnswered {
            request: request.clone(),
            by: settled.by.clone().unwrap_or_else(|| agent.clone()),
            how: settled.how,
            at: Some(settled.at),
            agent: Some(agent.clone()),
            text: row.text.clone(),
        };
        notifications::append(rows, user, event, changes).await?;
    }
    changes.push(Change::Hands(agent.id));
    events::report(rows, &Event::settled(request), settled.at, changes).await
}

/// Settles what was asked from a workitem: somebody coached in it, or its conversation ended.
pub(super) async fn settle_in(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    settled: &Settled,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    for (request, _) in rows.requests_open_in(workitem).await? {
        settle(rows, &request, settled, changes).await?;
    }
    Ok(())
}

/// A workitem's row has changed: what its former agent asked from it, or what was asked before it was closed, is
/// settled.
pub(super) async fn follow(
    rows: &mut dyn Transaction,
    row: &WorkitemRow,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let workitem = &row.workitem;
    let has_it = workitem.agent.as_ref().map(|agent| &agent.id);
    for (request, agent) in rows.requests_open_in(&workitem.id).await? {
        let how = match workitem.state {
            WorkitemState::Closed => SettledHow::WorkitemClosed,
            _ if has_it != Some(&agent) => SettledHow::WorkitemMoved,
            _ => continue,
        };
        // What moves or closes a workitem writes a line first.
        let at = rows.entry_time(&workitem.id, row.last_entry).await?;
        let settled = Settled { how, by: None, at };
        settle(rows, &request, &settled, changes).await?;
    }
    Ok(())
}

/// Whether somebody is offered to answer: who was asked, and who supervises the agent now.
async fn may_answer(
    rows: &mut dyn Snapshot,
    request: &RequestId,
    agent: &UserId,
    user: &UserId,
) -> Stored<bool> {
    if rows.request_was_sent(request, agent, user).await? {
        return Ok(true);
    }
    let facts = AgentFacts {
        teams: rows.agent_teams(agent).await?,
    };
    match rights::ask(rows, user, Action::AgentView(&facts)).await {
        Ok(_) => Ok(user != agent),
        Err(StoreError::Refused { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A message to an agent, as far as it answers a request.
pub(super) struct AnsweringMessage<'a> {
    /// Who writes.
    pub(super) by: &'a PersonRef,
    /// To whom.
    pub(super) agent: &'a UserId,
    /// The request that it answers. Without one it answers the only one that is open between the two and that nobody else
    /// has; of several it answers none, for nobody can tell which.
    pub(super) request: Option<&'a RequestId>,
    /// When.
    pub(super) at: Timestamp,
}

/// Settles the request that a message answers. `NotFound` when the named one is not this agent's, or is not for the
/// one who writes to answer; one that is settled already stays as it is.
pub(super) async fn answer(
    rows: &mut dyn Transaction,
    answer: AnsweringMessage<'_>,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let (by, agent) = (answer.by, answer.agent);
    let request = match answer.request {
        Some(named) => {
            rows.request_find(named)
                .await?
                .filter(|request| request.agent.id == *agent)
                .ok_or(StoreError::NotFound)?;
            if !may_answer(rows, named, agent, &by.id).await? {
                return Err(StoreError::NotFound);
            }
            named.clone()
        }
        None => match &rows.requests_open_between(agent, &by.id).await?[..] {
            [only] => only.clone(),
            _ => return Ok(()),
        },
    };
    let settled = Settled {
        how: SettledHow::Answered,
        by: Some(by.clone()),
        at: answer.at,
    };
    settle(rows, &request, &settled, changes).await
}

/// People, roles or teams have changed: settles what nobody can answer any more, and takes claims from those who no longer can.
pub(super) async fn review(
    rows: &mut dyn Transaction,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    for (request, how) in rows.requests_stranded().await? {
        let settled = Settled { how, by: None, at };
        settle(rows, &request, &settled, changes).await?;
    }
    claims::review(rows, at, changes).await
}

/// Settles what nobody can answer any more; the release before leaves such requests open.
#[derive(Clone, Debug)]
pub struct RequestsReview {
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for RequestsReview {
    type Answer = ();
    const NAME: &'static str = "requests_review";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let mut changes = Vec::new();
        review(rows, self.at, &mut changes).await?;
        Ok(Written { value: (), changes })
    }
}

/// Settles a request without a word: by its agent, by somebody who was asked or who supervises the agent. Answers how it
/// was settled, by this command or before it.
#[derive(Clone, Debug)]
pub struct RequestHandle {
    /// Which.
    pub request: RequestId,
    /// By whom.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for RequestHandle {
    type Answer = Settled;
    const NAME: &'static str = "request_handle";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Settled>> {
        let (by, request) = (&self.by, &self.request);
        let key = IdempotencyKey::of_user(&by.id, &self.key, Self::NAME, request)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask(rows, &by.id, Action::DirectoryUse).await?;
        let row = rows.request_find(request).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let agent = &row.agent;
        if agent.id == by.id {
            rights::ask(rows, &by.id, Action::AssistanceRequest).await?;
        } else if !may_answer(rows, request, &agent.id, &by.id).await? {
            return Err(StoreError::Refused {
                user: by.id.clone(),
                what: "request",
                about: request.to_string(),
            });
        } else if let Some(claim) = row.claim.as_ref().filter(|claim| claim.by.id != by.id)
            && row.settled.is_none()
        {
            let by = namesakes::shown(rows, &claim.by).await?;
            return Err(StoreError::Conflict(ConflictCause::RequestClaimed { by }));
        }
        let settled = Settled {
            how: SettledHow::Handled,
            by: Some(by.clone()),
            at: self.at,
        };
        finish(rows, &key, request, &settled).await
    }
}

/// The agent takes a request of theirs back. Answers how it was settled, by this command or before it.
#[derive(Clone, Debug)]
pub struct RequestWithdraw {
    /// Which.
    pub request: RequestId,
    /// Whose.
    pub agent: PersonRef,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for RequestWithdraw {
    type Answer = Settled;
    const NAME: &'static str = "request_withdraw";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Settled>> {
        let (agent, request) = (&self.agent, &self.request);
        let key = IdempotencyKey::of_user(&agent.id, &self.key, Self::NAME, request)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask(rows, &agent.id, Action::AssistanceRequest).await?;
        rows.request_find(request)
            .await?
            .filter(|request| request.agent.id == agent.id)
            .ok_or(StoreError::NotFound)?;
        let settled = Settled {
            how: SettledHow::Withdrawn,
            by: Some(agent.clone()),
            at: self.at,
        };
        finish(rows, &key, request, &settled).await
    }
}

/// Settles by command: the answer says how the request was settled, by this command or before it.
async fn finish(
    rows: &mut dyn Transaction,
    key: &IdempotencyKey,
    request: &RequestId,
    settled: &Settled,
) -> Stored<Written<Settled>> {
    let mut changes = Vec::new();
    settle(rows, request, settled, &mut changes).await?;
    let row = rows.request_find(request).await?;
    let stands = row.and_then(|request| request.settled);
    let value = stands.ok_or(StoreError::NotFound)?;
    key.keep(rows, settled.at, &value).await?;
    Ok(Written { value, changes })
}
