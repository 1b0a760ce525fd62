//! Queries: reads with a rule. Each reads one snapshot. Those that rest on a right ask the policy with the facts of that
//! snapshot.

mod agents;
mod analytics;
mod directory;
mod helped;
mod history;
mod lists;
mod live;
mod notifications;
mod organisation;
mod queue;
mod replies;
mod reviews;
mod transcripts;

pub use agents::*;
pub use analytics::*;
pub use directory::*;
pub use helped::*;
pub use history::*;
pub use lists::*;
pub use live::*;
pub use notifications::*;
pub use organisation::*;
pub use queue::*;
pub use transcripts::*;
