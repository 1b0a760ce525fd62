//! What other systems read. Lists are read in pieces, each in one snapshot, from a place on.

use shared::admin::{Team, UserAccount};
use shared::assistance::Template;
use shared::customer::CustomerFrame;
use shared::error::AppError;
use shared::ids::{TeamId, WorkitemId};
use shared::policy::{TokenAct, token_can};
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};
use shared::transcript::Entry;
use shared::workitem::Workitem;

use super::Given;
use crate::desk::{Desk, to_app_error};
use crate::store::rows::{EntryRow, ListedRating, ListedRequest, ListedReview};

/// A place in a list that goes back in time: the time of a row, and its id. Only what stands before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Before(pub(crate) Timestamp, pub(crate) String);

impl Before {
    /// In front of which everything stands.
    pub(crate) const NOW: Self = Self(Timestamp(i64::MAX), String::new());
}

impl Desk {
    /// Workitems, the newest first: at most `limit` that were begun before a place.
    pub(crate) async fn api_workitems(
        &self,
        token: &ApiToken,
        team: Option<TeamId>,
        Before(at, id): Before,
        limit: i64,
    ) -> Given<Vec<Workitem>> {
        let team = team.or_else(|| token.team.clone());
        let act = match &team {
            Some(team) => TokenAct::UseIn(Scope::WorkitemsRead, std::slice::from_ref(team)),
            None => TokenAct::Use(Scope::WorkitemsRead),
        };
        self.token_may(token, act).await?;
        let mut rows = self.snapshot().await?;
        let found = rows.workitems_before(team.as_ref(), at, &id, limit).await;
        let found = found.map_err(to_app_error)?;
        Ok(found.into_iter().map(|row| row.workitem).collect())
    }

    /// A workitem.
    pub(crate) async fn api_workitem(
        &self,
        token: &ApiToken,
        workitem: &WorkitemId,
    ) -> Given<Workitem> {
        self.workitem_by(token, workitem, Scope::WorkitemsRead)
            .await
    }

    /// The lines of the customer's view after number `after`, at most `limit`: read from the customer's own tables alone,
    /// so that it is what the customer saw and nothing else.
    pub(crate) async fn api_customer_lines(
        &self,
        token: &ApiToken,
        workitem: &WorkitemId,
        after: i64,
        limit: i64,
    ) -> Given<Vec<CustomerFrame>> {
        let scope = Scope::TranscriptsCustomer;
        self.workitem_by(token, workitem, scope).await?;
        let view = self.store().customer_snapshot().await;
        let mut view = view.map_err(to_app_error)?;
        let lines = view.customer_frames_after(workitem, after, limit).await;
        Ok(lines.map_err(to_app_error)?)
    }

    /// The entries of the staff's log after number `after`, at most `limit`, and whether there are more. Coaching of a team
    /// that is not the token's is withheld.
    pub(crate) async fn api_staff_entries(
        &self,
        token: &ApiToken,
        workitem: &WorkitemId,
        after: i64,
        limit: i64,
    ) -> Given<(Vec<Entry>, bool)> {
        let scope = Scope::TranscriptsStaff;
        self.workitem_by(token, workitem, scope).await?;
        let mut rows = self.snapshot().await?;
        let row = rows.workitem_find(workitem).await.map_err(to_app_error)?;
        let last = row.ok_or(AppError::NotFound)?.last_entry;
        // Numbers have no gaps.
        let until = after.saturating_add(limit).min(last);
        let wanted = (until - after).max(0);
        let before = until.saturating_add(1);
        let entries = rows.entries_before(workitem, before, wanted).await;
        let entries = entries.map_err(to_app_error)?;
        let shown = entries.into_iter().rev();
        let shown = shown.map(|row| shown_by(token, row)).collect();
        Ok((shown, until < last))
    }

