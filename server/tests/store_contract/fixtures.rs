//! A small organisation in a fresh store, and short words for what happens in it.
//!
//! Team Care: the agents Amy and Ben, the supervisors Sam and Sue. Team Sales: the agent Cleo, the supervisor Sid.
//! Ada administers. Time goes on by a second whenever somebody looks at the clock.

mod administration;
mod conversation;
mod directory;
mod work;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use server::commands::{HistoryIndex, SessionBegin};
use server::reads::Reads;
use server::store::copying::to_postgres;
use server::store::postgres::PostgresStore;
use server::store::sqlite::{Finding, SqliteStore, verify};
use server::store::{CommandContext, Snapshot, Store};
use shared::account::SignedInFrom;
use shared::admin::{ChatChannel, UserAccount};
use shared::ids::*;
use shared::people::Role;
use shared::time::Timestamp;
use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;

use crate::administration_commands::{Administration, PROVED};
use crate::postgres_databases::{Database, connect};
use crate::sqlite_databases;
use crate::words::*;

/// A store with people in it.
pub struct Fixture {
    pub store: Arc<dyn Store>,
    pub reads: Reads,
    ticks: AtomicI64,
    place: Storage,
}

/// Where the data of a fixture are. Dropping it removes them.
pub enum Storage {
    Sqlite(TempDir),
    Postgres(Database, Arc<PostgresStore>),
}

/// The file of a copy on SQLite.
const COPY: &str = "copy.db";

impl Storage {
    /// What `sideline check` says of a copy on SQLite.
    pub async fn findings(&self) -> Vec<Finding> {
        match self {
            Storage::Sqlite(folder) => verify(&folder.path().join(COPY)).await.unwrap(),
            Storage::Postgres(..) => panic!("it is on PostgreSQL"),
        }
    }

    /// What a query finds in a copy, behind the store's back.
    pub async fn texts(&self, query: &'static str) -> Vec<String> {
        match self {
            Storage::Sqlite(folder) => {
                let file = rusqlite::Connection::open_with_flags(
                    folder.path().join(COPY),
                    rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
                );
                let file = file.unwrap();
                let mut statement = file.prepare(query).unwrap();
                let found = statement.query_map([], |row| row.get(0)).unwrap();
                found.map(Result::unwrap).collect()
            }
            Storage::Postgres(database, _) => {
                let mut connection = connect(&database.url()).await;
                let found = sqlx::query_scalar::<_, String>(query);
                found.fetch_all(&mut connection).await.unwrap()
            }
        }
    }
}

/// One fixture for every store that the contract binds: SQLite with the read cache and without it, and PostgreSQL with it.
pub async fn every() -> Vec<Fixture> {
    let mut fixtures = vec![on_postgres().await];
    for cached in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = sqlite_databases::open(&folder.path().join("sideline.db")).await;
        let place = Storage::Sqlite(folder);
        fixtures.push(Fixture::furnished(Arc::new(sqlite), cached, place).await);
    }
    fixtures
}

/// A fixture on PostgreSQL.
pub async fn on_postgres() -> Fixture {
    let database = Database::new().await;
    let store = Arc::new(database.open().await);
    let place = Storage::Postgres(database, store.clone());
    Fixture::furnished(store, true, place).await
}

/// A copy of everything as it is now, sessions too, which a backup leaves out.
fn copied(folder: &TempDir) -> TempDir {
    let file = folder.path().join("sideline.db");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(COPY);
    let source =
        rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    let path = copy.to_str().unwrap();
    source.unwrap().execute("VACUUM INTO $1", [path]).unwrap();
    folder
}

/// The hash that everybody's password has here.
pub const HASH: &str = "hash";

/// A session that begins with the right password, in no browser that anybody knows.
pub fn beginning(session: &str, user: &UserId, now: Timestamp) -> SessionBegin {
    SessionBegin {
        session: session.to_owned(),
        user: user.clone(),
        verified: HASH.to_owned(),
        renewed: None,
        browser: None,
        now,
        idle_us: 60_000_000,
        absolute_us: 60_000_000,
        from: SignedInFrom::default(),
    }
}

impl Fixture {
    async fn furnished(store: Arc<dyn Store>, cached: bool, place: Storage) -> Self {
        let fixture = Self {
            reads: Reads::new(store.clone(), cached),
            store,
            ticks: AtomicI64::new(0),
            place,
        };
        let people = [
            ("amy", Role::Agent),
            ("ben", Role::Agent),
            ("cleo", Role::Agent),
            ("sam", Role::Supervisor),
            ("sue", Role::Supervisor),
            ("sid", Role::Supervisor),
            ("ada", Role::Administrator),
        ];
        for (id, role) in people {
            let account = UserAccount {
                id: user(id),
                username: id.to_owned(),
                name: person(id).name,
                roles: vec![role],
                active: true,
                version: 0,
                capacity: None,
                built: Vec::new(),
            };
            fixture
                .store
                .user_create(account, HASH, fixture.context())
                .await
                .unwrap();
        }
        // What administrators do that is sensitive rests on a session that has just proved its password.
        let proved = beginning(PROVED, &user("ada"), Timestamp(0));
        fixture.store.execute(proved).await.unwrap();
        fixture
            .save_team("care", "Care", true, &["amy", "ben"], &["sam", "sue"])
            .await
            .unwrap();
        fixture
            .save_team("sales", "Sales", true, &["cleo"], &["sid"])
            .await
            .unwrap();
        let chat = ChatChannel {
            key: channel(),
            name: "Chat with Care".to_owned(),
            active: true,
            version: 0,
            heard_at: None,
        };
        fixture
            .store
            .channel_create(&team("care"), chat, fixture.context())
            .await
            .unwrap();
        fixture
    }

