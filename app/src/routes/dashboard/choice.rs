//! Which agents are shown, and in which order. All of it stands in the address, so that Back, a reload, a bookmark and a link
//! that is sent to somebody show the same.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use shared::agent_filter::{AgentFilter, Filter, OPEN};
use shared::alerts::OpenAlert;
use shared::ids::UserId;
use shared::people::Presence;
use shared::workitem::{Channel, ChannelCounts, TeamQueue, WorkitemState};
use web_sys::UrlSearchParams;

use super::kept_views::{Kept, NO_VIEW};
use super::order::{Order, SortBy};
use super::projection::LiveRow;
use crate::components::select_view;
use crate::language::label;
use crate::navigation::{Navigation, use_navigation, use_search};
use crate::query;
use crate::state::use_session;

/// The class of the lists that choose.
pub const CHOICE: &str = "select dashboard__choice";
/// The address of the page.
const PATH: &str = "/dashboard";
/// After how long without another letter the address says what was typed; browsers refuse an address for each letter.
const TYPED: Duration = Duration::from_millis(300);

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Which agents.
    pub filter: AgentFilter,
    /// In which order.
    pub order: Order,
    /// The columns that are not shown, with dots between; nothing: as the reader is used to.
    hidden: Option<String>,
    /// The view that says all this.
    pub view: Option<String>,
    /// A view is asked for that is not offered.
    pub gone: bool,
}

impl Asked {
    fn of(search: &str, kept: Kept) -> Self {
        let view = match query::value(search, "view") {
            None if search.is_empty() => kept.last(),
            view => view,
        };
        let Some(view) = view.filter(|view| view != NO_VIEW) else {
            return Self::of_filter(search);
        };
        match kept.filter_of(&view) {
            Some(filter) => Self {
                view: Some(view),
                ..Self::of_filter(&filter)
            },
            None => Self {
                gone: true,
                ..Self::default()
            },
        }
    }

    fn of_filter(search: &str) -> Self {
        let value = |name: &str| query::value(search, name);
        Self {
            filter: AgentFilter::of(value),
            order: Order::from_code(&value("sort").unwrap_or_default()),
            hidden: value("hide").filter(|hidden| !hidden.is_empty()),
            view: None,
            gone: false,
        }
    }

    /// The address, without what is the default. `bare`: an address without anything is the default.
    fn address(&self, bare: bool) -> String {
        let sort = match self.order == Order::default() {
            true => String::new(),
            false => self.order.code(),
        };
        let Ok(asked) = UrlSearchParams::new() else {
            return PATH.to_owned();
        };
        let write = |name, value: &str| {
            if !value.is_empty() {
                asked.append(name, value);
            }
        };
        write("find", self.filter.find.trim());
        for by in Filter::ALL {
            write(by.code(), self.filter.value(by));
        }
        write("sort", &sort);
        write("hide", self.hidden.as_deref().unwrap_or_default());
        match String::from(asked.to_string()) {
            query if query.is_empty() && bare => PATH.to_owned(),
            query if query.is_empty() => [PATH, "?view=", NO_VIEW].concat(),
            query => [PATH, "?", &query].concat(),
        }
    }
}

/// The choice of the page. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Choice {
    /// What stands in the address.
    pub search: Memo<String>,
    /// What the address asks for.
    pub asked: Memo<Asked>,
    /// What the host keeps.
    pub kept: Kept,
    /// What stands in the field: the address follows it.
    pub typed: RwSignal<String>,
    /// Minutes in which a customer on each channel should have an answer.
    within: RwSignal<ChannelCounts>,
    alerts: RwSignal<Option<Vec<OpenAlert>>>,
    navigation: Navigation,
}

impl Choice {
    pub fn new(kept: Kept) -> Self {
        let search = use_search(PATH);
        let asked = Memo::new(move |_| search.with(|search| Asked::of(search, kept)));
        let typed = RwSignal::new(asked.with_untracked(|asked| asked.filter.find.clone()));
        Self {
            search,
            asked,
            kept,
            typed,
            within: use_session().answer_within,
            alerts: use_session().alerts,
            navigation: use_navigation(),
        }
    }

