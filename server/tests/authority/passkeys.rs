//! Passkeys: added and removed in the settings, used in place of a code, and used alone.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::browser::{Browser, Shown};
use crate::device::{Device, asked};
use crate::proof::Watch;
use crate::support::{Host, key};

pub const PASSWORD: &str = "sideline-demo";
/// Where the host of these stories is reached, as its operator says.
pub const HERE: &str = "desk.example.com";
pub const ORIGIN: &str = "https://desk.example.com";
pub const SETTINGS: &str = "/settings/second-factor";
pub const STEP: &str = "/login/step";
pub const ALONE: &str = "/login/passkey";

pub async fn started() -> (Host, Arc<Watch>) {
    let clock = Arc::new(Watch::default());
    (Host::start_with_clock(clock.clone()).await, clock)
}

/// The question for a new passkey of this name.
pub async fn ask_for_new(browser: &mut Browser<'_>, name: &str) -> Value {
    let fields = [("act", "passkey_begin"), ("name", name)];
    let begun = browser.form(SETTINGS, &fields).await;
    assert_eq!(begun.status, 303, "{}", begun.body);
    asked(&browser.get(&begun.to).await.body)
}

/// Adds a passkey of this name.
pub async fn add(browser: &mut Browser<'_>, device: &mut Device, name: &str) -> Shown {
    let options = ask_for_new(browser, name).await;
    let answer = device.create(&options).expect("a passkey");
    let fields = [("act", "passkey_add"), ("credential", &answer)];
    browser.form(SETTINGS, &fields).await
}

/// Somebody who is signed in with a passkey on a device.
pub async fn with_passkey<'a>(host: &'a Host, username: &str) -> (Browser<'a>, Device) {
    let mut browser = Browser::at(host, HERE);
    assert_eq!(browser.sign_in(username, PASSWORD).await.status, 303);
    let mut device = Device::at(ORIGIN);
    let added = add(&mut browser, &mut device, "My phone").await;
    assert_eq!(added.status, 303, "{}", added.body);
    let shown = browser.get(&added.to).await;
    assert_eq!(recovery_codes(&shown.body).len(), 10, "{}", shown.body);
    (browser, device)
}

pub fn recovery_codes(body: &str) -> Vec<String> {
    let parts = body.split("<li><code>").skip(1);
    let codes = parts.map(|part| part.split_once('<').expect("an end").0.to_owned());
    codes.collect()
}

/// A browser behind the right password, at the second factor.
pub async fn at_step<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::at(host, HERE);
    assert_eq!(browser.sign_in(username, PASSWORD).await.to, STEP);
    browser
}

/// Answers what a page asks. Where that leads, or `wrong` when the page says so.
pub async fn answer(browser: &mut Browser<'_>, device: &mut Device, page: &str) -> String {
    let options = asked(&browser.get(page).await.body);
    let answer = device.get(&options).expect("a passkey");
    send(browser, page, &answer).await
}

/// Sends an answer to a page.
pub async fn send(browser: &mut Browser<'_>, page: &str, answer: &str) -> String {
    let shown = browser.form(page, &[("credential", answer)]).await;
    match shown.status {
        303 => shown.to,
        status => {
            // 429: too many of them.
            assert!(matches!(status, 422 | 429), "{status}: {}", shown.body);
            assert!(shown.body.contains("id=\"problem\""), "{}", shown.body);
            "wrong".to_owned()
        }
    }
}

/// Sets a setting of the organisation.
pub async fn set(host: &Host, name: &str, value: i64) {
    let ada = host.sign_in("ada").await;
    let edit = ada.call("organisation/organisation_load", json!({}));
    let edit = edit.await.ok();
    let save = json!({
        "key": key(), "version": edit["version"], "changes": [{ "name": name, "value": value }],
    });
    ada.call("organisation/organisation_save", save).await.ok();
}

/// How often an act stands in the audit log.
pub async fn recorded(host: &Host, act: &str) -> usize {
    let ada = host.sign_in("ada").await;
    let query = json!({
        "from": "", "to": "", "user": "", "act": act, "object": "", "outcome": "", "before": "",
    });
    let page = ada.call("audit/audit_list", json!({ "query": query }));
    page.await.ok()["rows"].as_array().expect("rows").len()
}

