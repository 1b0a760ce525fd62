//! Whether a channel takes messages: a switch, for chat pages and for channels of a provider.

use leptos::prelude::*;
use shared::error::AppError;
use shared::ids::ChannelKey;

use crate::api::administration::channel_activate;
use crate::attempt::LastChoice;
use crate::language::error_text;
use crate::state::use_session;

/// The switch of one channel, with its state in words. It goes back when the host refuses.
#[component]
pub(super) fn ChannelSwitch(
    channel: ChannelKey,
    /// What it is called.
    name: String,
    /// Whether it is on.
    active: bool,
    /// What the switch is called.
    label: String,
    /// Where the page says what was done.
    said: RwSignal<String>,
    /// Called with the state that the host has stored.
    #[prop(optional)]
    switched: Option<Callback<bool>>,
) -> impl IntoView {
    let session = use_session();
    let id = format!("channel-on-{channel}");
    let on = RwSignal::new(active);
    let choice = LastChoice::new(
        move |wanted, command| {
            let switched = channel_activate(command, channel.clone(), wanted);
            async move { switched.await.map_err(AppError::from) }
        },
        move |wanted, answer| match answer {
            Ok(()) => {
                said.try_set(match wanted {
                    true => t!(chat_channels.is_on, name = name),
                    false => t!(chat_channels.is_off, name = name),
                });
                if let Some(switched) = switched {
                    switched.try_run(wanted);
                }
            }
            Err(error) => {
                on.try_set(!wanted);
                session.toast(error_text(&error));
            }
        },
    );
    let switch = move |wanted: bool| {
        said.set(String::new());
        on.set(wanted);
        choice.choose(wanted);
    };
    view! {
        <span class="team__switch">
            <input
                class="switch"
                type="checkbox"
                role="switch"
                id=id.clone()
                aria-label=label
                prop:checked=move || on.get()
                on:change=move |event| switch(event_target_checked(&event))
            />
            <label for=id>{move || if on.get() { t!(chat_channels.on) } else { t!(chat_channels.off) }}</label>
        </span>
    }
}
