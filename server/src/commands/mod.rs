//! Commands: what people and the program do to the data, by area, with every rule about it.
//!
//! A command is a struct with what its sender decided. [`Command::execute`] runs in one transaction over named row
//! operations: it asks the policy again (`rights`), finds the first answer of a repeated key (`keys`), writes, and
//! collects the [`Change`]s that its readers have to see. It knows no SQL, no clock and no connection; times and ids come
//! with the command, so that a test can replay a conversation byte for byte.
//!
//! [`Command::execute`]: crate::store::Command::execute
//! [`Change`]: crate::store::Change

mod absence;
mod accounts;
mod assistance;
mod audit;
mod calls;
mod capacity;
mod coaching;
mod departures;
mod directory;
mod dismissals;
mod edits;
mod entries;
mod handover;
mod imports;
mod intake;
pub(crate) mod keys;
mod messages;
mod monitoring;
pub(crate) mod notifications;
mod organisation;
mod queue;
mod requests;
pub(crate) mod rights;
mod sessions;
mod states;
mod teams;
mod templates;
mod users;
mod workitems;

pub use absence::*;
pub use accounts::*;
pub use assistance::*;
pub use audit::AuditRecord;
pub use calls::*;
pub use coaching::*;
pub use directory::*;
pub use dismissals::*;
pub use handover::*;
pub use imports::*;
pub use intake::*;
pub use messages::{MessageAppend, WorkitemRead};
pub use monitoring::*;
pub use organisation::*;
pub use queue::*;
pub use requests::*;
pub use sessions::*;
pub use states::*;
pub use teams::*;
pub use templates::*;
pub use users::*;
