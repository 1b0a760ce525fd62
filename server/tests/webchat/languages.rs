//! The chat page speaks the language that the browser asks for.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::actors::Host;
use crate::customer::{Answer, Customer};

async fn page_in(customer: &mut Customer<'_>, languages: &str) -> Answer {
    let request = Request::get("/chat/care").header(header::ACCEPT_LANGUAGE, languages);
    customer.ask(request, Body::empty()).await
}

/// The words that the page hands to its script.
fn script_words(page: &str) -> Value {
    let (_, words) = page.split_once("data-words=\"").expect("words");
    let (words, _) = words.split_once('"').expect("their end");
    serde_json::from_str(&words.replace("&quot;", "\"")).expect("JSON")
}

#[tokio::test]
async fn the_page_is_in_the_first_language_of_the_browser_that_there_is() {
    let host = Host::start().await;
    let mut eve = host.customer();
    for (languages, html, greeting) in [
        (
            "de-DE,de;q=0.9,en;q=0.8",
            "<html lang=\"de\" dir=\"ltr\">",
            "Guten Tag!",
        ),
        (
            "fr, de;q=0.5",
            "<html lang=\"de\" dir=\"ltr\">",
            "Guten Tag!",
        ),
        (
            "en-US,en;q=0.9,de;q=0.8",
            "<html lang=\"en\" dir=\"ltr\">",
            "Hello!",
        ),
        ("fr", "<html lang=\"en\" dir=\"ltr\">", "Hello!"),
    ] {
        let page = page_in(&mut eve, languages).await.body;
        assert!(
            page.contains(html) && page.contains(greeting),
            "{languages}: {page}"
        );
    }
}

#[tokio::test]
async fn each_language_has_all_words_of_the_script() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let german = script_words(&page_in(&mut eve, "de").await.body);
    let english = script_words(&page_in(&mut eve, "en").await.body);
    let (german, english) = (german.as_object().unwrap(), english.as_object().unwrap());
    assert!(english.keys().eq(german.keys()));
    for (name, text) in english {
        assert_ne!(text, &german[name], "{name}");
    }
    assert!(german["writingAs"].as_str().unwrap().contains("{name}"));
    assert!(german["notSentSince"].as_str().unwrap().contains("{time}"));
    // Each word that the script asks for is there, and no other. It is found in the source: most of them are asked for only where something
    // goes wrong, and one that is missing would be shown as "undefined".
    let script = include_str!("../../../app/static/chat.js");
    let asked = script.split("words.").skip(1);
    let asked = asked.filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric()).next());
    let asked: BTreeSet<&str> = asked.collect();
    let there: BTreeSet<&str> = english.keys().map(String::as_str).collect();
    assert_eq!(asked, there);
}

#[tokio::test]
async fn a_refusal_is_in_the_language_of_the_browser_and_its_code_is_not() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let body = json!({ "name": "Eve", "text": "x".repeat(4_001), "key": "k" }).to_string();
    let request = Request::post("/chat/care/messages")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT_LANGUAGE, "de");
    let refused = eve.ask(request, Body::from(body)).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.json(),
        json!({ "Invalid": {
            "field": "text",
            "problem": { "code": "too_long", "max": 4_000, "actual": 4_001 },
            "reason": "Ihre Nachricht ist zu lang: 4.001 von 4.000 Zeichen.",
        } })
    );
    let request = Request::post("/chat/care")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT_LANGUAGE, "de");
    let refused = eve
        .ask(request, Body::from("name=&text=Hallo&after="))
        .await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("Ihr Name darf nicht leer sein."),
        "{}",
        refused.body
    );
}
