//! Lists as files: the agents of the dashboard as its address chooses them, their requests, and the users.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use shared::time::Timestamp;

use crate::browser::Browser;
use crate::cast::{INSIDE, OUTSIDE, actor};
use crate::ready::amy_asks;
use crate::support::{Host, Staff, key};

const AGENTS: &str = "/dashboard/export";
const REQUESTS: &str = "/dashboard/requests/export";
const USERS: &str = "/admin/users/export";

/// The lines of a file below its columns.
async fn lines(who: &Staff<'_>, path: &str) -> Vec<String> {
    let (status, file) = who.page(path).await;
    assert_eq!(status, 200, "{path}: {file}");
    file.lines().skip(1).map(str::to_owned).collect()
}

/// The ids at the beginning of each line.
async fn ids(who: &Staff<'_>, path: &str) -> Vec<String> {
    let lines = lines(who, path).await.into_iter();
    let id = |line: String| line.split(',').next().unwrap_or_default().to_owned();
    lines.map(id).collect()
}

#[tokio::test]
async fn u06_the_agents_of_the_file_are_those_that_the_address_shows() {
    let host = Host::start().await;
    let sam = host.sign_in("sam").await;
    let _there = sam.live().await;
    amy_asks(&host).await;
    for (query, shown) in [
        ("", &["amy", "ben"][..]),
        ("find=AMY&sort=wait&hide=none", &["amy"]),
        ("request=open", &["amy"]),
        // As earlier releases wrote it.
        ("show=hand", &["amy"]),
        ("request=open&find=ben", &[]),
        ("presence=offline&request=open", &["amy"]),
        ("presence=away", &[]),
        ("team=Sales", &[]),
        ("channel=pigeon&view=none", &["amy", "ben"]),
        ("view=gone", &["amy", "ben"]),
    ] {
        let found = ids(&sam, &format!("{AGENTS}?{query}")).await;
        assert_eq!(found, shown, "{query}");
    }
    for wrong in ["presense=away", "find=a&find=b"] {
        let (status, _) = sam.page(&format!("{AGENTS}?{wrong}")).await;
        assert_eq!(status, 422, "{wrong}");
    }
    let sid = host.sign_in("sid").await;
    assert!(!ids(&sid, AGENTS).await.contains(&"amy".to_owned()));
}

