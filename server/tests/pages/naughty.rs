//! The pages with hostile words in everything that is stored.

use std::collections::BTreeSet;

use app::app::App;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::{Value, json};
use server::commands::WorkitemImport;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::text::MessageText;
use shared::workitem::Channel;

use crate::document::Document;
use crate::support::{Host, Live, Staff, key};

/// At most 60 characters, so that each fits into a subject whole.
const NAUGHTY: [&str; 12] = [
    "</title><meta http-equiv=refresh content=0;//127.0.0.1:9977>",
    "</title><plaintext>",
    "</title><script>alert(1)</script>",
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</textarea></select></option><b>",
    "<!-- <script> --!>",
    "]]><svg onload=alert(1)>",
    "\" onfocus=alert(1) autofocus x=\"",
    "' onfocus='alert(1)",
    "&amp;lt;b&gt; &#60;b&#62;",
];
/// What the same pages look like when nothing is wrong with the words. As many words, so that lists look the same.
const PLAIN: &str = "plain words";

/// What blanks there are in a line is the page's matter.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Whether a path is an address of a route such as `/coaching/{agent}`.
fn is_at(route: &str, path: &str) -> bool {
    let (route, path) = (route.split('/'), path.split('/'));
    route.clone().count() == path.clone().count()
        && route
            .zip(path)
            .all(|(asked, is)| asked == is || asked.starts_with('{'))
}

/// A name of their own for everybody, so that they stand in one order.
fn named(words: &str, user: &Value) -> String {
    format!("{words} {}", user["id"].as_str().expect("an id"))
}

/// Puts the words into everything that can be stored. What refuses them as a name is given plain ones.
async fn with_words(host: &Host, words: &str, round: usize) -> (WorkitemId, Live) {
    let ada = host.sign_in("ada").await;
    let users = ada.call("administration/user_list", json!({})).await.ok();
    for user in users.as_array().expect("a list") {
        let mut change = json!({
            "key": key(), "user": user["id"], "version": user["version"], "name": named(words, user), "roles": user["roles"],
        });
        let answered = ada.call("administration/user_update", change.clone()).await;
        if answered.status == 422 {
            change["name"] = json!(named(PLAIN, user));
            ada.call("administration/user_update", change).await.ok();
        }
    }
    let teams = ada.call("administration/team_list", json!({})).await.ok();
    let care = teams
        .as_array()
        .and_then(|teams| teams.iter().find(|team| team["id"] == "care"))
        .expect("team Care");
    let ids = |people: &Value| -> Vec<Value> {
        let people = people.as_array().expect("people");
        people.iter().map(|person| person["id"].clone()).collect()
    };
    let change = json!({
        "name": words, "version": care["version"],
        "members": ids(&care["members"]), "supervisors": ids(&care["supervisors"]),
    });
    let change = json!({ "key": key(), "team": "care", "change": change });
    accepted(&ada, "administration/team_update", change).await;
    let channel = json!({ "key": key(), "team": "care", "name": words });
    accepted(&ada, "administration/channel_create", channel).await;
    let number = json!({
        "kind": "twilio_sms", "name": words, "team": "care", "address": format!("+1555000{round:04}"), "version": 0,
        "settings": [{ "name": "account_sid", "value": "AC00000000000000000000000000000001" }],
        "secrets": [{ "name": "auth_token", "value": words }],
    });
    let number = json!({ "key": key(), "change": number });
    accepted(&ada, "channels/provider_channel_create", number).await;
    let templates = ada.call("templates/template_list", json!({})).await.ok();
    let template = &templates[0];
    let change = json!({
        "key": key(), "template": template["id"], "version": template["version"],
        "title": words, "message": words, "active": true,
    });
    accepted(&ada, "templates/template_update", change).await;

    let id = WorkitemId::parse(format!("naughty-{round}")).expect("an id");
    let now = host.desk.clock().now();
    let text = MessageText::parse(words).expect("a message");
    let import = WorkitemImport {
        id: id.clone(),
        channel: Channel::Chat,
        customer: words.to_owned(),
        subject: words.to_owned(),
        team: TeamId::parse("care").expect("an id"),
        agent: Some(UserId::parse("amy").expect("an id")),
        started_at: now,
        given_at: None,
        messages: vec![(true, now, text.clone()), (false, now, text)],
        carried: None,
    };
    host.desk
        .store()
        .execute(import)
        .await
        .expect("it is stored");

    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let mut there = sam.live().await;
    there
        .subscribe(shared::live::Topic::Workitem(id.clone()), None, true)
        .await;
    there.followed().await;
    let coaching = json!({ "workitem": id, "key": key(), "text": words });
    sam.call("coaching/coaching_send", coaching).await.ok();
    let reply = json!({ "workitem": id, "key": key(), "text": words });
    amy.call("coaching/coaching_reply", reply).await.ok();
    let flag = json!({ "workitem": id, "key": key(), "comment": words });
    sam.call("reviews/review_flag", flag).await.ok();
    let direct = json!({ "to": "amy", "key": key(), "text": words, "answers": null });
    sam.call("directory/directory_send", direct).await.ok();
    let ask = json!({ "template": template["id"], "recipient": "AllSignedIn", "workitem": id });
    amy.call(
        "assistance/assistance_request",
        json!({ "key": key(), "ask": ask }),
    )
    .await
    .ok();
    (id, there)
}

