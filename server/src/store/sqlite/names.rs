//! What the migrations that began the keys and words of names fill in.

use shared::fold::folded;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::store::sql::names::words;

/// For each table with names: what reads them, and what sets the key of one.
const KEYS: [(&str, &str); 3] = [
    (
        "SELECT id, name FROM users",
        "UPDATE users SET name_key = ?2 WHERE id = ?1",
    ),
    (
        "SELECT id, name FROM teams",
        "UPDATE teams SET name_key = ?2 WHERE id = ?1",
    ),
    (
        "SELECT id, customer AS name FROM workitems",
        "UPDATE workitems SET customer_key = ?2 WHERE id = ?1",
    ),
];

/// Gives every name that is stored its key.
pub(super) async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for (read, set) in KEYS {
        let rows = sqlx::query(read).fetch_all(&mut *connection).await?;
        for row in rows {
            let (id, name): (String, String) = (row.try_get("id")?, row.try_get("name")?);
            sqlx::query(set)
                .bind(id)
                .bind(folded(&name))
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// Fills in the words of every customer's name that is stored. Of a customer who was erased there are none.
pub(super) async fn begin_words(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let rows =
        sqlx::query("SELECT id, customer, started_at FROM workitems WHERE erased_at IS NULL")
            .fetch_all(&mut *connection)
            .await?;
    for row in rows {
        let (id, name): (String, String) = (row.try_get("id")?, row.try_get("customer")?);
        let started_at: i64 = row.try_get("started_at")?;
        for word in words(&name) {
            sqlx::query(
                "INSERT INTO name_words (workitem_id, word, started_at) VALUES (?1, ?2, ?3)",
            )
            .bind(&id)
            .bind(word)
            .bind(started_at)
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}
