//! Actors for stories about the whole host: a fresh database with the demo's people, the real router, real
//! sockets. Actors use only what a browser could use.

// Each test file uses some of the actors.
#![allow(dead_code)]

pub mod bearer;
mod live;
pub mod nats;
mod ports;
pub mod postgres;
pub mod sqlite;
pub mod staff;

use std::collections::BTreeSet;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::{Router, response::Response};
use serde_json::json;
use server::channels::{ProviderConfig, providers};
use server::clock_and_ids::{Clock, RandomIds, SystemClock};
use server::desk::event_sender::Webhooks;
use server::desk::identity_provider::IdentityProviders;
use server::desk::nodes::NodeConfig;
use server::desk::push::Pushes;
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::oidc::{Oidc, OidcConfig};
use server::push::WebPush;
use server::secrets::Keyring;
use server::serve::answer;
use server::store::Store;
use server::webhooks::{HttpSender, WebhookConfig};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;

pub use self::live::Live;
pub use self::staff::Staff;

/// Nothing in these stories takes that long; a test that waits longer has found something.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Short, so that a story about a lost connection is short.
pub const GRACE: Duration = Duration::from_millis(400);
/// For stories about somebody who comes back in time, on a machine that may be busy.
pub const LONG_GRACE: Duration = Duration::from_secs(3);

