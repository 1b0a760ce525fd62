//! What Twilio brings: once, to the right conversation, and nothing that it did not sign.

use app::backend::Workitems;
use axum::body::Body;
use axum::http::{Request, header};
use sha2::{Digest, Sha256};
use shared::delivery::{Delivery, DeliveryReason};
use shared::error::{AppError, ConflictCause};
use shared::ids::WorkitemId;
use shared::notice::Notice;
use shared::transcript::EntryBody;
use shared::workitem::Channel;

use crate::host::{DANAS, Host, PUBLIC, WHATSAPP, message};
use crate::stand_in::{ACCOUNT, TOKEN, signature};

const NO_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

#[tokio::test]
async fn a_text_begins_a_workitem_and_the_next_one_goes_on_with_it() {
    let host = Host::start().await;
    let taken = host.dana_texts("SM1", "My lamp hums").await;
    assert_eq!((taken.status, taken.body.as_str()), (200, NO_REPLY));
    let workitem = host.given_to_amy().await;
    host.dana_texts("SM2", "And glows").await;
    let amy = host.actor("amy").await;
    let list = app::backend::Workitems::worklist_load(&host.desk, &amy).await;
    let list = list.unwrap().workitems;
    let row = list.iter().find(|row| row.id == workitem).unwrap();
    assert_eq!(
        (row.channel, row.customer.as_str(), row.unread),
        (Channel::Sms, DANAS, 2)
    );
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

#[tokio::test]
async fn a_redelivery_changes_nothing() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let before = host.entries(&workitem).await;
    for _ in 0..2 {
        let again = host.dana_texts("SM-first", "My lamp hums").await;
        assert_eq!((again.status, again.body.as_str()), (200, NO_REPLY));
    }
    assert_eq!(host.entries(&workitem).await, before);
    // For good: after the conversation is over as well.
    host.amy_ends(&workitem).await;
    host.dana_texts("SM-first", "My lamp hums").await;
    let rows = host.desk.store().snapshot().await;
    assert!(rows.unwrap().queue_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn after_the_end_a_new_workitem_leads_to_the_one_before() {
    let host = Host::start().await;
    let first = host.conversation().await;
    host.amy_ends(&first).await;
    host.dana_texts("SM2", "It hums again").await;
    let second = host.given_to_amy().await;
    assert_ne!(first, second);
    let entries = host.entries(&second).await;
    let earlier = Notice::Earlier { workitem: first };
    assert_eq!(entries[0].body, EntryBody::Notice(earlier));
    host.in_order().await;
}

#[tokio::test]
async fn u09_a_conversation_goes_on_when_reopened_unless_the_customer_began_another() {
    let host = Host::start().await;
    let first = host.conversation().await;
    let amy = host.actor("amy").await;
    let reopens = async |workitem: &WorkitemId| {
        host.desk
            .workitem_reopen(&amy, workitem.clone(), host.key())
            .await
    };
    host.amy_ends(&first).await;
    reopens(&first).await.unwrap();
    host.amy_says(&first, "Which lamp?").await;
    host.round().await;
    assert_eq!(
        host.twilio.sends().len(),
        1,
        "the end and its end are no texts"
    );
    host.dana_texts("SM2", "The green one").await;
    assert_eq!(host.queued().await, 0);

    host.amy_ends(&first).await;
    host.dana_texts("SM3", "It hums again").await;
    assert_eq!(
        reopens(&first).await,
        Err(AppError::conflict(ConflictCause::NewerConversation))
    );
    host.in_order().await;
}

#[tokio::test]
async fn whatsapp_is_a_social_channel_with_names() {
    let host = Host::start_as("twilio_whatsapp").await;
    let form = [
        ("MessageSid", "SM1"),
        ("AccountSid", ACCOUNT),
        ("From", "whatsapp:+15551230000"),
        ("To", "whatsapp:+15550006789"),
        ("ProfileName", "Dana Dietz"),
        ("Body", "Hi"),
    ];
    let taken = host.twilio_calls(host.webhook(), &form).await;
    assert_eq!(taken.status, 200);
    let workitem = host.given_to_amy().await;
    let amy = host.actor("amy").await;
    let list = app::backend::Workitems::worklist_load(&host.desk, &amy).await;
    let list = list.unwrap().workitems;
    let row = list.iter().find(|row| row.id == workitem).unwrap();
    assert_eq!(
        (row.channel, row.customer.as_str()),
        (Channel::Social, "Dana Dietz")
    );
    host.amy_says(&workitem, "Hello Dana").await;
    host.round().await;
    let sends = host.twilio.sends();
    assert_eq!(
        (sends[0].get("From"), sends[0].get("To")),
        ("whatsapp:+15550006789", "whatsapp:+15551230000")
    );
    // A text message is not for this channel.
    let other = host
        .twilio_calls(host.webhook(), &message("SM2", "Hi"))
        .await;
    assert_eq!(other.status, 404);
}

#[tokio::test]
async fn whatsapp_by_twilio_can_be_answered_for_a_day() {
    let host = Host::start_as("twilio_whatsapp").await;
    let writes = async |sid: &str| {
        let form = [
            ("MessageSid", sid),
            ("From", "whatsapp:+15551230000"),
            ("To", "whatsapp:+15550006789"),
            ("Body", "Hi"),
        ];
        assert_eq!(host.twilio_calls(host.webhook(), &form).await.status, 200);
    };
    writes("SM1").await;
    let workitem = host.given_to_amy().await;
    host.clock.advance(24 * 3_600 - 1);
    host.amy_says(&workitem, "Hello").await;
    host.clock.advance(1);
    let late = host.try_amy_says(&workitem, "Hello?").await;
    assert_eq!(
        late.unwrap_err(),
        AppError::conflict(ConflictCause::WindowClosed)
    );
    writes("SM2").await;
    host.amy_says(&workitem, "Welcome back").await;

    // A text message can be answered for ever.
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.clock.advance(400 * 24 * 3_600);
    host.amy_says(&workitem, "Which lamp?").await;
    host.in_order().await;
}

#[tokio::test]
async fn what_nobody_fetches_is_a_line_with_its_number_and_types() {
    let host = Host::start().await;
    let mut form = message("SM1", "");
    form.retain(|(name, _)| *name != "NumMedia");
    form.extend([
        ("NumMedia", "2"),
        ("MediaContentType0", "audio/amr"),
        ("MediaContentType1", "text/vcard"),
        ("MediaUrl0", "https://api.twilio.com/media/1"),
    ]);
    assert_eq!(host.twilio_calls(host.webhook(), &form).await.status, 200);
    let workitem = host.given_to_amy().await;
    let lines = host.lines(&workitem).await;
    assert_eq!(
        lines[0],
        "2 files came with the message (audio/amr, text/vcard). They cannot be shown here; the provider has them."
    );
    assert_eq!(lines[1], "customer: 📎 audio/amr, text/vcard");
}

/// A message of Dana's on WhatsApp without a text, with these parameters.
async fn dana_shares(host: &Host, sid: &str, more: &[(&str, &str)]) {
    let form = [&host.danas(sid, "")[..], more].concat();
    let taken = host.twilio_calls(host.webhook(), &form).await;
    assert_eq!((taken.status, taken.body.as_str()), (200, NO_REPLY));
}

/// As on WhatsApp by Meta.
#[tokio::test]
async fn a_place_is_its_name_its_address_and_its_coordinates() {
    let host = Host::start_as(WHATSAPP).await;
    let home = [
        ("MessageType", "location"),
        ("Latitude", "52.52"),
        ("Longitude", "13.40"),
        ("Address", "Alexanderplatz 1, Berlin"),
        ("Label", "Home"),
    ];
    dana_shares(&host, "SM1", &home).await;
    let workitem = host.given_to_amy().await;
    dana_shares(&host, "SM2", &home[..3]).await;
    let lines = host.lines(&workitem).await;
    let whole = "customer: 📍 Home\nAlexanderplatz 1, Berlin\n52.52, 13.4";
    assert_eq!(lines[0], whole);
    assert_eq!(lines.last().unwrap(), "customer: 📍 52.52, 13.4");
    host.in_order().await;
}

#[tokio::test]
async fn on_whatsapp_what_cannot_be_shown_is_a_line_with_its_type() {
    let host = Host::start_as(WHATSAPP).await;
    dana_shares(&host, "SM1", &[("MessageType", "order")]).await;
    let workitem = host.given_to_amy().await;
    // A place of which nothing is said, and what Twilio has no word for.
    dana_shares(&host, "SM2", &[("MessageType", "location")]).await;
    dana_shares(&host, "SM3", &[]).await;
    let lines = host.lines(&workitem).await;
    for named in ["order", "location", "unsupported"] {
        let line = format!(
            "A file came with the message ({named}). It cannot be shown here; the provider has it."
        );
        for line in [line, format!("customer: 📎 {named}")] {
            assert!(lines.contains(&line), "{line}: {lines:?}");
        }
    }
    dana_shares(&host, "SM4", &[("MessageType", "reaction")]).await;
    assert_eq!(host.lines(&workitem).await, lines);
    host.in_order().await;
}

#[tokio::test]
async fn who_says_stop_is_written_to_no_more_until_they_say_start() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let queued = host.amy_says(&workitem, "Which lamp?").await;
    host.dana_texts("SM2", " Stop ").await;
    assert!(host.stopped(&workitem).await);
    let refused = host.try_amy_says(&workitem, "Sorry!").await;
    assert_eq!(
        refused.unwrap_err(),
        AppError::conflict(ConflictCause::CustomerStopped)
    );
    let said = host.lines(&workitem).await;
    assert!(said.contains(&format!(
        "{DANAS} said STOP and gets no messages on this channel any more."
    )));
    assert!(said.last().unwrap().trim_end().ends_with("Stop"));
    // What was said before and was not sent is not sent any more.
    let stopped = Delivery::failed(DeliveryReason::Stopped, None);
    assert_eq!(host.delivery(&workitem, &queued).await, stopped);
    assert_eq!(host.round().await, 0);
    host.dana_texts("SM3", "START").await;
    assert!(!host.stopped(&workitem).await);
    host.amy_says(&workitem, "Welcome back").await;
    host.round().await;
    assert_eq!(host.twilio.taken(), ["Welcome back"]);
    host.in_order().await;
}

#[tokio::test]
async fn a_wish_alone_begins_no_workitem() {
    let host = Host::start().await;
    for (sid, wish) in [("SM1", "STOP"), ("SM2", "START")] {
        assert_eq!(host.dana_texts(sid, wish).await.status, 200);
    }
    assert_eq!(
        host.count(
            "SELECT COUNT(*) FROM customer_visitors WHERE visitor IN
        (SELECT id FROM customer_identities)"
        ),
        0
    );
    // From somebody who never said STOP it is a message like others.
    host.dana_texts("SM3", "yes").await;
    let workitem = host.given_to_amy().await;
    host.dana_texts("SM4", "Yes").await;
    host.dana_texts("SM5", "unstop").await;
    let assigned = "Assigned to Amy Adler.";
    assert_eq!(
        host.lines(&workitem).await,
        [
            "customer: yes",
            assigned,
            "customer: Yes",
            "customer: unstop"
        ]
    );
}

#[tokio::test]
async fn on_whatsapp_stop_and_start_alone_are_wishes() {
    let host = Host::start_as("twilio_whatsapp").await;
    let writes = async |sid: &str, body: &str| {
        let form = [
            ("MessageSid", sid),
            ("From", "whatsapp:+15551230000"),
            ("To", "whatsapp:+15550006789"),
            ("Body", body),
        ];
        assert_eq!(host.twilio_calls(host.webhook(), &form).await.status, 200);
    };
    writes("SM1", "Cancel").await;
    let workitem = host.given_to_amy().await;
    writes("SM2", "End").await;
    host.amy_says(&workitem, "Your order?").await;
    writes("SM3", "stop").await;
    let refused = host.try_amy_says(&workitem, "Sorry!").await;
    assert_eq!(
        refused.unwrap_err(),
        AppError::conflict(ConflictCause::CustomerStopped)
    );
    writes("SM4", "yes").await;
    assert!(host.try_amy_says(&workitem, "Sorry!").await.is_err());
    writes("SM5", "Start").await;
    host.amy_says(&workitem, "Welcome back").await;
    host.in_order().await;
}

#[tokio::test]
async fn a_channel_that_is_off_begins_nothing_and_goes_on_with_what_is_under_way() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let ada = host.actor("ada").await;
    let off = app::backend::Administration::channel_activate(
        &host.desk,
        &ada,
        host.key(),
        host.channel.key.clone(),
        false,
    );
    off.await.unwrap();
    host.dana_texts("SM2", "Still there?").await;
    assert_eq!(
        host.lines(&workitem).await.last().unwrap(),
        "customer: Still there?"
    );
    host.amy_ends(&workitem).await;
    assert_eq!(host.dana_texts("SM3", "Hello?").await.status, 200);
    let rows = host.desk.store().snapshot().await;
    assert!(rows.unwrap().queue_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_twilio_did_not_sign_is_refused() {
    let host = Host::start().await;
    let (path, form) = (host.webhook(), message("SM1", "My lamp hums"));
    let right = signature(TOKEN, &format!("{PUBLIC}{path}"), &form);
    let status = |answered: crate::host::Answered| answered.status;
    assert_eq!(status(host.called(path, &form, None).await), 400);
    let others = [
        signature("another token", &format!("{PUBLIC}{path}"), &form),
        signature(TOKEN, &format!("http://desk.example.com{path}"), &form),
        signature(
            TOKEN,
            &format!("{PUBLIC}{path}"),
            &message("SM1", "My lamp glows"),
        ),
        "nonsense".to_owned(),
        String::new(),
    ];
    for wrong in others {
        let answered = host.called(path, &form, Some(&wrong)).await;
        assert_eq!(status(answered), 403, "{wrong}");
    }
    // With its standard port the public address is the same.
    let port = signature(TOKEN, &format!("{PUBLIC}:443{path}"), &form);
    assert_eq!(status(host.called(path, &form, Some(&port)).await), 200);
    assert_eq!(status(host.called(path, &form, Some(&right)).await), 200);
    assert_eq!(host.count("SELECT COUNT(*) FROM customer_identities"), 1);
}

#[tokio::test]
async fn bad_input_has_a_status_and_changes_nothing() {
    let host = Host::start().await;
    let path = host.webhook().to_owned();
    // A chat page is no number.
    for path in ["/channels/twilio/nowhere", "/channels/twilio/care"] {
        let answered = host.twilio_calls(path, &message("SM1", "Hi")).await;
        assert_eq!(answered.status, 404, "{path}");
    }
    let long = "1".repeat(5_000);
    // Another number, another account, no name for the message, nobody who wrote it.
    for (field, value, status) in [
        ("To", "+15559999999", 404),
        ("AccountSid", "AC9", 403),
        ("MessageSid", "", 400),
        ("MessageSid", "SM\u{0}1", 400),
        ("From", "", 400),
        ("From", " ", 400),
        ("From", "+1555123\u{202E}", 400),
        ("From", "+1555123\u{0}", 400),
        ("From", long.as_str(), 400),
        ("From", "client:dana", 400),
    ] {
        let mut form = message("SM1", "Hi");
        for pair in &mut form {
            if pair.0 == field {
                pair.1 = value;
            }
        }
        let answered = host.twilio_calls(&path, &form).await;
        assert_eq!(answered.status, status, "{field} {value:?}");
    }
    let raw = |media: &'static str, body: Vec<u8>| {
        Request::post(path.clone())
            .header(header::CONTENT_TYPE, media)
            .header("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
            .body(Body::from(body))
            .unwrap()
    };
    const FORM: &str = "application/x-www-form-urlencoded";
    for (media, body, status) in [
        (FORM, b"Body=%FF".to_vec(), 403),
        // Upper and lower case are one: the signature is what is wrong.
        (
            "Application/X-WWW-Form-Urlencoded",
            b"Body=Hi".to_vec(),
            403,
        ),
        (FORM, b"Body=\xFF".to_vec(), 403),
        // Whether it is Twilio's is asked before anything else.
        ("application/json", b"{}".to_vec(), 403),
        (FORM, vec![b'a'; 100_000], 413),
    ] {
        let answered = host.request(raw(media, body)).await;
        assert_eq!(answered.status, status, "{media}");
    }
    assert_eq!(host.count("SELECT COUNT(*) FROM customer_identities"), 0);
    let empty = host.dana_texts("SM1", " ").await;
    assert_eq!((empty.status, empty.body.as_str()), (200, NO_REPLY));
    let rows = host.desk.store().snapshot().await;
    assert!(rows.unwrap().queue_list().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_twilio_signs_and_is_no_form_is_known_by_its_digest_and_refused() {
    let host = Host::start().await;
    let body = r#"{"property": "value"}"#;
    let digest = hex::encode(Sha256::digest(body));
    let path = format!("{}?bodySHA256={digest}", host.webhook());
    let right = signature(TOKEN, &format!("{PUBLIC}{path}"), &[]);
    for (body, status) in [(body, 415), ("{}", 403)] {
        let request = Request::post(&path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-twilio-signature", &right)
            .body(Body::from(body));
        let answered = host.request(request.unwrap()).await;
        assert_eq!(answered.status, status, "{body}");
    }
    assert_eq!(host.count("SELECT COUNT(*) FROM customer_identities"), 0);
}

#[tokio::test]
async fn an_erased_customers_number_is_gone_and_they_can_write_again() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.amy_says(&workitem, "Which lamp?").await;
    host.amy_ends(&workitem).await;
    host.erases(workitem).await;
    host.in_order().await;
    let number = &DANAS[1..];
    for (table, column) in [
        ("customer_identities", "address"),
        ("workitems", "customer"),
        ("workitems", "customer_key"),
        ("entries", "name"),
        ("notices", "notice"),
        ("commands", "sender"),
        ("commands", "answer"),
        ("own_log", "event"),
    ] {
        let query = format!("SELECT COUNT(*) FROM {table} WHERE instr({column}, '{number}') > 0");
        assert_eq!(host.count(&query), 0, "{table}.{column}");
    }
    // What waited is not sent without words.
    assert_eq!(host.round().await, 0);
    assert_eq!(host.dana_texts("SM9", "Hello").await.status, 200);
    host.given_to_amy().await;
}
