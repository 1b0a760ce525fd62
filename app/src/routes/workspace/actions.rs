//! What an agent can do with a workitem as a whole: wrap it up, reopen or close it, hand it over. Each command has a key
//! that lasts until it succeeded, so that an impatient second click does nothing twice.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::CommandKey;
use shared::notice::Notice;
use shared::people::Permission;
use shared::transcript::{Entry, EntryBody};
use shared::workitem::WorkitemState;

use super::ending::EndConversation;
use super::transfer::TransferDialog;
use crate::api::ApiError;
use crate::api::stepping_in::workitem_give_back;
use crate::api::workitems::{workitem_close, workitem_reopen, workitem_wrap_up};
use crate::components::Icon;
use crate::components::focus::focus_if_lost;
use crate::components::leaving::{Leaving, LeavingQuestion, use_leaving};
use crate::language::error_text;
use crate::live::ConversationView;
use crate::navigation::use_navigation;
use crate::outbox::Destination;
use crate::random::new_key;
use crate::state::use_session;

/// The buttons beside the workitem's title.
#[component]
pub fn WorkitemActions(view: ConversationView, state: Memo<WorkitemState>) -> impl IntoView {
    let session = use_session();
    let busy = RwSignal::new(false);
    let transferring = RwSignal::new(false);
    let key = StoredValue::new(None::<CommandKey>);
    let reopening = StoredValue::new(None::<CommandKey>);
    let workitem = move || view.workitem.with_untracked(|workitem| workitem.id.clone());
    let take = move |key: StoredValue<Option<CommandKey>>| {
        let taken = key.get_value().unwrap_or_else(new_key);
        key.set_value(Some(taken.clone()));
        taken
    };
    // The workitem is taken now: it may be ended when this page goes away.
    let ended = StoredValue::new((workitem(), None::<CommandKey>));
    let end = Callback::new(move |()| {
        let Some((workitem, known)) = ended.try_get_value() else {
            return;
        };
        let key = known.unwrap_or_else(new_key);
        ended.set_value((workitem.clone(), Some(key.clone())));
        let command = workitem_wrap_up(workitem, key);
        run_command(busy, StoredValue::new(None), session, command, || ());
    });
    let navigation = use_navigation();
    let close = Callback::new(move |()| {
        // Taken before the answer: by then the live connection may have taken the page away.
        run_command(
            busy,
            key,
            session,
            workitem_close(workitem(), take(key)),
            move || {
                navigation.go("/workspace");
            },
        );
    });
    let closing = use_leaving(Destination::of_agent(&workitem()), close);
    let reopen = Callback::new(move |()| {
        let command = workitem_reopen(workitem(), take(reopening));
        run_command(busy, reopening, session, command, || ());
    });
    let when_reopened = move || {
        // The next end is another one, and so is what follows it.
        ended.update_value(|(_, known)| *known = None);
        reopening.set_value(None);
    };
    // The customer's own word is the last one: the host refuses to reopen what they ended.
    let reopens = Memo::new(move |_| view.entries.with(|entries| !ended_by_customer(entries)));
    follow_reopening(state, when_reopened);
    view! {
        <div class="workitem-head__actions">
            {move || match state.get() {
                WorkitemState::Active => view! {
                    <button
                        type="button"
                        class="button"
                        disabled=move || busy.get()
                        on:click=move |_| transferring.set(true)
                    >
                        <Icon name="transfer" />
                        {t!(workspace.transfer)}
                    </button>
                    <GiveBack view busy />
                    <EndConversation view busy end unsent=Destination::Customer(workitem()) />
                }.into_any(),
                WorkitemState::WrapUp => wrap_up_acts(busy, reopens, reopen, closing),
                WorkitemState::Queued | WorkitemState::Closed => ().into_any(),
            }}
            <LeavingQuestion leaving=closing />
            {move || transferring.get().then(|| view! {
                <TransferDialog
                    workitem=workitem()
                    on_close=Callback::new(move |()| transferring.set(false))
                />
            }.into_any())}
        </div>
    }
}

