//! Stories of single sign-on: the whole host on one side, a stand-in for a provider over loopback on the other.

// These stories need no other address.
#[allow(dead_code)]
#[path = "../authority/browser.rs"]
mod browser;
mod links;
mod logout;
mod page;
#[path = "../support/identity_provider.rs"]
mod provider;
mod provisioned;
mod refusals;
mod sign_in;
#[path = "../support/single_sign_on.rs"]
mod single_sign_on;
#[path = "../support/mod.rs"]
mod support;
mod tokens;
mod world;
