//! `POST /workitems/{workitem}/files`: an agent's message to a customer with a file. A form with `key`, `text` and `file`, which
//! the browser writes; a server function would hold the content as JSON. The content decides what a file is.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Extension, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, ID_MAX, UserId, WorkitemId};
use shared::text::MessageText;
use shared::transcript::Sent;

use super::concurrency_limits::{ConcurrencyLimits, Permit};
use super::errors::error_response;
use super::guards::{detached, drain};
use super::routes::Routes;
use super::send_rate::SendRates;
use super::{FILE_BODY_MAX, SignedIn};
use crate::checked_file::CheckedFile;
use crate::desk::Desk;

/// How the route is called in the audit log.
const ROUTE: &str = "workitems/files";
/// How many files of one user may be on their way at the same time: they are held whole.
const UPLOADS: u32 = 3;

/// What the route is called with.
#[derive(Clone)]
struct Files {
    desk: Desk,
    sends: Arc<SendRates>,
    uploads: ConcurrencyLimits<UserId>,
}

/// The route. `sends` counts the messages of each user.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk, sends: Arc<SendRates>) -> Routes<S> {
    let files = Files {
        desk,
        sends,
        uploads: ConcurrencyLimits::new(UPLOADS),
    };
    let admit = from_fn_with_state(files.clone(), admit);
    let methods = post(file_send)
        .layer(DefaultBodyLimit::max(FILE_BODY_MAX))
        .route_layer(admit);
    Routes::new()
        .route("/workitems/{workitem}/files", methods)
        .with_state(files)
}

/// Asks who sends a file before it is read; the transaction asks about the workitem.
async fn admit(
    State(files): State<Files>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    request: Request,
    next: Next,
) -> Response {
    match files.room(signed_in.as_ref()).await {
        Ok(_permit) => detached(request, next).await,
        Err(error) => {
            drain(request).await;
            error_response(&error)
        }
    }
}

impl Files {
    async fn room(&self, signed_in: Option<&SignedIn>) -> Result<Permit<UserId>, AppError> {
        let Some(SignedIn { actor, .. }) = signed_in else {
            self.desk.refused(None, "refused_signed_out", ROUTE).await;
            return Err(AppError::Unauthenticated);
        };
        self.desk.file_sender_admit(actor).await?;
        if let Err(error) = self.sends.texts.count(&actor.id, Instant::now()) {
            let refused = self.desk.refused(Some(&actor.id), "refused_rate", ROUTE);
            refused.await;
            return Err(error);
        }
        self.uploads.acquire(&actor.id)
    }
}

async fn file_send(
    State(files): State<Files>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    Path(workitem): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let sent = async {
        let SignedIn { actor, .. } = signed_in.ok_or(AppError::Unauthenticated)?;
        let workitem = WorkitemId::parse(workitem)?;
        let form = form.map_err(|refused| unreadable(refused.body_text()))?;
        let FileMessage { key, text, file } = FileMessage::read(form).await?;
        let content = (text, file);
        files.desk.file_send(&actor, workitem, key, content).await
    };
    match sent.await {
        Ok(sent) => Json::<Sent>(sent).into_response(),
        Err(error) => error_response(&error),
    }
}

/// What the form says, checked.
struct FileMessage {
    key: CommandKey,
    text: Option<MessageText>,
    file: CheckedFile,
}

impl FileMessage {
    async fn read(mut form: Multipart) -> Result<Self, AppError> {
        let (mut key, mut text, mut file) = (String::new(), String::new(), None);
        while let Some(field) = form.next_field().await.map_err(broken)? {
            match field.name() {
                Some("key") => key = field.text().await.map_err(broken)?,
                Some("text") => text = field.text().await.map_err(broken)?,
                Some("file") => {
                    // As browsers write a quotation mark there.
                    let name = field.file_name().unwrap_or_default().replace("%22", "\"");
                    file = Some((name, field.bytes().await.map_err(broken)?));
                }
                _ => {}
            }
        }
        let problem = Problem::KeyForm { max: ID_MAX as i64 };
        let key = CommandKey::parse(key).map_err(|_| AppError::invalid("key", problem))?;
        let text = (!text.is_empty()).then(|| MessageText::parse(&text));
        let (name, content) = file.ok_or_else(|| AppError::invalid("file", Problem::Missing))?;
        Ok(Self {
            key,
            text: text.transpose()?,
            file: CheckedFile::check(&name, &content)?,
        })
    }
}

fn broken(error: MultipartError) -> AppError {
    unreadable(error.body_text())
}

fn unreadable(detail: String) -> AppError {
    AppError::invalid("body", Problem::Unreadable { detail })
}
