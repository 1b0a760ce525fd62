//! Roles that administrators build: a kind of role with permissions of their choice in place of those that every role of its
//! kind has. The kind says where its holders land, and whether they work in teams or supervise them.

use serde::{Deserialize, Serialize};

use crate::ids::RoleId;
use crate::people::{Permission, Role};

/// How many roles an organisation can have beside the three of every organisation.
pub const CUSTOM_ROLES_MAX: usize = 50;

/// What administers the organisation and rests on no team: a role of any kind can have it.
const ADMINISTRATION: &[Permission] = Role::Administrator.permissions();

/// A role that an administrator built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRole {
    /// Which.
    pub id: RoleId,
    /// What kind of role it is.
    pub kind: Role,
    /// What it is called.
    pub name: String,
    /// What its holders may do, in the order of [`choices`].
    #[serde(deserialize_with = "crate::lenient::list")]
    pub permissions: Vec<Permission>,
    /// How often it was edited; an edit names the version that it started from.
    pub version: i64,
}

/// What a role of this kind can have: what every role of the kind has, and what administers the organisation.
pub fn choices(kind: Role) -> Vec<Permission> {
    let mut choices = kind.permissions().to_vec();
    for permission in ADMINISTRATION {
        if !choices.contains(permission) {
            choices.push(*permission);
        }
    }
    choices
}

/// Without what a role of this kind makes no sense: an agent handles workitems, a supervisor sees them.
pub fn needed(kind: Role) -> Option<Permission> {
    match kind {
        Role::Agent => Some(Permission::WorkitemHandle),
        Role::Supervisor => Some(Permission::WorkitemView),
        Role::Administrator => None,
    }
}

/// The permissions of these that a role of the kind can have, with the one that it needs, each once and in order.
pub fn chosen(kind: Role, permissions: &[Permission]) -> Vec<Permission> {
    let needed = needed(kind);
    let mut chosen = choices(kind);
    chosen.retain(|choice| permissions.contains(choice) || needed == Some(*choice));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_what_its_kind_can_have_and_what_it_needs() {
        let asked = [Permission::AuditView, Permission::WorkitemHandle];
        assert_eq!(
            chosen(Role::Supervisor, &asked),
            [Permission::WorkitemView, Permission::AuditView]
        );
        assert_eq!(chosen(Role::Administrator, &[]), []);
    }

    #[test]
    fn the_roles_of_every_organisation_could_be_built() {
        for kind in Role::ALL {
            assert_eq!(chosen(kind, kind.permissions()), kind.permissions());
        }
    }
}
