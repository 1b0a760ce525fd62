//! The app's pages and server functions: what they need to know of the request goes into their context here.

use std::sync::Arc;

use app::app::{App, SiteAssets, shell};
use app::backend::{Backend, Caller};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{
    LeptosRoutes, ResponseOptions, generate_route_list, handle_server_fns_with_context,
};

use super::SignedIn;
use super::assets;
use crate::desk::Desk;

#[derive(Clone)]
struct PagesState {
    desk: Desk,
    options: LeptosOptions,
}

impl axum::extract::FromRef<PagesState> for LeptosOptions {
    fn from_ref(state: &PagesState) -> Self {
        state.options.clone()
    }
}

/// Every route of the app, and `/api/…`. Whatever else is asked for gets the app's own "not found" page.
pub fn router<S>(desk: Desk) -> Router<S> {
    let options = LeptosOptions::builder().output_name("sideline").build();
    let state = PagesState {
        desk: desk.clone(),
        options,
    };
    let context = move || page_context(&desk);
    let rendered = leptos_axum::render_app_async_with_context(context.clone(), || shell(site()));
    Router::new()
        .route("/api/{*name}", any(server_function))
        .leptos_routes_with_context(&state, generate_route_list(App), context, || shell(site()))
        .fallback(rendered)
        .with_state(state)
}

fn site() -> SiteAssets {
    SiteAssets {
        base: format!("/{}", assets::pkg_path()),
    }
}

fn caller(parts: &Parts) -> Option<Caller> {
    let signed_in = parts
        .extensions
        .get::<Option<SignedIn>>()
        .cloned()
        .flatten()?;
    Some(Caller {
        actor: signed_in.actor,
        session: signed_in.session,
    })
}

fn page_context(desk: &Desk) {
    let parts = use_context::<Parts>();
    provide_context(parts.as_ref().and_then(caller));
    provide_context::<Arc<dyn Backend>>(Arc::new(desk.clone()));
    provide_context(site());
    if let (Some(options), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) {
        let policy = format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            options.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
    }
}

async fn server_function(State(state): State<PagesState>, request: Request) -> Response {
    let signed_in = request
        .extensions()
        .get::<Option<SignedIn>>()
        .cloned()
        .flatten();
    let caller = signed_in.map(|signed_in| Caller {
        actor: signed_in.actor,
        session: signed_in.session,
    });
    let context = move || {
        provide_context(caller.clone());
        provide_context::<Arc<dyn Backend>>(Arc::new(state.desk.clone()));
    };
    handle_server_fns_with_context(context, request)
        .await
        .into_response()
}
