//! SCIM as identity providers use it: they create, find, change, deactivate and delete users.

mod provider;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
mod users;
