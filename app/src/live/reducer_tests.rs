//! A conversation shows the same whatever the order and however often its changes arrive.

use shared::ids::{EntryId, UserId, WorkitemId};
use shared::time::Timestamp;
use shared::transcript::{Author, EntryBody, Reaction};

use super::*;

fn message(seq: i64) -> Entry {
    Entry {
        id: EntryId::parse(format!("e{seq}")).unwrap(),
        seq,
        at: Timestamp(seq * 1_000_000),
        body: EntryBody::Message {
            author: Author::Customer,
            name: "Kim".into(),
            text: format!("line {seq}"),
            files: Vec::new(),
            delivery: None,
        },
    }
}

fn coaching(seq: i64, reaction: Option<Reaction>) -> Entry {
    Entry {
        body: EntryBody::Coaching {
            supervisor: UserId::parse("sam").unwrap(),
            name: "Sam Stone".into(),
            text: "Offer a refund".into(),
            reaction,
            reaction_by: None,
            forwarded_at: None,
            seen_at: None,
        },
        ..message(seq)
    }
}

fn workitem(unread: i64) -> Workitem {
    Workitem {
        unread,
        ..Workitem::sample("w")
    }
}

/// A conversation with the entries `seqs`, at revision `rev`.
fn conversation(epoch: &str, rev: i64, seqs: std::ops::RangeInclusive<i64>) -> Conversation {
    Conversation {
        workitem: workitem(0),
        older: *seqs.start() > 1,
        entries: seqs.map(message).collect(),
        rev,
        epoch: epoch.into(),
        review: None,
    }
}

fn seqs(shown: &Shown) -> Vec<i64> {
    shown.entries.iter().map(|entry| entry.seq).collect()
}

fn entry(entry: Entry) -> WorkitemChange {
    WorkitemChange::Entry(entry)
}

#[test]
fn entries_are_added_in_order_and_a_repetition_changes_nothing() {
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 2, 1..=2));
    assert!(reducer.change(&mut shown, 3, &entry(message(3))).entries);
    let before = shown.clone();
    assert_eq!(
        reducer.change(&mut shown, 3, &entry(message(3))),
        Changed::default()
    );
    assert_eq!(
        reducer.change(&mut shown, 2, &entry(coaching(2, None))),
        Changed::default(),
        "a change that the first data contained"
    );
    assert_eq!(shown, before);
}

#[test]
fn an_entry_that_changed_replaces_itself_and_an_older_change_does_not_undo_it() {
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 2, 1..=2));
    reducer.change(&mut shown, 3, &entry(coaching(3, None)));
    let up = Some(Reaction::ThumbsUp);
    assert!(
        reducer
            .change(&mut shown, 5, &entry(coaching(3, up)))
            .entries
    );
    assert!(
        !reducer
            .change(&mut shown, 4, &entry(coaching(3, None)))
            .entries
    );
    assert_eq!(shown.entries[2], coaching(3, up));
}

#[test]
fn the_answer_to_a_send_and_its_frame_are_one_entry_whoever_comes_first() {
    let sent = Sent {
        workitem: WorkitemId::parse("w").unwrap(),
        rev: 4,
        entry: message(4),
    };
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 2, 1..=2));
    assert!(reducer.sent(&mut shown, &sent).entries);
    assert_eq!(seqs(&shown), [1, 2, 4]);
    assert!(reducer.change(&mut shown, 3, &entry(message(3))).entries);
    assert!(!reducer.change(&mut shown, 4, &entry(message(4))).entries);
    assert_eq!(seqs(&shown), [1, 2, 3, 4]);
    assert!(!reducer.sent(&mut shown, &sent).entries);
}

#[test]
fn the_heading_takes_the_newest_state() {
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 2, 1..=2));
    let heading = |unread| WorkitemChange::Workitem(Box::new(workitem(unread)));
    assert!(reducer.change(&mut shown, 6, &heading(3)).workitem);
    assert!(!reducer.change(&mut shown, 5, &heading(2)).workitem);
    assert_eq!(shown.workitem.unread, 3);
}

