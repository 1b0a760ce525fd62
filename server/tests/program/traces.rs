//! Traces over nodes, as a collector of OpenTelemetry gets them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::json;
use shared::live::ServerFrame;

use crate::fixtures::{Browser, Data, Program, run, said};
use crate::nodes::Cluster;
use crate::people::{Live, called, key, own_workitem, sign_in};
use crate::secured::{AUTHORITY, Secured, listener};

/// What a proxy in front begins, and the same as bytes.
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: [u8; 16] = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();

/// A collector that keeps the spans it gets, each with the process that it comes from.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(String, Span)>>>);

impl Collector {
    async fn start(&self) -> SocketAddr {
        let (listener, address) = listener().await;
        let routes = self.routes();
        tokio::spawn(async { axum::serve(listener, routes).await });
        address
    }

    /// By TLS, with a certificate of an authority that nobody knows by itself.
    async fn start_over_tls(&self) -> SocketAddr {
        let (listener, address) = listener().await;
        let (routes, secured) = (self.routes(), Secured::over(listener));
        tokio::spawn(async { axum::serve(secured, routes).await });
        address
    }

    fn routes(&self) -> Router {
        let routes = Router::new().route("/v1/traces", post(take));
        routes.with_state(self.clone())
    }

    /// The spans of one trace, by name, with their processes.
    fn of_trace(&self, trace: [u8; 16]) -> Vec<(String, Span)> {
        let spans = self.0.lock().expect("no panic");
        let own = spans.iter().filter(|(_, span)| span.trace_id == trace);
        own.cloned().collect()
    }
}

async fn take(State(collector): State<Collector>, body: Bytes) -> Result<Vec<u8>, StatusCode> {
    let request = ExportTraceServiceRequest::decode(body);
    let request = request.map_err(|_| StatusCode::BAD_REQUEST)?;
    for resource in request.resource_spans {
        let process = format!("{:?}", resource.resource);
        let spans = resource
            .scope_spans
            .into_iter()
            .flat_map(|scope| scope.spans);
        let mut kept = collector.0.lock().expect("no panic");
        kept.extend(spans.map(|span| (process.clone(), span)));
    }
    Ok(ExportTraceServiceResponse::default().encode_to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_one_trace_from_the_request_to_the_other_nodes_socket() {
    let collector = Collector::default();
    let address = format!("http://{}", collector.start().await);
    let cluster = Cluster::new();
    let more = ["--otlp", &address, "--trust-forwarded"];
    let (one, two) = (cluster.node(&more).await, cluster.node(&more).await);
    let mut amy = sign_in(&one, "amy").await;
    let sam = sign_in(&two, "sam").await;
    let chat = own_workitem(&mut amy, &one, "chat").await;
    let mut watching = Live::open(&sam, &two).await;
    watching.follow(&chat, true).await;

    amy.traceparent = TRACEPARENT.to_owned();
    let text = "Nobody but Dana and Sam reads this";
    let input = json!({ "workitem": chat, "key": key(), "text": text });
    called(&mut amy, &one, "workitems/message_send", input).await;
    loop {
        let frame = watching.next().await.expect("it is open");
        if let ServerFrame::Workitem { change, .. } = frame.expect("it is open")
            && format!("{change:?}").contains(text)
        {
            break;
        }
    }
    // What is left leaves at the end.
    let logs = one.stop().await + &two.stop().await;
    assert!(!logs.contains("traces"), "{logs}");

    let spans = collector.of_trace(TRACE);
    let mut by_id = HashMap::new();
    for (process, span) in &spans {
        by_id.insert(span.span_id.clone(), (process, span));
        assert!(!format!("{span:?}").contains("Nobody"), "{span:?}");
    }
    // From the socket on the second node back to the proxy's span.
    let (process, mut span) = spans
        .iter()
        .find_map(|(process, span)| (span.name == "deliver").then_some((process, span)))
        .unwrap_or_else(|| panic!("no delivery in {spans:?}"));
    let mut path = vec![(span.name.as_str(), true)];
    while let Some((other, parent)) = by_id.get(&span.parent_span_id) {
        path.push((parent.name.as_str(), *other == process));
        span = parent;
    }
    let expected = [("deliver", true), ("hint", true), ("request", false)];
    assert_eq!(path, expected);
    assert_eq!(hex::encode(&span.parent_span_id), "b7ad6b7169203331");
    let stored = spans.iter().any(|(_, stored)| {
        stored.name == "store"
            && stored.parent_span_id == span.span_id
            && format!("{stored:?}").contains("message_append")
    });
    assert!(stored, "{spans:?}");
}

/// A program that sends its traces there answers a request of the trace, and ends.
async fn traced(collector: SocketAddr, more: &[&str]) {
    let (data, address) = (Data::new(), format!("https://{collector}"));
    let own = ["--otlp", &address, "--trust-forwarded"];
    let program = Program::start(&data, &[&own, more].concat()).await;
    let mut anybody = Browser {
        traceparent: TRACEPARENT.to_owned(),
        ..Browser::default()
    };
    let answer = anybody.get(&program, "/login").await;
    assert_eq!(answer.expect("an answer").status, 200);
    // What is left leaves at the end.
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_leave_over_tls_for_a_collector_whose_authority_is_known_and_for_no_other() {
    let collector = Collector::default();
    let address = collector.start_over_tls().await;
    traced(address, &[]).await;
    assert!(
        collector.of_trace(TRACE).is_empty(),
        "nobody vouches for its certificate"
    );
    traced(address, &["--otlp-ca", AUTHORITY]).await;
    assert!(!collector.of_trace(TRACE).is_empty());
}

#[tokio::test]
async fn a_collector_that_cannot_be_meant_is_refused_at_the_start() {
    let words = said(&run(&["serve", "--otlp", "https://collector:4318/v1/traces"]).await);
    assert!(
        words.contains("--otlp") && words.contains("expected http://"),
        "{words}"
    );
    let words = said(&run(&["serve", "--otlp-ca", AUTHORITY]).await);
    assert!(words.contains("--otlp <URL>"), "{words}");
    let data = Data::new();
    let empty = data.file("empty.pem");
    std::fs::write(&empty, "no certificate").expect("a file");
    for file in [empty, data.file("missing.pem")] {
        let file = file.to_str().expect("a plain name");
        let collector = ["serve", "--otlp", "https://collector:4318"];
        let own = ["--otlp-ca", file, "--data", data.folder()];
        let refused = run(&[&collector[..], &own[..]].concat()).await;
        let words = said(&refused);
        assert!(!refused.status.success() && words.contains(file), "{words}");
    }
    assert!(!data.database().exists(), "nothing was made");
}
