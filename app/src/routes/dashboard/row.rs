//! One agent on the User Dashboard. Opens the agent's menu by right-click, Menu key, Shift+F10 and a button, and
//! the Coaching Page by double-click.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use shared::ids::{RequestId, UserId};
use shared::people::{Permission, PersonRef};
use shared::text::listed;
use shared::workitem::{AgentRow, Channel, RaisedHand, WorkitemState};

use super::RowActions;
use super::projection::LiveRow;
use crate::components::agent_menu::OpenMenu;
use crate::components::alert_marks::{alert_count, use_alerts};
use crate::components::hold::{Hold, kept};
use crate::components::request_acts::{claimer, claimer_text};
use crate::components::row_focus::{move_between_rows, on_control, on_row};
use crate::components::workitems_modal::LONGEST_WAIT;
use crate::components::{Avatar, Icon, MenuAnchor, PresenceDot, Wait, Waiting};
use crate::language::label;
use crate::paths::coaching_path;
use crate::state::{Answering, use_session};

/// One agent's row as its cells share it. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Row {
    id: StoredValue<UserId>,
    agent: Memo<AgentRow>,
    name: Memo<String>,
    actions: RowActions,
}

impl Row {
    fn open_menu(self, at: MenuAnchor) {
        self.actions.menu.set(Some(OpenMenu {
            agent: self.id.get_value(),
            name: self.name.get_untracked(),
            at,
        }));
    }

    fn key_pressed(self, event: &KeyboardEvent) {
        let key = event.key();
        if key == "ContextMenu" || (key == "F10" && event.shift_key()) {
            event.prevent_default();
            self.open_menu(MenuAnchor::below(event));
        } else if key == "Enter" && on_row(event) {
            event.prevent_default();
            self.actions.view_workitems.run(self.id.get_value());
        } else {
            move_between_rows(event);
        }
    }

    fn context_menu(self, event: &MouseEvent) {
        event.prevent_default();
        self.open_menu(MenuAnchor {
            x: f64::from(event.client_x()),
            y: f64::from(event.client_y()),
        });
    }

    fn double_clicked(self, event: &MouseEvent) {
        if !on_control(event) {
            self.actions.view_workitems.run(self.id.get_value());
        }
    }
}

/// The row.
#[component]
pub fn AgentLine(row: LiveRow, actions: RowActions) -> impl IntoView {
    let agent = Memo::new(move |_| row.now.get());
    let row = Row {
        id: StoredValue::new(row.id),
        agent,
        name: Memo::new(move |_| agent.with(|agent| agent.name.clone())),
        actions,
    };
    let (id, name) = (row.id, row.name);
    let teams =
        Memo::new(move |_| agent.with(|agent| listed(agent.teams.iter().map(String::as_str))));
    let hands = Memo::new(move |_| agent.with(|agent| agent.hands.clone()));
    let alerts = use_alerts(move |alert| {
        let agent = alert.agent.as_ref();
        agent.is_some_and(|agent| id.with_value(|id| agent.id == *id))
    });
    let monitored = Memo::new(move |_| agent.with(|agent| agent.monitored));
    let is_stop = Memo::new(move |_| {
        actions
            .tab_stop
            .with(|stop| id.with_value(|id| stop.as_ref() == Some(id)))
    });
    view! {
        <tr
            class="agents__row"
            class:agents__row--hand=move || hands.with(|hands| !hands.is_empty())
            role="row"
            aria-label=move || name.get()
            data-row=""
            data-menu=""
            tabindex=move || if is_stop.get() { "0" } else { "-1" }
            on:focusin=move |_| actions.visited.set(Some(id.get_value()))
            on:contextmenu=move |event| row.context_menu(&event)
            on:keydown=move |event| row.key_pressed(&event)
            on:dblclick=move |event| row.double_clicked(&event)
        >
            <th scope="row" role="rowheader" class="agents__agent">
                <span class="agents__who">
                    <Avatar name=name />
                    // One line each, so that every row has the same height; the whole text is the tooltip.
                    <span class="agents__names">
                        <span class="agents__name" dir="auto" title=move || name.get()>{move || name.get()}</span>
                        <span class="agents__teams" title=move || teams.get()>
                            {alert_count(alerts)}
                            {move || teams.get()}
                        </span>
                    </span>
                </span>
            </th>
            <td role="cell" data-label=t!(dashboard.presence)><PresenceNow agent=agent/></td>
            <td role="cell" data-label=t!(dashboard.workitems) class="agents__counts"><Counts agent=agent/></td>
            <td role="cell" data-label=t!(dashboard.longest_wait)><LongestWait row=row/></td>
            <td role="cell" data-label=t!(dashboard.raised_hand) class="agents__hands">
                <Hands hands=hands agent=agent hold=actions.hold/>
            </td>
            <td role="cell" data-label=t!(dashboard.monitored)>
                {move || match monitored.get() {
                    0 => view! { <Nothing/> }.into_any(),
                    count => view! {
                        <span class="badge badge--coaching"><Icon name="eye"/>{count}</span>
                    }.into_any(),
                }}
            </td>
            <td role="cell" class="agents__actions"><Actions row=row/></td>
        </tr>
    }
}

