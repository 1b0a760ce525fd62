//! `/admin/channels`: channels that go through a provider, such as a number of Twilio's, and where the others are set up.
//!
//! What a kind of channel asks for is said by the host. A secret is typed here and never comes back.

mod card;
mod editor;
mod others;

use leptos::prelude::*;
use shared::admin::Team;
use shared::channels::{ChannelKind, ProviderChannel, ProviderChannels};
use shared::deletion::Deletable;

use self::card::Card;
use self::editor::ChannelEditor;
use self::others::Others;
use super::deletion::{Deletion, DeletionDialog, Doomed};
use super::editor::Editor;
use super::loading_view;
use super::proof::{Proof, ProofDialog};
use crate::api::administration::TeamList;
use crate::api::channels::ProviderChannelList;
use crate::components::{Icon, PageTitle};
use crate::first_data::first_answer;
use crate::language::language;
use crate::order::by_text;

/// Finds the button that begins a new channel.
const NEW: &str = "#channel-new";

/// What the page's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct ChannelsState {
    channels: RwSignal<Vec<ProviderChannel>>,
    kinds: StoredValue<Vec<ChannelKind>>,
    teams: StoredValue<Vec<Team>>,
    /// `None` is a new one.
    editor: Editor<Option<ProviderChannel>>,
    said: RwSignal<String>,
    proof: Proof,
    deletion: Deletion,
}

impl ChannelsState {
    fn new(teams: Vec<Team>, channels: ProviderChannels) -> Self {
        let (kinds, channels) = (channels.kinds, RwSignal::new(channels.channels));
        let editor: Editor<Option<ProviderChannel>> = Editor::new();
        let (said, proof) = (RwSignal::new(String::new()), Proof::new());
        let on_deleted = Callback::new(move |doomed: Doomed| {
            said.set(t!(deletion.deleted, name = doomed.name));
            if let Deletable::Channel(key) = doomed.of {
                channels.update(|channels| channels.retain(|channel| channel.key != key));
            }
            editor.close(NEW.to_owned());
        });
        Self {
            channels,
            kinds: StoredValue::new(kinds),
            teams: StoredValue::new(teams),
            editor,
            said,
            proof,
            deletion: Deletion::new(proof, on_deleted),
        }
    }

    /// Asks whether to delete a channel.
    fn delete(self, channel: ProviderChannel) {
        self.said.set(String::new());
        self.deletion.ask(Doomed {
            of: Deletable::Channel(channel.key),
            name: channel.name,
            version: channel.version,
            address: Some(channel.address),
        });
    }

    /// The panel has stored a new or changed channel.
    fn saved(self, channel: ProviderChannel) {
        self.said.set(t!(admin.saved_name, name = channel.name));
        let focus = format!("[data-edit=\"{}\"]", channel.key);
        self.put(channel);
        self.editor.close(focus);
    }

    /// Shows a channel as the host has it.
    fn put(self, channel: ProviderChannel) {
        self.channels.update(|channels| {
            channels.retain(|known| known.key != channel.key);
            channels.push(channel);
            *channels = by_text(std::mem::take(channels), |channel| channel.name.clone());
        });
    }

    fn cancelled(self, channel: Option<&ProviderChannel>) {
        self.editor.close(channel.map_or_else(
            || NEW.to_owned(),
            |channel| format!("[data-edit=\"{}\"]", channel.key),
        ));
    }
}

/// The page of the channels.
#[component]
pub fn ChannelsPage() -> impl IntoView {
    let teams = first_answer(|| Some(TeamList {}));
    let channels = first_answer(|| Some(ProviderChannelList {}));
    let shown = teams.show(loading_view, move |teams| {
        channels.show(loading_view, move |channels| {
            view! { <Channels teams=teams.clone() channels /> }.into_any()
        })
    });
    view! {
        <PageTitle text=t!(provider_channels.title) />
        {shown}
    }
}

#[component]
fn Channels(teams: Vec<Team>, channels: ProviderChannels) -> impl IntoView {
    let reachable = channels.reachable;
    let state = ChannelsState::new(teams.clone(), channels);
    view! {
        <div class="page admin">
            <div class="page__head">
                <h1 class="page__title">{t!(provider_channels.title)}</h1>
                <p class="admin__said" role="status">{move || state.said.get()}</p>
                <button
                    class="button button--primary"
                    type="button"
                    id="channel-new"
                    on:click=move |_| state.editor.open(None)
                >
                    <Icon name="plus" />
                    {t!(provider_channels.new)}
                </button>
            </div>
            <DeletionDialog deletion=state.deletion />
            <ProofDialog proof=state.proof />
            {(!reachable).then(|| view! {
                <p class="notice notice--warn">{t!(provider_channels.unreachable)}</p>
            }.into_any())}
            <div class="admin__split">
                {move || state.editor.get().map(|channel| view! { <ChannelEditor state channel /> }.into_any())}
                <div class="admin__list teams">
                    <For
                        each=move || state.channels.get()
                        key=|channel| (channel.key.clone(), channel.version)
                        let:channel
                    >
                        <Card state channel />
                    </For>
                    {move || state.channels.with(Vec::is_empty).then(|| view! {
                        <div class="empty card">
                            <Icon name="chat" />
                            <p class="empty__title">{t!(provider_channels.none)}</p>
                            <p class="empty__line">{t!(provider_channels.none_line)}</p>
                        </div>
                    }.into_any())}
                    <Others teams said=state.said />
                </div>
            </div>
        </div>
    }
}

/// What a kind of channel is called. One of another release has its code for a name.
fn kind_name(code: &str) -> String {
    let known = i18n::channel_kind(language(), code);
    known.unwrap_or(code).to_owned()
}

/// What a setting or a secret is called.
fn value_name(name: &str) -> String {
    let known = i18n::channel_setting(language(), name);
    known.unwrap_or(name).to_owned()
}

/// What customers write to on a kind of channel, and a line that helps to find it.
fn address_words(code: &str) -> (&'static str, &'static str) {
    match code {
        "meta_instagram" => (
            t!(provider_channels.instagram_id),
            t!(provider_channels.instagram_id_hint),
        ),
        "meta_messenger" => (
            t!(provider_channels.page_id),
            t!(provider_channels.page_id_hint),
        ),
        "meta_whatsapp" => (
            t!(provider_channels.phone_number_id),
            t!(provider_channels.phone_number_id_hint),
        ),
        "twilio_whatsapp" => (
            t!(provider_channels.address),
            t!(provider_channels.whatsapp_number_hint),
        ),
        _ => (
            t!(provider_channels.address),
            t!(provider_channels.address_hint),
        ),
    }
}

/// To whom a test message goes on a kind of channel, and who can get one.
fn test_words(code: &str) -> (&'static str, &'static str) {
    match code {
        "meta_instagram" | "meta_messenger" => (
            t!(provider_channels.test_to_person),
            t!(provider_channels.test_to_person_hint),
        ),
        "meta_whatsapp" => (
            t!(provider_channels.test_to),
            t!(provider_channels.test_to_whatsapp_hint),
        ),
        _ => (t!(provider_channels.test_to), ""),
    }
}
