//! An empty database: the first administrator is made in the browser, by a reader of the operator's terminal.

use std::sync::Arc;

use server::clock_and_ids::{RandomIds, SystemClock};
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::store::sqlite::SqliteStore;
use sha2::{Digest, Sha256};

use crate::browser::Browser;
use crate::support::Host;
use crate::wrong_fields::assert_named;

const TOKEN: &str = "what the program printed";
const FORM: [(&str, &str); 5] = [
    ("token", TOKEN),
    ("username", "ada"),
    ("name", "Ada Almond"),
    ("password", "stone-by-stone"),
    ("repeat", "stone-by-stone"),
];

async fn empty(folder: &std::path::Path) -> Host {
    let store = SqliteStore::open(&folder.join("sideline.db"))
        .await
        .expect("a new database");
    let desk = Desk::new(
        Arc::new(store),
        Arc::new(SystemClock),
        Arc::new(RandomIds),
        DeskConfig::default(),
    );
    let http = HttpConfig {
        setup_hash: Some(hex::encode(Sha256::digest(TOKEN))),
        security_contact: Some("mailto:security@example.org".to_owned()),
        ..HttpConfig::default()
    };
    Host::over(desk, http).await
}

#[tokio::test]
async fn u07_s26_the_first_administrator_is_made_once_with_the_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let host = empty(folder.path()).await;
    let mut ada = Browser::new(&host);
    assert_eq!(ada.get("/login").await.to, "/login?error=no_users");
    let page = ada.get("/login?error=no_users").await.body;
    assert!(page.contains("There are no users yet"), "{page}");

    assert_eq!(ada.get("/setup").await.status, 404);
    assert_eq!(ada.get("/setup?token=guess").await.status, 404);
    let mut wrong = FORM;
    wrong[0].1 = "guess";
    assert_eq!(ada.form("/setup", &wrong).await.status, 404);

    let page = ada.get("/setup?token=what%20the%20program%20printed").await;
    assert_eq!(page.status, 200);
    let mut guessed = FORM;
    (guessed[3].1, guessed[4].1) = ("password123", "password123");
    let refused = ada.form("/setup", &guessed).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("role=\"alert\""));
    assert!(
        refused.body.contains("value=\"Ada Almond\""),
        "what was typed stays"
    );

    let mut all_wrong = FORM;
    (all_wrong[1].1, all_wrong[3].1, all_wrong[4].1) = ("?", "short", "other");
    let refused = ada.form("/setup", &all_wrong).await;
    for field in ["username", "password", "repeat"] {
        let line = format!("id=\"refused-{field}\"");
        assert!(refused.body.contains(&line), "{field}: {}", refused.body);
    }
    assert_eq!(refused.body.matches("autofocus").count(), 1);

    let mut hostile = guessed;
    hostile[2].1 = "\"><script>alert(1)</script>";
    let refused = ada.form("/setup", &hostile).await;
    assert!(refused.body.contains("&lt;script&gt;") && !refused.body.contains("<script>alert"));

    let made = ada.form("/setup", &FORM).await;
    assert_eq!((made.status, &*made.to), (303, "/"));
    assert_eq!(ada.call_status().await, 200, "she is signed in");
    assert_eq!(ada.get("/admin/users").await.status, 200);

    // Once.
    let mut second = FORM;
    second[1].1 = "eve";
    let mut eve = Browser::new(&host);
    assert_eq!(eve.form("/setup", &second).await.status, 404);
    assert_eq!(eve.get("/login").await.status, 200);
    assert_eq!(
        eve.sign_in("ada", "stone-by-stone").await.to,
        "/admin/templates"
    );
}

#[tokio::test]
async fn u21_everything_that_is_wrong_with_the_first_administrator_is_named_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let host = empty(folder.path()).await;
    let mut ada = Browser::new(&host);
    let mut form = FORM;
    // Both passwords are the same one, which is guessed first.
    (form[1].1, form[2].1) = ("?", " ");
    (form[3].1, form[4].1) = ("password123", "password123");
    let refused = ada.form("/setup", &form).await;
    assert_eq!(refused.status, 422);
    assert_named(&refused, &["username", "name", "password"]);
    assert!(refused.body.contains("value=\"?\""), "what was typed stays");
    let made = ada.form("/setup", &FORM).await;
    assert_eq!(made.status, 303, "nobody was made before: {}", made.body);
}

#[tokio::test]
async fn asvs_well_known_addresses_say_where_to_change_a_password_and_whom_to_tell() {
    let folder = tempfile::tempdir().expect("a folder");
    let host = empty(folder.path()).await;
    let mut anybody = Browser::new(&host);
    let change = anybody.get("/.well-known/change-password").await;
    assert_eq!(
        (change.status, &*change.to),
        (303, "/settings#settings-password")
    );
    let security = anybody.get("/.well-known/security.txt").await;
    assert_eq!(security.status, 200);
    let lines: Vec<&str> = security.body.lines().collect();
    assert_eq!(lines[0], "Contact: mailto:security@example.org");
    assert!(lines[1].starts_with("Expires: 20"), "{}", lines[1]);
    let without = Host::start().await;
    let nothing = Browser::new(&without)
        .get("/.well-known/security.txt")
        .await;
    assert_eq!(nothing.status, 404);
}
