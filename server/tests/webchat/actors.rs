//! Actors of the stories: a host with the demo's people, and staff who act on the desk.

use std::path::Path;
use std::sync::Arc;

use app::backend::{Coaching, Workitems};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use rusqlite::Connection;
use server::clock_and_ids::Ids;
use server::commands::{MonitoringBegin, OrganisationSave, TokenCreate, WorkitemAssign};
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::store::sqlite::SqliteStore;
use server::store::{CommandContext, Queued};
use sha2::{Digest, Sha256};
use shared::chat_settings::ChatSettings;
use shared::error::AppError;
use shared::ids::{ChannelKey, CommandKey, EntryId, TokenId, UserId, WorkitemId};
use shared::organisation::SettingChange;
use shared::people::{Actor, PersonRef};
use shared::text::{CoachingText, MessageText, ReplyText};
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};
use tokio::sync::{OnceCell, watch};

use crate::administration_commands::Administration;
use crate::customer::Customer;
use crate::deterministic::{DeterministicIds, FixedClock};
use crate::signed_in::signed_in;
use crate::sqlite;

/// The demo's data, made once and copied for each host; and the last id that it took.
static SEEDED: OnceCell<(tempfile::TempDir, String)> = OnceCell::const_new();

async fn seeded() -> (tempfile::TempDir, String) {
    let data = tempfile::tempdir().unwrap();
    let (clock, ids) = (Arc::default(), Arc::new(DeterministicIds::default()));
    let store = open(&data.path().join("sideline.db")).await;
    let desk = desk(store.clone(), &clock, &ids);
    assert!(server::demo::seed(&desk).await.unwrap());
    desk.store()
        .execute(archive(desk.clock().now()))
        .await
        .unwrap();
    // Closed, everything is in the one file.
    store.close().await;
    (data, ids.next())
}

/// The secret of the archive's token.
const SECRET: &str = "slt_archive";

/// A token of the HTTP API with which an archive reads what customers saw.
fn archive(now: Timestamp) -> TokenCreate {
    let id = "archive";
    TokenCreate {
        token: ApiToken {
            id: TokenId::parse(id).unwrap(),
            name: "Archive".to_owned(),
            scopes: vec![Scope::TranscriptsCustomer],
            team: None,
            created_by: PersonRef {
                id: UserId::parse("ada").unwrap(),
                name: "Ada Almond".to_owned(),
            },
            created_at: now,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        },
        hash: hex::encode(Sha256::digest(SECRET)),
        session: None,
        context: CommandContext {
            actor: None,
            key: CommandKey::parse(id).unwrap(),
            at: now,
        },
    }
}

async fn open(database: &Path) -> Arc<SqliteStore> {
    Arc::new(sqlite::open(database).await)
}

fn desk(store: Arc<SqliteStore>, clock: &Arc<FixedClock>, ids: &Arc<DeterministicIds>) -> Desk {
    Desk::new(store, clock.clone(), ids.clone(), DeskConfig::default())
}

/// A host with the demo's people. It has no background tasks, so that a story always runs the same way.
pub struct Host {
    pub desk: Desk,
    pub clock: Arc<FixedClock>,
    pub ids: Arc<DeterministicIds>,
    pub router: Router,
    _closing: watch::Sender<bool>,
    data: tempfile::TempDir,
}

impl Host {
    pub async fn start() -> Self {
        Self::start_with(HttpConfig::default()).await
    }

    pub async fn start_with(config: HttpConfig) -> Self {
        let (seeded, last_id) = SEEDED.get_or_init(seeded).await;
        let data = tempfile::tempdir().unwrap();
        let database = data.path().join("sideline.db");
        std::fs::copy(seeded.path().join("sideline.db"), &database).unwrap();
        let ids = Arc::new(DeterministicIds::default());
        while ids.next() != *last_id {}
        Self::over(data, Arc::default(), ids, config).await
    }

