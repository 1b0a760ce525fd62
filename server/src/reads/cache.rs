//! A cache of what is read often and has not changed since.
//!
//! A commit invalidates the database pages that readers have cached, so the same few rows cost most under load. What
//! is cached here is never older than what was acknowledged: the store reports the changes of each commit, in the
//! order of commits, before it answers the command. What was read is inserted only if nothing that concerns it was reported
//! since before it was read; that is what a [`Generation`] is for. What would have changed it in the cache concerns it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::directory::{Notification, Settings};
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::people::Presence;
use shared::transcript::WorkitemChange;
use shared::workitem::{Dashboard, RaisedHand, Workitem, WorkitemState};

use crate::store::rows::SessionRow;
use crate::store::{Change, CommitListener, WorkitemRecord};

/// How many sessions are cached at most, some 500 bytes each. At one more the cache begins again.
const SESSIONS: usize = 20_000;

/// How many reports about workitems are remembered. A reader during whose read there were more inserts no list.
const REPORTS: usize = 1_000;

/// How many reports there had been at some moment, by what they concern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Generation {
    sessions: u64,
    settings: u64,
    hands: u64,
    skeletons: u64,
    /// About single workitems.
    workitems: u64,
    /// About names and teams, which stand in lists and skeletons, or about nothing that is known.
    all_work: u64,
}

/// Everything that is cached.
#[derive(Default)]
pub(super) struct Contents {
    generation: Generation,
    /// The last reports about workitems, each with the agent who has it then.
    reports: VecDeque<(WorkitemId, Option<UserId>)>,
    sessions: HashMap<String, SessionRow>,
    settings: HashMap<UserId, Settings>,
    /// Open requests for assistance.
    hands: HashMap<UserId, Vec<RaisedHand>>,
    /// Whole lists only: each workitem of a list is in `workitems`, and no other is.
    lists: HashMap<UserId, Vec<WorkitemId>>,
    workitems: HashMap<WorkitemId, WorkitemRecord>,
    /// Dashboards without what follows from the lists, by their teams.
    skeletons: HashMap<Vec<TeamId>, Arc<Dashboard>>,
}

/// The cache of one process. One that is off stays empty.
pub(super) struct ReadCache {
    on: bool,
    contents: Mutex<Contents>,
}

impl ReadCache {
    /// An empty cache.
    pub(super) fn new(on: bool) -> Self {
        Self {
            on,
            contents: Mutex::default(),
        }
    }

    /// Whether anything is cached.
    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        // Nothing under this lock can panic half-way through a change.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks something up. What is then read, because it was not there, may be inserted with this generation.
    pub(super) fn get<T>(&self, find: impl FnOnce(&Contents) -> T) -> (T, Generation) {
        let contents = self.lock();
        (find(&contents), contents.generation)
    }

    /// Inserts what was read since `read`, unless it changed meanwhile.
    pub(super) fn insert_session(&self, read: Generation, token_hash: String, session: SessionRow) {
        let mut contents = self.lock();
        if self.on && contents.generation.sessions == read.sessions {
            contents.insert_session(token_hash, session);
        }
    }

    /// The same of a user's settings.
    pub(super) fn insert_settings(&self, read: Generation, user: UserId, settings: Settings) {
        let mut contents = self.lock();
        if self.on && contents.generation.settings == read.settings {
            contents.settings.insert(user, settings);
        }
    }

    /// The same of an agent's open requests.
    pub(super) fn insert_hands(&self, read: Generation, agent: UserId, hands: Vec<RaisedHand>) {
        let mut contents = self.lock();
        if self.on && contents.generation.hands == read.hands {
            contents.hands.insert(agent, hands);
        }
    }

    /// The same of an agent's open workitems.
    pub(super) fn insert_list(&self, read: Generation, agent: UserId, list: Vec<WorkitemRecord>) {
        let mut contents = self.lock();
        if self.on && contents.is_list_fresh(read, &agent, &list) {
            contents.insert_list(agent, list);
        }
    }

    /// The same of a dashboard without what follows from the lists.
    pub(super) fn insert_skeleton(
        &self,
        read: Generation,
        teams: Vec<TeamId>,
        shown: Arc<Dashboard>,
    ) {
        let mut contents = self.lock();
        let now = contents.generation;
        if self.on && (now.skeletons, now.all_work) == (read.skeletons, read.all_work) {
            contents.skeletons.insert(teams, shown);
        }
    }

