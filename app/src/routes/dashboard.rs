//! The User Dashboard: which agents are under the supervisor's authority, what each is working on, who waits and
//! who raises a hand, live. It shows the projection that the host sends and decides nothing about authority.

mod choice;
mod kept_views;
mod order;
mod projection;
mod queues;
mod requests;
mod row;
mod team_message;
mod trend;
mod views;

use leptos::prelude::*;
use shared::ids::UserId;
use shared::live::{ServerFrame, dashboard_topics};
use shared::people::{Permission, PersonRef};
use shared::time::Timestamp;
use shared::views::DashboardViews;
use shared::workitem::{Dashboard, RaisedHand, TeamQueue};

use self::choice::{Choice, Clear, Filters, Search};
use self::kept_views::Kept;
use self::order::SortBy;
use self::projection::{LiveRow, agents_of, take_over};
use self::queues::Queues;
use self::requests::Requests;
use self::row::AgentLine;
use self::team_message::TeamMessage;
use self::trend::Trend;
use self::views::{Columns, ViewGone, Views};

use crate::api::coaching::DashboardLoad;
use crate::api::views::ViewList;
use crate::clock::use_now;
use crate::components::agent_menu::{AgentMenu, OpenMenu};
use crate::components::focus::focus_in;
use crate::components::hold::{Hold, Holding, kept};
use crate::components::reassign::{Of, ReassignDialog};
use crate::components::unsent::UnsentElsewhere;
use crate::components::{Icon, PageTitle};
use crate::first_data::first_answer;
use crate::live::use_live;
use crate::navigation::use_navigation;
use crate::outbox::Destination;
use crate::paths::coaching_path;
use crate::state::use_session;

/// The file of the agents who are shown: from the host.
const EXPORT: &str = "/dashboard/export";

/// The page at `/dashboard`.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let first = first_answer(|| Some(DashboardLoad {}));
    let views = first_answer(|| Some(ViewList {}));
    let loading = || view! { <Loading/> }.into_any();
    first.show(loading, move |dashboard| {
        views.show(loading, move |views| {
            view! { <Agents first=dashboard.clone() views/> }.into_any()
        })
    })
}

/// The shape of the page while it loads.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <div class="page" aria-busy="true">
            <div class="page__head"><h1 class="page__title">{t!(dashboard.title)}</h1></div>
            <div class="card dashboard__loading" aria-hidden="true">
                {(0..5).map(|_| view! { <div class="skeleton"></div> }.into_any()).collect_view()}
            </div>
        </div>
    }
}

/// What the rows tell the page.
#[derive(Clone, Copy)]
pub struct RowActions {
    /// The one row that Tab reaches.
    tab_stop: Memo<Option<UserId>>,
    /// The row that had the focus last.
    visited: RwSignal<Option<UserId>>,
    /// The open menu.
    menu: RwSignal<Option<OpenMenu>>,
    /// Whose work is about to be handed on.
    reassign: RwSignal<Option<PersonRef>>,
    /// Goes to an agent's Coaching Page.
    view_workitems: Callback<UserId>,
    /// Whether the rows keep their places.
    hold: Hold,
    /// Which agents are shown.
    choice: Choice,
}

/// What the rows on screen share.
fn use_row_actions(visible: RwSignal<Vec<LiveRow>>, hold: Hold, choice: Choice) -> RowActions {
    let navigation = use_navigation();
    let visited = RwSignal::new(None::<UserId>);
    RowActions {
        tab_stop: Memo::new(move |_| {
            let visited = visited.get();
            visible.with(|rows| {
                rows.iter()
                    .find(|row| Some(&row.id) == visited.as_ref())
                    .or_else(|| rows.first())
                    .map(|row| row.id.clone())
            })
        }),
        visited,
        menu: RwSignal::new(None),
        reassign: RwSignal::new(None),
        view_workitems: Callback::new(move |agent: UserId| {
            navigation.go(&coaching_path(&agent));
        }),
        hold,
        choice,
    }
}

/// The dashboard as the host sends it: from the first data on, live.
fn use_live_dashboard(first: Dashboard) -> (RwSignal<Vec<LiveRow>>, RwSignal<Vec<TeamQueue>>) {
    let rows = RwSignal::new(Vec::<LiveRow>::new());
    take_over(rows, agents_of(&first));
    let queues = RwSignal::new(first.queues);
    for topic in dashboard_topics() {
        use_live().follow(topic, None, false, move |frame| {
            if let ServerFrame::Dashboard(dashboard) = frame {
                take_over(rows, agents_of(dashboard));
                if queues.with_untracked(|now| *now != dashboard.queues) {
                    queues.set(dashboard.queues.clone());
                }
            }
        });
    }
    (rows, queues)
}

