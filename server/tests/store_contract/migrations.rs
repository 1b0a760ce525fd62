//! Databases of releases before: each version that was ever the newest is brought up to date, and keeps what it holds.

mod sentences;
mod times;

use std::fs;
use std::path::{Path, PathBuf};

use server::queries::history_page;
use server::store::Store;
use server::store::sqlite::{SqliteStore, verify};
use shared::history::HistoryQuery;
use shared::ids::{UserId, WorkitemId};
use shared::people::Permission;
use shared::time::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

/// Every migration with its version, in order.
fn scripts() -> Vec<(i64, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/sqlite");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = files.iter().map(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        let (version, _) = name.split_once('_').unwrap();
        (version.parse().unwrap(), fs::read_to_string(file).unwrap())
    });
    read.collect()
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    options.connect().await.unwrap()
}

/// A database as the runner of the first releases made it, with a team.
async fn of_release(version: i64, path: &Path) {
    let mut file = connect(path).await;
    let mut script = "CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT;".to_owned();
    for (number, migration) in scripts().iter().filter(|(number, _)| *number <= version) {
        script += migration;
        script += &format!("INSERT INTO schema_version (version) VALUES ({number});");
    }
    script += "INSERT INTO teams (id, name, created_at) VALUES ('care', 'Care', 1);";
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
}

async fn texts(path: &Path, query: &'static str) -> Vec<String> {
    let mut file = connect(path).await;
    let rows = sqlx::query(query).fetch_all(&mut file).await.unwrap();
    file.close().await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

async fn schema(path: &Path) -> Vec<String> {
    texts(
        path,
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name",
    )
    .await
}

#[tokio::test]
async fn a_database_of_each_release_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("fresh.db");
    let (_, newest) = SqliteStore::migrate(&fresh).await.unwrap();
    let versions: Vec<i64> = scripts().iter().map(|(version, _)| *version).collect();
    assert_eq!(Some(&newest), versions.last());
    for version in versions {
        let data = folder.path().join(version.to_string());
        fs::create_dir(&data).unwrap();
        let path = data.join("sideline.db");
        of_release(version, &path).await;
        let migrated = SqliteStore::migrate(&path).await.unwrap();
        assert_eq!(migrated, (version, newest));
        assert_eq!(schema(&path).await, schema(&fresh).await, "from {version}");
        assert_eq!(texts(&path, "SELECT name FROM teams").await, ["Care"]);
        let findings = verify(&path).await.unwrap();
        assert!(findings.is_empty(), "from {version}: {findings:?}");
        let store = SqliteStore::open(&path).await.unwrap();
        store.close().await;
        // As a release before reads it, which knows no other table.
        let known = "SELECT CAST(MAX(version) AS TEXT) FROM schema_version";
        assert_eq!(texts(&path, known).await, [newest.to_string()]);
    }
}

#[tokio::test]
async fn a_script_that_was_released_and_changed_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    SqliteStore::migrate(&path).await.unwrap();
    let mut file = connect(&path).await;
    sqlx::query("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1")
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let error = SqliteStore::migrate(&path).await.unwrap_err();
    assert!(error.to_string().contains("modified"), "{error}");
}

/// A conversation on WhatsApp of the release before can be answered for what is left of its day; one by text for ever.
#[tokio::test]
async fn a_customer_of_the_release_before_can_be_answered_as_long_as_their_provider_allows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    of_release(20, &path).await;
    let mut file = connect(&path).await;
    let mut script = String::new();
    for (name, kind, channel) in [
        ("wa", "twilio_whatsapp", "social"),
        ("sms", "twilio_sms", "sms"),
    ] {
        script += &format!(
            "INSERT INTO channels (key, kind, team_id, name, address, text_max, created_at)
                VALUES ('{name}', '{kind}', 'care', '{name}', '+1555', 1600, 1);
             INSERT INTO customer_identities (id, channel_key, address) VALUES ('dana-{name}', '{name}', '+1666');
             INSERT INTO workitems (id, channel, customer, subject, state, team_id, started_at, last_activity_at)
                VALUES ('{name}', '{channel}', 'Dana', 'A lamp', 'queued', 'care', 1, 1);
             INSERT INTO customer_views (workitem_id, head, visitor, channel_key)
                VALUES ('{name}', 3, 'dana-{name}', '{name}');
             INSERT INTO customer_entries (workitem_id, seq, at, kind) VALUES ('{name}', 1, 5, 'mine'),
                ('{name}', 2, 7, 'mine'), ('{name}', 3, 9, 'theirs');"
        );
    }
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let mut rows = store.snapshot().await.unwrap();
    for (name, expected) in [("wa", Some(Timestamp(7 + 86_400_000_000))), ("sms", None)] {
        let workitem = WorkitemId::parse(name).unwrap();
        let found = rows.workitem_find(&workitem).await.unwrap().unwrap();
        let limits = found.workitem.limits.unwrap();
        assert_eq!((limits.text.max, limits.answer_until), (1_600, expected));
    }
}

