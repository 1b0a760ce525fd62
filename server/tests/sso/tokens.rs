//! Tokens that are not what they should be.

use serde_json::json;

use super::browser::Browser;
use super::provider::Change;
use super::world::{SESSION, World, assert_refused, person};

/// What a liar, or a provider that is set up wrongly, would send.
const WRONG: [(&str, Change); 12] = [
    ("another nonce", |_, claims| claims["nonce"] = json!("x")),
    ("no nonce", |_, claims| claims["nonce"] = json!(null)),
    ("for another client", |_, claims| {
        claims["aud"] = json!("another")
    }),
    ("for several, by another", |_, claims| {
        claims["aud"] = json!(["sideline", "another"]);
        claims["azp"] = json!("another");
    }),
    ("of another issuer", |_, claims| {
        claims["iss"] = json!("https://evil.example")
    }),
    ("expired", |_, claims| {
        claims["exp"] = json!(claims["exp"].as_i64().unwrap_or_default() - 400)
    }),
    ("of tomorrow", |_, claims| {
        claims["iat"] = json!(claims["iat"].as_i64().unwrap_or_default() + 86_400)
    }),
    ("without an end", |_, claims| {
        drop(claims.as_object_mut().map(|all| all.remove("exp")))
    }),
    ("unsigned", |header, _| header["alg"] = json!("none")),
    ("signed with what both know", |header, _| {
        header["alg"] = json!("HS256")
    }),
    ("of an unknown key", |header, _| header["kid"] = json!("x")),
    ("with what must be understood", |header, _| {
        header["crit"] = json!(["b64"])
    }),
];

#[tokio::test]
async fn a_token_that_is_not_as_it_should_be_lets_nobody_in() {
    let world = World::set_up(&[("link", "on")]).await;
    for (what, change) in WRONG {
        world.provider.changes(change);
        let mut sam = Browser::new(&world.host);
        let refused = world.comes(&mut sam, person("sam")).await;
        assert!(
            refused.to.contains("error=sso_untrusted"),
            "{what}: {}",
            refused.to
        );
        assert_refused(&sam, &refused, "sso_untrusted");
    }
    // A minute is how far clocks may differ.
    world.provider.changes(|_, claims| {
        claims["exp"] = json!(claims["exp"].as_i64().unwrap_or_default() - 330);
    });
    let mut sam = Browser::new(&world.host);
    assert_eq!(world.comes(&mut sam, person("sam")).await.to, "/dashboard");
}

#[tokio::test]
async fn a_new_key_of_the_provider_is_asked_for_once_a_minute() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    world.provider.rotates();
    let mut second = Browser::new(&world.host);
    world.comes(&mut second, person("sam")).await;
    assert!(second.has(SESSION), "the new key is known");
    world.provider.rotates();
    let mut third = Browser::new(&world.host);
    let refused = world.comes(&mut third, person("sam")).await;
    assert_refused(&third, &refused, "sso_untrusted");
    world.clock.pass_minutes(2);
    world.comes(&mut third, person("sam")).await;
    assert!(third.has(SESSION), "a minute later it is");
}

#[tokio::test]
async fn another_key_under_the_name_of_before_or_under_none_is_asked_for_as_well() {
    let world = World::set_up(&[("link", "on")]).await;
    let nameless: Change = |header, _| header["kid"] = json!(null);
    let named: Change = |_, _| {};
    for change in [nameless, named] {
        world.provider.changes(change);
        let mut before = Browser::new(&world.host);
        world.comes(&mut before, person("sam")).await;
        assert!(before.has(SESSION), "the key is known");
        world.provider.replaces_its_key();
        let mut after = Browser::new(&world.host);
        world.comes(&mut after, person("sam")).await;
        assert!(after.has(SESSION), "the new key was asked for");
        world.clock.pass_minutes(2);
    }
}

#[tokio::test]
async fn claims_that_nobody_asks_for_may_have_any_form() {
    let world = World::set_up(&[("link", "on")]).await;
    let odd: Change = |_, claims| {
        let odd = json!({
            "updated_at": "2026-01-01T00:00:00Z", "address": "Main Street 1", "locale": 5, "name": 5,
            "acr": 1, "amr": "pwd", "birthdate": [], "email_verified": {}, "at_hash": 7, "gender": false,
        });
        let odd = odd.as_object().cloned().unwrap_or_default();
        claims.as_object_mut().expect("claims").extend(odd);
    };
    world.provider.changes(odd);
    let mut sam = Browser::new(&world.host);
    assert_eq!(world.comes(&mut sam, person("sam")).await.to, "/dashboard");
}

#[tokio::test]
async fn that_one_address_is_verified_says_nothing_of_another() {
    let settings = [
        ("create", "on"),
        ("role", "agent"),
        ("username_claim", "email"),
    ];
    let world = World::set_up(&settings).await;
    let somebody = |verified: bool| {
        let mut somebody = person("somebody");
        somebody["email"] = json!("evil");
        somebody["email_verified"] = json!(verified);
        somebody
    };
    world
        .provider
        .changes(|_, claims| claims["email"] = json!("boss"));
    let mut browser = Browser::new(&world.host);
    let refused = world.comes(&mut browser, somebody(true)).await;
    assert_refused(&browser, &refused, "sso_unknown");
    // Nor does the token vouch for an address that it does not name.
    world
        .provider
        .changes(|_, claims| claims["email_verified"] = json!(true));
    let refused = world.comes(&mut browser, somebody(false)).await;
    assert_refused(&browser, &refused, "sso_unknown");
    world.provider.changes(|_, _| {});
    world.comes(&mut browser, somebody(true)).await;
    assert!(browser.has(SESSION), "its own is verified");
}
