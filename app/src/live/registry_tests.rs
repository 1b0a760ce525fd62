//! What the registry promises to components: frames for all, one subscription, the last one closes it.

use std::cell::RefCell;

use shared::directory::{Notification, Settings};
use shared::ids::UserId;
use shared::people::Presence;

use super::*;

fn notification(seq: i64) -> ServerFrame {
    ServerFrame::Notification {
        seq,
        event: Notification::Settings(Settings {
            language: None,
            pop_up: true,
            letter_keys: true,
            presence: Presence::Available,
        }),
    }
}

fn at(rev: i64) -> Option<Position> {
    Some(Position {
        epoch: "e".into(),
        rev,
    })
}

fn silent() -> Listener {
    Rc::new(|_| ())
}

fn deliver(registry: &mut Registry, frame: &ServerFrame) -> Option<ClientFrame> {
    let dispatch = registry.dispatch(frame);
    let frame = dispatch.whole.as_ref().unwrap_or(frame);
    for listener in dispatch.listeners {
        listener(frame);
    }
    dispatch.send
}

#[test]
fn two_listeners_share_one_subscription_and_the_last_ends_it() {
    let mut registry = Registry::default();
    let first = registry.join(Topic::People, None, false, silent());
    assert!(first.send.is_some());
    let frame = ServerFrame::People(Vec::new());
    registry.dispatch(&frame);

    let second = registry.join(Topic::People, None, false, silent());
    assert!(second.send.is_none());
    assert_eq!(
        second.last,
        Some(frame.clone()),
        "the newcomer gets the last projection"
    );
    assert_eq!(registry.dispatch(&frame).listeners.len(), 2);

    assert!(registry.leave(&Topic::People, first.id).is_empty());
    assert_eq!(
        registry.leave(&Topic::People, second.id),
        vec![ClientFrame::Unsubscribe {
            topic: Topic::People
        }]
    );
    assert!(registry.dispatch(&frame).listeners.is_empty());
}

#[test]
fn a_new_connection_goes_on_where_the_old_one_stopped() {
    let mut registry = Registry::default();
    registry.join(Topic::Notifications, at(3), false, silent());
    registry.dispatch(&ServerFrame::Subscribed {
        topic: Topic::Notifications,
        rev: 3,
        number: 0,
    });
    registry.dispatch(&notification(4));
    assert_eq!(
        registry.connected("e"),
        vec![ClientFrame::Subscribe {
            topic: Topic::Notifications,
            after: at(4),
            monitor: false,
            patches: false,
            number: 3,
        }]
    );
}

#[test]
fn what_a_user_is_told_arrives_once_and_in_order_around_a_gap() {
    let mut registry = Registry::default();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    registry.join(
        Topic::Notifications,
        at(1),
        false,
        Rc::new(move |frame| {
            if let ServerFrame::Notification { seq, .. } = frame {
                log.borrow_mut().push(*seq);
            }
        }),
    );
    let subscribed = ServerFrame::Subscribed {
        topic: Topic::Notifications,
        rev: 1,
        number: 0,
    };
    deliver(&mut registry, &subscribed);
    let asked = deliver(&mut registry, &notification(3));
    assert_eq!(
        asked,
        Some(ClientFrame::Subscribe {
            topic: Topic::Notifications,
            after: at(1),
            monitor: false,
            patches: false,
            number: 3,
        })
    );
    for seq in [4, 2, 3, 4, 4] {
        assert_eq!(deliver(&mut registry, &notification(seq)), None);
    }
    assert_eq!(*seen.borrow(), vec![2, 3, 4]);
}

#[test]
fn a_newcomer_with_older_data_makes_the_log_go_back() {
    let mut registry = Registry::default();
    registry.join(Topic::Notifications, at(9), false, silent());
    let same = registry.join(Topic::Notifications, at(9), false, silent());
    assert_eq!(same.send, None);
    let older = registry.join(Topic::Notifications, at(5), false, silent());
    assert_eq!(
        older.send,
        Some(ClientFrame::Subscribe {
            topic: Topic::Notifications,
            after: at(5),
            monitor: false,
            patches: false,
            number: 5,
        })
    );
}

fn number(frame: Option<&ClientFrame>) -> u64 {
    match frame {
        Some(ClientFrame::Subscribe { number, .. }) => *number,
        other => panic!("not a subscription: {other:?}"),
    }
}