    /// The agents who are to be seen, in their order. Tracked.
    pub fn of(self, rows: RwSignal<Vec<LiveRow>>) -> Vec<LiveRow> {
        let ((asked, typed), within) = (self.now(), self.within.get());
        let alerted = self.alerted();
        let mut chosen = Vec::new();
        rows.with(|rows| {
            for row in rows {
                row.now.with(|agent| {
                    let alerted = alerted.contains(&agent.id);
                    if asked.filter.shows(agent, alerted, &typed) {
                        let key = asked.order.key(agent, &asked.filter, alerted, &within);
                        chosen.push((key, row.clone()));
                    }
                });
            }
        });
        chosen.sort_by(|(one, _), (other, _)| asked.order.compare(one, other));
        chosen.into_iter().map(|(_, row)| row).collect()
    }

    /// The agents whose work has an alert. Tracked.
    fn alerted(self) -> Vec<UserId> {
        self.alerts.with(|alerts| {
            let agents = alerts.iter().flatten();
            let agents = agents.filter_map(|alert| alert.agent.as_ref());
            agents.map(|agent| agent.id.clone()).collect()
        })
    }

    /// What is asked for, with what has been typed since. Tracked.
    pub fn now(self) -> (Asked, String) {
        (self.asked.get(), self.typed.get())
    }

    /// Whether the address asks for more than a part of a name. Tracked.
    pub fn is_made(self) -> bool {
        let mut asked = self.asked.get();
        asked.filter.find.clear();
        asked != Asked::default()
    }

    /// Changes what the address asks for.
    pub fn change(self, change: impl FnOnce(&mut Asked)) {
        let before = self.asked.get_untracked();
        let mut asked = before.clone();
        asked.filter.find = self.typed.get_untracked();
        change(&mut asked);
        if asked == before {
            return;
        }
        let bare = self.kept.last().is_none();
        self.navigation.correct(&asked.address(bare));
    }

    /// How many filters are in use. Tracked.
    fn count(self) -> usize {
        let (mut asked, typed) = self.now();
        asked.filter.find = typed;
        asked.filter.count()
    }

    /// The address of a page of the host that is about what is shown here. Tracked.
    pub fn link(self, page: &str) -> String {
        match self.asked.with(|asked| asked.view.clone()) {
            Some(view) => [page, "?view=", &view].concat(),
            None => self.search.with(|search| [page, "?", search].concat()),
        }
    }

    /// Opens a view.
    pub fn open(self, view: &str) {
        self.navigation.correct(&[PATH, "?view=", view].concat());
    }

    /// The columns that are not shown, with dots between. Tracked.
    pub fn hidden(self) -> String {
        let asked = self.asked.with(|asked| asked.hidden.clone());
        asked.unwrap_or_else(|| self.kept.hidden())
    }

    /// Hides columns where the address says which ones; elsewhere they follow what is kept.
    pub fn hide(self, columns: String) {
        if self.asked.with_untracked(|asked| asked.hidden.is_some()) {
            self.change(|asked| asked.hidden = Some(columns));
        }
    }

    /// Shows everybody, in the order as it is.
    pub fn show_all(self) {
        self.typed.set(String::new());
        self.change(|asked| {
            *asked = Asked {
                order: asked.order,
                hidden: asked.hidden.take(),
                ..Asked::default()
            };
        });
    }
}

/// The lists that choose.
#[component]
pub fn Filters(
    choice: Choice,
    /// The agents, who have teams.
    rows: RwSignal<Vec<LiveRow>>,
    /// The supervisor's teams, also those without agents.
    queues: RwSignal<Vec<TeamQueue>>,
) -> impl IntoView {
    let asked = choice.asked;
    let teams = Memo::new(move |_| teams_of(rows, queues, asked));
    let list = move |by: Filter| {
        let (name, options) = offered(by);
        select_view(
            CHOICE,
            name,
            match by {
                Filter::Team => teams.into(),
                _ => Signal::stored(options),
            },
            Signal::derive(move || asked.with(|asked| asked.filter.value(by).to_owned())),
            move |value| choice.change(|asked| asked.filter.set(by, value)),
        )
    };
    let orders: Vec<_> = SortBy::ALL
        .map(|by| (by.code().to_owned(), by.name().to_owned()))
        .into();
    view! {
        {Filter::ALL.map(list).into_iter().collect_view()}
        {select_view(
            CHOICE,
            t!(dashboard.sort),
            Signal::stored(orders),
            Signal::derive(move || asked.with(|asked| asked.order.by().code().to_owned())),
            move |code| choice.change(|asked| asked.order = Order::from_code(&code)),
        )}
    }
}

