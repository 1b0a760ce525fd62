//! The page on which administrators set it up.

use serde_json::json;

use super::browser::Browser;
use super::provider::{Mood, SECRET};
use super::world::{PAGE, SESSION, World, person};

#[tokio::test]
async fn an_administrator_sets_it_up_and_nobody_reads_the_secret_again() {
    let world = World::new().await;
    let mut nobody = Browser::new(&world.host);
    let refused = nobody.get("/sso/start").await;
    assert!(refused.to.contains("error=sso_again"), "{}", refused.to);
    assert!(!nobody.get("/login").await.body.contains("/sso/start"));

    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    let empty = ada.get(PAGE).await;
    for address in ["/sso/callback", "/sso/back-channel-logout"] {
        let shown = format!("https://desk.example.com{address}");
        assert!(empty.body.contains(&shown), "{}", empty.body);
    }
    let saved = world.save(&mut ada, &[]).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    assert!(!saved.body.contains(SECRET));
    let checked = world.act(&mut ada, "check").await;
    assert!(
        checked.body.contains("The provider answers"),
        "{}",
        checked.body
    );
    // It is off until she switches it on.
    assert!(!nobody.get("/login").await.body.contains("/sso/start"));
    assert_eq!(world.act(&mut ada, "on").await.status, 200);
    assert!(nobody.get("/login").await.body.contains("/sso/start"));
    let removed = world.act(&mut ada, "delete").await;
    assert!(removed.body.contains("Removed"), "{}", removed.body);
    assert!(!nobody.get("/login").await.body.contains("/sso/start"));
}

#[tokio::test]
async fn what_is_wrong_with_a_provider_is_said_in_plain_words() {
    let world = World::set_up(&[]).await;
    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    for (mood, words) in [
        (Mood::Failing, "cannot be reached"),
        (Mood::Nonsense, "publishes no document"),
        (Mood::Silent, "did not answer in time"),
    ] {
        world.provider.is(mood);
        let checked = world.act(&mut ada, "check").await;
        assert_eq!(checked.status, 422);
        assert!(checked.body.contains(words), "{mood:?}: {}", checked.body);
    }
    for (issuer, words) in [
        ("login.example.com", "is not a valid address"),
        ("http://login.example.com", "begin with https://"),
        ("https://10.0.0.1", "network that is not public"),
        ("https://login.example.com/?a=b", "is not a valid address"),
    ] {
        let fields = [("issuer", issuer), ("version", "1")];
        let refused = world.save(&mut ada, &fields).await;
        assert_eq!(refused.status, 422, "{issuer}");
        assert!(refused.body.contains(words), "{issuer}: {}", refused.body);
        assert!(!refused.body.contains(SECRET), "{issuer}");
    }
}

#[tokio::test]
async fn u21_everything_that_is_wrong_with_a_provider_is_named_at_its_field() {
    let world = World::new().await;
    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    let wrong = [
        ("name", ""),
        ("issuer", "login.example.com"),
        ("client_id", "desk"),
        ("secret", ""),
        ("username_claim", " "),
        ("create", "on"),
    ];
    let refused = world.save(&mut ada, &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let lines = refused.body.split("id=\"refused-").skip(1);
    let named: Vec<_> = lines.map(|line| line.split('"').next()).collect();
    let fields = ["name", "issuer", "secret", "username_claim", "roles"];
    assert_eq!(named, fields.map(Some), "{}", refused.body);
    assert_eq!(refused.body.matches(" autofocus").count(), 1);
    for typed in ["value=\"login.example.com\"", "value=\"desk\""] {
        assert!(refused.body.contains(typed), "{typed}: {}", refused.body);
    }
    let page = ada.get(PAGE).await.body;
    assert!(!page.contains("id=\"standing\""), "nothing is stored");
}

#[tokio::test]
async fn another_provider_does_not_get_the_secret_of_the_one_before() {
    let world = World::set_up(&[]).await;
    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    let version = ("version", "1");
    let other = [
        ("issuer", "https://login.example.com"),
        ("secret", ""),
        version,
    ];
    let refused = world.save(&mut ada, &other).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("Client secret: "), "{}", refused.body);
    // The same one keeps it.
    let kept = world
        .save(&mut ada, &[("secret", ""), ("link", "on"), version])
        .await;
    assert_eq!(kept.status, 200, "{}", kept.body);
    let mut sam = Browser::new(&world.host);
    assert_eq!(world.comes(&mut sam, person("sam")).await.to, "/dashboard");
    // Who started from what is gone by now saves over nothing.
    let late = world.save(&mut ada, &[version]).await;
    assert_eq!(late.status, 422, "{}", late.body);
    let now = "Link to the user with that username: now “On”.";
    assert!(late.body.contains(now), "{}", late.body);
}

