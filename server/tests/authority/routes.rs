//! Every HTTP route that the running program's router holds, and every page, asked for as everybody.

use std::collections::BTreeSet;

use app::page_links::{pages, plain_pages};
use serde_json::json;
use shared::people::Actor;

use crate::cast::{INSIDE, OUTSIDE, actor};
use crate::functions::coached;
use crate::support::Host;
use crate::table::May;

/// The actors that a route is for.
#[derive(Clone, Copy, Debug)]
enum For {
    /// For everybody alike, answered with this.
    Everybody(u16),
    /// A file of the release, for everybody alike; whether there is one depends on the build.
    File,
    /// For who is not signed in; the others are sent to their own page.
    Outside,
    /// A page for staff; the others are sent to the sign-in page.
    Page,
    /// For staff, answered with this; the others have to sign in.
    Staff(u16),
    /// For agents, answered with this; other staff find nothing, the others have to sign in.
    Agents(u16),
    /// A file for these, answered with this; other staff find nothing, the others are sent to the sign-in page.
    Saved(May, u16),
    /// For administrators; other staff find nothing, the others have to sign in.
    Administrators,
    /// A page for administrators; other staff find nothing, the others are sent to the sign-in page.
    AdministratorsPage,
    /// A page for supervisors and administrators; other staff find nothing, the others are sent to the sign-in page.
    FiguresPage,
    /// For the bearer of a token: no cookie counts.
    Bearer,
    /// For the customer whose conversation it is, answered with this; the others find nothing.
    ItsCustomer(u16),
}

impl For {
    fn includes(self, who: &str, status: u16) -> bool {
        let expected = match self {
            For::Everybody(status) => status,
            For::File => return [200, 204, 404].contains(&status),
            For::Outside if OUTSIDE.contains(&who) => 200,
            For::Outside => 303,
            For::Page if OUTSIDE.contains(&who) => 303,
            For::Page => 200,
            For::Staff(_) if OUTSIDE.contains(&who) => 401,
            For::Staff(status) => status,
            For::Agents(_) if OUTSIDE.contains(&who) => 401,
            For::Agents(status) if May::Agents.includes(who) => status,
            For::Agents(_) => 404,
            For::Saved(..) if OUTSIDE.contains(&who) => 303,
            For::Saved(may, status) if may.includes(who) => status,
            For::Saved(..) => 404,
            For::Administrators if OUTSIDE.contains(&who) => 401,
            For::Administrators if who == "ada" => 200,
            For::Administrators => 404,
            For::AdministratorsPage if OUTSIDE.contains(&who) => 303,
            For::AdministratorsPage if who == "ada" => 200,
            For::AdministratorsPage => 404,
            For::FiguresPage if OUTSIDE.contains(&who) => 303,
            For::FiguresPage if ["sam", "sid", "ada"].contains(&who) => 200,
            For::FiguresPage => 404,
            For::Bearer => 401,
            For::ItsCustomer(status) if who == "a customer" => status,
            For::ItsCustomer(_) => 404,
        };
        status == expected
    }
}

