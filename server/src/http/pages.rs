//! The app's pages and server functions: what they need to know of the request goes into their context here.

use std::env;
use std::sync::Arc;
use std::time::Instant;

use app::app::{App, shell};
use app::backend::{Backend, Caller};
use app::clock::RenderedAt;
use app::first_data::FirstData;
use app::json::JsonText;
use app::routes::Visit;
use app::routes::login::{PasskeyOffered, TypedUsername, next_of};
use app::sign_on::SignOnOffered;
use app::site_assets::SiteAssets;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use axum_extra::extract::cookie::CookieJar;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos::server_fn::ContentType;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{ResponseOptions, generate_route_list, handle_server_fns_with_context};
use shared::ids::UserId;
use shared::language::Language;

use super::assets;
use super::concurrency_limits::ConcurrencyLimits;
use super::cookies::{StaffCookies, set_cookie};
use super::errors::error_response;
use super::language::language_for;
use super::routes::Routes;
use super::send_rate::SendRates;
use super::sign_in::{landing, passkeys};
use super::{HttpConfig, SignedIn, is_media_type};
use crate::desk::Desk;

/// How many calls of one user may be under way at the same time. A page makes a handful.
const CALLS: u32 = 64;

/// Every page of the app, and `/api/…`. The app lists its addresses; what no other route takes is rendered by it as
/// well, as its own "not found" page.
///
/// `sends` counts what each user sends.
pub fn router<S: Clone + Send + Sync + 'static>(
    desk: Desk,
    config: &HttpConfig,
    sends: Arc<SendRates>,
) -> Routes<S> {
    let pages = leptos_axum::render_app_async_with_context(page_context, || shell(site()));
    let api = Routes::new()
        .route("/api/{*name}", any(server_function))
        .with_state(Api {
            desk: desk.clone(),
            calls: ConcurrencyLimits::new(CALLS),
            sends,
        });
    let listed = generate_route_list(App).into_iter();
    listed
        .fold(Routes::new(), |routes, page| {
            routes.route(page.path(), get(pages.clone()))
        })
        .fallback(pages)
        .layer(from_fn_with_state((desk, config.secure), begin))
        .merge(api)
}

