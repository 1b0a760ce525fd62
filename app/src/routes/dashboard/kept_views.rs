//! What the host keeps of the dashboard for its reader: the view that was opened last, and the columns that are hidden.

use leptos::prelude::*;
use shared::ids::ViewId;
use shared::views::{DashboardChoice, DashboardView, DashboardViews};

use crate::api::views::view_choose;
use crate::attempt::LastChoice;
use crate::language::error_text;
use crate::state::use_session;

/// The word in the address, instead of a view, for none although one was opened last.
pub const NO_VIEW: &str = "none";

/// What the host keeps. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Kept {
    /// The views that are offered.
    pub views: StoredValue<Vec<DashboardView>>,
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

    /// A view is opened; `NO_VIEW` is none.
    pub fn open(self, view: &str) {
        self.last
            .set(ViewId::parse(view).ok().filter(|_| view != NO_VIEW));
        self.keep();
    }

    /// Hides these columns and no others.
    pub fn hide(self, columns: String) {
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
