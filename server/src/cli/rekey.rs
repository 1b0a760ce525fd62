//! `sideline rekey`: a new key for the secrets of channels, of receivers of webhooks and of single sign-on, and for the keys of
//! authenticator apps.

use std::path::Path;

use shared::ids::CommandKey;

use super::{CliError, DataArgs, cli_error, open};
use crate::clock_and_ids::{Clock, Ids, RandomIds, SystemClock};
use crate::commands::{Resealed, SecretsReseal};
use crate::desk::channels::place_of;
use crate::desk::{sign_on, webhooks};
use crate::secrets::{self, KeyFileError, Keyring};
use crate::store::rows::{ReceiverSecret, SealedSecret, SignOnRow};
use crate::store::{CommandContext, Store};

impl From<KeyFileError> for CliError {
    fn from(error: KeyFileError) -> Self {
        cli_error(error)
    }
}

/// How often everything is read once more, as long as something is stored meanwhile.
const ROUNDS: usize = 3;

/// Makes a new key and seals everything with it. The key before goes when nothing is sealed with it any more. After a crash it is
/// done again.
pub(super) async fn rekey(data: &DataArgs, file: &Path) -> Result<(), CliError> {
    let store = open(data).await?;
    let mut count = 0;
    let done = secrets::rekey(file, async |keys| {
        for _ in 0..ROUNDS {
            let resealed = reseal(&*store, &keys).await?;
            count += resealed.count;
            if resealed.left == 0 {
                return Ok::<_, CliError>(());
            }
        }
        Err(cli_error(
            "secrets are being stored meanwhile, so the key before stays beside the new one; end what stores them, and run sideline rekey again",
        ))
    })
    .await;
    store.close().await;
    done?;
    println!(
        "Sealed {count} secrets with a new key. The key before is gone: copies of the database that are older need theirs."
    );
    Ok(())
}

async fn reseal(store: &dyn Store, keys: &Keyring) -> Result<Resealed, CliError> {
    let mut rows = store.snapshot().await.map_err(cli_error)?;
    let channels = rows.channel_secrets_list().await.map_err(cli_error)?;
    let receivers = rows.receiver_secrets_list().await.map_err(cli_error)?;
    let apps = rows.second_factors_list().await.map_err(cli_error)?;
    let sign_on = rows.sign_on_find().await.map_err(cli_error)?;
    drop(rows);
    let secrets = channels.into_iter().map(|was| {
        let place = place_of(&was.channel, &was.name);
        let what = || format!("the secret {} of channel {}", was.name, was.channel);
        let (key_id, sealed) = again(
            keys,
            &place,
            (was.key_id.as_str(), was.sealed.as_slice()),
            what,
        )?;
        let is = SealedSecret {
            key_id,
            sealed,
            ..was.clone()
        };
        Ok((was, is))
    });
    let secrets = secrets.collect::<Result<Vec<_>, CliError>>()?;
    let receivers = receivers.into_iter().map(|was| {
        let place = webhooks::place_of(&was.receiver, &was.name);
        let what = || format!("the secret {} of receiver {}", was.name, was.receiver);
        let (key_id, sealed) = again(
            keys,
            &place,
            (was.key_id.as_str(), was.sealed.as_slice()),
            what,
        )?;
        let is = ReceiverSecret {
            key_id,
            sealed,
            ..was.clone()
        };
        Ok((was, is))
    });
    let apps = apps.into_iter().map(|(user, was)| {
        let is = was.sealed_again(keys, &user, |_| true);
        let is = is.map_err(|error| cli_error(format!("the app of user {user}: {error}")))?;
        Ok((user, was, is))
    });
    let sign_on = sign_on.map(|was| {
        let what = || "the secret of single sign-on".to_owned();
        let sealed = (was.key_id.as_str(), was.sealed.as_slice());
        let (key_id, sealed) = again(keys, sign_on::PLACE, sealed, what)?;
        let is = SignOnRow {
            key_id,
            sealed,
            ..was.clone()
        };
        Ok::<_, CliError>((was, is))
    });
    let reseal = SecretsReseal {
        key_id: keys.current().to_owned(),
        secrets,
        receivers: receivers.collect::<Result<Vec<_>, CliError>>()?,
        apps: apps.collect::<Result<Vec<_>, CliError>>()?,
        sign_on: sign_on.transpose()?,
        context: CommandContext {
            actor: None,
            key: CommandKey::parse(RandomIds.next()).map_err(|_| cli_error("no id"))?,
            at: SystemClock.now(),
        },
    };
    let written = store.execute(reseal).await.map_err(cli_error)?;
    Ok(written.value)
}

/// A secret sealed once more, with the present key.
fn again(
    keys: &Keyring,
    place: &str,
    (key_id, sealed): (&str, &[u8]),
    what: impl Fn() -> String,
) -> Result<(String, Vec<u8>), CliError> {
    let secret = keys.open(place, key_id, sealed);
    let secret = secret.map_err(|error| cli_error(format!("{}: {error}", what())))?;
    Ok(keys.seal(place, secret.reveal()))
}
