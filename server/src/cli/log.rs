//! The log: to standard error, under the id of the request, and never a message text.
//!
//! This program never logs message texts. Three dependencies could: tungstenite passes whole frames to the `log` crate at the
//! level trace, so there is no bridge from that crate to this log; a panic's message may quote its input, so only its
//! location is written; and `webauthn-rs` quotes what a browser sent, as an error, where an answer is merely refused, so
//! nothing of it is written.

use std::io::{IsTerminal, stderr};
use std::panic::set_hook;

use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

use super::{CliError, LogFormat, ServeArgs, cli_error};
use crate::traces::{Traces, belongs};

/// `webauthn-rs` and its parts, and spans that are for traces.
const SILENT: [&str; 2] = ["webauthn_rs=off", "server::traced=off"];

/// Starts the log with the operator's settings, and traces where they are wanted.
pub(super) fn start(args: &ServeArgs) -> Result<Option<Traces>, CliError> {
    let mut filter = EnvFilter::try_new(&args.log)
        .map_err(|error| cli_error(format!("--log {}: {error}", args.log)))?;
    for silent in SILENT {
        filter = filter.add_directive(silent.parse().map_err(cli_error)?);
    }
    let log = fmt::layer()
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    let log = match args.log_format {
        LogFormat::Text => log.with_filter(filter).boxed(),
        LogFormat::Json => log.json().with_filter(filter).boxed(),
    };
    let authorities = args.otlp_ca.as_deref();
    let open = |collector| Traces::open(collector, authorities);
    let traces = args.otlp.as_ref().map(open).transpose();
    let traces = traces.map_err(|error| cli_error(format!("--otlp: {error}")))?;
    let spans = traces.as_ref().map(|traces| {
        let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer());
        layer.with_filter(filter_fn(belongs))
    });
    let started = registry().with(log).with(spans).try_init();
    started.map_err(cli_error)?;
    set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    Ok(traces)
}