/// A route, an address of it, and its actors. A route that needs a body is requested without one, and refuses.
const ROUTES: [(&str, &str, For); 124] = [
    ("GET /texts", "/texts", For::Page),
    ("POST /texts", "/texts", For::Everybody(415)),
    (
        "GET /dashboard/views",
        "/dashboard/views",
        For::Saved(May::Supervisors, 200),
    ),
    (
        "POST /dashboard/views",
        "/dashboard/views",
        For::Everybody(415),
    ),
    (
        "GET /dashboard/waiting",
        "/dashboard/waiting",
        For::Saved(May::Supervisors, 200),
    ),
    ("GET /dashboard/walls", "/dashboard/walls", For::FiguresPage),
    (
        "POST /dashboard/walls",
        "/dashboard/walls",
        For::Everybody(415),
    ),
    // `walls.rs` opens one that is there.
    ("GET /wall/{secret}", "/wall/none", For::Everybody(404)),
    ("GET /analytics", "/analytics", For::FiguresPage),
    (
        "GET /analytics/export",
        "/analytics/export?figure=requests",
        For::FiguresPage,
    ),
    (
        "GET /history/export",
        "/history/export?words=refund",
        For::Saved(May::AgentsAndSupervisors, 200),
    ),
    (
        "GET /dashboard/export",
        "/dashboard/export?presence=away",
        For::Saved(May::Supervisors, 200),
    ),
    (
        "GET /dashboard/requests/export",
        "/dashboard/requests/export",
        For::Saved(May::Supervisors, 200),
    ),
    (
        "GET /admin/users/export",
        "/admin/users/export",
        For::AdministratorsPage,
    ),
    // `history_export.rs` saves one that is there.
    (
        "GET /history/{workitem}/transcript.txt",
        "/history/none/transcript.txt",
        For::Saved(May::All, 404),
    ),
    (
        "GET /history/{workitem}/transcript.json",
        "/history/none/transcript.json",
        For::Saved(May::All, 404),
    ),
    (
        "GET /admin/audit/export",
        "/admin/audit/export?format=jsonl",
        For::Administrators,
    ),
    (
        "GET /admin/tokens",
        "/admin/tokens",
        For::AdministratorsPage,
    ),
    ("POST /admin/tokens", "/admin/tokens", For::Everybody(415)),
    (
        "GET /admin/alerts",
        "/admin/alerts",
        For::AdministratorsPage,
    ),
    ("POST /admin/alerts", "/admin/alerts", For::Everybody(415)),
    (
        "GET /admin/labels",
        "/admin/labels",
        For::AdministratorsPage,
    ),
    ("POST /admin/labels", "/admin/labels", For::Everybody(415)),
    (
        "GET /admin/escalation",
        "/admin/escalation",
        For::AdministratorsPage,
    ),
    (
        "POST /admin/escalation",
        "/admin/escalation",
        For::Everybody(415),
    ),
    ("GET /admin/roles", "/admin/roles", For::AdministratorsPage),
    ("POST /admin/roles", "/admin/roles", For::Everybody(415)),
    (
        "GET /admin/single-sign-on",
        "/admin/single-sign-on",
        For::AdministratorsPage,
    ),
    (
        "POST /admin/single-sign-on",
        "/admin/single-sign-on",
        For::Everybody(415),
    ),
    (
        "GET /admin/single-sign-on/links",
        "/admin/single-sign-on/links",
        For::AdministratorsPage,
    ),
    (
        "POST /admin/single-sign-on/links",
        "/admin/single-sign-on/links",
        For::Everybody(415),
    ),
    // Nothing is set up: the sign-in page says so, and to who is signed in a page of its own.
    ("GET /sso/start", "/sso/start", For::Everybody(303)),
    ("GET /sso/again", "/sso/again", For::Saved(May::All, 422)),
    (
        "GET /sso/callback",
        "/sso/callback",
        For::Saved(May::All, 422),
    ),
    (
        "POST /sso/back-channel-logout",
        "/sso/back-channel-logout",
        For::Everybody(415),
    ),
    (
        "GET /admin/users/import",
        "/admin/users/import",
        For::AdministratorsPage,
    ),
    (
        "POST /admin/users/import",
        "/admin/users/import",
        For::Everybody(415),
    ),
    (
        "GET /admin/chat/{key}",
        "/admin/chat/care",
        For::AdministratorsPage,
    ),
    (
        "POST /admin/chat/{key}",
        "/admin/chat/care",
        For::Everybody(415),
    ),
    (
        "GET /admin/webhooks",
        "/admin/webhooks",
        For::AdministratorsPage,
    ),
    (
        "POST /admin/webhooks",
        "/admin/webhooks",
        For::Everybody(415),
    ),
    ("GET /login", "/login", For::Outside),
    ("POST /login", "/login", For::Everybody(415)),
    ("POST /logout", "/logout", For::Everybody(303)),
    // Without a sign-in that is under way it leads to the sign-in page.
    ("GET /login/step", "/login/step", For::Everybody(303)),
    ("POST /login/step", "/login/step", For::Everybody(415)),
    ("GET /login/passkey", "/login/passkey", For::Outside),
    ("POST /login/passkey", "/login/passkey", For::Everybody(415)),
    // Without a session one is led to the sign-in page.
    (
        "GET /settings/second-factor",
        "/settings/second-factor",
        For::Page,
    ),
    (
        "POST /settings/second-factor",
        "/settings/second-factor",
        For::Everybody(415),
    ),
    // Nobody sets up what has users.
    ("GET /setup", "/setup", For::Everybody(404)),
    ("POST /setup", "/setup", For::Everybody(415)),
    (
        "GET /.well-known/change-password",
        "/.well-known/change-password",
        For::Everybody(303),
    ),
    (
        "GET /.well-known/security.txt",
        "/.well-known/security.txt",
        For::Everybody(404),
    ),
    ("GET /live", "/live", For::Staff(101)),
    ("GET /push", "/push", For::Staff(200)),
    // `push.rs` of the tests subscribes with a body.
    ("PUT /push", "/push", For::Staff(422)),
    ("DELETE /push", "/push", For::Staff(204)),
    ("GET /push-worker.js", "/push-worker.js", For::File),
    // Each function is asked for in `functions.rs`.
    (
        "ANY /api/{*name}",
        "/api/app/api/directory/people_list",
        For::Staff(200),
    ),
    // A cookie counts for nothing here; `server/tests/api/` asks with tokens.
    ("GET /api/v1/workitems", "/api/v1/workitems", For::Bearer),
    ("POST /api/v1/workitems", "/api/v1/workitems", For::Bearer),
    (
        "GET /api/v1/workitems/{workitem}",
        "/api/v1/workitems/x",
        For::Bearer,
    ),
    (
        "POST /api/v1/workitems/{workitem}/messages",
        "/api/v1/workitems/x/messages",
        For::Bearer,
    ),
    (
        "POST /api/v1/workitems/{workitem}/notes",
        "/api/v1/workitems/x/notes",
        For::Bearer,
    ),
    (
        "POST /api/v1/workitems/{workitem}/state",
        "/api/v1/workitems/x/state",
        For::Bearer,
    ),
    (
        "POST /api/v1/workitems/{workitem}/end",
        "/api/v1/workitems/x/end",
        For::Bearer,
    ),
    (
        "GET /api/v1/workitems/{workitem}/transcript",
        "/api/v1/workitems/x/transcript",
        For::Bearer,
    ),
    (
        "GET /api/v1/workitems/{workitem}/transcript/staff",
        "/api/v1/workitems/x/transcript/staff",
        For::Bearer,
    ),
    ("GET /api/v1/users", "/api/v1/users", For::Bearer),
    ("GET /api/v1/teams", "/api/v1/teams", For::Bearer),
    ("GET /api/v1/templates", "/api/v1/templates", For::Bearer),
    ("GET /api/v1/requests", "/api/v1/requests", For::Bearer),
    ("GET /api/v1/ratings", "/api/v1/ratings", For::Bearer),
    ("GET /api/v1/reviews", "/api/v1/reviews", For::Bearer),
    (
        "GET /api/v1/openapi.json",
        "/api/v1/openapi.json",
        For::Everybody(200),
    ),
    ("GET /api/v1/docs", "/api/v1/docs", For::Everybody(200)),
    ("GET /api/v1", "/api/v1", For::Everybody(303)),
    ("ANY /api/v1/", "/api/v1/", For::Everybody(404)),
    (
        "ANY /api/v1/{*rest}",
        "/api/v1/nothing",
        For::Everybody(404),
    ),
    // The same: `server/tests/scim/` asks with tokens.
    (
        "GET /scim/v2/ServiceProviderConfig",
        "/scim/v2/ServiceProviderConfig",
        For::Bearer,
    ),
    (
        "GET /scim/v2/ResourceTypes",
        "/scim/v2/ResourceTypes",
        For::Bearer,
    ),
    (
        "GET /scim/v2/ResourceTypes/{name}",
        "/scim/v2/ResourceTypes/User",
        For::Bearer,
    ),
    ("GET /scim/v2/Schemas", "/scim/v2/Schemas", For::Bearer),
    (
        "GET /scim/v2/Schemas/{schema}",
        "/scim/v2/Schemas/x",
        For::Bearer,
    ),
    ("GET /scim/v2/Users", "/scim/v2/Users", For::Bearer),
    ("POST /scim/v2/Users", "/scim/v2/Users", For::Bearer),
    (
        "GET /scim/v2/Users/{user}",
        "/scim/v2/Users/amy",
        For::Bearer,
    ),
    (
        "PUT /scim/v2/Users/{user}",
        "/scim/v2/Users/amy",
        For::Bearer,
    ),
    (
        "PATCH /scim/v2/Users/{user}",
        "/scim/v2/Users/amy",
        For::Bearer,
    ),
    (
        "DELETE /scim/v2/Users/{user}",
        "/scim/v2/Users/amy",
        For::Bearer,
    ),
    ("GET /scim/v2/Groups", "/scim/v2/Groups", For::Bearer),
    ("POST /scim/v2/.search", "/scim/v2/.search", For::Bearer),
    (
        "POST /scim/v2/Users/.search",
        "/scim/v2/Users/.search",
        For::Bearer,
    ),
    ("ANY /scim/v2", "/scim/v2", For::Everybody(404)),
    ("ANY /scim/v2/", "/scim/v2/", For::Everybody(404)),
    (
        "ANY /scim/v2/{*rest}",
        "/scim/v2/nothing",
        For::Everybody(404),
    ),
    ("GET /chat/{key}", "/chat/care", For::Everybody(200)),
    ("POST /chat/{key}", "/chat/care", For::Everybody(422)),
    (
        "GET /chat/{key}/embed",
        "/chat/care/embed",
        For::Everybody(200),
    ),
    (
        "GET /chat/{key}/visit",
        "/chat/care/visit",
        For::ItsCustomer(200),
    ),
    (
        "GET /chat/{key}/transcript",
        "/chat/care/transcript",
        For::ItsCustomer(200),
    ),
    (
        "POST /chat/{key}/typing",
        "/chat/care/typing",
        For::ItsCustomer(204),
    ),
    (
        "POST /chat/{key}/offline",
        "/chat/care/offline",
        For::Everybody(422),
    ),
    (
        "POST /chat/{key}/messages",
        "/chat/care/messages",
        For::Everybody(422),
    ),
    (
        "POST /chat/{key}/files",
        "/chat/care/files",
        For::Everybody(422),
    ),
    // `webchat/files.rs` and `files.rs` ask for one that is there.
    (
        "GET /chat/{key}/files/{file}",
        "/chat/care/files/none",
        For::Everybody(404),
    ),
    ("GET /files/{file}", "/files/none", For::Staff(404)),
    // `files.rs` sends one into a workitem.
    (
        "POST /workitems/{workitem}/files",
        "/workitems/none/files",
        For::Agents(422),
    ),
    (
        "POST /chat/{key}/end",
        "/chat/care/end",
        For::Everybody(422),
    ),
    (
        "POST /chat/{key}/rating",
        "/chat/care/rating",
        For::Everybody(422),
    ),
    (
        "POST /chat/{key}/forget",
        "/chat/care/forget",
        For::Everybody(204),
    ),
    (
        "GET /chat/{key}/history",
        "/chat/care/history",
        For::ItsCustomer(200),
    ),
    (
        "GET /chat/{key}/live",
        "/chat/care/live",
        For::ItsCustomer(200),
    ),
    // Only Twilio can sign a call, and only of a channel that there is.
    (
        "POST /channels/twilio/{key}",
        "/channels/twilio/care",
        For::Everybody(404),
    ),
    (
        "POST /channels/twilio/{key}/status",
        "/channels/twilio/care/status",
        For::Everybody(404),
    ),
    // Meta asks with a word that the channel has, and signs.
    (
        "GET /channels/meta/{key}",
        "/channels/meta/care",
        For::Everybody(404),
    ),
    (
        "POST /channels/meta/{key}",
        "/channels/meta/care",
        For::Everybody(404),
    ),
    ("GET /widget.js", "/widget.js", For::File),
    ("GET /pkg/{*path}", "/pkg/none", For::File),
    ("GET /favicon.svg", "/favicon.svg", For::File),
    ("GET /favicon.ico", "/favicon.ico", For::File),
    ("GET /healthz", "/healthz", For::Everybody(200)),
    ("GET /readyz", "/readyz", For::Everybody(200)),
];

