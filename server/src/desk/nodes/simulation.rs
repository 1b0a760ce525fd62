//! A simulation of what one node alone does at a time, who is on duty and who holds a job, and of what all know by their beats: who is
//! where. Nodes end, leave, stall and lose answers, users come and go and leases run out as a seed says, over the program's own `NodeBeat`,
//! `State` and rows of jobs.
//!
//! Duty rests on no clock, so each node has only its own time here. A lease is a time of the node that takes the job: clocks are up
//! to a second apart, as docs/SCALE.md wants them. It fails when duty outlasts a stalled beat or the leaving of its node, when a node is
//! taken for dead by one that has stalled itself, when a lost answer leaves others with a wrong view of who is where, or a node without
//! knowing that it was taken for dead, when a lease that somebody else has been given settles a job, with clocks that are a minute apart,
//! and when a kind of harm never comes.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::runtime::Builder;

use super::*;
use crate::commands::{NodeBeat, NodeView};
use crate::counted::{counted, rounds};
use crate::desk::outbox::LEASE_US;
use crate::dice::{Dice, seed};
use crate::store::rows::{JobRow, NewJob};
use crate::store::simulated::Database;
use crate::store::sqlite::SqliteStore;
use crate::store::{Command, Transaction, Written};

/// How many runs there are, unless `SIDELINE_ROUNDS` says otherwise.
const ROUNDS: u64 = 1_000;
/// Among so many runs one shows what a fault does.
const ENOUGH: u64 = 200;
const NODES: usize = 3;
/// For how long nodes come to harm, after which time one of them is on duty for good, and how long they are watched, in milliseconds.
const HARM_MS: u64 = 20_000;
const CALM_MS: u64 = 40_000;
const END_MS: u64 = 50_000;
/// How long users of a node that is gone are waited for.
const GRACE: Duration = Duration::from_secs(8);
const TICK_MS: usize = 50;
/// How far clocks may be apart, in seconds.
const APART_S: i64 = 1;
const SECOND_US: i64 = 1_000_000;
const KIND: &str = "simulated";
const JOBS: [&str; 2] = ["one", "two"];
const USERS: [&str; 3] = ["amy", "ben", "cleo"];

/// What comes to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    /// A node ends without a word.
    End,
    /// It leaves.
    Leave,
    /// Its transaction or the answer takes long.
    Stall,
    /// The answer never comes.
    LostAnswer,
    /// Duty runs out before the next answer.
    DutyRunsOut,
    /// A node that lives is taken for dead.
    TakenForDead,
    /// A user comes to a node or goes from it.
    Move,
    /// A node ends while it holds a job.
    LeaseLeft,
    /// A node holds a job for longer than its lease lasts.
    LeaseRunsOut,
    /// A job was given to somebody else before its end was noted.
    TooLate,
}

impl Harm {
    const ALL: [Self; 10] = [
        Self::End,
        Self::Leave,
        Self::Stall,
        Self::LostAnswer,
        Self::DutyRunsOut,
        Self::TakenForDead,
        Self::Move,
        Self::LeaseLeft,
        Self::LeaseRunsOut,
        Self::TooLate,
    ];
}

/// How often each.
#[derive(Debug, Default)]
struct Counts(BTreeMap<Harm, u64>);

impl Counts {
    fn note(&mut self, harm: Harm) {
        *self.0.entry(harm).or_default() += 1;
    }
}

/// A database without anything in it.
fn empty() -> (TempDir, Arc<Database>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { SqliteStore::open(&path).await.unwrap().close().await });
    let database = Database::open(&path);
    // Of users there are names alone.
    database.run("PRAGMA foreign_keys = OFF");
    (folder, database)
}

/// What a node does about its beat.
enum Doing {
    Waits {
        until: u64,
    },
    /// Its transaction comes at this time.
    Asks {
        begun: u64,
        at: u64,
        here: HashSet<UserId>,
        beat: NodeBeat,
    },
    /// The answer comes at this time.
    Learns {
        begun: u64,
        at: u64,
        here: HashSet<UserId>,
        said: bool,
        view: NodeView,
    },
}

struct Living {
    id: NodeId,
    state: State,
    doing: Doing,
    /// Of whom it has live connections.
    here: HashSet<UserId>,
    /// It was taken for dead and has not learned it.
    unaware: bool,
    was_on_duty: bool,
}

