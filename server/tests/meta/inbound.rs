//! What Meta brings: once, in order, to the right conversation.

use serde_json::{Value, json};
use shared::channels::ProviderChannelChange;
use shared::ids::EntryId;
use shared::workitem::Channel;

use crate::host::{
    DANA, Host, INSTAGRAM, MESSENGER, OURS, WHATSAPP, change, entry, whatsapp_entry,
};
use crate::stand_in::{SECRET, signature};

const KINDS: [&str; 3] = [MESSENGER, INSTAGRAM, WHATSAPP];

#[tokio::test]
async fn a_message_begins_a_workitem_and_the_next_one_goes_on_with_it() {
    for kind in KINDS {
        let host = Host::start_as(kind).await;
        let taken = host.dana_writes("mid-1", "My lamp hums").await;
        assert_eq!((taken.status, taken.body.as_str()), (200, ""), "{kind}");
        let workitem = host.given_to_amy().await;
        host.dana_writes("mid-2", "And glows").await;
        let amy = host.actor("amy").await;
        let list = app::backend::Workitems::worklist_load(&host.desk, &amy).await;
        let list = list.unwrap().workitems;
        let row = list.iter().find(|row| row.id == workitem).unwrap();
        assert_eq!((row.channel, row.unread), (Channel::Social, 2));
        let name = match kind {
            MESSENGER => "Messenger 3456",
            INSTAGRAM => "Instagram 3456",
            _ => "Dana Dietz",
        };
        assert_eq!(row.customer, name);
        assert_eq!(
            host.lines(&workitem).await,
            [
                "customer: My lamp hums",
                "Assigned to Amy Adler.",
                "customer: And glows"
            ]
        );
        host.in_order().await;
    }
}

#[tokio::test]
async fn every_entry_and_every_item_of_a_batch_counts_in_its_order() {
    let host = Host::start().await;
    let say = |mid: &str, text: &str| host.message(mid, text);
    let mut other = say("mid-3", "Another customer");
    other["sender"]["id"] = json!("1000000000000001");
    let batch = json!({ "object": "page", "entry": [
        entry(OURS, [say("mid-1", "one"), say("mid-2", "two")]),
        entry("1", [say("mid-9", "a page that is not ours")]),
        entry(OURS, [other, host.item(json!({ "optin": { "ref": "x" } })), say("mid-4", "three")]),
    ] });
    assert_eq!(host.meta_calls(&batch).await.status, 200);
    assert_eq!(host.queued().await, 2);
    let said = "SELECT COUNT(*) FROM customer_entries WHERE text IN ('one', 'two', 'three', 'Another customer')";
    assert_eq!(host.count(said), 4);
    let order = "SELECT COUNT(*) FROM customer_entries a JOIN customer_entries b USING (workitem_id)
        JOIN customer_entries c USING (workitem_id)
        WHERE a.text = 'one' AND b.text = 'two' AND c.text = 'three' AND a.seq < b.seq AND b.seq < c.seq";
    assert_eq!(host.count(order), 1);
    let stray = "SELECT COUNT(*) FROM customer_entries WHERE text = 'a page that is not ours'";
    assert_eq!(host.count(stray), 0);
    host.in_order().await;
}

#[tokio::test]
async fn a_batch_of_whatsapp_holds_changes_with_messages_and_statuses() {
    let host = Host::start_as(WHATSAPP).await;
    let workitem = host.conversation().await;
    host.amy_says(&workitem, "Which lamp?").await;
    host.round().await;
    let sent = host.meta.sends()[0].json();
    let mut said = host.message("wamid.2==", "The tall one");
    said["statuses"] = json!([{ "id": "wamid.other", "status": "read", "timestamp": "1", "recipient_id": DANA,
        "biz_opaque_callback_data": sent["biz_opaque_callback_data"] }]);
    let mut second = host.message("wamid.3==", "With a red shade");
    second["errors"] = json!([{ "code": 130_429 }]);
    let batch = json!({ "object": "whatsapp_business_account", "entry": [whatsapp_entry(said), whatsapp_entry(second)] });
    assert_eq!(host.meta_calls(&batch).await.status, 200);
    let lines = host.lines(&workitem).await;
    assert_eq!(
        lines[2..],
        [
            "agent: Which lamp?",
            "customer: The tall one",
            "customer: With a red shade"
        ]
    );
    let read = "SELECT COUNT(*) FROM entries WHERE delivery = 'read'";
    assert_eq!(host.count(read), 1);
    host.in_order().await;
}