#[test]
fn a_snapshot_replaces_older_pages_because_they_may_have_changed() {
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 10, 6..=10));
    reducer.older(&mut shown, vec![coaching(5, None)]);
    // Among the changes that were missed is a reaction to the fifth entry.
    reducer.snapshot(&mut shown, conversation("e", 600, 6..=10));
    assert_eq!(seqs(&shown), (6..=10).collect::<Vec<_>>());
    assert!(shown.older);
    let liked = coaching(5, Some(Reaction::ThumbsUp));
    reducer.older(&mut shown, vec![liked.clone()]);
    assert_eq!(shown.entries[0], liked);
}

#[test]
fn a_page_that_was_asked_for_before_a_snapshot_leaves_no_gap() {
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 10, 30..=50));
    reducer.snapshot(&mut shown, conversation("e", 600, 51..=100));
    reducer.older(&mut shown, (1..=29).map(message).collect());
    assert_eq!(seqs(&shown), (51..=100).collect::<Vec<_>>());
    assert!(shown.older);
    reducer.older(&mut shown, (1..=50).map(message).collect());
    assert_eq!(seqs(&shown), (1..=100).collect::<Vec<_>>());
    assert!(!shown.older);
}

#[test]
fn a_snapshot_after_a_gap_or_in_another_epoch_replaces_everything() {
    for (epoch, rev) in [("e", 300), ("f", 200)] {
        let (mut reducer, mut shown) = Reducer::new(conversation("e", 10, 1..=10));
        let snapshot = conversation(epoch, rev, 101..=200);
        reducer.snapshot(&mut shown, snapshot);
        assert_eq!(seqs(&shown), (101..=200).collect::<Vec<_>>());
        assert!(shown.older);
        assert!(
            reducer
                .change(&mut shown, rev + 1, &entry(message(201)))
                .entries
        );
    }
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 10, 1..=10));
    reducer.snapshot(&mut shown, conversation("f", 3, 1..=3));
    assert_eq!(seqs(&shown), [1, 2, 3]);
    assert!(reducer.change(&mut shown, 4, &entry(message(4))).entries);
}

#[test]
fn an_older_page_joins_in_front_once() {
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 10, 8..=10));
    let page: Vec<Entry> = (5..=7).map(message).collect();
    reducer.older(&mut shown, page.clone());
    assert!(shown.older);
    reducer.older(&mut shown, page);
    assert_eq!(seqs(&shown), (5..=10).collect::<Vec<_>>());
}

/// Entries 2 to 7; the third is coaching.
fn page_with_coaching() -> Vec<Entry> {
    let mut page: Vec<Entry> = (2..=7).map(message).collect();
    page[1] = coaching(3, None);
    page
}

#[test]
fn a_change_on_a_page_that_is_not_loaded_waits_for_the_page() {
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 10, 8..=10));
    assert!(
        !reducer
            .change(&mut shown, 11, &entry(coaching(3, None)))
            .entries
    );
    assert_eq!(seqs(&shown), [8, 9, 10]);
    reducer.older(&mut shown, page_with_coaching());
    let up = coaching(3, Some(Reaction::ThumbsUp));
    assert!(reducer.change(&mut shown, 12, &entry(up)).entries);
}

#[test]
fn a_page_that_was_read_before_a_change_and_comes_after_it_undoes_nothing() {
    let (mut reducer, mut shown) = Reducer::new(conversation("e", 10, 8..=10));
    let up = coaching(3, Some(Reaction::ThumbsUp));
    assert!(!reducer.change(&mut shown, 12, &entry(up.clone())).entries);
    assert!(
        !reducer
            .change(&mut shown, 11, &entry(coaching(3, None)))
            .entries,
        "an older change that comes late"
    );
    reducer.older(&mut shown, page_with_coaching());
    assert_eq!(shown.entries[1], up);
    let down = coaching(3, Some(Reaction::ThumbsDown));
    assert!(reducer.change(&mut shown, 13, &entry(down.clone())).entries);
    assert_eq!(shown.entries[1], down);
}
