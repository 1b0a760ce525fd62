//! A program with a token, which uses nothing but HTTP.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use serde_json::{Value, json};
use shared::ids::WorkitemId;

use crate::support::{Host, key};

/// Every scope of the operations that the OpenAPI document describes; `scim` asks with the other one.
pub const EVERYTHING: [&str; 9] = [
    "workitems:write",
    "workitems:read",
    "transcripts:customer",
    "transcripts:staff",
    "templates:read",
    "users:read",
    "teams:read",
    "requests:read",
    "reviews:read",
];

/// Another system, by its token.
pub struct Integrator<'a> {
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
        self.body
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    /// Status, code and field of a problem, which has everything that a problem has.
    pub fn problem(&self) -> (u16, &str, &str) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        assert_eq!(self.body["status"], self.status, "{}", self.text);
        for name in ["type", "title", "detail", "code"] {
            let text = self.body[name].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{name}: {}", self.text);
        }
        let id = self.body["request_id"].as_str().expect("an id");
        assert_eq!(id, self.header("x-request-id"));
        let text = |name: &str| self.body[name].as_str().unwrap_or_default();
        (self.status, text("code"), text("field"))
    }
}

/// Sends a request and reads its answer.
pub async fn send(host: &Host, request: Request<Body>) -> Answered {
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

impl<'a> Integrator<'a> {
    /// One whose token ada makes on the page.
    pub async fn with(host: &'a Host, scopes: &[&str], team: &str) -> Self {
        let ada = host.sign_in("ada").await;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("act", "create");
        form.append_pair("key", &key());
        form.append_pair("name", "Telephony");
        form.append_pair("team", team);
        for scope in scopes {
            form.append_pair("scope", scope);
        }
        let request = Request::post("/admin/tokens")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, ada.cookies())
            .body(Body::from(form.finish()));
        let made = send(host, request.expect("a request")).await;
        let begin = made.text.find("slt_").expect("a secret");
        let secret = made.text[begin..].split('"').next().expect("an attribute");
        Self {
            host,
            secret: secret.to_owned(),
        }
    }

    /// One that may do everything everywhere.
    pub async fn with_everything(host: &'a Host) -> Self {
        Self::with(host, &EVERYTHING, "").await
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.secret)
    }

    pub async fn get(&self, path: &str) -> Answered {
        let request = Request::get(path)
            .header(header::AUTHORIZATION, self.authorization())
            .body(Body::empty());
        send(self.host, request.expect("a request")).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.post_under(path, &key(), body).await
    }

    /// Sends a command under a key of the test.
    pub async fn post_under(&self, path: &str, key: &str, body: Value) -> Answered {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, self.authorization())
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key)
            .body(Body::from(body.to_string()));
        send(self.host, request.expect("a request")).await
    }

    /// A call that amy has taken.
    pub async fn call_of_amy(&self) -> WorkitemId {
        let call = json!({ "channel": "phone", "customer": "+49 30 901820", "agent": "amy", "team": "care" });
        let begun = self.post("/api/v1/workitems", call).await.ok();
        WorkitemId::parse(begun["id"].as_str().expect("an id")).expect("an id")
    }
}

/// The address of something of a workitem.
pub fn of(workitem: &WorkitemId, what: &str) -> String {
    format!("/api/v1/workitems/{workitem}{what}")
}
