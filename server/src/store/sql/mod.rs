//! The row operations in SQL, for every database: an area each, with its statements as constants on top.
//!
//! They know a connection in a transaction ([`statement::Connection`]) and where their statements run
//! ([`runner::Runner`]), and nothing else of a database.

mod absence;
mod accounts;
mod agents;
mod alerts;
mod analytics;
mod attempts;
mod audit;
pub(super) mod audit_chain;
mod browsers;
mod channels;
mod coaching;
mod commands;
mod custom_roles;
mod customer_files;
mod customers;
mod dashboards;
mod deletions;
mod deliveries;
mod directory;
mod dismissals;
mod erasure;
mod escalations;
mod events;
mod file_sources;
pub(super) mod history;
mod jobs;
mod labels;
mod monitoring;
pub(super) mod names;
mod nodes;
mod notifications;
mod organisation;
mod passkeys;
mod people;
mod queue;
mod receivers;
mod requests;
mod retention;
pub(super) mod rows;
pub(super) mod runner;
mod saved_texts;
mod second_factors;
mod sessions;
mod sign_ins;
pub(super) mod statement;
mod teams;
mod templates;
mod tokens;
mod transcripts;
mod users;
mod views;
mod walls;
mod workitems;
