//! Stories of webhooks: a real database on one side, a receiver over loopback on the other. The clock stands still and nothing
//! runs in the background, so that each attempt happens when the story says so.

mod addresses;
#[path = "../support/craft.rs"]
mod craft;
mod delivery;
#[path = "../support/deterministic.rs"]
mod deterministic;
mod events;
mod failing;
mod host;
mod receiver;
mod secrets;
mod silence;
#[path = "../support/sqlite.rs"]
mod sqlite;
mod teams;
