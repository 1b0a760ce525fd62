//! What a search of the history finds, as CSV: `GET /history/export` with the fields of the page. A row is a result. A search that is
//! misspelt must not export everything, so other fields are refused.

use std::io::Error;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use i18n::{Language, t};
use shared::error::AppError;
use shared::history::{HistoryHit, HistoryQuery};
use shared::labels::LabelKind;
use shared::reviews::Review;
use shared::time::Timestamp;
use shared::workitem::Workitem;

use super::{attachment, broken};
use crate::desk::Desk;
use crate::desk::history_export::{HITS_MAX, HitsFile};
use crate::http::csv::csv_line;
use crate::http::errors::error_response;
use crate::http::forms::{Fields, PageQuery, value};
use crate::http::page_reader::PageReader;
use crate::http::query;

/// The fields of the page's address.
const FIELDS: [&str; 15] = [
    "words", "coaching", "customer", "agent", "channel", "state", "label", "rating", "review",
    "request", "reaction", "from", "to", "zone", "before",
];
/// The columns. Those of a flag for review are empty for readers who may not review.
const COLUMNS: &str = "workitem,started_at,last_activity_at,customer,subject,channel,state,agent,agent_name,team,\
    team_name,waiting_since,outcome,tags,rating,rating_comment,review,review_comment,flagged_at,flagged_by,\
    reviewed_at,reviewed_by,found_at,found_author,found_in,found_text";

pub(super) async fn export(reader: PageReader, PageQuery(fields): PageQuery<Fields>) -> Response {
    let begun = async {
        query::only(&fields, &FIELDS)?;
        let query = HistoryQuery::of(|name| Some(value(&fields, name).to_owned()));
        let actor = &reader.caller.actor;
        reader.desk.history_export(actor, query).await
    };
    match begun.await {
        Ok(file) => {
            let body = body(reader.desk, file, reader.language);
            attachment("history.csv", "text/csv; charset=utf-8", body)
        }
        Err(AppError::NotFound) => reader.nowhere(),
        Err(error) => error_response(&error),
    }
}

fn body(desk: Desk, file: HitsFile, language: Language) -> Body {
    let head = Bytes::from(csv_line(COLUMNS.split(',')));
    let hits = stream::try_unfold((desk, file), move |(desk, mut file)| async move {
        let hits = desk.history_export_next(&mut file).await.map_err(broken)?;
        if hits.is_empty() {
            return Ok(None);
        }
        let mut text: String = hits.iter().map(row).collect();
        if file.is_cut() {
            let cut = t!(language, exports.cut, number = HITS_MAX);
            text.push_str(&csv_line([&cut[..]]));
        }
        Ok::<_, Error>(Some((Bytes::from(text), (desk, file))))
    });
    Body::from_stream(stream::iter([Ok(head)]).chain(hits))
}

fn row(hit: &HistoryHit) -> String {
    let HistoryHit {
        workitem,
        entry,
        review,
    } = hit;
    let agent = workitem.agent.as_ref();
    let time = |at: Option<Timestamp>| at.map_or_else(String::new, Timestamp::rfc3339);
    let entry = entry.as_ref();
    let rating = workitem.rating.as_ref();
    let comment = rating.and_then(|rating| rating.comment.as_ref());
    let found_in = entry.map_or("", |entry| match (entry.coaching, entry.note) {
        (true, _) => "coaching",
        (_, true) => "note",
        (false, false) => "message",
    });
    let excerpt = entry.map_or_else(String::new, |entry| {
        let pieces = entry.excerpt.iter().map(|(_, text)| &text[..]);
        pieces.collect()
    });
    let review = review.as_deref();
    let done = review.and_then(|review| review.done.as_ref());
    let review_text =
        |of: fn(&Review) -> &str| review.map_or_else(String::new, |it| of(it).to_owned());
    let fields = [
        workitem.id.to_string(),
        workitem.started_at.rfc3339(),
        workitem.last_activity_at.rfc3339(),
        workitem.customer.clone(),
        workitem.subject.clone(),
        workitem.channel.code().to_owned(),
        workitem.state.code().to_owned(),
        agent.map_or_else(String::new, |agent| agent.id.to_string()),
        agent.map_or_else(String::new, |agent| agent.name.clone()),
        workitem.team.to_string(),
        workitem.team_name.clone(),
        time(workitem.waiting_since),
        named(workitem, LabelKind::Outcome),
        named(workitem, LabelKind::Tag),
        rating.map_or_else(String::new, |rating| rating.score.number().to_string()),
        comment.map_or_else(String::new, |comment| comment.as_str().to_owned()),
        review_text(|review| review.state().code()),
        review_text(|review| &review.comment),
        time(review.map(|review| review.at)),
        review_text(|review| &review.by.name),
        time(done.map(|done| done.at)),
        done.map_or_else(String::new, |done| done.by.name.clone()),
        time(entry.map(|entry| entry.at)),
        entry.map_or_else(String::new, |entry| entry.name.clone()),
        found_in.to_owned(),
        excerpt,
    ];
    csv_line(fields.iter().map(String::as_str))
}

/// The names of the labels of a kind.
fn named(workitem: &Workitem, kind: LabelKind) -> String {
    let labels = workitem.labels.iter().filter(|label| label.kind == kind);
    let names: Vec<_> = labels.map(|label| &label.name[..]).collect();
    names.join("; ")
}
