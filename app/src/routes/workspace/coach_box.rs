//! The box in which an agent answers those who coach. It stands beside the one to the customer and must never be taken for it:
//! see `components/side_box.rs`.

use leptos::ev;
use leptos::prelude::*;
use shared::transcript::EntryBody;
use shared::workitem::{Channel, WorkitemState};

use crate::components::Composer;
use crate::components::keyboard::in_modal;
use crate::components::note_box::NoteOpener;
use crate::components::side_box::{SideBox, SideBoxFrame, SideBoxOpener, use_side_box};
use crate::components::transcript_entry::CoachReply;
use crate::live::ConversationView;
use crate::outbox::Destination;

/// Opens the box from anywhere on the page. It types nothing, on no keyboard.
const SHORTCUT: &str = "F2";

/// Whether the box is there. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct CoachBox {
    view: ConversationView,
    side: SideBox,
    /// Whether somebody coaches here, or has.
    coached: Memo<bool>,
    /// Whether it is not too late.
    under_way: Memo<bool>,
}

/// The box of the open workitem, closed. Coaching messages below offer it as well.
pub(super) fn use_coach_box(view: ConversationView) -> CoachBox {
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let coach = CoachBox {
        view,
        side: use_side_box("to-coach", Destination::Coach(workitem)),
        coached: Memo::new(move |_| {
            let coaching = |body: &EntryBody| matches!(body, EntryBody::Coaching { .. });
            let beside = view.workitem.with(|workitem| !workitem.monitors.is_empty());
            beside
                || view
                    .entries
                    .with(|entries| entries.iter().any(|entry| coaching(&entry.body)))
        }),
        under_way: Memo::new(move |_| {
            let state = view.workitem.with(|workitem| workitem.state);
            matches!(state, WorkitemState::Active | WorkitemState::WrapUp)
        }),
    };
    provide_context(CoachReply {
        open_to_words: Memo::new(move |_| coach.coached.get() && coach.under_way.get()),
        write: Callback::new(move |()| coach.side.write()),
    });
    Effect::new(move || {
        let pressed = window_event_listener(ev::keydown, move |event| {
            let acts = !event.default_prevented() && !in_modal();
            if event.key() == SHORTCUT && acts && coach.coached.get_untracked() {
                event.prevent_default();
                coach.side.write();
            }
        });
        on_cleanup(move || pressed.remove());
    });
    coach
}

impl CoachBox {
    /// Why nothing can be said there.
    fn shut(self) -> Option<String> {
        match (self.under_way.get(), self.coached.get()) {
            (true, true) => None,
            (true, false) => Some(t!(conflicts.nobody_coaches).to_owned()),
            (false, _) => Some(t!(workspace.closed).to_owned()),
        }
    }
}

/// Who writes at the moment, and what opens the boxes for staff. Its place is there in any case, so that nothing moves when
/// somebody begins to write or to coach.
#[component]
pub(super) fn Beside(
    view: ConversationView,
    /// Where the channel can be coached.
    coach: Option<CoachBox>,
    note: SideBox,
) -> impl IntoView {
    let channel = view.workitem.with_untracked(|workitem| workitem.channel);
    let customer = move || {
        let customer = view.workitem.with(|workitem| workitem.customer.clone());
        let typing = channel == Channel::Chat && view.typing.get() > 0;
        typing.then(|| t!(workspace.customer_typing, name = customer))
    };
    let writer = move || {
        let writer = view.coaching_writer()?;
        Some(t!(workspace.customer_typing, name = writer.name))
    };
    view! {
        <div class="beside">
            <p class="workspace__typing" dir="auto">{customer}</p>
            <p class="workspace__typing beside__coach" dir="auto">{writer}</p>
            <div class="beside__openers">
                <NoteOpener view side=note />
                {coach.map(|coach| view! { <CoachOpener coach /> }.into_any())}
            </div>
        </div>
    }
}

#[component]
fn CoachOpener(coach: CoachBox) -> impl IntoView {
    let side = coach.side;
    let offered = Memo::new(move |_| {
        side.open.get()
            || side.unsent.get().is_some()
            || (coach.coached.get() && coach.under_way.get())
    });
    view! {
        <SideBoxOpener
            side
            name=t!(workspace.coach_write)
            offered
            badge="badge badge--coaching"
            shortcut=(SHORTCUT, t!(workspace.coach_shortcut, key = SHORTCUT))
        />
    }
}

/// The box itself, while it is open.
#[component]
pub(super) fn ToCoach(coach: CoachBox) -> impl IntoView {
    let (view, side) = (coach.view, coach.side);
    let inside = move || {
        let (workitem, customer) = view
            .workitem
            .with_untracked(|workitem| (workitem.id.clone(), workitem.customer.clone()));
        view! {
            <SideBoxFrame
                side
                name=t!(workspace.coach_box)
                icon="eye-off"
                words=t!(workspace.coach_private, customer = customer)
                class="coaching__compose"
            >
                <Composer
                    label=t!(workspace.coach_message)
                    placeholder=t!(workspace.coach_placeholder)
                    submit_label=t!(workspace.coach_send)
                    to=Destination::Coach(workitem)
                    closed=Signal::derive(move || coach.shut())
                    on_sent=Callback::new(move |delivered| view.apply_delivered(delivered))
                />
            </SideBoxFrame>
        }
    };
    move || side.open.get().then(|| inside().into_any())
}
