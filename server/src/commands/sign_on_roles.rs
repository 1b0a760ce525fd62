//! The roles that a provider gives: what its claim names, and how a user's follow it.

use shared::admin::UserAccount;
use shared::fold::folded;
use shared::ids::UserId;
use shared::people::Role;
use shared::roles::CustomRole;
use shared::time::Timestamp;

use super::sign_on::listed;
use super::{audit, requests, sessions, users};
use crate::store::rows::GivenRole;
use crate::store::{Change, Snapshot, StoreError, Stored, Transaction};

/// What the audit log calls roles that a provider gives, or names without giving one.
const ROLES: &str = "sign_on_roles";

/// What a provider's claim comes to.
#[derive(Default)]
pub(super) struct Claimed {
    /// At most one role of each kind.
    pub(super) given: Vec<GivenRole>,
    /// The roles that values stand for which stand for more than one. None of them is given.
    pub(super) ambiguous: Vec<GivenRole>,
}

/// What a claim's values stand for: the code of a kind of role, or the name of a role that was built. Of several roles of one kind
/// the first one counts; what stands for nothing is left out, because providers list more than is meant for Sideline. Roles of an
/// earlier release may share a name: which one is meant, nobody knows.
pub(super) fn roles_of(claimed: &[String], customs: &[CustomRole]) -> Claimed {
    let mut roles = Claimed::default();
    for value in claimed {
        let wanted = folded(value.trim());
        let kinds = Role::ALL.into_iter().filter(|kind| kind.code() == wanted);
        let kinds = kinds.map(|kind| GivenRole { kind, role: None });
        let built = customs.iter().filter(|role| folded(&role.name) == wanted);
        let built = built.map(|role| GivenRole {
            kind: role.kind,
            role: Some(role.id.clone()),
        });
        let mut meant: Vec<GivenRole> = kinds.chain(built).collect();
        if meant.len() > 1 {
            roles.ambiguous.append(&mut meant);
        }
        for given in meant {
            if !roles.given.iter().any(|known| known.kind == given.kind) {
                roles.given.push(given);
            }
        }
    }
    roles
}

/// Of these roles those that are still there. One that was deleted is none: what its kind has may be more.
pub(super) async fn there(rows: &mut dyn Snapshot, roles: &[GivenRole]) -> Stored<Vec<GivenRole>> {
    let mut left = Vec::new();
    for given in roles {
        let gone = match &given.role {
            Some(role) => rows.custom_role_find(role).await?.is_none(),
            None => false,
        };
        if !gone {
            left.push(given.clone());
        }
    }
    Ok(left)
}

/// Says that a provider named roles by a name that more than one has.
pub(super) async fn not_given(
    rows: &mut dyn Transaction,
    about: &str,
    ambiguous: &[GivenRole],
    at: Timestamp,
) -> Stored<()> {
    let roles = listed(ambiguous);
    tracing::warn!(%roles, "single sign-on: roles that share a name are not given; rename them");
    let said = [audit::noted("ambiguous", &roles)];
    audit::refused_saying(rows, (ROLES, about), &said, at).await
}

pub(super) async fn give(
    rows: &mut dyn Transaction,
    user: &UserId,
    roles: &[GivenRole],
) -> Stored<()> {
    for given in roles {
        rows.custom_role_give(user, given.kind, given.role.as_ref())
            .await?;
    }
    Ok(())
}

/// What a user holds now.
async fn held(
    rows: &mut dyn Snapshot,
    account: &UserAccount,
    customs: &[CustomRole],
) -> Stored<Vec<GivenRole>> {
    let plain = |kind: &Role| GivenRole {
        kind: *kind,
        role: None,
    };
    let mut held: Vec<GivenRole> = account.roles.iter().map(plain).collect();
    for custom in customs {
        let place = held.iter().position(|given| given.kind == custom.kind);
        let Some(place) = place else { continue };
        let holders = rows.custom_role_holders(&custom.id).await?;
        if holders.contains(&account.id) {
            held[place].role = Some(custom.id.clone());
        }
    }
    Ok(held)
}

