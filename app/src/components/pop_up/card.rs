//! One pop-up: unfolded with its box to answer, or a row with sender, words and waiting time. Both are the same region
//! with the same parts; a row unfolds when it is clicked, when the focus comes into its box, and by Enter on its text. The focus on its text
//! or on a button unfolds nothing, so that the keyboard claims a row without moving any.

use std::time::Duration;

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlElement, Node};
use shared::directory::DirectoryMessage;
use shared::error::AppError;
use shared::ids::{RequestId, UserId, WorkitemId};
use shared::people::{Permission, PersonRef};

use super::dock::Dock;
use super::remaining::Remaining;
use crate::api::directory::{directory_read, message_dismiss};
use crate::components::focus::focus_in;
use crate::components::request_acts::{ClaimButton, RequestActs, claimer_text, escalated_text};
use crate::components::{Composer, Icon, LocalTime, Waiting, linked};
use crate::drafts::DraftNames;
use crate::language::{error_text, settled_text};
use crate::outbox::{Delivered, Destination};
use crate::state::{PopUp, SessionState, Unfolded, use_session};

/// What has the focus in a row that Escape has folded: *Claim* or *Hand back*, if the row has one.
const ROW_BUTTON: &str = ".pop-up__claim:not([hidden]) > button:not([hidden]), .pop-up__dismiss";

/// The text of a row.
const ROW_TEXT: &str = ".pop-up--folded > .pop-up__text";

/// A pop-up as its parts share it. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Shown {
    session: SessionState,
    dock: Dock,
    drafts: Option<DraftNames>,
    id: u64,
    pop_up: Memo<Option<PopUp>>,
    from: StoredValue<PersonRef>,
    /// The raised hand that it carries.
    request: StoredValue<Option<RequestId>>,
    region: NodeRef<html::Section>,
    folded: Memo<bool>,
    /// M10: once somebody is in it, it stays until sent or dismissed. A pointer that merely lies where the pop-up appears
    /// is nobody: it has to move.
    entered: RwSignal<bool>,
    /// What had the focus before the pop-up; it may be another one.
    came_from: StoredValue<Option<HtmlElement>, LocalStorage>,
}

impl Shown {
    fn unfold(self) {
        if self.folded.get_untracked() {
            self.session.unfolded.set(Unfolded::Card(self.id));
        }
    }

    fn close(self) {
        self.close_to(self.came_from.try_get_value().flatten());
    }

    /// Closes it; if it has the focus, that goes to `next`.
    fn close_to(self, next: Option<HtmlElement>) {
        let inside = focus_is_in(self.region);
        self.session
            .pop_ups
            .update(|pop_ups| pop_ups.retain(|pop_up| pop_up.id != self.id));
        if inside && let Some(next) = next {
            // Fails only for an element that left the page.
            let _ = next.focus();
        }
    }

    fn dismiss(self, next: Option<HtmlElement>) {
        let message = self.pop_up.get_untracked().map(|pop_up| pop_up.message.id);
        self.close_to(next);
        let Some(message) = message else { return };
        spawn_local(async move {
            if let Err(error) = message_dismiss(message).await {
                let error = error_text(&error.0);
                self.session.toast(t!(pop_up.may_come_back, error = error));
            }
        });
    }

    fn focused(self, event: &FocusEvent) {
        self.entered.set(true);
        // What is being pressed must not move away under the pointer.
        if !on_way_out(event) && !is_at(event, ROW_TEXT) {
            self.unfold();
        }
        let before = event
            .related_target()
            .and_then(|target| target.dyn_into::<HtmlElement>().ok());
        if let (Some(before), Some(region)) = (before, self.region.get_untracked())
            && !region.contains(Some(before.as_ref()))
        {
            self.came_from.set_value(Some(before));
        }
    }

    fn clicked(self, event: &Event) {
        if !on_way_out(event) {
            self.unfold();
        }
    }

