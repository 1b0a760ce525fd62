//! Addresses of pages to which more than one place leads.

use shared::ids::{UserId, WorkitemId};

/// The path of the Watch wall.
pub const WATCH: &str = "/watch";
/// The value of its address that adds one workitem to those that are kept.
pub const WATCH_ADDED: &str = "add";

/// The Coaching Page of an agent, with the list of their workitems open.
pub fn coaching_path(agent: &UserId) -> String {
    format!("/coaching/{agent}")
}

/// The address that puts a workitem on the Watch wall, beside what is there.
pub fn watch_path(workitem: &WorkitemId) -> String {
    [WATCH, "?", WATCH_ADDED, "=", workitem.as_str()].concat()
}