#[tokio::test]
async fn u06_a_view_names_the_agents_of_the_file() {
    let host = Host::start().await;
    let (sam, sid) = (host.sign_in("sam").await, host.sign_in("sid").await);
    let once = key();
    let fields = [
        ("act", "create"),
        ("key", &once[..]),
        ("name", "Amy"),
        ("team", ""),
        ("filter", "find=amy&show=everybody"),
    ];
    let mut browser = Browser::new(&host);
    browser.sign_in("sam", "sideline-demo").await;
    browser.form("/dashboard/views", &fields).await;
    let views = sam.call("views/view_list", json!({})).await.ok();
    let view = views["views"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("{AGENTS}?view={view}");
    assert_eq!(ids(&sam, &path).await, ["amy"]);
    // Of others it is not: theirs is the file of the page, which shows all.
    assert!(!ids(&sid, &path).await.is_empty());
}

#[tokio::test]
async fn e20_requests_are_saved_with_their_times_open_and_done() {
    let host = Host::start().await;
    let sam = host.sign_in("sam").await;
    let _there = sam.live().await;
    let request = amy_asks(&host).await;
    let found = lines(&sam, REQUESTS).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with(&format!("{request},amy,Amy Adler,")),
        "{}",
        found[0]
    );
    assert!(found[0].ends_with(",,,,,,,"), "open: {}", found[0]);
    for act in ["request_claim", "request_handle"] {
        let input = json!({ "request": request, "key": key() });
        sam.call(&format!("assistance/{act}"), input).await.ok();
    }
    let found = lines(&sam, REQUESTS).await;
    assert!(found[0].contains(",sam,Sam Stone,"), "{}", found[0]);
    assert!(found[0].ends_with(",handled,sam,Sam Stone"), "{}", found[0]);
    let sid = host.sign_in("sid").await;
    assert!(lines(&sid, REQUESTS).await.is_empty(), "of another team");
    let (status, _) = sam.page(&format!("{REQUESTS}?find=amy")).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn e20_days_and_a_team_choose_the_requests_of_the_file() {
    let host = Host::start().await;
    let sam = host.sign_in("sam").await;
    let _there = sam.live().await;
    let request = amy_asks(&host).await;
    let a_day_ago = host.desk.clock().now().0 - 86_400_000_000;
    let yesterday = Timestamp(a_day_ago).rfc3339();
    let from = format!("from={}", &yesterday[..10]);
    for (query, found) in [
        (from.clone(), &[&request[..]][..]),
        (
            format!("{from}&zone=Europe/Berlin&team=care"),
            &[&request[..]],
        ),
        ("from=2020-01-01&to=2020-12-31".to_owned(), &[]),
    ] {
        let listed = ids(&sam, &format!("{REQUESTS}?{query}")).await;
        assert_eq!(listed, found, "{query}");
    }
    for (query, status) in [
        ("from=yesterday", 422),
        ("from=2020-01-01&to=2026-01-01", 422),
        ("zone=Europe/Atlantis", 422),
        ("team=sales", 404),
    ] {
        let (answered, _) = sam.page(&format!("{REQUESTS}?{query}")).await;
        assert_eq!(answered, status, "{query}");
    }
    // The page of figures leads there, with the days that it shows.
    let leads = format!("href=\"{REQUESTS}?from=");
    let (_, page) = sam.page("/analytics?team=care").await;
    assert!(page.contains(&leads), "{page}");
    let ada = host.sign_in("ada").await;
    let (status, page) = ada.page("/analytics").await;
    assert_eq!(status, 200);
    assert!(!page.contains(&leads), "she has no dashboard");
}

#[tokio::test]
async fn e51_users_are_saved_by_who_manages_them_and_no_name_is_a_formula() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let user = json!({
        "key": key(), "username": "nia", "name": "=HYPERLINK(\"x\")", "roles": ["agent"],
        "password": "correct horse 42",
    });
    ada.call("administration/user_create", user).await.ok();
    let found = lines(&ada, USERS).await;
    let line = |username: &str| {
        let begin = format!("{username},");
        let found = found.iter().find(|line| line.starts_with(&begin));
        found
            .unwrap_or_else(|| panic!("{username}: {found:?}"))
            .clone()
    };
    assert!(
        line("nia").starts_with("nia,\"'=HYPERLINK(\"\"x\"\")\",agent,,yes,"),
        "{}",
        line("nia")
    );
    assert!(
        line("amy").starts_with("amy,Amy Adler,agent,Care,yes,amy"),
        "{}",
        line("amy")
    );
    assert!(found.iter().all(|line| !line.contains("argon2")));
}

#[tokio::test]
async fn s07_each_list_is_for_those_who_see_its_page_and_the_log_has_every_file() {
    let host = Host::start().await;
    let mut saved = 0;
    for path in [AGENTS, REQUESTS, USERS] {
        for who in OUTSIDE.into_iter().chain(INSIDE) {
            let may = match path {
                USERS => who == "ada",
                _ => ["sam", "sid"].contains(&who),
            };
            let expected = match who {
                who if OUTSIDE.contains(&who) => 303,
                _ if may => 200,
                _ => 404,
            };
            let (status, body) = actor(&host, who).await.page(path).await;
            assert_eq!(status, expected, "{path} as {who}: {body}");
            assert!(may || !body.contains("Adler"), "{path} as {who}");
            saved += usize::from(may);
        }
    }
    let ada = host.sign_in("ada").await;
    let (_, log) = ada
        .page("/admin/audit/export?format=jsonl&act=list_export")
        .await;
    let rows: Vec<Value> = log
        .lines()
        .map(|row| serde_json::from_str(row).expect("JSON"))
        .collect();
    assert_eq!(rows.len(), saved);
    let list = json!([{ "field": "list", "was": null, "is": "users" }]);
    assert_eq!(
        (&rows[0]["actor"], &rows[0]["changes"]),
        (&json!("ada"), &list)
    );
}

#[tokio::test]
async fn a_list_is_a_file_that_is_saved() {
    let host = Host::start().await;
    let sam = host.sign_in("sam").await;
    let request = Request::get(AGENTS)
        .header(header::COOKIE, sam.cookies())
        .body(Body::empty())
        .expect("a request");
    let response = host.request(request).await;
    let header = |name| response.headers()[name].to_str().expect("a text");
    assert_eq!(header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert_eq!(
        header(header::CONTENT_DISPOSITION),
        "attachment; filename=\"agents.csv\""
    );
}
