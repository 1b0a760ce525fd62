//! A menu after the ARIA authoring practices: arrows, Home and End, type-ahead, Escape and Tab. It opens at
//! a given point, moved as far as needed to stay on screen. It never decides what an item does.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use shared::fold::folded;
use shared::text::listed;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Icon;
use super::focus::use_focus_return;
use crate::overlay::use_overlay;

/// Where a menu's upper left corner is asked to be, in CSS pixels of the viewport.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MenuAnchor {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl MenuAnchor {
    /// Below the element that an event belongs to.
    pub fn below(event: &web_sys::Event) -> Self {
        event
            .current_target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .map(|element| element.get_bounding_client_rect())
            .map_or_else(Self::default, |rect| Self {
                x: rect.left(),
                y: rect.bottom() + 4.0,
            })
    }
}

/// One line of a menu.
#[derive(Clone)]
pub struct MenuItem {
    /// Accessible name and text.
    pub label: String,
    /// The picture before it.
    pub icon: Option<&'static str>,
    /// Where it leads; such an item is a link.
    pub href: Option<String>,
    /// Whether the link opens another window.
    pub new_window: bool,
    /// Whether it is what holds now, among others that could.
    pub chosen: bool,
    /// What it does. Runs for links too, before they are followed.
    pub run: Callback<()>,
}

impl MenuItem {
    /// An item that does something.
    pub fn action(label: impl Into<String>, icon: &'static str, run: Callback<()>) -> Self {
        Self {
            label: label.into(),
            icon: Some(icon),
            href: None,
            new_window: false,
            chosen: false,
            run,
        }
    }
}

/// An open menu. It takes the focus when it appears and gives it back when it goes.
#[component]
pub fn Menu(
    /// Accessible name.
    #[prop(into)]
    label: String,
    /// Where it shall stand.
    at: MenuAnchor,
    /// Called when it shall go: after a choice, Escape, Tab, a click elsewhere.
    on_close: Callback<()>,
    /// Lines above the items, to be read only.
    #[prop(optional)]
    head: Vec<String>,
    /// What can be chosen.
    items: Vec<MenuItem>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    use_overlay(on_close);
    use_menu(node, at, on_close);
    let typed = StoredValue::new((String::new(), 0.0_f64));
    let described = (!head.is_empty()).then(|| listed(head.iter().map(String::as_str)));
    let keys = move |event: ev::KeyboardEvent| {
        if let Some(menu) = node.get_untracked() {
            pressed(&menu, &event, typed, on_close);
        }
    };

    view! {
        <div
            node_ref=node
            class="menu"
            role="menu"
            aria-label=label
            aria-description=described
            on:keydown=keys
            on:contextmenu=|event| event.prevent_default()
        >
            {(!head.is_empty()).then(|| view! {
                <div class="menu__head" role="none">
                    {head.into_iter().map(|text| view! { <span class="menu__who" dir="auto">{text}</span> }.into_any()).collect_view()}
                </div>
            }.into_any())}
            {items.into_iter().map(|item| line(item, on_close)).collect_view()}
        </div>
    }
}

/// Places the menu and takes the focus, closes on a click elsewhere, and gives the focus back when it goes.
fn use_menu(node: NodeRef<html::Div>, at: MenuAnchor, on_close: Callback<()>) {
    Effect::new(move || {
        let Some(menu) = node.get() else { return };
        let opener = use_focus_return();
        let kept = StoredValue::new_local(menu.clone());
        place(&menu, at);
        focus(&menu, 0);
        let outside = window_event_listener(ev::pointerdown, move |event| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let inside = target
                .as_ref()
                .zip(node.get_untracked())
                .is_some_and(|(target, menu)| menu.contains(Some(target)));
            // The button that opened it closes it with its own click; closing here would open it again.
            let opener = target
                .and_then(|target| target.closest("[aria-expanded=true]").ok().flatten())
                .is_some();
            if !inside && !opener {
                on_close.run(());
            }
        });
        on_cleanup(move || {
            outside.remove();
            let Some(menu) = kept.try_get_value() else {
                return;
            };
            // A user who went elsewhere meanwhile has the focus there already.
            let lost = document().active_element().is_none_or(|element| {
                element.tag_name() == "BODY" || menu.contains(Some(&element))
            });
            if lost {
                opener.give_back();
            }
        });
    });
}

