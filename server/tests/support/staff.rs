//! A browser: of staff, of a customer, or of nobody.

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::{Value, json};
use shared::ids::WorkitemId;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{Host, Live};

/// Somebody with a browser, or nobody.
pub struct Staff<'a> {
    pub(super) host: &'a Host,
    pub(super) cookie: String,
}

/// What a call answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub body: Value,
}

impl Answered {
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }
}

impl Staff<'_> {
    /// What the browser sends along.
    pub fn cookies(&self) -> &str {
        &self.cookie
    }

    /// The same browser, which reaches another node.
    pub fn at<'b>(&self, host: &'b Host) -> Staff<'b> {
        Staff {
            host,
            cookie: self.cookie.clone(),
        }
    }

    /// Calls a server function: `call("coaching/coaching_send", …)`.
    pub async fn call(&self, function: &str, input: Value) -> Answered {
        self.post(&format!("/api/app/api/{function}"), input.to_string())
            .await
    }

    pub async fn post(&self, path: &str, body: String) -> Answered {
        self.post_bytes(path, body.into_bytes()).await
    }

    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Answered {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, &self.cookie)
            .body(Body::from(body))
            .expect("a request");
        self.answered(request).await
    }

    /// A customer sends a file, as the chat page's script does.
    pub async fn send_file(&self, name: &str, content: &[u8]) -> Answered {
        let request = Request::post("/chat/care/files")
            .header(header::COOKIE, &self.cookie)
            .header("x-sideline-file", name)
            .header("x-sideline-key", super::key())
            .body(Body::from(content.to_vec()))
            .expect("a request");
        self.answered(request).await
    }

    /// An agent sends a file to a customer, as the workspace does.
    pub async fn attach(
        &self,
        workitem: &WorkitemId,
        key: String,
        text: &str,
        (name, content): (&str, &[u8]),
    ) -> Answered {
        let parts = [
            ("key", None, key.as_bytes()),
            ("text", None, text.as_bytes()),
            ("file", Some(name), content),
        ];
        self.post_form(&format!("/workitems/{workitem}/files"), &parts)
            .await
    }

    /// Posts a form as a browser writes it: each part's name, the name of its file, its content.
    pub async fn post_form(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answered {
        let mut body = Vec::new();
        for (name, file, content) in parts {
            let file = file.map(|file| format!("; filename=\"{}\"", file.replace('"', "%22")));
            let file = file.unwrap_or_default();
            let head =
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .header(header::COOKIE, &self.cookie)
            .body(Body::from(body))
            .expect("a request");
        self.answered(request).await
    }

    async fn answered(&self, request: Request<Body>) -> Answered {
        let response = self.host.request(request).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20)
            .await
            .expect("a body");
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        Answered { status, body }
    }

    pub async fn page(&self, path: &str) -> (u16, String) {
        let request = Request::get(path)
            .header(header::COOKIE, &self.cookie)
            .body(Body::empty())
            .expect("a request");
        let response = self.host.request(request).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 4 << 20)
            .await
            .expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// The first open workitem of one's own on a channel (`chat`, `phone`, …).
    pub async fn own_workitem(&self, channel: &str) -> WorkitemId {
        let list = self.call("workitems/worklist_load", json!({})).await.ok();
        let found = list["workitems"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|row| row["channel"] == channel);
        let id = found.expect("the demo gives every agent each channel")["id"]
            .as_str()
            .expect("an id");
        WorkitemId::parse(id).expect("an id")
    }

    pub async fn conversation(&self, workitem: &WorkitemId) -> Value {
        self.call(
            "workitems/conversation_load",
            json!({ "workitem": workitem }),
        )
        .await
        .ok()
    }

    /// What a request without a body is answered with; the body, which may have no end, is not read.
    pub async fn status(&self, method: &str, path: &str) -> u16 {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, &self.cookie)
            .body(Body::empty())
            .expect("a request");
        self.host.request(request).await.status().as_u16()
    }

    /// A live connection, past its greeting.
    pub async fn live(&self) -> Live {
        self.try_live().await.expect("a live connection")
    }

    /// A live connection, past its greeting, or the status of the refusal.
    pub async fn try_live(&self) -> Result<Live, u16> {
        let mut request = format!("ws://{}/live", self.host.address)
            .into_client_request()
            .expect("a request");
        request
            .headers_mut()
            .insert("cookie", self.cookie.parse().expect("a cookie"));
        let (socket, _) = match tokio_tungstenite::connect_async(request).await {
            Ok(connected) => connected,
            Err(Error::Http(response)) => return Err(response.status().as_u16()),
            Err(error) => panic!("no answer: {error}"),
        };
        Ok(Live::past_hello(socket).await)
    }
}
