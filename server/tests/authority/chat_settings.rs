//! How a chat channel is set up on `/admin/chat/{key}`.

use serde_json::json;

use crate::browser::{Browser, Shown};
use crate::support::{Host, key};

const PAGE: &str = "/admin/chat/care";

async fn ada(host: &Host) -> Browser<'_> {
    let mut ada = Browser::new(host);
    ada.sign_in("ada", "sideline-demo").await;
    ada
}

/// The settings' form with some fields filled in.
fn form<'a>(
    key: &'a str,
    version: &'a str,
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("act", "save"), ("key", key), ("version", version)];
    form.extend(more);
    form
}

fn version_in(page: &Shown) -> String {
    let (_, rest) = page
        .body
        .split_once("name=\"version\" value=\"")
        .expect("a version");
    rest.chars().take_while(|c| *c != '"').collect()
}

fn secret_in(page: &Shown) -> String {
    let begin = page.body.find("sli_").expect("a secret");
    page.body[begin..]
        .chars()
        .take_while(|c| *c != '"')
        .collect()
}

#[tokio::test]
async fn a_channel_is_set_up_and_its_page_shows_what_is_stored() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let page = ada.get(PAGE).await;
    assert_eq!(page.status, 200);
    let line = "/widget.js&quot; data-channel=&quot;care&quot;&gt;&lt;/script&gt;";
    assert!(page.body.contains(line), "{}", page.body);

    let key = key();
    let settings = [
        (
            "origins",
            "https://WWW.example.com/\r\nhttps://shop.example:8443",
        ),
        ("greeting", "Moin & welcome"),
        ("hours", "weekly"),
        ("time_zone", "europe/berlin"),
        ("monday", "9:00-17:00"),
        ("offline_form", "on"),
    ];
    for _ in 0..2 {
        // A second click is the same change.
        let saved = ada.fill(PAGE, &form(&key, "0", &settings)).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        // The page opens at what it says.
        assert!(saved.body.contains(" autofocus>Saved.</p>"));
        assert_eq!(version_in(&saved), "1");
        for shown in [
            "https://www.example.com\nhttps://shop.example:8443</textarea>",
            "Moin &amp; welcome</textarea>",
            "value=\"weekly\" checked",
            "value=\"Europe/Berlin\"",
            "value=\"09:00-17:00\"",
            "name=\"offline_form\" value=\"on\" checked",
        ] {
            assert!(saved.body.contains(shown), "{shown}: {}", saved.body);
        }
    }
    let log = host.sign_in("ada").await;
    let query = json!({ "query": { "from": "", "to": "", "user": "", "act": "chat_settings_save", "object": "care", "outcome": "", "before": "" } });
    let rows = log.call("audit/audit_list", query).await.ok()["rows"].clone();
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    let changes = rows[0]["changes"].to_string();
    for part in ["origins", "www.example.com", "time_zone", "09:00-17:00"] {
        assert!(changes.contains(part), "{changes}");
    }
}