/// What was said before the release that searches is found, coaching apart, and two messages of one moment both.
#[tokio::test]
async fn what_was_said_in_the_release_before_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    of_release(29, &path).await;
    let mut file = connect(&path).await;
    let script = "
        INSERT INTO users (id, username, name, name_key, password_hash, created_at) VALUES
            ('sam', 'sam', 'Sam Stone', 'sam stone', 'x', 1);
        INSERT INTO user_roles (user_id, role, place) VALUES ('sam', 'supervisor', 1);
        INSERT INTO team_supervisors (team_id, user_id) VALUES ('care', 'sam');
        INSERT INTO workitems (id, channel, customer, subject, state, team_id, started_at, last_activity_at, head, last_entry)
            VALUES ('chat', 'chat', 'Dana', 'A lamp', 'queued', 'care', 1, 1, 5, 5);
        INSERT INTO customer_views (workitem_id, head) VALUES ('chat', 3);
        INSERT INTO customer_entries (workitem_id, seq, at, kind, text) VALUES ('chat', 1, 5, 'mine', 'Ein gelbes Licht'),
            ('chat', 2, 5, 'mine', 'Licht: GELB'), ('chat', 3, 9, 'mine', '🙂');
        INSERT INTO entries (workitem_id, seq, id, rev, at, kind, customer_seq) VALUES
            ('chat', 1, 'e1', 1, 5, 'customer', 1), ('chat', 2, 'e2', 2, 5, 'customer', 2), ('chat', 3, 'e3', 3, 9, 'customer', 3);
        INSERT INTO entries (workitem_id, seq, id, rev, at, kind, author_id) VALUES ('chat', 4, 'e4', 4, 12, 'coaching', 'sam');
        INSERT INTO coaching (entry_id, text) VALUES ('e4', 'Mehr Licht');
        INSERT INTO entries (workitem_id, seq, id, rev, at, kind) VALUES ('chat', 5, 'e5', 5, 5, 'notice');
        INSERT INTO notices (entry_id, notice) VALUES ('e5', '{\"kind\":\"note\",\"by\":\"Phone\",\"text\":\"Das Licht\"}');";
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    for (coaching, entries) in [("", &[5, 2, 1][..]), ("1", &[5, 4, 2, 1])] {
        let query = HistoryQuery {
            words: "licht".to_owned(),
            coaching: coaching.to_owned(),
            ..HistoryQuery::default()
        };
        let sam = UserId::parse("sam").unwrap();
        let mut rows = store.snapshot().await.unwrap();
        let page = history_page(&mut *rows, &sam, &query.parse().unwrap(), 25).await;
        let hits = page.unwrap().hits.into_iter();
        let found: Vec<i64> = hits.map(|hit| hit.entry.unwrap().seq).collect();
        assert_eq!(found, entries);
    }
    store.close().await;
    let findings = verify(&path).await.unwrap();
    assert_eq!(findings, []);
    let nothing = "SELECT id FROM entries WHERE search_id IS NULL";
    assert_eq!(texts(&path, nothing).await, ["e3"]);
}

