//! A password that somebody else chose opens nothing but the page on which another one is chosen.

use serde_json::json;

use crate::browser::Browser;
use crate::support::{Host, key};
use crate::wrong_fields::assert_named;

const GIVEN: &str = "given by an administrator";
const OWN: &str = "stone-by-stone";

/// A user whom ada created, in a browser.
async fn newcomer(host: &Host) -> Browser<'_> {
    let ada = host.sign_in("ada").await;
    let nia = json!({
        "key": key(), "username": "nia", "name": "Nia Noll", "roles": ["agent"], "password": GIVEN,
    });
    ada.call("administration/user_create", nia).await.ok();
    Browser::new(host)
}

#[tokio::test]
async fn s10_e50_a_password_that_an_administrator_chose_is_changed_before_anything_else() {
    let host = Host::start().await;
    let mut nia = newcomer(&host).await;
    let shown = nia.sign_in("nia", GIVEN).await;
    assert_eq!((shown.status, &*shown.to), (303, "/login/step"));
    assert!(!nia.has("sideline_session"), "there is no session yet");

    // Nothing else opens: no page, no function, no live connection; not with the token as a session's either.
    let token = nia.cookies["sideline_sign_in"].clone();
    for session in [None, Some(token)] {
        if let Some(token) = session {
            nia.cookies.insert("sideline_session".to_owned(), token);
        }
        for path in ["/workspace", "/settings", "/"] {
            let shown = nia.get(path).await;
            assert!(shown.to.starts_with("/login"), "{path}: {}", shown.to);
        }
        assert_eq!(nia.call_status().await, 401);
        assert_eq!(nia.get("/live").await.status, 401);
    }
    nia.cookies.remove("sideline_session");

    let page = nia.get("/login/step").await;
    assert!(page.body.contains("Choose your own password"));
    for (password, repeat, reason) in [
        (OWN, "something else", "differ"),
        ("short", "short", "8 to 128"),
        ("password123", "password123", "guess"),
        (GIVEN, GIVEN, "you were given"),
    ] {
        let fields = [("password", password), ("repeat", repeat)];
        let shown = nia.form("/login/step", &fields).await;
        assert_eq!(shown.status, 422, "{password}");
        assert!(
            shown.body.contains("role=\"alert\""),
            "{password}: {reason}"
        );
        assert!(!nia.has("sideline_session"), "{password}");
    }
    let shown = nia
        .form("/login/step", &[("password", OWN), ("repeat", OWN)])
        .await;
    assert_eq!((shown.status, &*shown.to), (303, "/workspace"));
    assert!(!nia.has("sideline_sign_in"));
    assert_eq!(nia.call_status().await, 200);

    // From now on it is hers, and the other one is nobody's.
    let mut elsewhere = Browser::new(&host);
    assert_eq!(elsewhere.sign_in("nia", OWN).await.to, "/workspace");
    assert!(
        elsewhere
            .sign_in("nia", GIVEN)
            .await
            .to
            .contains("credentials")
    );
}

#[tokio::test]
async fn u21_a_password_that_is_too_short_and_its_other_repeat_are_both_named() {
    let host = Host::start().await;
    let mut nia = newcomer(&host).await;
    nia.sign_in("nia", GIVEN).await;
    for (password, repeat, fields) in [
        ("short", "other", &["password", "repeat"][..]),
        (OWN, "something else", &["repeat"][..]),
        (GIVEN, GIVEN, &["password"][..]),
    ] {
        let typed = [("password", password), ("repeat", repeat)];
        let refused = nia.form("/login/step", &typed).await;
        assert_named(&refused, fields);
        assert!(!nia.has("sideline_session"), "{password}");
    }
    let taken = [("password", OWN), ("repeat", OWN)];
    let shown = nia.form("/login/step", &taken).await;
    assert_eq!((shown.status, &*shown.to), (303, "/workspace"));
}

#[tokio::test]
async fn s10_a_reset_password_is_changed_too_and_leads_to_where_the_user_was() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let reset = json!({ "key": key(), "user": "amy", "password": GIVEN });
    ada.call("administration/user_password_reset", reset)
        .await
        .ok();
    let mut amy = Browser::new(&host);
    let fields = [
        ("username", "amy"),
        ("password", GIVEN),
        ("next", "/settings"),
    ];
    let shown = amy.form("/login", &fields).await;
    assert_eq!(shown.to, "/login/step?next=%2Fsettings");
    let page = amy.get(&shown.to).await;
    assert!(page.body.contains("name=\"next\" value=\"/settings\""));
    let fields = [("password", OWN), ("repeat", OWN), ("next", "/settings")];
    assert_eq!(amy.form("/login/step", &fields).await.to, "/settings");
}

#[tokio::test]
async fn s04_a_sign_in_under_way_ends_with_the_password_on_which_it_rests() {
    let host = Host::start().await;
    let mut nia = newcomer(&host).await;
    nia.sign_in("nia", GIVEN).await;
    let ada = host.sign_in("ada").await;
    let users = ada.call("administration/user_list", json!({})).await.ok();
    let users = users.as_array().expect("a list");
    let id = users.iter().find(|user| user["username"] == "nia");
    let reset =
        json!({ "key": key(), "user": id.expect("nia")["id"], "password": "another of hers" });
    ada.call("administration/user_password_reset", reset)
        .await
        .ok();
    let shown = nia
        .form("/login/step", &[("password", OWN), ("repeat", OWN)])
        .await;
    assert!(shown.to.starts_with("/login?error=again"), "{}", shown.to);
    assert!(!nia.has("sideline_session") && !nia.has("sideline_sign_in"));
    // Nobody gets there without a password.
    let shown = Browser::new(&host).get("/login/step").await;
    assert!(shown.to.starts_with("/login?error=again"));
}
