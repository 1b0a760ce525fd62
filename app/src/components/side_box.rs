//! A second box on a page, for another audience than the page's own: colour, name, button, draft and outbox lane are its own.
//! It opens when its user wants it, or when something unsent stands in it, and gives the focus to no other box.

use leptos::prelude::*;

use super::Icon;
use super::focus::focus_next;
use crate::language::label;
use crate::outbox::{Destination, Unsent, use_unsent};

/// Such a box. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct SideBox {
    /// The id of its element, and the class that gives it its colour.
    id: &'static str,
    /// Whether it is there.
    pub open: RwSignal<bool>,
    /// What stands in it, or has left it and not arrived.
    pub unsent: Memo<Option<Unsent>>,
}

/// The box to a destination, closed, unless something unsent stands in it.
pub fn use_side_box(id: &'static str, to: Destination) -> SideBox {
    let side = SideBox {
        id,
        open: RwSignal::new(false),
        unsent: use_unsent(to),
    };
    Effect::new(move |before: Option<()>| {
        // Once, when the page is there: what stands in it or waits is seen after a reload.
        if before.is_none() && side.unsent.get_untracked().is_some() {
            side.open.set(true);
        }
    });
    side
}

impl SideBox {
    /// Opens it, with the focus in it.
    pub fn write(self) {
        self.open.set(true);
        focus_next(["#", self.id, " textarea"].concat());
    }

    /// The draft stays. The focus goes to what opens the box again: never to another box, where the next words might be
    /// sent to somebody whom they are not for.
    pub fn close(self) {
        self.open.set(false);
        focus_next(["#", self.id, "-opener"].concat());
    }

    fn toggle(self) {
        match self.open.get_untracked() {
            true => self.close(),
            false => self.write(),
        }
    }
}

/// The button that opens and closes the box.
#[component]
pub fn SideBoxOpener(
    side: SideBox,
    /// Its name.
    name: &'static str,
    /// Whether it is there.
    #[prop(into)]
    offered: Signal<bool>,
    /// The class of the mark for what is unsent.
    badge: &'static str,
    /// The key that opens the box from anywhere, with words for it.
    #[prop(optional)]
    shortcut: Option<(&'static str, String)>,
) -> impl IntoView {
    let (key, title) = shortcut.unzip();
    view! {
        <button
            type="button"
            id=[side.id, "-opener"].concat()
            class="button button--quiet beside__open"
            hidden=move || !offered.get()
            aria-expanded=move || side.open.get().to_string()
            aria-keyshortcuts=key
            title=title
            on:click=move |_| side.toggle()
        >
            {name}
            {move || side.unsent.get().filter(|_| !side.open.get()).map(|mark| view! {
                <span class=badge>{label(mark)}</span>
            }.into_any())}
        </button>
    }
}

/// The frame around the box while it is open. Escape closes it.
#[component]
pub fn SideBoxFrame(
    side: SideBox,
    /// Its accessible name.
    name: &'static str,
    /// Its icon.
    icon: &'static str,
    /// For whom it is, in words.
    words: String,
    /// Further classes.
    #[prop(default = "")]
    class: &'static str,
    /// What stands in it.
    children: Children,
) -> impl IntoView {
    view! {
        <section
            class=[side.id, " ", class].concat()
            id=side.id
            aria-label=name
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.prevent_default();
                    event.stop_propagation();
                    side.close();
                }
            }
        >
            <p class="side-box__label">
                <Icon name=icon />
                {words}
            </p>
            {children()}
        </section>
    }
}
