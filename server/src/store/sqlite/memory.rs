//! What is kept at hand of what is asked for all the time: who is signed in, the open workitems of agents, and what stands
//! beside them on a dashboard.
//!
//! Every commit makes the pages worthless that readers have at hand, so that the same few rows cost most when there is most
//! to do. What is kept here is never older than what was acknowledged: the writer's thread notes the changes of a commit, in
//! the order of commits, before it answers anybody. Something that was read is kept only if nothing was noted since before
//! it was read; that is what a [`Turn`] is for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::directory::{OwnEvent, Settings};
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::people::Presence;
use shared::transcript::WorkitemChange;
use shared::workitem::{Dashboard, Workitem, WorkitemState};

use super::sessions::Standing;
use crate::store::{Change, WorkitemRecord, Written};

/// How many sessions are kept at most, some 500 bytes each; then they are read again one by one.
const SESSIONS: usize = 20_000;

/// What a write answers, as far as it tells what changed.
pub(super) trait Outcome {
    /// What changed.
    fn changes(&self) -> &[Change];
}

impl Outcome for () {
    fn changes(&self) -> &[Change] {
        &[]
    }
}

impl<T> Outcome for Written<T> {
    fn changes(&self) -> &[Change] {
        &self.changes
    }
}

/// How much had been noted at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn(u64);

/// Everything that is kept.
#[derive(Default)]
pub(super) struct Kept {
    turn: u64,
    sessions: HashMap<String, Standing>,
    settings: HashMap<UserId, Settings>,
    /// Whole lists only: each workitem of a list is in `workitems`, and no other is.
    lists: HashMap<UserId, Vec<WorkitemId>>,
    workitems: HashMap<WorkitemId, WorkitemRecord>,
    /// Dashboards without what follows from the lists, by their teams.
    frames: HashMap<Vec<TeamId>, Arc<Dashboard>>,
}

/// The memory of one store. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Kept>>);

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing under this lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks something up. What is then read, because it was not there, may be kept with this turn.
    pub(super) fn look<T>(&self, find: impl FnOnce(&Kept) -> T) -> (T, Turn) {
        let kept = self.lock();
        (find(&kept), Turn(kept.turn))
    }

    /// Keeps what was read since `turn`, unless something changed meanwhile.
    pub(super) fn keep(&self, turn: Turn, keep: impl FnOnce(&mut Kept)) {
        let mut kept = self.lock();
        if Turn(kept.turn) == turn {
            keep(&mut kept);
        }
    }

    /// Takes in what a write has changed. To be called for each write in the order of commits, before it is answered.
    pub(super) fn note(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let mut kept = self.lock();
        kept.turn += 1;
        for change in changes {
            kept.note(change);
        }
    }

    /// The idle expiry of a session was moved. (Were this to be missed, it would be moved once more.)
    pub(super) fn session_seen(&self, token_hash: &str, at: i64) {
        if let Some(session) = self.lock().sessions.get_mut(token_hash) {
            session.seen_at = session.seen_at.max(at);
        }
    }

    /// Keeps nothing of what was known so far.
    pub(super) fn forget(&self) {
        let mut kept = self.lock();
        *kept = Kept {
            turn: kept.turn + 1,
            ..Kept::default()
        };
    }
}

impl Kept {
    fn note(&mut self, change: &Change) {
        match change {
            Change::Workitem {
                id,
                change: WorkitemChange::Workitem(workitem),
                ..
            } => self.workitem_changed(id, workitem),
            Change::Own {
                user,
                event: OwnEvent::Settings(settings),
                ..
            } => {
                self.settings.insert(user.clone(), *settings);
                self.presence_changed(user, settings.presence);
            }
            Change::Hands(agent) => {
                let shows = |frame: &Dashboard| frame.agents.iter().any(|row| row.id == *agent);
                self.frames.retain(|_, frame| !shows(frame));
            }
            Change::Queue(team) => self.frames.retain(|teams, _| !teams.contains(team)),
            // Names and teams stand in lists and dashboards, and the agent's teams decide about authority.
            Change::People => {
                self.lists.clear();
                self.workitems.clear();
                self.frames.clear();
            }
            Change::Authority(user) | Change::SessionsEnded { user, .. } => {
                self.sessions.retain(|_, session| session.actor.id != *user);
            }
            Change::SignedOut { session, .. } => {
                self.sessions.remove(session);
            }
            Change::Workitem { .. }
            | Change::FormerCoaching { .. }
            | Change::Own { .. }
            | Change::Customer { .. }
            | Change::WorkitemHead { .. }
            | Change::OwnHead { .. }
            | Change::Presence(_)
            | Change::PeopleRows { .. }
            | Change::PeopleHead(_)
            | Change::Agent(_)
            | Change::Assistance => {}
        }
    }

