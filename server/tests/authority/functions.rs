//! Every server function that the running program knows, called as everybody.

use std::collections::BTreeSet;

use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use shared::ids::WorkitemId;
use shared::live::Topic;

use crate::cast::{INSIDE, OUTSIDE, actor};
use crate::ready::{amy_asks, make_own, make_ready};
use crate::support::{Host, Staff, key};
use crate::table::{May, table};

/// Amy's chat with a coaching message in it: the ids of both.
pub async fn coached(host: &Host, amy: &Staff<'_>) -> (String, String) {
    let chat = amy.own_workitem("chat").await.to_string();
    let sam = host.sign_in("sam").await;
    let id = WorkitemId::parse(&chat).expect("an id");
    let mut live = sam.live().await;
    live.subscribe(Topic::Workitem(id), None, true).await;
    live.followed().await;
    let input = json!({ "workitem": chat, "key": key(), "text": "offer a refund" });
    let sent = sam.call("coaching/coaching_send", input).await.ok();
    (
        chat,
        sent["entry"]["id"].as_str().expect("an id").to_owned(),
    )
}

/// The table about amy's chat and a template of the demo.
pub async fn inputs(host: &Host) -> Vec<(&'static str, May, Value)> {
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    let (chat, coaching) = coached(host, &amy).await;
    let templates = ada.call("templates/template_list", json!({})).await.ok();
    let template = templates[0]["id"].as_str().expect("an id");
    table(&chat, &coaching, template, "care")
}

#[tokio::test]
async fn every_server_function_is_for_those_whom_the_table_names() {
    let host = Host::start().await;
    let mut table = inputs(&host).await;
    let sam = host.sign_in("sam").await;
    let _there = sam.live().await;
    let request = amy_asks(&host).await;
    for (.., input) in table.iter_mut() {
        if input.get("request").is_some() {
            input["request"] = json!(request);
        }
    }

    let known: BTreeSet<String> = table
        .iter()
        .map(|(name, ..)| format!("/api/app/api/{name}"))
        .collect();
    let served: BTreeSet<String> = server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(served, known, "the table and the program disagree");

    for who in OUTSIDE {
        let caller = actor(&host, who).await;
        for (name, _, input) in &table {
            let answered = caller.call(name, input.clone()).await;
            assert_eq!(
                (answered.status, answered.body),
                (401, json!("Unauthenticated")),
                "{name} as {who}"
            );
        }
    }
    for who in INSIDE {
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
}

/// Each call has an input that is right and finds the state that it needs, so everybody who may make it succeeds.
#[tokio::test]
async fn every_server_function_succeeds_for_those_whom_the_table_names() {
    let shared = Host::start().await;
    let functions = inputs(&shared).await;
    for (number, function) in functions.iter().enumerate() {
        // What changes something has a host of its own.
        let fresh = match function.2.get("key") {
            Some(_) => Some(Host::start().await),
            None => None,
        };
        let (host, (name, may, mut input)) = match &fresh {
            Some(host) => (host, inputs(host).await.swap_remove(number)),
            None => (&shared, function.clone()),
        };
        let _there = make_ready(host, name, &mut input).await;
        for who in INSIDE.into_iter().filter(|who| may.includes(who)) {
            if input.get("key").is_some() {
                input["key"] = json!(key());
            }
            let caller = host.sign_in(who).await;
            make_own(host, who, &caller, name, &mut input).await;
            let answered = caller.call(name, input.clone()).await;
            assert_eq!(answered.status, 200, "{name} as {who}: {}", answered.body);
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
        for ((name, may, foreign), (.., unknown)) in table_of_amy.iter().zip(&table_of_nothing) {
            if foreign.get("workitem").is_some() && !may.includes(who) {
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
