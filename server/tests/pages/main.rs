//! Every document that the host writes, with hostile words in every text that is stored or echoed, read as a browser
//! reads it: the words are text, and every element is one of the page's own.

mod document;
mod naughty;
mod refused;
#[path = "../support/mod.rs"]
mod support;
