//! What has left a box and was not acknowledged: one line each, oldest first. Only the first of them can be decided
//! about; what is behind it waits.

use leptos::prelude::*;
use shared::ids::CommandKey;

use super::Icon;
use super::transcript_entry::copy;
use crate::clock::browser_ms;
use crate::outbox::{Destination, Standing, use_outbox};
use crate::state::use_desk;

/// One text as a line shows it.
#[derive(Clone, PartialEq)]
struct Line {
    key: CommandKey,
    text: String,
    at: f64,
    standing: Standing,
}

/// What waits for one destination. `back` takes a text into the box again; without a box it can be copied.
#[component]
pub fn OutgoingLines(
    to: Destination,
    #[prop(optional)] back: Option<Callback<String>>,
) -> impl IntoView {
    let outbox = use_outbox();
    let lines = Memo::new(move |_| {
        outbox
            .of(&to)
            .into_iter()
            .map(|(entry, standing)| Line {
                key: entry.key,
                text: entry.text,
                at: entry.at,
                standing,
            })
            .collect::<Vec<_>>()
    });
    // What a line shows besides its text makes it another line.
    let key = |line: &Line| (line.key.clone(), format!("{:?}", line.standing));
    view! {
        <ul class="composer__outgoing" aria-label="Not sent yet" hidden=move || lines.with(Vec::is_empty)>
            <For each=move || lines.get() key=key let:line>
                <OutgoingLine back=back line=line />
            </For>
        </ul>
    }
}

#[component]
fn OutgoingLine(back: Option<Callback<String>>, line: Line) -> impl IntoView {
    let outbox = use_outbox();
    let Line {
        key,
        text,
        at,
        standing,
    } = line;
    let failed = !matches!(standing, Standing::Sending | Standing::Behind);
    // Whatever else became of it, it may have arrived: from the draft it would be sent a second time.
    let boxless = back.is_none();
    let back = back.filter(|_| matches!(standing, Standing::Refused(_)));
    let state = match standing {
        Standing::Sending => view! { <p class="outgoing__state">"Sending…"</p> }.into_any(),
        Standing::Behind => {
            view! { <p class="outgoing__state">"Waiting for the message above."</p> }.into_any()
        }
        Standing::Again(reason) => view! {
            <p class="outgoing__state" role="status">"Not sent. "{reason}" Trying again…"</p>
        }.into_any(),
        Standing::Refused(reason) => view! {
            <p class="outgoing__state" role="alert">"Not sent. "{reason}</p>
        }.into_any(),
        Standing::Old => view! {
            <p class="outgoing__state" role="alert">"Not sent. Written "{age_text(browser_ms() - at)}" ago."</p>
        }.into_any(),
    };
    let again = {
        let key = key.clone();
        move |_| outbox.retry(&key)
    };
    let take_back = back.map(|back| {
        let (key, text) = (key.clone(), text.clone());
        let take_back = move |_| {
            outbox.remove(&key);
            back.run(text.clone());
        };
        view! {
            <button type="button" class="button button--quiet" on:click=take_back>"Back to draft"</button>
        }.into_any()
    });
    let copy_text = boxless.then(|| {
        let text = text.clone();
        view! { <CopyButton text=Callback::new(move |()| text.clone()) /> }.into_any()
    });
    let discard = move |_| outbox.remove(&key);
    view! {
        <li class="outgoing" class:outgoing--failed=failed>
            <p class="outgoing__text">{text}</p>
            {state}
            {copy_text}
            {failed.then(|| view! {
                <button type="button" class="button button--quiet" on:click=again>
                    <Icon name="refresh" />
                    "Retry"
                </button>
                {take_back}
                <button type="button" class="button button--quiet" on:click=discard>"Discard"</button>
            }.into_any())}
        </li>
    }
}

/// Puts what `text` answers on the clipboard.
#[component]
pub fn CopyButton(text: Callback<(), String>) -> impl IntoView {
    let desk = use_desk();
    view! {
        <button
            type="button"
            class="button button--quiet"
            on:click=move |_| copy(desk, text.run(()))
        >
            <Icon name="copy" />
            "Copy"
        </button>
    }
}

/// An age in words, in the largest unit that fits.
fn age_text(ms: f64) -> String {
    let hours = (ms / 3_600_000.0).floor().max(1.0) as i64;
    match (hours / 24, hours) {
        (0, 1) => "1 hour".to_owned(),
        (0, hours) => format!("{hours} hours"),
        (1, _) => "1 day".to_owned(),
        (days, _) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::age_text;

    #[test]
    fn e02_an_age_is_named_in_its_largest_unit() {
        let hour = 3_600_000.0;
        assert_eq!(age_text(hour * 1.5), "1 hour");
        assert_eq!(age_text(hour * 23.9), "23 hours");
        assert_eq!(age_text(hour * 25.0), "1 day");
        assert_eq!(age_text(hour * 49.0), "2 days");
    }
}
