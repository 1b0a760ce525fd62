//! Ending the conversation with the customer. It is asked about while the customer waits or something was not sent, and
//! can be taken back for some seconds otherwise, before the customer is notified. Afterwards it can be reopened (`actions.rs`), which
//! the customer is notified of as well.

use std::time::Duration;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use shared::workitem::Workitem;

use crate::components::dialog::DialogFoot;
use crate::components::{Dialog, Icon};
use crate::live::ConversationView;
use crate::outbox::{Destination, Unsent, use_unsent};

/// How long it can be taken back.
const UNDO: Duration = Duration::from_secs(5);

/// What is going on with the end of a conversation. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Ending {
    asking: RwSignal<bool>,
    /// It ends soon unless somebody takes it back.
    pending: RwSignal<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
    end: Callback<()>,
    unsent: Memo<Option<Unsent>>,
}

impl Ending {
    fn begin(self) {
        self.pending.set(true);
        let timer = set_timeout_with_handle(move || self.due(), UNDO).ok();
        self.timer.set_value(timer);
    }

    /// Answers whether there was something to take back.
    fn undo(self) -> bool {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
        let pending = self.pending.try_get_untracked() == Some(true);
        self.pending.try_set(false);
        pending
    }

    /// What was written meanwhile is asked about.
    fn due(self) {
        let unsent = self.unsent.try_with_untracked(Option::is_some);
        match unsent == Some(true) && self.undo() {
            true => self.asking.set(true),
            false => self.finish(),
        }
    }

    fn finish(self) {
        if self.undo() {
            self.end.try_run(());
        }
    }

    fn now(self) {
        self.asking.set(false);
        self.end.run(());
    }
}

/// The button that ends the conversation.
#[component]
pub fn EndConversation(
    /// Which.
    view: ConversationView,
    /// What must not be left unsent.
    unsent: Destination,
    /// Whether another command is on its way.
    busy: RwSignal<bool>,
    /// Ends it. Also called when the page goes away meanwhile.
    end: Callback<()>,
) -> impl IntoView {
    let first = view.workitem.get_untracked();
    let unsent = use_unsent(unsent);
    let waits = Memo::new(move |_| view.workitem.with(|now| now.waiting_since.is_some()));
    let ending = Ending {
        asking: RwSignal::new(false),
        pending: RwSignal::new(false),
        timer: StoredValue::new(None),
        end,
        unsent,
    };
    let told = first.channel.coachable();
    let clicked = move |_| {
        if ending.pending.get_untracked() {
            return;
        }
        match told {
            // Nobody outside sees what becomes of it.
            false => ending.now(),
            true if waits.get_untracked() || unsent.with_untracked(Option::is_some) => {
                ending.asking.set(true);
            }
            true => ending.begin(),
        }
    };
    Effect::new(move || {
        // The customer wrote once more.
        if waits.get() && ending.undo() {
            ending.asking.set(true);
        }
    });
    on_cleanup(move || ending.finish());
    // It comes under the pointer: the second half of the double click that ended it takes nothing back.
    let undo = move |event: MouseEvent| {
        if event.detail() < 2 {
            ending.undo();
        }
    };
    view! {
        <button
            type="button"
            class="button"
            disabled=move || busy.get()
            aria-disabled=move || ending.pending.get().then_some("true")
            on:click=clicked
        >
            <Icon name="wrap-up" />
            {if told { t!(workspace.end) } else { t!(workspace.wrap_up) }}
        </button>
        {move || ending.pending.get().then(|| view! {
            <span class="workitem-head__ending">
                <span role="status">{t!(workspace.ending)}</span>
                <button type="button" class="button" on:click=undo>
                    {t!(workspace.undo)}
                </button>
            </span>
        }.into_any())}
        {move || ending.asking.get().then(|| view! {
            <Question workitem=view.workitem waits unsent=Signal::derive(move || unsent.with(Option::is_some)) ending />
        }.into_any())}
    }
}

/// Names what would be left open.
#[component]
fn Question(
    workitem: RwSignal<Workitem>,
    waits: Memo<bool>,
    unsent: Signal<bool>,
    ending: Ending,
) -> impl IntoView {
    let close = Callback::new(move |()| ending.asking.set(false));
    let customer = workitem.with_untracked(|workitem| workitem.customer.clone());
    view! {
        <Dialog title=t!(workspace.end_question).to_owned() on_close=close class="dialog--narrow">
            <div class="dialog__body">
                {move || waits.get().then(|| view! {
                    <p>{t!(workspace.end_waits, customer = customer)}</p>
                }.into_any())}
                {move || unsent.get().then(|| view! { <p>{t!(workspace.end_unsent)}</p> }.into_any())}
                <p>{t!(workspace.end_told)}</p>
            </div>
            <DialogFoot
                label=t!(workspace.end)
                danger=true
                on_cancel=close
                on_confirm=Callback::new(move |()| ending.now())
            />
        </Dialog>
    }
}
