//! The box in which somebody writes, and what has left it but not arrived. Nothing typed is lost: the draft and
//! what is on its way outlive a reload. It sends nothing itself: the outbox does.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use shared::error::AppError;
use shared::ids::RequestId;
use shared::text::MESSAGE_MAX;

use super::Icon;
use super::outgoing::OutgoingLines;
use crate::drafts::use_draft;
use crate::outbox::{Delivered, Destination, Sender, use_outbox};

/// How close to the limit the counter appears.
const COUNT_FROM: usize = 200;

/// A text box with a Send button. Enter sends, Shift+Enter breaks the line.
#[component]
pub fn Composer(
    /// Accessible name of the text box.
    #[prop(into)]
    label: String,
    /// Shown while it is empty.
    #[prop(into)]
    placeholder: String,
    /// Where the texts go.
    to: Destination,
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
    /// The longest text, in characters.
    #[prop(default = MESSAGE_MAX)]
    max: usize,
    /// The button's name.
    #[prop(default = "Send")]
    submit_label: &'static str,
    /// Why nothing can be sent any more. What was typed stays to be copied.
    #[prop(optional, into)]
    closed: Signal<Option<String>>,
) -> impl IntoView {
    // Two composers on a page have different drafts, so the draft's name makes the ids.
    let draft = draft.unwrap_or_else(|| to.name());
    let id: String = draft
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let outbox = use_outbox();
    let text = use_draft(draft);
    let lane = StoredValue::new(to.clone());
    let error = RwSignal::new(None::<String>);
    let node = NodeRef::<html::Textarea>::new();
    let length = Memo::new(move |_| text.with(|text| text.trim().chars().count()));
    let shut = Memo::new(move |_| closed.with(Option::is_some));

    let submit = move || {
        if shut.get_untracked() {
            return;
        }
        let count = length.get_untracked();
        if count == 0 {
            error.set(Some(format!(
                "Write something first (1 to {max} characters)."
            )));
        } else if count > max {
            error.set(Some(format!(
                "The text has {count} characters, at most {max} are allowed."
            )));
        } else {
            error.set(None);
            let sent = text.get_untracked().trim().to_owned();
            outbox.send(lane.get_value(), sent, answers.get_untracked());
            text.set(String::new());
        }
        if let Some(node) = node.get_untracked() {
            let _ = node.focus();
        }
    };
    let keydown = move |event: ev::KeyboardEvent| {
        // While an input method composes, Enter chooses a word.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            submit();
        }
    };
    let back = Callback::new(move |kept: String| {
        text.update(|text| {
            if !text.trim().is_empty() {
                text.push('\n');
            }
            text.push_str(&kept);
        });
        if let Some(node) = node.get_untracked() {
            let _ = node.focus();
        }
    });
    // A refused text belongs back into the box, with what is wrong with it; unless something new stands there.
    outbox.attend(Sender {
        to: to.clone(),
        refused: Box::new(move |error| {
            if let Some(on_refused) = on_refused {
                on_refused.try_run(error.clone());
            }
        }),
        delivered: Box::new(move |delivered| {
            on_sent.try_run(delivered.clone());
        }),
        invalid: Box::new(move |kept, reason| {
            let empty = text.try_with_untracked(|text| text.trim().is_empty()) == Some(true);
            if empty {
                text.set(kept.to_owned());
                error.set(Some(reason.to_owned()));
            }
            empty
        }),
    });
    let over = move || length.get() > max;
    let problem = move || {
        error.get().or_else(|| {
            over().then(|| {
                format!(
                    "The text has {} characters, at most {max} are allowed.",
                    length.get()
                )
            })
        })
    };
    let error_id = format!("{id}-error");
    let described = {
        let error_id = error_id.clone();
        move || problem().map(|_| error_id.clone())
    };
    let visible = move || !shut.get() || length.get() > 0;

    view! {
        <div class="composer">
            <OutgoingLines to=to back=back />
            {move || closed.get().map(|reason| view! { <p class="composer__closed">{reason}</p> })}
            <form
                class="composer__form"
                hidden=move || !visible()
                on:submit=move |event| {
                    event.prevent_default();
                    submit();
                }
            >
                <textarea
                    node_ref=node
                    class="textarea composer__text"
                    rows="2"
                    aria-label=label
                    placeholder=placeholder
                    autocomplete="off"
                    aria-describedby=move || described()
                    aria-invalid=move || problem().is_some().then_some("true")
                    readonly=move || shut.get()
                    prop:value=move || text.get()
                    on:input=move |event| {
                        error.set(None);
                        text.set(event_target_value(&event));
                    }
                    on:keydown=keydown
                ></textarea>
                <button type="submit" class="button button--primary" disabled=move || shut.get()>
                    <Icon name="send" />
                    {submit_label}
                </button>
            </form>
            <div class="composer__foot">
                {move || problem().map(|problem| {
                    view! { <p class="field__error" id=error_id.clone() role="alert">{problem}</p> }
                })}
                {move || (length.get() + COUNT_FROM > max).then(|| {
                    view! { <span class="composer__count">{length.get()}" / "{max}</span> }
                })}
            </div>
        </div>
    }
}
