//! One module a route, named as the URL is.

pub mod admin;
pub mod coaching;
pub mod dashboard;
pub mod login;
pub mod not_found;
mod refusal;
pub mod settings;
pub mod workspace;
