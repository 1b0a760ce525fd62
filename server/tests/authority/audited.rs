//! The audit log: every layer's refusals and every act are in it, and those who may view it find and export them.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use shared::live::Topic;

use crate::browser::Browser;
use crate::cast::INSIDE;
use crate::history_export::AnotherDay;
use crate::ready::amy_asks;
use crate::support::{Host, Staff, key};
use crate::topics::follows;

/// A page of the log, with some fields of the query.
async fn log(ada: &Staff<'_>, asked: &[(&str, &str)]) -> Value {
    let mut query = json!({
        "from": "", "to": "", "user": "", "act": "", "object": "", "outcome": "", "before": "",
    });
    for (field, value) in asked {
        query[field] = json!(value);
    }
    let input = json!({ "query": query });
    ada.call("audit/audit_list", input).await.ok()
}

/// What a page says, the newest first: who, what, about what.
fn said(page: &Value) -> Vec<(String, String, String)> {
    let rows = page["rows"].as_array().expect("rows").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.map(|row| {
        (
            text(&row["actor"]["id"]),
            text(&row["what"]),
            text(&row["about"]),
        )
    })
    .collect()
}

/// A page that goes along with a workitem asks beside it for an agent whom its reader does not supervise.
#[tokio::test]
async fn e51_what_a_page_asks_for_beside_a_workitem_is_no_refusal_and_what_somebody_tries_is() {
    let host = Host::start().await;
    let chat = host.sign_in("amy").await.own_workitem("chat").await;
    let ada = host.sign_in("ada").await;
    let both = json!({
        "key": key(), "user": "sue", "name": "Sue Silva", "roles": ["supervisor", "agent"],
    });
    ada.call("administration/user_update", both).await.ok();
    let sue = host.sign_in("sue").await;
    let taken = json!({ "workitem": chat, "key": key(), "from": "amy" });
    let taken = sue.call("stepping_in/workitem_take_over", taken);
    taken.await.ok();

    let sam = host.sign_in("sam").await;
    let beside = async |agent: &str| {
        let input = json!({ "agent": agent, "workitem": chat });
        sam.call("coaching/agent_workitems_beside", input).await
    };
    // Who has it, and the reader, under whose name it stands when they have just taken it over.
    for agent in ["sue", "sam"] {
        assert_eq!(beside(agent).await.ok(), Value::Null, "{agent}");
    }
    let refused = [("act", "refused_agent")];
    assert!(said(&log(&ada, &refused).await).is_empty());
    // She has nothing to do with it.
    assert_eq!(beside("cleo").await.status, 404);
    let expected = ("sam", "refused_agent", "cleo");
    let expected = (
        expected.0.to_owned(),
        expected.1.to_owned(),
        expected.2.to_owned(),
    );
    assert_eq!(said(&log(&ada, &refused).await), [expected]);
}

/// Somebody tries to sign in and is not let in.
async fn wrong_password(host: &Host, username: &str) {
    let request = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("username={username}&password=wrong")));
    host.request(request.expect("a request")).await;
}

#[tokio::test]
async fn e51_what_is_refused_in_any_layer_is_in_the_log() {
    let host = Host::start().await;
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    amy.call("administration/user_list", json!({})).await;
    amy.page("/admin/users").await;
    let mut live = amy.live().await;
    let refused = follows(&mut live, &Topic::Dashboard, false).await;
    refused.expect_err("she is no supervisor");
    host.nobody().call("directory/desk_load", json!({})).await;
    host.nobody().page("/admin/audit/export?format=csv").await;
    wrong_password(&host, "amy").await;
    wrong_password(&host, "a-secret-in-the-wrong-field").await;
    let forged = Request::post("/login")
        .header("sec-fetch-site", "cross-site")
        .body(Body::empty());
    host.request(forged.expect("a request")).await;

    let refusals = said(&log(&ada, &[("outcome", "refused")]).await);
    let expected = [
        ("", "refused_cross_site", ""),
        ("", "sign_in_refused", ""),
        ("", "sign_in_refused", "amy"),
        ("", "refused_signed_out", "admin/audit/export"),
        ("", "refused_signed_out", "app/api/directory/desk_load"),
        ("amy", "refused_topic", "dashboard"),
        ("amy", "refused_page", "/admin/users"),
        ("amy", "refused_action", "user_manage"),
        ("amy", "refused_action", "team_manage"),
    ]
    .map(|(who, what, about)| (who.to_owned(), what.to_owned(), about.to_owned()));
    assert_eq!(refusals, expected);
    let (_, export) = ada.page("/admin/audit/export?format=jsonl").await;
    assert!(!export.contains("secret"), "{export}");
}

