//! A simulation of the cache: commits, reports of commits and readers take turns as a seed says. After each turn, what is cached of
//! a workitem is how it stood at some commit since the last one that was reported: never older than what was acknowledged.
//!
//! It fails when a list is inserted whatever its generation says; a reader that takes its generation too late does the same.

use shared::time::Timestamp;

use super::*;
use crate::counted::{counted, rounds};
use crate::dice::{Dice, seed};

/// How many runs there are, unless `SIDELINE_ROUNDS` says otherwise.
const ROUNDS: u64 = 2_000;
const STEPS: u64 = 80;
/// Among so many runs one shows what a fault does.
const ENOUGH: u64 = 200;
const AGENTS: [&str; 3] = ["amy", "ben", "cleo"];
const READERS: usize = 4;

/// Of two workitems, at which agent each is, and how often it has changed.
type State = [(usize, i64); 2];

fn id(place: usize) -> WorkitemId {
    WorkitemId::parse(format!("chat-{place}")).unwrap()
}

fn record(place: usize, (agent, version): (usize, i64)) -> WorkitemRecord {
    let mut record = chat_of(AGENTS[agent]);
    record.workitem.id = id(place);
    record.workitem.last_activity_at = Timestamp(version);
    record
}

/// What is stored of an agent's list.
fn list(state: &State, agent: usize) -> Vec<WorkitemRecord> {
    let all = state.iter().enumerate();
    let own = all.filter(|(_, (at, _))| *at == agent);
    own.map(|(place, now)| record(place, *now)).collect()
}

/// Somebody who found nothing in the cache.
struct Reader {
    agent: usize,
    generation: Generation,
    /// What they have read.
    list: Option<Vec<WorkitemRecord>>,
}

struct Run {
    dice: Dice,
    cache: ReadCache,
    /// Every commit: what stood there afterwards, and which workitem it had changed.
    commits: Vec<(State, usize)>,
    /// The last one that was reported.
    reported: usize,
    readers: Vec<Reader>,
}

impl Run {
    fn begin(seed: u64) -> Self {
        Self {
            dice: Dice::quiet(seed),
            cache: ReadCache::new(true),
            commits: vec![([(0, 0), (1, 0)], 0)],
            reported: 0,
            readers: Vec::new(),
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.dice.below(bound as u64) as usize
    }

    fn stored(&self) -> State {
        self.commits[self.commits.len() - 1].0
    }

    fn step(&mut self, late: bool) {
        match self.dice.below(7) {
            0 => {
                let (place, agent) = (self.below(2), self.below(AGENTS.len()));
                let mut state = self.stored();
                state[place] = (agent, state[place].1 + 1);
                self.commits.push((state, place));
            }
            1 | 2 if self.reported + 1 < self.commits.len() => {
                self.reported += 1;
                let (state, place) = self.commits[self.reported];
                let workitem = record(place, state[place]).workitem;
                self.cache.apply(&[Change::Workitem {
                    id: workitem.id.clone(),
                    rev: state[place].1,
                    change: WorkitemChange::Workitem(Box::new(workitem)),
                }]);
            }
            3 | 4 if self.readers.len() < READERS => {
                let agent = self.below(AGENTS.len());
                let ((), generation) = self.cache.get(|_| ());
                self.readers.push(Reader {
                    agent,
                    generation,
                    list: None,
                });
            }
            5.. if !self.readers.is_empty() => self.go_on(late),
            _ => {}
        }
    }

    /// A reader reads, or inserts what was read.
    fn go_on(&mut self, late: bool) {
        let which = self.below(self.readers.len());
        let stored = self.stored();
        let reader = &mut self.readers[which];
        if reader.list.is_none() {
            reader.list = Some(list(&stored, reader.agent));
            return;
        }
        let Reader {
            agent,
            mut generation,
            list,
        } = self.readers.remove(which);
        if late {
            let ((), present) = self.cache.get(|_| ());
            generation = present;
        }
        let list = list.unwrap_or_default();
        self.cache
            .insert_list(generation, user(AGENTS[agent]), list);
    }

    /// What is cached although something later was acknowledged.
    fn stale(&self) -> Option<String> {
        for (agent, name) in AGENTS.iter().enumerate() {
            let listed = |contents: &Contents| -> Option<Vec<Workitem>> {
                Some(contents.list(&user(name))?.into_iter().cloned().collect())
            };
            let (Some(cached), _) = self.cache.get(listed) else {
                continue;
            };
            for place in 0..2 {
                let shown = cached.iter().find(|workitem| workitem.id == id(place));
                let shown = shown.map(|workitem| workitem.last_activity_at.0);
                let was_so = |(state, _): &(State, usize)| {
                    let (at, version) = state[place];
                    (at == agent).then_some(version) == shown
                };
                if !self.commits[self.reported..].iter().any(was_so) {
                    return Some(format!("chat {place} in the list of {name}: {shown:?}"));
                }
            }
        }
        None
    }
}

/// What is stale at any time in a run.
fn simulate(seed: u64, late: bool) -> Option<String> {
    let mut run = Run::begin(seed);
    (0..STEPS).find_map(|_| {
        run.step(late);
        run.stale()
    })
}

#[test]
fn nothing_is_cached_that_is_older_than_what_was_acknowledged() {
    let (first, count) = (seed(), rounds(ROUNDS));
    for number in 0..count {
        let seed = first.wrapping_add(number);
        let stale = simulate(seed, false);
        assert_eq!(stale, None, "SIDELINE_SEED={seed}");
    }
    counted(&format!(
        "read cache, {count} simulated runs of {STEPS} steps from SIDELINE_SEED={first}: nothing stale"
    ));
}

#[test]
fn who_takes_the_generation_after_reading_caches_what_is_stale() {
    assert!((0..ENOUGH).any(|seed| simulate(seed, true).is_some()));
}
