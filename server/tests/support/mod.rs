//! Actors for stories about the whole host: a fresh database with the demo's people, the real router, real
//! sockets. Actors use only what a browser could use.

// Each test file uses some of the actors.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::{Router, response::Response};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::seeds::{Clock, RandomIds, SystemClock};
use server::serve::answer;
use server::store::sqlite::SqliteStore;
use shared::ids::WorkitemId;
use shared::live::{ClientFrame, Position, ServerFrame, Topic};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tower::ServiceExt;

/// Nothing in these stories takes that long; a test that waits longer has found something.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Short, so that a story about a lost connection is short.
pub const GRACE: Duration = Duration::from_millis(400);

/// A running host with the demo's data.
pub struct Host {
    pub desk: Desk,
    router: Router,
    pub address: SocketAddr,
    _closing: watch::Sender<bool>,
    _data: Option<tempfile::TempDir>,
}

impl Host {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder for the database");
        let mut host = Self::start_in(data.path()).await;
        host._data = Some(data);
        host
    }

    /// One that waits only so long until a request can be answered.
    pub async fn start_impatient(answer_within: Duration) -> Self {
        let data = tempfile::tempdir().expect("a folder for the database");
        let config = HttpConfig {
            answer_within,
            ..HttpConfig::default()
        };
        let mut host = Self::start_as(data.path(), config).await;
        host._data = Some(data);
        host
    }

    /// One behind a proxy that names the client.
    pub async fn start_behind_proxy() -> Self {
        let data = tempfile::tempdir().expect("a folder for the database");
        let config = HttpConfig {
            trust_forwarded: true,
            ..HttpConfig::default()
        };
        let mut host = Self::start_as(data.path(), config).await;
        host._data = Some(data);
        host
    }

    pub async fn start_in(data: &std::path::Path) -> Self {
        Self::start_as(data, HttpConfig::default()).await
    }

    /// One that waits only so long for a sign of life from an agent who was given work.
    pub async fn start_watchful(data: &std::path::Path, proof: Duration) -> Self {
        let desk = DeskConfig {
            proof,
            ..Self::desk_config()
        };
        Self::start_with(data, HttpConfig::default(), Arc::new(SystemClock), desk).await
    }

    fn desk_config() -> DeskConfig {
        DeskConfig {
            grace: GRACE,
            ..DeskConfig::default()
        }
    }

    /// One whose clock the test holds.
    pub async fn start_with_clock(clock: Arc<dyn Clock>) -> Self {
        let data = tempfile::tempdir().expect("a folder for the database");
        let mut host = Self::start_at(data.path(), HttpConfig::default(), clock).await;
        host._data = Some(data);
        host
    }

    async fn start_as(data: &std::path::Path, http: HttpConfig) -> Self {
        Self::start_at(data, http, Arc::new(SystemClock)).await
    }

    async fn start_at(data: &std::path::Path, http: HttpConfig, clock: Arc<dyn Clock>) -> Self {
        Self::start_with(data, http, clock, Self::desk_config()).await
    }

    async fn start_with(
        data: &std::path::Path,
        http: HttpConfig,
        clock: Arc<dyn Clock>,
        config: DeskConfig,
    ) -> Self {
        let store = SqliteStore::open(&data.join("sideline.db"))
            .await
            .expect("a new database opens");
        let desk = Desk::new(Arc::new(store), clock, Arc::new(RandomIds), config);
        server::demo::seed(&desk)
            .await
            .expect("demo data goes into an empty database");
        desk.open().await.expect("the desk opens");
        Self::over(desk, http).await
    }

    /// One that serves this desk, which a test holds in its hands.
    pub async fn over(desk: Desk, http: HttpConfig) -> Self {
        let (closing, closed) = watch::channel(false);
        let router = server::router::router(desk.clone(), &http, closed);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        tokio::spawn(answer(listener, router.clone(), pending()));
        Self {
            desk,
            router,
            address,
            _closing: closing,
            _data: None,
        }
    }

    /// One request, as it would come from the network.
    pub async fn request(&self, request: Request<Body>) -> Response {
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("the router answers everything")
    }

    /// Every route of the running program, as `GET /login`; a route for any method as `ANY /api/{*name}`. What axum
    /// says of its router is the only place where it names them; were that to change, no route would be found and
    /// the tables that are compared with this would not agree.
    pub fn routes(&self) -> BTreeSet<String> {
        let said = format!("{:#?}", self.router);
        let own = said.split("fallback_router").next().expect("a beginning");
        let (mut methods, mut paths) = (BTreeMap::<&str, Vec<String>>::new(), BTreeMap::new());
        let mut id = "";
        for line in own.lines().map(str::trim) {
            if let Some(number) = line
                .strip_suffix(',')
                .filter(|text| text.parse::<u32>().is_ok())
            {
                id = number;
            } else if line.starts_with("): MethodRouter") {
                methods.insert(id, Vec::new());
            } else if let Some(path) = line.strip_prefix("): \"") {
                paths.insert(id, path.trim_end_matches("\","));
            } else if let Some((method, "Route," | "BoxedHandler,")) = line.split_once(": ") {
                let known = methods.get_mut(id).expect("a route before its methods");
                known.push(method.to_uppercase());
            }
        }
        let listed = paths.iter().flat_map(|(id, path)| {
            let mut methods = methods.get(id).expect("a path has a route").clone();
            if methods.is_empty() {
                methods.push("ANY".to_owned());
            }
            methods
                .into_iter()
                .map(move |method| format!("{method} {path}"))
        });
        listed.collect()
    }

    /// A customer on the chat page of team Care who has written something.
    pub async fn customer(&self) -> Staff<'_> {
        self.customer_saying("Dana", "good morning").await
    }

    /// A customer on the chat page of team Care with a name and first words of their own.
    pub async fn customer_saying(&self, name: &str, text: &str) -> Staff<'_> {
        let input = json!({ "name": name, "key": key(), "text": text });
        let request = Request::post("/chat/care/messages")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(input.to_string()))
            .expect("a request");
        let response = self.request(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        let cookie = cookie_of(&response);
        Staff { host: self, cookie }
    }

    pub fn nobody(&self) -> Staff<'_> {
        Staff {
            host: self,
            cookie: String::new(),
        }
    }

    /// One of the demo's people, signed in by the form.
    pub async fn sign_in(&self, username: &str) -> Staff<'_> {
        let form = format!("username={username}&password=sideline-demo");
        let request = Request::post("/login")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .expect("a request");
        let response = self.request(request).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let cookie = cookie_of(&response);
        Staff { host: self, cookie }
    }
}

