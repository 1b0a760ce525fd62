//! The document and the map of addresses. Knows every route and no page's content.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{Meta, MetaTags, Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};
use shared::people::Permission;

use crate::cells::Effect;
use crate::clock::Clock;
use crate::first_data::{ELEMENT, FirstData};
use crate::frame::{Frame, Guarded, HomePage, SignedOutOnly};
use crate::routes::admin::{TeamsPage, TemplatesPage, UsersPage};
use crate::routes::coaching::{CoachingList, CoachingWorkitem};
use crate::routes::dashboard::DashboardPage;
use crate::routes::login::LoginPage;
use crate::routes::not_found::NotFoundPage;
use crate::routes::settings::SettingsPage;
use crate::routes::workspace::{WorkspaceEmpty, WorkspacePage, WorkspaceWorkitem};

/// Where the files of this release lie. The host provides it; in the browser it comes from the document.
#[derive(Clone, Debug)]
pub struct SiteAssets {
    /// `/pkg/<hash>`, without a slash at the end.
    pub base: String,
}

impl SiteAssets {
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

/// The whole document. Everything that it loads carries the release in its address, so it may be cached for ever.
pub fn shell(site: SiteAssets) -> impl IntoView {
    provide_context(site.clone());
    let first = use_context::<FirstData>().unwrap_or_default().json();
    let wasm = site.url("sideline_bg.wasm");
    let script = site.url("sideline.js");
    // `.then(hydrate)` rather than a top-level await: a module that waits delays DOMContentLoaded.
    let start = format!(
        "import init,{{hydrate}} from '{script}';init({{module_or_path:'{wasm}'}}).then(()=>hydrate());"
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" data-pkg=site.base.clone()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <script src=site.url("early.js") nonce=use_nonce()></script>
                <link rel="stylesheet" href=site.url("sideline.css") />
                <link rel="modulepreload" href=script />
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <script
                    type="application/json"
                    id=ELEMENT
                    inner_html=first
                ></script>
                <MetaTags />
                <script type="module" nonce=use_nonce()>
                    {start}
                </script>
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The app: the same tree on host and browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    if use_context::<SiteAssets>().is_none() {
        provide_context(SiteAssets {
            base: assets_base(),
        });
    }
    let first = use_context::<FirstData>().unwrap_or_else(FirstData::of_document);
    provide_context(first.clone());
    // What is opened later is asked for anew.
    Effect::new(move || first.clear());
    Clock::provide();
    view! {
        <Title formatter=|title| format!("{title} · Sideline") text="Desk" />
        <Meta name="color-scheme" content="light dark" />
        <Router>
            <Routes fallback=|| view! { <main id="main"><NotFoundPage /></main> }>
                <Route path=path!("/login") view=|| view! { <SignedOutOnly><LoginPage /></SignedOutOnly> } ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async />
                    <ParentRoute
                        path=path!("/workspace")
                        view=|| guarded(Permission::WorkitemHandle, WorkspacePage)
                        ssr=SsrMode::Async
                    >
                        <Route path=path!("") view=WorkspaceEmpty ssr=SsrMode::Async />
                        <Route path=path!("/:workitem") view=WorkspaceWorkitem ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route
                        path=path!("/dashboard")
                        view=|| guarded(Permission::WorkitemView, DashboardPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/coaching/:agent")
                        view=|| guarded(Permission::WorkitemView, CoachingList)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/coaching/:agent/:workitem")
                        view=|| guarded(Permission::WorkitemView, CoachingWorkitem)
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async />
                    <Route
                        path=path!("/admin/templates")
                        view=|| guarded(Permission::TemplateManage, TemplatesPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/admin/users")
                        view=|| guarded(Permission::UserManage, UsersPage)
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/admin/teams")
                        view=|| guarded(Permission::TeamManage, TeamsPage)
                        ssr=SsrMode::Async
                    />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// A page for those who hold the permission; for everybody else it does not exist.
fn guarded<V: IntoView + 'static>(
    permission: Permission,
    page: impl FnOnce() -> V + Send + 'static,
) -> impl IntoView {
    view! { <Guarded permission=permission>{page()}</Guarded> }
}

/// What the document says about its release; nothing on a host that forgot to provide it.
fn assets_base() -> String {
    if cfg!(feature = "ssr") {
        return String::new();
    }
    document()
        .document_element()
        .and_then(|html| html.get_attribute("data-pkg"))
        .unwrap_or_default()
}
