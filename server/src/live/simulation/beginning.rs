//! What every run begins with: a database with people, two of them signed in, and a conversation.

use std::path::Path;
use std::sync::Arc;

use shared::ids::{UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::transcript::Conversation;
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::clock_and_ids::{Clock, RandomIds};
use crate::demo;
use crate::desk::{Desk, DeskConfig};
use crate::deterministic::FixedClock;
use crate::http::SignedIn;
use crate::http::cookies::StaffCookies;
use crate::queries;
use crate::store::simulated::Database;
use crate::store::sqlite::SqliteStore;

/// Nobody's session is over before this.
const FAR_US: i64 = 4_000_000_000_000_000;

/// Somebody who is signed in, when their page was loaded.
pub(super) struct Someone {
    pub(super) signed_in: SignedIn,
    /// The head of their own log.
    pub(super) since: i64,
    /// The conversation as they may read it.
    pub(super) page: Conversation,
}

/// What every run begins with, and leaves as it was.
pub(super) struct Beginning {
    pub(super) database: Arc<Database>,
    pub(super) chat: WorkitemId,
    /// Who is there: the conversation's agent and a supervisor.
    pub(super) people: Vec<Someone>,
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
            let mut people = Vec::new();
            for who in ["amy", "sam"] {
                let mut rows = database.look();
                let session = rows.session_find(who, now).await.expect("it can be read");
                let actor = session.expect("it is there").actor;
                let head = rows.notification_head(&actor.id).await;
                people.push(Someone {
                    page: conversation(&database, &chat, &actor.id).await,
                    since: head.expect("a head"),
                    signed_in: SignedIn {
                        actor,
                        session: who.to_owned(),
                        cookies: StaffCookies { secure: false },
                    },
                });
            }
            Self {
                database,
                chat,
                people,
                now,
                _folder: folder,
            }
        })
    }

    /// The conversation as somebody may read it now: its newest page.
    pub(super) async fn conversation(&self, viewer: &UserId) -> Conversation {
        conversation(&self.database, &self.chat, viewer).await
    }

    pub(super) fn person(&self, place: usize) -> PersonRef {
        self.people[place].signed_in.actor.person()
    }
}

async fn conversation(
    database: &Arc<Database>,
    chat: &WorkitemId,
    viewer: &UserId,
) -> Conversation {
    let mut rows = database.look();
    let page = queries::conversation_page(&mut *rows, chat, viewer, None).await;
    let page = page.expect("they may read it");
    Conversation {
        workitem: page.workitem,
        entries: page.entries,
        older: page.older,
        rev: page.rev,
        epoch: database.epoch().to_owned(),
        review: page.review,
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
