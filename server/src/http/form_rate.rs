//! The pace of forms of the host's own pages, which count as what the app changes by its functions.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::SignedIn;
use super::errors::error_response;
use super::send_rate::SendRates;
use crate::desk::Desk;

/// Refuses a form of somebody who sends too many.
pub async fn at_pace(
    State((desk, sends)): State<(Desk, Arc<SendRates>)>,
    request: Request,
    next: Next,
) -> Response {
    let signed_in = request.extensions().get::<Option<SignedIn>>().cloned();
    if let Some(SignedIn { actor, .. }) = signed_in.flatten()
        && *request.method() == Method::POST
        && let Err(error) = sends.commands.count(&actor.id, Instant::now())
    {
        let path = request.extensions().get::<MatchedPath>();
        let path = path.map(|path| path.as_str().to_owned());
        desk.refused(Some(&actor.id), "refused_rate", &path.unwrap_or_default())
            .await;
        return error_response(&error);
    }
    next.run(request).await
}