/// Whether the agent can be reached and since when, or since when they have no connection.
#[component]
fn PresenceNow(agent: Memo<AgentRow>) -> impl IntoView {
    let presence = Memo::new(move |_| agent.with(|agent| agent.presence));
    let lost = Memo::new(move |_| agent.with(|agent| agent.lost_since));
    let since = Memo::new(move |_| agent.with(|agent| agent.presence_since));
    view! {
        <PresenceDot presence=presence/>
        {move || match (lost.get(), since.get()) {
            (Some(since), _) => Some(view! {
                <span class="agents__lost badge badge--warn">
                    <Icon name="offline"/>
                    <span>{t!(dashboard.no_connection)}" "<Waiting since=Signal::stored(Some(since))/></span>
                </span>
            }.into_any()),
            (None, Some(since)) => Some(view! {
                <span class="agents__since">
                    {t!(dashboard.present_for)}" "<Waiting since=Signal::stored(Some(since))/>
                </span>
            }.into_any()),
            (None, None) => None,
        }}
    }
}

/// How long a customer of the agent has waited at most, as a way to that workitem; on the channel by which the agents are chosen, if
/// they are chosen by one.
#[component]
fn LongestWait(row: Row) -> impl IntoView {
    let asked = row.actions.choice.asked;
    let waits =
        Memo::new(move |_| asked.with(|asked| row.agent.with(|agent| asked.filter.waits(agent))));
    let some = Memo::new(move |_| waits.with(|waits| !waits.is_empty()));
    let longest = Memo::new(move |_| {
        let path = row.id.with_value(coaching_path);
        let longest = [&path[..], "?show=", LONGEST_WAIT].concat();
        match asked.with(|asked| asked.filter.channel()) {
            Some(channel) => [&longest[..], "&channel=", channel.code()].concat(),
            None => longest,
        }
    });
    move || {
        if some.get() {
            view! {
                <a class="agents__wait" href=move || longest.get() title=t!(dashboard.view_longest)>
                    <Wait waits/>
                </a>
            }
            .into_any()
        } else {
            view! { <Nothing/> }.into_any()
        }
    }
}

/// Handing on the agent's work, for those who may, and the agent's menu.
#[component]
fn Actions(row: Row) -> impl IntoView {
    let Row {
        id,
        agent,
        name,
        actions,
    } = row;
    let idle = Memo::new(move |_| agent.with(|agent| agent.counts.total() == 0));
    let me = use_session().me;
    let may_reassign = me.with_untracked(|me| me.holds(Permission::WorkitemAssign));
    view! {
        {may_reassign.then(|| view! {
            <button
                type="button"
                class="button button--quiet button--icon"
                aria-label=move || t!(reassign.title, name = name.get())
                aria-haspopup="dialog"
                title=t!(dashboard.reassign)
                disabled=move || idle.get()
                on:click=move |_| {
                    actions.reassign.set(Some(PersonRef {
                        id: id.get_value(),
                        name: name.get_untracked(),
                    }));
                }
            >
                <Icon name="transfer"/>
            </button>
        }.into_any())}
        <button
            type="button"
            class="button button--quiet button--icon"
            aria-label=move || t!(common.actions_for, name = name.get())
            aria-haspopup="menu"
            on:click=move |event| row.open_menu(MenuAnchor::below(&event))
        >
            <Icon name="more"/>
        </button>
    }
}

