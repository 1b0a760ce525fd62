//! Where the files of this release lie: the style, the icons, the wasm.

use leptos::prelude::*;

/// Where the files of this release lie. The host provides it; in the browser it comes from the document.
#[derive(Clone, Debug)]
pub struct SiteAssets {
    /// `/pkg/<hash>`, without a slash at the end.
    pub base: String,
}

impl SiteAssets {
    /// What the document says about its release; nothing on a host that forgot to provide it.
    pub fn of_document() -> Self {
        Self { base: base() }
    }

    /// The address of a file of this release.
    pub fn url(&self, file: &str) -> String {
        self.url_with(file, "")
    }

    /// The address of a file with something appended, such as the part behind `#`.
    pub fn url_with(&self, file: &str, rest: &str) -> String {
        [&self.base, "/", file, rest].concat()
    }
}

/// The files of this release.
pub fn use_assets() -> SiteAssets {
    expect_context()
}

fn base() -> String {
    if cfg!(feature = "ssr") {
        return String::new();
    }
    document()
        .document_element()
        .and_then(|html| html.get_attribute("data-pkg"))
        .unwrap_or_default()
}
