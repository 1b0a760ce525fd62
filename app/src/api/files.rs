//! A message with a file, which no server function carries: its content would stand in JSON.

use shared::error::AppError;
use shared::ids::{CommandKey, WorkitemId};
use shared::transcript::Sent;
use web_sys::{File, FormData};

use super::ApiError;
use super::client::form_send;

/// Answers the customer with a file, and words if there are any. Only ever run in the browser.
pub async fn file_send(
    workitem: &WorkitemId,
    key: &CommandKey,
    text: &str,
    file: &File,
) -> Result<Sent, ApiError> {
    let path = ["/workitems/", workitem.as_str(), "/files"].concat();
    let form = FormData::new().and_then(|form| {
        form.append_with_str("key", key.as_str())?;
        form.append_with_str("text", text)?;
        form.append_with_blob("file", file)?;
        Ok(form)
    });
    form_send(&path, form.map_err(|_| AppError::Unavailable)?).await
}