/// A cell without content, said as such.
#[component]
pub(super) fn Nothing() -> impl IntoView {
    view! {
        <span class="agents__nothing" aria-hidden="true">"–"</span>
        <span class="visually-hidden">{t!(dashboard.nothing)}</span>
    }
}

/// What is open on each channel, and how much of it the agent may have.
#[component]
fn Counts(agent: Memo<AgentRow>) -> impl IntoView {
    let counts = move || {
        agent.with(|agent| {
            let one = |channel| count_view(agent, channel);
            Channel::ALL.into_iter().map(one).collect_view()
        })
    };
    view! { <ul class="counts" role="list">{counts}</ul> }
}

/// Icon and number of a channel; the words are for those who do not see the icon.
fn count_view(agent: &AgentRow, channel: Channel) -> AnyView {
    let count = agent.counts.of(channel);
    let class = match count {
        0 => "counts__channel counts__channel--none",
        _ => "counts__channel",
    };
    view! {
        <li class=class title=label(channel) data-channel=channel.code()>
            <Icon name=channel.code()/>
            <span class="visually-hidden">{label(channel)}" "</span>
            <span class="counts__number">{count}</span>
            {load_view(agent, channel)}
        </li>
    }
    .into_any()
}

/// How much the agent may have of a channel; what is in wrap-up takes none of it.
fn load_view(agent: &AgentRow, channel: Channel) -> Option<AnyView> {
    let most = agent.capacity?.of(channel);
    let active = agent.in_state(WorkitemState::Active, channel);
    let class = match active > 0 && active >= most {
        true => "counts__most counts__most--full",
        false => "counts__most",
    };
    let view = match active == agent.counts.of(channel) {
        true => view! { <span class=class>" "{t!(dashboard.capacity_of, most = most)}</span> }
            .into_any(),
        false => view! {
            <span class=class>
                <span class="visually-hidden">", "{t!(dashboard.capacity_word)}" "</span>
                {t!(dashboard.capacity_active, active = active, most = most)}
            </span>
        }
        .into_any(),
    };
    Some(view)
}

/// In which order the raised hands of an agent stand: those that nobody has come first, and each the oldest first. While the table is
/// held they keep the order that they had `before`.
fn in_order(hands: &[RaisedHand], before: Option<&[RequestId]>, held: bool) -> Vec<RequestId> {
    let mut next: Vec<_> = hands.iter().collect();
    next.sort_by_key(|hand| hand.claim.is_some());
    let next: Vec<_> = next.into_iter().map(|hand| hand.request.clone()).collect();
    match before {
        Some(before) if held => kept(before, &next.clone(), next),
        _ => next,
    }
}

/// The agent's raised hands. Only the first one is shown until somebody unfolds the others: a hand that goes up must
/// not move the rows below.
#[component]
fn Hands(hands: Memo<Vec<RaisedHand>>, agent: Memo<AgentRow>, hold: Hold) -> impl IntoView {
    let unfolded = RwSignal::new(false);
    let hidden = Memo::new(move |_| hands.with(|hands| hands.len().saturating_sub(1)));
    let order = Memo::new(move |before: Option<&Vec<RequestId>>| {
        let held = hold.get();
        hands.with(|hands| in_order(hands, before.map(Vec::as_slice), held))
    });
    let shown = move || {
        let count = if unfolded.get() { usize::MAX } else { 1 };
        let order = order.get();
        let order = order.iter().take(count);
        hands.with(|hands| {
            let hand = |request: &RequestId| {
                let found = hands.iter().find(|hand| hand.request == *request);
                found.cloned()
            };
            order.filter_map(hand).collect::<Vec<_>>()
        })
    };
    view! {
        {move || hands.with(Vec::is_empty).then(|| view! { <Nothing/> }.into_any())}
        <For each=shown key=|hand| hand.request.clone() let:hand>
            <Hand hand=hand agent=agent/>
        </For>
        {move || match hidden.get() {
            0 => None,
            count => Some(view! {
                <button
                    type="button"
                    class="button hand__way hand__more"
                    aria-expanded=move || unfolded.get().to_string()
                    on:click=move |_| unfolded.update(|unfolded| *unfolded = !*unfolded)
                >
                    {t!(dashboard.more_hands, count = count)}
                </button>
            }.into_any()),
        }}
    }
}

