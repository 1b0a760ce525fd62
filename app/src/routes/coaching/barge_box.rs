//! The box in which a supervisor writes to the customer, beside the one that speaks to the agent. It must never be taken for
//! that one: see `components/side_box.rs`. It opens on purpose alone.

use leptos::prelude::*;
use shared::people::Permission;
use shared::workitem::WorkitemState;

use crate::components::side_box::{SideBox, SideBoxFrame, SideBoxOpener, use_side_box};
use crate::live::ConversationView;
use crate::outbox::Destination;
use crate::routes::workspace::{AnswerBox, AnswerWords};
use crate::state::use_session;

/// The box of the open workitem, closed, for those who may write there.
pub(super) fn use_barge_box(view: ConversationView) -> Option<SideBox> {
    let may = use_session()
        .me
        .with_untracked(|me| me.holds(Permission::WorkitemBarge));
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    may.then(|| use_side_box("to-customer", Destination::Barge(workitem)))
}

/// Whether there is something to write, or to take out of the box again. Else the box is not there, open or not.
fn use_offered(view: ConversationView, side: SideBox) -> Memo<bool> {
    Memo::new(move |_| {
        let state = view.workitem.with(|workitem| workitem.state);
        state == WorkitemState::Active || side.unsent.get().is_some()
    })
}

/// What opens the box.
#[component]
pub(super) fn CustomerOpener(view: ConversationView, side: SideBox) -> impl IntoView {
    let offered = use_offered(view, side);
    view! { <SideBoxOpener side name=t!(stepping_in.write) offered badge="badge badge--warn" /> }
}

/// The box itself, while it is open.
#[component]
pub(super) fn ToCustomer(view: ConversationView, side: SideBox) -> impl IntoView {
    let offered = use_offered(view, side);
    let inside = move || {
        let first = view.workitem.get_untracked();
        let to = t!(stepping_in.to, customer = first.customer);
        let words = AnswerWords {
            label: to,
            placeholder: t!(stepping_in.placeholder, customer = first.customer),
            send: t!(stepping_in.send),
        };
        view! {
            <SideBoxFrame
                side
                name=t!(stepping_in.box_name)
                icon="send"
                words=t!(stepping_in.to_words, customer = first.customer)
            >
                <AnswerBox view to=Destination::Barge(first.id) words />
            </SideBoxFrame>
        }
    };
    move || (side.open.get() && offered.get()).then(|| inside().into_any())
}
