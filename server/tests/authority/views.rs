//! Views of the dashboard, as supervisors keep and share them on `/dashboard/views` and are offered them on the dashboard.

use serde_json::{Value, json};

use crate::browser::{Browser, Shown};
use crate::support::{Host, key};

const PAGE: &str = "/dashboard/views";

async fn signed_in<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(username, "sideline-demo").await;
    browser
}

fn new<'a>(
    key: &'a str,
    name: &'a str,
    team: &'a str,
    filter: &'a str,
) -> [(&'static str, &'a str); 5] {
    [
        ("act", "create"),
        ("key", key),
        ("name", name),
        ("team", team),
        ("filter", filter),
    ]
}

async fn kept(host: &Host, username: &str) -> Value {
    let staff = host.sign_in(username).await;
    staff.call("views/view_list", json!({})).await.ok()
}

/// The views that somebody is offered, each with who made it.
async fn offered(host: &Host, username: &str) -> Vec<(String, String)> {
    let kept = kept(host, username).await;
    let views = kept["views"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    views
        .iter()
        .map(|view| (text(&view["name"]), text(&view["by"]["id"])))
        .collect()
}

fn pairs(found: &[(String, String)]) -> Vec<(&str, &str)> {
    found
        .iter()
        .map(|(one, other)| (&one[..], &other[..]))
        .collect()
}

async fn id_of(host: &Host, username: &str, name: &str) -> String {
    let kept = kept(host, username).await;
    let views = kept["views"].as_array().expect("a list");
    let found = views.iter().find(|view| view["name"] == name);
    let id = &found.expect("the view")["id"];
    id.as_str().expect("an id").to_owned()
}

fn alert(shown: &Shown) -> String {
    let begin = shown.body.find("role=\"alert\"").expect("a reason");
    shown.body[begin..].chars().take(300).collect()
}

#[tokio::test]
async fn a_view_is_its_makers_and_those_who_supervise_its_team_may_open_it() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    let twice = key();
    for _ in 0..2 {
        let made = sam
            .fill(
                PAGE,
                &new(&twice, "Hands of Care", "care", "show=hand&hide=wait"),
            )
            .await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let made = sam.fill(PAGE, &new(&key(), "Mine", "", "sort=-wait")).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let found = offered(&host, "sam").await;
    assert_eq!(pairs(&found), [("Hands of Care", "sam"), ("Mine", "sam")]);
    let found = offered(&host, "sue").await;
    assert_eq!(pairs(&found), [("Hands of Care", "sam")]);
    assert!(
        offered(&host, "sid").await.is_empty(),
        "he has another team"
    );

    let mut sue = signed_in(&host, "sue").await;
    let page = sue.get(PAGE).await.body;
    assert!(
        page.contains("Hands of Care") && page.contains("Sam Stone"),
        "{page}"
    );
    assert!(!page.contains("Edit Hands of Care"), "it is Sam's alone");
    let shared = id_of(&host, "sam", "Hands of Care").await;
    let own = id_of(&host, "sam", "Mine").await;
    let mut sid = signed_in(&host, "sid").await;
    let mut sue_elsewhere = signed_in(&host, "sue").await;
    for (browser, id) in [
        (&mut sue, &shared),
        (&mut sid, &shared),
        (&mut sue_elsewhere, &own),
    ] {
        let edit = format!("{PAGE}?edit={id}");
        assert_eq!(browser.get(&edit).await.status, 404);
        for act in ["update", "delete"] {
            let key = key();
            let form = [
                ("act", act),
                ("key", &key[..]),
                ("id", &id[..]),
                ("version", "0"),
                ("name", "Taken"),
                ("team", ""),
            ];
            assert_eq!(browser.fill(PAGE, &form).await.status, 404, "{act}");
        }
    }
    let key_of_sue = key();
    let away = sue.fill(PAGE, &new(&key_of_sue, "Away", "sales", "")).await;
    // As for a team that there is not, and what was typed stays.
    assert_eq!(away.status, 422, "she does not supervise that team");
    assert!(
        away.body.contains("Choose a team that exists"),
        "{}",
        away.body
    );
    assert!(away.body.contains("value=\"Away\""), "{}", away.body);
    assert_eq!(offered(&host, "sam").await.len(), 2);
}

#[tokio::test]
async fn a_view_of_somebody_who_lost_the_team_or_the_account_is_not_offered_any_more() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    for (name, maker) in [("Of Sam", "sam"), ("Of Sue", "sue")] {
        let mut maker = signed_in(&host, maker).await;
        let made = maker.fill(PAGE, &new(&key(), name, "care", "")).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let of_sam = id_of(&host, "sue", "Of Sam").await;
    let sue = host.sign_in("sue").await;
    let chosen = json!({ "choice": { "view": of_sam, "hidden": "monitored.wait" } });
    sue.call("views/view_choose", chosen).await.ok();
    let before = kept(&host, "sue").await;
    assert_eq!(
        (&before["last"], &before["hidden"]),
        (&json!(of_sam), &json!("monitored.wait"))
    );

    let gone = json!({ "key": key(), "user": "sam", "change": {
        "works_in": [], "leaves": [], "supervises": [], "hands_over": ["care"],
    } });
    ada.call("administration/memberships_change", gone)
        .await
        .ok();
    let found = offered(&host, "sue").await;
    assert_eq!(pairs(&found), [("Of Sue", "sue")]);
    let found = offered(&host, "sam").await;
    assert_eq!(
        pairs(&found),
        [("Of Sam", "sam")],
        "its maker keeps it, and sees no other of the team"
    );
    let after = kept(&host, "sue").await;
    assert_eq!(
        (&after["last"], &after["hidden"]),
        (&Value::Null, &json!("monitored.wait"))
    );
    let page = signed_in(&host, "sam").await.get(PAGE).await;
    assert!(page.body.contains("Not shared any more"), "{}", page.body);
    let opened = signed_in(&host, "sue")
        .await
        .get(&format!("/dashboard?view={of_sam}"))
        .await;
    assert_eq!(opened.status, 200);
    assert!(opened.body.contains("This view is not offered to you"));

    let back = json!({ "key": key(), "user": "sam", "change": {
        "works_in": [], "leaves": [], "supervises": ["care"], "hands_over": [],
    } });
    ada.call("administration/memberships_change", back)
        .await
        .ok();
    assert_eq!(offered(&host, "sue").await.len(), 2);
    let off = json!({ "key": key(), "user": "sam", "active": false });
    ada.call("administration/user_activate", off).await.ok();
    let found = offered(&host, "sue").await;
    assert_eq!(pairs(&found), [("Of Sue", "sue")]);
}

#[tokio::test]
async fn an_older_version_is_refused_and_errors_name_the_field_and_the_limit() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    sam.fill(PAGE, &new(&key(), "First", "care", "show=hand"))
        .await;
    let id = id_of(&host, "sam", "First").await;
    let mut other_tab = signed_in(&host, "sam").await;
    let change = |key: &str, name: &str| {
        [
            ("act", "update".to_owned()),
            ("key", key.to_owned()),
            ("id", id.clone()),
            ("version", "0".to_owned()),
            ("name", name.to_owned()),
            ("team", "care".to_owned()),
            ("filter", "sort=-wait".to_owned()),
            ("replace", "yes".to_owned()),
        ]
    };
    let sent = async |browser: &mut Browser<'_>, name: &str| {
        let form = change(&key(), name);
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (*name, &value[..]))
            .collect();
        browser.fill(PAGE, &form).await
    };
    assert_eq!(sent(&mut sam, "Second").await.status, 200);
    let late = sent(&mut other_tab, "Third").await;
    assert_eq!(late.status, 422, "{}", late.body);
    assert!(late.body.contains("Third"), "what was typed stays");
    let now = kept(&host, "sam").await;
    assert_eq!(now["views"][0]["name"], "Second");
    assert_eq!(now["views"][0]["filter"], "sort=-wait");

    let long = "x".repeat(601);
    for (name, filter, label, reason) in [
        ("", "", "Name", "80"),
        (&long[..81], "", "Name", "80"),
        ("Short", &long[..], "Filter", "600"),
        ("Short", "\"><b>", "Filter", ""),
    ] {
        let refused = sam.fill(PAGE, &new(&key(), name, "", filter)).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        let alert = alert(&refused);
        assert!(alert.contains(label) && alert.contains(reason), "{alert}");
    }
    for number in 1..shared::views::VIEWS_MAX {
        let name = format!("View {number}");
        let made = sam.fill(PAGE, &new(&key(), &name, "", "")).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    let refused = sam.fill(PAGE, &new(&key(), "One more", "", "")).await;
    assert_eq!(refused.status, 422);
    assert!(alert(&refused).contains("50"), "{}", alert(&refused));
    assert_eq!(offered(&host, "sam").await.len(), 50);
}

