//! What other systems read, piece by piece, and what of another team they do not.

use serde_json::{Value, json};
use shared::ids::WorkitemId;
use shared::live::Topic;

use crate::integrator::{Integrator, of};
use crate::support::{Host, Staff, key};

/// All rows of a list, read in pieces of `limit`.
async fn all(system: &Integrator<'_>, path: &str, limit: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let piece = system
            .get(&format!("{path}?limit={limit}{cursor}"))
            .await
            .ok();
        let items = piece["items"].as_array().expect("rows").clone();
        assert!(items.len() <= limit);
        rows.extend(items);
        match piece["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

#[tokio::test]
async fn a_workitem_says_how_its_customer_rated_it_and_the_customers_transcript_does_not() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let customer = host.customer_saying("Dana Dietz", "Where is it?").await;
    let end = json!({ "key": key() }).to_string();
    customer.post("/chat/care/end", end).await.ok();
    let found = async || {
        let rows = all(&system, "/api/v1/workitems", 100).await;
        let found = rows
            .into_iter()
            .find(|row| row["subject"] == "Where is it?");
        found.expect("the chat")
    };
    let before = found().await;
    assert_eq!(
        (&before["rating"], &before["rating_comment"]),
        (&Value::Null, &Value::Null)
    );
    let rating = json!({ "rating": 2, "comment": "Nobody came", "key": key() });
    let rated = customer.post("/chat/care/rating", rating.to_string());
    rated.await.ok();
    let after = found().await;
    assert_eq!(
        (&after["rating"], &after["rating_comment"]),
        (&json!(2), &json!("Nobody came"))
    );
    let id = after["id"]
        .as_str()
        .and_then(|id| WorkitemId::parse(id).ok());
    let id = &id.expect("an id");
    let staff = all(&system, &of(id, "/transcript/staff"), 100).await;
    let said = staff.last().expect("a line");
    assert_eq!(said["kind"], "notice");
    assert_eq!(said["text"], "Rated 2 of 5: Nobody came");
    let shown = all(&system, &of(id, "/transcript"), 100).await;
    assert!(
        !json!(shown).to_string().contains("Nobody came"),
        "{shown:?}"
    );
}

#[tokio::test]
async fn every_list_is_read_in_pieces_without_gaps_and_repeats() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    for number in 0..7 {
        let text = format!("number {number}");
        let message = json!({ "author": "customer", "text": text });
        system.post(&of(&call, "/messages"), message).await.ok();
    }
    let amy = host.sign_in("amy").await;
    let sam = host.sign_in("sam").await;
    let _there = sam.live().await;
    let options = amy
        .call("assistance/assistance_options_load", json!({}))
        .await
        .ok();
    for template in options["templates"].as_array().expect("templates") {
        let ask =
            json!({ "template": template["id"], "recipient": "AllSignedIn", "workitem": null });
        let input = json!({ "key": key(), "ask": ask });
        amy.call("assistance/assistance_request", input).await.ok();
    }
    for (path, at_least) in [
        ("/api/v1/workitems".to_owned(), 10),
        ("/api/v1/users".to_owned(), 7),
        ("/api/v1/teams".to_owned(), 2),
        ("/api/v1/templates".to_owned(), 4),
        ("/api/v1/requests".to_owned(), 2),
        (of(&call, "/transcript"), 7),
        (of(&call, "/transcript/staff"), 9),
    ] {
        let whole = all(&system, &path, 100).await;
        assert!(whole.len() >= at_least, "{path}: {}", whole.len());
        for limit in [1, 2, 3, whole.len(), whole.len() - 1] {
            assert_eq!(all(&system, &path, limit).await, whole, "{path} by {limit}");
        }
    }
    let numbers = all(&system, &of(&call, "/transcript/staff"), 2).await;
    let numbers: Vec<i64> = numbers
        .iter()
        .filter_map(|line| line["number"].as_i64())
        .collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
}

