//! Parts of what another agent has: who is shown one stands in the audit log, once an hour.

use serde_json::{Value, json};

use crate::files::sent;
use crate::history_export::logged;
use crate::support::Host;

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
