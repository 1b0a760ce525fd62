//! Receivers of webhooks, as administrators keep them on `/admin/webhooks`.

use std::sync::Arc;

use serde_json::json;

use crate::browser::{Browser, Shown};
use crate::proof::Watch;
use crate::roles::{create, give, update};
use crate::support::{Host, key};

const PAGE: &str = "/admin/webhooks";
/// Nobody listens there.
const URL: &str = "http://127.0.0.1:9/hooks/hidden-in-the-path";

async fn ada(host: &Host) -> Browser<'_> {
    let mut ada = Browser::new(host);
    ada.sign_in("ada", "sideline-demo").await;
    ada
}

fn form(key: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("act", "create"),
        ("key", key),
        ("name", "Archive"),
        ("url", URL),
        ("event", "workitem.ended"),
        ("event", "message.created"),
    ]
}

/// What stands in the first attribute `value` behind a text.
fn value_after(page: &Shown, before: &str) -> String {
    let (_, rest) = page.body.split_once(before).expect("it is there");
    rest.split('"').next().expect("its end").to_owned()
}

fn receiver_of(page: &Shown) -> String {
    value_after(page, "name=\"receiver\" value=\"")
}

#[tokio::test]
async fn a_receiver_is_added_its_secret_shown_once_and_its_address_never() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let key = key();
    let made = ada.fill(PAGE, &form(&key)).await;
    assert_eq!(made.status, 200, "{}", made.body);
    assert!(made.body.contains("value=\"whsec_"));
    let receiver = receiver_of(&made);
    let later = ada.get(&format!("{PAGE}?receiver={receiver}")).await;
    assert_eq!(later.status, 200);
    for page in [ada.get(PAGE).await, later] {
        assert!(page.body.contains("Archive") && page.body.contains("http://127.0.0.1:9"));
        assert!(!page.body.contains("whsec_") && !page.body.contains("hidden-in-the-path"));
    }
    // A second click adds no second one.
    let again = ada.fill(PAGE, &form(&key)).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("was done before"), "{}", again.body);
    assert_eq!(again.body.matches("<th scope=\"row\"").count(), 1);
}

#[tokio::test]
async fn e51_who_may_not_see_a_team_hears_nothing_of_it() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let of_all = receiver_of(&ada.fill(PAGE, &form(&key())).await);
    let role = create(&mut ada, "supervisor", "Trainee").await;
    update(&mut ada, &role, "0", &["token.manage"]).await;
    give(&mut ada, "sam", "supervisor", &role).await;
    let mut sam = Browser::new(&host);
    sam.sign_in("sam", "sideline-demo").await;
    let page = sam.get(PAGE).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(!page.body.contains(&of_all), "{}", page.body);
    let one = format!("{PAGE}?receiver={of_all}");
    assert_eq!(ada.get(&one).await.status, 200);
    assert_eq!(sam.get(&one).await.status, 404);
    let deleted = key();
    let delete = [
        ("act", "delete"),
        ("key", &deleted[..]),
        ("receiver", &of_all[..]),
    ];
    assert_eq!(sam.fill(PAGE, &delete).await.status, 404);
    for (team, status) in [("", 404), ("sales", 404), ("care", 200)] {
        let key = key();
        let mut fields = form(&key);
        if !team.is_empty() {
            fields.push(("team", team));
        }
        let made = sam.fill(PAGE, &fields).await;
        assert_eq!(made.status, status, "{team}: {}", made.body);
    }
}

#[tokio::test]
async fn e51_a_receiver_rests_on_the_rights_of_who_changed_it_last() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let role = create(&mut ada, "supervisor", "Trainee").await;
    update(&mut ada, &role, "0", &["token.manage"]).await;
    give(&mut ada, "sam", "supervisor", &role).await;
    let mut sam = Browser::new(&host);
    sam.sign_in("sam", "sideline-demo").await;
    let keys = [key(), key()];
    let mut fields = form(&keys[0]);
    fields.push(("team", "care"));
    let receiver = receiver_of(&sam.fill(PAGE, &fields).await);
    let one = format!("{PAGE}?receiver={receiver}");
    let page = ada.get(&one).await.body;
    assert!(page.contains("rests on the rights of Sam Stone"), "{page}");

    let mut fields = form(&keys[1]);
    fields[0] = ("act", "update");
    fields.extend([("receiver", &receiver[..]), ("version", "0")]);
    let saved = ada.fill(PAGE, &fields).await;
    assert_eq!(saved.status, 200, "{}", saved.body);
    let page = ada.get(&one).await.body;
    assert!(page.contains("rests on the rights of Ada Almond"), "{page}");
    assert_eq!(sam.get(&one).await.status, 404, "it is of all teams now");
}

#[tokio::test]
async fn e51_every_act_is_in_the_audit_log_without_the_address() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let receiver = receiver_of(&ada.fill(PAGE, &form(&key())).await);
    let acts = [
        "update",
        "off",
        "on",
        "rotate",
        "test",
        "again_all",
        "delete",
    ];
    for act in acts {
        let key = key();
        let mut fields = form(&key);
        fields[0] = ("act", act);
        fields.extend([
            ("receiver", &receiver[..]),
            ("version", "0"),
            ("hours", "24"),
        ]);
        let done = ada.fill(PAGE, &fields).await;
        assert_eq!(done.status, 200, "{act}: {}", done.body);
    }
    let log = host.sign_in("ada").await;
    let (_, export) = log.page("/admin/audit/export?format=jsonl").await;
    for act in [
        "webhook_create",
        "webhook_update",
        "webhook_activate",
        "webhook_rotate",
        "webhook_test",
        "webhook_again",
        "webhook_delete",
    ] {
        assert!(export.contains(act), "{act}");
    }
    assert!(export.contains("workitem.ended, message.created"));
    assert!(!export.contains("hidden-in-the-path") && !export.contains("whsec_"));
    let gone = ada.get(&format!("{PAGE}?receiver={receiver}")).await;
    assert_eq!(gone.status, 404);
    assert!(ada.get(PAGE).await.body.contains("There are no receivers."));
}

