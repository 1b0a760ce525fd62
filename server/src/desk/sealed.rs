//! What is stored sealed, as a whole: at the start it is found out whether all of it can be opened, and what a release before
//! stored in the clear is sealed.

use std::collections::BTreeMap;

use shared::ids::UserId;

use super::Desk;
use crate::commands::AppKeysSeal;
use crate::second_factor::StoredKey;
use crate::secrets::Secret;
use crate::store::Stored;

impl Desk {
    /// Seals the keys of authenticator apps that stand in the clear, and says which keys are missing in the key file. Without
    /// them the program runs: only what rests on their secrets fails, and each failure names the key as well.
    pub(super) async fn secrets_check(&self) -> Stored<()> {
        let keys = &self.config().keys;
        let mut rows = self.store().snapshot().await?;
        let apps = rows.second_factors_list().await?;
        let channels = rows.channel_secrets_list().await?;
        let receivers = rows.receiver_secrets_list().await?;
        let sign_on = rows.sign_on_find().await?;
        drop(rows);
        let mut missing = BTreeMap::<&str, usize>::new();
        let stored = apps
            .iter()
            .flat_map(|(_, row)| [&row.secret, &row.setup])
            .filter_map(|key| key.as_ref()?.key_id());
        let channels = channels.iter().map(|secret| secret.key_id.as_str());
        let receivers = receivers.iter().map(|secret| secret.key_id.as_str());
        let sign_on = sign_on.iter().map(|row| row.key_id.as_str());
        for key in stored.chain(channels).chain(receivers).chain(sign_on) {
            if !keys.has(key) {
                *missing.entry(key).or_default() += 1;
            }
        }
        for (key, secrets) in missing {
            tracing::error!(
                key,
                secrets,
                "secrets were sealed with a key that is not in the key file: put that file back. Until then channels, \
                 webhooks and the single sign-on that need them fail, and users sign in with a recovery code in place of their app"
            );
        }
        self.app_keys_seal().await
    }

    async fn app_keys_seal(&self) -> Stored<()> {
        let keys = &self.config().keys;
        let apps = self.store().snapshot().await?.second_factors_list().await?;
        let sealed = apps.into_iter().filter_map(|(user, was)| {
            // What stands in the clear opens in any case.
            let is = was.sealed_again(keys, &user, |key| key.key_id().is_none());
            let is = is.ok().filter(|is| *is != was)?;
            Some((user, was, is))
        });
        let apps = Vec::from_iter(sealed);
        if apps.is_empty() {
            return Ok(());
        }
        let count = self.store().execute(AppKeysSeal { apps }).await?.value;
        tracing::info!(
            count,
            "keys of authenticator apps that stood in the clear were sealed"
        );
        Ok(())
    }

    /// A key of a user's app that waits for its first code. One that cannot be opened is none: the user begins again.
    pub(crate) fn app_key_open(&self, user: &UserId, stored: Option<&StoredKey>) -> Option<Secret> {
        stored?.open(&self.config().keys, user).ok()
    }
}
