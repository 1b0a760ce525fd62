//! Reading columns: from what a database holds to the types of `shared`.
//!
//! A value that its type does not accept is damage and is reported as such; it never becomes a default. What a later release may have
//! written is read by [`known_code`], [`known_json`] and [`codes`]: it is left out, so that the rows beside it stay readable, and stays as it is.

use serde::de::{DeserializeOwned, IgnoredAny};
use shared::ids::{TeamId, UserId};
use shared::people::{PersonRef, Presence};
use shared::text::{CoachingText, MessageText};
use shared::time::Timestamp;

use super::statement::{Connection, Row, Sql, Value, sql};
use crate::store::{StoreError, Stored};

/// At most `limit` rows in front of a time and an id (`$1` to `$3`): by one statement those of a team (`$4`), by the other all.
pub(super) fn before(
    connection: &Connection,
    (of_team, of_all): (Sql, Sql),
    team: Option<&TeamId>,
    (at, id): (Timestamp, &str),
    limit: i64,
) -> Stored<Vec<Row>> {
    let statement = sql(if team.is_some() { of_team } else { of_all });
    let statement = statement.bind(at.0).bind(id).bind(limit);
    let statement = match team {
        Some(team) => statement.bind(team.as_str()),
        None => statement,
    };
    statement.fetch_all(connection)
}

/// A column holds what its type does not accept.
pub(super) fn damaged(column: &str) -> StoreError {
    StoreError::Storage(format!("column {column} holds a value that nothing wrote"))
}

/// A text.
pub(in crate::store) fn text(row: &Row, column: &str) -> Stored<String> {
    text_maybe(row, column)?.ok_or_else(|| damaged(column))
}

/// A text or nothing.
pub(super) fn text_maybe(row: &Row, column: &str) -> Stored<Option<String>> {
    match row.value(column) {
        Some(Value::Text(text)) => Ok(Some(text.clone())),
        Some(Value::Null) => Ok(None),
        _ => Err(damaged(column)),
    }
}

/// Bytes.
pub(super) fn blob(row: &Row, column: &str) -> Stored<Vec<u8>> {
    match row.value(column) {
        Some(Value::Blob(bytes)) => Ok(bytes.clone()),
        _ => Err(damaged(column)),
    }
}

/// A whole number.
pub(in crate::store) fn int(row: &Row, column: &str) -> Stored<i64> {
    int_maybe(row, column)?.ok_or_else(|| damaged(column))
}

/// A whole number or nothing.
pub(super) fn int_maybe(row: &Row, column: &str) -> Stored<Option<i64>> {
    match row.value(column) {
        Some(Value::Integer(number)) => Ok(Some(*number)),
        Some(Value::Null) => Ok(None),
        _ => Err(damaged(column)),
    }
}

/// 0 or 1.
pub(super) fn flag(row: &Row, column: &str) -> Stored<bool> {
    Ok(int(row, column)? != 0)
}

/// A time.
pub(super) fn at(row: &Row, column: &str) -> Stored<Timestamp> {
    Ok(Timestamp(int(row, column)?))
}

/// A time or nothing.
pub(super) fn at_maybe(row: &Row, column: &str) -> Stored<Option<Timestamp>> {
    Ok(int_maybe(row, column)?.map(Timestamp))
}

/// An id.
pub(super) fn id<T: TryFrom<String>>(row: &Row, column: &str) -> Stored<T> {
    T::try_from(text(row, column)?).map_err(|_| damaged(column))
}

/// What was said in a conversation that the customer sees.
pub(super) fn message(row: &Row, column: &str) -> Stored<MessageText> {
    MessageText::try_from(text(row, column)?).map_err(|_| damaged(column))
}

/// What a supervisor said to an agent.
pub(super) fn coaching(row: &Row, column: &str) -> Stored<CoachingText> {
    CoachingText::try_from(text(row, column)?).map_err(|_| damaged(column))
}

/// An id or nothing.
pub(super) fn id_maybe<T: TryFrom<String>>(row: &Row, column: &str) -> Stored<Option<T>> {
    text_maybe(row, column)?
        .map(T::try_from)
        .transpose()
        .map_err(|_| damaged(column))
}

/// A word of one of the closed lists in `shared`.
pub(super) fn code<T>(row: &Row, column: &str, from_code: fn(&str) -> Option<T>) -> Stored<T> {
    from_code(&text(row, column)?).ok_or_else(|| damaged(column))
}

/// A word of a list that a later release may have made longer; nothing where this one does not know it.
pub(super) fn known_code<T>(
    row: &Row,
    column: &str,
    from_code: fn(&str) -> Option<T>,
) -> Stored<Option<T>> {
    Ok(from_code(&text(row, column)?))
}

/// A presence. Who is where only a later release knows takes no work of this one.
pub(super) fn presence(row: &Row) -> Stored<Presence> {
    let known = known_code(row, "presence", Presence::from_code)?;
    Ok(known.unwrap_or(Presence::Away))
}

/// A JSON text.
pub(super) fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Stored<T> {
    Ok(serde_json::from_str(&text(row, column)?)?)
}

/// A JSON text; nothing where it holds what only a later release knows. What is no JSON is damage.
pub(super) fn known_json<T: DeserializeOwned>(row: &Row, column: &str) -> Stored<Option<T>> {
    let text = text(row, column)?;
    if let Ok(value) = serde_json::from_str(&text) {
        return Ok(Some(value));
    }
    serde_json::from_str::<IgnoredAny>(&text)?;
    Ok(None)
}

/// A list of codes as a JSON text, without those that only a later release knows.
pub(super) fn codes<T>(
    row: &Row,
    column: &str,
    from_code: fn(&str) -> Option<T>,
) -> Stored<Vec<T>> {
    let words = json::<Vec<String>>(row, column)?;
    Ok(words.iter().filter_map(|word| from_code(word)).collect())
}

/// A person from the columns `id` and `name`.
pub(super) fn person(row: &Row) -> Stored<PersonRef> {
    Ok(PersonRef {
        id: id(row, "id")?,
        name: text(row, "name")?,
    })
}

/// Ids as one JSON argument, for `IN (SELECT value FROM json_each($1))`.
pub(super) fn ids_argument(ids: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    serde_json::Value::from(words).to_string()
}

/// The two of a conversation as arguments, in the order in which it is stored.
pub(super) fn pair<'a>(one: &'a UserId, other: &'a UserId) -> (&'a str, &'a str) {
    let (one, other) = (one.as_str(), other.as_str());
    (one.min(other), one.max(other))
}
