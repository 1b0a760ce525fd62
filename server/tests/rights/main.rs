//! Rights at the moment of the act: what is taken away between the asking and the act is gone, for all who followed or
//! monitored is where they asked to be, and nobody waits for strangers.

mod acts;
mod administration;
#[path = "../support/administration.rs"]
mod administration_commands;
mod complete;
#[path = "../support/dice.rs"]
mod dice;
mod fixtures;
mod former_coaching;
mod joining;
mod monitors;
mod reading;
mod reports;
#[path = "../support/mod.rs"]
mod support;
mod unannounced;
