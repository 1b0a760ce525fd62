//! Rules that raise alerts, as administrators keep them on `/admin/alerts`, and the alerts that supervisors hear of.

use serde_json::json;
use shared::alerts::OpenAlert;
use shared::live::{ServerFrame, Topic};

use crate::browser::Browser;
use crate::support::{Host, Live, key};

const PAGE: &str = "/admin/alerts";

async fn ada(host: &Host) -> Browser<'_> {
    let mut browser = Browser::new(host);
    browser.sign_in("ada", "sideline-demo").await;
    browser
}

/// The form of a new rule with one more field.
fn new<'a>(
    key: &'a str,
    kind: &'a str,
    (field, value): (&'a str, &'a str),
    (team, name): (&'a str, &'a str),
) -> [(&'a str, &'a str); 6] {
    [
        ("act", "create"),
        ("key", key),
        ("kind", kind),
        ("team", team),
        ("name", name),
        (field, value),
    ]
}

async fn add(host: &Host, kind: &str, field: (&str, &str), team: &str) {
    let name = format!("Rule about {kind}");
    let form = new("a-key", kind, field, (team, &name));
    let made = ada(host).await.fill(PAGE, &form).await;
    assert_eq!(made.status, 200, "{}", made.body);
}

/// The next alerts that the connection is sent.
async fn alerts(live: &mut Live) -> Vec<OpenAlert> {
    loop {
        if let ServerFrame::Alerts(alerts) = live.next().await {
            return alerts;
        }
    }
}

async fn following(host: &Host, username: &str) -> Live {
    let mut live = host.sign_in(username).await.live().await;
    live.subscribe(Topic::Alerts, None, false).await;
    assert_eq!(alerts(&mut live).await, [], "{username}");
    live
}

fn names(alerts: &[OpenAlert]) -> Vec<&str> {
    alerts.iter().map(|alert| &alert.name[..]).collect()
}

/// The alerts as soon as they are so. What comes before tells of a workitem that moves.
async fn until(live: &mut Live, fits: impl Fn(&[OpenAlert]) -> bool) -> Vec<OpenAlert> {
    loop {
        let now = alerts(live).await;
        if fits(&now) {
            return now;
        }
    }
}

/// What the host says when it is asked again.
async fn now(host: &Host, username: &str) -> Vec<OpenAlert> {
    host.desk.alerts_check().await.expect("a check");
    let mut live = host.sign_in(username).await.live().await;
    live.subscribe(Topic::Alerts, None, false).await;
    alerts(&mut live).await
}

#[tokio::test]
async fn a_word_raises_one_alert_which_one_supervisor_dismisses_for_all() {
    let host = Host::start().await;
    add(&host, "words", ("words", "refund\nmoney back*"), "care").await;
    let mut sam = following(&host, "sam").await;
    let words = "I want a REFUND, now";
    let _eve = host.customer_saying("Eve Example", words).await;
    let raised = until(&mut sam, |alerts| !alerts.is_empty()).await;
    assert_eq!(names(&raised), ["Rule about words"]);
    assert_eq!(raised[0].customer, "Eve Example");

    let input = json!({
        "workitem": raised[0].workitem, "key": key(), "rule": raised[0].rule, "about": raised[0].about,
    });
    let amy = host.sign_in("amy").await;
    for who in [amy, host.sign_in("sid").await] {
        let refused = who.call("alerts/alert_dismiss", input.clone()).await;
        assert_eq!(refused.status, 404);
    }
    let sue = host.sign_in("sue").await;
    for _ in 0..2 {
        sue.call("alerts/alert_dismiss", input.clone()).await.ok();
    }
    until(&mut sam, <[OpenAlert]>::is_empty).await;
    for who in ["sam", "sue", "sid"] {
        assert_eq!(now(&host, who).await, [], "{who}");
    }
}

#[tokio::test]
async fn what_takes_long_is_found_by_a_look_and_ends_when_its_rule_is_switched_off() {
    let host = Host::start().await;
    let mut sam = following(&host, "sam").await;
    add(&host, "handled", ("minutes", "1"), "care").await;
    host.desk.alerts_check().await.expect("a check");
    // The demo's work is older than a minute.
    let raised = until(&mut sam, |alerts| !alerts.is_empty()).await;
    let agents = raised.iter().filter_map(|alert| alert.agent.as_ref());
    assert_eq!(agents.count(), raised.len());
    assert_eq!(now(&host, "sam").await, raised, "twice is once");
    assert_eq!(now(&host, "sid").await, []);

    let rule = raised[0].rule.to_string();
    let off = [
        ("act", "update"),
        ("key", &key()[..]),
        ("id", &rule[..]),
        ("version", "0"),
        ("kind", "handled"),
        ("name", "Rule about time"),
        ("minutes", "1"),
    ];
    let mut ada = ada(&host).await;
    let said = ada.fill(PAGE, &off).await;
    assert_eq!(said.status, 200, "{}", said.body);
    until(&mut sam, <[OpenAlert]>::is_empty).await;
    let late = off.map(|(name, value)| match name {
        "key" => (name, "another-key"),
        "name" => (name, "Something else"),
        _ => (name, value),
    });
    let late = ada.fill(PAGE, &late).await;
    assert_eq!(late.status, 422);
    let edited = "Ada Almond has changed this meanwhile.";
    assert!(late.body.contains(edited), "{}", late.body);
}

