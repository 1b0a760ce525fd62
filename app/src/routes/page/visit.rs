//! What the host does with the map of pages before it renders one of them.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

use axum::http::Uri;
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos_router::location::{RequestUrl, Url};
use leptos_router::params::{Params, ParamsMap};
use leptos_router::{ChooseView, MatchInterface, MatchParams, RouteDefs};
use shared::language::Language;

use super::Page;
use crate::api::directory::DeskLoad;
use crate::backend::{Backend, Caller};
use crate::first_data::{Call, FirstData};
use crate::routes::Pages;

type Loading = Pin<Box<dyn Future<Output = ()> + Send>>;

/// From the parameters and the query of the address to the call, under way, that adds to the data.
pub(super) type MakeCall =
    Arc<dyn Fn(&ParamsMap, &str, FirstData) -> Option<Loading> + Send + Sync>;

impl Page {
    pub(super) fn with_call<P, C>(mut self, call: fn(P) -> C) -> Self
    where
        P: Params + 'static,
        C: Call + Send + Sync,
    {
        self.calls.push(Arc::new(move |params, _, data| {
            let call = call(P::from_map(params).ok()?);
            Some(Box::pin(async move { data.load(call).await }))
        }));
        self
    }

    pub(super) fn with_query_call<C: Call + Send + Sync>(mut self, call: fn(&str) -> C) -> Self {
        self.calls.push(Arc::new(move |_, search, data| {
            let call = call(search);
            Some(Box::pin(async move { data.load(call).await }))
        }));
        self
    }

    /// Adds the page to the visit in whose context the router preloads it; there is none while it renders.
    pub(super) fn join_visit(&self) {
        if let Some(Matched(pages)) = use_context() {
            let mut pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
            pages.push(self.clone());
        }
    }
}

#[derive(Clone, Default)]
struct Matched(Arc<Mutex<Vec<Page>>>);

/// What is at an address: a page, and the parts of the frame around it.
pub struct Visit {
    url: Url,
    params: ParamsMap,
    /// The outermost first; none at an unknown address.
    pages: Vec<Page>,
}

impl Visit {
    /// Matches an address as the router does. `None` is for what is none.
    pub fn at(uri: &Uri) -> Option<Self> {
        let path = uri.path_and_query()?.as_str();
        // The router is given the same address by leptos_axum.
        let address = path
            .starts_with('/')
            .then(|| ["http://leptos.dev", path].concat())?;
        let url = RequestUrl::new(&address).parse().ok()?;
        let Some(found) = RouteDefs::new(Pages()).match_route(url.path()) else {
            return Some(Self {
                url,
                params: ParamsMap::new(),
                pages: Vec::new(),
            });
        };
        // Collected twice, as the router does for nested routes: each time undoes an escape.
        let params: ParamsMap = found.to_params().into_iter().collect();
        let params = params.into_iter().collect();
        let matched = Matched::default();
        Owner::new().with(|| {
            provide_context(matched.clone());
            preload(found);
        });
        let pages = std::mem::take(&mut *matched.0.lock().unwrap_or_else(PoisonError::into_inner));
        Some(Self { url, params, pages })
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether there is a page here that is not for the caller.
    pub fn refuses(&self, caller: &Caller) -> bool {
        !self.pages.iter().all(|page| page.is_for(Some(caller)))
    }

    /// Loads what the page begins with, as far as the caller may see it. Some of it is said in the page's language.
    pub async fn load(
        &self,
        caller: Option<&Caller>,
        language: Language,
        backend: Arc<dyn Backend>,
    ) -> FirstData {
        let data = FirstData::default();
        let owner = Owner::new();
        owner.with(|| {
            provide_context(caller.cloned());
            provide_context(language);
            provide_context(backend);
        });
        if self.pages.is_empty() {
            // The frame around the page that says so.
            owner
                .with(|| ScopedFuture::new(data.load(DeskLoad {})))
                .await;
        }
        let allowed = self.pages.iter().take_while(|page| page.is_for(caller));
        for call in allowed.flat_map(|page| &page.calls) {
            let loading = owner.with(|| call(&self.params, self.url.search(), data.clone()));
            if let Some(loading) = loading {
                owner.with(|| ScopedFuture::new(loading)).await;
            }
        }
        data
    }

    /// Whether the caller finds a page here, and not that there is none.
    pub async fn opens(&self, caller: &Caller, backend: Arc<dyn Backend>) -> bool {
        let allowed = self.pages.iter().all(|page| page.is_for(Some(caller)));
        let exists = allowed && !self.pages.is_empty();
        // Whether it is there is said in no language.
        let load = self.load(Some(caller), Language::default(), backend);
        exists && !load.await.misses()
    }
}

impl Page {
    fn is_for(&self, caller: Option<&Caller>) -> bool {
        self.is_for_holder(|asked| caller.is_some_and(|caller| caller.actor.holds(asked)))
    }
}

/// Preloads a matched route and those nested in it. What it waits for is nothing: see [`Page::join_visit`].
fn preload(found: impl MatchInterface) {
    let (view, child) = found.into_view_and_child();
    let ready = pin!(view.preload()).poll(&mut Context::from_waker(Waker::noop()));
    debug_assert!(ready.is_ready(), "a page that preloads on the host");
    if let Some(child) = child {
        preload(child);
    }
}

#[cfg(test)]
mod tests {
    use shared::people::Permission;

