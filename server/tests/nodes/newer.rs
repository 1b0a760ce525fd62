//! A node of a later release among others: it says what they do not know, and they go on hearing each other.

use serde_json::json;

use crate::cluster::{Cluster, Node};
use crate::story::{follow, hears};
use crate::support::{eventually, key};

fn heard(node: &Node) -> (u64, u64) {
    let link = node.host.desk.link_state().expect("a node");
    (link.unknown, link.heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_of_a_later_release_are_counted_and_silence_nobody() {
    let (cluster, one) = Cluster::of_one().await;
    let two = cluster.node().await;
    let (amy, sam) = (one.host.sign_in("amy").await, two.host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let mut at_sam = sam.live().await;
    follow(&mut at_sam, &chat, true).await;

    let later = async_nats::connect(cluster.nats.address()).await;
    let later = later.expect("a connection to NATS");
    let unknown = [
        json!({ "painted": { "id": chat, "colour": "red" } }),
        json!("sunset"),
        // What is known under this name says more now, or something else.
        json!({ "workitem": { "ids": [chat] } }),
        json!({ "people": ["amy"] }),
        json!(null),
    ];
    let known = json!({ "workitem": { "id": chat, "rev": 1, "holder": null, "colour": "red" } });
    let (unknown_before, heard_before) = heard(&two);
    let [everybody, followers] = ["all".to_owned(), format!("workitem.{chat}")]
        .map(|at| format!("sideline.{}.{at}", two.space()));
    let expected = unknown.len() as u64 + 1;
    eventually("the later node is heard", async || {
        let hints = unknown.iter().map(|hint| hint.to_string().into_bytes());
        for hint in hints.chain([b"\0 no JSON".to_vec()]) {
            for subject in [&everybody, &followers] {
                let said = later.publish(subject.clone(), hint.clone().into()).await;
                said.expect("it is sent");
            }
        }
        let said = later.publish(everybody.clone(), known.to_string().into());
        said.await.expect("it is sent");
        later.flush().await.expect("it is sent");
        let (unknown, heard) = heard(&two);
        unknown >= unknown_before + 2 * expected && heard > heard_before
    })
    .await;

    for text in ["It is on its way.", "It arrives on Monday."] {
        let input = json!({ "workitem": chat, "key": key(), "text": text });
        amy.call("workitems/message_send", input).await.ok();
        hears(&mut at_sam, "message", text).await;
    }
}
