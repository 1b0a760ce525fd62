//! Figures on `/analytics`: whose they are, what they say, and what is no range.

use serde_json::json;

use crate::browser::Browser;
use crate::functions::coached;
use crate::ready::amy_asks;
use crate::support::{Host, key};

async fn signed_in<'a>(host: &'a Host, who: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(who, "sideline-demo").await;
    browser
}

/// The lines of a file, without that of the columns.
async fn lines(browser: &mut Browser<'_>, figure: &str, team: &str) -> Vec<String> {
    let address = format!("/analytics/export?figure={figure}&team={team}");
    let file = browser.get(&address).await;
    assert_eq!(file.status, 200, "{}", file.body);
    file.body.lines().skip(1).map(str::to_owned).collect()
}

#[tokio::test]
async fn figures_are_of_the_teams_over_which_somebody_has_authority() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    coached(&host, &amy).await;
    let (mut sam, mut sid) = (signed_in(&host, "sam").await, signed_in(&host, "sid").await);
    let of_sam = lines(&mut sam, "coaching", "").await;
    let of_sid = lines(&mut sid, "coaching", "").await;
    let by_sam = |lines: &[String]| lines.iter().any(|line| line.contains("Sam Stone"));
    assert!(by_sam(&of_sam), "{of_sam:?}");
    assert!(!by_sam(&of_sid), "{of_sid:?}");
    assert_eq!(sid.get("/analytics?team=care").await.status, 404);
    assert_eq!(sam.get("/analytics?team=care").await.status, 200);
    assert_eq!(sam.get("/analytics?team=nowhere").await.status, 404);
    let mut ada = signed_in(&host, "ada").await;
    assert!(by_sam(&lines(&mut ada, "coaching", "").await));
    assert!(by_sam(&lines(&mut ada, "coaching", "care").await));
}

#[tokio::test]
async fn a_request_is_counted_with_what_became_of_it() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let before = lines(&mut sam, "requests", "").await.len();
    let supervisor = host.sign_in("sam").await;
    let _there = supervisor.live().await;
    let request = amy_asks(&host).await;
    let claim = json!({ "request": request, "key": key() });
    supervisor
        .call("assistance/request_claim", claim)
        .await
        .ok();
    let lines = lines(&mut sam, "requests", "").await;
    assert_eq!(lines.len(), before + 1);
    let last: Vec<&str> = lines.last().expect("one").split(',').collect();
    assert_eq!(last[1], "Amy Adler");
    assert!(!last[4].is_empty(), "claimed: {last:?}");
    assert!(last[6].is_empty(), "open: {last:?}");
    assert_eq!(last.get(9), Some(&"care"), "the team: {last:?}");
    let page = sam.get("/analytics").await;
    assert!(page.body.contains("Amy Adler"), "{}", page.body);
    let by_team = "<th scope=\"row\"><bdi>Care</bdi></th>";
    assert!(page.body.contains(by_team), "{}", page.body);
}

#[tokio::test]
async fn a_request_counts_for_its_template_also_when_its_words_were_edited_since() {
    let host = Host::start().await;
    let (ada, supervisor) = (host.sign_in("ada").await, host.sign_in("sam").await);
    let _there = supervisor.live().await;
    amy_asks(&host).await;
    let mut sam = signed_in(&host, "sam").await;
    let template = ada.call("templates/template_list", json!({})).await.ok()[0].clone();
    let edit = json!({
        "key": key(), "template": template["id"], "version": template["version"],
        "title": "About to leave", "message": "My customer is about to leave. Please help.", "active": true,
    });
    ada.call("templates/template_update", edit).await.ok();
    let last = lines(&mut sam, "requests", "").await.pop().expect("one");
    let fields: Vec<&str> = last.split(',').collect();
    assert_eq!((fields[3], fields[8]), ("About to leave", "template-1"));
    let page = sam.get("/analytics").await.body;
    assert!(page.contains("About to leave"), "{page}");
    let gone = json!({ "key": key(), "template": template["id"] });
    ada.call("templates/template_delete", gone).await.ok();
    let page = sam.get("/analytics").await.body;
    assert!(page.contains("A message that is no longer there"), "{page}");
}

#[tokio::test]
async fn a_rating_is_counted_for_those_with_authority_over_its_team() {
    let host = Host::start().await;
    let customer = host.customer_saying("Dana Dietz", "Where is it?").await;
    let end = json!({ "key": key() }).to_string();
    customer.post("/chat/care/end", end).await.ok();
    let rating = json!({ "rating": 4, "comment": "Nobody came", "key": key() });
    let rated = customer.post("/chat/care/rating", rating.to_string());
    rated.await.ok();
    let (mut sam, mut sid) = (signed_in(&host, "sam").await, signed_in(&host, "sid").await);
    // It waited in the queue until its end.
    assert_eq!(
        lines(&mut sam, "ratings", "").await,
        ["care,Care,,,1,4.0,1"]
    );
    assert_eq!(lines(&mut sid, "ratings", "").await, [""; 0]);
    let page = sam.get("/analytics").await.body;
    assert!(page.contains("Share of 4 and 5") && page.contains(">100%<"));
    assert!(!page.contains("Nobody came"), "figures hold no words");
}

