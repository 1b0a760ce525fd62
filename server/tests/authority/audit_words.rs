//! The page of the audit log says in words what rows say by codes and ids; files keep the codes.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::roles::{create, update};
use crate::support::{Host, Staff, key};

/// The rows of an act, the newest first; in a language as a page shows them.
async fn rows(ada: &Staff<'_>, language: Option<&str>, act: &str) -> Vec<Value> {
    let query = json!({
        "from": "", "to": "", "user": "", "act": act, "object": "", "outcome": "", "before": "",
    });
    let input = json!({ "query": query, "language": language });
    let page = ada.call("audit/audit_list", input).await.ok();
    page["rows"].as_array().expect("rows").clone()
}

/// What the newest row of an act says in the file.
async fn exported(ada: &Staff<'_>, act: &str) -> Value {
    let address = format!("/admin/audit/export?format=jsonl&act={act}");
    let (_, lines) = ada.page(&address).await;
    let newest = lines.lines().next().expect("a row");
    let row: Value = serde_json::from_str(newest).expect("JSON");
    row["changes"].clone()
}

fn change(field: &str, was: Option<&str>, is: Option<&str>) -> Value {
    json!({ "field": field, "was": was, "is": is })
}

fn has(row: &Value, change: &Value) -> bool {
    row["changes"]
        .as_array()
        .is_some_and(|changes| changes.contains(change))
}

async fn signed_in<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(username, "sideline-demo").await;
    browser
}

#[tokio::test]
async fn e51_a_changed_rule_for_alerts_says_its_conditions_in_words() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let mut browser = signed_in(&host, "ada").await;
    let (made, changed) = (key(), key());
    let rule = [("kind", "queued"), ("name", "Too long"), ("team", "")];
    let new = [("act", "create"), ("key", &made[..]), ("minutes", "5")];
    let shown = browser
        .fill("/admin/alerts", &[&rule[..], &new[..]].concat())
        .await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let id = rows(&ada, None, "alert_rule_create").await[0]["about"].clone();
    let edit = [
        ("act", "update"),
        ("key", &changed[..]),
        ("id", id.as_str().expect("an id")),
        ("version", "0"),
        ("minutes", "10"),
        ("active", "on"),
    ];
    let shown = browser
        .fill("/admin/alerts", &[&rule[..], &edit[..]].concat())
        .await;
    assert_eq!(shown.status, 200, "{}", shown.body);

    for (language, was, is) in [
        (
            Some("en"),
            "Waits in the queue for too long (Minutes: 5)",
            "Waits in the queue for too long (Minutes: 10)",
        ),
        (
            Some("de"),
            "Wartet zu lange in der Warteschlange (Minuten: 5)",
            "Wartet zu lange in der Warteschlange (Minuten: 10)",
        ),
        // A page of a release before, which says codes itself.
        (None, "{\"queued\":5}", "{\"queued\":10}"),
    ] {
        let row = rows(&ada, language, "alert_rule_update").await[0].clone();
        let expected = change("condition", Some(was), Some(is));
        assert!(has(&row, &expected), "{language:?}: {row}");
    }
    let stored = change("condition", Some("{\"queued\":5}"), Some("{\"queued\":10}"));
    let file = exported(&ada, "alert_rule_update").await;
    assert!(has(&json!({ "changes": file }), &stored), "{file}");
    let (_, page) = ada.page("/admin/audit?act=alert_rule_update").await;
    let words = "Waits in the queue for too long (Minutes: 10)";
    assert!(page.contains(words), "{page}");
}

#[tokio::test]
async fn e51_a_changed_role_says_what_was_added_and_what_was_removed() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let mut browser = signed_in(&host, "ada").await;
    let role = create(&mut browser, "supervisor", "Trainee").await;
    let made = rows(&ada, Some("de"), "role_create").await[0].clone();
    assert!(
        has(&made, &change("kind", None, Some("Supervisor"))),
        "{made}"
    );
    let few = ["workitem.monitor", "token.manage"];
    let saved = update(&mut browser, &role, "0", &few).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let row = rows(&ada, Some("en"), "role_update").await[0].clone();
    let added = change(
        "permissions_added",
        None,
        Some("Manage API tokens and webhooks"),
    );
    assert_eq!(row["changes"][0], added, "{row}");
    let removed = &row["changes"][1];
    assert_eq!(removed["field"], "permissions_removed", "{row}");
    let words = removed["is"].as_str().expect("words");
    assert!(
        words.starts_with("Coach agents; Reassign agents' workitems, and close"),
        "{words}"
    );
    assert!(!words.contains("Monitor and read"), "it stays: {words}");
    assert_eq!(row["changes"].as_array().map(Vec::len), Some(2), "{row}");

    let more = ["workitem.monitor", "token.manage", "coaching.send"];
    let saved = update(&mut browser, &role, "1", &more).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let row = rows(&ada, Some("en"), "role_update").await[0].clone();
    let added = change("permissions_added", None, Some("Coach agents"));
    assert_eq!(row["changes"], json!([added]), "nothing was removed");
    let file = exported(&ada, "role_update").await;
    assert_eq!(file[0]["field"], "permissions", "{file}");
    let codes = file[0]["is"].as_str().expect("codes");
    assert!(codes.contains("coaching.send"), "{codes}");
}

