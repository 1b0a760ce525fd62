//! What was saved on a page of the host leads back to the page, which says so once: to whom it was saved for, there, and to nobody else.

use crate::browser::Browser;
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

#[tokio::test]
async fn a_secret_that_is_shown_once_is_in_the_answer_to_its_form_alone() {
    let host = Host::start().await;
    let mut ada = signed_in(&host, "ada").await;
    let key = key();
    let form = [
        ("act", "create"),
        ("key", &key[..]),
        ("name", "Telephony"),
        ("scope", "teams:read"),
    ];
    let made = ada.form("/admin/tokens", &form).await;
    assert_eq!((made.status, &made.to[..]), (200, ""));
    assert!(made.body.contains("slt_"), "{}", made.body);
    assert!(waiting(&ada).is_empty(), "no cookie has it");
    // The browser sends the form again.
    let again = ada.form("/admin/tokens", &form).await;
    assert_eq!(again.status, 422, "{}", again.body);
    assert!(!again.body.contains("slt_"), "{}", again.body);
    let listed = ada.get("/admin/tokens").await.body;
    assert_eq!(listed.matches("<th scope=\"row\"").count(), 1, "{listed}");
}
