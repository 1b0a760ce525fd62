//! Which agents are shown, and in which order. All of it stands in the address, so that Back, a reload, a bookmark and a link
//! that is sent to somebody show the same.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use shared::alerts::OpenAlert;
use shared::ids::UserId;
use shared::workitem::{AgentRow, Channel, ChannelCounts, TeamQueue, WorkitemState};
use web_sys::UrlSearchParams;

use super::order::{Order, SortBy};
use super::projection::{Filter, LiveRow};
use super::views::{Kept, NO_VIEW};
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
    /// Part of a name or of a team's name.
    pub find: String,
    show: Filter,
    /// The name of a team; empty for all.
    team: String,
    channel: Option<Channel>,
    /// Of the workitems that an agent has.
    state: Option<WorkitemState>,
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
        let value = |name| query::value(search, name).unwrap_or_default();
        Self {
            find: value("find"),
            show: Filter::from_code(&value("show")),
            team: value("team"),
            channel: Channel::from_code(&value("channel")),
            state: state_of(&value("state")),
            order: Order::from_code(&value("sort")),
            hidden: Some(value("hide")).filter(|hidden| !hidden.is_empty()),
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
        let show = match self.show {
            Filter::Everybody => "",
            filter => filter.code(),
        };
        let pairs = [
            ("find", self.find.trim()),
            ("show", show),
            ("team", &self.team),
            ("channel", self.channel.map_or("", Channel::code)),
            ("state", self.state.map_or("", WorkitemState::code)),
            ("sort", &sort),
            ("hide", self.hidden.as_deref().unwrap_or_default()),
        ];
        let Ok(asked) = UrlSearchParams::new() else {
            return PATH.to_owned();
        };
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            asked.append(name, value);
        }
        match String::from(asked.to_string()) {
            query if query.is_empty() && bare => PATH.to_owned(),
            query if query.is_empty() => [PATH, "?view=", NO_VIEW].concat(),
            query => [PATH, "?", &query].concat(),
        }
    }

    /// Whether an agent is shown when this was typed.
    fn shows(&self, agent: &AgentRow, typed: &str) -> bool {
        let in_team = self.team.is_empty() || agent.teams.contains(&self.team);
        let has = |channel| match self.state {
            Some(state) => agent.in_state(state, channel) > 0,
            None => agent.counts.of(channel) > 0,
        };
        let has_work = match (self.channel, self.state) {
            (Some(channel), _) => has(channel),
            (None, Some(_)) => Channel::ALL.into_iter().any(has),
            (None, None) => true,
        };
        in_team && has_work && self.show.shows(agent, typed)
    }
}

/// The state of a code, if agents have workitems in it.
fn state_of(code: &str) -> Option<WorkitemState> {
    WorkitemState::from_code(code).filter(|state| state.is_at_agent())
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
        let typed = RwSignal::new(asked.with_untracked(|asked| asked.find.clone()));
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
        let only_alerted = asked.show == Filter::Alerted;
        let mut chosen = Vec::new();
        rows.with(|rows| {
            for row in rows {
                row.now.with(|agent| {
                    let alerted = alerted.contains(&agent.id);
                    if (alerted || !only_alerted) && asked.shows(agent, &typed) {
                        chosen.push((asked.order.key(agent, alerted, &within), row.clone()));
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
        asked.find.clear();
        asked != Asked::default()
    }

    /// Changes what the address asks for.
    pub fn change(self, change: impl FnOnce(&mut Asked)) {
        let before = self.asked.get_untracked();
        let mut asked = before.clone();
        asked.find = self.typed.get_untracked();
        change(&mut asked);
        if asked == before {
            return;
        }
        let bare = self.kept.last().is_none();
        self.navigation.correct(&asked.address(bare));
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
    let filters: Vec<_> = Filter::all()
        .map(|filter| (filter.code().to_owned(), filter.name().to_owned()))
        .collect();
    let channels: Vec<_> = [(String::new(), t!(dashboard.all_channels).to_owned())]
        .into_iter()
        .chain(Channel::ALL.map(|channel| (channel.code().to_owned(), label(channel).to_owned())))
        .collect();
    let states: Vec<_> = [(String::new(), t!(dashboard.all_states).to_owned())]
        .into_iter()
        .chain(
            [WorkitemState::Active, WorkitemState::WrapUp]
                .map(|state| (state.code().to_owned(), label(state).to_owned())),
        )
        .collect();
    let orders: Vec<_> = SortBy::ALL
        .map(|by| (by.code().to_owned(), by.name().to_owned()))
        .into();
    view! {
        {select_view(
            CHOICE,
            t!(dashboard.show),
            Signal::stored(filters),
            Signal::derive(move || asked.with(|asked| asked.show.code().to_owned())),
            move |code| choice.change(|asked| asked.show = Filter::from_code(&code)),
        )}
        {select_view(
            CHOICE,
            t!(dashboard.team),
            teams.into(),
            Signal::derive(move || asked.with(|asked| asked.team.clone())),
            move |name| choice.change(|asked| asked.team = name),
        )}
        {select_view(
            CHOICE,
            t!(customers.channel),
            Signal::stored(channels),
            Signal::derive(move || asked.with(|asked| asked.channel.map_or("", Channel::code).to_owned())),
            move |code| choice.change(|asked| asked.channel = Channel::from_code(&code)),
        )}
        {select_view(
            CHOICE,
            t!(customers.state),
            Signal::stored(states),
            Signal::derive(move || asked.with(|asked| asked.state.map_or("", WorkitemState::code).to_owned())),
            move |code| choice.change(|asked| asked.state = state_of(&code)),
        )}
        {select_view(
            CHOICE,
            t!(dashboard.sort),
            Signal::stored(orders),
            Signal::derive(move || asked.with(|asked| asked.order.by().code().to_owned())),
            move |code| choice.change(|asked| asked.order = Order::from_code(&code)),
        )}
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
    let asked = asked.with(|asked| asked.team.clone());
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
        let find = asked.with(|asked| asked.find.clone());
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

#[cfg(test)]
mod tests {
    use super::super::projection;
    use super::*;

    #[test]
    fn u06_a_state_and_a_channel_are_of_one_workitem() {
        let mut amy = projection::tests::agent("amy");
        amy.counts.add(Channel::Chat, 2);
        amy.counts.add(Channel::Email, 1);
        amy.wrap_up.add(Channel::Email, 1);
        let shows = |channel, state| {
            let asked = Asked {
                channel,
                state,
                ..Asked::default()
            };
            asked.shows(&amy, "")
        };
        let (active, wrap_up) = (Some(WorkitemState::Active), Some(WorkitemState::WrapUp));
        assert!(shows(None, active) && shows(None, wrap_up));
        assert!(shows(Some(Channel::Chat), active) && !shows(Some(Channel::Chat), wrap_up));
        assert!(!shows(Some(Channel::Email), active) && shows(Some(Channel::Email), wrap_up));
        assert!(shows(Some(Channel::Email), None) && !shows(Some(Channel::Sms), None));
        let idle = projection::tests::agent("ben");
        let asked = Asked {
            state: active,
            ..Asked::default()
        };
        assert!(Asked::default().shows(&idle, "") && !asked.shows(&idle, ""));
    }

    #[test]
    fn u06_no_agent_has_work_in_other_states() {
        assert_eq!(state_of("wrap_up"), Some(WorkitemState::WrapUp));
        for code in ["", "queued", "closed", "nonsense"] {
            assert_eq!(state_of(code), None, "{code}");
        }
    }
}
