//! Limits that count what people cannot invent: the address, the channel, the queue, visitors known to the store.

use axum::body::Body;
use axum::http::{Request, header};
use futures_util::future::join_all;
use serde_json::{Value, json};
use server::http::HttpConfig;

use crate::actors::Host;
use crate::customer::{Answer, Customer};

async fn behind_a_proxy() -> Host {
    let config = HttpConfig {
        trust_forwarded: true,
        ..HttpConfig::default()
    };
    Host::start_with(config).await
}

async fn begins(customer: &mut Customer<'_>, number: usize) -> Answer {
    let body = json!({ "name": "Eve", "text": "Hello", "key": format!("k{number}") });
    customer.post(body.to_string()).await
}

/// A refusal says in words why, and to programs for how long.
fn refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, 429, "{}", answer.body);
    let wait: i64 = answer.headers[header::RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let error: &Value = &answer.json()["RateLimited"];
    assert_eq!(error["retry_after_s"], wait);
    assert!(
        error["reason"].as_str().unwrap().contains(words),
        "{}",
        answer.body
    );
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn e42_f52_s05_invented_cookies_do_not_make_one_address_many_customers() {
    let host = behind_a_proxy().await;
    let mut known = host.customer_from(&["203.0.113.7"]);
    known.write("Hello", "first").await;
    let all = join_all((0..400).map(|number| {
        let mut stranger = host.customer_from(&["203.0.113.7"]);
        stranger.cookie = Some(format!("sideline_visitor=f{number:063x}"));
        async move { begins(&mut stranger, number).await }
    }))
    .await;
    let begun = all.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(begun, 59, "sixty with the first");
    assert_eq!(host.waiting().await, 60);
    for answer in all.iter().filter(|answer| answer.status != 200) {
        refused(answer, "from your network");
    }
    known.write("I am still here", "second").await;
    host.customer_from(&["203.0.113.8"])
        .write("Somebody else", "k")
        .await;
    host.clock.advance(600);
    let mut later = host.customer_from(&["203.0.113.7"]);
    later.write("Hello", "k").await;
}

#[tokio::test]
async fn e42_f53_strangers_behind_a_proxy_are_counted_by_their_own_addresses() {
    let host = behind_a_proxy().await;
    for number in 0..40 {
        let mut stranger = host.customer_from(&[&format!("198.51.100.{number}")]);
        assert_eq!(begins(&mut stranger, number).await.status, 200);
    }
    assert_eq!(host.waiting().await, 40);
    // A client that writes a line of its own in front of the proxy's is still one address.
    let mut held_up = 0;
    for number in 0..80 {
        let own = format!("192.0.2.{number}");
        let mut stranger = host.customer_from(&[&own, "203.0.113.9"]);
        held_up += usize::from(begins(&mut stranger, number).await.status == 429);
    }
    assert_eq!(held_up, 20);
}

#[tokio::test]
async fn e42_s08_the_addresses_of_one_ipv6_network_are_one() {
    let host = behind_a_proxy().await;
    let mut begun = 0;
    for number in 0..80 {
        let mut stranger = host.customer_from(&[&format!("2001:db8:1:2::{number:x}")]);
        begun += usize::from(begins(&mut stranger, number).await.status == 200);
    }
    assert_eq!(begun, 60);
    host.customer_from(&["2001:db8:1:3::1"])
        .write("Next door", "k")
        .await;
}

#[tokio::test]
async fn e42_a_channel_takes_so_many_at_once_and_others_go_on() {
    let host = behind_a_proxy().await;
    let all = join_all((0..200).map(|number| {
        let mut stranger = host.customer_from(&[&format!("198.51.100.{number}")]);
        async move { begins(&mut stranger, number).await }
    }))
    .await;
    let (begun, held_up): (Vec<_>, Vec<_>) = all.iter().partition(|answer| answer.status == 200);
    assert_eq!(begun.len(), 120);
    for answer in held_up {
        refused(answer, "A lot of people");
    }
    let mut sales = host.customer_from(&["198.51.100.250"]);
    let body = json!({ "name": "Eve", "text": "Hello", "key": "k" }).to_string();
    let request =
        Request::post("/chat/sales/messages").header(header::CONTENT_TYPE, "application/json");
    assert_eq!(sales.ask(request, Body::from(body)).await.status, 200);
    host.clock.advance(60);
    host.customer_from(&["198.51.100.1"])
        .write("Hello", "k")
        .await;
}

#[tokio::test]
async fn e42_a_full_queue_refuses_new_work_and_nothing_else() {
    let host = behind_a_proxy().await;
    host.set_queue_max(3).await;
    let mut first = host.customer_from(&["203.0.113.1"]);
    first.write("Hello", "k").await;
    let all = join_all((0..50).map(|number| {
        let mut stranger = host.customer_from(&["203.0.113.7"]);
        async move { begins(&mut stranger, number).await }
    }))
    .await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 2);
    assert_eq!(host.waiting().await, 3);
    let full = all
        .iter()
        .filter(|answer| answer.body.contains("the queue is full"));
    for answer in full {
        refused(answer, "the queue is full");
    }
    first.write("I wait", "k2").await;

    // As a page without scripts says it, with what was typed.
    let mut plain = host.customer_from(&["203.0.113.2"]);
    let page = plain.form("name=Eve&text=My+lamp+hums&after=").await;
    assert_eq!(page.status, 429);
    assert_eq!(page.headers[header::RETRY_AFTER], "60");
    assert!(
        page.body.contains("the queue is full. Please try again")
            && page.body.contains("My lamp hums</textarea>")
    );

    // Refusals use up nothing: with room, the same address can begin.
    host.set_queue_max(20).await;
    for number in 50..60 {
        let mut stranger = host.customer_from(&["203.0.113.7"]);
        assert_eq!(begins(&mut stranger, number).await.status, 200);
    }
    let mut next = host.customer_from(&["203.0.113.7"]);
    assert_eq!(begins(&mut next, 60).await.status, 200);
}