/// A message of WhatsApp by the names that Meta gives its customer.
fn named(mid: &str, number: Option<&str>, user_id: Option<&str>) -> Value {
    json!({
        "contacts": [{ "profile": { "name": "", "username": "dana.d" }, "wa_id": number, "user_id": user_id }],
        "messages": [{ "from": number, "from_user_id": user_id, "id": mid, "type": "text", "text": { "body": mid } }],
    })
}

#[tokio::test]
async fn a_customer_who_withholds_their_number_is_answered_by_their_user_id() {
    let host = Host::start_as(WHATSAPP).await;
    let user_id = Some("DE.13491208655302741918");
    let writes = async |said: Value| {
        let batch = host.batch(said);
        assert_eq!(host.meta_calls(&batch).await.status, 200);
    };
    writes(named("one", None, user_id)).await;
    let workitem = host.given_to_amy().await;
    let called = "SELECT COUNT(*) FROM workitems WHERE customer = 'dana.d'";
    assert_eq!(host.count(called), 1);
    host.amy_says(&workitem, "Which lamp?").await;
    host.round().await;
    let body = host.meta.sends()[0].json();
    assert_eq!(
        (&body["recipient"], &body["to"]),
        (&json!(user_id), &Value::Null)
    );
    // She gives her number away later: it is the same conversation.
    writes(named("two", Some(DANA), user_id)).await;
    assert_eq!(host.queued().await, 0);
    assert_eq!(host.lines(&workitem).await.last().unwrap(), "customer: two");
    // Somebody else is somebody else.
    writes(named("three", None, Some("DE.5"))).await;
    assert_eq!(host.queued().await, 1);
    host.in_order().await;
}

#[tokio::test]
async fn a_customer_whose_number_was_known_stays_the_same_without_it() {
    let host = Host::start_as(WHATSAPP).await;
    let workitem = host.conversation().await;
    let user_id = Some("DE.13491208655302741918");
    for said in [
        named("two", Some(DANA), user_id),
        named("three", None, user_id),
    ] {
        let batch = host.batch(said);
        assert_eq!(host.meta_calls(&batch).await.status, 200);
    }
    assert_eq!(host.queued().await, 0);
    let lines = host.lines(&workitem).await;
    assert_eq!(lines[2..], ["customer: two", "customer: three"]);
    // The number is what Meta wants to be told while it is known.
    host.amy_says(&workitem, "I see").await;
    host.round().await;
    assert_eq!(host.meta.sends()[0].json()["to"], json!(DANA));
    assert_eq!(host.count("SELECT COUNT(*) FROM customer_identities"), 1);
    host.in_order().await;
}

/// Two that were taken for two people before their names were known stay two.
#[tokio::test]
async fn two_customers_of_before_are_not_made_one() {
    let host = Host::start_as(WHATSAPP).await;
    let user_id = Some("DE.13491208655302741918");
    for said in [
        named("one", Some(DANA), None),
        named("two", None, user_id),
        named("three", Some(DANA), user_id),
        named("four", None, user_id),
    ] {
        let batch = host.batch(said);
        assert_eq!(host.meta_calls(&batch).await.status, 200);
    }
    assert_eq!(host.count("SELECT COUNT(*) FROM customer_identities"), 2);
    assert_eq!(host.queued().await, 2);
    host.in_order().await;
}

#[tokio::test]
async fn a_redelivery_changes_nothing_for_good() {
    for kind in KINDS {
        let host = Host::start_as(kind).await;
        let workitem = host.conversation().await;
        let before = host.entries(&workitem).await;
        for _ in 0..2 {
            assert_eq!(
                host.dana_writes("mid-first", "My lamp hums").await.status,
                200
            );
        }
        assert_eq!(host.entries(&workitem).await, before);
        host.amy_ends(&workitem).await;
        host.clock.advance(40 * 24 * 3_600);
        host.dana_writes("mid-first", "My lamp hums").await;
        assert_eq!(host.queued().await, 0);
    }
}

