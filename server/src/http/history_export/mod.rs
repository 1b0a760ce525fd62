//! Files of the history: a conversation as text or JSON, and what a search finds as CSV. They are sent in pieces, as they are read;
//! what cannot be read to its end is broken off, so that nobody takes it for whole.

mod json;
mod list;
mod text;

use std::io::Error;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use i18n::{Language, t};
use maud::html;
use shared::error::{AppError, Problem};
use shared::ids::WorkitemId;
use shared::time::Timestamp;
use shared::transcript::{Entry, EntryBody};
use shared::workitem::Workitem;

use super::errors::error_response;
use super::forms::{Fields, PageQuery, value};
use super::page_reader::PageReader;
use super::plain_page::plain_page;
use super::query;
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::history_export::TranscriptFile;

/// The routes of the files.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route("/history/export", get(list::export))
        .route("/history/{workitem}/transcript.txt", get(as_text))
        .route("/history/{workitem}/transcript.json", get(as_json))
        .with_state(desk)
}

async fn as_text(
    reader: PageReader,
    Path(workitem): Path<String>,
    PageQuery(fields): PageQuery<Fields>,
) -> Response {
    let format = Format::Text(reader.language);
    transcript(reader, &workitem, &fields, format).await
}

async fn as_json(
    reader: PageReader,
    Path(workitem): Path<String>,
    PageQuery(fields): PageQuery<Fields>,
) -> Response {
    let format = Format::Json(reader.desk.clock().now());
    transcript(reader, &workitem, &fields, format).await
}

/// How a conversation is written.
#[derive(Clone, Copy)]
enum Format {
    /// In the reader's language.
    Text(Language),
    /// With the time of the export.
    Json(Timestamp),
}

impl Format {
    /// The end of the file's name.
    fn ending(self) -> &'static str {
        match self {
            Self::Text(_) => "txt",
            Self::Json(_) => "json",
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Text(_) => "text/plain; charset=utf-8",
            Self::Json(_) => "application/json",
        }
    }

    /// What stands in front of the entries.
    fn head(self, workitem: &Workitem, coaching: bool) -> String {
        match self {
            Self::Text(language) => text::head(language, workitem, coaching),
            Self::Json(at) => json::head(workitem, coaching, at),
        }
    }

    /// An entry, with its number in the file.
    fn entry(self, number: i64, entry: Entry) -> String {
        match self {
            Self::Text(language) => text::entry(language, entry),
            Self::Json(_) => json::entry(number, entry),
        }
    }

    /// What stands at the end.
    fn foot(self) -> &'static str {
        match self {
            Self::Text(_) => "",
            Self::Json(_) => json::FOOT,
        }
    }
}

async fn transcript(
    reader: PageReader,
    workitem: &str,
    fields: &[(String, String)],
    format: Format,
) -> Response {
    let begun = async {
        query::only(fields, &["coaching"])?;
        let coaching = with_coaching(value(fields, "coaching"))?;
        let workitem = WorkitemId::parse(workitem).map_err(|_| AppError::NotFound)?;
        let actor = &reader.caller.actor;
        let asked = if coaching { "yes" } else { "no" };
        let desk = &reader.desk;
        let file = desk.transcript_export(actor, workitem, format.ending(), asked);
        Ok((file.await?, coaching))
    };
    match begun.await {
        Ok((file, coaching)) => {
            let name = file_name("transcript", file.workitem.id.as_str(), format.ending());
            let kind = format.media_type();
            let body = transcript_body(reader.desk, file, coaching, format);
            attachment(&name, kind, body)
        }
        Err(AppError::NotFound) => reader.nowhere(),
        Err(AppError::Conflict { .. }) => under_way(&reader, workitem),
        Err(error) => error_response(&error),
    }
}

/// `yes` or `no`; nothing is `no`.
fn with_coaching(text: &str) -> Result<bool, AppError> {
    match text {
        "" | "no" => Ok(false),
        "yes" => Ok(true),
        _ => {
            let detail = "no, yes".to_owned();
            Err(AppError::invalid(
                "coaching",
                Problem::Unreadable { detail },
            ))
        }
    }
}

/// What is said of a conversation that is read where its agent learns of it.
fn under_way(reader: &PageReader, workitem: &str) -> Response {
    let language = reader.language;
    let main = html! {
        main class="page" {
            div class="empty" {
                h1 class="empty__title" { (t!(language, exports.not_saved)) }
                p class="empty__line" { (t!(language, history.under_way)) }
                a class="button" href={ "/history/" (workitem) } { (t!(language, history.open)) }
            }
        }
    };
    let mut response = plain_page(language, t!(language, exports.not_saved), &main);
    *response.status_mut() = StatusCode::CONFLICT;
    response
}

fn transcript_body(desk: Desk, file: TranscriptFile, coaching: bool, format: Format) -> Body {
    let head = Bytes::from(format.head(&file.workitem, coaching));
    let foot = Bytes::from_static(format.foot().as_bytes());
    let state = (desk, file, 0);
    let entries = stream::try_unfold(state, move |(desk, mut file, mut number)| {
        async move {
            let entries = desk.transcript_export_next(&mut file).await;
            let entries = entries.map_err(broken)?;
            if entries.is_empty() {
                return Ok(None);
            }
            let mut text = String::new();
            for entry in entries {
                if let Some(entry) = shown(entry, coaching) {
                    // The conversation's own numbers would tell where coaching was left out.
                    number += 1;
                    text.push_str(&format.entry(number, entry));
                }
            }
            Ok::<_, Error>(Some((Bytes::from(text), (desk, file, number))))
        }
    });
    let pieces = stream::iter([Ok(head)]).chain(entries);
    Body::from_stream(pieces.chain(stream::iter([Ok(foot)])))
}

/// The entry, if it belongs into the file. Without coaching that is what the customer reads as well.
fn shown(entry: Entry, coaching: bool) -> Option<Entry> {
    let said = matches!(entry.body, EntryBody::Message { .. });
    (coaching || said).then_some(entry)
}

/// Ends an answer whose next piece cannot be read.
fn broken(error: AppError) -> Error {
    Error::other(format!("{error:?}"))
}

/// A file that is saved, whatever is in it.
fn attachment(name: &str, kind: &'static str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
}

/// A name that is safe in a header and on every disk.
fn file_name(what: &str, id: &str, ending: &str) -> String {
    let safe = |sign: &char| sign.is_ascii_alphanumeric() || *sign == '-';
    let id: String = id.chars().filter(safe).collect();
    format!("{what}-{id}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_name_of_a_file_leads_nowhere_and_ends_no_header() {
        for (id, name) in [
            ("019ab-c", "transcript-019ab-c.txt"),
            ("../../x\"\r\ny", "transcript-xy.txt"),
        ] {
            assert_eq!(file_name("transcript", id, "txt"), name);
        }
    }
}
