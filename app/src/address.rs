//! Which page an address names, and going from one to another without loading the document anew.
//!
//! A map of a dozen addresses; a router that is made for any map took a tenth of what a browser had to load.

use leptos::ev;
use leptos::prelude::window_event_listener_untyped;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, HtmlElement};

use crate::overlay;

/// The pages. An address that changes within one of them changes what it shows, not the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// `/`: the start page of whoever is signed in.
    Home,
    /// `/login`
    Login,
    /// `/workspace`
    Workspace,
    /// `/workspace/{workitem}`
    WorkspaceWorkitem,
    /// `/dashboard`
    Dashboard,
    /// `/coaching/{agent}`
    CoachingList,
    /// `/coaching/{agent}/{workitem}`
    CoachingWorkitem,
    /// `/settings`
    Settings,
    /// `/admin/templates`
    Templates,
    /// `/admin/users`
    Users,
    /// `/admin/teams`
    Teams,
    /// `/admin/settings`
    Organisation,
    /// Anything else.
    NotFound,
}

impl Page {
    /// The page at a path.
    pub fn at(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts[..] {
            [] => Self::Home,
            ["login"] => Self::Login,
            ["workspace"] => Self::Workspace,
            ["workspace", _] => Self::WorkspaceWorkitem,
            ["dashboard"] => Self::Dashboard,
            ["coaching", _] => Self::CoachingList,
            ["coaching", _, _] => Self::CoachingWorkitem,
            ["settings"] => Self::Settings,
            ["admin", "templates"] => Self::Templates,
            ["admin", "users"] => Self::Users,
            ["admin", "teams"] => Self::Teams,
            ["admin", "settings"] => Self::Organisation,
            _ => Self::NotFound,
        }
    }
}

/// What was asked for. The host provides it; the browser reads its own.
#[derive(Clone, Debug, Default)]
pub struct Requested {
    /// Such as `/dashboard`.
    pub path: String,
    /// What stands behind the question mark, or nothing.
    pub query: String,
}

impl Requested {
    fn of_window() -> Self {
        let location = window().location();
        let query = location.search().unwrap_or_default();
        Self {
            path: location.pathname().unwrap_or_default(),
            query: query.trim_start_matches('?').to_owned(),
        }
    }
}

/// Where one is. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Address {
    at: RwSignal<Requested>,
}

/// The address of the page.
pub fn use_address() -> Address {
    expect_context()
}

impl Address {
    /// Provides it, and in the browser follows its links and its back button.
    pub fn provide() -> Self {
        let at = use_context::<Requested>().unwrap_or_else(|| {
            if cfg!(feature = "ssr") {
                Requested::default()
            } else {
                Requested::of_window()
            }
        });
        let address = Self {
            at: RwSignal::new(at),
        };
        provide_context(address);
        Effect::new(move || {
            let back = window_event_listener_untyped("popstate", move |_| {
                if !overlay::popped() {
                    address.arrive();
                }
            });
            let click = window_event_listener(ev::click, move |event| address.clicked(&event));
            on_cleanup(move || {
                back.remove();
                click.remove();
            });
        });
        address
    }

    /// The path. Tracked.
    pub fn path(self) -> String {
        self.at.with(|at| at.path.clone())
    }

    /// Path and query, for coming back. Not tracked.
    pub fn whole(self) -> String {
        self.at.with_untracked(|at| match &at.query[..] {
            "" => at.path.clone(),
            query => [&at.path, "?", query].concat(),
        })
    }

    /// The page. Tracked.
    pub fn page(self) -> Page {
        self.at.with(|at| Page::at(&at.path))
    }

