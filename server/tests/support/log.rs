//! What the host writes in its log while a story runs. Everything that a story starts runs on the thread of its test, so what that
//! thread writes is the story's.

// Each test file uses some of it.
#![allow(dead_code)]

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use serde_json::Value;
use tracing::Level;

thread_local! {
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// There is one subscriber for all threads: one for a thread alone misses lines whose places another thread has passed before.
static SUBSCRIBED: Once = Once::new();

/// Writes for the thread that it is on.
struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A thread that ends has no story any more.
        let _ = WRITTEN.try_with(|written| written.borrow_mut().extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Forgets what was written on this thread, and takes in what comes.
pub fn begin() {
    SUBSCRIBED.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(Level::INFO)
            .with_writer(|| Writer)
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else subscribes");
    });
    WRITTEN.with_borrow_mut(Vec::clear);
}

/// All of it since [`begin`].
pub fn written() -> String {
    WRITTEN.with_borrow(|written| String::from_utf8(written.clone()).expect("text"))
}

/// The fields of the lines since [`begin`] whose message begins so.
pub fn lines_that_say(words: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for line in written().lines() {
        let line: Value = serde_json::from_str(line).expect("a line is an object");
        let message = line["fields"]["message"].as_str().unwrap_or_default();
        if message.starts_with(words) {
            found.push(line["fields"].clone());
        }
    }
    found
}

/// The fields of the only line since [`begin`] whose message begins so.
pub fn line_that_says(words: &str) -> Value {
    match lines_that_say(words).as_slice() {
        [line] => line.clone(),
        lines => panic!("{words}: {lines:?}\n{}", written()),
    }
}