/// The page of a conversation is left and opened again while the answer to the first subscription is on its way.
#[test]
fn the_answer_to_a_former_subscription_hides_nothing() {
    let topic = Topic::Workitem(shared::ids::WorkitemId::parse("wi-1").expect("a test id"));
    let mut registry = Registry::default();
    let former = registry.join(topic.clone(), at(4), false, silent());
    registry.leave(&topic, former.id);
    let joined = registry.join(topic.clone(), at(4), false, silent());
    let subscribed = |frame: Option<&ClientFrame>| ServerFrame::Subscribed {
        topic: topic.clone(),
        rev: 6,
        number: number(frame),
    };
    registry.dispatch(&subscribed(former.send.as_ref()));
    assert_eq!(
        registry.connected("e"),
        vec![ClientFrame::Subscribe {
            topic: topic.clone(),
            after: at(4),
            monitor: false,
            patches: false,
            number: 5,
        }],
        "5 and 6 are still to come"
    );
    // One that was replaced on the same connection counts no more than one that was left.
    registry.dispatch(&subscribed(joined.send.as_ref()));
    assert_eq!(number(registry.connected("e").first()), 6);
    let answered = ServerFrame::Subscribed {
        topic: topic.clone(),
        rev: 6,
        number: 6,
    };
    registry.dispatch(&answered);
    assert!(matches!(
        registry.connected("e").as_slice(),
        [ClientFrame::Subscribe {
            after: Some(Position { rev: 6, .. }),
            ..
        }]
    ));
}

/// The host reads a gap from its database, where a later change has replaced the one with number 5.
#[test]
fn a_number_that_the_host_passes_over_is_not_asked_for() {
    let id = shared::ids::WorkitemId::parse("wi-1").expect("a test id");
    let topic = Topic::Workitem(id.clone());
    let mut registry = Registry::default();
    let joined = registry.join(topic.clone(), at(4), false, silent());
    let passed = |number, rev| ServerFrame::Subscribed {
        topic: topic.clone(),
        rev,
        number,
    };
    let skip = |registry: &mut Registry, rev| {
        registry.skip(&FrameNumber::Workitem {
            id: id.clone(),
            rev,
        })
    };
    let first = number(joined.send.as_ref());
    registry.dispatch(&passed(first, 4));
    registry.dispatch(&passed(first, 5));
    assert_eq!(skip(&mut registry, 6), None);
    // Once the tab has subscribed again, from further back, it says nothing about what is missing now.
    let second = registry.move_to(&topic, at(2).expect("a place"));
    registry.dispatch(&passed(first, 8));
    let again = registry.connected("e");
    assert!(number(again.first()) > number(second.as_ref()));
    assert!(matches!(
        again.as_slice(),
        [ClientFrame::Subscribe {
            after: Some(Position { rev: 2, .. }),
            ..
        }]
    ));
}

#[test]
fn monitoring_ends_when_its_listener_leaves_though_others_stay() {
    let mut registry = Registry::default();
    let topic = Topic::Agent(UserId::parse("amy").unwrap());
    registry.join(topic.clone(), None, false, silent());
    let monitor = registry.join(topic.clone(), None, true, silent());
    assert!(matches!(
        monitor.send,
        Some(ClientFrame::Subscribe { monitor: true, .. })
    ));
    let frames = registry.leave(&topic, monitor.id);
    assert!(matches!(
        frames.as_slice(),
        [
            ClientFrame::Unsubscribe { .. },
            ClientFrame::Subscribe { monitor: false, .. }
        ]
    ));
}

/// A page that was loaded after a restart over a copy, while the connection is still the one to the host before.
#[test]
fn what_comes_from_another_history_is_not_told() {
    let mut registry = Registry::default();
    registry.connected("the history before");
    registry.join(Topic::Notifications, at(3), false, silent());
    let subscribed = ServerFrame::Subscribed {
        topic: Topic::Notifications,
        rev: 9,
        number: 0,
    };
    assert!(registry.dispatch(&subscribed).listeners.is_empty());
    assert!(registry.dispatch(&notification(4)).listeners.is_empty());
    let again = registry.connected("e");
    assert_eq!(
        again,
        vec![ClientFrame::Subscribe {
            topic: Topic::Notifications,
            after: at(3),
            monitor: false,
            patches: false,
            number: 3,
        }],
        "it goes on from where the page was loaded"
    );
    registry.dispatch(&subscribed);
    assert_eq!(registry.dispatch(&notification(4)).listeners.len(), 1);
}

