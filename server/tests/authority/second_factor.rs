//! A second factor: set up in the settings, asked for at sign-in, never taken twice, required where the organisation says.

use std::sync::Arc;

use serde_json::json;
use server::clock_and_ids::Clock;
use server::second_factor::code_at;
use shared::time::Timestamp;

use crate::browser::Browser;
use crate::passkeys::recorded;
use crate::proof::Watch;
use crate::support::{Host, key};
use crate::wrong_fields::assert_named;

const PASSWORD: &str = "sideline-demo";
const PAGE: &str = "/settings/second-factor";

/// The key of an authenticator app, with the clock of its phone.
struct App {
    key: String,
    clock: Arc<Watch>,
}

impl App {
    /// Reads the key that a page shows.
    fn of_page(body: &str, clock: &Arc<Watch>) -> Self {
        let (_, rest) = body.split_once("login__key\">").expect("a key");
        let (key, _) = rest.split_once('<').expect("the end of the key");
        assert!(body.contains("login__qr"), "there is a picture as well");
        Self {
            key: key.replace(' ', ""),
            clock: clock.clone(),
        }
    }

    /// The code that it showed or will show so many steps from now.
    fn code(&self, steps: i64) -> String {
        let at = Timestamp(self.clock.now().0 + steps * 30_000_000);
        code_at(&self.key, at).expect("a code")
    }
}

/// The recovery codes on a page.
fn recovery_codes(body: &str) -> Vec<String> {
    let parts = body.split("<li><code>").skip(1);
    let codes = parts.map(|part| part.split_once('<').expect("an end").0.to_owned());
    codes.collect()
}

