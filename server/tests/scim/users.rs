//! Users come, change and go as the provider says, by the rules of the page of users.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::provider::{Provider, USER, address};
use super::support::bearer::send;
use super::support::{Host, key};

/// Rows of the audit log about an act, the newest first.
async fn audited(host: &Host, act: &str) -> Vec<Value> {
    let ada = host.sign_in("ada").await;
    let query = json!({ "query": {
        "from": "", "to": "", "user": "", "act": act, "object": "", "outcome": "", "before": "" } });
    let page = ada.call("audit/audit_list", query).await.ok();
    page["rows"].as_array().expect("rows").clone()
}

/// Where a sign-in by the form leads; nothing: it is refused.
async fn signs_in(host: &Host, username: &str, password: &str) -> Option<String> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("username", username)
        .append_pair("password", password)
        .finish();
    let request = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form));
    let answer = host.request(request.expect("a request")).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let to = answer.headers()[header::LOCATION].to_str().expect("text");
    // Back to the form, which says why.
    (!to.starts_with("/login?")).then(|| to.to_owned())
}

#[tokio::test]
async fn a_provider_creates_a_user_and_finds_them_again() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let made = provider
        .create(json!({
            "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
            "externalId": "00u1",
            "userName": "Nora.North@example.com",
            "name": { "givenName": "Nora", "familyName": "North" },
            "emails": [{ "value": "nora.north@example.com", "primary": true }],
            "password": "chosen by the provider",
            "active": true,
        }))
        .await;
    let path = address(&made);
    assert_eq!(made["userName"], "Nora.North@example.com");
    assert_eq!(made["displayName"], "Nora North");
    assert_eq!(made["roles"], json!([{ "value": "agent" }]));
    assert_eq!(made.get("emails"), None);
    assert_eq!(provider.get(&path).await.ok(), made);
    for filter in [
        "userName eq \"nora.NORTH@example.com\"",
        "externalId eq \"00u1\"",
        "active eq true and externalId eq \"00u1\"",
        "displayName sw \"nora\" and roles eq \"agent\"",
    ] {
        assert_eq!(
            provider.found(filter).await,
            std::slice::from_ref(&made),
            "{filter}"
        );
    }
    for filter in [
        "userName eq \"nora\"",
        "externalId eq \"00U1\"",
        "active eq false and externalId eq \"00u1\"",
    ] {
        assert!(provider.found(filter).await.is_empty(), "{filter}");
    }
    // Those whom administrators made are found by their username.
    provider.named("amy").await;
    // The newest row: the demo's people were created before.
    let rows = audited(&host, "user_create").await;
    let row = &rows[0];
    assert_eq!((&row["actor"], &row["about"]), (&Value::Null, &made["id"]));
    let by_token = |change: &Value| change["field"] == "token" && change["is"].is_string();
    assert!(
        row["changes"]
            .as_array()
            .expect("changes")
            .iter()
            .any(by_token)
    );
}

#[tokio::test]
async fn nobody_knows_the_password_of_a_new_user_until_an_administrator_sets_one() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let user = json!({ "userName": "nora@example.com", "password": "chosen by the provider" });
    let made = provider.create(user).await;
    let password = "a long password";
    for tried in ["chosen by the provider", "", password] {
        assert_eq!(signs_in(&host, "nora", tried).await, None, "{tried}");
    }
    let ada = host.sign_in("ada").await;
    let reset = json!({ "key": key(), "user": made["id"], "password": password });
    ada.call("administration/user_password_reset", reset)
        .await
        .ok();
    let to = signs_in(&host, "nora", password)
        .await
        .expect("she is let in");
    assert!(to.starts_with("/login/step"), "{to}");
}

