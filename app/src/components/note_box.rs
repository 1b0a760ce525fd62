//! The box in which staff write a note for each other, on every channel. It stands beside the boxes to customers and agents and
//! must never be taken for them: see `side_box.rs`.

use leptos::prelude::*;
use shared::workitem::WorkitemState;

use super::Composer;
use super::side_box::{SideBox, SideBoxFrame, SideBoxOpener, use_side_box};
use crate::live::ConversationView;
use crate::outbox::Destination;

/// The box of a workitem, closed.
pub fn use_note_box(view: ConversationView) -> SideBox {
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    use_side_box("to-staff", Destination::Staff(workitem))
}

/// Whether something can be noted.
fn takes_notes(view: ConversationView) -> Memo<bool> {
    Memo::new(move |_| {
        let state = view.workitem.with(|workitem| workitem.state);
        state != WorkitemState::Closed
    })
}

/// What opens the box.
#[component]
pub fn NoteOpener(view: ConversationView, side: SideBox) -> impl IntoView {
    let open = takes_notes(view);
    let offered = Memo::new(move |_| open.get() || side.open.get() || side.unsent.get().is_some());
    view! { <SideBoxOpener side name=t!(notes.write) offered badge="badge badge--warn" /> }
}

/// The box itself, while it is open.
#[component]
pub fn NoteBox(view: ConversationView, side: SideBox) -> impl IntoView {
    let open = takes_notes(view);
    let shut = Signal::derive(move || (!open.get()).then(|| t!(workspace.closed).to_owned()));
    let inside = move || {
        let (workitem, customer) = view
            .workitem
            .with_untracked(|workitem| (workitem.id.clone(), workitem.customer.clone()));
        view! {
            <SideBoxFrame
                side
                name=t!(notes.box_name)
                icon="note"
                words=t!(notes.private, customer = customer)
            >
                <Composer
                    label=t!(notes.label)
                    placeholder=t!(notes.placeholder)
                    submit_label=t!(notes.add)
                    to=Destination::Staff(workitem)
                    closed=shut
                    on_sent=Callback::new(move |delivered| view.apply_delivered(delivered))
                />
            </SideBoxFrame>
        }
    };
    move || side.open.get().then(|| inside().into_any())
}