#[tokio::test]
async fn every_route_is_for_those_whom_the_table_names() {
    let host = Host::start().await;
    let pages = PAGES.iter().map(|(route, _)| format!("GET {route}"));
    let others = ROUTES.iter().map(|(route, ..)| (*route).to_owned());
    let known: BTreeSet<String> = pages.chain(others).collect();
    assert_eq!(
        host.routes().await,
        known,
        "the program (left) and the table disagree"
    );
    for who in OUTSIDE.into_iter().chain(INSIDE) {
        let mut caller = actor(&host, who).await;
        for (route, path, whom) in ROUTES {
            let method = match route.split_once(' ').expect("a method").0 {
                "ANY" => "POST",
                method => method,
            };
            let status = match path {
                "/live" => caller.try_live().await.err().unwrap_or(101),
                path if path.starts_with("/api/app/") => {
                    caller.post(path, "{}".into()).await.status
                }
                path => caller.status(method, path).await,
            };
            assert!(whom.includes(who, status), "{route} as {who}: {status}");
            if ["/logout", "/chat/care/forget"].contains(&path) {
                caller = actor(&host, who).await;
            }
        }
    }
}

/// Every page of the frame by its route, and who sees it; `None`: nobody, everybody is sent elsewhere.
const PAGES: [(&str, Option<May>); 17] = [
    ("/admin/channels", Some(May::Ada)),
    ("/admin/customers", Some(May::Ada)),
    ("/admin/audit", Some(May::Ada)),
    ("/", None),
    ("/workspace", Some(May::Agents)),
    ("/workspace/{workitem}", Some(May::Amy)),
    ("/dashboard", Some(May::Supervisors)),
    ("/watch", Some(May::Supervisors)),
    ("/coaching/{agent}", Some(May::Sam)),
    ("/coaching/{agent}/{workitem}", Some(May::Sam)),
    ("/history", Some(May::AgentsAndSupervisors)),
    ("/history/{workitem}", Some(May::AmyAndSam)),
    ("/settings", Some(May::All)),
    ("/admin/templates", Some(May::Ada)),
    ("/admin/users", Some(May::Ada)),
    ("/admin/teams", Some(May::Ada)),
    ("/admin/settings", Some(May::Ada)),
];