#[tokio::test]
async fn entra_and_okta_change_a_user() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let made = provider.create(json!({ "userName": "nora" })).await;
    let path = address(&made);
    for (operation, field, is) in [
        (
            json!({ "op": "Replace", "path": "displayName", "value": "Nora" }),
            "displayName",
            json!("Nora"),
        ),
        (
            json!({ "op": "Add", "path": "name.formatted", "value": "Nora North" }),
            "displayName",
            json!("Nora North"),
        ),
        (
            json!({ "op": "Add", "path": "externalId", "value": "00u1" }),
            "externalId",
            json!("00u1"),
        ),
        (
            json!({ "op": "remove", "path": "externalId" }),
            "externalId",
            Value::Null,
        ),
        (
            json!({ "op": "replace", "path": "userName", "value": "nora@example.com" }),
            "userName",
            json!("nora@example.com"),
        ),
        (
            json!({ "op": "add", "path": "roles", "value": [{ "value": "supervisor" }] }),
            "roles",
            json!([{ "value": "agent" }, { "value": "supervisor" }]),
        ),
        (
            json!({ "op": "remove", "path": "roles[value eq \"agent\"]" }),
            "roles",
            json!([{ "value": "supervisor" }]),
        ),
        (
            json!({ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Agent" }),
            "roles",
            json!([{ "value": "agent" }]),
        ),
        (
            json!({ "op": "Replace", "path": "active", "value": "False" }),
            "active",
            json!(false),
        ),
        (
            json!({ "op": "replace", "value": { "active": true } }),
            "active",
            json!(true),
        ),
    ] {
        let changed = provider.patch(&path, operation.clone()).await.ok();
        assert_eq!(changed[field], is, "{operation}");
        assert_eq!(provider.get(&path).await.ok(), changed, "{operation}");
    }
}

#[tokio::test]
async fn a_provider_changes_only_the_version_that_it_has_seen() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let made = provider.post("/Users", json!({ "userName": "nora" })).await;
    let seen = made.header("etag").to_owned();
    let made = made.ok();
    assert!(seen.starts_with("W/\""), "{seen}");
    assert_eq!(made["meta"]["version"], seen);
    let found = provider.found("userName eq \"nora\"").await;
    assert_eq!(found[0]["meta"]["version"], seen);
    let path = address(&made);
    for (known, status) in [(&seen[..], 304), ("*", 304), ("W/\"another\"", 200)] {
        let headers = [("if-none-match", known)];
        let asked = provider.send_with(Method::GET, &path, &headers, None).await;
        assert_eq!((asked.status, asked.header("etag")), (status, &seen[..]));
        assert_eq!(asked.text.is_empty(), status == 304, "{known}");
    }

    let if_match = async |version: &str, method: Method, body: Option<Value>| {
        let headers = [("if-match", version)];
        provider.send_with(method, &path, &headers, body).await
    };
    let named = |name: &str| Some(json!({ "userName": "nora", "displayName": name }));
    let changed = if_match(&seen, Method::PUT, named("Nora")).await;
    let now = changed.header("etag").to_owned();
    assert_ne!(now, seen);
    assert_eq!(changed.ok()["meta"]["version"], now);
    let off = json!({ "op": "replace", "path": "active", "value": false });
    let off = Some(json!({ "Operations": [off] }));
    for (method, body) in [
        (Method::PUT, named("Late")),
        (Method::PATCH, off.clone()),
        (Method::DELETE, None),
    ] {
        let late = if_match(&seen, method.clone(), body).await;
        assert_eq!(late.error(), (412, ""), "{method}");
    }
    assert_eq!(provider.get(&path).await.header("etag"), now);

    // Meanwhile an administrator deactivates her.
    let ada = host.sign_in("ada").await;
    let act = json!({ "key": key(), "user": made["id"], "active": false });
    ada.call("administration/user_activate", act).await.ok();
    let late = if_match(&now, Method::PATCH, off).await;
    assert_eq!(late.error(), (412, ""));
    assert_eq!(if_match("*", Method::DELETE, None).await.status, 204);
}

#[tokio::test]
async fn a_replacement_leaves_what_it_does_not_name() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let user = json!({ "userName": "nora", "externalId": "00u1", "roles": ["supervisor"] });
    let path = address(&provider.create(user).await);
    let user = json!({ "userName": "nora@example.com", "displayName": "Nora", "id": "another" });
    let changed = provider.put(&path, user.clone()).await.ok();
    assert_eq!(changed["userName"], "nora@example.com");
    assert_eq!(changed["displayName"], "Nora");
    assert_eq!(changed["externalId"], "00u1");
    assert_eq!(changed["roles"], json!([{ "value": "supervisor" }]));
    assert_eq!(changed["active"], true);
    let rows = audited(&host, "user_update").await.len();
    assert_eq!(provider.put(&path, user).await.ok(), changed);
    let same = json!({ "op": "replace", "path": "displayName", "value": "Nora" });
    assert_eq!(provider.patch(&path, same).await.ok(), changed);
    assert_eq!(audited(&host, "user_update").await.len(), rows);
}

