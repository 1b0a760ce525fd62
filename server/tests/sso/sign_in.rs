//! Who is let in, and as whom.

use serde_json::json;

use super::browser::Browser;
use super::provider::{Change, Provider};
use super::world::{SESSION, World, assert_refused, person, person_with};

#[tokio::test]
async fn a_user_whom_the_provider_names_signs_in_and_is_known_from_then_on() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    let login = sam.get("/login").await;
    assert!(login.body.contains("Sign in with Acme"), "{}", login.body);
    let came = world.comes(&mut sam, person("sam")).await;
    assert_eq!((came.status, came.to.as_str()), (303, "/dashboard"));
    assert_eq!(sam.call_status().await, 200);
    assert!(!sam.has("sideline_sign_on"), "the way was gone once");
    // Another name at the provider is no other user: it is the subject that counts.
    let mut again = Browser::new(&world.host);
    let mut renamed = person("sam");
    renamed["preferred_username"] = json!("amy");
    let came = world.comes(&mut again, renamed).await;
    assert_eq!((came.status, came.to.as_str()), (303, "/dashboard"));
}

#[tokio::test]
async fn somebody_goes_on_to_what_they_came_for_and_nowhere_else() {
    let world = World::set_up(&[("link", "on")]).await;
    for (next, lands) in [
        ("/settings", "/settings"),
        ("//evil.example", "/dashboard"),
        ("https://evil.example/", "/dashboard"),
    ] {
        let mut sam = Browser::new(&world.host);
        let sent = sam.get(&format!("/sso/start?next={next}")).await;
        let back = world.provider.signs_in(&sent.to, person("sam"));
        assert_eq!(sam.get(&back).await.to, lands, "{next}");
    }
}

#[tokio::test]
async fn a_user_is_created_at_the_first_sign_in_where_that_is_set() {
    let world = World::set_up(&[("create", "on"), ("role", "supervisor")]).await;
    let mut nina = Browser::new(&world.host);
    let came = world.comes(&mut nina, person("Nina")).await;
    assert_eq!((came.status, came.to.as_str()), (303, "/dashboard"));
    let user = world.user("nina").await.expect("she is there");
    assert_eq!(user["name"], "A Name");
    assert_eq!(user["roles"], json!(["supervisor"]));
    // There is no password that is hers, not even none.
    for password in ["", "sideline-demo"] {
        let mut other = Browser::new(&world.host);
        let refused = other.sign_in("nina", password).await;
        assert!(refused.to.contains("error=credentials"), "{}", refused.to);
    }
    // A user who is there already is not taken by their name.
    let mut amy = Browser::new(&world.host);
    let refused = world.comes(&mut amy, person("amy")).await;
    assert_refused(&amy, &refused, "sso_unknown");
}

#[tokio::test]
async fn a_second_subject_of_one_name_is_somebody_else() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    let mut other = Browser::new(&world.host);
    let mut liar = person("sam");
    liar["sub"] = json!("another subject");
    let refused = world.comes(&mut other, liar).await;
    assert_refused(&other, &refused, "sso_unknown");
}

#[tokio::test]
async fn roles_follow_the_claim_at_each_sign_in() {
    let settings = [("link", "on"), ("create", "on"), ("roles_claim", "roles")];
    let world = World::set_up(&settings).await;
    let mut amy = Browser::new(&world.host);
    let came = world.comes(&mut amy, person_with("amy", &["Supervisor", "staff"]));
    assert_eq!(came.await.to, "/dashboard");
    let roles = world.user("amy").await.expect("her")["roles"].clone();
    assert_eq!(roles, json!(["supervisor"]));
    // The session goes on: it began with these roles.
    assert_eq!(amy.call_status().await, 200);
    let mut again = Browser::new(&world.host);
    let came = world.comes(&mut again, person_with("amy", &["agent", "supervisor"]));
    assert_eq!(came.await.status, 303);
    assert_eq!(amy.call_status().await, 401, "it had other rights");
    // Without any role that there is, nobody comes in.
    for person in [person_with("amy", &["staff"]), person("nina")] {
        let mut browser = Browser::new(&world.host);
        let refused = world.comes(&mut browser, person).await;
        assert_refused(&browser, &refused, "sso_no_role");
    }
    assert!(world.user("nina").await.is_none());
}

