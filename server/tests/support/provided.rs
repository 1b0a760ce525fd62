//! A host with the demo's people and a channel of team Care that goes through a provider. The clock stands still and nothing runs
//! in the background, so that each attempt happens when the story says so.

// Each test file uses some of it.
#![allow(dead_code)]

use std::sync::Arc;
use std::time::Duration;

use app::backend::{Caller, Channels, Coaching, Workitems};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use i18n::{Language, notice_text};
use rusqlite::{Connection, OpenFlags};
use server::channels::{ProviderConfig, providers};
use server::clock_and_ids::Ids;
use server::commands::{MonitoringBegin, TokenCreate, WorkitemAssign};
use server::desk::providers::Providers;
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::secrets::Keyring;
use server::store::CommandContext;
use server::store::sqlite::{SqliteStore, verify};
use sha2::{Digest, Sha256};
use shared::channels::{ProviderChannel, ProviderChannelChange};
use shared::delivery::{Delivery, DeliveryState};
use shared::error::AppError;
use shared::files::FileRef;
use shared::ids::{CommandKey, EntryId, TokenId, UserId, WorkitemId};
use shared::people::Actor;
use shared::text::{CoachingText, MessageText, ReplyText};
use shared::tokens::{ApiToken, Scope};
use shared::transcript::{Author, Entry, EntryBody, Reaction};
use tokio::sync::watch;
use tower::ServiceExt;

use crate::deterministic::{DeterministicIds, FixedClock};
use crate::signed_in::signed_in;
use crate::sqlite;
use crate::vendor::Asked;

pub const PUBLIC: &str = "https://desk.example.com";

/// How long a request to a stand-in may take.
pub const TIME_LIMIT: Duration = Duration::from_millis(300);

pub struct Provided {
    pub desk: Desk,
    pub clock: Arc<FixedClock>,
    pub ids: Arc<DeterministicIds>,
    pub channel: ProviderChannel,
    store: Arc<SqliteStore>,
    router: Router,
    _closing: watch::Sender<bool>,
    data: tempfile::TempDir,
}

/// What the host answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    /// All but the request's id, which is of chance, in order.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What left the host in one run of a silence story.
#[derive(Debug, PartialEq)]
pub struct Heard {
    /// What the vendor was asked for. Where it listens is chosen by the system.
    pub asked: Vec<Asked>,
    /// What the vendor's calls were answered: messages and reports.
    pub answered: Vec<Answered>,
    /// What another system read.
    pub read: Answered,
}

/// What amy forwards in a silence story, or writes where nobody coaches.
pub const OFFER: &str = "I can give you 40 back today.";

impl Provided {
    /// One whose providers are reached there, with this channel.
    pub async fn start(
        clock: Arc<FixedClock>,
        provider: ProviderConfig,
        channel: ProviderChannelChange,
    ) -> Self {
        let http = HttpConfig::default();
        Self::start_with(clock, provider, channel, Some(PUBLIC), &http).await
    }

    /// One that is reached at this public address, or whose operator has set none.
    pub async fn start_with(
        clock: Arc<FixedClock>,
        provider: ProviderConfig,
        channel: ProviderChannelChange,
        public_url: Option<&str>,
        http: &HttpConfig,
    ) -> Self {
        let data = tempfile::tempdir().unwrap();
        let ids = Arc::<DeterministicIds>::default();
        let store = Arc::new(sqlite::open(&data.path().join("sideline.db")).await);
        let config = DeskConfig {
            public_url: public_url.map(str::to_owned),
            providers: providers(&ProviderConfig {
                clock: clock.clone(),
                ..provider
            }),
            keys: Keyring::default(),
            ..DeskConfig::default()
        };
        let desk = Desk::new(store.clone(), clock.clone(), ids.clone(), config);
        assert!(server::demo::seed(&desk).await.unwrap());
        let ada = signed_in(&desk, "ada").await;
        let key = CommandKey::parse(ids.next()).unwrap();
        let channel = desk.provider_channel_create(&ada, key, channel);
        let channel = channel.await.unwrap();
        let (closing, closed) = watch::channel(false);
        let router = server::router::router(desk.clone(), http, closed);
        Self {
            desk,
            clock,
            ids,
            channel,
            store,
            router,
            _closing: closing,
            data,
        }
    }

    /// Another desk over the same database, which remembers nothing: another node's, or that of a program that starts again.
    pub fn beside(&self) -> Desk {
        let config = self.desk.config().clone();
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        Desk::new(self.store.clone(), clock, ids, config)
    }

    /// The same of a release before, which does not know the kind of the channel.
    pub fn before(&self) -> Desk {
        let config = DeskConfig {
            providers: Providers::default(),
            ..self.desk.config().clone()
        };
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        Desk::new(self.store.clone(), clock, ids, config)
    }

    pub fn key(&self) -> CommandKey {
        CommandKey::parse(self.ids.next()).unwrap()
    }

    pub async fn actor(&self, user: &str) -> Actor {
        actor(&self.desk, user).await
    }

    /// Somebody who has just signed in.
    pub async fn caller(&self, user: &str) -> Caller {
        signed_in(&self.desk, user).await
    }

