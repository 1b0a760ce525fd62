//! Lists in pieces: a piece, and where the next one begins. A cursor is opaque to its holder.

use serde::Serialize;
use shared::error::{AppError, Problem as Reason};
use shared::time::Timestamp;
use utoipa::ToSchema;

use super::input::Query;
use crate::desk::api::Before;
use crate::http::problem::Problem;

/// How many rows a piece has if nobody says, and at most.
const USUAL: i64 = 50;
const MOST: i64 = 100;

/// A piece of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T: ToSchema> {
    /// The rows.
    items: Vec<T>,
    /// For `cursor`, to read on; `null` at the end of the list.
    next: Option<String>,
}

impl<T: ToSchema> Page<T> {
    /// A piece of a list of which one row more than `limit` was read, if there is one. `place` is where a row stands.
    pub(super) fn of<R>(
        mut rows: Vec<R>,
        limit: i64,
        place: impl Fn(&R) -> String,
        shown: impl Fn(R) -> T,
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(place);
        Self {
            items: rows.into_iter().map(shown).collect(),
            next,
        }
    }

    /// A piece with what is known about the next one.
    pub(super) fn with_next(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }

    /// A piece of a list that is short enough to be read whole: what stands behind the row that the cursor names. When that
    /// row is gone meanwhile, the reader has to begin again.
    pub(super) fn within<R>(
        rows: Vec<R>,
        query: &Query,
        id: impl Fn(&R) -> String,
        shown: impl Fn(R) -> T,
    ) -> Result<Self, Problem> {
        let limit = limit_of(query)?;
        let behind: Vec<R> = match query.value("cursor") {
            None => rows,
            Some(cursor) => {
                let mut rows = rows.into_iter();
                if !rows.any(|row| id(&row) == cursor) {
                    return Err(unreadable("cursor", cursor));
                }
                rows.collect()
            }
        };
        Ok(Self::of(behind, limit, id, shown))
    }
}

/// How many rows are asked for.
pub(super) fn limit_of(query: &Query) -> Result<i64, Problem> {
    let Some(text) = query.value("limit") else {
        return Ok(USUAL);
    };
    let wrong = |reason| Problem::of(&AppError::invalid("limit", reason));
    let limit: i64 = text.parse().map_err(|_| wrong(Reason::NotANumber))?;
    if !(1..=MOST).contains(&limit) {
        let (min, max, actual) = (1, MOST, limit);
        return Err(wrong(Reason::OutOfRange { min, max, actual }));
    }
    Ok(limit)
}

/// From which place on a list is read that goes back in time.
pub(super) fn before_of(query: &Query) -> Result<Before, Problem> {
    let Some(text) = query.value("cursor") else {
        return Ok(Before::NOW);
    };
    let parsed = text.split_once('.').and_then(|(at, id)| {
        let at = Timestamp(at.parse().ok()?);
        Some(Before(at, id.to_owned()))
    });
    parsed.ok_or_else(|| unreadable("cursor", text))
}

/// The place of a row of such a list.
pub(super) fn place(at: Timestamp, id: &str) -> String {
    format!("{}.{id}", at.0)
}

/// From which number on a conversation is read.
pub(super) fn after_of(query: &Query) -> Result<i64, Problem> {
    let Some(text) = query.value("cursor") else {
        return Ok(0);
    };
    let number = text.parse().ok().filter(|number| *number >= 0);
    number.ok_or_else(|| unreadable("cursor", text))
}

fn unreadable(field: &str, text: &str) -> Problem {
    let detail = text.chars().take(40).collect();
    Problem::of(&AppError::invalid(field, Reason::Unreadable { detail }))
}
