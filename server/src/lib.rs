//! The host of Sideline: use-cases, store, bus, live delivery, HTTP. The `sideline` program is a thin shell
//! around it, and tests run it on a free port.

mod api;
pub mod authorities;
pub mod bus;
pub mod channels;
pub mod checked_file;
pub mod cli;
pub mod clock_and_ids;
pub mod commands;
mod connections;
pub mod demo;
pub mod desk;
pub mod http;
mod http_client;
mod line_limit;
pub mod live;
pub mod metrics;
pub mod oidc;
pub mod passkeys;
pub mod password;
mod pattern;
mod picture_size;
pub mod push;
pub mod queries;
pub mod reads;
pub mod router;
pub mod second_factor;
pub mod secrets;
pub mod serve;
pub mod store;
pub mod traces;
pub mod webhooks;

// The unit tests share a clock, ids and dice with the tests of the whole host, which name this crate `server`.
#[cfg(test)]
#[path = "../tests/support/counted.rs"]
pub(crate) mod counted;
#[cfg(test)]
#[path = "../tests/support/deterministic.rs"]
pub(crate) mod deterministic;
#[cfg(test)]
#[path = "../tests/support/dice.rs"]
pub(crate) mod dice;
#[cfg(test)]
extern crate self as server;
