//! Actors of the stories: a host with the demo's people, customers with a browser, and staff who act on the desk.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::backend::{Coaching, Workitems};
use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{HeaderMap, Request, header};
use futures_util::StreamExt;
use serde_json::{Value, json};
use server::commands::{MonitoringBegin, OrganisationSave, WorkitemAssign};
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::seeds::{Ids, Rehearsed};
use server::store::sqlite::SqliteStore;
use server::store::{CommandContext, Queued};
use shared::ids::{ChannelKey, CommandKey, EntryId, UserId, WorkitemId};
use shared::organisation::SettingChange;
use shared::people::Actor;
use shared::text::{CoachingText, MessageText};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{OnceCell, watch};
use tower::ServiceExt;

/// Nothing in these stories takes that long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The demo's data, made once and copied for each host; and the last id that it took.
static SEEDED: OnceCell<(tempfile::TempDir, String)> = OnceCell::const_new();

async fn seeded() -> (tempfile::TempDir, String) {
    let data = tempfile::tempdir().unwrap();
    let seeds = Arc::new(Rehearsed::default());
    let store = open(&data.path().join("sideline.db")).await;
    let desk = desk(store.clone(), &seeds);
    assert!(server::demo::seed(&desk).await.unwrap());
    // Closed, everything is in the one file.
    store.close().await;
    (data, seeds.next())
}

async fn open(database: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(database).await.unwrap())
}

fn desk(store: Arc<SqliteStore>, seeds: &Arc<Rehearsed>) -> Desk {
    Desk::new(store, seeds.clone(), seeds.clone(), DeskConfig::default())
}

/// A host with the demo's people. Nothing runs by itself in it, so that a story has one course only.
pub struct Host {
    pub desk: Desk,
    pub seeds: Arc<Rehearsed>,
    router: Router,
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
        let seeds = Arc::new(Rehearsed::default());
        while seeds.next() != *last_id {}
        Self::over(data, seeds, config).await
    }

    /// A host over the data of a folder.
    async fn over(data: tempfile::TempDir, seeds: Arc<Rehearsed>, config: HttpConfig) -> Self {
        let desk = desk(open(&data.path().join("sideline.db")).await, &seeds);
        let (closing, closed) = watch::channel(false);
        let router = server::router::router(desk.clone(), &config, closed);
        Self {
            desk,
            seeds,
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
        Self::over(copy, self.seeds.clone(), HttpConfig::default()).await
    }

    /// Runs SQL on the file, beside the host.
    pub async fn behind_its_back(&self, script: &str) {
        let file = self.data.path().join("sideline.db");
        let mut connection = SqliteConnectOptions::new()
            .filename(file)
            .foreign_keys(false)
            .connect()
            .await
            .unwrap();
        let script = sqlx::AssertSqlSafe(script.to_owned());
        sqlx::raw_sql(script)
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    pub fn customer(&self) -> Customer<'_> {
        Customer {
            host: self,
            cookie: None,
            keeps_cookies: true,
            token: None,
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
        EntryId::parse(self.seeds.next()).unwrap()
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
            entry,
            at: now,
        };
        let begun = self.desk.store().execute(begin).await.unwrap();
        self.desk.publish(begun);
        self.desk
            .coaching_send(&supervisor, workitem.clone(), self.key(), text)
            .await
            .unwrap()
            .entry
            .id
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

    pub fn key(&self) -> CommandKey {
        CommandKey::parse(self.seeds.next()).unwrap()
    }
}

/// Somebody with a browser.
pub struct Customer<'a> {
    host: &'a Host,
    pub cookie: Option<String>,
    keeps_cookies: bool,
    /// What the page's script found in the page, and sends along.
    pub token: Option<String>,
    forwarded: Vec<String>,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// What the network carries, without the request's own number.
    pub fn bytes(&self) -> String {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .collect();
        headers.sort_by_key(|(name, _)| name.as_str());
        format!("{} {headers:?}\n{}\n", self.status, self.body)
    }
}