fn cookie_of(response: &Response) -> String {
    let cookie = response.headers()[header::SET_COOKIE]
        .to_str()
        .expect("a cookie is text");
    let value = cookie.split(';').next().expect("a cookie has a value");
    value.to_owned()
}

/// Somebody with a browser, or nobody.
pub struct Staff<'a> {
    host: &'a Host,
    cookie: String,
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
        let mut live = Live { socket };
        assert!(matches!(live.next().await, ServerFrame::Hello { .. }));
        Ok(live)
    }
}

/// A key as a browser makes it.
pub fn key() -> String {
    use server::seeds::Ids;
    RandomIds.next()
}

/// One tab's live connection.
pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    pub async fn send(&mut self, frame: &ClientFrame) {
        self.text(serde_json::to_string(frame).expect("a frame"))
            .await;
    }

    pub async fn text(&mut self, text: String) {
        self.message(Message::text(text)).await;
    }

    pub async fn message(&mut self, message: Message) {
        let sent = self.socket.send(message).await;
        sent.expect("the connection is open");
    }

    /// Waits for the end of the connection, with a code or without one.
    pub async fn ended(&mut self) -> Option<u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message.expect("it ends") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    pub async fn subscribe(&mut self, topic: Topic, after: Option<Position>, monitor: bool) {
        self.send(&ClientFrame::Subscribe {
            topic,
            after,
            monitor,
            patches: false,
        })
        .await;
    }

    /// Follows a projection as a tab of this release does: the whole once, then what changed.
    pub async fn subscribe_patched(&mut self, topic: Topic) {
        self.send(&ClientFrame::Subscribe {
            topic,
            after: None,
            monitor: false,
            patches: true,
        })
        .await;
    }

    /// The next frame of the host.
    pub async fn next(&mut self) -> ServerFrame {
        match self.next_or_close().await {
            Ok(frame) => frame,
            Err(code) => panic!("the connection was closed with {code}"),
        }
    }

    /// The next frame, or the close code.
    pub async fn next_or_close(&mut self) -> Result<ServerFrame, u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("something comes");
            match message
                .expect("the connection is open")
                .expect("a whole frame")
            {
                Message::Text(text) => {
                    return Ok(serde_json::from_str(&text).expect("a known frame"));
                }
                Message::Close(frame) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                _ => {}
            }
        }
    }

    /// Reads until a frame fits; what came before is dropped.
    pub async fn until<T>(&mut self, fits: impl Fn(&ServerFrame) -> Option<T>) -> T {
        loop {
            if let Some(found) = fits(&self.next().await) {
                return found;
            }
        }
    }

    /// Reads until the topic is followed; answers what was sent on the way and the head.
    pub async fn followed(&mut self) -> (Vec<ServerFrame>, i64) {
        let mut before = Vec::new();
        loop {
            match self.next().await {
                ServerFrame::Subscribed { rev, .. } => return (before, rev),
                frame => before.push(frame),
            }
        }
    }

    pub async fn closed_with(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next_or_close().await {
                return code;
            }
        }
    }
}
