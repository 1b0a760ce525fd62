//! Who people are and what their roles let them do.

use serde::{Deserialize, Serialize};

use crate::ids::{TeamId, UserId};

/// A named set of permissions. One user may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Talks to customers.
    Agent,
    /// Stands beside agents.
    Supervisor,
    /// Writes templates and runs the thing.
    Administrator,
}

impl Permission {
    /// Every permission, in the order in which they are shown.
    pub const ALL: [Permission; 21] = [
        Permission::WorkitemHandle,
        Permission::AssistanceRequest,
        Permission::WorkitemView,
        Permission::WorkitemMonitor,
        Permission::CoachingSend,
        Permission::WorkitemAssign,
        Permission::WorkitemBarge,
        Permission::WorkitemTakeOver,
        Permission::WorkitemGiveBack,
        Permission::WorkitemEnd,
        Permission::WorkitemPeek,
        Permission::WorkitemReview,
        Permission::TranscriptExport,
        Permission::AnalyticsView,
        Permission::TemplateManage,
        Permission::UserManage,
        Permission::TeamManage,
        Permission::OrganisationManage,
        Permission::AuditView,
        Permission::CustomerErase,
        Permission::TokenManage,
    ];

    /// The word in the database, on the wire and in forms.
    pub fn code(self) -> &'static str {
        match self {
            Permission::WorkitemHandle => "workitem.handle",
            Permission::WorkitemView => "workitem.view",
            Permission::WorkitemMonitor => "workitem.monitor",
            Permission::CoachingSend => "coaching.send",
            Permission::WorkitemAssign => "workitem.assign",
            Permission::WorkitemBarge => "workitem.barge",
            Permission::WorkitemTakeOver => "workitem.take_over",
            Permission::WorkitemGiveBack => "workitem.give_back",
            Permission::WorkitemEnd => "workitem.end",
            Permission::WorkitemPeek => "workitem.peek",
            Permission::WorkitemReview => "workitem.review",
            Permission::TranscriptExport => "transcript.export",
            Permission::AnalyticsView => "analytics.view",
            Permission::AssistanceRequest => "assistance.request",
            Permission::TemplateManage => "template.manage",
            Permission::UserManage => "user.manage",
            Permission::TeamManage => "team.manage",
            Permission::OrganisationManage => "organisation.manage",
            Permission::AuditView => "audit.view",
            Permission::CustomerErase => "customer.erase",
            Permission::TokenManage => "token.manage",
        }
    }

    /// The permission of a code.
    pub fn from_code(code: &str) -> Option<Permission> {
        Permission::ALL
            .into_iter()
            .find(|permission| permission.code() == code)
    }
}

impl Role {
    /// Every role, in the order in which they are shown.
    pub const ALL: [Role; 3] = [Role::Agent, Role::Supervisor, Role::Administrator];

    /// What the role lets its holder do, unless they hold one of its kind that an administrator built.
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Role::Agent => &[
                Permission::WorkitemHandle,
                Permission::AssistanceRequest,
                Permission::TranscriptExport,
            ],
            Role::Supervisor => &[
                Permission::WorkitemView,
                Permission::WorkitemMonitor,
                Permission::CoachingSend,
                Permission::WorkitemAssign,
                Permission::WorkitemBarge,
                Permission::WorkitemTakeOver,
                Permission::WorkitemGiveBack,
                Permission::WorkitemEnd,
                Permission::WorkitemPeek,
                Permission::WorkitemReview,
                Permission::AnalyticsView,
                Permission::TranscriptExport,
            ],
            Role::Administrator => &[
                Permission::TemplateManage,
                Permission::UserManage,
                Permission::TeamManage,
                Permission::OrganisationManage,
                Permission::AnalyticsView,
                Permission::AuditView,
                Permission::CustomerErase,
                Permission::TokenManage,
            ],
        }
    }

    /// The word in the database and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
            Role::Administrator => "administrator",
        }
    }

    /// The role of a code.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Where a user whose first role this is lands after sign-in (SPEC, part 4).
    pub fn home(self) -> &'static str {
        match self {
            Role::Agent => "/workspace",
            Role::Supervisor => "/dashboard",
            Role::Administrator => "/admin/templates",
        }
    }
}