#[tokio::test]
async fn every_page_is_for_those_whom_the_table_names() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let (chat, _) = coached(&host, &amy).await;
    let list = amy.call("workitems/worklist_load", json!({})).await.ok();
    let rows = list["workitems"].as_array().expect("a list");
    let row = rows.iter().find(|row| row["id"] == chat.as_str());
    let subject = row.expect("her chat")["subject"].as_str().expect("text");
    for (route, may) in PAGES {
        let Some(may) = may else { continue };
        let path = route
            .replace("{agent}", "amy")
            .replace("{workitem}", chat.as_str());
        for who in OUTSIDE.into_iter().chain(INSIDE) {
            let (status, body) = actor(&host, who).await.page(&path).await;
            let expected = match who {
                who if OUTSIDE.contains(&who) => 303,
                who if may.includes(who) => 200,
                _ => 404,
            };
            assert_eq!(status, expected, "{path} as {who}");
            // The first data of a page may hold work that the actor may read elsewhere.
            assert!(
                May::AmyAndSam.includes(who) || !body.contains(subject),
                "{path} shows {who} what the work is about"
            );
        }
    }
    for who in INSIDE {
        let caller = actor(&host, who).await;
        assert_eq!(caller.page("/").await.0, 303, "/ as {who}");
        assert_eq!(caller.page("/nowhere").await.0, 404, "/nowhere as {who}");
    }
}