#[tokio::test]
async fn e20_a_request_says_where_it_stands_and_who_has_it() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let (amy, sam, ada) = (
        host.sign_in("amy").await,
        host.sign_in("sam").await,
        host.sign_in("ada").await,
    );
    let _there = sam.live().await;
    let soon = json!({
        "key": key(), "title": "Soon", "message": "Help soon.", "active": true, "target": 10,
    });
    let template = ada.call("templates/template_create", soon).await.ok();
    let templates = all(&system, "/api/v1/templates", 100).await;
    let minutes = templates
        .iter()
        .map(|template| template["target_minutes"].as_i64());
    assert_eq!(minutes.flatten().collect::<Vec<_>>(), [10]);

    let ask = json!({ "template": template["id"], "recipient": "AllSignedIn", "workitem": null });
    let input = json!({ "key": key(), "ask": ask });
    amy.call("assistance/assistance_request", input).await.ok();
    let listed = async || all(&system, "/api/v1/requests", 100).await.remove(0);
    let open = listed().await;
    assert_eq!(
        (&open["state"], &open["claim"]),
        (&json!("open"), &json!(null))
    );
    assert_eq!(open["target_minutes"], 10);
    let request = || json!({ "key": key(), "request": open["id"] });
    sam.call("assistance/request_claim", request()).await.ok();
    let claimed = listed().await;
    assert_eq!(claimed["state"], "claimed");
    assert_eq!(claimed["claim"]["by"]["id"], "sam");
    assert_eq!(
        claimed["settled"],
        json!(null),
        "as before, until it is over"
    );
    amy.call("assistance/request_withdraw", request())
        .await
        .ok();
    let over = listed().await;
    assert_eq!(over["state"], "withdrawn");
    assert_eq!(over["claim"]["by"]["id"], "sam", "it says who had it");
}

/// A supervisor coaches in a chat of amy's.
async fn coached(host: &Host, amy: &Staff<'_>) -> shared::ids::WorkitemId {
    let chat = amy.own_workitem("chat").await;
    let sam = host.sign_in("sam").await;
    let mut live = sam.live().await;
    live.subscribe(Topic::Workitem(chat.clone()), None, true)
        .await;
    live.followed().await;
    let input = json!({ "workitem": chat, "key": key(), "text": "Offer a refund" });
    sam.call("coaching/coaching_send", input).await.ok();
    chat
}

#[tokio::test]
async fn m21_a_customers_transcript_is_what_the_customer_saw_and_staff_have_their_own_scope() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let chat = coached(&host, &amy).await;
    let input = json!({ "workitem": chat, "key": key(), "text": "She had one" });
    amy.call("coaching/coaching_reply", input).await.ok();
    let customers = Integrator::with(&host, &["transcripts:customer"], "").await;
    let staff = Integrator::with(&host, &["transcripts:staff"], "").await;
    assert_eq!(
        customers.get(&of(&chat, "/transcript/staff")).await.status,
        403
    );
    assert_eq!(staff.get(&of(&chat, "/transcript")).await.status, 403);

    let seen = all(&customers, &of(&chat, "/transcript"), 100).await;
    let text = json!(seen).to_string();
    assert!(
        !text.contains("refund") && !text.contains("She had one") && !text.contains("Sam Stone"),
        "{text}"
    );
    for line in &seen {
        assert!(["customer", "agent", "ended"].contains(&line["kind"].as_str().expect("a kind")));
    }
    let lines = all(&staff, &of(&chat, "/transcript/staff"), 100).await;
    let coaching: Vec<&Value> = lines
        .iter()
        .filter(|line| line["kind"] == "coaching")
        .collect();
    let said: Vec<(&Value, &Value)> = coaching
        .iter()
        .rev()
        .take(2)
        .map(|line| (&line["author"], &line["text"]))
        .collect();
    let expected = [("agent", "She had one"), ("supervisor", "Offer a refund")];
    let expected = expected.map(|(author, text)| (json!(author), json!(text)));
    assert_eq!(
        said,
        expected.iter().map(|(a, t)| (a, t)).collect::<Vec<_>>()
    );
    assert!(
        lines
            .iter()
            .any(|line| line["kind"] == "monitoring_started")
    );
}

#[tokio::test]
async fn workitems_say_where_they_stand_and_not_what_was_said() {
    let host = Host::start().await;
    let system = Integrator::with(&host, &["workitems:read", "workitems:write"], "").await;
    let call = system.call_of_amy().await;
    let message = json!({ "author": "customer", "text": "My secret is 1234" });
    system.post(&of(&call, "/messages"), message).await.ok();
    let listed = system.get("/api/v1/workitems?limit=1").await.ok();
    assert_eq!(listed["items"][0]["id"], call.as_str(), "the newest first");
    assert_eq!(listed["items"][0], system.get(&of(&call, "")).await.ok());
    assert!(!listed.to_string().contains("secret"));
}

