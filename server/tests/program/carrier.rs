//! Two providers beside a program that is killed: the APIs of Twilio and of Meta's WhatsApp as far as the outbox needs them. They
//! take messages, lose answers and refuse now and then. Twilio lists what it has taken (sometimes a little later) and reports what
//! it delivered; Meta can be asked nothing. They keep the files of customers, and are a receiver of webhooks as well.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Body;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
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
use sha2::Sha256;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::dice::Dice;
use crate::fixtures::{Gone, PATIENCE};

/// What providers call the program by; it listens elsewhere.
pub const PUBLIC: &str = "https://desk.example.com";
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "a-token-that-nobody-may-see";
/// The contact centre's number.
pub const OURS: &str = "+15550006789";
/// What Meta calls the contact centre's number on WhatsApp.
pub const PHONE: &str = "106540352242922";
pub const APP_SECRET: &str = "an-app-secret-that-nobody-may-see";

/// A picture, as far as anybody looks.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";

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

/// A message that Meta took.
struct OnWhatsApp {
    to: String,
    text: String,
    /// The program may not know that it was taken: the answer was lost, or the program was killed after it.
    open: bool,
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
    /// Files that were fetched.
    pub files: usize,
    /// Messages that Meta took, those that came twice each time.
    pub on_whatsapp: usize,
    /// Of those, messages that it had taken before, although the program knew.
    pub on_whatsapp_needlessly: usize,
    /// Of those, messages that it had taken before.
    pub on_whatsapp_doubled: usize,
    /// Webhooks that were taken, those that came twice each time.
    pub told: usize,
    /// Of those, webhooks that were taken before, under the same id.
    pub told_again: usize,
}

struct Inner {
    dice: Dice,
    /// Where reports go; nowhere while the program is gone.
    program: Option<SocketAddr>,
    /// Everything works.
    calm: bool,
    taken: Vec<Taken>,
    on_whatsapp: Vec<OnWhatsApp>,
    /// What webhooks said, by their ids: in which workitem, and the text.
    told: HashMap<String, (String, String)>,
    counts: Counts,
}