    fn key_pressed(self, event: &KeyboardEvent) {
        if event.key() == "Enter" && is_at(event, ROW_TEXT) {
            self.unfold();
        }
        if event.key() != "Escape" || event.default_prevented() {
            return;
        }
        if self.folds() {
            self.fold();
        } else if self.dock.opened.get_untracked() {
            // The list closes.
            return;
        } else if !self.is_begun() {
            // Out of the dock: the next Escape is for no other pop-up.
            self.dismiss(self.dock.outside());
        }
        event.prevent_default();
        event.stop_propagation();
    }

    /// Whether Escape folds it: it is unfolded, and a raised hand or what the user unfolded. A message that unfolded when it came is
    /// dismissed at once.
    fn folds(self) -> bool {
        let chosen = self.session.unfolded.get_untracked() == Unfolded::Card(self.id);
        let raised = self.request.with_value(Option::is_some);
        !self.folded.get_untracked() && (raised || chosen)
    }

    fn fold(self) {
        self.dock.fold();
        spawn_local(async move {
            // In what is still unfolded the focus would unfold it again.
            tick().await;
            if let Some(region) = self.region.try_get_untracked().flatten() {
                focus_in(&region, ROW_BUTTON);
            }
        });
    }

    /// Whether an answer to its raised hand was begun. What is begun to a message can be finished in the directory.
    fn is_begun(self) -> bool {
        let Some(request) = self.request.get_value() else {
            return false;
        };
        let name = answer_draft(&request);
        untrack(|| self.drafts.is_some_and(|drafts| drafts.contain(&name)))
    }

    /// An answer to its writer was stored.
    fn delivered(self, delivered: Delivered) {
        let Delivered::Message(sent, answered) = delivered else {
            return;
        };
        // What answers another raised hand of the same agent closes that one.
        if answered != self.request.get_value() {
            return;
        }
        let to = self.from.with_value(|from| from.id.clone());
        let overtaken = self
            .pop_up
            .try_get_untracked()
            .flatten()
            .is_some_and(|pop_up| pop_up.message.seq > sent.seq);
        if !overtaken {
            self.session.set_unread(&to, |_| 0);
            // After the composer has taken note of the answer: closing takes it out of the page.
            set_timeout(move || self.close(), Duration::ZERO);
        }
        spawn_local(async move {
            // What was answered counts as read the next time too, should this one be lost.
            let _ = directory_read(to, sent.seq).await;
        });
    }

    fn mark_read(self) {
        let pop_up = self.pop_up.get_untracked();
        let through = pop_up.map_or(0, |pop_up| pop_up.message.seq);
        let from = self.from.with_value(|from| from.id.clone());
        self.session.set_unread(&from, |_| 0);
        self.close();
        spawn_local(async move {
            if let Err(error) = directory_read(from, through).await {
                self.session.toast(error_text(&error.0));
            }
        });
    }
}

