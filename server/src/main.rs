//! The `sideline` program. Everything is in the library; this only starts it.

use std::process::ExitCode;

use server::cli::{Cli, run};
use server::http::assets::{self, Site};

// What `scripts/build.sh` bundled; nothing where `.cargo/config.toml` decides.
static SITE: Site = include!(concat!(env!("SIDELINE_SITE"), "/assets.rs"));

/// It gives memory back that nobody uses any more.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::read().unwrap_or_else(|error| error.exit());
    assets::carry(&SITE);
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sideline: {error}");
            ExitCode::FAILURE
        }
    }
}
