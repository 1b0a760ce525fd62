//! Commands of one's own account: they rest on its being active.

use server::commands::{
    LanguageSet, PasskeyAdd, PasskeyBegin, PasskeyRemove, PresenceSet, RecoveryCodesRenew,
    SecondFactorConfirm, SecondFactorRemove, SecondFactorSetUp, SessionClose, SessionsEnd,
    SettingsSave,
};
use server::passkeys::{Challenge, Made};
use server::second_factor::{StoredKey, code_at, new_key};
use server::secrets::Keyring;
use shared::directory::Switches;
use shared::ids::{PasskeyId, SessionId};
use shared::language::Language;
use shared::people::Presence;
use shared::time::Timestamp;

use super::{Act, act};
use crate::administration_commands::PROVED;
use crate::fixtures::user;

/// A passkey of Ada's.
fn passkey_add(at: Timestamp) -> PasskeyAdd {
    PasskeyAdd {
        user: user("ada"),
        session: PROVED.to_owned(),
        id: PasskeyId::parse("a-passkey").unwrap(),
        made: Made {
            credential_id: "AAAA".to_owned(),
            credential: "{}".to_owned(),
            name: "My phone".to_owned(),
            host: "desk.example.com".to_owned(),
        },
        recovery: vec!["a hash".to_owned()],
        at,
    }
}

pub(super) fn rows() -> Vec<(&'static str, Act)> {
    vec![
        (
            "presence_set",
            act!(|store, context| async move {
                store
                    .execute(PresenceSet {
                        user: user("ada"),
                        presence: Presence::Away,
                        context,
                    })
                    .await
            }),
        ),
        (
            "language_set",
            act!(|store, context| async move {
                store
                    .execute(LanguageSet {
                        user: user("ada"),
                        language: Some(Language::De),
                        context,
                    })
                    .await
            }),
        ),
        (
            "settings_save",
            act!(|store, context| async move {
                store
                    .execute(SettingsSave {
                        user: user("ada"),
                        switches: Switches {
                            pop_up: Some(false),
                            ..Switches::default()
                        },
                        context,
                    })
                    .await
            }),
        ),
        (
            "session_close",
            act!(|store, context| async move {
                store
                    .execute(SessionClose {
                        user: user("ada"),
                        session: SessionId::parse(PROVED).unwrap(),
                        context,
                    })
                    .await
            }),
        ),
        (
            "second_factor_set_up",
            act!(|store, context| store.execute(SecondFactorSetUp {
                user: user("ada"),
                session: PROVED.to_owned(),
                secret: StoredKey::of_text(new_key()),
                at: context.at,
            })),
        ),
        (
            "second_factor_confirm",
            act!(|store, context| store.execute(SecondFactorConfirm {
                user: user("ada"),
                session: PROVED.to_owned(),
                code: "000000".to_owned(),
                recovery: vec![],
                keys: Keyring::default(),
                at: context.at,
            })),
        ),
        (
            "second_factor_remove",
            act!(|store, context| store.execute(SecondFactorRemove {
                user: user("ada"),
                session: PROVED.to_owned(),
                at: context.at,
            })),
        ),
        (
            "passkey_begin",
            act!(|store, context| store.execute(PasskeyBegin {
                user: user("ada"),
                session: PROVED.to_owned(),
                challenge: Challenge {
                    state: "{}".to_owned(),
                    options: "{}".to_owned(),
                },
                at: context.at,
            })),
        ),
        (
            "passkey_add",
            act!(|store, context| store.execute(passkey_add(context.at))),
        ),
        (
            "passkey_remove",
            act!(|store, context| async move {
                store.execute(passkey_add(context.at)).await?;
                let remove = PasskeyRemove {
                    user: user("ada"),
                    session: PROVED.to_owned(),
                    id: PasskeyId::parse("a-passkey").unwrap(),
                    at: context.at,
                };
                store.execute(remove).await
            }),
        ),
        (
            "recovery_codes_renew",
            act!(|store, context| async move {
                let (user, session) = (user("ada"), PROVED.to_owned());
                let (secret, keys, at) = (new_key(), Keyring::default(), context.at);
                let set_up = SecondFactorSetUp {
                    user: user.clone(),
                    session: session.clone(),
                    secret: StoredKey::seal(&keys, &user, &secret),
                    at,
                };
                store.execute(set_up).await?;
                let confirm = SecondFactorConfirm {
                    user: user.clone(),
                    session: session.clone(),
                    code: code_at(&secret, at).unwrap(),
                    recovery: vec![],
                    keys,
                    at,
                };
                store.execute(confirm).await?;
                let renew = RecoveryCodesRenew {
                    user,
                    session,
                    recovery: vec!["another".to_owned()],
                    at,
                };
                store.execute(renew).await
            }),
        ),
        (
            "sessions_end",
            act!(|store, context| async move {
                store
                    .execute(SessionsEnd {
                        user: user("ada"),
                        except: None,
                        context,
                    })
                    .await
            }),
        ),
    ]
}