    use super::Visit;
    use crate::routes::login::next_of;

    fn visit(address: &str) -> Visit {
        Visit::at(&address.parse().expect("an address")).expect("a visit")
    }

    #[test]
    fn each_address_names_its_page() {
        for (path, parts, asked) in [
            ("/", 2, None),
            ("/login", 1, None),
            ("/workspace/", 3, None),
            ("/workspace/w", 3, None),
            ("/coaching/a", 2, Some(Permission::WorkitemView)),
            ("/coaching/a/w", 2, Some(Permission::WorkitemMonitor)),
            ("/coaching/a/w/x", 0, None),
            ("/history", 2, Some(Permission::WorkitemHandle)),
            ("/history/w", 2, Some(Permission::WorkitemHandle)),
            ("/admin", 0, None),
            ("/admin/users", 2, Some(Permission::UserManage)),
            ("/admin/channels", 2, Some(Permission::TeamManage)),
            ("/admin/settings", 2, Some(Permission::OrganisationManage)),
            ("/chat/care", 0, None),
            ("//workspace", 0, None),
        ] {
            let visit = visit(path);
            assert_eq!(visit.pages.len(), parts, "{path}");
            let last = visit.pages.last().and_then(|page| page.permission);
            assert_eq!(last, asked, "{path}");
        }
    }

    #[test]
    fn what_a_page_loads_follows_from_its_address() {
        for (path, calls) in [
            ("/workspace", 2),
            ("/workspace/w", 3),
            ("/workspace/not.an.id", 2),
            ("/coaching/a/w", 3),
            ("/history", 2),
            ("/history/w", 2),
            ("/nowhere", 0),
        ] {
            let visit = visit(path);
            let calls_of = visit.pages.iter().flat_map(|page| &page.calls);
            let made = calls_of.filter_map(|call| call(&visit.params, "", Default::default()));
            assert_eq!(made.count(), calls, "{path}");
        }
    }

    #[test]
    fn an_escape_in_a_path_names_what_it_stands_for_or_nothing() {
        for (path, conversations) in [
            ("/workspace/%77", 1),
            ("/workspace/100%25", 0),
            ("/workspace/%zz", 0),
            ("/workspace/%ff", 0),
            ("/workspace/a%2Fb", 0),
        ] {
            let visit = visit(path);
            let page = visit.pages.last().expect("a page");
            let made =
                (page.calls.iter()).filter_map(|call| call(&visit.params, "", Default::default()));
            assert_eq!(made.count(), conversations, "{path}");
        }
    }

    #[test]
    fn only_a_place_on_this_host_is_next() {
        let next = |address| next_of(visit(address).url().search());
        let here = next("/login?error=credentials&next=%2Fworkspace").expect("a path");
        assert_eq!(here.as_str(), "/workspace");
        assert!(next("/login?next=https%3A%2F%2Fevil.example").is_none());
        assert!(next("/login?next=%2F%252e%252e%2Fchat").is_none());
    }

    #[test]
    fn what_is_no_address_is_no_visit() {
        assert!(Visit::at(&"*".parse().expect("a URI")).is_none());
    }
}
