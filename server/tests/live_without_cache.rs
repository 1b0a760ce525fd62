//! The stories of `live` once more, on a host without its read cache.

#[path = "live.rs"]
mod live;
