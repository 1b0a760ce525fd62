//! The one place that decides who may do what. Every server function, HTTP route and live subscription asks
//! here; nobody compares roles anywhere else.
//!
//! A refusal is `NotFound`, whatever the reason: it must not tell apart "does not exist" and "not yours".

use crate::error::AppError;
use crate::ids::{TeamId, UserId};
use crate::people::{Actor, Permission};
use crate::saved_texts::SavedFor;
use crate::tokens::{ApiToken, Scope};

/// What the policy needs to know of a workitem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkitemFacts {
    /// Who has it.
    pub agent: Option<UserId>,
    /// The teams of that agent; empty while nobody has it, and once it is closed: then only its own team counts.
    pub agent_teams: Vec<TeamId>,
    /// The team that the workitem belongs to.
    pub team: TeamId,
}

/// What the policy needs to know of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentFacts {
    /// The teams that the agent belongs to.
    pub teams: Vec<TeamId>,
}

/// What somebody is about to do inside a workitem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkitemAct {
    /// Answer, transfer or close a workitem that one has; react to and forward coaching in it.
    Handle,
    /// Read the conversation, as its agent or as a supervisor with authority.
    Read,
    /// Write a note for staff in it, as its agent or as a supervisor with authority.
    Note,
    /// Say how it ended and what it is about.
    Label,
    /// Read as a supervisor and be named in the conversation.
    Monitor,
    /// Hand it on, as a supervisor: to another agent or back to the queue. Or close it, where its agent left it in wrap-up.
    Assign,
    /// Coach in it. The desk checks whether the channel is coachable.
    Coach,
    /// Write to its customer, as a supervisor beside its agent.
    Barge,
    /// Take it over from its agent.
    TakeOver,
    /// Give back what one took over.
    GiveBack,
    /// End its conversation, as a supervisor.
    End,
    /// Look at its last lines, unseen but recorded.
    Peek,
    /// See its alerts, and dismiss them for everybody who does.
    Alert,
    /// Flag it for review, see its flag, and mark it as reviewed.
    Review,
}

