//! The log: to standard error, under the id of the request, and never a message text.
//!
//! What this program logs itself carries no text. Two things of others would: tungstenite hands whole frames to the
//! `log` crate at the level trace, so nothing connects that crate with this log; and a panic's message may quote
//! what it choked on, so only its place is written.

use std::io::{IsTerminal, stderr};
use std::panic::set_hook;

use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{CliError, LogFormat, ServeArgs, cli_error};

/// Starts the log as the operator asked.
pub(super) fn start(args: &ServeArgs) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&args.log)
        .map_err(|error| cli_error(format!("--log {}: {error}", args.log)))?;
    let log = fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    let started = match args.log_format {
        LogFormat::Text => log.finish().try_init(),
        LogFormat::Json => log.json().finish().try_init(),
    };
    started.map_err(cli_error)?;
    set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    Ok(())
}
