//! The files of the site while `cargo leptos watch` builds them again and again: read from its folder whenever they are
//! asked for. Only in debug builds; a release carries its files.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use axum::Router;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeader;

use crate::http::errors::error_response;
use shared::error::AppError;
use shared::language::Language;

/// The routes of these files; `None` where cargo-leptos does not run the program.
pub fn router<S: Clone + Send + Sync + 'static>() -> Option<Router<S>> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let root = PathBuf::from(env::var_os("LEPTOS_SITE_ROOT")?);
    let built = root.join(super::pkg_path());
    // `app/static` is copied to the root of the site.
    let files = ServeDir::new(&built).fallback(ServeDir::new(&root));
    let icon = ServeFile::new(root.join("favicon.svg"));
    let widget = SetResponseHeader::overriding(
        ServeFile::new(root.join("widget.js")),
        super::RESOURCE_POLICY,
        HeaderValue::from_static("cross-origin"),
    );
    let pkg = format!("/{}", super::pkg_path());
    let mut router = Router::new();
    for language in Language::ALL {
        let name = i18n::browser_file_name(language);
        let texts = get(move || async move { i18n::browser_file(language) });
        router = router.route(&format!("{pkg}/{name}"), texts);
    }
    let router = router
        // cargo-leptos takes the `_bg` from the name that wasm-bindgen gives.
        .route_service(
            &format!("{pkg}/sideline_bg.wasm"),
            ServeFile::new(built.join("sideline.wasm")),
        )
        .route(&format!("{pkg}/sideline.css"), get(style))
        .nest_service(&pkg, files)
        .route_service("/widget.js", widget)
        .route_service("/favicon.svg", icon.clone())
        .route_service("/favicon.ico", icon);
    Some(router)
}

/// The style sheets one after the other, as the bundle joins them. cargo-leptos takes a single file only.
async fn style() -> Response {
    match joined(Path::new("style")) {
        Ok(css) => ([(CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response(),
        Err(error) => {
            tracing::error!(%error, "the style sheets could not be read");
            error_response(&AppError::NotFound)
        }
    }
}

fn joined(folder: &Path) -> io::Result<String> {
    let mut files = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "css"));
    files.sort();
    files.iter().map(fs::read_to_string).collect()
}
