//! What an agent can do with a workitem as a whole: wrap it up, close it, hand it over. Each command has a key
//! that lasts until it succeeded, so that an impatient second click does nothing twice.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::CommandKey;
use shared::workitem::WorkitemState;

use super::ending::EndConversation;
use super::transfer::TransferDialog;
use crate::api::ApiError;
use crate::api::workitems::{workitem_close, workitem_wrap_up};
use crate::components::Icon;
use crate::language::error_text;
use crate::live::ConversationView;
use crate::navigation::use_navigation;
use crate::random::new_key;
use crate::state::use_session;

/// The buttons beside the workitem's title.
#[component]
pub fn WorkitemActions(view: ConversationView, state: Memo<WorkitemState>) -> impl IntoView {
    let session = use_session();
    let busy = RwSignal::new(false);
    let transferring = RwSignal::new(false);
    let key = StoredValue::new(None::<CommandKey>);
    let workitem = move || view.workitem.with_untracked(|workitem| workitem.id.clone());
    let take_key = move || {
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
        run(busy, StoredValue::new(None), session, command, || ());
    });
    let navigation = use_navigation();
    let close = move |_| {
        // Taken before the answer: by then the live connection may have taken the page away.
        run(
            busy,
            key,
            session,
            workitem_close(workitem(), take_key()),
            move || {
                navigation.go("/workspace");
            },
        );
    };
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
                    <EndConversation view busy end />
                }.into_any(),
                WorkitemState::WrapUp => view! {
                    <button
                        type="button"
                        class="button button--primary"
                        disabled=move || busy.get()
                        on:click=close
                    >
                        <Icon name="check" />
                        {t!(common.close)}
                    </button>
                }.into_any(),
                WorkitemState::Queued | WorkitemState::Closed => ().into_any(),
            }}
            {move || transferring.get().then(|| view! {
                <TransferDialog
                    workitem=workitem()
                    on_close=Callback::new(move |()| transferring.set(false))
                />
            }.into_any())}
        </div>
    }
}

/// Runs one command; a failure is said in a toast and keeps the key for the next click.
fn run(
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
