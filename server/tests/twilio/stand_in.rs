//! A stand-in for Twilio on a free port: takes messages, lists them, remembers every request, and fails where a story says so.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use server::clock_and_ids::Clock;
use sha1::Sha1;
use tokio::net::TcpListener;

use crate::deterministic::FixedClock;

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "a-token-that-nobody-may-see";

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// Those that Sideline chooses, in order.
    pub headers: Vec<(String, String)>,
    pub form: Vec<(String, String)>,
}

impl Asked {
    pub fn get(&self, name: &str) -> &str {
        let found = self.form.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// What happens to the next request that hands a message over.
pub enum Next {
    /// It is refused with a status, a `Retry-After` and a body.
    Answer(u16, Option<u32>, &'static str),
    /// It is taken, and the connection ends before the answer.
    TakenWithoutAnswer,
    /// There is never an answer, and nothing is taken.
    Silence,
}

#[derive(Default)]
struct Inner {
    asked: Vec<Asked>,
    next: VecDeque<Next>,
    taken: Vec<Value>,
    clock: Arc<FixedClock>,
}

#[derive(Clone, Default)]
pub struct StandIn {
    inner: Arc<Mutex<Inner>>,
    pub url: String,
}

impl StandIn {
    /// Its clock is the host's.
    pub async fn start(clock: Arc<FixedClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stand_in = Self {
            url,
            ..Self::default()
        };
        stand_in.inner.lock().unwrap().clock = clock;
        let router = Router::new()
            .fallback(answer)
            .with_state(stand_in.inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        stand_in
    }

    /// The next requests meet this, one after the other; later ones succeed.
    pub fn next(&self, next: impl IntoIterator<Item = Next>) {
        self.inner.lock().unwrap().next.extend(next);
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.inner.lock().unwrap().asked.clone()
    }

    /// The requests that handed a message over, or tried to.
    pub fn sends(&self) -> Vec<Asked> {
        let asked = self.asked().into_iter();
        asked.filter(|asked| asked.method == "POST").collect()
    }

    /// The texts that were taken, in order.
    pub fn taken(&self) -> Vec<String> {
        let inner = self.inner.lock().unwrap();
        let texts = inner.taken.iter();
        texts
            .map(|message| message["body"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn answer(
    State(inner): State<Arc<Mutex<Inner>>>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let chosen = ["accept", "authorization", "content-type"];
    let chosen = chosen.iter().filter_map(|name| {
        let value = headers.get(*name)?.to_str().unwrap();
        Some(((*name).to_owned(), value.to_owned()))
    });
    let asked = Asked {
        method: method.to_string(),
        path: uri.path_and_query().unwrap().to_string(),
        headers: chosen.collect(),
        form: form.clone(),
    };
    let next = {
        let mut inner = inner.lock().unwrap();
        inner.asked.push(asked.clone());
        match method {
            Method::POST => inner.next.pop_front(),
            _ => None,
        }
    };
    let credentials = BASE64_STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
    if headers["authorization"] != format!("Basic {credentials}") {
        let refusal = json!({ "code": 20003, "message": "Authenticate", "status": 401 });
        return (StatusCode::UNAUTHORIZED, Json(refusal)).into_response();
    }
    if method == Method::GET {
        return list(&inner.lock().unwrap(), &uri).into_response();
    }
    match next {
        None => {
            let taken = take(&mut inner.lock().unwrap(), &asked);
            (StatusCode::CREATED, Json(taken)).into_response()
        }
        Some(Next::Answer(status, after, body)) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            if let Some(after) = after {
                response.headers_mut().insert("retry-after", after.into());
            }
            response
        }
        Some(Next::TakenWithoutAnswer) => {
            take(&mut inner.lock().unwrap(), &asked);
            // A body that breaks off ends the connection.
            let broken = Err::<Bytes, _>(std::io::Error::other("cut"));
            let broken = Body::from_stream(futures_util::stream::once(async { broken }));
            (StatusCode::CREATED, broken).into_response()
        }
        Some(Next::Silence) => pending().await,
    }
}

fn take(inner: &mut Inner, asked: &Asked) -> Value {
    let now = jiff::Timestamp::from_microsecond(inner.clock.now().0).unwrap();
    let now = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&now);
    let message = json!({
        "sid": format!("SM{:032}", inner.taken.len() + 1),
        "status": "queued",
        "to": asked.get("To"),
        "from": asked.get("From"),
        "body": asked.get("Body"),
        "date_created": now.unwrap(),
    });
    inner.taken.push(message.clone());
    message
}

/// The newest first.
fn list(inner: &Inner, uri: &Uri) -> Json<Value> {
    let query = uri.query().unwrap_or_default();
    let asked: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let value = |name: &str| {
        let found = asked.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    };
    let found = inner.taken.iter().rev();
    let found =
        found.filter(|message| message["to"] == value("To") && message["from"] == value("From"));
    Json(json!({ "messages": found.collect::<Vec<_>>() }))
}

/// What Twilio puts into `X-Twilio-Signature`.
pub fn signature(token: &str, url: &str, form: &[(&str, &str)]) -> String {
    let mut form = form.to_vec();
    form.sort();
    let pairs: String = form
        .iter()
        .flat_map(|(name, value)| [*name, *value])
        .collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    mac.update(pairs.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}
