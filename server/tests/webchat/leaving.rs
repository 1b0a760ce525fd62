//! A customer ends the conversation, or wants to be forgotten.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use server::bus::{Audience, BusTopic};
use server::queries;
use server::store::Change;
use shared::ids::{UserId, WorkitemId};
use shared::notice::Notice;
use shared::transcript::EntryBody;
use shared::workitem::WorkitemState;

use crate::actors::Host;
use crate::customer::{Answer, Customer};
use crate::files::PICTURE;
use crate::visitors::token_in;

async fn state(host: &Host, workitem: &WorkitemId) -> WorkitemState {
    let record = host.desk.reads().workitem_find(workitem).await.unwrap();
    record.unwrap().workitem.state
}

async fn notices(host: &Host, workitem: &WorkitemId) -> Vec<Notice> {
    let amy = UserId::parse("amy").unwrap();
    let mut rows = host.desk.store().snapshot().await.unwrap();
    let page = queries::conversation_page(&mut *rows, workitem, &amy, None).await;
    let entries = page.unwrap().entries.into_iter();
    entries
        .filter_map(|entry| match entry.body {
            EntryBody::Notice(notice) => Some(notice),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn e41_a_customer_ends_the_conversation_and_its_agent_wraps_it_up() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let workitem = host.given_to_amy().await;
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "Hello");
    let question = eve.get("/chat/care?ask=end").await.body;
    assert!(
        question.contains("aria-labelledby=\"ask-end-title\" open>"),
        "{question}"
    );

    let ended = eve.ends("k2").await;
    assert_eq!(
        (ended.status, &ended.json()["body"]["kind"]),
        (200, &json!("ended"))
    );
    assert_eq!(live.text().await, "(ended)");
    assert_eq!(state(&host, &workitem).await, WorkitemState::WrapUp);
    assert!(
        notices(&host, &workitem)
            .await
            .contains(&Notice::EndedByCustomer {
                customer: "Eve Ito".to_owned()
            })
    );

    assert_eq!(
        eve.ends("k2").await.json(),
        ended.json(),
        "its first answer"
    );
    assert_eq!(
        eve.ends("k3").await.json(),
        ended.json(),
        "it has ended already"
    );
    assert_eq!(
        notices(&host, &workitem).await.len(),
        2,
        "given to amy, ended"
    );
    assert_eq!(eve.history("").await, ["Hello", "(ended)"]);

    host.clock.advance(60);
    eve.write("One more thing", "k4").await;
    assert_ne!(host.given_to_amy().await, workitem);
}

#[tokio::test]
async fn e41_what_nobody_has_yet_is_closed_and_waits_no_more() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let workitem = host.queue().await.remove(0).workitem;
    let answer = eve.form_to("/chat/care/end", "after=").await;
    assert_eq!(
        (answer.status, &answer.headers[header::LOCATION]),
        (303, &"/chat/care".parse().unwrap())
    );
    assert_eq!(state(&host, &workitem).await, WorkitemState::Closed);
    assert_eq!(host.waiting().await, 0);
    let page = eve.page().await;
    assert!(
        page.contains("This conversation has ended.") && page.contains("Start a new conversation")
    );
}

#[tokio::test]
async fn e41_only_ones_own_conversation_can_be_ended() {
    let host = Host::start().await;
    let (mut eve, mut mallory) = (host.customer(), host.customer());
    eve.write("Hello", "k1").await;
    assert_eq!(mallory.ends("k2").await.status, 404);
    mallory.cookie = Some(format!("sideline_visitor={}", "a".repeat(64)));
    assert_eq!(mallory.ends("k2").await.status, 404);
    for body in ["", "{}", "{\"key\":\"a b\"}"] {
        let request =
            Request::post("/chat/care/end").header(header::CONTENT_TYPE, "application/json");
        assert_eq!(
            eve.ask(request, Body::from(body)).await.status,
            422,
            "{body}"
        );
    }
    assert_eq!(mallory.is_forgotten().await.status, 204);
    assert_eq!(eve.history("").await, ["Hello"]);
    assert_eq!(host.waiting().await, 1);
}

#[tokio::test]
async fn e41_f51_a_forgotten_customer_leaves_nothing_that_leads_back() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("My order is LF-1", "k1").await;
    let workitem = host.given_to_amy().await;
    let body = json!({ "name": "Eve Ito", "text": "Prices, please", "key": "k2" }).to_string();
    let sales =
        Request::post("/chat/sales/messages").header(header::CONTENT_TYPE, "application/json");
    assert_eq!(eve.ask(sales, Body::from(body)).await.status, 200);
    let before = eve.cookie.clone();
    assert!(eve.page().await.contains("Forget me on this device"));

    let answer = eve.is_forgotten().await;
    assert_eq!(answer.status, 204);
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.starts_with("sideline_visitor=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    assert_eq!(
        state(&host, &workitem).await,
        WorkitemState::WrapUp,
        "staff need not wait"
    );
    assert_eq!(host.waiting().await, 0, "nor on the other channel");

    let mut kept = host.customer();
    kept.cookie = before;
    for somebody in [&mut eve, &mut kept] {
        let page = somebody.page().await;
        assert!(!page.contains("LF-1") && !page.contains("Eve"), "{page}");
        for path in [
            "/chat/care/history",
            "/chat/care/live",
            "/chat/sales/history",
        ] {
            assert_eq!(somebody.get(path).await.status, 404, "{path}");
        }
    }
    assert_eq!(
        eve.is_forgotten().await.status,
        204,
        "once more changes nothing"
    );
    let form = eve.form_to("/chat/care/forget", "after=").await;
    assert_eq!(form.status, 303);
}

