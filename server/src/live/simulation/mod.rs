//! A simulation of live delivery (SPEC, part 3, once and in order): one to three nodes on one database, hints that are lost, late,
//! doubled and out of order, or come more often than a connection's queue holds, clocks that are up to half a minute wrong,
//! connections that are lost, machines that sleep, networks that go without anybody hearing of it, and nodes that end anywhere, also
//! between a commit and what it would have published. What takes turns is the program's own: commands and SQL, desk, reads, bus, sweep,
//! live connections with their heartbeats and projections and, in the tabs, the app's registry, reducer and judgement of silence. Only
//! the sockets, the hints' way, the store's threads and time are the simulation's, and a seed decides in which order everything happens.
//! `server/tests/resume` has what is left out here: real sockets and a database that is replaced by an older copy.
//!
//! It fails when the sweep publishes nothing (`without_the_sweep_something_stays_lost`), when `live::logs` sends a change over a gap
//! instead of reading the gap, or does not say which numbers it passes over, so that a tab subscribes again, when a command forgets its
//! key, and when something of what is thrown never happens. What the sweep repairs it does not find: a lost event is no fault here.

mod beginning;
mod counts;
mod network;
mod tab;
mod wire;
mod world;
mod writes;

use tokio::runtime::Builder;

use self::beginning::Beginning;
use self::counts::Counts;
use self::world::{Run, World};
use crate::counted::{counted, rounds};
use crate::dice::{Dice, seed};

/// How many runs there are, unless `SIDELINE_ROUNDS` says otherwise.
const ROUNDS: u64 = 1_000;
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
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    let run = runtime.block_on(async { World::begin(beginning, seed).finish(sweeps).await });
    // What the program has spawned ends with it.
    drop(runtime);
    beginning.database.run("ROLLBACK");
    run
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
        thrown.absorb(run.counts);
    }
    let never = thrown.never();
    assert!(count < ENOUGH || never.is_empty(), "never: {never:?}");
    counted(&format!(
        "live delivery, {count} simulated runs from SIDELINE_SEED={first}: {thrown}; nothing lost, doubled or out of order, no needless subscription"
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
