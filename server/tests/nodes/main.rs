//! Several nodes on one database: nobody notices on which one they are, nor that one of them died.

#[path = "../support/mod.rs"]
mod support;

mod cluster;
mod ends;
mod shared_reads;
mod story;
mod torn;