async fn accepted(who: &Staff<'_>, function: &str, input: Value) {
    let answered = who.call(function, input).await;
    assert!(
        [200, 422].contains(&answered.status),
        "{function}: {}",
        answered.body
    );
}

/// One page as somebody sees it.
struct Seen {
    path: String,
    status: u16,
    document: Document,
}

fn shown(path: &str, (status, html): (u16, String)) -> Seen {
    Seen {
        path: path.to_owned(),
        status,
        document: Document::parse(&html),
    }
}

/// What the customers' page answers to a form, with what was typed in it.
async fn form(host: &Host, cookie: &str, fields: &str) -> (u16, String) {
    let request = Request::post("/chat/care")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie)
        .body(Body::from(fields.to_owned()))
        .expect("a request");
    let response = host.request(request).await;
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 4 << 20)
        .await
        .expect("a body");
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// Everything that the host renders while these words are stored, and the paths of the app among it.
async fn all(host: &Host, words: &str, round: usize) -> (Vec<Seen>, BTreeSet<String>) {
    // Sam stays there: leaving shows on his dashboard.
    let (id, _there) = with_words(host, words, round).await;
    let asked = encoded(words);
    let own = format!("/workspace/{id}");
    let coaching = format!("/coaching/amy/{id}");
    let nowhere = format!("/nowhere/{asked}");
    let refused = format!("/login?error=credentials&username={asked}&retry={asked}");
    let unknown = format!("/login?error={asked}&username={asked}");
    let audit = format!("/admin/audit?user={asked}&object={asked}&act={asked}");
    let customers = format!("/admin/customers?name={asked}");
    let history = format!("/history?customer={asked}&agent=amy");
    let unread = format!("/history?words=%21&state={asked}&from={asked}&before={asked}");
    let reading = format!("/history/{id}");
    let visits: [(&str, &[&str]); 4] = [
        (
            "amy",
            &[
                "/",
                "/workspace",
                &own,
                "/settings",
                &nowhere,
                "/workspace/none",
                "/history",
                &history,
                &unread,
            ],
        ),
        (
            "sam",
            &[
                "/dashboard",
                "/watch",
                "/coaching/amy",
                "/coaching/amy?show=longest-wait",
                &coaching,
                "/coaching/amy/none",
                &history,
                &unread,
                &reading,
                "/history/none",
            ],
        ),
        (
            "ada",
            &[
                "/admin/templates",
                "/admin/users",
                "/admin/teams",
                "/admin/channels",
                "/admin/settings",
                "/admin/audit",
                &audit,
                &customers,
                &own,
            ],
        ),
        ("", &["/login", &refused, &unknown, &nowhere]),
    ];
    let (mut seen, mut pages) = (Vec::new(), BTreeSet::new());
    for (who, paths) in visits {
        let caller = if who.is_empty() {
            host.nobody()
        } else {
            host.sign_in(who).await
        };
        for path in paths {
            let bare = path.split('?').next().expect("a path");
            pages.insert(bare.to_owned());
            let answered = caller.page(path).await;
            assert!(answered.0 < 500, "{who} {path}");
            // A redirected user sees no page.
            if answered.0 < 300 || answered.0 >= 400 {
                seen.push(shown(&format!("{who} {path}"), answered));
            }
        }
    }
    let customer = host.customer_saying(words, words).await;
    customer.send_file(words, b"what it holds").await.ok();
    seen.push(shown(
        "customer /chat/care",
        customer.page("/chat/care").await,
    ));
    seen.push(shown(
        "nobody /chat/care",
        host.nobody().page("/chat/care").await,
    ));
    let none = format!("/chat/{asked}");
    seen.push(shown(
        "nobody /chat/(unknown)",
        host.nobody().page(&none).await,
    ));
    let typed = format!("name={asked}&text=&after={asked}");
    seen.push(shown("form without a text", form(host, "", &typed).await));
    let typed = format!("name=&text={asked}");
    seen.push(shown("form without a name", form(host, "", &typed).await));
    (seen, pages)
}

