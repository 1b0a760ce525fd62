//! Which raised hand a message of the Company Directory answers: the one for which it was opened, else the one that
//! waits longest of those that nobody else has. Two are two, so one of several is chosen before the message is written.

use leptos::prelude::*;
use shared::directory::RequestRef;
use shared::ids::{RequestId, UserId};
use shared::people::PersonRef;
use shared::text::isolated;

use super::thread::Thread;
use crate::components::request_acts::claimer_text;
use crate::components::{Icon, Waiting};
use crate::state::{Answering, SessionState, use_session};

/// The raised hands of one person that a message could answer, and the chosen one.
#[derive(Clone, Copy)]
pub(super) struct Answers {
    open: Memo<Vec<Answering>>,
    picked: RwSignal<Option<RequestId>>,
}

impl Answers {
    fn now(self) -> Option<Answering> {
        let picked = self.picked.get();
        self.open.with(|open| {
            let chosen = open
                .iter()
                .find(|one| Some(&one.request) == picked.as_ref());
            chosen.or_else(|| open.first()).cloned()
        })
    }

    /// The request that a message answers which is sent now.
    pub(super) fn chosen(self) -> Option<RequestId> {
        untrack(|| self.now()).map(|answering| answering.request)
    }
}

/// The open requests in a conversation, and the one that was seen on the dashboard.
pub(super) fn answers_to(session: SessionState, thread: RwSignal<Thread>, with: UserId) -> Answers {
    let opened_for = session
        .answering
        .get_untracked()
        .filter(|answering| answering.agent == with)
        .map(|answering| answering.request);
    let meant = opened_for.clone();
    let open = Memo::new(move |_| {
        // What somebody else has is answered by nobody but who came for it.
        let is_for_me = |request: &RequestRef| {
            let mine = |by: &PersonRef| session.me.with(|me| me.id == by.id);
            request.claimed_by.as_ref().is_none_or(mine) || Some(&request.id) == meant.as_ref()
        };
        let mut open: Vec<Answering> = thread.with(|thread| {
            let messages = thread.messages.iter();
            let theirs = messages.filter(|message| message.from.id == with);
            theirs
                .filter_map(|message| {
                    let request = message.request.as_ref();
                    let request = request
                        .filter(|request| request.settled.is_none() && is_for_me(request))?;
                    Some(Answering {
                        agent: with.clone(),
                        request: request.id.clone(),
                        text: message.text.clone(),
                        at: message.raised_at(),
                        by: request.claimed_by.clone(),
                    })
                })
                .collect()
        });
        if let Some(seen) = session.answering.get().filter(|seen| seen.agent == with)
            && open.iter().all(|one| one.request != seen.request)
        {
            open.push(seen);
        }
        open
    });
    Answers {
        open,
        picked: RwSignal::new(opened_for),
    }
}

/// What the next message answers; nothing while no hand is raised.
#[component]
pub(super) fn AnsweringBar(answers: Answers) -> impl IntoView {
    let session = use_session();
    let options = move || {
        let chosen = answers.now().map(|answering| answering.request);
        answers.open.with(|open| {
            let option = |one: &Answering| {
                let selected = Some(&one.request) == chosen.as_ref();
                view! {
                    <option value=one.request.to_string() prop:selected=selected>
                        {isolated(&one.text).into_owned()}
                    </option>
                }
                .into_any()
            };
            open.iter().map(option).collect_view()
        })
    };
    let several = Memo::new(move |_| answers.open.with(Vec::len) > 1);
    let now = Memo::new(move |_| answers.now());
    move || {
        let Answering { text, at, by, .. } = now.get()?;
        Some(view! {
            <div class="directory__answering">
                <Icon name="hand" />
                <span class="directory__answering-word">{t!(directory.answers)}" "</span>
                {if several.get() {
                    view! {
                        <select
                            class="select"
                            aria-label=t!(directory.answers_which)
                            on:change=move |event| {
                                answers.picked.set(RequestId::parse(event_target_value(&event)).ok());
                            }
                        >
                            {options}
                        </select>
                    }.into_any()
                } else {
                    view! { <span class="directory__answering-text">{t!(directory.quoted, text = text)}</span> }.into_any()
                }}
                <span class="directory__answering-since"><Waiting since=Signal::stored(Some(at)) /></span>
                {by.map(|by| view! {
                    <span class="directory__answering-text">{claimer_text(session, &by)}</span>
                }.into_any())}
            </div>
        }.into_any())
    }
}
