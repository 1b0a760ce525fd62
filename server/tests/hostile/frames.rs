//! What a signed-in browser may send on its live connection: anything.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use shared::ids::WorkitemId;
use shared::live::{
    CLIENT_FRAME_MAX, CLOSE_BAD_FRAME, CLOSE_OVERFLOW, ClientFrame, Position, ServerFrame, Topic,
};
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;

use crate::support::Host;

const CASES: u32 = 256;

fn subscribe() -> String {
    let frame = ClientFrame::Subscribe {
        topic: Topic::Workitem(WorkitemId::parse("wi-amy-2").expect("an id")),
        after: Some(Position {
            epoch: "e".to_owned(),
            rev: 7,
        }),
        monitor: true,
        patches: true,
        number: 0,
    };
    serde_json::to_string(&frame).expect("a frame")
}

/// A right frame with a piece of it replaced.
fn mutated() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        any::<i64>().prop_map(|number| number.to_string()),
        Just("null".to_owned()),
        Just("\"own\"".to_owned()),
        Just("[".repeat(300)),
        ".{0,8}",
    ];
    (any::<prop::sample::Index>(), 0_usize..12, piece).prop_map(|(at, length, piece)| {
        let mut text = subscribe();
        let from = at.index(text.len());
        let to = (from + length).min(text.len());
        text.replace_range(from..to, &piece);
        text
    })
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        4 => mutated().prop_map(Message::text),
        2 => ".{0,200}".prop_map(Message::text),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Message::binary),
        1 => prop::collection::vec(any::<u8>(), 0..125).prop_map(|bytes| Message::Ping(bytes.into())),
        1 => (CLIENT_FRAME_MAX - 2..CLIENT_FRAME_MAX * 4)
            .prop_map(|length| Message::text("x".repeat(length))),
    ]
}

#[test]
fn whatever_is_sent_is_understood_or_closes_its_own_connection() {
    let runtime = Runtime::new().expect("a runtime");
    let host = runtime.block_on(Host::start());
    let amy = runtime.block_on(host.sign_in("amy"));
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let told = runner.run(&message(), |message| {
        runtime.block_on(async {
            let mut live = amy.live().await;
            let (long, binary) = (message.len() > CLIENT_FRAME_MAX, message.is_binary());
            live.message(message).await;
            // Too long is cut off in the middle, so the reason may not arrive.
            if long {
                prop_assert!(live.ended().await != Some(1011));
                return Ok(());
            }
            live.subscribe(Topic::People, None, false).await;
            loop {
                match live.next_or_close().await {
                    Ok(ServerFrame::Subscribed {
                        topic: Topic::People,
                        ..
                    }) => {
                        prop_assert!(!binary, "a binary frame was taken");
                        return Ok(());
                    }
                    Ok(_) => {}
                    Err(code) => {
                        prop_assert_eq!(code, CLOSE_BAD_FRAME);
                        return Ok(());
                    }
                }
            }
        })
    });
    told.unwrap();
    // Nobody else was harmed.
    runtime.block_on(async {
        let mut live = host.sign_in("ben").await.live().await;
        live.subscribe(Topic::Notifications, None, false).await;
        live.followed().await;
    });
}

#[tokio::test]
async fn s30_a_tab_that_subscribes_without_a_pause_is_closed_and_others_go_on() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let (mut script, mut page) = (amy.live().await, amy.live().await);
    let mut asked = 0;
    let code = loop {
        script.subscribe(Topic::Notifications, None, false).await;
        asked += 1;
        assert!(asked < 100_000, "there is a limit");
        let answer = loop {
            match script.next_or_close().await {
                Ok(ServerFrame::Subscribed { .. }) => break None,
                Ok(_) => {}
                Err(code) => break Some(code),
            }
        };
        if let Some(code) = answer {
            break code;
        }
    };
    assert_eq!(code, CLOSE_OVERFLOW);
    assert!(asked > 1_000, "a page that comes back asks for 200 topics");
    page.subscribe(Topic::Notifications, None, false).await;
    page.followed().await;
    let mut again = amy.live().await;
    again.subscribe(Topic::People, None, false).await;
    again.followed().await;
}

#[tokio::test]
async fn a_connection_follows_so_many_topics_and_then_says_so() {
    let host = Host::start().await;
    let mut live = host.sign_in("amy").await.live().await;
    let mut refused = 0;
    for number in 0..220 {
        let id = format!("many-{number}");
        import(&host, &id).await;
        let id = WorkitemId::parse(id).expect("an id");
        live.subscribe(Topic::Workitem(id), None, false).await;
        refused += live
            .until(|frame| match frame {
                ServerFrame::Subscribed { .. } => Some(0),
                ServerFrame::Refused { error, .. } => {
                    assert_eq!(error.status(), 422);
                    Some(1)
                }
                _ => None,
            })
            .await;
    }
    assert_eq!(refused, 20);
}

async fn import(host: &Host, id: &str) {
    use server::clock_and_ids::Clock;
    use server::commands::WorkitemImport;
    let import = WorkitemImport {
        id: WorkitemId::parse(id).expect("an id"),
        channel: shared::workitem::Channel::Chat,
        customer: "Dana".to_owned(),
        subject: "Many".to_owned(),
        team: shared::ids::TeamId::parse("care").expect("an id"),
        agent: Some(shared::ids::UserId::parse("amy").expect("an id")),
        started_at: server::clock_and_ids::SystemClock.now(),
        given_at: None,
        messages: Vec::new(),
        carried: None,
    };
    let imported = host.desk.store().execute(import).await;
    imported.expect("stored");
}
