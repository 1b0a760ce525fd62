//! The stories of `scim` once more, on a host that stores in PostgreSQL.

#[path = "scim/main.rs"]
mod scim;
