//! Whether the store works: asked by whoever supervises the process.

use super::SqliteStore;
use super::statement::sql;
use crate::store::Stored;

const WRITE: &str = "UPDATE probe SET count = count + 1";
const READ: &str = "SELECT count FROM probe";

/// See the trait.
pub(super) async fn probe(store: &SqliteStore) -> Stored<()> {
    store
        .write(|connection| {
            sql(WRITE).execute(connection)?;
            Ok(())
        })
        .await?;
    store.look(|connection| {
        sql(READ).fetch_one(connection)?;
        Ok(())
    })
}