#[tokio::test]
async fn e51_a_form_of_somebody_who_may_not_know_of_its_page_is_in_the_log_once() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let mut amy = Browser::new(&host);
    amy.sign_in("amy", "sideline-demo").await;
    for (page, act) in [("/admin/labels", "update"), ("/admin/chat/care", "save")] {
        let key = key();
        let form = [
            ("act", act),
            ("key", &key[..]),
            ("id", "late"),
            ("version", "0"),
            ("name", "Late"),
        ];
        let refused = amy.form(page, &form).await;
        assert_eq!(refused.status, 404, "{page}: {}", refused.body);
        assert!(!refused.body.contains("meanwhile"), "{page}");
    }
    let refusals = said(&log(&ada, &[("outcome", "refused")]).await);
    let expected = ["team_manage", "organisation_manage"].map(|about| {
        let what = "refused_action".to_owned();
        ("amy".to_owned(), what, about.to_owned())
    });
    assert_eq!(refusals, expected);
}

#[tokio::test]
async fn e51_a_flood_of_refusals_leaves_few_rows() {
    let host = Host::start().await;
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    for _ in 0..80 {
        amy.call("templates/template_list", json!({})).await;
    }
    let (_, export) = ada
        .page("/admin/audit/export?format=jsonl&user=amy&outcome=refused")
        .await;
    assert_eq!(export.lines().count(), 60);
}

#[tokio::test]
async fn e51_s12_an_act_is_in_the_log_with_what_it_changed() {
    let host = Host::start().await;
    let (ada, amy) = (host.sign_in("ada").await, host.sign_in("amy").await);
    let input = json!({
        "key": key(), "user": "sue", "version": 0, "name": "Sue Stone", "roles": ["supervisor"],
    });
    ada.call("administration/user_update", input).await.ok();
    let input = json!({
        "key": key(), "version": 0, "changes": [{ "name": "queue_max", "value": 300 }],
    });
    ada.call("organisation/organisation_save", input).await.ok();
    let input = json!({ "password": "sideline-demo" });
    ada.call("account/password_prove", input).await.ok();
    amy.post("/logout", String::new()).await;

    let page = log(&ada, &[("outcome", "done")]).await;
    let acts: Vec<String> = said(&page).into_iter().map(|(_, what, _)| what).collect();
    let expected = [
        "sign_out",
        "password_prove",
        "organisation_save",
        "user_update",
    ];
    assert_eq!(acts[..4], expected);
    let rows = &page["rows"];
    assert_eq!(
        rows[2]["changes"],
        json!([{ "field": "queue_max", "was": "200", "is": "300" }])
    );
    assert_eq!(
        rows[3]["changes"],
        json!([{ "field": "name", "was": "Sue Silva", "is": "Sue Stone" }])
    );
    assert_eq!(rows[3]["about_name"], "Sue Stone");
    assert_eq!(rows[3]["actor"]["name"], "Ada Almond");
}

