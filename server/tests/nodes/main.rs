//! Several nodes on one database: nobody notices on which one they are, nor that one of them died.

#[allow(dead_code)]
#[path = "../authority/browser.rs"]
mod browser;
#[allow(dead_code)]
#[path = "../support/identity_provider.rs"]
mod provider;
#[path = "../support/single_sign_on.rs"]
mod single_sign_on;
#[path = "../support/mod.rs"]
mod support;

mod cluster;
mod ends;
mod newer;
mod shared_reads;
mod sign_on;
mod story;
mod torn;
