//! The demo as a newcomer finds it: every page that can have something to show has it.

use crate::fixtures::{Data, Program};
use crate::people::sign_in;

/// Whose page, its address, and what stands in it.
const PAGES: [(&str, &str, &[&str]); 10] = [
    (
        "sam",
        "/dashboard",
        &[
            "Longest wait in chats",
            "Raised hands",
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
