//! The keys that act from anywhere on a page, the command palette, and the sheet that lists the keys.
//!
//! A control says by `data-letter` which letter presses it, so a letter acts only while its control is in the page, and by
//! `aria-keyshortcuts` screen readers announce it. Letters do nothing in text boxes, and the user's settings switch them off
//! (WCAG 2.1.4).

mod palette;
mod sheet;

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use shared::people::Permission;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use self::palette::Palette;
use self::sheet::Sheet;

use crate::navigation::{Navigation, use_navigation};
use crate::state::{SessionState, use_session};

/// The links among which Alt with an arrow key moves: the lists of workitems.
const LISTED: &str = ".worklist__link, .others__link";
/// The box in which the user of a page writes: never one beside it, for another audience.
const BOX: &str = ".frame__main .composer__text:not([readonly], #to-coach *, #to-customer *)";
/// Where letters are typed, or mean something else. At a button as well: there the focus is when a box or a dialog has just
/// closed, and what somebody goes on typing must neither press anything nor get into another box. So it is where a box has gone
/// (`early.js`).
const BUSY: &str = "input, textarea, select, button, summary, [contenteditable], [role=menu], [role=dialog], :root[data-wrote] *";

/// What is open of it. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Keyboard {
    open: RwSignal<Option<Open>>,
    /// How the user signs out, as their menu says.
    sign_out: StoredValue<Option<Callback<()>>>,
    session: SessionState,
    navigation: Navigation,
}

#[derive(Clone, Copy, PartialEq)]
enum Open {
    Palette,
    Sheet,
}

impl Keyboard {
    /// Provides it to the frame and listens for its keys, in the browser.
    pub fn provide() -> Self {
        let keyboard = Self {
            open: RwSignal::new(None),
            sign_out: StoredValue::new(None),
            session: use_session(),
            navigation: use_navigation(),
        };
        provide_context(keyboard);
        Effect::new(move || {
            let keys = window_event_listener(ev::keydown, move |event| keyboard.pressed(&event));
            on_cleanup(move || keys.remove());
        });
        keyboard
    }

    /// Says how the user signs out.
    pub fn signs_out(self, by: Callback<()>) {
        self.sign_out.set_value(Some(by));
    }

    /// Opens the sheet of keys.
    pub fn show_sheet(self) {
        self.open.set(Some(Open::Sheet));
    }

    fn pressed(self, event: &KeyboardEvent) {
        if event.default_prevented() || in_modal() {
            return;
        }
        let key = latin(event);
        let acted = match (event.ctrl_key() || event.meta_key(), event.alt_key()) {
            (true, false) if key.eq_ignore_ascii_case("k") && !event.shift_key() => {
                self.open.set(Some(Open::Palette));
                true
            }
            // It opens a list of choices.
            (false, true) if at(event, "select") => false,
            (false, true) if key == "ArrowDown" => step(1),
            (false, true) if key == "ArrowUp" => step(-1),
            (false, false) => self.letter(&key, event),
            _ => false,
        };
        if acted {
            event.prevent_default();
        }
    }

    /// A key without Ctrl, ⌘ or Alt. Answers whether it did something.
    fn letter(self, key: &str, event: &KeyboardEvent) -> bool {
        let on = (self.session.settings).with_untracked(|settings| settings.letter_keys);
        if !on || at(event, BUSY) {
            return false;
        }
        // Caps Lock makes no other key of it.
        let small = key.to_ascii_lowercase();
        match if event.shift_key() { key } else { &small } {
            "?" => {
                self.show_sheet();
                true
            }
            "n" => self.longest_wait(),
            "r" => write(),
            letter => press(letter),
        }
    }

    /// Goes to the workitem of the agent whose customer has waited longest and that is not open.
    fn longest_wait(self) -> bool {
        let open = self.session.open_workitem.get_untracked();
        let next = self.session.worklist.with_untracked(|list| {
            let waiting = list.iter().flat_map(|list| &list.workitems);
            let waiting = waiting.filter(|workitem| {
                let here = open.as_ref().is_some_and(|(id, _)| id == &workitem.id);
                workitem.waiting_since.is_some() && !here
            });
            let longest = waiting.min_by_key(|workitem| workitem.waiting_since);
            longest.map(|workitem| workitem.id.clone())
        });
        if let Some(id) = &next {
            self.navigation.go(&["/workspace/", id.as_str()].concat());
        }
        next.is_some()
    }
}

/// The palette or the sheet, while one is open.
#[component]
pub fn KeyboardDialogs(keyboard: Keyboard) -> impl IntoView {
    let close = Callback::new(move |()| keyboard.open.set(None));
    move || {
        Some(match keyboard.open.get()? {
            Open::Palette => view! { <Palette keyboard close /> }.into_any(),
            Open::Sheet => view! { <Sheet close /> }.into_any(),
        })
    }
}

