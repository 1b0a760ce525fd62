//! Where a topic's log stands in this tab, and what a frame's number means for it. Pure.
//!
//! While a resume is on its way, frames of the subscription before may still arrive: the position stays where
//! the resume began until the host says that it is complete, so that a connection lost meanwhile loses nothing.

use shared::live::Position;

/// How a log numbers what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// Every number arrives, also on resume, and is worth something once: the notifications of a user.
    Dense,
    /// Numbers may skip on resume, and applying a change twice changes nothing: a conversation.
    Sparse,
}

/// What to do with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Hand it to the listeners.
    Deliver,
    /// It is known, or will come again in order.
    Drop,
    /// Something is missing before it: subscribe again after the position. A sparse log's frame is delivered
    /// all the same.
    Missing,
}

/// The place in one topic's log.
#[derive(Clone, Debug)]
pub struct Cursor {
    numbering: Numbering,
    position: Option<Position>,
    resuming: bool,
    ahead: i64,
}

impl Cursor {
    /// A cursor where the page's first data ends; `None` waits for a snapshot.
    pub fn new(numbering: Numbering, position: Option<Position>) -> Self {
        Self {
            numbering,
            position,
            resuming: true,
            ahead: 0,
        }
    }

    /// Where to go on.
    pub fn position(&self) -> Option<&Position> {
        self.position.as_ref()
    }

    /// A Subscribe with [`Cursor::position`] is sent.
    pub fn resume(&mut self) {
        self.resuming = true;
        self.ahead = 0;
    }

    /// The page's data was loaded again, or a listener needs more than the others have: go on from there.
    pub fn move_to(&mut self, position: Option<Position>) {
        self.position = position;
        self.resume();
    }

    /// A change with this number arrived.
    pub fn change(&mut self, rev: i64) -> Step {
        match (&mut self.position, self.numbering) {
            (Some(position), _) if rev <= position.rev => Step::Drop,
            (Some(position), Numbering::Dense) if rev == position.rev + 1 => {
                position.rev = rev;
                Step::Deliver
            }
            (_, Numbering::Dense) if self.resuming => Step::Drop,
            (_, Numbering::Sparse) if self.resuming => {
                self.ahead = self.ahead.max(rev);
                Step::Deliver
            }
            (Some(position), Numbering::Sparse) if rev == position.rev + 1 => {
                position.rev = rev;
                Step::Deliver
            }
            _ => Step::Missing,
        }
    }

    /// A snapshot arrived. Answers whether it is passed on: one that was asked for before the page was loaded again
    /// may be older than the page, and whatever lies between the two would not come again.
    pub fn snapshot(&mut self, epoch: &str, rev: i64) -> bool {
        let known = self.position.as_ref();
        if known.is_some_and(|known| known.epoch == epoch && known.rev > rev) {
            return false;
        }
        self.position = Some(Position {
            epoch: epoch.to_owned(),
            rev,
        });
        self.ahead = 0;
        true
    }

    /// Everything up to `rev` was sent.
    pub fn subscribed(&mut self, rev: i64) {
        self.resuming = false;
        // A dense log counts what was delivered, one by one: after a reset nothing was, and the page's data is
        // loaded again first.
        if let Some(position) = &mut self.position
            && self.numbering == Numbering::Sparse
        {
            position.rev = position.rev.max(rev).max(self.ahead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rev: i64) -> Option<Position> {
        Some(Position {
            epoch: "e".into(),
            rev,
        })
    }

    fn live(numbering: Numbering, rev: i64) -> Cursor {
        let mut cursor = Cursor::new(numbering, at(rev));
        cursor.subscribed(rev);
        cursor
    }

    #[test]
    fn a_live_log_takes_each_number_once() {
        for numbering in [Numbering::Dense, Numbering::Sparse] {
            let mut cursor = live(numbering, 4);
            assert_eq!(cursor.change(4), Step::Drop);
            assert_eq!(cursor.change(5), Step::Deliver);
            assert_eq!(cursor.change(5), Step::Drop);
            assert_eq!(cursor.position(), at(5).as_ref());
        }
    }

    #[test]
    fn a_snapshot_that_is_older_than_the_page_changes_nothing() {
        let mut cursor = Cursor::new(Numbering::Sparse, at(5));
        assert!(!cursor.snapshot("e", 3));
        assert_eq!(cursor.position(), at(5).as_ref());
        assert!(cursor.snapshot("another", 3), "numbers of another history");
        assert!(cursor.snapshot("e", 5));
    }

    #[test]
    fn a_gap_while_live_asks_for_what_is_missing() {
        for numbering in [Numbering::Dense, Numbering::Sparse] {
            let mut cursor = live(numbering, 4);
            assert_eq!(cursor.change(6), Step::Missing);
            assert_eq!(
                cursor.position(),
                at(4).as_ref(),
                "the position stays before the gap"
            );
        }
    }

    #[test]
    fn a_resume_may_skip_numbers_and_counts_only_when_complete() {
        let mut cursor = Cursor::new(Numbering::Sparse, at(4));
        assert_eq!(cursor.change(7), Step::Deliver);
        assert_eq!(cursor.change(9), Step::Deliver);
        assert_eq!(
            cursor.position(),
            at(4).as_ref(),
            "a connection lost now resumes from 4"
        );
        cursor.subscribed(9);
        assert_eq!(cursor.position(), at(9).as_ref());
        assert_eq!(cursor.change(10), Step::Deliver);
    }

    #[test]
    fn what_was_on_its_way_before_a_resume_hides_nothing() {
        // 6 was on its way when 5 was found missing: a conversation may take it twice, a user's log must not.
        let mut sparse = live(Numbering::Sparse, 4);
        assert_eq!(sparse.change(6), Step::Missing);
        sparse.resume();
        assert_eq!(sparse.change(7), Step::Deliver);
        assert_eq!(sparse.change(5), Step::Deliver);
        assert_eq!(sparse.change(6), Step::Deliver);
        sparse.subscribed(7);
        assert_eq!(sparse.position(), at(7).as_ref());

        let mut dense = live(Numbering::Dense, 4);
        assert_eq!(dense.change(6), Step::Missing);
        dense.resume();
        assert_eq!(dense.change(7), Step::Drop);
        for rev in 5..=7 {
            assert_eq!(dense.change(rev), Step::Deliver);
        }
        dense.subscribed(7);
        assert_eq!(dense.position(), at(7).as_ref());
    }

    #[test]
    fn a_reset_log_does_not_pretend_to_have_arrived() {
        let mut cursor = Cursor::new(Numbering::Dense, at(4));
        cursor.subscribed(900);
        assert_eq!(cursor.position(), at(4).as_ref());
        assert_eq!(cursor.change(901), Step::Missing);
        cursor.move_to(at(901));
        cursor.subscribed(901);
        assert_eq!(cursor.change(902), Step::Deliver);
    }

    #[test]
    fn a_snapshot_sets_the_place_also_in_another_epoch() {
        let mut cursor = Cursor::new(Numbering::Sparse, at(40));
        cursor.snapshot("f", 3);
        cursor.subscribed(3);
        let place = cursor.position().cloned().unwrap();
        assert_eq!((place.epoch.as_str(), place.rev), ("f", 3));
        assert_eq!(cursor.change(4), Step::Deliver);
    }
}
