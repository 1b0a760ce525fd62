//! The contract of the store: what every implementation keeps, told as stories about a small organisation.
//!
//! The tests know the trait alone; only `storage` knows files, and only `postgres` and `rolling` a server. A further store joins in
//! `fixtures::every`.

mod administration;
#[path = "../support/administration.rs"]
mod administration_commands;
mod alerts;
mod analytics;
mod coaching;
mod contacts;
mod conversations;
mod day_figures;
mod deletions;
mod deliveries;
#[path = "../support/dice.rs"]
mod dice;
mod directory;
mod edits;
mod files;
mod fixtures;
mod former_coaching;
mod given_back;
mod handovers;
mod helped;
mod history;
mod history_index;
mod keys;
mod keys_of_administration;
mod labels;
mod live_questions;
mod migrations;
mod names;
mod newer;
mod nodes;
mod notes;
mod organisation;
mod postgres;
#[path = "../support/postgres.rs"]
mod postgres_databases;
mod queues;
mod ratings;
mod read_cache;
mod readings;
mod reopening;
mod replies;
mod requests;
mod resealing;
mod reviews;
mod rolling;
mod sessions;
mod sign_on;
#[path = "../support/sqlite.rs"]
mod sqlite_databases;
mod stepping_in;
mod storage;
mod views;
mod words;