    /// A host over the data of a folder.
    async fn over(
        data: tempfile::TempDir,
        clock: Arc<FixedClock>,
        ids: Arc<DeterministicIds>,
        config: HttpConfig,
    ) -> Self {
        let desk = desk(open(&data.path().join("sideline.db")).await, &clock, &ids);
        let (closing, closed) = watch::channel(false);
        let router = server::router::router(desk.clone(), &config, closed);
        Self {
            desk,
            clock,
            ids,
            router,
            _closing: closing,
            data,
        }
    }

    /// A copy of the database, as it is now, in a folder of its own.
    pub async fn backed_up(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let file = |folder: &tempfile::TempDir| folder.path().join("sideline.db");
        server::store::sqlite::backup(&file(&self.data), &file(&folder))
            .await
            .unwrap();
        folder
    }

    /// The host that is started from a copy, at the time at which this one stopped.
    pub async fn restored(self, copy: tempfile::TempDir) -> Self {
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        Self::over(copy, clock, ids, HttpConfig::default()).await
    }

    /// How many rows a query finds in the database.
    pub fn count(&self, query: &str) -> i64 {
        let database = Connection::open(self.data.path().join("sideline.db")).unwrap();
        database.query_row(query, [], |row| row.get(0)).unwrap()
    }

    /// Drops every table but those of customers and the channels.
    pub fn drop_tables_of_staff(&self) {
        let database = Connection::open(self.data.path().join("sideline.db")).unwrap();
        // What an index of words stands in goes with it.
        let names = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' \
                     AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'customer%' AND name <> 'channels'";
        let mut statement = database.prepare(names).unwrap();
        let names = statement.query_map([], |row| row.get::<_, String>(0));
        let drop = names
            .unwrap()
            .map(|name| format!("DROP TABLE {};", name.unwrap()));
        let script = drop.collect::<String>();
        assert!(
            script.contains("coaching") && script.contains("workitems"),
            "{script}"
        );
        let script = format!("PRAGMA foreign_keys = OFF; {script}");
        database.execute_batch(&script).unwrap();
    }

