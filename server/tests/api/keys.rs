//! Each command once: under a repeated key the first answer comes again.

use axum::body::Body;
use axum::http::{Request, header};
use rusqlite::Connection;
use serde_json::{Value, json};
use shared::ids::WorkitemId;

use crate::integrator::{Integrator, of, send};
use crate::support::{Host, key};

const WORKITEMS: &str = "/api/v1/workitems";

#[tokio::test]
async fn e03_a_report_that_is_repeated_changes_nothing_and_gives_the_first_answer() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let begin = json!({ "channel": "phone", "customer": "030 901820", "team": "sales" });
    let message = json!({ "author": "customer", "text": "Hello" });
    for (path, body) in [
        (WORKITEMS.to_owned(), begin),
        (of(&call, "/messages"), message),
        (of(&call, "/notes"), json!({ "text": "Hello" })),
        (of(&call, "/state"), json!({ "state": "wrap_up" })),
    ] {
        let key = key();
        let first = system.post_under(&path, &key, body.clone()).await;
        let status = first.status;
        let first = first.ok();
        let listed = system.get(WORKITEMS).await.ok();
        let staff = system.get(&of(&call, "/transcript/staff")).await.ok();
        // As it is and in quotation marks it is the same key.
        for key in [key.clone(), format!("\"{key}\"")] {
            let again = system.post_under(&path, &key, body.clone()).await;
            assert_eq!(again.status, status, "{path}");
            assert_eq!(again.ok(), first, "{path}");
        }
        assert_eq!(system.get(WORKITEMS).await.ok(), listed, "{path}");
        let now = system.get(&of(&call, "/transcript/staff")).await.ok();
        assert_eq!(now, staff, "{path}");
        // Another command under it, at the same place and elsewhere.
        let mut other = body;
        for (field, value) in [("text", "Bye"), ("customer", "030 1")] {
            if !other[field].is_null() {
                other[field] = json!(value);
            }
        }
        if other["state"] == "wrap_up" {
            other["state"] = json!("closed");
        }
        let refused = system.post_under(&path, &key, other).await;
        assert_eq!(refused.problem(), (409, "key_reused", ""), "{path}");
        let refused = system.post_under(&of(&call, "/end"), &key, json!({})).await;
        assert_eq!(refused.problem(), (409, "key_reused", ""), "{path}");
        let now = system.get(&of(&call, "/transcript/staff")).await.ok();
        assert_eq!(now, staff, "{path}");
    }
}

#[tokio::test]
async fn e02_a_key_gives_the_first_answer_although_the_workitem_is_long_closed() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let (key, note) = (key(), json!({ "text": "Calls back" }));
    let noted = system
        .post_under(&of(&call, "/notes"), &key, note.clone())
        .await
        .ok();
    system.post(&of(&call, "/end"), json!({})).await.ok();
    let closed = json!({ "state": "closed" });
    system.post(&of(&call, "/state"), closed).await.ok();
    let again = system
        .post_under(&of(&call, "/notes"), &key, note)
        .await
        .ok();
    assert_eq!(again, noted);
}

#[tokio::test]
async fn a_key_belongs_to_its_token() {
    let host = Host::start().await;
    let one = Integrator::with_everything(&host).await;
    let other = Integrator::with_everything(&host).await;
    let (key, call) = (key(), one.call_of_amy().await);
    let path = of(&call, "/notes");
    let first = one
        .post_under(&path, &key, json!({ "text": "One" }))
        .await
        .ok();
    let second = other
        .post_under(&path, &key, json!({ "text": "Two" }))
        .await
        .ok();
    assert_ne!(first, second);
    let staff = one
        .get(&of(&call, "/transcript/staff"))
        .await
        .ok()
        .to_string();
    assert!(staff.contains("One") && staff.contains("Two"), "{staff}");
}

