//! Tokens of the HTTP API, as administrators make and revoke them on `/admin/tokens`.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use serde_json::json;
use server::clock_and_ids::Clock;
use sha2::{Digest, Sha256};

use crate::browser::{Browser, Shown};
use crate::proof::Watch;
use crate::support::{Host, key};

const PAGE: &str = "/admin/tokens";

/// The secret that the page shows.
fn secret_of(shown: &Shown) -> String {
    let begin = shown.body.find("slt_").expect("a secret");
    let secret = &shown.body[begin..];
    let end = secret.find('"').expect("the end of an attribute");
    secret[..end].to_owned()
}

async fn ada(host: &Host) -> Browser<'_> {
    let mut ada = Browser::new(host);
    ada.sign_in("ada", "sideline-demo").await;
    ada
}

fn form<'a>(key: &'a str, name: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("act", "create"),
        ("key", key),
        ("name", name),
        ("scope", "workitems:write"),
        ("scope", "workitems:read"),
        ("team", "care"),
        ("days", "90"),
    ]
}

#[tokio::test]
async fn a_token_is_made_its_secret_shown_once_and_stored_as_a_digest() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let key = key();
    let made = ada.fill(PAGE, &form(&key, "Telephony")).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let secret = secret_of(&made);
    assert_eq!(secret.len(), "slt_".len() + 64);
    assert!(made.body.contains("Telephony"));

    let later = ada.get(PAGE).await;
    assert!(!later.body.contains("slt_"), "it is shown once");
    assert!(later.body.contains("Telephony"));

    // A second click is no second token.
    let again = ada.fill(PAGE, &form(&key, "Telephony")).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("was made before"), "{}", again.body);
    assert!(!again.body.contains("slt_"));
    assert_eq!(again.body.matches("<th scope=\"row\"").count(), 1);

    let file = std::fs::read(host.database()).expect("the database");
    let log = host.database().with_extension("db-wal");
    let stored = [file, std::fs::read(log).unwrap_or_default()].concat();
    let holds = |text: &str| {
        let mut places = stored.windows(text.len());
        places.any(|place| place == text.as_bytes())
    };
    assert!(holds(&hex::encode(Sha256::digest(&secret))));
    assert!(!holds(&secret) && !holds(secret.trim_start_matches("slt_")));
}

#[tokio::test]
async fn e51_what_is_made_and_revoked_is_in_the_audit_log() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let made = ada.fill(PAGE, &form(&key(), "Telephony")).await;
    let secret = secret_of(&made);
    let begin = made.body.find("name=\"token\" value=\"").expect("a form");
    let token = made.body[begin..].split('"').nth(3).expect("an id");
    let revoke = [("act", "revoke"), ("token", token), ("key", "revoke-1")];
    let revoked = ada.fill(PAGE, &revoke).await;
    assert_eq!(revoked.status, 200);
    assert!(revoked.body.contains("The token was revoked."));
    // It stands folded behind those that are managed.
    let (others, folded) = revoked
        .body
        .split_once("<summary>Revoked (1)</summary>")
        .expect("what was revoked");
    assert!(!others.contains("Telephony"), "{others}");
    assert!(folded.contains("Telephony"), "{folded}");
    // Again, under another key as well: it stays revoked.
    for key in ["revoke-1", "revoke-2"] {
        let revoke = [("act", "revoke"), ("token", token), ("key", key)];
        assert_eq!(ada.fill(PAGE, &revoke).await.status, 200);
    }
    let log = host.sign_in("ada").await;
    let query = |act: &str| json!({ "query": { "from": "", "to": "", "user": "", "act": act, "object": "", "outcome": "", "before": "" } });
    let created = log.call("audit/audit_list", query("token_create")).await;
    let created = created.ok()["rows"].clone();
    assert_eq!(created.as_array().map(Vec::len), Some(1));
    let changes = created[0]["changes"].to_string();
    for part in ["Telephony", "workitems:write, workitems:read", "Care"] {
        assert!(changes.contains(part), "{changes}");
    }
    assert!(!changes.contains(&secret));
    let revoked = log.call("audit/audit_list", query("token_revoke")).await;
    assert_eq!(revoked.ok()["rows"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said_and_what_was_typed_stays() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let key = key();
    for (change, words) in [
        (("name", "  "), "1 to 80 characters"),
        (("team", "nowhere"), "choose a team that exists"),
        (("days", "31"), "31"),
        (("scope", "everything"), "everything"),
    ] {
        let mut fields = form(&key, "Telephony");
        fields.retain(|(name, _)| *name != change.0);
        fields.push(change);
        let refused = ada.fill(PAGE, &fields).await;
        assert_eq!(refused.status, 422, "{change:?}");
        let body = refused.body.to_lowercase();
        assert!(body.contains("role=\"alert\""), "{change:?}");
        assert!(body.contains(words), "{change:?}: {body}");
        assert!(body.contains(&format!("value=\"{key}\"")), "its key stays");
    }
    let mut without = form(&key, "Telephony");
    without.retain(|(name, _)| *name != "scope");
    let refused = ada.fill(PAGE, &without).await;
    assert!(refused.body.contains("value=\"Telephony\""));
    assert!(refused.body.contains("Permissions: "), "{}", refused.body);
}

#[tokio::test]
async fn s11_a_token_is_made_by_somebody_who_gave_the_password_a_short_while_ago() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let mut ada = ada(&host).await;
    clock.pass_minutes(16);
    let (key, shown) = (key(), ada.get(PAGE).await);
    assert!(shown.body.contains("name=\"password\""));
    let refused = ada.fill(PAGE, &form(&key, "Telephony")).await;
    assert_eq!(refused.status, 422);
    assert!(!refused.body.contains("slt_"));
    let mut fields = form(&key, "Telephony");
    fields.push(("password", "not the password"));
    assert_eq!(ada.fill(PAGE, &fields).await.status, 422);
    fields.pop();
    fields.push(("password", "sideline-demo"));
    let made = ada.fill(PAGE, &fields).await;
    assert_eq!(made.status, 200, "{}", made.body);
    secret_of(&made);
}

