//! The open workitem: heading, conversation, and the box in which the agent answers the customer. It marks as
//! read what the agent has in front of them, and nothing else.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::saved_texts::SavedFor;
use shared::text::{TEXT_MESSAGE_MAX, TextLimit};
use shared::transcript::Conversation;
use shared::workitem::{Channel, Workitem, WorkitemState};

use super::NotYours;
use super::actions::WorkitemActions;
use super::coach_box::{Beside, ToCoach, use_coach_box};
use super::list::channel_icon;
use crate::api::workitems::workitem_read;
use crate::clock::use_now;
use crate::components::earlier::Earlier;
use crate::components::keyboard::use_focus_on_open;
use crate::components::labels::LabelLine;
use crate::components::note_box::{NoteBox, use_note_box};
use crate::components::saved_texts::SavedTexts;
use crate::components::{AnswerWindow, Composer, Icon, PageTitle, Transcript, Wait};
use crate::language::{channel_text, label};
use crate::live::{ConversationView, follow_conversation};
use crate::outbox::Destination;
use crate::state::use_session;

/// A workitem with its conversation, live.
#[component]
pub fn OpenWorkitem(
    first: Conversation,
    /// Set while it is the agent's no more.
    gone_now: RwSignal<bool>,
) -> impl IntoView {
    let session = use_session();
    let view = follow_conversation(first, false);
    let name = Memo::new(move |_| {
        view.workitem
            .with(|workitem| (workitem.id.clone(), workitem.subject.clone()))
    });
    // A raised hand carries what is open.
    Effect::new(move || {
        let opened = name.get();
        session.open_workitem.set(Some(opened.clone()));
        // The router makes the next page before it takes this one away, so another workitem may be open by now.
        on_cleanup(move || {
            let open = session.open_workitem.try_get_untracked().flatten();
            if open == Some(opened) {
                session.open_workitem.try_set(None);
            }
        });
    });
    let gone = Memo::new(move |_| view.refused.with(Option::is_some));
    Effect::new(move || gone_now.set(gone.get()));
    move || {
        if gone.get() {
            let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
            view! { <NotYours workitem=Some(workitem) /> }.into_any()
        } else {
            view! { <Opened view=view /> }.into_any()
        }
    }
}

#[component]
fn Opened(view: ConversationView) -> impl IntoView {
    let seen = RwSignal::new(0_i64);
    mark_read(view, seen);
    use_focus_on_open();
    let first = view.workitem.get_untracked();
    let answerable = first.channel.coachable();
    let coach = answerable.then(|| use_coach_box(view));
    let note = use_note_box(view);
    if !answerable {
        // There is nothing else to write.
        note.open.set(true);
    }
    let title = Signal::derive(move || {
        let subject = view.workitem.try_with(|workitem| workitem.subject.clone());
        subject.unwrap_or_default()
    });
    view! {
        <PageTitle text=title />
        <Heading view=view />
        <Transcript view=view agent_tools=true seen=seen />
        <Beside view coach note />
        {coach.map(|coach| view! { <ToCoach coach /> }.into_any())}
        <NoteBox view side=note />
        {if answerable {
            let words = AnswerWords {
                label: t!(workspace.message).to_owned(),
                placeholder: t!(workspace.placeholder, customer = first.customer),
                send: t!(composer.send),
            };
            view! { <AnswerBox view to=Destination::Customer(first.id) words /> }.into_any()
        } else {
            view! { <p class="workspace__note">{view_only(first.channel)}</p> }.into_any()
        }}
    }
}

/// What a box to a customer is called.
pub(crate) struct AnswerWords {
    /// The box.
    pub(crate) label: String,
    /// What stands in it while it is empty.
    pub(crate) placeholder: String,
    /// Its button.
    pub(crate) send: &'static str,
}

/// A box to the customer: of the agent, or of a supervisor beside them. It is shut when the conversation is over, the
/// provider takes no answer any more, or the customer wants none.
#[component]
pub(crate) fn AnswerBox(
    view: ConversationView,
    to: Destination,
    words: AnswerWords,
) -> impl IntoView {
    let first = view.workitem.get_untracked();
    let now = use_now();
    let answer_until = Memo::new(move |_| {
        view.workitem.with(|workitem| {
            let limits = workitem.limits.as_ref()?;
            limits
                .answer_until
                .filter(|_| workitem.state == WorkitemState::Active && !limits.stopped)
        })
    });
    let too_late = Memo::new(move |_| {
        answer_until
            .get()
            .zip(now.get())
            .is_some_and(|(until, now)| until <= now)
    });
    let own = matches!(to, Destination::Customer(_));
    let closed = Signal::derive(move || {
        let (state, stopped) = view.workitem.with(|workitem| {
            let limits = workitem.limits.as_ref();
            (workitem.state, limits.is_some_and(|limits| limits.stopped))
        });
        let reason = match state {
            WorkitemState::Active if stopped => Some(t!(conflicts.customer_stopped)),
            WorkitemState::Active if too_late.get() => Some(t!(conflicts.window_closed)),
            other => over(other, own),
        };
        reason.map(str::to_owned)
    });
    let text_message = first.channel == Channel::Sms;
    // Providers carry text alone. A supervisor beside the agent writes, and sends no files.
    let files = first.channel == Channel::Chat && own;
    let limit = match first.limits {
        Some(limits) => limits.text,
        None if text_message => TextLimit::characters(TEXT_MESSAGE_MAX),
        None => TextLimit::default(),
    };
    view! {
        <AnswerWindow until=answer_until />
        <Composer
            label=words.label
            placeholder=words.placeholder
            submit_label=words.send
            saved=SavedTexts { written_for: SavedFor::Customer, view }
            to=to
            closed=closed
            files=files
            limit=limit
            segments=text_message
            on_sent=Callback::new(move |delivered| view.apply_delivered(delivered))
        />
    }
}

