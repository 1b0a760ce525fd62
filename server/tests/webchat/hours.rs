//! Opening hours and the form for the time outside of them. The rehearsed clock begins on Tuesday, the 14th of November 2023, at
//! 22:13:20 UTC, which is 23:13:20 in Berlin.

use app::backend::Workitems;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use shared::notice::Notice;
use shared::transcript::EntryBody;

use crate::actors::Host;
use crate::customer::{Answer, Customer, shows};

/// From the beginning until Wednesday, 09:00 in Berlin.
const UNTIL_NINE: u64 = 9 * 3_600 + 46 * 60 + 40;

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Open from nine to five in Berlin, each day.
async fn in_berlin(more: &[(&str, &str)]) -> Host {
    let host = Host::start().await;
    let mut texts = vec![("hours", "weekly"), ("time_zone", "Europe/Berlin")];
    texts.extend(DAYS.map(|day| (day, "09:00-17:00")));
    texts.extend(more);
    host.set_up_care(&texts).await;
    host
}

async fn says(customer: &mut Customer<'_>, text: &str, key: &str) -> Answer {
    let body = json!({ "name": "Eve Ito", "text": text, "key": key });
    customer.post(body.to_string()).await
}

async fn leaves(customer: &mut Customer<'_>, body: Value) -> Answer {
    let request =
        Request::post("/chat/care/offline").header(header::CONTENT_TYPE, "application/json");
    customer.ask(request, Body::from(body.to_string())).await
}

fn message(key: &str) -> Value {
    json!({
        "name": "Eve Ito", "email": "eve@example.com", "phone": "+49 30 123", "text": "Call me", "key": key,
    })
}

fn closed(answer: &Answer) {
    assert_eq!(answer.status, 409, "{}", answer.body);
    assert_eq!(answer.json()["Conflict"]["cause"]["code"], "channel_closed");
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
}

/// The lines that the program wrote for staff.
async fn notices(host: &Host, workitem: &shared::ids::WorkitemId) -> Vec<Notice> {
    let amy = host.actor("amy").await;
    let loaded = host.desk.conversation_load(&amy, workitem.clone()).await;
    let entries = loaded.unwrap().entries.into_iter();
    let notices = entries.filter_map(|entry| match entry.body {
        EntryBody::Notice(notice) => Some(notice),
        _ => None,
    });
    notices.collect()
}

#[tokio::test]
async fn e14_outside_of_the_hours_no_conversation_begins_and_the_page_says_when_one_does() {
    let host = in_berlin(&[]).await;
    let mut eve = host.customer();
    let page = eve.page().await;
    assert!(
        page.contains("The chat opens again 2023-11-15 09:00 (Europe/Berlin)."),
        "{page}"
    );
    assert!(page.contains("data-opens=\"2023-11-15T08:00:00.000Z\""));
    assert!(!page.contains("id=\"composer\"") && !page.contains("id=\"offline\""));
    closed(&says(&mut eve, "Hello", "k1").await);
    let refused = eve.form("name=Eve&text=Hello&after=").await;
    assert_eq!(refused.status, 409);
    assert_eq!(host.waiting().await, 0);

    host.clock.advance(UNTIL_NINE - 1);
    closed(&says(&mut eve, "Hello", "k1").await);
    host.clock.advance(1);
    let page = eve.page().await;
    assert!(page.contains("id=\"composer\"") && !page.contains("opens again"));
    assert_eq!(says(&mut eve, "Hello", "k1").await.status, 200);
}

#[tokio::test]
async fn e14_what_is_under_way_when_it_closes_goes_on() {
    let host = in_berlin(&[]).await;
    host.clock.advance(UNTIL_NINE);
    let (mut eve, mut mallory) = (host.customer(), host.customer());
    eve.write("Hello", "k1").await;
    host.clock.advance(8 * 3_600);
    eve.write("Are you still there?", "k2").await;
    assert!(eve.page().await.contains("id=\"composer\""));
    closed(&says(&mut mallory, "Hello", "k1").await);
    let workitem = host.given_to_amy().await;
    host.amy_says(&workitem, "I am").await;
    host.amy_wraps_up(&workitem).await;
    closed(&says(&mut eve, "One more thing", "k3").await);
    // The first answer stands, however late it is asked for again.
    let again = says(&mut eve, "Hello", "k1").await;
    assert_eq!((again.status, &again.json()["seq"]), (200, &json!(1)));
}

#[tokio::test]
async fn e14_the_hours_follow_the_clock_on_the_wall() {
    let host = in_berlin(&[]).await;
    // The 30th of March 2024, 20:00 UTC: the night in which the clock is set forward.
    host.clock.advance(11_828_800);
    let mut eve = host.customer();
    let page = eve.page().await;
    assert!(page.contains("2024-03-31 09:00 (Europe/Berlin)"), "{page}");
    assert!(
        page.contains("2024-03-31T07:00:00.000Z"),
        "an hour earlier than the day before"
    );
    host.clock.advance(11 * 3_600 - 1);
    closed(&says(&mut eve, "Hello", "k1").await);
    host.clock.advance(1);
    assert_eq!(says(&mut eve, "Hello", "k1").await.status, 200);
}

