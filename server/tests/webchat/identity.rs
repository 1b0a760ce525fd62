//! A customer whom the page around the frame proves: the same one on each device, and nobody else.

use app::backend::Workitems;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use shared::ids::ChannelKey;

use crate::actors::Host;
use crate::customer::{Answer, Customer, Stream};
use crate::signed_in::signed_in;

/// What a page says of its customer.
pub fn proof(secret: &str, user: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(user.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// A frame on a page that says who its customer is.
fn device<'a>(host: &'a Host, secret: &str, user: &str) -> Customer<'a> {
    Customer {
        identity: Some(format!("{}.{user}", proof(secret, user))),
        ..host.customer()
    }
}

async fn says(customer: &mut Customer<'_>, text: &str, key: &str) -> Answer {
    let body = json!({ "name": "Eve Ito", "text": text, "key": key });
    customer.post(body.to_string()).await
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, 422, "{}", answer.body);
    let invalid = &answer.json()["Invalid"];
    assert_eq!(invalid["field"], "identity");
    assert_eq!(invalid["problem"]["code"], "wrong_identity");
    let reason = invalid["reason"].as_str().unwrap();
    assert!(reason.contains("could not prove who you are"), "{reason}");
}

#[test]
fn a_proof_is_hmac_sha256_in_hex() {
    // RFC 4231, the second test case.
    assert_eq!(
        proof("Jefe", "what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[tokio::test]
async fn a_known_customer_is_the_same_one_on_each_device() {
    let host = Host::start().await;
    let secret = host.secret_of("care").await;
    let (mut phone, mut desk) = (device(&host, &secret, "u-1"), device(&host, &secret, "u-1"));
    let nothing = phone.get("/chat/care/visit").await;
    assert_eq!((nothing.status, nothing.json()), (200, Value::Null));
    assert_eq!(says(&mut phone, "From the phone", "k1").await.status, 200);
    assert_eq!(phone.cookie, None, "a proof needs no cookie");
    assert_eq!(says(&mut desk, "From the desk", "k2").await.status, 200);
    assert_eq!(host.waiting().await, 1);
    assert_eq!(desk.history("").await, ["From the phone", "From the desk"]);

    let first = host.given_to_amy().await;
    host.amy_says(&first, "Hello Eve").await;
    let mut live = desk.live(None).await;
    for text in ["From the phone", "From the desk", "Hello Eve"] {
        assert_eq!(live.text().await, text);
    }
    // No provider carries what she writes.
    let amy = host.actor("amy").await;
    let loaded = host.desk.conversation_load(&amy, first.clone()).await;
    let loaded = serde_json::to_string(&loaded.unwrap().entries).unwrap();
    assert!(!loaded.contains("queued"), "{loaded}");

    host.amy_wraps_up(&first).await;
    assert_eq!(says(&mut phone, "Once more", "k3").await.status, 200);
    let second = host.given_to_amy().await;
    let loaded = host.desk.conversation_load(&amy, second).await;
    let loaded = serde_json::to_string(&loaded.unwrap().entries).unwrap();
    assert!(
        loaded.contains(first.as_str()),
        "it leads to the one before"
    );

    let mut other = device(&host, &secret, "u-2");
    assert_eq!(other.get("/chat/care/visit").await.json(), Value::Null);
    assert_eq!(other.get("/chat/care/history").await.status, 404);
}

#[tokio::test]
async fn a_repeated_first_message_is_stored_once_whatever_device_it_comes_from() {
    let host = Host::start().await;
    let secret = host.secret_of("care").await;
    for _ in 0..2 {
        let mut eve = device(&host, &secret, "u-1");
        let answer = says(&mut eve, "Hello", "k1").await;
        assert_eq!(answer.json()["seq"], 1);
    }
    assert_eq!(host.waiting().await, 1);
}

#[tokio::test]
async fn a_wrong_proof_is_refused_and_nothing_is_stored() {
    let host = Host::start().await;
    let (care, sales) = (host.secret_of("care").await, host.secret_of("sales").await);
    let right = proof(&care, "u-1");
    let paths = ["visit", "history", "live", "transcript"];
    for wrong in [
        format!("{}.u-1", proof(&sales, "u-1")),
        format!("{}.u-1", proof(&care, "u-2")),
        format!("{}.u-1", proof("", "u-1")),
        format!("{}.u-1", &right[..32]),
        format!("{right}.U-1"),
        format!("{right}.u-1%20"),
        format!("{right}."),
        right.clone(),
        "nonsense".to_owned(),
        String::new(),
    ] {
        let mut eve = Customer {
            identity: Some(wrong.clone()),
            ..host.customer()
        };
        // A token beside it helps nobody.
        eve.token = Some("a".repeat(64));
        let answer = says(&mut eve, "Hello", "k1").await;
        refused(&answer);
        assert!(eve.cookie.is_none(), "{wrong}");
        for path in paths {
            refused(&eve.get(&format!("/chat/care/{path}")).await);
        }
        refused(&eve.ends("k2").await);
        refused(&eve.is_forgotten().await);
    }
    assert_eq!(host.waiting().await, 0);
    let mut rows = host.desk.store().snapshot().await.unwrap();
    let care = ChannelKey::parse("care").unwrap();
    assert_eq!(rows.identity_at(&care, "u-1").await.unwrap(), None);
}

#[tokio::test]
async fn a_proof_counts_on_its_channel_and_as_long_as_its_secret_does() {
    let host = Host::start().await;
    let secret = host.secret_of("care").await;
    let mut eve = device(&host, &secret, "u-1");
    assert_eq!(says(&mut eve, "Hello", "k1").await.status, 200);
    // The other channel has no secret at all.
    refused(&eve.get("/chat/sales/visit").await);

    let replaced = host.secret_of("care").await;
    assert_ne!(secret, replaced);
    refused(&eve.get("/chat/care/visit").await);
    let mut again = device(&host, &replaced, "u-1");
    assert_eq!(
        again.history("").await,
        ["Hello"],
        "she is the same customer"
    );

    let (ada, care) = (
        signed_in(&host.desk, "ada").await,
        ChannelKey::parse("care").unwrap(),
    );
    let removed = host.desk.chat_secret_remove(&ada, host.key(), care);
    removed.await.unwrap();
    refused(&again.get("/chat/care/visit").await);
}

#[tokio::test]
async fn e41_a_known_customer_can_be_forgotten_and_begin_anew() {
    let host = Host::start().await;
    let secret = host.secret_of("care").await;
    let mut eve = device(&host, &secret, "u-1");
    assert_eq!(says(&mut eve, "Hello", "k1").await.status, 200);
    let known = || host.count("SELECT COUNT(*) FROM customer_identities WHERE address = 'u-1'");
    assert_eq!(known(), 1);
    assert_eq!(eve.is_forgotten().await.status, 204);
    assert_eq!(known(), 0, "E52: nobody finds it later to erase it");
    assert_eq!(eve.get("/chat/care/visit").await.json(), Value::Null);
    assert_eq!(says(&mut eve, "Hello again", "k2").await.status, 200);
    assert_eq!(eve.history("").await, ["Hello again"]);
}

/// A customer with a proof, whose stream has read what was said so far.
async fn reads_along<'a>(host: &'a Host, secret: &str) -> (Customer<'a>, Stream) {
    let mut eve = device(host, secret, "u-1");
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "Hello");
    (eve, live)
}

#[tokio::test]
async fn an_open_stream_ends_with_the_secret_that_its_proof_is_made_of() {
    let host = Host::start().await;
    let first = host.secret_of("care").await;
    let said = says(&mut device(&host, &first, "u-1"), "Hello", "k1").await;
    assert_eq!(said.status, 200);
    let workitem = host.given_to_amy().await;

    // It leaked, so there is a new one.
    let (mut eve, mut live) = reads_along(&host, &first).await;
    let second = host.secret_of("care").await;
    host.amy_says(&workitem, "For her alone").await;
    assert!(live.next().await.is_none(), "the proof counts no more");
    assert!(!live.bytes.contains("For her alone"), "{}", live.bytes);
    refused(&eve.get("/chat/care/history").await);

    // By the new one she reads on, until it is removed.
    let mut eve = device(&host, &second, "u-1");
    let mut live = eve.live(None).await;
    for text in ["Hello", "For her alone"] {
        assert_eq!(live.text().await, text);
    }
    let (ada, care) = (
        signed_in(&host.desk, "ada").await,
        ChannelKey::parse("care").unwrap(),
    );
    let removed = host.desk.chat_secret_remove(&ada, host.key(), care);
    removed.await.unwrap();
    host.amy_says(&workitem, "To nobody").await;
    assert!(live.next().await.is_none(), "there is no secret");
    assert!(!live.bytes.contains("To nobody"), "{}", live.bytes);
}

#[tokio::test]
async fn the_secret_of_another_channel_ends_no_stream() {
    let host = Host::start().await;
    let secret = host.secret_of("care").await;
    let said = says(&mut device(&host, &secret, "u-1"), "Hello", "k1").await;
    assert_eq!(said.status, 200);
    let workitem = host.given_to_amy().await;
    let (_eve, mut live) = reads_along(&host, &secret).await;
    host.secret_of("sales").await;
    host.amy_says(&workitem, "Hello Eve").await;
    assert_eq!(live.text().await, "Hello Eve");
}

#[tokio::test]
async fn e41_who_is_forgotten_on_one_device_reads_no_more_on_another() {
    let host = Host::start().await;
    let secret = host.secret_of("care").await;
    let mut phone = device(&host, &secret, "u-1");
    assert_eq!(says(&mut phone, "Hello", "k1").await.status, 200);
    let (_desk, mut live) = reads_along(&host, &secret).await;
    assert_eq!(phone.is_forgotten().await.status, 204);
    assert_eq!(live.text().await, "(ended)");
    assert!(live.next().await.is_none(), "nobody is known any more");
    // Who comes by the same id is somebody new.
    assert_eq!(says(&mut phone, "Hello again", "k2").await.status, 200);
    assert_eq!(phone.history("").await, ["Hello again"]);
}
