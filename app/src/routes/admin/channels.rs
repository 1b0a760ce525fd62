//! The chat channels of one team: the pages that customers open, and whether they take messages.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::ChatChannel;
use shared::error::AppError;
use shared::ids::{ChannelKey, TeamId};

use crate::api::administration::{channel_activate, channel_create};
use crate::attempt::{Attempt, LastChoice};
use crate::components::Icon;
use crate::components::transcript_entry::copy;
use crate::language::error_text;
use crate::routes::refusal::Refusal;
use crate::state::use_session;

/// The channels with their addresses, and a line to add one.
#[component]
pub(super) fn Channels(
    team: TeamId,
    /// The team's name, for naming the inputs.
    team_name: String,
    /// What the page shows of the team; changed here once the host has answered.
    channels: RwSignal<Vec<ChatChannel>>,
) -> impl IntoView {
    let said = RwSignal::new(String::new());
    view! {
        <h3 class="team__heading">{t!(chat_channels.title)}</h3>
        <ul class="team__channels" role="list">
            <For
                each=move || channels.get()
                key=|channel| (channel.key.clone(), channel.name.clone(), channel.active)
                let:channel
            >
                <Channel channel channels said />
            </For>
        </ul>
        {move || channels.with(Vec::is_empty).then(|| view! {
            <p class="team__none">{t!(chat_channels.none)}</p>
        }.into_any())}
        <AddChannel team team_name channels said />
        <p class="visually-hidden" role="status">{move || said.get()}</p>
    }
}

/// A channel as it is being added. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct NewChannel {
    team: StoredValue<TeamId>,
    channels: RwSignal<Vec<ChatChannel>>,
    said: RwSignal<String>,
    name: RwSignal<String>,
    saving: RwSignal<bool>,
    attempt: Attempt,
    refusal: Refusal,
}

impl NewChannel {
    fn add(self) {
        if self.saving.get_untracked() {
            return;
        }
        self.saving.set(true);
        self.refusal.clear();
        let (team, typed) = (self.team.get_value(), self.name.get_untracked());
        spawn_local(async move {
            let key = self.attempt.key(&(&team, &typed));
            let answer = channel_create(key, team, typed).await;
            self.attempt.answered(&answer);
            match answer {
                Ok(channel) => {
                    self.said.set(t!(chat_channels.added, name = channel.name));
                    self.name.set(String::new());
                    self.channels.update(|channels| channels.push(channel));
                }
                Err(error) => self.refusal.set(error),
            }
            self.saving.set(false);
        });
    }
}

#[component]
fn AddChannel(
    team: TeamId,
    team_name: String,
    channels: RwSignal<Vec<ChatChannel>>,
    said: RwSignal<String>,
) -> impl IntoView {
    let field = format!("channel-name-{team}");
    let error_id = format!("channel-error-{team}");
    let described = error_id.clone();
    let new = NewChannel {
        team: StoredValue::new(team),
        channels,
        said,
        name: RwSignal::new(String::new()),
        saving: RwSignal::new(false),
        attempt: Attempt::new(),
        refusal: Refusal::new(),
    };
    let error = new.refusal.at("name");
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        new.add();
    };
    view! {
        <form class="team__add" method="post" novalidate on:submit=add>
            <label class="visually-hidden" for=field.clone()>
                {t!(chat_channels.new_name_for, team = team_name)}
            </label>
            <input
                class="input"
                dir="auto"
                id=field
                placeholder=t!(chat_channels.new_name)
                autocomplete="off"
                aria-describedby=move || error.with(Option::is_some).then(|| described.clone())
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                prop:value=move || new.name.get()
                on:input=move |event| new.name.set(event_target_value(&event))
            />
            <button class="button" type="submit" aria-disabled=move || new.saving.get().then_some("true")>
                <Icon name="plus" />
                {t!(chat_channels.add)}
            </button>
        </form>
        {move || error.get().map(|text| view! {
            <p class="field__error" role="alert" id=error_id.clone()>{text}</p>
        }.into_any())}
        {move || new.refusal.above(&["name"]).get().map(|text| view! {
            <p class="notice notice--error" role="alert">{text}</p>
        }.into_any())}
    }
}

#[component]
fn Channel(
    channel: ChatChannel,
    channels: RwSignal<Vec<ChatChannel>>,
    said: RwSignal<String>,
) -> impl IntoView {
    let session = use_session();
    let ChatChannel {
        key, name, active, ..
    } = channel;
    let path = format!("/chat/{key}");
    let switch_id = format!("channel-{key}");
    let on = RwSignal::new(active);
    let (called, shown) = (name.clone(), key.clone());
    let choice = LastChoice::new(
        move |wanted, command| {
            let switched = channel_activate(command, key.clone(), wanted);
            async move { switched.await.map_err(AppError::from) }
        },
        move |wanted, answer| match answer {
            Ok(()) => {
                said.try_set(match wanted {
                    true => t!(chat_channels.is_on, name = called),
                    false => t!(chat_channels.is_off, name = called),
                });
                // The row keeps its place and its focus: it shows this already.
                channels.update_untracked(|channels| set_active(channels, &shown, wanted));
            }
            Err(error) => {
                on.try_set(!wanted);
                session.toast(error_text(&error));
            }
        },
    );
    let switch = move |wanted: bool| {
        on.set(wanted);
        choice.choose(wanted);
    };
    let address = path.clone();
    view! {
        <li class="team__channel">
            <span class="team__channel-name" dir="auto">{name.clone()}</span>
            // Another page of the host, not of this app.
            <a class="team__address" href=path.clone() target="_blank" rel="external noopener">{path.clone()}</a>
            <button
                class="button button--quiet button--icon"
                type="button"
                aria-label=t!(chat_channels.copy_of, name = name)
                title=t!(chat_channels.copy)
                on:click=move |_| {
                    let origin = window().location().origin().unwrap_or_default();
                    copy(session, format!("{origin}{address}"));
                }
            >
                <Icon name="copy" />
            </button>
            <span class="team__switch">
                <input
                    class="switch"
                    type="checkbox"
                    role="switch"
                    id=switch_id.clone()
                    aria-label=t!(chat_channels.takes_messages, name = name)
                    prop:checked=move || on.get()
                    on:change=move |event| switch(event_target_checked(&event))
                />
                <label for=switch_id>{move || if on.get() { t!(chat_channels.on) } else { t!(chat_channels.off) }}</label>
            </span>
        </li>
    }
}

fn set_active(channels: &mut [ChatChannel], key: &ChannelKey, active: bool) {
    for channel in channels {
        if &channel.key == key {
            channel.active = active;
        }
    }
}
