//! The messages of one directory conversation as far as they are loaded, in the order of their numbers.
//!
//! Pure: it never asks the host for anything, it only says when something is missing.

use shared::assistance::Settled;
use shared::directory::{DirectoryMessage, DirectoryPage, RequestRef};
use shared::ids::{RequestId, UserId};
use shared::people::PersonRef;

/// An unbroken run of messages up to the newest one that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Oldest first.
    pub messages: Vec<DirectoryMessage>,
    /// Whether there are older ones on the host.
    pub older: bool,
}

/// What became of a message that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It stands in the thread.
    Kept,
    /// Messages before it are missing: the newest page has to be loaded again.
    Gap,
}

impl Thread {
    /// The number of the newest message; 0 when there is none.
    pub fn last(&self) -> i64 {
        self.messages.last().map_or(0, |message| message.seq)
    }

    /// The number of the newest message that `person` wrote; 0 when there is none.
    pub fn last_from(&self, person: &UserId) -> i64 {
        self.messages
            .iter()
            .rev()
            .find(|message| &message.from.id == person)
            .map_or(0, |message| message.seq)
    }

    /// The number before which older messages are to be asked for.
    pub fn first(&self) -> Option<i64> {
        self.messages.first().map(|message| message.seq)
    }

    /// Takes the newest page. What was loaded before it stays when it joins on.
    pub fn renew(&mut self, page: DirectoryPage) {
        let begins = page.messages.first().map(|first| first.seq);
        if begins.is_none_or(|begins| begins > self.last() + 1) {
            self.messages.clear();
        }
        if self.first().is_none_or(|first| begins <= Some(first)) {
            self.older = page.older;
        }
        for message in page.messages {
            self.put(message);
        }
    }

    /// Takes the page before the first message.
    pub fn prepend(&mut self, page: DirectoryPage) {
        self.older = page.older;
        for message in page.messages {
            self.put(message);
        }
    }

    /// Takes one message that was sent or received.
    pub fn add(&mut self, message: DirectoryMessage) -> Added {
        if message.seq > self.last() + 1 {
            return Added::Gap;
        }
        self.put(message);
        Added::Kept
    }

    /// A raised hand is settled; the first one counts.
    pub fn settled(&mut self, request: &RequestId, settled: &Settled) {
        for raised in self.raised(request) {
            raised.settled.get_or_insert_with(|| settled.clone());
        }
    }

    /// Somebody sees to a raised hand, or nobody does any more.
    pub fn claimed(&mut self, request: &RequestId, by: Option<&PersonRef>) {
        for raised in self.raised(request) {
            raised.claimed_by = by.cloned();
        }
    }

    /// What the messages say of a raised hand.
    fn raised(&mut self, request: &RequestId) -> impl Iterator<Item = &mut RequestRef> {
        let raised = self.messages.iter_mut();
        let raised = raised.filter_map(|message| message.request.as_deref_mut());
        raised.filter(move |raised| raised.id == *request)
    }

    fn put(&mut self, message: DirectoryMessage) {
        match self
            .messages
            .binary_search_by_key(&message.seq, |known| known.seq)
        {
            Ok(at) => self.messages[at] = message,
            Err(at) => self.messages.insert(at, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::assistance::SettledHow;
    use shared::escalation::Step;
    use shared::ids::DirectoryMessageId;
    use shared::time::Timestamp;

    fn person(id: &str) -> PersonRef {
        PersonRef {
            id: UserId::parse(id).unwrap(),
            name: id.to_owned(),
        }
    }

    fn message(seq: i64, from: &str, to: &str) -> DirectoryMessage {
        DirectoryMessage {
            id: DirectoryMessageId::parse(format!("m{seq}")).unwrap(),
            seq,
            at: Timestamp(seq),
            from: person(from),
            to: person(to),
            text: format!("text {seq}"),
            request: None,
        }
    }

    fn page(numbers: std::ops::RangeInclusive<i64>) -> DirectoryPage {
        DirectoryPage {
            older: *numbers.start() > 1,
            messages: numbers.map(|seq| message(seq, "amy", "sam")).collect(),
        }
    }

    fn numbers(thread: &Thread) -> Vec<i64> {
        thread.messages.iter().map(|message| message.seq).collect()
    }

    #[test]
    fn a_message_that_comes_twice_stands_once() {
        let mut thread = Thread::default();
        assert_eq!(thread.add(message(1, "amy", "sam")), Added::Kept);
        assert_eq!(thread.add(message(1, "amy", "sam")), Added::Kept);
        assert_eq!(numbers(&thread), [1]);
    }

    #[test]
    fn a_message_after_a_gap_is_not_taken() {
        let mut thread = Thread::default();
        thread.renew(page(1..=3));
        assert_eq!(thread.add(message(5, "amy", "sam")), Added::Gap);
        assert_eq!(numbers(&thread), [1, 2, 3]);
    }

    #[test]
    fn a_newest_page_keeps_older_ones_only_when_it_joins_on() {
        let mut thread = Thread::default();
        thread.renew(page(3..=4));
        thread.prepend(page(1..=2));
        assert!(!thread.older);
        thread.renew(page(4..=6));
        assert_eq!(numbers(&thread), [1, 2, 3, 4, 5, 6]);
        assert!(!thread.older, "the beginning is still known");
        thread.renew(page(9..=10));
        assert_eq!(numbers(&thread), [9, 10]);
        assert!(thread.older);
    }

    #[test]
    fn the_first_answer_stays_and_a_claim_goes_when_it_is_handed_back() {
        let mut thread = Thread::default();
        let request = RequestId::parse("r1").unwrap();
        let mut raised = message(1, "amy", "sam");
        raised.request = Some(Box::new(RequestRef {
            id: request.clone(),
            at: None,
            escalated: Step::Asked,
            workitem: None,
            answered_by: None,
            settled: None,
            claimed: false,
            claimed_by: None,
            unreadable: false,
        }));
        thread.add(raised);
        let by = |name| Settled::notified(SettledHow::Answered, person(name), Timestamp(2));
        thread.settled(&request, &by("sue"));
        thread.settled(&request, &by("sam"));
        let raised = thread.messages[0].request.as_ref().unwrap();
        assert_eq!(raised.settled, Some(by("sue")));
        let has_it = |thread: &Thread| {
            let raised = thread.messages[0].request.as_ref().unwrap();
            raised.claimed_by.clone()
        };
        thread.claimed(&request, Some(&person("sue")));
        assert_eq!(has_it(&thread), Some(person("sue")));
        thread.claimed(&request, None);
        assert_eq!(has_it(&thread), None, "handed back");
    }
}
