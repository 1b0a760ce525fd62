//! Stories about the real program: started as an operator starts it, reached over its sockets, ended by signals.
#![cfg(unix)]

mod apps;
mod bus;
mod carried;
mod carrier;
mod check;
#[path = "../support/counted.rs"]
mod counted;
mod crowded;
mod demonstration;
#[path = "../support/dice.rs"]
mod dice;
mod disk;
mod ending;
mod fixtures;
#[path = "../support/links.rs"]
mod links;
mod logs;
mod measured;
mod moved;
#[allow(dead_code)]
#[path = "../support/nats.rs"]
mod nats;
mod nodes;
#[path = "../support/own_postgres.rs"]
mod own_postgres;
mod people;
mod phone;
#[path = "../support/ports.rs"]
mod ports;
#[allow(dead_code)]
#[path = "../support/postgres.rs"]
mod postgres;
mod power;
#[allow(dead_code)]
#[path = "../support/identity_provider.rs"]
mod provider;
mod rekey;
mod saved;
mod secured;
mod sso;
mod traces;
mod users;
