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
