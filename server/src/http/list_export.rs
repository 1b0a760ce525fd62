//! Lists of pages as CSV: the agents of the User Dashboard as its address chooses them (`GET /dashboard/export`), their requests
//! (`GET /dashboard/requests/export`, with days and a team as figures have them), and the users (`GET /admin/users/export`). A row is
//! an agent, a request, a user; times are UTC.

use app::backend::Views;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::admin::{Team, UserAccount};
use shared::agent_filter::{AgentFilter, Filter, SHOW_BEFORE};
use shared::error::AppError;
use shared::ids::TeamId;
use shared::people::{PersonRef, Role};
use shared::time::Timestamp;
use shared::workitem::{AgentRow, Channel};

use super::analytics::range::{Range, first_field};
use super::csv::{csv_file, csv_line};
use super::errors::error_response;
use super::forms::{Fields, PageQuery, unreadable, value};
use super::page_reader::PageReader;
use super::query;
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::list_export::{ListedAgent, REQUESTS_MAX};
use crate::store::rows::ListedRequest;

/// What stands in the address of the dashboard beside the filters.
const ELSE: [&str; 5] = ["find", "view", "sort", "hide", SHOW_BEFORE];

/// The routes of the files.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route("/dashboard/export", get(agents))
        .route("/dashboard/requests/export", get(requests))
        .route("/admin/users/export", get(users))
        .with_state(desk)
}

async fn agents(reader: PageReader, PageQuery(fields): PageQuery<Fields>) -> Response {
    let listed = async {
        query::only(
            &fields,
            &[&Filter::ALL.map(Filter::code)[..], &ELSE].concat(),
        )?;
        let filter = filter_of(&reader, &fields).await?;
        let actor = &reader.caller.actor;
        reader.desk.agents_exported(actor, &filter).await
    };
    answer(
        &reader,
        "agents.csv",
        listed.await.map(|listed| {
            let mut lines = vec![agent_columns()];
            lines.extend(listed.iter().map(agent_line));
            lines
        }),
    )
}

async fn requests(reader: PageReader, PageQuery(fields): PageQuery<Fields>) -> Response {
    let days = days(&reader, &fields);
    let name = match &days {
        Ok(Some(days)) => format!("requests-raised-{}-{}.csv", days.from, days.to),
        _ => "requests.csv".to_owned(),
    };
    let listed = async {
        let team = match value(&fields, "team") {
            "" => None,
            team => Some(TeamId::parse(team)?),
        };
        let range = days?.map(|days| days.bounds());
        let actor = &reader.caller.actor;
        reader.desk.requests_exported(actor, team, range).await
    };
    answer(&reader, &name, listed.await.map(|listed| {
        let columns = "request,agent,agent_name,text,workitem,at,target_min,claimed_at,claimed_by,\
            claimed_by_name,ended_at,ended_how,ended_by,ended_by_name";
        let mut lines = vec![csv_line(columns.split(','))];
        lines.extend(listed.requests.iter().map(request_line));
        if listed.cut {
            let cut = t!(reader.language, exports.cut, number = REQUESTS_MAX);
            lines.push(csv_line([&cut[..]]));
        }
        lines
    }))
}

/// The days that the address names, as those of figures; nothing where it names none.
fn days(reader: &PageReader, fields: &[(String, String)]) -> Result<Option<Range>, AppError> {
    query::only(fields, &["from", "to", "zone", "team"])?;
    let [from, to, zone] = ["from", "to", "zone"].map(|name| value(fields, name));
    if [from, to, zone].iter().all(|text| text.is_empty()) {
        return Ok(None);
    }
    let range = Range::parse(from, to, zone, reader.desk.clock().now());
    range.map(Some).map_err(|problems| {
        let field = first_field(&problems);
        unreadable(field, value(fields, field))
    })
}

async fn users(reader: PageReader, PageQuery(fields): PageQuery<Fields>) -> Response {
    let listed = async {
        query::only(&fields, &[])?;
        reader.desk.users_exported(&reader.caller.actor).await
    };
    answer(
        &reader,
        "users.csv",
        listed.await.map(|(users, teams)| {
            // The first columns are those of a file for import.
            let columns = "username,name,roles,teams,active,user";
            let mut lines = vec![csv_line(columns.split(','))];
            lines.extend(users.iter().map(|user| user_line(user, &teams)));
            lines
        }),
    )
}

/// The file, or what the page of somebody who may not save it says.
fn answer(reader: &PageReader, name: &str, lines: Result<Vec<String>, AppError>) -> Response {
    match lines {
        Ok(lines) => csv_file(name, &lines),
        Err(AppError::NotFound) => reader.nowhere(),
        Err(error) => error_response(&error),
    }
}