/// Pages that another one leads to: they are a step on its way, or a part of it.
const STEPS: [&str; 4] = [
    "/sso/again",
    "/sso/callback",
    "/admin/single-sign-on/links",
    "/dashboard/waiting",
];

/// Every page that stands for itself: its address names nothing, and it saves no file.
pub fn places() -> Vec<&'static str> {
    let plain = ROUTES.iter().filter(|(route, path, whom)| {
        let page = matches!(
            whom,
            For::Page | For::AdministratorsPage | For::FiguresPage | For::Saved(_, 200)
        );
        page && route.starts_with("GET ") && !path.contains("export") && !STEPS.contains(path)
    });
    let plain = plain.map(|(route, path, _)| (*route, *path));
    let pages = PAGES.iter().filter(|(_, may)| may.is_some());
    let every = pages.map(|(path, _)| (*path, *path)).chain(plain);
    let places = every.filter(|(route, _)| !route.contains('{'));
    places.map(|(_, path)| path).collect()
}

#[tokio::test]
async fn the_palette_leads_everybody_to_all_pages_that_open_for_them_and_to_no_others() {
    let host = Host::start().await;
    for who in INSIDE {
        let caller = actor(&host, who).await;
        let desk = caller.call("directory/desk_load", json!({})).await.ok();
        let me: Actor = serde_json::from_value(desk["me"].clone()).expect("an actor");
        let links = pages(&me).into_iter().chain(plain_pages(&me));
        let led: BTreeSet<&str> = links
            .map(|(path, ..)| path.split('?').next().expect("a path"))
            .collect();
        let mut open = BTreeSet::new();
        for path in places() {
            if caller.page(path).await.0 == 200 {
                open.insert(path);
            }
        }
        assert_eq!(led, open, "{who}");
    }
}