    /// Brings the cache up to date with one commit.
    pub(super) fn apply(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let mut contents = self.lock();
        for change in changes {
            contents.apply(change);
        }
    }

    /// The idle expiry of a session was moved. (Were this to be missed, it would be moved once more.)
    pub(super) fn session_seen(&self, token_hash: &str, at: i64) {
        if let Some(session) = self.lock().sessions.get_mut(token_hash) {
            session.seen_at = session.seen_at.max(at);
        }
    }

    /// Drops everything.
    pub(super) fn clear(&self) {
        let mut contents = self.lock();
        let before = contents.generation;
        *contents = Contents {
            generation: Generation {
                sessions: before.sessions + 1,
                settings: before.settings + 1,
                hands: before.hands + 1,
                skeletons: before.skeletons + 1,
                workitems: before.workitems,
                all_work: before.all_work + 1,
            },
            ..Contents::default()
        };
    }
}

impl CommitListener for ReadCache {
    fn committed(&self, changes: &[Change]) {
        self.apply(changes);
    }

    fn failed(&self) {
        self.clear();
    }
}

impl Contents {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Workitem {
                id,
                change: WorkitemChange::Workitem(workitem),
                ..
            } => {
                self.generation.workitems += 1;
                self.keep_report(id, workitem);
                self.workitem_changed(id, workitem);
            }
            Change::Notification {
                user,
                event: Notification::Settings(settings),
                ..
            } => {
                self.generation.settings += 1;
                self.generation.skeletons += 1;
                self.settings.insert(user.clone(), *settings);
                self.presence_changed(user, settings.presence);
            }
            Change::Hands(agent) => {
                self.generation.hands += 1;
                self.hands.remove(agent);
                self.generation.skeletons += 1;
                let shows = |shown: &Dashboard| shown.agents.iter().any(|row| row.id == *agent);
                self.skeletons.retain(|_, shown| !shows(shown));
            }
            Change::Queue(team) => {
                self.generation.skeletons += 1;
                self.skeletons.retain(|teams, _| !teams.contains(team));
            }
            Change::Monitors { .. } => {
                // Rare, so nothing is looked for.
                self.generation.all_work += 1;
                self.lists.clear();
                self.workitems.clear();
            }
            // Names and teams stand in lists, requests and dashboards, and the agent's teams decide about authority.
            Change::People => {
                self.generation.all_work += 1;
                self.generation.hands += 1;
                self.hands.clear();
                self.lists.clear();
                self.workitems.clear();
                self.skeletons.clear();
            }
            Change::Authority(user) | Change::SessionsEnded { user, .. } => {
                self.generation.sessions += 1;
                self.sessions.retain(|_, session| session.actor.id != *user);
            }
            Change::SignedOut { session, .. } => {
                self.generation.sessions += 1;
                self.sessions.remove(session);
            }
            Change::Workitem { .. }
            | Change::FormerCoaching { .. }
            | Change::Notification { .. }
            | Change::Customer { .. }
            | Change::CustomerHead { .. }
            | Change::CustomerAccess(_)
            | Change::ChatAccess(_)
            | Change::AgentTyping { .. }
            | Change::CustomerTyping(_)
            | Change::CoachingTyping { .. }
            | Change::Replies(_)
            | Change::Review(_)
            | Change::Alerts(_)
            | Change::AlertRules
            | Change::WorkitemHead { .. }
            | Change::NotificationHead { .. }
            | Change::Presence(_)
            | Change::PeopleRows { .. }
            | Change::PeopleHead(_)
            | Change::Agent(_)
            | Change::Assistance
            | Change::EventQueued => {}
        }
    }

    /// Keeps which workitem was reported, and whose it is, among the last ones.
    fn keep_report(&mut self, id: &WorkitemId, workitem: &Workitem) {
        if self.reports.len() == REPORTS {
            self.reports.pop_front();
        }
        let agent = workitem.agent.as_ref().map(|agent| agent.id.clone());
        self.reports.push_back((id.clone(), agent));
    }

    /// The chosen presence stands on the dashboards that show the agent.
    fn presence_changed(&mut self, agent: &UserId, presence: Presence) {
        for skeleton in self.skeletons.values_mut() {
            let place = skeleton.agents.iter().position(|row| row.id == *agent);
            if let Some(place) = place
                && skeleton.agents[place].presence != presence
            {
                Arc::make_mut(skeleton).agents[place].presence = presence;
            }
        }
    }

    /// A workitem that stays where it is looks different; one that comes, goes or moves makes its lists be read again.
    fn workitem_changed(&mut self, id: &WorkitemId, workitem: &Workitem) {
        let open = matches!(
            workitem.state,
            WorkitemState::Active | WorkitemState::WrapUp
        );
        let agent = workitem.agent.as_ref().filter(|_| open);
        if let (Some(had), Some(agent)) = (self.workitems.get_mut(id), agent)
            && had.facts.agent.as_ref() == Some(&agent.id)
            && had.facts.team == workitem.team
        {
            had.workitem = workitem.clone();
            return;
        }
        self.remove_list_with(id);
        if let Some(agent) = agent {
            self.remove_list(&agent.id);
        }
    }

    /// Whether no report since `read` concerns an agent's list: none about a workitem that stands in it, or that came to
    /// the agent.
    fn is_list_fresh(&self, read: Generation, agent: &UserId, list: &[WorkitemRecord]) -> bool {
        let since = self.generation.workitems - read.workitems;
        let Ok(since) = usize::try_from(since) else {
            return false;
        };
        let concerns = |(id, holder): &(WorkitemId, Option<UserId>)| {
            holder.as_ref() == Some(agent) || list.iter().any(|record| record.workitem.id == *id)
        };
        self.generation.all_work == read.all_work
            && since <= self.reports.len()
            && !self.reports.iter().rev().take(since).any(concerns)
    }

    /// The list that holds a workitem will be read again.
    fn remove_list_with(&mut self, id: &WorkitemId) {
        let had = self.workitems.get(id);
        if let Some(agent) = had.and_then(|had| had.facts.agent.clone()) {
            self.remove_list(&agent);
        }
    }

    fn remove_list(&mut self, agent: &UserId) {
        for gone in self.lists.remove(agent).unwrap_or_default() {
            self.workitems.remove(&gone);
        }
    }

    /// The session of a token's hash.
    pub(super) fn session(&self, token_hash: &str) -> Option<SessionRow> {
        self.sessions.get(token_hash).cloned()
    }

    fn insert_session(&mut self, token_hash: String, session: SessionRow) {
        if self.sessions.len() >= SESSIONS {
            self.sessions.clear();
        }
        self.sessions.insert(token_hash, session);
    }

    /// A user's settings.
    pub(super) fn settings(&self, user: &UserId) -> Option<Settings> {
        self.settings.get(user).copied()
    }

    /// An agent's open requests.
    pub(super) fn hands(&self, agent: &UserId) -> Option<Vec<RaisedHand>> {
        self.hands.get(agent).cloned()
    }

    /// A workitem that is open at an agent whose list is cached.
    pub(super) fn workitem(&self, id: &WorkitemId) -> Option<WorkitemRecord> {
        self.workitems.get(id).cloned()
    }

    /// The open workitems of an agent, in order.
    pub(super) fn list(&self, agent: &UserId) -> Option<Vec<&Workitem>> {
        let list = self.lists.get(agent)?;
        let known = list.iter().filter_map(|id| self.workitems.get(id));
        Some(known.map(|record| &record.workitem).collect())
    }

    fn insert_list(&mut self, agent: UserId, list: Vec<WorkitemRecord>) {
        // Of two readers the later one may have been first. What it found must not outlive its list: a report about it would be taken
        // for news of a workitem that stays in the list.
        self.remove_list(&agent);
        for record in &list {
            // Another agent's, where its move is stored and about to be reported.
            self.remove_list_with(&record.workitem.id);
        }
        let ids = list.iter().map(|record| record.workitem.id.clone());
        self.lists.insert(agent, ids.collect());
        let records = list.into_iter();
        self.workitems
            .extend(records.map(|record| (record.workitem.id.clone(), record)));
    }

    /// The dashboard of these teams without what follows from the lists.
    pub(super) fn skeleton(&self, teams: &[TeamId]) -> Option<Arc<Dashboard>> {
        self.skeletons.get(teams).cloned()
    }
}

#[cfg(test)]
mod tests;