/// Waits until something is so.
pub async fn eventually(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Off in the test binaries that are named for it.
const READ_CACHE: bool = !matches!(env!("CARGO_CRATE_NAME").as_bytes(), b"live_without_cache");

/// Whether the host stores in PostgreSQL: in the test binaries that are named for it.
const POSTGRES: bool = matches!(
    env!("CARGO_CRATE_NAME").as_bytes(),
    b"live_on_postgres"
        | b"scim_on_postgres"
        | b"sso_on_postgres"
        | b"two_way_coaching_on_postgres"
);

/// A running host with the demo's data.
pub struct Host {
    pub desk: Desk,
    router: Router,
    paths: Vec<String>,
    pub address: SocketAddr,
    _closing: watch::Sender<bool>,
    _data: Option<tempfile::TempDir>,
    _database: Option<postgres::Database>,
}

impl Host {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder for the database");
        let mut host = Self::start_in(data.path()).await;
        host._data = Some(data);
        host
    }

    /// One that was started without `--public-url`.
    pub async fn start_without_public_url() -> Self {
        let data = tempfile::tempdir().expect("a folder for the database");
        let config = DeskConfig {
            public_url: None,
            pushes: pushes(None),
            ..Self::desk_config()
        };
        let (http, clock) = (HttpConfig::default(), Arc::new(SystemClock));
        let mut host = Self::start_with(data.path(), http, clock, config).await;
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

    /// One on which a user may send so many texts in a second.
    pub async fn start_with_send_rate(send_rate: u32) -> Self {
        Self::start_with_rates(send_rate, u32::MAX).await
    }

    /// One on which a user may send so many texts, and so many other commands, in a second.
    pub async fn start_with_rates(send_rate: u32, command_rate: u32) -> Self {
        let data = tempfile::tempdir().expect("a folder for the database");
        let config = HttpConfig {
            send_rate,
            command_rate,
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

    /// One that waits [`LONG_GRACE`] for those whose connection was lost, and so long for a sign of life.
    pub async fn start_patient(data: &std::path::Path, proof: Duration) -> Self {
        let desk = DeskConfig {
            grace: LONG_GRACE,
            proof,
            ..Self::desk_config()
        };
        Self::start_with(data, HttpConfig::default(), Arc::new(SystemClock), desk).await
    }

    fn desk_config() -> DeskConfig {
        DeskConfig {
            grace: GRACE,
            public_url: Some("https://desk.example.com".to_owned()),
            providers: providers(&ProviderConfig {
                // Nobody listens there.
                twilio_url: "http://127.0.0.1:9".to_owned(),
                meta_url: "http://127.0.0.1:9".to_owned(),
                ..ProviderConfig::default()
            }),
            webhooks: Webhooks::by(HttpSender::new(on_loopback(), Arc::new(SystemClock))),
            pushes: pushes(Some("https://desk.example.com")),
            identity_providers: IdentityProviders::by(Oidc::new(
                OidcConfig {
                    allowed: vec!["127.0.0.0/8".parse().expect("a network")],
                    ..OidcConfig::default()
                },
                Arc::new(SystemClock),
            )),
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

    /// One with a desk of the test's own, whose clock the test holds.
    pub async fn start_configured(clock: Arc<dyn Clock>, config: DeskConfig) -> Self {
        let data = tempfile::tempdir().expect("a folder for the database");
        let http = HttpConfig::default();
        let mut host = Self::start_with(data.path(), http, clock, config).await;
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
        if POSTGRES {
            let database = postgres::Database::new().await;
            let store = Arc::new(database.open().await);
            return Self {
                _database: Some(database),
                ..Self::start_on(store, http, clock, config).await
            };
        }
        let store = Arc::new(sqlite::open(&data.join("sideline.db")).await);
        Self::start_on(store, http, clock, config).await
    }

    /// A host on what a power cut leaves of this one, whose data are in this folder.
    pub async fn after_power_cut(&self, data: &std::path::Path) -> Self {
        if let Some(database) = &self._database {
            let copy = database.copy().await;
            let store = Arc::new(copy.open().await);
            let (http, clock) = (HttpConfig::default(), Arc::new(SystemClock));
            return Self {
                _database: Some(copy),
                ..Self::start_on(store, http, clock, Self::desk_config()).await
            };
        }
        let after = data.join("after");
        std::fs::create_dir_all(&after).expect("a folder");
        // A copy of the files as they are now.
        for file in ["sideline.db", "sideline.db-wal"] {
            let there = data.join(file);
            if there.exists() {
                std::fs::copy(there, after.join(file)).expect("a copy");
            }
        }
        Self::start_in(&after).await
    }

    async fn start_on(
        store: Arc<dyn Store>,
        http: HttpConfig,
        clock: Arc<dyn Clock>,
        config: DeskConfig,
    ) -> Self {
        let config = DeskConfig {
            read_cache: READ_CACHE && config.read_cache,
            ..config
        };
        let desk = Desk::new(store, clock, Arc::new(RandomIds), config);
        server::demo::seed(&desk)
            .await
            .expect("demo data goes into an empty database");
        desk.open().await.expect("the desk opens");
        Self::over(desk, http).await
    }

    /// One of several nodes on a database, which share their keys; the first one brings the demo's data.
    pub async fn start_node(
        store: Arc<dyn Store>,
        node: NodeConfig,
        keys: Keyring,
        first: bool,
    ) -> Self {
        let config = DeskConfig {
            node: Some(node),
            keys,
            ..Self::desk_config()
        };
        let desk = Desk::new(store, Arc::new(SystemClock), Arc::new(RandomIds), config);
        if first {
            let seeded = server::demo::seed(&desk).await;
            seeded.expect("demo data goes into an empty database");
        }
        desk.open().await.expect("the desk opens");
        Self::over(desk, HttpConfig::default()).await
    }

    /// One that serves a desk of the test.
    pub async fn over(desk: Desk, http: HttpConfig) -> Self {
        let (closing, closed) = watch::channel(false);
        let routes = server::router::routes(desk.clone(), &http, closed);
        let paths = routes.paths().to_vec();
        let router = server::router::serve(routes, desk.clone(), &http);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        tokio::spawn(answer(listener, router.clone(), pending()));
        Self {
            desk,
            router,
            paths,
            address,
            _closing: closing,
            _data: None,
            _database: None,
        }
    }

    /// The database, of a host with a folder of its own.
    pub fn database(&self) -> std::path::PathBuf {
        let data = self._data.as_ref().expect("a folder of its own");
        data.path().join("sideline.db")
    }

    /// One request, as it would come from the network.
    pub async fn request(&self, request: Request<Body>) -> Response {
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("the router answers everything")
    }

    /// Every route of the running program, as `GET /login`; a route for any method as `ANY /api/{*name}`. A path answers
    /// a method that it does not have with those that it has.
    pub async fn routes(&self) -> BTreeSet<String> {
        let mut routes = BTreeSet::new();
        for pattern in &self.paths {
            let segments = pattern.split('/').map(|segment| match segment {
                parameter if parameter.starts_with('{') => "x",
                literal => literal,
            });
            let request = Request::builder()
                .method("PROBE")
                .uri(segments.collect::<Vec<_>>().join("/"))
                .body(Body::empty())
                .expect("a request");
            let response = self.request(request).await;
            let allowed = response.headers().get(header::ALLOW);
            let methods = match (response.status(), allowed) {
                (StatusCode::METHOD_NOT_ALLOWED, Some(allowed)) => allowed.to_str(),
                _ => Ok("ANY"),
            };
            let methods = methods.expect("names of methods").split(',');
            // axum answers HEAD wherever it answers GET.
            let listed = methods.filter(|method| *method != "HEAD");
            routes.extend(listed.map(|method| format!("{method} {pattern}")));
        }
        routes
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

    /// Somebody whose browser sends this along.
    pub fn with_cookies(&self, cookie: String) -> Staff<'_> {
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

/// What notifies browsers, for a host that is found there.
fn pushes(contact: Option<&str>) -> Pushes {
    Pushes::by(WebPush::new(
        on_loopback(),
        Arc::new(SystemClock),
        &Keyring::default(),
        contact.map(str::to_owned),
    ))
}

/// What is sent outwards comes to a stand-in on this machine.
fn on_loopback() -> WebhookConfig {
    WebhookConfig {
        allowed: vec!["127.0.0.0/8".parse().expect("a network")],
        ..WebhookConfig::default()
    }
}

fn cookie_of(response: &Response) -> String {
    let cookie = response.headers()[header::SET_COOKIE]
        .to_str()
        .expect("a cookie is text");
    let value = cookie.split(';').next().expect("a cookie has a value");
    value.to_owned()
}

/// A key as a browser makes it.
pub fn key() -> String {
    use server::clock_and_ids::Ids;
    RandomIds.next()
}
