//! What an operator reads of customers who are refused: the channel and why, and no word or name of theirs.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

use crate::actors::Host;
use crate::customer::Customer;
use crate::log;

/// The beginning of the line.
const CLOSED: &str = "a customer could not begin a chat";
/// What the customer writes, and how they call their files.
const WORDS: &str = "xylophone";

/// A set-up that says nothing.
const NOTHING: &[(&str, &str)] = &[];

/// Sends something to the page of team Care; the status of the answer.
async fn sends(customer: &mut Customer<'_>, to: &str) -> u16 {
    let body = json!({
        "name": WORDS, "text": WORDS, "email": "xylophone@example.com", "key": "k1",
    });
    let request = Request::post(format!("/chat/care{to}"));
    let (request, body) = match to {
        "" => (
            request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            format!("name={WORDS}&text={WORDS}&after="),
        ),
        "/files" => (
            request
                .header("x-sideline-file", "xylophone.txt")
                .header("x-sideline-name", WORDS)
                .header("x-sideline-key", "k-file"),
            WORDS.to_owned(),
        ),
        _ => (
            request.header(header::CONTENT_TYPE, "application/json"),
            body.to_string(),
        ),
    };
    customer.ask(request, Body::from(body)).await.status
}

#[tokio::test]
async fn who_writes_while_a_channel_begins_nothing_leaves_a_line_that_says_why() {
    let host = Host::start().await;
    // The clock stands still in the evening of a Tuesday.
    let closed = [
        ("hours", "weekly"),
        ("time_zone", "Europe/Berlin"),
        ("monday", "09:00-17:00"),
    ];
    for (set_up, active, ways, why) in [
        (
            NOTHING,
            false,
            &["/messages", "", "/files", "/offline"][..],
            "it is switched off",
        ),
        (
            &closed,
            true,
            &["/messages", "", "/files", "/offline"],
            "it is outside of its opening hours",
        ),
        // The form, of a page that was loaded while there was one.
        (
            NOTHING,
            true,
            &["/offline"],
            "its set-up has changed since the page was loaded",
        ),
    ] {
        host.set_up_care(set_up).await;
        host.switch_care(active).await;
        for way in ways {
            let mut customer = host.customer();
            log::begin();
            assert_eq!(sends(&mut customer, way).await, 409, "{way}: {why}");
            let line = log::line_that_says(CLOSED);
            assert_eq!(
                (&line["channel"], &line["why"]),
                (&json!("care"), &json!(why))
            );
            assert!(!log::written().contains(WORDS), "{}", log::written());
        }
    }
    assert_eq!(host.waiting().await, 0);
}

#[tokio::test]
async fn who_writes_again_and_again_fills_no_log() {
    let host = Host::start().await;
    host.switch_care(false).await;
    log::begin();
    for _ in 0..100 {
        let mut customer = host.customer();
        assert_eq!(sends(&mut customer, "/messages").await, 409);
    }
    // The clock stands still.
    assert_eq!(log::lines_that_say(CLOSED).len(), 60);
}

#[tokio::test]
async fn a_file_that_lies_about_its_type_leaves_a_line_without_its_name() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    for (name, content, claimed, found) in [
        (
            "xylophone.png",
            &b"<!DOCTYPE html><p>xylophone"[..],
            "PNG",
            "markup",
        ),
        ("xylophone.PDF", b"PK\x03\x04 xylophone", "PDF", "archive"),
        ("xylophone.jpeg", b"MZ\x90\0", "JPEG", "program"),
        (
            "xylophone.csv",
            b"a\0b",
            "CSV",
            "text with control characters",
        ),
        ("a.xylophone", b"\xff\xfexylophone", "another", "unknown"),
    ] {
        log::begin();
        let refused = eve.send_file(name, content, "k2").await;
        assert_eq!(refused.status, 415, "{name}");
        let line = log::line_that_says("a customer's file was refused");
        assert_eq!(
            (&line["channel"], &line["claimed"], &line["found"]),
            (&json!("care"), &json!(claimed), &json!(found)),
            "{name}"
        );
        assert!(!log::written().contains(WORDS), "{}", log::written());
    }
    // A file that is one of the kinds is taken, whatever its name says.
    log::begin();
    let taken = eve.send_file("xylophone.html", b"xylophone", "k3").await;
    assert_eq!(taken.status, 200);
    assert!(log::lines_that_say("a customer's file was refused").is_empty());
}