/// What somebody is about to do, and to whom.
#[derive(Clone, Copy, Debug)]
pub enum Action<'a> {
    /// Work as an agent at all: see own workitems, call, see who can take over work.
    WorkspaceUse,
    /// Something inside a workitem.
    Workitem(WorkitemAct, &'a WorkitemFacts),
    /// Read or use coaching of a team whose workitem has since moved to another one.
    FormerCoaching {
        /// The team that gave it.
        team: &'a TeamId,
        /// Who wrote it.
        author: &'a UserId,
    },
    /// See to whom the work of others can be handed on.
    WorkAssign,
    /// See the User Dashboard.
    DashboardView,
    /// Share a view of the dashboard with the supervisors of a team.
    ViewShare(&'a TeamId),
    /// See one's links to walls, and revoke them.
    WallView,
    /// Make a link to a wall that shows a team, and go on showing it.
    WallManage(&'a TeamId),
    /// See an agent's workitems.
    AgentView(&'a AgentFacts),
    /// See what waits in the queue of a team.
    QueueView(&'a TeamId),
    /// Write to all agents of a team at once.
    TeamMessage(&'a TeamId),
    /// Search the workitems that one may read, closed ones too.
    HistoryUse,
    /// Save conversations as files.
    TranscriptExport,
    /// See figures: of the teams over which one has authority, or of the whole organisation.
    AnalyticsView,
    /// Raise a hand.
    AssistanceRequest,
    /// See people and write to them; change own settings.
    DirectoryUse,
    /// Use texts that are kept for customers or for coaching.
    SavedTextUse(SavedFor),
    /// Write such texts: one's own, or those of a team.
    SavedTextManage(SavedFor, Option<&'a TeamId>),
    /// Write templates.
    TemplateManage,
    /// Change users.
    UserManage,
    /// Change teams and channels.
    TeamManage,
    /// Change the organisation's settings.
    OrganisationManage,
    /// Read and export the audit log.
    AuditView,
    /// Find customers by name and erase them.
    CustomerErase,
    /// Make and revoke tokens of the HTTP API.
    TokenManage,
    /// Say which other systems receive events.
    WebhookManage,
}

impl Action<'_> {
    /// The action's name in the audit log.
    pub fn name(&self) -> &'static str {
        match self {
            Action::WorkspaceUse => "workspace_use",
            Action::Workitem(WorkitemAct::Handle, _) => "workitem_handle",
            Action::Workitem(WorkitemAct::Read, _) => "workitem_read",
            Action::Workitem(WorkitemAct::Note, _) => "workitem_note",
            Action::Workitem(WorkitemAct::Label, _) => "workitem_label",
            Action::Workitem(WorkitemAct::Monitor, _) => "workitem_monitor",
            Action::Workitem(WorkitemAct::Coach, _) => "workitem_coach",
            Action::Workitem(WorkitemAct::Assign, _) => "workitem_assign",
            Action::Workitem(WorkitemAct::Barge, _) => "workitem_barge",
            Action::Workitem(WorkitemAct::TakeOver, _) => "workitem_take_over",
            Action::Workitem(WorkitemAct::GiveBack, _) => "workitem_give_back",
            Action::Workitem(WorkitemAct::End, _) => "workitem_end",
            Action::Workitem(WorkitemAct::Peek, _) => "workitem_peek",
            Action::Workitem(WorkitemAct::Alert, _) => "workitem_alert",
            Action::Workitem(WorkitemAct::Review, _) => "workitem_review",
            Action::FormerCoaching { .. } => "former_coaching",
            Action::WorkAssign => "work_assign",
            Action::DashboardView => "dashboard_view",
            Action::ViewShare(_) => "view_share",
            Action::WallView => "wall_view",
            Action::WallManage(_) => "wall_manage",
            Action::AgentView(_) => "agent_view",
            Action::QueueView(_) => "queue_view",
            Action::TeamMessage(_) => "team_message",
            Action::HistoryUse => "history_use",
            Action::TranscriptExport => "transcript_export",
            Action::AnalyticsView => "analytics_view",
            Action::AssistanceRequest => "assistance_request",
            Action::DirectoryUse => "directory_use",
            Action::SavedTextUse(_) => "saved_text_use",
            Action::SavedTextManage(..) => "saved_text_manage",
            Action::TemplateManage => "template_manage",
            Action::UserManage => "user_manage",
            Action::TeamManage => "team_manage",
            Action::OrganisationManage => "organisation_manage",
            Action::AuditView => "audit_view",
            Action::CustomerErase => "customer_erase",
            Action::TokenManage => "token_manage",
            Action::WebhookManage => "webhook_manage",
        }
    }
}

/// Whether the actor may. `Ok` or [`AppError::NotFound`].
pub fn can(actor: &Actor, action: Action<'_>) -> Result<(), AppError> {
    let allowed = match action {
        Action::WorkspaceUse => actor.holds(Permission::WorkitemHandle),
        Action::Workitem(act, workitem) => match act {
            WorkitemAct::Handle => handles(actor, workitem),
            WorkitemAct::Read | WorkitemAct::Note | WorkitemAct::Label => {
                handles(actor, workitem) || watches(actor, workitem, Permission::WorkitemMonitor)
            }
            WorkitemAct::Monitor => watches(actor, workitem, Permission::WorkitemMonitor),
            WorkitemAct::Alert => watches(actor, workitem, Permission::WorkitemView),
            WorkitemAct::Coach => watches(actor, workitem, Permission::CoachingSend),
            WorkitemAct::Assign => watches(actor, workitem, Permission::WorkitemAssign),
            WorkitemAct::Barge => watches(actor, workitem, Permission::WorkitemBarge),
            // Who takes work over must be able to handle it.
            WorkitemAct::TakeOver => {
                actor.holds(Permission::WorkitemHandle)
                    && watches(actor, workitem, Permission::WorkitemTakeOver)
            }
            WorkitemAct::GiveBack => {
                actor.holds(Permission::WorkitemGiveBack) && handles(actor, workitem)
            }
            WorkitemAct::End => watches(actor, workitem, Permission::WorkitemEnd),
            WorkitemAct::Peek => watches(actor, workitem, Permission::WorkitemPeek),
            WorkitemAct::Review => watches(actor, workitem, Permission::WorkitemReview),
        },
        Action::FormerCoaching { team, author } => {
            author == &actor.id || actor.member_of.contains(team) || actor.supervises.contains(team)
        }
        Action::WorkAssign => actor.holds(Permission::WorkitemAssign),
        Action::DashboardView => actor.holds(Permission::WorkitemView),
        Action::WallView => {
            actor.holds(Permission::WorkitemView) || actor.holds(Permission::TeamManage)
        }
        Action::WallManage(team) => {
            let leads = actor.supervises.contains(team) && actor.holds(Permission::WorkitemView);
            leads || actor.holds(Permission::TeamManage)
        }
        Action::AgentView(agent) => {
            actor.holds(Permission::WorkitemView) && overlap(&actor.supervises, &agent.teams)
        }
        Action::QueueView(team) | Action::ViewShare(team) | Action::TeamMessage(team) => {
            actor.holds(Permission::WorkitemView) && actor.supervises.contains(team)
        }
        Action::HistoryUse => {
            actor.holds(Permission::WorkitemHandle) || actor.holds(Permission::WorkitemMonitor)
        }
        Action::TranscriptExport => actor.holds(Permission::TranscriptExport),
        Action::AnalyticsView => actor.holds(Permission::AnalyticsView),
        Action::AssistanceRequest => actor.holds(Permission::AssistanceRequest),
        Action::DirectoryUse => true,
        Action::SavedTextUse(written_for) => uses_saved(actor, written_for),
        Action::SavedTextManage(written_for, None) => uses_saved(actor, written_for),
        Action::SavedTextManage(written_for, Some(team)) => {
            let leads = actor.supervises.contains(team) && actor.holds(Permission::CoachingSend);
            actor.holds(Permission::TeamManage) || (leads && uses_saved(actor, written_for))
        }
        Action::TemplateManage => actor.holds(Permission::TemplateManage),
        Action::UserManage => actor.holds(Permission::UserManage),
        Action::TeamManage => actor.holds(Permission::TeamManage),
        Action::OrganisationManage => actor.holds(Permission::OrganisationManage),
        Action::AuditView => actor.holds(Permission::AuditView),
        Action::CustomerErase => actor.holds(Permission::CustomerErase),
        // Both let data out to other systems.
        Action::TokenManage | Action::WebhookManage => actor.holds(Permission::TokenManage),
    };
    if allowed {
        Ok(())
    } else {
        Err(AppError::NotFound)
    }
}

/// Texts are for those who write to whom they are for.
fn uses_saved(actor: &Actor, written_for: SavedFor) -> bool {
    match written_for {
        SavedFor::Customer => {
            actor.holds(Permission::WorkitemHandle) || actor.holds(Permission::WorkitemBarge)
        }
        SavedFor::Coaching => actor.holds(Permission::CoachingSend),
    }
}

fn handles(actor: &Actor, workitem: &WorkitemFacts) -> bool {
    actor.holds(Permission::WorkitemHandle) && workitem.agent.as_ref() == Some(&actor.id)
}

/// A workitem belongs to its team: the supervisors of that team have authority over it, no matter which agent has it, and so do the
/// supervisors of its agent's teams (SPEC, E13). Nobody supervises themselves.
fn watches(actor: &Actor, workitem: &WorkitemFacts, permission: Permission) -> bool {
    let own = workitem.agent.as_ref() == Some(&actor.id);
    let authority = actor.supervises.contains(&workitem.team)
        || overlap(&actor.supervises, &workitem.agent_teams);
    !own && authority && actor.holds(permission)
}

fn overlap(left: &[TeamId], right: &[TeamId]) -> bool {
    left.iter().any(|team| right.contains(team))
}

/// Whether the actor may let other systems do this, in one team or in all of them. Who manages users may: they could give
/// themselves any right. Others give no more than they have.
pub fn gives(actor: &Actor, scope: Scope, team: Option<&TeamId>) -> bool {
    let needed = match scope {
        Scope::UsersWrite => Permission::UserManage,
        Scope::TemplatesRead => Permission::TemplateManage,
        Scope::WorkitemsWrite => Permission::WorkitemAssign,
        Scope::TranscriptsCustomer | Scope::TranscriptsStaff => Permission::WorkitemMonitor,
        Scope::ReviewsRead => Permission::WorkitemReview,
        Scope::WorkitemsRead | Scope::RequestsRead | Scope::UsersRead | Scope::TeamsRead => {
            Permission::WorkitemView
        }
    };
    let of_no_team = matches!(scope, Scope::UsersWrite | Scope::TemplatesRead);
    let in_reach = of_no_team || team.is_some_and(|team| actor.supervises.contains(team));
    actor.holds(Permission::UserManage) || actor.holds(needed) && in_reach
}

/// Whether the actor may let another system hear of workitems of these teams; nothing: of all.
pub fn lets_hear(actor: &Actor, teams: Option<&[TeamId]>) -> bool {
    let in_reach = teams.is_some_and(|teams| {
        let mut teams = teams.iter();
        teams.all(|team| actor.supervises.contains(team))
    });
    actor.holds(Permission::UserManage) || actor.holds(Permission::WorkitemView) && in_reach
}

/// What the bearer of a token of the HTTP API is about to do. A token is nobody's: it rests on what its maker could give.
#[derive(Clone, Copy, Debug)]
pub enum TokenAct<'a> {
    /// Something that needs this scope and is about no team.
    Use(Scope),
    /// Something that needs this scope, about what belongs to these teams.
    UseIn(Scope, &'a [TeamId]),
    /// Something that needs this scope, about the whole organisation: for a token of all teams alone.
    UseEverywhere(Scope),
    /// Read coaching of a team whose workitem has since moved to another one.
    FormerCoaching(&'a TeamId),
}

/// Why the bearer of a token may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenRefusal {
    /// The token has not the scope. Its bearer may know: it says nothing of what there is.
    Scope(Scope),
    /// It is another team's, which must not differ from what does not exist.
    Team,
}

/// Whether the bearer of a token that lasts may.
pub fn token_can(token: &ApiToken, act: TokenAct<'_>) -> Result<(), TokenRefusal> {
    let (scope, teams) = match act {
        TokenAct::Use(scope) => (scope, None),
        TokenAct::UseIn(scope, teams) => (scope, Some(teams)),
        // No team's token is among those of no team.
        TokenAct::UseEverywhere(scope) => (scope, Some::<&[TeamId]>(&[])),
        TokenAct::FormerCoaching(team) => {
            (Scope::TranscriptsStaff, Some(std::slice::from_ref(team)))
        }
    };
    if !token.scopes.contains(&scope) {
        return Err(TokenRefusal::Scope(scope));
    }
    match (&token.team, teams) {
        (Some(own), Some(teams)) if !teams.contains(own) => Err(TokenRefusal::Team),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TokenId;
    use crate::people::{PersonRef, Role};
    use crate::time::Timestamp;

    fn team(name: &str) -> TeamId {
        TeamId::parse(name).unwrap()
    }

    fn actor(id: &str, roles: &[Role], supervises: &[&str]) -> Actor {
        Actor {
            id: UserId::parse(id).unwrap(),
            name: id.to_owned(),
            username: id.to_owned(),
            roles: roles.to_vec(),
            member_of: vec![],
            supervises: supervises.iter().map(|name| team(name)).collect(),
            built: vec![],
        }
    }

    fn amys_chat() -> WorkitemFacts {
        WorkitemFacts {
            agent: Some(UserId::parse("amy").unwrap()),
            agent_teams: vec![team("care")],
            team: team("sales"),
        }
    }

    #[test]
    fn an_agent_handles_only_their_own_work() {
        assert!(
            can(
                &actor("amy", &[Role::Agent], &[]),
                Action::Workitem(WorkitemAct::Handle, &amys_chat())
            )
            .is_ok()
        );
        assert_eq!(
            can(
                &actor("ben", &[Role::Agent], &[]),
                Action::Workitem(WorkitemAct::Read, &amys_chat())
            ),
            Err(AppError::NotFound)
        );
    }

    #[test]
    fn giving_back_takes_a_permission_of_its_own() {
        use crate::people::BuiltRole;
        let mut sam = actor("sam", &[Role::Supervisor, Role::Agent], &["sales"]);
        let taken = WorkitemFacts {
            agent: Some(sam.id.clone()),
            ..amys_chat()
        };
        let gives_back =
            |sam: &Actor| can(sam, Action::Workitem(WorkitemAct::GiveBack, &taken)).is_ok();
        assert!(gives_back(&sam));
        sam.built = vec![BuiltRole {
            kind: Role::Supervisor,
            permissions: vec![Permission::WorkitemTakeOver],
        }];
        assert!(!gives_back(&sam));
        sam.built[0].permissions = vec![Permission::WorkitemGiveBack];
        assert!(gives_back(&sam));
        let ben = actor("ben", &[Role::Supervisor, Role::Agent], &["sales"]);
        assert!(!gives_back(&ben), "another's work");
    }

    #[test]
    fn e13_authority_goes_through_the_workitems_team_and_the_agents_and_needs_the_permission() {
        let sees = |actor: &Actor| {
            can(actor, Action::Workitem(WorkitemAct::Monitor, &amys_chat())).is_ok()
        };
        assert!(sees(&actor("sam", &[Role::Supervisor], &["care"])));
        assert!(
            sees(&actor("sid", &[Role::Supervisor], &["sales"])),
            "the workitem belongs to sales"
        );
        assert!(!sees(&actor("sue", &[Role::Supervisor], &["support"])));
        assert!(
            !sees(&actor("amy", &[Role::Agent], &["care"])),
            "authority without the permission"
        );
        assert!(
            !sees(&actor("amy", &[Role::Supervisor], &["care"])),
            "nobody supervises themselves"
        );
    }

    #[test]
    fn stepping_in_needs_authority_and_taking_over_an_agents_role_as_well() {
        let sam = actor("sam", &[Role::Supervisor], &["care"]);
        let both = actor("sue", &[Role::Supervisor, Role::Agent], &["care"]);
        let away = actor("sid", &[Role::Supervisor, Role::Agent], &["support"]);
        let amy = actor("amy", &[Role::Supervisor, Role::Agent], &["care"]);
        let chat = amys_chat();
        let may = |who: &Actor, act| can(who, Action::Workitem(act, &chat)).is_ok();
        for act in [
            WorkitemAct::Barge,
            WorkitemAct::End,
            WorkitemAct::Peek,
            WorkitemAct::Review,
        ] {
            assert!(may(&sam, act) && may(&both, act), "{act:?}");
            assert!(!may(&away, act) && !may(&amy, act), "{act:?}");
            assert!(!may(&actor("ben", &[Role::Agent], &["care"]), act));
        }
        assert!(may(&both, WorkitemAct::TakeOver));
        for who in [&sam, &away, &amy] {
            assert!(!may(who, WorkitemAct::TakeOver), "{}", who.id);
        }
    }

    #[test]
    fn queued_work_belongs_to_its_team() {
        let queued = WorkitemFacts {
            agent: None,
            agent_teams: vec![],
            team: team("sales"),
        };
        assert!(
            can(
                &actor("sid", &[Role::Supervisor], &["sales"]),
                Action::Workitem(WorkitemAct::Read, &queued)
            )
            .is_ok()
        );
        assert!(
            can(
                &actor("sam", &[Role::Supervisor], &["care"]),
                Action::Workitem(WorkitemAct::Read, &queued)
            )
            .is_err()
        );
    }

    #[test]
    fn s23_coaching_stays_with_the_team_that_gave_it_and_its_author() {
        let (care, sam) = (team("care"), UserId::parse("sam").unwrap());
        let reads = |actor: &Actor| {
            let former = Action::FormerCoaching {
                team: &care,
                author: &sam,
            };
            can(actor, former).is_ok()
        };
        let mut amy = actor("amy", &[Role::Agent], &[]);
        assert!(!reads(&amy));
        amy.member_of = vec![team("care")];
        assert!(reads(&amy));
        assert!(reads(&actor("sue", &[Role::Supervisor], &["care"])));
        assert!(reads(&actor("sam", &[Role::Supervisor], &["sales"])));
        assert!(!reads(&actor("sid", &[Role::Supervisor], &["sales"])));
    }

    #[test]
    fn views_and_walls_of_a_team_are_its_supervisors_and_walls_administrators_too() {
        let (care, sales) = (team("care"), team("sales"));
        let amy = actor("amy", &[Role::Agent], &["care"]);
        let sam = actor("sam", &[Role::Supervisor], &["care"]);
        let ada = actor("ada", &[Role::Administrator], &[]);
        let may = |who: &Actor, action| can(who, action).is_ok();
        assert!(may(&sam, Action::ViewShare(&care)) && !may(&sam, Action::ViewShare(&sales)));
        assert!(may(&sam, Action::WallManage(&care)) && !may(&sam, Action::WallManage(&sales)));
        assert!(may(&ada, Action::WallManage(&sales)) && !may(&ada, Action::ViewShare(&sales)));
        assert!(may(&sam, Action::WallView) && may(&ada, Action::WallView));
        for action in [
            Action::ViewShare(&care),
            Action::WallManage(&care),
            Action::WallView,
        ] {
            assert!(!may(&amy, action), "{action:?}");
        }
    }

    #[test]
    fn saved_texts_are_for_those_who_write_and_those_of_a_team_are_its_supervisors() {
        let (care, sales) = (team("care"), team("sales"));
        let mut amy = actor("amy", &[Role::Agent], &[]);
        amy.member_of = vec![team("care")];
        let sam = actor("sam", &[Role::Supervisor], &["care"]);
        let ada = actor("ada", &[Role::Administrator], &[]);
        let may = |who: &Actor, written_for, team| {
            can(who, Action::SavedTextManage(written_for, team)).is_ok()
        };
        assert!(may(&amy, SavedFor::Customer, None));
        assert!(!may(&amy, SavedFor::Coaching, None));
        assert!(!may(&amy, SavedFor::Customer, Some(&care)));
        for written_for in SavedFor::ALL {
            assert!(may(&sam, written_for, None) && may(&sam, written_for, Some(&care)));
            assert!(!may(&sam, written_for, Some(&sales)));
            assert!(may(&ada, written_for, Some(&sales)));
            assert!(!may(&ada, written_for, None));
            assert!(can(&ada, Action::SavedTextUse(written_for)).is_err());
        }
    }

    #[test]
    fn administration_is_for_administrators() {
        let ada = actor("ada", &[Role::Administrator], &[]);
        let sam = actor("sam", &[Role::Supervisor], &["care"]);
        for action in [
            Action::TemplateManage,
            Action::UserManage,
            Action::TeamManage,
            Action::OrganisationManage,
            Action::AuditView,
            Action::CustomerErase,
            Action::TokenManage,
            Action::WebhookManage,
        ] {
            assert!(can(&ada, action).is_ok());
            assert!(can(&sam, action).is_err());
        }
        assert!(can(&ada, Action::DashboardView).is_err());
        assert!(can(&ada, Action::HistoryUse).is_err());
        assert!(can(&sam, Action::HistoryUse).is_ok());
    }

    #[test]
    fn a_token_opens_its_scopes_in_its_team_and_nothing_else() {
        let mut token = ApiToken {
            id: TokenId::parse("t").unwrap(),
            name: "Telephony".to_owned(),
            scopes: vec![Scope::WorkitemsRead],
            team: Some(team("care")),
            created_by: PersonRef {
                id: UserId::parse("ada").unwrap(),
                name: "Ada".to_owned(),
            },
            created_at: Timestamp(0),
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        };
        let in_team = |token: &ApiToken, scope, name| {
            token_can(
                token,
                TokenAct::UseIn(scope, &[team("support"), team(name)]),
            )
        };
        assert_eq!(in_team(&token, Scope::WorkitemsRead, "care"), Ok(()));
        assert_eq!(
            in_team(&token, Scope::WorkitemsRead, "sales"),
            Err(TokenRefusal::Team)
        );
        for scope in Scope::ALL
            .into_iter()
            .skip(2)
            .chain([Scope::WorkitemsWrite])
        {
            let refused = Err(TokenRefusal::Scope(scope));
            assert_eq!(in_team(&token, scope, "care"), refused);
            assert_eq!(token_can(&token, TokenAct::Use(scope)), refused);
        }
        let everywhere = TokenAct::UseEverywhere(Scope::WorkitemsRead);
        assert_eq!(token_can(&token, everywhere), Err(TokenRefusal::Team));
        let former = |token: &ApiToken| token_can(token, TokenAct::FormerCoaching(&team("sales")));
        let refused = TokenRefusal::Scope(Scope::TranscriptsStaff);
        assert_eq!(former(&token), Err(refused));
        token.scopes.push(Scope::TranscriptsStaff);
        assert_eq!(former(&token), Err(TokenRefusal::Team));
        token.team = None;
        assert_eq!(former(&token), Ok(()));
        assert_eq!(in_team(&token, Scope::WorkitemsRead, "sales"), Ok(()));
        assert_eq!(token_can(&token, everywhere), Ok(()));
    }
}
