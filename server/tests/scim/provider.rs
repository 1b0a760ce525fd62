//! An identity provider with a token, which uses nothing but HTTP.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::support::Host;
use super::support::bearer::{Answered, send, token};

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// An identity provider, by its token.
pub struct Provider<'a> {
    pub host: &'a Host,
    pub secret: String,
}

impl Answered {
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
        Self {
            host,
            secret: token(host, "Entra ID", scopes, team).await,
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
        self.send_with(method, path, &[], body).await
    }

    /// The same with more headers.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answered {
        let mut request = Request::builder()
            .method(method)
            .uri(["/scim/v2", path].concat())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/scim+json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answered = send(self.host, request.body(body).expect("a request")).await;
        if !answered.text.is_empty() {
            let kind = answered.header("content-type");
            assert_eq!(kind, "application/scim+json", "{}", answered.text);
        }
        answered
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
