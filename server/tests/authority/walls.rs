//! Walls: who makes and revokes links to them, what a wall shows, and when it shows nothing any more.

use serde_json::json;

use crate::browser::{Browser, Shown};
use crate::support::{Host, key};

const PAGE: &str = "/dashboard/walls";

async fn signed_in<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(username, "sideline-demo").await;
    browser
}

fn new<'a>(key: &'a str, name: &'a str, teams: &[&'a str]) -> Vec<(&'static str, &'a str)> {
    let mut form = vec![("act", "create"), ("key", key), ("name", name)];
    form.extend(teams.iter().map(|team| ("team", *team)));
    form
}

/// The path of the wall whose address a page shows.
fn path_of(shown: &Shown) -> String {
    let begin = shown.body.find("/wall/slw_").expect("an address");
    let path: String = shown.body[begin..]
        .chars()
        .take_while(|sign| *sign != '"')
        .collect();
    path
}

async fn made(browser: &mut Browser<'_>, name: &str, teams: &[&str]) -> String {
    let made = browser.fill(PAGE, &new(&key(), name, teams)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    path_of(&made)
}

async fn revoke(browser: &mut Browser<'_>, wall: &str) -> Shown {
    let key = key();
    let form = [("act", "revoke"), ("key", &key[..]), ("wall", wall)];
    browser.fill(PAGE, &form).await
}

/// The id of the link that a page offers to revoke first.
fn id_of(body: &str) -> String {
    let mark = "name=\"wall\" value=\"";
    let begin = body.find(mark).expect("a form") + mark.len();
    let id = body[begin..].split('"').next();
    id.expect("an id").to_owned()
}

#[tokio::test]
async fn a_link_is_revoked_by_the_second_of_two_buttons() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    made(&mut sam, "Hall", &["care"]).await;
    let page = sam.get(PAGE).await.body;
    let (before, asks) = page
        .split_once("aria-label=\"Revoke Hall\"")
        .expect("a button");
    let opens = before.rsplit('<').next().expect("its element");
    assert!(opens.starts_with("summary"), "{opens}");
    let (asks, _) = asks.split_once("</details>").expect("the question's end");
    let acts = "aria-label=\"Revoke Hall for good\"";
    assert!(asks.contains(acts), "{asks}");
}

#[tokio::test]
async fn a_wall_shows_teams_to_everybody_with_its_link_and_nothing_of_customers() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let twice = key();
    let first = sam
        .fill(PAGE, &new(&twice, "Hall of Care", &["care"]))
        .await;
    let path = path_of(&first);
    let again = sam
        .fill(PAGE, &new(&twice, "Hall of Care", &["care"]))
        .await;
    assert_eq!(again.status, 422, "{}", again.body);
    assert!(!again.body.contains("/wall/slw_"), "it is shown once");
    let listed = sam.get(PAGE).await.body;
    assert!(!listed.contains("slw_") && listed.contains("Hall of Care"));
    assert!(listed.contains("Never"), "nobody has looked: {listed}");

    let mut screen = Browser::new(&host);
    let wall = screen.get(&path).await;
    assert_eq!(wall.status, 200, "{}", wall.body);
    for words in [
        "Hall of Care",
        "Amy Adler",
        "Queues",
        "http-equiv=\"refresh\"",
    ] {
        assert!(wall.body.contains(words), "{words}: {}", wall.body);
    }
    assert!(!wall.body.contains("Cleo"), "she works for another team");
    let sam_sees = host.sign_in("sam").await;
    let input = json!({ "agent": "amy" });
    let work = sam_sees
        .call("coaching/agent_workitems_load", input)
        .await
        .ok();
    let open = work["workitems"].as_array().expect("workitems");
    assert!(!open.is_empty());
    for workitem in open {
        for part in ["customer", "subject"] {
            let words = workitem[part].as_str().expect("a text");
            assert!(words.is_empty() || !wall.body.contains(words), "{words}");
        }
    }
    let listed = sam.get(PAGE).await.body;
    assert!(!listed.contains("Never"), "somebody has looked: {listed}");
    let ada = host.sign_in("ada").await;
    let (_, rows) = ada.page("/admin/audit/export?format=jsonl&user=sam").await;
    assert_eq!(rows.matches("wall_create").count(), 1, "{rows}");
    assert!(!rows.contains("slw_"), "{rows}");
}

