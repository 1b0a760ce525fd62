//! The header of the host's own pages: the way back into the app, who is signed in, what is new, and how many requests wait.

use serde_json::json;
use shared::directory::Notification;
use shared::live::{Position, ServerFrame, Topic};

use crate::browser::Browser;
use crate::ready::amy_asks;
use crate::support::{Host, key};

const SIGN: &str = "/dashboard/waiting";
/// Where the header of a supervisor's page has the sign.
const PLACE: &str = "data-waiting=\"/dashboard/waiting\"";

/// Who, their name, their home, and the host's pages that they open.
const PAGES: [(&str, &str, &str, &[&str]); 3] = [
    (
        "amy",
        "Amy Adler",
        "/workspace",
        &["/settings/second-factor", "/texts"],
    ),
    (
        "sam",
        "Sam Stone",
        "/dashboard",
        &[
            "/analytics",
            "/dashboard/views",
            "/dashboard/walls",
            "/settings/second-factor",
            "/texts",
        ],
    ),
    (
        "ada",
        "Ada Almond",
        "/admin/templates",
        &[
            "/analytics",
            "/admin/alerts",
            "/admin/chat/care",
            "/admin/escalation",
            "/admin/labels",
            "/admin/roles",
            "/admin/single-sign-on",
            "/admin/single-sign-on/links",
            "/admin/tokens",
            "/admin/users/import",
            "/admin/webhooks",
            "/dashboard/walls",
            "/settings/second-factor",
        ],
    ),
];

async fn signed_in<'a>(host: &'a Host, who: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(who, "sideline-demo").await;
    browser
}

#[tokio::test]
async fn every_page_of_the_host_leads_back_into_the_app_and_says_who_is_signed_in() {
    let host = Host::start().await;
    for (who, name, home, paths) in PAGES {
        let mut browser = signed_in(&host, who).await;
        for path in paths {
            let page = browser.get(path).await;
            assert_eq!(page.status, 200, "{path} as {who}");
            for part in [
                &format!("class=\"header__brand\" href=\"{home}\"")[..],
                &format!("<bdi class=\"header__label\">{name}</bdi>")[..],
                // The way past the header.
                "href=\"#main\"",
                "id=\"main\"",
            ] {
                assert!(page.body.contains(part), "{path} as {who}: {part}");
            }
            assert_eq!(page.body.contains(PLACE), who == "sam", "{path} as {who}");
            // The script that makes them present, and whether it follows their own work, and alerts.
            assert!(page.body.contains("/present.js\""), "{path} as {who}");
            let handles = page.body.contains(" data-handles");
            assert_eq!(handles, who == "amy", "{path} as {who}");
            let alerts = page.body.contains(" data-alerts");
            assert_eq!(alerts, who == "sam", "{path} as {who}");
        }
    }
    // A form that was refused stands below the same header.
    let mut ada = signed_in(&host, "ada").await;
    let key = key();
    let form = [("act", "create"), ("kind", "words"), ("key", &key[..])];
    let refused = ada.form("/admin/alerts", &form).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("class=\"header\""));
}

#[tokio::test]
async fn a_page_belongs_to_a_page_of_the_app() {
    let host = Host::start().await;
    for (who, path, of) in [
        ("sam", "/analytics", "/dashboard"),
        ("sam", "/texts", "/dashboard"),
        ("amy", "/texts", "/workspace"),
    ] {
        let page = signed_in(&host, who).await.get(path).await.body;
        let current = format!("class=\"header__link\" href=\"{of}\" aria-current=\"true\"");
        assert!(page.contains(&current), "{path} as {who}: {page}");
        assert_eq!(page.matches("aria-current").count(), 1, "{path} as {who}");
    }
}

/// What stands in an attribute of a page.
fn said<'a>(page: &'a str, attribute: &str) -> &'a str {
    let begins = format!(" {attribute}=\"");
    let (_, value) = page.split_once(&begins).expect("the attribute is there");
    value.split_once('"').expect("it ends").0
}

#[tokio::test]
async fn work_that_is_given_while_a_page_of_the_host_opens_is_shown_on_it() {
    let host = Host::start().await;
    let (amy, ben) = (host.sign_in("amy").await, host.sign_in("ben").await);
    let page = signed_in(&host, "amy").await.get("/texts").await.body;
    let after = Position {
        epoch: said(&page, "data-epoch").to_owned(),
        rev: said(&page, "data-rev").parse().expect("a number"),
    };
    let mut live = amy.live().await;
    let chat = ben.own_workitem("chat").await;
    let to = json!({ "Agent": "amy" });
    let input = json!({ "workitem": chat, "key": key(), "to": to, "confirmed": true });
    ben.call("workitems/workitem_transfer", input).await.ok();
    live.subscribe(Topic::Notifications, Some(after), false)
        .await;
    let (missed, _) = live.followed().await;
    let given = missed.iter().any(|frame| {
        matches!(frame, ServerFrame::Notification {
            event: Notification::WorkAssigned { workitem, .. },
            ..
        } if *workitem == chat)
    });
    assert!(given, "{missed:?}");
}

#[tokio::test]
async fn a_supervisor_reads_how_many_requests_wait_until_somebody_else_has_them() {
    let host = Host::start().await;
    let (mut sam, mut sue) = (signed_in(&host, "sam").await, signed_in(&host, "sue").await);
    let (mut sid, mut ada) = (signed_in(&host, "sid").await, signed_in(&host, "ada").await);
    assert_eq!(sam.get(SIGN).await.body, "");
    // Sue is on no page of the app, so she is not asked; she could answer all the same.
    let there = host.sign_in("sam").await;
    let _live = there.live().await;
    let request = amy_asks(&host).await;
    let waits = "1 request waits for help";
    for browser in [&mut sam, &mut sue] {
        let sign = browser.get(SIGN).await;
        assert_eq!(sign.status, 200);
        assert!(sign.body.contains(waits), "{}", sign.body);
        assert!(sign.body.contains("href=\"/dashboard\""), "{}", sign.body);
        assert!(browser.get("/analytics").await.body.contains(waits));
    }
    assert_eq!(sid.get(SIGN).await.body, "", "of another team");
    assert_eq!(ada.get(SIGN).await.status, 404, "she answers nobody");
    let claim = json!({ "request": request, "key": key() });
    there.call("assistance/request_claim", claim).await.ok();
    assert!(sam.get(SIGN).await.body.contains(waits), "he has it");
    assert_eq!(sue.get(SIGN).await.body, "");
    let done = json!({ "request": request, "key": key() });
    there.call("assistance/request_handle", done).await.ok();
    assert_eq!(sam.get(SIGN).await.body, "");
}
