//! The check must find what it is there for.

use std::time::{Duration, Instant};

use super::*;

/// In conversation 0 a message of the customer, in 1 one of the agent with a coaching message.
fn delivery_log() -> DeliveryLog {
    let planned = |conversation, kind| Planned {
        due: Duration::ZERO,
        conversation,
        kind,
    };
    let plan = [
        planned(0, Kind::Customer),
        planned(1, Kind::Agent),
        planned(1, Kind::Coaching),
    ];
    DeliveryLog::new(4, Instant::now(), &plan)
}

fn all_is_well() -> DeliveryLog {
    let delivery_log = delivery_log();
    let now = Instant::now() + Duration::from_millis(5);
    for (number, conversation) in [(0, 0), (1, 1), (2, 1)] {
        delivery_log.answered(number, SendOutcome::Acknowledged, now);
        for viewer in [Viewer::Agent, Viewer::Supervisor] {
            delivery_log.seen(viewer, conversation, number, now);
        }
        if number < 2 {
            delivery_log.seen(Viewer::Customer, conversation, number, now);
        }
    }
    delivery_log
}

#[test]
fn a_message_is_known_by_its_text() {
    assert_eq!(parse(&text(4, 17)), Some((4, 17)));
    for other in [
        "",
        "Hello",
        "bench",
        "bench 4",
        "bench x 1 ",
        "a bench 4 17",
    ] {
        assert_eq!(parse(other), None, "{other}");
    }
}

#[test]
fn what_everybody_saw_once_is_complete_and_timed_where_it_is_another_browser() {
    let delivery_log = all_is_well();
    assert!(delivery_log.settled() && delivery_log.verdict().complete());
    let times = delivery_log.times();
    assert_eq!(times.acknowledged.count, 3);
    assert_eq!(
        times.agent.count, 2,
        "of the customer and of the supervisor"
    );
    assert_eq!(times.customer.count, 1, "of the agent");
    assert_eq!(times.supervisor.count, 2, "not the coaching itself");
    assert!(
        times.p99() >= 4.5,
        "from the planned moment: {}",
        times.p99()
    );
}

#[test]
fn what_is_missing_or_unanswered_is_found() {
    let delivery_log = delivery_log();
    let now = Instant::now();
    assert_eq!(delivery_log.verdict().unanswered, 3);
    delivery_log.answered(0, SendOutcome::Acknowledged, now);
    delivery_log.seen(Viewer::Agent, 0, 0, now);
    delivery_log.answered(1, SendOutcome::Refused, now);
    let verdict = delivery_log.verdict();
    assert_eq!(
        (verdict.lost, verdict.refused, verdict.unanswered),
        (2, 1, 1)
    );
    assert!(!verdict.holds() && !delivery_log.settled());
}

#[test]
fn what_is_refused_need_not_be_seen() {
    let delivery_log = delivery_log();
    for number in 0..3 {
        delivery_log.answered(number, SendOutcome::Refused, Instant::now());
    }
    let verdict = delivery_log.verdict();
    assert!(verdict.holds() && !verdict.complete());
    assert_eq!(delivery_log.times().acknowledged.count, 0);
}

#[test]
fn what_comes_twice_is_found() {
    let delivery_log = all_is_well();
    delivery_log.seen(Viewer::Supervisor, 1, 1, Instant::now());
    assert_eq!(delivery_log.verdict().doubled, 1);
    assert_eq!(delivery_log.times().supervisor.count, 2, "timed once");
}

#[test]
fn what_the_wrong_people_see_is_found() {
    for (viewer, conversation, number) in [
        (Viewer::Customer, 1, 2),
        (Viewer::Customer, 0, 1),
        (Viewer::Agent, 1, 0),
        (Viewer::Agent, 0, 99),
    ] {
        let delivery_log = all_is_well();
        delivery_log.seen(viewer, conversation, number, Instant::now());
        assert_eq!(delivery_log.verdict().leaked, 1, "{viewer:?} {number}");
    }
}

#[test]
fn reading_back_finds_the_same() {
    let delivery_log = all_is_well();
    let read = |viewer, numbers: &[usize]| delivery_log.read_back(viewer, 1, numbers);
    assert!(read(Viewer::Agent, &[1, 2]).complete());
    assert!(read(Viewer::Customer, &[1]).complete());
    assert_eq!(read(Viewer::Agent, &[1]).lost, 1);
    assert_eq!(read(Viewer::Agent, &[1, 2, 2]).doubled, 1);
    assert_eq!(read(Viewer::Customer, &[1, 2]).leaked, 1);
    assert_eq!(read(Viewer::Customer, &[0, 1]).leaked, 1);
    assert_eq!(read(Viewer::Customer, &[1, 99]).leaked, 1);
}

#[test]
fn a_board_finds_the_load() {
    let board = Board::default();
    let plan = [Planned {
        due: Duration::ZERO,
        conversation: 0,
        kind: Kind::Customer,
    }];
    let (first, second) = (
        board.open(Instant::now(), &plan),
        board.open(Instant::now(), &plan),
    );
    board.seen(Viewer::Agent, 0, &second.text(0));
    assert_eq!(first.times().agent.count, 0);
    assert_eq!(second.times().agent.count, 1);
    board.seen(Viewer::Agent, 0, "Hello");
    assert_eq!(board.all().len(), 2);
}