#[derive(Clone)]
pub struct Carrier {
    inner: Arc<Mutex<Inner>>,
    /// A webhook was taken.
    heard: Arc<Notify>,
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
            on_whatsapp: Vec::new(),
            told: HashMap::new(),
            counts: Counts::default(),
        };
        let carrier = Self {
            inner: Arc::new(Mutex::new(inner)),
            heard: Arc::default(),
            url,
        };
        let router = Router::new()
            .route("/hook", axum::routing::post(hear))
            .route("/media/{file}", axum::routing::get(file))
            .route(
                "/{version}/{sender}/messages",
                axum::routing::post(take_on_whatsapp),
            )
            .fallback(axum::routing::post(take).get(list))
            .with_state(carrier.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        carrier
    }

    /// Reports go there from now on.
    pub fn reports_to(&self, program: SocketAddr) {
        self.lock().program = Some(program);
    }

    /// The program was killed. Of what each customer got, it may not have noted the last one.
    pub fn program_was_killed(&self) {
        let mut inner = self.lock();
        inner.program = None;
        let mut seen = HashSet::new();
        for taken in inner.on_whatsapp.iter_mut().rev() {
            taken.open |= seen.insert(taken.to.clone());
        }
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
        let by_twilio = inner.taken.iter().map(|taken| (&taken.to, &taken.text));
        let by_meta = inner.on_whatsapp.iter();
        let by_meta = by_meta.map(|taken| (&taken.to, &taken.text));
        let theirs = by_twilio.chain(by_meta).filter(|(whose, _)| *whose == to);
        theirs.map(|(_, text)| text.clone()).collect()
    }

    /// How often a text of a workitem was told of, under different ids.
    pub fn told(&self, workitem: &str, text: &str) -> usize {
        let inner = self.lock();
        let about = |told: &&(String, String)| told.0 == workitem && told.1 == text;
        inner.told.values().filter(about).count()
    }

    /// Waits for the next webhook.
    pub async fn hears(&self) {
        let heard = timeout(PATIENCE, self.heard.notified());
        heard.await.expect("a webhook in time");
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

/// What Twilio puts into `X-Twilio-Signature`.
pub fn signature(token: &str, url: &str, form: &[(&str, &str)]) -> String {
    let mut signed = form.to_vec();
    signed.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("any key will do");
    mac.update(url.as_bytes());
    for (name, value) in signed {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// Calls the program as Twilio does: its status, unless it is gone.
pub async fn call(
    program: SocketAddr,
    url: &str,
    form: &[(&str, &str)],
) -> Result<StatusCode, Gone> {
    let signature = signature(TOKEN, url, form);
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-twilio-signature", &signature),
    ];
    post(program, url, headers, body).await
}

/// Calls the program as Meta does: its status, unless it is gone.
pub async fn call_of_meta(
    program: SocketAddr,
    url: &str,
    event: &Value,
) -> Result<StatusCode, Gone> {
    let body = event.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("any key will do");
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let headers = [
        ("content-type", "application/json"),
        ("x-hub-signature-256", &signature),
    ];
    post(program, url, headers, body).await
}

async fn post(
    program: SocketAddr,
    url: &str,
    headers: [(&str, &str); 2],
    body: String,
) -> Result<StatusCode, Gone> {
    let path = url.strip_prefix(PUBLIC).expect("a URL of the program");
    let request = Request::post(path)
        .header("host", program.to_string())
        .header("connection", "close");
    let request = headers
        .into_iter()
        .fold(request, |request, (name, value)| {
            request.header(name, value)
        })
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
    let cut = match carrier.lock().fate() {
        Fate::Refused(status) => return (status, [("retry-after", "0")]).into_response(),
        Fate::Taken { cut } => cut,
    };
    let (sid, reported) = carrier.lock().take(&form);
    if let Some(url) = form.get("StatusCallback").filter(|_| reported) {
        tokio::spawn(carrier.clone().report(sid.clone(), url.clone()));
    }
    if cut {
        return broken_off();
    }
    let taken = json!({ "sid": sid, "status": "queued", "body": form["Body"] });
    (StatusCode::CREATED, Json(taken)).into_response()
}

/// `POST …/messages` of Meta.
async fn take_on_whatsapp(State(carrier): State<Carrier>, Json(body): Json<Value>) -> Response {
    let mut inner = carrier.lock();
    let cut = match inner.fate() {
        Fate::Refused(status) => return (status, [("retry-after", "0")]).into_response(),
        Fate::Taken { cut } => cut,
    };
    let of = |path: &str| body.pointer(path).and_then(Value::as_str).expect("text");
    let (to, text) = (of("/to").to_owned(), of("/text/body").to_owned());
    let mut before = inner.on_whatsapp.iter().rev();
    let before = before.find(|taken| taken.to == to && taken.text == text);
    if let Some(open) = before.map(|taken| taken.open) {
        inner.counts.on_whatsapp_doubled += 1;
        inner.counts.on_whatsapp_needlessly += usize::from(!open);
    }
    inner.counts.on_whatsapp += 1;
    let id = format!("wamid.{}", inner.counts.on_whatsapp);
    let open = cut || inner.program.is_none();
    inner.on_whatsapp.push(OnWhatsApp { to, text, open });
    if cut {
        return broken_off();
    }
    Json(json!({ "messaging_product": "whatsapp", "messages": [{ "id": id }] })).into_response()
}

/// A webhook. Of eight one is refused, and one fails after it was taken: only the status of an answer is read.
async fn hear(
    State(carrier): State<Carrier>,
    headers: HeaderMap,
    Json(event): Json<Value>,
) -> Response {
    let mut inner = carrier.lock();
    let dice = if inner.calm { 7 } else { inner.dice.below(8) };
    if dice == 0 {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let id = headers["webhook-id"].to_str().expect("text").to_owned();
    let of = |value: &Value| value.as_str().expect("text").to_owned();
    let data = &event["data"];
    let said = (of(&data["workitem"]["id"]), of(&data["line"]["text"]));
    inner.counts.told += 1;
    match inner.told.insert(id, said.clone()) {
        None => {}
        Some(before) => {
            assert_eq!(before, said, "an id names one event");
            inner.counts.told_again += 1;
        }
    }
    carrier.heard.notify_one();
    match dice {
        1 => StatusCode::BAD_GATEWAY.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

/// A file of a customer's. Of eight requests one fails, and one breaks off.
async fn file(State(carrier): State<Carrier>, uri: Uri) -> Response {
    assert!(uri.path().ends_with(".png"), "{uri}");
    let mut inner = carrier.lock();
    match if inner.calm { 7 } else { inner.dice.below(8) } {
        0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        1 => broken_off(),
        _ => {
            inner.counts.files += 1;
            PICTURE.into_response()
        }
    }
}

/// A body that breaks off ends the connection.
fn broken_off() -> Response {
    let broken = Err::<Bytes, _>(std::io::Error::other("cut"));
    let broken = Body::from_stream(futures_util::stream::once(async { broken }));
    (StatusCode::CREATED, broken).into_response()
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

/// What becomes of a request that brings a message.
enum Fate {
    Refused(StatusCode),
    Taken {
        /// The answer is lost.
        cut: bool,
    },
}

impl Inner {
    /// Of sixteen requests two are refused, and the answers to two are lost after the message was taken.
    fn fate(&mut self) -> Fate {
        let refused = match self.dice.below(16) {
            _ if self.calm => return Fate::Taken { cut: false },
            0 => StatusCode::INTERNAL_SERVER_ERROR,
            1 => StatusCode::TOO_MANY_REQUESTS,
            2 | 3 => {
                self.counts.cut += 1;
                return Fate::Taken { cut: true };
            }
            _ => return Fate::Taken { cut: false },
        };
        self.counts.refused += 1;
        Fate::Refused(refused)
    }

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
