//! Bringing a database's schema up to date, by sqlx's migrator.
//!
//! The first one makes the schema that SQLite has after its migration of the same number; from there on both have a migration
//! for each number. The migrator's own lock is off: the one who migrates has the database alone (`alone`).

use std::sync::LazyLock;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Row, SqlSafeStr};

use super::session::Trouble;

macro_rules! migrations {
    ($($version:literal $name:literal),+ $(,)?) => {
        &[$(($version, $name, include_str!(concat!("../../../../migrations/postgres/", $name, ".sql")))),+]
    };
}

/// Every migration in order: its version, its name, its script. One that was released never changes: databases know its
/// checksum.
const MIGRATIONS: &[(i64, &str, &str)] = migrations![
    45 "0045_initial",
    46 "0046_alerts",
    47 "0047_views",
    48 "0048_announced",
    49 "0049_custom_roles",
    50 "0050_escalation",
    51 "0051_nodes",
    52 "0052_fewer_conflicts",
    53 "0053_ratings",
    54 "0054_reviews",
    55 "0055_reaction_by",
    56 "0056_push",
    57 "0057_request_templates",
    58 "0058_contacts",
    59 "0059_job_pauses",
    60 "0060_undelivered",
    61 "0061_handle_time",
    62 "0062_single_sign_on",
    63 "0063_provisioned_users",
    64 "0064_rights",
    65 "0065_days_and_lists",
    66 "0066_lists_deleted",
    67 "0067_looks",
    68 "0068_notified_work",
];

static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = MIGRATIONS.iter().map(|&(version, name, script)| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, script.into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.set_locking(false);
    migrator
});

/// The version that this program uses.
pub(super) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// The version of a database: 0 for one without any table, nothing for one that is another program's.
pub(super) async fn version(connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    let tables = sqlx::query(
        "SELECT COUNT(*) AS tables, COUNT(*) FILTER (WHERE tablename IN ('_sqlx_migrations', 'customer_views')) AS ours
         FROM pg_tables WHERE schemaname = current_schema()",
    )
    .fetch_one(&mut *connection)
    .await?;
    match (tables.get::<i64, _>("tables"), tables.get::<i64, _>("ours")) {
        (0, _) => Ok(Some(0)),
        (_, 2) => sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM _sqlx_migrations")
            .fetch_one(&mut *connection)
            .await
            .map(|row| Some(row.get("version"))),
        _ => Ok(None),
    }
}

/// Runs the migrations that a database lacks: all of them, or none.
pub(super) async fn apply(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    MIGRATOR.run(&mut *transaction).await?;
    transaction.commit().await
}

/// Whether migrations that failed met a transaction of somebody else, such as a command of a node of the release before: both wait for
/// locks of the other one, and PostgreSQL gives up one of them.
pub(super) fn met_others(error: &sqlx::Error) -> bool {
    let met = |error: &sqlx::Error| matches!(Trouble::from(error), Trouble::Conflict);
    let sqlx::Error::Migrate(failed) = error else {
        return met(error);
    };
    match &**failed {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => met(error),
        _ => false,
    }
}
