//! `/watch?w={workitem},{workitem}`: the Watch wall, up to four conversations side by side, each as on the Coaching Page. Whoever
//! is on the wall is monitored, and the agents are notified as they are there.

mod add;
mod pane;

use leptos::prelude::*;
use shared::ids::WorkitemId;

use self::add::AddWorkitem;
use self::pane::Pane;
use crate::components::{Icon, PageTitle};
use crate::navigation::{Navigation, use_navigation, use_search};
use crate::paths::{WATCH, WATCH_ADDED};
use crate::query;
use crate::state::use_session;
use crate::storage;

/// How many conversations stand side by side: more than four nobody follows.
const MAX: usize = 4;
/// The value of the address that names them.
const NAMED: &str = "w";
/// What each user had on the wall last: `sideline-wall:USER`.
const KEPT: &str = "sideline-wall:";

/// What is on the wall. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Wall {
    shown: Memo<Vec<WorkitemId>>,
    /// Whether one more was asked for than there is room for.
    full: RwSignal<bool>,
    navigation: Navigation,
    key: StoredValue<String>,
}

/// Reads the ids of a list, each once.
fn ids(text: &str) -> Vec<WorkitemId> {
    let mut ids = Vec::new();
    for id in text.split(',').filter_map(|id| WorkitemId::parse(id).ok()) {
        if ids.len() < MAX && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

impl Wall {
    fn new() -> Self {
        let search = use_search(WATCH);
        let me = use_session().me.with_untracked(|me| me.id.clone());
        let wall = Self {
            shown: Memo::new(move |_| {
                let named = search.with(|search| query::value(search, NAMED));
                ids(&named.unwrap_or_default())
            }),
            full: RwSignal::new(false),
            navigation: use_navigation(),
            key: StoredValue::new([KEPT, me.as_str()].concat()),
        };
        // The address says what is shown; without one the wall is as it was left.
        Effect::new(move || {
            let (named, added) = search.with(|search| {
                let added = query::value(search, WATCH_ADDED);
                (query::value(search, NAMED), added)
            });
            if let Some(named) = named {
                wall.key.with_value(|key| storage::set(key, &named));
                return;
            }
            let kept = wall.key.with_value(|key| storage::get(key));
            let kept = ids(&kept.unwrap_or_default());
            match added.and_then(|added| WorkitemId::parse(added).ok()) {
                Some(added) => wall.add(&kept, added),
                None if !kept.is_empty() => wall.show(&kept),
                None => {}
            }
        });
        wall
    }

    fn show(self, workitems: &[WorkitemId]) {
        let listed: Vec<&str> = workitems.iter().map(WorkitemId::as_str).collect();
        let path = [WATCH, "?", NAMED, "=", &listed.join(",")].concat();
        self.navigation.correct(&path);
    }

    /// Puts one more on the wall, if there is room.
    fn add(self, there: &[WorkitemId], workitem: WorkitemId) {
        let is_there = there.contains(&workitem);
        self.full.set(!is_there && there.len() >= MAX);
        let mut next = there.to_vec();
        if !is_there && next.len() < MAX {
            next.push(workitem);
        }
        self.show(&next);
    }

    fn remove(self, workitem: &WorkitemId) {
        self.full.set(false);
        let mut next = self.shown.get_untracked();
        next.retain(|shown| shown != workitem);
        self.show(&next);
    }
}

/// The page.
#[component]
pub fn WatchWall() -> impl IntoView {
    let wall = Wall::new();
    let none = Memo::new(move |_| wall.shown.with(Vec::is_empty));
    let room = Memo::new(move |_| wall.shown.with(|shown| shown.len() < MAX));
    let add = Callback::new(move |workitem| wall.add(&wall.shown.get_untracked(), workitem));
    let remove = Callback::new(move |workitem: WorkitemId| wall.remove(&workitem));
    view! {
        <PageTitle text=t!(watch.title)/>
        <div class="page watch">
            <div class="page__head">
                <h1 class="page__title">{t!(watch.title)}</h1>
                <a class="button button--quiet" href="/dashboard">{t!(coaching.to_dashboard)}</a>
            </div>
            {move || room.get().then(|| view! { <AddWorkitem shown=wall.shown add/> }.into_any())}
            <p role="status" class="watch__full">
                {move || wall.full.get().then_some(t!(watch.full))}
            </p>
            {move || none.get().then(|| view! {
                <div class="card empty">
                    <Icon name="eye"/>
                    <p class="empty__title">{t!(watch.none)}</p>
                    <p>{t!(watch.none_line)}</p>
                </div>
            }.into_any())}
            <div class="watch__panes">
                <For each=move || wall.shown.get() key=|id| id.clone() let:workitem>
                    <Pane workitem remove/>
                </For>
            </div>
        </div>
    }
}
