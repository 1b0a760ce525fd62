//! Users whom a provider has sent by SCIM sign in there.

use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::browser::Browser;
use super::support::bearer::token;
use super::world::{SESSION, World, assert_refused, person};

/// The provider's other half, by its token.
struct Scim<'a> {
    world: &'a World,
    secret: String,
}

impl<'a> Scim<'a> {
    async fn connected(world: &'a World) -> Self {
        Self {
            world,
            secret: token(&world.host, "Acme", &["users:write"], "").await,
        }
    }

    async fn answer(&self, method: Method, path: &str, body: &Value) -> Response<Body> {
        let request = Request::builder()
            .method(method)
            .uri(["/scim/v2/Users", path].concat())
            .header(AUTHORIZATION, format!("Bearer {}", self.secret))
            .header(CONTENT_TYPE, "application/scim+json")
            .body(Body::from(body.to_string()));
        self.world.host.request(request.expect("a request")).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Value {
        let answer = self.answer(method, path, body).await;
        assert!(answer.status().is_success(), "{}", answer.status());
        let body = to_bytes(answer.into_body(), 1 << 20).await;
        serde_json::from_slice(&body.expect("a body")).unwrap_or_default()
    }

    /// Creates a user: their id.
    async fn create(&self, name: &str) -> String {
        let user = json!({ "userName": name });
        let made = self.send(Method::POST, "", &user).await;
        made["id"].as_str().expect("an id").to_owned()
    }
}

/// The id of the user as whom somebody comes in.
async fn comes_as(world: &World, somebody: Value) -> String {
    let mut browser = Browser::new(&world.host);
    let came = world.comes(&mut browser, somebody).await;
    assert_eq!((came.status, came.to.as_str()), (303, "/workspace"));
    let session = hex::encode(Sha256::digest(&browser.cookies[SESSION]));
    let rows = world.host.desk.store().snapshot().await;
    let user = rows.expect("the store").session_user(&session).await;
    user.expect("the store").expect("a session").to_string()
}

#[tokio::test]
async fn a_user_signs_in_as_whom_the_provider_has_sent_them() {
    let world = World::set_up(&[("link", "on")]).await;
    let scim = Scim::connected(&world).await;
    let nora = scim.create("Nora@example.com").await;
    let other = scim.create("nora@example.org").await;
    // One whose name is the username that was made for the first.
    let short = scim.create("nora").await;
    for (name, user) in [
        ("nora@EXAMPLE.com", &nora),
        ("nora@example.org", &other),
        ("nora", &short),
    ] {
        assert_eq!(&comes_as(&world, person(name)).await, user, "{name}");
    }
    // Another name is no other user: the subject counts.
    let mut renamed = person("nora@EXAMPLE.com");
    renamed["preferred_username"] = json!("nora@example.org");
    assert_eq!(comes_as(&world, renamed).await, nora);
}

#[tokio::test]
async fn a_username_that_was_made_of_a_name_is_no_name_at_the_provider() {
    let world = World::set_up(&[("link", "on"), ("create", "on"), ("role", "agent")]).await;
    let scim = Scim::connected(&world).await;
    scim.create("nora@example.com").await;
    let mut browser = Browser::new(&world.host);
    let refused = world.comes(&mut browser, person("nora")).await;
    assert_refused(&browser, &refused, "sso_unknown");
}

#[tokio::test]
async fn who_is_created_once_more_is_linked_once_more() {
    let world = World::set_up(&[("link", "on")]).await;
    let scim = Scim::connected(&world).await;
    let nora = scim.create("nora@example.com").await;
    let mut before = person("nora@example.com");
    before["sub"] = json!("the subject of before");
    assert_eq!(comes_as(&world, before.clone()).await, nora);
    let path = ["/", nora.as_str()].concat();
    scim.send(Method::DELETE, &path, &json!({})).await;
    let mut browser = Browser::new(&world.host);
    let refused = world.comes(&mut browser, before.clone()).await;
    assert_refused(&browser, &refused, "sso_inactive");
    assert_eq!(scim.create("nora@example.com").await, nora);
    // The name has gone to somebody else meanwhile, or the provider has made the same one a new subject.
    assert_eq!(comes_as(&world, person("nora@example.com")).await, nora);
    let refused = world.comes(&mut browser, before).await;
    assert_refused(&browser, &refused, "sso_unknown");
}

#[tokio::test]
async fn an_administrator_whom_the_provider_has_sent_counts_once_they_have_come_in() {
    let world = World::set_up(&[("link", "on")]).await;
    let scim = Scim::connected(&world).await;
    let olga = json!({ "userName": "olga", "roles": ["administrator"] });
    scim.send(Method::POST, "", &olga).await;
    // She has neither a password nor a link yet: ada is the last one.
    let agent = json!({ "userName": "ada", "roles": ["agent"] });
    let refused = scim.answer(Method::PUT, "/ada", &agent).await;
    assert_eq!(refused.status(), 409);

    let mut browser = Browser::new(&world.host);
    let came = world.comes(&mut browser, person("olga")).await;
    assert!(came.to.starts_with("/admin"), "{}", came.to);
    let changed = scim.send(Method::PUT, "/ada", &agent).await;
    assert_eq!(changed["roles"], json!([{ "value": "agent" }]));
}

#[tokio::test]
async fn without_linking_nobody_is_taken_for_a_user_by_their_name() {
    let world = World::set_up(&[]).await;
    let scim = Scim::connected(&world).await;
    scim.create("nora@example.com").await;
    let mut browser = Browser::new(&world.host);
    let refused = world.comes(&mut browser, person("nora@example.com")).await;
    assert_refused(&browser, &refused, "sso_unknown");
}

#[tokio::test]
async fn a_name_that_only_looks_like_a_users_is_not_taken_for_theirs() {
    let world = World::set_up(&[("link", "on")]).await;
    let scim = Scim::connected(&world).await;
    let zoe = scim.create("zo\u{EB}.n@x").await;
    for name in ["ａｍｙ", "zo\u{EB}.n@ｘ"] {
        let mut browser = Browser::new(&world.host);
        let refused = world.comes(&mut browser, person(name)).await;
        assert_refused(&browser, &refused, "sso_unknown");
    }
    assert_eq!(comes_as(&world, person("ZOE\u{308}.n@x")).await, zoe);
}
