//! Asked, then acted (S07), for those who administer: their right is gone when the transaction begins.

use futures_util::future::BoxFuture;
use server::clock_and_ids::{Clock, Ids, RandomIds, SystemClock};
use server::commands::{
    AuditExport, ChannelDelete, ChannelTest, ChannelUpdate, ChatSecretSet, ChatSettingsSave,
    CustomerErase, LanguageSet, MembershipsChange, OrganisationSave, PasskeyAdd, PasskeyBegin,
    PasskeyRemove, PasswordSet, PresenceSet, ProviderChannelSave, RecoveryCodesRenew,
    SecondFactorConfirm, SecondFactorRemove, SecondFactorReset, SecondFactorSetUp, SessionClose,
    SessionsEnd, SettingsSave, TeamDelete, TeamSave, TemplateCreate, TemplateDelete, TemplateMove,
    TemplateUpdate, TokenCreate, TokenRevoke, UserDelete,
};
use server::passkeys::{Challenge, Made};
use server::second_factor::{code_at, new_key};
use server::store::rows::ProviderChannelRow;
use server::store::{CommandContext, Store, StoreError, Stored};
use shared::admin::{ChatChannel, MembershipChange, TeamChange, UserAccount};
use shared::assistance::Template;
use shared::chat_settings::ChatSettings;
use shared::error::PROOF;
use shared::ids::{ChannelKey, EntryId, PasskeyId, SessionId, TeamId, TemplateId, TokenId};
use shared::language::Language;
use shared::organisation::SettingChange;
use shared::people::{PersonRef, Presence, Role};
use shared::text::TextLimit;
use shared::time::Timestamp;

use crate::administration_commands::{Administration, PROVED};
use crate::fixtures::{Fixture, SPARE_TEAM, TOKEN, context, publish, role, token, user};

type Act = for<'a> fn(&'a dyn Store, CommandContext) -> BoxFuture<'a, Stored<()>>;

/// A future without its answer.
macro_rules! act {
    (|$store:ident, $context:ident| $done:expr) => {
        |$store, $context| Box::pin(async move { $done.await.map(|_| ()) })
    };
}

fn template(id: &str) -> Template {
    Template {
        id: TemplateId::parse(id).unwrap(),
        title: "Help".to_owned(),
        text: "Please help.".to_owned(),
        active: true,
        version: 0,
    }
}

async fn templates(store: &dyn Store) -> Stored<Vec<Template>> {
    store.snapshot().await?.template_list(false).await
}

fn team() -> TeamId {
    TeamId::parse("care").unwrap()
}

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
        channel,
        create: true,
        secrets: Vec::new(),
        context,
    }
}

