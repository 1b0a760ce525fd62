//! The `sideline` program. Everything is in the library; this only starts it.

use std::process::ExitCode;

use server::cli::{Cli, run};

/// It gives memory back that nobody uses any more.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::read().unwrap_or_else(|error| error.exit());
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sideline: {error}");
            ExitCode::FAILURE
        }
    }
}
