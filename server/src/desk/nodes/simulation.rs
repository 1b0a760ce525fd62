//! A simulation of what one node alone does at a time: who is on duty, and who holds a job. Nodes end, leave, stall and lose answers as
//! a seed says, over the program's own `NodeBeat`, `State` and rows of jobs.
//!
//! Duty rests on no clock, so each node has only its own time here. A lease is a time of the node that takes the job: clocks are up
//! to a second apart, as docs/SCALE.md wants them. It fails when duty outlasts a stalled beat or the leaving of its node, when a node is
//! taken for dead by one that has stalled itself, and with clocks that are a minute apart.

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::runtime::Builder;

use super::*;
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
/// For how long nodes come to harm, and how long they are watched, in milliseconds.
const HARM_MS: u64 = 20_000;
const END_MS: u64 = 40_000;
const TICK_MS: usize = 50;
/// How far clocks may be apart, in seconds.
const APART_S: i64 = 1;
const SECOND_US: i64 = 1_000_000;
const KIND: &str = "simulated";
const JOBS: [&str; 2] = ["one", "two"];

/// A database without anything in it.
fn empty() -> (TempDir, Arc<Database>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { SqliteStore::open(&path).await.unwrap().close().await });
    let database = Database::open(&path);
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
        dead: Vec<(NodeId, i64)>,
    },
    /// The answer comes at this time.
    Learns {
        begun: u64,
        at: u64,
        view: NodeView,
    },
}

struct Living {
    id: NodeId,
    state: State,
    doing: Doing,
}

struct Duty<'a> {
    database: &'a Database,
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
        }
    }

    /// A node goes on, if it is time. While there is harm it may end, take long, or never hear what was stored.
    fn go_on(&mut self, place: usize, now: u64) {
        let harm = now < HARM_MS;
        if harm && self.dice.below(400) == 0 {
            let another = self.another(now);
            let mut gone = std::mem::replace(&mut self.nodes[place], another);
            // One that leaves does so between two beats.
            if matches!(gone.doing, Doing::Waits { .. }) && self.dice.below(2) == 0 {
                gone.state.left = true;
                let leave = NodeLeave {
                    node: gone.id.clone(),
                };
                self.database.carry_out(leave).unwrap();
                self.leaving.push(gone);
            }
            return;
        }
        let long = harm && self.dice.below(8) == 0;
        let at_last = now + self.dice.below(if long { 7_000 } else { 200 });
        let is_lost = harm && self.dice.below(10) == 0;
        let zero = self.zero;
        let time = |ms| zero + Duration::from_millis(ms);
        let node = &mut self.nodes[place];
        let before = std::mem::replace(&mut node.doing, Doing::Waits { until: now });
        node.doing = match before {
            Doing::Waits { until } if until <= now => Doing::Asks {
                begun: now,
                at: at_last,
                dead: node.state.dead(time(now)),
            },
            Doing::Asks { begun, at, dead } if at <= now => {
                let beat = NodeBeat {
                    node: node.id.clone(),
                    present: None,
                    dead,
                };
                let view = self.database.carry_out(beat).unwrap();
                match is_lost {
                    true => Doing::Waits { until: now + 1_000 },
                    false => Doing::Learns {
                        begun,
                        at: at_last,
                        view,
                    },
                }
            }
            Doing::Learns { begun, at, view } if at <= now => {
                let grace = Duration::from_secs(8);
                node.state.learn(&node.id, &view, time(begun), grace);
                Doing::Waits {
                    until: now.max(begun + 1_000),
                }
            }
            goes_on => goes_on,
        };
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

/// What is wrong about duty in a run.
fn duty(database: &Database, seed: u64, has_end: bool) -> Option<String> {
    let mut duty = Duty {
        database,
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
    for now in (0..END_MS).step_by(TICK_MS) {
        let first = duty.dice.below(NODES as u64) as usize;
        for turn in 0..NODES {
            duty.go_on((first + turn) % NODES, now);
        }
        let count = duty.on_duty(now, has_end);
        if count > 1 {
            return Some(format!("{count} nodes are on duty at {now} ms"));
        }
    }
    match duty.on_duty(END_MS, has_end) {
        1 => None,
        count => Some(format!("{count} nodes are on duty in the end")),
    }
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

/// A job at a node, and when the node has done it.
struct Held {
    lease: String,
    job: JobRow,
    done_at: i64,
}

/// What is wrong about jobs in a run in which clocks are up to so many seconds apart.
fn leases(database: &Database, seed: u64, apart: i64) -> Option<String> {
    const HARM_S: i64 = 200;
    let mut dice = Dice::quiet(seed);
    let skews: Vec<i64> = (0..NODES)
        .map(|_| dice.below(apart as u64 * 1_000 + 1) as i64 * 1_000)
        .collect();
    for about in JOBS {
        database.carry_out(Ask::Add(about)).unwrap();
    }
    let mut held: [Option<Held>; NODES] = [const { None }; NODES];
    let mut settled = 0;
    // A lease may be left behind at the last moment, and then each job takes a lease and an attempt.
    for now in 1..HARM_S + 250 {
        for place in 0..NODES {
            let harm = now < HARM_S;
            if let Some(Held {
                lease,
                job,
                done_at,
            }) = held[place].take()
            {
                if done_at <= now {
                    let settle = Ask::Settle { lease, job };
                    settled += database.carry_out(settle).unwrap().len();
                } else if !harm || dice.below(40) > 0 {
                    held[place] = Some(Held {
                        lease,
                        job,
                        done_at,
                    });
                }
                // Or it has ended in between.
            } else if !harm || dice.below(6) == 0 {
                let lease = format!("{now}-{place}");
                let at = Timestamp(now * SECOND_US + skews[place]);
                let take = Ask::Take {
                    lease: lease.clone(),
                    at,
                };
                let Some(job) = database.carry_out(take).unwrap().pop() else {
                    continue;
                };
                if held.iter().flatten().any(|other| other.job.id == job.id) {
                    return Some(format!("two nodes hold a job at second {now}"));
                }
                // An attempt ends before the lease does, by any node's time.
                let longest = LEASE_US / SECOND_US - APART_S;
                let done_at = now + 1 + dice.below(longest as u64 - 1) as i64;
                held[place] = Some(Held {
                    lease,
                    job,
                    done_at,
                });
            }
        }
    }
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
    for number in 0..count {
        let seed = first.wrapping_add(number);
        let wrong = undone(&database, |database| duty(database, seed, true));
        assert_eq!(wrong, None, "SIDELINE_SEED={seed}");
        let wrong = undone(&database, |database| leases(database, seed, APART_S));
        assert_eq!(wrong, None, "SIDELINE_SEED={seed}");
    }
    counted(&format!(
        "duty and leases, {count} simulated runs of {NODES} nodes from SIDELINE_SEED={first}: never two at once"
    ));
}

#[test]
fn duty_without_an_end_and_clocks_that_are_too_far_apart_are_found() {
    let (_folder, database) = empty();
    let doubled = |seed| undone(&database, |database| duty(database, seed, false)).is_some();
    assert!((0..ENOUGH).any(doubled), "duty that has no end");
    let doubled = |seed| undone(&database, |database| leases(database, seed, 60)).is_some();
    assert!((0..ENOUGH).any(doubled), "clocks a minute apart");
}
