//! Parts of what another agent has: who is shown one stands in the audit log, once an hour.

use serde_json::{Value, json};
use shared::ids::WorkitemId;
use shared::live::Topic;

use crate::files::{handed, sent};
use crate::history_export::logged;
use crate::support::{Host, key};

/// Amy's work, and what of it was shown.
fn noted(shown: &str) -> Value {
    let noted = |field: &str, is: &str| json!({ "field": field, "was": null, "is": is });
    json!([noted("agent", "amy"), noted("shown", shown)])
}

#[tokio::test]
async fn e51_a_file_of_what_another_agent_has_is_read_as_by_a_peek() {
    let host = Host::start().await;
    let (path, workitem) = sent(&host).await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    assert_eq!(amy.page(&path).await.0, 200);
    let log = logged(&host, "workitem_peek").await;
    assert!(log.is_empty(), "it is hers: {log:?}");
    for _ in 0..2 {
        assert_eq!(sam.page(&path).await.0, 200);
    }
    let log = logged(&host, "workitem_peek").await;
    assert_eq!(log.len(), 1, "one for all its files: {log:?}");
    assert_eq!(
        (&log[0]["actor"], &log[0]["about"]),
        (&json!("sam"), &workitem)
    );
    assert_eq!(log[0]["changes"], noted("file"));
    // Who has opened the conversation has its files with it.
    let sue = host.sign_in("sue").await;
    let load = json!({ "workitem": workitem });
    sue.call("workitems/conversation_load", load).await.ok();
    assert_eq!(sue.page(&path).await.0, 200);
    assert_eq!(logged(&host, "workitem_peek").await.len(), 2);
}

#[tokio::test]
async fn e51_coaching_of_others_that_helped_is_read_as_by_a_peek() {
    let host = Host::start().await;
    host.customer_saying("Quentin Quill", "My zebra lamp blinks")
        .await;
    let first = handed(&host, "Quentin", "amy").await;
    host.customer_saying("Rita Reed", "Why does the zebra lamp blink?")
        .await;
    let second = handed(&host, "Rita", "ben").await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let sue = host.sign_in("sue").await;
    let id = WorkitemId::parse(first.as_str().expect("an id")).expect("an id");
    let mut live = sam.live().await;
    live.subscribe(Topic::Workitem(id), None, true).await;
    live.followed().await;
    let tip = json!({ "workitem": first, "key": key(), "text": "Ask for the number." });
    let tip = sam.call("coaching/coaching_send", tip).await.ok();
    let liked = json!({
        "key": key(), "workitem": first, "entry": tip["entry"]["id"], "reaction": "thumbs_up",
    });
    amy.call("coaching/reaction_set", liked).await.ok();

    // Sam reads his own words.
    for who in [&sam, &sue, &sue] {
        let asked = json!({ "workitem": second });
        let helped = who.call("coaching/coaching_helped", asked).await.ok();
        assert_eq!(helped.as_array().expect("a list").len(), 1, "{helped}");
    }
    let log = logged(&host, "workitem_peek").await;
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(
        (&log[0]["actor"], &log[0]["about"]),
        (&json!("sue"), &first)
    );
    assert_eq!(log[0]["changes"], noted("coaching"));
}
