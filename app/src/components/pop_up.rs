//! Company Directory pop-ups: what somebody has just written, with a box to answer in place (M10, M12).
//!
//! A pop-up never takes the focus. Going away it leaves the message unread, so that the red indicator stays.

use std::rc::Rc;

use std::pin::Pin;
use std::time::Duration;

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlElement, Node};
use shared::error::AppError;
use shared::ids::{CommandKey, DirectoryMessageId};

use crate::api::directory::{directory_read, directory_send};
use crate::clock::{LocalTime, browser_ms};
use crate::components::{Composer, Icon};
use crate::prelude::*;
use crate::state::{DeskState, PopUp, use_desk};

/// How long a pop-up stays when nobody is in it, in seconds.
const STAY_S: u32 = 10;
/// How many are shown at once; others wait for their turn.
const SHOWN: usize = 3;
/// How often the remaining time is looked at.
const TICK: Duration = Duration::from_millis(250);
/// How long an announcement stands before it is cleared, so that nobody finds it twice in the page.
const ANNOUNCED: Duration = Duration::from_secs(2);

/// All pop-ups, in the corner of every page.
#[component]
pub fn PopUps() -> impl IntoView {
    let desk = use_desk();
    let shown = Memo::new(move |_| {
        desk.pop_ups.with(|pop_ups| {
            pop_ups
                .iter()
                .take(SHOWN)
                .map(|pop_up| pop_up.id)
                .collect::<Vec<_>>()
        })
    });
    let waiting = Memo::new(move |_| {
        desk.pop_ups
            .with(|pop_ups| pop_ups.len().saturating_sub(SHOWN))
    });
    let announced = use_announcement(desk);
    view! {
        <p class="visually-hidden" role="status">{move || announced.get()}</p>
        <div class="pop-ups">
            {move || (waiting.get() > 0).then(|| view! {
                <p class="pop-ups__more">{format!("{} more", waiting.get())}</p>
            })}
            <For each=move || shown.get() key=|id| *id let:id>
                <Card id />
            </For>
        </div>
    }
}

/// What a screen reader is told: each message once, when it comes.
fn use_announcement(desk: DeskState) -> RwSignal<String> {
    let text = RwSignal::new(String::new());
    Effect::new(move |told: Option<Vec<DirectoryMessageId>>| {
        let told = told.unwrap_or_default();
        desk.pop_ups.with(|pop_ups| {
            if let Some(new) = pop_ups
                .iter()
                .rev()
                .find(|pop_up| !told.contains(&pop_up.message.id))
            {
                text.set(announcement(new));
                set_timeout(move || text.set(String::new()), ANNOUNCED);
            }
            pop_ups
                .iter()
                .map(|pop_up| pop_up.message.id.clone())
                .collect()
        })
    });
    text
}

fn announcement(pop_up: &PopUp) -> String {
    let message = &pop_up.message;
    format!("Message from {}: {}", message.from.name, message.text)
}

#[component]
fn Card(id: u64) -> impl IntoView {
    let desk = use_desk();
    let pop_up = Memo::new(move |_| {
        desk.pop_ups
            .with(|pop_ups| pop_ups.iter().find(|pop_up| pop_up.id == id).cloned())
    });
    let first = pop_up.get_untracked()?;
    let from = first.message.from;

    let region = NodeRef::<html::Section>::new();
    // M10: once somebody is in it, it stays until sent or dismissed. A pointer that merely lies where the
    // pop-up appears is nobody: it has to move.
    let entered = RwSignal::new(false);
    let came_from = LocalValue::new_local(None::<HtmlElement>);
    let close = move || {
        let inside = focus_is_in(region);
        desk.pop_ups
            .update(|pop_ups| pop_ups.retain(|pop_up| pop_up.id != id));
        if inside && let Some(Some(before)) = came_from.try_get_value() {
            // Fails only for an element that left the page.
            let _ = before.focus();
        }
    };
    let left = use_remaining(pop_up, entered, close);

    let on_focus = move |event: FocusEvent| {
        entered.set(true);
        let before = event
            .related_target()
            .and_then(|target| target.dyn_into::<HtmlElement>().ok());
        if let (Some(before), Some(region)) = (before, region.get_untracked())
            && !region.contains(Some(before.as_ref()))
        {
            came_from.set_value(Some(before));
        }
    };
    let to = from.id.clone();
    let send = move |key: CommandKey, text: String| {
        let to = to.clone();
        Box::pin(async move {
            let answers = pop_up
                .try_get_untracked()
                .flatten()
                .filter(PopUp::open_request)
                .and_then(|pop_up| pop_up.message.request)
                .map(|request| request.id);
            let sent = directory_send(to.clone(), key, text, answers).await?;
            let overtaken = pop_up
                .try_get_untracked()
                .flatten()
                .is_some_and(|pop_up| pop_up.message.seq > sent.seq);
            if !overtaken {
                desk.set_unread(&to, |_| 0);
                // After the composer has taken note of the answer: closing takes it out of the page.
                set_timeout(close, Duration::ZERO);
            }
            spawn_local(async move {
                // What was answered counts as read on the next look too, should this one be lost.
                let _ = directory_read(to, sent.seq).await;
            });
            Ok(())
        }) as Pin<Box<dyn Future<Output = Result<(), AppError>>>>
    };

    Some(view! {
        <section
            class="pop-up"
            class:pop-up--request=move || pop_up.with(|pop_up| is_request(pop_up.as_ref()))
            role="region"
            aria-label=format!("Message from {}", from.name)
            node_ref=region
            on:focusin=on_focus
            on:pointermove=move |_| entered.set(true)
            on:pointerdown=move |_| entered.set(true)
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" && !event.is_composing() {
                    event.prevent_default();
                    event.stop_propagation();
                    close();
                }
            }
        >
            <header class="pop-up__head">
                <h2 class="pop-up__name">{from.name.clone()}</h2>
                {move || pop_up.get().map(|pop_up| view! { <LocalTime at=pop_up.message.at /> })}
                <button
                    class="button button--icon button--quiet pop-up__dismiss"
                    type="button"
                    aria-label="Dismiss"
                    title="Dismiss"
                    on:click=move |_| close()
                >
                    <Icon name="close" />
                </button>
            </header>
            {move || pop_up.get().map(message_view)}
            <Composer
                label="Reply".to_owned()
                placeholder=format!("Reply to {}", from.name)
                // The draft of the conversation: what was begun here can be finished in the directory.
                draft=format!("directory-{}", from.id)
                send=Rc::new(send)
            />
            <footer class="pop-up__foot">
                {move || match left.get() {
                    Some(seconds) => view! {
                        <span class="pop-up__left">{format!("Closes in {seconds} s")}</span>
                        <progress
                            class="pop-up__bar"
                            aria-hidden="true"
                            max=STAY_S.to_string()
                            value=seconds.to_string()
                        ></progress>
                    },
                    None => view! {
                        <span class="pop-up__left">
                            {move || if entered.get() { "Stays until sent or dismissed" } else { "Waits for an answer" }}
                        </span>
                    },
                }}
            </footer>
        </section>
    })
}

