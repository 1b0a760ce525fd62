//! What becomes of a coaching message: its agent reacts, copies and forwards, its supervisor sees that. A forwarded text goes
//! out as it stands; there is no way to edit it here.

use leptos::prelude::*;
use shared::ids::EntryId;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::transcript::{Entry, EntryBody, Reaction, ReplySeen};
use shared::workitem::WorkitemState;

use crate::api::coaching::reaction_set;
use crate::attempt::LastChoice;
use crate::components::clipboard::copy;
use crate::components::{Icon, LocalTime, Menu, MenuAnchor, MenuItem};
use crate::language::{error_text, label};
use crate::live::ConversationView;
use crate::outbox::use_outbox;
use crate::state::{SessionState, use_session};

/// What changes in a coaching entry after it was sent.
fn outcome(entry: &Entry) -> (Option<Reaction>, Option<Timestamp>, Option<Timestamp>) {
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

/// Which agent reacted, where that was kept.
fn reacted_by(entry: &Entry) -> Option<PersonRef> {
    match &entry.body {
        EntryBody::Coaching { reaction_by, .. } => reaction_by.clone(),
        _ => None,
    }
}

/// What of an entry may change after it was sent.
fn use_latest<T>(view: ConversationView, entry: &Entry, of: fn(&Entry) -> T) -> Memo<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let (seq, first) = (entry.seq, of(entry));
    Memo::new(move |_| {
        view.entries.with(
            |entries| match entries.binary_search_by_key(&seq, |entry| entry.seq) {
                Ok(at) => of(&entries[at]),
                Err(_) => first.clone(),
            },
        )
    })
}

/// The reaction in words, for those whose it is not.
fn reaction_view(reaction: Reaction, by: Option<PersonRef>) -> AnyView {
    let words = match by {
        Some(by) => t!(
            transcript.reaction_from,
            reaction = label(reaction),
            name = by.name
        ),
        None => label(reaction).to_owned(),
    };
    let icon = match reaction {
        Reaction::ThumbsUp => "thumbs-up",
        Reaction::ThumbsDown => "thumbs-down",
    };
    view! {
        <p class="entry__reaction">
            <Icon name=icon />
            {words}
        </p>
    }
    .into_any()
}