/// What a filter is called, and what can be chosen, each as value and words: first what it is without. Teams come from the page.
fn offered(by: Filter) -> (&'static str, Vec<(String, String)>) {
    let (name, none) = match by {
        Filter::Presence => (t!(dashboard.presence), t!(dashboard.all_presences)),
        Filter::Team => (t!(dashboard.team), t!(dashboard.all_teams)),
        Filter::Channel => (t!(customers.channel), t!(dashboard.all_channels)),
        Filter::State => (t!(customers.state), t!(dashboard.all_states)),
        Filter::Request => (t!(requests.request), t!(dashboard.all_requests)),
        Filter::Alert => (t!(dashboard.alert), t!(dashboard.all_alerts)),
    };
    let mut options = vec![(String::new(), none.to_owned())];
    let mut offer = |code: &str, words: &str| options.push((code.to_owned(), words.to_owned()));
    match by {
        Filter::Presence => {
            for presence in Presence::ALL {
                offer(presence.code(), label(presence));
            }
        }
        Filter::Team => {}
        Filter::Channel => {
            for channel in Channel::ALL {
                offer(channel.code(), label(channel));
            }
        }
        Filter::State => {
            for state in [WorkitemState::Active, WorkitemState::WrapUp] {
                offer(state.code(), label(state));
            }
        }
        Filter::Request => offer(OPEN, t!(dashboard.filter_hands)),
        Filter::Alert => offer(OPEN, t!(dashboard.filter_alerts)),
    }
    (name, options)
}

/// Takes all filters out of use, and says how many there are.
#[component]
pub fn Clear(choice: Choice) -> impl IntoView {
    let count = Memo::new(move |_| choice.count());
    move || {
        let number = Some(count.get()).filter(|count| *count > 0)?;
        Some(
            view! {
                <button type="button" class="button button--quiet" on:click=move |_| choice.show_all()>
                    {t!(dashboard.clear, number = number)}
                </button>
            }
            .into_any(),
        )
    }
}

/// The teams that can be chosen, each as value and words.
fn teams_of(
    rows: RwSignal<Vec<LiveRow>>,
    queues: RwSignal<Vec<TeamQueue>>,
    asked: Memo<Asked>,
) -> Vec<(String, String)> {
    let mut teams = queues.with(|queues| {
        let names = queues.iter().map(|queue| queue.name.clone());
        names.collect::<Vec<_>>()
    });
    rows.with(|rows| {
        for row in rows {
            row.now
                .with(|agent| teams.extend(agent.teams.iter().cloned()));
        }
    });
    // What a link asks for is shown as chosen, also when there is no such team.
    let asked = asked.with(|asked| asked.filter.value(Filter::Team).to_owned());
    teams.extend(Some(asked).filter(|team| !team.is_empty()));
    teams.sort();
    teams.dedup();
    [(String::new(), t!(dashboard.all_teams).to_owned())]
        .into_iter()
        .chain(teams.into_iter().map(|team| (team.clone(), team)))
        .collect()
}

/// The field for a part of a name.
#[component]
pub fn Search(choice: Choice) -> impl IntoView {
    let Choice { asked, typed, .. } = choice;
    let field = NodeRef::<html::Input>::new();
    // While somebody types, the field is ahead of the address.
    Effect::new(move || {
        let find = asked.with(|asked| asked.filter.find.clone());
        let focused = document().active_element();
        let typing = field
            .get_untracked()
            .is_some_and(|field| focused.is_some_and(|focused| field.is_same_node(Some(&focused))));
        if !typing {
            typed.set(find);
        }
    });
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timer) = waiting.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    on_cleanup(stop);
    view! {
        <input
            class="input dashboard__search"
            dir="auto"
            type="search"
            placeholder=t!(dashboard.filter)
            aria-label=t!(dashboard.filter)
            node_ref=field
            value=typed.get_untracked()
            prop:value=typed
            on:input=move |event| {
                typed.set(event_target_value(&event));
                stop();
                let write = move || choice.change(|_| ());
                waiting.set_value(set_timeout_with_handle(write, TYPED).ok());
            }
            // Before a click elsewhere leaves the page.
            on:change=move |_| {
                stop();
                choice.change(|_| ());
            }
        />
    }
}
