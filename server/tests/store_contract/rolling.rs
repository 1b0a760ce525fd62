//! Upgrades of one node after the other, on PostgreSQL: a node of the release before goes on while another one brings the database up to
//! date. Its program is not here. Its statements are, as they stood in `store/sql` before each migration, some of them shortened and all with
//! values in place of arguments; what its rules make of the rows is not tried.
//! `newer` has the other half: what this release makes of a later one's rows.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use server::commands::DayKeep;
use server::store::Store;
use server::store::postgres::{PostgresStore, Sharing};
use server::store::rows::Counted;
use shared::people::Permission;
use shared::time::Timestamp;
use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;

use crate::postgres_databases::{Database, connect};
use crate::words::*;

/// What a node of the release before a migration does with what the migration changes. `$1` is the number of its command, from 1 on.
struct Before {
    migration: i64,
    /// One command.
    writes: &'static [&'static str],
    /// Each finds something behind the command.
    reads: &'static [&'static str],
}

/// The last migrations. A new one belongs at the end, with what the release before it writes into the tables that it touches.
static BEFORE: [Before; 7] = [
    Before {
        migration: 62,
        writes: &[
            "INSERT INTO sessions (id, user_id, created_at, seen_at, idle_us, expires_at, proved_at, browser, system)
            VALUES ('session-' || $1, 'amy', $1, $1, 1000000000, 1000000000, $1, 'Firefox', 'Linux')",
            "UPDATE sessions SET seen_at = $1 + 1 WHERE id = 'session-' || $1 AND seen_at < $1 + 1",
            "UPDATE sessions SET proved_at = $1 + 1 WHERE id = 'session-' || $1",
            "INSERT INTO sessions (id, user_id, created_at, seen_at, idle_us, expires_at, proved_at, browser, system)
            VALUES ('ended-' || $1, 'amy', $1, $1, 1000000000, 1000000000, $1, '', '')",
            "DELETE FROM sessions WHERE id = 'ended-' || $1 RETURNING user_id",
        ],
        reads: &[
            "SELECT id, created_at, seen_at, browser, system FROM sessions
            WHERE user_id = 'amy' AND expires_at > $1 AND seen_at + idle_us > $1
            ORDER BY seen_at DESC, created_at DESC, id",
            "SELECT proved_at FROM sessions WHERE id = 'session-' || $1",
        ],
    },
    Before {
        migration: 63,
        writes: &[
            "INSERT INTO users (id, username, name, password_hash, active, created_at, name_key)
            VALUES ('user-' || $1, 'user' || $1, 'User ' || $1, 'x', 1, $1, 'user ' || $1)",
            "INSERT INTO user_roles (user_id, role, place) VALUES ('user-' || $1, 'agent', 0)
            ON CONFLICT (user_id, role) DO UPDATE SET place = excluded.place",
            "UPDATE users SET name = 'Person ' || $1, version = 1, capacity = NULL, name_key = 'person ' || $1
            WHERE id = 'user-' || $1",
            "UPDATE users SET active = 0 WHERE id = 'user-' || $1",
        ],
        reads: &[
            "SELECT u.id, u.username, u.name, u.active, u.version, u.capacity,
                (SELECT json_group_array(r.role ORDER BY r.place) FROM user_roles r WHERE r.user_id = u.id) AS roles
            FROM users u WHERE u.id = 'user-' || $1 AND u.deleted_at IS NULL",
        ],
    },
    Before {
        migration: 64,
        writes: &[
            "INSERT INTO custom_roles (id, kind, name, name_key, permissions, version)
            VALUES ('role-' || $1, 'supervisor', 'Role ' || $1, 'role ' || $1, '[\"workitem.view\"]', 0)",
            "UPDATE custom_roles SET name = 'Coach ' || $1, name_key = 'coach ' || $1,
                permissions = '[\"workitem.view\",\"coaching.send\",\"workitem.take_over\"]', version = 1
            WHERE id = 'role-' || $1",
            "INSERT INTO users (id, username, name, password_hash, active, created_at, name_key)
            VALUES ('user-' || $1, 'user' || $1, 'User ' || $1, 'x', 1, $1, 'user ' || $1)",
            "UPDATE users SET presence = 'away' WHERE id = 'user-' || $1",
            "INSERT INTO audit (id, actor_id, what, about, outcome, changes, skipped, at, digest)
            VALUES ($1 * 2, 'sam', 'workitem_reassign', 'chat', 'done', '[{\"field\":\"agent\",\"was\":\"amy\",\"is\":null}]',
                0, $1, '')",
            "INSERT INTO audit (id, actor_id, what, about, outcome, changes, skipped, at, digest)
            VALUES ($1 * 2 + 1, NULL, 'sign_in', 'amy', 'refused', '[]', 3, $1, '')",
        ],
        reads: &[
            "SELECT id, kind, name, permissions, version FROM custom_roles WHERE id = 'role-' || $1",
            "SELECT pop_up, letter_keys, presence, language FROM users WHERE id = 'user-' || $1",
            "SELECT id, digest FROM audit WHERE id = (SELECT MAX(id) FROM audit) AND id > $1",
        ],
    },
    Before {
        migration: 65,
        writes: &[
            "INSERT INTO workitems
                (id, channel, customer, subject, state, agent_id, team_id, started_at, last_activity_at, customer_key, first_given_at)
            VALUES ('work-' || $1, 'chat', 'Dana', 'A lamp', 'queued', NULL, 'care', $1, $1, 'dana', NULL)",
            "INSERT INTO customer_views (workitem_id) VALUES ('work-' || $1)",
            "UPDATE workitems SET agent_id = 'amy', team_id = 'care', given_at = $1 + 1, taken_from = NULL,
                first_given_at = COALESCE(first_given_at, MAX(started_at, $1 + 1)), state = 'active'
            WHERE id = 'work-' || $1",
            "INSERT INTO workitem_labels (workitem_id, label_id, team_id, started_at)
            SELECT w.id, 'late', w.team_id, w.started_at FROM workitems w WHERE w.id = 'work-' || $1 ON CONFLICT DO NOTHING",
            "INSERT INTO workitem_labels (workitem_id, label_id, team_id, started_at)
            SELECT w.id, 'angry', w.team_id, w.started_at FROM workitems w WHERE w.id = 'work-' || $1 ON CONFLICT DO NOTHING",
            "UPDATE workitems SET state = 'closed', waiting_since = NULL, shut_at = $1 + 2 WHERE id = 'work-' || $1",
            "UPDATE workitems SET state = 'active', waiting_since = NULL WHERE id = 'work-' || $1",
            "DELETE FROM workitem_labels WHERE workitem_id = 'work-' || $1 AND label_id = 'angry'",
            "UPDATE workitems SET state = 'closed', waiting_since = NULL, shut_at = $1 + 3 WHERE id = 'work-' || $1",
            "INSERT INTO customer_ratings (workitem_id, at, rating, comment, team_id, agent_id)
            VALUES ('work-' || $1, $1 + 4, 5, NULL, 'care', 'amy')",
            "INSERT INTO workitem_reviews (workitem_id, number, comment, flagged_by, flagged_at)
            VALUES ('work-' || $1, 1, 'Look', 'sam', $1 + 5)",
            "UPDATE workitem_reviews SET reviewed_by = 'sam', reviewed_at = $1 + 6
            WHERE workitem_id = 'work-' || $1 AND number = 1",
            // What is too old is closed, and goes.
            "INSERT INTO workitems
                (id, channel, customer, subject, state, agent_id, team_id, started_at, last_activity_at, customer_key, first_given_at)
            VALUES ('gone-' || $1, 'chat', 'Dana', 'A lamp', 'queued', NULL, 'care', $1, $1, 'dana', NULL)",
            "UPDATE workitems SET state = 'closed', waiting_since = NULL, shut_at = $1 + 2 WHERE id = 'gone-' || $1",
            "DELETE FROM workitems WHERE id = 'gone-' || $1",
        ],
        reads: &[
            "SELECT w.id, w.state, w.first_given_at, w.shut_at FROM workitems w WHERE w.id = 'work-' || $1",
            "SELECT r.number, r.comment, r.flagged_at, r.flagged_by, r.reviewed_at, r.reviewed_by
            FROM workitem_reviews r WHERE r.workitem_id = 'work-' || $1 ORDER BY r.number DESC LIMIT 1",
        ],
    },
    Before {
        migration: 66,
        writes: &[
            "INSERT INTO labels (id, kind, name, name_key, team_id, active, version)
            VALUES ('label-' || $1, 'tag', 'Label ' || $1, 'label ' || $1, NULL, 1, 0)",
            "UPDATE labels SET name = 'Tag ' || $1, name_key = 'tag ' || $1, active = 0, version = 1 WHERE id = 'label-' || $1",
            "INSERT INTO alert_rules (id, name, name_key, team_id, condition, active, version)
            VALUES ('rule-' || $1, 'Rule ' || $1, 'rule ' || $1, 'care', '{\"queued\":5}', 1, 0)",
            "UPDATE alert_rules SET name = 'Wait ' || $1, name_key = 'wait ' || $1, condition = '{\"queued\":7}', active = 0,
                version = 1 WHERE id = 'rule-' || $1",
        ],
        reads: &[
            "SELECT id, kind, name, team_id, active, version FROM labels WHERE id = 'label-' || $1",
            "SELECT id, name, team_id, condition, active, version FROM alert_rules WHERE id = 'rule-' || $1",
        ],
    },
    Before {
        migration: 67,
        writes: &[
            "INSERT INTO users (id, username, name, password_hash, active, created_at, name_key)
            VALUES ('user-' || $1, 'user' || $1, 'User ' || $1, 'x', 1, $1, 'user ' || $1)",
            "UPDATE users SET name = 'Person ' || $1, version = 1, capacity = NULL, name_key = 'person ' || $1
            WHERE id = 'user-' || $1",
        ],
        reads: &[
            "SELECT u.name FROM users u WHERE u.id = 'user-' || $1 AND NOT EXISTS (SELECT 1 FROM users namesake
            WHERE namesake.name_key = u.name_key AND namesake.id <> u.id AND namesake.active = 1)",
        ],
    },
    Before {
        migration: 68,
        writes: &[
            "INSERT INTO own_log (user_id, seq, event) VALUES ('amy', $1,
                '{\"WorkAssigned\":{\"workitem\":\"w\",\"subject\":\"A lamp\",\"customer\":\"Dana\",\"from\":null}}')",
            "UPDATE users SET own_seq = $1 WHERE id = 'amy'",
        ],
        reads: &["SELECT seq, event FROM own_log WHERE user_id = 'amy' AND seq >= $1 ORDER BY seq LIMIT 10"],
    },
];

