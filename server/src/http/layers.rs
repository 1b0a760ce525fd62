//! What every request passes on its way to a route, and every answer on its way back.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use tower_http::timeout::TimeoutLayer;

use super::{HttpConfig, client_address, errors, guards, request_id};

/// The routes behind everything that a request passes. What stands last is passed first.
pub fn apply(routes: Router, config: &HttpConfig) -> Router {
    let in_time = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, config.answer_within);
    routes
        .layer(from_fn(guards::detach))
        .layer(from_fn(guards::buffer_body))
        .layer(in_time)
        .layer(from_fn(errors::normalize_api_errors))
        .layer(from_fn(guards::drain_oversized_body))
        .layer(from_fn(guards::same_origin))
        .layer(from_fn(errors::catch_panics))
        .layer(from_fn_with_state(config.secure, headers))
        .layer(from_fn_with_state(
            config.trust_forwarded,
            client_address::identify,
        ))
        .layer(from_fn(request_id::request_id))
}

/// Headers that belong on every answer. The policy for scripts stands with the pages, which know their nonce.
async fn headers(State(secure): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    // What staff or a customer reads must not stay in a shared cache; assets say otherwise for themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(value);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
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
