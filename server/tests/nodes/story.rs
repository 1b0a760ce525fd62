//! The story, with each of its people on another node.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::ids::{UserId, WorkitemId};
use shared::live::{CLOSE_SIGNED_OUT, ServerFrame, Topic};
use shared::people::Presence;
use shared::transcript::{EntryBody, WorkitemChange};
use sqlx::{Connection, Row};

use crate::cluster::{Cluster, Node};
use crate::support::postgres::connect;
use crate::support::{Live, Staff, eventually, key};

/// What is said in a frame: a kind and its text.
pub fn said(frame: &ServerFrame) -> Option<(&'static str, String)> {
    let ServerFrame::Workitem {
        change: WorkitemChange::Entry(entry),
        ..
    } = frame
    else {
        return None;
    };
    match &entry.body {
        EntryBody::Message { text, .. } => Some(("message", text.clone())),
        EntryBody::Coaching { text, .. } => Some(("coaching", text.clone())),
        EntryBody::MonitoringStarted { name, .. } => Some(("came", name.clone())),
        EntryBody::MonitoringEnded { name, .. } => Some(("went", name.clone())),
        _ => None,
    }
}

/// Reads until this is said.
pub async fn hears(live: &mut Live, kind: &str, text: &str) {
    live.until(|frame| said(frame).filter(|(of, what)| *of == kind && what == text))
        .await;
}

pub async fn follow(live: &mut Live, workitem: &WorkitemId, monitor: bool) {
    live.subscribe(Topic::Workitem(workitem.clone()), None, monitor)
        .await;
    live.followed().await;
}

async fn worklist(amy: &Staff<'_>) -> Vec<Value> {
    let list = amy.call("workitems/worklist_load", json!({})).await.ok();
    list["workitems"].as_array().expect("a list").clone()
}

/// The workitem of a customer, once the agent has it.
async fn assigned(agent: &Staff<'_>, customer: &str) -> WorkitemId {
    let find = async || {
        let list = worklist(agent).await;
        let found = list.into_iter().find(|row| row["customer"] == customer)?;
        WorkitemId::parse(found["id"].as_str().expect("an id")).ok()
    };
    eventually("the work is assigned", async || find().await.is_some()).await;
    find().await.expect("it is there")
}