/// Amy, signed in with a second factor; her app and her recovery codes.
async fn set_up<'a>(host: &'a Host, clock: &Arc<Watch>) -> (Browser<'a>, App, Vec<String>) {
    let mut amy = Browser::new(host);
    assert_eq!(amy.sign_in("amy", PASSWORD).await.to, "/workspace");
    let begun = amy.form(PAGE, &[("act", "begin")]).await;
    let app = App::of_page(&amy.get(&begun.to).await.body, clock);
    // Not on before the first code: the next sign-in asks for nothing.
    let mut elsewhere = Browser::new(host);
    assert_eq!(elsewhere.sign_in("amy", PASSWORD).await.to, "/workspace");
    let wrong = amy
        .form(PAGE, &[("act", "confirm"), ("code", "000000")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("role=\"alert\""));
    assert_named(&wrong, &["code"]);
    let code = app.code(0);
    let confirmed = amy.fill(PAGE, &[("act", "confirm"), ("code", &code)]).await;
    let heading = " tabindex=\"-1\" autofocus>Recovery codes</h1>";
    assert!(confirmed.body.contains(heading), "{}", confirmed.body);
    let codes = recovery_codes(&confirmed.body);
    assert_eq!(codes.len(), 10, "{}", confirmed.body);
    (amy, app, codes)
}

async fn give(browser: &mut Browser<'_>, code: &str) -> String {
    let shown = browser.form("/login/step", &[("code", code)]).await;
    match shown.status {
        303 => shown.to,
        status => {
            // 429: too many of them.
            assert!(matches!(status, 422 | 429), "{status}");
            assert!(shown.body.contains("role=\"alert\""));
            if status == 422 {
                assert_named(&shown, &["code"]);
            }
            "wrong".to_owned()
        }
    }
}

async fn started() -> (Host, Arc<Watch>) {
    let clock = Arc::new(Watch::default());
    (Host::start_with_clock(clock.clone()).await, clock)
}

#[tokio::test]
async fn s10_a_code_is_asked_for_after_the_password_and_taken_once() {
    let (host, clock) = started().await;
    let (_, app, _) = set_up(&host, &clock).await;
    let mut amy = Browser::new(&host);
    assert_eq!(amy.sign_in("amy", PASSWORD).await.to, "/login/step");
    assert_eq!(amy.call_status().await, 401);
    assert!(!amy.has("sideline_browser"), "the browser is not known yet");
    // The code that confirmed the set-up was used.
    assert_eq!(give(&mut amy, &app.code(0)).await, "wrong");
    // A clock may be one step ahead, and no more.
    assert_eq!(give(&mut amy, &app.code(2)).await, "wrong");
    let ahead = app.code(1);
    assert_eq!(give(&mut amy, &ahead).await, "/workspace");
    assert_eq!(amy.call_status().await, 200);

    let mut again = Browser::new(&host);
    again.sign_in("amy", PASSWORD).await;
    assert_eq!(give(&mut again, &ahead).await, "wrong", "it was used");
    clock.pass_minutes(1);
    assert_eq!(give(&mut again, &app.code(0)).await, "/workspace");

    let mut late = Browser::new(&host);
    late.sign_in("amy", PASSWORD).await;
    clock.pass_minutes(10);
    let over = give(&mut late, &app.code(0)).await;
    assert!(over.contains("error=again"), "{over}");
}

#[tokio::test]
async fn s10_each_recovery_code_signs_in_once_and_new_ones_replace_the_rest() {
    let (host, clock) = started().await;
    let (mut amy, _, codes) = set_up(&host, &clock).await;
    for (code, to) in [(&codes[0], "/workspace"), (&codes[0], "wrong")] {
        let mut browser = Browser::new(&host);
        browser.sign_in("amy", PASSWORD).await;
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(give(&mut browser, &typed).await, to);
    }
    assert!(amy.get(PAGE).await.body.contains("9 recovery codes"));
    let sent = amy.form(PAGE, &[("act", "renew")]).await;
    assert_eq!((sent.status, &sent.to[..]), (303, PAGE));
    let renewed = recovery_codes(&amy.get(PAGE).await.body);
    // They are shown once, and a reload makes no others.
    assert!(recovery_codes(&amy.get(PAGE).await.body).is_empty());
    let mut browser = Browser::new(&host);
    browser.sign_in("amy", PASSWORD).await;
    assert_eq!(give(&mut browser, &codes[1]).await, "wrong");
    assert_eq!(give(&mut browser, &renewed[1]).await, "/workspace");
}

#[tokio::test]
async fn s10_recovery_codes_wait_for_somebody_who_reads_them_and_what_waits_elsewhere_makes_room() {
    let (host, clock) = started().await;
    let (mut amy, _, _) = set_up(&host, &clock).await;
    let elsewhere = "sideline_said_0123456789abcdef";
    amy.cookies.insert(elsewhere.to_owned(), "s".repeat(6_000));
    amy.form(PAGE, &[("act", "renew")]).await;
    assert!(!amy.has(elsewhere));
    assert_eq!(amy.head(PAGE).await.status, 200);
    let shown = amy.get(PAGE).await.body;
    assert_eq!(recovery_codes(&shown).len(), 10, "{shown}");
    // Leaving them is asked about.
    for part in ["data-once", "data-kept", "/leaving.js\""] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(recovery_codes(&amy.get(PAGE).await.body).is_empty());
}

#[tokio::test]
async fn s10_wrong_codes_end_the_sign_in_and_are_limited_for_the_account() {
    let (host, clock) = started().await;
    let (_, app, _) = set_up(&host, &clock).await;
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let mut guesser = Browser::new(&host);
        guesser.sign_in("amy", PASSWORD).await;
        for _ in 0..6 {
            outcomes.push(give(&mut guesser, "123456").await);
        }
    }
    // Five for each sign-in; the limit of ten counts those of all of them in browsers that are not known.
    let over = outcomes.iter().filter(|to| to.contains("error=again"));
    assert!(over.count() >= 1, "{outcomes:?}");
    let mut amy = Browser::new(&host);
    amy.sign_in("amy", PASSWORD).await;
    clock.pass_minutes(1);
    let shown = amy.form("/login/step", &[("code", &app.code(0))]).await;
    assert_eq!(shown.status, 429);
    assert!(shown.body.contains("Too many attempts"), "{}", shown.body);
}

#[tokio::test]
async fn s10_who_has_only_the_password_keeps_nobody_out_of_a_browser_they_have_signed_in_with() {
    let (host, clock) = started().await;
    let (mut amy, app, _) = set_up(&host, &clock).await;
    clock.pass_minutes(1);
    for _ in 0..4 {
        let mut guesser = Browser::new(&host);
        guesser.sign_in("amy", PASSWORD).await;
        for _ in 0..4 {
            give(&mut guesser, "123456").await;
        }
    }
    let mut stranger = Browser::new(&host);
    stranger.sign_in("amy", PASSWORD).await;
    assert_eq!(give(&mut stranger, &app.code(0)).await, "wrong");
    // The password is known to somebody, which is said once.
    assert_eq!(recorded(&host, "second_factor_limited").await, 1);

    assert_eq!(amy.sign_in("amy", PASSWORD).await.to, "/login/step");
    assert_eq!(give(&mut amy, &app.code(0)).await, "/workspace");
    assert_eq!(amy.call_status().await, 200);
    // There is a limit there as well.
    amy.sign_in("amy", PASSWORD).await;
    for _ in 0..5 {
        assert_eq!(give(&mut amy, "123456").await, "wrong");
    }
    amy.sign_in("amy", PASSWORD).await;
    for _ in 0..5 {
        assert_eq!(give(&mut amy, "123456").await, "wrong");
    }
    amy.sign_in("amy", PASSWORD).await;
    clock.pass_minutes(1);
    let shown = amy.form("/login/step", &[("code", &app.code(0))]).await;
    assert_eq!(shown.status, 429);
    assert_eq!(recorded(&host, "second_factor_limited").await, 1);
}

