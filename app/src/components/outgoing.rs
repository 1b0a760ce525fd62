//! What has left a box and was not acknowledged: one line each, oldest first. Only the first of them can be decided
//! about; what is behind it waits.

use leptos::prelude::*;

use super::Icon;
use super::clipboard::copy;
use crate::clock::browser_ms;
use crate::outbox::{DeliveryState, Destination, OutboxEntry, use_outbox};
use crate::state::use_session;

/// One text with what it waits for.
type Line = (OutboxEntry, DeliveryState);

/// What waits for one destination. `back` takes a text into the box again; without a box it can be copied.
#[component]
pub fn OutgoingLines(
    to: Destination,
    #[prop(optional)] back: Option<Callback<OutboxEntry>>,
) -> impl IntoView {
    let outbox = use_outbox();
    let lines = Memo::new(move |_| outbox.of(&to));
    // What a line shows besides its text makes it another line.
    let key = |(entry, state): &Line| (entry.key.clone(), format!("{state:?}"));
    view! {
        <ul class="composer__outgoing" aria-label=t!(outbox.title) hidden=move || lines.with(Vec::is_empty)>
            <For each=move || lines.get() key=key let:line>
                <OutgoingLine back=back line=line />
            </For>
        </ul>
    }
}

#[component]
fn OutgoingLine(back: Option<Callback<OutboxEntry>>, line: Line) -> impl IntoView {
    let outbox = use_outbox();
    let (entry, state) = line;
    let (key, text, at) = (entry.key.clone(), entry.shown(), entry.at);
    let failed = !matches!(state, DeliveryState::Sending | DeliveryState::Behind);
    // What is forwarded goes out as it stands.
    let forwarded = entry.forwards.is_some();
    let back = back.filter(|_| !forwarded);
    // Whatever else became of it, it may have arrived: from the draft it would be sent a second time.
    let boxless = back.is_none();
    let back = back.filter(|_| matches!(state, DeliveryState::Refused(_)));
    let state = match state {
        DeliveryState::Sending => {
            view! { <p class="outgoing__state">{t!(outbox.sending)}</p> }.into_any()
        }
        DeliveryState::Behind => {
            view! { <p class="outgoing__state">{t!(outbox.behind)}</p> }.into_any()
        }
        DeliveryState::Again(reason) => view! {
            <p class="outgoing__state" role="status">{t!(outbox.again, reason = reason)}</p>
        }
        .into_any(),
        DeliveryState::Refused(reason) => view! {
            <p class="outgoing__state" role="alert">{t!(outbox.refused, reason = reason)}</p>
        }
        .into_any(),
        DeliveryState::Old => view! {
            <p class="outgoing__state" role="alert">{old_text(browser_ms() - at)}</p>
        }
        .into_any(),
    };
    let again = {
        let key = key.clone();
        move |_| outbox.retry(&key)
    };
    let take_back = back.map(|back| {
        let take_back = move |_| {
            // Its file is there until it is removed.
            back.run(entry.clone());
            outbox.remove(&entry.key);
        };
        view! {
            <button type="button" class="button button--quiet" on:click=take_back>{t!(outbox.back_to_draft)}</button>
        }.into_any()
    });
    let copy_text = boxless.then(|| {
        let text = text.clone();
        view! { <CopyButton text=Callback::new(move |()| text.clone()) /> }.into_any()
    });
    let discard = move |_| outbox.remove(&key);
    view! {
        <li class="outgoing" class:outgoing--failed=failed>
            <p class="outgoing__text" dir="auto">{text}</p>
            {forwarded.then(|| view! { <p class="outgoing__state">{t!(outbox.forward)}</p> }.into_any())}
            {state}
            {copy_text}
            {failed.then(|| view! {
                <button type="button" class="button button--quiet" on:click=again>
                    <Icon name="refresh" />
                    {t!(common.retry)}
                </button>
                {take_back}
                <button type="button" class="button button--quiet" on:click=discard>{t!(common.discard)}</button>
            }.into_any())}
        </li>
    }
}

/// Puts what `text` answers on the clipboard.
#[component]
pub fn CopyButton(text: Callback<(), String>) -> impl IntoView {
    let session = use_session();
    view! {
        <button
            type="button"
            class="button button--quiet"
            on:click=move |_| copy(session, text.run(()))
        >
            <Icon name="copy" />
            {t!(common.copy)}
        </button>
    }
}

/// How long ago it was written, in the largest unit that fits.
fn old_text(ms: f64) -> String {
    let hours = (ms / 3_600_000.0).floor().max(1.0) as i64;
    match hours / 24 {
        0 => t!(outbox.old_hours, count = hours),
        days => t!(outbox.old_days, count = days),
    }
}

#[cfg(test)]
mod tests {
    use super::old_text;

    #[test]
    fn e02_an_age_is_named_in_its_largest_unit() {
        let hour = 3_600_000.0;
        assert_eq!(old_text(hour * 1.5), "Not sent. Written 1 hour ago.");
        assert_eq!(old_text(hour * 23.9), "Not sent. Written 23 hours ago.");
        assert_eq!(old_text(hour * 25.0), "Not sent. Written 1 day ago.");
        assert_eq!(old_text(hour * 49.0), "Not sent. Written 2 days ago.");
    }
}
