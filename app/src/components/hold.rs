//! Parts of the page that hold still: while somebody points into one or has the focus there, what stands in it keeps its
//! place (E26).

use leptos::ev::FocusEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::Node;

/// Whether a part of the page is held. Copies are handles to the same thing.
#[derive(Clone, Copy, Default)]
pub struct Hold {
    pointed: RwSignal<bool>,
    focused: RwSignal<bool>,
}

impl Hold {
    /// Whether it is held now. Tracked.
    pub fn get(self) -> bool {
        // Both are asked, so that both are tracked.
        let (pointed, focused) = (self.pointed.get(), self.focused.get());
        pointed || focused
    }
}

/// A part of the page that can be held.
#[component]
pub fn Holding(
    /// Where it says that it is.
    hold: Hold,
    #[prop(into)] class: Signal<&'static str>,
    /// With it the focus can be put there, and `{id}-title` names it.
    #[prop(optional)]
    id: Option<&'static str>,
    /// Its name where no heading is in sight.
    #[prop(optional)]
    label: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let region = NodeRef::<html::Section>::new();
    // The browser says that the focus has left while the part is being taken away, when nothing of it can be read.
    let focus_goes_to = move |node: Option<&Node>| {
        let region = region.try_get_untracked().flatten();
        let within = region.is_some_and(|region| node.is_some() && region.contains(node));
        hold.focused.try_set(within);
    };
    view! {
        <section
            class=move || class.get()
            id=id
            tabindex=id.map(|_| "-1")
            aria-labelledby=id.map(|id| [id, "-title"].concat())
            aria-label=label
            node_ref=region
            on:pointerenter=move |_| hold.pointed.set(true)
            on:pointerleave=move |_| {
                hold.pointed.try_set(false);
                // A button that had the focus may have gone with its row.
                focus_goes_to(document().active_element().as_deref());
            }
            on:focusin=move |_| hold.focused.set(true)
            on:focusout=move |event: FocusEvent| {
                let to = event.related_target();
                focus_goes_to(to.as_ref().and_then(|to| to.dyn_ref::<Node>()));
            }
        >
            {children()}
        </section>
    }
}

/// What was shown and is still there, in its places, and behind it what is new of what is chosen now.
pub fn kept<T: Clone + PartialEq>(shown: &[T], there: &[T], chosen: Vec<T>) -> Vec<T> {
    let mut kept: Vec<_> = shown
        .iter()
        .filter(|item| there.contains(item))
        .cloned()
        .collect();
    let new = chosen.into_iter().filter(|item| !shown.contains(item));
    kept.extend(new);
    kept
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn e26_what_is_held_keeps_its_place_and_what_is_new_comes_behind_it() {
        assert_eq!(kept(&[1, 2, 3], &[1, 2, 3], vec![3, 2, 1]), [1, 2, 3]);
        assert_eq!(kept(&[1, 2, 3], &[3, 1, 4], vec![4, 3]), [1, 3, 4]);
        assert_eq!(kept(&[], &[5], vec![5]), [5]);
    }
}
