//! What is refused, in SCIM's own form: without the right, and in another shape.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::provider::Provider;
use super::support::Host;
use super::support::bearer::send;

/// Every operation, with a body where it takes one.
fn operations() -> Vec<(Method, &'static str, Option<Value>)> {
    let patch = json!({ "Operations": [{ "op": "replace", "path": "active", "value": true }] });
    vec![
        (Method::GET, "/ServiceProviderConfig", None),
        (Method::GET, "/ResourceTypes", None),
        (Method::GET, "/ResourceTypes/User", None),
        (Method::GET, "/Schemas", None),
        (Method::GET, "/Schemas/x", None),
        (Method::GET, "/Users", None),
        (Method::GET, "/Groups", None),
        (Method::POST, "/.search", Some(json!({}))),
        (Method::POST, "/Users/.search", Some(json!({}))),
        (Method::POST, "/Users", Some(json!({ "userName": "nora" }))),
        (Method::GET, "/Users/amy", None),
        (
            Method::PUT,
            "/Users/amy",
            Some(json!({ "userName": "amy" })),
        ),
        (Method::PATCH, "/Users/amy", Some(patch)),
        (Method::DELETE, "/Users/amy", None),
    ]
}

#[tokio::test]
async fn every_operation_needs_a_token_of_all_teams_with_the_scope() {
    let host = Host::start().await;
    let stranger = Provider {
        host: &host,
        secret: "slt_none".to_owned(),
    };
    let reader = Provider::with(&host, &["users:read", "teams:read"], "").await;
    let team = Provider::with(&host, &["users:write"], "care").await;
    for (method, path, body) in operations() {
        for (provider, status) in [(&stranger, 401), (&reader, 403), (&team, 404)] {
            let refused = provider.send(method.clone(), path, body.clone()).await;
            assert_eq!(refused.error(), (status, ""), "{method} {path}");
            let names = refused.text.contains("users:write");
            assert_eq!(names, status == 403, "{}", refused.text);
        }
    }
    let connected = Provider::connected(&host).await;
    assert!(connected.found("userName eq \"nora\"").await.is_empty());
    assert_eq!(connected.get("/Users/amy").await.ok()["active"], true);
    // What is asked with a cookie is nobody's.
    let ada = host.sign_in("ada").await;
    assert_eq!(ada.status("GET", "/scim/v2/Users").await, 401);
}

#[tokio::test]
async fn what_is_wrong_has_a_name() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    for (query, scim_type) in [
        ("filter=shoeSize+eq+42", "invalidFilter"),
        ("filter=userName+eq+amy", "invalidFilter"),
        ("filter=", "invalidFilter"),
        ("filter=(active+eq+true", "invalidFilter"),
        ("filter=not+active+eq+true", "invalidFilter"),
        ("count=many", "invalidValue"),
        ("startIndex=1.5", "invalidValue"),
        ("attributes=id&excludedAttributes=meta", "invalidValue"),
    ] {
        let refused = provider.get(&format!("/Users?{query}")).await;
        assert_eq!(refused.error(), (400, scim_type), "{query}");
    }
    for (user, scim_type) in [
        (json!({}), "invalidValue"),
        (json!({ "userName": "" }), "invalidValue"),
        (json!({ "userName": 7 }), "invalidValue"),
        (json!({ "userName": "n".repeat(255) }), "invalidValue"),
        (
            json!({ "userName": "nora", "displayName": "n".repeat(81) }),
            "invalidValue",
        ),
        (
            json!({ "userName": "nora", "externalId": "n".repeat(256) }),
            "invalidValue",
        ),
        (
            json!({ "userName": "nora", "roles": ["king"] }),
            "invalidValue",
        ),
        (
            json!({ "userName": "nora", "active": "maybe" }),
            "invalidValue",
        ),
        (json!([]), "invalidSyntax"),
        (json!("nora"), "invalidSyntax"),
    ] {
        let refused = provider.post("/Users", user.clone()).await;
        assert_eq!(refused.error(), (400, scim_type), "{user}");
    }
    for (operation, scim_type) in [
        (json!({ "op": "shake", "path": "active" }), "invalidSyntax"),
        (
            json!({ "op": "add", "path": "shoeSize", "value": 42 }),
            "invalidPath",
        ),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "remove", "path": "userName" }), "mutability"),
        (
            json!({ "op": "replace", "path": "id", "value": "ben" }),
            "mutability",
        ),
        (
            json!({ "op": "remove", "path": "roles", "value": ["agent"] }),
            "invalidValue",
        ),
    ] {
        let refused = provider.patch("/Users/amy", operation.clone()).await;
        assert_eq!(refused.error(), (400, scim_type), "{operation}");
    }
    let many = vec![json!({ "op": "replace", "path": "active", "value": true }); 101];
    let body = json!({ "Operations": many });
    let refused = provider.send(Method::PATCH, "/Users/amy", Some(body)).await;
    assert_eq!(refused.error(), (400, "tooMany"));
}

#[tokio::test]
async fn what_no_route_takes_is_refused_in_the_same_form() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let large = json!({ "userName": "nora", "title": "x".repeat(70_000) });
    for (method, path, body, status) in [
        (Method::GET, "/nothing", None, 404),
        (Method::GET, "/Users/nobody", None, 404),
        (Method::GET, "/Users/no%20id", None, 404),
        (Method::GET, "/Schemas/nothing", None, 404),
        (Method::GET, "/ResourceTypes/Group", None, 404),
        (Method::POST, "/Schemas", Some(json!({})), 405),
        (Method::DELETE, "/Users", None, 405),
        (Method::POST, "/Users", Some(large), 413),
        (Method::POST, "/Users", None, 415),
    ] {
        let refused = provider.send(method.clone(), path, body).await;
        assert_eq!(refused.error(), (status, ""), "{method} {path}");
    }
    for (kind, body, error) in [
        ("text/plain", "{}", (415, "")),
        ("application/json", "{", (400, "invalidSyntax")),
        ("application/scim+json", "", (400, "invalidSyntax")),
        (
            "application/scim+json",
            r#"{ "userName": "nora", "userName": "ada" }"#,
            (400, "invalidSyntax"),
        ),
        (
            "application/scim+json",
            r#"{ "userName": "nora", "USERNAME": "ada" }"#,
            (400, "invalidSyntax"),
        ),
        (
            "application/scim+json",
            r#"{ "userName": "nora", "name": { "formatted": "A", "Formatted": "B" } }"#,
            (400, "invalidSyntax"),
        ),
    ] {
        let request = Request::post("/scim/v2/Users")
            .header(header::AUTHORIZATION, format!("Bearer {}", provider.secret))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body));
        let refused = send(&host, request.expect("a request")).await;
        assert_eq!(refused.error(), error, "{kind} {body}");
    }
}
