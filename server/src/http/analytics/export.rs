//! The figures as CSV: `GET /analytics/export`, with the range of the page and `figure=requests`, `coaching`,
//! `around_coaching`, `conversations`, `labels`, `ratings` or `days`.

use axum::extract::Query;
use axum::response::Response;
use shared::error::{AppError, Problem as FieldProblem};
use shared::ids::TeamId;
use shared::time::Timestamp;

use super::figures::{bars, conversations, mean_duration, mean_first_answer, quarter_bars, rated};
use super::range::first_field;
use super::{Asked, FIELDS, analytics};
use crate::http::csv::{csv_file, csv_line};
use crate::http::errors::error_response;
use crate::http::forms::value;
use crate::http::page_reader::PageReader;
use crate::http::query;
use crate::queries::Analytics;
use crate::store::rows::LabelFigure;

/// What can be exported.
const FIGURES: [&str; 7] = [
    "requests",
    "coaching",
    "around_coaching",
    "conversations",
    "labels",
    "ratings",
    "days",
];

pub(super) async fn export(
    reader: PageReader,
    Query(fields): Query<Vec<(String, String)>>,
) -> Response {
    match file(&reader, &fields).await {
        Ok(response) => response,
        Err(error) => error_response(&error),
    }
}

async fn file(reader: &PageReader, fields: &[(String, String)]) -> Result<Response, AppError> {
    query::only(fields, &[&FIELDS[..], &["figure"]].concat())?;
    let unreadable =
        |field: &str, detail: String| AppError::invalid(field, FieldProblem::Unreadable { detail });
    let figure = value(fields, "figure");
    if !FIGURES.contains(&figure) {
        return Err(unreadable("figure", FIGURES.join(", ")));
    }
    let asked = Asked::parse(fields, &reader.desk)?.map_err(|problems| {
        let field = first_field(&problems);
        unreadable(field, value(fields, field).chars().take(40).collect())
    })?;
    let analytics = analytics(reader, &asked).await?;
    let lines = match figure {
        "requests" => requests(&analytics),
        "coaching" => coaching(&analytics),
        "around_coaching" => around_coaching(&analytics),
        "conversations" => by_channel(&analytics),
        "labels" => by_label(&analytics),
        "ratings" => ratings(&analytics),
        _ => days(&asked, &analytics),
    };
    let name = format!("{figure}-{}-{}.csv", asked.range.from, asked.range.to);
    Ok(csv_file(&name, &lines))
}

