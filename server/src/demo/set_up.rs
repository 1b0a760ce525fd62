//! What supervisors and administrators have set up for themselves: views of the dashboard, a link to a wall, and a role of the
//! organisation's own. For people alone: tests begin without.

use shared::error::AppError;
use shared::ids::{RoleId, TeamId, ViewId, WallId};
use shared::people::{Permission, Role};
use shared::time::Timestamp;
use shared::views::DashboardView;
use shared::walls::Wall;

use super::{CARE, context, person};
use crate::commands::{RoleCreate, RoleGive, RoleUpdate, ViewCreate, WallCreate};
use crate::desk::{Desk, to_app_error};

/// Whose, name, filter, the team with which it is shared.
const VIEWS: [(&str, &str, &str, Option<&str>); 3] = [
    (
        "sam",
        "Longest wait in chats",
        "channel=chat&sort=wait",
        None,
    ),
    (
        "sam",
        "Requests for assistance",
        "request=open&sort=hand&hide=presence",
        Some(CARE),
    ),
    ("sue", "Alerts of Care", "team=Care&alert=open", Some(CARE)),
];
/// A supervisor who sees the audit log and edits templates as well, and who that is.
const LEAD: (&str, &[Permission], &str) = (
    "Lead supervisor",
    &[Permission::TemplateManage, Permission::AuditView],
    "sid",
);

/// Makes it all.
pub(super) async fn make(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    for (place, (by, name, filter, team)) in VIEWS.into_iter().enumerate() {
        let id = format!("view-{}", place + 1);
        let create = ViewCreate {
            view: DashboardView {
                id: ViewId::parse(&id)?,
                name: name.to_owned(),
                filter: filter.to_owned(),
                team: team.map(TeamId::parse).transpose()?,
                by: person(by)?,
                version: 0,
            },
            context: context(&id, now)?,
        };
        desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
    }
    wall(desk, now).await?;
    role(desk, now).await
}

/// In the place of the hash of a secret stands chance, so nobody has the address of this wall.
async fn wall(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let create = WallCreate {
        wall: Wall {
            id: WallId::parse("wall-1")?,
            name: "Screen in the Care room".to_owned(),
            teams: vec![TeamId::parse(CARE)?],
            created_by: person("sam")?,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        },
        hash: desk.ids().secret(),
        session: None,
        context: context("wall", now)?,
    };
    desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
    Ok(())
}

async fn role(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let (name, more, holder) = LEAD;
    let (role, kind) = (RoleId::parse("role-lead")?, Role::Supervisor);
    let create = RoleCreate {
        role: role.clone(),
        kind,
        name: name.to_owned(),
        context: context("role", now)?,
    };
    desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
    // The operator needs no session.
    let session = String::new();
    let update = RoleUpdate {
        role: role.clone(),
        version: 0,
        name: name.to_owned(),
        permissions: [kind.permissions(), more].concat(),
        session: session.clone(),
        context: context("role-permissions", now)?,
    };
    desk.publish(desk.store().execute(update).await.map_err(to_app_error)?);
    let give = RoleGive {
        user: person(holder)?.id,
        kind,
        role: Some(role),
        session,
        context: context("role-holder", now)?,
    };
    desk.publish(desk.store().execute(give).await.map_err(to_app_error)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use shared::roles::chosen;
    use shared::text::WallName;
    use shared::views::ViewFilter;

    use super::*;

    #[test]
    fn what_is_set_up_would_be_accepted_from_a_person() {
        for (_, name, filter, _) in VIEWS {
            assert!(ViewFilter::parse(filter).is_ok(), "{name}");
        }
        assert!(WallName::parse("Screen in the Care room").is_ok());
        let asked = [Role::Supervisor.permissions(), LEAD.1].concat();
        assert_eq!(chosen(Role::Supervisor, &asked).len(), asked.len());
    }
}