#[tokio::test]
async fn what_we_sent_and_what_was_taken_back_is_no_message() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let before = host.entries(&workitem).await;
    let echo = json!({ "sender": { "id": OURS }, "recipient": { "id": DANA }, "timestamp": host.millis(),
        "message": { "mid": "mid-echo", "text": "Ours", "is_echo": true, "app_id": 5 } });
    let unmarked = json!({ "sender": { "id": OURS }, "recipient": { "id": DANA }, "timestamp": host.millis(),
        "message": { "mid": "mid-echo-2", "text": "Ours" } });
    let deleted = host.item(json!({ "message": { "mid": "mid-first", "is_deleted": true } }));
    let batch = json!({ "object": "page", "entry": [entry(OURS, [echo, unmarked, deleted])] });
    assert_eq!(host.meta_calls(&batch).await.status, 200);
    assert_eq!(host.entries(&workitem).await, before);
}

#[tokio::test]
async fn buttons_and_files_are_said_in_words_and_a_line() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    for item in [
        json!({ "message": { "mid": "mid-2", "text": "Yes", "quick_reply": { "payload": "YES" } } }),
        json!({ "postback": { "mid": "mid-3", "title": "Get started", "payload": "START" } }),
        json!({ "message": { "mid": "mid-4", "attachments": [{ "type": "image", "payload": { "url": "https://x.test" } },
            { "type": "audio" }] } }),
        json!({ "message": { "mid": "mid-5", "is_unsupported": true } }),
    ] {
        let batch = host.batch(host.item(item));
        assert_eq!(host.meta_calls(&batch).await.status, 200);
    }
    assert_eq!(
        host.lines(&workitem).await[2..],
        [
            "customer: Yes",
            "customer: Get started",
            "A file came with the message (audio). It cannot be shown here; the provider has it.",
            "customer: 📎 audio",
            "A file came with the message (unsupported). It cannot be shown here; the provider has it.",
            "customer: 📎 unsupported",
        ]
    );
    host.in_order().await;
}

/// An app has one address for all of its pages, and none for those of another app.
#[tokio::test]
async fn a_batch_may_be_about_another_page_of_the_same_app() {
    let host = Host::start().await;
    let ada = host.caller("ada").await;
    let more = async |address: &str, secret: Option<&str>| {
        let mut other = ProviderChannelChange {
            address: address.to_owned(),
            ..change(MESSENGER)
        };
        if let Some(secret) = secret {
            other.secrets[1].value = shared::channels::TypedSecret::new(secret.to_owned());
        }
        let made =
            app::backend::Channels::provider_channel_create(&host.desk, &ada, host.key(), other);
        made.await.unwrap()
    };
    more("200", None).await;
    more("300", Some("the secret of another app")).await;
    let to = |address: &str, mid: &str| json!({ "object": "page", "entry": [entry(address, [host.message(mid, "Hello")])] });
    host.meta_calls(&to("200", "mid-1")).await;
    assert_eq!(host.queued().await, 1);
    assert_eq!(host.meta_calls(&to("300", "mid-2")).await.status, 200);
    assert_eq!(host.queued().await, 1, "that page belongs to another app");
    // Nor does what is signed for Messenger reach an Instagram account of the same number.
    let instagram =
        json!({ "object": "instagram", "entry": [entry(OURS, [host.message("mid-3", "Hello")])] });
    assert_eq!(host.meta_calls(&instagram).await.status, 200);
    assert_eq!(host.queued().await, 1);
}

