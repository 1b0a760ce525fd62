//! Nodes that die or leave, and a NATS that does.

use serde_json::json;

use crate::cluster::Cluster;
use crate::story::{follow, hears, one_is_on_duty, said};
use crate::support::nats::Nats;
use crate::support::{eventually, key};

#[tokio::test(flavor = "multi_thread")]
async fn who_was_on_a_node_that_died_goes_on_elsewhere_and_nobody_sees_them_leave() {
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    let (sam, amy) = (one.host.sign_in("sam").await, two.host.sign_in("amy").await);
    let chat = amy.own_workitem("chat").await;
    let (mut at_sam, mut at_amy) = (sam.live().await, amy.live().await);
    follow(&mut at_amy, &chat, false).await;
    follow(&mut at_sam, &chat, true).await;
    hears(&mut at_amy, "came", "Sam Stone").await;
    let sam = sam.at(&three.host);
    drop(one);
    let mut at_sam = sam.live().await;
    follow(&mut at_sam, &chat, true).await;
    // Another node takes over what is done once, and finds nothing to end.
    one_is_on_duty(&[&two, &three]).await;
    let coaching = json!({ "workitem": chat, "key": key(), "text": "Go on" });
    sam.call("coaching/coaching_send", coaching).await.ok();
    let first = at_amy.until(said).await;
    assert_eq!(first, ("coaching", "Go on".to_owned()));
    drop(at_sam);
    hears(&mut at_amy, "went", "Sam Stone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_come_back_from_a_node_that_died_is_gone_after_a_while() {
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    let (sam, amy) = (one.host.sign_in("sam").await, two.host.sign_in("amy").await);
    let ben = one.host.sign_in("ben").await;
    let chat = amy.own_workitem("chat").await;
    let (mut at_sam, mut at_amy, _at_ben) = (sam.live().await, amy.live().await, ben.live().await);
    follow(&mut at_amy, &chat, false).await;
    follow(&mut at_sam, &chat, true).await;
    hears(&mut at_amy, "came", "Sam Stone").await;
    let sue = three.host.sign_in("sue").await;
    let presence = async || {
        let loaded = sue.call("coaching/dashboard_load", json!({})).await.ok();
        let mut rows = loaded["agents"].as_array().expect("agents").iter();
        let row = rows.find(|row| row["id"] == "ben").expect("Ben is listed");
        row["presence"].clone()
    };
    eventually("Ben is seen", async || presence().await == "available").await;
    drop(one);
    hears(&mut at_amy, "went", "Sam Stone").await;
    eventually("Ben is gone", async || presence().await == "offline").await;
    one_is_on_duty(&[&two, &three]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_takes_over_nothing_that_is_alive() {
    let (cluster, [one, two, _three]) = Cluster::of_three().await;
    let (sam, amy) = (one.host.sign_in("sam").await, two.host.sign_in("amy").await);
    let chat = amy.own_workitem("chat").await;
    let (mut at_sam, mut at_amy) = (sam.live().await, amy.live().await);
    follow(&mut at_amy, &chat, false).await;
    follow(&mut at_sam, &chat, true).await;
    hears(&mut at_amy, "came", "Sam Stone").await;
    let another = cluster.node().await;
    tokio::time::sleep(crate::support::GRACE * 3).await;
    let coaching = json!({ "workitem": chat, "key": key(), "text": "Still here" });
    let sam = sam.at(&another.host);
    sam.call("coaching/coaching_send", coaching).await.ok();
    assert_eq!(at_amy.until(said).await.1, "Still here");
    assert!(!another.host.desk.on_duty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_hands_over_at_once() {
    let (cluster, nodes) = Cluster::of_three().await;
    one_is_on_duty(&nodes.each_ref()).await;
    let (mut on_duty, others): (Vec<_>, Vec<_>) =
        nodes.into_iter().partition(|node| node.host.desk.on_duty());
    on_duty.remove(0).leave().await;
    // The others need not find out that it is dead.
    assert_eq!(cluster.listed().await, 2);
    one_is_on_duty(&others.iter().collect::<Vec<_>>()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_while_it_beats_does_not_come_back() {
    let (cluster, _nodes) = Cluster::of_three().await;
    for _ in 0..10 {
        // It beats as soon as it is there.
        cluster.node().await.leave().await;
    }
    assert_eq!(cluster.listed().await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nats_that_asks_for_a_password_gets_the_one_of_the_address() {
    let (_cluster, nodes) = Cluster::of_three_with(Nats::guarded()).await;
    eventually("all are there", async || {
        nodes.iter().all(|node| node.connected())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_nats_everything_arrives_a_little_later() {
    let (mut cluster, [one, two, _three]) = Cluster::of_three_with(Nats::start()).await;
    let (sam, amy) = (one.host.sign_in("sam").await, two.host.sign_in("amy").await);
    let chat = amy.own_workitem("chat").await;
    let (mut at_sam, mut at_amy) = (sam.live().await, amy.live().await);
    follow(&mut at_amy, &chat, false).await;
    follow(&mut at_sam, &chat, true).await;
    hears(&mut at_amy, "came", "Sam Stone").await;
    cluster.nats.stop();
    eventually("both notice", async || !one.connected() && !two.connected()).await;
    let (status, ready) = sam.page("/readyz").await;
    assert_eq!(status, 200);
    assert!(ready.contains("NATS cannot be reached"), "{ready}");
    let coach = async |text: &str| {
        let coaching = json!({ "workitem": chat, "key": key(), "text": text });
        sam.call("coaching/coaching_send", coaching).await.ok();
    };
    coach("In the dark").await;
    hears(&mut at_amy, "coaching", "In the dark").await;
    assert!(two.host.desk.bus().repaired() > 0);
    cluster.nats.go_on();
    eventually("both are back", async || one.connected() && two.connected()).await;
    assert_eq!(sam.page("/readyz").await.1, "ready\n");
    coach("And again").await;
    hears(&mut at_amy, "coaching", "And again").await;
}
