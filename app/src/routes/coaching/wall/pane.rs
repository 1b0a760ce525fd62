//! One conversation on the wall.

use leptos::prelude::*;
use shared::ids::WorkitemId;
use shared::live::{ServerFrame, Topic};
use shared::transcript::Conversation;
use shared::workitem::{RaisedHand, Workitem};

use crate::api::ApiError;
use crate::components::{Icon, Transcript};
use crate::language::error_text;
use crate::live::conversation::{first_conversation, follow_conversation};
use crate::live::use_live;
use crate::routes::coaching::facts::{customer_facts, waiting_fact};
use crate::routes::coaching::requests::Requests;
use crate::routes::coaching::workitem::{ToAgent, mark_replies_seen, use_end_of_coaching};
use crate::state::use_session;

/// A conversation of the wall. What its user may not see any more stands there as such until it is removed.
#[component]
pub(super) fn Pane(
    /// Which.
    workitem: WorkitemId,
    /// Takes it from the wall.
    remove: Callback<WorkitemId>,
) -> impl IntoView {
    let asked = workitem.clone();
    let first = first_conversation(move || Some(asked.clone()));
    let remove = Callback::new(move |()| remove.run(workitem.clone()));
    move || match first.answer.get() {
        None => view! {
            <section class="card watch__pane" aria-busy="true">
                <div class="skeleton coaching__loading"></div>
            </section>
        }
        .into_any(),
        Some(Ok(first)) => view! { <Watched first remove/> }.into_any(),
        Some(Err(ApiError(error))) => {
            let again = move |_| first.refetch();
            view! {
                <section class="card watch__pane" aria-label=t!(watch.unread)>
                    <div class="empty" role="alert">
                        <p>{error_text(&error)}</p>
                        <button type="button" class="button" on:click=again>{t!(common.try_again)}</button>
                        <button type="button" class="button button--quiet" on:click=move |_| remove.run(())>
                            {t!(watch.remove)}
                        </button>
                    </div>
                </section>
            }
            .into_any()
        }
    }
}

/// The conversation with its data. As long as it is here, its supervisor monitors it.
#[component]
fn Watched(first: Conversation, remove: Callback<()>) -> impl IntoView {
    let view = follow_conversation(first, true);
    let workitem = view.workitem;
    let seen = RwSignal::new(0_i64);
    mark_replies_seen(view, seen);
    let over = use_end_of_coaching(view);
    let refused = Memo::new(move |_| view.refused.with(Option::is_some));
    let name = move || {
        workitem.with(|workitem| match &workitem.agent {
            Some(agent) => t!(watch.pane, customer = workitem.customer, name = agent.name),
            None => workitem.customer.clone(),
        })
    };
    view! {
        <section class="card watch__pane" aria-label=name>
            <Head workitem remove/>
            <Requests workitem hands=use_hands(workitem)/>
            // What was seen before the right was lost is not shown any longer.
            {move || (!refused.get()).then(|| view! { <Transcript view seen beside_others=true/> }.into_any())}
            <div role="status">
                {move || over.get().map(|line| view! {
                    <p class="notice notice--warn coaching__over"><Icon name="info"/>{line}</p>
                }.into_any())}
            </div>
            <ToAgent view over />
        </section>
    }
}

/// The open requests of the agent who has the workitem now.
fn use_hands(workitem: RwSignal<Workitem>) -> RwSignal<Vec<RaisedHand>> {
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let agent = Memo::new(move |_| {
        let agent = workitem.with(|workitem| workitem.agent.as_ref().map(|agent| agent.id.clone()));
        agent.filter(|agent| *agent != me)
    });
    let live = use_live();
    let hands = RwSignal::new(Vec::<RaisedHand>::new());
    Effect::new(move || {
        hands.set(Vec::new());
        let Some(agent) = agent.get() else { return };
        let on = move |frame: &ServerFrame| match frame {
            ServerFrame::Agent(list) => hands.set(list.hands.clone()),
            ServerFrame::Refused { .. } => hands.set(Vec::new()),
            _ => {}
        };
        live.follow(Topic::Agent(agent), None, false, on);
    });
    hands
}

/// Whose it is, the way to its Coaching Page, and the way off the wall.
#[component]
fn Head(workitem: RwSignal<Workitem>, remove: Callback<()>) -> impl IntoView {
    let page = move || {
        workitem.with(|workitem| {
            let agent = workitem.agent.as_ref();
            agent.map(|agent| format!("/coaching/{}/{}", agent.id, workitem.id))
        })
    };
    view! {
        <header class="watch__head">
            <h2 class="watch__title" dir="auto">{move || workitem.with(|workitem| workitem.subject.clone())}</h2>
            <p class="coaching__facts">
                {customer_facts(workitem)}
                <span class="coaching__fact">
                    <span class="coaching__word">{t!(coaching.agent)}" "</span>
                    <bdi>{move || workitem.with(|workitem| match &workitem.agent {
                        Some(agent) => agent.name.clone(),
                        None => t!(coaching.no_agent).to_owned(),
                    })}</bdi>
                </span>
                {waiting_fact(workitem)}
            </p>
            <div class="watch__acts">
                {move || page().map(|page| view! {
                    <a class="button button--quiet" href=page>{t!(watch.open)}</a>
                }.into_any())}
                <button
                    type="button"
                    class="button button--quiet button--icon"
                    aria-label=t!(watch.remove)
                    title=t!(watch.remove)
                    on:click=move |_| remove.run(())
                >
                    <Icon name="close"/>
                </button>
            </div>
        </header>
    }
}
