//! What becomes of requests that nobody has claimed, as administrators set it on `/admin/escalation`.

use crate::browser::{Browser, Shown};
use crate::support::{Host, key};

const PAGE: &str = "/admin/escalation";

async fn save(ada: &mut Browser<'_>, all: &str, later: &str, who: &str, version: &str) -> Shown {
    let key = key();
    let form = [
        ("act", "save"),
        ("key", &key[..]),
        ("team", "care"),
        ("version", version),
        ("all_after", all),
        ("on_call_after", later),
        ("on_call", who),
    ];
    ada.fill(PAGE, &form).await
}

#[tokio::test]
async fn e20_steps_are_set_for_a_team_and_bad_input_is_named() {
    let host = Host::start().await;
    let mut ada = Browser::new(&host);
    ada.sign_in("ada", "sideline-demo").await;
    for (all, later, who, words) in [
        ("0", "", "", "Ask all supervisors after (minutes): "),
        ("soon", "", "", "Ask all supervisors after (minutes): "),
        ("5", "5", "sue", "Ask the person on call after (minutes): "),
        (
            "",
            "",
            "sue",
            "Enter after how many minutes the person on call is asked.",
        ),
        ("", "5", "", "Choose who is on call."),
        ("", "5", "amy", "Choose a supervisor on call who is active."),
    ] {
        let refused = save(&mut ada, all, later, who, "0").await;
        assert_eq!(refused.status, 422, "{all} {later} {who}");
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    let saved = save(&mut ada, "5", "10", "sue", "0").await;
    assert!(saved.body.contains("Saved."), "{}", saved.body);
    let late = save(&mut ada, "6", "10", "sue", "0").await;
    assert_eq!(late.status, 422);
    let edited = "Ada Almond has changed this meanwhile.";
    assert!(late.body.contains(edited), "{}", late.body);
    let now = "Ask all supervisors after (minutes): now “5”.";
    assert!(late.body.contains(now), "{}", late.body);
    assert!(!late.body.contains("On call: now"), "{}", late.body);
    let page = ada.get(PAGE).await.body;
    assert!(page.contains("name=\"all_after\" value=\"5\""), "{page}");
    let mut sam = Browser::new(&host);
    sam.sign_in("sam", "sideline-demo").await;
    assert_eq!(sam.get(PAGE).await.status, 404);
    assert_eq!(save(&mut sam, "1", "", "", "1").await.status, 404);
}
