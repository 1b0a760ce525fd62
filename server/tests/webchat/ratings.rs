//! A customer is asked how a chat was, and says so: with the page's script and without one.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use server::queries;
use shared::ids::{UserId, WorkitemId};
use shared::notice::Notice;
use shared::transcript::EntryBody;

use crate::actors::Host;
use crate::customer::{Answer, Customer, shows};

impl Customer<'_> {
    /// Sends a rating, as the page's script does.
    pub async fn rates(&mut self, body: Value) -> Answer {
        let request =
            Request::post("/chat/care/rating").header(header::CONTENT_TYPE, "application/json");
        self.ask(request, Body::from(body.to_string())).await
    }
}

/// The lines that say how the conversation was rated, in English.
async fn rated(host: &Host, workitem: &WorkitemId) -> Vec<String> {
    let amy = UserId::parse("amy").unwrap();
    let mut rows = host.desk.store().snapshot().await.unwrap();
    let page = queries::conversation_page(&mut *rows, workitem, &amy, None).await;
    let entries = page.unwrap().entries.into_iter();
    let rated = entries.filter_map(|entry| match entry.body {
        EntryBody::Notice(notice @ Notice::Rated { .. }) => {
            Some(i18n::notice_text(i18n::Language::En, &notice))
        }
        _ => None,
    });
    rated.collect()
}

/// A conversation that amy has ended.
async fn ended(host: &Host, eve: &mut Customer<'_>) -> WorkitemId {
    eve.write("My lamp hums", "k1").await;
    let workitem = host.given_to_amy().await;
    assert!(!shows(&eve.page().await, "rating"), "it goes on");
    host.amy_wraps_up(&workitem).await;
    workitem
}

#[tokio::test]
async fn a_customer_rates_a_chat_that_has_ended_and_is_thanked() {
    let host = Host::start().await;
    let mut eve = host.customer();
    assert!(!shows(&eve.page().await, "rating"), "nothing has begun");
    let workitem = ended(&host, &mut eve).await;
    let page = eve.page().await;
    assert!(shows(&page, "rating") && shows(&page, "restart"));
    for words in [
        "How was this chat?",
        "1 Very poor",
        "5 Very good",
        "Comment (optional)",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!shows(&eve.get("/chat/care?new=1").await.body, "rating"));
    assert!(
        !eve.get("/chat/care?before=2")
            .await
            .body
            .contains("id=\"rating\"")
    );

    let body = json!({ "rating": 4, "comment": "Quick help", "key": "k2" });
    let answer = eve.rates(body.clone()).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({ "rated": true }))
    );
    assert_eq!(
        eve.rates(body).await.json(),
        answer.json(),
        "its first answer"
    );
    let page = eve.page().await;
    assert!(
        !shows(&page, "rating") && page.contains(">Thank you.</p>"),
        "{page}"
    );
    assert_eq!(eve.get("/chat/care/visit").await.json()["rated"], true);
    assert_eq!(rated(&host, &workitem).await, ["Rated 4 of 5: Quick help"]);
    let said = eve.get("/chat/care/transcript").await.body + &page;
    assert!(!said.contains("Quick help"), "it is for staff alone");

    let twice = eve.rates(json!({ "rating": 1, "key": "k3" })).await;
    assert_eq!(twice.status, 409);
    assert_eq!(
        twice.json()["Conflict"]["reason"],
        "This chat is already rated."
    );
    assert_eq!(rated(&host, &workitem).await.len(), 1);

    host.clock.advance(60);
    eve.write("One more thing", "k4").await;
    let page = eve.page().await;
    assert!(!shows(&page, "rating") && !page.contains(">Thank you.</p>"));
    let open = eve.rates(json!({ "rating": 1, "key": "k5" })).await;
    assert_eq!(open.status, 409, "{}", open.body);
}

#[tokio::test]
async fn a_rating_works_without_a_script_and_keeps_what_was_refused() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let workitem = ended(&host, &mut eve).await;
    let page = eve.page().await;
    let from = page.find("name=\"after\" value=\"").unwrap() + 20;
    let after = &page[from..from + page[from..].find('"').unwrap()];
    let comment = "x".repeat(501);
    for (form, words) in [
        (
            format!("after={after}&rating=&comment=Fine"),
            "choose a rating from 1 to 5",
        ),
        (
            format!("after={after}&rating=6&comment=Fine"),
            "choose a rating from 1 to 5",
        ),
        (
            format!("after={after}&rating=4&comment={comment}"),
            "501 of 500 characters",
        ),
    ] {
        let refused = eve.form_to("/chat/care/rating", &form).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains(words), "{}", refused.body);
        assert!(shows(&refused.body, "rating"), "{}", refused.body);
        let typed = if words.contains("501") {
            &comment
        } else {
            "Fine"
        };
        assert!(refused.body.contains(typed));
    }
    assert_eq!(rated(&host, &workitem).await, [""; 0]);
    let form = format!("after={after}&rating=2&comment=+");
    for _ in 0..2 {
        let taken = eve.form_to("/chat/care/rating", &form).await;
        assert_eq!(taken.status, 303, "{}", taken.body);
        assert_eq!(taken.headers[header::LOCATION], "/chat/care");
    }
    assert_eq!(rated(&host, &workitem).await, ["Rated 2 of 5"]);
    assert!(eve.page().await.contains(">Thank you.</p>"));
}

#[tokio::test]
async fn what_is_no_rating_is_refused_by_its_field_and_changes_nothing() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let workitem = ended(&host, &mut eve).await;
    for (field, body) in [
        ("rating", json!({ "rating": 0, "key": "k" })),
        ("rating", json!({ "rating": 6, "key": "k" })),
        ("rating", json!({ "rating": "good", "key": "k" })),
        ("rating", json!({ "key": "k" })),
        (
            "comment",
            json!({ "rating": 4, "comment": "x".repeat(501), "key": "k" }),
        ),
        (
            "comment",
            json!({ "rating": 4, "comment": "a\u{202E}b", "key": "k" }),
        ),
        (
            "after",
            json!({ "rating": 4, "after": "yesterday", "key": "k" }),
        ),
        ("key", json!({ "rating": 4 })),
        ("body", json!("good")),
    ] {
        let refused = eve.rates(body.clone()).await;
        assert_eq!(refused.status, 422, "{body}");
        assert_eq!(refused.json()["Invalid"]["field"], field, "{body}");
        assert!(refused.json()["Invalid"]["reason"].is_string());
    }
    let limit = eve.rates(json!({ "rating": 6, "key": "k" })).await.json();
    assert_eq!(limit["Invalid"]["problem"]["max"], 5);

    // Of somebody else, or of nobody.
    let mut mallory = host.customer();
    assert_eq!(
        mallory
            .rates(json!({ "rating": 1, "key": "k" }))
            .await
            .status,
        404
    );
    mallory.write("Hello", "k1").await;
    mallory.ends("k2").await;
    let after = eve.page().await;
    let after = after.split("data-after=\"").nth(1).unwrap();
    let after = after.split('"').next().unwrap();
    host.clock.advance(60);
    let other = mallory
        .rates(json!({ "rating": 1, "after": "1-1", "key": "k3" }))
        .await;
    assert_eq!(other.status, 404, "{}", other.body);
    assert_eq!(rated(&host, &workitem).await, [""; 0]);
    let own = eve
        .rates(json!({ "rating": 5, "after": after, "key": "k9" }))
        .await;
    assert_eq!(own.status, 200, "{}", own.body);
    assert_eq!(rated(&host, &workitem).await, ["Rated 5 of 5"]);
}