fn number(number: Option<i64>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

fn line(fields: &[String]) -> String {
    csv_line(fields.iter().map(String::as_str))
}

fn requests(analytics: &Analytics) -> Vec<String> {
    let columns =
        "agent,agent_name,at,template,claimed_at,answered_at,ended_at,ended_how,template_id,teams";
    let mut lines = vec![csv_line(columns.split(','))];
    let time = |at: Option<Timestamp>| at.map_or_else(String::new, Timestamp::rfc3339);
    for request in &analytics.now.requests {
        let settled = request.settled;
        let template = request.template.as_ref();
        let title = template.and_then(|template| template.title.clone());
        let teams: Vec<&str> = request.teams.iter().map(TeamId::as_str).collect();
        lines.push(line(&[
            request.agent.id.to_string(),
            request.agent.name.clone(),
            request.at.rfc3339(),
            title.unwrap_or_default(),
            time(request.claimed_at),
            time(request.answered_at),
            time(settled.map(|(at, _)| at)),
            settled.map_or("", |(_, how)| how.code()).to_owned(),
            template.map_or_else(String::new, |template| template.id.to_string()),
            teams.join("; "),
        ]));
    }
    lines
}

fn coaching(analytics: &Analytics) -> Vec<String> {
    let columns =
        "author,author_name,agent,agent_name,replies,messages,thumbs_up,thumbs_down,forwarded";
    let mut lines = vec![csv_line(columns.split(','))];
    for figure in &analytics.now.coaching {
        let agent = figure.agent.as_ref();
        lines.push(line(&[
            figure.author.id.to_string(),
            figure.author.name.clone(),
            agent.map_or_else(String::new, |agent| agent.id.to_string()),
            agent.map_or_else(String::new, |agent| agent.name.clone()),
            figure.replies.to_string(),
            figure.messages.to_string(),
            figure.thumbs_up.to_string(),
            figure.thumbs_down.to_string(),
            figure.forwarded.to_string(),
        ]));
    }
    lines
}

fn around_coaching(analytics: &Analytics) -> Vec<String> {
    let columns = "agent,agent_name,since_coaching,conversations,answered,first_answer_mean_s,duration_mean_s";
    let mut lines = vec![csv_line(columns.split(','))];
    for figure in &analytics.around {
        let since = if figure.after { "after" } else { "before" };
        lines.push(line(&[
            figure.agent.id.to_string(),
            figure.agent.name.clone(),
            since.to_owned(),
            figure.conversations.to_string(),
            figure.answered.to_string(),
            number(mean_first_answer(figure)),
            number(mean_duration(figure)),
        ]));
    }
    lines
}

fn by_channel(analytics: &Analytics) -> Vec<String> {
    let columns = "channel,begun,answered,first_answer_median_s,first_answer_90_percent_s,closed,\
        duration_median_s,handling_median_s,handling_90_percent_s,waiting_median_s,waiting_90_percent_s";
    let mut lines = vec![csv_line(columns.split(','))];
    for (channel, _) in &analytics.now.conversations.channels {
        let summary = conversations(&analytics.now.conversations, Some(*channel));
        lines.push(line(&[
            channel.code().to_owned(),
            summary.begun.to_string(),
            summary.answered.to_string(),
            number(summary.first_answer.seconds),
            number(summary.first_answer_most),
            summary.closed.to_string(),
            number(summary.duration.seconds),
            number(summary.handling.seconds),
            number(summary.handling_most),
            number(summary.waiting.seconds),
            number(summary.waiting_most),
        ]));
    }
    lines
}

fn by_label(analytics: &Analytics) -> Vec<String> {
    let mut lines = vec![csv_line("label,kind,name,conversations".split(','))];
    for LabelFigure { label, count } in &analytics.now.labels {
        lines.push(line(&[
            label.id.to_string(),
            label.kind.code().to_owned(),
            label.name.clone(),
            count.to_string(),
        ]));
    }
    lines
}

fn ratings(analytics: &Analytics) -> Vec<String> {
    let columns = "team,team_name,agent,agent_name,ratings,mean,good";
    let mut lines = vec![csv_line(columns.split(','))];
    for figure in &analytics.now.ratings {
        let summary = rated([figure].into_iter());
        let agent = figure.agent.as_ref();
        lines.push(line(&[
            figure.team.to_string(),
            figure.team_name.clone(),
            agent.map_or_else(String::new, |agent| agent.id.to_string()),
            agent.map_or_else(String::new, |agent| agent.name.clone()),
            summary.count.to_string(),
            summary
                .mean()
                .map_or_else(String::new, |(whole, tenth)| format!("{whole}.{tenth}")),
            summary.good.to_string(),
        ]));
    }
    lines
}

fn days(asked: &Asked, analytics: &Analytics) -> Vec<String> {
    let (range, now) = (&asked.range, &analytics.now);
    let requested = bars(range, now.requests.iter().map(|request| (request.at, 1)));
    let coached = quarter_bars(range, &now.coached);
    let mut lines = vec![csv_line(
        "from,to,conversations,requests,coaching".split(','),
    )];
    let begun = quarter_bars(range, &now.conversations.begun);
    for ((begun, requested), coached) in begun.iter().zip(&requested).zip(&coached) {
        lines.push(line(&[
            begun.from.to_string(),
            begun.to.to_string(),
            begun.count.to_string(),
            requested.count.to_string(),
            coached.count.to_string(),
        ]));
    }
    lines
}
