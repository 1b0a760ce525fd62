//! The stories of `two_way_coaching` once more, on a host that stores in PostgreSQL.

#[path = "two_way_coaching.rs"]
mod two_way_coaching;
