//! Saved texts, as people keep them on `/texts` and find them in their boxes.

use serde_json::{Value, json};

use crate::browser::{Browser, Shown};
use crate::support::{Host, key};

const PAGE: &str = "/texts";

async fn signed_in<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(username, "sideline-demo").await;
    browser
}

fn new<'a>(
    key: &'a str,
    written_for: &'a str,
    team: &'a str,
    title: &'a str,
) -> Vec<(&'static str, &'a str)> {
    vec![
        ("act", "create"),
        ("key", key),
        ("for", written_for),
        ("team", team),
        ("title", title),
        ("text", "Hello {customer}"),
    ]
}

async fn titles(host: &Host, username: &str, written_for: &str) -> Vec<String> {
    let staff = host.sign_in(username).await;
    let input = json!({ "written_for": written_for });
    let listed = staff.call("saved_texts/saved_text_list", input).await.ok();
    let texts = listed.as_array().expect("a list");
    let title = |text: &Value| text["title"].as_str().expect("a title").to_owned();
    texts.iter().map(title).collect()
}

/// The id of the text that an edit link of this name leads to.
fn id_of(shown: &Shown, title: &str) -> String {
    let label = format!("aria-label=\"Edit {title}\"");
    let end = shown.body.find(&label).expect("a link");
    let begin = shown.body[..end].rfind("?edit=").expect("an address") + "?edit=".len();
    let id = &shown.body[begin..end];
    id.split('"').next().expect("an id").to_owned()
}

#[tokio::test]
async fn a_text_is_for_those_who_write_to_whom_it_is_for_and_of_the_team_that_shares_it() {
    let host = Host::start().await;
    let before = titles(&host, "amy", "customer").await;
    let mut sam = signed_in(&host, "sam").await;
    let mut amy = signed_in(&host, "amy").await;
    for (written_for, team, title) in [
        ("customer", "care", "Zebra greeting"),
        ("coaching", "care", "Zebra coaching"),
        ("coaching", "", "Zebra of Sam"),
    ] {
        let made = sam.fill(PAGE, &new(&key(), written_for, team, title)).await;
        assert_eq!(made.status, 200, "{}", made.body);
        assert!(made.body.contains(title));
    }
    let twice = key();
    for _ in 0..2 {
        let made = amy
            .fill(PAGE, &new(&twice, "customer", "", "Zebra of Amy"))
            .await;
        assert_eq!(made.status, 200, "{}", made.body);
        assert_eq!(made.body.matches("Edit Zebra of Amy").count(), 1);
    }
    let zebras = |titles: Vec<String>| {
        let mut titles: Vec<_> = titles
            .into_iter()
            .filter(|title| title.contains("Zebra"))
            .collect();
        titles.sort();
        titles
    };
    let of = async |username, written_for| zebras(titles(&host, username, written_for).await);
    assert_eq!(
        of("amy", "customer").await,
        ["Zebra greeting", "Zebra of Amy"]
    );
    assert_eq!(
        titles(&host, "amy", "customer").await.len(),
        before.len() + 2
    );
    assert_eq!(of("ben", "customer").await, ["Zebra greeting"]);
    assert!(of("cleo", "customer").await.is_empty());
    assert_eq!(
        of("sam", "coaching").await,
        ["Zebra coaching", "Zebra of Sam"]
    );
    assert_eq!(of("sue", "coaching").await, ["Zebra coaching"]);
    assert!(of("sid", "coaching").await.is_empty());
    let shown = amy.get(PAGE).await;
    assert!(shown.body.contains("Zebra greeting") && !shown.body.contains("Zebra coaching"));
    assert!(
        !shown.body.contains("Edit Zebra greeting"),
        "it is Sam's to change"
    );
}

#[tokio::test]
async fn nobody_changes_the_texts_of_others() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let mut amy = signed_in(&host, "amy").await;
    let mut sid = signed_in(&host, "sid").await;
    let shared = sam
        .fill(PAGE, &new(&key(), "customer", "care", "Shared"))
        .await;
    let shared = id_of(&shared, "Shared");
    let own = amy.fill(PAGE, &new(&key(), "customer", "", "Own")).await;
    let own = id_of(&own, "Own");
    // Neither of a team that they do not lead, nor for coaching that they do not give.
    for (written_for, team) in [("customer", "care"), ("coaching", ""), ("customer", "none")] {
        let key = key();
        let form = new(&key, written_for, team, "Mine");
        assert_eq!(
            amy.fill(PAGE, &form).await.status,
            404,
            "{written_for} {team}"
        );
    }
    for (browser, id) in [(&mut amy, &shared), (&mut sid, &shared), (&mut sam, &own)] {
        let page = format!("{PAGE}?edit={id}");
        assert_eq!(browser.get(&page).await.status, 404);
        for act in ["update", "delete"] {
            let key = key();
            let form = [
                ("act", act),
                ("key", &key),
                ("id", id),
                ("version", "0"),
                ("title", "Taken"),
                ("text", "Taken"),
            ];
            assert_eq!(browser.fill(PAGE, &form).await.status, 404, "{act}");
        }
    }
    assert!(
        titles(&host, "amy", "customer")
            .await
            .contains(&"Shared".to_owned())
    );
    assert!(
        titles(&host, "amy", "customer")
            .await
            .contains(&"Own".to_owned())
    );
}

