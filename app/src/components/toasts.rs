//! Lines that say what has just happened and go away after six seconds, unless somebody points at
//! them or has the focus in them. They never ask anything.

use std::time::Duration;

use leptos::prelude::*;

use super::Icon;
use crate::state::{Toast, use_session};

/// How long a toast stays.
const STAY: Duration = Duration::from_secs(6);

/// All toasts, in a region that screen readers announce politely.
#[component]
pub fn Toasts() -> impl IntoView {
    let toasts = use_session().toasts;
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.get() key=|toast| toast.id let:toast>
                <ToastLine toast=toast />
            </For>
        </div>
    }
}

#[component]
fn ToastLine(toast: Toast) -> impl IntoView {
    let toasts = use_session().toasts;
    let Toast { id, text, href, .. } = toast;
    let dismiss = move || toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let hold = move || {
        if let Some(Some(timer)) = timer.try_update_value(Option::take) {
            timer.clear();
        }
    };
    let release = move || {
        hold();
        timer.set_value(set_timeout_with_handle(dismiss, STAY).ok());
    };
    Effect::new(move || {
        release();
        on_cleanup(hold);
    });
    view! {
        <div
            class="toast"
            on:pointerenter=move |_| hold()
            on:pointerleave=move |_| release()
            on:focusin=move |_| hold()
            on:focusout=move |_| release()
        >
            {match href {
                Some(href) => view! { <a class="toast__text" href=href>{text}</a> }.into_any(),
                None => view! { <span class="toast__text">{text}</span> }.into_any(),
            }}
            <button
                type="button"
                class="button button--icon button--quiet"
                aria-label=t!(toast.dismiss)
                on:click=move |_| dismiss()
            >
                <Icon name="close" />
            </button>
        </div>
    }
}
