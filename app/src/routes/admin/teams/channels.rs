//! The chat channels of one team: the pages that customers open, and whether they take messages.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::ChatChannel;
use shared::deletion::Deletable;
use shared::ids::{ChannelKey, TeamId};

use super::rename::Rename;
use super::state::TeamsState;
use crate::api::administration::channel_create;
use crate::attempt::Attempt;
use crate::components::Icon;
use crate::components::clipboard::copy;
use crate::routes::admin::channel_switch::ChannelSwitch;
use crate::routes::admin::deletion::Doomed;
use crate::routes::admin::focus_soon;
use crate::routes::refusal::Refusal;
use crate::state::use_session;

/// The channels with their addresses, and a line to add one.
#[component]
pub(super) fn Channels(
    state: TeamsState,
    team: TeamId,
    /// The team's name, for naming the inputs.
    team_name: String,
    /// What the page shows of the team; changed here once the host has answered.
    channels: RwSignal<Vec<ChatChannel>>,
) -> impl IntoView {
    view! {
        <h3 class="team__heading">{t!(chat_channels.title)}</h3>
        <ul class="team__channels" role="list">
            <For
                each=move || channels.get()
                key=|channel| (channel.key.clone(), channel.name.clone(), channel.active)
                let:channel
            >
                <Channel state channel channels />
            </For>
        </ul>
        {move || channels.with(Vec::is_empty).then(|| view! {
            <p class="team__none">{t!(chat_channels.none)}</p>
        }.into_any())}
        <AddChannel state team team_name channels />
    }
}