/// Gives a user the roles that the provider names, and ends the sessions of before when they are others. Whether any are left: the
/// last one who can let others in stays that, whatever the provider says.
pub(super) async fn follow(
    rows: &mut dyn Transaction,
    (user, claimed): (&UserId, &[GivenRole]),
    customs: &[CustomRole],
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<bool> {
    let before = rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
    let held = held(rows, &before, customs).await?;
    let mut wanted = claimed.to_vec();
    let administers = held.iter().find(|given| given.kind == Role::Administrator);
    if let Some(administers) = administers
        && rows.administrators_beside(Some(user)).await? == 0
    {
        wanted.retain(|given| given.kind != Role::Administrator);
        wanted.push(administers.clone());
    }
    if wanted.is_empty() {
        return Ok(false);
    }
    // Their order is the administrator's, who decides where the user lands.
    if wanted.len() == held.len() && wanted.iter().all(|given| held.contains(given)) {
        return Ok(true);
    }
    let roles: Vec<Role> = wanted.iter().map(|given| given.kind).collect();
    let after = UserAccount {
        capacity: before.capacity.filter(|_| roles.contains(&Role::Agent)),
        version: before.version + 1,
        roles,
        ..before.clone()
    };
    users::apply(rows, at, (&before, &after), changes).await?;
    give(rows, user, &wanted).await?;
    requests::review(rows, at, changes).await?;
    sessions::end_of(rows, user, None, changes).await?;
    let values = (Some([listed(&held)]), Some([listed(&wanted)]));
    let said = audit::differences(["roles"], values.0, values.1);
    audit::done(rows, Some(user), (ROLES, user.as_str()), &said, at).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use shared::ids::RoleId;

    use super::*;

    fn lead() -> CustomRole {
        CustomRole {
            id: RoleId::parse("r1").unwrap(),
            kind: Role::Supervisor,
            name: "Lead Supervisor".to_owned(),
            permissions: Vec::new(),
            version: 0,
        }
    }

    #[test]
    fn a_name_that_several_roles_have_gives_none_of_them() {
        let of = |id: &str, kind: Role, name: &str| CustomRole {
            id: RoleId::parse(id).unwrap(),
            kind,
            name: name.to_owned(),
            ..lead()
        };
        let customs = [
            of("r2", Role::Administrator, "Team LEAD"),
            of("r3", Role::Agent, "Team lead"),
            of("r4", Role::Agent, "Administrator"),
            lead(),
        ];
        for (claimed, given, ambiguous) in [
            ("Team lead", "", "administrator/r2, agent/r3"),
            ("administrator", "", "administrator, agent/r4"),
            ("Lead Supervisor", "supervisor/r1", ""),
        ] {
            let read = roles_of(&[claimed.to_owned()], &customs);
            let lists = (listed(&read.given), listed(&read.ambiguous));
            assert_eq!(lists, (given.to_owned(), ambiguous.to_owned()), "{claimed}");
        }
    }

    fn read(claimed: &[&str]) -> String {
        let claimed: Vec<String> = claimed.iter().map(|value| (*value).to_owned()).collect();
        listed(&roles_of(&claimed, &[lead()]).given)
    }

    #[test]
    fn a_claim_names_kinds_by_their_codes_and_roles_by_their_names() {
        for (claimed, roles) in [
            (&["agent"][..], "agent"),
            (&["Agent", "SUPERVISOR"], "agent, supervisor"),
            (&["lead supervisor", "agent"], "supervisor/r1, agent"),
            (&["supervisor", "Lead Supervisor"], "supervisor"),
            (&["offline_access", "agents", ""], ""),
            (&[], ""),
        ] {
            assert_eq!(read(claimed), roles, "{claimed:?}");
        }
    }
}