    /// The chosen presence stands on the dashboards that show the agent.
    fn presence_changed(&mut self, agent: &UserId, presence: Presence) {
        for frame in self.frames.values_mut() {
            let place = frame.agents.iter().position(|row| row.id == *agent);
            if let Some(place) = place
                && frame.agents[place].presence != presence
            {
                Arc::make_mut(frame).agents[place].presence = presence;
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
        self.list_of_forget(id);
        if let Some(agent) = agent {
            self.list_forget(&agent.id);
        }
    }

    /// The list that holds a workitem will be read again.
    fn list_of_forget(&mut self, id: &WorkitemId) {
        let had = self.workitems.get(id);
        if let Some(agent) = had.and_then(|had| had.facts.agent.clone()) {
            self.list_forget(&agent);
        }
    }

    fn list_forget(&mut self, agent: &UserId) {
        for gone in self.lists.remove(agent).unwrap_or_default() {
            self.workitems.remove(&gone);
        }
    }

    /// The session of a token's hash.
    pub(super) fn session(&self, token_hash: &str) -> Option<Standing> {
        self.sessions.get(token_hash).cloned()
    }

    /// Keeps a session.
    pub(super) fn session_keep(&mut self, token_hash: String, session: Standing) {
        if self.sessions.len() >= SESSIONS {
            self.sessions.clear();
        }
        self.sessions.insert(token_hash, session);
    }

    /// A user's settings.
    pub(super) fn settings(&self, user: &UserId) -> Option<Settings> {
        self.settings.get(user).copied()
    }

    /// Keeps a user's settings.
    pub(super) fn settings_keep(&mut self, user: UserId, settings: Settings) {
        self.settings.insert(user, settings);
    }

    /// A workitem that is open at an agent whose list is kept.
    pub(super) fn workitem(&self, id: &WorkitemId) -> Option<WorkitemRecord> {
        self.workitems.get(id).cloned()
    }

    /// The open workitems of an agent, in order.
    pub(super) fn list(&self, agent: &UserId) -> Option<Vec<&Workitem>> {
        let list = self.lists.get(agent)?;
        let known = list.iter().filter_map(|id| self.workitems.get(id));
        Some(known.map(|record| &record.workitem).collect())
    }

    /// Keeps the open workitems of an agent.
    pub(super) fn list_keep(&mut self, agent: UserId, list: Vec<WorkitemRecord>) {
        for record in &list {
            // Another agent's, where its move is stored and about to be noted.
            self.list_of_forget(&record.workitem.id);
        }
        let ids = list.iter().map(|record| record.workitem.id.clone());
        self.lists.insert(agent, ids.collect());
        let records = list.into_iter();
        self.workitems
            .extend(records.map(|record| (record.workitem.id.clone(), record)));
    }

    /// The dashboard of these teams without what follows from the lists.
    pub(super) fn frame(&self, teams: &[TeamId]) -> Option<Arc<Dashboard>> {
        self.frames.get(teams).cloned()
    }

    /// Keeps a dashboard.
    pub(super) fn frame_keep(&mut self, teams: Vec<TeamId>, frame: Arc<Dashboard>) {
        self.frames.insert(teams, frame);
    }
}

#[cfg(test)]
mod tests {
    use shared::people::PersonRef;
    use shared::policy::WorkitemFacts;
    use shared::time::Timestamp;
    use shared::workitem::Channel;

    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    /// The one workitem of these stories, at an agent.
    fn chat_of(agent: &str) -> WorkitemRecord {
        let team = TeamId::parse("care").unwrap();
        let workitem = Workitem {
            id: WorkitemId::parse("chat").unwrap(),
            channel: Channel::Chat,
            customer: "Kim".to_owned(),
            subject: "My router is dead.".to_owned(),
            state: WorkitemState::Active,
            agent: Some(PersonRef {
                id: user(agent),
                name: agent.to_owned(),
            }),
            team: team.clone(),
            team_name: "Care".to_owned(),
            started_at: Timestamp(1),
            last_activity_at: Timestamp(1),
            waiting_since: None,
            preview: String::new(),
            unread: 0,
            monitors: Vec::new(),
            coaching_unseen: 0,
            coaching_latest: None,
        };
        WorkitemRecord {
            facts: WorkitemFacts {
                agent: Some(user(agent)),
                agent_teams: vec![team.clone()],
                team,
            },
            workitem,
        }
    }

    fn stands_at(agent: &str) -> Change {
        let workitem = chat_of(agent).workitem;
        Change::Workitem {
            id: workitem.id.clone(),
            rev: 1,
            change: WorkitemChange::Workitem(workitem),
        }
    }

    /// How many workitems are listed at an agent; `None` when the list would be read anew.
    fn listed(memory: &Memory, agent: &str) -> Option<usize> {
        let (count, _) = memory.look(|kept| Some(kept.list(&user(agent))?.len()));
        count
    }

    fn read(memory: &Memory, turn: Turn, agent: &str, list: Vec<WorkitemRecord>) {
        memory.keep(turn, |kept| kept.list_keep(user(agent), list));
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let memory = Memory::default();
        let ((), before) = memory.look(|_| ());
        memory.note(&[stands_at("amy")]);
        read(&memory, before, "amy", Vec::new());
        assert_eq!(listed(&memory, "amy"), None);
        let ((), after) = memory.look(|_| ());
        read(&memory, after, "amy", vec![chat_of("amy")]);
        memory.note(&[stands_at("amy")]);
        assert_eq!(listed(&memory, "amy"), Some(1));
    }

    /// Between a commit and its being noted, a reader sees the one and remembers the other.
    #[test]
    fn what_moves_while_it_is_read_stands_in_one_list() {
        let memory = Memory::default();
        let ((), turn) = memory.look(|_| ());
        read(&memory, turn, "amy", vec![chat_of("amy")]);
        read(&memory, turn, "ben", vec![chat_of("ben")]);
        memory.note(&[stands_at("ben")]);
        assert_eq!(listed(&memory, "amy"), None);
        assert_eq!(listed(&memory, "ben"), Some(1));
    }

    #[test]
    fn what_comes_or_goes_makes_the_lists_be_read_anew() {
        let memory = Memory::default();
        let ((), turn) = memory.look(|_| ());
        read(&memory, turn, "amy", vec![chat_of("amy")]);
        read(&memory, turn, "ben", Vec::new());
        memory.note(&[stands_at("ben")]);
        assert_eq!(
            (listed(&memory, "amy"), listed(&memory, "ben")),
            (None, None)
        );
        let (known, _) = memory.look(|kept| kept.workitem(&chat_of("amy").workitem.id));
        assert!(known.is_none());
    }
}
