//! Who is not let in, and what they read.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::browser::Browser;
use super::provider::Mood;
use super::world::{World, assert_refused, person};

#[tokio::test]
async fn somebody_whom_sideline_does_not_know_is_told_so() {
    let world = World::set_up(&[]).await;
    for username in ["amy", "nobody", "no name of ours"] {
        let mut browser = Browser::new(&world.host);
        let refused = world.comes(&mut browser, person(username)).await;
        assert_refused(&browser, &refused, "sso_unknown");
        let login = browser.get(&refused.to).await;
        let words = "Sideline does not know you yet";
        assert!(login.body.contains(words), "{}", login.body);
    }
}

#[tokio::test]
async fn a_deactivated_user_stays_outside() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    let ada = world.ada().await;
    for user in ["sam", "amy"] {
        let input = json!({ "user": user, "active": false });
        ada.call("administration/user_activate", input).await.ok();
        let mut browser = Browser::new(&world.host);
        let refused = world.comes(&mut browser, person(user)).await;
        assert_refused(&browser, &refused, "sso_inactive");
    }
    assert_eq!(sam.call_status().await, 401);
}

#[tokio::test]
async fn who_declines_or_comes_too_late_begins_once_more() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    let sent = sam.get("/sso/start").await;
    let declined = world.provider.declines(&sent.to);
    let refused = sam.get(&declined).await;
    assert_refused(&sam, &refused, "sso_declined");

    let back = world.goes(&mut sam, person("sam")).await;
    world.clock.pass_minutes(11);
    let refused = sam.get(&back).await;
    assert_refused(&sam, &refused, "sso_again");
}

#[tokio::test]
async fn a_way_back_counts_once_and_in_its_own_browser() {
    let world = World::set_up(&[("link", "on")]).await;
    let (mut sam, mut other) = (Browser::new(&world.host), Browser::new(&world.host));
    let back = world.goes(&mut sam, person("sam")).await;
    // An attacker's link, in a browser that began nothing, and in one that began something else.
    let refused = other.get(&back).await;
    assert_refused(&other, &refused, "sso_again");
    world.goes(&mut other, person("amy")).await;
    let refused = other.get(&back).await;
    assert_refused(&other, &refused, "sso_again");

    let cookies = sam.cookies.clone();
    assert_eq!(sam.get(&back).await.to, "/dashboard");
    // Even with everything that the browser had: the provider takes the code once.
    let mut thief = Browser::new(&world.host);
    thief.cookies = cookies;
    let refused = thief.get(&back).await;
    assert_refused(&thief, &refused, "sso_again");
}

#[tokio::test]
async fn a_provider_that_says_it_is_another_one_is_not_believed() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    let back = world.goes(&mut sam, person("sam")).await;
    let (before, _) = back.split_once("&iss=").expect("it says who it is");
    let refused = sam.get(&format!("{before}&iss=https://evil.example")).await;
    assert_refused(&sam, &refused, "sso_untrusted");
}

#[tokio::test]
async fn a_provider_that_fails_is_named_in_plain_words() {
    let world = World::set_up(&[("link", "on")]).await;
    for mood in [Mood::Failing, Mood::Nonsense, Mood::Silent] {
        let mut sam = Browser::new(&world.host);
        world.provider.is(Mood::Well);
        // What it publishes is remembered for an hour.
        world.clock.pass_minutes(61);
        let back = world.goes(&mut sam, person("sam")).await;
        world.provider.is(mood);
        let reason = match mood {
            Mood::Nonsense => "sso_untrusted",
            _ => "sso_unreachable",
        };
        let refused = sam.get(&back).await;
        assert_refused(&sam, &refused, reason);
        world.clock.pass_minutes(61);
        let refused = sam.get("/sso/start").await;
        assert_refused(&sam, &refused, "sso_unreachable");
    }
}

#[tokio::test]
async fn a_page_of_another_site_uses_up_nobodys_attempts() {
    let world = World::set_up(&[("link", "on")]).await;
    for path in [
        "/sso/start",
        "/sso/again",
        "/sso/callback",
        "/login/passkey",
    ] {
        for _ in 0..101 {
            let picture = Request::get(path)
                .header("sec-fetch-site", "cross-site")
                .header("sec-fetch-mode", "no-cors")
                .header("sec-fetch-dest", "image")
                .body(Body::empty());
            let refused = world.host.request(picture.expect("a request")).await;
            assert_eq!(refused.status(), 403, "{path}");
        }
    }
    let mut sam = Browser::new(&world.host);
    assert_eq!(world.comes(&mut sam, person("sam")).await.to, "/dashboard");
}