#[tokio::test]
async fn the_second_of_two_editors_learns_what_changed_and_a_limit_is_named() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let mut sue = signed_in(&host, "sue").await;
    let made = sam
        .fill(PAGE, &new(&key(), "coaching", "care", "Opening"))
        .await;
    let id = id_of(&made, "Opening");
    let change = |key: &str, title: &str, text: &str| {
        [
            ("act", "update".to_owned()),
            ("key", key.to_owned()),
            ("id", id.clone()),
            ("version", "0".to_owned()),
            ("title", title.to_owned()),
            ("text", text.to_owned()),
        ]
    };
    let sent = async |browser: &mut Browser<'_>, title: &str, text: &str| {
        let form = change(&key(), title, text);
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (*name, &value[..]))
            .collect();
        browser.fill(PAGE, &form).await
    };
    assert_eq!(sent(&mut sue, "Opening of Sue", "Hello").await.status, 200);
    let late = sent(&mut sam, "Opening of Sam", "Hello").await;
    assert_eq!(late.status, 422, "{}", late.body);
    assert!(late.body.contains("Sue Silva"), "{}", late.body);
    assert!(late.body.contains("Opening of Sam"), "what was typed stays");
    let page = sam.get(PAGE).await.body;
    assert!(page.contains("Opening of Sue") && !page.contains("Opening of Sam"));

    let keyless = sue.fill(PAGE, &new("x y z", "customer", "", "Hello")).await;
    assert_eq!(keyless.status, 422, "{}", keyless.body);

    let long = "x".repeat(4_001);
    for (title, text, label, reason) in [
        ("", "Hello", "Title", "80"),
        (&long[..81], "Hello", "Title", "80"),
        ("Short", " ", "Text", "4,000"),
        ("Short", &long, "Text", "4,000"),
    ] {
        let refused = sent(&mut sue, title, text).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let begin = refused.body.find("role=\"alert\"").expect("a reason");
        let alert: String = refused.body[begin..].chars().take(200).collect();
        assert!(alert.contains(label) && alert.contains(reason), "{alert}");
    }
}

#[tokio::test]
async fn nobody_keeps_more_texts_than_a_list_can_show() {
    let host = Host::start().await;
    let mut amy = signed_in(&host, "amy").await;
    for number in 0..shared::saved_texts::SAVED_TEXTS_MAX {
        let title = format!("Text {number}");
        let made = amy.fill(PAGE, &new(&key(), "customer", "", &title)).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let refused = amy
        .fill(PAGE, &new(&key(), "customer", "", "One more"))
        .await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("200"), "{}", refused.body);
    assert!(
        !titles(&host, "amy", "customer")
            .await
            .contains(&"One more".to_owned())
    );
}

#[tokio::test]
async fn the_audit_log_has_the_words_of_a_teams_text_and_not_of_somebodys_own() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    sam.fill(PAGE, &new(&key(), "coaching", "care", "For the team"))
        .await;
    sam.fill(PAGE, &new(&key(), "coaching", "", "For me alone"))
        .await;
    let ada = host.sign_in("ada").await;
    let (status, rows) = ada
        .page("/admin/audit/export?format=jsonl&act=saved_text_create&user=sam")
        .await;
    assert_eq!(status, 200);
    assert_eq!(rows.matches("saved_text_create").count(), 2, "{rows}");
    assert!(
        rows.contains("For the team") && !rows.contains("For me alone"),
        "{rows}"
    );
}

#[tokio::test]
async fn a_placeholder_that_nothing_fills_in_is_named_when_the_text_is_saved() {
    let host = Host::start().await;
    let mut amy = signed_in(&host, "amy").await;
    let key = key();
    let mut fields = new(&key, "customer", "", "Zebra greeting");
    fields.retain(|(name, _)| *name != "text");
    fields.push(("text", "Hi {nobody}, this is {agent}"));
    let saved = amy.fill(PAGE, &fields).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let warning = "Saved as it is, but {nobody} stays as you typed it: only {agent}, {customer}, {subject} are filled in.";
    assert!(saved.body.contains(warning), "{}", saved.body);
}

#[tokio::test]
async fn a_page_says_whether_what_a_form_brought_is_saved() {
    let host = Host::start().await;
    let mut amy = signed_in(&host, "amy").await;
    let user = "data-user=\"amy\"";
    let page = amy.get(PAGE).await.body;
    assert!(
        page.contains(user) && !page.contains("data-answer"),
        "{page}"
    );
    let key = key();
    let refused = amy.fill(PAGE, &new(&key, "customer", "", " ")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("data-answer=\"refused\""));
    let saved = amy.fill(PAGE, &new(&key, "customer", "", "Saved")).await;
    assert!(saved.body.contains("data-answer=\"saved\""));
}

#[tokio::test]
async fn a_question_on_the_way_to_saving_does_not_say_that_something_is_saved() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let (made, saved) = (key(), key());
    let make = [
        ("act", "make"),
        ("make_key", &made[..]),
        ("key", &saved[..]),
        ("version", "1"),
        ("greeting", "Typed, and not saved"),
    ];
    let page = ada.form("/admin/chat/care", &make).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("data-answer=\"step\""));
}