#[tokio::test]
async fn u28_alerts_of_a_rule_that_is_deleted_end_where_they_are_seen_and_none_comes_after_them() {
    let host = Host::start().await;
    let mut sam = following(&host, "sam").await;
    add(&host, "handled", ("minutes", "1"), "care").await;
    host.desk.alerts_check().await.expect("a check");
    let raised = until(&mut sam, |alerts| !alerts.is_empty()).await;
    let rule = raised[0].rule.to_string();
    let keys = [key(), key()];
    let [first, second] = keys.each_ref().map(String::as_str);
    let delete = |key, version| {
        [
            ("act", "delete"),
            ("key", key),
            ("id", rule.as_str()),
            ("version", version),
        ]
    };
    for who in ["sam", "amy"] {
        let mut browser = Browser::new(&host);
        browser.sign_in(who, "sideline-demo").await;
        let refused = browser.fill(PAGE, &delete(first, "0")).await;
        assert_eq!(refused.status, 404, "{who}");
    }
    let mut ada = ada(&host).await;
    let stale = ada.fill(PAGE, &delete(first, "7")).await;
    assert_eq!(stale.status, 422);
    assert!(stale.body.contains("It is not deleted."), "{}", stale.body);
    for key in [first, second] {
        let gone = ada.fill(PAGE, &delete(key, "0")).await;
        assert_eq!(gone.status, 200, "{}", gone.body);
        assert!(gone.body.contains("The rule was deleted."), "{}", gone.body);
        assert!(gone.body.contains("No rules yet."), "{}", gone.body);
    }
    until(&mut sam, <[OpenAlert]>::is_empty).await;
    assert_eq!(now(&host, "sam").await, []);
    let log = "/admin/audit/export?format=jsonl&act=alert_rule_delete";
    let (_, log) = host.sign_in("ada").await.page(log).await;
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("Rule about handled"), "{log}");
}

#[tokio::test]
async fn bad_input_is_named_with_its_limit_and_changes_nothing() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let (long, longer) = ("x".repeat(81), "x".repeat(501));
    for (kind, field, place, words) in [
        ("words", ("words", "?!"), ("", "A"), "Words and phrases: "),
        ("words", ("words", &long[..]), ("", "A"), "81"),
        (
            "pattern",
            ("pattern", "order ("),
            ("", "A"),
            "Pattern: Character 7: this bracket",
        ),
        (
            "pattern",
            ("pattern", "(?=x)"),
            ("", "A"),
            "Pattern: Character 1: look-around",
        ),
        ("pattern", ("pattern", "a*"), ("", "A"), "fits every"),
        ("pattern", ("pattern", &longer[..]), ("", "A"), "501"),
        ("pattern", ("pattern", " "), ("", "A"), "Pattern: "),
        ("queued", ("minutes", "0"), ("", "A"), "from 1 to 10"),
        ("handled", ("minutes", "soon"), ("", "A"), "Minutes: "),
        ("thumbs_down", ("count", "51"), ("", "A"), "from 1 to 50"),
        ("queued", ("minutes", "5"), ("", ""), "Name: "),
        ("queued", ("minutes", "5"), ("nowhere", "A"), "Team: "),
        ("mood", ("minutes", "5"), ("", "A"), "mood"),
    ] {
        let refused = ada.fill(PAGE, &new(&key(), kind, field, place)).await;
        assert_eq!(refused.status, 422, "{kind} {field:?}");
        let body = refused.body.to_lowercase();
        assert!(body.contains(&words.to_lowercase()), "{words}: {body}");
    }
    assert!(ada.get(PAGE).await.body.contains("No rules yet."));
    for who in ["sam", "amy"] {
        let mut browser = Browser::new(&host);
        browser.sign_in(who, "sideline-demo").await;
        assert_eq!(browser.get(PAGE).await.status, 404);
        let mine = new("mine", "queued", ("minutes", "5"), ("", "Mine"));
        assert_eq!(browser.fill(PAGE, &mine).await.status, 404, "{who}");
    }
}