#[tokio::test]
async fn s01_no_stored_or_echoed_text_is_markup_on_any_page() {
    let host = Host::start().await;
    let (plain, pages) = all(&host, PLAIN, 0).await;
    let routes = leptos_axum::generate_route_list(App);
    for route in &routes {
        let visited = pages.iter().any(|path| is_at(route.path(), path));
        assert!(visited, "{} is visited", route.path());
    }
    let nowhere = |path: &String| !routes.iter().any(|route| is_at(route.path(), path));
    assert!(pages.iter().any(nowhere), "an unknown address is visited");
    for (round, words) in (1..).zip(NAUGHTY) {
        // A database of its own, so that lists have the same length.
        let host = Host::start().await;
        let (seen, _) = all(&host, words, round).await;
        for (plain, seen) in plain.iter().zip(&seen) {
            let (path, with) = (&seen.path, format!("{} with {words:?}", seen.path));
            assert_eq!(seen.status, plain.status, "{with}");
            assert_eq!(
                seen.document.head, plain.document.head,
                "the head of {with}"
            );
            let unlike = |one: &[String], other: &[String]| {
                let place = one.iter().zip(other).position(|(one, other)| one != other);
                place.map(|place| {
                    let around = |lines: &[String]| {
                        lines[place.saturating_sub(6)..(place + 6).min(lines.len())].to_vec()
                    };
                    format!("{:#?} for {:#?}", around(one), around(other))
                })
            };
            assert_eq!(
                unlike(&seen.document.body, &plain.document.body),
                None,
                "{with}"
            );
            assert_eq!(
                seen.document.body.len(),
                plain.document.body.len(),
                "{with}"
            );
            for data in &seen.document.data {
                let read: Result<Value, _> = serde_json::from_str(data);
                assert!(read.is_ok(), "the data of {with} is JSON");
            }
            // Where the plain words stand as a text, these stand as a text.
            let shows = |document: &Document, words: &str| {
                squeezed(&document.words).contains(&squeezed(words))
            };
            if shows(&plain.document, PLAIN) && !path.starts_with("ada") {
                assert!(shows(&seen.document, words), "{with} shows it");
            }
            let title = |document: &Document, words: &str| {
                squeezed(&document.title).contains(&squeezed(words))
            };
            if title(&plain.document, PLAIN) {
                assert!(
                    title(&seen.document, words),
                    "{with}: {:?}",
                    seen.document.title
                );
            }
        }
    }
}

#[tokio::test]
async fn e30_every_text_and_name_runs_as_its_own_first_letter_does() {
    let host = Host::start().await;
    let (seen, _) = all(&host, "שלום! מה שלומך (1)?", 0).await;
    let shown = seen
        .iter()
        .filter(|seen| seen.document.words.contains("שלום"));
    assert!(shown.count() > 12, "the words stand on most pages");
    for Seen { path, document, .. } in seen {
        assert_eq!(document.astray, Vec::<String>::new(), "{path}");
    }
}

