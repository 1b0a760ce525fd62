//! Single sign-on over nodes: what the provider sends comes to any of them.

use std::sync::Arc;

use serde_json::json;
use server::clock_and_ids::SystemClock;
use shared::live::{CLOSE_SIGNED_OUT, Topic};

use crate::browser::Browser;
use crate::cluster::Cluster;
use crate::provider::Provider;
use crate::single_sign_on::{LOGOUT, SESSION, comes, goes, person, set_up};

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_begins_on_one_node_comes_back_to_another() {
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    let provider = Provider::start(Arc::new(SystemClock)).await;
    set_up(&three.host, &provider, &[("link", "on")]).await;
    let mut sam = Browser::new(&one.host);
    let back = goes(&mut sam, &provider, person("sam")).await;
    sam.host = &two.host;
    let came = sam.get(&back).await;
    assert_eq!((came.status, came.to.as_str()), (303, "/dashboard"));
    assert!(!sam.has("sideline_sign_on"), "the way was gone once");
    for node in [&one, &two, &three] {
        sam.host = &node.host;
        assert_eq!(sam.call_status().await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_the_provider_to_one_node_ends_a_session_on_all_of_them_and_counts_once() {
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    let provider = Provider::start(Arc::new(SystemClock)).await;
    set_up(&three.host, &provider, &[("link", "on")]).await;
    let mut sam = Browser::new(&one.host);
    comes(&mut sam, &provider, person("sam")).await;
    let cookies = format!("{SESSION}={}", sam.cookies[SESSION]);
    let mut live = one.host.with_cookies(cookies).live().await;
    live.subscribe(Topic::Dashboard, None, false).await;
    live.followed().await;

    let token = provider.logout_token(&json!({ "sub": "subject of sam" }));
    let message = [("logout_token", token.as_str())];
    let sent = Browser::new(&two.host).form(LOGOUT, &message).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    assert_eq!(live.closed_with().await, CLOSE_SIGNED_OUT);
    sam.host = &three.host;
    assert_eq!(sam.call_status().await, 401);

    comes(&mut sam, &provider, person("sam")).await;
    let again = Browser::new(&one.host).form(LOGOUT, &message).await;
    assert_eq!(again.status, 400, "{}", again.body);
    assert_eq!(sam.call_status().await, 200);
}