#[tokio::test]
async fn m04_ratings_and_flags_for_review_are_listed_for_tokens_that_may_read_them() {
    let host = Host::start().await;
    let everything = crate::integrator::EVERYTHING;
    let system = Integrator::with_everything(&host).await;
    let sales = Integrator::with(&host, &everything, "sales").await;
    let care = Integrator::with(&host, &everything, "care").await;
    let customer = host.customer_saying("Dana Dietz", "Where is it?").await;
    let end = json!({ "key": key() }).to_string();
    customer.post("/chat/care/end", end).await.ok();
    let rating = json!({ "rating": 2, "comment": "Nobody came", "key": key() });
    let rated = customer.post("/chat/care/rating", rating.to_string());
    rated.await.ok();
    let ratings = all(&system, "/api/v1/ratings", 1).await;
    let [rating] = &ratings[..] else {
        panic!("{ratings:?}");
    };
    assert_eq!(
        (&rating["rating"], &rating["comment"]),
        (&json!(2), &json!("Nobody came"))
    );
    assert_eq!(rating["team"], json!({ "id": "care", "name": "Care" }));
    assert_eq!(rating["agent"], Value::Null, "it waited until its end");
    let amy = host.sign_in("amy").await;
    let sam = host.sign_in("sam").await;
    let chat = coached(&host, &amy).await;
    for (workitem, comment) in [
        (rating["workitem"].clone(), "Nobody saw it"),
        (json!(chat), "Mind the tone"),
    ] {
        let flag = json!({ "workitem": workitem, "key": key(), "comment": comment });
        sam.call("reviews/review_flag", flag).await.ok();
    }
    let done = json!({ "workitem": chat, "key": key(), "number": 1 });
    sam.call("reviews/review_finish", done).await.ok();
    let reviews = all(&system, "/api/v1/reviews", 1).await;
    let told: Vec<_> = reviews
        .iter()
        .map(|review| (&review["comment"], &review["reviewed_by"]["id"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("Mind the tone"), &json!("sam")),
            (&json!("Nobody saw it"), &Value::Null)
        ]
    );
    for (path, rows) in [("/api/v1/ratings", ratings), ("/api/v1/reviews", reviews)] {
        assert_eq!(all(&care, path, 100).await, rows);
        assert_eq!(all(&sales, path, 100).await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn m04_a_token_of_one_team_finds_nothing_of_another() {
    let host = Host::start().await;
    let sales = Integrator::with(&host, &crate::integrator::EVERYTHING, "sales").await;
    let amy = host.sign_in("amy").await;
    let chat = coached(&host, &amy).await;
    for what in ["", "/transcript", "/transcript/staff"] {
        let refused = sales.get(&of(&chat, what)).await;
        assert_eq!(refused.problem(), (404, "not_found", ""), "{what}");
    }
    let refused = sales.get("/api/v1/workitems?team=care").await;
    assert_eq!(refused.problem(), (404, "not_found", ""));
    let listed = all(&sales, "/api/v1/workitems", 100).await;
    assert!(!listed.is_empty() && listed.iter().all(|row| row["team"]["id"] == "sales"));
    let teams = all(&sales, "/api/v1/teams", 100).await;
    assert_eq!(teams.len(), 1);
    let users = all(&sales, "/api/v1/users", 100).await;
    let users: Vec<&str> = users
        .iter()
        .filter_map(|user| user["id"].as_str())
        .collect();
    assert_eq!(users, ["cleo", "sid"]);
    assert_eq!(
        all(&sales, "/api/v1/requests", 100).await,
        Vec::<Value>::new()
    );
}

#[tokio::test]
async fn s23_coaching_of_another_team_is_withheld_from_a_token_of_one_team() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let chat = coached(&host, &amy).await;
    let to_sales =
        json!({ "workitem": chat, "key": key(), "to": { "Team": "sales" }, "confirmed": true });
    amy.call("workitems/workitem_transfer", to_sales).await.ok();
    let sales = Integrator::with(&host, &["transcripts:staff"], "sales").await;
    let everywhere = Integrator::with(&host, &["transcripts:staff"], "").await;
    let path = of(&chat, "/transcript/staff");
    let seen = json!(all(&sales, &path, 100).await).to_string();
    assert!(!seen.contains("Offer a refund"), "{seen}");
    let seen = json!(all(&everywhere, &path, 100).await).to_string();
    assert!(seen.contains("Offer a refund"), "{seen}");
}
