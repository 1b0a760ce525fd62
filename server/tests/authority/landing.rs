//! Where signing in leads: to the page that somebody came for, if it is for them, else to their own.

use app::answer::login_url;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, LOCATION, REFERER};

use crate::browser::Browser;
use crate::cast::INSIDE;
use crate::routes::places;
use crate::support::Host;

/// Pages of the host to which others lead.
const PARTS: [&str; 2] = ["/admin/single-sign-on/links", "/admin/chat/care"];

#[tokio::test]
async fn signing_in_leads_to_each_page_that_opens_with_its_query_and_else_to_ones_own() {
    let host = Host::start().await;
    for who in INSIDE {
        let mut browser = Browser::new(&host);
        let home = browser.sign_in(who, "sideline-demo").await.to;
        for path in places().into_iter().chain(PARTS) {
            let opens = browser.get(path).await.status == 200;
            let asked = format!("{path}?from=2026-11-01&zone=Europe/Berlin");
            for address in [path.to_owned(), asked] {
                let led = browser.get(&login_url(&address)).await;
                let expected = if opens { &address } else { &home };
                assert_eq!((led.status, &led.to), (303, expected), "{address}: {who}");
            }
        }
    }
}

#[tokio::test]
async fn who_is_sent_to_sign_in_comes_back_to_the_page_and_to_what_it_showed() {
    let host = Host::start().await;
    for (who, address) in [
        ("amy", "/texts"),
        ("sam", "/analytics?team=care&zone=Europe/Berlin"),
        ("sam", "/dashboard/views"),
        ("ada", "/admin/chat/care"),
        ("ada", "/admin/single-sign-on/links?q=amy"),
    ] {
        let mut browser = Browser::new(&host);
        let sent = browser.get(address).await;
        assert_eq!((sent.status, sent.to), (303, login_url(address)));
        let form = [
            ("username", who),
            ("password", "sideline-demo"),
            ("next", address),
        ];
        assert_eq!(browser.form("/login", &form).await.to, address);
        assert_eq!(browser.get(address).await.status, 200, "{address}");
    }
}

#[tokio::test]
async fn an_address_that_is_no_page_here_leads_to_ones_own() {
    let host = Host::start().await;
    let mut ada = Browser::new(&host);
    let home = ada.sign_in("ada", "sideline-demo").await.to;
    for elsewhere in [
        "https://evil.example/analytics",
        "//evil.example/analytics",
        "/\\evil.example/analytics",
        "/x/..//evil.example/analytics",
        "/analytics/../texts",
        "/analytics/",
        "/analytics/export?figure=requests",
        "/admin/chat/",
        "/admin/chat/nowhere",
        "/admin/chat/care/more",
        "/dashboard/waiting",
        "/logout",
    ] {
        let led = ada.get(&login_url(elsewhere)).await;
        assert_eq!((led.status, &led.to), (303, &home), "{elsewhere}");
    }
}

#[tokio::test]
async fn a_form_that_comes_after_the_session_says_so_and_leads_back_to_its_page() {
    let host = Host::start().await;
    let mut nobody = Browser::new(&host);
    for page in [
        "/admin/labels",
        "/admin/chat/care",
        "/dashboard/views",
        "/texts",
    ] {
        let sent = nobody.form(page, &[("act", "create")]).await;
        let told = format!("/login?next={page}&error=ended");
        assert_eq!((sent.status, sent.to), (303, told));
    }
    for (came_from, page) in [
        ("http://sideline.example/texts?edit=a-1", "/texts?edit=a-1"),
        ("http://sideline.example/texts", "/texts"),
        ("http://sideline.example/admin/labels?edit=a-1", "/texts"),
        ("no address", "/texts"),
    ] {
        let request = Request::post("/texts")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(REFERER, came_from)
            .body(Body::from("act=create"));
        let response = host.request(request.expect("a request")).await;
        let to = response.headers()[LOCATION].to_str().expect("text");
        assert_eq!(to, format!("{}&error=ended", login_url(page)));
    }
}
