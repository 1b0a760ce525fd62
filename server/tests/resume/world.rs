//! Two nodes on one database, with a network that a test holds in its hands: what was written reaches the bus when, if, and as often
//! as the test lets it, and tabs connect through pipes that are full after a few messages.

use std::future::pending;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use server::bus::hint::Hint;
use server::clock_and_ids::{Ids, RandomIds, SystemClock};
use server::desk::{Desk, DeskConfig};
use server::http::HttpConfig;
use server::store::sqlite::{SqliteStore, backup};
use server::store::{Change, CommandContext, Written};
use shared::ids::{CommandKey, EntryId, UserId, WorkitemId};
use shared::people::Actor;
use shared::time::Timestamp;
use tempfile::TempDir;
use tokio::io::DuplexStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tower::ServiceExt;

/// How much a pipe holds: a reader that pauses is soon written to in vain.
const PIPE: usize = 16 * 1024;

/// What every run begins with: a database with people, and the cookies of those who are signed in there.
pub struct Beginning {
    folder: TempDir,
    pub cookies: Vec<(&'static str, String)>,
}

impl Beginning {
    pub async fn made() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = opened(&folder.path().join("sideline.db")).await;
        let desk = desk_over(Arc::clone(&store));
        server::demo::seed(&desk).await.expect("demo data");
        let (_closing, closed) = watch::channel(false);
        let router = server::router::router(desk, &HttpConfig::default(), closed);
        let mut cookies = Vec::new();
        for who in ["amy", "sam"] {
            let request = Request::post("/login")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(format!("username={who}&password=sideline-demo")))
                .expect("a request");
            let response = router.clone().oneshot(request).await.expect("an answer");
            let cookie = response.headers()[header::SET_COOKIE].to_str();
            let cookie = cookie.expect("text").split(';').next().expect("a value");
            cookies.push((who, cookie.to_owned()));
        }
        store.close().await;
        Self { folder, cookies }
    }
}

async fn opened(path: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(path).await.expect("it opens"))
}

fn desk_over(store: Arc<SqliteStore>) -> Desk {
    let config = DeskConfig {
        grace: Duration::ZERO,
        ..DeskConfig::default()
    };
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
    // Not opened: what a sweep does, the test does when it likes.
    Desk::new(store, clock, ids, config)
}

/// A second node on the same database, which hears of what the first one changes by hints alone.
fn other_desk_over(store: Arc<SqliteStore>) -> Desk {
    let config = DeskConfig {
        grace: Duration::ZERO,
        read_cache: false,
        ..DeskConfig::default()
    };
    let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
    Desk::new(store, clock, ids, config)
}

/// Where tabs knock.
struct Door(mpsc::UnboundedReceiver<DuplexStream>);

impl axum::serve::Listener for Door {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(pipe) => (pipe, ()),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

pub struct World {
    pub desk: Desk,
    pub chat: WorkitemId,
    /// Changes that were committed and not yet published.
    pub air: Vec<Change>,
    store: Arc<SqliteStore>,
    file: PathBuf,
    copies: u32,
    folder: TempDir,
    /// The other node, and its door.
    other: Desk,
    doors: [mpsc::UnboundedSender<DuplexStream>; 2],
    serving: [JoinHandle<()>; 2],
    _closing: [watch::Sender<bool>; 2],
    /// How many have come in.
    knocked: AtomicUsize,
    ids: RandomIds,
}

impl World {
    pub async fn begin(beginning: &Beginning) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("sideline.db");
        std::fs::copy(beginning.folder.path().join("sideline.db"), &file).expect("a copy");
        let store = opened(&file).await;
        let desk = desk_over(Arc::clone(&store));
        let other = other_desk_over(Arc::clone(&store));
        let (doors, serving, closing) = served([&desk, &other]);
        let amy = UserId::parse("amy").expect("an id");
        let work = desk
            .reads()
            .view()
            .agent_workitems(&amy)
            .await
            .expect("a list");
        let chat = work.iter().find(|work| work.channel.coachable());
        Self {
            chat: chat.expect("the demo gives her some").id.clone(),
            air: Vec::new(),
            copies: 0,
            ids: RandomIds,
            _closing: closing,
            desk,
            store,
            file,
            folder,
            other,
            doors,
            serving,
            knocked: AtomicUsize::new(0),
        }
    }

