//! How far a list that stands still is behind the present. Pure.

use shared::workitem::Workitem;

/// How many rows a refresh would add, remove or change. What only concerns the agent (what is read, the preview
/// of a message) is no change: a new message moves the last activity.
pub fn waiting_changes(shown: &[Workitem], present: &[Workitem]) -> usize {
    let gone = shown
        .iter()
        .filter(|row| present.iter().all(|now| now.id != row.id))
        .count();
    let new_or_changed = present
        .iter()
        .filter(|now| {
            shown
                .iter()
                .find(|row| row.id == now.id)
                .is_none_or(|row| differs(row, now))
        })
        .count();
    gone + new_or_changed
}

fn differs(row: &Workitem, now: &Workitem) -> bool {
    row.state != now.state
        || row.last_activity_at != now.last_activity_at
        || row.waiting_since != now.waiting_since
        || row.monitors != now.monitors
        || row.subject != now.subject
        || row.customer != now.customer
        || row.undelivered() != now.undelivered()
}

/// The quiet line; empty while the list is up to date.
pub fn changes_line(count: usize) -> String {
    match count {
        0 => String::new(),
        count => t!(workitems.changes, count = count),
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::UserId;
    use shared::people::PersonRef;
    use shared::text::TextLimit;
    use shared::time::Timestamp;
    use shared::workitem::{ProviderLimits, WorkitemState};

    use super::*;

    fn workitem(id: &str) -> Workitem {
        Workitem::sample(id)
    }

    #[test]
    fn rows_that_came_went_or_changed_count_one_each() {
        let shown = [workitem("a"), workitem("b"), workitem("c")];
        let mut changed = workitem("b");
        changed.state = WorkitemState::WrapUp;
        changed.waiting_since = Some(Timestamp(3));
        let present = [workitem("a"), changed, workitem("d")];
        assert_eq!(waiting_changes(&shown, &present), 3);
        assert_eq!(waiting_changes(&shown, &shown), 0);
    }

    #[test]
    fn what_only_concerns_the_agent_is_no_change() {
        let mut read = workitem("a");
        read.unread = 4;
        read.preview = "Hello".to_owned();
        assert_eq!(waiting_changes(&[workitem("a")], &[read.clone()]), 0);
        read.monitors.push(PersonRef {
            id: UserId::parse("sue").expect("a test id"),
            name: "Sue Silva".to_owned(),
        });
        assert_eq!(waiting_changes(&[workitem("a")], &[read]), 1);
    }

    #[test]
    fn a_message_that_did_not_arrive_is_a_change() {
        let limits = |undelivered| {
            let limits = ProviderLimits {
                text: TextLimit::default(),
                answer_until: None,
                stopped: false,
                undelivered,
                service: None,
                number: None,
            };
            let mut row = workitem("a");
            row.limits = Some(Box::new(limits));
            [row]
        };
        assert_eq!(waiting_changes(&limits(false), &limits(true)), 1);
        assert_eq!(waiting_changes(&limits(false), &limits(false)), 0);
    }

    #[test]
    fn the_line_counts_as_people_do() {
        assert_eq!(changes_line(0), "");
        assert_eq!(changes_line(1), "1 change is waiting");
        assert_eq!(changes_line(3), "3 changes are waiting");
    }
}
