//! A page as the map of pages describes it: what it shows, whom it is for, what it begins with.

#[cfg(feature = "ssr")]
mod visit;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::ChooseView;
use leptos_router::params::Params;
use shared::people::Permission;

use super::not_found::NotFoundPage;
use crate::first_data::Call;
use crate::state::use_session;

#[cfg(feature = "ssr")]
pub use self::visit::Visit;

/// The view of a route. The router renders it, and the host asks it before what to load.
#[derive(Clone)]
pub struct Page {
    view: Arc<dyn Fn() -> AnyView + Send + Sync>,
    permission: Option<Permission>,
    other: Option<Permission>,
    #[cfg(feature = "ssr")]
    calls: Vec<visit::MakeCall>,
}

/// A page, or a part of the frame around others, that shows `view`.
pub fn page<V: IntoView + 'static>(view: impl Fn() -> V + Send + Sync + 'static) -> Page {
    Page {
        view: Arc::new(move || view().into_any()),
        permission: None,
        other: None,
        #[cfg(feature = "ssr")]
        calls: Vec::new(),
    }
}

impl Page {
    /// Without this permission there is the page that stands at an unknown address. Belongs to pages in the frame.
    pub fn requires(mut self, permission: Permission) -> Self {
        self.permission = Some(permission);
        self
    }

    /// This permission is as good.
    pub fn or(mut self, permission: Permission) -> Self {
        self.other = Some(permission);
        self
    }

    /// Whether it is for somebody who holds these permissions.
    fn is_for_holder(&self, holds: impl Fn(Permission) -> bool) -> bool {
        let mut asked = self.permission.into_iter().chain(self.other);
        self.permission.is_none() || asked.any(holds)
    }

    /// The page begins with the answer to this call, which follows from the parameters of its address. Where they
    /// cannot be parsed there is nothing to load.
    pub fn loads<P, C>(self, call: fn(P) -> C) -> Self
    where
        P: Params + 'static,
        C: Call + Send + Sync,
    {
        #[cfg(feature = "ssr")]
        return self.with_call(call);
        #[cfg(not(feature = "ssr"))]
        {
            let _ = call;
            self
        }
    }

    /// As [`Page::loads`], for a call that follows from the query of the address.
    pub fn loads_query<C: Call + Send + Sync>(self, call: fn(&str) -> C) -> Self {
        #[cfg(feature = "ssr")]
        return self.with_query_call(call);
        #[cfg(not(feature = "ssr"))]
        {
            let _ = call;
            self
        }
    }
}

impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        let holds = |permission| use_session().me.with_untracked(|me| me.holds(permission));
        let allowed = self.is_for_holder(holds);
        if allowed {
            (self.view)()
        } else {
            NotFoundPage().into_any()
        }
    }

    async fn preload(&self) {
        #[cfg(feature = "ssr")]
        self.join_visit();
    }
}