/// For supervisors: whether the agent has had a coaching message in front of them.
fn seen_view(view: ConversationView, seen_at: Option<Timestamp>) -> Option<AnyView> {
    match seen_at {
        // Nobody kept when.
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

/// Which coaches have had an agent's reply in front of them. There is nothing to be done with it: it goes to nobody else.
#[component]
pub(super) fn ReplyFoot(view: ConversationView, seq: i64, first: Vec<ReplySeen>) -> impl IntoView {
    let seen = Memo::new(move |_| {
        view.entries.with(|entries| {
            let at = entries.binary_search_by_key(&seq, |entry| entry.seq);
            match at.map(|at| &entries[at].body) {
                Ok(EntryBody::CoachingReply { seen, .. }) => seen.clone(),
                _ => first.clone(),
            }
        })
    });
    let lines = move || match seen.get() {
        none if none.is_empty() => {
            view! { <p class="entry__seen entry__seen--not">{t!(transcript.reply_not_seen)}</p> }
                .into_any()
        }
        seen => seen
            .into_iter()
            .map(|ReplySeen { by, at }| {
                view! {
                    <p class="entry__seen">
                        <Icon name="check" />
                        {t!(transcript.reply_seen, name = by.name)}" "
                        <LocalTime at=at />
                    </p>
                }
                .into_any()
            })
            .collect::<Vec<_>>()
            .into_any(),
    };
    view! { <div class="entry__foot">{lines}</div> }
}

/// Reaction and forwarding, for the agent as buttons, for supervisors in words.
#[component]
pub(super) fn CoachingFoot(
    view: ConversationView,
    entry: Entry,
    text: String,
    agent_tools: bool,
) -> impl IntoView {
    let (outcome, by) = (
        use_latest(view, &entry, outcome),
        use_latest(view, &entry, reacted_by),
    );
    let forwarded = move || {
        outcome.get().1.map(|at| {
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
        view! { <AgentTools view=view entry=entry text=text outcome=outcome by=by /> }.into_any()
    } else {
        let words = move || Some(reaction_view(outcome.get().0?, by.get()));
        // A reaction or a forward shows that it was seen, also where the agent has not come to the end of the conversation since.
        let seen = Memo::new(move |_| {
            let (reaction, forwarded, seen) = outcome.get();
            let used = reaction.is_some() || forwarded.is_some();
            seen.or(used.then_some(Timestamp(0)))
        });
        view! {
            {words}
            {move || seen_view(view, seen.get())}
        }
        .into_any()
    };
    view! {
        <div class="entry__foot">
            // First, so that its later marks do not move the buttons.
            {tools}
            {forwarded}
        </div>
    }
}

/// How the agent answers those who coach from where the coaching stands; the page that has the box provides it.
#[derive(Clone, Copy)]
pub struct CoachReply {
    /// Whether anything can be said there now.
    pub open_to_words: Memo<bool>,
    /// Opens the box and puts the focus into it.
    pub write: Callback<()>,
}

type Outcome = Memo<(Option<Reaction>, Option<Timestamp>, Option<Timestamp>)>;

/// Says what the agent thinks of a coaching message. What they pressed shows at once; what the host says then counts.
fn use_reaction(
    session: SessionState,
    view: ConversationView,
    entry: EntryId,
    outcome: Outcome,
) -> (RwSignal<Option<Reaction>>, Callback<Reaction>) {
    let shown = RwSignal::new(outcome.get_untracked().0);
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let choice = LastChoice::new(
        move |wanted, key| {
            let set = reaction_set(workitem.clone(), entry.clone(), key, wanted);
            async move { Ok(set.await?) }
        },
        move |_, answer| {
            // What the host said on the way was about a choice before this one.
            if let Some(outcome) = outcome.try_get_untracked().filter(|_| answer.is_err()) {
                shown.try_set(outcome.0);
            }
            if let Err(error) = answer {
                session.toast(error_text(&error));
            }
        },
    );
    let chosen = choice.clone();
    Effect::new(move || {
        let stored = outcome.get().0;
        if !chosen.pending() {
            shown.set(stored);
        }
    });
    let react = Callback::new(move |reaction: Reaction| {
        let wanted = (shown.get_untracked() != Some(reaction)).then_some(reaction);
        shown.set(wanted);
        choice.choose(wanted);
    });
    (shown, react)
}

/// Sends a coaching message to the customer, once: the outbox does, in the order of what the agent sends there. Answers
/// whether it can be sent, and how.
fn use_forwarding(
    view: ConversationView,
    entry: EntryId,
    text: StoredValue<String>,
    outcome: Outcome,
) -> (impl Fn() -> bool + Copy, Callback<()>) {
    let (outbox, entry) = (use_outbox(), StoredValue::new(entry));
    let can_forward = move || {
        let active = view.workitem.with_untracked(|workitem| {
            workitem.state == WorkitemState::Active && workitem.channel.coachable()
        });
        let waits = || entry.with_value(|entry| untrack(|| outbox.forwards(entry)));
        active && outcome.get_untracked().1.is_none() && !waits()
    };
    let forward = Callback::new(move |()| {
        if outcome.get_untracked().1.is_none() {
            let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
            outbox.forward(workitem, entry.get_value(), text.get_value());
        }
    });
    (can_forward, forward)
}

/// A button that says what the agent thinks of it.
fn thumb(
    reaction: Reaction,
    icon: &'static str,
    shown: RwSignal<Option<Reaction>>,
    react: Callback<Reaction>,
) -> AnyView {
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
}

#[component]
fn AgentTools(
    view: ConversationView,
    entry: Entry,
    text: String,
    outcome: Outcome,
    by: Memo<Option<PersonRef>>,
) -> impl IntoView {
    let session = use_session();
    let reply = use_context::<CoachReply>();
    let (shown, react) = use_reaction(session, view, entry.id.clone(), outcome);
    let text = StoredValue::new(text);
    let (can_forward, forward) = use_forwarding(view, entry.id, text, outcome);
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
    // What an agent thought who had the workitem before stays theirs.
    let me = session.me.with_untracked(|me| me.id.clone());
    let theirs = Memo::new(move |_| {
        let by = by.get().filter(|by| by.id != me)?;
        Some((outcome.get().0?, by))
    });
    view! {
        <div class="entry__tools">
            {move || match theirs.get() {
                Some((reaction, by)) => reaction_view(reaction, Some(by)),
                None => view! {
                    {thumb(Reaction::ThumbsUp, "thumbs-up", shown, react)}
                    {thumb(Reaction::ThumbsDown, "thumbs-down", shown, react)}
                }.into_any(),
            }}
            {reply.map(|reply| view! {
                <button
                    type="button"
                    class="button button--quiet"
                    hidden=move || !reply.open_to_words.get()
                    on:click=move |_| reply.write.run(())
                >
                    {t!(transcript.reply)}
                </button>
            }.into_any())}
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