/// A channel as it is being added. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct NewChannel {
    state: TeamsState,
    team: StoredValue<TeamId>,
    channels: RwSignal<Vec<ChatChannel>>,
    name: RwSignal<String>,
    address: RwSignal<String>,
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
        self.state.said.set(String::new());
        let (team, typed) = (self.team.get_value(), self.name.get_untracked());
        let address = self.address.get_untracked();
        spawn_local(async move {
            let key = self.attempt.key_to_create();
            let answer = channel_create(key, team, typed, Some(address)).await;
            self.attempt.answered(&answer);
            match answer {
                Ok(channel) => {
                    (self.state.said).set(t!(chat_channels.added, name = channel.name));
                    self.name.set(String::new());
                    self.address.set(String::new());
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
    state: TeamsState,
    team: TeamId,
    team_name: String,
    channels: RwSignal<Vec<ChatChannel>>,
) -> impl IntoView {
    let id = team.to_string();
    let new = NewChannel {
        state,
        team: StoredValue::new(team),
        channels,
        name: RwSignal::new(String::new()),
        address: RwSignal::new(String::new()),
        saving: RwSignal::new(false),
        attempt: Attempt::new(),
        refusal: Refusal::new(),
    };
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        new.add();
    };
    let name_label = t!(chat_channels.new_name_for, team = team_name);
    let address_label = t!(chat_channels.new_address_for, team = team_name);
    view! {
        <form class="team__add" method="post" novalidate on:submit=add>
            {input_view(new, "name", &id, name_label, t!(chat_channels.new_name))}
            {input_view(new, "address", &id, address_label, t!(chat_channels.new_address))}
            <button class="button" type="submit" aria-disabled=move || new.saving.get().then_some("true")>
                <Icon name="plus" />
                {t!(chat_channels.add)}
            </button>
        </form>
        {error_view(new, "name", &id)}
        {error_view(new, "address", &id)}
        {move || new.refusal.above(&["name", "address"]).get().map(|text| view! {
            <p class="notice notice--error" role="alert">{text}</p>
        }.into_any())}
    }
}

/// One of the two inputs: `field` is its name on the wire.
fn input_view(
    new: NewChannel,
    field: &'static str,
    team: &str,
    label: String,
    placeholder: &'static str,
) -> AnyView {
    let value = match field {
        "name" => new.name,
        _ => new.address,
    };
    let error = new.refusal.at(field);
    let id = format!("channel-{field}-{team}");
    let described = error_id(field, team);
    view! {
        <label class="visually-hidden" for=id.clone()>{label}</label>
        <input
            class="input"
            dir="auto"
            id=id
            placeholder=placeholder
            autocomplete="off"
            autocapitalize="none"
            aria-describedby=move || error.with(Option::is_some).then(|| described.clone())
            aria-invalid=move || error.with(Option::is_some).then_some("true")
            prop:value=move || value.get()
            on:input=move |event| value.set(event_target_value(&event))
        />
    }
    .into_any()
}

fn error_view(new: NewChannel, field: &'static str, team: &str) -> impl IntoView + use<> {
    let error = new.refusal.at(field);
    let id = error_id(field, team);
    move || {
        let id = id.clone();
        error
            .get()
            .map(|text| view! { <p class="field__error" role="alert" id=id>{text}</p> }.into_any())
    }
}

fn error_id(field: &str, team: &str) -> String {
    format!("channel-{field}-error-{team}")
}

#[component]
fn Channel(
    state: TeamsState,
    channel: ChatChannel,
    channels: RwSignal<Vec<ChatChannel>>,
) -> impl IntoView {
    let ChatChannel { key, name, .. } = channel.clone();
    let renaming = RwSignal::new(false);
    let path = format!("/chat/{key}");
    let (id, shown) = (StoredValue::new(key), name.clone());
    let close = Callback::new(move |()| {
        renaming.set(false);
        focus_soon(id.with_value(|key| format!("[data-rename=\"{key}\"]")));
    });
    view! {
        <li class="team__channel">
            {move || match renaming.get() {
                true => view! { <Rename state channel=id.get_value() name=shown.clone() channels close /> }.into_any(),
                false => view! { <span class="team__channel-name" dir="auto">{shown.clone()}</span> }.into_any(),
            }}
            // Another page of the host, not of this app.
            <a class="team__address" href=path.clone() target="_blank" rel="external noopener">{path.clone()}</a>
            <ChannelActs state path name id renaming />
            {switch_view(state, channel, channels)}
        </li>
    }
}

/// What can be done with a channel, beside its switch.
#[component]
fn ChannelActs(
    state: TeamsState,
    path: String,
    name: String,
    id: StoredValue<ChannelKey>,
    renaming: RwSignal<bool>,
) -> impl IntoView {
    let session = use_session();
    let doomed = Doomed {
        of: Deletable::Channel(id.get_value()),
        name: name.clone(),
        version: 0,
        address: None,
    };
    view! {
        <span class="team__acts">
            <button
                class="button button--quiet button--icon"
                type="button"
                aria-label=t!(chat_channels.copy_of, name = name)
                title=t!(chat_channels.copy)
                on:click=move |_| {
                    let origin = window().location().origin().unwrap_or_default();
                    copy(session, format!("{origin}{path}"));
                }
            >
                <Icon name="copy" />
            </button>
            // A page of the host, not of this app.
            <a
                class="button button--quiet button--icon"
                href=format!("/admin/chat/{}", id.with_value(ChannelKey::to_string))
                rel="external"
                aria-label=t!(chat_channels.set_up_of, name = name)
                title=t!(chat_channels.set_up)
            >
                <Icon name="settings" />
            </a>
            <button
                class="button button--quiet button--icon"
                type="button"
                data-rename=id.with_value(ChannelKey::to_string)
                aria-label=t!(chat_channels.rename_of, name = name)
                title=t!(chat_channels.rename)
                on:click=move |_| renaming.set(true)
            >
                <Icon name="edit" />
            </button>
            <button
                class="button button--quiet button--icon"
                type="button"
                aria-label=t!(chat_channels.delete_of, name = name)
                title=t!(common.delete)
                on:click=move |_| state.delete(doomed.clone())
            >
                <Icon name="trash" />
            </button>
        </span>
    }
}

/// Whether the channel takes messages. The row keeps its place and its focus: it shows a change already.
fn switch_view(
    state: TeamsState,
    channel: ChatChannel,
    channels: RwSignal<Vec<ChatChannel>>,
) -> AnyView {
    let ChatChannel {
        key, name, active, ..
    } = channel;
    let label = t!(chat_channels.takes_messages, name = name);
    let shown = key.clone();
    let switched = Callback::new(move |wanted: bool| {
        channels.update_untracked(|channels| set_active(channels, &shown, wanted));
    });
    view! { <ChannelSwitch channel=key name active label said=state.said switched /> }.into_any()
}

/// The host counts a switch as an edit.
fn set_active(channels: &mut [ChatChannel], key: &ChannelKey, active: bool) {
    for channel in channels {
        if &channel.key == key {
            channel.version += i64::from(channel.active != active);
            channel.active = active;
        }
    }
}