#[tokio::test]
async fn a_link_that_was_revoked_or_whose_maker_lost_a_team_shows_nothing() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let mut sue = signed_in(&host, "sue").await;
    let mut ada = signed_in(&host, "ada").await;
    let mut screen = Browser::new(&host);
    let of_sam = made(&mut sam, "Of Sam", &["care"]).await;
    let of_sue = made(&mut sue, "Of Sue", &["care"]).await;
    let of_ada = made(&mut ada, "Of Ada", &["care", "sales"]).await;
    for path in [&of_sam, &of_sue, &of_ada] {
        assert_eq!(screen.get(path).await.status, 200);
    }
    let wall_of_sue = id_of(&sue.get(PAGE).await.body);
    let others = sam.get(PAGE).await.body;
    assert!(!others.contains("Of Sue") && !others.contains("Of Ada"));
    assert_eq!(revoke(&mut sam, &wall_of_sue).await.status, 404);
    assert_eq!(screen.get(&of_sue).await.status, 200);
    assert!(ada.get(PAGE).await.body.contains("Of Sue"));
    let revoked = revoke(&mut ada, &wall_of_sue).await;
    assert_eq!(revoked.status, 200, "{}", revoked.body);
    // It stands folded behind those that last.
    let (others, folded) = revoked
        .body
        .split_once("<summary>Revoked (1)</summary>")
        .expect("what was revoked");
    assert!(others.contains("Of Ada") && !others.contains("Of Sue"));
    assert!(folded.contains("Of Sue") && !folded.contains("Of Ada"));
    let gone = screen.get(&of_sue).await;
    assert_eq!(gone.status, 404);
    assert!(gone.body.contains("This wall has ended") && !gone.body.contains("refresh"));
    assert!(!gone.body.contains("Amy"), "{}", gone.body);

    let administrator = host.sign_in("ada").await;
    let lost = json!({ "key": key(), "user": "sam", "change": {
        "works_in": [], "leaves": [], "supervises": [], "hands_over": ["care"],
    } });
    let call = administrator.call("administration/memberships_change", lost);
    call.await.ok();
    assert_eq!(screen.get(&of_sam).await.status, 404);
    assert!(ada.get(PAGE).await.body.contains("Shows nothing"), "of Sam");
    assert_eq!(screen.get(&of_ada).await.status, 200);
    assert_eq!(screen.get("/wall/slw_nothing").await.status, 404);
    let (_, rows) = administrator
        .page("/admin/audit/export?format=jsonl&act=refused_wall")
        .await;
    assert!(rows.matches("refused_wall").count() >= 3, "{rows}");
}

#[tokio::test]
async fn errors_name_the_field_and_the_limit_and_another_team_is_not_there() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let long = "x".repeat(81);
    for (name, teams, label) in [
        ("", &["care"][..], "Name"),
        (&long[..], &["care"][..], "Name"),
        ("Hall", &[][..], "Teams"),
    ] {
        let refused = sam.fill(PAGE, &new(&key(), name, teams)).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let begin = refused.body.find("role=\"alert\"").expect("a reason");
        let alert: String = refused.body[begin..].chars().take(200).collect();
        assert!(alert.contains(label), "{alert}");
    }
    for teams in [&["sales"][..], &["care", "sales"][..], &["none"][..]] {
        let refused = sam.fill(PAGE, &new(&key(), "Hall", teams)).await;
        assert_eq!(refused.status, 422, "{teams:?}");
        assert!(
            refused.body.contains("Choose a team that exists"),
            "{teams:?}"
        );
        assert!(refused.body.contains("value=\"Hall\""), "{teams:?}");
    }
    for number in 0..shared::walls::WALLS_MAX {
        made(&mut sam, &format!("Wall {number}"), &["care"]).await;
    }
    let refused = sam.fill(PAGE, &new(&key(), "One more", &["care"])).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("20"), "{}", refused.body);
}