/// Who is there.
const PEOPLE: &str = "
    INSERT INTO users (id, username, name, password_hash, active, created_at, name_key) VALUES
        ('amy', 'amy', 'Amy Adler', 'x', 1, 1, 'amy adler'), ('sam', 'sam', 'Sam Stone', 'x', 1, 1, 'sam stone');
    INSERT INTO user_roles (user_id, role, place) VALUES ('amy', 'agent', 0), ('sam', 'supervisor', 0);
    INSERT INTO teams (id, name, created_at, name_key) VALUES ('care', 'Care', 1, 'care');
    INSERT INTO team_members (team_id, user_id) VALUES ('care', 'amy');
    INSERT INTO team_supervisors (team_id, user_id) VALUES ('care', 'sam');
    INSERT INTO labels (id, kind, name, name_key) VALUES ('late', 'tag', 'Late', 'late'), ('angry', 'tag', 'Angry', 'angry');";
const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
/// The lock of processes that share a database: "sideline".
const LOCK: i64 = i64::from_be_bytes(*b"sideline");

async fn migrator() -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/postgres");
    let mut migrator = Migrator::new(folder.as_path()).await.unwrap();
    migrator.set_locking(false);
    migrator
}

/// A database as the release before a migration has it.
async fn database_before(migration: i64) -> Database {
    let database = Database::empty().await;
    let mut connection = connect(&database.url()).await;
    let migrated = migrator()
        .await
        .run_to(migration - 1, &mut connection)
        .await;
    migrated.unwrap();
    sqlx::raw_sql(PEOPLE)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    database
}