/// What was typed to find an item, and when.
type Typed = StoredValue<(String, f64)>;
/// After so many milliseconds another name begins.
const TYPING_MS: f64 = 700.0;

/// A key in the menu.
fn pressed(menu: &HtmlElement, event: &ev::KeyboardEvent, typed: Typed, on_close: Callback<()>) {
    let (current, count) = position(menu);
    let key = event.key();
    let next = match key.as_str() {
        "ArrowDown" => Some((current + 1) % count.max(1)),
        "ArrowUp" => Some((current + count.max(1) - 1) % count.max(1)),
        "Home" => Some(0),
        "End" => Some(count.saturating_sub(1)),
        "Escape" | "Tab" => {
            on_close.run(());
            if key == "Tab" {
                return;
            }
            None
        }
        _ if key.chars().count() == 1
            && key != " "
            && !event.ctrl_key()
            && !event.meta_key()
            && !event.alt_key() =>
        {
            let text = typed
                .try_update_value(|(text, at)| {
                    if event.time_stamp() - *at > TYPING_MS {
                        text.clear();
                    }
                    *at = event.time_stamp();
                    text.push_str(&key);
                    text.clone()
                })
                .unwrap_or_default();
            named(menu, &text, current)
        }
        _ => return,
    };
    event.prevent_default();
    // A dialog around the menu must not close on the menu's Escape.
    event.stop_propagation();
    if let Some(index) = next {
        focus(menu, index);
    }
}

fn line(item: MenuItem, on_close: Callback<()>) -> AnyView {
    let MenuItem {
        label,
        icon,
        href,
        new_window,
        chosen,
        run,
    } = item;
    let inside = view! {
        {icon.map(|name| view! { <Icon name=name /> }.into_any())}
        <span class="menu__label">{label}</span>
        {chosen.then(|| view! { <Icon name="check" /> }.into_any())}
    };
    match href {
        Some(href) => view! {
            <a
                class="menu__item"
                role="menuitem"
                tabindex="-1"
                href=href
                target=new_window.then_some("_blank")
                rel=new_window.then_some("noopener")
                on:click=move |_| {
                    run.run(());
                    on_close.run(());
                }
            >
                {inside}
            </a>
        }
        .into_any(),
        None => view! {
            <button
                type="button"
                class="menu__item"
                role="menuitem"
                tabindex="-1"
                aria-current=chosen.then_some("true")
                on:click=move |_| {
                    on_close.run(());
                    run.run(());
                }
            >
                {inside}
            </button>
        }
        .into_any(),
    }
}

/// Sets the position through the object model: the page's policy allows no style attributes in the markup.
fn place(menu: &HtmlElement, at: MenuAnchor) {
    let side = |value: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0)
    };
    let (width, height) = (side(window().inner_width()), side(window().inner_height()));
    let rect = menu.get_bounding_client_rect();
    let x = at.x.min(width - rect.width() - 8.0).max(8.0);
    let y = at.y.min(height - rect.height() - 8.0).max(8.0);
    let style = menu.style();
    for (name, value) in [("left", x), ("top", y)] {
        // Refused only for a name that is not a property.
        let _ = style.set_property(name, &format!("{}px", value.round() as i32));
    }
}

fn items(menu: &HtmlElement) -> Vec<HtmlElement> {
    let Ok(list) = menu.query_selector_all("[role=menuitem]") else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|index| list.get(index)?.dyn_into().ok())
        .collect()
}

fn focus(menu: &HtmlElement, index: usize) {
    if let Some(item) = items(menu).get(index) {
        let _ = item.focus();
    }
}

/// Which item has the focus, and how many there are.
fn position(menu: &HtmlElement) -> (usize, usize) {
    let items = items(menu);
    let active = document().active_element();
    let current = items
        .iter()
        .position(|item| active.as_ref() == Some(item.as_ref()))
        .unwrap_or(0);
    (current, items.len())
}

/// The next item whose name begins with what was typed; a second letter goes on from the current one.
fn named(menu: &HtmlElement, text: &str, current: usize) -> Option<usize> {
    let items = items(menu);
    let from = current + usize::from(text.chars().count() == 1);
    (0..items.len())
        .map(|step| (from + step) % items.len())
        .find(|&index| {
            items[index]
                .text_content()
                .is_some_and(|label| folded(&label).starts_with(&folded(text)))
        })
}
