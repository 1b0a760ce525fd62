//! Who may call what: every server function that the running program knows, called as everybody. A function
//! that is missing from the table fails the test.

mod support;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use support::{Host, Staff, key};

/// Who may: the others get "not found", and nobody at all gets "sign in".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
    /// Everybody who is signed in.
    All,
    /// Agents.
    Agents,
    /// The agent who has the workitem.
    Amy,
    /// Amy, and the supervisors of her team.
    AmyAndSam,
    /// Supervisors.
    Supervisors,
    /// The supervisors of amy's team.
    Sam,
    /// Administrators.
    Ada,
}

impl May {
    fn includes(self, who: &str) -> bool {
        match self {
            May::All => true,
            May::Agents => ["amy", "ben", "cleo"].contains(&who),
            May::Amy => who == "amy",
            May::AmyAndSam => ["amy", "sam"].contains(&who),
            May::Supervisors => ["sam", "sid"].contains(&who),
            May::Sam => who == "sam",
            May::Ada => who == "ada",
        }
    }
}

fn table(
    chat: &str,
    coaching: &str,
    template: &str,
    channel: &str,
) -> Vec<(&'static str, May, Value)> {
    let team = json!({ "name": "Care", "members": ["amy", "ben"], "supervisors": ["sam", "sue"] });
    let k = key();
    vec![
        ("workitems/worklist_load", May::Agents, json!({})),
        (
            "workitems/conversation_load",
            May::AmyAndSam,
            json!({ "workitem": chat }),
        ),
        (
            "workitems/conversation_older",
            May::AmyAndSam,
            json!({ "workitem": chat, "before": 5 }),
        ),
        (
            "workitems/message_send",
            May::Amy,
            json!({ "workitem": chat, "key": k, "text": "hello" }),
        ),
        (
            "workitems/workitem_read",
            May::Amy,
            json!({ "workitem": chat, "through": 1 }),
        ),
        (
            "workitems/workitem_wrap_up",
            May::Amy,
            json!({ "workitem": chat, "key": key() }),
        ),
        (
            "workitems/workitem_close",
            May::Amy,
            json!({ "workitem": chat, "key": key() }),
        ),
        ("workitems/transfer_options_load", May::Agents, json!({})),
        (
            "workitems/workitem_transfer",
            May::Amy,
            json!({ "workitem": chat, "key": key(), "to": { "Agent": "ben" } }),
        ),
        (
            "workitems/call_place",
            May::Agents,
            json!({ "key": key(), "number": "+49 30 1234" }),
        ),
        ("coaching/dashboard_load", May::Supervisors, json!({})),
        (
            "coaching/agent_workitems_load",
            May::Sam,
            json!({ "agent": "amy" }),
        ),
        (
            "coaching/coaching_send",
            May::Sam,
            json!({ "workitem": chat, "key": key(), "text": "psst" }),
        ),
        (
            "coaching/reaction_set",
            May::Amy,
            json!({ "workitem": chat, "entry": coaching, "reaction": "thumbs_up" }),
        ),
        (
            "coaching/coaching_forward",
            May::Amy,
            json!({ "workitem": chat, "entry": coaching }),
        ),
        ("assistance/assistance_options_load", May::Agents, json!({})),
        (
            "assistance/assistance_request",
            May::Agents,
            json!({ "key": key(), "ask": { "template": template, "recipient": "AllSignedIn", "workitem": null } }),
        ),
        ("templates/template_list", May::Ada, json!({})),
        (
            "templates/template_create",
            May::Ada,
            json!({ "key": key(), "title": "T", "message": "M", "active": true }),
        ),
        (
            "templates/template_update",
            May::Ada,
            json!({ "template": template, "title": "T", "message": "M", "active": true }),
        ),
        (
            "templates/template_move",
            May::Ada,
            json!({ "template": template, "up": false }),
        ),
        (
            "templates/template_delete",
            May::Ada,
            json!({ "template": template }),
        ),
        ("directory/desk_load", May::All, json!({})),
        ("directory/people_list", May::All, json!({})),
        (
            "directory/directory_conversation",
            May::All,
            json!({ "with": "sue", "before": null }),
        ),
        (
            "directory/directory_send",
            May::All,
            json!({ "to": "sue", "key": key(), "text": "hi", "answers": null }),
        ),
        (
            "directory/directory_read",
            May::All,
            json!({ "with": "sue", "through": 0 }),
        ),
        (
            "account/presence_set",
            May::All,
            json!({ "presence": "busy" }),
        ),
        (
            "account/settings_save",
            May::All,
            json!({ "pop_up": false }),
        ),
        (
            "account/password_change",
            May::All,
            json!({ "old": "not the password", "new": "another password" }),
        ),
        ("account/sessions_end_elsewhere", May::All, json!({})),
        ("administration/user_list", May::Ada, json!({})),
        (
            "administration/user_create",
            May::Ada,
            json!({ "username": "new", "name": "New", "roles": ["agent"], "password": "a long password" }),
        ),
        (
            "administration/user_update",
            May::Ada,
            json!({ "user": "sue", "name": "Sue Silva", "roles": ["supervisor"] }),
        ),
        (
            "administration/user_password_reset",
            May::Ada,
            json!({ "user": "sue", "password": "a long password" }),
        ),
        (
            "administration/user_activate",
            May::Ada,
            json!({ "user": "sue", "active": true }),
        ),
        ("administration/team_list", May::Ada, json!({})),
        (
            "administration/team_create",
            May::Ada,
            json!({ "change": { "name": "New", "members": [], "supervisors": [] } }),
        ),
        (
            "administration/team_update",
            May::Ada,
            json!({ "team": "care", "change": team }),
        ),
        (
            "administration/channel_create",
            May::Ada,
            json!({ "team": "care", "name": "Help" }),
        ),
        (
            "administration/channel_activate",
            May::Ada,
            json!({ "channel": channel, "active": true }),
        ),
    ]
}