impl Customer<'_> {
    pub async fn send(
        &mut self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> (u16, HeaderMap, Body) {
        let mut request = request;
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(token) = &self.token {
            request = request.header("x-sideline-visitor", token);
        }
        for line in &self.forwarded {
            request = request.header("x-forwarded-for", line);
        }
        let response = self
            .host
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        if let Some(cookie) = head.headers.get(header::SET_COOKIE)
            && self.keeps_cookies
        {
            self.cookie = Some(
                cookie
                    .to_str()
                    .unwrap()
                    .split(';')
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
        (head.status.as_u16(), head.headers, body)
    }

    pub async fn ask(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let (status, headers, body) = self.send(request, body).await;
        let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        Answer {
            status,
            headers,
            body,
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path), Body::empty()).await
    }

    pub async fn page(&mut self) -> String {
        let answer = self.get("/chat/care").await;
        assert_eq!(answer.status, 200);
        answer.body
    }

    pub async fn post(&mut self, body: impl Into<Body>) -> Answer {
        let request =
            Request::post("/chat/care/messages").header(header::CONTENT_TYPE, "application/json");
        self.ask(request, body.into()).await
    }

    pub async fn form(&mut self, body: &str) -> Answer {
        self.form_to("/chat/care", body).await
    }

    pub async fn form_to(&mut self, path: &str, body: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        self.ask(
            Request::post(path).header(header::CONTENT_TYPE, kind),
            Body::from(body.to_owned()),
        )
        .await
    }

    /// Ends the conversation, as the page's script does.
    pub async fn ends(&mut self, key: &str) -> Answer {
        let request =
            Request::post("/chat/care/end").header(header::CONTENT_TYPE, "application/json");
        self.ask(request, Body::from(json!({ "key": key }).to_string()))
            .await
    }

    /// Wants to be forgotten, as the page's script does.
    pub async fn is_forgotten(&mut self) -> Answer {
        self.ask(Request::post("/chat/care/forget"), Body::empty())
            .await
    }

    /// Writes a message; answers the line as the page shows it.
    pub async fn write(&mut self, text: &str, key: &str) -> Value {
        let answer = self
            .post(json!({ "name": "Eve Ito", "text": text, "key": key }).to_string())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// The texts of the conversation after a place; `(ended)` for its end.
    pub async fn history(&mut self, after: &str) -> Vec<String> {
        let answer = self.get(&format!("/chat/care/history?after={after}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
            .json()
            .as_array()
            .unwrap()
            .iter()
            .map(words)
            .collect()
    }

    /// Opens the stream as a browser does that saw `last` before.
    pub async fn live(&mut self, last: Option<&str>) -> Stream {
        let request = Request::get("/chat/care/live");
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let (status, headers, body) = self.send(request, Body::empty()).await;
        assert_eq!(
            (status, &headers[header::CONTENT_TYPE]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Stream {
            body: body.into_data_stream(),
            unread: String::new(),
            bytes: String::new(),
        }
    }
}

pub fn words(frame: &Value) -> String {
    frame["body"]["text"]
        .as_str()
        .unwrap_or("(ended)")
        .to_owned()
}

/// A stream of events, as the network carries it.
pub struct Stream {
    body: BodyDataStream,
    unread: String,
    pub bytes: String,
}

/// An event: its id, its kind, its data.
#[derive(Debug)]
pub struct Event {
    pub id: String,
    pub kind: String,
    pub data: Value,
}

impl Stream {
    /// The next event; `None` when the stream is over.
    pub async fn next(&mut self) -> Option<Event> {
        while !self.unread.contains("\n\n") {
            let chunk = tokio::time::timeout(PATIENCE, self.body.next())
                .await
                .expect("something comes");
            let chunk = String::from_utf8(chunk?.unwrap().to_vec()).unwrap();
            self.bytes.push_str(&chunk);
            self.unread.push_str(&chunk);
        }
        let (event, rest) = self.unread.split_once("\n\n").unwrap();
        let field = |name: &str| {
            let lines = event.lines().filter_map(|line| line.split_once(": "));
            lines
                .filter(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
                .next()
                .unwrap_or_default()
        };
        let event = Event {
            id: field("id"),
            kind: field("event"),
            data: serde_json::from_str(&field("data")).unwrap(),
        };
        self.unread = rest.to_owned();
        Some(event)
    }

    pub async fn text(&mut self) -> String {
        words(&self.next().await.expect("an event").data)
    }
}