#[tokio::test]
async fn e51_the_log_is_found_by_user_act_object_and_day_and_read_in_pages() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    for _ in 0..60 {
        host.sign_in("ben").await;
    }
    let first = log(&ada, &[("user", "ben"), ("act", "sign_in")]).await;
    assert_eq!(said(&first).len(), 50);
    let next = first["next"].as_str().expect("there are older ones");
    let second = log(
        &ada,
        &[("user", "ben"), ("act", "sign_in"), ("before", next)],
    )
    .await;
    assert_eq!(said(&second).len(), 10);
    assert_eq!(second["next"], Value::Null);
    let ids = |page: &Value| -> Vec<i64> {
        let rows = page["rows"].as_array().expect("rows").iter();
        rows.map(|row| row["id"].as_i64().expect("a number"))
            .collect()
    };
    let all = [ids(&first), ids(&second)].concat();
    assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "{all:?}");

    let of_ada = log(&ada, &[("object", "ada"), ("act", "sign_in")]).await;
    assert_eq!(said(&of_ada).len(), 1);
    for (field, value) in [
        ("user", "nobody-of-that-name"),
        ("act", "no_such_act"),
        ("to", "2020-01-01"),
        ("from", "2999-01-01"),
    ] {
        assert!(
            said(&log(&ada, &[(field, value)]).await).is_empty(),
            "{field}"
        );
    }
    let (status, page) = ada.page("/admin/audit?user=ben").await;
    assert_eq!(status, 200);
    assert!(page.contains("Ben Brooks"));
}

#[tokio::test]
async fn e51_who_watched_whom_and_who_saw_to_a_request_is_found_by_the_agent() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let ada = host.sign_in("ada").await;
    let chat = amy.own_workitem("chat").await;
    let mut live = sam.live().await;
    let topic = Topic::Workitem(chat.clone());
    follows(&mut live, &topic, true).await.expect("his team's");
    let request = amy_asks(&host).await;
    for step in ["request_claim", "request_hand_back", "request_handle"] {
        let input = json!({ "key": key(), "request": request });
        sam.call(&format!("assistance/{step}"), input).await.ok();
    }
    let page = log(&ada, &[("agent", "Amy")]).await;
    let row = |what: &str, about: &str| ("sam".to_owned(), what.to_owned(), about.to_owned());
    let expected = [
        row("request_done", &request),
        row("request_hand_back", &request),
        row("request_claim", &request),
        row("monitoring_begin", chat.as_str()),
    ];
    assert_eq!(said(&page)[..4], expected);
    // People read the name, files have the id.
    let agent = |is: &str| json!({ "field": "agent", "was": null, "is": is });
    assert_eq!(page["rows"][3]["changes"][0], agent("Amy Adler"));
    let address = "/admin/audit/export?format=jsonl&agent=amy&act=monitoring_begin";
    let (_, export) = ada.page(address).await;
    let first = export.lines().next().expect("a row");
    let exported: Value = serde_json::from_str(first).expect("JSON");
    assert_eq!(exported["changes"][0], agent("amy"));
    for nobody in ["ben", "nobody-of-that-name"] {
        let none = log(&ada, &[("agent", nobody), ("act", "request_claim")]).await;
        assert!(said(&none).is_empty(), "{nobody}");
    }
}

#[tokio::test]
async fn e51_objects_and_people_have_names_and_are_found_by_them() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let input = json!({
        "key": key(), "title": "Ask for a refund", "message": "May I?", "active": true,
    });
    ada.call("templates/template_create", input).await.ok();
    let input = json!({
        "key": key(),
        "change": { "name": "Night shift", "members": ["amy"], "supervisors": ["sam"] },
    });
    ada.call("administration/team_create", input).await.ok();
    for (object, what) in [
        ("Ask for a refund", "template_create"),
        ("night SHIFT", "team_create"),
    ] {
        let page = log(&ada, &[("object", object)]).await;
        let acts: Vec<String> = said(&page).into_iter().map(|(_, what, _)| what).collect();
        assert_eq!(acts, [what], "{object}");
    }
    let page = log(&ada, &[("object", "Ask for a refund")]).await;
    assert_eq!(page["rows"][0]["about_name"], "Ask for a refund");
    let page = log(&ada, &[("object", "Night shift")]).await;
    let changes = page["rows"][0]["changes"].as_array().expect("changes");
    let members = json!({ "field": "members", "was": null, "is": "Amy Adler" });
    assert!(changes.contains(&members), "{changes:?}");
    let (_, csv) = ada
        .page("/admin/audit/export?format=csv&act=team_create")
        .await;
    assert!(csv.contains("members: – → Amy Adler (amy)"), "{csv}");
    let (_, lines) = ada
        .page("/admin/audit/export?format=jsonl&act=team_create")
        .await;
    let newest = lines.lines().next().expect("a line");
    let row: Value = serde_json::from_str(newest).expect("JSON");
    assert_eq!(row["names"]["sam"], "Sam Stone");
}

