//! A stand-in for a vendor on a free port: takes messages, remembers every request, and fails where a story says so.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::serve::Listener;
use axum::{Json, Router};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// How long a byte of an answer takes that drips: a few of them take longer than anybody waits (`provided::TIME_LIMIT`).
const DRIP: Duration = Duration::from_millis(50);
/// Marks an answer that [`Line`] makes bytes of which are no HTTP.
const NO_HTTP: &str = "no-http-at-all";
/// Where the mark stands, if it does: within so many bytes.
const HEAD: usize = 1_024;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// All but `host`, which says where the stand-in listens, in order.
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
    /// It is taken or not, and nobody can use the answer.
    Odd { taken: bool, answer: Odd },
    /// There is never an answer, and nothing is taken.
    Silence,
}

/// An answer of success that nobody can use.
#[derive(Clone, Copy, Debug)]
pub enum Odd {
    /// The head at once, and then the body byte by byte, for longer than anybody waits.
    Drip,
    /// The body and then blanks, without an end.
    Endless,
    /// Other words than the vendor's, with this status.
    Words(u16, &'static str),
    /// Bytes that are no HTTP.
    NoHttp,
}

impl Odd {
    /// All of them, with several words.
    pub const ALL: [Self; 6] = [
        Self::Drip,
        Self::Endless,
        Self::Words(201, "nonsense"),
        Self::Words(201, "{}"),
        Self::Words(200, "<!doctype html><title>Welcome</title>"),
        Self::NoHttp,
    ];

    /// This answer in place of a good one with this body.
    fn instead_of(self, body: Vec<u8>) -> Response {
        match self {
            Self::Drip => {
                let bytes = stream::iter(body).then(|byte| async move {
                    sleep(DRIP).await;
                    Ok::<_, Infallible>(Bytes::from(vec![byte]))
                });
                Body::from_stream(bytes).into_response()
            }
            Self::Endless => {
                let blanks = Ok::<_, Infallible>(Bytes::from(vec![b' '; 65_536]));
                let begin = stream::iter([Ok::<_, Infallible>(Bytes::from(body))]);
                Body::from_stream(begin.chain(stream::repeat(blanks))).into_response()
            }
            Self::Words(status, words) => {
                (StatusCode::from_u16(status).unwrap(), words).into_response()
            }
            Self::NoHttp => ([(NO_HTTP, "1")], body).into_response(),
        }
    }
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
struct Served {
    status: u16,
    location: Option<String>,
    odd: Option<Odd>,
    body: Vec<u8>,
}

impl Served {
    fn of(status: u16, body: &[u8]) -> Self {
        Self {
            status,
            location: None,
            odd: None,
            body: body.to_vec(),
        }
    }
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
        tokio::spawn(async move { axum::serve(Lines(listener), router).await.unwrap() });
        Self { inner, url }
    }

    /// The next requests meet this, one after the other; later ones succeed.
    pub fn next(&self, next: impl IntoIterator<Item = Next>) {
        self.inner.lock().unwrap().next.extend(next);
    }

    /// A file stands at this path: its address.
    #[allow(dead_code, reason = "not every story has files")]
    pub fn serves(&self, path: &str, body: &[u8]) -> String {
        self.answers(path, 200, body)
    }

    /// A file stands at this path and comes so: its address.
    #[allow(dead_code, reason = "not every story has files")]
    pub fn serves_oddly(&self, path: &str, body: &[u8], odd: Odd) -> String {
        let served = Served::of(200, body);
        self.stands(
            path,
            Served {
                odd: Some(odd),
                ..served
            },
        )
    }

    /// This path leads elsewhere: its address.
    #[allow(dead_code, reason = "not every story has files")]
    pub fn leads(&self, path: &str, to: &str) -> String {
        let served = Served::of(307, b"");
        self.stands(
            path,
            Served {
                location: Some(to.to_owned()),
                ..served
            },
        )
    }

    /// This path is answered with this status: its address.
    #[allow(dead_code, reason = "not every story has files")]
    pub fn answers(&self, path: &str, status: u16, body: &[u8]) -> String {
        self.stands(path, Served::of(status, body))
    }

    fn stands(&self, path: &str, served: Served) -> String {
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
    pub fn inspect<T>(&self, inspect: impl FnOnce(&V) -> T) -> T {
        inspect(&self.inner.lock().unwrap().vendor)
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
    let kept = headers.iter().filter(|(name, _)| name.as_str() != "host");
    let kept = kept.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let asked = Asked {
        method: method.to_string(),
        path: uri.path_and_query().unwrap().to_string(),
        headers: kept.collect(),
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
            return said(given);
        }
        next
    };
    match next {
        None => said(inner.lock().unwrap().vendor.take(&asked)),
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
            let broken = Err::<Bytes, _>(io::Error::other("cut"));
            let broken = Body::from_stream(stream::once(async { broken }));
            (StatusCode::from_u16(status).unwrap(), broken).into_response()
        }
        Some(Next::Odd { taken, answer }) => {
            let body = match taken {
                true => inner.lock().unwrap().vendor.take(&asked).1,
                false => json!({ "nothing": "was taken, and nobody can know" }),
            };
            answer.instead_of(body.to_string().into_bytes())
        }
        Some(Next::Silence) => pending().await,
    }
}

fn file(served: Served) -> Response {
    if let Some(odd) = served.odd {
        return odd.instead_of(served.body);
    }
    let status = StatusCode::from_u16(served.status).unwrap();
    let mut response = (status, served.body).into_response();
    if let Some(to) = served.location {
        response
            .headers_mut()
            .insert("location", to.parse().unwrap());
    }
    response
}

fn said((status, body): (u16, Value)) -> Response {
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

/// The connections of a stand-in.
struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, from) = self.0.accept().await.unwrap();
        (Line(stream), from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection: an answer with the mark [`NO_HTTP`] is as long as before, and no HTTP any more.
struct Line(TcpStream);

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.0);
        let head = &bytes[..bytes.len().min(HEAD)];
        let mut places = head.windows(NO_HTTP.len());
        if places.any(|place| place == NO_HTTP.as_bytes()) {
            return stream.poll_write(context, &vec![b'?'; bytes.len()]);
        }
        stream.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
