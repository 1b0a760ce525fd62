//! A stand-in for a vendor on a free port: takes messages, remembers every request, and fails where a story says so.

use std::collections::{HashMap, VecDeque};
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

/// What stands at a path of a vendor's.
#[derive(Clone)]
pub struct Served {
    pub status: u16,
    pub location: Option<String>,
    pub body: Vec<u8>,
}

struct Inner<V> {
    served: HashMap<String, Served>,
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
            served: HashMap::new(),
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

    /// A file stands at this path: its address.
    #[allow(dead_code, reason = "not every story has files")]
    pub fn serves(&self, path: &str, body: &[u8]) -> String {
        let (status, location, body) = (200, None, body.to_vec());
        self.answers(
            path,
            Served {
                status,
                location,
                body,
            },
        )
    }

    /// This path leads elsewhere: its address.
    #[allow(dead_code, reason = "not every story has files")]
    pub fn leads(&self, path: &str, to: &str) -> String {
        let (status, location, body) = (307, Some(to.to_owned()), Vec::new());
        self.answers(
            path,
            Served {
                status,
                location,
                body,
            },
        )
    }

    /// This path is answered so: its address.
    #[allow(dead_code, reason = "not every story has files")]
    pub fn answers(&self, path: &str, served: Served) -> String {
        let mut inner = self.inner.lock().unwrap();
        inner.served.insert(path.to_owned(), served);
        format!("{}{path}", self.url)
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
        if let Some(served) = inner.served.get(&asked.path) {
            return file(served.clone());
        }
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

fn file(served: Served) -> Response {
    let status = StatusCode::from_u16(served.status).unwrap();
    let mut response = (status, served.body).into_response();
    if let Some(to) = served.location {
        response
            .headers_mut()
            .insert("location", to.parse().unwrap());
    }
    response
}

fn json((status, body): (u16, Value)) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}
