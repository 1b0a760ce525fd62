//! A simulation of the bus and the resume (SPEC, part 3, once and in order): one to three nodes on one database, hints that are
//! lost, late, doubled and out of order, clocks that are up to half a minute wrong, connections that are lost, and nodes that end
//! anywhere, also between a commit and what it would have published. What takes turns is the program's own: commands and SQL, desk,
//! bus, sweep, live connections and, in the tabs, the app's registry. Only the sockets, the hints' way and the store's threads are
//! the simulation's, and a seed decides in which order everything happens. `server/tests/resume` has what is left out here: real
//! sockets, full queues and a database that is replaced by an older copy.
//!
//! It fails when the sweep publishes nothing (`without_the_sweep_something_stays_lost`), when `live::logs` sends a change over a gap
//! instead of reading the gap, and when a command forgets its key. What the sweep repairs it does not
//! find: a lost event is no fault here.

mod beginning;
mod network;
mod tab;
mod world;
mod writes;

use tokio::runtime::Builder;

use self::beginning::Beginning;
use self::world::{Counts, Run, World};
use crate::counted::{counted, rounds};
use crate::dice::{Dice, seed};

/// How many runs there are, unless `SIDELINE_ROUNDS` says otherwise.
const ROUNDS: u64 = 2_000;
/// How many runs are compared with themselves.
const COMPARED: u64 = 20;
/// Among so many runs one shows what a fault does.
const ENOUGH: u64 = 200;
/// How much of what happened is shown of a run that went wrong.
const LAST: usize = 60;

/// Says which seed a panic comes from.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("SIDELINE_SEED={}", self.0);
        }
    }
}

fn simulate(beginning: &Beginning, seed: u64, sweeps: bool) -> Run {
    let _named = Named(seed);
    beginning.database.run("BEGIN");
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    let run = runtime.block_on(async { World::begin(beginning, seed).finish(sweeps).await });
    // What the program has spawned ends with it.
    drop(runtime);
    beginning.database.run("ROLLBACK");
    run
}

fn sum(all: Counts, run: Counts) -> Counts {
    Counts {
        writes: all.writes + run.writes,
        hints: all.hints + run.hints,
        lost: all.lost + run.lost,
        connections: all.connections + run.connections,
        ends: all.ends + run.ends,
    }
}

#[test]
fn whatever_is_lost_late_or_doubled_every_tab_ends_with_what_is_stored() {
    let beginning = Beginning::made();
    let (first, count) = (seed(), rounds(ROUNDS));
    let mut thrown = Counts::default();
    for number in 0..count {
        let seed = first.wrapping_add(number);
        let run = simulate(&beginning, seed, true);
        if let Some(wrong) = run.wrong {
            let from = run.trace.len().saturating_sub(LAST);
            println!("{}", run.trace[from..].join("\n"));
            panic!("SIDELINE_SEED={seed}: {wrong}");
        }
        thrown = sum(thrown, run.counts);
    }
    counted(&format!(
        "bus and resume, {count} simulated runs from SIDELINE_SEED={first}: {thrown:?}; nothing lost, doubled or out of order"
    ));
}

#[test]
fn a_seed_brings_back_everything_in_its_order() {
    let beginning = Beginning::made();
    let mut dice = Dice::of(seed());
    for _ in 0..COMPARED {
        let seed = dice.below(1 << 30);
        let once = simulate(&beginning, seed, true);
        let again = simulate(&beginning, seed, true);
        assert!(once.trace.len() > 100, "something happens");
        assert_eq!(once.trace, again.trace, "SIDELINE_SEED={seed}");
    }
}

#[test]
fn without_the_sweep_something_stays_lost() {
    let beginning = Beginning::made();
    let stays_lost = |seed| simulate(&beginning, seed, false).wrong.is_some();
    assert!((0..ENOUGH).any(stays_lost), "a simulation that can fail");
}
