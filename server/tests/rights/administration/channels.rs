//! Chat channels and channels of providers.

use server::commands::{
    ChannelDelete, ChannelTest, ChannelUpdate, ChatSecretSet, ChatSettingsSave, ProviderChannelSave,
};
use server::store::CommandContext;
use server::store::rows::{ProviderChannelRow, SealedSecret};
use shared::admin::ChatChannel;
use shared::chat_settings::ChatSettings;
use shared::ids::ChannelKey;
use shared::text::TextLimit;

use super::{Act, act, team};
use crate::administration_commands::{Administration, PROVED};

/// A new number of Twilio's.
fn number(context: CommandContext) -> ProviderChannelSave {
    let channel = ProviderChannelRow {
        key: ChannelKey::parse("text").unwrap(),
        kind: "twilio_sms".to_owned(),
        name: "Care by text".to_owned(),
        team: team(),
        team_name: String::new(),
        address: "+15550006789".to_owned(),
        settings: Vec::new(),
        text_limit: TextLimit::characters(1_600),
        answer_window: None,
        active: true,
        version: 0,
        heard_at: None,
    };
    ProviderChannelSave {
        create: true,
        secrets: vec![SealedSecret {
            channel: channel.key.clone(),
            name: "auth_token".to_owned(),
            key_id: "a-key".to_owned(),
            sealed: b"sealed".to_vec(),
        }],
        session: Some(PROVED.to_owned()),
        channel,
        context,
    }
}

pub(super) fn rows() -> Vec<(&'static str, Act)> {
    vec![
        (
            "channel_create",
            act!(|store, context| async move {
                let channel = ChatChannel {
                    key: ChannelKey::parse("another").unwrap(),
                    name: "Another".to_owned(),
                    active: true,
                    version: 0,
                    heard_at: None,
                };
                store.channel_create(&team(), channel, context).await
            }),
        ),
        (
            "channel_activate",
            act!(|store, context| async move {
                let care = ChannelKey::parse("care").unwrap();
                store.channel_activate(&care, false, context).await
            }),
        ),
        (
            "channel_update",
            act!(|store, context| store.execute(ChannelUpdate {
                channel: ChannelKey::parse("care").unwrap(),
                name: "Help".to_owned(),
                version: 0,
                context,
            })),
        ),
        (
            "chat_settings_save",
            act!(|store, context| store.execute(ChatSettingsSave {
                channel: ChannelKey::parse("care").unwrap(),
                settings: ChatSettings {
                    offline_form: true,
                    ..ChatSettings::default()
                },
                version: 0,
                context,
            })),
        ),
        (
            "chat_secret_set",
            act!(|store, context| store.execute(ChatSecretSet {
                channel: ChannelKey::parse("care").unwrap(),
                name: "identity".to_owned(),
                secret: None,
                session: Some(PROVED.to_owned()),
                context,
            })),
        ),
        (
            "channel_delete",
            act!(|store, context| store.execute(ChannelDelete {
                channel: ChannelKey::parse("care").unwrap(),
                context,
            })),
        ),
        (
            "provider_channel_save",
            act!(|store, context| store.execute(number(context))),
        ),
        (
            "channel_test",
            act!(|store, context| async move {
                let save = number(context.clone());
                let channel = store.execute(save).await?.value;
                let test = ChannelTest {
                    channel,
                    to: "+15559990000".to_owned(),
                    context,
                };
                store.execute(test).await
            }),
        ),
    ]
}