#[tokio::test]
async fn e51_the_log_is_exported_whole_and_the_export_is_in_it() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let input = json!({
        "key": key(), "title": "=HYPERLINK(1)", "message": "Say \"yes\", please. Now.", "active": true,
    });
    ada.call("templates/template_create", input).await.ok();
    let (status, csv) = ada
        .page("/admin/audit/export?format=csv&act=template_create&user=ada")
        .await;
    assert_eq!(status, 200);
    let expected =
        "\"title: – → =HYPERLINK(1); text: – → Say \"\"yes\"\", please. Now.; active: – → true\"";
    assert!(csv.contains(expected), "{csv}");

    let (_, lines) = ada.page("/admin/audit/export?format=jsonl").await;
    let rows: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(rows[0]["what"], "audit_export", "this export");
    assert_eq!(rows[1]["what"], "audit_export", "the one before");
    assert_eq!(
        rows[1]["changes"],
        json!([
            { "field": "user", "was": null, "is": "ada" },
            { "field": "act", "was": null, "is": "template_create" },
        ])
    );
    let ids = rows.iter().map(|row| row["id"].as_i64().expect("a number"));
    let ids: Vec<i64> = ids.collect();
    let whole: Vec<i64> = (1..=ids[0]).rev().collect();
    assert_eq!(ids, whole);
    for who in INSIDE.into_iter().filter(|who| *who != "ada") {
        let caller = host.sign_in(who).await;
        let (status, _) = caller.page("/admin/audit/export?format=csv").await;
        assert_eq!(status, 404, "{who}");
    }
    let (status, _) = ada.page("/admin/audit/export").await;
    assert_eq!(status, 422, "in which format?");
    for (more, field) in [
        ("x=1", "x"),
        ("usr=amy", "usr"),
        ("from=2026-12-01&zone=Europe%2FAtlantis", "zone"),
        ("format=jsonl", "format"),
        ("user=amy&user=ben", "user"),
    ] {
        let path = format!("/admin/audit/export?format=csv&{more}");
        let (status, refused) = ada.page(&path).await;
        let refused: Value = serde_json::from_str(&refused).expect("a problem");
        assert_eq!(status, 422, "{more}");
        assert_eq!(refused["Invalid"]["field"], field, "{more}: {refused}");
    }
}

#[tokio::test]
async fn e51_days_of_the_log_are_those_of_the_readers_zone() {
    let host = Host::start_with_clock(Arc::new(AnotherDay)).await;
    wrong_password(&host, "amy").await;
    let ada = host.sign_in("ada").await;
    for (day, zone, found) in [
        ("2023-11-15", "Pacific/Auckland", 1),
        ("2023-11-14", "Pacific/Auckland", 0),
        ("2023-11-14", "", 1),
        ("2023-11-15", "", 0),
    ] {
        let asked = [
            ("act", "sign_in_refused"),
            ("from", day),
            ("to", day),
            ("zone", zone),
        ];
        let page = log(&ada, &asked).await;
        assert_eq!(said(&page).len(), found, "{day} {zone}: {page}");
        let pairs = asked.map(|(name, value)| [name, "=", value].concat());
        let path = ["/admin/audit/export?format=csv&", &pairs.join("&")].concat();
        let (_, file) = ada.page(&path).await;
        assert_eq!(file.lines().count(), 1 + found, "{path}: {file}");
    }
}
