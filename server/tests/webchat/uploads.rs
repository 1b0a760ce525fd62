//! What is asked before a file is read: whether the channel is there, and who sends it.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::Poll;

use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::http::request::Builder;
use futures_util::stream;
use tokio::sync::Notify;
use tower::ServiceExt;

use crate::actors::Host;

/// A body without an end, of which nothing is announced.
fn endless() -> Body {
    let piece = Bytes::from(vec![b'a'; 64 * 1024]);
    Body::from_stream(stream::repeat(Ok::<_, Infallible>(piece)))
}

/// A body of which nothing comes; who begins to read it is told.
fn silent(read: &Arc<Notify>) -> Body {
    let read = Arc::clone(read);
    let nothing = stream::poll_fn(move |_| {
        read.notify_one();
        Poll::<Option<Result<Bytes, Infallible>>>::Pending
    });
    Body::from_stream(nothing)
}

fn upload(channel: &str) -> Builder {
    Request::post(format!("/chat/{channel}/files"))
        .header("x-sideline-file", "a.txt")
        .header("x-sideline-name", "Eve")
        .header("x-sideline-key", "k-upload")
}

#[tokio::test]
async fn a_file_is_not_read_before_it_is_known_who_sends_it_and_where_to() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    // A request that is read to its end has sent too much.
    let (status, ..) = eve.send(upload("care"), endless()).await;
    assert_eq!(status, 413);
    assert_eq!(eve.send(upload("nothing"), endless()).await.0, 404);
    let mut stranger = host.customer();
    let nameless = Request::post("/chat/care/files").header("x-sideline-key", "k");
    assert_eq!(stranger.send(nameless, endless()).await.0, 422);
    host.switch_care(false).await;
    assert_eq!(stranger.send(upload("care"), endless()).await.0, 409);
    assert_eq!(eve.send(upload("care"), endless()).await.0, 413);
}

#[tokio::test]
async fn few_strangers_send_a_file_at_a_time_and_keep_no_customer_waiting() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let read = Arc::new(Notify::new());
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let request = upload("care").body(silent(&read)).unwrap();
        waiting.push(tokio::spawn(host.router.clone().oneshot(request)));
        read.notified().await;
    }
    let mut stranger = host.customer();
    let refused = stranger.send_file("a.txt", b"a", "k2").await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    eve.sends("a.txt", b"a", "k3").await;
    // With the one who leaves goes what they held.
    let gone = waiting.pop().unwrap();
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    stranger.sends("a.txt", b"a", "k2").await;
}