/// The ids of the passkeys on the page of the settings.
pub fn listed(body: &str) -> Vec<String> {
    let parts = body.split("name=\"passkey\" value=\"").skip(1);
    let ids = parts.map(|part| part.split_once('"').expect("an end").0.to_owned());
    ids.collect()
}

#[tokio::test]
async fn s10_e50_a_passkey_is_added_by_name_and_takes_the_place_of_a_code() {
    let (host, _) = started().await;
    let (mut amy, mut phone) = with_passkey(&host, "amy").await;
    let page = amy.get(SETTINGS).await.body;
    assert!(page.contains("<bdi>My phone</bdi>"), "{page}");
    assert!(page.contains("Never used") && page.contains("10 recovery codes"));
    assert_eq!(recorded(&host, "passkey_add").await, 1);

    let mut elsewhere = at_step(&host, "amy").await;
    assert_eq!(elsewhere.call_status().await, 401);
    let asks = elsewhere.get(STEP).await.body;
    assert!(asks.contains("Use your passkey") && !asks.contains("authenticator app"));
    assert_eq!(
        asked(&asks)["allowCredentials"].as_array().unwrap().len(),
        1
    );
    // Loaded again it asks the same.
    assert_eq!(asked(&asks), asked(&elsewhere.get(STEP).await.body));
    assert_eq!(answer(&mut elsewhere, &mut phone, STEP).await, "/workspace");
    assert_eq!(elsewhere.call_status().await, 200);
    assert_eq!(recorded(&host, "passkey_use").await, 1);
    assert!(amy.get(SETTINGS).await.body.contains("Last used"));

    // On this device there is one already; another device has none.
    let options = ask_for_new(&mut amy, "Again").await;
    assert!(phone.create(&options).is_none());
    let mut key = Device::at(ORIGIN);
    let added = add(&mut amy, &mut key, "Key <b>\u{5d0}").await;
    assert_eq!(added.to, SETTINGS);
    assert!(!amy.has("sideline_said"), "no further recovery codes");
    let page = amy.get(SETTINGS).await.body;
    assert!(page.contains("<bdi>Key &lt;b&gt;\u{5d0}</bdi>"), "{page}");
    assert_eq!(listed(&page).len(), 2);
    let mut third = at_step(&host, "amy").await;
    assert_eq!(answer(&mut third, &mut key, STEP).await, "/workspace");
}

#[tokio::test]
async fn s10_e50_a_passkey_alone_counts_as_both_factors() {
    let (host, _) = started().await;
    let (_, mut phone) = with_passkey(&host, "sam").await;
    let mut sam = Browser::at(&host, HERE);
    assert!(sam.get("/login").await.body.contains("data-passkeys"));
    let to = answer(&mut sam, &mut phone, ALONE).await;
    assert_eq!(to, "/dashboard", "the page of the first role");
    assert_eq!(sam.call_status().await, 200);
    assert!(sam.has("sideline_browser") && !sam.has("sideline_passkey"));
    assert_eq!(recorded(&host, "passkey_use").await, 1);
    // Signed in, there is nothing to sign in to.
    assert_eq!(sam.get(ALONE).await.to, "/dashboard");

    let mut again = Browser::at(&host, HERE);
    let asks = again.get("/login/passkey?next=%2Fsettings").await.body;
    assert!(asks.contains("name=\"next\" value=\"/settings\""));
    assert_eq!(asked(&asks)["allowCredentials"], json!([]));
    let given = phone.get(&asked(&asks)).expect("a passkey");
    let fields = [("credential", given.as_str()), ("next", "/settings")];
    assert_eq!(again.form(ALONE, &fields).await.to, "/settings");
}

#[tokio::test]
async fn s10_a_password_that_somebody_else_chose_is_changed_after_a_passkey_too() {
    let (host, _) = started().await;
    let (_, mut phone) = with_passkey(&host, "amy").await;
    let ada = host.sign_in("ada").await;
    let reset = json!({ "key": key(), "user": "amy", "password": "given to amy" });
    ada.call("administration/user_password_reset", reset)
        .await
        .ok();
    let mut amy = Browser::at(&host, HERE);
    assert_eq!(answer(&mut amy, &mut phone, ALONE).await, STEP);
    assert_eq!(amy.call_status().await, 401);
    let own = [("password", "stone by stone"), ("repeat", "stone by stone")];
    assert_eq!(amy.form(STEP, &own).await.to, "/workspace");
}

