//! A channel as it stands: where its provider reports to, when it last did, whether it is on, and a message to try it.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::channels::ProviderChannel;
use shared::ids::ChannelKey;

use super::{ChannelsState, kind_name, test_words};
use crate::api::channels::channel_test;
use crate::components::clipboard::copy;
use crate::components::{Field, Icon, LocalTime};
use crate::routes::admin::channel_switch::ChannelSwitch;
use crate::routes::admin::no_agents_view;
use crate::routes::refusal::Refusal;
use crate::state::use_session;

/// The card of one channel.
#[component]
pub(super) fn Card(state: ChannelsState, channel: ProviderChannel) -> impl IntoView {
    let key = channel.key.to_string();
    let heading = format!("channel-{key}");
    let heading_id = heading.clone();
    let edited = channel.key.clone();
    // As it stands now: it may have been switched since it was drawn.
    let edit = move |_| {
        let now = state.channels.with_untracked(|channels| {
            let found = channels.iter().find(|channel| channel.key == edited);
            found.cloned()
        });
        if now.is_some() {
            state.editor.open(now);
        }
    };
    let agents = state.teams.with_value(|teams| {
        let team = teams.iter().find(|team| team.id == channel.team);
        team.map(|team| team.members.len())
    });
    let webhook = copied_view(
        channel.webhook.clone(),
        t!(provider_channels.copy_webhook, name = channel.name),
    );
    let verify_token = channel.verify_token.clone().map(|token| {
        let label = t!(provider_channels.copy_verify_token, name = channel.name);
        view! {
            <div>
                <dt>{t!(provider_channels.verify_token)}</dt>
                {copied_view(token, label)}
            </div>
        }
        .into_any()
    });
    let heard = match channel.heard_at {
        Some(at) => view! { <LocalTime at=at /> }.into_any(),
        None => t!(provider_channels.never).into_any(),
    };
    view! {
        <article class="team card" aria-labelledby=heading>
            <header class="team__head">
                <h2 class="team__name" dir="auto" id=heading_id>{channel.name.clone()}</h2>
                {switch_view(state, channel.clone())}
                <button
                    class="button button--quiet"
                    type="button"
                    data-edit=key
                    on:click=edit
                >
                    <Icon name="edit" />
                    {t!(common.edit)}
                </button>
            </header>
            <dl class="team__people">
                <div>
                    <dt>{kind_name(&channel.kind)}</dt>
                    <dd dir="ltr">{channel.address.clone()}</dd>
                </div>
                <div>
                    <dt>{t!(provider_channels.team)}</dt>
                    <dd><bdi>{channel.team_name.clone()}</bdi></dd>
                </div>
                <div>
                    <dt>{t!(provider_channels.heard_at)}</dt>
                    <dd>{heard}</dd>
                </div>
                <div>
                    <dt>{t!(provider_channels.webhook)}</dt>
                    {webhook}
                </div>
                {verify_token}
            </dl>
            {(agents == Some(0)).then(no_agents_view)}
            <Test channel=channel.key kind=channel.kind name=channel.name />
        </article>
    }
}

/// What is pasted at the provider, with a button that copies it.
fn copied_view(text: String, label: String) -> AnyView {
    let session = use_session();
    let copied = text.clone();
    view! {
        <dd class="team__channel">
            <code class="team__address">{text}</code>
            <button
                class="button button--quiet button--icon"
                type="button"
                aria-label=label
                title=t!(provider_channels.copy)
                on:click=move |_| copy(session, copied.clone())
            >
                <Icon name="copy" />
            </button>
        </dd>
    }
    .into_any()
}

/// Whether the channel begins conversations.
fn switch_view(state: ChannelsState, channel: ProviderChannel) -> AnyView {
    let ProviderChannel {
        key, name, active, ..
    } = channel;
    let label = t!(provider_channels.begins, name = name);
    let shown = key.clone();
    let switched = Callback::new(move |wanted: bool| {
        state.channels.update_untracked(|channels| {
            let found = channels.iter_mut().find(|channel| channel.key == shown);
            if let Some(channel) = found {
                // The host counts a switch as an edit.
                channel.version += i64::from(channel.active != wanted);
                channel.active = wanted;
            }
        });
    });
    view! { <ChannelSwitch channel=key name active label said=state.said switched /> }.into_any()
}

/// Sends a message past every queue, and shows what the provider says to it.
#[component]
fn Test(channel: ChannelKey, kind: String, name: String) -> impl IntoView {
    let (to_whom, who_can) = test_words(&kind);
    let to = RwSignal::new(String::new());
    let (said, busy, refusal) = (RwSignal::new(None), RwSignal::new(false), Refusal::new());
    let field = format!("test-to-{channel}");
    let (open, channel) = (RwSignal::new(false), StoredValue::new(channel));
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refusal.clear();
        said.set(None);
        let (channel, to) = (channel.get_value(), to.get_untracked());
        spawn_local(async move {
            match channel_test(channel, to, t!(provider_channels.test_text).to_owned()).await {
                Ok(tested) => {
                    said.try_set(Some(tested));
                }
                Err(error) => refusal.set(error),
            }
            busy.try_set(false);
        });
    };
    let answer = move || {
        said.get().map(|tested| {
            let (class, line) = match tested.accepted {
                true => (
                    "notice",
                    t!(provider_channels.test_taken, answer = tested.detail),
                ),
                false => (
                    "notice notice--error",
                    t!(provider_channels.test_refused, answer = tested.detail),
                ),
            };
            view! { <p class=class dir="auto">{line}</p> }.into_any()
        })
    };
    view! {
        <details class="team__test" on:toggle=move |_| open.set(true)>
            <summary aria-label=t!(provider_channels.test_of, name = name)>{t!(provider_channels.test)}</summary>
            {move || open.get().then(|| view! {
                <form method="post" novalidate on:submit=send>
                    <Field
                        label=to_whom
                        name="test-to"
                        id=field.clone()
                        value=to
                        error=refusal.at("to")
                        hint=who_can
                        inputmode="tel"
                    />
                    <button class="button" type="submit" aria-disabled=move || busy.get().then_some("true")>
                        <Icon name="send" />
                        {t!(provider_channels.test)}
                    </button>
                </form>
            }.into_any())}
            <div role="status">
                {answer}
                {move || refusal.above(&["to"]).get().map(|text| view! {
                    <p class="notice notice--error">{text}</p>
                }.into_any())}
            </div>
        </details>
    }
}