#[tokio::test]
async fn what_is_wrong_names_the_field_and_the_reason_and_changes_nothing() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let weekly = [("hours", "weekly"), ("time_zone", "Europe/Berlin")];
    let with = |more: &[(&'static str, &'static str)]| [&weekly[..], more].concat();
    for (settings, words) in [
        (
            vec![("origins", "https://a.example\nhttps://b.example/path")],
            "Allowed origins: line 2 is not a valid origin.",
        ),
        (
            vec![("origins", "*")],
            "Allowed origins: line 1 is not a valid origin.",
        ),
        (
            vec![("origins", "http://www.example.com")],
            "http:// only for localhost",
        ),
        (
            vec![
                ("hours", "weekly"),
                ("time_zone", "Europe/Atlantis"),
                ("monday", "09:00-17:00"),
            ],
            "Time zone: there is no such time zone.",
        ),
        (with(&[]), "Opening hours: choose a day with hours"),
        (
            with(&[("tuesday", "17:00-09:00")]),
            "Tuesday: the end must be after the start.",
        ),
        (
            with(&[("friday", "09:00-12:00, 11:00-13:00")]),
            "Friday: these hours overlap.",
        ),
        (
            with(&[("sunday", "nine to five")]),
            "Sunday: write the hours as 09:00-17:00.",
        ),
    ] {
        let key = key();
        let refused = ada.fill(PAGE, &form(&key, "0", &settings)).await;
        assert_eq!(refused.status, 422, "{settings:?}");
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
        assert!(
            refused.body.contains("aria-invalid=\"true\""),
            "{settings:?}"
        );
        assert!(
            refused.body.contains(&format!("value=\"{key}\"")),
            "its key stays"
        );
        assert_eq!(version_in(&refused), "0");
    }
    let long = "x".repeat(501);
    let refused = ada
        .fill(PAGE, &form(&key(), "0", &[("greeting", &long)]))
        .await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Greeting: ") && refused.body.contains("500"));
    assert!(refused.body.contains(&long), "what was typed stays");
    assert_eq!(version_in(&ada.get(PAGE).await), "0");
}

#[tokio::test]
async fn the_page_says_that_its_channel_is_off_and_keeps_hours_that_do_not_count() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let off = "This channel is off";
    assert!(!ada.get(PAGE).await.body.contains(off));
    let switch = json!({ "key": key(), "channel": "care", "active": false });
    let switched = host.sign_in("ada").await;
    let switched = switched.call("administration/channel_activate", switch);
    switched.await.ok();
    assert!(ada.get(PAGE).await.body.contains(off));

    let days = [("time_zone", "Europe/Berlin"), ("monday", "09:00-17:00")];
    let weekly = [&days[..], &[("hours", "weekly")]].concat();
    // A switch counts as an edit.
    let version = version_in(&ada.get(PAGE).await);
    let saved = ada.fill(PAGE, &form(&key(), &version, &weekly)).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let version = version_in(&saved);
    let always = ada.fill(PAGE, &form(&key(), &version, &days)).await;
    assert_eq!(always.status, 200, "{}", always.body);
    let shown = ada.get(PAGE).await;
    assert!(shown.body.contains("value=\"\" checked"), "{}", shown.body);
    assert!(shown.body.contains("value=\"09:00-17:00\""));
    assert!(shown.body.contains("value=\"Europe/Berlin\""));
}

#[tokio::test]
async fn e03_the_second_to_save_is_told_and_may_then_save_over_it() {
    let host = Host::start().await;
    let (mut ada, mut eda) = (ada(&host).await, ada(&host).await);
    let first = ada
        .fill(PAGE, &form(&key(), "0", &[("greeting", "First")]))
        .await;
    assert_eq!(first.status, 200);
    let second = eda
        .fill(PAGE, &form(&key(), "0", &[("greeting", "Second")]))
        .await;
    assert_eq!(second.status, 422);
    assert!(second.body.contains("Second</textarea>"), "{}", second.body);
    assert!(second.body.contains("Show what is stored now"));
    let now = ": now “First”.";
    assert!(second.body.contains(now), "{}", second.body);
    assert!(!second.body.contains("Opening hours: now"), "as it was");
    let version = version_in(&second);
    let again = eda
        .fill(PAGE, &form(&key(), &version, &[("greeting", "Second")]))
        .await;
    assert_eq!(again.status, 200);
    assert!(again.body.contains("Second</textarea>"));
}

/// What the form of a page was first shown with.
fn base_in(page: &Shown) -> String {
    let (_, rest) = page
        .body
        .split_once("name=\"base\" value=\"")
        .expect("what was shown");
    rest.chars().take_while(|c| *c != '"').collect()
}

