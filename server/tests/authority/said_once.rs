//! What was saved on a page of the host leads back to the page, which says so once: to whom it was saved for, there, and to nobody else.
//! So does a secret that was made.

use std::sync::Arc;

use crate::browser::Browser;
use crate::proof::Watch;
use crate::support::{Host, key};

type Pair = (&'static str, &'static str);

/// How the names of the cookies of what was done begin.
const SAID: &str = "sideline_said_";

/// Who saves something, on which page and what; where that leads, and what it says there.
const SAVED: [(&str, &str, &[Pair], &str, &str); 8] = [
    (
        "ada",
        "/admin/labels",
        &[("act", "create"), ("kind", "tag"), ("name", "Late")],
        "/admin/labels",
        "Saved.",
    ),
    (
        "ada",
        "/admin/alerts",
        &[
            ("act", "create"),
            ("kind", "handled"),
            ("name", "Long"),
            ("minutes", "9"),
        ],
        "/admin/alerts",
        "Saved.",
    ),
    (
        "ada",
        "/admin/escalation",
        &[
            ("act", "save"),
            ("team", "care"),
            ("version", "0"),
            ("all_after", "5"),
        ],
        "/admin/escalation",
        "Saved.",
    ),
    (
        "ada",
        "/admin/roles",
        &[("act", "create"), ("kind", "agent"), ("name", "Junior")],
        "/admin/roles",
        "Saved.",
    ),
    (
        "ada",
        "/admin/chat/care",
        &[("act", "save"), ("version", "0"), ("greeting", "Moin")],
        "/admin/chat/care",
        "Saved.",
    ),
    (
        "sam",
        "/texts",
        &[
            ("act", "create"),
            ("for", "coaching"),
            ("title", "Breathe"),
            ("text", "Breathe."),
        ],
        "/texts",
        "Saved.",
    ),
    (
        "sam",
        "/dashboard/views",
        &[
            ("act", "create"),
            ("name", "Hands"),
            ("filter", "show=hand&sort=-wait"),
        ],
        "/dashboard/views?show=hand&sort=-wait",
        "The view was saved.",
    ),
    (
        "sam",
        "/dashboard/views",
        // What is no filter does not come back as an address.
        &[
            ("act", "create"),
            ("name", "All"),
            ("filter", "show=\r\nset-cookie: a=b"),
        ],
        "",
        "Filter: ",
    ),
];

async fn signed_in<'a>(host: &'a Host, username: &str) -> Browser<'a> {
    let mut browser = Browser::new(host);
    browser.sign_in(username, "sideline-demo").await;
    browser
}

/// The cookies of what was done and is not said yet.
fn waiting(browser: &Browser<'_>) -> Vec<(String, String)> {
    let cookies = browser.cookies.clone().into_iter();
    cookies.filter(|(name, _)| name.starts_with(SAID)).collect()
}

/// What a page opens at and says.
fn line(words: &str) -> String {
    format!(" autofocus>{words}</p>")
}

#[tokio::test]
async fn what_was_saved_leads_back_to_its_page_which_says_so_once() {
    let host = Host::start().await;
    for (who, page, fields, to, words) in SAVED {
        let mut browser = signed_in(&host, who).await;
        let key = key();
        let mut form = vec![("key", &key[..])];
        form.extend(fields);
        let sent = browser.form(page, &form).await;
        if to.is_empty() {
            assert_eq!((sent.status, &sent.to[..]), (422, ""), "{page}");
            assert!(sent.body.contains(words), "{page}: {}", sent.body);
            assert!(waiting(&browser).is_empty(), "{page}");
            continue;
        }
        assert_eq!((sent.status, &sent.to[..]), (303, to), "{page}");
        assert_eq!(sent.body, "", "{page}");
        // Another page says nothing of it, and leaves it to this one.
        let other = browser.get("/analytics").await;
        assert_eq!(other.status, 200, "{page}");
        assert!(!other.body.contains(&line(words)), "{page}");
        assert!(!other.body.contains("data-answer"), "{page}");
        assert_eq!(waiting(&browser).len(), 1, "{page}");

        let shown = browser.get(to).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.body);
        assert!(shown.body.contains(&line(words)), "{page}: {}", shown.body);
        // The tab need not keep what was typed any longer.
        let answer = "data-answer=\"saved\"";
        assert!(shown.body.contains(answer), "{page}: {}", shown.body);
        assert!(waiting(&browser).is_empty(), "{page}");
        let again = browser.get(to).await;
        assert_eq!(again.status, 200, "{page}");
        assert!(!again.body.contains("role=\"status\" tabindex"), "{page}");
        assert!(!again.body.contains("data-answer"), "{page}");
    }
}

#[tokio::test]
async fn two_tabs_that_save_on_two_pages_at_the_same_time_each_read_of_it() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let saved = &SAVED[..2];
    for (_, page, fields, ..) in saved {
        let key = key();
        let mut form = vec![("key", &key[..])];
        form.extend(*fields);
        assert_eq!(ada.form(page, &form).await.status, 303, "{page}");
    }
    assert_eq!(waiting(&ada).len(), 2);
    for (.., to, words) in saved {
        let shown = ada.get(to).await.body;
        assert!(shown.contains(&line(words)), "{to}: {shown}");
    }
    assert!(waiting(&ada).is_empty(), "{:?}", ada.cookies);
}