struct Duty<'a> {
    database: &'a Database,
    counts: &'a mut Counts,
    dice: Dice,
    zero: Instant,
    lives: u32,
    nodes: Vec<Living>,
    /// They have left, and do what they had begun.
    leaving: Vec<Living>,
}

impl Duty<'_> {
    fn time(&self, ms: u64) -> Instant {
        self.zero + Duration::from_millis(ms)
    }

    fn another(&mut self, now: u64) -> Living {
        self.lives += 1;
        Living {
            id: NodeId::parse(format!("node-{}", self.lives)).unwrap(),
            state: State::default(),
            doing: Doing::Waits {
                until: now + self.dice.below(5_000),
            },
            here: HashSet::new(),
            unaware: false,
            was_on_duty: false,
        }
    }

    /// A user comes to a node, or goes from there.
    fn move_user(&mut self, place: usize) {
        self.counts.note(Harm::Move);
        let user = USERS[self.dice.below(USERS.len() as u64) as usize];
        let user = UserId::parse(user).unwrap();
        let here = &mut self.nodes[place].here;
        if !here.remove(&user) {
            here.insert(user);
        }
    }

    /// A node ends, or leaves. Another one takes its place.
    fn replace(&mut self, place: usize, now: u64) {
        let another = self.another(now);
        let mut gone = std::mem::replace(&mut self.nodes[place], another);
        // One that leaves does so between two beats.
        if matches!(gone.doing, Doing::Waits { .. }) && self.dice.below(2) == 0 {
            self.counts.note(Harm::Leave);
            gone.state.left = true;
            let leave = NodeLeave {
                node: gone.id.clone(),
            };
            self.database.carry_out(leave).unwrap();
            self.leaving.push(gone);
        } else {
            self.counts.note(Harm::End);
        }
    }

    /// A node goes on, if it is time. While there is harm it may end, take long, or never hear what was stored.
    fn go_on(&mut self, place: usize, now: u64) {
        let harm = now < HARM_MS;
        if harm && self.dice.below(400) == 0 {
            return self.replace(place, now);
        }
        if harm && self.dice.below(40) == 0 {
            self.move_user(place);
        }
        let long = harm && self.dice.below(8) == 0;
        let at_last = now + self.dice.below(if long { 7_000 } else { 200 });
        let is_lost = harm && self.dice.below(10) == 0;
        let zero = self.zero;
        let time = |ms| zero + Duration::from_millis(ms);
        let (node, counts) = (&mut self.nodes[place], &mut *self.counts);
        let before = std::mem::replace(&mut node.doing, Doing::Waits { until: now });
        node.doing = match before {
            Doing::Waits { until } if until <= now => {
                let here = node.here.clone();
                Doing::Asks {
                    begun: now,
                    at: at_last,
                    beat: node.state.beat(&node.id, &here, time(now)),
                    here,
                }
            }
            Doing::Asks {
                begun,
                at,
                here,
                beat,
            } if at <= now => {
                let said = beat.present.is_some();
                let view = self.database.carry_out(beat).unwrap();
                if !view.known && node.state.last_beat.is_some() {
                    counts.note(Harm::TakenForDead);
                    node.unaware = true;
                }
                if at > begun + 3_000 {
                    counts.note(Harm::Stall);
                }
                if is_lost {
                    counts.note(Harm::LostAnswer);
                    Doing::Waits { until: now + 1_000 }
                } else {
                    Doing::Learns {
                        begun,
                        at: at_last,
                        here,
                        said,
                        view,
                    }
                }
            }
            Doing::Learns {
                begun,
                at,
                here,
                said,
                view,
            } if at <= now => {
                let learned = node.state.learn(&node.id, &view, time(begun), GRACE);
                node.state.announce(here, said, &view);
                node.unaware &= !learned.again;
                Doing::Waits {
                    until: now.max(begun + 1_000),
                }
            }
            goes_on => goes_on,
        };
        let is_on_duty = node.state.is_on_duty(time(now));
        // It has not learned that another one is.
        if node.was_on_duty && !is_on_duty && node.state.duty_until.is_some() {
            counts.note(Harm::DutyRunsOut);
        }
        node.was_on_duty = is_on_duty;
    }

    /// What nodes do not know in the end.
    fn unknown(&self) -> Option<String> {
        self.nodes.iter().find_map(|node| {
            let others = self.nodes.iter().filter(|other| other.id != node.id);
            let elsewhere: HashSet<UserId> = others.flat_map(|other| other.here.clone()).collect();
            if node.unaware {
                Some("a node does not know that it was taken for dead".to_owned())
            } else if elsewhere != node.state.present() {
                let known = node.state.present();
                Some(format!("{known:?} are elsewhere in place of {elsewhere:?}"))
            } else {
                None
            }
        })
    }

    /// How many take themselves for the one that is on duty; where duty has no end, until they learn otherwise.
    fn on_duty(&self, now: u64, has_end: bool) -> usize {
        let is_on_duty = |node: &&Living| match has_end {
            true => node.state.is_on_duty(self.time(now)),
            false => !node.state.left && node.state.duty_until.is_some(),
        };
        let all = self.nodes.iter().chain(&self.leaving);
        all.filter(is_on_duty).count()
    }
}

