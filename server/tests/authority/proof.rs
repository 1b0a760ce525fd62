//! What a session may do only shortly after it has proved its password.

use std::sync::Arc;

use serde_json::{Value, json};
use server::clock_and_ids::{Clock, SystemClock};
use shared::error::PROOF;
use shared::time::Timestamp;

use crate::browser::Browser;
use crate::support::staff::Answered;
use crate::support::{Host, Staff, key};

/// A clock that can be put forward.
#[derive(Default)]
pub struct Watch(std::sync::atomic::AtomicI64);

impl Watch {
    pub fn pass_minutes(&self, minutes: i64) {
        self.0
            .fetch_add(minutes * 60_000_000, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        let passed = self.0.load(std::sync::atomic::Ordering::Relaxed);
        Timestamp(SystemClock.now().0 + passed)
    }
}

fn sensitive() -> Vec<(&'static str, Value)> {
    let user = |name: &str, roles: &[&str]| {
        let password = "a long password";
        json!({ "username": name, "name": "Eve", "roles": roles, "password": password })
    };
    vec![
        (
            "administration/user_password_reset",
            json!({ "user": "sue", "password": "a long password" }),
        ),
        (
            "administration/user_create",
            user("eve", &["agent", "administrator"]),
        ),
        (
            "administration/user_update",
            json!({ "user": "sue", "name": "Sue Silva", "roles": ["supervisor", "administrator"] }),
        ),
        (
            "administration/user_activate",
            json!({ "user": "cleo", "active": true }),
        ),
        (
            "administration/user_second_factor_reset",
            json!({ "user": "sid" }),
        ),
        // Who supervises a team reads its conversations.
        (
            "administration/memberships_change",
            json!({ "user": "sid", "change": { "works_in": [], "leaves": [], "supervises": ["care"], "hands_over": [] } }),
        ),
        (
            "administration/team_update",
            json!({ "team": "sales", "change": { "name": "Sales", "members": ["cleo"], "supervisors": ["sid", "sam"], "version": 0 } }),
        ),
        (
            "administration/team_create",
            json!({ "change": { "name": "Night shift", "members": [], "supervisors": ["sid"] } }),
        ),
        // By these a provider knows us, and we know it.
        (
            "channels/provider_channel_create",
            json!({ "key": key(), "change": number(Some("a token")) }),
        ),
        (
            "deletions/user_delete",
            json!({ "user": "cleo", "version": 0 }),
        ),
        // What somebody may do is as sensitive, and so is anything about an administrator.
        (
            "administration/user_update",
            json!({ "user": "ben", "name": "Ben Brooks", "roles": ["agent", "supervisor"] }),
        ),
        (
            "organisation/organisation_save",
            json!({ "key": key(), "version": 0, "changes": [{ "name": "second_factor", "value": 0 }] }),
        ),
        (
            "organisation/organisation_save",
            json!({ "key": key(), "version": 1, "changes": [{ "name": "passkeys", "value": 0 }] }),
        ),
        (
            "organisation/organisation_save",
            json!({ "key": key(), "version": 2, "changes": [{ "name": "retention_audit_days", "value": 1_000 }] }),
        ),
    ]
}

/// A number of Twilio's; without a secret the stored one stays.
fn number(secret: Option<&str>) -> Value {
    let secret = secret.map(|value| json!({ "name": "auth_token", "value": value }));
    json!({
        "kind": "twilio_sms", "name": "Care by text", "team": "care", "address": "+15550006789", "version": 0,
        "settings": [{ "name": "account_sid", "value": "AC00000000000000000000000000000001" }],
        "secrets": Vec::from_iter(secret),
    })
}

fn asks_for_proof(answer: &Answered) -> bool {
    answer.status == 422 && answer.body["Invalid"]["field"] == PROOF
}

async fn prove(ada: &Staff<'_>, password: &str) -> Answered {
    ada.call("account/password_prove", json!({ "password": password }))
        .await
}

#[tokio::test]
async fn s11_sensitive_acts_ask_for_the_password_again_after_a_while() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let ada = host.sign_in("ada").await;
    let off = json!({ "user": "cleo", "active": false });
    ada.call("administration/user_activate", off).await.ok();
    clock.pass_minutes(16);
    for (function, input) in sensitive() {
        let refused = ada.call(function, input).await;
        assert!(asks_for_proof(&refused), "{function}: {}", refused.body);
    }
    // What is not sensitive goes on.
    let agent = json!({ "username": "neo", "name": "Neo", "roles": ["agent"], "password": "a long password" });
    ada.call("administration/user_create", agent).await.ok();
    let rename = json!({ "user": "amy", "name": "Amy Abel", "roles": ["agent"] });
    ada.call("administration/user_update", rename).await.ok();
    let fewer = json!({ "name": "Care", "members": ["amy"], "supervisors": ["sam"] });
    let fewer = json!({ "team": "care", "change": fewer });
    ada.call("administration/team_update", fewer).await.ok();

