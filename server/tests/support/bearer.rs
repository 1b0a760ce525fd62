//! Another system: the token that ada makes for it on the page, and its requests, which come over HTTP alone.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use serde_json::Value;

use super::{Host, key};

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

/// The page to which a form led its sender, whose cookies these are.
pub async fn after(host: &Host, cookies: &str, page: &str, sent: &Answered) -> String {
    assert_eq!((sent.status, sent.header("location")), (303, page));
    let said = sent.header("set-cookie").split(';').next();
    let cookies = format!("{cookies}; {}", said.expect("a cookie"));
    let request = Request::get(page)
        .header(header::COOKIE, cookies)
        .body(Body::empty());
    send(host, request.expect("a request")).await.text
}

/// The secret of a token with these scopes, of a team or, without one, of all.
pub async fn token(host: &Host, name: &str, scopes: &[&str], team: &str) -> String {
    let ada = host.sign_in("ada").await;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("act", "create");
    form.append_pair("key", &key());
    form.append_pair("name", name);
    form.append_pair("team", team);
    for scope in scopes {
        form.append_pair("scope", scope);
    }
    let request = Request::post("/admin/tokens")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, ada.cookies())
        .body(Body::from(form.finish()));
    let made = send(host, request.expect("a request")).await;
    let shown = after(host, ada.cookies(), "/admin/tokens", &made).await;
    let begin = shown.find("slt_").expect("a secret");
    let secret = shown[begin..].split('"').next();
    secret.expect("an attribute").to_owned()
}
