//! A provider beside a program that is killed: Twilio's API as far as the outbox needs it. It takes messages, loses answers,
//! refuses now and then, lists what it has taken (sometimes a little later), and reports what it delivered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Body;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha1::Sha1;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::dice::Dice;
use crate::fixtures::{Gone, PATIENCE};

/// What providers call the program by; it listens elsewhere.
pub const PUBLIC: &str = "https://desk.example.com";
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "a-token-that-nobody-may-see";
/// The contact centre's number.
pub const OURS: &str = "+15550006789";

/// A message that was taken.
struct Taken {
    to: String,
    text: String,
    sid: String,
    made: String,
    /// It is missing in the next list.
    hidden: bool,
    /// Whether the last list since then named it; nothing before there was one.
    listed: Option<bool>,
}

/// How often what happened.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Messages that were taken, those that came twice each time.
    pub taken: usize,
    /// Of those, messages that were taken before.
    pub doubled: usize,
    /// Of those, messages that the list had named before they were sent again, or that nobody had asked for.
    pub needlessly: usize,
    /// Answers that were lost after a message was taken.
    pub cut: usize,
    /// Requests that were refused for the moment.
    pub refused: usize,
    /// Lists that were asked for.
    pub lists: usize,
}

struct Inner {
    dice: Dice,
    /// Where reports go; nowhere while the program is gone.
    program: Option<SocketAddr>,
    /// Everything works.
    calm: bool,
    taken: Vec<Taken>,
    counts: Counts,
}

#[derive(Clone)]
pub struct Carrier {
    inner: Arc<Mutex<Inner>>,
    pub url: String,
}

impl Carrier {
    pub async fn start(dice: Dice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let inner = Inner {
            dice,
            program: None,
            calm: false,
            taken: Vec::new(),
            counts: Counts::default(),
        };
        let carrier = Self {
            inner: Arc::new(Mutex::new(inner)),
            url,
        };
        let router = Router::new()
            .fallback(axum::routing::post(take).get(list))
            .with_state(carrier.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        carrier
    }

    /// Reports go there from now on.
    pub fn reports_to(&self, program: Option<SocketAddr>) {
        self.lock().program = program;
    }

    /// From now on everything works.
    pub fn calms_down(&self) {
        self.lock().calm = true;
    }

    pub fn counts(&self) -> Counts {
        self.lock().counts.clone()
    }

    /// What was taken for a customer, in order.
    pub fn taken(&self, to: &str) -> Vec<String> {
        let inner = self.lock();
        let theirs = inner.taken.iter().filter(|taken| taken.to == to);
        theirs.map(|taken| taken.text.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nobody panicked")
    }

    /// Tells the program that a message has arrived. Nobody repeats a report that gets no answer.
    async fn report(self, sid: String, url: String) {
        let program = self.lock().program;
        if let Some(program) = program {
            let form = [
                ("MessageSid", sid.as_str()),
                ("MessageStatus", "delivered"),
                ("AccountSid", ACCOUNT),
            ];
            let _ = call(program, &url, &form).await;
        }
    }
}

/// Calls the program as Twilio does: its status, unless it is gone.
pub async fn call(
    program: SocketAddr,
    url: &str,
    form: &[(&str, &str)],
) -> Result<StatusCode, Gone> {
    let mut signed = form.to_vec();
    signed.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).expect("any key will do");
    mac.update(url.as_bytes());
    for (name, value) in signed {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let path = url.strip_prefix(PUBLIC).expect("a URL of the program");
    let request = Request::post(path)
        .header("host", program.to_string())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", signature)
        .header("connection", "close")
        .body(Full::new(Bytes::from(body)))
        .expect("a request");
    let exchange = async {
        let socket = TcpStream::connect(program).await.map_err(|_| Gone)?;
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(socket)).await;
        let (mut sender, connection) = shaken.map_err(|_| Gone)?;
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(|_| Gone)?;
        let status = answer.status();
        answer.into_body().collect().await.map_err(|_| Gone)?;
        Ok(status)
    };
    timeout(PATIENCE, exchange)
        .await
        .expect("an answer in time")
}

/// `POST …/Messages.json`.
async fn take(
    State(carrier): State<Carrier>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let (refused, cut) = {
        let mut inner = carrier.lock();
        // Of sixteen requests two are refused, one breaks after it was taken, one gets no answer.
        match inner.dice.below(16) {
            _ if inner.calm => (None, false),
            0 => (Some(StatusCode::INTERNAL_SERVER_ERROR), false),
            1 => (Some(StatusCode::TOO_MANY_REQUESTS), false),
            2 | 3 => (None, true),
            _ => (None, false),
        }
    };
    if let Some(status) = refused {
        carrier.lock().counts.refused += 1;
        return (status, [("retry-after", "0")]).into_response();
    }
    let (sid, reported) = carrier.lock().take(&form);
    if let Some(url) = form.get("StatusCallback").filter(|_| reported) {
        tokio::spawn(carrier.clone().report(sid.clone(), url.clone()));
    }
    if cut {
        carrier.lock().counts.cut += 1;
        // A body that breaks off ends the connection.
        let broken = Err::<Bytes, _>(std::io::Error::other("cut"));
        let broken = Body::from_stream(futures_util::stream::once(async { broken }));
        return (StatusCode::CREATED, broken).into_response();
    }
    let taken = json!({ "sid": sid, "status": "queued", "body": form["Body"] });
    (StatusCode::CREATED, Json(taken)).into_response()
}

/// `GET …/Messages.json`: the newest first, without those that are not listed yet.
async fn list(
    State(carrier): State<Carrier>,
    Query(query): Query<HashMap<String, String>>,
) -> Json<Value> {
    let mut inner = carrier.lock();
    inner.counts.lists += 1;
    let mut found = Vec::new();
    let to = &query["To"];
    for taken in inner.taken.iter_mut().filter(|taken| taken.to == *to) {
        taken.listed = Some(!taken.hidden);
        if !std::mem::take(&mut taken.hidden) {
            found.push(json!({ "sid": taken.sid, "body": taken.text, "date_created": taken.made }));
        }
    }
    found.reverse();
    found.truncate(100);
    Json(json!({ "messages": found }))
}

impl Inner {
    /// Takes a message: its name, and whether it is reported.
    fn take(&mut self, form: &HashMap<String, String>) -> (String, bool) {
        let (to, text) = (form["To"].clone(), form["Body"].clone());
        let mut before = self.taken.iter().rev();
        let before = before.find(|taken| taken.to == to && taken.text == text);
        if let Some(before) = before {
            self.counts.doubled += 1;
            self.counts.needlessly += usize::from(before.listed != Some(false));
        }
        self.counts.taken += 1;
        let sid = format!("SM{:032x}", self.counts.taken);
        let now = jiff::Timestamp::now();
        let made = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&now);
        self.taken.push(Taken {
            to,
            text,
            sid: sid.clone(),
            made: made.expect("a date"),
            hidden: !self.calm && self.dice.below(4) == 0,
            listed: None,
        });
        (sid, self.dice.below(2) == 0)
    }
}
