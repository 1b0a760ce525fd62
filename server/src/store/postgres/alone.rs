//! One process has the database: it holds an advisory lock as long as its connection lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgConnection;
use tokio::time::{Instant, sleep, timeout};

use super::open::{Address, OpenError, REACHED_WITHIN};

/// The lock's number: "sideline".
const LOCK: i64 = i64::from_be_bytes(*b"sideline");
/// How long the process before may take to end.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the lock is asked for, and whether it is still held.
const EVERY: Duration = Duration::from_millis(500);

/// Takes the lock.
pub(super) async fn take(
    connection: &mut PgConnection,
    address: &Address,
) -> Result<(), OpenError> {
    let until = Instant::now() + PATIENCE;
    while !try_take(connection)
        .await
        .map_err(|error| address.error(&error))?
    {
        if Instant::now() >= until {
            return Err(OpenError::InUse {
                database: address.to_string(),
            });
        }
        sleep(EVERY).await;
    }
    Ok(())
}

async fn try_take(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT pg_try_advisory_lock($1) AS taken")
        .bind(LOCK)
        .fetch_one(connection)
        .await?;
    row.try_get("taken")
}

/// Watches over the lock, for ever, and takes it again when the connection was lost. `held` says whether it is held.
pub(super) async fn watch(mut connection: PgConnection, address: Address, held: Arc<AtomicBool>) {
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
        connection = taken_again(&address).await;
        held.store(true, Ordering::Relaxed);
        tracing::warn!("store: PostgreSQL can be reached again");
    }
}

async fn taken_again(address: &Address) -> PgConnection {
    let mut said = String::new();
    loop {
        let taken = async {
            let mut connection = address.connect().await?;
            take(&mut connection, address).await?;
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