#[tokio::test]
async fn e03_whatever_changes_something_needs_a_key() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let paths = ["/messages", "/notes", "/state", "/end"].map(|what| of(&call, what));
    for path in paths.iter().map(String::as_str).chain([WORKITEMS]) {
        for (key, code) in [
            (None, "key_missing"),
            (Some(""), "key_form"),
            (Some("no key!"), "key_form"),
            (Some("\"half"), "key_form"),
            (Some(&*"x".repeat(65)), "key_form"),
        ] {
            let mut request = Request::post(path)
                .header(header::AUTHORIZATION, format!("Bearer {}", system.secret))
                .header(header::CONTENT_TYPE, "application/json");
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            let request = request.body(Body::from("{}")).expect("a request");
            let refused = send(&host, request).await;
            let expected = (400, code, "Idempotency-Key");
            assert_eq!(refused.problem(), expected, "{path} {key:?}");
        }
    }
}

/// A report, with the key under which it was sent and what was answered.
struct Sent {
    path: String,
    body: Value,
    key: String,
    answer: Value,
}

/// A call from its beginning to its end, each step under a key. `begin`: what it begins with.
async fn a_whole_call(system: &Integrator<'_>, begin: Value) -> (WorkitemId, Vec<Sent>) {
    let mut sent = Vec::new();
    let first = system.post_under(WORKITEMS, "begin", begin.clone()).await;
    let answer = first.ok();
    let id = WorkitemId::parse(answer["id"].as_str().expect("an id")).expect("an id");
    let (path, key) = (WORKITEMS.to_owned(), "begin".to_owned());
    sent.push(Sent {
        path,
        body: begin,
        key,
        answer,
    });
    for (what, key, body) in [
        (
            "/state",
            "taken",
            json!({ "state": "active", "agent": "amy" }),
        ),
        (
            "/messages",
            "said",
            json!({ "author": "customer", "text": "Hello" }),
        ),
        ("/end", "over", json!({})),
        ("/state", "done", json!({ "state": "closed" })),
    ] {
        let path = of(&id, what);
        let answer = system.post_under(&path, key, body.clone()).await.ok();
        let key = key.to_owned();
        sent.push(Sent {
            path,
            body,
            key,
            answer,
        });
    }
    (id, sent)
}

#[tokio::test]
async fn e02_each_step_gives_its_first_answer_however_the_workitem_went_on() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let begin = json!({ "channel": "phone", "customer": "030 901820", "team": "care" });
    let (id, sent) = a_whole_call(&system, begin).await;
    let states = [0, 1, 3, 4].map(|step: usize| sent[step].answer["state"].clone());
    assert_eq!(states, ["queued", "active", "wrap_up", "closed"]);
    assert_eq!(sent[0].answer["agent"], Value::Null);
    for step in &sent {
        let again = system.post_under(&step.path, &step.key, step.body.clone());
        let again = again.await;
        if step.path == WORKITEMS {
            assert_eq!(
                (again.status, again.header("location")),
                (201, &*of(&id, ""))
            );
        }
        assert_eq!(again.ok(), step.answer, "{} {}", step.path, step.key);
    }
    // What was answered is how it was.
    assert_eq!(system.get(&of(&id, "")).await.ok(), sent[4].answer);
}

/// Amy hands a workitem on to another team's agent.
async fn to_cleo(host: &Host, workitem: &WorkitemId) {
    let amy = host.sign_in("amy").await;
    let input = json!({
        "workitem": workitem, "key": key(), "to": { "Agent": "cleo" }, "confirmed": true,
    });
    amy.call("workitems/workitem_transfer", input).await.ok();
}

#[tokio::test]
async fn m04_a_repeated_key_shows_a_team_nothing_of_work_that_has_left_it() {
    let host = Host::start().await;
    let scopes = ["workitems:write", "workitems:read"];
    let care = Integrator::with(&host, &scopes, "care").await;
    let begin = json!({ "channel": "phone", "customer": "030 901820" });
    let begun = care
        .post_under(WORKITEMS, "begin", begin.clone())
        .await
        .ok();
    let id = WorkitemId::parse(begun["id"].as_str().expect("an id")).expect("an id");
    let (path, active) = (
        of(&id, "/state"),
        json!({ "state": "active", "agent": "amy" }),
    );
    let taken = care.post_under(&path, "taken", active.clone()).await.ok();
    to_cleo(&host, &id).await;
    assert_eq!(care.get(&of(&id, "")).await.status, 404);
    for (path, key, body, first) in [
        (WORKITEMS, "begin", &begin, &begun),
        (&path, "taken", &active, &taken),
    ] {
        let again = care.post_under(path, key, body.clone()).await;
        assert!(!again.text.contains("Cleo") && !again.text.contains("Sales"));
        assert_eq!(again.ok(), *first, "{path}");
    }
}

