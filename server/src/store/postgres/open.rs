//! Opening a database: its server's version, migrations, the epoch.

use sqlx::Row;
use sqlx::postgres::PgConnection;

use super::address::{Address, OLDEST, OpenError};
use super::alone::{self, Sharing};
use super::migrations::{self, newest};

/// How often migrations begin again that met commands of a node of the release before.
const MIGRATIONS_AGAIN: u32 = 10;

impl Address {
    /// A connection that has the database alone, which it brought up to date; and the versions before and after.
    pub(in crate::store) async fn connect_alone(
        &self,
    ) -> Result<(PgConnection, (i64, i64)), OpenError> {
        let mut connection = self.connect().await?;
        check_server(&mut connection, self).await?;
        alone::take(&mut connection, self, Sharing::Alone).await?;
        let versions = migrate(&mut connection, self).await?;
        Ok((connection, versions))
    }

    /// A connection to a database of this program's version, which others may use.
    pub(in crate::store) async fn connect_to_read(&self) -> Result<PgConnection, OpenError> {
        let mut connection = self.connect().await?;
        check_server(&mut connection, self).await?;
        let found = migrations::version(&mut connection).await;
        let found = found.map_err(|error| self.error(&error))?;
        let (database, known) = (self.to_string(), newest());
        match found {
            Some(found) if found == known => Ok(connection),
            Some(found) if found > known => Err(OpenError::Newer {
                database,
                found,
                known,
            }),
            Some(found) => Err(OpenError::Older {
                database,
                found,
                known,
            }),
            None => Err(OpenError::NotOurs { database }),
        }
    }
}

/// Refuses a server that is too old, and a database that cannot hold every text.
pub(super) async fn check_server(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<(), OpenError> {
    let row = sqlx::query(
        "SELECT current_setting('server_version_num')::INT AS number, current_setting('server_version') AS version,
            current_setting('server_encoding') AS encoding",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| address.error(&error))?;
    let database = address.to_string();
    if row.get::<i32, _>("number") < OLDEST * 10_000 {
        let found = row.get("version");
        return Err(OpenError::TooOld { database, found });
    }
    match row.get("encoding") {
        "UTF8" => Ok(()),
        found => Err(OpenError::Encoding {
            database,
            found: found.to_owned(),
        }),
    }
}

/// Brings the schema up to date. Answers the version found and the version that it has now.
pub(super) async fn migrate(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<(i64, i64), OpenError> {
    let known = newest();
    let found = migrations::version(connection).await;
    let found = found.map_err(|error| address.error(&error))?;
    let database = address.to_string();
    let found = found.ok_or_else(|| OpenError::NotOurs {
        database: database.clone(),
    })?;
    if found > known {
        return Err(OpenError::Newer {
            database,
            found,
            known,
        });
    }
    let applied = async {
        // A migration may take its time.
        sqlx::raw_sql("SET statement_timeout = 0")
            .execute(&mut *connection)
            .await?;
        let mut left = MIGRATIONS_AGAIN;
        loop {
            match migrations::apply(&mut *connection).await {
                Err(error) if left > 0 && migrations::met_others(&error) => {
                    left -= 1;
                    tracing::warn!(
                        "store: a migration and a command of another node waited for each other; it begins again"
                    );
                }
                outcome => break outcome,
            }
        }
    };
    applied.await.map_err(|error| OpenError::Database {
        database,
        reason: error.to_string(),
    })?;
    Ok((found, known))
}

/// The store's epoch; random, made at the first opening.
pub(super) async fn epoch(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<String, OpenError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| OpenError::Database {
        database: address.to_string(),
        reason: format!("the system gives no random numbers ({error})"),
    })?;
    let stored = async {
        sqlx::query("INSERT INTO store (one, epoch) VALUES (1, $1) ON CONFLICT (one) DO NOTHING")
            .bind(hex::encode(bytes))
            .execute(&mut *connection)
            .await?;
        sqlx::query("SELECT epoch FROM store")
            .fetch_one(&mut *connection)
            .await?
            .try_get("epoch")
    };
    stored.await.map_err(|error| address.error(&error))
}
