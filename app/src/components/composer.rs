//! The box in which somebody writes, and what has left it but not arrived. Nothing typed is lost: the draft and
//! what is on its way outlive a reload. It sends nothing itself: the outbox does.

mod attach;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use shared::error::AppError;
use shared::ids::RequestId;
use shared::people::PersonRef;
use shared::segments::Segments;
use shared::text::{TextLimit, tidy};

use self::attach::{AttachButton, Chosen};
use super::Icon;
use super::outgoing::OutgoingLines;
use super::saved_texts::{Picker, SavedTextButton, SavedTextList, SavedTexts};
use crate::drafts::use_draft;
use crate::language::number;
use crate::live::{Live, use_live};
use crate::outbox::{Delivered, Destination, Outbox, OutboxEntry, Sender, use_outbox};

/// How close to the limit the counter appears.
const COUNT_FROM: i64 = 200;

/// What is being written, and where it goes. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Writing {
    text: RwSignal<String>,
    /// What was wrong with the last attempt to send it.
    error: RwSignal<Option<String>>,
    node: NodeRef<html::Textarea>,
    /// As the limit counts; none, when nobody would see any of it.
    length: Memo<usize>,
    limit: TextLimit,
    /// Whether nothing can be sent any more.
    shut: Memo<bool>,
    /// Whether somebody is in the box.
    entered: RwSignal<bool>,
    to: StoredValue<Destination>,
    answers: Signal<Option<RequestId>>,
    /// Who reads it.
    reader: Signal<Option<PersonRef>>,
    /// The reader when the text in the box was begun.
    begun_for: StoredValue<Option<PersonRef>>,
    /// Whether a file can go along.
    files: bool,
    /// What is said of the file that was chosen.
    file: RwSignal<Option<String>>,
    /// What was said of the one beside the text, if there is one: it outlives the page, and the file does not.
    named: RwSignal<String>,
    outbox: Outbox,
    live: Live,
    saved: Option<Picker>,
}

impl Writing {
    fn submit(self) {
        if self.shut.get_untracked() {
            return;
        }
        let count = self.length.get_untracked();
        let bare = self.file.with_untracked(Option::is_none);
        if count == 0 && bare {
            self.error
                .set(Some(t!(composer.empty, max = number(self.limit.max))));
        } else if let Some(problem) = too_long(count, self.limit) {
            self.error.set(Some(problem));
        } else if let Some(question) = self.other_reader() {
            self.error.set(Some(question));
        } else if let Some(question) = self.without_file() {
            self.error.set(Some(question));
        } else {
            self.error.set(None);
            let sent = match count {
                0 => String::new(),
                _ => tidy(&self.text.get_untracked()),
            };
            let reader = self.reader.get_untracked().map(|reader| reader.id);
            let answers = self.answers.get_untracked();
            self.outbox.send(self.to.get_value(), sent, answers, reader);
            self.text.set(String::new());
            self.file.set(None);
            self.live.typing_over();
        }
        self.focus();
    }

    /// Asks once whether a text that was begun for one reader is meant for the present reader.
    fn other_reader(self) -> Option<String> {
        let reader = self.reader.get_untracked()?;
        let before = self.begun_for.get_value()?;
        self.begun_for.set_value(Some(reader.clone()));
        (before.id != reader.id).then(|| {
            t!(
                coaching.other_reader,
                name = reader.name,
                before = before.name
            )
        })
    }

    fn key_pressed(self, event: &ev::KeyboardEvent) {
        if self.saved.is_some_and(|saved| saved.takes(event)) {
            return;
        }
        // Neither an input method's Enter comes here nor one that makes a line: see `early.js`.
        if event.key() == "Enter" && !event.shift_key() {
            event.prevent_default();
            self.submit();
        }
    }

    /// Announces that the user writes, to those whom the text is for and to nobody else. Colleagues hear nothing.
    fn announce_typing(self) {
        self.to.with_value(|to| match to {
            Destination::Customer(workitem) => self.live.typing(workitem),
            Destination::Agent(workitem) | Destination::Coach(workitem) => {
                self.live.coaching_typing(workitem);
            }
            // A customer sees that their agent writes, and nobody else.
            Destination::Barge(_) | Destination::Staff(_) | Destination::Colleague(_) => {}
        });
    }

    /// A text that was not sent goes on as a draft.
    fn take_back(self, kept: &OutboxEntry) {
        self.text.update(|text| {
            if !text.trim().is_empty() && !kept.text.is_empty() {
                text.push('\n');
            }
            text.push_str(&kept.text);
        });
        self.restore(kept);
        self.focus();
    }

