//! One line of a conversation, and what its agent can do with a coaching message: react, copy, forward. A
//! forwarded text goes out as it stands; there is no way to edit it here.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::delivery::{Delivery, DeliveryState};
use shared::ids::{EntryId, WorkitemId};
use shared::notice::Notice;
use shared::time::Timestamp;
use shared::transcript::{EndReason, Entry, EntryBody, Reaction, data_author, data_entry};
use shared::workitem::WorkitemState;

use super::transcript::{MonitoringLine, Runs};
use super::{Icon, Menu, MenuAnchor, MenuItem, linked};
use crate::api::coaching::{coaching_forward, reaction_set};
use crate::api::workitems::delivery_retry;
use crate::attempt::{Attempt, LastChoice};
use crate::components::LocalTime;
use crate::language::{delivery_text, error_text, label, notice_text};
use crate::live::ConversationView;
use crate::random::new_key;
use crate::state::{SessionState, use_session};

/// An entry of any kind. An `older` one was loaded by scrolling up, and is laid out only while it is near the screen.
#[component]
pub fn EntryLine(
    view: ConversationView,
    runs: Runs,
    entry: Entry,
    agent_tools: bool,
    older: bool,
) -> impl IntoView {
    let (author, kind) = (data_author(&entry.body), data_entry(&entry.body));
    let at = entry.at;
    let look = match (&entry.body, author) {
        (EntryBody::Coaching { .. }, _) => "coaching",
        (_, author) => author,
    };
    let weight = if older { " entry--older" } else { "" };
    let class = ["entry entry--", look, weight].concat();
    if monitoring_text(&entry.body).is_some() {
        return view! { <MonitoringLine runs entry class kind /> }.into_any();
    }
    let inside = match entry.body.clone() {
        EntryBody::Message {
            name,
            text,
            delivery,
            ..
        } => view! {
            <EntryHead name=name at=at />
            <p class="entry__text" dir="auto">{linked(&text)}</p>
            {delivery.map(|first| view! { <DeliveryFoot view entry first agent_tools /> }.into_any())}
        }
        .into_any(),
        EntryBody::Coaching { name, text, .. } => view! {
            <EntryHead name=name at=at />
            <p class="entry__label">
                {if agent_tools {
                    t!(transcript.label_agent)
                } else {
                    t!(transcript.label_supervisor)
                }}
            </p>
            <p class="entry__text" dir="auto">{linked(&text)}</p>
            <CoachingFoot view=view entry=entry text=text agent_tools=agent_tools />
        }
        .into_any(),
        EntryBody::Notice(Notice::Earlier { workitem, subject }) => {
            earlier_line(view, workitem, subject, at, agent_tools)
        }
        EntryBody::Notice(notice) => system_line(notice_text(&notice), at),
        // Drawn above.
        EntryBody::MonitoringStarted { .. } | EntryBody::MonitoringEnded { .. } => ().into_any(),
    };
    view! {
        <article class=class data-author=author data-entry=kind>
            {inside}
        </article>
    }
    .into_any()
}

#[component]
fn EntryHead(name: String, at: Timestamp) -> impl IntoView {
    view! {
        <p class="entry__head">
            <bdi class="entry__author">{name}</bdi>
            " "
            <LocalTime at=at />
        </p>
    }
}

fn system_line(text: String, at: Timestamp) -> AnyView {
    view! {
        <p class="entry__line">{text} " " <LocalTime at=at /></p>
    }
    .into_any()
}

/// Leads to the customer's conversation before this one, where the reader may open it.
fn earlier_line(
    view: ConversationView,
    workitem: WorkitemId,
    subject: String,
    at: Timestamp,
    agent_tools: bool,
) -> AnyView {
    let agent = view
        .workitem
        .with_untracked(|workitem| workitem.agent.as_ref().map(|agent| agent.id.clone()));
    let href = match (agent_tools, agent) {
        (true, _) => format!("/workspace/{workitem}"),
        // Another agent may have it now: the page corrects its address.
        (false, Some(agent)) => format!("/coaching/{agent}/{workitem}"),
        (false, None) => return system_line(t!(notices.earlier, subject = subject), at),
    };
    view! {
        <p class="entry__line">
            <a href=href>{t!(notices.earlier, subject = subject)}</a>" "<LocalTime at=at />
        </p>
    }
    .into_any()
}