/// The store's command, and somebody's doing it.
fn rows() -> Vec<(&'static str, Act)> {
    vec![
        (
            "audit_export",
            act!(|store, context| {
                let export = AuditExport {
                    actor: context.actor.unwrap(),
                    asked: Vec::new(),
                    at: context.at,
                };
                store.execute(export)
            }),
        ),
        (
            "customer_erase",
            act!(|store, context| async move {
                let workitem = store
                    .snapshot()
                    .await?
                    .customers_find("", 1)
                    .await?
                    .remove(0)
                    .id;
                let erase = CustomerErase {
                    workitem,
                    by: PersonRef {
                        id: user("ada"),
                        name: "Ada Almond".to_owned(),
                    },
                    entry: EntryId::parse(RandomIds.next()).unwrap(),
                    session: Some(PROVED.to_owned()),
                    context,
                };
                store.execute(erase).await
            }),
        ),
        (
            "template_create",
            act!(|store, context| {
                let template = template("new");
                store.execute(TemplateCreate { template, context })
            }),
        ),
        (
            "template_update",
            act!(|store, context| async move {
                let first = templates(store).await?.remove(0);
                let text = "Another text".to_owned();
                let template = Template { text, ..first };
                store.execute(TemplateUpdate { template, context }).await
            }),
        ),
        (
            "template_move",
            act!(|store, context| async move {
                let template = templates(store).await?.pop().unwrap().id;
                let up = TemplateMove {
                    template,
                    up: true,
                    context,
                };
                store.execute(up).await
            }),
        ),
        (
            "template_delete",
            act!(|store, context| async move {
                let template = templates(store).await?.remove(0).id;
                let delete = TemplateDelete {
                    template,
                    version: None,
                    context,
                };
                store.execute(delete).await
            }),
        ),
        (
            "token_create",
            act!(|store, context| store.execute(TokenCreate {
                token: token("another"),
                hash: "1".repeat(64),
                session: Some(PROVED.to_owned()),
                context,
            })),
        ),
        (
            "token_revoke",
            act!(|store, context| store.execute(TokenRevoke {
                token: TokenId::parse(TOKEN).unwrap(),
                context,
            })),
        ),
        (
            "user_create",
            act!(|store, context| {
                let account = UserAccount {
                    id: user("new"),
                    username: "new".to_owned(),
                    name: "New".to_owned(),
                    roles: vec![Role::Administrator],
                    active: true,
                    version: 0,
                    capacity: None,
                };
                store.user_create(account, "hash", context)
            }),
        ),
        (
            "user_update",
            act!(|store, context| async move {
                let all = store.user_list().await?;
                let ben = all.into_iter().find(|one| one.id == user("ben")).unwrap();
                store
                    .user_update(&ben.id, "Benny", &ben.roles, None, ben.version, context)
                    .await
            }),
        ),
        (
            "user_activate",
            act!(|store, context| async move {
                store
                    .user_activate(&user("ben"), false, vec![], context)
                    .await
            }),
        ),
        (
            "password_set",
            act!(|store, context| store.execute(PasswordSet {
                user: user("ben"),
                hash: "another".to_owned(),
                verified: None,
                except: None,
                session: Some(PROVED.to_owned()),
                context,
            })),
        ),
        (
            "second_factor_reset",
            act!(|store, context| store.execute(SecondFactorReset {
                user: user("ben"),
                session: Some(PROVED.to_owned()),
                context,
            })),
        ),
        (
            "sessions_end",
            act!(|store, context| store.execute(SessionsEnd {
                user: user("ben"),
                except: None,
                context,
            })),
        ),
        (
            "team_save",
            act!(|store, context| async move {
                let all = store.team_list().await?;
                let care = all.into_iter().find(|one| one.id == team()).unwrap();
                let change = TeamChange {
                    name: "Careful".to_owned(),
                    members: vec![],
                    supervisors: vec![],
                    priority: None,
                    version: care.version,
                };
                let save = TeamSave {
                    team: team(),
                    create: false,
                    change,
                    context,
                };
                store.execute(save).await
            }),
        ),
        (
            "memberships_change",
            act!(|store, context| store.execute(MembershipsChange {
                user: user("ben"),
                change: MembershipChange {
                    leaves: vec![team()],
                    ..MembershipChange::default()
                },
                context,
            })),
        ),
        (
            "channel_create",
            act!(|store, context| async move {
                let channel = ChatChannel {
                    key: ChannelKey::parse("another").unwrap(),
                    name: "Another".to_owned(),
                    active: true,
                    version: 0,
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
            "team_delete",
            act!(|store, context| store.execute(TeamDelete {
                team: TeamId::parse(SPARE_TEAM).unwrap(),
                version: 0,
                context,
            })),
        ),
        (
            "user_delete",
            act!(|store, context| store.execute(UserDelete {
                user: user("ben"),
                version: 0,
                entries: vec![],
                session: Some(PROVED.to_owned()),
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
                store.execute(ChannelTest { channel, context }).await
            }),
        ),
        (
            "organisation_save",
            act!(|store, context| async move {
                let ada = shared::people::PersonRef {
                    id: user("ada"),
                    name: "Ada Almond".to_owned(),
                };
                let change = SettingChange {
                    name: "queue_max".to_owned(),
                    value: 7,
                };
                store
                    .execute(OrganisationSave {
                        actor: ada,
                        version: 0,
                        changes: vec![change],
                        session: PROVED.to_owned(),
                        key: context.key,
                        at: context.at,
                    })
                    .await
            }),
        ),
    ]
}

/// Commands of one's own account: they rest on its being active.
fn own_rows() -> Vec<(&'static str, Act)> {
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
                        pop_up: false,
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
                secret: new_key(),
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
                let (secret, at) = (new_key(), context.at);
                let set_up = SecondFactorSetUp {
                    user: user.clone(),
                    session: session.clone(),
                    secret: secret.clone(),
                    at,
                };
                store.execute(set_up).await?;
                let confirm = SecondFactorConfirm {
                    user: user.clone(),
                    session: session.clone(),
                    code: code_at(&secret, at).unwrap(),
                    recovery: vec![],
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

async fn refused(fixture: &Fixture, name: &str, act: Act) {
    let before = fixture.contents();
    let done = act(fixture.desk.store(), context(Some("ada"))).await;
    assert!(
        matches!(&done, Err(StoreError::Refused { user, .. }) if user.as_str() == "ada"),
        "{name}: {done:?}"
    );
    assert!(fixture.contents() == before, "{name} changed something");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_who_administers_no_longer_changes_nothing() {
    for lost_role in [true, false] {
        let fixture = Fixture::new().await;
        role(&fixture.desk, "sue", Role::Administrator).await;
        if lost_role {
            role(&fixture.desk, "ada", Role::Agent).await;
        } else {
            let gone = fixture
                .desk
                .store()
                .user_activate(&user("ada"), false, vec![], context(None))
                .await;
            publish(&fixture.desk, gone);
        }
        for (name, act) in rows() {
            refused(&fixture, name, act).await;
        }
        for (name, act) in own_rows().into_iter().filter(|_| !lost_role) {
            refused(&fixture, name, act).await;
        }
    }
}

/// Somebody who still may can do all of it: the refusals above come from the right, not from the inputs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_who_administers_still_may() {
    for (name, act) in rows().into_iter().chain(own_rows()) {
        let fixture = Fixture::new().await;
        let done = act(fixture.desk.store(), context(Some("ada"))).await;
        assert!(done.is_ok(), "{name}: {done:?}");
    }
}

/// S11: the right is there and the proof is not, because it is too old or another user's session gave it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s11_without_a_proof_nothing_sensitive_is_changed() {
    let sensitive = [
        "token_create",
        "user_create",
        "password_set",
        "second_factor_reset",
        "user_delete",
        "second_factor_set_up",
        "second_factor_confirm",
        "second_factor_remove",
        "recovery_codes_renew",
        "passkey_begin",
        "passkey_add",
        "passkey_remove",
    ];
    let all = || rows().into_iter().chain(own_rows());
    for (name, act) in all().filter(|(name, _)| sensitive.contains(name)) {
        let fixture = Fixture::new().await;
        let later = CommandContext {
            at: Timestamp(SystemClock.now().0 + 16 * 60_000_000),
            ..context(Some("ada"))
        };
        let before = fixture.contents();
        let done = act(fixture.desk.store(), later).await;
        assert!(
            matches!(&done, Err(StoreError::Invalid { field: PROOF, .. })),
            "{name}: {done:?}"
        );
        assert!(fixture.contents() == before, "{name} changed something");
    }
}

/// The store's commands that are tried here.
pub fn commands() -> impl Iterator<Item = &'static str> {
    let all = rows().into_iter().chain(own_rows());
    all.map(|(command, _)| command)
}
