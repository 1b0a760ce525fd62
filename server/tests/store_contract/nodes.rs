//! What several nodes on one database agree on: who lives, who is on duty, whom each has connections of, which monitorings last, how
//! often somebody tried to sign in.

use server::commands::{
    AttemptCount, AttemptLimit, AttemptReturn, MonitoringBegin, MonitoringEnd, NodeBeat, NodeLeave,
    NodeView,
};
use shared::ids::{NodeId, UserId, WorkitemId};
use shared::time::Timestamp;
use shared::transcript::EndReason;

use crate::fixtures::*;
use crate::words::*;

fn node(id: &str) -> NodeId {
    NodeId::parse(id).unwrap()
}

impl Fixture {
    async fn beat(&self, id: &str, present: Option<&[&str]>, dead: &[(&str, i64)]) -> NodeView {
        let beat = NodeBeat {
            node: node(id),
            present: present.map(|users| users.iter().map(|id| user(id)).collect()),
            dead: dead.iter().map(|(id, beat)| (node(id), *beat)).collect(),
        };
        self.store.execute(beat).await.unwrap().value
    }

    async fn held_by(&self, id: &str, workitem: &WorkitemId) -> bool {
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: person("sam"),
            node: Some(node(id)),
            entry: self.fresh_entry(),
            at: self.now(),
        };
        self.store.execute(begin).await.unwrap().value
    }

    async fn left_by(&self, id: &str, workitem: &WorkitemId, reason: EndReason) -> bool {
        let end = MonitoringEnd {
            workitem: workitem.clone(),
            supervisor: user("sam"),
            node: Some(node(id)),
            reason,
            entry: self.fresh_entry(),
            at: self.now(),
        };
        self.store.execute(end).await.unwrap().value
    }

    async fn attempt(&self, second: i64, only_ask: bool) -> Option<i64> {
        let count = AttemptCount {
            limits: vec![
                AttemptLimit {
                    key: "amy".to_owned(),
                    allowed: 3,
                    longer: 0,
                },
                AttemptLimit {
                    key: "address".to_owned(),
                    allowed: 5,
                    longer: 0,
                },
            ],
            window: 60_000_000,
            only_ask,
            at: Timestamp(second * 1_000_000),
        };
        self.store.execute(count).await.unwrap().value
    }
}

fn on_duty(view: &NodeView) -> Vec<&str> {
    let on_duty = view.nodes.iter().filter(|node| node.on_duty);
    on_duty.map(|node| node.id.as_str()).collect()
}

fn elsewhere(view: &NodeView) -> Vec<UserId> {
    let mut users = view.elsewhere.clone();
    users.sort();
    users
}

#[tokio::test]
async fn the_first_node_is_on_duty_until_it_leaves_or_dies() {
    for fixture in every().await {
        let first = fixture.beat("one", Some(&[]), &[]).await;
        assert!(!first.known);
        assert_eq!(on_duty(&first), ["one"]);
        assert_eq!(on_duty(&fixture.beat("two", Some(&[]), &[]).await), ["one"]);
        assert!(fixture.beat("one", None, &[]).await.known);

        // It beat once more than was seen, so it lives.
        let view = fixture.beat("two", None, &[("one", 1)]).await;
        assert_eq!(on_duty(&view), ["one"]);
        let view = fixture.beat("two", None, &[("one", 2)]).await;
        assert_eq!(on_duty(&view), ["two"]);
        assert_eq!(view.nodes.len(), 1);
        // It learns that it was taken for dead.
        let back = fixture.beat("one", None, &[]).await;
        assert!(!back.known);
        assert_eq!(on_duty(&back), ["two"]);

        let leave = NodeLeave { node: node("two") };
        fixture.store.execute(leave).await.unwrap();
        assert_eq!(on_duty(&fixture.beat("one", None, &[]).await), ["one"]);
    }
}

#[tokio::test]
async fn each_node_says_whom_it_has_and_learns_whom_the_others_have() {
    for fixture in every().await {
        let one = fixture.beat("one", Some(&["amy", "sam"]), &[]).await;
        assert!(one.changed && one.elsewhere.is_empty());
        let two = fixture.beat("two", Some(&["ben"]), &[]).await;
        assert_eq!(elsewhere(&two), [user("amy"), user("sam")]);
        assert!(!fixture.beat("one", None, &[]).await.changed, "as before");
        let one = fixture.beat("one", Some(&["sam"]), &[]).await;
        assert!(one.changed);
        assert_eq!(elsewhere(&one), [user("ben")]);
        let two = fixture.beat("two", None, &[("one", 3)]).await;
        assert_eq!(elsewhere(&two), [], "a dead node has nobody");
    }
}

#[tokio::test]
async fn a_monitoring_lasts_as_long_as_one_node_holds_it() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        for id in ["one", "two"] {
            fixture.beat(id, Some(&[]), &[]).await;
        }
        assert!(fixture.held_by("one", &chat).await);
        assert!(!fixture.held_by("two", &chat).await, "she is there already");
        assert_eq!(
            fixture.monitorings().await,
            [],
            "nobody needs to take it over"
        );
        assert!(!fixture.left_by("one", &chat, EndReason::Left).await);
        assert!(
            !fixture
                .left_by("one", &chat, EndReason::ConnectionLost)
                .await
        );

        // A node that is gone holds nothing.
        fixture.beat("one", None, &[("two", 1)]).await;
        assert_eq!(fixture.monitorings().await, [(chat.clone(), user("sam"))]);
        assert!(
            fixture
                .left_by("one", &chat, EndReason::ConnectionLost)
                .await
        );
        assert_eq!(fixture.findings().await, []);

        // Who may not stay leaves every node.
        for id in ["one", "two"] {
            fixture.held_by(id, &chat).await;
        }
        assert!(
            fixture
                .left_by("one", &chat, EndReason::AuthorityLost)
                .await
        );
        assert!(!fixture.left_by("two", &chat, EndReason::Left).await);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn an_attempt_that_counts_for_longer_is_not_forgotten_with_the_others() {
    for fixture in every().await {
        let attempt = async |second: i64| {
            let count = AttemptCount {
                limits: vec![AttemptLimit {
                    key: "codes".to_owned(),
                    allowed: 1,
                    longer: 60_000_000,
                }],
                window: 60_000_000,
                only_ask: false,
                at: Timestamp(second * 1_000_000),
            };
            fixture.store.execute(count).await.unwrap().value
        };
        assert_eq!(attempt(0).await, None);
        assert_eq!(fixture.attempt(70, false).await, None);
        assert_eq!(attempt(70).await, Some(50_000_000));
        assert_eq!(attempt(120).await, None, "a new window");
    }
}

#[tokio::test]
async fn attempts_count_together_in_a_window_and_a_right_one_does_not() {
    for fixture in every().await {
        for second in [0, 10, 20] {
            assert_eq!(fixture.attempt(second, true).await, None);
            assert_eq!(fixture.attempt(second, false).await, None);
        }
        let left = Some(30_000_000);
        assert_eq!(fixture.attempt(30, true).await, left);
        assert_eq!(fixture.attempt(30, false).await, left, "and counts nowhere");
        let back = AttemptReturn {
            keys: vec!["amy".to_owned(), "address".to_owned(), "nobody".to_owned()],
        };
        fixture.store.execute(back).await.unwrap();
        assert_eq!(fixture.attempt(31, false).await, None);
        assert_eq!(fixture.attempt(32, false).await, Some(28_000_000));
        assert_eq!(fixture.attempt(60, false).await, None, "a new window");
    }
}
