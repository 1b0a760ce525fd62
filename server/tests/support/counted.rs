//! How often dice are thrown, and what came of it.

use std::fmt::Debug;
use std::io::Write;
use std::str::FromStr;

/// How many rounds `SIDELINE_ROUNDS` asks for, or the usual number.
pub fn rounds<N: FromStr<Err: Debug>>(usual: N) -> N {
    let asked = std::env::var("SIDELINE_ROUNDS").ok();
    asked.map_or(usual, |rounds| {
        rounds.parse().expect("SIDELINE_ROUNDS is a number")
    })
}

/// Says what a story counted. Of a test that passes nobody sees what it prints by `println!`; the report of `make test` lists
/// these lines.
pub fn counted(line: &str) {
    // A line of its own, whatever stands before it. It is no reason to fail that nobody can read it.
    let _ = std::io::stderr().write_all(format!("\nCOUNTED {line}\n").as_bytes());
}
