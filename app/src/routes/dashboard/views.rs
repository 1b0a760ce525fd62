//! The views that are offered, and the columns that are shown.

use leptos::prelude::*;
use shared::views::DashboardView;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::choice::{CHOICE, Choice};
use super::kept_views::NO_VIEW;
use super::order::SortBy;
use crate::components::dismissal::use_dismissal;
use crate::components::select_view;
use crate::state::use_session;

/// Where views are saved, renamed, shared and deleted: a page of the host.
const MANAGE: &str = "/dashboard/views";
/// The word in the address, instead of columns, for none that is hidden.
const ALL_COLUMNS: &str = "none";
/// What the widest scroll bar takes, in CSS pixels.
const SCROLL_BAR: f64 = 17.0;

/// Opens a view, and leads to where they are kept.
#[component]
pub fn Views(choice: Choice) -> impl IntoView {
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let words = |view: &DashboardView| match view.by.id == me {
        true => view.name.clone(),
        false => t!(dashboard.view_by, view = &view.name, name = &view.by.name),
    };
    let options: Vec<_> = choice.kept.views.with_value(|views| {
        let none = (NO_VIEW.to_owned(), t!(dashboard.view_none).to_owned());
        let all = views.iter().map(|view| (view.id.to_string(), words(view)));
        [none].into_iter().chain(all).collect()
    });
    let opened = move || choice.asked.with(|asked| asked.view.clone());
    let manage = move || choice.link(MANAGE);
    view! {
        {(options.len() > 1).then(|| select_view(
            CHOICE,
            t!(dashboard.view),
            Signal::stored(options),
            Signal::derive(move || opened().unwrap_or_else(|| NO_VIEW.to_owned())),
            move |view| {
                choice.kept.open(&view);
                choice.open(&view);
            },
        ))}
        <a class="button button--quiet" href=manage rel="external">{t!(dashboard.view_save)}</a>
    }
}

/// Says so when the view of the address is not offered, or asks for something that this release does not know.
#[component]
pub fn ViewGone(choice: Choice) -> impl IntoView {
    let gone = Memo::new(move |_| choice.asked.with(|asked| asked.gone));
    let unknown = Memo::new(move |_| choice.asked.with(|asked| asked.filter.unknown));
    move || {
        (gone.get() || unknown.get()).then(|| {
            let words = match gone.get() {
                true => t!(dashboard.view_gone),
                false => t!(dashboard.filter_unknown),
            };
            view! { <p class="notice" role="status">{words}</p> }.into_any()
        })
    }
}

/// Which columns are shown. The agent's name always is.
#[component]
pub fn Columns(choice: Choice) -> impl IntoView {
    let [_, _, columns @ ..] = SortBy::ALL;
    let column = move |by: SortBy| {
        let code = by.code();
        let shown = Memo::new(move |_| !hides(&choice.hidden(), code));
        view! {
            <label class="dashboard__column">
                <input
                    type="checkbox"
                    checked=shown.get_untracked()
                    prop:checked=shown
                    on:change=move |_| {
                        let hidden = turned(&untrack(|| choice.hidden()), code);
                        choice.kept.hide(hidden.clone());
                        choice.hide(hidden);
                    }
                />
                {by.name()}
            </label>
        }
        .into_any()
    };
    let open = RwSignal::new(false);
    let to_end = RwSignal::new(false);
    use_dismissal(
        ".dashboard__columns",
        open.into(),
        Callback::new(move |()| open.set(false)),
    );
    let toggled = move |event: web_sys::Event| {
        let details = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let unfolded = details.filter(|details| details.has_attribute("open"));
        open.set(unfolded.is_some());
        to_end.set(unfolded.is_some_and(|details| runs_out(&details)));
    };
    view! {
        <details class="dashboard__columns" prop:open=open on:toggle=toggled>
            <summary class="button button--quiet">{t!(dashboard.columns)}</summary>
            <div
                class="card dashboard__columns-list"
                class:dashboard__columns-list--to-end=move || to_end.get()
                role="group"
                aria-label=t!(dashboard.columns)
            >
                {columns.map(column).into_iter().collect_view()}
            </div>
        </details>
    }
}

/// Whether the list would end beyond the window, scroll bar included, if it began where its button does.
fn runs_out(details: &Element) -> bool {
    let list = details.query_selector("[role=group]").ok().flatten();
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    list.zip(width).is_some_and(|(list, width)| {
        let begins = details.get_bounding_client_rect().left();
        begins + list.get_bounding_client_rect().width() > width - SCROLL_BAR
    })
}

fn hides(hidden: &str, code: &str) -> bool {
    hidden.split('.').any(|known| known == code)
}

/// The columns that are hidden when one was shown, or shown when it was hidden.
fn turned(hidden: &str, code: &str) -> String {
    let [_, _, columns @ ..] = SortBy::ALL;
    let mut next = columns.map(SortBy::code).to_vec();
    next.retain(|known| hides(hidden, known) != (*known == code));
    match next.is_empty() {
        true => ALL_COLUMNS.to_owned(),
        false => next.join("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_hidden_and_shown_again_and_unknown_ones_are_forgotten() {
        for (hidden, code, then) in [
            ("", "wait", "wait"),
            ("wait", "presence", "presence.wait"),
            ("presence.wait", "wait", "presence"),
            ("presence", "presence", "none"),
            ("none", "hand", "hand"),
            ("agent.nonsense", "hand", "hand"),
        ] {
            assert_eq!(turned(hidden, code), then, "{hidden}");
        }
        assert!(hides("presence.wait", "wait") && !hides("presence.wait", "pres"));
    }
}