#[tokio::test]
async fn what_is_wrong_with_a_receiver_is_said_and_what_was_typed_stays() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    let key = key();
    for (change, words) in [
        (("name", "  "), "Name: "),
        (("url", ""), "Address: "),
        (("url", "archive.example"), "begins with https://"),
        (("url", "https://ada@127.0.0.1/"), "in front of the host"),
        (
            ("url", "https://10.0.0.1/"),
            "a network to which nothing is sent",
        ),
        (
            ("url", "https://[::ffff:169.254.169.254]/"),
            "a network to which nothing is sent",
        ),
        (("event", "everything"), "everything"),
        (("event", "webhook.test"), "webhook.test"),
    ] {
        let mut fields = form(&key);
        fields.retain(|(name, _)| *name != change.0);
        fields.push(change);
        let refused = ada.fill(PAGE, &fields).await;
        assert_eq!(refused.status, 422, "{change:?}");
        assert!(refused.body.contains("role=\"alert\""), "{change:?}");
        assert!(refused.body.contains(words), "{change:?}: {}", refused.body);
        assert!(
            refused.body.contains(&format!("value=\"{key}\"")),
            "its key stays"
        );
    }
    let mut without = form(&key);
    without.retain(|(name, _)| *name != "event");
    let refused = ada.fill(PAGE, &without).await;
    assert!(refused.body.contains("Events: "), "{}", refused.body);
    assert!(refused.body.contains("value=\"Archive\""));

    let receiver = receiver_of(&ada.fill(PAGE, &form(&key)).await);
    for (fields, status) in [
        (vec![("act", "again_all"), ("hours", "2")], 422),
        (vec![("act", "update"), ("version", "x")], 422),
        (
            vec![
                ("act", "update"),
                ("version", "7"),
                ("name", "A"),
                ("event", "workitem.ended"),
            ],
            422,
        ),
        (vec![("act", "again"), ("event", "msg_none")], 404),
        (vec![("act", "nothing")], 404),
        (vec![("act", "on"), ("receiver", "no id!")], 404),
        (vec![("act", "on"), ("receiver", "none")], 404),
    ] {
        let fresh = crate::support::key();
        let mut fields = fields;
        fields.extend([("receiver", &receiver[..]), ("key", &fresh[..])]);
        let answered = ada.fill(PAGE, &fields).await;
        assert_eq!(answered.status, status, "{fields:?}");
    }
    for path in ["?receiver=none", "?receiver=no%20id!", "?receiver="] {
        let status = ada.get(&[PAGE, path].concat()).await.status;
        assert_eq!(
            status,
            if path.ends_with('=') { 200 } else { 404 },
            "{path}"
        );
    }
}

#[tokio::test]
async fn no_more_than_twenty_receivers_are_added() {
    let host = Host::start().await;
    let mut ada = ada(&host).await;
    for _ in 0..20 {
        assert_eq!(ada.fill(PAGE, &form(&key())).await.status, 200);
    }
    let refused = ada.fill(PAGE, &form(&key())).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("At most 20"), "{}", refused.body);
}

#[tokio::test]
async fn s11_what_lets_data_out_needs_a_password_that_was_given_a_short_while_ago() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let mut ada = ada(&host).await;
    let receiver = receiver_of(&ada.fill(PAGE, &form(&key())).await);
    clock.pass_minutes(16);
    assert!(ada.get(PAGE).await.body.contains("name=\"password\""));
    for act in ["create", "update", "rotate"] {
        let key = key();
        let mut fields = form(&key);
        fields[0] = ("act", act);
        if act != "create" {
            fields.extend([("receiver", &receiver[..]), ("version", "0")]);
        }
        let refused = ada.fill(PAGE, &fields).await;
        assert_eq!(refused.status, 422, "{act}");
        assert!(!refused.body.contains("whsec_"), "{act}");
        fields.push(("password", "not the password"));
        assert_eq!(ada.fill(PAGE, &fields).await.status, 422, "{act}");
    }
    let key = key();
    let mut fields = form(&key);
    fields.push(("password", "sideline-demo"));
    assert!(ada.fill(PAGE, &fields).await.body.contains("whsec_"));
}

#[tokio::test]
async fn m04_nobody_else_learns_that_there_are_receivers() {
    let host = Host::start().await;
    let receiver = receiver_of(&ada(&host).await.fill(PAGE, &form(&key())).await);
    for who in ["amy", "sam"] {
        let mut browser = Browser::new(&host);
        browser.sign_in(who, "sideline-demo").await;
        let on = key();
        let acts = [("act", "test"), ("receiver", &receiver), ("key", &on)];
        for shown in [
            browser.get(PAGE).await,
            browser.get(&format!("{PAGE}?receiver={receiver}")).await,
            browser.fill(PAGE, &form(&key())).await,
            browser.fill(PAGE, &acts).await,
        ] {
            assert_eq!(shown.status, 404, "{who}");
            assert!(
                !shown.body.to_lowercase().contains("webhook"),
                "{}",
                shown.body
            );
        }
        let staff = host.sign_in(who).await;
        let answered = staff
            .call("organisation/organisation_load", json!({}))
            .await;
        assert_eq!(answered.status, 404);
    }
    let mut nobody = Browser::new(&host);
    let led = nobody.fill(PAGE, &form(&key())).await;
    let to = "/login?next=/admin/webhooks&error=ended";
    assert_eq!((led.status, &led.to[..]), (303, to));
}
