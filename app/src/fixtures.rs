//! What unit tests begin with.

use shared::ids::{TeamId, WorkitemId};
use shared::time::Timestamp;
use shared::workitem::{Channel, Workitem, WorkitemState};

/// An active chat of team Care that nobody has touched since it began.
pub(crate) fn example_workitem(id: &str) -> Workitem {
    Workitem {
        id: WorkitemId::parse(id).expect("a test id"),
        channel: Channel::Chat,
        customer: "Dana".to_owned(),
        subject: "A parcel".to_owned(),
        state: WorkitemState::Active,
        agent: None,
        team: TeamId::parse("care").expect("a test id"),
        team_name: "Care".to_owned(),
        started_at: Timestamp(1),
        last_activity_at: Timestamp(1),
        waiting_since: None,
        preview: String::new(),
        unread: 0,
        monitors: Vec::new(),
        unannounced: Vec::new(),
        coaching_unseen: 0,
        coaching_latest: None,
        limits: None,
        taken_from: None,
        labels: Vec::new(),
        rating: None,
    }
}
