//! A host with the demo's people, and what its administrator, staff and customers do.

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::backend::{Caller, Coaching, Reviews, Workitems};
use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags};
use server::clock_and_ids::Ids;
use server::commands::{
    CustomerRate, CustomerSend, MessageContent, MonitoringBegin, ReceiverChange, RequestCreate,
    SessionBegin, UserUpdate, WebhookUpdate, WorkitemAssign,
};
use server::desk::event_sender::Webhooks;
use server::desk::webhooks::{NotSaved, ReceiverPage, TypedReceiver};
use server::desk::{Desk, DeskConfig};
use server::secrets::{Keyring, Secret};
use server::store::sqlite::verify;
use server::store::{Command, CommandContext, StoreError};
use server::webhooks::{HttpSender, Lookup, WebhookConfig};
use shared::account::SignedInFrom;
use shared::ids::{
    ChannelKey, CommandKey, DirectoryMessageId, EntryId, ReceiverId, RequestId, TeamId, UserId,
    WorkitemId,
};
use shared::people::{Actor, Role};
use shared::rating::{Rating, Score};
use shared::text::{CoachingText, MessageText, RatingComment, ReplyText, ReviewComment, TokenName};
use shared::webhooks::EventKind;

use crate::deterministic::{DeterministicIds, FixedClock};
use crate::receiver::Receiver;
use crate::sqlite;

/// Names of hosts that a test gives addresses.
#[derive(Default)]
pub struct Names {
    known: Mutex<Vec<(String, Vec<IpAddr>)>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    /// From now on a host has these addresses.
    pub fn set(&self, host: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|text| text.parse().unwrap());
        let mut known = self.known.lock().unwrap();
        known.retain(|(name, _)| name != host);
        known.push((host.to_owned(), addresses.collect()));
    }

    /// How often somebody asked.
    pub fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let known = self.known.lock().unwrap();
        let found = known.iter().find(|(name, _)| name == host);
        found
            .map(|(_, addresses)| addresses.clone())
            .ok_or_else(|| io::Error::other("no such host"))
    }
}

pub struct Host {
    pub desk: Desk,
    pub clock: Arc<FixedClock>,
    pub ids: Arc<DeterministicIds>,
    pub names: Arc<Names>,
    /// In whose browser Dana writes.
    visitor: Mutex<String>,
    data: tempfile::TempDir,
}

/// The session in which somebody has just proved their password.
fn session_of(username: &str) -> String {
    format!("session-of-{username}")
}

impl Host {
    /// One that sends to this machine.
    pub async fn start() -> Self {
        Self::start_allowing(&["127.0.0.0/8"]).await
    }

    /// One that does not wait long for receivers that never answer.
    pub async fn start_impatient() -> Self {
        Self::start_with(&["127.0.0.0/8"], Duration::from_secs(1)).await
    }

    /// One that sends to these networks as well as to public addresses.
    pub async fn start_allowing(networks: &[&str]) -> Self {
        Self::start_with(networks, Duration::from_secs(10)).await
    }