    /// A request to a path of the host.
    pub async fn request(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let headers = head.headers.iter();
        let headers = headers.filter(|(name, _)| name.as_str() != "x-request-id");
        let text = |value: &header::HeaderValue| value.to_str().unwrap().to_owned();
        Answered {
            status: head.status.as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// What another system reads of a workitem by a token for what its customer saw.
    pub async fn customers_transcript(&self, workitem: &WorkitemId) -> Answered {
        let secret = "slt_a-secret-of-the-reader";
        let at = self.desk.clock().now();
        let made = TokenCreate {
            token: ApiToken {
                id: TokenId::parse("reader").unwrap(),
                name: "Reader".to_owned(),
                scopes: vec![Scope::TranscriptsCustomer],
                team: None,
                created_by: self.actor("ada").await.person(),
                created_at: at,
                expires_at: None,
                last_used_at: None,
                revoked_at: None,
            },
            hash: hex::encode(Sha256::digest(secret)),
            session: None,
            context: CommandContext {
                actor: None,
                key: self.key(),
                at,
            },
        };
        let made = self.desk.store().execute(made).await.unwrap();
        assert!(self.desk.publish(made));
        let request = Request::get(format!("/api/v1/workitems/{workitem}/transcript"))
            .header(header::AUTHORIZATION, format!("Bearer {secret}"))
            .body(Body::empty());
        self.request(request.unwrap()).await
    }

    /// The path of the channel's webhook.
    pub fn webhook(&self) -> &str {
        let webhook = &self.channel.webhook;
        webhook.strip_prefix(PUBLIC).unwrap_or(webhook)
    }

    /// How many workitems wait for an agent.
    pub async fn queued(&self) -> usize {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        rows.queue_list().await.unwrap().len()
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

    pub async fn amy_replies(&self, workitem: &WorkitemId, text: &str) -> EntryId {
        let amy = self.actor("amy").await;
        let text = ReplyText::parse(text).unwrap();
        let sent = self
            .desk
            .coaching_reply(&amy, workitem.clone(), self.key(), text);
        sent.await.unwrap().entry.id
    }

    pub async fn sam_coaches(&self, workitem: &WorkitemId, text: &str) -> EntryId {
        let sam = self.actor("sam").await;
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: sam.person(),
            node: None,
            entry: EntryId::parse(self.ids.next()).unwrap(),
            at: self.desk.clock().now(),
        };
        let begun = self.desk.store().execute(begin).await.unwrap();
        self.desk.publish(begun);
        let text = CoachingText::parse(text).unwrap();
        let sent = self
            .desk
            .coaching_send(&sam, workitem.clone(), self.key(), text, None);
        sent.await.unwrap().entry.id
    }

    /// Amy forwards what sam coached, or writes it herself: for the customer it is the same.
    pub async fn amy_offers(&self, workitem: &WorkitemId, coached: bool) -> EntryId {
        if !coached {
            return self.amy_says(workitem, OFFER).await;
        }
        let advice = self.sam_coaches(workitem, OFFER).await;
        let (amy, desk) = (self.actor("amy").await, &self.desk);
        let thumb = Some(Reaction::ThumbsUp);
        let reacted = desk.reaction_set(&amy, workitem.clone(), advice.clone(), self.key(), thumb);
        reacted.await.unwrap();
        let forward = async || {
            let sent = desk.coaching_forward(&amy, workitem.clone(), advice.clone(), self.key());
            sent.await.unwrap().entry.id
        };
        let first = forward().await;
        assert_eq!(forward().await, first, "once");
        first
    }

    pub async fn try_forward(
        &self,
        workitem: &WorkitemId,
        coaching: &EntryId,
    ) -> Result<(), AppError> {
        let amy = self.actor("amy").await;
        let sent = self
            .desk
            .coaching_forward(&amy, workitem.clone(), coaching.clone(), self.key());
        sent.await.map(drop)
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

    /// Fetches the files that are due: how many that was.
    pub async fn fetches(&self) -> usize {
        self.desk.files_round().await.unwrap()
    }

    /// The files of all messages.
    pub async fn files(&self, workitem: &WorkitemId) -> Vec<FileRef> {
        let entries = self.entries(workitem).await.into_iter();
        let files = entries.filter_map(|entry| match entry.body {
            EntryBody::Message { files, .. } => Some(files),
            _ => None,
        });
        files.flatten().collect()
    }

    /// The content of a file, if it is here.
    pub async fn content(&self, workitem: &WorkitemId, file: &FileRef) -> Option<Vec<u8>> {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let found = rows.customer_file_content(workitem, &file.id).await;
        found.unwrap().map(|found| found.content)
    }

    pub async fn entries(&self, workitem: &WorkitemId) -> Vec<Entry> {
        let amy = self.actor("amy").await;
        let loaded = self.desk.conversation_load(&amy, workitem.clone()).await;
        loaded.unwrap().entries
    }

    /// What staff read, in a few words.
    pub async fn lines(&self, workitem: &WorkitemId) -> Vec<String> {
        let entries = self.entries(workitem).await.into_iter();
        let line = |body| match body {
            EntryBody::Message { author, text, .. } => match author {
                Author::Customer => format!("customer: {text}"),
                Author::Agent => format!("agent: {text}"),
                Author::Supervisor => format!("supervisor: {text}"),
            },
            EntryBody::Notice(notice) => notice_text(Language::En, &notice),
            other => format!("{other:?}"),
        };
        entries.map(|entry| line(entry.body)).collect()
    }

    /// Whether amy's list and the page of a workitem say that its customer wants no messages.
    pub async fn stopped(&self, workitem: &WorkitemId) -> bool {
        let amy = self.actor("amy").await;
        let loaded = self.desk.conversation_load(&amy, workitem.clone()).await;
        let page = loaded.unwrap().workitem.limits.unwrap().stopped;
        let list = self.desk.worklist_load(&amy).await.unwrap().workitems;
        let listed = list.into_iter().find(|listed| listed.id == *workitem);
        assert_eq!(listed.unwrap().limits.unwrap().stopped, page);
        page
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
