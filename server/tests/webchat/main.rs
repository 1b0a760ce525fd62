//! Stories of customers on the chat page: the real router over a real database, with a rehearsed clock and
//! rehearsed ids, so that two runs of one story can be compared byte for byte.

mod actors;
#[path = "../support/administration.rs"]
mod administration_commands;
mod conversations;
#[path = "../support/craft.rs"]
mod craft;
mod customer;
#[path = "../support/deterministic.rs"]
mod deterministic;
mod files;
mod hours;
mod identity;
mod languages;
mod leaving;
mod limits;
#[path = "../support/log.rs"]
mod log;
mod logs;
mod ratings;
mod refusals;
mod rehearsals;
mod reopening;
#[path = "../support/signed_in.rs"]
mod signed_in;
mod silence;
#[path = "../support/sqlite.rs"]
mod sqlite;
mod typing;
mod uploads;
mod visitors;
mod widget;