    let wrong = prove(&ada, "not the password").await;
    assert!(asks_for_proof(&wrong), "{}", wrong.body);
    let (function, input) = sensitive().swap_remove(0);
    assert!(asks_for_proof(&ada.call(function, input).await));
    prove(&ada, "sideline-demo").await.ok();
    for (function, input) in sensitive() {
        ada.call(function, input).await.ok();
    }
    // Another session of hers has proved nothing by that.
    let elsewhere = host.sign_in("ada").await;
    clock.pass_minutes(16);
    prove(&ada, "sideline-demo").await.ok();
    let (function, input) = sensitive().swap_remove(0);
    let refused = elsewhere.call(function, input).await;
    assert!(asks_for_proof(&refused), "{}", refused.body);
}

#[tokio::test]
async fn s11_what_a_role_has_and_who_has_it_asks_for_the_password() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let mut ada = Browser::new(&host);
    ada.sign_in("ada", "sideline-demo").await;
    let made = key();
    let form = [
        ("act", "create"),
        ("key", &made[..]),
        ("kind", "agent"),
        ("name", "Junior"),
    ];
    let page = ada.fill("/admin/roles", &form).await.body;
    let role = page.split("name=\"role\" value=\"").nth(1).expect("a role");
    let role = role.split('"').next().expect("an id");
    clock.pass_minutes(16);
    let given = key();
    let mut form = vec![
        ("act", "give"),
        ("key", &given[..]),
        ("kind", "agent"),
        ("user", "amy"),
        ("role", role),
    ];
    let asked = ada.fill("/admin/roles", &form).await;
    assert_eq!(asked.status, 422, "{}", asked.body);
    assert!(asked.body.contains("type=\"password\""), "{}", asked.body);
    form.push(("password", "sideline-demo"));
    assert_eq!(ada.fill("/admin/roles", &form).await.status, 200);
}

/// With the identity secret of a chat channel anybody writes as any known customer.
#[tokio::test]
async fn s11_the_identity_secret_of_a_chat_channel_asks_for_the_password() {
    const PAGE: &str = "/admin/chat/care";
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let mut ada = Browser::new(&host);
    ada.sign_in("ada", "sideline-demo").await;
    for (act, name, done) in [
        ("make", "make_key", "sli_"),
        ("make", "make_key", "sli_"),
        ("remove", "remove_key", "The secret was removed."),
    ] {
        clock.pass_minutes(16);
        assert!(ada.get(PAGE).await.body.contains("type=\"password\""));
        let key = key();
        let mut form = vec![
            ("act", act),
            (name, &key[..]),
            ("version", "0"),
            ("greeting", "Half a sentence"),
        ];
        for (password, reason) in [
            ("", "Enter your password."),
            ("guessed", "not your current password"),
        ] {
            let mut form = form.clone();
            form.push(("password", password));
            let asked = ada.form(PAGE, &form).await;
            assert_eq!(asked.status, 422, "{}", asked.body);
            assert!(
                asked.body.contains(reason) && !asked.body.contains(done),
                "{}",
                asked.body
            );
            assert!(
                asked.body.contains("Half a sentence</textarea>"),
                "what was typed stays"
            );
        }
        form.push(("password", "sideline-demo"));
        let shown = ada.form(PAGE, &form).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert!(shown.body.contains(done), "{}", shown.body);
        assert!(
            !shown.body.contains("type=\"password\""),
            "nothing else asks"
        );
    }
    // Settings are no secret.
    clock.pass_minutes(16);
    let saved = key();
    let form = [
        ("act", "save"),
        ("key", &saved[..]),
        ("version", "0"),
        ("greeting", "Moin"),
    ];
    assert_eq!(ada.fill(PAGE, &form).await.status, 200);
}