    /// The part of the path at a place, counted from 0, for a page that stays until another one is there: leaving
    /// it does not change what it was about.
    pub fn part<T>(self, page: Page, place: usize, parse: fn(&str) -> Option<T>) -> Memo<Option<T>>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |before: Option<&Option<T>>| {
            self.at.with(|at| {
                if Page::at(&at.path) != page {
                    return before.cloned().flatten();
                }
                let mut parts = at.path.split('/').filter(|part| !part.is_empty());
                parts.nth(place).and_then(parse)
            })
        })
    }

    /// A value of the query. Tracked.
    pub fn query(self, name: &str) -> Option<String> {
        self.at.with(|at| query_value(&at.query, name))
    }

    /// Goes to a page of the app.
    pub fn go(self, path: &str) {
        self.change(path, false);
        window().scroll_to_with_x_and_y(0.0, 0.0);
        // Whoever works by the keyboard goes on in the new page when what had the focus has gone with the old one.
        request_animation_frame(|| {
            let lost =
                (document().active_element()).is_none_or(|active| active.tag_name() == "BODY");
            let main = document().get_element_by_id("main");
            if let Some(main) = main
                .filter(|_| lost)
                .and_then(|main| main.dyn_into::<HtmlElement>().ok())
            {
                // Fails only for what has left the page.
                let _ = main.focus();
            }
        });
    }

    /// Gives the page that is shown another address, in place of the one in the history.
    pub fn correct(self, path: &str) {
        self.change(path, true);
    }

    fn change(self, path: &str, replace: bool) {
        let Ok(history) = window().history() else {
            return;
        };
        // Refused only for another origin's address, or after hundreds within a second.
        if replace {
            let state = history.state().unwrap_or(JsValue::NULL);
            let _ = history.replace_state_with_url(&state, "", Some(path));
            overlay::corrected();
            self.arrive();
            return;
        }
        let path = path.to_owned();
        overlay::change(move |covered| {
            let _ = if covered {
                history.replace_state_with_url(&JsValue::NULL, "", Some(&path))
            } else {
                history.push_state_with_url(&JsValue::NULL, "", Some(&path))
            };
            self.arrive();
        });
    }

    fn arrive(self) {
        self.at.set(Requested::of_window());
    }

    /// Follows a link to another page of the app. Everything else is the browser's: other buttons and keys, other
    /// windows, other hosts, what is no page.
    fn clicked(self, event: &web_sys::MouseEvent) {
        let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let Some(link) = link_of(event) else { return };
        let here = window().location();
        let own = ["", "_self"].contains(&&link.target()[..])
            && !link.has_attribute("download")
            && !link.rel().split(' ').any(|rel| rel == "external")
            && here.origin().is_ok_and(|origin| origin == link.origin());
        let path = link.pathname();
        if own && link.hash().is_empty() && Page::at(&path) != Page::NotFound {
            event.prevent_default();
            self.go(&[path, link.search()].concat());
        }
    }
}

/// The link in which something was clicked.
fn link_of(event: &web_sys::MouseEvent) -> Option<HtmlAnchorElement> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    target.closest("a[href]").ok()??.dyn_into().ok()
}

/// The value of a name in `a=1&b=2`, with `+` and `%` undone.
pub fn query_value(query: &str, name: &str) -> Option<String> {
    let (_, value) = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(found, _)| *found == name)?;
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{Page, query_value};

    #[test]
    fn each_address_names_its_page() {
        for (path, page) in [
            ("/", Page::Home),
            ("/login", Page::Login),
            ("/workspace/", Page::Workspace),
            ("/workspace/w", Page::WorkspaceWorkitem),
            ("/coaching/a", Page::CoachingList),
            ("/coaching/a/w", Page::CoachingWorkitem),
            ("/coaching/a/w/x", Page::NotFound),
            ("/admin", Page::NotFound),
            ("/admin/users", Page::Users),
            ("/admin/settings", Page::Organisation),
            ("/chat/care", Page::NotFound),
        ] {
            assert_eq!(Page::at(path), page, "{path}");
        }
    }

    #[test]
    fn a_query_is_read_as_a_form_writes_it() {
        let query = "error=credentials&username=a+b%2Bc%C3%A9&next=%2Fworkspace";
        assert_eq!(query_value(query, "username").as_deref(), Some("a b+cé"));
        assert_eq!(query_value(query, "next").as_deref(), Some("/workspace"));
        assert_eq!(query_value(query, "user"), None);
        for broken in ["a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert_eq!(query_value(broken, "a"), None, "{broken}");
        }
    }
}
