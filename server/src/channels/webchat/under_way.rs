//! Whose conversation goes on, as far as this process has heard: what they write next is stored without a look before it. The
//! transaction that stores it asks the same, so what has changed since is found there, and nothing here is ever shown to anybody.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::ids::ChannelKey;

/// How many visitors are remembered. Beyond it all are forgotten, which costs each of them one look.
const REMEMBERED: usize = 20_000;

/// The visitors who have just written, by channel and by the hash of their secret, with the names by which they are known.
#[derive(Default)]
pub(super) struct UnderWay(Mutex<HashMap<(ChannelKey, String), String>>);

impl UnderWay {
    /// What a visitor wrote has become part of a conversation.
    pub(super) fn note(&self, channel: &ChannelKey, visitor: &str, name: &str) {
        let mut names = self.lock();
        let who = (channel.clone(), visitor.to_owned());
        if names.len() >= REMEMBERED && !names.contains_key(&who) {
            names.clear();
        }
        names.insert(who, name.to_owned());
    }

    /// The name of a visitor whose conversation was under way.
    pub(super) fn name(&self, channel: &ChannelKey, visitor: &str) -> Option<String> {
        let who = (channel.clone(), visitor.to_owned());
        self.lock().get(&who).cloned()
    }

    /// It is not under way any more.
    pub(super) fn forget(&self, channel: &ChannelKey, visitor: &str) {
        self.lock().remove(&(channel.clone(), visitor.to_owned()));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(ChannelKey, String), String>> {
        // Nothing under this lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_known_on_the_channel_on_which_they_write() {
        let [care, sales] = ["care", "sales"].map(|key| ChannelKey::parse(key).unwrap());
        let under_way = UnderWay::default();
        under_way.note(&care, "0a", "Eve");
        assert_eq!(under_way.name(&care, "0a").as_deref(), Some("Eve"));
        assert_eq!(under_way.name(&sales, "0a"), None);
        under_way.forget(&sales, "0a");
        assert!(under_way.name(&care, "0a").is_some());
        under_way.forget(&care, "0a");
        assert_eq!(under_way.name(&care, "0a"), None);
    }

    #[test]
    fn as_many_are_remembered_as_memory_is_there_for() {
        let care = ChannelKey::parse("care").unwrap();
        let under_way = UnderWay::default();
        for number in 0..=REMEMBERED {
            under_way.note(&care, &number.to_string(), "Eve");
        }
        assert_eq!(under_way.name(&care, "0"), None);
        let last = REMEMBERED.to_string();
        assert!(under_way.name(&care, &last).is_some());
    }
}
