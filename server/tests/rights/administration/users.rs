//! Users and teams.

use server::commands::{
    ImportedUser, MembershipsChange, PasswordSet, RoleCreate, RoleDelete, RoleGive, RoleUpdate,
    SecondFactorReset, SessionsEnd, TeamDelete, TeamSave, UserDelete, UserImport,
};
use shared::admin::{MembershipChange, TeamChange, UserAccount};
use shared::ids::{RoleId, TeamId};
use shared::people::{Permission, Role};

use super::{Act, act, team};
use crate::administration_commands::{Administration, PROVED};
use crate::fixtures::{self, SPARE_TEAM, user};

pub(super) fn rows() -> Vec<(&'static str, Act)> {
    vec![
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
                    built: Vec::new(),
                };
                store.user_create(account, "hash", context)
            }),
        ),
        (
            "user_import",
            act!(|store, context| {
                let account = UserAccount {
                    id: user("new"),
                    username: "new".to_owned(),
                    name: "New".to_owned(),
                    roles: vec![Role::Administrator, Role::Agent],
                    active: true,
                    version: 0,
                    capacity: None,
                    built: Vec::new(),
                };
                store.execute(UserImport {
                    rows: Vec::new(),
                    users: vec![ImportedUser {
                        built: Vec::new(),
                        account,
                        password_hash: "hash".to_owned(),
                        teams: vec![team()],
                    }],
                    session: Some(PROVED.to_owned()),
                    context,
                })
            }),
        ),
        (
            "role_create",
            act!(|store, context| {
                store.execute(RoleCreate {
                    role: RoleId::parse("new").unwrap(),
                    kind: Role::Agent,
                    name: "New".to_owned(),
                    context,
                })
            }),
        ),
        (
            "role_update",
            act!(|store, context| {
                store.execute(RoleUpdate {
                    role: fixtures::built_role(),
                    version: 0,
                    name: "Junior".to_owned(),
                    permissions: Permission::ALL.to_vec(),
                    session: PROVED.to_owned(),
                    context,
                })
            }),
        ),
        (
            "role_give",
            act!(|store, context| {
                store.execute(RoleGive {
                    user: user("ben"),
                    kind: Role::Agent,
                    role: Some(fixtures::built_role()),
                    session: PROVED.to_owned(),
                    context,
                })
            }),
        ),
        (
            "role_delete",
            act!(|store, context| {
                let role = fixtures::built_role();
                store.execute(RoleDelete { role, context })
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
                    supervisors: vec![user("sid")],
                    priority: None,
                    version: care.version,
                };
                let save = TeamSave {
                    team: team(),
                    create: false,
                    change,
                    session: Some(PROVED.to_owned()),
                    context,
                };
                store.execute(save).await
            }),
        ),
        (
            "memberships_change",
            act!(|store, context| store.execute(MembershipsChange {
                user: user("sid"),
                change: MembershipChange {
                    supervises: vec![team()],
                    ..MembershipChange::default()
                },
                session: Some(PROVED.to_owned()),
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
    ]
}
