//! Reads that are asked for all the time: a session, settings, a workitem, an agent's list and requests, a dashboard.
//!
//! One layer above the store. It answers from a cache of this process where the cache knows, and reads a snapshot where it
//! does not. Without the cache every answer is read; nothing else changes. A conversation's page never comes from here:
//! its heading and its revision belong to one snapshot.

mod cache;

use std::collections::HashMap;
use std::sync::Arc;

use shared::directory::Settings;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::time::Timestamp;
use shared::workitem::{Dashboard, RaisedHand, Workitem};

use self::cache::{Contents, ReadCache};
use crate::commands::SessionSeen;
use crate::queries::count_open;
use crate::store::rows::{SessionRow, WorkitemRow};
use crate::store::{Session, Store, Stored, WorkitemRecord};

/// How often, in microseconds, the idle expiry of a session is moved at most.
const MOVED_EVERY: i64 = 60_000_000;

/// The reads of one store. They see committed data only, and none that is older than what was acknowledged.
pub struct Reads {
    store: Arc<dyn Store>,
    cache: Arc<ReadCache>,
}

impl Reads {
    /// Reads of a store, with a cache or without one.
    pub fn new(store: Arc<dyn Store>, cached: bool) -> Self {
        let cache = Arc::new(ReadCache::new(cached));
        if cached {
            store.listen(cache.clone());
        }
        Self { store, cache }
    }

    /// The session of a token's hash, unless it expired. Looking does not use it.
    pub async fn session_find(&self, token_hash: &str, now: Timestamp) -> Stored<Option<Session>> {
        let row = self.session_row(token_hash, now).await?;
        Ok(row.map(|row| session_of(token_hash, row)))
    }

    /// The same for a request of the user, which moves its idle expiry to `now` (at most once a minute).
    pub async fn session_use(&self, token_hash: &str, now: Timestamp) -> Stored<Option<Session>> {
        let Some(row) = self.session_row(token_hash, now).await? else {
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

    async fn session_row(&self, token_hash: &str, now: Timestamp) -> Stored<Option<SessionRow>> {
        let (known, generation) = self.cache.get(|contents| contents.session(token_hash));
        // One that seems to be over may have been moved meanwhile: what is stored decides.
        if let Some(session) = known.filter(|session| session.lasts(now)) {
            return Ok(Some(session));
        }
        let mut rows = self.store.snapshot().await?;
        let found = rows.session_find(token_hash, now).await?;
        drop(rows);
        if let Some(session) = found.clone() {
            let token_hash = token_hash.to_owned();
            self.cache.insert_session(generation, token_hash, session);
        }
        Ok(found)
    }

    /// A user's settings.
    pub async fn settings_load(&self, user: &UserId) -> Stored<Settings> {
        let (known, generation) = self.cache.get(|contents| contents.settings(user));
        if let Some(settings) = known {
            return Ok(settings);
        }
        let settings = self.store.snapshot().await?.settings_find(user).await?;
        self.cache
            .insert_settings(generation, user.clone(), settings);
        Ok(settings)
    }

    /// The open requests of an agent, the oldest first.
    pub async fn requests_open(&self, agent: &UserId) -> Stored<Vec<RaisedHand>> {
        let (known, generation) = self.cache.get(|contents| contents.hands(agent));
        if let Some(hands) = known {
            return Ok(hands);
        }
        let hands = self.store.snapshot().await?.requests_open_of(agent).await?;
        self.cache
            .insert_hands(generation, agent.clone(), hands.clone());
        Ok(hands)
    }

    /// One workitem.
    pub async fn workitem_find(&self, id: &WorkitemId) -> Stored<Option<WorkitemRecord>> {
        let (known, _) = self.cache.get(|contents| contents.workitem(id));
        if known.is_some() {
            return Ok(known);
        }
        let row = self.store.snapshot().await?.workitem_find(id).await?;
        Ok(row.map(WorkitemRow::record))
    }

    /// The open (active, wrap-up) workitems of an agent, the oldest first.
    pub async fn agent_workitems(&self, agent: &UserId) -> Stored<Vec<Workitem>> {
        let listed = |contents: &Contents| -> Option<Vec<Workitem>> {
            Some(contents.list(agent)?.into_iter().cloned().collect())
        };
        let (known, generation) = self.cache.get(listed);
        if let Some(list) = known {
            return Ok(list);
        }
        let rows = self
            .store
            .snapshot()
            .await?
            .workitems_open_of(agent)
            .await?;
        let records = records(rows);
        let list = records.iter().map(|record| record.workitem.clone());
        let list = list.collect();
        self.cache.insert_list(generation, agent.clone(), records);
        Ok(list)
    }

    /// The agents of these teams and the queues; presences as chosen.
    pub async fn dashboard(&self, teams: &[TeamId]) -> Stored<Dashboard> {
        let skeleton = self.skeleton(teams).await?;
        self.with_lists(Dashboard::clone(&skeleton)).await
    }

    /// Of that dashboard the rows of these agents, and all queues.
    pub async fn dashboard_rows(&self, teams: &[TeamId], agents: &[UserId]) -> Stored<Dashboard> {
        let skeleton = self.skeleton(teams).await?;
        let rows = skeleton
            .agents
            .iter()
            .filter(|row| agents.contains(&row.id));
        let some = Dashboard {
            agents: rows.cloned().collect(),
            queues: skeleton.queues.clone(),
        };
        self.with_lists(some).await
    }

    /// The dashboard with nothing open at anybody.
    async fn skeleton(&self, teams: &[TeamId]) -> Stored<Arc<Dashboard>> {
        let (known, generation) = self.cache.get(|contents| contents.skeleton(teams));
        if let Some(skeleton) = known {
            return Ok(skeleton);
        }
        let mut rows = self.store.snapshot().await?;
        let skeleton = Arc::new(rows.dashboard_skeleton(teams).await?);
        drop(rows);
        let shown = Arc::clone(&skeleton);
        self.cache
            .insert_skeleton(generation, teams.to_vec(), shown);
        Ok(skeleton)
    }

    /// Fills in what is open at the agents.
    async fn with_lists(&self, mut dashboard: Dashboard) -> Stored<Dashboard> {
        let (unknown, generation) = self.cache.get(|contents| {
            let mut unknown = Vec::new();
            for row in &mut dashboard.agents {
                match contents.list(&row.id) {
                    Some(list) => count_open(row, list),
                    None => unknown.push(row.id.clone()),
                }
            }
            unknown
        });
        if unknown.is_empty() {
            return Ok(dashboard);
        }
        let mut rows = self.store.snapshot().await?;
        let lists = rows.workitems_open_of_each(&unknown).await?;
        drop(rows);
        let lists: HashMap<UserId, Vec<WorkitemRecord>> = lists
            .into_iter()
            .map(|(agent, rows)| (agent, records(rows)))
            .collect();
        for row in &mut dashboard.agents {
            if let Some(list) = lists.get(&row.id) {
                count_open(row, list.iter().map(|record| &record.workitem));
            }
        }
        for (agent, list) in lists {
            self.cache.insert_list(generation, agent, list);
        }
        Ok(dashboard)
    }
}

fn session_of(token_hash: &str, row: SessionRow) -> Session {
    Session {
        id: token_hash.to_owned(),
        actor: row.actor,
    }
}

fn records(rows: Vec<WorkitemRow>) -> Vec<WorkitemRecord> {
    rows.into_iter().map(WorkitemRow::record).collect()
}