#[tokio::test]
async fn who_is_deactivated_is_signed_out_and_their_work_goes_back() {
    let host = Host::start().await;
    let scopes = ["users:write", "workitems:read"];
    let provider = Provider::with(&host, &scopes, "").await;
    let amy = host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let mut live = amy.live().await;
    let path = provider.named("amy").await;
    let off = json!({ "op": "Replace", "path": "active", "value": "False" });
    let changed = provider.patch(&path, off).await.ok();
    assert_eq!(changed["active"], false);
    live.closed_with().await;
    let directory = amy.call("directory/desk_load", json!({})).await;
    assert_eq!(directory.status, 401);
    assert_eq!(signs_in(&host, "amy", "sideline-demo").await, None);
    let workitem = Request::get(format!("/api/v1/workitems/{chat}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", provider.secret))
        .body(Body::empty());
    let workitem = send(&host, workitem.expect("a request")).await;
    assert_eq!(workitem.status, 200, "{}", workitem.text);
    assert_ne!(workitem.body["agent"]["id"], "amy", "{}", workitem.text);
    let on = json!({ "op": "replace", "value": { "active": true } });
    provider.patch(&path, on).await.ok();
    host.sign_in("amy").await;
}

#[tokio::test]
async fn who_is_deleted_is_nowhere_until_the_provider_creates_them_once_more() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let amy = host.sign_in("amy").await;
    let path = provider.named("amy").await;
    assert_eq!(provider.delete(&path).await.status, 204);
    assert_eq!(amy.call("directory/desk_load", json!({})).await.status, 401);
    assert_eq!(provider.get(&path).await.error(), (404, ""));
    assert_eq!(provider.delete(&path).await.error(), (404, ""));
    let on = json!({ "op": "replace", "value": { "active": true } });
    assert_eq!(provider.patch(&path, on).await.error(), (404, ""));
    assert!(provider.found("userName eq \"amy\"").await.is_empty());
    assert!(provider.found("id eq \"amy\"").await.is_empty());
    let again = provider
        .create(json!({ "userName": "AMY", "displayName": "Amy Again" }))
        .await;
    assert_eq!(address(&again), path);
    assert_eq!(again["displayName"], "Amy Again");
    // What she signed in with before may be in other hands by now.
    assert_eq!(signs_in(&host, "amy", "sideline-demo").await, None);
}

#[tokio::test]
async fn who_was_deleted_is_found_when_an_administrator_activates_them() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let path = provider.named("amy").await;
    assert_eq!(provider.delete(&path).await.status, 204);
    let ada = host.sign_in("ada").await;
    let on = json!({ "key": key(), "user": "amy", "active": true });
    ada.call("administration/user_activate", on).await.ok();
    assert_eq!(provider.get(&path).await.ok()["active"], true);
    // From then on they are a user as any other.
    let off = json!({ "op": "replace", "path": "active", "value": false });
    provider.patch(&path, off).await.ok();
    assert_eq!(provider.get(&path).await.ok()["active"], false);
}

#[tokio::test]
async fn one_name_is_one_users() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let nora = json!({ "userName": "nora@example.com" });
    let made = provider.create(nora).await;
    for name in ["Nora@Example.com", "amy", "AMY"] {
        let refused = provider.post("/Users", json!({ "userName": name })).await;
        assert_eq!(refused.error(), (409, "uniqueness"), "{name}");
    }
    let rename = json!({ "op": "replace", "path": "userName", "value": "Amy" });
    let refused = provider.patch(&address(&made), rename).await;
    assert_eq!(refused.error(), (409, "uniqueness"));
    // Two whom a username could not tell apart.
    let other = provider
        .create(json!({ "userName": "nora@example.org" }))
        .await;
    assert_ne!(other["id"], made["id"]);
    provider
        .create(json!({ "userName": "amy@example.com" }))
        .await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    // The demo has more than one.
    let administrators = "roles eq \"administrator\" and active eq true";
    let mut last = Vec::new();
    for user in provider.found(administrators).await {
        match user["userName"] == "ada" {
            true => last.push(address(&user)),
            false => assert_eq!(provider.delete(&address(&user)).await.status, 204),
        }
    }
    let [ada] = &last[..] else {
        panic!("ada is there");
    };
    let off = json!({ "op": "replace", "path": "active", "value": false });
    let agent = json!({ "op": "replace", "path": "roles", "value": ["agent"] });
    for refused in [
        provider.delete(ada).await,
        provider.patch(ada, off).await,
        provider.patch(ada, agent.clone()).await,
    ] {
        assert_eq!(refused.error(), (409, ""), "{}", refused.text);
        assert!(refused.text.contains("last active administrator"));
    }
    let other = json!({ "userName": "olga", "roles": [{ "value": "administrator" }] });
    let olga = provider.create(other).await;
    // She cannot sign in yet.
    let refused = provider.patch(ada, agent.clone()).await;
    assert_eq!(refused.error(), (409, ""), "{}", refused.text);
    let reset = json!({ "key": key(), "user": olga["id"], "password": "a long password" });
    let administrator = host.sign_in("ada").await;
    administrator
        .call("administration/user_password_reset", reset)
        .await
        .ok();
    let changed = provider.patch(ada, agent).await.ok();
    assert_eq!(changed["roles"], json!([{ "value": "agent" }]));
}

