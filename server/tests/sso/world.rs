//! A host whose users sign in at a provider.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use server::clock_and_ids::{Clock, RandomIds, SystemClock};
use server::desk::identity_provider::IdentityProviders;
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::oidc::{Oidc, OidcConfig};
use server::store::sqlite::SqliteStore;
use shared::time::Timestamp;

use crate::browser::{Browser, Shown};
use crate::provider::{CLIENT, Provider, SECRET};
use crate::support::{Host, Staff, key};

/// The page of administrators.
pub const PAGE: &str = "/admin/single-sign-on";
/// The cookie of a session.
pub const SESSION: &str = "sideline_session";
/// How long the provider may take.
const PATIENT: Duration = Duration::from_secs(5);

/// A clock that can be put forward, here and at the provider.
#[derive(Default)]
pub struct Watch(AtomicI64);

impl Watch {
    pub fn pass_minutes(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000_000, Ordering::Relaxed);
    }
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::Relaxed))
    }
}

pub struct World {
    pub host: Host,
    pub provider: Provider,
    pub clock: Arc<Watch>,
    _data: tempfile::TempDir,
}

impl World {
    /// Nothing is set up.
    pub async fn new() -> Self {
        let clock = Arc::new(Watch::default());
        let provider = Provider::start(clock.clone()).await;
        let data = tempfile::tempdir().expect("a folder for the database");
        let store = SqliteStore::open(&data.path().join("sideline.db")).await;
        let oidc = OidcConfig {
            allowed: vec!["127.0.0.0/8".parse().expect("a network")],
            time_limit: PATIENT,
            ..OidcConfig::default()
        };
        let config = DeskConfig {
            public_url: Some("https://desk.example.com".to_owned()),
            identity_providers: IdentityProviders::by(Oidc::new(oidc, clock.clone())),
            ..DeskConfig::default()
        };
        let store = Arc::new(store.expect("a new database opens"));
        let desk = Desk::new(store, clock.clone(), Arc::new(RandomIds), config);
        let seeded = server::demo::seed(&desk).await;
        seeded.expect("demo data goes into an empty database");
        desk.open().await.expect("the desk opens");
        Self {
            host: Host::over(desk, HttpConfig::default()).await,
            provider,
            clock,
            _data: data,
        }
    }

    /// Ada has set it up and switched it on. `more` goes before what the form holds otherwise.
    pub async fn set_up(more: &[(&str, &str)]) -> Self {
        let world = Self::new().await;
        let mut ada = Browser::new(&world.host);
        ada.sign_in("ada", "sideline-demo").await;
        let saved = world.save(&mut ada, more).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        let on = world.act(&mut ada, "on").await;
        assert!(on.body.contains("Switched on"), "{}", on.body);
        world
    }

    /// The form, as somebody fills it in.
    pub async fn save(&self, browser: &mut Browser<'_>, more: &[(&str, &str)]) -> Shown {
        let key = key();
        let rest = [
            ("act", "save"),
            ("key", key.as_str()),
            ("name", "Acme"),
            ("issuer", self.provider.issuer()),
            ("client_id", CLIENT),
            ("secret", SECRET),
            ("username_claim", "preferred_username"),
        ];
        // The first one of a name counts.
        let fields: Vec<(&str, &str)> = more.iter().copied().chain(rest).collect();
        browser.form(PAGE, &fields).await
    }

    /// One of the page's buttons.
    pub async fn act(&self, browser: &mut Browser<'_>, act: &str) -> Shown {
        let key = key();
        browser
            .form(PAGE, &[("act", act), ("key", key.as_str())])
            .await
    }

    /// Somebody goes to the provider, signs in there and comes back.
    pub async fn comes(&self, browser: &mut Browser<'_>, person: Value) -> Shown {
        let back = self.goes(browser, person).await;
        browser.get(&back).await
    }

    /// Somebody goes to the provider and signs in there: the way back.
    pub async fn goes(&self, browser: &mut Browser<'_>, person: Value) -> String {
        let sent = browser.get("/sso/start").await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        self.provider.signs_in(&sent.to, person)
    }

    /// Ada, who signs in with her password.
    pub async fn ada(&self) -> Staff<'_> {
        self.host.sign_in("ada").await
    }

    /// A user, as administrators see them.
    pub async fn user(&self, username: &str) -> Option<Value> {
        let ada = self.ada().await;
        let list = ada.call("administration/user_list", json!({})).await.ok();
        let list = list.as_array().expect("a list").clone();
        list.into_iter().find(|user| user["username"] == username)
    }
}

/// Somebody whom the provider knows, by their username.
pub fn person(username: &str) -> Value {
    json!({ "sub": format!("subject of {username}"), "preferred_username": username, "name": "A Name" })
}

/// The same with roles.
pub fn person_with(username: &str, roles: &[&str]) -> Value {
    let mut person = person(username);
    person["roles"] = json!(roles);
    person
}

/// Nobody was signed in, for this reason.
pub fn assert_refused(browser: &Browser<'_>, shown: &Shown, reason: &str) {
    let error = format!("/login?error={reason}");
    assert_eq!(shown.status, 303, "{}", shown.body);
    assert!(shown.to.starts_with(&error), "{}", shown.to);
    assert!(!browser.has(SESSION), "nobody is signed in");
}
