//! Server functions, a file an area. Each parses its input, takes the caller from the request and calls one
//! method of the backend; nothing else happens here.

pub mod account;
pub mod administration;
pub mod alerts;
pub mod assistance;
pub mod audit;
pub mod channels;
mod client;
pub mod coaching;
pub mod customers;
pub mod deletions;
pub mod directory;
mod error;
pub mod files;
pub mod history;
pub mod labels;
pub mod notes;
pub mod organisation;
pub mod reviews;
pub mod saved_texts;
pub mod stepping_in;
pub mod templates;
pub mod views;
pub mod workitems;

pub use client::Api;
pub(crate) use client::session_is_gone;
pub use error::ApiError;
