//! Moving between the rows of a table from the keyboard: the table is one tab stop, arrows, Home and End move
//! inside it. Rows that take part carry `data-row`; nothing here knows what a row shows.

use leptos::ev::KeyboardEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

/// Whether the event happened on the row itself and not on a button or link inside it.
pub fn on_row(event: &Event) -> bool {
    target(event).is_some_and(|element| element.has_attribute("data-row"))
}

/// Whether the event happened on something inside the row that has a click of its own.
pub fn on_control(event: &Event) -> bool {
    target(event).is_some_and(|element| {
        element
            .closest("a, button, input, select, textarea")
            .is_ok_and(|control| control.is_some())
    })
}

/// Moves the focus when the key is one of those that move; everything else is left alone.
pub fn move_between_rows(event: &KeyboardEvent) {
    let Some(row) = target(event).and_then(|element| element.closest("[data-row]").ok().flatten())
    else {
        return;
    };
    let next = match event.key().as_str() {
        "ArrowDown" => neighbour(&row, Element::next_element_sibling),
        "ArrowUp" => neighbour(&row, Element::previous_element_sibling),
        "Home" => last(&row, Element::previous_element_sibling),
        "End" => last(&row, Element::next_element_sibling),
        _ => return,
    };
    // At either end too: otherwise the page scrolls away under the table.
    event.prevent_default();
    if let Some(next) = next.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // It fails only for an element that left the page meanwhile.
        let _ = next.focus();
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The nearest row in one direction; rows that unfold below another one do not take part.
fn neighbour(row: &Element, step: fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut at = step(row)?;
    while !at.has_attribute("data-row") {
        at = step(&at)?;
    }
    Some(at)
}

fn last(row: &Element, step: fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut found = None;
    let mut at = row.clone();
    while let Some(next) = neighbour(&at, step) {
        at = next.clone();
        found = Some(next);
    }
    found
}
