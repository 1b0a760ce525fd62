//! Frequent reads may come from a cache. Whatever is done to the store, and whatever is read meanwhile: the answer is what
//! stands in the file, as a reader sees it who has just opened that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use server::commands::SessionBegin;
use server::reads::Reads;
use shared::ids::{UserId, WorkitemId};
use shared::people::{Presence, Role};
use shared::time::Timestamp;
use shared::workitem::TransferTo;

use crate::administration_commands::Administration;
use crate::dice::{Dice, seed};
use crate::fixtures::{Fixture, beginning, every};
use crate::words::*;

const STEPS: usize = 120;
const AGENTS: [&str; 3] = ["amy", "ben", "cleo"];
const SUPERVISORS: [&str; 3] = ["sam", "sue", "sid"];
const TEAMS: [&[&str]; 3] = [&["care"], &["sales"], &["care", "sales"]];
/// Longer than any of these stories, in microseconds.
const LONG: i64 = i64::MAX / 4;

/// Everything that may be cached, in words.
async fn answers(reads: &Reads, workitems: &[WorkitemId], now: Timestamp) -> Vec<String> {
    let mut all = Vec::new();
    for who in AGENTS.into_iter().chain(SUPERVISORS).map(user) {
        let list = reads.view().agent_workitems(&who).await.unwrap();
        let settings = reads.settings_load(&who).await.unwrap();
        let session = reads.session_find(who.as_str(), now).await.unwrap();
        let actor = session.map(|session| session.actor);
        all.push(format!("{who}: {list:?} {settings:?} {actor:?}"));
    }
    for teams in TEAMS {
        let teams: Vec<_> = teams.iter().map(|id| team(id)).collect();
        let shown = reads.dashboard(&teams).await.unwrap();
        all.push(format!("{teams:?}: {shown:?}"));
    }
    for id in workitems {
        let record = reads.workitem_find(id).await.unwrap();
        all.push(format!("{id}: {record:?}"));
    }
    all
}

struct Run {
    fixture: Arc<Fixture>,
    dice: Dice,
    workitems: Vec<WorkitemId>,
}

