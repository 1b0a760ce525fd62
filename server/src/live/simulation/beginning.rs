//! What every run begins with: a database with people, two of them signed in, and a conversation.

use std::path::Path;
use std::sync::Arc;

use shared::ids::{UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::clock_and_ids::{Clock, RandomIds};
use crate::demo;
use crate::desk::{Desk, DeskConfig};
use crate::deterministic::FixedClock;
use crate::http::SignedIn;
use crate::queries;
use crate::store::EntryPage;
use crate::store::simulated::Database;
use crate::store::sqlite::SqliteStore;

/// Nobody's session is over before this.
const FAR_US: i64 = 4_000_000_000_000_000;

/// What every run begins with, and leaves as it was.
pub(super) struct Beginning {
    pub(super) database: Arc<Database>,
    /// The conversation, and how it stands.
    pub(super) chat: WorkitemId,
    pub(super) page: EntryPage,
    /// Who is there, each with the head of their own log: the conversation's agent and a supervisor.
    pub(super) people: Vec<(SignedIn, i64)>,
    pub(super) now: Timestamp,
    _folder: TempDir,
}

impl Beginning {
    pub(super) fn made() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sideline.db");
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let now = FixedClock::default().now();
        let chat = runtime.block_on(chat_in(&path));
        let database = Database::open(&path);
        for who in ["amy", "sam"] {
            database.run(&format!(
                "INSERT INTO sessions (id, user_id, created_at, seen_at, idle_us, expires_at)
                 VALUES ('{who}', '{who}', {at}, {at}, {FAR_US}, {FAR_US})",
                at = now.0
            ));
        }
        runtime.block_on(async {
            let mut rows = database.look();
            let mut people = Vec::new();
            for who in ["amy", "sam"] {
                let session = rows.session_find(who, now).await.expect("it can be read");
                let actor = session.expect("it is there").actor;
                let head = rows.notification_head(&actor.id).await;
                let session = who.to_owned();
                people.push((SignedIn { actor, session }, head.expect("a head")));
            }
            let amy = &people[0].0.actor.id;
            let page = queries::conversation_page(&mut *rows, &chat, amy, None).await;
            let page = page.expect("it is hers");
            drop(rows);
            Self {
                database,
                chat,
                page,
                people,
                now,
                _folder: folder,
            }
        })
    }

    /// The place of the last entry.
    pub(super) fn last_entry(&self) -> i64 {
        self.page.entries.last().map_or(0, |entry| entry.seq)
    }

    pub(super) fn person(&self, place: usize) -> PersonRef {
        self.people[place].0.actor.person()
    }
}

/// Makes a database with people, and names a conversation of amy's.
async fn chat_in(path: &Path) -> WorkitemId {
    let store = Arc::new(SqliteStore::open(path).await.expect("it opens"));
    let clock = Arc::new(FixedClock::default());
    let config = DeskConfig::default();
    let desk = Desk::new(store.clone(), clock, Arc::new(RandomIds), config);
    demo::seed(&desk).await.expect("demo data");
    let amy = UserId::parse("amy").expect("an id");
    let work = desk.reads().view().agent_workitems(&amy).await;
    let mut work = work.expect("it can be read").into_iter();
    let chat = work.find(|work| work.channel.coachable());
    store.close().await;
    chat.expect("the demo gives her some").id
}