/// A request of the release before counts for the template that says the same, of two such for the first one.
#[tokio::test]
async fn a_request_of_the_release_before_has_the_template_of_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    of_release(56, &path).await;
    let mut file = connect(&path).await;
    let script = "
        INSERT INTO users (id, username, name, name_key, password_hash, created_at) VALUES
            ('amy', 'amy', 'Amy Adler', 'amy adler', 'x', 1);
        INSERT INTO templates (id, title, text, active, place) VALUES
            ('a', 'Look', 'Please look', 1, 1), ('b', 'Help', 'Please help', 1, 2), ('c', 'Help as well', 'Please help', 0, 3);
        INSERT INTO requests (id, agent_id, text, choice, at) VALUES
            ('1', 'amy', 'Please help', 'one', 1), ('2', 'amy', 'please help', 'one', 2), ('3', 'amy', 'Please look', 'one', 3);";
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    SqliteStore::migrate(&path).await.unwrap();
    let templates = "SELECT COALESCE(template_id, 'none') FROM requests ORDER BY id";
    assert_eq!(texts(&path, templates).await, ["b", "none", "a"]);
}

/// Who called or mailed in the release before is one customer for each number and each address. What was erased, what has no line
/// of who it is, and other channels are of nobody.
#[tokio::test]
async fn calls_of_the_release_before_are_of_one_customer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    of_release(57, &path).await;
    let mut file = connect(&path).await;
    let reported = |who: &str| format!(r#"{{"kind":"reported","by":"Phone","customer":"{who}"}}"#);
    let mut script = String::new();
    for (id, channel, erased, notice) in [
        ("a1", "phone", "NULL", reported("+4930")),
        ("a2", "email", "NULL", reported("Dana@example.com")),
        (
            "a3",
            "phone",
            "NULL",
            r#"{"kind":"called","by":"Amy Adler","number":"+4930"}"#.to_owned(),
        ),
        ("a4", "email", "NULL", reported("dana@example.com")),
        ("a5", "phone", "NULL", reported("+4931")),
        ("a6", "phone", "7", reported("—")),
        (
            "a7",
            "phone",
            "NULL",
            r#"{"kind":"assigned","agent":"Amy Adler"}"#.to_owned(),
        ),
        ("a8", "chat", "NULL", reported("+4930")),
    ] {
        script += &format!(
            "INSERT INTO workitems (id, channel, customer, subject, state, team_id, started_at, last_activity_at,
                    head, last_entry, erased_at)
                VALUES ('{id}', '{channel}', 'Dana', 'A lamp', 'queued', 'care', 1, 1, 1, 1, {erased});
             INSERT INTO customer_views (workitem_id) VALUES ('{id}');
             INSERT INTO entries (workitem_id, seq, id, rev, at, kind) VALUES ('{id}', 1, 'e-{id}', 1, 1, 'notice');
             INSERT INTO notices (entry_id, notice) VALUES ('e-{id}', '{notice}');"
        );
    }
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    SqliteStore::migrate(&path).await.unwrap();
    let contacts =
        "SELECT id || ' ' || channel || ' ' || contact FROM customer_contacts ORDER BY id";
    assert_eq!(
        texts(&path, contacts).await,
        [
            "contact/a1 phone +4930",
            "contact/a2 email dana@example.com",
            "contact/a5 phone +4931"
        ]
    );
    let of = "SELECT COALESCE(visitor, 'nobody') FROM customer_views ORDER BY workitem_id";
    assert_eq!(
        texts(&path, of).await,
        [
            "contact/a1",
            "contact/a2",
            "contact/a1",
            "contact/a2",
            "contact/a5",
            "nobody",
            "nobody",
            "nobody"
        ]
    );
    let findings = verify(&path).await.unwrap();
    assert_eq!(findings, []);
}

