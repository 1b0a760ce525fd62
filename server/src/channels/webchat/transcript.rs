//! The conversation as a text that the customer keeps: what the customer was shown, and nothing else.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use i18n::{Language, t};
use shared::customer::{CustomerBody, CustomerFrame};
use shared::error::AppError;
use shared::files::FileRef;
use shared::text::MessageText;
use shared::time::Timestamp;

use super::Chat;
use super::answers::{error_json, language_of};
use super::visits::BATCH;

/// `GET /chat/{key}/transcript`: the visitor's latest conversation.
pub(super) async fn transcript(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = language_of(&headers);
    let written = async {
        let (channel, _, visit) = chat.own_visit(&key, &headers).await?;
        let mut text = [channel.name.as_str(), "\n\n"].concat();
        let mut last = 0;
        loop {
            let frames = visit.frames(&chat.desk, last).await?;
            for frame in &frames {
                text += &line(language, frame);
                last = frame.seq;
            }
            if i64::try_from(frames.len()).is_ok_and(|count| count < BATCH) {
                break;
            }
        }
        Ok::<_, AppError>((day(visit.0.began), text))
    };
    match written.await {
        Ok((day, text)) => {
            let headers = [
                (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
                (
                    CONTENT_DISPOSITION,
                    format!("attachment; filename=\"chat-{day}.txt\""),
                ),
            ];
            (headers, text).into_response()
        }
        Err(error) => error_json(language, &error),
    }
}

/// What begins a further line of a message.
const INDENTED: &str = "\n    ";

fn day(at: Timestamp) -> String {
    at.rfc3339().get(..10).unwrap_or_default().to_owned()
}

/// One line of the conversation; further lines of its text are indented, so that nobody can write one that looks like
/// another's.
fn line(language: Language, frame: &CustomerFrame) -> String {
    let at = frame.at.rfc3339();
    let minute = at.get(..16).unwrap_or_default().replace('T', " ");
    let said = match &frame.body {
        CustomerBody::Mine { text, files, .. } => [
            t!(language, chat.you),
            " ",
            &words_and_files(language, text, files),
        ]
        .concat(),
        CustomerBody::Theirs { name, text, files } => {
            [name, ": ", &words_and_files(language, text, files)].concat()
        }
        CustomerBody::Ended { .. } => t!(language, chat.ended).to_owned(),
        CustomerBody::Resumed => t!(language, chat.resumed).to_owned(),
    };
    format!("{minute} UTC  {said}\n")
}

/// The words of a message, and a line for each file.
fn words_and_files(language: Language, text: &Option<MessageText>, files: &[FileRef]) -> String {
    let text = text.as_ref();
    let text = text.map(|text| text.as_str().replace('\n', INDENTED));
    let files = files.iter().map(|file| {
        let size = t!(language, chat.file_size, size = file.kilobytes());
        format!("[{}, {}, {size}]", file.name, file.kind_name())
    });
    let said: Vec<String> = text.into_iter().chain(files).collect();
    said.join(INDENTED)
}
