//! A request for assistance that waits, longer than the target time of its template. For people alone: tests begin without
//! one.

use shared::error::AppError;
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, TemplateId, WorkitemId};
use shared::time::Timestamp;

use super::person;
use crate::commands::RequestCreate;
use crate::desk::{Desk, to_app_error};

/// The template with a target time, in minutes.
pub(super) const TIMED: (&str, i64) = ("template-2", 10);
/// From which story the agent asks, since how many minutes.
const ASKED: (&str, i64) = ("wi-amy-1", 14);

/// Amy asks her supervisors.
pub(super) async fn raise(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let (workitem, minutes) = ASKED;
    let mut recipients = Vec::new();
    for supervisor in ["sam", "sue"] {
        let message = DirectoryMessageId::parse(desk.ids().next())?;
        recipients.push((person(supervisor)?, message));
    }
    let command = RequestCreate {
        request: RequestId::parse("request-1")?,
        agent: person("amy")?,
        template: TemplateId::parse(TIMED.0)?,
        choice: "all_signed_in",
        named: None,
        recipients,
        workitem: Some(WorkitemId::parse(workitem)?),
        text: None,
        at: Timestamp(now.0 - minutes * 60_000_000),
        key: CommandKey::parse("demo-request-1")?,
    };
    let written = desk.store().execute(command).await;
    desk.publish(written.map_err(to_app_error)?);
    Ok(())
}
