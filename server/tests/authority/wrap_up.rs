//! A supervisor closes what an agent left in wrap-up: who may and when, what is answered otherwise, and what the audit log says.

use serde_json::{Value, json};

use crate::support::{Host, Staff, key};

async fn closes(who: &Staff<'_>, workitem: &str, key: &str) -> (u16, Value) {
    let input = json!({ "workitem": workitem, "key": key });
    let answered = who.call("stepping_in/wrap_up_close", input).await;
    (answered.status, answered.body)
}

/// The status of a conflict, and its code.
fn cause((status, body): (u16, Value)) -> (u16, String) {
    let code = body["Conflict"]["cause"]["code"].as_str();
    (status, code.unwrap_or_default().to_owned())
}

fn conflict(code: &str) -> (u16, String) {
    (409, code.to_owned())
}

#[tokio::test]
async fn a_supervisor_closes_work_in_wrap_up_once_and_no_other() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await.to_string();
    let early = closes(&sam, &chat, &key()).await;
    assert_eq!(cause(early), conflict("not_wrapped_up"));
    let over = json!({ "workitem": chat, "key": key() });
    amy.call("workitems/workitem_wrap_up", over).await.ok();

    let nothing = (404, json!("NotFound"));
    for who in ["amy", "ben", "sid", "ada"] {
        let other = host.sign_in(who).await;
        assert_eq!(closes(&other, &chat, &key()).await, nothing, "{who}");
    }
    assert_eq!(closes(&sam, "nothing-like-it", &key()).await, nothing);

    let sent = key();
    for time in ["once", "and again"] {
        let done = closes(&sam, &chat, &sent).await;
        assert_eq!(done, (200, Value::Null), "{time}");
    }
    let sue = host.sign_in("sue").await;
    let late = closes(&sue, &chat, &key()).await;
    assert_eq!(cause(late), conflict("workitem_closed"));

    let ada = host.sign_in("ada").await;
    let query = json!({ "query": {
        "from": "", "to": "", "user": "", "act": "wrap_up_close", "object": "", "outcome": "", "before": "",
    } });
    let page = ada.call("audit/audit_list", query).await.ok();
    let rows = page["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{page}");
    assert_eq!(
        (&rows[0]["actor"]["id"], &rows[0]["about"]),
        (&json!("sam"), &json!(chat))
    );
}