#[component]
pub(super) fn Card(id: u64, dock: Dock) -> impl IntoView {
    let session = use_session();
    let pop_up = Memo::new(move |_| {
        session
            .pop_ups
            .with(|pop_ups| pop_ups.iter().find(|pop_up| pop_up.id == id).cloned())
    });
    let DirectoryMessage { from, request, .. } = pop_up.get_untracked()?.message;
    let (agent, name) = (from.id.clone(), from.name.clone());
    let shown = Shown {
        session,
        dock,
        drafts: use_context(),
        id,
        pop_up,
        from: StoredValue::new(from),
        request: StoredValue::new(request.as_ref().map(|request| request.id.clone())),
        region: NodeRef::new(),
        folded: Memo::new(move |_| dock.unfolded.get() != Some(id)),
        entered: RwSignal::new(false),
        came_from: StoredValue::new_local(None),
    };
    let raised = request.is_some();
    let reads = request.as_ref().is_some_and(|request| !request.unreadable)
        && session
            .me
            .with_untracked(|me| me.holds(Permission::WorkitemMonitor));
    let about = request.and_then(|request| request.workitem);
    let of = agent.clone();
    let former = Memo::new(move |_| session.is_former(&of));
    let settled = use_settled(shown);
    Some(view! {
        <section
            class="pop-up"
            class:pop-up--request=raised
            class:pop-up--folded=move || shown.folded.get()
            class:pop-up--settled=move || settled.with(Option::is_some)
            role="region"
            aria-label=t!(pop_up.message_from, name = name.clone())
            node_ref=shown.region
            on:focusin=move |event| shown.focused(&event)
            on:click=move |event| shown.clicked(&event)
            on:pointermove=move |_| shown.entered.set(true)
            on:pointerdown=move |_| shown.entered.set(true)
            on:keydown=move |event| shown.key_pressed(&event)
        >
            <div class="pop-up__head">
                {raised.then(|| view! { <Icon name="hand" /> }.into_any())}
                <h2 class="pop-up__name" dir="auto">{name.clone()}</h2>
                {move || former.get().then(|| view! { <span class="badge">{t!(common.deactivated)}</span> }.into_any())}
                {move || pop_up.get().map(|pop_up| time_view(&pop_up))}
            </div>
            // A long text scrolls in its own box, from the keyboard too.
            <p class="pop-up__text" dir="auto" tabindex="0">
                {move || pop_up.with(|pop_up| pop_up.as_ref().map(|pop_up| linked(&pop_up.message.text)))}
            </p>
            {raised.then(|| view! { <p class="pop-up__raised">{t!(pop_up.asks)}</p> }.into_any())}
            {about.map(|(workitem, subject)| about_view(reads.then_some(&agent), &name, &workitem, subject))}
            {move || settled.get().map(|line| view! {
                <p class="pop-up__answered" role="status">
                    <Icon name="check" />
                    {line}
                </p>
            }.into_any())}
            // Before the box, so that the keyboard gets to *Claim* of a row without unfolding it.
            <div class="pop-up__foot">
                <Remaining pop_up entered=shown.entered on_end=Callback::new(move |()| shown.close()) />
                <Seeing shown />
            </div>
            <div class="pop-up__box"><AnswerBox shown former /></div>
            // Last, so that the box comes before it in the order of the keyboard.
            <button
                class="button button--icon button--quiet pop-up__dismiss"
                type="button"
                aria-label=t!(common.dismiss)
                title=t!(common.dismiss)
                on:click=move |_| shown.dismiss(shown.came_from.get_value())
            >
                <Icon name="close" />
            </button>
        </section>
    }.into_any())
}

/// What the raised hand is about, and the way there: to its `agent`, for those who may read the workitem. The others read
/// what they can do instead.
fn about_view(
    agent: Option<&UserId>,
    name: &str,
    workitem: &WorkitemId,
    subject: String,
) -> AnyView {
    let onwards = match agent {
        Some(agent) => {
            let href = format!("/coaching/{agent}/{workitem}");
            view! { <a href=href>{t!(common.open_workitem)}</a> }.into_any()
        }
        None => view! { <span>{t!(pop_up.unreadable, name = name.to_owned())}</span> }.into_any(),
    };
    view! {
        <p class="pop-up__subject">
            <bdi class="pop-up__about">{subject}</bdi>
            " "
            {onwards}
        </p>
    }
    .into_any()
}

/// How the raised hand came to its end, or who sees to it. Unless that is the user, the pop-up goes after its time, unless
/// somebody is writing in it.
fn use_settled(shown: Shown) -> Memo<Option<String>> {
    let settled = Memo::new(move |_| {
        let line = |pop_up: &PopUp| match &pop_up.settled {
            Some(settled) => Some(settled_text(settled)),
            None => {
                let by = pop_up.claimed_by.as_ref()?;
                Some(claimer_text(shown.session, by))
            }
        };
        shown.pop_up.with(|pop_up| pop_up.as_ref().and_then(line))
    });
    Effect::new(move || {
        if settled.with(Option::is_some) && !focus_is_in(shown.region) {
            shown.entered.set(false);
        }
    });
    settled
}