/// Reopening and closing.
fn wrap_up_acts(
    busy: RwSignal<bool>,
    reopens: Memo<bool>,
    reopen: Callback<()>,
    closing: Leaving,
) -> AnyView {
    view! {
        {move || reopens.get().then(|| view! {
            <button
                type="button"
                class="button"
                disabled=move || busy.get()
                on:click=move |_| reopen.run(())
            >
                <Icon name="refresh" />
                {t!(workspace.reopen)}
            </button>
        }.into_any())}
        <button
            type="button"
            class="button button--primary"
            disabled=move || busy.get()
            on:click=move |_| closing.begin()
        >
            <Icon name="check" />
            {t!(common.close)}
        </button>
    }
    .into_any()
}

/// The button that gives back what was taken over from an agent, for those who may.
#[component]
fn GiveBack(view: ConversationView, busy: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let from = Memo::new(move |_| view.workitem.with(|workitem| workitem.taken_from.clone()));
    let key = StoredValue::new(None::<CommandKey>);
    let navigation = use_navigation();
    let give_back = Callback::new(move |()| {
        let taken = key.get_value().unwrap_or_else(new_key);
        key.set_value(Some(taken.clone()));
        let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
        let Some(from) = from.get_untracked() else {
            return;
        };
        let to = format!("/coaching/{}/{workitem}", from.id);
        run_command(
            busy,
            key,
            session,
            workitem_give_back(workitem, taken),
            move || {
                // Back to where it was taken over: the supervisor goes on monitoring.
                navigation.go(&to);
            },
        );
    });
    // A note for staff goes on: they are a supervisor there again.
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let lanes = [Destination::Customer, Destination::Coach].map(|to| to(workitem.clone()));
    let leaving = use_leaving(lanes, give_back);
    let button = move || {
        let offered = session.holds(Permission::WorkitemGiveBack);
        from.get().filter(|_| offered).map(|from| {
            view! {
                <button
                    type="button"
                    class="button"
                    disabled=move || busy.get()
                    on:click=move |_| leaving.begin()
                >
                    <Icon name="back" />
                    {t!(stepping_in.give_back, name = from.name)}
                </button>
            }
            .into_any()
        })
    };
    view! {
        {button}
        <LeavingQuestion leaving />
    }
}

/// Whether the customer ended it the last time, as far as it is loaded: an end is among the newest entries.
fn ended_by_customer(entries: &[Entry]) -> bool {
    let ends = entries.iter().rev().find_map(|entry| match entry.body {
        EntryBody::Notice(Notice::Ended { .. }) => Some(false),
        EntryBody::Notice(Notice::EndedByCustomer { .. } | Notice::CustomerForgotten { .. }) => {
            Some(true)
        }
        _ => None,
    });
    ends == Some(true)
}

/// Notices that the conversation goes on, in whichever tab somebody said so. The button is gone then: the keyboard goes on in
/// the box.
fn follow_reopening(state: Memo<WorkitemState>, when_reopened: impl Fn() + Send + Sync + 'static) {
    Effect::new(move |before: Option<WorkitemState>| {
        let now = state.get();
        if (before, now) == (Some(WorkitemState::WrapUp), WorkitemState::Active) {
            when_reopened();
            focus_if_lost(".composer__text");
        }
        now
    });
}

/// Runs one command; a failure is said in a toast and keeps the key for the next click.
pub(crate) fn run_command(
    busy: RwSignal<bool>,
    key: StoredValue<Option<CommandKey>>,
    session: crate::state::SessionState,
    command: impl Future<Output = Result<(), ApiError>> + 'static,
    then: impl FnOnce() + 'static,
) {
    busy.try_set(true);
    spawn_local(async move {
        match command.await {
            Ok(()) => {
                key.try_set_value(None);
                then();
            }
            Err(error) => session.toast(error_text(&error.0)),
        }
        busy.try_set(false);
    });
}
