//! The `sideline` program. Everything is in the library; this only starts it.

use std::process::ExitCode;

use clap::Parser;
use server::cli::{Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sideline: {error}");
            ExitCode::FAILURE
        }
    }
}