/// How far a message has come, and Retry for its agent when it did not arrive.
#[component]
fn DeliveryFoot(
    view: ConversationView,
    entry: Entry,
    first: Delivery,
    agent_tools: bool,
) -> impl IntoView {
    let session = use_session();
    let (seq, id, attempt) = (entry.seq, entry.id, Attempt::new());
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let delivery = Memo::new(move |_| {
        view.entries.with(|entries| {
            let place = entries.binary_search_by_key(&seq, |entry| entry.seq);
            match place.map(|place| &entries[place].body) {
                Ok(EntryBody::Message {
                    delivery: Some(delivery),
                    ..
                }) => *delivery,
                _ => first,
            }
        })
    });
    let retry = Callback::new(move |()| {
        let (workitem, id) = (workitem.clone(), id.clone());
        spawn_local(async move {
            let key = attempt.key(&id).unwrap_or_else(new_key);
            let answer = delivery_retry(workitem, key, id).await;
            attempt.answered(&answer);
            if let Err(error) = answer {
                session.toast(error_text(&error.0));
            }
        });
    });
    move || {
        let delivery = delivery.get();
        let failed = delivery.state == DeliveryState::Failed;
        let class = if failed {
            "entry__seen entry__seen--failed"
        } else {
            "entry__seen"
        };
        view! {
            <p class=class data-delivery=delivery.state.code()>
                {delivery_text(&delivery)}
                {(failed && agent_tools).then(|| view! {
                    " "
                    <button type="button" class="button button--quiet" on:click=move |_| retry.run(())>
                        {t!(delivery.retry)}
                    </button>
                }.into_any())}
            </p>
        }
        .into_any()
    }
}

/// What a monitoring line says; `None` is another entry.
pub(super) fn monitoring_text(body: &EntryBody) -> Option<String> {
    match body {
        EntryBody::MonitoringStarted { name, .. } => {
            Some(t!(transcript.monitoring_started, name = name))
        }
        EntryBody::MonitoringEnded { name, reason, .. } => Some(ended_text(name, *reason)),
        _ => None,
    }
}

/// That a monitoring ended, and why. Leaving by oneself needs no reason.
fn ended_text(name: &str, reason: EndReason) -> String {
    match reason {
        EndReason::Left => t!(transcript.monitoring_left, name = name),
        EndReason::ConnectionLost => t!(transcript.monitoring_connection_lost, name = name),
        EndReason::SignedOut => t!(transcript.monitoring_signed_out, name = name),
        EndReason::AuthorityLost => t!(transcript.monitoring_authority_lost, name = name),
        EndReason::WorkitemClosed => t!(transcript.monitoring_workitem_closed, name = name),
    }
}

/// What changes in a coaching entry after it was sent.
fn fate(entry: &Entry) -> (Option<Reaction>, Option<Timestamp>, Option<Timestamp>) {
    match &entry.body {
        EntryBody::Coaching {
            reaction,
            forwarded_at,
            seen_at,
            ..
        } => (*reaction, *forwarded_at, *seen_at),
        _ => (None, None, None),
    }
}

