//! Forms of the host's own pages with more than one wrong field: each is named at its box in one answer, the page opens at the first,
//! what was typed stays, and nothing is stored.

use std::sync::Arc;

use serde_json::json;

use crate::browser::{Browser, Shown};
use crate::proof::Watch;
use crate::roles::create;
use crate::support::{Host, key};

const PASSWORD: &str = "sideline-demo";
/// What no form of ours chooses as a team.
const NO_TEAM: &str = "no team!";

async fn signed_in<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(username, PASSWORD).await;
    browser
}

/// Sends a form under a key of its own.
async fn send(browser: &mut Browser<'_>, page: &str, fields: &[(&str, &str)]) -> Shown {
    let key = key();
    let mut form = vec![("key", &key[..])];
    form.extend(fields);
    browser.fill(page, &form).await
}

/// The element that has this text in its tag.
fn tag_at(body: &str, place: usize) -> &str {
    let begin = body[..place].rfind('<').expect("its begin");
    let end = place + body[place..].find('>').expect("its end");
    &body[begin..end]
}

/// The page names these fields as wrong and no others, in this order, each at its box, and opens at the first.
pub fn assert_named(shown: &Shown, fields: &[&str]) {
    let body = &shown.body;
    let lines = body.split("id=\"refused-").skip(1);
    let named: Vec<_> = lines.map(|line| line.split('"').next()).collect();
    let expected: Vec<_> = fields.iter().map(|field| Some(*field)).collect();
    assert_eq!(named, expected, "{body}");
    for field in fields {
        let described = format!("aria-describedby=\"refused-{field}");
        assert!(body.contains(&described), "{field}: {body}");
    }
    let invalid = body.matches("aria-invalid=\"true\"").count();
    assert!(invalid >= fields.len(), "{body}");
    assert_eq!(body.matches(" autofocus").count(), 1, "{body}");
    let opens = tag_at(body, body.find(" autofocus").expect("a field"));
    let first = format!("aria-describedby=\"refused-{}", fields[0]);
    assert!(opens.contains(&first), "{opens}");
    assert!(opens.contains("aria-invalid=\"true\""), "{opens}");
}

fn assert_kept(shown: &Shown, typed: &[&str]) {
    for text in typed {
        assert!(shown.body.contains(text), "{text}: {}", shown.body);
    }
}

#[tokio::test]
async fn u21_a_label_names_its_team_and_its_name() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let form = [
        ("act", "create"),
        ("kind", "tag"),
        ("team", NO_TEAM),
        ("name", " "),
    ];
    let refused = send(&mut ada, "/admin/labels", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["team", "name"]);
    assert_kept(&refused, &["<option value=\"tag\" selected>"]);
    let page = ada.get("/admin/labels").await.body;
    assert!(page.contains("No tags yet."), "{page}");
}

#[tokio::test]
async fn u21_a_rule_names_every_limit_that_is_missed() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let form = [
        ("act", "create"),
        ("kind", "capitals"),
        ("name", ""),
        ("share", "101"),
        ("letters", "many"),
        ("team", NO_TEAM),
    ];
    let refused = send(&mut ada, "/admin/alerts", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["name", "share", "letters", "team"]);
    assert_kept(&refused, &["value=\"101\"", "value=\"many\""]);
    let form = [
        ("act", "create"),
        ("kind", "pattern"),
        ("name", " "),
        ("pattern", "order ("),
    ];
    let refused = send(&mut ada, "/admin/alerts", &form).await;
    assert_named(&refused, &["name", "pattern"]);
    assert_kept(&refused, &["value=\"order (\"", "Character 7"]);
    let page = ada.get("/admin/alerts").await.body;
    assert!(page.contains("No rules yet."), "{page}");
}