    /// The same data, as somebody sees them who has just opened the database. On PostgreSQL this fixture stores nothing more.
    pub async fn reopened(&self) -> (Arc<dyn Store>, Storage) {
        self.written_to("").await
    }

    /// The same, after somebody wrote to them behind the store's back: an operator, or a node of another release.
    pub async fn written_to(&self, script: &str) -> (Arc<dyn Store>, Storage) {
        let folder = match &self.place {
            Storage::Sqlite(folder) => folder,
            Storage::Postgres(database, store) => {
                store.close().await;
                let copy = database.copy().await;
                let mut connection = connect(&copy.url()).await;
                let script = sqlx::raw_sql(AssertSqlSafe(script.to_owned()));
                script.execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                let store = Arc::new(copy.open().await);
                return (store.clone(), Storage::Postgres(copy, store));
            }
        };
        let folder = copied(folder);
        let copy = folder.path().join(COPY);
        let file = rusqlite::Connection::open(&copy).unwrap();
        file.execute_batch(script).unwrap();
        drop(file);
        let store = SqliteStore::open(&copy).await.unwrap();
        (Arc::new(store), Storage::Sqlite(folder))
    }

    /// The same data in a file that was opened and closed in order; of a fixture on SQLite.
    pub async fn closed(&self) -> Storage {
        let folder = copied(self.folder());
        let store = SqliteStore::open(&folder.path().join(COPY)).await;
        store.unwrap().close().await;
        Storage::Sqlite(folder)
    }

    /// The same data, moved to PostgreSQL; of a fixture on SQLite.
    pub async fn moved(&self) -> (Arc<dyn Store>, Storage) {
        let folder = copied(self.folder());
        let database = Database::new().await;
        let moved = to_postgres(&folder.path().join(COPY), &database.address()).await;
        moved.unwrap();
        let store = Arc::new(database.open().await);
        (store.clone(), Storage::Postgres(database, store))
    }

    fn folder(&self) -> &TempDir {
        match &self.place {
            Storage::Sqlite(folder) => folder,
            Storage::Postgres(..) => panic!("it is on PostgreSQL"),
        }
    }

    /// The data as the database has them now, whatever this process remembers of it.
    pub async fn stored(&self) -> (Arc<dyn Store>, Option<Storage>) {
        match &self.place {
            Storage::Sqlite(_) => {
                let (store, place) = self.reopened().await;
                (store, Some(place))
            }
            // Its store keeps nothing; a copy would end its connections.
            Storage::Postgres(..) => (self.store.clone(), None),
        }
    }

    /// The database of a fixture on PostgreSQL, and its store.
    pub fn postgres(&self) -> (&Database, &PostgresStore) {
        match &self.place {
            Storage::Postgres(database, store) => (database, store),
            Storage::Sqlite(_) => panic!("it is on SQLite"),
        }
    }

    /// One state of the data.
    pub async fn rows(&self) -> Box<dyn Snapshot> {
        self.store.snapshot().await.unwrap()
    }

    /// One state of the data, for a search: everything that was said is in the index, as the desk has it before it searches.
    pub async fn searched(&self) -> Box<dyn Snapshot> {
        while self.store.execute(HistoryIndex).await.unwrap().value {}
        self.rows().await
    }

    /// Whether what was said waits for its index here.
    pub fn indexes_later(&self) -> bool {
        matches!(self.place, Storage::Sqlite(_))
    }

    /// The next second.
    pub fn now(&self) -> Timestamp {
        Timestamp((self.tick() + 1) * 1_000_000)
    }

    fn tick(&self) -> i64 {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    /// The operator does something new.
    pub fn context(&self) -> CommandContext {
        CommandContext {
            actor: None,
            key: self.fresh_key(),
            at: self.now(),
        }
    }

    /// Somebody does something new.
    pub fn context_of(&self, actor: &str) -> CommandContext {
        CommandContext {
            actor: Some(user(actor)),
            ..self.context()
        }
    }

    pub fn fresh_key(&self) -> CommandKey {
        key(&format!("k{}", self.tick()))
    }

    pub fn fresh_entry(&self) -> EntryId {
        entry(&format!("e{}", self.tick()))
    }
}
