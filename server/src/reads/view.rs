//! A look at the data: several reads that belong together, from the cache where it knows, from one snapshot where it does not.

use std::collections::HashMap;
use std::sync::Arc;

use shared::directory::Settings;
use shared::ids::{TeamId, UserId};
use shared::time::Timestamp;
use shared::workitem::{Dashboard, RaisedHand, Workitem};

use super::cache::{Contents, Generation};
use super::{Reads, session_of};
use crate::queries::count_open;
use crate::store::rows::{SessionRow, WorkitemRow};
use crate::store::{Session, Snapshot, Stored, WorkitemRecord};

/// Reads that share a snapshot, which begins with the first one that needs it. It takes one of a few connections: nobody waits for
/// another snapshot while holding one.
pub struct View<'a> {
    reads: &'a Reads,
    snapshot: Option<(Generation, Box<dyn Snapshot>)>,
    /// Whether everything that was read comes from one state of the data.
    is_one_state: bool,
}

impl<'a> View<'a> {
    pub(super) fn of(reads: &'a Reads) -> Self {
        Self {
            reads,
            snapshot: None,
            // What is cached may be newer than what is read.
            is_one_state: !reads.cache.is_on(),
        }
    }

    /// Whether all that was read so far comes from one state of the data. Who asks for a right and then for what rests on it asks
    /// for the right again afterwards, unless it does.
    pub fn is_one_state(&self) -> bool {
        self.is_one_state
    }

    /// Lets go of the snapshot. What is read next may be newer.
    pub fn renew(&mut self) {
        self.snapshot = None;
        self.is_one_state = false;
    }

    /// The rows as they are in the snapshot.
    pub async fn rows(&mut self) -> Stored<&mut dyn Snapshot> {
        Ok(&mut *self.open().await?.1)
    }

    async fn open(&mut self) -> Stored<&mut (Generation, Box<dyn Snapshot>)> {
        let opened = match self.snapshot.take() {
            Some(opened) => opened,
            None => {
                let ((), generation) = self.reads.cache.get(|_| ());
                (generation, self.reads.store.snapshot().await?)
            }
        };
        Ok(self.snapshot.insert(opened))
    }

    /// The session of a token's hash, unless it expired. Looking does not use it.
    pub async fn session_find(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Stored<Option<Session>> {
        let row = self.session_row(token_hash, now).await?;
        Ok(row.map(|row| session_of(token_hash, row)))
    }

    pub(super) async fn session_row(
        &mut self,
        token_hash: &str,
        now: Timestamp,
    ) -> Stored<Option<SessionRow>> {
        let (known, _) = self
            .reads
            .cache
            .get(|contents| contents.session(token_hash));
        // One that seems to be over may have been moved meanwhile: what is stored decides.
        if let Some(session) = known.filter(|session| session.lasts(now)) {
            return Ok(Some(session));
        }
        let (generation, rows) = self.open().await?;
        let (found, read) = (rows.session_find(token_hash, now).await?, *generation);
        if let Some(session) = found.clone() {
            let token_hash = token_hash.to_owned();
            self.reads.cache.insert_session(read, token_hash, session);
        }
        Ok(found)
    }

    /// A user's settings.
    pub async fn settings_load(&mut self, user: &UserId) -> Stored<Settings> {
        let (known, _) = self.reads.cache.get(|contents| contents.settings(user));
        if let Some(settings) = known {
            return Ok(settings);
        }
        let (generation, rows) = self.open().await?;
        let (settings, read) = (rows.settings_find(user).await?, *generation);
        self.reads
            .cache
            .insert_settings(read, user.clone(), settings);
        Ok(settings)
    }

    /// The open requests of an agent, the oldest first.
    pub async fn requests_open(&mut self, agent: &UserId) -> Stored<Vec<RaisedHand>> {
        let (known, _) = self.reads.cache.get(|contents| contents.hands(agent));
        if let Some(hands) = known {
            return Ok(hands);
        }
        let (generation, rows) = self.open().await?;
        let (hands, read) = (rows.requests_open_of(agent).await?, *generation);
        self.reads
            .cache
            .insert_hands(read, agent.clone(), hands.clone());
        Ok(hands)
    }

    /// The open (active, wrap-up) workitems of an agent, the oldest first.
    pub async fn agent_workitems(&mut self, agent: &UserId) -> Stored<Vec<Workitem>> {
        let listed = |contents: &Contents| -> Option<Vec<Workitem>> {
            Some(contents.list(agent)?.into_iter().cloned().collect())
        };
        let (known, _) = self.reads.cache.get(listed);
        if let Some(list) = known {
            return Ok(list);
        }
        let (generation, rows) = self.open().await?;
        let (found, read) = (rows.workitems_open_of(agent).await?, *generation);
        let records = records(found);
        let list = records.iter().map(|record| record.workitem.clone());
        let list = list.collect();
        self.reads.cache.insert_list(read, agent.clone(), records);
        Ok(list)
    }

    /// The agents of these teams and the queues; presences as chosen.
    pub async fn dashboard(&mut self, teams: &[TeamId]) -> Stored<Dashboard> {
        let skeleton = self.skeleton(teams).await?;
        self.with_lists(Dashboard::clone(&skeleton)).await
    }

    /// Of that dashboard the rows of these agents, and all queues.
    pub async fn dashboard_rows(
        &mut self,
        teams: &[TeamId],
        agents: &[UserId],
    ) -> Stored<Dashboard> {
        let skeleton = self.skeleton(teams).await?;
        let rows = skeleton
            .agents
            .iter()
            .filter(|row| agents.contains(&row.id));
        let some = Dashboard {
            agents: rows.cloned().collect(),
            queues: skeleton.queues.clone(),
            capacity: skeleton.capacity,
        };
        self.with_lists(some).await
    }

    /// The dashboard with nothing open at anybody.
    async fn skeleton(&mut self, teams: &[TeamId]) -> Stored<Arc<Dashboard>> {
        let (known, _) = self.reads.cache.get(|contents| contents.skeleton(teams));
        if let Some(skeleton) = known {
            return Ok(skeleton);
        }
        let (generation, rows) = self.open().await?;
        let (skeleton, read) = (rows.dashboard_skeleton(teams).await?, *generation);
        let skeleton = Arc::new(skeleton);
        let shown = Arc::clone(&skeleton);
        self.reads
            .cache
            .insert_skeleton(read, teams.to_vec(), shown);
        Ok(skeleton)
    }

    /// Fills in what is open at the agents.
    async fn with_lists(&mut self, mut dashboard: Dashboard) -> Stored<Dashboard> {
        let (unknown, _) = self.reads.cache.get(|contents| {
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
        let (generation, rows) = self.open().await?;
        let (lists, read) = (rows.workitems_open_of_each(&unknown).await?, *generation);
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
            self.reads.cache.insert_list(read, agent, list);
        }
        Ok(dashboard)
    }
}

fn records(rows: Vec<WorkitemRow>) -> Vec<WorkitemRecord> {
    rows.into_iter().map(WorkitemRow::record).collect()
}
