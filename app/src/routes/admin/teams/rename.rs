//! Another name for a chat channel, typed where the old one stood.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::ChatChannel;
use shared::error::AppError;
use shared::ids::ChannelKey;

use super::state::TeamsState;
use crate::api::ApiError;
use crate::api::administration::{channel_update, team_list};
use crate::attempt::Attempt;
use crate::components::focus::use_focus_inside;
use crate::routes::refusal::Refusal;

/// A channel as it is being renamed. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Renaming {
    state: TeamsState,
    channel: StoredValue<ChannelKey>,
    channels: RwSignal<Vec<ChatChannel>>,
    name: RwSignal<String>,
    /// The version that a save replaces.
    version: StoredValue<i64>,
    saving: RwSignal<bool>,
    attempt: Attempt,
    refusal: Refusal,
    close: Callback<()>,
}

impl Renaming {
    fn save(self) {
        if self.saving.get_untracked() {
            return;
        }
        self.saving.set(true);
        self.refusal.clear();
        self.state.said.set(String::new());
        let (channel, version) = (self.channel.get_value(), self.version.get_value());
        let name = self.name.get_untracked();
        spawn_local(async move {
            let key = self.attempt.key(&(&channel, version, &name));
            let answer = channel_update(key, channel, version, name).await;
            self.attempt.answered(&answer);
            self.saving.try_set(false);
            match answer {
                Ok(channel) => {
                    (self.state.said).set(t!(admin.saved_name, name = channel.name));
                    self.close.run(());
                    self.channels.update(|channels| put(channels, channel));
                }
                Err(error) => self.refused(error).await,
            }
        });
    }

    /// The refusal says how the channel is called meanwhile; saving again is meant over that.
    async fn refused(self, error: ApiError) {
        if matches!(error, ApiError(AppError::Conflict { .. }))
            && let Ok(teams) = team_list().await
            && let Some(wanted) = self.channel.try_get_value()
        {
            let mut channels = teams.into_iter().flat_map(|team| team.channels);
            if let Some(now) = channels.find(|channel| channel.key == wanted) {
                self.version.set_value(now.version);
            }
        }
        self.refusal.set(error);
    }
}

fn put(channels: &mut [ChatChannel], changed: ChatChannel) {
    for channel in channels {
        if channel.key == changed.key {
            channel.clone_from(&changed);
        }
    }
}

/// The input, with Save and Cancel. Escape cancels.
#[component]
pub(super) fn Rename(
    state: TeamsState,
    channel: ChannelKey,
    /// How it is called.
    name: String,
    /// What the page shows of the team.
    channels: RwSignal<Vec<ChatChannel>>,
    close: Callback<()>,
) -> impl IntoView {
    let version = channels.with_untracked(|channels| {
        let known = channels.iter().find(|known| known.key == channel);
        known.map_or(0, |known| known.version)
    });
    let error_id = format!("rename-error-{channel}");
    let described = error_id.clone();
    let form = NodeRef::<html::Form>::new();
    let label = t!(chat_channels.rename_of, name = name);
    let renaming = Renaming {
        state,
        channel: StoredValue::new(channel),
        channels,
        name: RwSignal::new(name),
        version: StoredValue::new(version),
        saving: RwSignal::new(false),
        attempt: Attempt::new(),
        refusal: Refusal::new(),
        close,
    };
    use_focus_inside(form, "input");
    // What is wrong stands below the input, whatever it names.
    let (at, above) = (
        renaming.refusal.at("name"),
        renaming.refusal.above(&["name"]),
    );
    let error = Signal::derive(move || at.get().or_else(|| above.get()));
    view! {
        <form
            class="team__rename"
            method="post"
            novalidate
            node_ref=form
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                renaming.save();
            }
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" {
                    close.run(());
                }
            }
        >
            <input
                class="input"
                dir="auto"
                aria-label=label
                autocomplete="off"
                aria-describedby=described
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                prop:value=move || renaming.name.get()
                on:input=move |event| renaming.name.set(event_target_value(&event))
            />
            <button
                class="button button--primary"
                type="submit"
                aria-disabled=move || renaming.saving.get().then_some("true")
            >
                {t!(common.save)}
            </button>
            <button class="button" type="button" on:click=move |_| close.run(())>{t!(common.cancel)}</button>
            <p class="field__error" role="alert" id=error_id>{move || error.get()}</p>
        </form>
    }
}