#[tokio::test]
async fn e03_the_second_to_save_reads_what_the_first_changed_and_nothing_that_nobody_else_did() {
    let host = Host::start().await;
    let (mut ada, mut eda) = (ada(&host).await, ada(&host).await);
    let origins = ("origins", "https://www.example.com");
    let greeting = ("greeting", "Hello");
    ada.fill(PAGE, &form(&key(), "0", &[origins, greeting]))
        .await;
    let shown = eda.get(PAGE).await;
    let (version, base) = (version_in(&shown), base_in(&shown));

    let first = [origins, ("greeting", "First"), ("offline_form", "on")];
    let first = ada.fill(PAGE, &form(&key(), &version, &first)).await;
    assert_eq!(first.status, 200, "{}", first.body);
    // Eda changes the origins, and wants the form switched on as well.
    let mine = [
        ("origins", "https://shop.example.com"),
        greeting,
        ("offline_form", "on"),
        ("base", &base[..]),
    ];
    let second = eda.fill(PAGE, &form(&key(), &version, &mine)).await;
    assert_eq!(second.status, 422, "{}", second.body);
    assert_eq!(second.body.matches(": now ").count(), 1, "{}", second.body);
    assert!(second.body.contains("Greeting: now “First”."));
    assert!(second.body.contains("https://shop.example.com</textarea>"));
    // What she left alone is as the first one has it.
    assert!(second.body.contains("First</textarea>"), "{}", second.body);
    // The form starts from what she has read.
    assert_eq!(base_in(&second), base_in(&first));
    assert_ne!(base_in(&second), base);
    let version = version_in(&second);
    let decided = eda.fill(PAGE, &form(&key(), &version, &mine)).await;
    assert_eq!(decided.status, 200, "{}", decided.body);
}

#[tokio::test]
async fn e03_two_who_allow_different_origins_keep_both() {
    let host = Host::start().await;
    let (mut ada, mut eda) = (ada(&host).await, ada(&host).await);
    let stored = "https://www.example.com\nhttps://old.example.com";
    let stored = [("origins", stored), ("greeting", "Hello")];
    ada.fill(PAGE, &form(&key(), "0", &stored)).await;
    let shown = eda.get(PAGE).await;
    let (version, base) = (version_in(&shown), base_in(&shown));

    let first = "https://www.example.com\nhttps://old.example.com\nhttps://shop.example.com";
    let first = [("origins", first), ("greeting", "Hello")];
    let first = ada.fill(PAGE, &form(&key(), &version, &first)).await;
    assert_eq!(first.status, 200, "{}", first.body);
    // Eda puts one in front and takes one away.
    let mine = [
        (
            "origins",
            "https://new.example.com\r\nhttps://www.example.com",
        ),
        ("greeting", "Hello"),
        ("base", &base[..]),
    ];
    let second = eda.fill(PAGE, &form(&key(), &version, &mine)).await;
    assert_eq!(second.status, 422, "{}", second.body);
    assert_eq!(second.body.matches(": now ").count(), 1, "{}", second.body);
    let named = "Allowed origins: now with “https://shop.example.com”.";
    assert!(second.body.contains(named), "{}", second.body);
    let together = "https://www.example.com\nhttps://shop.example.com\nhttps://new.example.com";
    let kept = format!("\n{together}</textarea>");
    assert!(second.body.contains(&kept), "{}", second.body);

    let (version, base) = (version_in(&second), base_in(&second));
    let decided = [
        ("origins", together),
        ("greeting", "Hello"),
        ("base", &base[..]),
    ];
    let decided = eda.fill(PAGE, &form(&key(), &version, &decided)).await;
    assert_eq!(decided.status, 200, "{}", decided.body);
    assert!(decided.body.contains(&kept), "{}", decided.body);
}

