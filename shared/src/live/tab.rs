//! What a tab follows. The browser subscribes by these lists, and the benchmark's tabs do the same.

use super::Topic;
use crate::people::{Actor, Permission};

/// What the frame around every page follows for a signed-in user.
pub fn frame_topics(me: &Actor) -> Vec<Topic> {
    let mut topics = vec![Topic::Notifications];
    if me.holds(Permission::AssistanceRequest) {
        topics.push(Topic::Assistance);
    }
    if me.holds(Permission::WorkitemHandle) {
        topics.push(Topic::Agent(me.id.clone()));
    }
    if me.holds(Permission::WorkitemView) {
        topics.push(Topic::Alerts);
    }
    topics
}

/// What the User Dashboard follows beside the frame.
pub fn dashboard_topics() -> Vec<Topic> {
    vec![Topic::Dashboard]
}