/// The elements of a page, each once.
fn elements(document: &Document) -> BTreeSet<String> {
    let lines = document.body.iter().map(|line| {
        let (_, element) = line.split_once(' ').expect("a depth");
        element.to_owned()
    });
    lines.collect()
}

#[tokio::test]
async fn s01_what_a_search_finds_is_text() {
    let host = Host::start().await;
    let (mut known, mut reading, mut marks) = (BTreeSet::new(), BTreeSet::new(), 0);
    for (round, words) in (0..).zip([PLAIN].into_iter().chain(NAUGHTY)) {
        let (id, _there) = with_words(&host, words, round).await;
        let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
        let found = format!("/history?coaching=1&words={}", encoded(words));
        for caller in [&amy, &sam] {
            let (status, html) = caller.page(&found).await;
            let document = Document::parse(&html);
            assert_eq!(status, 200, "{words:?}");
            let shown = squeezed(&document.words);
            assert!(shown.contains(&squeezed(words)), "{words:?}: {shown}");
            marks += document
                .body
                .iter()
                .filter(|line| line.contains(" mark "))
                .count();
            match round {
                0 => known.extend(elements(&document)),
                _ => assert!(elements(&document).is_subset(&known), "{words:?}"),
            }
        }
        for state in ["workitems/workitem_wrap_up", "workitems/workitem_close"] {
            amy.call(state, json!({ "workitem": id, "key": key() }))
                .await
                .ok();
        }
        let (status, html) = sam.page(&format!("/history/{id}?entry=1")).await;
        let document = Document::parse(&html);
        assert_eq!(status, 200, "{words:?}");
        assert!(
            squeezed(&document.words).contains(&squeezed(words)),
            "{words:?}"
        );
        match round {
            0 => reading.extend(elements(&document)),
            _ => assert!(elements(&document).is_subset(&reading), "{words:?}"),
        }
    }
    assert!(marks > 30, "{marks}");
}

#[tokio::test]
async fn s01_the_title_of_a_workitem_is_what_the_customer_wrote() {
    let host = Host::start().await;
    let words = NAUGHTY[0];
    let (id, _there) = with_words(&host, words, 1).await;
    for (who, path) in [
        ("amy", format!("/workspace/{id}")),
        ("sam", format!("/coaching/amy/{id}")),
    ] {
        let (status, html) = host.sign_in(who).await.page(&path).await;
        assert_eq!(status, 200, "{path}");
        let document = Document::parse(&html);
        assert!(document.title.contains(words), "{path}: {}", document.title);
        let refresh = document.head.iter().any(|line| line.contains("http-equiv"));
        assert!(!refresh, "{path} sends nobody elsewhere");
        let titles = document.head.iter().filter(|line| line.contains(" title "));
        assert_eq!(titles.count(), 1);
        let data: String = document.data.concat();
        assert!(
            data.contains("\\u003c/title\\u003e"),
            "the data says the same"
        );
    }
}

#[tokio::test]
async fn s01_the_way_back_after_sign_in_is_a_value_or_nothing() {
    let host = Host::start().await;
    let nobody = host.nobody();
    let login = async |query: &str| {
        let (status, html) = nobody.page(&format!("/login{query}")).await;
        assert_eq!(status, 200, "{query}");
        Document::parse(&html)
    };
    let without = login("?username=x").await;
    let with = login("?next=%2Fworkspace&username=x").await;
    // Refused wherever something is stored.
    let directions = "\u{202e}sdrawkcab\u{2066} x";
    let separators = "line\u{2028}and\u{2029}paragraph";
    for words in NAUGHTY.into_iter().chain([separators, directions]) {
        for next in [format!("%2F{}", encoded(words)), encoded(words)] {
            let seen = login(&format!("?next={next}&username={next}")).await;
            assert_eq!(seen.head, without.head, "{words:?}");
            let known = seen.body == without.body || seen.body == with.body;
            assert!(known, "{words:?}: {:?}", seen.body);
        }
    }
}