/// For supervisors: whether the agent has had a coaching message in front of them.
fn seen_view(view: ConversationView, seen_at: Option<Timestamp>) -> Option<AnyView> {
    match seen_at {
        // From before it was kept.
        Some(Timestamp(0)) => None,
        Some(at) => Some(
            view! {
                <p class="entry__seen">
                    <Icon name="check" />
                    {t!(transcript.seen)}" "
                    <LocalTime at=at />
                </p>
            }
            .into_any(),
        ),
        None => {
            let open = |state| matches!(state, WorkitemState::Active | WorkitemState::WrapUp);
            let agent = view.workitem.with(|workitem| {
                let agent = workitem.agent.as_ref();
                agent
                    .filter(|_| open(workitem.state))
                    .map(|agent| agent.name.clone())
            });
            let line = match agent {
                Some(agent) => t!(transcript.not_opened, name = agent),
                None => t!(transcript.not_seen).to_owned(),
            };
            Some(view! { <p class="entry__seen entry__seen--not">{line}</p> }.into_any())
        }
    }
}

/// Reaction and forwarding, for the agent as buttons, for supervisors in words.
#[component]
fn CoachingFoot(
    view: ConversationView,
    entry: Entry,
    text: String,
    agent_tools: bool,
) -> impl IntoView {
    let (seq, first) = (entry.seq, fate(&entry));
    let fate = Memo::new(move |_| {
        view.entries.with(|entries| {
            entries
                .binary_search_by_key(&seq, |entry| entry.seq)
                .map_or(first, |at| fate(&entries[at]))
        })
    });
    let forwarded = move || {
        fate.get().1.map(|at| {
            view! {
                <p class="entry__forwarded">
                    <Icon name="forward" />
                    {t!(transcript.forwarded)}" "
                    <LocalTime at=at />
                </p>
            }
            .into_any()
        })
    };
    let tools = if agent_tools {
        view! { <AgentTools view=view entry=entry text=text fate=fate /> }.into_any()
    } else {
        let words = move || {
            let reaction = fate.get().0?;
            let agent = view
                .workitem
                .with(|workitem| workitem.agent.as_ref().map(|agent| agent.name.clone()));
            let words = match agent {
                Some(name) => t!(
                    transcript.reaction_from,
                    reaction = label(reaction),
                    name = name
                ),
                None => label(reaction).to_owned(),
            };
            let icon = match reaction {
                Reaction::ThumbsUp => "thumbs-up",
                Reaction::ThumbsDown => "thumbs-down",
            };
            Some(
                view! {
                    <p class="entry__reaction">
                        <Icon name=icon />
                        {words}
                    </p>
                }
                .into_any(),
            )
        };
        let seen = Memo::new(move |_| fate.get().2);
        view! {
            {words}
            {move || seen_view(view, seen.get())}
        }
        .into_any()
    };
    view! {
        <div class="entry__foot">
            // First, so that what is told of it later does not move the buttons.
            {tools}
            {forwarded}
        </div>
    }
}

type Fate = Memo<(Option<Reaction>, Option<Timestamp>, Option<Timestamp>)>;

/// Says what the agent thinks of a coaching message. What they pressed shows at once; what the host says then counts.
fn use_reaction(
    session: SessionState,
    view: ConversationView,
    entry: EntryId,
    fate: Fate,
) -> (RwSignal<Option<Reaction>>, Callback<Reaction>) {
    let shown = RwSignal::new(fate.get_untracked().0);
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let choice = LastChoice::new(
        move |wanted, key| {
            let set = reaction_set(workitem.clone(), entry.clone(), key, wanted);
            async move { Ok(set.await?) }
        },
        move |_, answer| {
            // What the host said on the way was about a choice before this one.
            if let Some(fate) = fate.try_get_untracked().filter(|_| answer.is_err()) {
                shown.try_set(fate.0);
            }
            if let Err(error) = answer {
                session.toast(error_text(&error));
            }
        },
    );
    let chosen = choice.clone();
    Effect::new(move || {
        let told = fate.get().0;
        if !chosen.pending() {
            shown.set(told);
        }
    });
    let react = Callback::new(move |reaction: Reaction| {
        let wanted = (shown.get_untracked() != Some(reaction)).then_some(reaction);
        shown.set(wanted);
        choice.choose(wanted);
    });
    (shown, react)
}

