//! The agent's open workitems as links, each live by itself: a message in one does not redraw the others.

use shared::ids::WorkitemId;
use shared::workitem::{Channel, Workitem, WorkitemState};

use crate::components::{Icon, NavLink, Wait};
use crate::prelude::*;
use crate::state::use_desk;

/// The picture of a channel; its word stands beside it.
pub fn channel_icon(channel: Channel) -> &'static str {
    channel.code()
}

/// The list, or a line that there is nothing.
#[component]
pub fn WorkitemList() -> impl IntoView {
    let worklist = use_desk().worklist;
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
        first.map(|first| view! { <WorkitemLink first=first /> })
    };
    view! {
        <ul class="worklist">
            <For each=move || ids.get() key=|id| id.clone() children=line />
        </ul>
        {move || ids.with(Vec::is_empty).then(|| view! {
            <p class="worklist__empty">"Nothing is assigned to you."</p>
        })}
    }
}

#[component]
fn WorkitemLink(first: Workitem) -> impl IntoView {
    let worklist = use_desk().worklist;
    let id = first.id.clone();
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
    let since = Signal::derive(move || workitem.with(|workitem| workitem.waiting_since));
    let state = move || workitem.with(|workitem| workitem.state);
    view! {
        <li class="worklist__item">
            <NavLink href class="worklist__link">
                <span class="worklist__head">
                    <Icon name=channel_icon(channel) />
                    <span class="worklist__channel">{channel.label()}</span>
                    <span class="worklist__customer">
                        {move || workitem.with(|workitem| workitem.customer.clone())}
                    </span>
                    <Wait since=since />
                    {move || match workitem.with(|workitem| workitem.unread) {
                        0 => None,
                        unread => Some(view! {
                            <span class="badge badge--count">
                                {unread}
                                <span class="visually-hidden">" unread"</span>
                            </span>
                        }),
                    }}
                </span>
                <span class="worklist__subject">
                    {move || workitem.with(|workitem| workitem.subject.clone())}
                </span>
                <span class="worklist__preview">
                    {move || workitem.with(|workitem| workitem.preview.clone())}
                </span>
                {move || (state() != WorkitemState::Active).then(|| view! {
                    <span class=["badge badge--", state().code()].concat()>{state().label()}</span>
                })}
            </NavLink>
        </li>
    }
}
