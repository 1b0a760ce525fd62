//! Asked, then acted (S07), for those who administer: their right is gone when the transaction begins. And every command
//! of the store is in one of the tables.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use server::commands::{
    OrganisationSave, PasswordSet, PresenceSet, SessionsEnd, SettingsSave, TemplateCreate,
    TemplateDelete, TemplateMove, TemplateUpdate,
};
use server::store::{CommandContext, Store, StoreError, Stored, TeamSave};
use shared::admin::{ChatChannel, TeamChange, UserAccount};
use shared::assistance::Template;
use shared::ids::{ChannelKey, TeamId, TemplateId};
use shared::organisation::SettingChange;
use shared::people::{Presence, Role};

use crate::acts;
use crate::house::{House, context, publish, role, user};

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

/// The store's command, and somebody's doing it.
fn rows() -> Vec<(&'static str, Act)> {
    vec![
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
                by: user("ada"),
                user: user("ben"),
                hash: "another".to_owned(),
                verified: None,
                except: None,
                key: context.key,
                at: context.at,
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
                    version: care.version,
                };
                let save = TeamSave {
                    team: team(),
                    create: false,
                    change,
                };
                store.team_save(save, context).await
            }),
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

async fn refused(house: &House, name: &str, act: Act) {
    let before = house.contents();
    let done = act(house.desk.store(), context(Some("ada"))).await;
    assert!(
        matches!(&done, Err(StoreError::Refused { user, .. }) if user.as_str() == "ada"),
        "{name}: {done:?}"
    );
    assert!(house.contents() == before, "{name} changed something");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_who_administers_no_longer_changes_nothing() {
    for lost_role in [true, false] {
        let house = House::new().await;
        role(&house.desk, "sue", Role::Administrator).await;
        if lost_role {
            role(&house.desk, "ada", Role::Agent).await;
        } else {
            let gone = house
                .desk
                .store()
                .user_activate(&user("ada"), false, vec![], context(None))
                .await;
            publish(&house.desk, gone);
        }
        for (name, act) in rows() {
            refused(&house, name, act).await;
        }
        for (name, act) in own_rows().into_iter().filter(|_| !lost_role) {
            refused(&house, name, act).await;
        }
    }
}

/// Somebody who still may can do all of it: the refusals above come from the right, not from the inputs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_who_administers_still_may() {
    for (name, act) in rows().into_iter().chain(own_rows()) {
        let house = House::new().await;
        let done = act(house.desk.store(), context(Some("ada"))).await;
        assert!(done.is_ok(), "{name}: {done:?}");
    }
}

/// Nobody's act: the program does these on its own, or a customer does, whose right is their cookie.
const BY_NOBODY: &[&str] = &[
    "absence_set",
    "absences_adopt",
    "audit_record",
    "customer_append",
    "customer_append_to",
    "customer_end",
    "customer_forget",
    "monitoring_end",
    "requests_review",
    "session_begin",
    "session_end",
    "session_prove",
    "workitem_assign",
    "workitem_import",
    "workitem_reclaim",
];

/// The names of all commands, from the sources: those of structs, and those that are still methods of the store.
fn commands() -> BTreeSet<String> {
    let source = include_str!("../../src/store/mod.rs");
    let methods = source.split("async fn ").skip(1).filter_map(|method| {
        let (signature, _) = method.split_once(';')?;
        let name = signature.split_once('(')?.0;
        // What gives every command to the database is none.
        let command = signature.contains("Stored<Written<") && name != "execute_erased";
        command.then(|| name.to_owned())
    });
    let mut names: BTreeSet<String> = methods.collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/commands");
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let constants = source.split("const NAME: &'static str = \"").skip(1);
        names.extend(constants.map(|rest| rest.split('"').next().unwrap().to_owned()));
    }
    names
}

#[test]
fn s07_every_command_of_the_store_is_asked_about() {
    let commands = commands();
    let commands: BTreeSet<&str> = commands.iter().map(String::as_str).collect();
    let known: BTreeSet<&str> = acts::commands()
        .chain(rows().into_iter().map(|(name, _)| name))
        .chain(own_rows().into_iter().map(|(name, _)| name))
        .chain(BY_NOBODY.iter().copied())
        .collect();
    assert_eq!(commands, known, "the store and the tables disagree");
    let documented = include_str!("../../../docs/RIGHTS.md");
    for name in commands {
        assert!(
            documented.contains(&format!("| `{name}` |")),
            "docs/RIGHTS.md does not say what {name} rests on"
        );
    }
}