/// What a user may do, apart from over whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// Handle own workitems.
    #[serde(rename = "workitem.handle")]
    WorkitemHandle,
    /// See which workitems the agents under their authority have.
    #[serde(rename = "workitem.view")]
    WorkitemView,
    /// Read their conversations, live and in the history.
    #[serde(rename = "workitem.monitor")]
    WorkitemMonitor,
    /// Send coaching messages into them.
    #[serde(rename = "coaching.send")]
    CoachingSend,
    /// Hand on the work of the agents under their authority, and close what they left in wrap-up.
    #[serde(rename = "workitem.assign")]
    WorkitemAssign,
    /// Write to their customers, under one's own name.
    #[serde(rename = "workitem.barge")]
    WorkitemBarge,
    /// Take their work over. Who does it handles it from then on, so it takes [`Permission::WorkitemHandle`] as well.
    #[serde(rename = "workitem.take_over")]
    WorkitemTakeOver,
    /// Give back what they took over. Without it they hand it on as agents do.
    #[serde(rename = "workitem.give_back")]
    WorkitemGiveBack,
    /// End their conversations.
    #[serde(rename = "workitem.end")]
    WorkitemEnd,
    /// Look at the last lines of their conversations without monitoring them.
    #[serde(rename = "workitem.peek")]
    WorkitemPeek,
    /// Flag their work for review, and see and review what others flagged.
    #[serde(rename = "workitem.review")]
    WorkitemReview,
    /// Save conversations, and what the history finds, as files.
    #[serde(rename = "transcript.export")]
    TranscriptExport,
    /// See figures of the teams under their authority; with [`Permission::OrganisationManage`] of all.
    #[serde(rename = "analytics.view")]
    AnalyticsView,
    /// Raise a hand.
    #[serde(rename = "assistance.request")]
    AssistanceRequest,
    /// Write assistance templates.
    #[serde(rename = "template.manage")]
    TemplateManage,
    /// Create, change and deactivate users.
    #[serde(rename = "user.manage")]
    UserManage,
    /// Create and change teams and their chat channels.
    #[serde(rename = "team.manage")]
    TeamManage,
    /// Change the organisation's settings.
    #[serde(rename = "organisation.manage")]
    OrganisationManage,
    /// Read and export the audit log.
    #[serde(rename = "audit.view")]
    AuditView,
    /// Find customers by name and erase them.
    #[serde(rename = "customer.erase")]
    CustomerErase,
    /// Make and revoke tokens of the HTTP API, and keep receivers of webhooks.
    #[serde(rename = "token.manage")]
    TokenManage,
}

/// Whether somebody can be reached. Offline also when no live connection remains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Takes new work and requests.
    Available,
    /// Signed in, takes no new work.
    Busy,
    /// Signed in, not at the desk.
    Away,
    /// Not reachable.
    Offline,
}

impl Presence {
    /// Every presence, in the order in which they are offered.
    pub const ALL: [Presence; 4] = [
        Presence::Available,
        Presence::Busy,
        Presence::Away,
        Presence::Offline,
    ];

    /// The word in the database and on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Presence::Available => "available",
            Presence::Busy => "busy",
            Presence::Away => "away",
            Presence::Offline => "offline",
        }
    }

    /// The presence of a code.
    pub fn from_code(code: &str) -> Option<Presence> {
        Presence::ALL
            .into_iter()
            .find(|presence| presence.code() == code)
    }
}

/// A person as others name them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonRef {
    /// Who.
    pub id: UserId,
    /// Display name at this time.
    pub name: String,
}

/// The signed-in person on whose behalf something is done, as the database knew them when the request began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Who.
    pub id: UserId,
    /// Display name.
    pub name: String,
    /// Sign-in name.
    pub username: String,
    /// In the order in which they were given; the first decides the home page.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub roles: Vec<Role>,
    /// Teams in which the actor is an agent.
    pub member_of: Vec<TeamId>,
    /// Teams over which the actor has authority.
    pub supervises: Vec<TeamId>,
    /// For the kinds of role that an administrator built for the actor, what takes the place of [`Role::permissions`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(deserialize_with = "crate::lenient::list")]
    pub built: Vec<BuiltRole>,
}