#[tokio::test]
async fn u21_the_steps_of_a_team_are_judged_together() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let form = |all: &'static str, later: &'static str, who: &'static str| {
        [
            ("act", "save"),
            ("team", "care"),
            ("version", "0"),
            ("all_after", all),
            ("on_call_after", later),
            ("on_call", who),
        ]
    };
    for (all, later, who, fields) in [
        (
            "0",
            "soon",
            "",
            &["all_after", "on_call_after", "on_call"][..],
        ),
        ("0", "", "sue", &["all_after", "on_call_after"][..]),
        ("1441", "7", "", &["all_after", "on_call"][..]),
        ("9", "5", "", &["on_call_after", "on_call"][..]),
    ] {
        let refused = send(&mut ada, "/admin/escalation", &form(all, later, who)).await;
        assert_eq!(refused.status, 422);
        assert_named(&refused, fields);
        assert_kept(&refused, &[&format!("value=\"{all}\"")]);
    }
    let page = ada.get("/admin/escalation").await.body;
    assert!(!page.contains("name=\"all_after\" value=\"0\""), "{page}");
    let saved = send(&mut ada, "/admin/escalation", &form("5", "10", "sue")).await;
    assert_eq!(saved.status, 200, "nothing was stored: {}", saved.body);
}

#[tokio::test]
async fn u21_a_token_names_its_name_what_it_opens_and_when_it_ends() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let form = [
        ("act", "create"),
        ("name", "  "),
        ("team", "care"),
        ("days", "31"),
    ];
    let refused = send(&mut ada, "/admin/tokens", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["name", "scopes", "days"]);
    assert_kept(&refused, &["<option value=\"care\" selected>"]);
    let page = ada.get("/admin/tokens").await.body;
    assert!(!page.contains("<th scope=\"row\""), "{page}");
}

#[tokio::test]
async fn u21_s11_a_missing_or_wrong_password_is_named_beside_the_other_fields() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let mut ada = signed_in(&host, "ada").await;
    clock.pass_minutes(16);
    for (password, words) in [
        ("", "Enter your password."),
        ("not hers", "not your current"),
    ] {
        let form = [
            ("act", "create"),
            ("name", ""),
            ("scope", "workitems:read"),
            ("team", "care"),
            ("days", "90"),
            ("password", password),
        ];
        let refused = send(&mut ada, "/admin/tokens", &form).await;
        assert_eq!(refused.status, 422);
        assert_named(&refused, &["name", "your_password"]);
        assert_kept(&refused, &[words, "value=\"workitems:read\" checked"]);
        assert!(!refused.body.contains("not hers"), "{}", refused.body);
    }
    // The right one counts, whatever else is wrong.
    let form = [("act", "create"), ("name", ""), ("password", PASSWORD)];
    let refused = send(&mut ada, "/admin/tokens", &form).await;
    assert_named(&refused, &["name", "scopes"]);
    assert!(!refused.body.contains("name=\"password\""));
}

#[tokio::test]
async fn u21_a_wall_names_its_name_and_its_teams() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let long = "Hall ".repeat(20);
    let form = [("act", "create"), ("name", &long[..])];
    let refused = send(&mut sam, "/dashboard/walls", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["name", "teams"]);
    assert_kept(&refused, &[&format!("value=\"{long}\"")]);
    assert!(!refused.body.contains("/wall/slw_"));
    let page = sam.get("/dashboard/walls").await.body;
    assert!(!page.contains("<th scope=\"row\""), "{page}");
}

#[tokio::test]
async fn u21_a_role_names_its_name_and_what_it_may() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let role = create(&mut ada, "administrator", "Trainee").await;
    let long = "Trainee".repeat(12);
    let form = [
        ("act", "update"),
        ("role", &role[..]),
        ("version", "0"),
        ("name", &long[..]),
        // No administrator coaches.
        ("permission", "coaching.send"),
    ];
    let refused = send(&mut ada, "/admin/roles", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["name", "permissions"]);
    assert_kept(&refused, &[&format!("value=\"{long}\"")]);
    let page = ada.get("/admin/roles").await.body;
    assert!(page.contains("value=\"Trainee\"") && !page.contains(&long));
}

