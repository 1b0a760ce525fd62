//! The contract of the store: what every implementation keeps, told as stories about a small organisation.
//!
//! The tests know the trait alone; only `storage` knows files. A further store joins in `house::every`.

mod administration;
#[path = "../support/administration.rs"]
mod administration_commands;
mod coaching;
mod conversations;
#[path = "../support/dice.rs"]
mod dice;
mod directory;
mod former_coaching;
mod given_back;
mod handovers;
mod house;
mod migrations;
mod once;
mod organisation;
mod read_cache;
mod requests;
mod storage;
mod words;
