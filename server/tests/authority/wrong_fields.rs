//! Forms of the host's own pages with more than one wrong field: each is named at its box in one answer, the page opens at the first,
//! what was typed stays, and nothing is stored.

use crate::browser::{Browser, Shown};
use crate::support::{Host, key};

const PASSWORD: &str = "sideline-demo";

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
    browser.form(page, &form).await
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