/// Puts the focus into the text box of a conversation that a link or a key has just opened, and of one that is back while its
/// user has gone on typing. Leaves it where it is when the user went elsewhere meanwhile, and where the focus would bring up an
/// on-screen keyboard.
pub fn use_focus_on_open() {
    let navigation = use_navigation();
    Effect::new(move || {
        if !navigation.came_from().is_empty() || wrote().is_some() {
            request_animation_frame(move || {
                if !is_elsewhere() && !by_touch() && !in_modal() {
                    write();
                }
            });
        }
    });
}

/// Whether the text box of the page is no place for the user's next keys.
fn is_elsewhere() -> bool {
    // What was begun for one audience does not go on in a box for another.
    if let Some(name) = wrote() {
        let named = first(BOX).and_then(|field| field.get_attribute("aria-label"));
        return named != Some(name);
    }
    // Going to a page puts the focus on its beginning.
    document().active_element().is_some_and(|focused| {
        focused.tag_name() != "BODY" && focused.id() != "main" && !within(&focused, LISTED)
    })
}

/// The name of the box in which the user was writing when it went, until the focus is elsewhere (`early.js`).
fn wrote() -> Option<String> {
    document().document_element()?.get_attribute("data-wrote")
}

fn by_touch() -> bool {
    let touch = window().match_media("(pointer: coarse) and (hover: none)");
    touch.ok().flatten().is_some_and(|query| query.matches())
}

/// Whether a modal dialog is open: everything behind it is out of reach.
pub fn in_modal() -> bool {
    first("dialog:modal").is_some()
}

/// What the key is. On a layout of another script no key is a Latin letter: there it is the letter that the key has on Latin
/// layouts, a capital one.
pub fn latin(event: &KeyboardEvent) -> String {
    let key = event.key();
    match event.code().strip_prefix("Key") {
        Some(letter) if !key.is_ascii() => letter.to_owned(),
        _ => key,
    }
}

/// Whether the key was pressed in something that the selector matches.
fn at(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event.target();
    let target = target.and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| within(&target, selector))
}

/// The letter of a control as screen readers announce it, while letters act.
pub fn announced(session: SessionState, letter: &'static str) -> Option<&'static str> {
    let on = session.settings.with(|settings| settings.letter_keys);
    on.then_some(letter)
}

fn within(element: &Element, selector: &str) -> bool {
    matches!(element.closest(selector), Ok(Some(_)))
}

fn first(selector: &str) -> Option<HtmlElement> {
    let found = document().query_selector(selector).ok().flatten();
    found.and_then(|element| element.dyn_into().ok())
}

/// What the selector matches, in the order of the page.
fn every(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    let found = (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok());
    found.collect()
}

/// Puts the focus into the text box of the page. Answers whether there is one.
fn write() -> bool {
    first(BOX).is_some_and(|field| field.focus().is_ok())
}

/// Presses the control that names this letter. Answers whether there is one.
fn press(letter: &str) -> bool {
    if letter.len() != 1 || !letter.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let control = first(&["[data-letter=", letter, "]"].concat());
    if let Some(control) = &control {
        control.click();
    }
    control.is_some()
}

/// Opens the workitem that stands so many places after the open one in the list; at the end the first one follows. Answers
/// whether there is a list.
fn step(by: isize) -> bool {
    let links = every(LISTED);
    let open = links
        .iter()
        .position(|link| link.get_attribute("aria-current").as_deref() == Some("page"));
    if let Some(link) = links.get(place_after(open, by, links.len())) {
        link.click();
    }
    !links.is_empty()
}

/// The place so far after the open one; without one the first or the last.
fn place_after(open: Option<usize>, by: isize, count: usize) -> usize {
    let count = count.max(1);
    match (open, by) {
        (Some(open), by) => open.saturating_add_signed(count as isize + by) % count,
        (None, 0..) => 0,
        (None, _) => count - 1,
    }
}

/// Whether the device calls the key for commands ⌘. Known only to the browser.
fn command_key() -> &'static str {
    let platform = window().navigator().platform().unwrap_or_default();
    match platform.starts_with("Mac") || platform.starts_with("iP") {
        true => "⌘",
        false => "Ctrl",
    }
}

/// Whether the user works as an agent.
fn is_agent(session: SessionState) -> bool {
    session.holds(Permission::WorkitemHandle)
}

#[cfg(test)]
mod tests {
    use super::place_after;

    #[test]
    fn u11_alt_with_an_arrow_goes_round_the_list() {
        assert_eq!(place_after(Some(0), 1, 3), 1);
        assert_eq!(place_after(Some(2), 1, 3), 0);
        assert_eq!(place_after(Some(0), -1, 3), 2);
        assert_eq!(place_after(None, 1, 3), 0);
        assert_eq!(place_after(None, -1, 3), 2);
        assert_eq!(place_after(None, -1, 0), 0);
    }
}