/// The rows on screen. While somebody points into the table or has the focus there, they keep their places, and new ones come
/// behind them; another choice of theirs is followed at once.
fn use_visible(choice: Choice, rows: RwSignal<Vec<LiveRow>>, hold: Hold) -> RwSignal<Vec<LiveRow>> {
    let chosen = Memo::new(move |_| choice.of(rows));
    let visible = RwSignal::new(chosen.get_untracked());
    Effect::new(move |before: Option<_>| {
        let (asked, held, there) = (choice.now(), hold.get(), rows.get());
        let mut next = chosen.get();
        if held && before.as_ref() == Some(&asked) {
            next = visible.with_untracked(|visible| kept(visible, &there, next));
        }
        if visible.with_untracked(|visible| *visible != next) {
            visible.set(next);
        }
        asked
    });
    visible
}

/// Where the page leads, beside the agents' own.
fn ways(rows: RwSignal<Vec<LiveRow>>, queues: RwSignal<Vec<TeamQueue>>) -> AnyView {
    let holds = |permission| use_session().me.with_untracked(|me| me.holds(permission));
    let (monitors, counts) = (
        holds(Permission::WorkitemMonitor),
        holds(Permission::AnalyticsView),
    );
    view! {
        <div class="toolbar dashboard__ways">
            <RaisedHands rows />
            <TeamMessage queues />
            {monitors.then(|| view! {
                <a class="button button--quiet" href="/watch">{t!(watch.title)}</a>
            }.into_any())}
            {counts.then(|| view! {
                <a class="button button--quiet" href="/analytics" rel="external">{t!(dashboard.analytics)}</a>
            }.into_any())}
            <a class="button button--quiet" href="/dashboard/walls" rel="external">{t!(dashboard.walls)}</a>
        </div>
    }
    .into_any()
}

/// The page with its data.
#[component]
fn Agents(first: Dashboard, views: DashboardViews) -> impl IntoView {
    let (rows, queues) = use_live_dashboard(first);
    let (waited, minutes) = (views.waited.clone(), views.waited_min);
    let choice = Choice::new(Kept::new(views));
    let hold = Hold::default();
    let visible = use_visible(choice, rows, hold);
    let actions = use_row_actions(visible, hold, choice);
    let me = use_session().me.with_untracked(|me| me.id.clone());
    // Whose workitem it is by now, that page finds out.
    let coaching = Callback::new(move |to| match to {
        Destination::Agent(workitem)
        | Destination::Barge(workitem)
        | Destination::Staff(workitem) => Some(format!("/coaching/{me}/{workitem}")),
        _ => None,
    });
    let none_at_all = Memo::new(move |_| rows.with(Vec::is_empty));
    view! {
        <PageTitle text=t!(dashboard.title)/>
        <div class="page dashboard">
            <div class="page__head">
                <h1 class="page__title">{t!(dashboard.title)}</h1>
                {ways(rows, queues)}
            </div>
            <UnsentElsewhere reach=coaching name=t!(dashboard.coaching)/>
            // Where there is room they flow in one, so that more agents are in sight.
            <div class="dashboard__top">
                <Queues queues=queues/>
                <Trend first=waited minutes/>
                {move || (!none_at_all.get()).then(|| view! {
                    <FilterBar choice rows queues/>
                }.into_any())}
            </div>
            <Show
                when=move || !none_at_all.get()
                fallback=|| view! {
                    <div class="card empty">
                        <Icon name="team"/>
                        <p class="empty__title">{t!(dashboard.none)}</p>
                        <p>{t!(dashboard.none_line)}</p>
                    </div>
                }.into_any()
            >
                <ViewGone choice />
                <AgentsTable choice visible hold actions />
                <Requests rows />
            </Show>
            {move || actions.menu.get().map(|open| view! {
                <AgentMenu open=open on_close=Callback::new(move |()| actions.menu.set(None))/>
            }.into_any())}
            {move || actions.reassign.get().map(|agent| view! {
                <ReassignDialog
                    of=Of::Agent(agent)
                    on_close=Callback::new(move |()| actions.reassign.set(None))
                />
            }.into_any())}
        </div>
    }
}

/// What chooses which agents are shown, and how.
#[component]
fn FilterBar(
    choice: Choice,
    rows: RwSignal<Vec<LiveRow>>,
    queues: RwSignal<Vec<TeamQueue>>,
) -> impl IntoView {
    let unfolded = RwSignal::new(untrack(|| choice.is_made()));
    Effect::new(move || {
        if choice.is_made() {
            unfolded.set(true);
        }
    });
    view! {
        <div class="toolbar dashboard__filters" role="search" aria-label=t!(dashboard.filters)>
            <Search choice />
            // Only a narrow screen folds them, and not when one of them comes into use.
            <details class="dashboard__more" open=unfolded.get_untracked() prop:open=unfolded>
                <summary class="button button--quiet">{t!(dashboard.filters_more)}</summary>
                <Filters choice rows queues />
                <Columns choice />
                <Views choice />
            </details>
            <Clear choice />
            <a class="button button--quiet" href=move || choice.link(EXPORT) rel="external" download="">
                {t!(common.export_csv)}
            </a>
        </div>
    }
}

