//! The views that are offered, the columns that are shown, and what the dashboard keeps of both for its reader.

use leptos::prelude::*;
use shared::ids::ViewId;
use shared::views::{DashboardChoice, DashboardView, DashboardViews};

use super::choice::{CHOICE, Choice};
use super::order::SortBy;
use crate::api::views::view_choose;
use crate::attempt::LastChoice;
use crate::components::select_view;
use crate::language::error_text;
use crate::state::use_session;

/// Where views are saved, renamed, shared and deleted: a page of the host.
const MANAGE: &str = "/dashboard/views";
/// The word in the address, instead of a view, for none although one was opened last.
pub const NO_VIEW: &str = "none";
/// The word in the address, instead of columns, for none that is hidden.
const ALL_COLUMNS: &str = "none";

/// What the host keeps. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Kept {
    views: StoredValue<Vec<DashboardView>>,
    last: RwSignal<Option<ViewId>>,
    /// The columns that are not shown, where neither view nor address say it.
    hidden: RwSignal<String>,
    keep: StoredValue<LastChoice<DashboardChoice>>,
}

impl Kept {
    pub fn new(first: DashboardViews) -> Self {
        let session = use_session();
        let keep = LastChoice::new(
            |choice, _| async move { Ok(view_choose(choice).await?) },
            move |_, answer| {
                if let Err(error) = answer {
                    session.toast(error_text(&error));
                }
            },
        );
        Self {
            views: StoredValue::new(first.views),
            last: RwSignal::new(first.last),
            hidden: RwSignal::new(first.hidden),
            keep: StoredValue::new(keep),
        }
    }

    /// The view that was opened last.
    pub fn last(self) -> Option<String> {
        self.last
            .with_untracked(|last| Some(last.as_ref()?.to_string()))
    }

    /// What a view shows, if it is offered.
    pub fn filter_of(self, view: &str) -> Option<String> {
        self.views.with_value(|views| {
            let found = views.iter().find(|known| known.id.as_str() == view);
            Some(found?.filter.clone())
        })
    }

    /// The columns that are not shown otherwise. Tracked.
    pub fn hidden(self) -> String {
        self.hidden.get()
    }

    fn open(self, view: &str) {
        self.last
            .set(ViewId::parse(view).ok().filter(|_| view != NO_VIEW));
        self.keep();
    }

    fn hide(self, columns: String) {
        self.hidden.set(columns);
        self.keep();
    }

    fn keep(self) {
        let choice = DashboardChoice {
            view: self.last.get_untracked(),
            hidden: self.hidden.get_untracked(),
        };
        self.keep.with_value(|keep| keep.choose(choice));
    }
}

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

/// Says so when the view of the address is not offered.
#[component]
pub fn ViewGone(choice: Choice) -> impl IntoView {
    let gone = Memo::new(move |_| choice.asked.with(|asked| asked.gone));
    move || {
        gone.get().then(|| {
            view! { <p class="notice" role="status">{t!(dashboard.view_gone)}</p> }.into_any()
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
    view! {
        <details class="dashboard__columns">
            <summary class="button button--quiet">{t!(dashboard.columns)}</summary>
            <div class="card dashboard__columns-list" role="group" aria-label=t!(dashboard.columns)>
                {columns.map(column).into_iter().collect_view()}
            </div>
        </details>
    }
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
