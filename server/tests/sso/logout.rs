//! Messages by which the provider ends sessions.

use serde_json::{Value, json};
use shared::live::Topic;

use super::browser::Browser;
use super::single_sign_on::LOGOUT;
use super::world::{World, person};

async fn send(world: &World, token: &str) -> u16 {
    let mut provider = Browser::new(&world.host);
    let message = [("logout_token", token)];
    provider.form(LOGOUT, &message).await.status
}

fn of_sam() -> Value {
    json!({ "sub": "subject of sam" })
}

#[tokio::test]
async fn a_message_of_the_provider_ends_a_session_and_its_open_connection() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    let cookies = format!("sideline_session={}", sam.cookies["sideline_session"]);
    let staff = world.host.with_cookies(cookies);
    let mut live = staff.live().await;
    live.subscribe(Topic::Dashboard, None, false).await;

    let token = world.provider.logout_token(&of_sam());
    assert_eq!(send(&world, &token).await, 200);
    live.ended().await;
    assert_eq!(sam.call_status().await, 401);
    // He comes back, and the same message does not end that one.
    world.comes(&mut sam, person("sam")).await;
    assert_eq!(send(&world, &token).await, 400);
    assert_eq!(sam.call_status().await, 200);
}

#[tokio::test]
async fn one_session_of_the_provider_ends_and_the_others_go_on() {
    let world = World::set_up(&[("link", "on")]).await;
    let at = |session: &str| {
        let mut sam = person("sam");
        sam["sid"] = json!(session);
        sam
    };
    let (mut one, mut two) = (Browser::new(&world.host), Browser::new(&world.host));
    world.comes(&mut one, at("one")).await;
    world.comes(&mut two, at("two")).await;
    let token = json!({ "sub": "subject of sam", "sid": "one" });
    assert_eq!(
        send(&world, &world.provider.logout_token(&token)).await,
        200
    );
    assert_eq!(one.call_status().await, 401);
    assert_eq!(two.call_status().await, 200);
}

#[tokio::test]
async fn messages_that_do_not_count_are_limited_and_those_that_do_are_not() {
    let world = World::set_up(&[]).await;
    for _ in 0..101 {
        let token = world.provider.logout_token(&of_sam());
        assert_eq!(send(&world, &token).await, 200);
    }
    for _ in 0..100 {
        assert_eq!(send(&world, "no token").await, 400);
    }
    let token = world.provider.logout_token(&of_sam());
    assert_eq!(send(&world, &token).await, 429);
}

#[tokio::test]
async fn a_message_that_is_not_as_it_should_be_ends_nothing() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    for wrong in [
        json!({ "sub": "subject of sam", "nonce": "x" }),
        json!({ "sub": "subject of sam", "events": {} }),
        json!({ "sub": "subject of sam", "aud": "another" }),
        json!({ "sub": "subject of sam", "iss": "https://evil.example" }),
        json!({ "sub": "subject of sam", "exp": 1_000 }),
        json!({ "sub": "subject of sam", "iat": null }),
        json!({ "sub": "subject of sam", "jti": null }),
        json!({}),
    ] {
        let token = world.provider.logout_token(&wrong);
        assert_eq!(send(&world, &token).await, 400, "{wrong}");
    }
    let token = world.provider.logout_token(&of_sam());
    let (signed, _) = token.rsplit_once('.').expect("a signature");
    for forged in [
        format!("{signed}.AAAA"),
        format!("{signed}."),
        String::new(),
    ] {
        assert_eq!(send(&world, &forged).await, 400, "{forged}");
    }
    assert_eq!(sam.call_status().await, 200);
    assert_eq!(send(&world, &token).await, 200);
    assert_eq!(sam.call_status().await, 401);
}

#[tokio::test]
async fn a_session_follows_the_one_that_the_provider_has_begun_since() {
    let world = World::set_up(&[("link", "on")]).await;
    let at = |session: &str| {
        let mut sam = person("sam");
        sam["sid"] = json!(session);
        sam
    };
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, at("one")).await;
    let sent = sam.get("/sso/again?next=/settings").await;
    let back = world.provider.signs_in(&sent.to, at("nine"));
    assert_eq!(sam.get(&back).await.to, "/settings");
    for (session, status) in [("one", 200), ("nine", 401)] {
        let token = json!({ "sub": "subject of sam", "sid": session });
        let token = world.provider.logout_token(&token);
        assert_eq!(send(&world, &token).await, 200, "{session}");
        assert_eq!(sam.call_status().await, status, "{session}");
    }
}
