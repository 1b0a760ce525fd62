//! Outcomes and tags, as administrators keep them on `/admin/labels` and agents find them at a workitem.

use serde_json::json;

use crate::browser::Browser;
use crate::support::{Host, key};

const PAGE: &str = "/admin/labels";

async fn signed_in<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(username, "sideline-demo").await;
    browser
}

fn new<'a>(
    key: &'a str,
    kind: &'a str,
    team: &'a str,
    name: &'a str,
) -> [(&'static str, &'a str); 5] {
    [
        ("act", "create"),
        ("key", key),
        ("kind", kind),
        ("team", team),
        ("name", name),
    ]
}

/// The id of a label on the page.
fn id_of(page: &str, name: &str) -> String {
    let end = page.find(&format!("aria-label=\"Save {name}\""));
    let form = &page[..end.expect("a button")];
    let id = &form[form.rfind("name=\"id\" value=\"").expect("an id") + 17..];
    id.split('"').next().expect("an id").to_owned()
}

/// The names of what amy's first workitem can be given.
async fn offered(host: &Host) -> Vec<String> {
    let amy = host.sign_in("amy").await;
    let list = amy.call("workitems/worklist_load", json!({})).await.ok();
    let workitem = list["workitems"][0]["id"].as_str().expect("a workitem");
    let input = json!({ "workitem": workitem });
    let labels = amy.call("labels/label_list", input).await.ok();
    let names = labels.as_array().expect("a list").iter();
    names
        .map(|label| label["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[tokio::test]
async fn what_an_administrator_adds_is_offered_to_its_team_until_it_is_switched_off() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let before = ada.get(PAGE).await;
    assert!(before.body.contains("No outcomes yet."), "{}", before.body);
    let twice = key();
    for _ in 0..2 {
        let made = ada.fill(PAGE, &new(&twice, "tag", "care", "Router")).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    for (kind, team, name) in [("outcome", "", "Solved"), ("tag", "sales", "Offer")] {
        let made = ada.fill(PAGE, &new(&key(), kind, team, name)).await;
        assert_eq!(made.status, 200, "{}", made.body);
    }
    assert_eq!(offered(&host).await, ["Solved", "Router"]);

    let id = id_of(&ada.get(PAGE).await.body, "Router");
    let update = |name: &'static str, active: bool| {
        let mut fields = vec![
            ("act", "update".to_owned()),
            ("key", key()),
            ("id", id.clone()),
            ("version", "0".to_owned()),
            ("name", name.to_owned()),
        ];
        fields.extend(active.then(|| ("active", "on".to_owned())));
        fields
    };
    let sent = async |ada: &mut Browser<'_>, fields: Vec<(&'static str, String)>| {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, &value[..]))
            .collect();
        ada.fill(PAGE, &fields).await
    };
    let off = sent(&mut ada, update("Routers", false)).await;
    assert!(off.body.contains("Saved."), "{}", off.body);
    assert_eq!(offered(&host).await, ["Solved"]);
    let late = sent(&mut ada, update("Modems", true)).await;
    assert_eq!(late.status, 422);
    let edited = "Ada Almond has changed this meanwhile.";
    assert!(late.body.contains(edited), "{}", late.body);
}

