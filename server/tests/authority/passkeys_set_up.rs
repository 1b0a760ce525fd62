//! A second factor that the organisation requires is set up at the sign-in: an app or a passkey.

use serde_json::json;

use crate::browser::Browser;
use crate::device::{Device, asked};
use crate::passkeys::{
    ORIGIN, PASSWORD, SETTINGS, STEP, answer, at_step, listed, recovery_codes, set, started,
};
use crate::support::{Host, key};
use crate::wrong_fields::assert_named;

const MAKING: &str = "/login/step?act=passkey";

/// A host whose organisation requires a second factor of everybody.
async fn required() -> Host {
    let (host, _) = started().await;
    set(&host, "second_factor", 3).await;
    host
}

/// The form that begins a passkey, and where it leads.
async fn begins(browser: &mut Browser<'_>, name: &str) -> String {
    let fields = [("act", "passkey_begin"), ("name", name)];
    let begun = browser.form(STEP, &fields).await;
    match begun.status {
        303 => begun.to,
        _ => begun.body,
    }
}

#[tokio::test]
async fn s10_e50_a_passkey_is_set_up_where_a_second_factor_is_required() {
    let host = required().await;
    let mut amy = at_step(&host, "amy").await;
    let page = amy.get(STEP).await.body;
    assert!(page.contains("Authenticator app") && page.contains("Add a passkey"));
    let nameless = [("act", "passkey_begin"), ("name", " ")];
    assert_named(&amy.form(STEP, &nameless).await, &["name"]);
    assert_eq!(begins(&mut amy, "My phone").await, MAKING);
    assert_eq!(amy.call_status().await, 401);

    // Who thinks again is offered both, and what was asked stands when they come back.
    assert!(amy.get(STEP).await.body.contains("Authenticator app"));
    let page = amy.get(MAKING).await.body;
    assert!(page.contains("Create passkey") && page.contains("Choose another way"));
    assert_eq!(asked(&page), asked(&amy.get(MAKING).await.body));
    let mut phone = Device::at(ORIGIN);
    let made = phone.create(&asked(&page)).expect("a passkey");
    let add = [("act", "passkey_add"), ("credential", made.as_str())];
    let shown = amy.form(STEP, &add).await;
    assert_eq!(recovery_codes(&shown.body).len(), 10, "{}", shown.body);
    assert_eq!(amy.call_status().await, 200);
    let page = amy.get(SETTINGS).await.body;
    assert!(page.contains("<bdi>My phone</bdi>") && page.contains("10 recovery codes"));

    let mut again = at_step(&host, "amy").await;
    assert_eq!(answer(&mut again, &mut phone, STEP).await, "/workspace");
}

#[tokio::test]
async fn s10_what_is_no_new_passkey_signs_nobody_in() {
    let host = required().await;
    let mut amy = at_step(&host, "amy").await;
    let sends = async |amy: &mut Browser<'_>, made: &str| {
        let add = [("act", "passkey_add"), ("credential", made)];
        let shown = amy.form(STEP, &add).await;
        assert_eq!(amy.call_status().await, 401);
        shown.body
    };
    // Nobody asked for one.
    assert!(sends(&mut amy, "{}").await.contains("took too long"));
    assert!(sends(&mut amy, "").await.contains("JavaScript"));
    begins(&mut amy, "My phone").await;
    let mut liar = Device::at("https://elsewhere.example.com");
    let options = asked(&amy.get(MAKING).await.body);
    let made = liar.create(&options).expect("a passkey");
    assert!(sends(&mut amy, &made).await.contains("not accepted"));
    // The question was asked once.
    let made = Device::at(ORIGIN).create(&options).expect("a passkey");
    assert!(sends(&mut amy, &made).await.contains("took too long"));

    // What was asked of somebody else's sign-in is not answered by this one.
    let mut ben = at_step(&host, "ben").await;
    begins(&mut ben, "My phone").await;
    begins(&mut amy, "My phone").await;
    let options = asked(&ben.get(MAKING).await.body);
    let made = Device::at(ORIGIN).create(&options).expect("a passkey");
    assert!(sends(&mut amy, &made).await.contains("not accepted"));
}

#[tokio::test]
async fn s10_passkeys_are_not_offered_where_they_cannot_work_or_are_switched_off() {
    let host = required().await;
    // By its number.
    let mut amy = Browser::new(&host);
    assert_eq!(amy.sign_in("amy", PASSWORD).await.to, STEP);
    let page = amy.get(STEP).await.body;
    assert!(!page.contains("Add a passkey") && page.contains("class=\"notice\""));
    assert!(
        begins(&mut amy, "My phone")
            .await
            .contains("id=\"problem\"")
    );
    let begun = amy.form(STEP, &[]).await;
    assert!(
        amy.get(&begun.to).await.body.contains("login__key"),
        "an app works"
    );
}

#[tokio::test]
async fn s10_where_passkeys_are_switched_off_an_app_is_the_second_factor() {
    let (host, _) = started().await;
    set(&host, "passkeys", 0).await;
    set(&host, "second_factor", 3).await;
    let mut amy = at_step(&host, "amy").await;
    assert!(!amy.get(STEP).await.body.contains("passkey"));
    let to = begins(&mut amy, "My phone").await;
    assert!(to.contains("error=again"), "{to}");
}

/// Switched off while the browser makes one: the transaction asks again.
#[tokio::test]
async fn s10_a_passkey_does_not_count_when_they_are_switched_off_meanwhile() {
    let (host, _) = started().await;
    let ada = host.sign_in("ada").await;
    set(&host, "second_factor", 3).await;
    let mut amy = at_step(&host, "amy").await;
    begins(&mut amy, "My phone").await;
    let options = asked(&amy.get(MAKING).await.body);
    let made = Device::at(ORIGIN).create(&options).expect("a passkey");
    let edit = ada.call("organisation/organisation_load", json!({}));
    let version = edit.await.ok()["version"].clone();
    let off = json!({
        "key": key(), "version": version, "changes": [{ "name": "passkeys", "value": 0 }],
    });
    ada.call("organisation/organisation_save", off).await.ok();
    let add = [("act", "passkey_add"), ("credential", made.as_str())];
    let shown = amy.form(STEP, &add).await;
    assert!(shown.to.contains("error=again"), "{}", shown.to);
    assert_eq!(amy.call_status().await, 401);
    assert!(listed(&shown.body).is_empty());
}
