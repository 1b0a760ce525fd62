//! One process has the database, or several that know of each other: each holds an advisory lock as long as its connection lives,
//! alone or shared.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgConnection;
use tokio::time::{Instant, sleep, timeout};

use super::address::{Address, OpenError, REACHED_WITHIN};

/// The lock's number: "sideline".
const LOCK: i64 = i64::from_be_bytes(*b"sideline");
/// The number of the lock of the node that migrates the schema: "migrates".
const MIGRATIONS: i64 = i64::from_be_bytes(*b"migrates");
/// How long the process before may take to end.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the lock is asked for, and whether it is still held.
const EVERY: Duration = Duration::from_millis(500);

/// Who else may have the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Nobody.
    Alone,
    /// Other nodes.
    Nodes,
}

impl Sharing {
    fn take(self) -> &'static str {
        match self {
            Self::Alone => "SELECT pg_try_advisory_lock($1) AS taken",
            Self::Nodes => "SELECT pg_try_advisory_lock_shared($1) AS taken",
        }
    }
}

/// Takes the lock.
pub(super) async fn take(
    connection: &mut PgConnection,
    address: &Address,
    sharing: Sharing,
) -> Result<(), OpenError> {
    let until = Instant::now() + PATIENCE;
    while !try_take(connection, sharing.take(), LOCK)
        .await
        .map_err(|error| address.error(&error))?
    {
        if Instant::now() >= until {
            let database = address.to_string();
            return Err(match sharing {
                Sharing::Alone => OpenError::InUse { database },
                Sharing::Nodes => OpenError::TakenAlone { database },
            });
        }
        sleep(EVERY).await;
    }
    Ok(())
}

async fn try_take(
    connection: &mut PgConnection,
    take: &'static str,
    lock: i64,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(take).bind(lock).fetch_one(connection).await?;
    row.try_get("taken")
}

/// Waits until no other node brings the schema up to date, and keeps others from it. Asked again and again: a session that waits inside of the server
/// would keep a migration from finishing that waits for all transactions before it.
pub(super) async fn take_migrations(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<(), OpenError> {
    let mut said = false;
    while !try_take(connection, Sharing::Alone.take(), MIGRATIONS)
        .await
        .map_err(|error| address.error(&error))?
    {
        if !said {
            tracing::warn!("store: another node brings the database up to date; waiting for it");
            said = true;
        }
        sleep(EVERY).await;
    }
    Ok(())
}

/// Lets others bring the schema up to date.
pub(super) async fn leave_migrations(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<(), OpenError> {
    let left = sqlx::query("SELECT pg_advisory_unlock($1)")
        .bind(MIGRATIONS)
        .execute(connection);
    left.await.map(drop).map_err(|error| address.error(&error))
}

/// Watches over the lock, for ever, and takes it again when the connection was lost. `held` says whether it is held.
pub(super) async fn watch(
    mut connection: PgConnection,
    address: Address,
    sharing: Sharing,
    held: Arc<AtomicBool>,
) {
    loop {
        sleep(EVERY).await;
        let asking = sqlx::raw_sql("SELECT 1").execute(&mut connection);
        let lost = match timeout(REACHED_WITHIN, asking).await {
            Ok(Ok(_)) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer".to_owned(),
        };
        held.store(false, Ordering::Relaxed);
        tracing::error!(lost, "store: the connection to PostgreSQL was lost");
        connection = taken_again(&address, sharing).await;
        held.store(true, Ordering::Relaxed);
        tracing::warn!("store: PostgreSQL can be reached again");
    }
}

async fn taken_again(address: &Address, sharing: Sharing) -> PgConnection {
    let mut said = String::new();
    loop {
        let taken = async {
            let mut connection = address.connect().await?;
            take(&mut connection, address, sharing).await?;
            Ok(connection)
        };
        let error: OpenError = match taken.await {
            Ok(connection) => return connection,
            Err(error) => error,
        };
        // Once for each reason.
        let reason = error.to_string();
        if reason != said {
            tracing::error!(reason, "store: nothing is stored until this is over");
            said = reason;
        }
        sleep(EVERY).await;
    }
}
