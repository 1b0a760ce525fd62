//! What an operator reads of Twilio: a line for each thing that went wrong, with the channel and what to do, and no word, number or
//! secret of anybody's.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::host::{DANAS, Host, PUBLIC, message};
use crate::log;
use crate::stand_in::{Next, TOKEN, signature, signature_over};

/// What Dana writes, and amy.
const WORDS: &str = "xylophone";
/// Longer than any pause.
const LATER: u64 = 700;

/// Nothing of anybody's stands in the log.
fn keeps_quiet() {
    let log = log::written();
    for secret in [WORDS, DANAS, &DANAS[1..], TOKEN] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test]
async fn a_call_that_changes_nothing_has_a_line() {
    let host = Host::start().await;
    let form = message("SM1", WORDS);
    assert_eq!(host.twilio_calls(host.webhook(), &form).await.status, 200);
    let mut elsewhere = message("SM2", WORDS);
    for pair in &mut elsewhere {
        if pair.0 == "To" {
            pair.1 = "+15559999999";
        }
    }
    let mut nobody = message("SM3", WORDS);
    for pair in &mut nobody {
        if pair.0 == "From" {
            pair.1 = "xylophone\u{202E}";
        }
    }
    for (form, signed, status, words) in [
        (&form, true, 200, "a message came again"),
        (
            &nobody,
            true,
            400,
            "a call of Twilio's was refused: From is nobody whom Twilio documents",
        ),
        (
            &form,
            false,
            400,
            "a call of Twilio's was refused: the request has no X-Twilio-Signature",
        ),
        (
            &elsewhere,
            true,
            404,
            "a call of Twilio's was refused: the request is for another number",
        ),
    ] {
        log::begin();
        let answered = match signed {
            true => host.twilio_calls(host.webhook(), form).await,
            false => host.called(host.webhook(), form, None).await,
        };
        assert_eq!(answered.status, status, "{words}");
        let line = log::line_that_says(words);
        assert_eq!(line["channel"], host.channel.key.as_str(), "{words}");
        if status != 200 {
            assert_eq!(line["status"], status, "{words}");
        }
        keeps_quiet();
    }
}

#[tokio::test]
async fn a_call_with_get_has_a_line_that_says_to_choose_post() {
    let host = Host::start().await;
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(message("SM1", WORDS))
        .finish();
    for path in ["", "/status"] {
        let path = format!("{}{path}?{query}", host.webhook());
        let url = format!("{PUBLIC}{path}");
        log::begin();
        let request = Request::get(&path)
            .header("x-twilio-signature", signature(TOKEN, &url, &[]))
            .body(Body::empty());
        let answered = host.request(request.unwrap()).await;
        assert_eq!(answered.status, 405);
        let allow = ("allow".to_owned(), "POST".to_owned());
        assert!(answered.headers.contains(&allow), "{answered:?}");
        let line = log::line_that_says("a call of Twilio's was refused: the request is no POST");
        assert_eq!(line["channel"], host.channel.key.as_str());
        assert_eq!(line["status"], 405);
        assert!(log::written().contains("choose HTTP POST"));
        keeps_quiet();
    }
}

#[tokio::test]
async fn a_message_of_which_nothing_can_be_shown_has_sixty_lines_a_minute_at_most() {
    let host = Host::start().await;
    log::begin();
    for number in 0..70 {
        let empty = host.dana_texts(&format!("SM{number}"), " ").await;
        assert_eq!(empty.status, 200);
    }
    let lines = log::lines_that_say("a message without text and attachments was left out");
    assert_eq!(lines.len(), 60);
    assert_eq!(lines[0]["channel"], host.channel.key.as_str());
    keeps_quiet();
    assert_eq!(host.queued().await, 0);
}