/// The filter of the address, or of the view that it names. A view that is not offered shows everybody, as on the page.
async fn filter_of(
    reader: &PageReader,
    fields: &[(String, String)],
) -> Result<AgentFilter, AppError> {
    let named = value(fields, "view");
    let of =
        |fields: &[(String, String)]| AgentFilter::of(|name| Some(value(fields, name).to_owned()));
    // The page's word for no view.
    if named.is_empty() || named == "none" {
        return Ok(of(fields));
    }
    let offered = reader.desk.view_list(&reader.caller.actor).await?.views;
    let found = offered.iter().find(|view| view.id.as_str() == named);
    Ok(found.map_or_else(AgentFilter::default, |view| {
        let pairs = form_urlencoded::parse(view.filter.as_bytes());
        of(&pairs.into_owned().collect::<Fields>())
    }))
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, Timestamp::rfc3339)
}

fn line(fields: &[String]) -> String {
    csv_line(fields.iter().map(String::as_str))
}

/// Id and name of somebody, or nothing twice.
fn person(person: Option<&PersonRef>) -> [String; 2] {
    person.map_or_else(Default::default, |person| {
        [person.id.to_string(), person.name.clone()]
    })
}

fn agent_columns() -> String {
    let columns = "agent,agent_name,teams,presence,presence_since,no_connection_since,waiting_since,\
        requests,requests_unclaimed,first_request_at,alerts,monitored";
    let mut columns: Vec<String> = columns.split(',').map(str::to_owned).collect();
    for channel in Channel::ALL {
        let of = |what: &str| format!("{}_{what}", channel.code());
        columns.extend(["open", "active", "most"].map(of));
    }
    line(&columns)
}

fn agent_line(listed: &ListedAgent) -> String {
    let ListedAgent { row, alerts } = listed;
    let unclaimed = row.hands.iter().filter(|hand| hand.claim.is_none()).count();
    let mut fields = vec![
        row.id.to_string(),
        row.name.clone(),
        row.teams.join("|"),
        row.presence.code().to_owned(),
        time(row.presence_since),
        time(row.lost_since),
        time(row.waiting_since),
        row.hands.len().to_string(),
        unclaimed.to_string(),
        time(row.hands.iter().map(|hand| hand.at).min()),
        alerts.to_string(),
        row.monitored.to_string(),
    ];
    fields.extend(
        Channel::ALL
            .into_iter()
            .flat_map(|channel| load(row, channel)),
    );
    line(&fields)
}

/// What is open on a channel, how much of it is active, and how much may be.
fn load(row: &AgentRow, channel: Channel) -> [String; 3] {
    let most = row.capacity.map(|most| most.of(channel).to_string());
    [
        row.counts.of(channel).to_string(),
        row.active().of(channel).to_string(),
        most.unwrap_or_default(),
    ]
}

fn request_line(request: &ListedRequest) -> String {
    let (claim, settled) = (request.claim.as_ref(), request.settled.as_ref());
    let [claimer, claimer_name] = person(claim.map(|claim| &claim.by));
    let [ender, ender_name] = person(settled.and_then(|settled| settled.by.as_ref()));
    let workitem = request.workitem.as_ref();
    let target = request.target_min.map(|minutes| minutes.to_string());
    line(&[
        request.id.to_string(),
        request.agent.id.to_string(),
        request.agent.name.clone(),
        request.text.clone(),
        workitem.map_or_else(String::new, ToString::to_string),
        request.at.rfc3339(),
        target.unwrap_or_default(),
        time(claim.map(|claim| claim.at)),
        claimer,
        claimer_name,
        time(settled.map(|settled| settled.at)),
        settled.map_or("", |settled| settled.how.code()).to_owned(),
        ender,
        ender_name,
    ])
}

fn user_line(user: &UserAccount, teams: &[Team]) -> String {
    let mut roles: Vec<&str> = user.roles.iter().copied().map(Role::code).collect();
    // A built role is one of its kind, so a file for import names both.
    roles.extend(user.built.iter().map(String::as_str));
    let of = teams.iter().filter(|team| {
        let mut people = team.members.iter().chain(&team.supervisors);
        people.any(|person| person.id == user.id)
    });
    let teams: Vec<&str> = of.map(|team| &team.name[..]).collect();
    line(&[
        user.username.clone(),
        user.name.clone(),
        roles.join("|"),
        teams.join("|"),
        if user.active { "yes" } else { "no" }.to_owned(),
        user.id.to_string(),
    ])
}
