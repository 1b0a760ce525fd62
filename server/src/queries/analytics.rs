//! Figures of the work of teams, for those who may see them.

use shared::ids::{TeamId, UserId};
use shared::people::Permission;
use shared::policy::Action;
use shared::time::Timestamp;

use crate::commands::rights;
use crate::store::rows::{
    AroundFigure, CoachingFigure, ConversationFigures, Counted, LabelFigure, QuarterFigure,
    RatingFigure, RequestFigure,
};
use crate::store::{Snapshot, StoreError, Stored};

/// What figures are asked of.
#[derive(Clone, Debug)]
pub struct AnalyticsAsked {
    /// One team; nothing: all that the viewer may see.
    pub team: Option<TeamId>,
    /// The first moment that counts.
    pub from: Timestamp,
    /// The first moment that counts no more.
    pub until: Timestamp,
}

/// The figures of some time and of as much time before it.
#[derive(Clone, Debug)]
pub struct Analytics {
    /// The teams of which the viewer may see figures, by name.
    pub teams: Vec<(TeamId, String)>,
    /// Of the time that was asked for.
    pub now: Figures,
    /// Of the time before.
    pub before: Figures,
    /// The conversations of agents before and after the first coaching of the time that was asked for.
    pub around: Vec<AroundFigure>,
}

/// What happened within some time.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Requests for assistance, in order.
    pub requests: Vec<RequestFigure>,
    /// Coaching and replies to it, by author and agent.
    pub coaching: Vec<CoachingFigure>,
    /// When supervisors coached.
    pub coached: Vec<QuarterFigure>,
    /// Conversations.
    pub conversations: ConversationFigures,
    /// Their labels.
    pub labels: Vec<LabelFigure>,
    /// What customers thought of their chats, by team and agent.
    pub ratings: Vec<RatingFigure>,
}

/// Figures of the teams over which `viewer` has authority; of all teams for those who manage the organisation. `Refused` for
/// everybody else, `NotFound` for a team that is not among them.
pub async fn analytics(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
    asked: &AnalyticsAsked,
) -> Stored<Analytics> {
    let viewer = rights::ask(rows, viewer, Action::AnalyticsView).await?;
    let mut teams = rows.team_names().await?;
    if !viewer.holds(Permission::OrganisationManage) {
        teams.retain(|(team, _)| viewer.supervises.contains(team));
    }
    let counted: Vec<TeamId> = match &asked.team {
        Some(team) if teams.iter().all(|(known, _)| known != team) => {
            return Err(StoreError::NotFound);
        }
        Some(team) => vec![team.clone()],
        None => teams.iter().map(|(team, _)| team.clone()).collect(),
    };
    let length = asked.until.0 - asked.from.0;
    let before = Counted {
        teams: counted.clone(),
        from: Timestamp(asked.from.0 - length),
        until: asked.from,
    };
    let now = Counted {
        teams: counted,
        from: asked.from,
        until: asked.until,
    };
    Ok(Analytics {
        teams,
        now: figures(rows, &now).await?,
        before: figures(rows, &before).await?,
        around: rows.around_coaching(&now).await?,
    })
}

async fn figures(rows: &mut dyn Snapshot, of: &Counted) -> Stored<Figures> {
    Ok(Figures {
        requests: rows.requests_counted(of).await?,
        coaching: rows.coaching_counted(of).await?,
        coached: rows.coaching_by_quarter(of).await?,
        conversations: rows.conversations_counted(of).await?,
        labels: rows.labels_counted(of).await?,
        ratings: rows.ratings_counted(of).await?,
    })
}