    /// A text that was refused stands in the box again, with what is wrong with it, unless something new stands there.
    fn refused(self, kept: &OutboxEntry, reason: &str) -> bool {
        let empty = self.text.try_with_untracked(|text| text.trim().is_empty()) == Some(true)
            && self.file.with_untracked(Option::is_none);
        if empty {
            self.text.set(kept.text.clone());
            self.restore(kept);
            self.error.set(Some(reason.to_owned()));
        }
        empty
    }

    /// Remembers who the reader is when a text is begun.
    fn follow_reader(self) {
        let begun = Memo::new(move |_| self.text.with(|text| !text.is_empty()));
        Effect::new(move || {
            if begun.get() {
                self.begun_for.set_value(self.reader.get_untracked());
            }
        });
    }

    /// Says what becomes of the texts of this box.
    fn follow_outbox(self, on_sent: Callback<Delivered>, on_refused: Option<Callback<AppError>>) {
        self.outbox.attend(Sender {
            to: self.to.get_value(),
            refused: Box::new(move |error| {
                if let Some(on_refused) = on_refused {
                    on_refused.try_run(error.clone());
                }
            }),
            delivered: Box::new(move |delivered| {
                on_sent.try_run(delivered.clone());
            }),
            invalid: Box::new(move |kept, reason| self.refused(kept, reason)),
        });
    }

    fn problem(self) -> Option<String> {
        let count = self.length.get();
        self.error.get().or_else(|| too_long(count, self.limit))
    }

    fn focus(self) {
        if let Some(node) = self.node.get_untracked() {
            let _ = node.focus();
        }
    }

    /// Whether the box is there. One that is shut while somebody is in it stays: their next keys must not be for the page. Tracked.
    fn is_shown(self) -> bool {
        let (shut, length, entered) = (self.shut.get(), self.length.get(), self.entered.get());
        !shut || length > 0 || entered
    }

    /// The focus has left the box. It stays the box's own where another window has it; with its page the box is gone.
    fn left(self) {
        let node = self.node.try_get_untracked().flatten();
        let active = document().active_element();
        let stays = match (node, active) {
            (Some(node), Some(active)) => active.is_same_node(Some(node.as_ref())),
            _ => false,
        };
        self.entered.try_set(stays);
    }
}