#[tokio::test]
async fn u06_what_a_view_has_that_is_not_known_is_named_and_the_rest_of_it_counts() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    // As a tab of a later release writes it.
    let filter = "presence=offline&state=asleep&skill=chess&sort=-wait";
    let page = sam.fill(PAGE, &new(&key(), "Chess", "", filter)).await.body;
    for word in ["state=asleep", "skill=chess"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(page.contains("Unknown here and left out: "), "{page}");
    let view = id_of(&host, "sam", "Chess").await;
    let left_out = "has an unknown filter";
    let chosen = "<option value=\"offline\" dir=\"auto\" selected>";
    let shown = sam.get(&format!("/dashboard?view={view}")).await.body;
    assert!(
        shown.contains(left_out) && shown.contains(chosen),
        "{shown}"
    );
    // Words of this release, and of the one before.
    let mut sue = signed_in(&host, "sue").await;
    for query in ["presence=offline&state=active", "show=hand&sort=-wait"] {
        let page = sue.get(&format!("/dashboard?{query}")).await.body;
        assert!(!page.contains(left_out), "{query}");
        let page = sue.get(&format!("{PAGE}?{query}")).await.body;
        assert!(!page.contains("Unknown here"), "{query}: {page}");
    }
}

#[tokio::test]
async fn the_dashboard_begins_with_the_view_of_its_address_or_the_last_one() {
    let host = Host::start().await;
    let mut sam = signed_in(&host, "sam").await;
    // The page keeps what the address of the dashboard asked for.
    let page = sam.get(&format!("{PAGE}?show=offline&view=none")).await;
    assert!(
        page.body
            .contains("name=\"filter\" value=\"show=offline&amp;hide=none\""),
        "{}",
        page.body
    );
    sam.fill(PAGE, &new(&key(), "Away", "", "show=offline&hide=presence"))
        .await;
    let id = id_of(&host, "sam", "Away").await;
    let chosen = "<option value=\"offline\" dir=\"auto\" selected>";
    let hidden = "data-hide=\"presence\"";
    let by_address = sam.get(&format!("/dashboard?view={id}")).await.body;
    assert!(
        by_address.contains(chosen) && by_address.contains(hidden),
        "{by_address}"
    );
    assert!(!sam.get("/dashboard").await.body.contains(chosen));
    let choice = json!({ "choice": { "view": id, "hidden": "" } });
    let staff = host.sign_in("sam").await;
    staff.call("views/view_choose", choice).await.ok();
    assert!(sam.get("/dashboard").await.body.contains(chosen));
    let none = sam.get("/dashboard?view=none").await.body;
    assert!(!none.contains(chosen) && !none.contains(hidden));
    let key = key();
    let delete = [
        ("act", "delete"),
        ("key", &key[..]),
        ("id", &id[..]),
        ("version", "0"),
    ];
    assert_eq!(sam.fill(PAGE, &delete).await.status, 200);
    let after = sam.get("/dashboard").await.body;
    assert!(!after.contains(chosen) && !after.contains("This view is not offered"));
}
