//! What is done with a request for assistance: seeing to it, handing it back, ending it. One click is one act, also when it
//! is repeated after a lost answer.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use shared::escalation::Step;
use shared::ids::RequestId;
use shared::people::PersonRef;
use shared::workitem::RaisedHand;

use crate::api::assistance::{request_claim, request_hand_back, request_handle, request_withdraw};
use crate::attempt::Attempt;
use crate::language::{error_text, settled_text};
use crate::random::new_key;
use crate::state::{SessionState, use_session};

/// For how long a second click counts as part of the first one: what it hits may be another act by then.
const DOUBLE_CLICK: Duration = Duration::from_millis(500);

/// One act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RequestAct {
    /// See to it.
    Claim,
    /// See to it no more.
    HandBack,
    /// It is done.
    Handle,
    /// The agent takes it back.
    Withdraw,
}

/// The acts on one request. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct RequestActs {
    session: SessionState,
    request: StoredValue<RequestId>,
    attempt: Attempt,
    /// Whether an answer is awaited.
    pub busy: RwSignal<bool>,
}

impl RequestActs {
    /// Nothing was done yet. Only inside the frame.
    pub fn new(request: RequestId) -> Self {
        Self {
            session: use_session(),
            request: StoredValue::new(request),
            attempt: Attempt::new(),
            busy: RwSignal::new(false),
        }
    }

    /// Does it, unless an answer is awaited, and says what came of it.
    pub fn run(self, act: RequestAct) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let request = self.request.get_value();
        spawn_local(async move {
            let key = self.attempt.key(&act).unwrap_or_else(new_key);
            let answer = match act {
                RequestAct::Claim => {
                    let claimed = request_claim(key, request).await;
                    claimed.map(|_| t!(requests.claimed).to_owned())
                }
                RequestAct::HandBack => {
                    let back = request_hand_back(key, request).await;
                    back.map(|()| t!(requests.handed_back).to_owned())
                }
                RequestAct::Handle => {
                    let handled = request_handle(key, request).await;
                    handled.map(|settled| settled_text(&settled))
                }
                RequestAct::Withdraw => {
                    let withdrawn = request_withdraw(key, request).await;
                    withdrawn.map(|settled| settled_text(&settled))
                }
            };
            self.attempt.answered(&answer);
            self.session.toast(match answer {
                Ok(done) => done,
                Err(error) => error_text(&error.0),
            });
            set_timeout(
                move || {
                    self.busy.try_set(false);
                },
                DOUBLE_CLICK,
            );
        });
    }
}

/// Who sees to one of these requests.
pub fn claimer(hands: &[RaisedHand], request: &RequestId) -> Option<PersonRef> {
    let hand = hands.iter().find(|hand| hand.request == *request)?;
    hand.claim.as_ref().map(|claim| claim.by.clone())
}

/// Who has a request, in words.
pub fn claimer_text(session: SessionState, by: &PersonRef) -> String {
    match session.me.with_untracked(|me| me.id == by.id) {
        true => t!(requests.mine).to_owned(),
        false => t!(requests.has_it, name = by.name),
    }
}

/// Whom a request was escalated to.
pub fn escalated_text(step: Step) -> Option<&'static str> {
    match step {
        Step::Asked => None,
        Step::Everybody => Some(t!(requests.escalated_all)),
        Step::OnCall => Some(t!(requests.escalated_on_call)),
    }
}

/// *Claim* while nobody sees to a request of `name`, *Hand back* while the user does, and nothing while somebody else does.
/// It is one button, so that it keeps the focus.
#[component]
pub fn ClaimButton(
    acts: RequestActs,
    by: Memo<Option<PersonRef>>,
    #[prop(into)] name: Signal<String>,
) -> impl IntoView {
    let me = use_session().me;
    let mine = Memo::new(move |_| by.with(|by| by.as_ref().map(|by| me.with(|me| me.id == by.id))));
    let has_it = move || mine.get() == Some(true);
    view! {
        <button
            type="button"
            class="button"
            hidden=move || mine.get() == Some(false)
            aria-label=move || match has_it() {
                true => t!(requests.hand_back_of, name = name.get()),
                false => t!(requests.claim_of, name = name.get()),
            }
            aria-disabled=move || acts.busy.get().to_string()
            on:click=move |_| acts.run(if has_it() { RequestAct::HandBack } else { RequestAct::Claim })
        >
            {move || if has_it() { t!(requests.hand_back) } else { t!(requests.claim) }}
        </button>
    }
}
