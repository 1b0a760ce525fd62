//! The agent's open workitems as links, each updated alone: a message in one does not redraw the others.

use leptos::prelude::*;
use leptos_router::components::A;
use shared::ids::WorkitemId;
use shared::workitem::{Channel, Workitem, WorkitemState};

use crate::components::{Icon, Wait};
use crate::language::label;
use crate::outbox::{Destination, use_unsent};
use crate::state::use_session;

/// The picture of a channel; its word stands beside it.
pub fn channel_icon(channel: Channel) -> &'static str {
    channel.code()
}

/// The list, or a line that there is nothing.
#[component]
pub fn WorkitemList() -> impl IntoView {
    let worklist = use_session().worklist;
    let ids = Memo::new(move |_| {
        worklist.with(|list| {
            list.iter()
                .flat_map(|list| list.workitems.iter().map(|workitem| workitem.id.clone()))
                .collect::<Vec<_>>()
        })
    });
    let line = move |id: WorkitemId| {
        let first = worklist.with_untracked(|list| {
            list.as_ref()?
                .workitems
                .iter()
                .find(|workitem| workitem.id == id)
                .cloned()
        });
        first.map(|first| view! { <WorkitemLink first=first /> }.into_any())
    };
    view! {
        <ul class="worklist">
            <For each=move || ids.get() key=|id| id.clone() children=line />
        </ul>
        {move || ids.with(Vec::is_empty).then(|| view! {
            <p class="worklist__empty">{t!(workspace.list_empty)}</p>
        }.into_any())}
    }
}

#[component]
fn WorkitemLink(first: Workitem) -> impl IntoView {
    let worklist = use_session().worklist;
    let id = first.id.clone();
    let first_id = first.id.clone();
    let href = format!("/workspace/{id}");
    let channel = first.channel;
    let workitem = Memo::new(move |before: Option<&Workitem>| {
        worklist
            .with(|list| {
                list.as_ref()?
                    .workitems
                    .iter()
                    .find(|workitem| workitem.id == id)
                    .cloned()
            })
            // Gone from the list: this line goes with the list's next drawing.
            .unwrap_or_else(|| before.unwrap_or(&first).clone())
    });
    let waits = Signal::derive(move || workitem.with(Workitem::waits));
    let state = move || workitem.with(|workitem| workitem.state);
    let coached = Memo::new(move |_| workitem.with(|workitem| workitem.coaching_unseen));
    let asks = Memo::new(move |_| {
        let id = workitem.with(|workitem| workitem.id.clone());
        worklist.with(|list| {
            let mut hands = list.iter().flat_map(|list| &list.hands);
            hands.any(|hand| hand.workitem.as_ref() == Some(&id))
        })
    });
    let to_coach = use_unsent(Destination::Coach(first_id.clone()));
    let to_staff = use_unsent(Destination::Staff(first_id.clone()));
    let unsent = use_unsent(Destination::Customer(first_id));
    view! {
        <li class="worklist__item">
            <A href attr:class="worklist__link">
                <span class="worklist__head">
                    <Icon name=channel_icon(channel) />
                    <span class="worklist__channel">{label(channel)}</span>
                    <span class="worklist__customer" dir="auto">
                        {move || workitem.with(|workitem| workitem.customer.clone())}
                    </span>
                    {move || workitem.with(monitored)}
                    {move || asks.get().then(|| view! {
                        <span class="worklist__asks" title=t!(workspace.asked)>
                            <Icon name="hand" />
                            <span class="visually-hidden">{t!(workspace.asked)}</span>
                        </span>
                    }.into_any())}
                    <Wait waits />
                    {move || match workitem.with(|workitem| workitem.unread) {
                        0 => None,
                        unread => Some(view! {
                            <span class="badge badge--count">
                                {unread}
                                <span class="visually-hidden">" "{t!(workspace.unread)}</span>
                            </span>
                        }.into_any()),
                    }}
                </span>
                <span class="worklist__subject" dir="auto">
                    {move || workitem.with(|workitem| workitem.subject.clone())}
                </span>
                <span class="worklist__preview" dir="auto">
                    {move || workitem.with(|workitem| workitem.preview.clone())}
                </span>
                {move || coaching_line(coached.get()).map(|line| view! {
                    <span class="badge badge--coaching worklist__coaching">{line}</span>
                }.into_any())}
                {move || unsent.get().or(to_coach.get()).or(to_staff.get()).map(|mark| view! { <span class="badge worklist__unsent">{label(mark)}</span> }.into_any())}
                {move || (state() != WorkitemState::Active).then(|| view! {
                    <span class=["badge badge--", state().code()].concat()>{label(state())}</span>
                }.into_any())}
            </A>
        </li>
    }
}

/// How much coaching is unseen, in the words of the list.
fn coaching_line(count: i64) -> Option<String> {
    match count {
        0 => None,
        count => Some(t!(workspace.coaching, count = count)),
    }
}

/// Who stands beside the agent there.
fn monitored(workitem: &Workitem) -> Option<impl IntoView + use<>> {
    let names = shared::transcript::names(&workitem.monitors);
    (!names.is_empty()).then(|| {
        let words = t!(workspace.monitored_by, names = names);
        let text = words.clone();
        view! {
            <span class="worklist__monitored" title=words>
                <Icon name="eye" />
                <span class="visually-hidden">{text}</span>
            </span>
        }
        .into_any()
    })
}
