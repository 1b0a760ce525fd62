//! What comes over the network before anything of it is understood: sizes, and readers and writers who take their time.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::crowd::goes_on;
use crate::support::{Host, PATIENCE};

/// The status of what is answered to these bytes; `None` when the connection is closed without a word.
async fn status(host: &Host, request: &[u8]) -> Option<u16> {
    let mut socket = TcpStream::connect(host.address).await.expect("it is there");
    // It may be closed before everything is written.
    let _ = socket.write_all(request).await;
    let mut answer = [0; 12];
    let read = timeout(PATIENCE, socket.read_exact(&mut answer)).await;
    read.expect("an answer or an end in time").ok()?;
    let text = std::str::from_utf8(&answer).expect("text");
    Some(
        text.strip_prefix("HTTP/1.1 ").expect("HTTP")[..3]
            .parse()
            .expect("a status"),
    )
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_held() {
    let host = Host::start().await;
    let header = |extra: &str| format!("GET /healthz HTTP/1.1\r\nhost: h\r\n{extra}\r\n");
    assert_eq!(status(&host, header("").as_bytes()).await, Some(200));
    let long = format!("x: {}\r\n", "y".repeat(1 << 20));
    let many: String = (0..500).map(|number| format!("x{number}: y\r\n")).collect();
    for extra in [long, many] {
        let refused = status(&host, header(&extra).as_bytes()).await;
        assert!(matches!(refused, Some(431) | None), "{refused:?}");
    }
    let path = format!("GET /{} HTTP/1.1\r\nhost: h\r\n\r\n", "p".repeat(1 << 20));
    let refused = status(&host, path.as_bytes()).await;
    assert!(matches!(refused, Some(414 | 431) | None), "{refused:?}");

    for to in [
        "/api/app/api/directory/people_list",
        "/chat/care/messages",
        "/login",
    ] {
        let begin = format!("POST {to} HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n");
        // The chat page reads until there is too much; the others believe what is announced.
        if !to.starts_with("/chat") {
            let announced = format!("{begin}content-length: 99999999\r\n\r\n");
            let refused = status(&host, announced.as_bytes()).await;
            assert_eq!(refused, Some(413), "{to}");
        }
        let mut chunks = format!("{begin}transfer-encoding: chunked\r\n\r\n");
        for _ in 0..40 {
            chunks.push_str(&format!("1000\r\n{}\r\n", "z".repeat(0x1000)));
        }
        let refused = status(&host, format!("{chunks}0\r\n\r\n").as_bytes()).await;
        assert!(
            matches!(refused, Some(413 | 415 | 422)),
            "{to}: {refused:?}"
        );
    }
}

/// Cut off in the middle of sending, a client may never read why it was refused.
#[tokio::test]
async fn who_sends_too_much_and_then_listens_hears_why() {
    let host = Host::start().await;
    for to in ["/api/app/api/directory/people_list", "/chat/care/messages"] {
        let body = "x".repeat(3_000_000);
        let request = format!(
            "POST {to} HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        for _ in 0..10 {
            let mut socket = TcpStream::connect(host.address).await.expect("it is there");
            // In pieces, as browsers and programs send: what is not wanted may be cut off between two of them.
            for piece in request.as_bytes().chunks(16 * 1024) {
                let sent = timeout(PATIENCE, socket.write_all(piece)).await;
                sent.expect("read in time").expect("read to its end");
                tokio::task::yield_now().await;
            }
            let mut answer = [0; 12];
            let read = timeout(PATIENCE, socket.read_exact(&mut answer)).await;
            read.expect("in time").expect("an answer");
            let answer = std::str::from_utf8(&answer).expect("text");
            assert!(answer.starts_with("HTTP/1.1 4"), "{to}: {answer}");
        }
    }
}

/// What is done for a request goes on when its sender hangs up, so the body must have come to its end before that begins.
#[tokio::test]
async fn who_never_finishes_a_body_is_let_go() {
    let host = Host::start_impatient(Duration::from_millis(300)).await;
    for to in [
        "/api/app/api/directory/people_list",
        "/chat/care/messages",
        "/chat/care",
        "/login",
    ] {
        let begun = format!(
            "POST {to} HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{{\r\n"
        );
        let mut socket = TcpStream::connect(host.address).await.expect("it is there");
        socket
            .write_all(begun.as_bytes())
            .await
            .expect("it is read");
        let mut answer = String::new();
        let read = timeout(PATIENCE, socket.read_to_string(&mut answer)).await;
        // Closed or reset: either way it is over.
        let _ = read.expect("the connection ends");
        assert!(answer.starts_with("HTTP/1.1 408 "), "{to}: {answer}");
    }
}

#[tokio::test]
async fn who_breaks_off_in_a_body_changes_nothing() {
    let host = Host::start().await;
    let body = r#"{"name":"Eve","text":"hello","key":"k"}"#;
    let begun = format!(
        "POST /chat/care/messages HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\n\r\n{body}",
        body.len() + 1
    );
    let mut socket = TcpStream::connect(host.address).await.expect("it is there");
    socket
        .write_all(begun.as_bytes())
        .await
        .expect("it is read");
    socket.shutdown().await.expect("it was open");
    let mut answer = String::new();
    let read = timeout(PATIENCE, socket.read_to_string(&mut answer)).await;
    let _ = read.expect("the connection ends");
    assert!(!answer.contains(" 413 "), "{answer}");
    let mut rows = host.desk.store().snapshot().await.unwrap();
    assert!(rows.queue_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_takes_their_time_takes_nobody_elses() {
    let host = Host::start().await;
    let mut slow = Vec::new();
    for number in 0..100 {
        let mut socket = TcpStream::connect(host.address).await.expect("it is there");
        let begun: &[u8] = match number % 2 {
            // Half open: nothing more will ever come.
            0 => b"GET /healthz HTTP/1.1\r\nho",
            _ => b"POST /chat/care/messages HTTP/1.1\r\nhost: h\r\ncontent-length: 60000\r\n\r\n",
        };
        socket.write_all(begun).await.expect("it is read");
        slow.push(socket);
    }
    let amy = host.sign_in("amy").await;
    for _ in 0..20 {
        for socket in slow.iter_mut().skip(1).step_by(2) {
            socket.write_all(b"{").await.expect("it is read");
        }
        goes_on(&amy).await;
    }
}