/// An id in the page, made from the name of a draft.
fn element_id(draft: &str) -> String {
    draft
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

/// Of how many segments, and by which alphabet.
fn segments_text(segments: Segments) -> String {
    let alphabet = match segments.wide {
        true => "UCS-2",
        false => "GSM-7",
    };
    t!(
        composer.segments,
        count = segments.count as i64,
        alphabet = alphabet
    )
}

/// What is said of a text that takes so much, if it is too much.
fn too_long(count: usize, limit: TextLimit) -> Option<String> {
    let actual = count as i64;
    let (words, max) = (number(actual), number(limit.max));
    (actual > limit.max).then(|| match limit.in_bytes {
        true => t!(composer.too_many_bytes, actual = words, max = max),
        false => t!(composer.too_long, actual = words, max = max),
    })
}

/// A text box with a Send button. Enter sends, Shift+Enter breaks the line; where there is no keyboard Enter breaks it.
#[component]
pub fn Composer(
    /// Accessible name of the text box.
    #[prop(into)]
    label: String,
    /// Shown while it is empty.
    #[prop(into)]
    placeholder: Signal<String>,
    /// Where the texts go.
    to: Destination,
    /// Who reads them, where that can change while one is written.
    #[prop(optional, into)]
    reader: Signal<Option<PersonRef>>,
    /// Under which name the draft is kept, when it is not the one of the whole conversation.
    #[prop(optional)]
    draft: Option<String>,
    /// The raised hand that a text answers, if any.
    #[prop(optional, into)]
    answers: Signal<Option<RequestId>>,
    /// Called with what the host stored.
    on_sent: Callback<Delivered>,
    /// Called with why it did not store a text.
    #[prop(optional)]
    on_refused: Option<Callback<AppError>>,
    /// Whether a file can go along.
    #[prop(optional)]
    files: bool,
    /// The longest text.
    #[prop(optional)]
    limit: TextLimit,
    /// Whether it is counted in segments, as text messages are.
    #[prop(optional)]
    segments: bool,
    /// The saved texts that it offers.
    #[prop(optional)]
    saved: Option<SavedTexts>,
    /// The button's name.
    #[prop(default = t!(composer.send))]
    submit_label: &'static str,
    /// Why nothing can be sent any more. What was typed stays to be copied.
    #[prop(optional, into)]
    closed: Signal<Option<String>>,
) -> impl IntoView {
    // Two composers on a page have different drafts, so the draft's name makes the ids.
    let draft = draft.unwrap_or_else(|| to.name());
    let id = element_id(&draft);
    let named = attach::use_named(&draft, files);
    let text = use_draft(draft);
    let node = NodeRef::new();
    let writing = Writing {
        text,
        error: RwSignal::new(None),
        node,
        length: Memo::new(move |_| text.with(|text| limit.typed(text))),
        limit,
        shut: Memo::new(move |_| closed.with(Option::is_some)),
        entered: RwSignal::new(false),
        to: StoredValue::new(to.clone()),
        answers,
        reader,
        begun_for: StoredValue::new(None),
        files,
        file: RwSignal::new(attach::chosen(&to)),
        named,
        outbox: use_outbox(),
        live: use_live(),
        saved: saved.map(|saved| Picker::new(saved, text, node)),
    };
    writing.follow_reader();
    writing.name_file();
    writing.follow_outbox(on_sent, on_refused);
    let back = Callback::new(move |kept: OutboxEntry| writing.take_back(&kept));
    view! {
        <div class="composer">
            <OutgoingLines to=to back=back />
            {move || closed.get().map(|reason| view! { <p class="composer__closed">{reason}</p> }.into_any())}
            <WritingForm writing id label placeholder submit_label segments />
        </div>
    }
}

/// The box, its button, and what is to be said about what stands in it.
#[component]
fn WritingForm(
    writing: Writing,
    id: String,
    label: String,
    placeholder: Signal<String>,
    submit_label: &'static str,
    segments: bool,
) -> impl IntoView {
    let Writing {
        text,
        error,
        shut,
        saved,
        ..
    } = writing;
    let list = format!("{id}-saved");
    let (active, controls) = (list.clone(), list.clone());
    let error_id = format!("{id}-error");
    let described_by = error_id.clone();
    let segments = Memo::new(move |_| match segments {
        true => text.with(|text| Segments::of(text)),
        false => Segments::of(""),
    });
    view! {
        {saved.map(|picker| view! { <SavedTextList picker list /> }.into_any())}
        <Chosen writing />
        <form
            class="composer__form"
            hidden=move || !writing.is_shown()
            on:submit=move |event| {
                event.prevent_default();
                writing.submit();
            }
            on:dragover=move |event| writing.drag(&event)
            on:drop=move |event| writing.bring(event.data_transfer(), &event)
        >
            <textarea
                node_ref=writing.node
                class="textarea composer__text"
                dir="auto"
                rows="2"
                enterkeyhint="enter"
                aria-label=label
                placeholder=move || placeholder.get()
                autocomplete="off"
                aria-describedby=move || writing.problem().map(|_| described_by.clone())
                aria-controls=move || saved.and_then(|saved| saved.list(&controls))
                aria-autocomplete=saved.map(|_| "list")
                aria-activedescendant=move || saved.and_then(|saved| saved.active(&active))
                aria-invalid=move || writing.problem().is_some().then_some("true")
                readonly=move || shut.get()
                prop:value=move || text.get()
                on:focus=move |_| writing.entered.set(true)
                on:blur=move |_| writing.left()
                on:input=move |event| {
                    error.set(None);
                    text.set(event_target_value(&event));
                    if let Some(saved) = saved {
                        saved.typed();
                    }
                    writing.announce_typing();
                }
                on:keydown=move |event| writing.key_pressed(&event)
                on:paste=move |event| writing.bring(event.clipboard_data(), &event)
            ></textarea>
            {saved.map(|picker| view! { <SavedTextButton picker shut /> }.into_any())}
            {writing.files.then(|| view! { <AttachButton writing /> }.into_any())}
            <button type="submit" class="button button--primary" disabled=move || shut.get()>
                <Icon name="send" />
                {submit_label}
            </button>
            {discard_view(writing)}
        </form>
        {foot(writing, segments, error_id)}
    }
}

/// *Discard*, while something stands in a box that is shut.
fn discard_view(writing: Writing) -> impl IntoView {
    let Writing {
        text, length, shut, ..
    } = writing;
    let offered = Memo::new(move |_| {
        let (shut, length) = (shut.get(), length.get());
        shut && length > 0
    });
    move || {
        offered.get().then(|| {
            view! {
                <button type="button" class="button" on:click=move |_| text.set(String::new())>
                    {t!(composer.discard)}
                </button>
            }
            .into_any()
        })
    }
}

/// What is wrong with the text, and how long it is.
fn foot(writing: Writing, segments: Memo<Segments>, error_id: String) -> AnyView {
    let Writing { length, limit, .. } = writing;
    view! {
        <div class="composer__foot">
            {move || writing.problem().map(|problem| {
                view! { <p class="field__error" id=error_id.clone() role="alert">{problem}</p> }.into_any()
            })}
            {move || (segments.get().count > 0).then(|| {
                view! { <span class="composer__count">{segments_text(segments.get())}</span> }.into_any()
            })}
            {move || (length.get() as i64 + COUNT_FROM > limit.max).then(|| {
                view! { <span class="composer__count">{length.get()}" / "{limit.max}</span> }.into_any()
            })}
        </div>
    }
    .into_any()
}
