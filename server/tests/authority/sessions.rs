//! A user's sessions: listed, ended one by one, ended by administrators, limited.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use shared::live::CLOSE_SIGNED_OUT;

use crate::proof::Watch;
use crate::support::{Host, Staff, key};

async fn list(staff: &Staff<'_>) -> Vec<Value> {
    let list = staff.call("account/session_list", json!({})).await.ok();
    list.as_array().expect("a list").clone()
}

async fn is_in(staff: &Staff<'_>) -> bool {
    let answered = staff.call("directory/people_list", json!({})).await;
    answered.status == 200
}

#[tokio::test]
async fn s10_a_user_ends_one_session_which_leaves_at_once() {
    let host = Host::start().await;
    let (here, there) = (host.sign_in("amy").await, host.sign_in("amy").await);
    let sam = host.sign_in("sam").await;
    let mut live = there.live().await;
    let sessions = list(&here).await;
    assert_eq!(sessions.len(), 2, "her own only");
    let mine = sessions.iter().filter(|session| session["here"] == true);
    assert_eq!(mine.count(), 1);
    let other = sessions.iter().find(|session| session["here"] == false);
    let other = other.expect("the other one")["id"].clone();

    // Nobody else ends it.
    let end = json!({ "key": key(), "session": other });
    assert_eq!(
        sam.call("account/session_end", end.clone()).await.status,
        404
    );
    assert!(is_in(&there).await);
    here.call("account/session_end", end).await.ok();
    assert_eq!(live.closed_with().await, CLOSE_SIGNED_OUT);
    assert!(!is_in(&there).await && is_in(&here).await);
    assert_eq!(list(&here).await.len(), 1);
}

#[tokio::test]
async fn s10_an_administrator_ends_all_sessions_of_a_user() {
    let host = Host::start().await;
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    let mut live = amy.live().await;
    let end = json!({ "key": key(), "user": "amy" });
    let refused = amy
        .call("administration/user_sessions_end", end.clone())
        .await;
    assert_eq!(refused.status, 404);
    ada.call("administration/user_sessions_end", end).await.ok();
    assert_eq!(live.closed_with().await, CLOSE_SIGNED_OUT);
    assert!(!is_in(&amy).await && is_in(&ada).await);
    let nobody = json!({ "key": key(), "user": "nobody" });
    let unknown = ada.call("administration/user_sessions_end", nobody).await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn s30_at_one_session_more_than_the_limit_the_one_used_longest_ago_ends() {
    let host = Host::start().await;
    let first = host.sign_in("amy").await;
    let mut live = first.live().await;
    let mut others = Vec::new();
    for _ in 0..19 {
        others.push(host.sign_in("amy").await);
    }
    assert!(is_in(&first).await, "twenty are allowed");
    let last = host.sign_in("amy").await;
    assert_eq!(live.closed_with().await, CLOSE_SIGNED_OUT);
    assert!(!is_in(&first).await);
    assert!(is_in(&last).await && is_in(&others[0]).await);
    assert_eq!(list(&last).await.len(), 20);
}

#[tokio::test]
async fn asvs_7_3_1_a_tab_that_nobody_uses_keeps_no_session() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let (left, used) = (host.sign_in("amy").await, host.sign_in("amy").await);
    let chat = left.own_workitem("chat").await;
    clock.pass_minutes(11 * 60);
    // What a tab does without its user: it connects again, marks what arrives in an open conversation as read, and on a page of the
    // host asks how many requests wait.
    let _tab = left.live().await;
    left.page("/dashboard/waiting").await;
    let read = json!({ "workitem": chat, "through": 1 });
    left.call("workitems/workitem_read", read).await.ok();
    assert!(is_in(&used).await);
    clock.pass_minutes(90);
    assert_eq!(left.try_live().await.err(), Some(401));
    assert!(
        !is_in(&left).await,
        "nobody was there for 12 hours and a half"
    );
    assert!(is_in(&used).await);
}

#[tokio::test]
async fn s25_signing_out_clears_what_the_browser_keeps_and_not_its_cookies() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    for (asked, leads_to) in [
        ("/logout?theme=dark", "/login?theme=dark"),
        ("/logout?theme=//example.org", "/login"),
        ("/logout", "/login"),
    ] {
        let request = Request::post(asked)
            .header(header::COOKIE, amy.cookies())
            .body(Body::empty());
        let response = host.request(request.expect("a request")).await;
        let headers = response.headers();
        assert_eq!(headers["clear-site-data"], "\"storage\"");
        assert_eq!(headers[header::LOCATION], leads_to);
    }
    assert!(!is_in(&amy).await);
}
