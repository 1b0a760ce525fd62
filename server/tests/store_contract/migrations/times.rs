//! The release that kept no times of assignment and ending: they are found in its lines.

use super::*;

/// When an agent was first given the work of the release before, and when it was closed, stands in its lines.
#[tokio::test]
async fn times_of_the_release_before_are_found_in_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    of_release(59, &path).await;
    let assigned = r#"{"kind":"assigned","agent":"Amy Adler"}"#;
    let to_ben = r#"{"kind":"transferred","by":"Amy Adler","to":{"agent":"Ben Brooks"}}"#;
    let lost = r#"{"kind":"connection_lost","agent":"Amy Adler","seconds":60,"team":"Care"}"#;
    let to_queue = r#"{"kind":"reassigned","by":"Sam Stone","from":null,"to":{"team":"Care"}}"#;
    let to_amy = r#"{"kind":"reassigned","by":"Sam Stone","from":null,"to":{"agent":"Amy Adler"}}"#;
    let from_amy =
        r#"{"kind":"reassigned","by":"Sam Stone","from":"Amy Adler","to":{"team":"Care"}}"#;
    let ended = r#"{"kind":"ended","by":"Ben Brooks"}"#;
    let reopened = r#"{"kind":"reopened","by":"Ben Brooks"}"#;
    let closed = r#"{"kind":"closed","by":"Ben Brooks"}"#;
    let stopped = r#"{"kind":"stopped_by_customer","customer":"Dana"}"#;
    let left = r#"{"kind":"ended_by_customer","customer":"Dana"}"#;
    let words = r#"{"kind":"text","text":"Wrapped up."}"#;
    // Each began at 2. Its state, who has it since when, its lines, and what is found.
    let work: [(&str, &str, &str, i64, Lines<'_>, &str); 11] = [
        (
            "a1",
            "closed",
            "'amy'",
            9,
            &[
                (5, assigned),
                (9, to_ben),
                (11, ended),
                (12, reopened),
                (13, ended),
                (20, closed),
                (30, stopped),
            ],
            "5 20",
        ),
        (
            "a2",
            "active",
            "'amy'",
            6,
            &[(3, to_queue), (6, to_amy)],
            "6 -",
        ),
        ("a3", "active", "'amy'", 0, &[], "2 -"),
        ("a4", "active", "'amy'", 8, &[(8, to_ben)], "2 -"),
        ("a5", "queued", "NULL", 0, &[], "- -"),
        (
            "a6",
            "queued",
            "NULL",
            7,
            &[(4, assigned), (7, lost)],
            "4 -",
        ),
        ("a7", "queued", "NULL", 7, &[(7, from_amy)], "2 -"),
        ("a8", "closed", "'amy'", 7, &[(12, words)], "7 -"),
        // A clock that was put back.
        (
            "a9",
            "wrap_up",
            "'amy'",
            1,
            &[(1, assigned), (8, ended)],
            "2 -",
        ),
        ("b1", "closed", "NULL", 0, &[(9, left)], "- 9"),
        ("b2", "queued", "NULL", 3, &[(3, to_queue)], "- -"),
    ];
    let mut script = "INSERT INTO users (id, username, name, password_hash, created_at)
        VALUES ('amy', 'amy', 'Amy Adler', 'x', 1);"
        .to_owned();
    for (id, state, agent, given, lines, _) in work {
        let last = lines.len();
        script += &format!(
            "INSERT INTO workitems (id, channel, customer, subject, state, agent_id, team_id, started_at, last_activity_at,
                    given_at, head, last_entry)
                VALUES ('{id}', 'chat', 'Dana', 'A lamp', '{state}', {agent}, 'care', 2, 2, {given}, {last}, {last});
             INSERT INTO customer_views (workitem_id) VALUES ('{id}');"
        );
        for (number, (at, notice)) in (1..).zip(lines) {
            script += &format!(
                "INSERT INTO entries (workitem_id, seq, id, rev, at, kind)
                    VALUES ('{id}', {number}, 'e-{id}-{number}', {number}, {at}, 'notice');
                 INSERT INTO notices (entry_id, notice) VALUES ('e-{id}-{number}', '{notice}');"
            );
        }
    }
    let mut file = connect(&path).await;
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    SqliteStore::migrate(&path).await.unwrap();
    let found = "SELECT COALESCE(first_given_at, '-') || ' ' || COALESCE(shut_at, '-') FROM workitems ORDER BY id";
    assert_eq!(texts(&path, found).await, work.map(|(.., found)| found));
    let findings = verify(&path).await.unwrap();
    assert_eq!(findings, []);

    // What a node of the release before does beside this one is no damage.
    let mut file = connect(&path).await;
    sqlx::raw_sql("UPDATE workitems SET first_given_at = NULL, shut_at = NULL")
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let findings = verify(&path).await.unwrap();
    assert_eq!(findings, []);
}