#[tokio::test]
async fn e51_a_priority_is_said_in_the_language_of_the_page() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let input = json!({
        "key": key(),
        "change": { "name": "Night shift", "members": [], "supervisors": [], "priority": "high" },
    });
    ada.call("administration/team_create", input).await.ok();
    for (language, words) in [(Some("en"), "High"), (Some("de"), "Hoch"), (None, "high")] {
        let row = rows(&ada, language, "team_create").await[0].clone();
        let expected = change("priority", None, Some(words));
        assert!(has(&row, &expected), "{language:?}: {row}");
    }
}

#[tokio::test]
async fn e51_names_are_in_the_order_of_names_each_laid_out_for_itself() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let mut people = Vec::new();
    for (username, name) in [
        ("yasmin", "ياسمين الحداد"),
        ("noa", "נועה כהן"),
        ("zoe", "Zoë Draft"),
    ] {
        let user = json!({
            "key": key(), "username": username, "name": name, "roles": ["agent"],
            "password": "a long password",
        });
        let made = ada.call("administration/user_create", user).await.ok();
        people.push(made["id"].clone());
    }
    let team = json!({ "name": "Night shift", "members": people, "supervisors": [] });
    let input = json!({ "key": key(), "change": team });
    ada.call("administration/team_create", input).await.ok();
    let row = rows(&ada, Some("en"), "team_create").await[0].clone();
    let names = "Zoë Draft, \u{2068}נועה כהן\u{2069}, \u{2068}ياسمين الحداد\u{2069}";
    assert!(has(&row, &change("members", None, Some(names))), "{row}");
}

#[tokio::test]
async fn e51_what_was_empty_and_is_gone_is_not_said() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let team = json!({ "name": "Night shift", "members": [], "supervisors": [] });
    let input = json!({ "key": key(), "change": team });
    let team = ada.call("administration/team_create", input).await.ok();
    let gone = json!({ "key": key(), "team": team["id"], "version": team["version"] });
    ada.call("deletions/team_delete", gone).await.ok();
    let row = rows(&ada, Some("en"), "team_delete").await[0].clone();
    assert!(
        has(&row, &change("name", Some("Night shift"), None)),
        "{row}"
    );
    let changes = row["changes"].as_array().expect("changes").iter();
    let empty = changes.filter(|change| change["was"] == "");
    assert_eq!(empty.count(), 0, "{row}");
}

#[tokio::test]
async fn e51_what_was_deleted_has_its_name_in_every_row_and_somebodys_own_view_has_none() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let input =
        json!({ "key": key(), "title": "Ask for a refund", "message": "May I?", "active": true });
    let template = ada.call("templates/template_create", input).await.ok();
    let edit = json!({
        "key": key(), "template": template["id"], "version": template["version"],
        "title": "Ask for a refund", "message": "May I, please?", "active": true,
    });
    ada.call("templates/template_update", edit).await.ok();
    let gone = json!({ "key": key(), "template": template["id"] });
    ada.call("templates/template_delete", gone).await.ok();
    for act in ["template_create", "template_update", "template_delete"] {
        let row = rows(&ada, Some("en"), act).await[0].clone();
        assert_eq!(row["about_name"], "Ask for a refund", "{act}");
    }

    let mut sam = signed_in(&host, "sam").await;
    for (name, team, said) in [
        ("Hands of Care", "care", json!("Hands of Care")),
        ("Mine", "", Value::Null),
    ] {
        let (made, deleted) = (key(), key());
        let new = [
            ("act", "create"),
            ("key", &made[..]),
            ("name", name),
            ("team", team),
            ("filter", "sort=-wait"),
        ];
        assert_eq!(
            sam.fill("/dashboard/views", &new).await.status,
            200,
            "{name}"
        );
        let id = rows(&ada, None, "view_create").await[0]["about"].clone();
        let id = id.as_str().expect("an id");
        let delete = [
            ("act", "delete"),
            ("key", &deleted[..]),
            ("id", id),
            ("version", "0"),
        ];
        assert_eq!(
            sam.fill("/dashboard/views", &delete).await.status,
            200,
            "{name}"
        );
        for act in ["view_create", "view_delete"] {
            let row = rows(&ada, Some("en"), act).await[0].clone();
            assert_eq!(row["about"], id, "{act}");
            assert_eq!(row["about_name"], said, "{act} {name}");
        }
    }
}
