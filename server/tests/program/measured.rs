//! Monitoring of the program: health for a balancer, measures for Prometheus.

use serde_json::json;
use shared::live::{CLOSE_OVERFLOW, ServerFrame};
use shared::transcript::{EntryBody, WorkitemChange};

use crate::fixtures::{Browser, Data, Program, run, said};
use crate::people::{Customer, Live, call, key, own_workitem, sign_in};

/// The value of one line.
fn value(metrics: &str, line: &str) -> f64 {
    let found = metrics
        .lines()
        .find_map(|other| other.strip_prefix(line)?.strip_prefix(' '));
    let found = found.unwrap_or_else(|| panic!("no {line} in:\n{metrics}"));
    found.parse().expect("a number")
}

#[tokio::test]
async fn measures_follow_what_happens() {
    let data = Data::new();
    let program = Program::start(&data, &["--metrics-listen", "127.0.0.1:0"]).await;
    let before = program.metrics().await;
    assert!(before.ends_with("# EOF\n"), "{before}");
    assert_eq!(
        value(&before, "sideline_live_connections{audience=\"staff\"}"),
        0.0
    );
    assert_eq!(
        value(&before, "sideline_store_failed_transactions_total"),
        0.0
    );
    assert!(value(&before, "sideline_startup_seconds") > 0.0);
    assert!(value(&before, "sideline_store_wal_bytes") > 0.0);
    assert!(value(&before, "sideline_store_database_bytes") > 0.0);

    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let mut live = Live::open(&amy, &program).await;
    live.follow(&chat, false).await;
    let mut eve = Customer::default();
    eve.write(&program, "Hello", &key()).await.expect("sent");
    let _stream = eve.stream(&program).await;
    for number in 0..5 {
        let text = format!("answer {number}");
        let input = json!({ "workitem": chat, "key": key(), "text": text });
        let answer = call(&mut amy, &program, "workitems/message_send", input).await;
        assert_eq!(answer.expect("an answer").status, 200);
    }
    let after = program.metrics().await;
    for audience in ["staff", "customer"] {
        let of = |name: &str| {
            value(
                &after,
                &format!("sideline_{name}{{audience=\"{audience}\"}}"),
            )
        };
        assert_eq!(of("live_connections"), 1.0);
        assert_eq!(of("live_overflows_total"), 0.0);
        assert!(of("live_hints_waiting") >= 0.0);
    }
    let grown = |line: &str| value(&after, line) - value(&before, line);
    assert!(grown("sideline_store_write_seconds_count") >= 6.0);
    assert!(grown("sideline_store_write_seconds_sum") > 0.0);
    assert!(grown("sideline_store_group_size_sum") >= 6.0);
    assert_eq!(
        value(&after, "sideline_store_group_size_bucket{le=\"+Inf\"}"),
        value(&after, "sideline_store_group_size_count")
    );
    assert_eq!(value(&after, "sideline_store_writes_waiting"), 0.0);
    for word in ["amy", "Hello", "answer 1", &chat] {
        assert!(!after.contains(word), "{word} is nobody's measure");
    }
    program.stop().await;
}

/// Far more than all buffers on the way hold, at 16 KB a message.
const FLOOD: usize = 4_000;

#[tokio::test]
async fn a_socket_that_does_not_read_is_closed_counted_and_slows_nobody() {
    let data = Data::new();
    let program = Program::start(&data, &["--metrics-listen", "127.0.0.1:0"]).await;
    let mut amy = sign_in(&program, "amy").await;
    let sam = sign_in(&program, "sam").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let mut deaf = Live::open(&sam, &program).await;
    deaf.follow(&chat, true).await;
    let mut quick = Live::open(&amy, &program).await;
    quick.follow(&chat, false).await;
    let text = "🙂".repeat(4_000);
    let overflows = "sideline_live_overflows_total{audience=\"staff\"}";
    let flood = async {
        let mut sent = 0;
        while value(&program.metrics().await, overflows) == 0.0 {
            assert!(sent < FLOOD, "somebody holds {sent} messages of 16 KB");
            let sends = (0..32).map(|_| {
                let (mut amy, program) = (amy.clone(), &program);
                let input = json!({ "workitem": chat, "key": key(), "text": text });
                async move { call(&mut amy, program, "workitems/message_send", input).await }
            });
            for answer in futures_util::future::join_all(sends).await {
                assert_eq!(answer.expect("an answer").status, 200);
                sent += 1;
            }
        }
        let input = json!({ "workitem": chat, "key": key(), "text": "the last one" });
        let answer = call(&mut amy.clone(), &program, "workitems/message_send", input).await;
        assert_eq!(answer.expect("an answer").status, 200);
    };
    let reading = async {
        let mut last = None;
        loop {
            let frame = quick.next().await.expect("open").expect("open");
            let ServerFrame::Workitem { change, .. } = frame else {
                continue;
            };
            if let WorkitemChange::Entry(entry) = change {
                assert!(
                    last.is_none_or(|last| entry.seq == last + 1),
                    "{last:?} and then {}",
                    entry.seq
                );
                last = Some(entry.seq);
                if matches!(&entry.body, EntryBody::Message { text, .. } if text == "the last one")
                {
                    break;
                }
            }
        }
    };
    tokio::join!(flood, reading);
    // It finds what was on its way to it, and then that it has to subscribe again.
    assert!(matches!(
        deaf.closed_with().await,
        Some(CLOSE_OVERFLOW) | None
    ));
    assert_eq!(value(&program.metrics().await, overflows), 1.0);
    program.stop().await;
}

#[tokio::test]
async fn measures_are_on_their_own_address_only() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    assert_eq!(program.metrics, None, "off unless asked for");
    let answer = Browser::default()
        .get(&program, "/metrics")
        .await
        .expect("an answer");
    assert!(!answer.body.contains("sideline_store"), "{}", answer.body);
    // Its address is taken: a sentence says which flag to change.
    let folder = Data::new();
    let taken = program.address.to_string();
    let arguments = [
        "serve",
        "--data",
        folder.folder(),
        "--listen",
        "127.0.0.1:0",
    ];
    let refused = run(&[&arguments[..], &["--metrics-listen", &taken]].concat()).await;
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("--metrics-listen 127.0.0.1:0"),
        "{}",
        said(&refused)
    );
    program.stop().await;
}

#[tokio::test]
async fn health_is_answered_to_anybody() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let mut balancer = Browser::default();
    for (path, body) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = balancer.get(&program, path).await.expect("an answer");
        assert_eq!((answer.status, answer.body.as_str()), (200, body));
    }
    program.stop().await;
}
