//! Traces, where the operator asks for them with `--otlp`: a request, the command that it carries out, the hint that other nodes hear
//! of it, and what is delivered to a live connection there, belong to one trace. Spans hold ids and the names of commands, never
//! a text. Where nobody asks for traces, none of these spans is made and nothing is carried.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::{Request, Response, Uri};
use http_body_util::Full;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HttpError;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::{Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use crate::authorities::{Authorities, AuthoritiesError};
use crate::http_client::{HttpClient, Resolver};

/// The target of spans that are made for traces alone; the log leaves them out.
pub const TRACED: &str = "server::traced";
/// The header of W3C Trace Context, with browsers' proxies and between nodes.
pub const TRACEPARENT: &str = "traceparent";
/// How long the collector may take for a batch of spans.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);
/// How long the last spans may take to leave at the end.
const LEFT_WITHIN: Duration = Duration::from_secs(2);

/// Whether there are traces. Not `tracing::enabled!`: where each layer has a filter, its answer is taken for that about the next span or
/// line of the thread, which is then lost.
static WANTED: AtomicBool = AtomicBool::new(false);

/// A span that is made for traces alone.
macro_rules! traced {
    ($name:literal $($field:tt)*) => {
        tracing::info_span!(target: $crate::traces::TRACED, $name $($field)*)
    };
}
pub(crate) use traced;

/// Where a collector takes traces by OTLP over HTTP: `http://host:4318`, or `https://` over TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector(String);

impl FromStr for Collector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected http://host:4318 or https://host:4318, without a path";
        let uri: Uri = text.parse().map_err(|_| expected)?;
        let place = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        match place && uri.path() == "/" && uri.query().is_none() {
            true => Ok(Self(text.trim_end_matches('/').to_owned())),
            false => Err(expected),
        }
    }
}

/// Why there are no traces.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The file of authorities that a collector's certificate may come from cannot be used.
    #[error(transparent)]
    Authorities(#[from] AuthoritiesError),
    /// What of the environment (OTEL_…) cannot be used.
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
}

/// The way of spans to a collector.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Spans leave in the background, and are dropped where the collector does not take them. Which traces are kept is said by
    /// OTEL_TRACES_SAMPLER. A collector over TLS has a certificate of an authority of this file, without one of an authority that Mozilla
    /// lists. To be called in the runtime in which requests are sent.
    ///
    /// # Errors
    /// What of the file or of the environment (OTEL_…) cannot be used.
    pub fn open(collector: &Collector, authorities: Option<&Path>) -> Result<Self, TracesError> {
        let authorities = authorities.map(Authorities::read).transpose()?;
        let client = HttpClient::trusting(TAKEN_WITHIN, Resolver::default(), authorities.as_ref());
        let runtime = Handle::current();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender { client, runtime })
            .with_endpoint(format!("{}/v1/traces", collector.0))
            .build()?;
        let process = Uuid::new_v4().to_string();
        let resource = Resource::builder()
            .with_service_name("sideline")
            .with_attribute(KeyValue::new("service.instance.id", process))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_batch_exporter(exporter)
            .build();
        WANTED.store(true, Ordering::Relaxed);
        Ok(Self(provider))
    }

    /// What makes the spans.
    pub fn tracer(&self) -> SdkTracer {
        self.0.tracer("sideline")
    }

    /// Sends what is left.
    pub fn close(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(LEFT_WITHIN) {
            tracing::warn!(%error, "the last traces did not leave");
        }
    }
}

/// Sends to the collector itself: no proxy of the environment, and nowhere else. The exporter asks from a thread that has no runtime,
/// so its requests are sent in the program's.
struct Sender {
    client: HttpClient,
    runtime: Handle,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}

#[async_trait]
impl opentelemetry_http::HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = async move { client.send(request.map(Full::new)).await };
        let answer = self.runtime.spawn(sending).await?;
        let answer = answer.map_err(|failure| failure.reason)?;
        let mut response = Response::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

/// Whether something belongs into traces: spans of this program. Lines of the log do not.
pub fn belongs(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target().starts_with("server")
}

/// The span that something comes from, on this node or another one; none where there are no traces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin(Option<SpanContext>);

impl Origin {
    /// The span in which one is now.
    pub fn here() -> Self {
        if !WANTED.load(Ordering::Relaxed) {
            return Self::default();
        }
        Self::of(&Span::current().context())
    }

    /// What another program says in its header.
    pub fn said(header: &str) -> Self {
        Self::of(&TraceContextPropagator::new().extract(&Said(header)))
    }

    fn of(context: &Context) -> Self {
        let span = context.span();
        let origin = span.span_context();
        Self(origin.is_valid().then(|| origin.clone()))
    }

    /// Makes a span, which must not have been entered, a part of the same trace.
    pub fn continue_in(&self, span: &Span) {
        if let Some(origin) = &self.0 {
            let parent = Context::new().with_remote_span_context(origin.clone());
            // Where no layer wants this span there is nothing to set.
            let _ = span.set_parent(parent);
        }
    }

    /// Whether there is one.
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }
}

/// As it stands in the header.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(origin) = &self.0 else { return Ok(()) };
        let (trace, span, flags) = (origin.trace_id(), origin.span_id(), origin.trace_flags());
        write!(f, "00-{trace}-{span}-{:02x}", flags.to_u8())
    }
}

struct Said<'a>(&'a str);

impl opentelemetry::propagation::Extractor for Said<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_none_is_no_origin() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(Origin::said(good).to_string(), good);
        let zeros = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
        for bad in ["", "00", zeros, "<script>", &"0".repeat(10_000)] {
            assert!(!Origin::said(bad).is_known(), "{bad}");
        }
    }

    #[test]
    fn a_collector_is_an_address_without_a_path() {
        for good in [
            "http://127.0.0.1:4318",
            "http://collector/",
            "https://collector:4318",
        ] {
            assert!(good.parse::<Collector>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "collector:4318",
            "grpc://collector",
            "https://c/v1/traces",
            "http://c/?a",
        ] {
            assert!(bad.parse::<Collector>().is_err(), "{bad}");
        }
    }
}
