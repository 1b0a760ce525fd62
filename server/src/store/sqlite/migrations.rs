//! Bringing a database's schema up to date, by sqlx's migrator.
//!
//! The first releases had a runner of their own, with one number for each migration in `schema_version`. Their databases
//! go on: what that table names counts as applied. It is kept in step, because a release that reads only this table must
//! refuse a database that is newer than itself.
//!
//! The list stands here instead of in `sqlx::migrate!`, because that macro would compile SQLite a second time, for the
//! compiler's own use.

use std::sync::LazyLock;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Row, SqlSafeStr};

use super::{audit_chain, history, names};

macro_rules! migrations {
    ($($version:literal $name:literal),+ $(,)?) => {
        &[$(($version, $name, include_str!(concat!("../../../../migrations/sqlite/", $name, ".sql")))),+]
    };
}

/// Every migration in order: its version, its name, its script. One that was released never changes: databases know its
/// checksum.
const MIGRATIONS: &[(i64, &str, &str)] = migrations![
    1 "0001_initial",
    2 "0002_organisation",
    3 "0003_requests",
    4 "0004_work",
    5 "0005_rights",
    6 "0006_accounts",
    7 "0007_commands",
    8 "0008_indexes",
    9 "0009_customers",
    10 "0010_notices",
    11 "0011_language",
    12 "0012_sign_in",
    13 "0013_audit",
    14 "0014_retention",
    15 "0015_erasure",
    16 "0016_names",
    17 "0017_providers",
    19 "0019_tokens",
    20 "0020_deletions",
    21 "0021_meta",
    23 "0023_webhooks",
    25 "0025_passkeys",
    26 "0026_queues",
    27 "0027_outbox",
    28 "0028_files",
    29 "0029_media",
    31 "0031_claims",
    32 "0032_replies",
    33 "0033_search",
    34 "0034_reopened",
    35 "0035_user_ids",
    36 "0036_letter_keys",
    38 "0038_receiver_teams",
    40 "0040_stepping_in",
    41 "0041_analytics",
    42 "0042_saved_texts",
    43 "0043_notes",
    44 "0044_labels",
    45 "0045_helped",
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

/// The migration after which the rows of the audit log are put into a chain.
const AUDIT_CHAIN: i64 = 13;

/// The migration after which names have keys.
const NAME_KEYS: i64 = 16;

/// The migration after which the words of customers' names are found.
const NAME_WORDS: i64 = 20;

/// The migration after which what was said is searched.
const SEARCH: i64 = 33;

/// The migration after which notes are searched.
const NOTES: i64 = 43;

static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = MIGRATIONS.iter().map(|&(version, name, script)| {
        let kind = MigrationType::Simple;
        Migration::new(version, name.into(), kind, script.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
});

/// The version that this program uses.
pub(super) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// The version of a database: 0 for a file without any table, nothing for one that is another program's.
pub(super) async fn version(connection: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let tables = sqlx::query(
        "SELECT COUNT(*) AS tables, COALESCE(SUM(name = 'schema_version'), 0) AS ours
         FROM sqlite_schema WHERE type = 'table'",
    )
    .fetch_one(&mut *connection)
    .await?;
    match (tables.get::<i64, _>("tables"), tables.get::<i64, _>("ours")) {
        (0, _) => Ok(Some(0)),
        (_, 0) => Ok(None),
        _ => sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_version")
            .fetch_one(&mut *connection)
            .await
            .map(|row| Some(row.get("version"))),
    }
}

/// Runs the migrations that a database of version `found` lacks: all of them, or none.
pub(super) async fn apply(
    connection: &mut SqliteConnection,
    found: i64,
) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    // What a runner of the first releases has applied is not applied again.
    MIGRATOR.skip(&mut *transaction, Some(found)).await?;
    MIGRATOR.run(&mut *transaction).await?;
    if found < AUDIT_CHAIN {
        audit_chain::begin(&mut transaction).await?;
    }
    if found < NAME_KEYS {
        names::begin(&mut transaction).await?;
    }
    if found < NAME_WORDS {
        names::begin_words(&mut transaction).await?;
    }
    if found < SEARCH {
        history::begin(&mut transaction).await?;
    }
    if found < NOTES {
        history::begin_notes(&mut transaction).await?;
    }
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY) STRICT;
         INSERT INTO schema_version (version)
            SELECT version FROM _sqlx_migrations WHERE true ON CONFLICT (version) DO NOTHING;",
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}
