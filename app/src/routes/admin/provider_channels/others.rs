//! The ways in that no provider carries: chat pages, which belong to their teams, and phone and email, which other systems bring.

use leptos::prelude::*;
use shared::admin::{ChatChannel, Team};
use shared::people::Permission;

use crate::components::{Icon, LocalTime};
use crate::routes::admin::channel_switch::ChannelSwitch;
use crate::state::use_session;

/// Where each of them is set up, and whether chat pages take messages.
#[component]
pub(super) fn Others(
    teams: Vec<Team>,
    /// Where the page says what was done.
    said: RwSignal<String>,
) -> impl IntoView {
    let no_team = teams.is_empty();
    let chats = teams.into_iter().flat_map(move |team| {
        let Team { name, channels, .. } = team;
        let rows = channels.into_iter();
        rows.map(move |channel| chat_view(channel, name.clone(), said))
    });
    let makes_tokens = use_session()
        .me
        .with_untracked(|me| me.holds(Permission::TokenManage));
    view! {
        <section class="team card" aria-labelledby="channels-chat">
            <h2 class="team__name" id="channels-chat">{t!(chat_channels.title)}</h2>
            <ul class="team__channels" role="list">{chats.collect_view()}</ul>
            <p class="team__none">
                {if no_team { t!(provider_channels.chat_no_team) } else { t!(provider_channels.chat_line) }}
            </p>
            <p>
                <a class="button" href="/admin/teams">
                    <Icon name="plus" />
                    {if no_team { t!(teams.new) } else { t!(provider_channels.new_chat) }}
                </a>
            </p>
        </section>
        <section class="team card" aria-labelledby="channels-api">
            <h2 class="team__name" id="channels-api">{t!(provider_channels.phone_email)}</h2>
            <p class="team__none">{t!(provider_channels.phone_email_line)}</p>
            {makes_tokens.then(|| view! {
                <p><a class="button" href="/admin/tokens" rel="external">{t!(organisation.tokens)}</a></p>
            }.into_any())}
        </section>
    }
}

fn chat_view(channel: ChatChannel, team: String, said: RwSignal<String>) -> AnyView {
    let ChatChannel {
        key,
        name,
        active,
        heard_at,
        ..
    } = channel;
    let settings = format!("/admin/chat/{key}");
    let label = t!(chat_channels.takes_messages, name = name);
    view! {
        <li class="team__channel">
            <span class="team__facts">
                <a href=settings rel="external" dir="auto">{name.clone()}</a>
                <span class="team__none" dir="auto">{team}</span>
                {heard_at.map(|at| view! {
                    <span class="team__none">{t!(chat_channels.heard_at)}" "<LocalTime at=at /></span>
                }.into_any())}
            </span>
            <ChannelSwitch channel=key name active label said />
        </li>
    }
    .into_any()
}
