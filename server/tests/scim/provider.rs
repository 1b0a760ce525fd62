//! An identity provider with a token, which uses nothing but HTTP.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, header};
use serde_json::{Value, json};

use super::support::{Host, key};

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// An identity provider, by its token.
pub struct Provider<'a> {
    pub host: &'a Host,
    pub secret: String,
}

/// What was answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    /// As it came.
    pub text: String,
}

impl Answered {
    pub fn ok(self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {}",
            self.status,
            self.text
        );
        assert_eq!(self.header("content-type"), "application/scim+json");
        self.body
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    /// Status and `scimType` of an error, which has everything that an error has.
    pub fn error(&self) -> (u16, &str) {
        assert_eq!(
            self.header("content-type"),
            "application/scim+json",
            "{}",
            self.text
        );
        assert_eq!(self.body["schemas"], json!([ERROR]), "{}", self.text);
        assert_eq!(self.body["status"], self.status.to_string());
        let text = |name: &str| self.body[name].as_str().unwrap_or_default();
        assert!(!text("detail").is_empty(), "{}", self.text);
        (self.status, text("scimType"))
    }

    /// The users of a list, and of how many they are.
    pub fn list(self) -> (Vec<Value>, u64) {
        let body = self.ok();
        assert_eq!(body["schemas"], json!([LIST]));
        let found = body["Resources"].as_array().expect("a list").clone();
        assert_eq!(body["itemsPerPage"], found.len());
        (found, body["totalResults"].as_u64().expect("a number"))
    }
}

impl<'a> Provider<'a> {
    /// One whose token ada makes on the page.
    pub async fn with(host: &'a Host, scopes: &[&str], team: &str) -> Self {
        let ada = host.sign_in("ada").await;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("act", "create");
        form.append_pair("key", &key());
        form.append_pair("name", "Entra ID");
        form.append_pair("team", team);
        for scope in scopes {
            form.append_pair("scope", scope);
        }
        let request = Request::post("/admin/tokens")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, ada.cookies())
            .body(Body::from(form.finish()));
        let made = sent(host, request.expect("a request")).await;
        let begin = made.text.find("slt_").expect("a secret");
        let secret = made.text[begin..].split('"').next().expect("an attribute");
        Self {
            host,
            secret: secret.to_owned(),
        }
    }

    /// One that may provision users.
    pub async fn connected(host: &'a Host) -> Self {
        Self::with(host, &["users:write"], "").await
    }

    pub async fn get(&self, path: &str) -> Answered {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answered {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answered {
        self.send(Method::DELETE, path, None).await
    }

    /// One operation of PATCH.
    pub async fn patch(&self, path: &str, operation: Value) -> Answered {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [operation],
        });
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(["/scim/v2", path].concat())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/scim+json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        sent(self.host, request.body(body).expect("a request")).await
    }

    /// Creates a user.
    pub async fn create(&self, body: Value) -> Value {
        let made = self.post("/Users", body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let location = made.header("location").to_owned();
        let user = made.ok();
        assert_eq!(user["meta"]["location"], location);
        user
    }

    /// The users whom a filter finds.
    pub async fn found(&self, filter: &str) -> Vec<Value> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("filter", filter);
        let path = format!("/Users?{}", query.finish());
        let (found, total) = self.get(&path).await.list();
        assert_eq!(found.len() as u64, total);
        found
    }

    /// The address of the user who is called so.
    pub async fn named(&self, name: &str) -> String {
        let found = self.found(&format!("userName eq \"{name}\"")).await;
        let [user] = &found[..] else {
            panic!("one user is called {name}: {found:?}");
        };
        address(user)
    }
}

/// Where a user stands.
pub fn address(user: &Value) -> String {
    format!("/Users/{}", user["id"].as_str().expect("an id"))
}

/// Sends a request and reads its answer.
pub async fn sent(host: &Host, request: Request<Body>) -> Answered {
    let (head, body) = host.request(request).await.into_parts();
    let body = to_bytes(body, 4 << 20).await.expect("a body");
    let text = String::from_utf8_lossy(&body).into_owned();
    Answered {
        status: head.status.as_u16(),
        headers: head.headers,
        body: serde_json::from_str(&text).unwrap_or_default(),
        text,
    }
}