/// Roles that an administrator built have the permissions that came since, where the standard role beside what they have has them.
#[tokio::test]
async fn roles_of_the_release_before_get_the_permissions_that_came_since() {
    use Permission::*;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    of_release(61, &path).await;
    let with_review =
        r#"[{"field":"permissions","was":"coaching.send, workitem.review","is":"coaching.send"}]"#;
    let script = format!(
        r#"INSERT INTO custom_roles (id, kind, name, name_key, permissions, version) VALUES
            ('coach', 'supervisor', 'Coach', 'coach', '["workitem.view","coaching.send","workitem.take_over"]', 3),
            ('reads', 'supervisor', 'Reads', 'reads', '["workitem.view","workitem.monitor"]', 0),
            ('since', 'supervisor', 'Since', 'since', '["workitem.view","coaching.send","workitem.review"]', 0),
            ('taken', 'supervisor', 'Taken', 'taken', '["workitem.view","coaching.send"]', 1);
        INSERT INTO audit (id, at, actor_id, what, about, changes)
            VALUES (1, 1, NULL, 'role_update', 'taken', '{with_review}');"#
    );
    let mut file = connect(&path).await;
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let mut rows = store.snapshot().await.unwrap();
    let roles = rows.custom_role_list().await.unwrap();
    drop(rows);
    store.close().await;
    let expected: [(&str, &[Permission]); 4] = [
        (
            "coach",
            &[
                WorkitemView,
                CoachingSend,
                WorkitemTakeOver,
                WorkitemGiveBack,
                WorkitemReview,
            ],
        ),
        ("reads", &[WorkitemView, WorkitemMonitor]),
        ("since", &[WorkitemView, CoachingSend, WorkitemReview]),
        ("taken", &[WorkitemView, CoachingSend]),
    ];
    assert_eq!(roles.len(), expected.len());
    for (role, (id, permissions)) in roles.iter().zip(expected) {
        assert_eq!((role.id.as_str(), &role.permissions[..]), (id, permissions));
    }
    // The release before finds no word that it does not know.
    let unknown = "SELECT id FROM custom_roles WHERE permissions LIKE '%give_back%'";
    assert!(texts(&path, unknown).await.is_empty());
}

/// Lines of a workitem: when, and what.
type Lines<'a> = &'a [(i64, &'a str)];

/// The index says what the entries say, or `check` tells.
#[tokio::test]
async fn an_index_that_differs_from_what_was_said_is_found() {
    for (broken, finding) in [
        (
            "UPDATE customer_entries SET text = 'Something else'",
            "found by other words",
        ),
        // What is behind the last one would wait for its index.
        (
            "DELETE FROM message_words WHERE rowid = 0",
            "found by other words",
        ),
        (
            "UPDATE entries SET search_id = search_id + 1048576 * 5000",
            "found at another time",
        ),
        (
            "INSERT INTO message_words (rowid, words) VALUES (7, 'zephyr')",
            "is no entry's",
        ),
        (
            "INSERT INTO coaching_words (rowid, words) SELECT rowid, words FROM message_words",
            "is no entry's",
        ),
        (
            "UPDATE message_words_content SET c0 = 'dana zephyr'",
            "checksum mismatch",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sideline.db");
        SqliteStore::migrate(&path).await.unwrap();
        let mut file = connect(&path).await;
        let script = "
            INSERT INTO teams (id, name, created_at) VALUES ('care', 'Care', 1);
            INSERT INTO workitems (id, channel, customer, subject, state, team_id, started_at, last_activity_at, head, last_entry)
                VALUES ('chat', 'chat', 'Dana', 'A lamp', 'queued', 'care', 1, 1, 2, 2);
            INSERT INTO customer_views (workitem_id, head) VALUES ('chat', 2);
            INSERT INTO customer_entries (workitem_id, seq, at, kind, text) VALUES
                ('chat', 1, 5, 'mine', 'Dana''s lamp'), ('chat', 2, 5, 'mine', 'Red');
            INSERT INTO entries (workitem_id, seq, id, rev, at, kind, customer_seq, search_id) VALUES
                ('chat', 1, 'e1', 1, 5, 'customer', 1, 0), ('chat', 2, 'e2', 2, 5, 'customer', 2, 1);
            INSERT INTO message_words (rowid, words) VALUES (0, 'dana s lamp'), (1, 'red');";
        for script in [script, broken] {
            if script == broken {
                let findings = verify(&path).await.unwrap();
                assert_eq!(findings, [], "before {broken}");
            }
            let script = sqlx::raw_sql(AssertSqlSafe(script));
            script.execute(&mut file).await.unwrap();
        }
        file.close().await.unwrap();
        let findings = verify(&path).await.unwrap();
        let told = findings.iter().any(|told| told.what.contains(finding));
        assert!(told, "{broken}: {findings:?}");
    }
}
