//! Seeing to a request for assistance: one supervisor at a time.
//!
//! A claim settles nothing. The request stays open, its clock goes on, and nobody else has to go. Who is gone keeps none.

use async_trait::async_trait;
use shared::assistance::{Claim, Returned};
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, RequestId, UserId};
use shared::people::PersonRef;
use shared::policy::{Action, AgentFacts};
use shared::time::Timestamp;

use super::keys::IdempotencyKey;
use super::request_facts::{audited, concerned};
use super::{audit, namesakes, notifications, rights};
use crate::store::rows::RequestRow;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// The request, if this user supervises its agent, or was asked as the person on call.
async fn supervised(
    rows: &mut dyn Snapshot,
    request: &RequestId,
    user: &UserId,
) -> Stored<RequestRow> {
    let row = rows.request_find(request).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let facts = AgentFacts {
        teams: rows.agent_teams(&row.agent.id).await?,
    };
    match rights::ask(rows, user, Action::AgentView(&facts)).await {
        Ok(_) => {}
        Err(StoreError::Refused { .. }) if was_called(rows, request, &row, user).await? => {}
        Err(error) => return Err(error),
    }
    // Nobody sees to a request of their own.
    if row.agent.id == *user {
        return Err(StoreError::NotFound);
    }
    Ok(row)
}