#[tokio::test]
async fn u28_what_an_administrator_deletes_is_offered_to_nobody_and_a_second_one_learns_that_it_is_gone()
 {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let made = ada.fill(PAGE, &new(&key(), "tag", "", "Router")).await;
    let id = id_of(&made.body, "Router");
    assert!(made.body.contains("aria-label=\"Delete Router for good\""));
    let keys = [key(), key()];
    let [first, second] = keys.each_ref().map(String::as_str);
    let delete = |key, version| {
        [
            ("act", "delete"),
            ("key", key),
            ("id", id.as_str()),
            ("version", version),
        ]
    };
    for who in ["sam", "amy"] {
        let mut browser = signed_in(&host, who).await;
        let refused = browser.fill(PAGE, &delete(first, "0")).await;
        assert_eq!(refused.status, 404, "{who}");
    }
    let stale = ada.fill(PAGE, &delete(first, "7")).await;
    assert_eq!(stale.status, 422);
    assert!(stale.body.contains("It is not deleted."), "{}", stale.body);
    assert_eq!(offered(&host).await, ["Router"]);

    let mut elsewhere = signed_in(&host, "ada").await;
    for (browser, key) in [(&mut ada, first), (&mut elsewhere, second)] {
        let gone = browser.fill(PAGE, &delete(key, "0")).await;
        assert_eq!(gone.status, 200, "{}", gone.body);
        let said = "The label was deleted.";
        assert!(gone.body.contains(said), "{}", gone.body);
        assert!(gone.body.contains("No tags yet."), "{}", gone.body);
    }
    assert!(offered(&host).await.is_empty());
    let log = "/admin/audit/export?format=jsonl&act=label_delete";
    let (_, log) = host.sign_in("ada").await.page(log).await;
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("Router"), "{log}");
    let unknown = [
        ("act", "delete"),
        ("key", "a-key"),
        ("id", "nothing"),
        ("version", "0"),
    ];
    assert_eq!(ada.fill(PAGE, &unknown).await.status, 404);
}

#[tokio::test]
async fn bad_input_is_named_and_changes_nothing() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let long = "x".repeat(81);
    for (kind, team, name, words) in [
        ("tag", "", "", "Name: "),
        ("tag", "", "\u{200b}", "Name: "),
        ("tag", "", &long[..], "Name: "),
        ("mood", "", "Happy", "mood"),
        ("tag", "nothing", "Happy", "Team: "),
    ] {
        let refused = ada.fill(PAGE, &new(&key(), kind, team, name)).await;
        assert_eq!(refused.status, 422, "{kind} {team} {name}");
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    let forged = [
        ("act", "remove"),
        ("key", "k1"),
        ("name", "Happy"),
        ("kind", "tag"),
    ];
    assert_eq!(ada.fill(PAGE, &forged).await.status, 422);
    let no_key = ada.fill(PAGE, &new("", "tag", "", "Happy")).await;
    assert_eq!(no_key.status, 422);
    let gone = [
        ("act", "update"),
        ("key", "a-key"),
        ("id", "nothing"),
        ("version", "0"),
        ("name", "Happy"),
    ];
    assert_eq!(ada.fill(PAGE, &gone).await.status, 404);
    assert!(ada.get(PAGE).await.body.contains("No tags yet."));
    for who in ["sam", "amy"] {
        let mut browser = signed_in(&host, who).await;
        assert_eq!(browser.get(PAGE).await.status, 404);
        let refused = browser.fill(PAGE, &new(&key(), "tag", "", "Mine")).await;
        assert_eq!(refused.status, 404, "{who}");
    }
    assert!(ada.get(PAGE).await.body.contains("No tags yet."));
}

#[tokio::test]
async fn e33_a_refused_field_says_why_and_the_page_opens_there() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let made = ada.fill(PAGE, &new(&key(), "tag", "", "Router")).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(!made.body.contains("aria-invalid"), "{}", made.body);
    let refused = ada.fill(PAGE, &new(&key(), "tag", "", "Router")).await;
    assert_eq!(refused.status, 422);
    // The field of the new label alone, and not that of the label that has the name.
    assert_eq!(refused.body.matches("aria-invalid=\"true\"").count(), 1);
    let begin = refused.body.find("id=\"label-name\"").expect("the field");
    let end = begin + refused.body[begin..].find('>').expect("its end");
    let field = &refused.body[begin..end];
    for said in [
        "aria-invalid",
        "aria-describedby=\"refused-name\"",
        "autofocus",
    ] {
        assert!(field.contains(said), "{said}: {field}");
    }
    let line = "id=\"refused-name\">Name: This name is taken.";
    assert!(refused.body.contains(line), "{}", refused.body);
}