async fn coached(host: &Host, amy: &Staff<'_>) -> (String, String) {
    let chat = amy.own_workitem("chat").await.to_string();
    let sam = host.sign_in("sam").await;
    let input = json!({ "workitem": chat, "key": key(), "text": "offer a refund" });
    let sent = sam.call("coaching/coaching_send", input).await.ok();
    (
        chat,
        sent["entry"]["id"].as_str().expect("an id").to_owned(),
    )
}

#[tokio::test]
async fn every_server_function_is_for_those_whom_the_table_names() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let ada = host.sign_in("ada").await;
    let (chat, coaching) = coached(&host, &amy).await;
    let templates = ada.call("templates/template_list", json!({})).await.ok();
    let template = templates[0]["id"].as_str().expect("an id").to_owned();
    let table = table(&chat, &coaching, &template, "care");

    let known: BTreeSet<String> = table
        .iter()
        .map(|(name, ..)| format!("/api/app/api/{name}"))
        .collect();
    let served: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(served, known, "the table and the program disagree");

    let nobody = host.nobody();
    for (name, _, input) in &table {
        let answered = nobody.call(name, input.clone()).await;
        assert_eq!(
            (answered.status, answered.body),
            (401, json!("Unauthenticated")),
            "{name} as nobody"
        );
    }
    for who in ["amy", "ben", "cleo", "sam", "sid", "ada"] {
        let caller = host.sign_in(who).await;
        for (name, may, input) in table.iter().filter(|(_, may, _)| !may.includes(who)) {
            let answered = caller.call(name, input.clone()).await;
            assert_eq!(
                (answered.status, &answered.body),
                (404, &json!("NotFound")),
                "{name} as {who} ({may:?})"
            );
        }
    }
    // Whom the table names is let in: what comes back may be an error about the input, never "not found".
    for who in ["cleo", "sam", "amy", "ada"] {
        let caller = host.sign_in(who).await;
        for (name, _, input) in table.iter().filter(|(_, may, _)| may.includes(who)) {
            let answered = caller.call(name, input.clone()).await;
            // A transferred workitem is amy's no longer; the template is deleted by its own line.
            assert!(
                ![401, 404, 500].contains(&answered.status)
                    || ["workitems/workitem_transfer", "coaching/coaching_forward"].contains(name),
                "{name} as {who}: {} {}",
                answered.status,
                answered.body
            );
        }
    }
}

