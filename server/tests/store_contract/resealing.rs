//! Another key for what is stored sealed: what was deleted or replaced since it was read stays as it is, and is counted.

use server::commands::{
    ChannelDelete, ProviderChannelSave, ReceiverChange, Resealed, SecretsReseal, WebhookCreate,
    WebhookDelete,
};
use server::store::rows::{
    ProviderChannelRow, ReceiverSecret, SealedSecret, SignOnRow, SignOnSettings,
};
use shared::ids::*;
use shared::text::TextLimit;
use shared::webhooks::EventKind;

use crate::fixtures::{Fixture, every};
use crate::words::*;

fn secret(channel: &str, key_id: &str) -> SealedSecret {
    SealedSecret {
        channel: ChannelKey::parse(channel).unwrap(),
        name: "auth_token".to_owned(),
        key_id: key_id.to_owned(),
        sealed: key_id.as_bytes().to_vec(),
    }
}

fn address(receiver: &str, key_id: &str) -> ReceiverSecret {
    ReceiverSecret {
        receiver: ReceiverId::parse(receiver).unwrap(),
        name: "url".to_owned(),
        key_id: key_id.to_owned(),
        sealed: key_id.as_bytes().to_vec(),
        expires_at: None,
    }
}

/// Single sign-on as it was read before somebody removed it.
fn sign_on(key_id: &str) -> SignOnRow {
    SignOnRow {
        active: true,
        name: "Login".to_owned(),
        issuer: "https://login.example.com".to_owned(),
        client_id: "sideline".to_owned(),
        key_id: key_id.to_owned(),
        sealed: key_id.as_bytes().to_vec(),
        settings: SignOnSettings {
            create: false,
            roles: Vec::new(),
            roles_claim: String::new(),
            username_claim: String::new(),
            link: false,
            passwords: true,
        },
        version: 0,
    }
}

impl Fixture {
    async fn save_number(&self, channel: &str, create: bool, key_id: &str) {
        let secret = secret(channel, key_id);
        let save = ProviderChannelSave {
            channel: ProviderChannelRow {
                key: secret.channel.clone(),
                kind: "texts".to_owned(),
                name: "Care by text".to_owned(),
                team: team("care"),
                team_name: String::new(),
                address: format!("number of {channel}"),
                settings: Vec::new(),
                text_limit: TextLimit::characters(20),
                answer_window: None,
                active: true,
                version: 0,
                heard_at: None,
            },
            create,
            secrets: vec![secret],
            session: None,
            context: self.context(),
        };
        self.store.execute(save).await.unwrap();
    }

    async fn add_receiver(&self, receiver: &str, key_id: &str) {
        let secret = address(receiver, key_id);
        let create = WebhookCreate {
            receiver: secret.receiver.clone(),
            change: ReceiverChange {
                name: receiver.to_owned(),
                place: "https://archive.example".to_owned(),
                address_digest: String::new(),
                events: vec![EventKind::WorkitemEnded],
                teams: None,
            },
            secrets: vec![secret],
            created_by: person("ada"),
            session: None,
            context: self.context(),
        };
        self.store.execute(create).await.unwrap();
    }

    /// Seals what was sealed with one key with another one, as it was read before.
    async fn reseal(&self, channels: &[&str], receivers: &[&str], keys: (&str, &str)) -> Resealed {
        let (old, new) = keys;
        let channels = channels.iter();
        let receivers = receivers.iter();
        let reseal = SecretsReseal {
            key_id: new.to_owned(),
            secrets: channels
                .map(|one| (secret(one, old), secret(one, new)))
                .collect(),
            receivers: receivers
                .map(|one| (address(one, old), address(one, new)))
                .collect(),
            apps: Vec::new(),
            sign_on: Some((sign_on(old), sign_on(new))),
            context: self.context(),
        };
        self.store.execute(reseal).await.unwrap().value
    }

    /// With which key each secret is sealed.
    async fn sealed(&self) -> Vec<(String, String)> {
        let mut rows = self.rows().await;
        let channels = rows.channel_secrets_list().await.unwrap();
        let receivers = rows.receiver_secrets_list().await.unwrap();
        let channels = channels
            .into_iter()
            .map(|one| (one.channel.to_string(), one.key_id));
        let receivers = receivers
            .into_iter()
            .map(|one| (one.receiver.to_string(), one.key_id));
        channels.chain(receivers).collect()
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(of, key): &(&str, &str)| ((*of).to_owned(), (*key).to_owned());
    expected.iter().map(pair).collect()
}

#[tokio::test]
async fn s10_another_key_brings_back_nothing_that_was_deleted_and_says_what_it_left() {
    for fixture in every().await {
        for channel in ["gone", "kept", "replaced"] {
            fixture.save_number(channel, true, "old").await;
        }
        for receiver in ["archive", "gone"] {
            fixture.add_receiver(receiver, "old").await;
        }
        // All of it was read; then somebody deletes and replaces.
        let delete = ChannelDelete {
            channel: ChannelKey::parse("gone").unwrap(),
            context: fixture.context(),
        };
        fixture.store.execute(delete).await.unwrap();
        let delete = WebhookDelete {
            receiver: ReceiverId::parse("gone").unwrap(),
            context: fixture.context(),
        };
        fixture.store.execute(delete).await.unwrap();
        fixture.save_number("replaced", false, "older").await;

        let channels = ["gone", "kept", "replaced"];
        let receivers = ["archive", "gone"];
        let first = fixture.reseal(&channels, &receivers, ("old", "new")).await;
        assert_eq!(first, Resealed { count: 2, left: 1 });
        let sealed = [("kept", "new"), ("replaced", "older"), ("archive", "new")];
        assert_eq!(fixture.sealed().await, pairs(&sealed));
        assert_eq!(fixture.rows().await.sign_on_find().await.unwrap(), None);

        // What was left is read once more, and then nothing is left.
        let second = fixture.reseal(&["replaced"], &[], ("older", "new")).await;
        assert_eq!(second, Resealed { count: 1, left: 0 });
        let sealed = [("kept", "new"), ("replaced", "new"), ("archive", "new")];
        assert_eq!(fixture.sealed().await, pairs(&sealed));
    }
}
