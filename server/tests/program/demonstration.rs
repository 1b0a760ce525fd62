//! The demo as a newcomer finds it: every page that can have something to show has it.

use serde_json::json;

use crate::fixtures::{Data, Program};
use crate::people::{called, key, sign_in};

/// Whose page, its address, and what stands in it.
const PAGES: [(&str, &str, &[&str]); 10] = [
    (
        "sam",
        "/dashboard",
        &[
            "Longest wait in chats",
            "Requests for assistance",
            "Alerts of Care",
            "Overdue",
            "Sue Silva",
        ],
    ),
    ("sam", "/dashboard/walls", &["Screen in the Care room"]),
    ("sam", "/history", &["Rated", "wi-past-"]),
    ("sam", "/analytics", &["Complaint", "Solved"]),
    ("amy", "/workspace/wi-amy-1", &["Complaint"]),
    ("amy", "/workspace/wi-amy-2", &["Ask for the spelling"]),
    (
        "amy",
        "/workspace/wi-amy-5",
        &["Mr Whitcombe can be called"],
    ),
    ("ada", "/admin/roles", &["Lead supervisor"]),
    ("ada", "/admin/alerts", &["No answer for 15 minutes"]),
    (
        "ada",
        "/admin/escalation",
        &["value=\"30\"", "value=\"45\""],
    ),
];

#[tokio::test]
async fn a_newcomer_finds_something_on_every_page() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut browser = None;
    for (who, path, words) in PAGES {
        let (of, mut session) = match browser.take() {
            Some((of, session)) if of == who => (of, session),
            _ => (who, sign_in(&program, who).await),
        };
        let page = session.get(&program, path).await.expect("a page");
        assert_eq!(page.status, 200, "{path}");
        for words in words {
            assert!(page.body.contains(words), "{path} without {words}");
        }
        browser = Some((of, session));
    }
    program.stop().await;
    data.in_order().await;
}

/// A key figure of the page of figures: what it is, and what it was in the range before.
fn figure(page: &str, name: &str) -> (usize, usize) {
    let behind = |text: &str, mark: &str| -> usize {
        let (_, rest) = text.split_once(mark).unwrap_or_else(|| panic!("no {mark}"));
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits
            .parse()
            .unwrap_or_else(|_| panic!("no number behind {mark}: {rest:.80}"))
    };
    let (_, shown) = page
        .split_once(&format!("<dt>{name}</dt>"))
        .expect("the figure");
    (
        behind(shown, "analytics__value\">"),
        behind(shown, "before: "),
    )
}

#[tokio::test]
async fn the_figures_of_four_weeks_have_something_of_everything_and_four_weeks_before_them() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut ada = sign_in(&program, "ada").await;
    let page = ada.get(&program, "/analytics").await.expect("a page").body;
    for name in [
        "Requests for assistance",
        "Answered or handled",
        "Withdrawn",
        "Lapsed",
        "Messages",
        "Thumbs-up",
        "Thumbs-down",
        "Forwarded to customer",
    ] {
        let (now, before) = figure(&page, name);
        assert!(now > 0 && before > 0, "{name}: {now}, before: {before}");
    }
    // Each median says of how many it is.
    assert!(page.contains("n = "), "{page}");
    program.stop().await;
}

#[tokio::test]
async fn the_agent_has_seen_what_she_reacted_to() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut sam = sign_in(&program, "sam").await;
    let page = sam.get(&program, "/coaching/amy/wi-amy-2").await;
    let page = page.expect("a page").body;
    assert!(page.contains("Thumbs up from Amy Adler"), "{page}");
    assert!(!page.contains("has not opened it yet"), "{page}");
    let mut amy = sign_in(&program, "amy").await;
    let list = called(&mut amy, &program, "workitems/worklist_load", json!({})).await;
    let rows = list["workitems"].as_array().expect("a list").iter();
    let unseen = rows.filter(|row| row["coaching_unseen"] != 0);
    assert_eq!(unseen.count(), 0, "{list}");
    program.stop().await;
}

#[tokio::test]
async fn a_supervisor_of_the_demo_can_take_work_over_and_give_it_back() {
    let data = Data::new();
    let program = Program::start(&data, &["--stand-ins"]).await;
    let mut sue = sign_in(&program, "sue").await;
    let take = json!({ "workitem": "wi-amy-2", "key": key(), "from": "amy" });
    called(&mut sue, &program, "stepping_in/workitem_take_over", take).await;
    let own = sue.get(&program, "/workspace/wi-amy-2").await;
    assert_eq!(own.expect("a page").status, 200);
    let back = json!({ "workitem": "wi-amy-2", "key": key() });
    called(&mut sue, &program, "stepping_in/workitem_give_back", back).await;
    program.stop().await;
    data.in_order().await;
}
