//! What is asked before work leaves somebody who wrote something there that was not sent: afterwards it cannot be.

use leptos::prelude::*;

use super::Dialog;
use super::dialog::DialogFoot;
use crate::outbox::{Destination, use_unsent};

/// Whether something to one of these was not sent, or not finished.
pub fn use_unsent_among(lanes: impl IntoIterator<Item = Destination>) -> Memo<bool> {
    let lanes: Vec<_> = lanes.into_iter().map(use_unsent).collect();
    Memo::new(move |_| lanes.iter().any(|lane| lane.with(Option::is_some)))
}

/// An act after which nothing more goes to some destinations. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Leaving {
    unsent: Memo<bool>,
    asking: RwSignal<bool>,
    leave: Callback<()>,
}

/// The act `leave`, which cuts these off.
pub fn use_leaving(lanes: impl IntoIterator<Item = Destination>, leave: Callback<()>) -> Leaving {
    let (unsent, asking) = (use_unsent_among(lanes), RwSignal::new(false));
    Effect::new(move || {
        // It arrived meanwhile: there is nothing to ask any more.
        if !unsent.get() {
            asking.set(false);
        }
    });
    Leaving {
        unsent,
        asking,
        leave,
    }
}

impl Leaving {
    /// Does it, or asks first.
    pub fn begin(self) {
        if self.unsent.get_untracked() {
            self.asking.set(true);
        } else {
            self.leave.run(());
        }
    }
}

/// The question, while it is asked.
#[component]
pub fn LeavingQuestion(leaving: Leaving) -> impl IntoView {
    let Leaving { asking, leave, .. } = leaving;
    let close = Callback::new(move |()| asking.set(false));
    let confirm = Callback::new(move |()| {
        asking.set(false);
        leave.run(());
    });
    move || {
        asking.get().then(|| {
            view! {
                <Dialog title=t!(outbox.here).to_owned() on_close=close class="dialog--narrow">
                    <div class="dialog__body"><p>{t!(workspace.end_unsent)}</p></div>
                    <DialogFoot label=t!(outbox.leave) danger=true on_cancel=close on_confirm=confirm />
                </Dialog>
            }
            .into_any()
        })
    }
}