#[tokio::test]
async fn a_form_that_was_refused_and_is_sent_again_overwrites_nothing_of_another_tab() {
    let world = World::set_up(&[]).await;
    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    let mistaken = [("issuer", "login.example.com"), ("version", "1")];
    assert_eq!(world.save(&mut ada, &mistaken).await.status, 422);
    let elsewhere = [("secret", ""), ("link", "on"), ("version", "1")];
    assert_eq!(world.save(&mut ada, &elsewhere).await.status, 200);
    let refused = world.save(&mut ada, &mistaken).await;
    let kept = r#"name="version" value="1""#;
    assert!(refused.body.contains(kept), "{}", refused.body);
}

#[tokio::test]
async fn what_happened_stands_in_the_audit_log_and_no_token_does() {
    let world = World::set_up(&[("link", "on")]).await;
    let mut sam = Browser::new(&world.host);
    world.comes(&mut sam, person("sam")).await;
    let mut nobody = Browser::new(&world.host);
    world.comes(&mut nobody, person("nobody")).await;
    let ada = world.ada().await;
    let (status, rows) = ada.page("/admin/audit/export?format=jsonl").await;
    assert_eq!(status, 200);
    for act in [
        "sign_on_save",
        "sign_on_activate",
        "sign_on_link",
        "sign_on_refused",
        "sign_in",
    ] {
        assert!(rows.contains(act), "{act}: {rows}");
    }
    for secret in [SECRET, "access-", "code-"] {
        assert!(!rows.contains(secret), "{secret}: {rows}");
    }
}

#[tokio::test]
async fn an_address_that_a_provider_publishes_and_nothing_is_sent_to_is_named() {
    let world = World::set_up(&[]).await;
    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    for (name, place, words) in [
        ("token_endpoint", "http://10.0.0.1/", "names an address"),
        ("userinfo_endpoint", "http://10.0.0.1/", "names an address"),
        ("jwks_uri", "http://10.0.0.1/", "names an address"),
        (
            "token_endpoint",
            "https://10.0.0.1/",
            "network that is not public",
        ),
        (
            "jwks_uri",
            "https://10.0.0.1/",
            "network that is not public",
        ),
    ] {
        let mut more = json!({});
        more[name] = json!(place);
        world.provider.publishes(more);
        let checked = world.act(&mut ada, "check").await;
        assert_eq!(checked.status, 422, "{name} {place}");
        assert!(checked.body.contains(words), "{name}: {}", checked.body);
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_does_not_become_the_only_way_in() {
    let world = World::new().await;
    let mut ada = Browser::new(&world.host);
    ada.sign_in("ada", "sideline-demo").await;
    let only = world.save(&mut ada, &[("passwords", "off")]).await;
    assert_eq!(only.status, 200, "{}", only.body);
    world.provider.is(Mood::Failing);
    let refused = world.act(&mut ada, "on").await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("cannot be reached"),
        "{}",
        refused.body
    );
    let mut amy = Browser::new(&world.host);
    amy.sign_in("amy", "sideline-demo").await;
    assert!(amy.has(SESSION), "she signs in as before");

    // Nor does it when it is on already.
    let both = world.save(&mut ada, &[("version", "0")]).await;
    assert_eq!(both.status, 200, "{}", both.body);
    let on = world.act(&mut ada, "on").await;
    assert_eq!(on.status, 200, "{}", on.body);
    let off = [("passwords", "off"), ("version", "2")];
    assert_eq!(world.save(&mut ada, &off).await.status, 422);
    world.provider.is(Mood::Well);
    let saved = world.save(&mut ada, &off).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
}
