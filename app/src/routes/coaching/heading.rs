//! The head of a conversation on the Coaching Page: the way back, the title, and the facts that
//! change while it is open.

use leptos::prelude::*;
use shared::ids::UserId;
use shared::people::Presence;
use shared::transcript::names;
use shared::workitem::{Workitem, WorkitemState};

use super::facts::{customer_facts, waiting_fact};
use super::following::{FollowButton, Following};
use super::stepping_in::StepIn;
use crate::components::alert_marks::{AlertMarks, alerts_of};
use crate::components::earlier::Earlier;
use crate::components::labels::LabelLine;
use crate::components::reassign::ReassignButton;
use crate::components::review::ReviewLine;
use crate::components::{Icon, PresenceDot};
use crate::language::label;
use crate::live::ConversationView;
use crate::navigation::use_navigation;
use crate::paths::{coaching_path, watch_path};
use crate::state::use_session;

/// The head.
#[component]
pub fn Heading(
    /// As it is now.
    view: ConversationView,
    /// On whose Coaching Page it is.
    agent: Memo<Option<UserId>>,
    /// The agent's open workitems, which say who else is here even where the agent is not notified.
    list: RwSignal<Vec<Workitem>>,
    /// Whose list it is, and whether they can be reached.
    presence: RwSignal<Option<(UserId, Presence)>>,
    /// Whether the agent is followed.
    following: Following,
    /// The supervisor ends the coaching; the link that says so leads to the agent's list.
    on_back: Callback<()>,
) -> impl IntoView {
    let workitem = view.workitem;
    let offered = Memo::new(move |_| {
        let state = workitem.with(|workitem| workitem.state);
        matches!(state, WorkitemState::Active | WorkitemState::Queued)
    });
    let others = use_others(workitem, list);
    // On narrow screens what is seldom needed is folded: the conversation needs the room.
    let unfolded = RwSignal::new(false);
    view! {
        <header class="coaching__head" class:coaching__head--unfolded=move || unfolded.get()>
            {back_link(agent, on_back)}
            <div class="coaching__title">
                <h1 class="page__title" dir="auto">{move || workitem.with(|workitem| workitem.subject.clone())}</h1>
                <Facts workitem presence />
                <p class="coaching__also" aria-live="polite">
                    {move || others.with(|others| {
                        (!others.is_empty()).then(|| t!(coaching.also, names = others))
                    })}
                </p>
            </div>
            <button
                type="button"
                class="button button--quiet button--icon coaching__more"
                aria-label=t!(common.more_actions)
                aria-expanded=move || unfolded.get().to_string()
                on:click=move |_| unfolded.update(|unfolded| *unfolded = !*unfolded)
            >
                <Icon name="more"/>
            </button>
            <div class="coaching__acts">
                <ReassignButton workitem offered />
                <FollowButton following />
                <a class="button button--quiet" href=move || workitem.with(|workitem| watch_path(&workitem.id))>
                    {t!(watch.to_wall)}
                </a>
                <StepIn view />
            </div>
            <div class="coaching__alerts">
                <AlertMarks alerts=workitem.with_untracked(|workitem| alerts_of(workitem.id.clone())) dismiss=true />
            </div>
            <LabelLine view />
            <ReviewLine view />
            <Earlier workitem=workitem.with_untracked(|workitem| workitem.id.clone()) />
        </header>
    }
}

/// The names of the other supervisors who monitor the workitem.
fn use_others(workitem: RwSignal<Workitem>, list: RwSignal<Vec<Workitem>>) -> Memo<String> {
    let session = use_session();
    Memo::new(move |_| {
        let me = session.me.with(|me| me.id.clone());
        let (id, known) = workitem.with(|here| (here.id.clone(), here.monitors.clone()));
        let listed = list.with(|list| {
            let row = list.iter().find(|row| row.id == id);
            row.map(|row| row.monitors.clone())
        });
        let mut there = listed.unwrap_or(known);
        there.retain(|monitor| monitor.id != me);
        names(&there)
    })
}

/// The way back, which ends the coaching.
fn back_link(agent: Memo<Option<UserId>>, on_back: Callback<()>) -> AnyView {
    // A user who came from the dashboard without opening the list goes back there.
    let from_dashboard = use_navigation().came_from() == "/dashboard";
    let back_to = move || {
        if from_dashboard {
            return "/dashboard".to_owned();
        }
        agent.with(|agent| {
            agent
                .as_ref()
                .map_or_else(|| "/dashboard".to_owned(), coaching_path)
        })
    };
    view! {
        <a
            class="button button--quiet button--icon coaching__back"
            href=back_to
            aria-label=t!(coaching.back)
            title=t!(coaching.back_hint)
            on:click=move |event| {
                // With a modifier the link opens elsewhere and this page stays.
                if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                    on_back.run(());
                }
            }
        >
            <Icon name="back"/>
        </a>
    }
    .into_any()
}

/// Channel, customer, agent, state, and how long the customer has waited.
#[component]
fn Facts(
    workitem: RwSignal<Workitem>,
    presence: RwSignal<Option<(UserId, Presence)>>,
) -> impl IntoView {
    let who = Memo::new(move |_| workitem.with(|workitem| workitem.agent.clone()));
    view! {
        <p class="coaching__facts">
            {customer_facts(workitem)}
            <span class="coaching__fact">
                <span class="coaching__word">{t!(coaching.agent)}" "</span>
                {move || who.get().map(|person| view! {
                    <bdi>{person.name.clone()}</bdi>" "<AgentPresence agent=person.id presence/>
                }.into_any())}
                {move || who.with(Option::is_none).then_some(t!(coaching.no_agent))}
            </span>
            <span class=move || workitem.with(|workitem| {
                format!("badge badge--{}", workitem.state.code())
            })>
                {move || workitem.with(|workitem| label(workitem.state))}
            </span>
            {waiting_fact(workitem)}
        </p>
    }
}

/// Whether the agent can be reached, as their list of workitems says, where the page may follow it.
#[component]
fn AgentPresence(agent: UserId, presence: RwSignal<Option<(UserId, Presence)>>) -> impl IntoView {
    move || {
        let (_, presence) = presence.get().filter(|(of, _)| *of == agent)?;
        Some(view! { <PresenceDot presence=Signal::stored(presence)/> }.into_any())
    }
}
