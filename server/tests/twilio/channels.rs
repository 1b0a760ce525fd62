//! Channels as administrators run them: set up, tried, edited; and their secrets, which nobody sees again.

use app::backend::{Administration, Channels, Deletions, Workitems};
use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use server::commands::ChannelUpdate;
use server::store::{CommandContext, StoreError};
use shared::channels::{NamedSecret, NamedValue, ProviderChannelChange, TypedSecret};
use shared::deletion::Deletable;
use shared::error::{AppError, ConflictCause, Difference, Problem};
use shared::ids::ChannelKey;
use shared::text::MessageText;

use crate::host::{DANAS, Host, OURS, PUBLIC, change};
use crate::stand_in::{ACCOUNT, Next, TOKEN};

fn problem(error: AppError) -> (String, Problem) {
    match error {
        AppError::Invalid { field, problem } => (field, problem),
        other => panic!("{other:?}"),
    }
}

/// Who was quicker, and what stands there now.
fn meanwhile(error: AppError) -> (Option<String>, Vec<Difference>) {
    match error {
        AppError::Conflict {
            cause: ConflictCause::EditedMeanwhile { by, now, .. },
        } => (by, now),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_channel_is_listed_with_its_webhook_and_without_its_secret() {
    let host = Host::start().await;
    let ada = host.actor("ada").await;
    let list = host.desk.provider_channel_list(&ada).await.unwrap();
    assert!(list.reachable);
    let codes: Vec<&str> = list.kinds.iter().map(|kind| kind.code.as_str()).collect();
    assert_eq!(codes[..2], ["twilio_sms", "twilio_whatsapp"]);
    let [channel] = list.channels.as_slice() else {
        panic!("{list:?}")
    };
    assert_eq!(channel.secrets, ["auth_token"]);
    assert_eq!(
        channel.webhook,
        format!("{PUBLIC}/channels/twilio/{}", channel.key)
    );
    assert_eq!(
        (channel.heard_at, channel.team_name.as_str()),
        (None, "Care")
    );
    assert!(!serde_json::to_string(&list).unwrap().contains(TOKEN));
    host.dana_texts("SM1", "Hi").await;
    let list = host.desk.provider_channel_list(&ada).await.unwrap();
    assert!(list.channels[0].heard_at.is_some());
    // Not among the chat pages.
    let teams = app::backend::Administration::team_list(&host.desk, &ada).await;
    let chats = teams.unwrap().into_iter().flat_map(|team| team.channels);
    assert!(chats.into_iter().all(|chat| chat.key != channel.key));
}

#[tokio::test]
async fn a_channel_of_a_provider_has_no_chat_page_and_takes_no_chat() {
    let host = Host::start().await;
    let queued = "SELECT COUNT(*) FROM workitems WHERE state = 'queued'";
    let before = host.count(queued);
    let page = format!("/chat/{}", host.channel.key);
    let json = r#"{"name": "Eve", "text": "Hello", "key": "1"}"#;
    let requests = [
        Request::get(&page).body(Body::empty()),
        Request::get(format!("{page}/history")).body(Body::empty()),
        Request::post(format!("{page}/messages"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json)),
        Request::post(&page)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("name=Eve&text=Hello&key=1")),
    ];
    for request in requests {
        let request = request.unwrap();
        let asked = format!("{} {}", request.method(), request.uri());
        assert_eq!(host.request(request).await.status, 404, "{asked}");
    }
    assert_eq!(host.count(queued), before);
}

#[tokio::test]
async fn a_channel_of_a_provider_is_no_chat_channel_that_could_be_renamed() {
    let host = Host::start().await;
    let (ada, key) = (host.actor("ada").await, host.channel.key.clone());
    let desk = &host.desk;
    let renamed = ChannelUpdate {
        channel: key,
        name: "Other".to_owned(),
        version: host.channel.version,
        context: CommandContext {
            actor: Some(ada.id.clone()),
            key: host.key(),
            at: desk.clock().now(),
        },
    };
    let renamed = desk.store().execute(renamed).await;
    assert!(matches!(renamed, Err(StoreError::NotFound)));
    let list = desk.provider_channel_list(&ada).await.unwrap();
    assert_eq!(list.channels, std::slice::from_ref(&host.channel));
    assert_eq!(host.dana_texts("SM1", "Hi").await.status, 200);
}

#[tokio::test]
async fn a_channel_is_deleted_once_no_conversation_is_open_and_its_number_is_free() {
    let host = Host::start().await;
    let (ada, key) = (host.caller("ada").await, host.channel.key.clone());
    let workitem = host.conversation().await;
    let preview = async || {
        let of = Deletable::Channel(key.clone());
        Deletions::deletion_preview(&host.desk, &ada.actor, of).await
    };
    let delete = async || {
        let deleted = Deletions::channel_delete(&host.desk, &ada.actor, host.key(), key.clone());
        deleted.await
    };
    let in_use = || AppError::conflict(ConflictCause::ChannelInUse { open: 1 });
    assert_eq!(preview().await.unwrap().open, 1);
    assert_eq!(delete().await.unwrap_err(), in_use());
    host.amy_says(&workitem, "one").await;
    host.round().await;
    let waiting = host.amy_says(&workitem, "two").await;
    host.amy_ends(&workitem).await;
    assert_eq!(delete().await.unwrap_err(), in_use(), "it can be reopened");
    let amy = host.actor("amy").await;
    let closed = host.desk.workitem_close(&amy, workitem, host.key());
    closed.await.unwrap();

    assert!(preview().await.unwrap().is_empty());
    delete().await.unwrap();
    let given_up = format!(
        "SELECT COUNT(*) FROM entries WHERE id = '{waiting}' AND delivery = 'failed'
            AND delivery_reason = 'not_set_up'"
    );
    assert_eq!(host.count(&given_up), 1);
    assert_eq!(host.round().await, 0);
    assert_eq!(host.twilio.taken(), ["one"]);
    assert_eq!(host.count("SELECT COUNT(*) FROM channel_secrets"), 0);
    let log = format!(
        "SELECT COUNT(*) FROM audit WHERE what = 'channel_delete' AND instr(changes, '{OURS}') > 0"
    );
    assert_eq!(host.count(&log), 1);
    // What Twilio still brings finds no channel.
    let report = [("MessageStatus", "delivered")];
    let late = host.reports(0, &format!("SM{:032}", 1), &report).await;
    assert_eq!(late.status, 404);
    assert_eq!(host.dana_texts("SM2", "Hi").await.status, 404);
    let list = host.desk.provider_channel_list(&ada.actor).await.unwrap();
    assert!(list.channels.is_empty());
    assert_eq!(preview().await.unwrap_err(), AppError::NotFound);
    assert_eq!(delete().await.unwrap_err(), AppError::NotFound);
    let edited = host.desk.provider_channel_update(
        &ada,
        host.key(),
        key.clone(),
        change("twilio_sms", "care"),
    );
    assert_eq!(edited.await.unwrap_err(), AppError::NotFound);

    let again = host
        .desk
        .provider_channel_create(&ada, host.key(), change("twilio_sms", "care"));
    let again = again.await.unwrap();
    assert_ne!(again.key, key);
    assert_eq!(again.address, OURS);
    host.in_order().await;
}

#[tokio::test]
async fn what_goes_nowhere_is_refused_with_its_field() {
    let host = Host::start().await;
    let ada = host.caller("ada").await;
    let other = || shared::channels::ProviderChannelChange {
        address: "+15550000001".to_owned(),
        ..change("twilio_sms", "care")
    };
    let refused = async |wrong: shared::channels::ProviderChannelChange| {
        let made = host.desk.provider_channel_create(&ada, host.key(), wrong);
        problem(made.await.unwrap_err())
    };
    let secret = |value: &str| NamedSecret {
        name: "auth_tokem".to_owned(),
        value: TypedSecret::new(value.to_owned()),
    };
    let mut wrong = other();
    wrong.secrets.push(secret("typed in vain"));
    let unknown = |field: &str| (field.to_owned(), Problem::UnknownSetting);
    assert_eq!(refused(wrong).await, unknown("secrets"));
    let mut wrong = other();
    wrong.settings.push(NamedValue {
        name: "page_id".to_owned(),
        value: "1".to_owned(),
    });
    assert_eq!(refused(wrong).await, unknown("settings"));
    // A form of the release before sends the empty boxes of other kinds.
    let mut right = other();
    right.secrets.push(secret(""));
    let made = host.desk.provider_channel_create(&ada, host.key(), right);
    assert_eq!(made.await.unwrap().secrets, ["auth_token"]);

    let test = |length: usize| {
        let text = MessageText::parse(&"x".repeat(length)).unwrap();
        let to = "+15559990000".to_owned();
        let key = host.channel.key.clone();
        host.desk.channel_test(&ada.actor, key, to, text)
    };
    let too_long = Problem::TooLong {
        max: 1_600,
        actual: 1_601,
    };
    let refused = problem(test(1_601).await.unwrap_err());
    assert_eq!(refused, ("text".to_owned(), too_long));
    assert_eq!(host.twilio.sends().len(), 0);
    assert!(test(1_600).await.unwrap().accepted);
}

#[tokio::test]
async fn a_secret_is_in_no_file_in_the_clear() {
    let host = Host::start().await;
    host.conversation().await;
    for name in ["sideline.db", "sideline.db-wal"] {
        let bytes = std::fs::read(host.database().with_file_name(name)).unwrap();
        let token = TOKEN.as_bytes();
        assert!(
            !bytes.windows(token.len()).any(|window| window == token),
            "{name}"
        );
    }
    assert_eq!(host.count("SELECT COUNT(*) FROM channel_secrets"), 1);
}

#[tokio::test]
async fn what_cannot_be_a_channel_is_refused_by_field() {
    let host = Host::start().await;
    let ada = host.caller("ada").await;
    let why = async |wrong: shared::channels::ProviderChannelChange| {
        let made = host.desk.provider_channel_create(&ada, host.key(), wrong);
        problem(made.await.unwrap_err())
    };
    let refused = async |wrong: shared::channels::ProviderChannelChange| why(wrong).await.0;
    let taken = ("address".to_owned(), Problem::NumberTaken);
    assert_eq!(why(change("twilio_sms", "care")).await, taken);
    let other = || shared::channels::ProviderChannelChange {
        address: "+15550000001".to_owned(),
        ..change("twilio_sms", "care")
    };
    for (address, fits) in [
        ("call me", false),
        ("0301234567", false),
        ("", false),
        ("12345", true),
    ] {
        let mut wrong = other();
        wrong.address = address.to_owned();
        let made = host
            .desk
            .provider_channel_create(&ada, host.key(), wrong)
            .await;
        assert_eq!(made.is_ok(), fits, "{address}");
    }
    for (kind, address) in [
        ("twilio_sms", "02079460018"),
        ("twilio_sms", "4915112345678"),
        ("twilio_sms", "0049301234567"),
        ("twilio_sms", "+0301234567"),
        ("twilio_sms", "+49301#"),
        ("twilio_sms", ""),
        ("twilio_whatsapp", "4915112345678"),
        ("twilio_whatsapp", "12345"),
        ("twilio_whatsapp", "whatsapp:12345"),
    ] {
        let mut wrong = other();
        (wrong.kind, wrong.address) = (kind.to_owned(), address.to_owned());
        let short_code = kind == "twilio_sms";
        let form = Problem::InternationalNumber { short_code };
        let expected = ("address".to_owned(), form);
        assert_eq!(why(wrong).await, expected, "{kind} {address}");
    }
    for sid in [
        "AC1",
        "SM00000000000000000000000000000001",
        "AC0000000000000000000000000000000g",
        "AC000000000000000000000000000000001",
    ] {
        let mut wrong = other();
        wrong.settings[0].value = sid.to_owned();
        let expected = ("account_sid".to_owned(), Problem::AccountSidForm);
        assert_eq!(why(wrong).await, expected, "{sid}");
    }
    let mut wrong = other();
    wrong.kind = "carrier_pigeon".to_owned();
    assert_eq!(refused(wrong).await, "kind");
    let mut wrong = other();
    wrong.settings[0].value = "../../etc".to_owned();
    assert_eq!(refused(wrong).await, "account_sid");
    let mut wrong = other();
    wrong.secrets.clear();
    assert_eq!(refused(wrong).await, "auth_token");
    let mut wrong = other();
    wrong.name = " ".to_owned();
    assert_eq!(refused(wrong).await, "name");
    let mut wrong = other();
    wrong.team = shared::ids::TeamId::parse("nobody").unwrap();
    assert_eq!(refused(wrong).await, "team");
    host.desk
        .provider_channel_create(&ada, host.key(), other())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_edit_keeps_the_secret_unless_it_names_another_one() {
    let host = Host::start().await;
    let (ada, key) = (host.caller("ada").await, host.channel.key.clone());
    let mut edit = change("twilio_sms", "sales");
    edit.secrets.clear();
    let edited = host
        .desk
        .provider_channel_update(&ada, host.key(), key.clone(), edit.clone());
    assert_eq!(edited.await.unwrap().version, 1);
    assert_eq!(
        host.dana_texts("SM1", "Hi").await.status,
        200,
        "the token is good still"
    );
    let late = host
        .desk
        .provider_channel_update(&ada, host.key(), key.clone(), edit.clone());
    assert!(matches!(
        late.await.unwrap_err(),
        AppError::Conflict {
            cause: ConflictCause::EditedMeanwhile { .. }
        }
    ));
    edit.version = 1;
    edit.secrets = vec![NamedSecret {
        name: "auth_token".to_owned(),
        value: TypedSecret::new("another token".to_owned()),
    }];
    let edited = host
        .desk
        .provider_channel_update(&ada, host.key(), key, edit.clone());
    edited.await.unwrap();
    assert_eq!(host.dana_texts("SM2", "Hi").await.status, 403);
    let nobody = ChannelKey::parse("nobody").unwrap();
    let unknown = host
        .desk
        .provider_channel_update(&ada, host.key(), nobody, edit);
    assert_eq!(unknown.await.unwrap_err(), AppError::NotFound);
    // The log names the secret and holds none.
    let log = "SELECT COUNT(*) FROM audit WHERE what = 'provider_channel_update'
        AND instr(changes, 'auth_token') > 0 AND instr(changes, 'another token') = 0";
    assert_eq!(host.count(log), 1);
}

#[tokio::test]
async fn who_edits_a_channel_that_was_switched_off_meanwhile_learns_it_and_it_stays_off() {
    let host = Host::start().await;
    let (ada, key) = (host.caller("ada").await, host.channel.key.clone());
    let off =
        Administration::channel_activate(&host.desk, &ada.actor, host.key(), key.clone(), false);
    off.await.unwrap();
    let mut edit = change("twilio_sms", "sales");
    edit.secrets.clear();
    let save = |edit: &ProviderChannelChange| {
        let (key, edit) = (key.clone(), edit.clone());
        host.desk
            .provider_channel_update(&ada, host.key(), key, edit)
    };
    let switched = meanwhile(save(&edit).await.unwrap_err());
    let by = Some("Ada Almond".to_owned());
    assert_eq!(switched, (by.clone(), vec![Difference::Active(false)]));
    // Having read that, an administrator saves over it.
    edit.version = 1;
    let saved = save(&edit).await.unwrap();
    assert!(!saved.active, "an edit switches nothing");
    assert_eq!((saved.team.as_str(), saved.version), ("sales", 2));
    // The next one learns of the edit, which came after the switch.
    edit.name = "Sales by text".to_owned();
    let renamed = Difference::Name("Care by text".to_owned());
    assert_eq!(
        meanwhile(save(&edit).await.unwrap_err()),
        (by, vec![renamed])
    );
}

#[tokio::test]
async fn a_test_message_shows_twilios_own_words() {
    let host = Host::start().await;
    let (ada, key) = (host.actor("ada").await, host.channel.key.clone());
    let text = || MessageText::parse("A test").unwrap();
    let test = || {
        host.desk
            .channel_test(&ada, key.clone(), "+1 (555) 999-0000".to_owned(), text())
    };
    let good = test().await.unwrap();
    assert!(good.accepted && good.detail.starts_with("SM"), "{good:?}");
    let asked = &host.twilio.sends()[0];
    assert_eq!((asked.get("To"), asked.get("From")), ("+15559990000", OURS));
    let refusal = r#"{"code": 21608, "message": "The number is unverified.", "status": 400}"#;
    host.twilio
        .next([Next::Answer(400, None, refusal), Next::Silence]);
    let bad = test().await.unwrap();
    assert_eq!(
        (bad.accepted, bad.detail.as_str()),
        (false, "400 The number is unverified. (21608)")
    );
    let silent = test().await.unwrap();
    assert_eq!(
        (silent.accepted, silent.detail.as_str()),
        (false, "no answer in time")
    );
    let nowhere = host
        .desk
        .channel_test(&ada, key.clone(), "nobody".to_owned(), text());
    assert_eq!(problem(nowhere.await.unwrap_err()).0, "to");
    assert_eq!(
        host.count("SELECT COUNT(*) FROM audit WHERE what = 'channel_test'"),
        3
    );
    let sam = host.actor("sam").await;
    let not_his = host
        .desk
        .channel_test(&sam, key.clone(), "+15559990000".to_owned(), text());
    assert_eq!(not_his.await.unwrap_err(), AppError::NotFound);
}

/// Some vendors repeat what they were sent. An administrator sees no secret again either.
#[tokio::test]
async fn a_secret_that_twilio_repeats_is_hidden() {
    let host = Host::start().await;
    let ada = host.actor("ada").await;
    let credentials = BASE64_STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
    let message = format!("Bad header Basic {credentials}: {TOKEN} is wrong");
    let refusal = json!({ "code": 20003, "message": message }).to_string();
    host.twilio.next([Next::Answer(401, None, refusal.leak())]);
    let text = MessageText::parse("A test").unwrap();
    let key = host.channel.key.clone();
    let tested = host
        .desk
        .channel_test(&ada, key, "+15559990000".to_owned(), text);
    let detail = tested.await.unwrap().detail;
    assert_eq!(detail, "401 Bad header Basic …: … is wrong (20003)");
}

/// Nobody writes to a number that said STOP, an administrator neither.
#[tokio::test]
async fn after_stop_no_test_message_is_sent() {
    let host = Host::start().await;
    let ada = host.actor("ada").await;
    let test = async |to: &str| {
        let (key, to) = (host.channel.key.clone(), to.to_owned());
        let text = MessageText::parse("A test").unwrap();
        host.desk.channel_test(&ada, key, to, text).await
    };
    host.conversation().await;
    host.dana_texts("SM2", "STOP").await;
    // However the number is typed.
    for to in [DANAS, "+1 (555) 123-0000"] {
        let refused = test(to).await.unwrap_err();
        assert_eq!(refused, AppError::conflict(ConflictCause::CustomerStopped));
    }
    assert_eq!(host.twilio.sends().len(), 0);
    let tests = "SELECT COUNT(*) FROM audit WHERE what = 'channel_test'";
    assert_eq!(host.count(tests), 0);
    assert!(test("+15559990000").await.unwrap().accepted);
    host.dana_texts("SM3", "START").await;
    assert!(test(DANAS).await.unwrap().accepted);
}