#[tokio::test]
async fn e42_s05_the_store_decides_who_is_known() {
    let host = Host::start().await;
    let mut mallory = host.customer();
    mallory.cookie = Some(format!("sideline_visitor={}", "f".repeat(64)));
    for path in ["/chat/care/live", "/chat/care/history"] {
        assert_eq!(mallory.get(path).await.status, 404, "{path}");
    }
    assert!(!mallory.page().await.contains("Hello again"));
}

#[tokio::test]
async fn e42_whose_conversations_end_again_and_again_are_held_up_as_well() {
    let host = behind_a_proxy().await;
    let mut eve = host.customer_from(&["203.0.113.7"]);
    let mut begun = 0;
    for number in 0..90 {
        host.clock.advance(5);
        let answer = begins(&mut eve, number).await;
        if answer.status == 429 {
            refused(&answer, "from your network");
            break;
        }
        begun += 1;
        assert_eq!(eve.ends(&format!("end{number}")).await.status, 200);
    }
    assert_eq!(begun, 60);
}

#[tokio::test]
async fn e42_a_message_that_finds_its_conversation_over_begins_another_and_counts_once() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k0").await;
    let first = host.given_to_amy().await;
    eve.write("My lamp hums", "k1").await;
    host.amy_wraps_up(&first).await;
    for number in 2..20 {
        eve.write("It hums again", &format!("k{number}")).await;
    }
    assert_eq!(host.waiting().await, 1, "one more conversation");
    let body = json!({ "name": "Eve Ito", "text": "And again", "key": "k20" });
    assert_eq!(
        eve.post(body.to_string()).await.status,
        429,
        "twenty at a time"
    );
}

#[tokio::test]
async fn e41_who_was_forgotten_begins_as_somebody_new_and_whose_conversation_ended_begins_again() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k0").await;
    let workitem = host.given_to_amy().await;
    eve.write("My lamp hums", "k1").await;
    let cookie = eve.cookie.clone();
    assert_eq!(eve.is_forgotten().await.status, 204);
    let mut before = host.customer();
    before.cookie = cookie;
    assert_eq!(begins(&mut before, 2).await.status, 404, "not as before");
    eve.write("Do you know me?", "k2").await;
    let queue = host.queue().await;
    assert!(matches!(queue.as_slice(), [waiting] if waiting.workitem != workitem));
    host.switch_care(false).await;
    eve.write("I am under way", "k3").await;
    assert_eq!(eve.ends("k4").await.status, 200);
    let body = json!({ "name": "Eve Ito", "text": "And now?", "key": "k5" });
    assert_eq!(eve.post(body.to_string()).await.status, 409, "it is off");
}

#[tokio::test]
async fn of_strangers_who_want_to_be_forgotten_few_are_written_down() {
    let host = Host::start().await;
    for number in 0..30 {
        let mut stranger = host.customer_without_cookies();
        stranger.token = Some(format!("{number:064x}"));
        assert_eq!(stranger.is_forgotten().await.status, 204);
        assert_eq!(stranger.is_forgotten().await.status, 204, "once more");
    }
    let rows = host.count("SELECT COUNT(*) FROM commands WHERE key = 'forgotten'");
    assert_eq!(rows, 10, "two counted for each");
}