#[tokio::test]
async fn a_workitem_that_is_not_yours_answers_like_one_that_does_not_exist() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let (chat, coaching) = coached(&host, &amy).await;
    let table_of_amy = table(&chat, &coaching, "t", "care");
    let table_of_nothing = table("nothing-like-it", &coaching, "t", "care");
    for who in ["ben", "cleo", "sid", "ada"] {
        let caller = host.sign_in(who).await;
        for ((name, _, foreign), (.., unknown)) in table_of_amy.iter().zip(&table_of_nothing) {
            if foreign.get("workitem").is_some() {
                let foreign = caller.call(name, foreign.clone()).await;
                let unknown = caller.call(name, unknown.clone()).await;
                assert_eq!(
                    (foreign.status, foreign.body),
                    (unknown.status, unknown.body),
                    "{name} as {who}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_role_that_was_just_taken_away_lets_nobody_in() {
    let host = Host::start().await;
    let (sam, ada) = (host.sign_in("sam").await, host.sign_in("ada").await);
    let agent = json!({ "user": "sam", "name": "Sam Stone", "roles": ["agent"] });
    ada.call("administration/user_update", agent).await.ok();
    assert_eq!(
        sam.call("coaching/dashboard_load", json!({})).await.status,
        401,
        "the old session ended"
    );
    let sam = host.sign_in("sam").await;
    assert_eq!(
        sam.call("coaching/dashboard_load", json!({})).await.status,
        404
    );
    assert_eq!(sam.page("/dashboard").await.0, 404);
}

#[tokio::test]
async fn bad_input_names_its_field_and_is_never_a_500() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let before = amy.conversation(&chat).await["entries"]
        .as_array()
        .expect("entries")
        .len();
    for text in [
        String::new(),
        " \n ".to_owned(),
        "x".repeat(4_001),
        "bell\u{7}".to_owned(),
    ] {
        let input = json!({ "workitem": chat, "key": key(), "text": text });
        let answered = amy.call("workitems/message_send", input).await;
        assert_eq!(answered.status, 422);
        assert_eq!(answered.body["Invalid"]["field"], "text");
    }
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"workitem\":5}",
        "{\"workitem\":\"a/b\",\"key\":\"k\",\"text\":\"t\"}",
    ] {
        let answered = amy
            .post("/api/app/api/workitems/message_send", body.to_owned())
            .await;
        assert_eq!(answered.status, 422, "{body:?}: {}", answered.body);
        assert_eq!(answered.body["Invalid"]["field"], "body", "{body:?}");
    }
    let large = json!({ "workitem": chat, "key": key(), "text": "x".repeat(100_000) }).to_string();
    let answered = amy.post("/api/app/api/workitems/message_send", large).await;
    assert_eq!(answered.status, 413);
    assert_eq!(answered.body["Invalid"]["field"], "body");
    assert_eq!(
        amy.post("/api/app/api/workitems/no_such_thing", "{}".to_owned())
            .await
            .status,
        404
    );
    assert_eq!(
        amy.conversation(&chat).await["entries"]
            .as_array()
            .expect("entries")
            .len(),
        before
    );
}

#[tokio::test]
async fn requests_from_another_site_are_turned_away() {
    let host = Host::start().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://elsewhere.example"),
    ] {
        let request = Request::post("/login")
            .header(header::HOST, "127.0.0.1")
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("username=amy&password=sideline-demo"))
            .expect("a request");
        let response = host.request(request).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(!response.headers().contains_key(header::SET_COOKIE));
    }
}