/// A statement that was not carried out, and why.
type Failed = (&'static str, sqlx::Error);

/// Whether a command is tried again.
fn met_others(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("40001" | "40P01"))
}

/// A node of the release before: one of its connections, with the statements that it has prepared.
struct OldNode {
    connection: PgConnection,
    does: &'static Before,
    commands: i64,
}

impl OldNode {
    async fn start(database: &Database, does: &'static Before) -> Self {
        let mut connection = connect(&database.url()).await;
        let shared = sqlx::query("SELECT pg_advisory_lock_shared($1)").bind(LOCK);
        shared.execute(&mut connection).await.unwrap();
        Self {
            connection,
            does,
            commands: 0,
        }
    }

    /// The next command, again when it met somebody.
    async fn command(&mut self) {
        self.commands += 1;
        while let Err((statement, error)) = self.attempt().await {
            let migration = self.does.migration;
            assert!(
                met_others(&error),
                "before {migration}: {statement}: {error}"
            );
            self.run("ROLLBACK").await.unwrap();
        }
    }

    async fn attempt(&mut self) -> Result<(), Failed> {
        self.run(BEGIN).await?;
        for write in self.does.writes {
            let query = sqlx::query(*write).bind(self.commands);
            let done = query.execute(&mut self.connection).await;
            done.map_err(|error| (*write, error))?;
        }
        self.run("COMMIT").await
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), Failed> {
        let done = sqlx::raw_sql(statement).execute(&mut self.connection).await;
        done.map(drop).map_err(|error| (statement, error))
    }

