//! The agent's workitems beside the conversation on wide screens, live, to go from one to the next. Following
//! the list is not monitoring; opening one of them is.

use leptos::prelude::*;
use shared::ids::{UserId, WorkitemId};
use shared::live::{ServerFrame, Topic};
use shared::people::Presence;
use shared::workitem::{AgentWorkitems, RaisedHand, Workitem};

use crate::api::coaching::{AgentWorkitemsBeside, AgentWorkitemsLoad};
use crate::components::alert_marks::{AlertMarks, alerts_of};
use crate::components::{Icon, Waiting};
use crate::first_data::{FirstAnswer, first_answer};
use crate::language::label;
use crate::live::use_live;
use crate::outbox::{Destination, use_unsent};
use crate::state::use_session;

/// The open workitems of the agent whom the address names.
pub(super) fn first_agent_workitems(agent: Memo<Option<UserId>>) -> FirstAnswer<AgentWorkitems> {
    first_answer(move || agent.get().map(|agent| AgentWorkitemsLoad { agent }))
}

/// The list. Nothing at all while it cannot be loaded or may not be seen any more: the conversation beside it says why.
#[component]
pub fn OtherWorkitems(
    /// Whose.
    agent: Memo<Option<UserId>>,
    /// The one that is open.
    current: Memo<Option<WorkitemId>>,
    /// Set to the agent's open workitems.
    workitems: RwSignal<Vec<Workitem>>,
    /// Set to the agent's open requests.
    hands: RwSignal<Vec<RaisedHand>>,
    /// Set to the agent and whether they can be reached.
    presence: RwSignal<Option<(UserId, Presence)>>,
) -> impl IntoView {
    // What nobody has, and what was just taken over, stands under the reader's own name: nobody watches themselves.
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let other = Memo::new(move |_| agent.get().filter(|agent| *agent != me));
    // Whose they are alone makes it ask again.
    let first = first_answer(move || {
        Some(AgentWorkitemsBeside {
            agent: other.get()?,
            workitem: current.get_untracked()?,
        })
    });
    move || match first.answer.get() {
        Some(Ok(Some(list))) => {
            Some(view! { <LiveList first=list current workitems hands presence/> }.into_any())
        }
        _ => None,
    }
}

#[component]
fn LiveList(
    first: AgentWorkitems,
    current: Memo<Option<WorkitemId>>,
    workitems: RwSignal<Vec<Workitem>>,
    hands: RwSignal<Vec<RaisedHand>>,
    presence: RwSignal<Option<(UserId, Presence)>>,
) -> impl IntoView {
    let agent = first.agent.id.clone();
    workitems.set(first.workitems);
    presence.set(Some((agent.clone(), first.presence)));
    let asked = first.hands;
    Effect::new(move || hands.set(asked.clone()));
    let whose = agent.clone();
    let refused = RwSignal::new(false);
    use_live().follow(
        Topic::Agent(agent.clone()),
        None,
        false,
        move |frame| match frame {
            ServerFrame::Agent(list) if list.agent.id == whose => {
                refused.set(false);
                workitems.set(list.workitems.clone());
                hands.set(list.hands.clone());
                presence.set(Some((whose.clone(), list.presence)));
            }
            ServerFrame::Refused { .. } => {
                refused.set(true);
                presence.set(None);
                hands.set(Vec::new());
            }
            _ => {}
        },
    );
    let ids = Memo::new(move |_| {
        workitems.with(|list| list.iter().map(|row| row.id.clone()).collect::<Vec<_>>())
    });
    let title = t!(workitems.title, name = first.agent.name);
    move || {
        let (name, title, agent) = (title.clone(), title.clone(), agent.clone());
        (!refused.get()).then(|| {
            view! {
                <nav class="others" aria-label=name>
                    <h2 class="others__title">{title}</h2>
                    <ul class="others__list" role="list">
                        <For each=move || ids.get() key=|id| id.clone() let:id>
                            <Other workitems=workitems agent=agent.clone() id=id current=current/>
                        </For>
                    </ul>
                    {move || ids.with(Vec::is_empty).then(|| view! {
                        <p class="others__none">{t!(coaching.none)}</p>
                    }.into_any())}
                </nav>
            }
            .into_any()
        })
    }
}

#[component]
fn Other(
    workitems: RwSignal<Vec<Workitem>>,
    agent: UserId,
    id: WorkitemId,
    current: Memo<Option<WorkitemId>>,
) -> impl IntoView {
    let href = format!("/coaching/{agent}/{id}");
    let row = {
        let id = id.clone();
        Memo::new(move |_| workitems.with(|list| list.iter().find(|row| row.id == id).cloned()))
    };
    let unsent = use_unsent(Destination::Agent(id.clone()));
    let marked = id.clone();
    let is_current = Memo::new(move |_| current.with(|current| current.as_ref() == Some(&id)));
    view! {
        <li>
            <a
                class="others__link"
                href=href
                aria-current=move || is_current.get().then_some("page")
            >
                {move || row.with(|row| row.as_ref().map(|row| view! {
                    <Icon name=row.channel.code()/>
                    <span class="visually-hidden">{label(row.channel)}" "</span>
                    <span class="others__subject" dir="auto">{row.subject.clone()}</span>
                    <span class="others__customer" dir="auto">{row.customer.clone()}</span>
                    <span class="others__wait">
                        {row.waiting_since.is_some().then(|| view! {
                            <span class="visually-hidden">{t!(common.waiting_word)}" "</span>
                        }.into_any())}
                        <Waiting since=Signal::stored(row.waiting_since)/>
                    </span>
                }.into_any()))}
                {move || unsent.get().map(|mark| view! {
                    <span class="badge badge--warn others__unsent">{label(mark)}</span>
                }.into_any())}
                <AlertMarks alerts=alerts_of(marked)/>
            </a>
        </li>
    }
}
