//! A program with a token, which uses nothing but HTTP.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use shared::ids::WorkitemId;

use crate::support::bearer::token;
use crate::support::{Host, key};

pub use crate::support::bearer::{Answered, send};

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

impl Answered {
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

impl<'a> Integrator<'a> {
    /// One whose token ada makes on the page.
    pub async fn with(host: &'a Host, scopes: &[&str], team: &str) -> Self {
        Self {
            host,
            secret: token(host, "Telephony", scopes, team).await,
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