#[tokio::test]
async fn the_identity_secret_is_shown_once_and_stored_sealed() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let key_of_first = key();
    let made = ada
        .fill(PAGE, &[("act", "make"), ("make_key", &key_of_first)])
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    let secret = secret_in(&made);
    assert_eq!(secret.len(), "sli_".len() + 64);
    let later = ada.get(PAGE).await;
    assert!(!later.body.contains("sli_") && later.body.contains("There is a secret."));
    let again = ada
        .fill(PAGE, &[("act", "make"), ("make_key", &key_of_first)])
        .await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("was made before") && !again.body.contains("sli_"));

    let replaced = ada
        .fill(PAGE, &[("act", "make"), ("make_key", &key())])
        .await;
    assert_ne!(secret_in(&replaced), secret);
    let file = std::fs::read(host.database()).expect("the database");
    let log = host.database().with_extension("db-wal");
    let stored = [file, std::fs::read(log).unwrap_or_default()].concat();
    for secret in [secret.clone(), secret_in(&replaced)] {
        let bare = secret.trim_start_matches("sli_").as_bytes();
        assert!(!stored.windows(bare.len()).any(|place| place == bare));
    }

    let removed = ada
        .fill(PAGE, &[("act", "remove"), ("remove_key", &key())])
        .await;
    assert_eq!(removed.status, 200);
    assert!(
        removed.body.contains("The secret was removed.")
            && !removed.body.contains("There is a secret.")
    );
    let log = host.sign_in("ada").await;
    let query = json!({ "query": { "from": "", "to": "", "user": "", "act": "chat_secret_set", "object": "care", "outcome": "", "before": "" } });
    let rows = log.call("audit/audit_list", query).await.ok()["rows"].clone();
    assert_eq!(rows.as_array().map(Vec::len), Some(3));
    assert!(!rows.to_string().contains("sli_"));
    // Made, replaced, removed: the newest stands first.
    let named = |row: usize, side: &str| rows[row]["changes"][0][side].as_str();
    let log = [2, 1, 0].map(|row| (named(row, "was"), named(row, "is")));
    let secret = Some("identity");
    assert_eq!(log, [(None, secret), (secret, secret), (secret, None)]);
}

#[tokio::test]
async fn the_secret_is_replaced_and_removed_after_a_question_and_unsaved_settings_stay() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let with = |act: &'static str, name: &'static str, key: &str| {
        let version = "0".to_owned();
        let fields = [
            ("act", act.to_owned()),
            (name, key.to_owned()),
            ("key", format!("save-{key}")),
            ("version", version),
            ("origins", "https://www.example.com".to_owned()),
            ("greeting", "Half a sentence".to_owned()),
        ];
        fields.to_vec()
    };
    for (act, name) in [
        ("make", "make_key"),
        ("make", "make_key"),
        ("remove", "remove_key"),
    ] {
        let fields = with(act, name, &key());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let done = ada.fill(PAGE, &fields).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert!(done.body.contains("Half a sentence</textarea>"), "{act}");
        assert!(done.body.contains("https://www.example.com</textarea>"));
        // A question stands in front of what breaks known customers.
        let asks = done.body.matches("<details").count();
        assert_eq!(asks, if act == "make" { 2 } else { 0 }, "{}", done.body);
    }
    let stored = ada.get(PAGE).await;
    assert!(!stored.body.contains("Half a sentence"), "nothing is saved");
    assert_eq!(version_in(&stored), "0");
}

#[tokio::test]
async fn m04_a_channel_that_is_none_is_not_found() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    for page in ["/admin/chat/nowhere", "/admin/chat/no%20key"] {
        assert_eq!(ada.get(page).await.status, 404, "{page}");
        let form = form("a-key", "0", &[]);
        assert_eq!(ada.form(page, &form).await.status, 404, "{page}");
    }
    let mut sam = Browser::new(&host);
    sam.sign_in("sam", "sideline-demo").await;
    for fields in [
        form("a-key", "0", &[("greeting", "Mine")]),
        vec![("act", "make"), ("make_key", "b-key")],
        vec![("act", "remove"), ("remove_key", "c-key")],
    ] {
        assert_eq!(sam.fill(PAGE, &fields).await.status, 404, "{fields:?}");
    }
    assert_eq!(version_in(&ada.get(PAGE).await), "0");
}
