//! Once, in order, resumed (SPEC, part 3): random runs of tabs that follow a conversation and their own log over the
//! real store, bus, live endpoint and the browser's own registry, cursor and reducer, while the network and the host
//! do their worst. Whatever happened, what a tab shows in the end is what the database holds, each thing once.
//!
//! The seed repeats the plan of a run. How the tasks of the host take turns is not part of it.

#[path = "../support/dice.rs"]
mod dice;
mod runs;
mod tab;
mod world;
