//! Every kind of live topic that the running program knows, followed as everybody.

use std::collections::BTreeSet;

use serde_json::Value;
use shared::error::AppError;
use shared::ids::{UserId, WorkitemId};
use shared::live::{ServerFrame, Topic};

use crate::cast::{INSIDE, OUTSIDE, actor};
use crate::functions::coached;
use crate::support::{Host, Live};
use crate::table::May;

/// Who may follow it. A new kind of topic does not compile until it stands here.
fn followed_by(topic: &Topic) -> May {
    match topic {
        // Her supervisors monitor it.
        Topic::Workitem(_) => May::Amy,
        Topic::Notifications | Topic::People => May::All,
        Topic::Dashboard | Topic::Alerts => May::Supervisors,
        Topic::Agent(_) => May::AmyAndSam,
        Topic::Assistance => May::Agents,
    }
}

/// A topic of each kind, about amy.
pub fn topics(chat: &str) -> [Topic; 7] {
    let amy = UserId::parse("amy").expect("an id");
    let chat = WorkitemId::parse(chat).expect("an id");
    [
        Topic::Workitem(chat),
        Topic::Notifications,
        Topic::Dashboard,
        Topic::Agent(amy),
        Topic::People,
        Topic::Assistance,
        Topic::Alerts,
    ]
}

fn kind(topic: &Topic) -> String {
    match serde_json::to_value(topic).expect("a topic") {
        Value::String(kind) => kind,
        other => other
            .as_object()
            .and_then(|object| object.keys().next().cloned())
            .expect("a kind"),
    }
}

/// What the program understands, by its own word on what it does not.
fn understood() -> BTreeSet<String> {
    let error = serde_json::from_str::<Topic>("\"?\"").expect_err("no topic");
    let error = error.to_string();
    let (_, kinds) = error.split_once("expected one of").expect("a list");
    let quoted = kinds.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// Whether the topic is followed; what else arrives is passed over.
pub async fn follows(live: &mut Live, topic: &Topic, monitor: bool) -> Result<(), AppError> {
    live.subscribe(topic.clone(), None, monitor).await;
    live.until(|frame| match frame {
        ServerFrame::Subscribed { topic: which, .. } if which == topic => Some(Ok(())),
        ServerFrame::Refused {
            topic: which,
            error,
        } if which == topic => Some(Err(error.clone())),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn every_topic_is_for_those_whom_the_table_names() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let (chat, _) = coached(&host, &amy).await;
    let topics = topics(&chat);
    let known: BTreeSet<String> = topics.iter().map(kind).collect();
    assert_eq!(
        understood(),
        known,
        "the program (left) and the list disagree"
    );

    for who in OUTSIDE {
        let refused = actor(&host, who).await.try_live().await.err();
        assert_eq!(refused, Some(401), "a live connection as {who}");
    }
    for who in INSIDE {
        let mut live = actor(&host, who).await.live().await;
        for topic in &topics {
            let expected = match followed_by(topic).includes(who) {
                true => Ok(()),
                false => Err(AppError::NotFound),
            };
            assert_eq!(
                follows(&mut live, topic, false).await,
                expected,
                "{topic:?} as {who}"
            );
        }
        // Standing beside is for supervisors; the agent who has the work reads it and monitors nothing.
        let expected = match May::Sam.includes(who) {
            true => Ok(()),
            false => Err(AppError::NotFound),
        };
        let mut live = actor(&host, who).await.live().await;
        assert_eq!(
            follows(&mut live, &topics[0], true).await,
            expected,
            "monitoring as {who}"
        );
    }
}