/// Loads what the page begins with, before it is rendered.
async fn begin(
    State((desk, secure)): State<(Desk, bool)>,
    mut request: Request,
    next: Next,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let signed_in = request
        .extensions()
        .get::<Option<SignedIn>>()
        .cloned()
        .flatten();
    let caller = signed_in.map(caller_of);
    let Some(visit) = Visit::at(request.uri()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if let Some(caller) = caller.as_ref().filter(|_| visit.url().path() == "/login") {
        let next = next_of(visit.url().search());
        let place = landing(next.as_ref(), Some(caller), &desk).await;
        return Redirect::to(place).into_response();
    }
    if caller.is_none() && visit.url().path() == "/login" && visit.url().search().is_empty() {
        // Nobody can sign in: the page says what to do.
        if let Ok(mut rows) = desk.store().snapshot().await
            && let Ok(false) = rows.user_any().await
        {
            return Redirect::to("/login?error=no_users").into_response();
        }
    }
    if let Some(caller) = caller.as_ref().filter(|caller| visit.refuses(caller)) {
        // It is on the map of pages, so its address holds names of pages and ids.
        let path = visit.url().path();
        desk.refused(Some(&caller.actor.id), "refused_page", path)
            .await;
    }
    let user = caller.as_ref().map(|caller| &caller.actor.id);
    let language = language_for(user, request.headers(), &desk).await;
    if visit.url().path() == "/login" && passkeys::offered(&desk, secure, request.headers()).await {
        request.extensions_mut().insert(PasskeyOffered);
    }
    if let Some(offered) = desk.sign_on_offered().await {
        request.extensions_mut().insert(offered);
    }
    let cookies = StaffCookies { secure };
    let typed = match visit.url().path() {
        "/login" => cookies.typed_of(&CookieJar::from_headers(request.headers())),
        _ => None,
    };
    let was_typed = typed.is_some();
    if let Some(typed) = typed {
        request.extensions_mut().insert(TypedUsername(typed));
    }
    let rendered_at = desk.clock().now();
    let data = visit.load(caller.as_ref(), language, Arc::new(desk)).await;
    request.extensions_mut().insert(RenderedAt(rendered_at));
    request.extensions_mut().insert(language);
    request.extensions_mut().insert(data);
    let mut response = next.run(request).await;
    if was_typed {
        set_cookie(response.headers_mut(), &cookies.no_typed());
    }
    response
}

pub(crate) fn caller_of(signed_in: SignedIn) -> Caller {
    Caller {
        actor: signed_in.actor,
        session: signed_in.session,
    }
}

fn site() -> SiteAssets {
    SiteAssets {
        base: format!("/{}", assets::pkg_path()),
    }
}

/// A page is rendered from its first data alone; only server functions reach the desk.
fn page_context() {
    if let Some(parts) = use_context::<Parts>() {
        let data = parts.extensions.get::<FirstData>().cloned();
        provide_context(data.unwrap_or_default());
        let language = parts.extensions.get::<Language>().copied();
        provide_context(language.unwrap_or_default());
        if let Some(rendered_at) = parts.extensions.get::<RenderedAt>() {
            provide_context(*rendered_at);
        }
        if let Some(offered) = parts.extensions.get::<PasskeyOffered>() {
            provide_context(*offered);
        }
        if let Some(typed) = parts.extensions.get::<TypedUsername>() {
            provide_context(typed.clone());
        }
        if let Some(offered) = parts.extensions.get::<SignOnOffered>() {
            provide_context(offered.clone());
        }
    }
    provide_context(site());
    if let (Some(options), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) {
        // Where `cargo leptos watch` tells the page to reload.
        let reload = if cfg!(debug_assertions) && env::var_os("LEPTOS_WATCH").is_some() {
            " ws://127.0.0.1:3001 ws://localhost:3001"
        } else {
            ""
        };
        let policy = format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
             img-src 'self' data:; connect-src 'self'{reload}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            options.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// The server function that is called at a path.
fn function_of(path: &str) -> Option<&'static str> {
    server_fn_paths()
        .map(|(known, _)| known)
        .find(|known| *known == path)
        .and_then(|known| known.strip_prefix("/api/"))
}

/// What server functions are called with.
#[derive(Clone)]
struct Api {
    desk: Desk,
    calls: ConcurrencyLimits<UserId>,
    sends: Arc<SendRates>,
}

async fn server_function(
    State(Api { desk, calls, sends }): State<Api>,
    request: Request,
) -> Response {
    let function = function_of(request.uri().path());
    // A browser asks first whether a page of another site may send this type, and is told nothing.
    let is_sent = function.is_some() && *request.method() == Method::POST;
    if is_sent && !is_media_type(request.headers(), JsonText::CONTENT_TYPE) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let signed_in = request
        .extensions()
        .get::<Option<SignedIn>>()
        .cloned()
        .flatten();
    // Held until the answer is there.
    let permit = signed_in
        .as_ref()
        .map(|signed_in| calls.acquire(&signed_in.actor.id));
    if let Some(Err(error)) = &permit {
        return error_response(error);
    }
    // Of the paths that anybody may type only those of functions are written down.
    if let Some(function) = function {
        match &signed_in {
            None => desk.refused(None, "refused_signed_out", function).await,
            Some(signed_in) => {
                let user = &signed_in.actor.id;
                if let Some(rate) = sends.of(function)
                    && let Err(error) = rate.count(user, Instant::now())
                {
                    desk.refused(Some(user), "refused_rate", function).await;
                    return error_response(&error);
                }
            }
        }
    }
    let caller = signed_in.map(caller_of);
    let context = move || {
        provide_context(caller.clone());
        provide_context::<Arc<dyn Backend>>(Arc::new(desk.clone()));
    };
    handle_server_fns_with_context(context, request)
        .await
        .into_response()
}
