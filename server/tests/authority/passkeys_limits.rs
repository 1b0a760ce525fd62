//! Where and how passkeys do not work: too often, too long after the password, at another address; and what is no answer.

use crate::browser::Browser;
use crate::device::{Device, asked};
use crate::passkeys::{
    ALONE, HERE, ORIGIN, PASSWORD, SETTINGS, STEP, answer, ask_for_new, at_step, listed, send,
    started, with_passkey,
};
use crate::wrong_fields::assert_named;

#[tokio::test]
async fn s10_wrong_passkeys_end_the_sign_in_and_are_limited() {
    let (host, _) = started().await;
    let (_, mut phone) = with_passkey(&host, "amy").await;
    phone.verifies = false;
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let mut guesser = at_step(&host, "amy").await;
        for _ in 0..6 {
            let shown = guesser.get(STEP).await;
            if shown.status == 303 {
                outcomes.push(shown.to);
                break;
            }
            outcomes.push(answer(&mut guesser, &mut phone, STEP).await);
        }
    }
    let over = outcomes.iter().filter(|to| to.contains("error=again"));
    assert_eq!(over.count(), 2, "{outcomes:?}");
    phone.verifies = true;
    let mut amy = at_step(&host, "amy").await;
    let given = phone.get(&asked(&amy.get(STEP).await.body)).expect("one");
    let shown = amy.form(STEP, &[("credential", &given)]).await;
    assert_eq!(shown.status, 429);
    assert!(shown.body.contains("Too many attempts"), "{}", shown.body);

    // Alone it is the address that has a limit, also of questions that nobody answers.
    for _ in 0..100 {
        Browser::at(&host, HERE).get(ALONE).await;
    }
    let shown = Browser::at(&host, HERE).get(ALONE).await;
    assert_eq!(shown.status, 429);
    assert!(shown.body.contains("Too many attempts"), "{}", shown.body);
    assert!(!shown.body.contains("data-options"));
}

#[tokio::test]
async fn s10_s11_passkeys_are_changed_shortly_after_the_password() {
    let (host, clock) = started().await;
    let (mut amy, _) = with_passkey(&host, "amy").await;
    let options = ask_for_new(&mut amy, "Laptop").await;
    let made = Device::at(ORIGIN).create(&options).expect("a passkey");
    let id = listed(&amy.get(SETTINGS).await.body).remove(0);
    clock.pass_minutes(16);
    let prove = "value=\"prove\"";
    assert!(amy.get(SETTINGS).await.body.contains(prove));
    for fields in [
        [("act", "passkey_begin"), ("name", "Laptop")],
        [("act", "passkey_remove"), ("passkey", id.as_str())],
    ] {
        let shown = amy.form(SETTINGS, &fields).await;
        assert_eq!(shown.status, 422, "{fields:?}");
        assert!(shown.body.contains(prove), "{fields:?}");
    }
    let fields = [("act", "passkey_add"), ("credential", made.as_str())];
    assert_eq!(amy.form(SETTINGS, &fields).await.status, 422, "too late");
    amy.form(SETTINGS, &[("act", "prove"), ("password", PASSWORD)])
        .await;
    let page = amy.get(SETTINGS).await.body;
    assert_eq!(listed(&page), [id], "{page}");
}

#[tokio::test]
async fn s10_where_passkeys_cannot_work_the_page_says_why() {
    let (host, _) = started().await;
    with_passkey(&host, "amy").await;
    for (address, why) in [
        ("localhost:3000", "only at https://desk.example.com."),
        ("127.0.0.1:3000", "only at https://desk.example.com."),
        ("", "only at https://desk.example.com."),
    ] {
        let mut amy = Browser::at(&host, address);
        let page = amy.get(ALONE).await.body;
        assert!(
            page.contains(why) && !page.contains("data-options"),
            "{page}"
        );
        assert!(!amy.get("/login").await.body.contains("data-passkeys"));
        amy.sign_in("amy", PASSWORD).await;
        let page = amy.get(STEP).await.body;
        assert!(
            page.contains(why) && page.contains("name=\"code\""),
            "{page}"
        );
        assert!(!page.contains("data-options"));
        let mut ben = Browser::at(&host, address);
        ben.sign_in("ben", PASSWORD).await;
        let page = ben.get(SETTINGS).await.body;
        assert!(
            page.contains(why) && !page.contains("passkey_begin"),
            "{page}"
        );
        let begun = [("act", "passkey_begin"), ("name", "Another")];
        let shown = ben.form(SETTINGS, &begun).await;
        assert_eq!(shown.status, 422);
        assert!(shown.body.contains(why), "{}", shown.body);
    }
}

#[tokio::test]
async fn s10_what_is_no_answer_is_refused_by_the_page() {
    let (host, _) = started().await;
    let (mut amy, mut phone) = with_passkey(&host, "amy").await;
    let options = asked(&Browser::at(&host, HERE).get(ALONE).await.body);
    let right = phone.get(&options).expect("a passkey");
    let long = "x".repeat(40_000);
    let broken = [
        "null",
        "{}",
        "[]",
        "\u{0}",
        "'",
        "%s",
        &long,
        &right[..40],
        "{\"id\":\"\",\"rawId\":\"\",\"type\":\"public-key\",\"response\":{}}",
        &right.replace("public-key", "password"),
        &right.replace("\"signature\":\"", "\"signature\":\"AAAA"),
        &right.replace("\"authenticatorData\":\"", "\"authenticatorData\":\"AA"),
        &right.replace("\"clientDataJSON\":\"", "\"clientDataJSON\":\"====="),
        &right.replace("\"rawId\":\"", "\"rawId\":\"BBBB"),
    ];
    for answer in broken {
        let mut browser = Browser::at(&host, HERE);
        browser.get(ALONE).await;
        assert_eq!(send(&mut browser, ALONE, answer).await, "wrong", "{answer}");
    }
    for answer in broken.into_iter().take(4) {
        let mut browser = at_step(&host, "amy").await;
        browser.get(STEP).await;
        assert_eq!(send(&mut browser, STEP, answer).await, "wrong", "{answer}");
        ask_for_new(&mut amy, "Phone").await;
        let fields = [("act", "passkey_add"), ("credential", answer)];
        let shown = amy.form(SETTINGS, &fields).await;
        assert_eq!(shown.status, 422);
        assert!(shown.body.contains("was not accepted"), "{answer}");
    }
    let name = "n".repeat(81);
    for name in ["", " \u{200b}", &name, "a\u{202e}b", "a\nb"] {
        let fields = [("act", "passkey_begin"), ("name", name)];
        let shown = amy.form(SETTINGS, &fields).await;
        assert_eq!(shown.status, 422, "{name:?}");
        assert!(shown.body.contains("id=\"problem\""), "{name:?}");
        assert_named(&shown, &["name"]);
    }
    for id in ["", "none", "../..", "'; DROP TABLE passkeys; --"] {
        let fields = [("act", "passkey_remove"), ("passkey", id)];
        assert_eq!(amy.form(SETTINGS, &fields).await.to, SETTINGS, "{id}");
    }
    assert_eq!(listed(&amy.get(SETTINGS).await.body).len(), 1);
    let mut form = Browser::at(&host, HERE);
    assert_eq!(form.form(ALONE, &[]).await.status, 422);
    assert_eq!(
        form.get("/login/passkey?next=https://evil.example")
            .await
            .status,
        200
    );
}