#[test]
fn e06_f06_what_a_later_release_says_counts_as_seen() {
    let mut registry = Registry::default();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let hear = |heard: &Rc<RefCell<Vec<i64>>>| -> Listener {
        let heard = Rc::clone(heard);
        Rc::new(move |frame| {
            if let ServerFrame::Notification { seq, .. } = frame {
                heard.borrow_mut().push(*seq);
            }
        })
    };
    registry.join(Topic::Notifications, at(4), false, hear(&heard));
    registry.connected("e");
    deliver(
        &mut registry,
        &ServerFrame::Subscribed {
            topic: Topic::Notifications,
            rev: 4,
            number: 0,
        },
    );
    assert_eq!(deliver(&mut registry, &notification(5)), None);
    assert_eq!(registry.skip(&FrameNumber::Notification { seq: 6 }), None);
    assert_eq!(deliver(&mut registry, &notification(7)), None);
    assert_eq!(*heard.borrow(), [5, 7]);
    // With a gap before it, what is missing is asked for from where the tab stands.
    assert!(matches!(
        registry.skip(&FrameNumber::Notification { seq: 9 }),
        Some(ClientFrame::Subscribe {
            after: Some(Position { rev: 7, .. }),
            ..
        })
    ));
    assert_eq!(registry.skip(&FrameNumber::Notification { seq: 8 }), None);
    assert_eq!(registry.skip(&FrameNumber::Notification { seq: 9 }), None);
    assert_eq!(deliver(&mut registry, &notification(10)), None);
    assert_eq!(*heard.borrow(), [5, 7, 10]);
}

#[test]
fn e06_f06_an_unknown_change_of_a_conversation_moves_its_place_too() {
    let mut registry = Registry::default();
    let id = shared::ids::WorkitemId::parse("wi-1").unwrap();
    let topic = Topic::Workitem(id.clone());
    registry.join(topic.clone(), at(4), false, silent());
    registry.connected("e");
    // On resume numbers may skip, whether they are known or not.
    let skip = |registry: &mut Registry, rev| {
        registry.skip(&FrameNumber::Workitem {
            id: id.clone(),
            rev,
        })
    };
    assert_eq!(skip(&mut registry, 7), None);
    registry.dispatch(&ServerFrame::Subscribed {
        topic,
        rev: 7,
        number: 0,
    });
    assert_eq!(skip(&mut registry, 8), None);
    assert_eq!(skip(&mut registry, 8), None, "known by now");
    assert!(skip(&mut registry, 10).is_some(), "9 is missing");
    // Of a conversation that was left, or of the numbers of another history, nothing is counted.
    let mut other = Registry::default();
    assert_eq!(skip(&mut other, 3), None);
}

#[test]
fn f60_a_patch_is_applied_to_the_last_projection_and_handed_on_whole() {
    let mut registry = Registry::default();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let joined = registry.join(
        Topic::People,
        None,
        false,
        Rc::new(move |frame| log.borrow_mut().push(frame.clone())),
    );
    assert_eq!(
        joined.send,
        Some(ClientFrame::Subscribe {
            topic: Topic::People,
            after: None,
            monitor: false,
            patches: true,
            number: 2,
        })
    );
    let person = |presence| shared::people::Person {
        id: UserId::parse("amy").expect("a test id"),
        name: "Amy Adler".to_owned(),
        roles: Vec::new(),
        teams: Vec::new(),
        presence,
    };
    let patch = |presence| {
        let before = [person(Presence::Offline)];
        let patch = shared::live::PeoplePatch::between(&before, &[person(presence)]);
        ServerFrame::PeoplePatch(patch)
    };
    // Before the list itself is there, a patch says nothing: the whole is asked for.
    assert!(matches!(
        deliver(&mut registry, &patch(Presence::Busy)),
        Some(ClientFrame::Subscribe { after: None, .. })
    ));
    assert!(seen.borrow().is_empty());

    let list = |presence| ServerFrame::People(vec![person(presence)]);
    assert_eq!(deliver(&mut registry, &list(Presence::Offline)), None);
    assert_eq!(deliver(&mut registry, &patch(Presence::Away)), None);
    let expected = [list(Presence::Offline), list(Presence::Away)];
    assert_eq!(*seen.borrow(), expected);
    let second = registry.join(Topic::People, None, false, silent());
    assert_eq!(second.last, Some(list(Presence::Away)));
}