#[tokio::test]
async fn a_channel_that_is_off_says_nothing_of_its_hours() {
    let host = in_berlin(&[]).await;
    host.switch_care(false).await;
    let page = host.customer().page().await;
    assert!(page.contains("Nobody takes messages here at the moment."));
    assert!(!page.contains("opens again"));
}

#[tokio::test]
async fn what_is_left_by_the_form_waits_for_the_team_with_the_way_to_the_customer() {
    let host = in_berlin(&[("offline_form", "on")]).await;
    let mut eve = host.customer();
    let page = eve.page().await;
    assert!(page.contains("action=\"/chat/care/offline\"") && page.contains("Leave us a message"));
    // The script shows the box when the form has begun a conversation.
    assert!(page.contains(" id=\"composer\"") && !shows(&page, "composer"));
    let first = leaves(&mut eve, message("k1")).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.json()["body"]["text"], "Call me");
    assert!(eve.cookie.is_some(), "as with any first message");
    assert_eq!(leaves(&mut eve, message("k1")).await.json(), first.json());
    let mut elsewhere = message("k1");
    elsewhere["email"] = json!("another@example.com");
    let refused = leaves(&mut eve, elsewhere).await;
    assert_eq!(refused.json()["Conflict"]["cause"]["code"], "key_reused");
    assert_eq!(host.waiting().await, 1);

    let workitem = host.given_to_amy().await;
    let by_form = Notice::OfflineForm {
        email: Some("eve@example.com".to_owned()),
        number: Some("+4930123".to_owned()),
    };
    assert!(notices(&host, &workitem).await.contains(&by_form));
    host.amy_says(&workitem, "I have called you").await;
    assert_eq!(eve.history("").await, ["Call me", "I have called you"]);
    let page = eve.page().await;
    assert!(shows(&page, "composer"), "it is under way");
    assert!(
        !eve.get("/chat/care/transcript")
            .await
            .body
            .contains("example.com")
    );
}

#[tokio::test]
async fn the_form_works_without_a_script_and_keeps_what_was_typed() {
    let host = in_berlin(&[("offline_form", "on")]).await;
    let mut eve = host.customer();
    let refused = eve
        .form_to(
            "/chat/care/offline",
            "name=Eve&email=nonsense&text=Please+call",
        )
        .await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("This is not an e-mail address."));
    for kept in [
        "value=\"Eve\"",
        "value=\"nonsense\"",
        "Please call</textarea>",
    ] {
        assert!(refused.body.contains(kept), "{kept}: {}", refused.body);
    }
    let form = "name=Eve&email=eve%40example.com&text=Please+call";
    for _ in 0..2 {
        let taken = eve.form_to("/chat/care/offline", form).await;
        assert_eq!(taken.status, 303);
    }
    assert_eq!(host.waiting().await, 1);
}

#[tokio::test]
async fn the_form_names_what_is_wrong_and_is_there_only_where_it_is_wanted() {
    let host = in_berlin(&[("offline_form", "on")]).await;
    let mut eve = host.customer();
    for (field, wrong) in [
        ("email", json!({ "email": "", "phone": " " })),
        ("email", json!({ "email": "eve", "phone": "" })),
        ("phone", json!({ "email": "", "phone": "call me" })),
        ("text", json!({ "text": " " })),
        ("text", json!({ "text": "x".repeat(4_001) })),
        ("name", json!({ "name": "x".repeat(81) })),
        ("name", json!({ "name": "" })),
        ("key", json!({ "key": "k k" })),
    ] {
        let mut body = message("k1");
        let wrong = wrong.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(wrong.clone());
        let answer = leaves(&mut eve, body).await;
        assert_eq!(answer.status, 422, "{wrong:?} {}", answer.body);
        let invalid = &answer.json()["Invalid"];
        assert_eq!(invalid["field"], field, "{wrong:?}");
        assert!(invalid["reason"].is_string(), "{}", answer.body);
    }
    assert_eq!(host.waiting().await, 0);

    // A channel that is off has the form as well; one without it refuses.
    host.switch_care(false).await;
    let mut lou = host.customer();
    assert!(lou.page().await.contains("id=\"offline\""));
    assert_eq!(leaves(&mut lou, message("k1")).await.status, 200);
    host.set_up_care(&[]).await;
    let mut kim = host.customer();
    assert!(!kim.page().await.contains("id=\"offline\""));
    closed(&leaves(&mut kim, message("k1")).await);
}

#[tokio::test]
async fn in_a_frame_the_form_and_the_box_are_both_there_for_the_script_to_choose() {
    let host = in_berlin(&[
        ("offline_form", "on"),
        ("origins", "https://www.example.com"),
    ])
    .await;
    let page = host.customer().get("/chat/care/embed").await.body;
    for (id, hidden) in [("composer", true), ("offline", false), ("restart", true)] {
        let (_, rest) = page.split_once(&format!("id=\"{id}\"")).expect(id);
        let tag = rest.split('>').next().unwrap();
        assert_eq!(tag.contains("hidden"), hidden, "{id}: {tag}");
    }
}