#[tokio::test]
async fn a_list_comes_in_pieces() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let (all, total) = provider.get("/Users").await.list();
    assert_eq!(all.len() as u64, total);
    let mut pieces = Vec::new();
    for start in (1..=total).step_by(3) {
        let path = format!("/Users?startIndex={start}&count=3&sortBy=userName");
        let (piece, of) = provider.get(&path).await.list();
        assert_eq!(of, total);
        pieces.extend(piece);
    }
    assert_eq!(pieces, all);
    for (query, there) in [
        (format!("startIndex={}", total + 1), 0),
        ("startIndex=9223372036854775807".to_owned(), 0),
        ("count=0".to_owned(), 0),
        ("count=-1".to_owned(), 0),
        ("startIndex=-5&count=2".to_owned(), 2),
        ("count=100000".to_owned(), all.len()),
    ] {
        let (piece, of) = provider.get(&format!("/Users?{query}")).await.list();
        assert_eq!((piece.len(), of), (there, total), "{query}");
    }
    let search = json!({ "filter": "userName eq \"amy\"", "attributes": ["userName"], "count": 1 });
    for path in ["/.search", "/Users/.search"] {
        let (found, _) = provider.post(path, search.clone()).await.list();
        let amy = json!({ "schemas": [USER], "id": "amy", "userName": "amy" });
        assert_eq!(found, [amy], "{path}");
    }
    let path = format!(
        "{}?excludedAttributes=roles,meta",
        provider.named("amy").await
    );
    let amy = provider.get(&path).await.ok();
    assert_eq!((amy.get("roles"), amy.get("meta")), (None, None));
    assert_eq!(amy["active"], true);
    let (groups, none) = provider.get("/Groups").await.list();
    assert_eq!((groups.len(), none), (0, 0));
}

#[tokio::test]
async fn the_host_describes_itself() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    let config = provider.get("/ServiceProviderConfig").await.ok();
    assert_eq!(config["patch"]["supported"], true);
    assert_eq!(config["etag"]["supported"], true);
    for (list, one) in [
        ("/ResourceTypes", "/ResourceTypes/User".to_owned()),
        ("/Schemas", format!("/Schemas/{USER}")),
    ] {
        let (found, _) = provider.get(list).await.list();
        assert_eq!(found, [provider.get(&one).await.ok()]);
        let location = found[0]["meta"]["location"].as_str().expect("an address");
        assert_eq!(location, format!("https://desk.example.com/scim/v2{one}"));
    }
}

#[tokio::test]
async fn a_name_in_another_composition_or_width_is_the_same_name() {
    let host = Host::start().await;
    let provider = Provider::connected(&host).await;
    provider.create(json!({ "userName": "zo\u{EB}.n@x" })).await;
    provider.create(json!({ "userName": "zoe.n@x" })).await;
    for taken in ["zoe\u{308}.n@x", "ZOE\u{308}.N@x", "ａｍｙ", "amy\u{200D}"] {
        let refused = provider.post("/Users", json!({ "userName": taken })).await;
        assert_eq!(refused.error(), (409, "uniqueness"), "{taken}");
    }
    let found = provider.found("userName eq \"zoe\u{308}.n@x\"").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["userName"], "zo\u{EB}.n@x");
}
