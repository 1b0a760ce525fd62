//! Flags for review among the work that is over: one that waits, and one that was reviewed.

use shared::error::AppError;
use shared::ids::{CommandKey, UserId, WorkitemId};
use shared::text::ReviewComment;
use shared::time::Timestamp;

use crate::commands::{ReviewFinish, ReviewFlag};
use crate::desk::{Desk, to_app_error};

/// A supervisor flags a workitem; with somebody who reviews it, a quarter of an hour later that is done.
pub(super) async fn flag(
    desk: &Desk,
    (workitem, by): (&WorkitemId, &UserId),
    comment: &str,
    at: Timestamp,
    reviewer: Option<&UserId>,
) -> Result<(), AppError> {
    let key = |step: &str| CommandKey::parse(format!("demo-review-{step}-{workitem}"));
    let flag = ReviewFlag {
        workitem: workitem.clone(),
        comment: ReviewComment::parse(comment)?,
        by: by.clone(),
        at,
        key: key("flag")?,
    };
    desk.publish(desk.store().execute(flag).await.map_err(to_app_error)?);
    if let Some(reviewer) = reviewer {
        let finish = ReviewFinish {
            workitem: workitem.clone(),
            number: 1,
            by: reviewer.clone(),
            at: Timestamp(at.0 + 15 * 60 * 1_000_000),
            key: key("finish")?,
        };
        desk.publish(desk.store().execute(finish).await.map_err(to_app_error)?);
    }
    Ok(())
}
