//! The layers in front of every route.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::middleware::from_fn;
use axum::response::Response;
use tower::ServiceBuilder;
use tower::util::{MapRequestLayer, option_layer};
use tower_http::request_id::PropagateRequestIdLayer;
use tower_http::set_header::{SetRequestHeaderLayer, SetResponseHeaderLayer};
use tower_http::trace::TraceLayer;

use super::request_id::{REQUEST_ID, log_answer, new_id, span_of};
use super::{HttpConfig, client_address, errors, guards, problem};

/// The policy of answers that set none of their own: nothing may be loaded, and no page may show them in a frame.
const NOTHING: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What staff or a customer reads must not stay in a shared cache; assets say otherwise for themselves.
const NOT_STORED: &str = "no-store";

/// Puts the routes behind everything that a request passes. What stands first is passed first.
pub fn apply(routes: Router, config: &HttpConfig) -> Router {
    let trust_forwarded = config.trust_forwarded;
    // `SetRequestId` would take over the id that a client sends.
    let request_id = ServiceBuilder::new()
        .layer(SetRequestHeaderLayer::overriding(REQUEST_ID, new_id))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(move |request: &Request| span_of(request, trust_forwarded))
                .on_request(())
                .on_response(log_answer::<axum::body::Body>)
                .on_body_chunk(())
                .on_eos(())
                .on_failure(()),
        )
        .layer(PropagateRequestIdLayer::new(REQUEST_ID));
    let headers = ServiceBuilder::new()
        .layer(unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_FRAME_OPTIONS,
            frame_options,
        ))
        .layer(unless_set(header::REFERRER_POLICY, "same-origin"))
        .layer(unless_set(OPENER_POLICY, "same-origin"))
        .layer(unless_set(RESOURCE_POLICY, "same-origin"))
        .layer(unless_set(PERMISSIONS_POLICY, NO_PERMISSIONS))
        .layer(unless_set(header::CONTENT_SECURITY_POLICY, NOTHING))
        .layer(unless_set(header::CACHE_CONTROL, NOT_STORED))
        .layer(option_layer(config.secure.then(|| {
            let policy = match config.hsts_subdomains {
                true => "max-age=31536000; includeSubDomains",
                false => "max-age=31536000",
            };
            unless_set(header::STRICT_TRANSPORT_SECURITY, policy)
        })));
    let address =
        MapRequestLayer::new(move |request| client_address::identify(trust_forwarded, request));
    let secure = config.secure;
    let admit = move |request, next| guards::admit(secure, request, next);
    let answer_within = config.answer_within;
    let in_time = move |request, next| guards::in_time(answer_within, request, next);
    routes.layer(
        ServiceBuilder::new()
            .layer(request_id)
            .layer(address)
            .layer(headers)
            // Each of these copies what lies behind it for each request, so there are few.
            .layer(from_fn(problem::render))
            .layer(from_fn(admit))
            .layer(from_fn(errors::shape))
            .layer(from_fn(in_time))
            .layer(from_fn(guards::detach)),
    )
}

/// Marks an answer that other sites may show in a frame, as its policy says: browsers know `frame-ancestors`, and this header
/// cannot name several sites.
#[derive(Clone, Copy)]
pub(crate) struct Embeddable;

fn frame_options(response: &Response) -> Option<HeaderValue> {
    let embeddable = response.extensions().get::<Embeddable>().is_some();
    (!embeddable).then(|| HeaderValue::from_static("DENY"))
}

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const NO_PERMISSIONS: &str = "camera=(), microphone=(), geolocation=()";

/// A header of every answer that does not set it.
fn unless_set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use shared::error::AppError;
    use tower::ServiceExt;

    use super::*;

    async fn defect() -> &'static str {
        panic!("a defect in a handler")
    }

    #[tokio::test]
    async fn who_meets_a_defect_gets_the_id_that_is_in_the_log() {
        let routes = Router::new()
            .route("/", get(defect))
            .route("/write", post(defect));
        let router = apply(routes, &HttpConfig::default());
        for request in [Request::get("/"), Request::post("/write")] {
            let request = request.body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let id = response.headers()["x-request-id"].to_str().unwrap();
            let id = id.to_owned();
            let body = to_bytes(response.into_body(), 1_000).await.unwrap();
            let error: AppError = serde_json::from_slice(&body).unwrap();
            assert_eq!(error, AppError::Internal { request_id: id });
        }
    }
}
