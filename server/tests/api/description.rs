//! The OpenAPI document and its page.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::integrator::{EVERYTHING, Integrator};
use crate::support::Host;

async fn document(host: &Host) -> Value {
    let nobody = Integrator {
        host,
        secret: String::new(),
    };
    nobody.get("/api/v1/openapi.json").await.ok()
}

#[tokio::test]
async fn the_document_lists_every_route_of_the_program() {
    let host = Host::start().await;
    let document = document(&host).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut listed = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            listed.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    // What answers everything that is no route, and what leads to the page.
    let beside = ["GET /api/v1", "ANY /api/v1/", "ANY /api/v1/{*rest}"].map(str::to_owned);
    let routes = host.routes().await;
    let routes = routes
        .into_iter()
        .filter(|route| route.contains(" /api/v1"));
    let routes: BTreeSet<String> = routes.filter(|route| !beside.contains(route)).collect();
    assert_eq!(
        listed, routes,
        "the document (left) and the program disagree"
    );
}

/// Every `$ref` of the document.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str().filter(|_| name == "$ref") {
                    Some(reference) => found.push(reference.to_owned()),
                    None => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_operation_says_what_it_needs_and_what_may_go_wrong() {
    let host = Host::start().await;
    let document = document(&host).await;
    let mut scopes = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let what = format!("{method} {path}");
            let id = operation["operationId"].as_str().expect("an id");
            assert!(ids.insert(id.to_owned()), "{what}");
            assert!(operation["summary"].is_string(), "{what}");
            let Some(scope) = operation["security"][0]["token"][0].as_str() else {
                assert!(
                    path.ends_with("/docs") || path.ends_with("/openapi.json"),
                    "{what}"
                );
                continue;
            };
            scopes.insert(scope.to_owned());
            for status in ["401", "403", "429"] {
                assert!(
                    operation["responses"][status].is_object(),
                    "{what} {status}"
                );
            }
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let keyed = parameters
                .iter()
                .any(|one| one["name"] == "Idempotency-Key");
            assert_eq!(keyed, method == "post", "{what}");
            let bodied = operation["requestBody"].is_object();
            assert_eq!(bodied, operation["responses"]["415"].is_object(), "{what}");
        }
    }
    assert_eq!(scopes, EVERYTHING.map(str::to_owned).into());
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let unknown = &document["components"]["schemas"]["NewWorkitem"]["additionalProperties"];
    assert_eq!(
        unknown,
        &Value::Bool(false),
        "unknown fields are refused, and it says so"
    );
}

#[tokio::test]
async fn the_page_shows_every_operation_and_kind_of_problem_and_loads_nothing_from_elsewhere() {
    let host = Host::start().await;
    let (status, page) = host.nobody().page("/api/v1/docs").await;
    assert_eq!(status, 200);
    let document = document(&host).await;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            assert!(
                page.contains(&format!("{} {path}", method.to_uppercase())),
                "{path}"
            );
            let id = operation["operationId"].as_str().expect("an id");
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }
    let refused = host.nobody().page("/api/v1/users").await.1;
    let refused: Value = serde_json::from_str(&refused).expect("a problem");
    let (_, anchor) = refused["type"]
        .as_str()
        .expect("a type")
        .split_once('#')
        .expect("an anchor");
    assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    for attribute in ["src=\"", "href=\""] {
        for part in page.split(attribute).skip(1) {
            let address = part.split('"').next().expect("an attribute");
            assert!(address.starts_with(['/', '#']), "{address}");
        }
    }
    assert_eq!(host.nobody().status("GET", "/api/v1").await, 303);
}