#[tokio::test]
async fn s10_s11_changing_a_second_factor_needs_the_password_of_a_short_while_ago() {
    let (host, clock) = started().await;
    let (mut amy, app, _) = set_up(&host, &clock).await;
    clock.pass_minutes(16);
    for act in ["begin", "renew", "remove"] {
        let shown = amy.form(PAGE, &[("act", act)]).await;
        assert_eq!(shown.status, 422, "{act}");
        assert!(shown.body.contains("value=\"prove\""), "{act}");
    }
    let mut elsewhere = Browser::new(&host);
    elsewhere.sign_in("amy", PASSWORD).await;
    assert_eq!(
        give(&mut elsewhere, &app.code(0)).await,
        "/workspace",
        "it is still on"
    );

    let wrong = amy
        .form(PAGE, &[("act", "prove"), ("password", "nonsense")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("role=\"alert\""));
    assert_named(&wrong, &["password"]);
    let proved = amy
        .form(PAGE, &[("act", "prove"), ("password", PASSWORD)])
        .await;
    assert_eq!(proved.to, PAGE);
    amy.form(PAGE, &[("act", "remove")]).await;
    let mut later = Browser::new(&host);
    assert_eq!(later.sign_in("amy", PASSWORD).await.to, "/workspace");
}

/// The organisation's rule, by its value.
async fn rule(host: &Host, value: i64) {
    let ada = host.sign_in("ada").await;
    let edit = ada
        .call("organisation/organisation_load", json!({}))
        .await
        .ok();
    let save = json!({
        "key": key(), "version": edit["version"],
        "changes": [{ "name": "second_factor", "value": value }],
    });
    ada.call("organisation/organisation_save", save).await.ok();
}

#[tokio::test]
async fn s10_where_it_is_required_it_is_set_up_at_the_next_sign_in() {
    let (host, clock) = started().await;
    let mut before = Browser::new(&host);
    before.sign_in("amy", PASSWORD).await;
    rule(&host, 2).await;
    let mut ben = Browser::new(&host);
    assert_eq!(
        ben.sign_in("ben", PASSWORD).await.to,
        "/workspace",
        "no administrator"
    );
    let mut ada = Browser::new(&host);
    assert_eq!(ada.sign_in("ada", PASSWORD).await.to, "/login/step");
    assert_eq!(ada.call_status().await, 401);
    let begun = ada.form("/login/step", &[]).await;
    let app = App::of_page(&ada.get(&begun.to).await.body, &clock);
    assert_eq!(give(&mut ada, "000000").await, "wrong");
    let code = app.code(0);
    let shown = ada.form("/login/step", &[("code", &code)]).await;
    assert_eq!(recovery_codes(&shown.body).len(), 10, "{}", shown.body);
    assert_eq!(ada.call_status().await, 200);
    // She cannot be without it.
    let page = ada.get(PAGE).await.body;
    assert!(page.contains("value=\"renew\"") && !page.contains("value=\"remove\""));
    ada.form(PAGE, &[("act", "remove")]).await;
    assert!(ada.get(PAGE).await.body.contains("value=\"renew\""));
    // Sessions from before go on.
    assert_eq!(before.call_status().await, 200);
}

#[tokio::test]
async fn s10_an_administrator_resets_a_lost_one_and_switches_all_of_them_off() {
    let (host, clock) = started().await;
    let (mut amy, ..) = set_up(&host, &clock).await;
    let ada = host.sign_in("ada").await;
    let reset = json!({ "key": key(), "user": "amy" });
    let other = host.sign_in("sam").await;
    let refused = other
        .call("administration/user_second_factor_reset", reset.clone())
        .await;
    assert_eq!(refused.status, 404);
    ada.call("administration/user_second_factor_reset", reset)
        .await
        .ok();
    assert_eq!(amy.call_status().await, 401, "her sessions have ended");
    assert_eq!(amy.sign_in("amy", PASSWORD).await.to, "/workspace");

    // Set up again, then off for everybody: nobody is asked, and nobody can set one up.
    let (mut amy, ..) = set_up(&host, &clock).await;
    rule(&host, 0).await;
    assert_eq!(
        Browser::new(&host).sign_in("amy", PASSWORD).await.to,
        "/workspace"
    );
    assert!(
        amy.get(PAGE)
            .await
            .body
            .contains("switched second factors off")
    );
    let begun = amy.form(PAGE, &[("act", "begin")]).await;
    assert_eq!(begun.to, PAGE);
    rule(&host, 1).await;
    assert_eq!(
        Browser::new(&host).sign_in("amy", PASSWORD).await.to,
        "/login/step"
    );
}
