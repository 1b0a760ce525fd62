//! Requests to providers: HTTP/1.1, over TLS unless the address says `http`, with a time limit and a limit on the answer.
//! No redirect is followed, and no proxy is taken from the environment.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::HeaderMap;
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

/// How long a request may take until its answer is read to the end.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(20);
/// How long connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long a connection waits for the next request.
const IDLE: Duration = Duration::from_secs(30);
/// The longest answer, in bytes.
const ANSWER_MAX: usize = 256 * 1024;

/// The client. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    time_limit: Duration,
}

/// An answer that was read to its end.
pub(crate) struct HttpAnswer {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HttpFailure {
    /// Whether the other side may have got the request.
    pub(crate) maybe_received: bool,
    /// What happened.
    pub(crate) reason: &'static str,
}

impl HttpClient {
    /// A client whose requests take no longer than this; [`TIME_LIMIT`] but in tests.
    pub(crate) fn new(time_limit: Duration) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT_LIMIT));
        let connector = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self { client, time_limit }
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<HttpAnswer, HttpFailure> {
        let failure = |maybe_received, reason| HttpFailure {
            maybe_received,
            reason,
        };
        let exchange = async {
            let answer = self.client.request(request).await;
            let answer = answer.map_err(|error| match error.is_connect() {
                true => failure(false, "no connection"),
                false => failure(true, "the connection ended before the answer"),
            })?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_MAX).collect().await;
            let body = body.map_err(|_| failure(true, "the answer broke off or is too long"))?;
            Ok(HttpAnswer {
                status: parts.status,
                headers: parts.headers,
                body: body.to_bytes(),
            })
        };
        match timeout(self.time_limit, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(failure(true, "no answer in time")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    fn get(uri: String) -> Request<Full<Bytes>> {
        Request::get(uri).body(Full::default()).unwrap()
    }

    #[tokio::test]
    async fn what_was_never_sent_is_told_from_what_may_have_been() {
        let client = HttpClient::new(Duration::from_millis(200));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody accepts and answers.
        let silent = client.send(get(format!("http://{address}/"))).await;
        assert!(silent.is_err_and(|failure| failure.maybe_received));
        drop(listener);
        let refused = client.send(get(format!("http://{address}/"))).await;
        assert!(refused.is_err_and(|failure| !failure.maybe_received));
    }
}