/// *Claim*, while the raised hand waits for this user.
#[component]
fn Seeing(shown: Shown) -> impl IntoView {
    let request = shown.request.get_value()?;
    let acts = RequestActs::new(request);
    let by = Memo::new(move |_| {
        shown
            .pop_up
            .with(|pop_up| pop_up.as_ref().and_then(|pop_up| pop_up.claimed_by.clone()))
    });
    let waits = Memo::new(move |_| {
        let open = |pop_up: &PopUp| pop_up.open_request().is_some();
        shown
            .pop_up
            .with(|pop_up| pop_up.as_ref().is_some_and(open))
    });
    let name = Signal::stored(shown.from.with_value(|from| from.name.clone()));
    Some(
        view! { <span class="pop-up__claim" hidden=move || !waits.get()><ClaimButton acts by name /></span> },
    )
}

/// The box to answer in. Somebody who was deactivated can be written to no more; what they wrote can be read.
#[component]
fn AnswerBox(shown: Shown, former: Memo<bool>) -> impl IntoView {
    let PersonRef { id: to, name } = shown.from.get_value();
    let answers = shown.request.get_value();
    // What is begun for a raised hand answers that one alone; anything else can be finished in the directory.
    let draft = match &answers {
        Some(request) => answer_draft(request),
        None => format!("directory-{to}"),
    };
    let on_sent = Callback::new(move |delivered| shown.delivered(delivered));
    let on_refused = Callback::new(move |error| {
        if error == AppError::NotFound {
            shown.session.has_left(shown.from.get_value());
        }
    });
    move || {
        if former.get() {
            view! {
                <button type="button" class="button pop-up__read" on:click=move |_| shown.mark_read()>
                    <Icon name="check" />
                    {t!(pop_up.mark_read)}
                </button>
            }
            .into_any()
        } else {
            view! {
                <Composer
                    label=t!(pop_up.reply).to_owned()
                    placeholder=t!(pop_up.reply_to, name = name)
                    draft=draft.clone()
                    to=Destination::Colleague(to.clone())
                    answers=Signal::stored(answers.clone())
                    on_sent=on_sent
                    on_refused=on_refused
                />
            }
            .into_any()
        }
    }
}

/// The name under which an answer to a raised hand is kept while it is written.
fn answer_draft(request: &RequestId) -> String {
    format!("answer-{request}")
}

/// A raised hand says how long it waits, and that it was escalated as long as nobody has it; any other message when it was
/// written.
fn time_view(pop_up: &PopUp) -> AnyView {
    let message = &pop_up.message;
    let unclaimed = message
        .request
        .as_ref()
        .filter(|_| pop_up.claimed_by.is_none());
    let escalated = unclaimed.and_then(|request| escalated_text(request.escalated));
    match pop_up.open_request() {
        Some(_) => view! {
            <span class="pop-up__since">
                <span class="visually-hidden">{t!(common.waiting_word)}" "</span>
                <Waiting since=Signal::stored(Some(message.raised_at())) />
            </span>
            {escalated.map(|whom| view! {
                <span class="badge badge--danger" title=whom>{t!(pop_up.escalated)}</span>
            }.into_any())}
        }
        .into_any(),
        None => view! { <LocalTime at=message.at /> }.into_any(),
    }
}

fn focus_is_in(region: NodeRef<html::Section>) -> bool {
    let focused = document().active_element();
    match (region.try_get_untracked().flatten(), focused) {
        (Some(region), Some(focused)) => region.contains(Some(focused.unchecked_ref::<Node>())),
        _ => false,
    }
}

/// Whether it happened to what leads out of the pop-up, Dismiss or the link to the workitem, or to *Claim*, which stands in the row. A
/// link of the words is out of sight where the row ends, so the keyboard unfolds it.
fn on_way_out(event: &Event) -> bool {
    is_at(
        event,
        ".pop-up__dismiss, a:not(.pop-up__text a:focus-visible), .pop-up--folded .pop-up__claim *",
    )
}

/// Whether it happened to what the selector finds.
fn is_at(event: &Event, selector: &str) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.matches(selector).unwrap_or(false))
}