/// Of all nodes exactly one is on duty.
pub async fn one_is_on_duty(nodes: &[&Node]) {
    let on_duty = || nodes.iter().filter(|node| node.host.desk.on_duty()).count();
    eventually("one node is on duty", async || on_duty() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_story_goes_over_three_nodes() {
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    one_is_on_duty(&[&one, &two, &three]).await;
    let (sam, amy) = (one.host.sign_in("sam").await, two.host.sign_in("amy").await);
    let mut at_amy = amy.live().await;
    // The node on duty learns where Amy is, and gives her the work of a customer who writes at a third one.
    let customer = three
        .host
        .customer_saying("Dana", "Where is my parcel?")
        .await;
    let chat = assigned(&amy, "Dana").await;
    follow(&mut at_amy, &chat, false).await;

    let mut at_sam = sam.live().await;
    follow(&mut at_sam, &chat, true).await;
    hears(&mut at_amy, "came", "Sam Stone").await;
    let text = json!({ "name": "Dana", "key": key(), "text": "It is late" });
    let sent = customer.post("/chat/care/messages", text.to_string()).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    hears(&mut at_amy, "message", "It is late").await;
    hears(&mut at_sam, "message", "It is late").await;

    let coaching = json!({ "workitem": chat, "key": key(), "text": "Offer 20 back" });
    sam.call("coaching/coaching_send", coaching).await.ok();
    hears(&mut at_amy, "coaching", "Offer 20 back").await;
    let answer = json!({ "workitem": chat, "key": key(), "text": "You get 20 back" });
    amy.call("workitems/message_send", answer).await.ok();
    hears(&mut at_sam, "message", "You get 20 back").await;
    let (_, history) = customer.page("/chat/care").await;
    assert!(history.contains("You get 20 back") && !history.contains("Offer 20"));

    drop(at_sam);
    hears(&mut at_amy, "went", "Sam Stone").await;
}

/// How many nodes say that they have live connections of a user.
async fn nodes_of(cluster: &Cluster, user: &str) -> i64 {
    let mut connection = connect(&cluster.database.url()).await;
    let count = sqlx::query("SELECT COUNT(*) AS count FROM node_presences WHERE user_id = $1")
        .bind(user)
        .fetch_one(&mut connection)
        .await
        .expect("a count");
    connection.close().await.expect("closed");
    count.get("count")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presence_is_seen_on_every_node() {
    let (cluster, [one, two, _three]) = Cluster::of_three().await;
    let (sam, amy) = (one.host.sign_in("sam").await, two.host.sign_in("amy").await);
    let presence = async || {
        let loaded = sam.call("coaching/dashboard_load", json!({})).await.ok();
        let row = loaded["agents"].as_array().expect("agents").iter();
        let mut row = row.filter(|row| row["id"] == "amy");
        row.next().expect("Amy is listed")["presence"].clone()
    };
    assert_eq!(presence().await, "offline");
    let at_amy = amy.live().await;
    eventually("Amy is seen", async || presence().await == "available").await;
    // Two tabs on two nodes: one that goes is no end.
    let at_amy_too = amy.at(&one.host).live().await;
    eventually("both nodes have her", async || {
        nodes_of(&cluster, "amy").await == 2
    })
    .await;
    drop(at_amy);
    eventually("one has let go", async || {
        nodes_of(&cluster, "amy").await == 1
    })
    .await;
    assert_eq!(presence().await, "available");
    drop(at_amy_too);
    eventually("Amy is gone", async || presence().await == "offline").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_chooses_another_presence_is_seen_in_the_directory_of_every_node() {
    let (_cluster, [one, two, _three]) = Cluster::of_three().await;
    let (sam, amy) = (one.host.sign_in("sam").await, two.host.sign_in("amy").await);
    let (_at_sam, mut at_amy) = (sam.live().await, amy.live().await);
    at_amy.subscribe_patched(Topic::People).await;
    at_amy.followed().await;
    let reached = async || one.connected() && two.connected();
    eventually("both reach NATS", reached).await;
    let dropped = || one.host.desk.link_state().expect("a node").dropped;
    let before = dropped();
    let choice = json!({ "presence": "away" });
    sam.call("account/presence_set", choice).await.ok();
    let sams: UserId = "sam".parse().expect("an id");
    at_amy
        .until(|frame| match frame {
            ServerFrame::PeoplePatch(patch) => {
                let away = (sams.clone(), Presence::Away);
                patch.presences.contains(&away).then_some(())
            }
            _ => None,
        })
        .await;
    // The wire says it sooner than the sweep, which looks once a minute.
    assert_eq!(dropped(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_taken_away_on_one_node_is_gone_on_the_others() {
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    let (sam, ada) = (
        one.host.sign_in("sam").await,
        three.host.sign_in("ada").await,
    );
    let amy = two.host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let (mut at_sam, mut at_amy) = (sam.live().await, amy.live().await);
    follow(&mut at_amy, &chat, false).await;
    follow(&mut at_sam, &chat, true).await;
    hears(&mut at_amy, "came", "Sam Stone").await;
    let change = json!({ "name": "Care", "members": ["amy", "ben"], "supervisors": ["sue"] });
    let input = json!({ "team": "care", "change": change });
    ada.call("administration/team_update", input).await.ok();
    at_sam
        .until(|frame| matches!(frame, ServerFrame::Refused { .. }).then_some(()))
        .await;
    hears(&mut at_amy, "went", "Sam Stone").await;
    let refused = sam
        .call("workitems/conversation_load", json!({ "workitem": chat }))
        .await;
    assert_eq!(refused.status, 404, "{}", refused.body);

    // A session that is ended elsewhere lets nobody in any more, and its tab is closed.
    let input = json!({ "user": "amy" });
    let ended = ada.call("administration/user_sessions_end", input).await;
    if ended.status != 200 {
        panic!("{}", ended.body);
    }
    assert_eq!(at_amy.closed_with().await, CLOSE_SIGNED_OUT);
    let out = amy.call("workitems/worklist_load", json!({})).await;
    assert_eq!(out.status, 401, "{}", out.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_that_claim_one_request_one_has_it() {
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    let amy = three.host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let (sam, sue) = (one.host.sign_in("sam").await, two.host.sign_in("sue").await);
    let (_at_sam, _at_sue) = (sam.live().await, sue.live().await);
    let supervisors = async || {
        let options = amy
            .call("assistance/assistance_options_load", json!({}))
            .await
            .ok();
        let all = options["supervisors"]
            .as_array()
            .expect("supervisors")
            .clone();
        all.iter().filter(|one| one[1] == "available").count()
    };
    eventually("both are seen", async || supervisors().await == 2).await;
    for _ in 0..5 {
        let options = amy
            .call("assistance/assistance_options_load", json!({}))
            .await
            .ok();
        let ask = json!({
            "template": options["templates"][0]["id"], "recipient": "AllSignedIn", "workitem": chat,
        });
        let input = json!({ "key": key(), "ask": ask });
        amy.call("assistance/assistance_request", input).await.ok();
        let hands = sam.call("coaching/dashboard_load", json!({})).await.ok();
        let mut rows = hands["agents"].as_array().expect("agents").iter();
        let row = rows.find(|row| row["id"] == "amy").expect("Amy is listed");
        let request =
            row["hands"].as_array().expect("hands").last().expect("one")["request"].clone();
        let claim = |key: String| json!({ "request": request, "key": key });
        let (first, second) = tokio::join!(
            sam.call("assistance/request_claim", claim(key())),
            sue.call("assistance/request_claim", claim(key())),
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", first.body, second.body);
        let claimer = if first.status == 200 { &sam } else { &sue };
        let done = json!({ "request": request, "key": key() });
        claimer.call("assistance/request_handle", done).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_claimer_signed_out_on_one_node_is_open_again_on_all() {
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    one_is_on_duty(&[&one, &two, &three]).await;
    let (amy, sam) = (
        three.host.sign_in("amy").await,
        one.host.sign_in("sam").await,
    );
    let (sue, ada) = (
        two.host.sign_in("sue").await,
        three.host.sign_in("ada").await,
    );
    let (mut at_sam, _at_sue) = (sam.live().await, sue.live().await);
    let ask = async || {
        let options = amy.call("assistance/assistance_options_load", json!({}));
        let options = options.await.ok();
        let template = &options["templates"][0]["id"];
        let ask = json!({ "template": template, "recipient": "AllSignedIn", "workitem": null });
        let input = json!({ "key": key(), "ask": ask });
        amy.call("assistance/assistance_request", input).await
    };
    eventually("somebody is there", async || ask().await.status == 200).await;
    let hand = async || {
        let loaded = sue.call("coaching/dashboard_load", json!({})).await.ok();
        let mut rows = loaded["agents"].as_array().expect("agents").iter();
        let row = rows.find(|row| row["id"] == "amy").expect("Amy is listed");
        row["hands"].as_array().expect("hands").last().cloned()
    };
    eventually("sue sees it", async || hand().await.is_some()).await;
    let request = hand().await.expect("a hand")["request"].clone();
    let claim = json!({ "request": request, "key": key() });
    sam.call("assistance/request_claim", claim).await.ok();
    let claimer = async || hand().await.expect("it is open")["claim"]["by"]["id"].clone();
    eventually("sam has it", async || claimer().await == "sam").await;

    let ended = json!({ "user": "sam" });
    let ended = ada.call("administration/user_sessions_end", ended).await;
    assert_eq!(ended.status, 200, "{}", ended.body);
    assert_eq!(at_sam.closed_with().await, CLOSE_SIGNED_OUT);
    eventually("nobody has it", async || claimer().await.is_null()).await;
    let claim = json!({ "request": request, "key": key() });
    sue.call("assistance/request_claim", claim).await.ok();
    eventually("sue has it", async || claimer().await == "sue").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tries_passwords_on_every_node_has_no_more_tries() {
    use axum::body::Body;
    use axum::http::{Request, header};
    let (_cluster, nodes) = Cluster::of_three().await;
    let mut limited = 0;
    for number in 0..15 {
        let form = "username=amy&password=wrong-one";
        let request = Request::post("/login")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .expect("a request");
        let answer = nodes[number % 3].host.request(request).await;
        limited += usize::from(answer.status() == 429);
    }
    assert_eq!(limited, 5, "ten are looked at, whichever node they reach");
}

/// More than one node tries at the same time, and each can keep but its own commands from meeting.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_on_all_nodes_at_once_is_stored_once_and_none_is_refused() {
    const EACH: usize = 30;
    let (_cluster, [one, two, three]) = Cluster::of_three().await;
    let amys = [
        one.host.sign_in("amy").await,
        two.host.sign_in("amy").await,
        three.host.sign_in("amy").await,
    ];
    let chat = amys[0].own_workitem("chat").await;
    let send = async |number: usize| {
        let text = format!("Line {number}");
        let message = json!({ "workitem": chat, "key": key(), "text": text });
        let amy = &amys[number % amys.len()];
        amy.call("workitems/message_send", message).await.ok();
        text
    };
    let sent = join_all((0..EACH * amys.len()).map(send)).await;
    let load = json!({ "workitem": chat });
    let shown = amys[0].call("workitems/conversation_load", load).await.ok();
    let shown = shown["entries"].to_string();
    for text in sent {
        let quoted = format!("\"{text}\"");
        assert_eq!(shown.matches(&quoted).count(), 1, "{text}");
    }
}