/// Posts as the page's script does.
async fn posts(customer: &mut Customer<'_>, path: &str, body: Value) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    customer.ask(request, Body::from(body.to_string())).await
}

fn said(text: &str, key: &str) -> Value {
    json!({ "name": "Eve Ito", "email": "eve@example.com", "text": text, "key": key })
}

const FORM: &str = "name=Eve&email=eve%40example.com&text=Late&after=";

#[tokio::test]
async fn e41_f51_what_arrives_after_its_sender_was_forgotten_begins_nothing() {
    let host = Host::start().await;
    host.set_up_care(&[("offline_form", "on")]).await;
    let mut eve = host.customer();
    eve.write("My order is LF-1", "k1").await;
    host.given_to_amy().await;
    let cookie = eve.cookie.clone();
    assert_eq!(eve.is_forgotten().await.status, 204);

    let late = || Customer {
        cookie: cookie.clone(),
        ..host.customer()
    };
    let (messages, offline) = ("/chat/care/messages", "/chat/care/offline");
    let sales = "/chat/sales/messages";
    for answer in [
        // Stored before, and sent once more.
        posts(&mut late(), messages, said("My order is LF-1", "k1")).await,
        posts(&mut late(), messages, said("My number is 42", "k2")).await,
        posts(&mut late(), sales, said("My number is 42", "k2")).await,
        // From a tab that took the name for known.
        posts(
            &mut late(),
            messages,
            json!({ "text": "My number is 42", "key": "k2" }),
        )
        .await,
        posts(&mut late(), offline, said("Call me", "k3")).await,
        late().send_file("a.png", PICTURE, "k4").await,
        late().form(FORM).await,
        late().form_to(offline, FORM).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.body);
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        let taken = cookie.starts_with("sideline_visitor=;") && cookie.contains("Max-Age=0");
        assert!(taken, "{cookie}");
    }
    assert_eq!(host.waiting().await, 0);

    // Without a script nothing typed is lost, and sent once more it is somebody new's.
    let mut next = late();
    let refused = next.form(FORM).await.body;
    assert!(refused.contains("Late</textarea>"), "{refused}");
    let again = format!("{FORM}&visitor={}", token_in(&refused));
    assert_eq!(next.form(&again).await.status, 200);
    assert_eq!(host.waiting().await, 1);
    assert_eq!(next.history("").await, ["Late"]);
}

#[tokio::test]
async fn e41_f51_a_first_message_that_arrives_after_its_sender_was_forgotten_begins_nothing() {
    let host = Host::start().await;
    let mut eve = host.customer_without_cookies();
    eve.token = Some(token_in(&eve.page().await));
    assert_eq!(eve.is_forgotten().await.status, 204);
    let late = posts(
        &mut eve,
        "/chat/care/messages",
        said("My number is 42", "k1"),
    )
    .await;
    assert_eq!((late.status, late.json()), (404, json!("NotFound")));
    assert!(!late.headers.contains_key(header::SET_COOKIE));
    let late = eve.send_file("a.png", PICTURE, "k2").await;
    assert_eq!(late.status, 404, "{}", late.body);
    assert_eq!(host.waiting().await, 0);

    eve.token = None;
    eve.token = Some(token_in(&eve.page().await));
    eve.write("Hello", "k3").await;
    assert_eq!(host.waiting().await, 1);
}

#[tokio::test]
async fn s32_an_answer_leaves_before_anybody_hears_of_it() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let workitem = host.given_to_amy().await;
    let (subscription, mut events) = host.desk.bus().subscribe(Audience::Staff, 8);
    subscription.join(BusTopic::Workitem(workitem.clone()));

    let body = json!({ "text": "Are you there?", "key": "k2" }).to_string();
    let request =
        Request::post("/chat/care/messages").header(header::CONTENT_TYPE, "application/json");
    let (status, headers, answer) = eve.send(request, Body::from(body)).await;
    assert_eq!(status, 200);
    assert!(headers.contains_key(header::CONTENT_LENGTH) || answer_size(&answer).is_some());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(events.try_recv().is_err(), "the answer has not left");
    assert_eq!(
        eve.history("1").await,
        ["Are you there?"],
        "and it is stored"
    );
    // The sender is gone.
    drop(answer);
    assert!(matches!(
        &**events.recv().await.unwrap(),
        Change::Workitem { .. }
    ));
}

fn answer_size(body: &Body) -> Option<u64> {
    use hyper::body::Body as _;
    body.size_hint().exact()
}
