//! The HTTP API for other systems, at `/api/v1`: a token opens it (`caller`), its OpenAPI document is made from the handlers
//! (`document`), and every error is a problem (`http::problem`). Handlers parse and call one method of the desk. SCIM (`scim`) has other
//! forms, which its standard sets, and the same tokens.

mod caller;
mod docs;
mod document;
pub(crate) mod events;
mod input;
mod intake;
mod page;
mod people;
mod rate;
mod ratings;
mod requests;
mod reviews;
mod scim;
mod templates;
mod transcripts;
mod workitems;

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::rate::ApiRate;
use crate::desk::Desk;
use crate::http::HttpConfig;
use crate::http::problem::Problem;
use crate::http::routes::Routes;

/// What the handlers need.
#[derive(Clone, FromRef)]
struct ApiState {
    desk: Desk,
    rate: Arc<ApiRate>,
    /// The OpenAPI document.
    document: Arc<Value>,
    /// Whether this host is reached over TLS.
    #[from_ref(skip)]
    secure: bool,
}

/// The routes of the API.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk, config: &HttpConfig) -> Routes<S> {
    let documented = OpenApiRouter::with_openapi(document::beginning())
        .routes(routes!(workitems::list, intake::begin))
        .routes(routes!(workitems::one))
        .routes(routes!(intake::message))
        .routes(routes!(intake::note))
        .routes(routes!(intake::state))
        .routes(routes!(intake::end))
        .routes(routes!(transcripts::customer))
        .routes(routes!(transcripts::staff))
        .routes(routes!(people::users))
        .routes(routes!(people::teams))
        .routes(routes!(templates::list))
        .routes(routes!(requests::list))
        .routes(routes!(ratings::list))
        .routes(routes!(reviews::list))
        .routes(routes!(openapi))
        .routes(routes!(docs::show));
    let (router, document) = documented.split_for_parts();
    let paths = document.paths.paths.keys().cloned().collect();
    let state = ApiState {
        desk,
        rate: Arc::new(ApiRate::new(config.api_rate)),
        document: Arc::new(document::complete(document)),
        secure: config.secure,
    };
    Routes::listed(router, paths)
        .route("/api/v1", get(beginning))
        .route("/api/v1/", any(nowhere))
        .route("/api/v1/{*rest}", any(nowhere))
        .merge(scim::routes())
        .layer(from_fn(caller::say_limits))
        .with_state(state)
}

/// Where a reader begins.
async fn beginning() -> Redirect {
    Redirect::to(docs::PATH)
}

/// What no route takes.
async fn nowhere() -> Problem {
    Problem::plain(StatusCode::NOT_FOUND, "not_found")
}

/// The description of this API
///
/// OpenAPI 3.1, made from the program that answers. No token is needed: it says nothing that the source does not say.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "openapi",
    tag = "description",
    responses((status = 200, description = "The document.", content_type = "application/json")),
    security(())
)]
async fn openapi(State(document): State<Arc<Value>>) -> Response {
    Json(document.as_ref()).into_response()
}