#[tokio::test]
async fn s10_recovery_codes_stay_while_there_is_any_second_factor() {
    let (host, _) = started().await;
    let (mut amy, _) = with_passkey(&host, "amy").await;
    let renewed = amy.fill(SETTINGS, &[("act", "renew")]).await;
    let codes = recovery_codes(&renewed.body);
    let mut phoneless = at_step(&host, "amy").await;
    let shown = phoneless.form(STEP, &[("code", &codes[0])]).await;
    assert_eq!(shown.to, "/workspace");

    let id = listed(&amy.get(SETTINGS).await.body).remove(0);
    let remove = [("act", "passkey_remove"), ("passkey", &id)];
    // Of somebody else it is none.
    let mut ben = Browser::at(&host, HERE);
    ben.sign_in("ben", PASSWORD).await;
    ben.form(SETTINGS, &remove).await;
    assert_eq!(listed(&amy.get(SETTINGS).await.body).len(), 1);
    assert_eq!(amy.form(SETTINGS, &remove).await.to, SETTINGS);
    assert_eq!(recorded(&host, "passkey_remove").await, 1);
    let page = amy.get(SETTINGS).await.body;
    assert!(page.contains("You have no second factor.") && listed(&page).is_empty());
    let mut again = Browser::at(&host, HERE);
    assert_eq!(again.sign_in("amy", PASSWORD).await.to, "/workspace");
    // The codes went with it: with another passkey come others.
    let mut device = Device::at(ORIGIN);
    let added = add(&mut amy, &mut device, "Laptop").await;
    let others = recovery_codes(&amy.get(&added.to).await.body);
    assert!(others.len() == 10 && !others.contains(&codes[1]));
    let mut late = at_step(&host, "amy").await;
    let shown = late.form(STEP, &[("code", &codes[1])]).await;
    assert!(shown.body.contains("role=\"alert\""), "{}", shown.to);
}

#[tokio::test]
async fn s10_who_must_have_a_second_factor_keeps_the_last_one() {
    let (host, _) = started().await;
    let (mut ada, mut phone) = with_passkey(&host, "ada").await;
    // From here on every sign-in of hers asks for it, so the settings are saved in the session that is there.
    let save = |name: &'static str, value: i64, version: i64| json!({ "key": key(), "version": version, "changes": [{ "name": name, "value": value }] });
    let required = ada.call(
        "organisation/organisation_save",
        save("second_factor", 2, 0),
    );
    assert_eq!(required.await, 200);
    let page = ada.get(SETTINGS).await.body;
    assert!(page.contains("<bdi>My phone</bdi>") && listed(&page).is_empty());
    let mut elsewhere = at_step(&host, "ada").await;
    assert_eq!(
        answer(&mut elsewhere, &mut phone, STEP).await,
        "/admin/templates"
    );

    let mut key = Device::at(ORIGIN);
    add(&mut ada, &mut key, "Key").await;
    let ids = listed(&ada.get(SETTINGS).await.body);
    assert_eq!(ids.len(), 2);
    for id in &ids {
        ada.form(SETTINGS, &[("act", "passkey_remove"), ("passkey", id)])
            .await;
    }
    assert_eq!(
        recorded_by(&mut ada, "passkey_remove").await,
        1,
        "not the last"
    );
    // Where passkeys count no more she needs another second factor at the next sign-in.
    let off = ada.call("organisation/organisation_save", save("passkeys", 0, 1));
    assert_eq!(off.await, 200);
    let mut again = at_step(&host, "ada").await;
    let set_up = again.get(STEP).await.body;
    assert!(set_up.contains("Set up a second factor"), "{set_up}");
}

/// How often an act stands in the audit log, as somebody sees it who is signed in.
async fn recorded_by(ada: &mut Browser<'_>, act: &str) -> usize {
    let export = format!("/admin/audit/export?format=jsonl&act={act}");
    ada.get(&export).await.body.lines().count()
}
