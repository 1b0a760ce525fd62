//! What Meta did not sign, and what nobody can read: each has its status, and changes nothing.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::host::{DANA, Host, OURS, WHATSAPP, entry};
use crate::stand_in::{SECRET, signature};

const UNTOUCHED: &str = "SELECT COUNT(*) FROM customer_identities";

#[tokio::test]
async fn what_meta_did_not_sign_is_refused() {
    let host = Host::start().await;
    let body = host
        .batch(host.message("mid-1", "My lamp hums"))
        .to_string();
    let right = signature(SECRET, body.as_bytes());
    assert_eq!(
        host.called(body.clone().into_bytes(), None).await.status,
        400
    );
    let mut one_byte = body.clone().into_bytes();
    let place = one_byte.iter().position(|byte| *byte == b'h').unwrap();
    one_byte[place] = b'H';
    assert_eq!(host.called(one_byte, Some(&right)).await.status, 403);
    for wrong in [
        signature("another secret", body.as_bytes()),
        right.replace("sha256=", "sha1="),
        right.replace("sha256=", ""),
        right[..right.len() - 2].to_owned(),
        format!("{right}00"),
        "nonsense".to_owned(),
        String::new(),
    ] {
        let answered = host.called(body.clone().into_bytes(), Some(&wrong)).await;
        assert_eq!(answered.status, 403, "{wrong}");
    }
    assert_eq!(host.count(UNTOUCHED), 0);
    assert_eq!(
        host.called(body.into_bytes(), Some(&right)).await.status,
        200
    );
    assert_eq!(host.count(UNTOUCHED), 1);
}

#[tokio::test]
async fn what_is_no_batch_is_refused_and_what_is_not_known_is_left_out() {
    let host = Host::start().await;
    let signed = async |body: &[u8]| {
        let right = signature(SECRET, body);
        host.called(body.to_vec(), Some(&right)).await.status
    };
    for body in [
        b"".as_slice(),
        b"not JSON",
        b"{",
        b"[]",
        b"5",
        b"null",
        b"{}",
        b"\xFF\xFE",
        b"{\"object\": \"page\", \"entry\": \"\xFF\"}",
        b"\xEF\xBB\xBF{\"object\": \"page\", \"entry\": []}",
        br#"{"object": "page"}"#,
        br#"{"object": 5, "entry": []}"#,
        br#"{"object": "page", "entry": {}}"#,
        br#"{"object": "page", "entry": null}"#,
    ] {
        assert_eq!(signed(body).await, 400, "{}", String::from_utf8_lossy(body));
    }
    let deep = ["[".repeat(20_000), "]".repeat(20_000)].concat();
    assert_eq!(signed(deep.as_bytes()).await, 400);
    let left_out = |item: Value| json!({ "object": "page", "entry": [entry(OURS, [item])] });
    for body in [
        json!({ "object": "page", "entry": [] }),
        json!({ "object": "user", "entry": [{ "id": OURS, "changed_fields": ["name"] }] }),
        json!({ "object": "page", "entry": [entry("1", [host.message("mid-1", "Hi")])] }),
        json!({ "object": "page", "entry": [5] }),
        json!({ "object": "page", "entry": [{ "id": "1", "messaging": {} }] }),
        left_out(json!(5)),
        left_out(json!({ "sender": { "id": 5 } })),
        left_out(
            json!({ "sender": { "id": "../../etc" }, "message": { "mid": "m", "text": "Hi" } }),
        ),
        left_out(host.item(json!({ "message": { "text": "without a name" } }))),
        left_out(host.item(json!({ "message": { "mid": "m", "text": " \n" } }))),
        left_out(host.item(json!({ "reaction": { "mid": "m", "emoji": "👍" } }))),
    ] {
        assert_eq!(signed(body.to_string().as_bytes()).await, 200, "{body}");
    }
    assert_eq!(host.count(UNTOUCHED), 0);
    // Signs that nobody may write are left out of what is taken.
    host.dana_writes("mid-2", "My \u{0}order\u{202E} 1").await;
    let workitem = host.given_to_amy().await;
    assert_eq!(host.lines(&workitem).await[0], "customer: My order 1");
}

