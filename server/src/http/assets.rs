//! The files that the program carries: the browser's half, styles, icons, the customer's widget.
//!
//! They lie under a path that contains the hash of their content, so a browser asks once and keeps them for good.
//! Each is carried in brotli, in gzip and as it is: the plain copies add about a megabyte to the program, and save it
//! a decoder and a second code path for the rare client that takes neither. Never reads the disk, but for `watched`.

mod watched;

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::routes::Routes;

/// One file in its three encodings.
#[derive(Debug)]
pub struct Asset {
    /// Its path below the folder of the build, for example `sideline.css`.
    pub name: &'static str,
    /// As `Content-Type` says it.
    pub content_type: &'static str,
    /// As it is.
    pub raw: &'static [u8],
    /// In brotli.
    pub br: &'static [u8],
    /// In gzip.
    pub gz: &'static [u8],
}

/// All files of one build. `scripts/bundle` writes them as a table, which the program alone includes and not this library: a
/// change of a style sheet compiles nothing else.
#[derive(Debug)]
pub struct Site {
    /// The hash of their content, for example `0123456789ab`.
    pub hash: &'static str,
    /// The folder as addresses name it, for example `pkg/0123456789ab`.
    pub folder: &'static str,
    /// Each file.
    pub assets: &'static [Asset],
}

impl Site {
    /// No files: tests, lints and documentation depend on no browser build.
    pub const EMPTY: Self = Self {
        hash: "dev",
        folder: "pkg/dev",
        assets: &[],
    };
}

static CARRIED: OnceLock<&Site> = OnceLock::new();

/// Says which files the program carries, before it serves any. Without it there are none; what is said second is ignored.
pub fn carry(site: &'static Site) {
    let _ = CARRIED.set(site);
}

fn carried() -> &'static Site {
    CARRIED.get().copied().unwrap_or(&Site::EMPTY)
}

/// What a browser may keep for good, because other content has another address.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// What has a fixed address: kept for an hour, then asked for again with its tag.
const AN_HOUR: &str = "public, max-age=3600";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Serves `/pkg/…`, the script of the widget, and the icons that browsers ask for by fixed names.
pub fn router<S: Clone + Send + Sync + 'static>() -> Routes<S> {
    watched::router().map_or_else(|| router_of(carried()), Routes::unlisted)
}

/// Where the files of this build lie, without slashes around it, as `LeptosOptions::site_pkg_dir` wants it.
pub fn pkg_path() -> &'static str {
    carried().folder
}

/// The address of one file of this build, for a page that names it.
pub fn url(name: &str) -> String {
    format!("/{}/{name}", carried().folder)
}

