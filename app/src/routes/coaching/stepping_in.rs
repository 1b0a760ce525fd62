//! What a supervisor can do with the workitem as a whole, beside reassigning it: take it over, end its conversation, or close what its
//! agent left in wrap-up.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::CommandKey;
use shared::people::Permission;
use shared::workitem::WorkitemState;

use crate::api::stepping_in::{conversation_end, workitem_take_over, wrap_up_close};
use crate::components::Icon;
use crate::components::focus::focus_if_lost;
use crate::components::leaving::{LeavingQuestion, use_leaving};
use crate::language::error_text;
use crate::live::ConversationView;
use crate::navigation::use_navigation;
use crate::outbox::Destination;
use crate::random::new_key;
use crate::routes::workspace::{EndConversation, run_command};
use crate::state::use_session;

/// The buttons, as far as they are offered.
#[component]
pub(super) fn StepIn(view: ConversationView) -> impl IntoView {
    let session = use_session();
    let holds = |permission| session.me.with_untracked(|me| me.holds(permission));
    let (takes, ends, closes) = (
        holds(Permission::WorkitemTakeOver),
        holds(Permission::WorkitemEnd),
        holds(Permission::WorkitemAssign),
    );
    let (state, told) = (
        Memo::new(move |_| view.workitem.with(|workitem| workitem.state)),
        view.workitem
            .with_untracked(|workitem| workitem.channel.coachable()),
    );
    let closing = RwSignal::new(false);
    Effect::new(move |before: Option<WorkitemState>| {
        let now = state.get();
        let closed = (before, now) == (Some(WorkitemState::WrapUp), WorkitemState::Closed);
        if closed && closing.get_untracked() {
            // The button is gone. Where somebody else closes it, its supervisor stays where they are.
            focus_if_lost(".coaching__back");
        }
        now
    });
    move || match state.get() {
        WorkitemState::Active => view! {
            {takes.then(|| view! { <TakeOver view /> }.into_any())}
            {(ends && told).then(|| view! { <End view /> }.into_any())}
        }
        .into_any(),
        WorkitemState::WrapUp if closes => view! { <CloseWrapUp view closing /> }.into_any(),
        _ => ().into_any(),
    }
}

/// Takes the work over, and goes on where one answers: in the workspace. A user who is no agent learns why they cannot.
#[component]
fn TakeOver(view: ConversationView) -> impl IntoView {
    let session = use_session();
    let navigation = use_navigation();
    let agent = session
        .me
        .with_untracked(|me| me.holds(Permission::WorkitemHandle));
    let (busy, key) = (RwSignal::new(false), StoredValue::new(None::<CommandKey>));
    let take = Callback::new(move |()| {
        let workitem = view.workitem.get_untracked();
        let Some(from) = workitem.agent.filter(|_| !busy.get_untracked()) else {
            return;
        };
        busy.set(true);
        let taken = key.get_value().unwrap_or_else(new_key);
        key.set_value(Some(taken.clone()));
        let to = format!("/workspace/{}", workitem.id);
        spawn_local(async move {
            match workitem_take_over(workitem.id, taken, from.id).await {
                // The live connection may have been quicker and taken the page away.
                Ok(()) => navigation.go(&to),
                Err(error) => {
                    session.toast(error_text(&error.0));
                    // What stood in the way is over when it is tried again.
                    key.try_set_value(None);
                    busy.try_set(false);
                }
            }
        });
    });
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let leaving = use_leaving(Destination::of_supervisor(&workitem), take);
    let clicked = move |_| match agent {
        true => leaving.begin(),
        false => session.toast(t!(stepping_in.only_agents)),
    };
    view! {
        <button
            type="button"
            class="button"
            aria-disabled=move || (!agent || busy.get()).then_some("true")
            title=(!agent).then_some(t!(stepping_in.only_agents))
            aria-description=(!agent).then_some(t!(stepping_in.only_agents))
            on:click=clicked
        >
            <Icon name="user" />
            {t!(stepping_in.take_over)}
        </button>
        <LeavingQuestion leaving />
    }
}

/// Ends the conversation, as its agent would: with the same question, and the same time to take it back.
#[component]
fn End(view: ConversationView) -> impl IntoView {
    let session = use_session();
    let busy = RwSignal::new(false);
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let unsent = Destination::Barge(workitem.clone());
    let ended = StoredValue::new((workitem, None::<CommandKey>));
    let end = Callback::new(move |()| {
        let Some((workitem, known)) = ended.try_get_value() else {
            return;
        };
        let key = known.unwrap_or_else(new_key);
        ended.set_value((workitem.clone(), Some(key.clone())));
        spawn_local(async move {
            if let Err(error) = conversation_end(workitem, key).await {
                session.toast(error_text(&error.0));
            }
        });
    });
    view! { <EndConversation view unsent busy end /> }
}

/// Closes what the agent left in wrap-up. It asks about what the supervisor has not sent here; what the agent has not sent stays with them.
#[component]
fn CloseWrapUp(
    view: ConversationView,
    /// Whether this supervisor closes it.
    closing: RwSignal<bool>,
) -> impl IntoView {
    let session = use_session();
    let (busy, key) = (RwSignal::new(false), StoredValue::new(None::<CommandKey>));
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let lanes = [Destination::Agent, Destination::Staff].map(|to| to(workitem.clone()));
    let close = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        let taken = key.get_value().unwrap_or_else(new_key);
        key.set_value(Some(taken.clone()));
        let command = wrap_up_close(workitem.clone(), taken);
        closing.set(true);
        run_command(busy, key, session, command, || ());
    });
    let leaving = use_leaving(lanes, close);
    view! {
        <button
            type="button"
            class="button"
            aria-disabled=move || busy.get().then_some("true")
            on:click=move |_| leaving.begin()
        >
            <Icon name="check" />
            {t!(stepping_in.close_wrap_up)}
        </button>
        <LeavingQuestion leaving />
    }
}
