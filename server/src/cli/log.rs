//! The log: to standard error, under the id of the request, and never a message text.
//!
//! This program never logs message texts. Three dependencies could: tungstenite passes whole frames to the `log` crate at the
//! level trace, so there is no bridge from that crate to this log; a panic's message may quote its input, so only its
//! location is written; and `webauthn-rs` quotes what a browser sent, as an error, where an answer is merely refused, so
//! nothing of it is written.

use std::io::{IsTerminal, stderr};
use std::panic::set_hook;

use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{CliError, LogFormat, ServeArgs, cli_error};

/// For `webauthn-rs` and its parts.
const SILENT: &str = "webauthn_rs=off";

/// Starts the log with the operator's settings.
pub(super) fn start(args: &ServeArgs) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&args.log)
        .map_err(|error| cli_error(format!("--log {}: {error}", args.log)))?;
    let silent = SILENT.parse().map_err(cli_error)?;
    let log = fmt()
        .with_env_filter(filter.add_directive(silent))
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