#[tokio::test]
async fn s11_another_secret_of_a_providers_channel_asks_for_the_password_and_other_settings_do_not()
{
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let ada = host.sign_in("ada").await;
    let made = json!({ "key": key(), "change": number(Some("a token")) });
    let made = ada
        .call("channels/provider_channel_create", made)
        .await
        .ok();
    clock.pass_minutes(16);
    let edit = |secret| json!({ "key": key(), "channel": made["key"], "change": number(secret) });
    let refused = ada
        .call("channels/provider_channel_update", edit(Some("another")))
        .await;
    assert!(asks_for_proof(&refused), "{}", refused.body);
    ada.call("channels/provider_channel_update", edit(None))
        .await
        .ok();
}

#[tokio::test]
async fn s11_nobody_resets_their_own_password_without_the_old_one() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let own = json!({ "user": "ada", "password": "another password" });
    let refused = ada.call("administration/user_password_reset", own).await;
    assert_eq!(refused.status, 409);
    let reason = refused.body["Conflict"]["reason"].as_str();
    assert!(reason.is_some_and(|reason| reason.contains("settings")));
    let wrong = json!({ "old": "not the password", "new": "another password" });
    let refused = ada.call("account/password_change", wrong).await;
    assert_eq!(refused.body["Invalid"]["field"], "old");
    host.sign_in("ada").await;
}

#[tokio::test]
async fn e50_a_password_that_is_guessed_first_is_refused_wherever_it_is_set() {
    let host = Host::start().await;
    let (ada, amy) = (host.sign_in("ada").await, host.sign_in("amy").await);
    for common in ["1234567890", "          ", "password1", "Password123"] {
        let create =
            json!({ "username": "neo", "name": "Neo", "roles": ["agent"], "password": common });
        let reset = json!({ "user": "ben", "password": common });
        let change = json!({ "old": "sideline-demo", "new": common });
        for (who, function, input, field) in [
            (&ada, "administration/user_create", create, "password"),
            (
                &ada,
                "administration/user_password_reset",
                reset,
                "password",
            ),
            (&amy, "account/password_change", change, "new"),
        ] {
            let refused = who.call(function, input).await;
            assert_eq!(refused.status, 422, "{function} {common:?}");
            assert_eq!(refused.body["Invalid"]["field"], field, "{function}");
        }
    }
    let own_name = json!({ "username": "maximilian", "name": "Max", "roles": ["agent"], "password": "Maximilian" });
    let refused = ada.call("administration/user_create", own_name).await;
    assert_eq!(refused.body["Invalid"]["field"], "password");
}

#[tokio::test]
async fn e50_what_was_set_is_the_same_on_every_keyboard() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let change = |old: &str, new: &str| json!({ "old": old, "new": new });
    let composed = "Caf\u{e9} \u{1f642} & 100% blanks ";
    let decomposed = "Cafe\u{301} \u{1f642} & 100% blanks ";
    amy.call("account/password_change", change("sideline-demo", composed))
        .await
        .ok();
    amy.call(
        "account/password_change",
        change(decomposed, "another password"),
    )
    .await
    .ok();
}
