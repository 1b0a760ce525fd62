//! A host with the demo's people and a Twilio number of team Care.

use std::sync::Arc;
use std::time::Duration;

use app::backend::{Channels, Coaching, Workitems};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use rusqlite::{Connection, OpenFlags};
use server::channels::{ProviderConfig, providers};
use server::clock_and_ids::Ids;
use server::commands::{MonitoringBegin, WorkitemAssign};
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::secrets::Keyring;
use server::store::sqlite::{SqliteStore, verify};
use shared::channels::{
    NamedSecret, NamedValue, ProviderChannel, ProviderChannelChange, TypedSecret,
};
use shared::delivery::{Delivery, DeliveryState};
use shared::error::AppError;
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::people::Actor;
use shared::text::{CoachingText, MessageText};
use shared::transcript::{Entry, EntryBody};
use tokio::sync::watch;
use tower::ServiceExt;

use crate::deterministic::{DeterministicIds, FixedClock};
use crate::stand_in::{ACCOUNT, StandIn, TOKEN, signature};

pub const PUBLIC: &str = "https://desk.example.com";
/// Sideline's number, and the customer's.
pub const OURS: &str = "+15550006789";
pub const DANAS: &str = "+15551230000";

pub struct Host {
    pub desk: Desk,
    pub clock: Arc<FixedClock>,
    pub ids: Arc<DeterministicIds>,
    pub twilio: StandIn,
    pub channel: ProviderChannel,
    router: Router,
    _closing: watch::Sender<bool>,
    data: tempfile::TempDir,
}

/// What the webhook answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    pub body: String,
}

fn config(twilio: &StandIn, keys: &Keyring) -> DeskConfig {
    let provider = ProviderConfig {
        twilio_url: twilio.url.clone(),
        time_limit: Duration::from_millis(300),
    };
    DeskConfig {
        public_url: Some(PUBLIC.to_owned()),
        providers: providers(&provider),
        keys: keys.clone(),
        ..DeskConfig::default()
    }
}

/// What an administrator fills in.
pub fn change(kind: &str, team: &str) -> ProviderChannelChange {
    ProviderChannelChange {
        kind: kind.to_owned(),
        name: "Care by text".to_owned(),
        team: TeamId::parse(team).unwrap(),
        address: OURS.to_owned(),
        settings: vec![NamedValue {
            name: "account_sid".to_owned(),
            value: ACCOUNT.to_owned(),
        }],
        secrets: vec![NamedSecret {
            name: "auth_token".to_owned(),
            value: TypedSecret::new(TOKEN.to_owned()),
        }],
        version: 0,
    }
}

impl Host {
    pub async fn start() -> Self {
        Self::start_as("twilio_sms").await
    }

    pub async fn start_as(kind: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (clock, ids) = (
            Arc::<FixedClock>::default(),
            Arc::<DeterministicIds>::default(),
        );
        let twilio = StandIn::start(clock.clone()).await;
        let store = SqliteStore::open(&data.path().join("sideline.db")).await;
        let config = config(&twilio, &Keyring::default());
        let desk = Desk::new(Arc::new(store.unwrap()), clock.clone(), ids.clone(), config);
        assert!(server::demo::seed(&desk).await.unwrap());
        let ada = actor(&desk, "ada").await;
        let key = CommandKey::parse(ids.next()).unwrap();
        let channel = desk.provider_channel_create(&ada, key, change(kind, "care"));
        let channel = channel.await.unwrap();
        let (closing, closed) = watch::channel(false);
        let router = server::router::router(desk.clone(), &HttpConfig::default(), closed);
        Self {
            desk,
            clock,
            ids,
            twilio,
            channel,
            router,
            _closing: closing,
            data,
        }
    }

    pub fn key(&self) -> CommandKey {
        CommandKey::parse(self.ids.next()).unwrap()
    }

    pub async fn actor(&self, user: &str) -> Actor {
        actor(&self.desk, user).await
    }

    /// A request to a path of the host.
    pub async fn request(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answered { status, body }
    }

    /// A call of Twilio's, signed over the public address.
    pub async fn twilio_calls(&self, path: &str, form: &[(&str, &str)]) -> Answered {
        let signature = signature(TOKEN, &format!("{PUBLIC}{path}"), form);
        self.called(path, form, Some(&signature)).await
    }

