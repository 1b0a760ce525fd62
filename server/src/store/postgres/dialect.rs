//! What PostgreSQL calls otherwise than SQLite: a few words, put in where a text is first used. Functions that PostgreSQL lacks are
//! made by its first migration; what differs in more than a word has a text of its own ([`Sql::of`]).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::store::sql::statement::Sql;

/// What stands in a text, and what PostgreSQL reads there.
const WORDS: [(&str, &str); 4] = [
    // To SQLite it says in which order tables are read, too; PostgreSQL's planner decides by its statistics.
    ("CROSS JOIN", "JOIN"),
    ("json_array(", "jsonb_build_array("),
    ("json_object(", "jsonb_build_object("),
    // The last character that there is.
    ("char(1114111)", "chr(1114111)"),
];
/// Names an index to SQLite. PostgreSQL has no such hints.
const HINT: &str = " INDEXED BY ";

/// How a column is compared with a list that comes as an argument. PostgreSQL takes the subquery for a hundred rows, and reads all of a
/// table where it could look for the few that are named; an array it takes for ten.
const LIST: &str = " IN (SELECT value FROM json_each($";

/// The columns that name a row by which it is looked for. For others a subquery is better: PostgreSQL makes a table of it, and compares each
/// row with every member of an array.
const KEYS: [&str; 3] = ["id", "agent_id", "workitem_id"];

/// Where the text of a statement stands and how long it is: the texts are constants, and long.
type Address = (usize, usize);

/// The texts that were asked for.
static KNOWN: LazyLock<RwLock<HashMap<Address, Arc<str>>>> = LazyLock::new(RwLock::default);

/// The text of a statement for PostgreSQL.
pub(super) fn text(sql: Sql) -> Arc<str> {
    let place = (sql.postgres.as_ptr().addr(), sql.postgres.len());
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = known.get(&place) {
        return Arc::clone(text);
    }
    drop(known);
    let text: Arc<str> = translated(sql.postgres).into();
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(place).or_insert(text))
}

/// What PostgreSQL reads.
pub(super) fn translated(text: &str) -> String {
    let mut parts = text.split(HINT);
    let mut translated = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.find(|sign: char| !sign.is_alphanumeric() && sign != '_');
        translated.push_str(&part[name.unwrap_or(part.len())..]);
    }
    for (word, read) in WORDS {
        translated = translated.replace(word, read);
    }
    with_arrays(&translated)
}

fn with_arrays(text: &str) -> String {
    let mut parts = text.split(LIST);
    let mut read = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = part.split_at(digits);
        let column = read.rsplit(|sign: char| !sign.is_alphanumeric() && sign != '_');
        let is_key = column.take(1).all(|column| KEYS.contains(&column));
        match behind.strip_prefix("))").filter(|_| is_key) {
            Some(behind) => {
                read.push_str(&format!(
                    " = ANY (ARRAY(SELECT value FROM json_each(${number}))){behind}"
                ));
            }
            None => read.extend([LIST, part]),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::translated;

    #[test]
    fn words_of_sqlite_become_postgresqls() {
        for (text, read) in [
            (
                "SELECT e.at FROM entries e INDEXED BY entries_at JOIN users u ON u.id = e.by",
                "SELECT e.at FROM entries e JOIN users u ON u.id = e.by",
            ),
            (
                "SELECT 1 FROM jobs INDEXED BY jobs_due",
                "SELECT 1 FROM jobs",
            ),
            (
                "SELECT json_array(a, b) FROM t CROSS JOIN s ON s.id < t.id || char(1114111)",
                "SELECT jsonb_build_array(a, b) FROM t JOIN s ON s.id < t.id || chr(1114111)",
            ),
            (
                "SELECT 1 FROM t WHERE t.id IN (SELECT value FROM json_each($1)) AND (agent_id IN (SELECT value FROM json_each($12)))",
                "SELECT 1 FROM t WHERE t.id = ANY (ARRAY(SELECT value FROM json_each($1))) AND (agent_id = ANY (ARRAY(SELECT value FROM json_each($12))))",
            ),
            (
                "SELECT 1 FROM t WHERE t.id NOT IN (SELECT value FROM json_each($1)) AND (id || mark) IN (SELECT value FROM json_each($2))",
                "SELECT 1 FROM t WHERE t.id NOT IN (SELECT value FROM json_each($1)) AND (id || mark) IN (SELECT value FROM json_each($2))",
            ),
            (
                "SELECT 1 FROM t WHERE t.id IN (SELECT value FROM json_each($1) WHERE value > 'a')",
                "SELECT 1 FROM t WHERE t.id IN (SELECT value FROM json_each($1) WHERE value > 'a')",
            ),
            (
                "SELECT json_group_array(x) FROM json_each($1)",
                "SELECT json_group_array(x) FROM json_each($1)",
            ),
        ] {
            assert_eq!(translated(text), read);
        }
    }
}
