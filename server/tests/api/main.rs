//! The HTTP API as other systems use it: a telephone system and a mail system that report, and programs that read.

mod description;
mod intake;
mod integrator;
mod keys;
#[path = "../support/log.rs"]
mod log;
mod reading;
mod refusals;
mod strictness;
#[path = "../support/mod.rs"]
mod support;