#[tokio::test]
async fn m04_nobody_else_learns_that_there_are_tokens() {
    let host = Host::start().await;
    for who in ["amy", "sam"] {
        let mut browser = Browser::new(&host);
        browser.sign_in(who, "sideline-demo").await;
        for shown in [
            browser.get(PAGE).await,
            browser.fill(PAGE, &form(&key(), "Mine")).await,
            browser
                .fill(PAGE, &[("act", "revoke"), ("token", "t"), ("key", "k")])
                .await,
        ] {
            assert_eq!(shown.status, 404, "{who}");
            assert!(!shown.body.contains("token"), "{}", shown.body);
        }
    }
    let mut nobody = Browser::new(&host);
    let led = nobody.fill(PAGE, &form(&key(), "Mine")).await;
    assert_eq!(
        (led.status, &led.to[..]),
        (303, "/login?next=/admin/tokens&error=ended")
    );
}

/// What the page says of the last use of its only token.
fn last_use(page: &Shown) -> String {
    let (_, cell) = page
        .body
        .split_once("data-label=\"Last used\">")
        .expect("a cell");
    let (said, _) = cell.split_once("</td>").expect("its end");
    said.to_owned()
}

#[tokio::test]
async fn the_page_says_when_a_token_was_last_used_to_the_minute() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let mut ada = ada(&host).await;
    let made = ada.fill(PAGE, &form(&key(), "Telephony")).await;
    assert_eq!(last_use(&made), "Never");
    let secret = secret_of(&made);
    let uses = async |secret: &str| {
        let request = Request::get("/api/v1/workitems")
            .header(AUTHORIZATION, format!("Bearer {secret}"))
            .body(Body::empty());
        let answered = host.request(request.expect("a request")).await;
        answered.status().as_u16()
    };
    assert_eq!(uses("slt_another").await, 401);
    assert_eq!(last_use(&ada.get(PAGE).await), "Never");

    let before = clock.now().rfc3339();
    assert_eq!(uses(&secret).await, 200);
    let after = clock.now().rfc3339();
    let first = last_use(&ada.get(PAGE).await);
    let exact = first.split('"').nth(1).expect("a time");
    assert!(
        (before.as_str()..=after.as_str()).contains(&exact),
        "{first}"
    );
    // Within the minute it is not noted again.
    assert_eq!(uses(&secret).await, 200);
    assert_eq!(last_use(&ada.get(PAGE).await), first);
    clock.pass_minutes(2);
    assert_eq!(last_use(&ada.get(PAGE).await), first);
    assert_eq!(uses(&secret).await, 200);
    let second = last_use(&ada.get(PAGE).await);
    let exact = second.split('"').nth(1).expect("a time");
    assert!(exact > after.as_str(), "{second}");
}
