//! Stories of Messenger, Instagram and WhatsApp by Meta: the real router over a real database on one side, a stand-in for Meta on
//! the other.

mod channels;
#[path = "../support/craft.rs"]
mod craft;
#[path = "../support/deterministic.rs"]
mod deterministic;
mod host;
mod hostile;
mod inbound;
#[path = "../support/log.rs"]
mod log;
mod logs;
mod media;
mod outbound;
#[path = "../support/provided.rs"]
mod provided;
mod reports;
#[path = "../support/signed_in.rs"]
mod signed_in;
mod silence;
#[path = "../support/sqlite.rs"]
mod sqlite;
mod stand_in;
#[path = "../support/vendor.rs"]
mod vendor;
mod verification;
mod window;