/// What is wrong about duty, and about what nodes know of each other, in a run.
fn duty(database: &Database, seed: u64, has_end: bool, counts: &mut Counts) -> Option<String> {
    let mut duty = Duty {
        database,
        counts,
        dice: Dice::quiet(seed),
        zero: Instant::now(),
        lives: 0,
        nodes: Vec::new(),
        leaving: Vec::new(),
    };
    for _ in 0..NODES {
        let node = duty.another(0);
        duty.nodes.push(node);
    }
    for now in (0..=END_MS).step_by(TICK_MS) {
        let first = duty.dice.below(NODES as u64) as usize;
        for turn in 0..NODES {
            duty.go_on((first + turn) % NODES, now);
        }
        let count = duty.on_duty(now, has_end);
        if count > 1 || (count < 1 && now >= CALM_MS) {
            return Some(format!("{count} nodes are on duty at {now} ms"));
        }
    }
    duty.unknown()
}

/// What nodes ask of the store about jobs.
enum Ask {
    Add(&'static str),
    Take { lease: String, at: Timestamp },
    Settle { lease: String, job: JobRow },
}

#[async_trait]
impl Command for Ask {
    /// The jobs that are taken, or settled.
    type Answer = Vec<JobRow>;
    const NAME: &'static str = "simulated";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Vec<JobRow>>> {
        let jobs = match self {
            Ask::Add(about) => {
                let job = NewJob {
                    kind: KIND,
                    queue: KIND,
                    about,
                    lane: about,
                };
                rows.job_insert(&job, Timestamp(0)).await?;
                Vec::new()
            }
            Ask::Take { lease, at } => {
                let until = Timestamp(at.0 + LEASE_US);
                rows.jobs_claim((KIND, KIND), lease, *at, until, 1).await?
            }
            Ask::Settle { lease, job } => match rows.job_held(job.id, lease).await? {
                true => {
                    rows.job_delete(&job.about).await?;
                    vec![job.clone()]
                }
                false => Vec::new(),
            },
        };
        Ok(Written::unchanged(jobs))
    }
}

/// A job at a node.
struct Held {
    lease: String,
    job: JobRow,
    /// The second in which the node has done it.
    done_at: i64,
    /// Until then nobody else is given it.
    sure_until: i64,
}

/// Jobs and nodes with clocks of their own.
struct Jobs<'a> {
    database: &'a Database,
    counts: &'a mut Counts,
    dice: Dice,
    skews: Vec<i64>,
    held: [Option<Held>; NODES],
    /// The last lease of each job that is not settled.
    leases: HashMap<i64, String>,
    settled: usize,
}

