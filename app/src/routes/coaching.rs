//! The Coaching Page: the agent's workitems in a modal window, and one of them with its conversation.

mod barge_box;
mod facts;
mod following;
mod heading;
mod list;
mod others;
mod requests;
mod stepping_in;
mod wall;
mod workitem;

use leptos::Params;
use leptos::prelude::*;
use leptos_router::hooks::use_params;
use leptos_router::params::Params;
use shared::ids::{UserId, WorkitemId};

pub use list::CoachingList;
pub use wall::WatchWall;
pub use workitem::CoachingWorkitem;

/// The agent whom an address names.
#[derive(Clone, Debug, PartialEq, Params)]
pub struct AgentParams {
    /// Who.
    pub agent: UserId,
}

/// The agent whom an address names, and the workitem.
#[derive(Clone, Debug, PartialEq, Params)]
pub struct AgentWorkitemParams {
    /// Who.
    pub agent: UserId,
    /// Which.
    pub workitem: WorkitemId,
}

/// The agent of the page's address; `None` is no user's id.
fn use_agent_param() -> Memo<Option<UserId>> {
    let params = use_params::<AgentParams>();
    Memo::new(move |_| params.get().ok().map(|params| params.agent))
}
