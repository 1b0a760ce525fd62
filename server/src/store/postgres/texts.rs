//! PostgreSQL understands the texts of the row operations: those that stand in one literal, found in their sources, whether a test runs
//! them or not. (What macros put together, the store contract runs.) It reads sources, because a list beside them would be as long and
//! could lack the very one that nothing runs.

use std::fs;
use std::path::Path;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use super::PostgresStore;
use super::address::Address;
use super::dialect::translated;

/// The literals of a source that are whole statements: behind `=`, `[` or `,` and in front of `;`, `]` or `,`.
fn statements(source: &str) -> Vec<String> {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    // The sign itself begins no literal.
    let source = code.collect::<Vec<_>>().join("\n").replace("'\"'", "''");
    let mut found = Vec::new();
    let mut rest = source.as_str();
    while let Some(begin) = rest.find('"') {
        let before = rest[..begin].trim_end();
        let text = &rest[begin + 1..];
        let mut escaped = false;
        let end = text.find(|sign: char| {
            let ends = sign == '"' && !escaped;
            escaped = sign == '\\' && !escaped;
            ends
        });
        let Some(end) = end else { break };
        let (literal, behind) = (&text[..end], &text[end + 1..]);
        let first = literal.split_whitespace().next().unwrap_or_default();
        let whole = before.ends_with(['=', '[', ',']);
        let ends = behind.trim_start().starts_with([';', ']', ',']);
        if matches!(first, "SELECT" | "INSERT" | "UPDATE" | "DELETE") && whole && ends {
            // Parts of a macro's text begin like a statement and end in the middle of one.
            let part = literal.trim_end().ends_with([',', '(']) || literal.ends_with(' ');
            if !part {
                found.push(literal.replace("\\\"", "\"").replace("\\\\", "\\"));
            }
        }
        rest = behind;
    }
    found
}

/// A database that a test has for itself.
pub(super) struct Fresh {
    name: String,
    beside: PgConnection,
    /// A connection to it.
    pub(super) connection: PgConnection,
}

impl Fresh {
    /// One with every table, and nothing in them.
    pub(super) async fn new(purpose: &str) -> Self {
        let server = std::env::var("SIDELINE_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let server: Address = server.parse().unwrap();
        let mut beside = server.connect().await.expect("a PostgreSQL to test with");
        let name = format!("sideline_test_{}_{purpose}", std::process::id());
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut beside).await.unwrap();
        let address = server.of_database(&name);
        PostgresStore::migrate(&address).await.unwrap();
        let connection = address.connect().await.unwrap();
        Self {
            name,
            beside,
            connection,
        }
    }

    /// Removes it.
    pub(super) async fn remove(mut self) {
        drop(self.connection);
        let name = self.name;
        let gone = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
        sqlx::raw_sql(gone).execute(&mut self.beside).await.unwrap();
    }
}

#[tokio::test]
async fn postgresql_understands_every_statement_that_is_one_literal() {
    let mut database = Fresh::new("texts").await;
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sql");
    let (mut count, mut refused) = (0, Vec::new());
    for file in fs::read_dir(sources).unwrap() {
        let file = file.unwrap().path();
        for text in statements(&fs::read_to_string(&file).unwrap()) {
            count += 1;
            let prepared = database
                .connection
                .prepare(AssertSqlSafe(translated(&text)).into_sql_str())
                .await;
            if let Err(error) = prepared {
                let code = error.as_database_error().and_then(|error| error.code());
                // The program says of each argument what it is; here nobody does.
                if !matches!(code.as_deref(), Some("42P08" | "42P18")) {
                    refused.push(format!("{}: {error}: {text}", file.display()));
                }
            }
        }
    }
    database.remove().await;
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(count > 300, "{count}");
}
