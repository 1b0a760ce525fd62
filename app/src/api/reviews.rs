//! Flags for review: `backend::Reviews` over the wire.

use leptos::prelude::*;
use shared::ids::{CommandKey, WorkitemId};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::text::ReviewComment;

/// Flags a workitem over which the caller has authority for review.
#[server(protocol = Api)]
pub async fn review_flag(
    workitem: WorkitemId,
    key: CommandKey,
    comment: String,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let comment = ReviewComment::parse(&comment)?;
    Ok(backend
        .review_flag(&caller.actor, workitem, key, comment)
        .await?)
}

/// Marks the flag of this number as reviewed.
#[server(protocol = Api)]
pub async fn review_finish(
    workitem: WorkitemId,
    key: CommandKey,
    number: i64,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .review_finish(&caller.actor, workitem, key, number)
        .await?)
}
