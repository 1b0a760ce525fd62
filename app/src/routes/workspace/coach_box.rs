//! The box in which an agent answers those who coach. It stands beside the one to the customer and must never be taken for it:
//! colour, name, button, draft and outbox lane are its own, and neither box gives the focus to the other. It opens when the
//! agent wants it, or when something unsent stands in it.

use leptos::ev;
use leptos::prelude::*;
use shared::transcript::EntryBody;
use shared::workitem::{Channel, WorkitemState};

use crate::components::focus::focus_in;
use crate::components::keyboard::in_modal;
use crate::components::transcript_entry::CoachReply;
use crate::components::{Composer, Icon};
use crate::language::label;
use crate::live::ConversationView;
use crate::outbox::{Destination, Unsent, use_unsent};

/// Opens the box from anywhere on the page. It types nothing, on no keyboard.
const SHORTCUT: &str = "F2";

/// Whether the box is there. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct CoachBox {
    view: ConversationView,
    open: RwSignal<bool>,
    /// Whether somebody coaches here, or has.
    coached: Memo<bool>,
    /// Whether it is not too late.
    under_way: Memo<bool>,
    unsent: Memo<Option<Unsent>>,
}

/// The box of the open workitem, closed. Coaching messages below offer it as well.
pub(super) fn use_coach_box(view: ConversationView) -> CoachBox {
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let coach = CoachBox {
        view,
        open: RwSignal::new(false),
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
        unsent: use_unsent(Destination::Coach(workitem)),
    };
    provide_context(CoachReply {
        open_to_words: Memo::new(move |_| coach.coached.get() && coach.under_way.get()),
        write: Callback::new(move |()| coach.write()),
    });
    Effect::new(move |before: Option<()>| {
        // Once, when the page is there: what stands in it or waits is seen after a reload.
        if before.is_none() && coach.unsent.get_untracked().is_some() {
            coach.open.set(true);
        }
    });
    Effect::new(move || {
        let pressed = window_event_listener(ev::keydown, move |event| {
            let acts = !event.default_prevented() && !in_modal();
            if event.key() == SHORTCUT && acts && coach.coached.get_untracked() {
                event.prevent_default();
                coach.write();
            }
        });
        on_cleanup(move || pressed.remove());
    });
    coach
}

/// Puts the focus there with the next frame, when it is in the page.
fn focus_soon(selector: &'static str) {
    request_animation_frame(move || {
        if let Some(page) = document().document_element() {
            focus_in(&page, selector);
        }
    });
}

impl CoachBox {
    fn write(self) {
        self.open.set(true);
        focus_soon("#to-coach textarea");
    }

    /// The draft stays. The focus goes to what opens the box again: never to the box of the customer, where the next words
    /// might be sent to somebody whom they are not for.
    fn close(self) {
        self.open.set(false);
        focus_soon("#coach-opener");
    }

    /// Why nothing can be said there.
    fn shut(self) -> Option<String> {
        match (self.under_way.get(), self.coached.get()) {
            (true, true) => None,
            (true, false) => Some(t!(conflicts.nobody_coaches).to_owned()),
            (false, _) => Some(t!(workspace.closed).to_owned()),
        }
    }
}

/// Who writes at the moment, and what opens the box. Its place is there in any case, so that nothing moves when somebody
/// begins to write or to coach.
#[component]
pub(super) fn Beside(coach: CoachBox, channel: Channel) -> impl IntoView {
    let CoachBox {
        view, open, unsent, ..
    } = coach;
    let customer = move || {
        let customer = view.workitem.with(|workitem| workitem.customer.clone());
        let typing = channel == Channel::Chat && view.typing.get() > 0;
        typing.then(|| t!(workspace.customer_typing, name = customer))
    };
    let writer = move || {
        let writer = view.coaching_writer()?;
        Some(t!(workspace.customer_typing, name = writer.name))
    };
    let offered = Memo::new(move |_| {
        open.get() || unsent.get().is_some() || (coach.coached.get() && coach.under_way.get())
    });
    let toggle = move |_| match open.get_untracked() {
        true => coach.close(),
        false => coach.write(),
    };
    view! {
        <div class="beside">
            <p class="workspace__typing" dir="auto">{customer}</p>
            <p class="workspace__typing beside__coach" dir="auto">{writer}</p>
            <button
                type="button"
                id="coach-opener"
                class="button button--quiet beside__open"
                hidden=move || !offered.get()
                aria-expanded=move || open.get().to_string()
                aria-keyshortcuts=SHORTCUT
                title=t!(workspace.coach_shortcut, key = SHORTCUT)
                on:click=toggle
            >
                {t!(workspace.coach_write)}
                {move || unsent.get().filter(|_| !open.get()).map(|mark| view! {
                    <span class="badge badge--coaching">{label(mark)}</span>
                }.into_any())}
            </button>
        </div>
    }
}

/// The box itself, while it is open.
#[component]
pub(super) fn ToCoach(coach: CoachBox) -> impl IntoView {
    let view = coach.view;
    let inside = move || {
        let (workitem, customer) = view
            .workitem
            .with_untracked(|workitem| (workitem.id.clone(), workitem.customer.clone()));
        view! {
            <section
                class="to-coach coaching__compose"
                id="to-coach"
                aria-label=t!(workspace.coach_box)
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        event.prevent_default();
                        event.stop_propagation();
                        coach.close();
                    }
                }
            >
                <p class="to-coach__label">
                    <Icon name="eye-off" />
                    {t!(workspace.coach_private, customer = customer)}
                </p>
                <Composer
                    label=t!(workspace.coach_message)
                    placeholder=t!(workspace.coach_placeholder)
                    submit_label=t!(workspace.coach_send)
                    to=Destination::Coach(workitem)
                    closed=Signal::derive(move || coach.shut())
                    on_sent=Callback::new(move |delivered| view.apply_delivered(delivered))
                />
            </section>
        }
    };
    move || coach.open.get().then(|| inside().into_any())
}
