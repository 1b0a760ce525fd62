//! Several statements that only read as one: one way to the server and back, and one state of the data without a transaction.
//!
//! Each becomes a list of JSON in a column of its own. So none of them may have a column of bytes.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use serde_json::{Map, Value as Json};
use sqlx::postgres::{PgArguments, PgRow};

use super::dialect;
use super::session::{bound, value};
use crate::store::sql::statement::{Row, Statement, Value};
use crate::store::{StoreError, Stored};

/// Where the text of a statement stands, how long it is, and how many arguments there are.
type Part = (usize, usize, usize);

/// The texts that were put together so far: there are as many as there are kinds of questions.
static KNOWN: LazyLock<RwLock<HashMap<Vec<Part>, Arc<str>>>> = LazyLock::new(RwLock::default);

/// Their text and their arguments.
pub(super) fn joined(statements: &[Statement<'_>]) -> Stored<(Arc<str>, PgArguments)> {
    let arguments = statements.iter().flat_map(|one| &one.arguments);
    Ok((text(statements), bound(arguments)?))
}

fn text(statements: &[Statement<'_>]) -> Arc<str> {
    let part = |one: &Statement<'_>| {
        let text = one.sql.postgres;
        (text.as_ptr().addr(), text.len(), one.arguments.len())
    };
    let parts: Vec<Part> = statements.iter().map(part).collect();
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = known.get(&parts) {
        return Arc::clone(text);
    }
    drop(known);
    let (mut columns, mut before) = (Vec::new(), 0);
    for one in statements {
        let text = renumbered(&dialect::text(one.sql), before);
        columns.push(format!("(SELECT json_agg(q)::TEXT FROM ({text}) q)"));
        before += one.arguments.len();
    }
    let text: Arc<str> = format!("SELECT {}", columns.join(", ")).into();
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(parts).or_insert(text))
}

/// The text with the numbers of its arguments behind those of others.
fn renumbered(text: &str, before: usize) -> String {
    let mut parts = text.split('$');
    let mut renumbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        renumbered.push('$');
        match number.parse::<usize>() {
            Ok(number) => renumbered.push_str(&(number + before).to_string()),
            // A path in a document.
            Err(_) => renumbered.push_str(number),
        }
        renumbered.push_str(rest);
    }
    renumbered
}

/// The rows of each of so many statements.
pub(super) fn taken_apart(row: &PgRow, statements: usize) -> Stored<Vec<Vec<Row>>> {
    let lists = (0..statements).map(|place| match value(row, place)? {
        Value::Text(list) => rows(&list),
        // Nothing was found.
        _ => Ok(Vec::new()),
    });
    lists.collect()
}

fn rows(list: &str) -> Stored<Vec<Row>> {
    let list: Vec<Map<String, Json>> = serde_json::from_str(list)?;
    let Some(first) = list.first() else {
        return Ok(Vec::new());
    };
    let columns: Rc<[String]> = first.keys().cloned().collect();
    let rows = list.into_iter().map(|row| {
        let values = row.into_iter().map(|(_, cell)| read(cell));
        let values: Stored<Vec<Value>> = values.collect();
        Ok(Row::new(Rc::clone(&columns), values?))
    });
    rows.collect()
}

/// What a column holds, as it is read of a statement that runs alone.
fn read(cell: Json) -> Stored<Value> {
    Ok(match cell {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Integer(i64::from(truth)),
        Json::Number(number) => {
            let whole = number.as_i64();
            let odd = || StoreError::Storage(format!("{number} is no whole number"));
            Value::Integer(whole.ok_or_else(odd)?)
        }
        Json::String(text) => Value::Text(text),
        document @ (Json::Array(_) | Json::Object(_)) => Value::Text(document.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::statement::sql;

    #[test]
    fn arguments_go_on_counting_and_paths_stay() {
        let text = "SELECT json_extract(value, '$[0]') FROM json_each($1) WHERE a = $12 OR b = $1";
        let behind =
            "SELECT json_extract(value, '$[0]') FROM json_each($4) WHERE a = $15 OR b = $4";
        assert_eq!(renumbered(text, 3), behind);
        assert_eq!(renumbered(text, 0), text);
    }

    #[test]
    fn statements_are_put_together_once() {
        let one = || vec![sql("SELECT $1 AS a").bind("x"), sql("SELECT 1 AS b")];
        let (text, _) = joined(&one()).unwrap();
        assert_eq!(
            *text,
            *"SELECT (SELECT json_agg(q)::TEXT FROM (SELECT $1 AS a) q), (SELECT json_agg(q)::TEXT FROM (SELECT 1 AS b) q)"
        );
    }

    #[test]
    fn a_cell_is_what_it_is_alone() {
        let list = r#"[{"a":null,"b":7,"c":true,"d":"7","e":["x",1]}, {"a":1,"b":-9007199254740993,"c":false,"d":"","e":{}}]"#;
        let rows = rows(list).unwrap();
        let cells = |row: &Row| format!("{row:?}");
        assert_eq!(rows.len(), 2);
        assert!(
            cells(&rows[0])
                .ends_with(r#"[Null, Integer(7), Integer(1), Text("7"), Text("[\"x\",1]")] }"#)
        );
        assert!(cells(&rows[1]).ends_with(
            r#"[Integer(1), Integer(-9007199254740993), Integer(0), Text(""), Text("{}")] }"#
        ));
        assert!(super::rows(r#"[{"a":1.5}]"#).is_err());
    }
}