    /// The workitem, if the token has the scope and is for its team.
    async fn workitem_by(
        &self,
        token: &ApiToken,
        workitem: &WorkitemId,
        scope: Scope,
    ) -> Given<Workitem> {
        self.token_may_at_all(token, scope).await?;
        let record = self.reads().workitem_find(workitem).await;
        let record = record.map_err(to_app_error)?.ok_or(AppError::NotFound)?;
        let teams = std::slice::from_ref(&record.facts.team);
        self.token_may(token, TokenAct::UseIn(scope, teams)).await?;
        Ok(record.workitem)
    }

    /// The scope is asked for first: whether something exists is for those who have it.
    async fn token_may_at_all(&self, token: &ApiToken, scope: Scope) -> Given<()> {
        self.token_may(token, TokenAct::Use(scope)).await
    }

    /// Assistance templates in their order.
    pub(crate) async fn api_templates(&self, token: &ApiToken) -> Given<Vec<Template>> {
        self.token_may_at_all(token, Scope::TemplatesRead).await?;
        let mut rows = self.snapshot().await?;
        Ok(rows.template_list(false).await.map_err(to_app_error)?)
    }

    /// Users by name; of a token for one team those who are in it.
    pub(crate) async fn api_users(&self, token: &ApiToken) -> Given<Vec<UserAccount>> {
        self.token_may_at_all(token, Scope::UsersRead).await?;
        let mut rows = self.snapshot().await?;
        let mut users = rows.user_list().await.map_err(to_app_error)?;
        if let Some(team) = &token.team {
            let team = rows.team_find(team).await.map_err(to_app_error)?;
            let people = |team: Team| [team.members, team.supervisors].concat();
            let people = team.map_or_else(Vec::new, people);
            users.retain(|user| people.iter().any(|person| person.id == user.id));
        }
        Ok(users)
    }

    /// Teams by name; of a token for one team that one.
    pub(crate) async fn api_teams(&self, token: &ApiToken) -> Given<Vec<Team>> {
        self.token_may_at_all(token, Scope::TeamsRead).await?;
        let mut rows = self.snapshot().await?;
        let mut teams = rows.team_list().await.map_err(to_app_error)?;
        if let Some(own) = &token.team {
            teams.retain(|team| team.id == *own);
        }
        Ok(teams)
    }

    /// Requests for assistance, the newest first: at most `limit` before a place. Of a token for one team those of its
    /// agents.
    pub(crate) async fn api_requests(
        &self,
        token: &ApiToken,
        Before(at, id): Before,
        limit: i64,
    ) -> Given<Vec<ListedRequest>> {
        self.token_may_at_all(token, Scope::RequestsRead).await?;
        let mut rows = self.snapshot().await?;
        let team = token.team.as_ref();
        let found = rows.requests_before(team, at, &id, limit).await;
        Ok(found.map_err(to_app_error)?)
    }

    /// How customers rated their chats, the newest first: at most `limit` before a place. Of a token for one team those of its
    /// workitems.
    pub(crate) async fn api_ratings(
        &self,
        token: &ApiToken,
        Before(at, id): Before,
        limit: i64,
    ) -> Given<Vec<ListedRating>> {
        self.token_may_at_all(token, Scope::WorkitemsRead).await?;
        let mut rows = self.snapshot().await?;
        let team = token.team.as_ref();
        let found = rows.ratings_before(team, at, &id, limit).await;
        Ok(found.map_err(to_app_error)?)
    }

    /// Flags for review, the newest first: at most `limit` before a place. Of a token for one team those of its workitems.
    pub(crate) async fn api_reviews(
        &self,
        token: &ApiToken,
        Before(at, id): Before,
        limit: i64,
    ) -> Given<Vec<ListedReview>> {
        self.token_may_at_all(token, Scope::ReviewsRead).await?;
        let mut rows = self.snapshot().await?;
        let team = token.team.as_ref();
        let found = rows.reviews_before(team, at, &id, limit).await;
        Ok(found.map_err(to_app_error)?)
    }
}

/// The entry as the bearer of a token may read it.
fn shown_by(token: &ApiToken, row: EntryRow) -> Entry {
    match &row.former {
        Some((_, team)) if token_can(token, TokenAct::FormerCoaching(team)).is_err() => {
            row.entry.withheld()
        }
        _ => row.entry,
    }
}