impl Jobs<'_> {
    /// A node is done with a job. Answers what is wrong about that.
    fn settle(&mut self, Held { lease, job, .. }: Held) -> Option<String> {
        let id = job.id;
        let is_last = self.leases.get(&id) == Some(&lease);
        let settle = Ask::Settle { lease, job };
        let settled = self.database.carry_out(settle).unwrap().len();
        self.settled += settled;
        if settled > 0 {
            self.leases.remove(&id);
        } else {
            self.counts.note(Harm::TooLate);
        }
        (is_last != (settled > 0)).then(|| format!("a lease settles {settled} jobs"))
    }

    /// A node takes a job, if there is one. Answers what is wrong about that.
    fn take(&mut self, place: usize, now: i64, harm: bool) -> Option<String> {
        let lease = format!("{now}-{place}");
        let at = Timestamp(now * SECOND_US + self.skews[place]);
        let take = Ask::Take {
            lease: lease.clone(),
            at,
        };
        let job = self.database.carry_out(take).unwrap().pop()?;
        let mut others = self.held.iter().flatten();
        if others.any(|other| other.job.id == job.id && now < other.sure_until) {
            return Some(format!("two nodes hold a job at second {now}"));
        }
        self.leases.insert(job.id, lease.clone());
        // An attempt ends before the lease does, by any node's time, unless its node stalls.
        let longest = LEASE_US / SECOND_US - APART_S;
        let mut done_at = now + 1 + self.dice.below(longest as u64 - 1) as i64;
        if harm && self.dice.below(8) == 0 {
            self.counts.note(Harm::LeaseRunsOut);
            done_at += LEASE_US / SECOND_US;
        }
        self.held[place] = Some(Held {
            lease,
            job,
            done_at,
            sure_until: now + longest,
        });
        None
    }

    /// A node goes on. Answers what is wrong.
    fn go_on(&mut self, place: usize, now: i64, harm: bool) -> Option<String> {
        match self.held[place].take() {
            Some(held) if held.done_at <= now => self.settle(held),
            // It ends.
            Some(_) if harm && self.dice.below(40) == 0 => {
                self.counts.note(Harm::LeaseLeft);
                None
            }
            Some(held) => {
                self.held[place] = Some(held);
                None
            }
            None if !harm || self.dice.below(6) == 0 => self.take(place, now, harm),
            None => None,
        }
    }
}

/// What is wrong about jobs in a run in which clocks are up to so many seconds apart.
fn leases(database: &Database, seed: u64, apart: i64, counts: &mut Counts) -> Option<String> {
    const HARM_S: i64 = 200;
    let mut dice = Dice::quiet(seed);
    let skews = (0..NODES).map(|_| dice.below(apart as u64 * 1_000 + 1) as i64 * 1_000);
    let skews = skews.collect();
    let mut jobs = Jobs {
        database,
        counts,
        dice,
        skews,
        held: [const { None }; NODES],
        leases: HashMap::new(),
        settled: 0,
    };
    for about in JOBS {
        database.carry_out(Ask::Add(about)).unwrap();
    }
    // A lease may be left behind at the last moment, or run out, and then each job takes a lease and an attempt.
    for now in 1..HARM_S + 350 {
        for place in 0..NODES {
            let wrong = jobs.go_on(place, now, now < HARM_S);
            if wrong.is_some() {
                return wrong;
            }
        }
        if jobs.settled == JOBS.len() && jobs.held.iter().all(Option::is_none) {
            break;
        }
    }
    let settled = jobs.settled;
    (settled != JOBS.len()).then(|| format!("{settled} jobs were settled"))
}

/// Leaves the database as it was.
fn undone<T>(database: &Database, run: impl FnOnce(&Database) -> T) -> T {
    database.run("BEGIN");
    let what = run(database);
    database.run("ROLLBACK");
    what
}

#[test]
fn one_node_is_on_duty_and_one_holds_a_job_whatever_ends_or_stalls() {
    let (_folder, database) = empty();
    let (first, count) = (seed(), rounds(ROUNDS));
    let mut counts = Counts::default();
    for number in 0..count {
        let seed = first.wrapping_add(number);
        let wrong = undone(&database, |database| {
            duty(database, seed, true, &mut counts)
        });
        assert_eq!(wrong, None, "SIDELINE_SEED={seed}");
        let wrong = undone(&database, |database| {
            leases(database, seed, APART_S, &mut counts)
        });
        assert_eq!(wrong, None, "SIDELINE_SEED={seed}");
    }
    for harm in Harm::ALL {
        let came = counts.0.contains_key(&harm);
        assert!(count < ENOUGH || came, "{harm:?} never comes");
    }
    let Counts(counts) = counts;
    counted(&format!(
        "duty, leases and who is where, {count} simulated runs of {NODES} nodes from SIDELINE_SEED={first}: {counts:?}; never two at once, nobody unknown"
    ));
}

#[test]
fn duty_without_an_end_and_clocks_that_are_too_far_apart_are_found() {
    let (_folder, database) = empty();
    let mut counts = Counts::default();
    let doubled = |seed| {
        let wrong = undone(&database, |database| {
            duty(database, seed, false, &mut counts)
        });
        wrong.is_some()
    };
    assert!((0..ENOUGH).any(doubled), "duty that has no end");
    let doubled = |seed| {
        let wrong = undone(&database, |database| {
            leases(database, seed, 60, &mut counts)
        });
        wrong.is_some()
    };
    assert!((0..ENOUGH).any(doubled), "clocks a minute apart");
}
