//! A stand-in for a vendor on a free port: takes messages, remembers every request, and fails where a story says so.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// Those that Sideline chooses, in order.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The body as a form.
    form: Vec<(String, String)>,
}

impl Asked {
    /// A parameter of a form; empty where it is missing.
    #[allow(dead_code, reason = "not every vendor takes forms")]
    pub fn get(&self, name: &str) -> &str {
        let found = self.form.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    #[allow(dead_code, reason = "not every vendor takes JSON")]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What happens to the next request that hands a message over.
#[allow(dead_code, reason = "not every story needs each")]
pub enum Next {
    /// It is refused with a status, a `Retry-After` and a body.
    Answer(u16, Option<u32>, &'static str),
    /// It is taken, and the connection ends before the answer.
    TakenWithoutAnswer,
    /// There is never an answer, and nothing is taken.
    Silence,
}

/// What differs from vendor to vendor.
pub trait Vendor: Send + 'static {
    /// The answer to what hands no message over, or may not.
    fn otherwise(&mut self, asked: &Asked) -> Option<(u16, Value)>;
    /// Takes a message and answers so.
    fn take(&mut self, asked: &Asked) -> (u16, Value);
}

struct Inner<V> {
    asked: Vec<Asked>,
    next: VecDeque<Next>,
    vendor: V,
}

pub struct StandIn<V> {
    inner: Arc<Mutex<Inner<V>>>,
    pub url: String,
}

impl<V: Vendor> StandIn<V> {
    pub async fn of(vendor: V) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Mutex::new(Inner {
            asked: Vec::new(),
            next: VecDeque::new(),
            vendor,
        }));
        let router = Router::new()
            .fallback(answer::<V>)
            .with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inner, url }
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

    /// What the vendor knows.
    pub fn look<T>(&self, look: impl FnOnce(&V) -> T) -> T {
        look(&self.inner.lock().unwrap().vendor)
    }

    /// Something changes at the vendor.
    #[allow(dead_code, reason = "not every vendor is asked")]
    pub fn change(&self, change: impl FnOnce(&mut V)) {
        change(&mut self.inner.lock().unwrap().vendor);
    }
}

async fn answer<V: Vendor>(
    State(inner): State<Arc<Mutex<Inner<V>>>>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let chosen = ["accept", "authorization", "content-type"];
    let chosen = chosen.iter().filter_map(|name| {
        let value = headers.get(*name)?.to_str().unwrap();
        Some(((*name).to_owned(), value.to_owned()))
    });
    let asked = Asked {
        method: method.to_string(),
        path: uri.path_and_query().unwrap().to_string(),
        headers: chosen.collect(),
        form: form_urlencoded::parse(&body).into_owned().collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let next = {
        let mut inner = inner.lock().unwrap();
        inner.asked.push(asked.clone());
        let next = match method {
            Method::POST => inner.next.pop_front(),
            _ => None,
        };
        if let Some(given) = inner.vendor.otherwise(&asked) {
            return json(given);
        }
        next
    };
    match next {
        None => json(inner.lock().unwrap().vendor.take(&asked)),
        Some(Next::Answer(status, after, body)) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            if let Some(after) = after {
                response.headers_mut().insert("retry-after", after.into());
            }
            response
        }
        Some(Next::TakenWithoutAnswer) => {
            let (status, _) = inner.lock().unwrap().vendor.take(&asked);
            // A body that breaks off ends the connection.
            let broken = Err::<Bytes, _>(std::io::Error::other("cut"));
            let broken = Body::from_stream(futures_util::stream::once(async { broken }));
            (StatusCode::from_u16(status).unwrap(), broken).into_response()
        }
        Some(Next::Silence) => pending().await,
    }
}

fn json((status, body): (u16, Value)) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}
