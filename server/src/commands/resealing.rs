//! What is stored sealed: with which keys, and sealing all of it with another one.

use std::collections::BTreeMap;

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::ids::UserId;

use super::{audit, second_factors};
use crate::store::rows::{ReceiverSecret, SealedSecret, SecondFactorRow, SignOnRow};
use crate::store::{Command, CommandContext, Snapshot, Stored, Transaction, Written};

/// How many secrets each key has sealed, by the key's id.
pub(crate) async fn sealed_with(rows: &mut dyn Snapshot) -> Stored<BTreeMap<String, i64>> {
    let apps = rows.second_factors_list().await?;
    let channels = rows.channel_secrets_list().await?;
    let receivers = rows.receiver_secrets_list().await?;
    let sign_on = rows.sign_on_find().await?;
    let apps = apps
        .iter()
        .flat_map(|(_, row)| [&row.secret, &row.setup])
        .filter_map(|key| key.as_ref()?.key_id());
    let channels = channels.iter().map(|secret| secret.key_id.as_str());
    let receivers = receivers.iter().map(|secret| secret.key_id.as_str());
    let sign_on = sign_on.iter().map(|row| row.key_id.as_str());
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for key in apps.chain(channels).chain(receivers).chain(sign_on) {
        *counts.entry(key.to_owned()).or_default() += 1;
    }
    Ok(counts)
}

/// What became of secrets that were to be sealed with another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// How many are.
    pub count: i64,
    /// How many are not: they came, or were replaced, since the others were read.
    pub left: i64,
}

/// Replaces secrets by the same ones sealed with another key; those that were replaced or are gone since they were read stay
/// as they are.
#[derive(Clone, Debug)]
pub struct SecretsReseal {
    /// The id of the other key.
    pub key_id: String,
    /// Each as it was read and as it shall be.
    pub secrets: Vec<(SealedSecret, SealedSecret)>,
    /// The same of receivers of webhooks.
    pub receivers: Vec<(ReceiverSecret, ReceiverSecret)>,
    /// The same of users' authenticator apps.
    pub apps: Vec<(UserId, SecondFactorRow, SecondFactorRow)>,
    /// The same of single sign-on, where it is set up.
    pub sign_on: Option<(SignOnRow, SignOnRow)>,
    /// The operator.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SecretsReseal {
    type Answer = Resealed;
    const NAME: &'static str = "secrets_reseal";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Resealed>> {
        let present = rows.channel_secrets_list().await?;
        let mut count = 0;
        for (was, is) in &self.secrets {
            if present.contains(was) {
                rows.channel_secret_set(is).await?;
                count += 1;
            }
        }
        let present = rows.receiver_secrets_list().await?;
        for (was, is) in &self.receivers {
            if present.contains(was) {
                rows.receiver_secret_set(is).await?;
                count += 1;
            }
        }
        count += second_factors::reseal(rows, &self.apps).await?;
        if let Some((was, is)) = &self.sign_on
            && rows.sign_on_find().await?.as_ref() == Some(was)
        {
            rows.sign_on_set(is).await?;
            count += 1;
        }
        let mut others = sealed_with(rows).await?;
        others.remove(&self.key_id);
        let left = others.values().sum();
        let changes = vec![AuditChange {
            field: "secrets".to_owned(),
            was: None,
            is: Some(count.to_string()),
        }];
        audit::changed(rows, &self.context, "rekey", "", changes).await?;
        Ok(Written::unchanged(Resealed { count, left }))
    }
}
