//! The Coaching Page: the agent's workitems in a modal window, and one of them with its conversation.

mod heading;
mod list;
mod others;
mod requests;
mod workitem;

pub use list::CoachingList;
pub use workitem::CoachingWorkitem;