impl Run {
    fn one_of(&mut self, names: &[&'static str]) -> &'static str {
        names[self.dice.below(names.len() as u64) as usize]
    }

    /// A workitem, and mostly the agent who has it: what is asked for then is mostly done.
    async fn work(&mut self) -> Option<(WorkitemId, &'static str)> {
        let count = self.workitems.len() as u64;
        let id = self.workitems.get(self.dice.below(count.max(1)) as usize)?;
        let id = id.clone();
        let has = self.fixture.workitem(&id).await.agent;
        let has = has.and_then(|agent| AGENTS.into_iter().find(|name| user(name) == agent.id));
        let anybody = self.one_of(&AGENTS);
        Some((id, has.unwrap_or(anybody)))
    }

    /// Something happens, or is refused.
    async fn step(&mut self) {
        let Some((id, has)) = self.work().await else {
            let first = self.fixture.chat_of("amy", "kim").await;
            self.workitems.push(first);
            return;
        };
        match self.dice.below(24) {
            which @ 0..17 => self.work_step(which, &id, has).await,
            which => self.people_step(which).await,
        }
    }

    /// A conversation goes on, or changes hands.
    async fn work_step(&mut self, which: u64, id: &WorkitemId, has: &'static str) {
        let fixture = Arc::clone(&self.fixture);
        let (agent, supervisor) = (self.one_of(&AGENTS), self.one_of(&SUPERVISORS));
        match which {
            0..4 => {
                let visitor = self.one_of(&["kim", "lou", "max"]);
                let sent = fixture
                    .customer_says(visitor, "Hello?")
                    .await
                    .value
                    .workitem;
                if !self.workitems.contains(&sent) {
                    self.workitems.push(sent);
                }
            }
            4..7 => drop(fixture.assign(id, agent).await),
            7..10 => drop(fixture.agent_says(id, has, "One moment.").await),
            10 => drop(fixture.read(id, has, 1_000, fixture.now()).await),
            11 => drop(fixture.monitor(id, supervisor).await),
            12 => drop(fixture.unmonitor(id, supervisor).await),
            13 => drop(fixture.wrap_up(id, has).await),
            14 => drop(fixture.close(id, has).await),
            15 => drop(fixture.reopen(id, has).await),
            _ => {
                let to = match self.dice.below(2) {
                    0 => TransferTo::Agent(user(agent)),
                    _ => TransferTo::Team(team(self.one_of(&["care", "sales"]))),
                };
                let change = fixture.state_change(id, has);
                drop(fixture.transfer(change, handed(to)).await);
            }
        }
    }

    /// Somebody asks for help, chooses, is edited, comes or goes.
    async fn people_step(&mut self, which: u64) {
        let fixture = Arc::clone(&self.fixture);
        let store = &fixture.store;
        let (agent, supervisor) = (self.one_of(&AGENTS), self.one_of(&SUPERVISORS));
        let (who, on) = (user(agent), self.dice.below(2) == 0);
        match which {
            17 => {
                let title = format!("help-{}", fixture.fresh_key());
                let template = fixture.add_template(&title, "I need help.").await;
                let recipients = [supervisor];
                let raised = fixture.raise_hand(agent, &template, &recipients, None);
                drop(raised.await);
            }
            18 => drop(
                fixture
                    .write_answer(supervisor, agent, "Coming.", None)
                    .await,
            ),
            19 => {
                let presence = match on {
                    true => Presence::Away,
                    false => Presence::Available,
                };
                let chosen = presence_set(&who, presence, fixture.context());
                drop(store.execute(chosen).await);
                let saved = settings_save(&who, on, fixture.context());
                drop(store.execute(saved).await);
            }
            20 => {
                let (name, members): (_, &[&str]) = match on {
                    true => ("Care", &["amy", "ben"]),
                    false => ("Caring", &["ben", "cleo"]),
                };
                let supervisors = ["sam", supervisor];
                let saved = fixture.save_team("care", name, false, members, &supervisors);
                drop(saved.await);
            }
            21 => self.edit(&who, on).await,
            22 => {
                let switched = store.user_activate(&who, on, Vec::new(), fixture.context());
                drop(switched.await);
            }
            _ if on => drop(store.execute(long(&who, fixture.now())).await),
            _ => drop(store.execute(session_end(who.as_str())).await),
        }
    }

    /// A user gets a name, and perhaps another role.
    async fn edit(&mut self, who: &UserId, on: bool) {
        let name = if on { "Amy Adler" } else { "Amy Arden" };
        let roles: &[Role] = match self.dice.below(4) {
            0 => &[Role::Agent, Role::Supervisor],
            _ => &[Role::Agent],
        };
        let (store, context) = (&self.fixture.store, self.fixture.context());
        let users = store.user_list().await.unwrap();
        let account = users.iter().find(|known| known.id == *who).unwrap();
        let version = account.version;
        let edited = store.user_update(who, name, roles, None, version, context);
        drop(edited.await);
    }
}

fn long(who: &UserId, now: Timestamp) -> SessionBegin {
    SessionBegin {
        idle_us: LONG,
        absolute_us: LONG,
        ..beginning(who.as_str(), who, now)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_is_cached_is_what_is_stored() {
    for fixture in every().await {
        let fixture = Arc::new(fixture);
        let mut run = Run {
            fixture: Arc::clone(&fixture),
            dice: Dice::of(seed()),
            workitems: Vec::new(),
        };
        for who in AGENTS.into_iter().chain(SUPERVISORS).map(user) {
            let created = fixture.store.execute(long(&who, fixture.now()));
            created.await.unwrap();
        }
        for step in 0..STEPS {
            // Others read at the very moment at which something changes.
            let done = Arc::new(AtomicBool::new(false));
            let readers: Vec<_> = (0..2)
                .map(|_| {
                    let (fixture, done) = (Arc::clone(&fixture), Arc::clone(&done));
                    let workitems = run.workitems.clone();
                    tokio::spawn(async move {
                        while !done.load(Ordering::Relaxed) {
                            answers(&fixture.reads, &workitems, Timestamp(0)).await;
                        }
                    })
                })
                .collect();
            run.step().await;
            done.store(true, Ordering::Relaxed);
            for reader in readers {
                reader.await.unwrap();
            }
            let now = fixture.now();
            let (fresh, _place) = fixture.stored().await;
            let cached = answers(&fixture.reads, &run.workitems, now).await;
            let uncached = Reads::new(fresh, false);
            let stored = answers(&uncached, &run.workitems, now).await;
            for (cached, stored) in cached.iter().zip(&stored) {
                assert_eq!(cached, stored, "after step {step}");
            }
        }
    }
}
