//! `/analytics`: figures of requests, coaching and conversations, and the same as files. A plain page: figures are read, not
//! watched, and the app has nothing to load for them.

mod export;
mod figures;
mod plot;
pub(super) mod range;
mod view;
mod words;

use axum::extract::Query;
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use shared::error::AppError;
use shared::ids::TeamId;
use shared::people::Actor;
use shared::policy::{Action, can};

use self::range::{Problem, Range};
use super::forms::value;
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::query;
use super::refused::Refused;
use super::routes::Routes;
use crate::desk::Desk;
use crate::queries::{Analytics, AnalyticsAsked};

/// The page's address.
pub(crate) const PATH: &str = "/analytics";
/// The fields of the page's form.
const FIELDS: [&str; 4] = ["from", "to", "zone", "team"];

/// The page and its files.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show))
        .route("/analytics/export", get(export::export))
        .with_state(desk)
}

/// What was asked for, as far as it can be read.
struct Asked {
    /// Today on the clock of the zone.
    today: Date,
    range: Range,
    team: Option<TeamId>,
}

impl Asked {
    fn parse(
        fields: &[(String, String)],
        desk: &Desk,
    ) -> Result<Result<Self, Vec<Problem>>, AppError> {
        let team = match value(fields, "team") {
            "" => None,
            team => Some(TeamId::parse(team)?),
        };
        let of = |name| value(fields, name);
        let range = Range::parse(of("from"), of("to"), of("zone"), desk.clock().now());
        Ok(range.map(|range| Self {
            today: range.day_of(desk.clock().now()),
            range,
            team,
        }))
    }
}

async fn analytics(reader: &PageReader, asked: &Asked) -> Result<Analytics, AppError> {
    let (from, until) = asked.range.bounds();
    let team = asked.team.clone();
    let asked = AnalyticsAsked { team, from, until };
    reader.desk.analytics(&reader.caller.actor, &asked).await
}

async fn show(reader: PageReader, Query(fields): Query<Vec<(String, String)>>) -> Response {
    reader.page(content(&reader, &fields).await).await
}

/// Whether somebody may save the requests of a team, or of their teams, themselves.
fn lists_requests(reader: &Actor, team: Option<&TeamId>) -> bool {
    let theirs = team.is_none_or(|team| reader.supervises.contains(team));
    theirs && can(reader, Action::DashboardView).is_ok()
}

async fn content(reader: &PageReader, fields: &[(String, String)]) -> Result<UserPage, AppError> {
    query::only(fields, &FIELDS)?;
    let asked = Asked::parse(fields, &reader.desk)?;
    // What cannot be read is said above the figures of the usual range; the form keeps what was typed.
    let (asked, refused) = match asked {
        Ok(asked) => (asked, Refused::default()),
        Err(problems) => {
            let none = Asked::parse(&[], &reader.desk)?;
            (
                none.unwrap_or_else(|_| unreachable!("the usual range is one")),
                view::refused(reader.language, &problems),
            )
        }
    };
    let analytics = analytics(reader, &asked).await?;
    let view = view::View {
        language: reader.language,
        lists_requests: lists_requests(&reader.caller.actor, asked.team.as_ref()),
        analytics: &analytics,
        asked: &asked,
        fields,
        refused: &refused,
    };
    Ok(answered(view.page(), !refused.is_empty()))
}