#[tokio::test]
async fn the_last_administrator_stays_one_whatever_the_provider_says() {
    let settings = [("link", "on"), ("roles_claim", "roles")];
    let world = World::set_up(&settings).await;
    for claimed in [&["agent"][..], &[]] {
        let mut ada = Browser::new(&world.host);
        let came = world.comes(&mut ada, person_with("ada", claimed)).await;
        assert_eq!(came.status, 303);
        assert!(ada.has(SESSION), "{}", came.to);
        let roles = world.user("ada").await.expect("her")["roles"].clone();
        let roles = roles.as_array().expect("roles").clone();
        assert!(roles.contains(&json!("administrator")), "{roles:?}");
    }
}

#[tokio::test]
async fn where_passwords_are_off_only_who_manages_users_has_one() {
    let world = World::set_up(&[("link", "on"), ("passwords", "off")]).await;
    for password in ["sideline-demo", "a wrong one"] {
        let mut amy = Browser::new(&world.host);
        let refused = amy.sign_in("amy", password).await;
        assert_refused(&amy, &refused, "sso_only");
    }
    let mut amy = Browser::new(&world.host);
    let login = amy.get("/login").await;
    assert!(login.body.contains("Use a password instead"));
    assert_eq!(world.comes(&mut amy, person("amy")).await.to, "/workspace");
    // Ada repairs it.
    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    assert!(ada.has(SESSION));
    let off = world.act(&mut ada, "off").await;
    assert!(off.body.contains("Switched off"), "{}", off.body);
    let mut amy = Browser::new(&world.host);
    amy.sign_in("amy", "sideline-demo").await;
    assert!(amy.has(SESSION));
}

#[tokio::test]
async fn a_browser_that_the_provider_lets_pass_has_proved_nothing() {
    let world = World::set_up(&[("link", "on")]).await;
    let create = || json!({ "username": "eve", "name": "Eve", "roles": ["administrator"], "password": "a long password" });
    let old: Change = |_, claims| {
        let now = claims["auth_time"].as_i64().unwrap_or_default();
        claims["auth_time"] = json!(now - 3_600);
    };
    let unsaid: Change = |_, claims| claims["auth_time"] = json!(null);
    let right: Change = |_, _| {};
    for (change, status) in [(old, 422), (unsaid, 422), (right, 200)] {
        world.provider.changes(change);
        let mut ada = Browser::new(&world.host);
        world.comes(&mut ada, person("ada")).await;
        let made = ada.call("administration/user_create", create()).await;
        assert_eq!(made, status);
    }
}

#[tokio::test]
async fn a_fresh_sign_in_at_the_provider_is_a_proof() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut ada = Browser::new(&world.host);
    world.comes(&mut ada, person("ada")).await;
    world.clock.pass_minutes(16);
    let create = || json!({ "username": "eve", "name": "Eve", "roles": ["administrator"], "password": "a long password" });
    let asked = ada.call("administration/user_create", create()).await;
    assert_eq!(asked, 422, "it asks for a proof");
    let page = ada.get("/admin/tokens").await;
    assert!(
        page.body.contains("Sign in again with Acme"),
        "{}",
        page.body
    );
    let sent = ada.get("/sso/again?next=/admin/tokens").await;
    assert!(Provider::asks_again(&sent.to), "{}", sent.to);
    // Somebody else proves nothing for her.
    let back = world.provider.signs_in(&sent.to, person("sam"));
    let refused = ada.get(&back).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("is not the one who"),
        "{}",
        refused.body
    );
    assert_eq!(ada.call("administration/user_create", create()).await, 422);
    let sent = ada.get("/sso/again?next=/admin/tokens").await;
    let back = world.provider.signs_in(&sent.to, person("ada"));
    assert_eq!(ada.get(&back).await.to, "/admin/tokens");
    assert_eq!(ada.call("administration/user_create", create()).await, 200);
}
