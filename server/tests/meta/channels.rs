//! Channels of Meta's as administrators run them.

use app::backend::Channels;
use serde_json::json;
use shared::channels::{NamedValue, ProviderChannelChange, TypedSecret};
use shared::error::{AppError, Problem};
use shared::text::MessageText;

use crate::host::{DANA, Host, INSTAGRAM, MESSENGER, PAGE, PUBLIC, WHATSAPP, change};
use crate::stand_in::{Next, SECRET, TOKEN};

fn problem(error: AppError) -> (String, Problem) {
    match error {
        AppError::Invalid { field, problem } => (field, problem),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_three_kinds_say_what_they_need() {
    let host = Host::start().await;
    let ada = host.actor("ada").await;
    let list = host.desk.provider_channel_list(&ada).await.unwrap();
    for (code, settings) in [
        (MESSENGER, vec!["rate"]),
        (INSTAGRAM, vec!["page_id", "rate"]),
        (WHATSAPP, vec!["rate"]),
    ] {
        let kind = list.kinds.iter().find(|kind| kind.code == code).unwrap();
        assert_eq!(kind.settings, settings, "{code}");
        assert_eq!(kind.secrets, ["access_token", "app_secret"], "{code}");
    }
    let [channel] = list.channels.as_slice() else {
        panic!("{list:?}")
    };
    assert_eq!(
        channel.webhook,
        format!("{PUBLIC}/channels/meta/{}", channel.key)
    );
    let shown = serde_json::to_string(&list).unwrap();
    assert!(!shown.contains(TOKEN) && !shown.contains(SECRET));
    for name in ["sideline.db", "sideline.db-wal"] {
        let bytes = std::fs::read(host.database().with_file_name(name)).unwrap();
        for secret in [TOKEN, SECRET] {
            let secret = secret.as_bytes();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
    }
    host.dana_writes("mid-1", "Hi").await;
    let list = host.desk.provider_channel_list(&ada).await.unwrap();
    assert!(list.channels[0].heard_at.is_some());
}

/// It proves the app's secret, so another secret makes another one; an edit that keeps the secret keeps it.
#[tokio::test]
async fn the_verify_token_is_made_of_the_apps_secret() {
    let host = Host::start().await;
    let (ada, key) = (host.caller("ada").await, host.channel.key.clone());
    let first = host.channel.verify_token.clone().unwrap();
    assert_eq!(first.len(), 32);
    let mut edit = change(MESSENGER);
    edit.secrets.clear();
    let edited = host
        .desk
        .provider_channel_update(&ada, host.key(), key.clone(), edit.clone());
    assert_eq!(edited.await.unwrap().verify_token, Some(first.clone()));
    edit.version = 1;
    edit.secrets = change(MESSENGER).secrets;
    edit.secrets[1].value = TypedSecret::new("another secret".to_owned());
    let edited = host
        .desk
        .provider_channel_update(&ada, host.key(), key, edit);
    assert_ne!(edited.await.unwrap().verify_token, Some(first));
}

#[tokio::test]
async fn what_cannot_be_a_channel_is_refused_by_field() {
    let host = Host::start().await;
    let ada = host.caller("ada").await;
    let refused = async |wrong: ProviderChannelChange| {
        let made = host.desk.provider_channel_create(&ada, host.key(), wrong);
        problem(made.await.unwrap_err())
    };
    let other = || ProviderChannelChange {
        address: "200".to_owned(),
        ..change(INSTAGRAM)
    };
    assert_eq!(
        refused(change(MESSENGER)).await,
        ("address".to_owned(), Problem::NumberTaken)
    );
    for (address, expected) in [
        ("", Problem::Empty { max: 32 }),
        ("lamps.example", Problem::NotANumber),
        ("1/../me", Problem::NotANumber),
        (
            &"1".repeat(33),
            Problem::TooLong {
                max: 32,
                actual: 33,
            },
        ),
    ] {
        let mut wrong = other();
        wrong.address = address.to_owned();
        assert_eq!(refused(wrong).await, ("address".to_owned(), expected));
    }
    let mut wrong = other();
    wrong.settings[0].value = "my page".to_owned();
    assert_eq!(
        refused(wrong).await,
        ("page_id".to_owned(), Problem::NotANumber)
    );
    for (number, name) in ["access_token", "app_secret"].into_iter().enumerate() {
        let mut wrong = other();
        wrong.secrets.remove(number);
        assert_eq!(refused(wrong).await.0, name);
    }
    // The same id is another thing on another product.
    let made = host
        .desk
        .provider_channel_create(&ada, host.key(), change(INSTAGRAM));
    let settings = made.await.unwrap().settings;
    assert_eq!(settings[0].value, PAGE);
}

#[tokio::test]
async fn an_administrator_may_set_how_many_messages_a_second_go_out() {
    let host = Host::start().await;
    let (ada, key) = (host.caller("ada").await, host.channel.key.clone());
    let mut version = host.channel.version;
    let mut save = async |typed: &str| {
        let mut edit = change(MESSENGER);
        edit.settings = vec![NamedValue {
            name: "rate".to_owned(),
            value: typed.to_owned(),
        }];
        edit.version = version;
        let saved = host
            .desk
            .provider_channel_update(&ada, host.key(), key.clone(), edit)
            .await?;
        version = saved.version;
        let stored = saved.settings.into_iter();
        Ok::<_, AppError>(stored.map(|stored| stored.value).collect::<Vec<_>>())
    };
    let range = |actual| Problem::OutOfRange {
        min: 1,
        max: 1_000,
        actual,
    };
    for (typed, problem) in [
        ("0", range(0)),
        ("1001", range(1_001)),
        ("-5", range(-5)),
        ("2.5", Problem::NotANumber),
        ("many", Problem::NotANumber),
    ] {
        let refused = save(typed).await.unwrap_err();
        assert_eq!(refused, AppError::invalid("rate", problem), "{typed}");
    }
    assert_eq!(save(" 20 ").await.unwrap(), ["20"]);
    // Left empty, it is Meta's own.
    assert_eq!(save(" ").await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_test_message_shows_metas_own_words() {
    for (kind, to, sent_to) in [
        (MESSENGER, DANA, DANA),
        (WHATSAPP, "+49 (170) 000-0000", "491700000000"),
    ] {
        let host = Host::start_as(kind).await;
        let (ada, key) = (host.actor("ada").await, host.channel.key.clone());
        let text = || MessageText::parse("A test").unwrap();
        let test = async |to: &str| {
            let tested = host
                .desk
                .channel_test(&ada, key.clone(), to.to_owned(), text());
            tested.await
        };
        let good = test(to).await.unwrap();
        assert!(good.accepted && good.detail.starts_with("m_1"), "{good:?}");
        let body = host.meta.sends()[0].json();
        let written_to = match kind {
            WHATSAPP => &body["to"],
            _ => &body["recipient"]["id"],
        };
        assert_eq!(written_to, sent_to);
        let words = r#"{"error": {"message": "(#10) Outside of the allowed window.", "code": 10, "error_subcode": 2018278}}"#;
        host.meta
            .next([Next::Answer(400, None, words), Next::Silence]);
        let bad = test(to).await.unwrap();
        assert_eq!(
            (bad.accepted, bad.detail.as_str()),
            (false, "400 (#10) Outside of the allowed window. (10)")
        );
        assert_eq!(test(to).await.unwrap().detail, "no answer in time");
        assert_eq!(problem(test("nobody").await.unwrap_err()).0, "to");
    }
}

/// Meta repeats a token that it cannot read.
#[tokio::test]
async fn a_secret_that_meta_repeats_is_hidden() {
    for kind in [MESSENGER, WHATSAPP] {
        let host = Host::start_as(kind).await;
        let ada = host.actor("ada").await;
        let message = format!("Malformed access token {TOKEN}; {SECRET}");
        let refusal = json!({ "error": { "message": message, "code": 190 } }).to_string();
        host.meta.next([Next::Answer(400, None, refusal.leak())]);
        let text = MessageText::parse("A test").unwrap();
        let key = host.channel.key.clone();
        let tested = host.desk.channel_test(&ada, key, DANA.to_owned(), text);
        let detail = tested.await.unwrap().detail;
        assert_eq!(detail, "400 Malformed access token …; … (190)", "{kind}");
    }
}