#[tokio::test]
async fn u21_a_receiver_names_its_name_its_address_and_its_events() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    for (url, words) in [
        ("https://10.0.0.1/in", "a network to which nothing is sent"),
        ("", "Address: "),
    ] {
        let form = [
            ("act", "create"),
            ("name", " "),
            ("url", url),
            ("team", "care"),
        ];
        let refused = send(&mut ada, "/admin/webhooks", &form).await;
        assert_eq!(refused.status, 422);
        assert_named(&refused, &["name", "url", "events"]);
        let typed = format!("name=\"url\" type=\"text\" inputmode=\"url\" value=\"{url}\"");
        let team = "name=\"team\" value=\"care\" checked";
        assert_kept(&refused, &[words, &typed, team]);
    }
    let page = ada.get("/admin/webhooks").await.body;
    assert!(page.contains("There are no receivers."), "{page}");
}

#[tokio::test]
async fn u21_an_address_is_not_looked_up_for_who_has_not_proved_who_they_are() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let mut ada = signed_in(&host, "ada").await;
    clock.pass_minutes(16);
    let form = [
        ("act", "create"),
        ("name", ""),
        ("url", "https://10.0.0.1/in"),
        ("event", "workitem.ended"),
    ];
    let refused = send(&mut ada, "/admin/webhooks", &form).await;
    assert_named(&refused, &["name", "your_password"]);
    assert_kept(&refused, &["value=\"https://10.0.0.1/in\""]);
    assert!(!refused.body.contains("a network to which"));
}

#[tokio::test]
async fn u21_a_view_names_its_name_and_its_team() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let long = "Waiting ".repeat(11);
    let form = [
        ("act", "create"),
        ("name", &long[..]),
        ("team", NO_TEAM),
        ("filter", "sort=-wait"),
    ];
    let refused = send(&mut sam, "/dashboard/views", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["name", "team"]);
    let name = format!("value=\"{long}\"");
    let filter = "name=\"filter\" value=\"sort=-wait\"";
    assert_kept(&refused, &[&name, filter]);
    let staff = host.sign_in("sam").await;
    let kept = staff.call("views/view_list", json!({})).await.ok();
    assert_eq!(kept["views"], json!([]));
}

#[tokio::test]
async fn u21_a_saved_text_names_its_title_and_its_words() {
    let host = Host::start().await;
    let mut amy = signed_in(&host, "amy").await;
    let long = "Greeting ".repeat(10);
    let form = [
        ("act", "create"),
        ("for", "customer"),
        ("team", ""),
        ("title", &long[..]),
        ("text", " "),
    ];
    let refused = send(&mut amy, "/texts", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["title", "text"]);
    assert_kept(&refused, &[&format!("value=\"{long}\"")]);
    let page = amy.get("/texts").await.body;
    assert!(!page.contains(&long), "{page}");
}

#[tokio::test]
async fn u21_a_chat_channel_names_every_setting_that_is_wrong() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let form = [
        ("act", "save"),
        ("version", "0"),
        ("origins", "*"),
        ("greeting", "Moin"),
        ("hours", "weekly"),
        ("time_zone", "Europe/Atlantis"),
        ("monday", "nine"),
        ("friday", "17:00-09:00"),
    ];
    let refused = send(&mut ada, "/admin/chat/care", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["origins", "time_zone", "monday", "friday"]);
    let typed = ["*</textarea>", "Moin</textarea>", "value=\"nine\""];
    assert_kept(&refused, &typed);
    let page = ada.get("/admin/chat/care").await.body;
    assert!(page.contains("name=\"version\" value=\"0\""), "{page}");
    assert!(!page.contains("Moin"), "{page}");
}

#[tokio::test]
async fn u21_figures_name_every_part_of_a_range_that_cannot_be_read() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let refused = sam
        .get("/analytics?from=yesterday&to=2026-11-26&zone=Europe/Atlantis")
        .await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["from", "zone"]);
    let typed = [
        "value=\"yesterday\"",
        "value=\"2026-11-26\"",
        "value=\"Europe/Atlantis\"",
    ];
    assert_kept(&refused, &typed);
}
