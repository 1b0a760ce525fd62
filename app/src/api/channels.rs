//! Channels that go through a provider, as administrators run them: `backend::Channels` over the wire.

use leptos::prelude::*;
use shared::channels::{ChannelTested, ProviderChannel, ProviderChannelChange, ProviderChannels};
use shared::ids::{ChannelKey, CommandKey};
#[cfg(feature = "ssr")]
use shared::text::MessageText;

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// All of them, and the kinds that there are.
#[server(protocol = Api)]
pub async fn provider_channel_list() -> Result<ProviderChannels, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.provider_channel_list(&caller.actor).await?)
}

/// Creates one.
#[server(protocol = Api)]
pub async fn provider_channel_create(
    key: CommandKey,
    change: ProviderChannelChange,
) -> Result<ProviderChannel, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .provider_channel_create(&caller, key, change)
        .await?)
}

/// Changes one.
#[server(protocol = Api)]
pub async fn provider_channel_update(
    key: CommandKey,
    channel: ChannelKey,
    change: ProviderChannelChange,
) -> Result<ProviderChannel, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .provider_channel_update(&caller, key, channel, change)
        .await?)
}

/// Sends a message past every queue, to see whether the channel is set up.
#[server(protocol = Api)]
pub async fn channel_test(
    channel: ChannelKey,
    to: String,
    text: String,
) -> Result<ChannelTested, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .channel_test(&caller.actor, channel, to, MessageText::parse(&text)?)
        .await?)
}