    async fn start_with(networks: &[&str], time_limit: Duration) -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = Arc::<FixedClock>::default();
        let ids = Arc::<DeterministicIds>::default();
        let names = Arc::<Names>::default();
        let config = WebhookConfig {
            allowed: networks.iter().map(|text| text.parse().unwrap()).collect(),
            time_limit,
            lookup: names.clone(),
        };
        let config = DeskConfig {
            webhooks: Webhooks::by(HttpSender::new(config, clock.clone())),
            keys: Keyring::default(),
            ..DeskConfig::default()
        };
        let store = sqlite::open(&data.path().join("sideline.db")).await;
        let desk = Desk::new(Arc::new(store), clock.clone(), ids.clone(), config);
        assert!(server::demo::seed(&desk).await.unwrap());
        let host = Self {
            desk,
            clock,
            ids,
            names,
            visitor: Mutex::default(),
            data,
        };
        host.signs_in("ada").await;
        host
    }

    pub async fn signs_in(&self, username: &str) {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let user = UserId::parse(username).unwrap();
        let credentials = rows.credentials_of(&user).await.unwrap().unwrap();
        drop(rows);
        self.execute(SessionBegin {
            session: session_of(username),
            user: credentials.user,
            verified: credentials.password_hash,
            renewed: None,
            browser: None,
            now: self.desk.clock().now(),
            idle_us: i64::MAX / 4,
            absolute_us: i64::MAX / 4,
            from: SignedInFrom::default(),
        })
        .await;
    }

    pub async fn execute<C: Command>(&self, command: C) -> C::Answer {
        let written = self.desk.store().execute(command).await.unwrap();
        self.desk.publish(written)
    }

    pub fn key(&self) -> CommandKey {
        CommandKey::parse(self.ids.next()).unwrap()
    }

    fn entry(&self) -> EntryId {
        EntryId::parse(self.ids.next()).unwrap()
    }

    pub async fn actor(&self, user: &str) -> Actor {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let actor = rows.actor_find(&UserId::parse(user).unwrap()).await;
        actor.unwrap().unwrap()
    }

    pub async fn ada(&self) -> Caller {
        self.caller("ada").await
    }

    /// Somebody who has signed in.
    pub async fn caller(&self, username: &str) -> Caller {
        Caller {
            actor: self.actor(username).await,
            session: session_of(username),
        }
    }

    /// The operator gives somebody these roles and no others.
    pub async fn becomes(&self, username: &str, roles: &[Role]) {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let user = UserId::parse(username).unwrap();
        let before = rows.user_find(&user).await.unwrap().unwrap();
        drop(rows);
        self.execute(UserUpdate {
            user,
            name: before.name,
            roles: roles.to_vec(),
            capacity: None,
            version: before.version,
            session: None,
            context: self.context(),
        })
        .await;
    }

    pub fn context(&self) -> CommandContext {
        CommandContext {
            actor: None,
            key: self.key(),
            at: self.desk.clock().now(),
        }
    }

    /// Ada adds a receiver at an address: its id and its secret.
    pub async fn try_add(
        &self,
        url: &str,
        events: &[EventKind],
    ) -> Result<(ReceiverId, String), NotSaved> {
        let typed = TypedReceiver {
            name: TokenName::parse("Archive").unwrap(),
            url: Secret::new(url),
            events: events.to_vec(),
            teams: Vec::new(),
        };
        let ada = self.ada().await;
        let made = self.desk.webhook_create(&ada, self.key(), typed);
        Ok(made.await?.unwrap())
    }

    pub async fn add(&self, receiver: &Receiver, events: &[EventKind]) -> (ReceiverId, String) {
        self.try_add(&receiver.url(), events).await.unwrap()
    }

    /// Ada adds a receiver that is told of the workitems of these teams.
    pub async fn add_for(
        &self,
        receiver: &Receiver,
        events: &[EventKind],
        teams: &[TeamId],
    ) -> ReceiverId {
        let (id, _) = self.add(receiver, events).await;
        self.limit(&id, events, teams).await.unwrap();
        id
    }

    /// The operator limits a receiver to teams; to none: to all.
    pub async fn limit(
        &self,
        receiver: &ReceiverId,
        events: &[EventKind],
        teams: &[TeamId],
    ) -> Result<(), StoreError> {
        let update = WebhookUpdate {
            receiver: receiver.clone(),
            change: ReceiverChange {
                name: "Archive".to_owned(),
                place: String::new(),
                address_digest: String::new(),
                events: events.to_vec(),
                teams: (!teams.is_empty()).then(|| teams.to_vec()),
            },
            version: self.page(receiver).await.receiver.version,
            address: None,
            session: None,
            context: self.context(),
        };
        self.desk.store().execute(update).await.map(|_| ())
    }

    pub async fn page(&self, receiver: &ReceiverId) -> ReceiverPage {
        let ada = self.actor("ada").await;
        let page = self.desk.webhook_page(&ada, receiver, i64::MAX).await;
        page.unwrap()
    }

    /// Delivers what is due until nothing is: how many attempts that took.
    pub async fn deliver(&self) -> usize {
        let mut attempts = 0;
        loop {
            match self.desk.events_round().await.unwrap() {
                0 => return attempts,
                some => attempts += some,
            }
        }
    }

    /// A customer writes on the chat page of team Care.
    pub async fn dana_writes(&self, text: &str) -> WorkitemId {
        let visitor = self.visitor.lock().unwrap().clone();
        let sent = self
            .execute(CustomerSend {
                channel: ChannelKey::parse("care").unwrap(),
                visitor,
                name: "Dana Dietz".to_owned(),
                content: MessageContent::text(MessageText::parse(text).unwrap()),
                at: self.desk.clock().now(),
                workitem: WorkitemId::parse(format!("w-{}", self.count(WORKITEMS))).unwrap(),
                entry: self.entry(),
                key: CommandKey::parse(format!("k-{}", self.count(LINES))).unwrap(),
                begins: true,
                known: None,
                contact: None,
            })
            .await;
        sent.workitem
    }

    /// The customer of the latest conversation rates it.
    pub async fn dana_rates(&self, score: i64, comment: &str) {
        let visitor = self.visitor.lock().unwrap().clone();
        self.execute(CustomerRate {
            channel: ChannelKey::parse("care").unwrap(),
            visitor,
            began: None,
            rating: Rating {
                score: Score::parse(score).unwrap(),
                comment: Some(RatingComment::parse(comment).unwrap()),
            },
            entry: self.entry(),
            at: self.desk.clock().now(),
            key: self.key(),
        })
        .await;
    }

    /// Sam flags a workitem for the first time, and reviews it.
    pub async fn sam_reviews(&self, workitem: &WorkitemId, comment: &str) {
        let (desk, sam) = (&self.desk, self.actor("sam").await);
        let comment = ReviewComment::parse(comment).unwrap();
        let flagged = desk.review_flag(&sam, workitem.clone(), self.key(), comment);
        flagged.await.unwrap();
        let done = desk.review_finish(&sam, workitem.clone(), self.key(), 1);
        done.await.unwrap();
    }

    pub async fn given_to_amy(&self, workitem: &WorkitemId) {
        self.execute(WorkitemAssign {
            workitem: workitem.clone(),
            agent: UserId::parse("amy").unwrap(),
            entry: self.entry(),
            at: self.desk.clock().now(),
        })
        .await;
    }

    /// A conversation that Dana began in a browser of its own, and that amy has.
    pub async fn conversation(&self) -> WorkitemId {
        *self.visitor.lock().unwrap() = format!("dana-{}", self.count(WORKITEMS));
        let workitem = self.dana_writes("My lamp hums").await;
        self.given_to_amy(&workitem).await;
        workitem
    }

    pub async fn amy_says(&self, workitem: &WorkitemId, text: &str) -> EntryId {
        let (amy, text) = (self.actor("amy").await, MessageText::parse(text).unwrap());
        let sent = self
            .desk
            .message_send(&amy, workitem.clone(), self.key(), text);
        sent.await.unwrap().entry.id
    }

    pub async fn amy_ends(&self, workitem: &WorkitemId) {
        let amy = self.actor("amy").await;
        let ended = self
            .desk
            .workitem_wrap_up(&amy, workitem.clone(), self.key());
        ended.await.unwrap();
    }

    pub async fn amy_closes(&self, workitem: &WorkitemId) {
        let amy = self.actor("amy").await;
        let closed = self.desk.workitem_close(&amy, workitem.clone(), self.key());
        closed.await.unwrap();
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
        self.execute(MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: sam.person(),
            node: None,
            entry: self.entry(),
            at: self.desk.clock().now(),
        })
        .await;
        let text = CoachingText::parse(text).unwrap();
        let sent = self
            .desk
            .coaching_send(&sam, workitem.clone(), self.key(), text, None);
        sent.await.unwrap().entry.id
    }

    /// A number that the database holds.
    pub fn count(&self, query: &str) -> i64 {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(self.database(), flags).unwrap();
        connection.query_row(query, [], |row| row.get(0)).unwrap()
    }

    pub fn database(&self) -> std::path::PathBuf {
        self.data.path().join("sideline.db")
    }

    /// Everything that stands in the database file and its log.
    pub fn stored(&self) -> Vec<u8> {
        let log = self.database().with_extension("db-wal");
        let file = std::fs::read(self.database()).unwrap();
        [file, std::fs::read(log).unwrap_or_default()].concat()
    }

    /// `sideline check` finds nothing.
    pub async fn in_order(&self) {
        assert_eq!(verify(&self.database()).await.unwrap(), []);
    }

    /// Amy raises a hand from a workitem, to sam.
    pub async fn amy_asks(&self, workitem: &WorkitemId) -> RequestId {
        self.amy_asks_from(Some(workitem)).await
    }

    /// Amy raises a hand, from a workitem or without one.
    pub async fn amy_asks_from(&self, workitem: Option<&WorkitemId>) -> RequestId {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        let template = rows.template_list(true).await.unwrap().remove(0);
        drop(rows);
        let request = RequestId::parse(self.ids.next()).unwrap();
        let message = DirectoryMessageId::parse(self.ids.next()).unwrap();
        self.execute(RequestCreate {
            request: request.clone(),
            agent: self.actor("amy").await.person(),
            template: template.id,
            choice: "one",
            named: None,
            recipients: vec![(self.actor("sam").await.person(), message)],
            workitem: workitem.cloned(),
            text: None,
            at: self.desk.clock().now(),
            key: self.key(),
        })
        .await;
        request
    }
}

const WORKITEMS: &str = "SELECT COUNT(*) FROM workitems";
const LINES: &str = "SELECT COUNT(*) FROM customer_entries";
