//! What is stored sealed, as a whole: at the start it is found out whether all of it can be opened, and what a release before
//! stored in the clear is sealed.

use shared::ids::UserId;

use super::Desk;
use crate::commands::{AppKeysSeal, sealed_with};
use crate::second_factor::StoredKey;
use crate::secrets::Secret;
use crate::store::Stored;

impl Desk {
    /// Seals the keys of authenticator apps that stand in the clear, and says which keys are missing in the key file. Without
    /// them the program runs: only what rests on their secrets fails, and each failure names the key as well.
    pub(super) async fn secrets_check(&self) -> Stored<()> {
        let keys = &self.config().keys;
        let mut rows = self.store().snapshot().await?;
        let sealed = sealed_with(&mut *rows).await?;
        drop(rows);
        for (key, secrets) in sealed.into_iter().filter(|(key, _)| !keys.has(key)) {
            tracing::error!(
                key = key.as_str(),
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
