//! How an [`AppError`] travels through a server function.

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use shared::error::{AppError, Problem};

use crate::json::JsonText;
use crate::language::error_text;

/// An [`AppError`] in the shape that server functions ask for. `From` goes both ways; views use the inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub AppError);

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        error.0
    }
}

/// In the language of the page.
impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&error_text(&self.0))
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self(match error {
            ServerFnErrorErr::Args(detail) | ServerFnErrorErr::MissingArg(detail) => {
                AppError::invalid("body", Problem::Unreadable { detail })
            }
            // On the host this is a body that is not what is expected (`json::located`); in the browser an answer of a proxy,
            // or of another release, that is not ours.
            #[cfg(feature = "ssr")]
            ServerFnErrorErr::Deserialization(detail) => crate::json::unread(&detail),
            _ => AppError::Unavailable,
        })
    }
}
