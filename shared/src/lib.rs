//! What browser and host agree on: ids, domain types, validated texts, permissions and the one policy
//! function, the frames of the live wire, and the errors.
//!
//! Pure: nothing here reads a clock, a socket or a database, and nothing knows leptos or sqlx.

pub mod account;
pub mod admin;
pub mod agent_filter;
pub mod alerts;
pub mod assistance;
pub mod audit;
pub mod channels;
pub mod chat_address;
#[cfg(not(target_arch = "wasm32"))]
pub mod chat_settings;
pub mod clusters;
pub mod customer;
pub mod deletion;
pub mod delivery;
pub mod directory;
pub mod email;
pub mod erasure;
pub mod error;
pub mod escalation;
pub mod files;
pub mod fold;
pub mod helped;
pub mod history;
pub mod ids;
pub mod labels;
pub mod language;
pub mod lenient;
pub mod links;
pub mod live;
pub mod local_path;
pub mod notice;
#[cfg(not(target_arch = "wasm32"))]
pub mod opening_hours;
pub mod organisation;
pub mod people;
pub mod phone;
pub mod policy;
pub mod rating;
pub mod reviews;
pub mod roles;
pub mod saved_texts;
#[cfg(not(target_arch = "wasm32"))]
pub mod search;
pub mod segments;
pub mod text;
pub mod time;
pub mod tokens;
pub mod transcript;
pub mod views;
#[cfg(not(target_arch = "wasm32"))]
pub mod walls;
pub mod webhooks;
pub mod workitem;
