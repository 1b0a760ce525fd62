//! A host whose users sign in at a provider.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use server::clock_and_ids::{Clock, SystemClock};
use server::desk::DeskConfig;
use server::desk::identity_provider::IdentityProviders;
use server::oidc::{Oidc, OidcConfig};
use shared::time::Timestamp;

use super::browser::{Browser, Shown};
use super::provider::Provider;
use super::single_sign_on;
use super::support::{Host, Staff};

pub use super::single_sign_on::{PAGE, SESSION, person, person_with};

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
}

impl World {
    /// Nothing is set up.
    pub async fn new() -> Self {
        let clock = Arc::new(Watch::default());
        let provider = Provider::start(clock.clone()).await;
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
        Self {
            host: Host::start_configured(clock.clone(), config).await,
            provider,
            clock,
        }
    }

    /// Ada has set it up and switched it on. `more` goes before what the form holds otherwise.
    pub async fn set_up(more: &[(&str, &str)]) -> Self {
        let world = Self::new().await;
        single_sign_on::set_up(&world.host, &world.provider, more).await;
        world
    }

    /// The form, as somebody fills it in.
    pub async fn save(&self, browser: &mut Browser<'_>, more: &[(&str, &str)]) -> Shown {
        single_sign_on::save(browser, &self.provider, more).await
    }

    /// One of the page's buttons.
    pub async fn act(&self, browser: &mut Browser<'_>, act: &str) -> Shown {
        single_sign_on::act(browser, act).await
    }

    /// Somebody goes to the provider, signs in there and comes back.
    pub async fn comes(&self, browser: &mut Browser<'_>, person: Value) -> Shown {
        single_sign_on::comes(browser, &self.provider, person).await
    }

    /// Somebody goes to the provider and signs in there: the way back.
    pub async fn goes(&self, browser: &mut Browser<'_>, person: Value) -> String {
        single_sign_on::goes(browser, &self.provider, person).await
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

/// Nobody was signed in, for this reason.
pub fn assert_refused(browser: &Browser<'_>, shown: &Shown, reason: &str) {
    let error = format!("/login?error={reason}");
    assert_eq!(shown.status, 303, "{}", shown.body);
    assert!(shown.to.starts_with(&error), "{}", shown.to);
    assert!(!browser.has(SESSION), "nobody is signed in");
}