/// Sends a coaching message to the customer, once. Answers whether it can be sent, and how.
fn use_forwarding(
    session: SessionState,
    view: ConversationView,
    entry: EntryId,
    fate: Fate,
) -> (impl Fn() -> bool + Copy, Callback<()>) {
    let sending = RwSignal::new(false);
    let attempt = Attempt::new();
    let can_forward = move || {
        let active = view.workitem.with_untracked(|workitem| {
            workitem.state == WorkitemState::Active && workitem.channel.coachable()
        });
        active && !sending.get_untracked() && fate.get_untracked().1.is_none()
    };
    let forward = Callback::new(move |()| {
        if sending.get_untracked() || fate.get_untracked().1.is_some() {
            return;
        }
        sending.set(true);
        let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
        let entry = entry.clone();
        spawn_local(async move {
            let key = attempt.key(&entry);
            let answer = coaching_forward(workitem, entry, key).await;
            attempt.answered(&answer);
            match answer {
                // Stays as it is: the entry itself says soon that it was forwarded.
                Ok(sent) => view.apply_sent(sent),
                Err(error) => {
                    sending.try_set(false);
                    session.toast(error_text(&error.0));
                }
            }
        });
    });
    (can_forward, forward)
}

#[component]
fn AgentTools(view: ConversationView, entry: Entry, text: String, fate: Fate) -> impl IntoView {
    let session = use_session();
    let (shown, react) = use_reaction(session, view, entry.id.clone(), fate);
    let (can_forward, forward) = use_forwarding(session, view, entry.id, fate);
    let text = StoredValue::new(text);
    let copy = Callback::new(move |()| copy(session, text.get_value()));
    let open = RwSignal::new(None::<MenuAnchor>);
    let menu = move |at: MenuAnchor| {
        let mut items = vec![MenuItem::action(t!(common.copy), "copy", copy)];
        if can_forward() {
            items.push(MenuItem::action(t!(transcript.forward), "forward", forward));
        }
        view! {
            <Menu
                label=t!(common.more_actions)
                at=at
                on_close=Callback::new(move |()| open.set(None))
                items=items
            />
        }
        .into_any()
    };
    let thumb = move |reaction: Reaction, icon: &'static str| {
        view! {
            <button
                type="button"
                class="button button--icon button--quiet entry__thumb"
                aria-label=label(reaction)
                title=label(reaction)
                aria-pressed=move || (shown.get() == Some(reaction)).to_string()
                on:click=move |_| react.run(reaction)
            >
                <Icon name=icon />
            </button>
        }
        .into_any()
    };
    view! {
        <div class="entry__tools">
            {thumb(Reaction::ThumbsUp, "thumbs-up")}
            {thumb(Reaction::ThumbsDown, "thumbs-down")}
            <button
                type="button"
                class="button button--icon button--quiet"
                aria-label=t!(common.more_actions)
                title=t!(common.more_actions)
                aria-haspopup="menu"
                aria-expanded=move || open.with(Option::is_some).to_string()
                on:click=move |event| {
                    let at = MenuAnchor::below(&event);
                    open.update(|open| *open = if open.is_some() { None } else { Some(at) });
                }
            >
                <Icon name="more" />
            </button>
            {move || open.get().map(menu)}
        </div>
    }
}

/// Puts a text on the clipboard and says how that went.
pub fn copy(session: SessionState, text: String) {
    let navigator = window().navigator();
    // Not there on a page from an insecure origin; calling it would throw.
    let missing = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| clipboard.is_undefined());
    if missing {
        session.toast(t!(transcript.no_clipboard));
        return;
    }
    let promise = navigator.clipboard().write_text(&text);
    spawn_local(async move {
        match wasm_bindgen_futures::JsFuture::from(promise).await {
            Ok(_) => session.toast(t!(transcript.copied)),
            Err(_) => session.toast(t!(transcript.copy_refused)),
        }
    });
}