    /// A call with this signature.
    pub async fn called(
        &self,
        path: &str,
        form: &[(&str, &str)],
        signature: Option<&str>,
    ) -> Answered {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let mut request = Request::post(path).header(
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        self.request(request.body(Body::from(body)).unwrap()).await
    }

    pub fn webhook(&self) -> &str {
        self.channel.webhook.strip_prefix(PUBLIC).unwrap()
    }

    /// Dana texts; `sid` is Twilio's name for it.
    pub async fn dana_texts(&self, sid: &str, body: &str) -> Answered {
        let form = message(sid, body);
        self.twilio_calls(self.webhook(), &form).await
    }

    /// Gives the only queued workitem to amy.
    pub async fn given_to_amy(&self) -> WorkitemId {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let queue = rows.queue_list().await.unwrap();
        let [waiting] = queue.as_slice() else {
            panic!("one workitem waits: {queue:?}")
        };
        let assign = WorkitemAssign {
            workitem: waiting.workitem.clone(),
            agent: UserId::parse("amy").unwrap(),
            entry: EntryId::parse(self.ids.next()).unwrap(),
            at: self.desk.clock().now(),
        };
        let written = self.desk.store().execute(assign).await.unwrap();
        self.desk.publish(written);
        waiting.workitem.clone()
    }

    /// A conversation that Dana began and amy has.
    pub async fn conversation(&self) -> WorkitemId {
        let taken = self.dana_texts("SM-first", "My lamp hums").await;
        assert_eq!(taken.status, 200);
        self.given_to_amy().await
    }

    pub async fn try_amy_says(
        &self,
        workitem: &WorkitemId,
        text: &str,
    ) -> Result<EntryId, AppError> {
        let (amy, text) = (self.actor("amy").await, MessageText::parse(text).unwrap());
        let sent = self
            .desk
            .message_send(&amy, workitem.clone(), self.key(), text);
        Ok(sent.await?.entry.id)
    }

    pub async fn amy_says(&self, workitem: &WorkitemId, text: &str) -> EntryId {
        self.try_amy_says(workitem, text).await.unwrap()
    }

    pub async fn amy_ends(&self, workitem: &WorkitemId) {
        let amy = self.actor("amy").await;
        let ended = self
            .desk
            .workitem_wrap_up(&amy, workitem.clone(), self.key());
        ended.await.unwrap();
    }

    pub async fn sam_coaches(&self, workitem: &WorkitemId, text: &str) -> EntryId {
        let sam = self.actor("sam").await;
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: sam.person(),
            entry: EntryId::parse(self.ids.next()).unwrap(),
            at: self.desk.clock().now(),
        };
        let begun = self.desk.store().execute(begin).await.unwrap();
        self.desk.publish(begun);
        let text = CoachingText::parse(text).unwrap();
        let sent = self
            .desk
            .coaching_send(&sam, workitem.clone(), self.key(), text);
        sent.await.unwrap().entry.id
    }

    pub async fn retry(&self, workitem: &WorkitemId, entry: &EntryId) -> Result<(), AppError> {
        let amy = self.actor("amy").await;
        let retried = self
            .desk
            .delivery_retry(&amy, workitem.clone(), self.key(), entry.clone());
        retried.await
    }

    /// Hands over what is due: how many messages that was.
    pub async fn round(&self) -> usize {
        self.desk.outbox_round().await.unwrap()
    }

    pub async fn entries(&self, workitem: &WorkitemId) -> Vec<Entry> {
        let amy = self.actor("amy").await;
        let loaded = self.desk.conversation_load(&amy, workitem.clone()).await;
        loaded.unwrap().entries
    }

    /// How far a message has come.
    pub async fn delivery(&self, workitem: &WorkitemId, entry: &EntryId) -> Delivery {
        let entries = self.entries(workitem).await;
        let found = entries.into_iter().find(|found| found.id == *entry);
        match found.unwrap().body {
            EntryBody::Message { delivery, .. } => delivery.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    pub async fn state(&self, workitem: &WorkitemId, entry: &EntryId) -> DeliveryState {
        self.delivery(workitem, entry).await.state
    }

    /// Twilio reports on the message that it was handed in this request.
    pub async fn reports(&self, number: usize, sid: &str, more: &[(&str, &str)]) -> Answered {
        let sends = self.twilio.sends();
        let report_to = sends[number].get("StatusCallback").to_owned();
        let path = report_to.strip_prefix(PUBLIC).unwrap();
        let form = [&[("MessageSid", sid), ("AccountSid", ACCOUNT)], more].concat();
        self.twilio_calls(path, &form).await
    }

    pub fn database(&self) -> std::path::PathBuf {
        self.data.path().join("sideline.db")
    }

    /// A number that the database holds.
    pub fn count(&self, query: &str) -> i64 {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(self.database(), flags).unwrap();
        connection.query_row(query, [], |row| row.get(0)).unwrap()
    }

    /// `sideline check` finds nothing.
    pub async fn in_order(&self) {
        assert_eq!(verify(&self.database()).await.unwrap(), []);
    }
}

async fn actor(desk: &Desk, user: &str) -> Actor {
    let mut rows = desk.store().snapshot().await.unwrap();
    let actor = rows.actor_find(&UserId::parse(user).unwrap()).await;
    actor.unwrap().unwrap()
}

/// A message of Dana's, as Twilio brings it.
pub fn message<'a>(sid: &'a str, body: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("MessageSid", sid),
        ("AccountSid", ACCOUNT),
        ("From", DANAS),
        ("To", OURS),
        ("Body", body),
        ("NumMedia", "0"),
        ("SomethingNew", "without notice"),
    ]
}
