//! Single sign-on as browsers use it: the page of administrators, and the way to the provider and back.

// Each test file uses some of it.
#![allow(dead_code)]

use serde_json::{Value, json};

use super::browser::{Browser, Shown};
use super::provider::{CLIENT, Provider, SECRET};
use super::support::{Host, key};

/// The page of administrators.
pub const PAGE: &str = "/admin/single-sign-on";
/// The path to which the provider sends its messages.
pub const LOGOUT: &str = "/sso/back-channel-logout";
/// The cookie of a session.
pub const SESSION: &str = "sideline_session";

/// Ada sets it up and switches it on. `more` goes before what the form holds otherwise.
pub async fn set_up(host: &Host, provider: &Provider, more: &[(&str, &str)]) {
    let mut ada = Browser::new(host);
    ada.sign_in("ada", "sideline-demo").await;
    let saved = save(&mut ada, provider, more).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let on = act(&mut ada, "on").await;
    assert!(on.body.contains("Switched on"), "{}", on.body);
}

/// The form, as somebody fills it in.
pub async fn save(browser: &mut Browser<'_>, provider: &Provider, more: &[(&str, &str)]) -> Shown {
    let key = key();
    let rest = [
        ("act", "save"),
        ("key", key.as_str()),
        ("name", "Acme"),
        ("issuer", provider.issuer()),
        ("client_id", CLIENT),
        ("secret", SECRET),
        ("username_claim", "preferred_username"),
    ];
    // The first one of a name counts.
    let fields: Vec<(&str, &str)> = more.iter().copied().chain(rest).collect();
    browser.fill(PAGE, &fields).await
}

/// One of the page's buttons.
pub async fn act(browser: &mut Browser<'_>, act: &str) -> Shown {
    let key = key();
    browser
        .fill(PAGE, &[("act", act), ("key", key.as_str())])
        .await
}

/// Somebody goes to the provider and signs in there: the way back.
pub async fn goes(browser: &mut Browser<'_>, provider: &Provider, person: Value) -> String {
    let sent = browser.get("/sso/start").await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    provider.signs_in(&sent.to, person)
}

/// Somebody goes to the provider, signs in there and comes back.
pub async fn comes(browser: &mut Browser<'_>, provider: &Provider, person: Value) -> Shown {
    let back = goes(browser, provider, person).await;
    browser.get(&back).await
}

/// Somebody whom the provider knows, by their username.
pub fn person(username: &str) -> Value {
    json!({ "sub": format!("subject of {username}"), "preferred_username": username, "name": "A Name" })
}

/// The same with roles.
pub fn person_with(username: &str, roles: &[&str]) -> Value {
    let mut person = person(username);
    person["roles"] = json!(roles);
    person
}
