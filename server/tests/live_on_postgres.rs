//! The stories of `live` once more, on a host that stores in PostgreSQL.

#[path = "live.rs"]
mod live;