#[tokio::test]
async fn a_first_answer_is_counted_once_and_stays() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let mut ada = signed_in(&host, "ada").await;
    let answered = |lines: Vec<String>| -> i64 {
        let of = |line: &String| {
            line.split(',')
                .nth(2)
                .and_then(|field| field.parse::<i64>().ok())
        };
        lines.iter().filter_map(of).sum::<i64>()
    };
    let workitem = amy.own_workitem("chat").await;
    let mut counted = Vec::new();
    for text in ["Good morning", "How can I help?"] {
        let input = json!({ "workitem": workitem, "key": key(), "text": text });
        amy.call("workitems/message_send", input).await.ok();
        counted.push(answered(lines(&mut ada, "conversations", "").await));
    }
    assert!(counted[0] >= 1);
    assert_eq!(counted[0], counted[1]);
}

#[tokio::test]
async fn a_conversation_that_is_closed_has_a_handle_time() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let mut ada = signed_in(&host, "ada").await;
    let workitem = amy.own_workitem("chat").await;
    for step in ["workitems/workitem_wrap_up", "workitems/workitem_close"] {
        let own = json!({ "workitem": workitem, "key": key() });
        amy.call(step, own).await.ok();
    }
    let file = ada
        .get("/analytics/export?figure=conversations&team=")
        .await;
    let columns: Vec<&str> = file
        .body
        .lines()
        .next()
        .expect("columns")
        .split(',')
        .collect();
    let lines = lines(&mut ada, "conversations", "").await;
    let chat = lines.iter().find(|line| line.starts_with("chat,"));
    let chat: Vec<&str> = chat.expect("chats").split(',').collect();
    assert_eq!(columns.len(), chat.len(), "{columns:?} {chat:?}");
    for name in [
        "handling_median_s",
        "handling_90_percent_s",
        "waiting_median_s",
    ] {
        let place = columns.iter().position(|column| *column == name);
        let field = chat[place.expect(name)];
        assert!(field.parse::<i64>().is_ok(), "{name}: {chat:?}");
    }
    let page = ada.get("/analytics").await.body;
    for name in ["Handle time (median)", "Waiting (90% within)"] {
        assert!(page.contains(name), "{name}: {page}");
    }
}

#[tokio::test]
async fn what_is_no_range_is_refused_with_the_field_and_changes_nothing() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    for (query, said) in [
        ("from=yesterday", "From: write a day"),
        ("to=9999-12-31", "To: write a day"),
        ("from=2026-11-26&to=2026-11-25", "lies before the first one"),
        ("from=1926-11-26&to=2026-11-26", "From: write a day"),
        ("from=2020-01-01&to=2026-11-26", "at most 366 days"),
        ("zone=Europe%2FAtlantis", "no such time zone"),
    ] {
        let page = sam.get(&format!("/analytics?{query}")).await;
        assert_eq!(page.status, 422, "{query}");
        assert!(page.body.contains(said), "{query}: {}", page.body);
        let file = sam
            .get(&format!("/analytics/export?figure=days&{query}"))
            .await;
        assert_eq!(file.status, 422, "{query}");
    }
    for query in [
        "figure=secrets",
        "figure=days&figure=days",
        "figure=days&colour=red",
        "",
    ] {
        let file = sam.get(&format!("/analytics/export?{query}")).await;
        assert_eq!(file.status, 422, "{query}");
    }
    assert_eq!(sam.get("/analytics?colour=red").await.status, 422);
}

#[tokio::test]
async fn the_ways_to_other_days_and_to_files_keep_the_zone_as_it_is_written() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let page = sam.get("/analytics?zone=Etc%2FGMT%2B1&team=care").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let escaped = "zone=Etc%2FGMT%2B1&amp;team=care";
    // Four ranges, five files of figures and the file of requests.
    assert_eq!(page.body.matches(escaped).count(), 10, "{}", page.body);
    assert!(!page.body.contains("GMT+1&amp;"), "{}", page.body);
}

#[tokio::test]
async fn conversations_are_counted_before_and_after_an_agent_was_first_coached() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let mut sam = signed_in(&host, "sam").await;
    assert_eq!(lines(&mut sam, "around_coaching", "").await, [""; 0]);
    coached(&host, &amy).await;
    // How many conversations of hers began before she was coached, and how many after.
    let counted = |lines: &[String], since: &str| -> i64 {
        let of = |line: &String| {
            let fields: Vec<_> = line.split(',').collect();
            let hers = fields[0] == "amy" && fields[2] == since;
            hers.then(|| fields[3].parse::<i64>().expect("a number"))
        };
        lines.iter().filter_map(of).sum()
    };
    let closed = lines(&mut sam, "around_coaching", "").await;
    let workitem = amy.own_workitem("chat").await;
    for step in ["workitems/workitem_wrap_up", "workitems/workitem_close"] {
        let own = json!({ "workitem": workitem, "key": key() });
        amy.call(step, own).await.ok();
    }
    let lines = lines(&mut sam, "around_coaching", "").await;
    // It began before she was coached in it.
    assert_eq!(counted(&lines, "before"), counted(&closed, "before") + 1);
    assert_eq!(counted(&lines, "after"), 0);
    let page = sam.get("/analytics").await;
    assert!(page.body.contains("Before and after coaching"));
    for figure in ["First answer on average", "Duration on average"] {
        assert!(page.body.contains(figure), "{figure}: {}", page.body);
    }
}