fn database(host: &Host) -> Connection {
    let connection = Connection::open(host.database()).expect("the database");
    // Writing the log back is left to the program, which takes it for somebody else's work.
    connection
        .pragma_update(None, "wal_autocheckpoint", 0)
        .expect("a connection that leaves the log alone");
    connection
}

#[tokio::test]
async fn m04_keys_of_the_release_before_show_the_workitem_to_those_who_may_read_it() {
    let host = Host::start().await;
    let care = Integrator::with(&host, &["workitems:write"], "care").await;
    let call = care.call_of_amy().await;
    let begin = json!({ "channel": "email", "customer": "dana@example.com", "agent": "amy" });
    let begun = care
        .post_under(WORKITEMS, "begin", begin.clone())
        .await
        .ok();
    let id = WorkitemId::parse(begun["id"].as_str().expect("an id")).expect("an id");
    let (path, body) = (
        of(&id, "/state"),
        json!({ "state": "active", "agent": "amy" }),
    );
    care.post_under(&path, "taken", body.clone()).await.ok();
    let older = database(&host);
    let kept = [
        ("begin", json!(id).to_string()),
        ("taken", "null".to_owned()),
    ];
    for (key, answer) in kept {
        let set = "UPDATE commands SET answer = ?2 WHERE key = ?1";
        assert_eq!(older.execute(set, (key, answer)).expect("a row"), 1);
    }
    let note = json!({ "author": "customer", "text": "And one more thing" });
    care.post(&of(&id, "/messages"), note).await.ok();
    let again = care
        .post_under(WORKITEMS, "begin", begin.clone())
        .await
        .ok();
    assert_ne!(again["last_activity_at"], begun["last_activity_at"]);
    assert_eq!(
        care.post_under(&path, "taken", body.clone()).await.ok(),
        again
    );
    to_cleo(&host, &id).await;
    for (path, key, body) in [(WORKITEMS, "begin", begin), (&path, "taken", body)] {
        let refused = care.post_under(path, key, body).await;
        assert_eq!(refused.problem(), (404, "not_found", ""), "{path}");
    }
    // What stayed with the team is not concerned.
    let note = json!({ "text": "Still ours" });
    care.post(&of(&call, "/notes"), note).await.ok();
}

#[tokio::test]
async fn e52_what_is_kept_under_a_key_holds_no_word_of_the_customer() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let begin = json!({
        "channel": "email", "customer": "dana@zephyr.example", "name": "Dana Zephyr",
        "subject": "The zephyr", "text": "A zephyr, please.", "team": "care",
    });
    let (id, sent) = a_whole_call(&system, begin).await;
    assert_eq!(sent[0].answer["customer"], "Dana Zephyr");
    let kept = database(&host);
    let holding = "SELECT COUNT(*) FROM commands WHERE answer LIKE '%ephyr%'";
    let holding = || kept.query_row(holding, [], |row| row.get::<_, i64>(0));
    assert_eq!(holding().expect("a number"), 0);
    let ada = host.sign_in("ada").await;
    let erase = json!({ "key": key(), "workitem": id });
    ada.call("customers/customer_erase", erase).await.ok();
    for step in &sent {
        let again = system.post_under(&step.path, &step.key, step.body.clone());
        let again = again.await.ok();
        let mut expected = step.answer.clone();
        for word in ["customer", "subject"] {
            if !expected[word].is_null() {
                expected[word] = json!("—");
            }
        }
        assert_eq!(again, expected, "{} {}", step.path, step.key);
    }
    assert_eq!(holding().expect("a number"), 0);
}