#[tokio::test]
async fn a_text_in_another_encoding_is_taken_and_has_a_line() {
    let host = Host::start().await;
    // As ISO 8859-1 has it; the signature is over these bytes.
    let form = message("SM1", "BODY");
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&form)
        .finish()
        .replace("BODY", "xylophone+%FC");
    let url = format!("{PUBLIC}{}", host.webhook());
    let signature = signature_of_bytes(&url, &form, b"xylophone \xFC");
    log::begin();
    let request = Request::post(host.webhook())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("x-twilio-signature", signature)
        .body(Body::from(body));
    assert_eq!(host.request(request.unwrap()).await.status, 200);
    let line = log::line_that_says("a call of Twilio's is not in UTF-8");
    assert_eq!(line["channel"], host.channel.key.as_str());
    keeps_quiet();
    let workitem = host.given_to_amy().await;
    assert_eq!(
        host.lines(&workitem).await[0],
        "customer: xylophone \u{FFFD}"
    );

    log::begin();
    host.dana_texts("SM2", "\u{FFFD}ü").await;
    assert!(log::lines_that_say("a call of Twilio's").is_empty());
}

/// Twilio's signature over a form whose body is these bytes.
fn signature_of_bytes(url: &str, form: &[(&str, &str)], body: &[u8]) -> String {
    let mut form: Vec<(&[u8], &[u8])> = form
        .iter()
        .map(|(name, value)| match *name {
            "Body" => (name.as_bytes(), body),
            _ => (name.as_bytes(), value.as_bytes()),
        })
        .collect();
    form.sort_unstable();
    let pairs = form.into_iter().flat_map(|(name, value)| [name, value]);
    signature_over(TOKEN, url, &pairs.collect::<Vec<_>>().concat())
}

#[tokio::test]
async fn a_vendor_that_takes_nothing_has_a_line_for_each_attempt_and_one_at_the_end() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let entry = host.amy_says(&workitem, WORDS).await;
    let status = |status: u16| json!(status);
    let attempts = [
        // There is no answer in time.
        (Next::Silence, Value::Null),
        (Next::Answer(201, None, "xylophone"), status(201)),
        (Next::Answer(500, None, "<html>xylophone"), status(500)),
    ];
    let busy = (0..7).map(|_| (Next::Answer(503, None, ""), status(503)));
    for (attempt, (next, status)) in (1..).zip(attempts.into_iter().chain(busy)) {
        log::begin();
        host.twilio.next([next]);
        assert_eq!(host.round().await, 1, "{attempt}");
        let line = log::line_that_says("a message was not handed over");
        assert_eq!(
            (&line["status"], &line["attempts"]),
            (&status, &json!(attempt))
        );
        assert_eq!(line["channel"], host.channel.key.as_str(), "{attempt}");
        keeps_quiet();
        host.clock.advance(LATER);
    }
    // The last attempt is in the log still.
    let line = log::line_that_says("a message was given up; its agent sees it");
    assert_eq!(line["channel"], host.channel.key.as_str());
    assert_eq!(line["entry"], entry.as_str());
    assert_eq!(
        (&line["reason"], &line["attempts"]),
        (&json!("no_answer"), &json!(10))
    );
    keeps_quiet();
}

#[tokio::test]
async fn a_file_that_lies_about_its_type_has_a_line() {
    let host = Host::start().await;
    let page = b"<!DOCTYPE html><p>xylophone";
    let path = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/xylophone";
    let address = host.twilio.serves(path, page);
    let mut form = message("SM1", WORDS);
    form.retain(|(name, _)| *name != "NumMedia");
    form.extend([
        ("NumMedia", "1"),
        ("MediaContentType0", "image/png"),
        ("MediaUrl0", address.as_str()),
    ]);
    assert_eq!(host.twilio_calls(host.webhook(), &form).await.status, 200);
    let workitem = host.given_to_amy().await;
    log::begin();
    assert_eq!(host.fetches().await, 1);
    let line = log::line_that_says("a file of a customer could not be fetched");
    let file = host.files(&workitem).await.remove(0);
    assert_eq!(line["channel"], host.channel.key.as_str());
    assert_eq!(line["file"], file.id.as_str());
    assert_eq!(
        (&line["reason"], &line["attempts"]),
        (&json!("refused"), &json!(1))
    );
    keeps_quiet();
}
