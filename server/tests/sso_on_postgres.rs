//! The stories of `sso` once more, on a host that stores in PostgreSQL.

#[path = "sso/main.rs"]
mod sso;
