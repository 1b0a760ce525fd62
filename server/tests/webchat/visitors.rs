//! Who a visitor is: nobody by looking, one by the first message, the same one without cookies.

use axum::http::header;
use serde_json::json;

use crate::actors::Host;
use crate::customer::Customer;

/// The visitor's token that a page carries.
pub fn token_in(page: &str) -> String {
    let (_, rest) = page
        .split_once("name=\"visitor\" value=\"")
        .expect("a token");
    rest.chars().take_while(|c| *c != '"').collect()
}

async fn says(customer: &mut Customer<'_>, text: &str, key: &str) -> u16 {
    let body = json!({ "name": "Eve Ito", "text": text, "key": key });
    customer.post(body.to_string()).await.status
}

#[tokio::test]
async fn e41_f51_looking_makes_nobody_a_visitor() {
    let host = Host::start().await;
    let mut eve = host.customer();
    for path in [
        "/chat/care",
        "/chat/care?new=1",
        "/chat/care?ask=end",
        "/chat/nothing",
    ] {
        let answer = eve.get(path).await;
        assert!(!answer.headers.contains_key(header::SET_COOKIE), "{path}");
    }
    let refused = eve
        .post(json!({ "text": "Hello", "key": "k" }).to_string())
        .await;
    assert_eq!(refused.status, 422);
    assert!(!refused.headers.contains_key(header::SET_COOKIE));
    eve.write("Hello", "k1").await;
    assert!(eve.cookie.is_some());
    let page = eve.get("/chat/care").await;
    assert!(!page.headers.contains_key(header::SET_COOKIE));
    assert!(page.body.contains("<p dir=\"auto\">Hello</p>"));
}

#[tokio::test]
async fn e40_f50_what_a_browser_without_cookies_sends_from_one_page_is_one_visitors() {
    let host = Host::start().await;
    let mut eve = host.customer_without_cookies();
    eve.token = Some(token_in(&eve.page().await));
    for key in ["k1", "k2", "k3"] {
        assert_eq!(says(&mut eve, key, key).await, 200);
    }
    assert_eq!(host.waiting().await, 1);
    assert_eq!(eve.history("").await, ["k1", "k2", "k3"]);
    // How the page's script finds out.
    let token = eve.token.take();
    assert_eq!(eve.get("/chat/care/history").await.status, 404);
    eve.token = token;
    assert_eq!(eve.ends("k4").await.status, 200);
    assert_eq!(host.waiting().await, 0);
}

#[tokio::test]
async fn e40_f50_without_cookies_and_scripts_each_page_carries_the_conversation_on() {
    let host = Host::start().await;
    let mut eve = host.customer_without_cookies();
    let mut page = eve.page().await;
    let mut place = String::new();
    for text in ["one", "two", "three"] {
        let token = token_in(&page);
        let form = format!("name=Eve&text={text}&after={place}&visitor={token}");
        let answer = eve.form(&form).await;
        assert_eq!(answer.status, 200);
        assert!(
            answer.body.contains(&format!("<p dir=\"auto\">{text}</p>")),
            "{}",
            answer.body
        );
        let again = eve.form(&form).await;
        assert_eq!(again.status, 200, "a reload sends it again");
        let notice = "id=\"cookies\" role=\"alert\">Your browser doesn’t keep cookies.";
        assert_eq!(answer.body.contains(notice), text != "one");
        page = answer.body;
        let (_, rest) = page.split_once("data-after=\"").unwrap();
        place = rest.chars().take_while(|c| *c != '"').collect();
    }
    assert_eq!(host.waiting().await, 1);
    eve.token = Some(token_in(&page));
    assert_eq!(eve.history("").await, ["one", "two", "three"]);
    let form = format!("visitor={}&after={place}", token_in(&page));
    let ended = eve.form_to("/chat/care/end", &form).await;
    assert!(
        ended.body.contains("This conversation has ended."),
        "{}",
        ended.body
    );
}

#[tokio::test]
async fn e40_tabs_without_a_cookie_yet_become_one_visitor_and_the_cookie_wins() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let (first, second) = (token_in(&eve.page().await), token_in(&eve.page().await));
    assert_ne!(first, second);
    eve.token = Some(first);
    eve.write("from the first tab", "k1").await;
    eve.token = Some(second);
    eve.write("from the second tab", "k2").await;
    assert_eq!(host.waiting().await, 1);
    assert!(!eve.page().await.contains("name=\"visitor\""));
}

#[tokio::test]
async fn s13_a_page_shows_the_last_lines_and_the_way_to_earlier_ones() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("line 1.", "k").await;
    let workitem = host.given_to_amy().await;
    for number in 2..=250 {
        host.amy_says(&workitem, &format!("line {number}.")).await;
    }
    let shown = |page: &str| -> Vec<i64> {
        let lines = page.split("<p dir=\"auto\">line ").skip(1);
        lines
            .map(|line| line.split('.').next().unwrap().parse().unwrap())
            .collect()
    };
    let page = eve.page().await;
    assert_eq!(shown(&page), (151..=250).collect::<Vec<_>>());
    assert!(page.contains("href=\"/chat/care?before=151\">Earlier messages</a>"));
    let page = eve.get("/chat/care?before=151").await.body;
    assert_eq!(shown(&page), (51..=150).collect::<Vec<_>>());
    assert!(!page.contains("<script") && !page.contains("id=\"composer\""));
    let page = eve.get("/chat/care?before=51").await.body;
    assert_eq!(shown(&page), (1..=50).collect::<Vec<_>>());
    assert!(!page.contains("Earlier messages</a>"));

    let answer = eve.get("/chat/care/history?before=51").await.json();
    let seqs: Vec<_> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["seq"].as_i64())
        .collect();
    assert_eq!(seqs, (1..=50).map(Some).collect::<Vec<_>>());
    for wrong in ["0", "-1", "x", ""] {
        let answer = eve.get(&format!("/chat/care/history?before={wrong}")).await;
        assert_eq!(
            (answer.status, &answer.json()["Invalid"]["field"]),
            (422, &json!("before"))
        );
    }
}