/// Why nobody is answered in this state. What is left to do is said to the agent, whose `own` work it is.
fn over(state: WorkitemState, own: bool) -> Option<&'static str> {
    match state {
        WorkitemState::Active => None,
        WorkitemState::Queued => Some(t!(workspace.queued)),
        WorkitemState::WrapUp if own => Some(t!(workspace.wrapping_up)),
        WorkitemState::WrapUp => Some(t!(conflicts.conversation_ended)),
        WorkitemState::Closed => Some(t!(workspace.closed)),
    }
}

/// Why there is no box to answer in.
fn view_only(channel: Channel) -> &'static str {
    match channel {
        Channel::Phone => {
            t!(workspace.phone)
        }
        _ => t!(workspace.email),
    }
}

/// Tells the host what was read, once for each new last entry and only while a message is unread or coaching unseen.
fn mark_read(view: ConversationView, seen: RwSignal<i64>) {
    let unread = Memo::new(move |_| {
        view.workitem
            .with(|workitem| workitem.unread + workitem.coaching_unseen)
    });
    let sent = StoredValue::new((0, 0));
    Effect::new(move || {
        let now = (seen.get(), unread.get());
        if now.0 == 0 || now.1 == 0 || sent.get_value() == now {
            return;
        }
        sent.set_value(now);
        let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
        spawn_local(async move {
            if workitem_read(workitem, now.0).await.is_err() {
                // The next entry, or showing the page again, tries again.
                sent.try_set_value((0, 0));
            }
        });
    });
}

#[component]
fn Heading(view: ConversationView) -> impl IntoView {
    let of = move |part: fn(&Workitem) -> String| move || view.workitem.with(part);
    let channel = view.workitem.with_untracked(|workitem| workitem.channel);
    let state = Memo::new(move |_| view.workitem.with(|workitem| workitem.state));
    let waits = Signal::derive(move || view.workitem.with(Workitem::waits));
    let session = use_session();
    let elsewhere = Memo::new(move |_| session.news_elsewhere());
    let monitors = move || {
        let names = view
            .workitem
            .with(|workitem| shared::transcript::names(&workitem.monitors));
        (!names.is_empty()).then(|| {
            view! {
                <p class="workitem-head__monitors">
                    <span class="tag tag--coaching">{t!(workspace.monitored_by, names = names)}</span>
                </p>
            }
            .into_any()
        })
    };
    view! {
        <header class="workitem-head">
            <a class="workitem-head__back" href="/workspace">
                <Icon name="back" />
                {t!(workspace.back)}
                {move || (elsewhere.get() > 0).then(|| view! {
                    <span class="badge badge--count workitem-head__news">
                        {elsewhere.get()}
                        <span class="visually-hidden">" "{t!(workspace.unread)}</span>
                    </span>
                }.into_any())}
            </a>
            <div class="workitem-head__words">
                <h2 class="workitem-head__title" dir="auto">{of(|workitem| workitem.subject.clone())}</h2>
                <p class="workitem-head__line">
                    <Icon name=channel_icon(channel) />
                    <span>{of(channel_text)}</span>
                    <bdi class="workitem-head__customer">{of(|workitem| workitem.customer.clone())}</bdi>
                    <span class=move || ["badge badge--", state.get().code()].concat()>
                        {move || label(state.get())}
                    </span>
                    <bdi>{of(|workitem| workitem.team_name.clone())}</bdi>
                    <Wait waits />
                </p>
                {monitors}
                <LabelLine view />
                <Earlier workitem=view.workitem.with_untracked(|workitem| workitem.id.clone()) />
            </div>
            <WorkitemActions view=view state=state />
        </header>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_agent_reads_what_is_left_to_do_with_ended_work() {
        let (agent, supervisor) = (
            over(WorkitemState::WrapUp, true),
            over(WorkitemState::WrapUp, false),
        );
        assert!(agent.is_some_and(|line| line.contains("close the workitem")));
        assert_eq!(supervisor, Some("The conversation has ended."));
        assert_eq!(over(WorkitemState::Active, false), None);
    }
}
