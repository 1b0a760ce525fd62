//! Stories of SMS and WhatsApp: the real router over a real database on one side, a stand-in for Twilio on the other. The
//! clock stands still and nothing runs in the background, so that each attempt happens when the story says so.

mod channels;
#[path = "../support/deterministic.rs"]
mod deterministic;
mod host;
mod inbound;
mod outbound;
mod silence;
mod stand_in;
