//! Reads that are asked for all the time: a session, settings, a workitem, an agent's list and requests, a dashboard.
//!
//! One layer above the store. It answers from a cache of this process where the cache knows, and reads a snapshot where it
//! does not. Without the cache every answer is read; nothing else changes. A conversation's page never comes from here:
//! its heading and its revision belong to one snapshot. What live connections missed is never cached: those who ask at the same
//! time share a snapshot (`rounds`).

mod cache;
mod rounds;
mod view;

use std::sync::Arc;

use shared::directory::Settings;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::time::Timestamp;
use shared::workitem::Dashboard;

use self::cache::ReadCache;
use self::rounds::Rounds;
pub use self::view::View;
use crate::commands::SessionSeen;
use crate::queries::{LiveAnswer, LiveQuestion};
use crate::store::rows::SessionRow;
use crate::store::{Session, Store, Stored, WorkitemRecord};

/// How often, in microseconds, the idle expiry of a session is moved at most.
const MOVED_EVERY: i64 = 60_000_000;

/// How many rounds there are at the same time for what must not wait.
const ROUNDS: usize = 2;

/// The reads of one store. They see committed data only, and none that is older than what was acknowledged.
pub struct Reads {
    store: Arc<dyn Store>,
    cache: Arc<ReadCache>,
    rounds: Arc<Rounds>,
    /// For projections, which delay nothing else. One at a time: who asks while it is under way shares the next one.
    projections: Arc<Rounds>,
}

impl Reads {
    /// Reads of a store, with a cache or without one.
    pub fn new(store: Arc<dyn Store>, cached: bool) -> Self {
        let cache = Arc::new(ReadCache::new(cached));
        if cached {
            store.listen(cache.clone());
        }
        let rounds = |at_once| Arc::new(Rounds::over(store.clone(), at_once));
        Self {
            rounds: rounds(ROUNDS),
            projections: rounds(1),
            cache,
            store,
        }
    }

    /// Whether answers come from a cache of this process where it knows them.
    pub fn is_cached(&self) -> bool {
        self.cache.is_on()
    }

    /// A look at the data, for several reads that belong together.
    pub fn view(&self) -> View<'_> {
        View::of(self)
    }

    /// Answers from one snapshot, which begins after this was asked. Those who ask at the same time share it. Nothing is cached.
    pub async fn ask(&self, question: LiveQuestion) -> Stored<LiveAnswer> {
        self.rounds.ask(question).await
    }

    /// The same for a projection: a question that may take long, or waits for those who ask next.
    pub async fn ask_projection(&self, question: LiveQuestion) -> Stored<LiveAnswer> {
        self.projections.ask(question).await
    }

    /// The session of a token's hash, unless it expired. Looking does not use it.
    pub async fn session_find(&self, token_hash: &str, now: Timestamp) -> Stored<Option<Session>> {
        let row = self.session_row(token_hash, now).await?;
        Ok(row.map(|row| session_of(token_hash, row)))
    }

    async fn session_row(&self, token_hash: &str, now: Timestamp) -> Stored<Option<SessionRow>> {
        if self.cache.is_on() {
            return self.view().session_row(token_hash, now).await;
        }
        let asked = LiveQuestion {
            session: Some((token_hash.to_owned(), now)),
            ..LiveQuestion::default()
        };
        Ok(self.ask(asked).await?.session)
    }

    /// The same for a request of the user, which moves its idle expiry to `now` (at most once a minute).
    pub async fn session_use(&self, token_hash: &str, now: Timestamp) -> Stored<Option<Session>> {
        let row = self.session_row(token_hash, now).await?;
        let Some(row) = row else {
            return Ok(None);
        };
        if now.0 - row.seen_at >= MOVED_EVERY {
            let seen = SessionSeen {
                session: token_hash.to_owned(),
                at: now,
            };
            match self.store.execute(seen).await {
                Ok(_) => self.cache.session_seen(token_hash, now.0),
                // A session that lasts is let in even while nothing can be written.
                Err(error) => {
                    tracing::warn!(%error, "the idle expiry of a session was not moved");
                }
            }
        }
        Ok(Some(session_of(token_hash, row)))
    }

    /// A user's settings.
    pub async fn settings_load(&self, user: &UserId) -> Stored<Settings> {
        self.view().settings_load(user).await
    }

    /// One workitem.
    pub async fn workitem_find(&self, id: &WorkitemId) -> Stored<Option<WorkitemRecord>> {
        let (known, _) = self.cache.get(|contents| contents.workitem(id));
        if known.is_some() {
            return Ok(known);
        }
        let asked = LiveQuestion {
            workitems: vec![id.clone()],
            ..LiveQuestion::default()
        };
        Ok(self.ask(asked).await?.workitems.remove(id))
    }

    /// The agents of these teams and the queues; presences as chosen.
    pub async fn dashboard(&self, teams: &[TeamId]) -> Stored<Dashboard> {
        self.view().dashboard(teams).await
    }
}

fn session_of(token_hash: &str, row: SessionRow) -> Session {
    Session {
        id: token_hash.to_owned(),
        actor: row.actor,
    }
}
