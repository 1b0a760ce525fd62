//! Hostile input: whatever is sent, nothing panics, nothing answers 500, and the others notice nothing.
#![cfg(unix)]

mod crowd;
mod frames;
mod functions;
mod sign_in;
#[path = "../support/mod.rs"]
mod support;
#[path = "../authority/table.rs"]
// The table of rights is the place where every function stands with a valid input.
#[allow(dead_code)]
mod table;
mod wire;
