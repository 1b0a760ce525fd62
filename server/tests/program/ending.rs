//! The end of the program: it says goodbye, keeps what it took, and takes no longer than it may.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::fixtures::{Browser, Data, Program};
use crate::people::{Customer, Live, call, called, entries, key, own_workitem, sign_in};

/// RFC 6455's registry: the server restarts, come back.
const RESTART: u16 = 1012;
/// Three seconds for goodbyes and five for the disk, and some for a busy machine.
const BOUND: Duration = Duration::from_secs(15);

#[tokio::test]
async fn whoever_is_connected_is_told_to_come_back_and_nothing_is_lost() {
    let data = Data::new();
    for signal in [Signal::TERM, Signal::INT] {
        let program = Program::start(&data, &[]).await;
        let mut amy = sign_in(&program, "amy").await;
        let chat = own_workitem(&mut amy, &program, "chat").await;
        let mut live = Live::open(&amy, &program).await;
        live.follow(&chat, false).await;
        let mut eve = Customer::default();
        eve.write(&program, "Hello", &key()).await.expect("sent");
        let mut stream = eve.stream(&program).await;
        let sends = (0..20).map(|number| {
            let (mut amy, chat, program) = (amy.clone(), chat.clone(), &program);
            async move {
                let text = format!("{signal:?} {number}");
                let input = json!({ "workitem": chat, "key": key(), "text": text });
                let answer = call(&mut amy, program, "workitems/message_send", input).await;
                answer
                    .is_ok_and(|answer| answer.status == 200)
                    .then_some(text)
            }
        });
        // In the middle of it: some are answered, some find nobody any more.
        let (sent, ()) = tokio::join!(futures_util::future::join_all(sends), async {
            live.next().await;
            program.signal(signal);
        });
        assert_eq!(live.closed_with().await, Some(RESTART));
        let mut rest = Vec::new();
        stream
            .read_to_end(&mut rest)
            .await
            .expect("the stream ends");
        let (status, log) = program.ended().await;
        assert!(status.success(), "{status}: {log}");
        assert_eq!(log, "", "nothing went wrong");
        assert!(
            !data.file("sideline.db-wal").exists(),
            "the log was written back"
        );
        data.in_order().await;

        let program = Program::start(&data, &[]).await;
        let there = entries(&mut amy, &program, &chat).await;
        for text in sent.into_iter().flatten() {
            let times = there
                .iter()
                .filter(|entry| entry["body"]["Message"]["text"] == text.as_str());
            assert_eq!(times.count(), 1, "{text}");
        }
        program.stop().await;
    }
}

#[tokio::test]
async fn each_of_many_is_told() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let sam = sign_in(&program, "sam").await;
    let mut tabs = Vec::new();
    for _ in 0..300 {
        tabs.push(Live::open(&sam, &program).await);
    }
    program.signal(Signal::TERM);
    for tab in &mut tabs {
        assert_eq!(tab.closed_with().await, Some(RESTART));
    }
    assert!(program.ended().await.0.success());
}

#[tokio::test]
async fn somebody_who_never_finishes_a_request_does_not_keep_it() {
    let data = Data::new();
    let program = Program::start(&data, &[]).await;
    let mut half_open = TcpStream::connect(program.address)
        .await
        .expect("a connection");
    let half = b"POST /login HTTP/1.1\r\nhost: here\r\ncontent-length: 1000\r\n\r\nuser";
    tokio::io::AsyncWriteExt::write_all(&mut half_open, half)
        .await
        .expect("it is open");
    // Another request after it: the program has certainly seen the first one.
    let mut browser = Browser::default();
    assert_eq!(
        browser
            .get(&program, "/readyz")
            .await
            .expect("ready")
            .status,
        200
    );
    program.signal(Signal::TERM);
    let (status, log) = timeout(BOUND, program.ended())
        .await
        .expect("a bounded time");
    assert!(status.success(), "{log}");
}

#[tokio::test]
async fn a_supervisor_who_was_there_at_the_end_is_no_ghost_afterwards() {
    let data = Data::new();
    let grace = ["--monitor-grace", "1"];
    let program = Program::start(&data, &grace).await;
    let (mut amy, sam) = (
        sign_in(&program, "amy").await,
        sign_in(&program, "sam").await,
    );
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let mut live = Live::open(&sam, &program).await;
    live.follow(&chat, true).await;
    program.stop().await;
    data.in_order().await;

    let program = Program::start(&data, &grace).await;
    crate::people::nobody_monitors(&mut amy, &program, &chat).await;
    let input = json!({ "workitem": chat });
    let conversation = called(&mut amy, &program, "workitems/conversation_load", input).await;
    let last = conversation["entries"]
        .as_array()
        .expect("entries")
        .last()
        .cloned();
    let reason = &last.expect("a line")["body"]["MonitoringEnded"]["reason"];
    assert_eq!(reason, "connection_lost");
    program.stop().await;
    data.in_order().await;
}