/// What a role lets its holder do that an administrator built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltRole {
    /// Its kind.
    pub kind: Role,
    /// What it has in place of what its kind has.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub permissions: Vec<Permission>,
}

/// The page that everybody may open.
const SETTINGS: &str = "/settings";
/// Pages to land on, each with what it takes to open it: where one works, then where one administers.
const HOMES: [(Permission, &str); 9] = [
    (Permission::WorkitemHandle, "/workspace"),
    (Permission::WorkitemView, "/dashboard"),
    (Permission::WorkitemMonitor, "/history"),
    (Permission::TemplateManage, "/admin/templates"),
    (Permission::UserManage, "/admin/users"),
    (Permission::TeamManage, "/admin/teams"),
    (Permission::OrganisationManage, "/admin/settings"),
    (Permission::CustomerErase, "/admin/customers"),
    (Permission::AuditView, "/admin/audit"),
];

impl Actor {
    /// Whether one of the actor's roles holds the permission.
    pub fn holds(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| {
            let built = self.built.iter().find(|built| built.kind == *role);
            let permissions = built.map_or(role.permissions(), |built| &built.permissions);
            permissions.contains(&permission)
        })
    }

    /// The page to land on: that of the first role, or the first one that what an administrator made of it leaves.
    pub fn home(&self) -> &'static str {
        let Some(first) = self.roles.first() else {
            return SETTINGS;
        };
        let homes = HOMES.iter().filter(|(_, page)| *page == first.home());
        let mut homes = homes.chain(&HOMES);
        let open = homes.find(|(permission, _)| self.holds(*permission));
        open.map_or(SETTINGS, |(_, page)| page)
    }

    /// The actor as others name them.
    pub fn person(&self) -> PersonRef {
        PersonRef {
            id: self.id.clone(),
            name: self.name.clone(),
        }
    }
}

/// One line of the Company Directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// Display name.
    pub name: String,
    /// Roles, first one first.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub roles: Vec<Role>,
    /// Names of the teams that the person belongs to or supervises.
    pub teams: Vec<String>,
    /// Whether they can be reached now.
    pub presence: Presence,
}

impl Person {
    /// Whether both are the same but for their presence.
    pub fn same_but_presence(&self, other: &Person) -> bool {
        (&self.id, &self.name, &self.roles, &self.teams)
            == (&other.id, &other.name, &other.roles, &other.teams)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(roles: &[Role], built: &[(Role, &[Permission])]) -> Actor {
        Actor {
            id: UserId::parse("kim").unwrap(),
            name: "Kim".to_owned(),
            username: "kim".to_owned(),
            roles: roles.to_vec(),
            member_of: Vec::new(),
            supervises: Vec::new(),
            built: built
                .iter()
                .map(|(kind, permissions)| BuiltRole {
                    kind: *kind,
                    permissions: permissions.to_vec(),
                })
                .collect(),
        }
    }

    #[test]
    fn e51_everybody_lands_on_a_page_that_they_may_open() {
        use Permission::*;
        use Role::*;
        let home = |roles: &[Role], built: &[(Role, &[Permission])]| actor(roles, built).home();
        assert_eq!(home(&[Agent], &[]), "/workspace");
        assert_eq!(home(&[Supervisor, Agent], &[]), "/dashboard");
        assert_eq!(home(&[Administrator, Supervisor], &[]), "/admin/templates");
        let of_administrator =
            |permissions| home(&[Administrator], &[(Administrator, permissions)]);
        assert_eq!(
            of_administrator(&[UserManage, OrganisationManage]),
            "/admin/users"
        );
        assert_eq!(of_administrator(&[AuditView]), "/admin/audit");
        assert_eq!(of_administrator(&[TokenManage]), "/settings");
        let of_supervisor = |permissions| home(&[Supervisor, Agent], &[(Supervisor, permissions)]);
        assert_eq!(
            of_supervisor(&[UserManage]),
            "/workspace",
            "of the second role"
        );
    }

    #[test]
    fn a_permission_has_one_word_everywhere() {
        for permission in Permission::ALL {
            let wire = serde_json::to_value(permission).unwrap();
            assert_eq!(wire, permission.code());
            assert_eq!(Permission::from_code(permission.code()), Some(permission));
        }
    }
}