fn is_request(pop_up: Option<&PopUp>) -> bool {
    pop_up.is_some_and(|pop_up| pop_up.message.request.is_some())
}

/// The text and, for a raised hand, what it is about and who has answered.
fn message_view(pop_up: PopUp) -> AnyView {
    let agent = pop_up.message.from.id;
    let raised = pop_up.message.request.map(|request| {
        let answered_by = pop_up.answered_by.or(request.answered_by);
        view! {
            <p class="pop-up__raised">
                <Icon name="hand" />
                "Asks for assistance"
            </p>
            {request.workitem.map(|(workitem, subject)| view! {
                <p class="pop-up__subject">
                    {subject}
                    " "
                    <a href=format!("/coaching/{agent}/{workitem}")>"Open workitem"</a>
                </p>
            })}
            {answered_by.map(|by| view! {
                <p class="pop-up__answered" role="status">
                    <Icon name="check" />
                    {format!("Answered by {}", by.name)}
                </p>
            })}
        }
    });
    view! {
        // A long text scrolls in its own box, from the keyboard too.
        <p class="pop-up__text" tabindex="0">{pop_up.message.text}</p>
        {raised}
    }
}

/// The seconds that remain; `None` while it stays. A newer message and an answered request start them anew; at
/// their end `close` is called.
fn use_remaining(
    pop_up: Memo<Option<PopUp>>,
    entered: RwSignal<bool>,
    close: impl Fn() + Copy + 'static,
) -> RwSignal<Option<u32>> {
    let left = RwSignal::new(Some(STAY_S));
    let message = Memo::new(move |_| pop_up.get().map(|pop_up| pop_up.message.id));
    let stays = Memo::new(move |_| {
        entered.get() || pop_up.with(|pop_up| pop_up.as_ref().is_some_and(PopUp::open_request))
    });
    Effect::new(move |_| {
        message.track();
        if stays.get() {
            left.set(None);
            return;
        }
        let began = browser_ms();
        left.set(Some(STAY_S));
        let timer = set_interval_with_handle(
            move || match seconds_left(browser_ms() - began) {
                0 => close(),
                seconds if left.get_untracked() != Some(seconds) => left.set(Some(seconds)),
                _ => {}
            },
            TICK,
        );
        on_cleanup(move || {
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
    });
    left
}

/// Whole seconds until the end, the one that has begun included.
fn seconds_left(passed_ms: f64) -> u32 {
    let left = f64::from(STAY_S) - passed_ms / 1_000.0;
    // Within 0 to STAY_S, even when the browser's clock was turned back.
    left.ceil().clamp(0.0, f64::from(STAY_S)) as u32
}

fn focus_is_in(region: NodeRef<html::Section>) -> bool {
    let focused = document().active_element();
    match (region.try_get_untracked(), focused) {
        (Some(region), Some(focused)) => region.contains(Some(focused.unchecked_ref::<Node>())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::seconds_left;

    #[test]
    fn ten_seconds_are_counted_down() {
        assert_eq!(seconds_left(0.0), 10);
        assert_eq!(seconds_left(1.0), 10);
        assert_eq!(seconds_left(9_999.0), 1);
        assert_eq!(seconds_left(10_000.0), 0);
        assert_eq!(seconds_left(60_000.0), 0);
        assert_eq!(seconds_left(-5_000.0), 10);
    }
}