/// Whether a request was sent to a supervisor who is on call for a team of its agent. They may supervise other teams.
async fn was_called(
    rows: &mut dyn Snapshot,
    request: &RequestId,
    row: &RequestRow,
    user: &UserId,
) -> Stored<bool> {
    if !rows.request_was_sent(request, &row.agent.id, user).await? {
        return Ok(false);
    }
    for team in rows.agent_teams(&row.agent.id).await? {
        let steps = rows.escalation_find(&team).await?;
        let on_call = steps.and_then(|steps| steps.on_call);
        if on_call.is_some_and(|(_, who)| who == *user) {
            rights::ask(rows, user, Action::DashboardView).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same, if it waits and nobody else has it.
async fn unclaimed_by_others(
    rows: &mut dyn Snapshot,
    request: &RequestId,
    user: &UserId,
) -> Stored<RequestRow> {
    let row = supervised(rows, request, user).await?;
    if let Some(mut settled) = row.settled {
        if let Some(by) = &mut settled.by {
            by.name = namesakes::shown(rows, by).await?;
        }
        let cause = ConflictCause::RequestSettled { settled };
        return Err(StoreError::Conflict(cause));
    }
    match &row.claim {
        Some(claim) if claim.by.id != *user => {
            let by = namesakes::shown(rows, &claim.by).await?;
            Err(StoreError::Conflict(ConflictCause::RequestClaimed { by }))
        }
        _ => Ok(row),
    }
}

/// How many messages of an agent a user has not read. One that somebody else sees to is none.
async fn unread_of(rows: &mut dyn Snapshot, user: &UserId, agent: &UserId) -> Stored<i64> {
    let unread = rows.directory_unread(user).await?;
    let of_agent = unread.iter().find(|unread| unread.from == *agent);
    Ok(of_agent.map_or(0, |unread| unread.count))
}

/// Takes a request on: by somebody who supervises the agent, or who is on call and was asked. Answers the claim. `Conflict` when
/// somebody else has it, or it is over.
#[derive(Clone, Debug)]
pub struct RequestClaim {
    /// Which.
    pub request: RequestId,
    /// Who.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for RequestClaim {
    type Answer = Claim;
    const NAME: &'static str = "request_claim";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Claim>> {
        let (by, request) = (&self.by, &self.request);
        let key = IdempotencyKey::of_user(&by.id, &self.key, Self::NAME, request)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        let row = unclaimed_by_others(rows, request, &by.id).await?;
        let mut changes = Vec::new();
        let claim = match &row.claim {
            Some(had) => had.clone(),
            None => {
                let claim = Claim {
                    by: by.clone(),
                    at: self.at,
                };
                claimed(rows, request, &row, &claim, &mut changes).await?;
                claim
            }
        };
        key.keep(rows, self.at, &claim).await?;
        Ok(Written {
            value: claim,
            changes,
        })
    }
}

/// Stores a claim and notifies everybody concerned.
async fn claimed(
    rows: &mut dyn Transaction,
    request: &RequestId,
    row: &RequestRow,
    claim: &Claim,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    rows.request_set_claim(request, Some(claim)).await?;
    let act = (RequestClaim::NAME, request.as_str());
    let said = audited(row);
    audit::done(rows, Some(&claim.by.id), act, &said, claim.at).await?;
    let agent = &row.agent;
    for user in concerned(rows, request, &agent.id).await? {
        let event = Notification::RequestClaimed {
            request: request.clone(),
            by: claim.by.clone(),
            agent: agent.clone(),
            text: row.text.clone(),
            unread: unread_of(rows, &user, &agent.id).await?,
        };
        notifications::append(rows, &user, event, changes).await?;
    }
    changes.push(Change::Hands(agent.id.clone()));
    Ok(())
}

/// Gives a request back that the user has claimed: it is open for everybody again. Changes nothing when nobody has it.
/// `Conflict` when somebody else has it, or it is over.
#[derive(Clone, Debug)]
pub struct RequestHandBack {
    /// Which.
    pub request: RequestId,
    /// Who.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for RequestHandBack {
    type Answer = ();
    const NAME: &'static str = "request_hand_back";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (by, request) = (&self.by, &self.request);
        let key = IdempotencyKey::of_user(&by.id, &self.key, Self::NAME, request)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = unclaimed_by_others(rows, request, &by.id).await?;
        let mut changes = Vec::new();
        let why = (Returned::HandedBack, self.at);
        returned(rows, request, &row, why, &mut changes).await?;
        key.keep(rows, self.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Returns a request whose claimer signed out or has been absent for too long: it is open for everybody again. `Conflict` when they
/// have it no more, or are back.
#[derive(Clone, Debug)]
pub struct ClaimReturn {
    /// Which.
    pub request: RequestId,
    /// Who has it.
    pub claimer: UserId,
    /// Who has had no live connection since then is gone.
    pub lost_until: Timestamp,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for ClaimReturn {
    type Answer = ();
    const NAME: &'static str = "claim_return";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let lost = rows.claims_lost(self.lost_until).await?;
        let of = (self.request.clone(), self.claimer.clone());
        if !lost.contains(&of) {
            return Err(StoreError::Conflict(ConflictCause::ReasonGone));
        }
        let row = rows.request_find(&self.request).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        let why = (Returned::ClaimerAbsent, self.at);
        returned(rows, &self.request, &row, why, &mut changes).await?;
        Ok(Written { value: (), changes })
    }
}

/// Takes the claim from a request that is open, and notifies everybody concerned. Who gave it back, or may answer it no more, does
/// not see its pop-up again.
async fn returned(
    rows: &mut dyn Transaction,
    request: &RequestId,
    row: &RequestRow,
    (why, at): (Returned, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let (agent, Some(claim)) = (&row.agent, &row.claim) else {
        return Ok(());
    };
    rows.request_set_claim(request, None).await?;
    let act = (RequestHandBack::NAME, request.as_str());
    let (who, mut said) = (&claim.by.id, audited(row));
    let by = match why {
        Returned::HandedBack => Some(who),
        // A user who is gone did not do it.
        Returned::ClaimerGone | Returned::ClaimerAbsent => {
            said.push(audit::noted("claimed_by", who.as_str()));
            None
        }
    };
    if why == Returned::ClaimerAbsent {
        said.push(audit::noted("why", "claimer_absent"));
    }
    audit::done(rows, by, act, &said, at).await?;
    for user in concerned(rows, request, &agent.id).await? {
        let mut sent = rows.requests_open_to(&user).await?;
        sent.retain(|message| message.request.as_ref().is_some_and(|of| of.id == *request));
        for message in &mut sent {
            rights::mark_unreadable(rows, message).await?;
        }
        let asked = why == Returned::ClaimerAbsent || user != claim.by.id;
        let event = Notification::RequestReturned {
            request: request.clone(),
            by: claim.by.clone(),
            why,
            agent: agent.clone(),
            text: row.text.clone(),
            unread: unread_of(rows, &user, &agent.id).await?,
            message: sent.pop().filter(|_| asked).map(Box::new),
        };
        notifications::append(rows, &user, event, changes).await?;
    }
    changes.push(Change::Hands(agent.id.clone()));
    Ok(())
}

/// People, roles or teams have changed: nobody keeps a request whose agent they supervise no more, unless they are on call there.
pub(super) async fn review(
    rows: &mut dyn Transaction,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    for request in rows.claims_stranded().await? {
        let row = rows.request_find(&request).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let why = (Returned::ClaimerGone, at);
        returned(rows, &request, &row, why, changes).await?;
    }
    Ok(())
}
