//! Stories of SMS and WhatsApp: the real router over a real database on one side, a stand-in for Twilio on the other.

mod asked_again;
mod behind_proxy;
mod channels;
#[path = "../support/craft.rs"]
mod craft;
#[path = "../support/deterministic.rs"]
mod deterministic;
mod held_back;
mod host;
mod inbound;
#[path = "../support/log.rs"]
mod log;
mod logs;
mod media;
mod outbound;
#[path = "../support/provided.rs"]
mod provided;
#[path = "../support/signed_in.rs"]
mod signed_in;
mod silence;
#[path = "../support/sqlite.rs"]
mod sqlite;
mod stand_in;
#[path = "../support/vendor.rs"]
mod vendor;