#[tokio::test]
async fn a_cut_emoji_costs_no_message_of_its_batch() {
    let host = Host::start().await;
    let items = [
        host.message("mid-1", "My lamp hums"),
        host.message("mid-2", "It is CUT"),
        host.message("mid-3", "Please help 👍"),
    ];
    let batch = json!({ "object": "page", "entry": [entry(OURS, items)] }).to_string();
    // Half of a pair of surrogates, as Meta escapes it, and bytes that are no UTF-8.
    for (bytes, status) in [
        (batch.replace("CUT", r"\ud83d").into_bytes(), 200),
        (cut_raw(&batch), 200),
    ] {
        let right = signature(SECRET, &bytes);
        assert_eq!(host.called(bytes, Some(&right)).await.status, status);
    }
    let workitem = host.given_to_amy().await;
    let lines = host.lines(&workitem).await;
    for line in [
        "customer: My lamp hums",
        "customer: It is \u{FFFD}",
        "customer: Please help 👍",
    ] {
        let said = lines.iter().filter(|known| *known == line);
        assert_eq!(said.count(), 1, "{line}: {lines:?}");
    }
    // The signature is over the bytes as they came, and not over what was put in their place.
    let cut = batch.replace("CUT", r"\udc4d").into_bytes();
    let wrong = signature(SECRET, batch.replace("CUT", r"\ufffd").as_bytes());
    assert_eq!(host.called(cut, Some(&wrong)).await.status, 403);
}

/// With a byte that is no UTF-8.
fn cut_raw(batch: &str) -> Vec<u8> {
    let (before, after) = batch.split_once("CUT").expect("the place");
    [before.as_bytes(), b"\xFF", after.as_bytes()].concat()
}

#[tokio::test]
async fn null_in_an_optional_field_costs_no_message() {
    let host = Host::start().await;
    let mut item = host.message("mid-1", "My lamp hums");
    item["timestamp"] = json!(host.millis().to_string());
    item["message"]["attachments"] = Value::Null;
    item["message"]["is_echo"] = Value::Null;
    assert_eq!(host.meta_calls(&host.batch(item)).await.status, 200);
    let workitem = host.given_to_amy().await;
    assert_eq!(host.lines(&workitem).await[0], "customer: My lamp hums");
    let host = Host::start_as(WHATSAPP).await;
    let mut item = host.message("mid-1", "My lamp hums");
    item["contacts"] = json!([{ "wa_id": DANA, "profile": { "name": null } }]);
    item["messages"][0]["timestamp"] = json!(host.millis() / 1_000);
    assert_eq!(host.meta_calls(&host.batch(item)).await.status, 200);
    let workitem = host.given_to_amy().await;
    assert_eq!(host.lines(&workitem).await[0], "customer: My lamp hums");
}

#[tokio::test]
async fn a_batch_may_be_large_and_not_without_end() {
    let host = Host::start().await;
    let item = |number: usize| host.message(&format!("mid-{number}"), &"x".repeat(1_000));
    let batch = json!({ "object": "page", "entry": [entry(OURS, (0..200).map(item))] });
    assert!(batch.to_string().len() > 200_000);
    assert_eq!(host.meta_calls(&batch).await.status, 200);
    assert_eq!(
        host.count(
            "SELECT COUNT(*) FROM customer_entries WHERE kind = 'mine' AND text LIKE 'xxx%'"
        ),
        200
    );
    let huge = vec![b' '; 3 * 1024 * 1024 + 1];
    let right = signature(SECRET, &huge);
    assert_eq!(host.called(huge, Some(&right)).await.status, 413);
    // Announced as larger than anything that is read to its end.
    let request = Request::post(host.webhook())
        .header(header::CONTENT_LENGTH, "99999999999")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(host.request(request).await.status, 413);
}

#[tokio::test]
async fn a_chat_page_and_a_number_of_another_vendor_are_no_channels_of_metas() {
    let host = Host::start().await;
    let body = host.batch(host.message("mid-1", "Hi")).to_string();
    let right = signature(SECRET, body.as_bytes());
    for path in [
        "/channels/meta/care",
        "/channels/meta/nowhere",
        "/channels/meta/%FF",
    ] {
        let request = Request::post(path)
            .header("x-hub-signature-256", &right)
            .body(Body::from(body.clone()))
            .unwrap();
        let status = host.request(request).await.status;
        assert!([400, 404].contains(&status), "{path}: {status}");
    }
    let twilio = host.webhook().replace("/meta/", "/twilio/");
    let request = Request::post(twilio)
        .header("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("MessageSid=1"))
        .unwrap();
    assert_eq!(host.request(request).await.status, 404);
    assert_eq!(host.count(UNTOUCHED), 0);
}
