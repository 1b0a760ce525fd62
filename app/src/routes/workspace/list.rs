//! The agent's open workitems as links, in the order that they chose, each updated alone: a message in one does not redraw the
//! others.

use leptos::prelude::*;
use leptos_router::components::A;
use shared::ids::WorkitemId;
use shared::workitem::{Channel, Workitem, WorkitemState};

use super::order::{ListOrder, ordered};
use crate::components::hold::{Hold, Holding, kept};
use crate::components::{Icon, Wait, select_view};
use crate::language::label;
use crate::outbox::{Destination, use_unsent};
use crate::state::use_session;
use crate::storage;

/// Where the browser keeps the order: `sideline-list-order:USER`.
const ORDER: &str = "sideline-list-order:";

/// The picture of a channel; its word stands beside it.
pub fn channel_icon(channel: Channel) -> &'static str {
    channel.code()
}

/// The order of the list, by its code. What the browser keeps is not known to the host, so it comes once the page can answer, and
/// not under the pointer.
fn use_order(hold: Hold, key: String) -> RwSignal<String> {
    let order = RwSignal::new(ListOrder::NeedsMe.code().to_owned());
    Effect::new(move |read: Option<bool>| {
        let held = hold.get() || is_in_use();
        if read == Some(true) || held {
            return read == Some(true);
        }
        if let Some(code) = storage::get(&key) {
            order.set(ListOrder::from_code(&code).code().to_owned());
        }
        true
    });
    order
}

/// Whether somebody points at the list or has the focus there, also since before the page could hear of it.
fn is_in_use() -> bool {
    let found = document().query_selector(".workspace__held:is(:hover, :focus-within)");
    matches!(found, Ok(Some(_)))
}

/// The list with its heading and its order, or a line that there is nothing. While somebody points into it or has the focus there,
/// what stands in it keeps its place; another order is followed at once.
#[component]
pub fn WorkitemList() -> impl IntoView {
    let session = use_session();
    let worklist = session.worklist;
    let key = session
        .me
        .with_untracked(|me| [ORDER, me.id.as_str()].concat());
    let hold = Hold::default();
    let order = use_order(hold, key.clone());
    let shown = Memo::new(move |before: Option<&(String, Vec<WorkitemId>)>| {
        let (by, held, within) = (order.get(), hold.get(), session.answer_within.get());
        let next = worklist.with(|list| {
            let list = list.as_ref();
            let workitems = list.map(|list| ordered(&list.workitems, &by, &within));
            workitems.unwrap_or_default()
        });
        let next = match before {
            Some((was, ids)) if held && *was == by => kept(ids, &next, next.clone()),
            _ => next,
        };
        (by, next)
    });
    let orders = ListOrder::ALL.map(|by| (by.code().to_owned(), by.name().to_owned()));
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
        <div class="workspace__head">
            <h2 class="workspace__title">{t!(workspace.mine)}</h2>
            {select_view(
                "select workspace__sort",
                t!(workspace.sort),
                Signal::stored(orders.into()),
                order.into(),
                move |code| {
                    // Where storage is forbidden the choice lasts as long as the page.
                    storage::set(&key, &code);
                    order.set(code);
                },
            )}
        </div>
        <Holding hold class="workspace__held">
            <ul class="worklist">
                <For each=move || shown.with(|(_, ids)| ids.clone()) key=|id| id.clone() children=line />
            </ul>
        </Holding>
        {move || shown.with(|(_, ids)| ids.is_empty()).then(|| view! {
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
    let undelivered = Memo::new(move |_| workitem.with(Workitem::undelivered));
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
                {move || unsent.get().or(to_coach.get()).or(to_staff.get()).map(|mark| warning(label(mark)))}
                {move || undelivered.get().then(|| warning(t!(delivery.not_delivered)))}
                {move || (state() != WorkitemState::Active).then(|| view! {
                    <span class=["badge badge--", state().code()].concat()>{label(state())}</span>
                }.into_any())}
            </A>
        </li>
    }
}

/// What did not leave, or did not arrive.
fn warning(words: &'static str) -> AnyView {
    view! { <span class="badge worklist__unsent">{words}</span> }.into_any()
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
