//! Who opens a file of a conversation: those who may read the conversation, for as long as they may. Who sends one: the agent who
//! has the workitem.

use serde_json::{Value, json};
use shared::ids::WorkitemId;

use crate::cast::{INSIDE, OUTSIDE, actor};
use crate::support::{Host, Staff, key};

const WORDS: &str = "the serial number is 4711";

/// A customer's file, and the workitem of the conversation, which amy has.
pub async fn sent(host: &Host) -> (String, Value) {
    let customer = host.customer_saying("Quentin Quill", "My lamp").await;
    let line = customer.send_file("lamp.txt", WORDS.as_bytes()).await.ok();
    let file = line["body"]["files"][0]["id"].as_str().expect("an id");
    (
        format!("/files/{file}"),
        handed(host, "Quentin", "amy").await,
    )
}

/// The open workitem of a customer, which sam hands to an agent.
pub async fn handed(host: &Host, customer: &str, agent: &str) -> Value {
    let ada = host.sign_in("ada").await;
    let found = ada.call("customers/customer_find", json!({ "name": customer }));
    let found = found.await.ok();
    let mut found = found.as_array().expect("a list").iter();
    let open = found.find(|row| row["state"] != "closed");
    let workitem = open.expect("an open one")["id"].clone();
    reassign(&host.sign_in("sam").await, &workitem, agent).await;
    workitem
}

async fn reassign(by: &Staff<'_>, workitem: &Value, agent: &str) {
    let input = json!({
        "workitem": workitem, "key": key(), "to": { "Agent": agent }, "confirmed": true,
    });
    by.call("workitems/workitem_reassign", input).await.ok();
}

#[tokio::test]
async fn a_file_is_opened_by_those_who_read_its_conversation_and_is_nothing_to_others() {
    let host = Host::start().await;
    let (path, _) = sent(&host).await;
    let unknown = host.sign_in("cleo").await.page("/files/none").await;
    assert_eq!(unknown.0, 404);
    for who in OUTSIDE.into_iter().chain(INSIDE) {
        let caller = actor(&host, who).await;
        let answer = caller.page(&path).await;
        match who {
            "amy" | "sam" => assert_eq!(answer, (200, WORDS.to_owned()), "{who}"),
            who if OUTSIDE.contains(&who) => assert_eq!(answer.0, 401, "{who}"),
            _ => assert_eq!(answer, unknown, "{who}: as what is not there"),
        }
    }
}

#[tokio::test]
async fn a_file_goes_with_the_work_and_away_from_those_who_had_it() {
    let host = Host::start().await;
    let (path, workitem) = sent(&host).await;
    let (amy, ben) = (host.sign_in("amy").await, host.sign_in("ben").await);
    assert_eq!(
        (amy.page(&path).await.0, ben.page(&path).await.0),
        (200, 404)
    );
    reassign(&host.sign_in("sam").await, &workitem, "ben").await;
    assert_eq!(
        (amy.page(&path).await.0, ben.page(&path).await.0),
        (404, 200)
    );
    amy.post("/logout", String::new()).await;
    assert_eq!(amy.page(&path).await.0, 401);
}

#[tokio::test]
async fn a_file_is_sent_by_the_agent_who_has_the_work_and_by_nobody_else() {
    let host = Host::start().await;
    let (_, workitem) = sent(&host).await;
    let id = WorkitemId::parse(workitem.as_str().expect("an id")).expect("an id");
    for who in OUTSIDE.into_iter().chain(INSIDE) {
        let caller = actor(&host, who).await;
        let answer = caller.attach(&id, key(), "", ("a.txt", b"a")).await;
        match who {
            "amy" => assert_eq!(answer.status, 200, "{}", answer.body),
            who if OUTSIDE.contains(&who) => {
                assert_eq!(
                    (answer.status, answer.body),
                    (401, json!("Unauthenticated"))
                );
            }
            _ => assert_eq!(
                (answer.status, answer.body),
                (404, json!("NotFound")),
                "{who}"
            ),
        }
    }
    let amy = host.sign_in("amy").await;
    reassign(&host.sign_in("sam").await, &workitem, "ben").await;
    let late = amy.attach(&id, key(), "", ("a.txt", b"a")).await;
    assert_eq!((late.status, late.body), (404, json!("NotFound")));
}
