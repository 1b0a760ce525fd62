//! `sideline rekey`: a new key for the secrets of channels.

use std::path::Path;

use shared::ids::CommandKey;

use super::{CliError, cli_error, open};
use crate::clock_and_ids::{Clock, Ids, RandomIds, SystemClock};
use crate::commands::SecretsReseal;
use crate::desk::channels::place_of;
use crate::secrets::{self, KeyFileError, Keyring};
use crate::store::rows::SealedSecret;
use crate::store::{CommandContext, Store};

impl From<KeyFileError> for CliError {
    fn from(error: KeyFileError) -> Self {
        cli_error(error)
    }
}

/// Makes a new key and seals everything with it. After a crash it is done again.
pub(super) async fn rekey(data: &Path, file: &Path) -> Result<(), CliError> {
    let store = open(data).await?;
    let mut count = 0;
    let done = secrets::rekey(file, async |keys| {
        count = reseal(&store, &keys).await?;
        Ok::<_, CliError>(())
    })
    .await;
    store.close().await;
    done?;
    println!(
        "Sealed {count} secrets with a new key. The key before is gone: copies of the database that are older need theirs."
    );
    Ok(())
}

async fn reseal(store: &dyn Store, keys: &Keyring) -> Result<i64, CliError> {
    let mut rows = store.snapshot().await.map_err(cli_error)?;
    let stored = rows.channel_secrets_list().await.map_err(cli_error)?;
    drop(rows);
    let again = stored.into_iter().map(|was| {
        let place = place_of(&was.channel, &was.name);
        let secret = keys.open(&place, &was.key_id, &was.sealed);
        let secret = secret.map_err(|error| {
            cli_error(format!(
                "the secret {} of channel {}: {error}",
                was.name, was.channel
            ))
        })?;
        let (key_id, sealed) = keys.seal(&place, secret.reveal());
        let is = SealedSecret {
            key_id,
            sealed,
            ..was.clone()
        };
        Ok((was, is))
    });
    let secrets = again.collect::<Result<Vec<_>, CliError>>()?;
    let reseal = SecretsReseal {
        secrets,
        context: CommandContext {
            actor: None,
            key: CommandKey::parse(RandomIds.next()).map_err(|_| cli_error("no id"))?,
            at: SystemClock.now(),
        },
    };
    let written = store.execute(reseal).await.map_err(cli_error)?;
    Ok(written.value)
}
