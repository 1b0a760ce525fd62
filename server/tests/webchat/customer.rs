//! A customer with a browser, and the stream of events that it reads.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{HeaderMap, Request, header};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::actors::Host;

/// Nothing in these stories takes that long.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody with a browser.
pub struct Customer<'a> {
    pub host: &'a Host,
    pub cookie: Option<String>,
    pub keeps_cookies: bool,
    /// What the page's script found in the page, and sends along.
    pub token: Option<String>,
    /// What the page around the frame says of who this is.
    pub identity: Option<String>,
    pub forwarded: Vec<String>,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// What the network carries, without the request's own number.
    pub fn bytes(&self) -> String {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        format!("{} {headers:?}\n{}\n", self.status, self.body)
    }
}

impl Customer<'_> {
    pub async fn send(
        &mut self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> (u16, HeaderMap, Body) {
        let mut request = request;
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(token) = &self.token {
            request = request.header("x-sideline-visitor", token);
        }
        if let Some(identity) = &self.identity {
            request = request.header("x-sideline-identity", identity);
        }
        for line in &self.forwarded {
            request = request.header("x-forwarded-for", line);
        }
        let response = self
            .host
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        if let Some(cookie) = head.headers.get(header::SET_COOKIE)
            && self.keeps_cookies
        {
            self.cookie = Some(
                cookie
                    .to_str()
                    .unwrap()
                    .split(';')
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
        (head.status.as_u16(), head.headers, body)
    }

    pub async fn ask(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let (status, headers, body) = self.send(request, body).await;
        let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        Answer {
            status,
            headers,
            body,
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path), Body::empty()).await
    }

    pub async fn page(&mut self) -> String {
        let answer = self.get("/chat/care").await;
        assert_eq!(answer.status, 200);
        answer.body
    }

    pub async fn post(&mut self, body: impl Into<Body>) -> Answer {
        let request =
            Request::post("/chat/care/messages").header(header::CONTENT_TYPE, "application/json");
        self.ask(request, body.into()).await
    }

    pub async fn form(&mut self, body: &str) -> Answer {
        self.form_to("/chat/care", body).await
    }

    pub async fn form_to(&mut self, path: &str, body: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.ask(
            Request::post(path).header(header::CONTENT_TYPE, kind),
            Body::from(body.to_owned()),
        )
        .await
    }

    /// Ends the conversation, as the page's script does.
    pub async fn ends(&mut self, key: &str) -> Answer {
        let request =
            Request::post("/chat/care/end").header(header::CONTENT_TYPE, "application/json");
        self.ask(request, Body::from(json!({ "key": key }).to_string()))
            .await
    }

    /// Wants to be forgotten, as the page's script does.
    pub async fn is_forgotten(&mut self) -> Answer {
        self.ask(Request::post("/chat/care/forget"), Body::empty())
            .await
    }

    /// Writes a message; answers the line as the page shows it.
    pub async fn write(&mut self, text: &str, key: &str) -> Value {
        let answer = self
            .post(json!({ "name": "Eve Ito", "text": text, "key": key }).to_string())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// The texts of the conversation after a place; `(ended)` for its end, `(resumed)` where it goes on.
    pub async fn history(&mut self, after: &str) -> Vec<String> {
        let answer = self.get(&format!("/chat/care/history?after={after}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(words)
            .collect()
    }

    /// Opens the stream as a browser does that saw `last` before.
    pub async fn live(&mut self, last: Option<&str>) -> Stream {
        let request = Request::get("/chat/care/live");
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let (status, headers, body) = self.send(request, Body::empty()).await;
        assert_eq!(
            (status, &headers[header::CONTENT_TYPE]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Stream {
            body: body.into_data_stream(),
            unread: String::new(),
            bytes: String::new(),
        }
    }
}

/// Whether a page has an element of that id that is shown.
pub fn shows(page: &str, id: &str) -> bool {
    let from = page.find(&format!(" id=\"{id}\""));
    let tag = from.map(|from| &page[from..from + page[from..].find('>').unwrap()]);
    tag.is_some_and(|tag| !tag.contains(" hidden"))
}

pub fn words(frame: &Value) -> String {
    frame["body"]["text"].as_str().map_or_else(
        || format!("({})", frame["body"]["kind"].as_str().unwrap()),
        str::to_owned,
    )
}

/// A stream of events, as the network carries it.
pub struct Stream {
    body: BodyDataStream,
    unread: String,
    pub bytes: String,
}

/// An event: its id, its kind, its data.
#[derive(Debug)]
pub struct Event {
    pub id: String,
    pub kind: String,
    pub data: Value,
}

impl Stream {
    async fn read(&mut self) -> Option<()> {
        let chunk = tokio::time::timeout(PATIENCE, self.body.next())
            .await
            .expect("something comes");
        let chunk = String::from_utf8(chunk?.unwrap().to_vec()).unwrap();
        self.bytes.push_str(&chunk);
        self.unread.push_str(&chunk);
        Some(())
    }

    /// The next event; `None` when the stream is over.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.unread.split_once("\n\n") {
                // It keeps the connection open.
                Some((event, rest)) if event.starts_with("event: alive\n") => {
                    self.unread = rest.to_owned();
                }
                Some(_) => break,
                None => self.read().await?,
            }
        }
        let (event, rest) = self.unread.split_once("\n\n").unwrap();
        let field = |name: &str| {
            let lines = event.lines().filter_map(|line| line.split_once(": "));
            lines
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
                .next()
                .unwrap_or_default()
        };
        let event = Event {
            id: field("id"),
            kind: field("event"),
            data: serde_json::from_str(&field("data")).unwrap(),
        };
        self.unread = rest.to_owned();
        Some(event)
    }

    pub async fn text(&mut self) -> String {
        words(&self.next().await.expect("an event").data)
    }

    /// Reads until the conversation ends.
    pub async fn read_to_the_end(&mut self) {
        while self.next().await.expect("an event").data["body"]["kind"] != "ended" {}
    }
}