    pub fn customer(&self) -> Customer<'_> {
        Customer {
            host: self,
            cookie: None,
            keeps_cookies: true,
            token: None,
            identity: None,
            forwarded: Vec::new(),
        }
    }

    /// Somebody whose browser drops every cookie.
    pub fn customer_without_cookies(&self) -> Customer<'_> {
        Customer {
            keeps_cookies: false,
            ..self.customer()
        }
    }

    /// Somebody who comes through proxies that wrote these lines.
    pub fn customer_from(&self, forwarded: &[&str]) -> Customer<'_> {
        Customer {
            forwarded: forwarded.iter().map(|&line| line.to_owned()).collect(),
            ..self.customer()
        }
    }

    /// An administrator sets how many workitems may wait on a channel.
    pub async fn set_queue_max(&self, most: i64) {
        let ada = self.actor("ada").await.person();
        let store = self.desk.store();
        let version = store
            .snapshot()
            .await
            .unwrap()
            .organisation_find()
            .await
            .unwrap()
            .version;
        let change = SettingChange {
            name: "queue_max".to_owned(),
            value: most,
        };
        let save = OrganisationSave {
            actor: ada,
            version,
            changes: vec![change],
            session: String::new(),
            key: self.key(),
            at: self.desk.clock().now(),
        };
        store.execute(save).await.unwrap();
    }

    /// How many workitems wait.
    pub async fn waiting(&self) -> usize {
        self.queue().await.len()
    }

    /// What waits.
    pub async fn queue(&self) -> Vec<Queued> {
        let mut rows = self.desk.store().snapshot().await.unwrap();
        rows.queue_list().await.unwrap()
    }

    pub async fn actor(&self, user: &str) -> Actor {
        self.desk
            .store()
            .snapshot()
            .await
            .unwrap()
            .actor_find(&UserId::parse(user).unwrap())
            .await
            .unwrap()
            .unwrap()
    }

    pub fn entry(&self) -> EntryId {
        EntryId::parse(self.ids.next()).unwrap()
    }

    /// Gives the only queued workitem to amy.
    pub async fn given_to_amy(&self) -> WorkitemId {
        let queue = self.queue().await;
        let [waiting] = queue.as_slice() else {
            panic!("one workitem waits: {queue:?}")
        };
        assert_eq!(waiting.team.as_str(), "care");
        let id = &waiting.workitem;
        let assign = WorkitemAssign {
            workitem: id.clone(),
            agent: UserId::parse("amy").unwrap(),
            entry: self.entry(),
            at: self.desk.clock().now(),
        };
        let written = self.desk.store().execute(assign).await.unwrap();
        self.desk.publish(written);
        id.clone()
    }

    pub async fn amy_says(&self, workitem: &WorkitemId, text: &str) {
        let (amy, text) = (self.actor("amy").await, MessageText::parse(text).unwrap());
        self.desk
            .message_send(&amy, workitem.clone(), self.key(), text)
            .await
            .unwrap();
    }

    pub async fn amy_wraps_up(&self, workitem: &WorkitemId) {
        let amy = self.actor("amy").await;
        self.desk
            .workitem_wrap_up(&amy, workitem.clone(), self.key())
            .await
            .unwrap();
    }

    pub async fn amy_reopens(&self, workitem: &WorkitemId) -> Result<(), AppError> {
        let amy = self.actor("amy").await;
        self.desk
            .workitem_reopen(&amy, workitem.clone(), self.key())
            .await
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
        self.coaches("sam", workitem, text).await
    }

    pub async fn coaches(&self, supervisor: &str, workitem: &WorkitemId, text: &str) -> EntryId {
        let text = CoachingText::parse(text).unwrap();
        let supervisor = self.actor(supervisor).await;
        // Nobody coaches unseen; who is there already stays there.
        let (entry, now) = (self.entry(), self.desk.clock().now());
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: supervisor.person(),
            node: None,
            entry,
            at: now,
        };
        let begun = self.desk.store().execute(begin).await.unwrap();
        self.desk.publish(begun);
        self.desk
            .coaching_send(&supervisor, workitem.clone(), self.key(), text, None)
            .await
            .unwrap()
            .entry
            .id
    }

    /// What the archive reads of a conversation: all that the customer saw. Without the headers that count its requests by
    /// the clock of the process.
    pub async fn archived(&self, workitem: &WorkitemId) -> String {
        let request = Request::get(format!("/api/v1/workitems/{workitem}/transcript?limit=100"))
            .header(header::AUTHORIZATION, format!("Bearer {SECRET}"));
        let mut answer = self.customer().ask(request, Body::empty()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.headers.remove("ratelimit");
        answer.bytes()
    }

    pub async fn switch_care(&self, active: bool) {
        let care = ChannelKey::parse("care").unwrap();
        let context = CommandContext {
            actor: None,
            key: self.key(),
            at: self.desk.clock().now(),
        };
        let written = self
            .desk
            .store()
            .channel_activate(&care, active, context)
            .await;
        self.desk.publish(written.unwrap());
    }

    /// An administrator sets the chat channel of team Care up.
    pub async fn set_up_care(&self, texts: &[(&str, &str)]) {
        let settings = ChatSettings::parse(|name| {
            let found = texts.iter().find(|(known, _)| *known == name);
            found.map_or("", |(_, text)| text)
        });
        let (ada, care) = (self.actor("ada").await, ChannelKey::parse("care").unwrap());
        let found = self.desk.chat_channel_load(&ada, &care).await.unwrap();
        let change = (settings.unwrap(), found.channel.version);
        self.desk
            .chat_settings_save(&ada, self.key(), care, change)
            .await
            .unwrap();
    }

    /// An administrator makes the secret of a chat channel.
    pub async fn secret_of(&self, channel: &str) -> String {
        let ada = signed_in(&self.desk, "ada").await;
        let channel = ChannelKey::parse(channel).unwrap();
        let made = self.desk.chat_secret_make(&ada, self.key(), channel).await;
        made.unwrap().expect("a secret")
    }

    pub fn key(&self) -> CommandKey {
        CommandKey::parse(self.ids.next()).unwrap()
    }
}