    /// A new pipe to one of the nodes: each time to the next one, so that who comes back is elsewhere.
    pub fn connect(&self) -> DuplexStream {
        let (ours, theirs) = tokio::io::duplex(PIPE);
        let door = self.knocked.fetch_add(1, Ordering::Relaxed) % self.doors.len();
        self.doors[door].send(theirs).expect("the host is there");
        ours
    }

    pub async fn actor(&self, id: &str) -> Actor {
        let id = UserId::parse(id).expect("an id");
        let actor = self
            .desk
            .store()
            .snapshot()
            .await
            .unwrap()
            .actor_find(&id)
            .await;
        actor.expect("the database answers").expect("they exist")
    }

    pub fn key(&self) -> CommandKey {
        CommandKey::parse(self.ids.next()).expect("a key")
    }

    /// Somebody does something new.
    pub fn context(&self, actor: &Actor, at: Timestamp) -> CommandContext {
        CommandContext {
            actor: Some(actor.id.clone()),
            key: self.key(),
            at,
        }
    }

    pub fn entry(&self) -> EntryId {
        EntryId::parse(self.ids.next()).expect("an id")
    }

    /// Its changes are in the air now.
    pub fn written<T>(&mut self, written: Written<T>) -> T {
        self.air.extend(written.changes);
        written.value
    }

    /// A change reaches the node that made it; `heard`: its hint reaches the other one.
    pub fn publish(&self, change: Change, heard: bool) {
        let hint = Hint::of(&change).and_then(Hint::change);
        self.desk.bus().publish(change);
        if let Some(hint) = hint.filter(|_| heard) {
            self.other.bus().publish_here(hint);
        }
    }

    /// The same change on both nodes.
    pub fn publish_everywhere(&self, change: &Change) {
        for desk in [&self.desk, &self.other] {
            desk.bus().publish_here(change.clone());
        }
    }

    /// Tells followers where the database stands, as the sweep of each node does.
    pub async fn sweep(&self) {
        for desk in [&self.desk, &self.other] {
            let swept = desk.sweep(false).await;
            swept.expect("the database answers");
        }
    }

    /// Copies the database as it is now.
    pub async fn save(&mut self) -> PathBuf {
        self.copies += 1;
        let copy = self.folder.path().join(format!("copy-{}.db", self.copies));
        backup(&self.file, &copy).await.expect("a copy");
        self.sign_in_again(&copy);
        copy
    }

    /// A backup leaves sessions out. Everybody signs in again, and here that gives them the cookies that they have.
    fn sign_in_again(&self, copy: &Path) {
        let copy = rusqlite::Connection::open(copy).expect("it opens");
        let live = format!("file:{}?mode=ro", self.file.display());
        copy.execute("ATTACH $1 AS live", [live])
            .expect("it is there");
        copy.execute("INSERT INTO sessions SELECT * FROM live.sessions", [])
            .expect("sessions");
    }

    /// The host ends and starts again, over the same database or over a copy that was made earlier. Whatever was in
    /// the air is lost; the tabs notice it.
    pub async fn restart(&mut self, from: Option<PathBuf>) {
        self.serving.iter().for_each(JoinHandle::abort);
        self.air.clear();
        self.store.close().await;
        if let Some(copy) = from {
            self.copies += 1;
            self.file = self.folder.path().join(format!("old-{}.db", self.copies));
            std::fs::copy(copy, &self.file).expect("a copy");
        }
        self.store = opened(&self.file).await;
        self.desk = desk_over(Arc::clone(&self.store));
        self.other = other_desk_over(Arc::clone(&self.store));
        (self.doors, self.serving, self._closing) = served([&self.desk, &self.other]);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.serving.iter().for_each(JoinHandle::abort);
    }
}

type Served = (
    mpsc::UnboundedSender<DuplexStream>,
    JoinHandle<()>,
    watch::Sender<bool>,
);

type AllServed = (
    [mpsc::UnboundedSender<DuplexStream>; 2],
    [JoinHandle<()>; 2],
    [watch::Sender<bool>; 2],
);

fn served(desks: [&Desk; 2]) -> AllServed {
    let [(a, b, c), (d, e, f)] = desks.map(serve);
    ([a, d], [b, e], [c, f])
}

fn serve(desk: &Desk) -> Served {
    let (door, knocks) = mpsc::unbounded_channel();
    let (closing, closed) = watch::channel(false);
    let router = server::router::router(desk.clone(), &HttpConfig::default(), closed);
    let serving = tokio::spawn(async move {
        let _ = axum::serve(Door(knocks), router.into_make_service()).await;
    });
    (door, serving, closing)
}
