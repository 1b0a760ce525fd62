//! Too much of what is right: sockets, calls.

use axum::body::Body;
use axum::http::{Request, header};
use futures_util::future::join_all;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};
use shared::error::AppError;

use crate::support::{Host, Staff, key};

/// What one user may have: `server/src/live/mod.rs`.
const SOCKETS: usize = 1_000;

/// An agent's work is acknowledged.
pub async fn goes_on(agent: &Staff<'_>) {
    let chat = agent.own_workitem("chat").await;
    let input = json!({ "workitem": chat, "key": key(), "text": "still here" });
    agent.call("workitems/message_send", input).await.ok();
}

fn limited(body: &Value) -> bool {
    let error = serde_json::from_value(body.clone());
    matches!(
        error,
        Ok(AppError::RateLimited {
            retry_after_s: 1..,
            ..
        })
    )
}

/// As many files as the system lets this process open.
fn files() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("more files");
    limit.maximum.map_or(usize::MAX, |files| files as usize)
}

#[tokio::test]
async fn five_thousand_idle_sockets_are_held_and_one_more_of_the_same_user_is_refused() {
    // Both ends of each are in this process, and other tests need some too.
    let room = files().saturating_sub(1_000) / 2;
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let sam = host.sign_in("sam").await;
    let mut crowd = Vec::new();
    for user in ["ada", "ben", "cleo", "sid"] {
        crowd.push(host.sign_in(user).await);
    }
    let others = (crowd.len() * SOCKETS).min(room.saturating_sub(SOCKETS));
    if others < crowd.len() * SOCKETS {
        println!("The limit of open files leaves room for {others} sockets of others only.");
    }
    let mut idle = Vec::new();
    // Sam's come last: who answers no ping for long is let go, and opening thousands takes long.
    for number in 0..others + SOCKETS {
        let of = match number < others {
            true => &crowd[number / SOCKETS],
            false => &sam,
        };
        idle.push(of.live().await);
        if number % 500 == 0 {
            goes_on(&amy).await;
        }
    }
    assert_eq!(sam.try_live().await.err(), Some(429));
    goes_on(&amy).await;
    let _amys = amy.live().await;
    // One of sam's.
    drop(idle.pop());
    // The host notices it later.
    let again = async { while sam.try_live().await.is_err() {} };
    let patience = crate::support::PATIENCE;
    let again = tokio::time::timeout(patience, again).await;
    again.expect("there is room again");
}

#[tokio::test]
async fn a_flood_from_one_user_is_refused_and_the_others_are_answered() {
    let host = Host::start().await;
    let (amy, ben) = (host.sign_in("amy").await, host.sign_in("ben").await);
    let chat = amy.own_workitem("chat").await;
    let flood = (0..1_000).map(|_| {
        let input = json!({ "workitem": chat, "key": key(), "text": "flood" });
        amy.call("workitems/message_send", input)
    });
    let others = async {
        for _ in 0..10 {
            goes_on(&ben).await;
        }
    };
    let (answers, ()) = tokio::join!(join_all(flood), others);
    let stored = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.status == 429);
    assert!(refused.clone().all(|answer| limited(&answer.body)));
    assert_eq!(stored + refused.count(), 1_000, "nothing else is answered");
    assert!((1..1_000).contains(&stored), "{stored} were stored");
    goes_on(&amy).await;
}

#[tokio::test]
async fn s30_a_script_in_somebodys_name_is_held_to_a_pace_and_the_others_are_not() {
    let host = Host::start_with_send_rate(1).await;
    let (amy, ada, sam) = (
        host.sign_in("amy").await,
        host.sign_in("ada").await,
        host.sign_in("sam").await,
    );
    let chat = amy.own_workitem("chat").await;
    let mut stored = 0;
    let refused = loop {
        // What is not sent with this is not counted.
        amy.call("directory/people_list", json!({})).await.ok();
        let input = json!({ "to": "sam", "key": key(), "text": "flood" });
        let answer = amy.call("directory/directory_send", input).await;
        if answer.status != 200 {
            break answer;
        }
        stored += 1;
        assert!(stored < 1_000, "there is a limit");
    };
    assert!(stored >= 6, "{stored} were stored");
    assert_eq!(refused.status, 429);
    assert!(limited(&refused.body), "{}", refused.body);
    let elsewhere = async || {
        let input = json!({ "workitem": chat, "key": key(), "text": "and elsewhere" });
        let request = Request::post("/api/app/api/workitems/message_send")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, amy.cookies())
            .body(Body::from(input.to_string()));
        host.request(request.expect("a request")).await
    };
    // On a slow machine a second may have passed, which allows one more.
    let mut answer = elsewhere().await;
    for _ in 0..2 {
        if answer.status() == 429 {
            break;
        }
        answer = elsewhere().await;
    }
    let elsewhere = answer;
    assert_eq!(elsewhere.status(), 429);
    let wait: u32 = elsewhere.headers()[header::RETRY_AFTER]
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    assert!((1..=6).contains(&wait), "{wait}");
    goes_on(&host.sign_in("ben").await).await;
    let input = json!({ "to": "amy", "key": key(), "text": "What are you doing?" });
    sam.call("directory/directory_send", input).await.ok();
    let (_, log) = ada
        .page("/admin/audit/export?format=jsonl&act=refused_rate")
        .await;
    assert!(log.contains("app/api/directory/directory_send"), "{log}");
    assert!(!log.contains("flood"), "{log}");
}

#[tokio::test]
async fn s30_a_script_that_sends_no_texts_is_held_to_a_pace_and_texts_go_on() {
    let host = Host::start_with_rates(u32::MAX, 1).await;
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    let mut done = 0;
    let refused = loop {
        let away = json!({ "key": key(), "presence": "away" });
        let answer = amy.call("account/presence_set", away).await;
        if answer.status != 200 {
            break answer;
        }
        done += 1;
        assert!(done < 1_000, "there is a limit");
    };
    assert!(done >= 10, "{done} were done");
    assert!(limited(&refused.body), "{}", refused.body);
    // Neither her texts nor what others do is held up by that, and a form counts as well.
    goes_on(&amy).await;
    let here = json!({ "key": key(), "presence": "available" });
    host.sign_in("ben")
        .await
        .call("account/presence_set", here)
        .await
        .ok();
    let forms = (0..20).map(|_| {
        let request = Request::post("/texts")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, amy.cookies())
            .body(Body::from("act=none"));
        host.request(request.expect("a request"))
    });
    let answers = join_all(forms).await;
    assert!(answers.iter().any(|answer| answer.status() == 429));
    let (_, log) = ada
        .page("/admin/audit/export?format=jsonl&act=refused_rate")
        .await;
    assert!(log.contains("app/api/account/presence_set"), "{log}");
}

#[tokio::test]
async fn s30_every_function_with_a_pace_is_there() {
    let host = Host::start_with_send_rate(1).await;
    let amy = host.sign_in("amy").await;
    // Six at once and some more: a function that does not exist is never refused for its pace.
    for function in [
        "workitems/message_send",
        "workitems/call_place",
        "coaching/coaching_send",
        "coaching/coaching_forward",
        "directory/directory_send",
        "assistance/assistance_request",
    ] {
        let calls = (0..40).map(|_| amy.call(function, json!({})));
        let answers = join_all(calls).await;
        let limited = answers.iter().any(|answer| answer.status == 429);
        assert!(limited, "{function}");
    }
}
