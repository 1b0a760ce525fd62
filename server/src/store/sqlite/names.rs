//! Names in the database: the keys by which they are compared, and how two people of one name are told apart.

use shared::fold::folded;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

/// The name of a user as staff read it, from the alias of the table: with the username behind it, where somebody else has
/// the same name. Customers read the name alone.
macro_rules! shown_name {
    ($user:literal) => {
        concat!(
            "CASE WHEN EXISTS (SELECT 1 FROM users namesake WHERE namesake.name_key = ",
            $user,
            ".name_key AND namesake.id <> ",
            $user,
            ".id AND namesake.active = 1) THEN ",
            $user,
            ".name || ' (' || ",
            $user,
            ".username || ')' ELSE ",
            $user,
            ".name END"
        )
    };
}
pub(super) use shown_name;

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