/// One raised hand, with the ways to help.
#[component]
fn Hand(hand: RaisedHand, agent: Memo<AgentRow>) -> impl IntoView {
    let session = use_session();
    let (id, name) = agent.with_untracked(|agent| (agent.id.clone(), agent.name.clone()));
    let workitem = hand.workitem.map(|workitem| {
        view! {
            <a
                class="button hand__way"
                href=format!("/coaching/{id}/{workitem}")
                aria-label=t!(dashboard.go_of, name = name)
            >
                {t!(dashboard.go)}
            </a>
        }
        .into_any()
    });
    let request = hand.request.clone();
    let by = Memo::new(move |_| agent.with(|agent| claimer(&agent.hands, &request)));
    let elsewhere = move || {
        let by = by.get();
        by.is_some_and(|by| session.me.with(|me| me.id != by.id))
    };
    let answering = StoredValue::new(Answering {
        agent: id,
        request: hand.request,
        text: hand.text.clone(),
        at: hand.at,
        by: None,
    });
    let answer = move |_| {
        let mut answering = answering.get_value();
        answering.by = by.get_untracked();
        let agent = answering.agent.clone();
        session.answering.set(Some(answering));
        session.directory.set(Some(Some(agent)));
    };
    view! {
        <div class="hand" class:hand--claimed=move || by.with(Option::is_some)>
            <Icon name="hand"/>
            <span class="hand__text" dir="auto" title=hand.text.clone()>{hand.text.clone()}</span>
            <span class="hand__since"><Waiting since=Signal::stored(Some(hand.at))/></span>
            <span class="hand__ways">
                {workitem}
                <button
                    type="button"
                    class="button hand__way"
                    hidden=elsewhere
                    aria-label=t!(dashboard.answer_name, name = name)
                    on:click=answer
                >
                    {t!(dashboard.answer)}
                </button>
                {move || by.get().map(|by| view! {
                    <span class="hand__has" title=claimer_text(session, &by)>{claimer_text(session, &by)}</span>
                }.into_any())}
            </span>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use shared::assistance::Claim;
    use shared::escalation::Step;
    use shared::time::Timestamp;

    use super::*;

    fn hand(request: &str, at: i64, claimed: bool) -> RaisedHand {
        let by = PersonRef {
            id: UserId::parse("sue").expect("a test id"),
            name: "Sue Silva".to_owned(),
        };
        let at = Timestamp(at);
        RaisedHand {
            request: RequestId::parse(request).expect("a test id"),
            text: "I need help.".to_owned(),
            at,
            workitem: None,
            claim: claimed.then_some(Claim { by, at }),
            target_min: None,
            escalated: Step::Asked,
            about: None,
        }
    }

    #[test]
    fn e20_what_nobody_has_comes_first_but_not_under_the_pointer() {
        let ids = |requests: [&str; 2]| requests.map(|id| RequestId::parse(id).expect("a test id"));
        let hands = [hand("old", 1, true), hand("new", 2, false)];
        assert_eq!(in_order(&hands, None, false), ids(["new", "old"]));
        let before = ids(["old", "new"]);
        assert_eq!(in_order(&hands, Some(&before), true), before);
        let released = in_order(&hands, Some(&before), false);
        assert_eq!(released, ids(["new", "old"]));
    }
}
