//! Queries: reads that rest on a right. Each reads one snapshot, and asks the policy with the facts of that snapshot.

mod queue;
mod transcripts;

pub use queue::*;
pub use transcripts::*;