#[tokio::test]
async fn nobody_else_reads_what_was_done_and_what_was_invented_says_nothing() {
    let host = Host::start().await;
    let (mut sam, mut sue) = (signed_in(&host, "sam").await, signed_in(&host, "sue").await);
    let key = key();
    let form = [
        ("act", "create"),
        ("key", &key[..]),
        ("for", "coaching"),
        ("title", "Breathe"),
        ("text", "Breathe."),
    ];
    assert_eq!(sam.form("/texts", &form).await.status, 303);
    let waiting = waiting(&sam);
    let [(name, sealed)] = &waiting[..] else {
        panic!("one cookie: {:?}", sam.cookies);
    };
    let altered = match sealed.strip_suffix('A') {
        Some(begin) => [begin, "B"].concat(),
        None => [&sealed[..sealed.len() - 1], "A"].concat(),
    };
    for cookie in [&sealed[..], "Saved.", ""] {
        sue.cookies.insert(name.clone(), cookie.to_owned());
        let page = sue.get("/texts").await;
        assert_eq!(page.status, 200, "{cookie}");
        assert!(!page.body.contains(&line("Saved.")), "{cookie}");
        assert!(!page.body.contains("data-answer"), "{cookie}");
    }
    let mut other = signed_in(&host, "sam").await;
    other.cookies.insert(name.clone(), altered);
    let page = other.get("/texts").await;
    assert!(!page.body.contains(&line("Saved.")), "{}", page.body);
    let page = sam.get("/texts").await;
    assert!(page.body.contains(&line("Saved.")), "{}", page.body);
}

/// On which page a secret is made and by what, where that leads, and how the secret begins.
const MADE: [(&str, &[Pair], &str, &str); 4] = [
    (
        "/admin/tokens",
        &[("name", "Telephony"), ("scope", "teams:read")],
        "/admin/tokens",
        "slt_",
    ),
    (
        "/dashboard/walls",
        &[("name", "Hall"), ("team", "care")],
        "/dashboard/walls",
        "/wall/slw_",
    ),
    (
        "/admin/webhooks",
        &[
            ("name", "Archive"),
            ("url", "http://127.0.0.1:9/hooks"),
            ("event", "workitem.ended"),
        ],
        "/admin/webhooks?receiver=",
        "whsec_",
    ),
    (
        "/admin/chat/care",
        &[("act", "make")],
        "/admin/chat/care",
        "sli_",
    ),
];

#[tokio::test]
async fn a_secret_that_was_made_leads_back_to_its_page_which_shows_it_once() {
    let host = Host::start().await;
    for (page, fields, to, secret) in MADE {
        let mut ada = signed_in(&host, "ada").await;
        let key = key();
        let mut form = vec![("key", &key[..]), ("make_key", &key[..])];
        form.extend(fields);
        form.push(("act", "create"));
        let sent = ada.form(page, &form).await;
        assert_eq!(sent.status, 303, "{page}: {}", sent.body);
        assert!(sent.to.starts_with(to), "{page}: {}", sent.to);
        assert_eq!(sent.body, "", "{page}");
        let said = waiting(&ada);
        let [(name, sealed)] = &said[..] else {
            panic!("{page}: {:?}", ada.cookies);
        };
        assert!(!sealed.contains(secret), "{page}: {sealed}");

        // Neither another page nor somebody else is shown it, nor is it shown as that of another thing.
        if sent.to != page {
            let list = ada.get(page).await;
            assert_eq!(list.status, 200, "{page}: {}", list.body);
            assert!(!list.body.contains(secret), "{page}");
        }
        let other = ada.get("/admin/labels").await;
        assert!(!other.body.contains(secret), "{page}");
        let mut eda = signed_in(&host, "ada").await;
        eda.cookies.insert(name.clone(), sealed.clone());
        assert!(!eda.get("/admin/roles").await.body.contains(secret));
        let mut sam = signed_in(&host, "sam").await;
        sam.cookies.insert(name.clone(), sealed.clone());
        assert!(!sam.get(&sent.to).await.body.contains(secret), "{page}");

        let shown = ada.get(&sent.to).await;
        assert_eq!(shown.status, 200, "{page}: {}", shown.body);
        assert!(shown.body.contains(secret), "{page}: {}", shown.body);
        let opens = "role=\"status\" tabindex=\"-1\" autofocus>";
        assert_eq!(shown.body.matches(opens).count(), 1, "{page}");
        let answer = "data-answer=\"saved\"";
        assert!(shown.body.contains(answer), "{page}: {}", shown.body);
        assert!(waiting(&ada).is_empty(), "{page}");
        let reloaded = ada.get(&sent.to).await;
        assert!(!reloaded.body.contains(secret), "{page}");
        assert!(!reloaded.body.contains(opens), "{page}");

        // A form that is sent again makes no second one, and shows nothing.
        let again = ada.form(page, &form).await;
        assert_eq!((again.status, &again.to[..]), (422, ""), "{page}");
        assert!(!again.body.contains(secret), "{page}: {}", again.body);
    }
}

#[tokio::test]
async fn a_secret_is_shown_for_a_minute_also_to_who_kept_its_cookie() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let mut ada = signed_in(&host, "ada").await;
    let (page, fields, to, secret) = MADE[0];
    let key = key();
    let mut form = vec![("act", "create"), ("key", &key[..])];
    form.extend(fields);
    assert_eq!(ada.form(page, &form).await.status, 303);
    clock.pass_minutes(2);
    let late = ada.get(to).await;
    assert_eq!(late.status, 200, "{}", late.body);
    assert!(!late.body.contains(secret), "{}", late.body);
}