fn router_of<S: Clone + Send + Sync + 'static>(site: &'static Site) -> Routes<S> {
    let in_pkg = move |Path(path): Path<String>, headers: HeaderMap| async move {
        match site.by_path(&path) {
            Some(asset) => site.answer(asset, FOREVER, &headers),
            None => (
                StatusCode::NOT_FOUND,
                [(CACHE_CONTROL, "no-store")],
                "not found",
            )
                .into_response(),
        }
    };
    // Browsers ask for an icon unbidden; having none is not an error worth a line in their console.
    let icon = move |headers: HeaderMap| async move {
        match site.by_name("favicon.svg") {
            Some(asset) => site.answer(asset, AN_HOUR, &headers),
            None => StatusCode::NO_CONTENT.into_response(),
        }
    };
    // Pages of other sites load it, which must be able to rely on its address.
    let widget = move |headers: HeaderMap| async move {
        match site.by_name("widget.js") {
            Some(asset) => {
                let mut response = site.answer(asset, AN_HOUR, &headers);
                let anywhere = HeaderValue::from_static("cross-origin");
                response.headers_mut().insert(RESOURCE_POLICY, anywhere);
                response
            }
            None => StatusCode::NOT_FOUND.into_response(),
        }
    };
    // Lies at the root, because what it may open lies beside it and below. A browser asks for it again when it likes.
    let worker = move |headers: HeaderMap| async move {
        match site.by_name("push-worker.js") {
            Some(asset) => site.answer(asset, AN_HOUR, &headers),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    };
    Routes::new()
        .route("/widget.js", get(widget))
        .route("/push-worker.js", get(worker))
        .route("/pkg/{*path}", get(in_pkg))
        .route("/favicon.svg", get(icon))
        .route("/favicon.ico", get(icon))
}

impl Site {
    /// A file by its path below `/pkg/`; the folder of another build holds nothing.
    fn by_path(&self, path: &str) -> Option<&Asset> {
        self.by_name(path.strip_prefix(self.hash)?.strip_prefix('/')?)
    }

    fn by_name(&self, name: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.name == name)
    }

    fn answer(&self, asset: &Asset, cache: &'static str, headers: &HeaderMap) -> Response {
        let encoding = Encoding::chosen_by(headers);
        let tag = format!("\"{}-{}\"", self.hash, encoding.name());
        let known = headers
            .get(IF_NONE_MATCH)
            .and_then(|tags| tags.to_str().ok());
        let about = [
            (CACHE_CONTROL, cache),
            (VARY, "accept-encoding"),
            (ETAG, tag.as_str()),
        ];
        if known.is_some_and(|tags| {
            tags.split(',')
                .any(|one| one.trim().trim_start_matches("W/") == tag)
        }) {
            return (StatusCode::NOT_MODIFIED, about).into_response();
        }
        let content_type = [(CONTENT_TYPE, asset.content_type)];
        match encoding {
            Encoding::Brotli => {
                (about, content_type, [(CONTENT_ENCODING, "br")], asset.br).into_response()
            }
            Encoding::Gzip => {
                (about, content_type, [(CONTENT_ENCODING, "gzip")], asset.gz).into_response()
            }
            Encoding::Identity => (about, content_type, asset.raw).into_response(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The smallest encoding that the client takes. Weights other than zero are not compared: what is smaller is
    /// better for everyone who can read it.
    fn chosen_by(headers: &HeaderMap) -> Self {
        let accepted: Vec<&str> = headers
            .get_all(ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let takes = |coding: &str| {
            let weight = |name: &str| {
                accepted
                    .iter()
                    .flat_map(|value| value.split(','))
                    .find_map(|one| weight_of(one, name))
            };
            weight(coding)
                .or_else(|| weight("*"))
                .is_some_and(|weight| weight > 0.0)
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }
}

/// The weight that one element of `Accept-Encoding` (`gzip;q=0.5`) gives to `coding`, when it names it.
fn weight_of(element: &str, coding: &str) -> Option<f32> {
    let (name, parameters) = element.split_once(';').unwrap_or((element, ""));
    if !name.trim().eq_ignore_ascii_case(coding) {
        return None;
    }
    let weight = parameters
        .split(';')
        .find_map(|one| one.trim().strip_prefix("q="));
    Some(weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    static FILES: Site = Site {
        hash: "0123456789ab",
        folder: "pkg/0123456789ab",
        assets: &[
            Asset {
                name: "sideline_bg.wasm",
                content_type: "application/wasm",
                raw: b"plain",
                br: b"brotli",
                gz: b"gzip",
            },
            Asset {
                name: "widget.js",
                content_type: "text/javascript; charset=utf-8",
                raw: b"widget",
                br: b"w",
                gz: b"w",
            },
            Asset {
                name: "favicon.svg",
                content_type: "image/svg+xml; charset=utf-8",
                raw: b"<svg/>",
                br: b"b",
                gz: b"g",
            },
        ],
    };
    static NO_FILES: Site = Site::EMPTY;

    async fn ask(
        site: &'static Site,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (Response, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = router_of::<()>(site)
            .into_router()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, 1000).await.unwrap().to_vec();
        (Response::from_parts(head, Body::empty()), bytes)
    }

    async fn wasm(accept: &[(&str, &str)]) -> (Response, Vec<u8>) {
        ask(&FILES, "GET", "/pkg/0123456789ab/sideline_bg.wasm", accept).await
    }

    #[tokio::test]
    async fn a_file_comes_with_all_that_a_browser_needs_to_keep_it() {
        let (response, body) = wasm(&[("accept-encoding", "gzip, deflate, br, zstd")]).await;
        assert_eq!(
            (response.status(), body.as_slice()),
            (StatusCode::OK, &b"brotli"[..])
        );
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        assert_eq!(header("content-type"), Some("application/wasm"));
        assert_eq!(header("content-encoding"), Some("br"));
        assert_eq!(
            header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(header("vary"), Some("accept-encoding"));
        assert_eq!(header("etag"), Some("\"0123456789ab-br\""));
    }

    #[tokio::test]
    async fn other_sites_load_the_widget_and_nothing_else() {
        let policy = async |path: &str| {
            let (response, _) = ask(&FILES, "GET", path, &[]).await;
            let policy = response.headers().get(RESOURCE_POLICY).cloned();
            (response.status(), policy)
        };
        let anywhere = HeaderValue::from_static("cross-origin");
        assert_eq!(policy("/widget.js").await, (StatusCode::OK, Some(anywhere)));
        for path in ["/pkg/0123456789ab/widget.js", "/favicon.svg"] {
            assert_eq!(policy(path).await, (StatusCode::OK, None), "{path}");
        }
        let (none, _) = ask(&NO_FILES, "GET", "/widget.js", &[]).await;
        assert_eq!(none.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_client_decides_on_the_encoding() {
        for (accepted, body) in [
            ("br", "brotli"),
            ("gzip", "gzip"),
            ("GZIP;q=0.5, br;q=0.1", "brotli"),
            ("br;q=0, gzip", "gzip"),
            ("br;q=0, *", "gzip"),
            ("*", "brotli"),
            ("*;q=0", "plain"),
            ("gzip;q=nonsense", "plain"),
            ("deflate", "plain"),
            ("", "plain"),
        ] {
            let (response, bytes) = wasm(&[("accept-encoding", accepted)]).await;
            assert_eq!(bytes, body.as_bytes(), "{accepted}");
            assert_eq!(
                response.headers().contains_key("content-encoding"),
                body != "plain",
                "{accepted}"
            );
        }
        assert_eq!(wasm(&[]).await.1, b"plain");
        assert_eq!(
            wasm(&[("accept-encoding", "deflate"), ("accept-encoding", "gzip")])
                .await
                .1,
            b"gzip"
        );
    }

    #[tokio::test]
    async fn what_the_browser_has_is_not_sent_again() {
        let tag = "W/\"other\", \"0123456789ab-identity\"";
        let (response, body) = wasm(&[("if-none-match", tag)]).await;
        assert_eq!(
            (response.status(), body.len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
        assert_eq!(
            wasm(&[("if-none-match", tag), ("accept-encoding", "br")])
                .await
                .0
                .status(),
            StatusCode::OK
        );
    }

    #[tokio::test]
    async fn other_addresses_hold_nothing() {
        for path in [
            "/pkg/0123456789ab/other.js",
            "/pkg/0123456789ab/",
            "/pkg/0123456789absideline_bg.wasm",
            "/pkg/ffffffffffff/sideline_bg.wasm",
            "/pkg/0123456789ab/../0123456789ab/sideline_bg.wasm",
            "/pkg/x",
        ] {
            let (response, body) = ask(&FILES, "GET", path, &[]).await;
            assert_eq!(
                (response.status(), body.as_slice()),
                (StatusCode::NOT_FOUND, &b"not found"[..]),
                "{path}"
            );
            assert_eq!(response.headers()["cache-control"], "no-store");
        }
        assert_eq!(
            ask(&NO_FILES, "GET", "/pkg/dev/sideline.js", &[])
                .await
                .0
                .status(),
            StatusCode::NOT_FOUND
        );
    }

    #[tokio::test]
    async fn only_reading_is_possible() {
        let (response, body) = ask(&FILES, "HEAD", "/pkg/0123456789ab/sideline_bg.wasm", &[]).await;
        assert_eq!((response.status(), body.len()), (StatusCode::OK, 0));
        let (response, _) = ask(&FILES, "POST", "/pkg/0123456789ab/sideline_bg.wasm", &[]).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn the_icon_has_fixed_addresses_and_is_not_kept_for_good() {
        for path in ["/favicon.svg", "/favicon.ico"] {
            let (response, body) = ask(&FILES, "GET", path, &[]).await;
            assert_eq!(
                (response.status(), body.as_slice()),
                (StatusCode::OK, &b"<svg/>"[..])
            );
            let content_type = &response.headers()["content-type"];
            assert_eq!(content_type, "image/svg+xml; charset=utf-8");
            assert_eq!(response.headers()["cache-control"], "public, max-age=3600");
            assert_eq!(
                ask(&NO_FILES, "GET", path, &[]).await.0.status(),
                StatusCode::NO_CONTENT
            );
        }
    }

    #[test]
    fn pages_find_the_files_of_their_own_build() {
        assert_eq!(pkg_path(), format!("pkg/{}", carried().hash));
        assert_eq!(
            url("sideline.js"),
            format!("/pkg/{}/sideline.js", carried().hash)
        );
    }
}