    /// It reads what it wrote last.
    async fn reads(&mut self) {
        for read in self.does.reads {
            let query = sqlx::query(*read).bind(self.commands);
            let rows = query.fetch_all(&mut self.connection).await;
            let rows = rows.unwrap_or_else(|error| panic!("{read}: {error}"));
            assert!(!rows.is_empty(), "{read}");
        }
    }
}

/// The days that have changed are counted, as the node on duty does.
async fn count_days(store: &dyn Store) {
    loop {
        let mut rows = store.snapshot().await.unwrap();
        let Some(changed) = rows.changed_day(100).await.unwrap() else {
            return;
        };
        drop(rows);
        store.execute(DayKeep { changed }).await.unwrap();
    }
}

/// How many commands of the release before the new node finds.
async fn found(store: &dyn Store, migration: i64) -> i64 {
    let mut rows = store.snapshot().await.unwrap();
    let found = match migration {
        62 => {
            let sessions = rows.session_list(&user("amy"), Timestamp(1)).await;
            sessions.unwrap().len()
        }
        63 => {
            let users = rows.user_list().await.unwrap();
            let theirs = users.iter().filter(|one| one.name.starts_with("Person "));
            theirs.filter(|one| !one.active).count()
        }
        64 => {
            let roles = rows.custom_role_list().await.unwrap();
            let coaches = roles.iter().filter(|role| {
                let has = |permission| role.permissions.contains(&permission);
                has(Permission::CoachingSend) && has(Permission::WorkitemTakeOver)
            });
            coaches.count()
        }
        65 => {
            let of = Counted {
                teams: vec![team("care")],
                from: Timestamp(0),
                until: Timestamp(2 * 86_400_000_000),
            };
            let labels = rows.labels_counted(&of).await.unwrap();
            let figures = rows.conversations_counted(&of).await.unwrap();
            let begun: i64 = figures.begun.iter().map(|quarter| quarter.count).sum();
            let labels: Vec<_> = labels
                .iter()
                .map(|label| (label.label.name.as_str(), label.count))
                .collect();
            assert_eq!(labels, [("Late", begun)]);
            usize::try_from(begun).unwrap()
        }
        66 => {
            let labels = rows.label_list().await.unwrap();
            let tags = labels.iter().filter(|one| one.name.starts_with("Tag "));
            let rules = rows.alert_rule_list().await.unwrap();
            let waits = rules.iter().filter(|one| one.name.starts_with("Wait "));
            let (tags, waits) = (tags.count(), waits.count());
            assert_eq!(tags, waits);
            tags
        }
        67 => {
            let users = rows.user_list().await.unwrap();
            let theirs = users.iter().filter(|one| one.name.starts_with("Person "));
            theirs.count()
        }
        68 => {
            let log = rows.notifications_after(&user("amy"), 0, i64::MAX).await;
            log.unwrap().len()
        }
        _ => panic!("say how the new node reads it"),
    };
    i64::try_from(found).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_the_release_before_goes_on_while_another_one_brings_the_database_up_to_date() {
    let newest = migrator().await.iter().map(|one| one.version).max();
    let last = BEFORE.last().map(|before| before.migration);
    assert_eq!(
        last, newest,
        "a migration says here what may go on beside it"
    );
    for does in &BEFORE {
        let database = database_before(does.migration).await;
        let mut old = OldNode::start(&database, does).await;
        old.command().await;
        old.reads().await;
        let (address, migrated) = (database.address(), Cell::new(false));
        let opening = async {
            let store = PostgresStore::open(&address, Sharing::Nodes).await;
            migrated.set(true);
            store.unwrap()
        };
        let going_on = async {
            while !migrated.get() {
                old.command().await;
            }
        };
        let (store, ()) = tokio::join!(opening, going_on);
        assert!(old.commands > 1);
        old.reads().await;
        assert_eq!(found(&store, does.migration).await, old.commands);
        // What the new node made of it does not last when the old one goes on.
        count_days(&store).await;
        old.command().await;
        old.reads().await;
        assert_eq!(found(&store, does.migration).await, old.commands);
        store.close().await;
    }
}

/// Begins a command that has written into the workitems.
async fn half_a_command(old: &mut OldNode) {
    for statement in [
        BEGIN,
        "UPDATE workitems SET unread = 0 WHERE id = 'nothing'",
    ] {
        old.run(statement).await.unwrap();
    }
}

async fn somebody_waits(beside: &mut PgConnection) -> bool {
    let waits = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock')";
    let waits = sqlx::query_scalar::<_, bool>(waits).fetch_one(beside).await;
    waits.unwrap()
}

/// PostgreSQL ends one of the two, whichever.
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_and_a_command_of_the_release_before_that_wait_for_each_other_are_both_carried_out()
 {
    let database = database_before(62).await;
    let mut old = OldNode::start(&database, &BEFORE[0]).await;
    let mut beside = connect(&database.url()).await;
    half_a_command(&mut old).await;
    let (address, migrated) = (database.address(), Cell::new(false));
    let opening = async {
        let store = PostgresStore::open(&address, Sharing::Nodes).await;
        migrated.set(true);
        store.unwrap()
    };
    let going_on = async {
        loop {
            // The migrations have the sessions by then, and want the workitems.
            while !migrated.get() && !somebody_waits(&mut beside).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let wanted = "UPDATE sessions SET seen_at = 2 WHERE id = 'nobody'";
            match old.run(wanted).await {
                Ok(()) => break,
                Err((statement, error)) => assert!(met_others(&error), "{statement}: {error}"),
            }
            old.run("ROLLBACK").await.unwrap();
            half_a_command(&mut old).await;
        }
        old.run("COMMIT").await.unwrap();
    };
    let (store, ()) = tokio::join!(opening, going_on);
    old.command().await;
    assert_eq!(found(&store, 62).await, 1);
    store.close().await;
}