#[tokio::test]
async fn a_channel_that_is_off_begins_nothing_and_goes_on_with_what_is_under_way() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let ada = host.actor("ada").await;
    let channel = host.channel.key.clone();
    let off = app::backend::Administration::channel_activate(
        &host.desk,
        &ada,
        host.key(),
        channel,
        false,
    );
    off.await.unwrap();
    host.dana_writes("mid-2", "Still there?").await;
    let lines = host.lines(&workitem).await;
    assert_eq!(lines.last().unwrap(), "customer: Still there?");
    host.amy_says(&workitem, "Yes").await;
    host.round().await;
    assert_eq!(host.meta.taken(), ["Yes"]);
    host.amy_ends(&workitem).await;
    assert_eq!(host.dana_writes("mid-3", "Hello?").await.status, 200);
    assert_eq!(host.queued().await, 0);
}

#[tokio::test]
async fn a_text_that_is_longer_than_one_here_comes_whole() {
    let host = Host::start_as(WHATSAPP).await;
    let long = format!("{}{}", "x".repeat(4_000), "y".repeat(96));
    host.dana_writes("wamid.1", &long).await;
    host.dana_writes("wamid.1", &long).await;
    let workitem = host.given_to_amy().await;
    let lines = host.lines(&workitem).await;
    let lengths: Vec<usize> = lines.iter().map(String::len).collect();
    assert_eq!(lengths[..2], [4_010, 106]);
}

#[tokio::test]
async fn an_erased_customers_number_is_gone_and_they_can_write_again() {
    let host = Host::start_as(WHATSAPP).await;
    // Their names hold the number.
    host.dana_writes(&format!("wamid.{DANA}"), "My lamp hums")
        .await;
    let workitem = host.given_to_amy().await;
    let user_id = "DE.13491208655302741918";
    let known = host.batch(named("wamid.8", Some(DANA), Some(user_id)));
    assert_eq!(host.meta_calls(&known).await.status, 200);
    let noted = format!("SELECT COUNT(*) FROM customer_identities WHERE user_id = '{user_id}'");
    assert_eq!(host.count(&noted), 1);
    host.amy_says(&workitem, "Which lamp?").await;
    host.round().await;
    host.amy_ends(&workitem).await;
    let erase = server::commands::CustomerErase {
        workitem,
        by: host.actor("ada").await.person(),
        entry: EntryId::parse(server::clock_and_ids::Ids::next(&*host.ids)).unwrap(),
        session: None,
        context: server::store::CommandContext {
            actor: None,
            key: host.key(),
            at: host.desk.clock().now(),
        },
    };
    host.desk.store().execute(erase).await.unwrap();
    host.in_order().await;
    for (table, column) in [
        ("customer_identities", "address"),
        ("customer_identities", "COALESCE(user_id, '')"),
        ("customer_entries", "key"),
        ("workitems", "customer"),
        ("entries", "name"),
        ("deliveries", "COALESCE(provider_id, '')"),
        ("commands", "key"),
        ("commands", "answer"),
    ] {
        for words in [DANA, "Dana", user_id] {
            let query =
                format!("SELECT COUNT(*) FROM {table} WHERE instr({column}, '{words}') > 0");
            assert_eq!(host.count(&query), 0, "{table}.{column}");
        }
    }
    assert_eq!(host.dana_writes("wamid.9", "Hello").await.status, 200);
    host.given_to_amy().await;
}

/// Meta escapes what is not ASCII; the signature is over its bytes, not over what they mean.
#[tokio::test]
async fn a_signature_is_over_the_bytes_as_they_came() {
    let host = Host::start().await;
    let batch = host.batch(host.message("mid-1", "Grüße"));
    let plain = batch.to_string();
    let escaped = plain.replace('ü', "\\u00fc").replace('ß', "\\u00DF");
    assert_ne!(plain, escaped);
    let of_escaped = signature(SECRET, escaped.as_bytes());
    assert_eq!(
        host.called(plain.into_bytes(), Some(&of_escaped))
            .await
            .status,
        403
    );
    let spaced = escaped.replace("\":", "\" : ");
    assert_eq!(
        host.called(spaced.into_bytes(), Some(&of_escaped))
            .await
            .status,
        403
    );
    assert_eq!(
        host.called(escaped.into_bytes(), Some(&of_escaped))
            .await
            .status,
        200
    );
    let workitem = host.given_to_amy().await;
    assert_eq!(host.lines(&workitem).await[0], "customer: Grüße");
}
