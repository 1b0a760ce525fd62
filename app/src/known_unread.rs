//! What was unread when the tab was opened: it is in the lists, and is no news.

use shared::ids::WorkitemId;
use shared::workitem::{AgentWorkitems, Workitem};

/// How many messages of each workitem were unread when the tab was opened, and still are.
#[derive(Clone, Debug, Default)]
pub struct KnownUnread(Option<Vec<(WorkitemId, i64)>>);

impl KnownUnread {
    /// Takes the list as it is now.
    pub fn take(&mut self, list: &AgentWorkitems) {
        let of = |workitem: &Workitem| match &self.0 {
            None => workitem.unread,
            Some(_) => self.of(workitem),
        };
        let known = list.workitems.iter();
        let known = known.map(|workitem| (workitem.id.clone(), of(workitem)));
        self.0 = Some(known.filter(|(_, count)| *count > 0).collect());
    }

    fn of(&self, workitem: &Workitem) -> i64 {
        let known = self.0.iter().flatten();
        let mut known = known.filter(|(id, _)| id == &workitem.id);
        known
            .next()
            .map_or(0, |(_, count)| *count)
            .min(workitem.unread)
    }

    /// What is new in a workitem: messages of the customer and coaching.
    pub fn news(&self, workitem: &Workitem) -> i64 {
        workitem.unread - self.of(workitem) + workitem.coaching_unseen
    }
}
