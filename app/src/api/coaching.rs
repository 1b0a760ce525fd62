//! A supervisor beside an agent: `backend::Coaching` over the wire.

use leptos::prelude::*;
use shared::helped::HelpedBefore;
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::lenient::List;
use shared::transcript::{Reaction, Sent};
use shared::workitem::{AgentWorkitems, Dashboard, Workitem};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::text::{CoachingText, ReplyText};

/// The agents under the caller's authority.
#[server(protocol = Api)]
pub async fn dashboard_load() -> Result<Dashboard, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.dashboard_load(&caller.actor).await?)
}

/// The open workitems of an agent under the caller's authority.
#[server(protocol = Api)]
pub async fn agent_workitems_load(agent: UserId) -> Result<AgentWorkitems, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.agent_workitems_load(&caller.actor, agent).await?)
}

/// The open workitems of the agent beside a workitem that the caller reads; none where the agent is not under their authority.
#[server(protocol = Api)]
pub async fn agent_workitems_beside(
    agent: UserId,
    workitem: WorkitemId,
) -> Result<Option<AgentWorkitems>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .agent_workitems_beside(&caller.actor, agent, workitem)
        .await?)
}

/// What waits in the queue of a team that the caller supervises.
#[server(protocol = Api)]
pub async fn queue_load(team: TeamId) -> Result<List<Workitem>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(List(backend.queue_load(&caller.actor, team).await?))
}

/// Says something to the agent inside a workitem; to this agent alone, where one is named.
#[server(protocol = Api)]
pub async fn coaching_send(
    workitem: WorkitemId,
    key: CommandKey,
    text: String,
    #[server(default)] agent: Option<UserId>,
) -> Result<Sent, ApiError> {
    let (caller, backend) = signed_in()?;
    let text = CoachingText::parse(&text)?;
    Ok(backend
        .coaching_send(&caller.actor, workitem, key, text, agent)
        .await?)
}

/// Coaching that helped before in conversations like this one.
#[server(protocol = Api)]
pub async fn coaching_helped(workitem: WorkitemId) -> Result<List<HelpedBefore>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(List(
        backend.coaching_helped(&caller.actor, workitem).await?,
    ))
}

/// Answers those who coach inside a workitem of the caller.
#[server(protocol = Api)]
pub async fn coaching_reply(
    workitem: WorkitemId,
    key: CommandKey,
    text: String,
) -> Result<Sent, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .coaching_reply(&caller.actor, workitem, key, ReplyText::parse(&text)?)
        .await?)
}

/// Marks an agent's replies as seen by the caller, who coaches.
#[server(protocol = Api)]
pub async fn coaching_reply_seen(workitem: WorkitemId, through: i64) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .coaching_reply_seen(&caller.actor, workitem, through)
        .await?)
}

/// The agent's opinion of a coaching message; `None` takes it back.
#[server(protocol = Api)]
pub async fn reaction_set(
    workitem: WorkitemId,
    entry: EntryId,
    key: Option<CommandKey>,
    reaction: Option<Reaction>,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .reaction_set(&caller.actor, workitem, entry, key, reaction)
        .await?)
}

/// Sends a coaching message's text to the customer as the agent's own, once.
#[server(protocol = Api)]
pub async fn coaching_forward(
    workitem: WorkitemId,
    entry: EntryId,
    key: Option<CommandKey>,
) -> Result<Sent, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .coaching_forward(&caller.actor, workitem, entry, key)
        .await?)
}

/// Sends the notice of a coaching message away.
#[server(protocol = Api)]
pub async fn coaching_dismiss(workitem: WorkitemId, entry: EntryId) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .coaching_dismiss(&caller.actor, workitem, entry)
        .await?)
}