/// How many requests there are, how many of them nobody has claimed, and how many wait longer than they should.
#[derive(Clone, Copy, PartialEq)]
struct Hands {
    all: usize,
    unclaimed: usize,
    overdue: usize,
}

impl Hands {
    fn count(rows: RwSignal<Vec<LiveRow>>, now: Option<Timestamp>) -> Self {
        let mut hands = Self {
            all: 0,
            unclaimed: 0,
            overdue: 0,
        };
        let mut add = |hand: &RaisedHand| {
            let overdue = hand.due().zip(now).is_some_and(|(due, now)| now >= due);
            hands.all += 1;
            hands.unclaimed += usize::from(hand.claim.is_none());
            hands.overdue += usize::from(overdue);
        };
        rows.with(|rows| {
            for row in rows {
                row.now.with(|agent| agent.hands.iter().for_each(&mut add));
            }
        });
        hands
    }

    fn words(self) -> String {
        let mut words = t!(dashboard.hands, count = self.all);
        let mut add = |more: &str| {
            words.push_str(" · ");
            words.push_str(more);
        };
        if self.unclaimed == 0 {
            add(t!(dashboard.hands_claimed));
        } else if self.unclaimed < self.all {
            add(&t!(dashboard.hands_unclaimed, number = self.unclaimed));
        }
        if self.overdue > 0 {
            add(&t!(dashboard.hands_overdue, number = self.overdue));
        }
        words
    }
}

/// The requests in words, whether their agents are to be seen or not, as a way to the panel that lists them. It is red only while
/// one of them needs somebody.
#[component]
fn RaisedHands(rows: RwSignal<Vec<LiveRow>>) -> impl IntoView {
    let now = use_now();
    let hands = Memo::new(move |_| Hands::count(rows, now.get()));
    let there = Memo::new(move |_| hands.get().all > 0);
    move || {
        there.get().then(|| {
            view! {
                <button
                    type="button"
                    class="badge dashboard__hands"
                    class:badge--danger=move || hands.with(|hands| hands.unclaimed + hands.overdue > 0)
                    on:click=move |_| {
                        if let Some(root) = document().document_element() {
                            focus_in(&root, "#requests");
                        }
                    }
                >
                    <Icon name="hand"/>
                    {move || hands.get().words()}
                    <Icon name="arrow-down"/>
                </button>
            }
            .into_any()
        })
    }
}

/// A row for each agent.
#[component]
fn AgentsTable(
    choice: Choice,
    visible: RwSignal<Vec<LiveRow>>,
    hold: Hold,
    actions: RowActions,
) -> impl IntoView {
    let [_, columns @ ..] = SortBy::ALL;
    let none = Memo::new(move |_| visible.with(Vec::is_empty));
    // The style leaves these columns out.
    let hidden = move || choice.hidden().replace('.', " ");
    view! {
        <Holding hold class="card dashboard__card">
            <table class="table agents" role="table" aria-label=t!(dashboard.agents) data-hide=hidden>
                <thead role="rowgroup">
                    <tr role="row">
                        {columns.map(|by| view! { <Heading choice by /> }.into_any()).collect_view()}
                        <th scope="col" role="columnheader">{t!(common.actions)}</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For each=move || visible.get() key=|row| row.id.clone() let:row>
                        <AgentLine row actions />
                    </For>
                </tbody>
            </table>
            <p class="dashboard__none" role="status">
                {move || none.get().then_some(t!(dashboard.no_match))}
            </p>
            {move || none.get().then(|| view! {
                <p class="dashboard__all">
                    <button type="button" class="button" on:click=move |_| choice.show_all()>
                        {t!(dashboard.show_all)}
                    </button>
                </p>
            }.into_any())}
        </Holding>
    }
}

/// The heading of a column, by which the agents can be sorted.
#[component]
fn Heading(choice: Choice, by: SortBy) -> impl IntoView {
    let sorted = move || choice.asked.with(|asked| asked.order.aria_sort(by));
    view! {
        <th scope="col" role="columnheader" aria-sort=sorted>
            <button
                type="button"
                class="agents__sort"
                on:click=move |_| choice.change(|asked| asked.order = asked.order.clicked(by))
            >
                {by.name()}
            </button>
        </th>
    }
}
