//! The page on which administrators set it up.

use super::browser::Browser;
use super::provider::{Mood, SECRET};
use super::world::{PAGE, World, person};

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
