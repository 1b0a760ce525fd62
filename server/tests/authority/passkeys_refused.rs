//! What signs nobody in: answers to other questions, from other hosts, of other devices, too late; and passkeys that are gone.

use serde_json::json;

use crate::browser::Browser;
use crate::device::{Device, asked};
use crate::passkeys::{
    ALONE, HERE, ORIGIN, PASSWORD, SETTINGS, STEP, add, answer, ask_for_new, at_step, listed,
    recorded, send, set, started, with_passkey,
};
use crate::support::key;

type Lie = fn(&mut Device);

const TRUTH: Lie = |device| {
    device.origin = ORIGIN.to_owned();
    device.host = None;
    device.verifies = true;
};

/// What a browser or device says that is not in front of this host's page.
const LIES: [(&str, Lie); 4] = [
    ("another origin", |device| {
        device.origin = "https://desk.example.com.evil.example".to_owned();
    }),
    ("without TLS", |device| {
        device.origin = "http://desk.example.com".to_owned();
    }),
    ("for another host", |device| {
        device.host = Some("evil.example".to_owned());
    }),
    ("nobody was verified", |device| device.verifies = false),
];

#[tokio::test]
async fn s10_what_was_signed_for_something_else_signs_nobody_in() {
    let (host, _) = started().await;
    let (_, mut phone) = with_passkey(&host, "amy").await;
    for (what, lie) in LIES {
        lie(&mut phone);
        for page in [STEP, ALONE] {
            let mut browser = match page {
                STEP => at_step(&host, "amy").await,
                _ => Browser::at(&host, HERE),
            };
            assert_eq!(
                answer(&mut browser, &mut phone, page).await,
                "wrong",
                "{what}"
            );
            assert_eq!(browser.call_status().await, 401, "{what}");
        }
        TRUTH(&mut phone);
    }
    assert_eq!(recorded(&host, "passkey_refused").await, 2 * LIES.len());
    let mut amy = at_step(&host, "amy").await;
    assert_eq!(answer(&mut amy, &mut phone, STEP).await, "/workspace");
}

#[tokio::test]
async fn s10_what_was_signed_for_something_else_makes_no_passkey() {
    let (host, _) = started().await;
    let mut amy = Browser::at(&host, HERE);
    amy.sign_in("amy", PASSWORD).await;
    for (what, lie) in LIES {
        let mut device = Device::at(ORIGIN);
        lie(&mut device);
        let shown = add(&mut amy, &mut device, "Phone").await;
        assert!(shown.body.contains("was not accepted"), "{what}");
    }
    // An answer to the question before.
    let mut device = Device::at(ORIGIN);
    let first = ask_for_new(&mut amy, "Phone").await;
    let late = device.create(&first).expect("a passkey");
    let second = ask_for_new(&mut amy, "Phone").await;
    let fields = [("act", "passkey_add"), ("credential", &late)];
    let shown = amy.form(SETTINGS, &fields).await;
    assert!(shown.body.contains("was not accepted"), "{}", shown.body);
    // Its own question is used up.
    let right = Device::at(ORIGIN).create(&second).expect("a passkey");
    let fields = [("act", "passkey_add"), ("credential", &right)];
    let shown = amy.form(SETTINGS, &fields).await;
    assert!(shown.body.contains("That took too long"), "{}", shown.body);
    assert!(listed(&amy.get(SETTINGS).await.body).is_empty());
    let mut again = Browser::at(&host, HERE);
    assert_eq!(again.sign_in("amy", PASSWORD).await.to, "/workspace");
}

#[tokio::test]
async fn s10_an_answer_counts_once_and_for_ten_minutes() {
    let (host, clock) = started().await;
    let (_, mut phone) = with_passkey(&host, "amy").await;
    // Replayed in the same browser, in another one, and after the password.
    let mut first = Browser::at(&host, HERE);
    let options = asked(&first.get(ALONE).await.body);
    let given = phone.get(&options).expect("a passkey");
    let cookies = first.cookies.clone();
    assert_eq!(send(&mut first, ALONE, &given).await, "/workspace");
    let mut replay = Browser::at(&host, HERE);
    replay.cookies = cookies;
    assert_eq!(send(&mut replay, ALONE, &given).await, "wrong");
    let mut other = Browser::at(&host, HERE);
    assert_eq!(send(&mut other, ALONE, &given).await, "wrong");
    other.get(ALONE).await;
    assert_eq!(send(&mut other, ALONE, &given).await, "wrong");
    let mut step = at_step(&host, "amy").await;
    step.get(STEP).await;
    assert_eq!(send(&mut step, STEP, &given).await, "wrong");

    let mut late = Browser::at(&host, HERE);
    let options = asked(&late.get(ALONE).await.body);
    let given = phone.get(&options).expect("a passkey");
    clock.pass_minutes(10);
    let shown = late.form(ALONE, &[("credential", &given)]).await;
    assert!(shown.body.contains("That took too long"), "{}", shown.body);
    // The page asks another question, which can be answered.
    let given = phone.get(&asked(&shown.body)).expect("a passkey");
    assert_eq!(send(&mut late, ALONE, &given).await, "/workspace");
}

#[tokio::test]
async fn s10_another_users_passkey_is_no_second_factor_of_ones_own() {
    let (host, _) = started().await;
    let (_, mut hers) = with_passkey(&host, "amy").await;
    let (_, mut his) = with_passkey(&host, "ben").await;
    let mut ben = at_step(&host, "ben").await;
    let mut options = asked(&ben.get(STEP).await.body);
    assert!(hers.get(&options).is_none(), "a browser would not use it");
    options["allowCredentials"] = json!([]);
    let forged = hers.get(&options).expect("a passkey");
    assert_eq!(send(&mut ben, STEP, &forged).await, "wrong");
    // Under another user's name.
    let mut alone = Browser::at(&host, HERE);
    let given = his.get(&asked(&alone.get(ALONE).await.body));
    let mut given: serde_json::Value = serde_json::from_str(&given.expect("one")).expect("JSON");
    for name in [json!("AAAAAAAAAAAAAAAAAAAAAA"), json!(null)] {
        given["response"]["userHandle"] = name;
        assert_eq!(send(&mut alone, ALONE, &given.to_string()).await, "wrong");
    }
}

#[tokio::test]
async fn s10_a_device_that_counts_backwards_is_a_copy() {
    let (host, _) = started().await;
    let (_, mut phone) = with_passkey(&host, "amy").await;
    let mut amy = at_step(&host, "amy").await;
    assert_eq!(answer(&mut amy, &mut phone, STEP).await, "/workspace");
    for (step, page) in [(0, STEP), (-1, ALONE)] {
        phone.step = step;
        let mut copy = match page {
            STEP => at_step(&host, "amy").await,
            _ => Browser::at(&host, HERE),
        };
        assert_eq!(answer(&mut copy, &mut phone, page).await, "wrong", "{step}");
        assert_eq!(copy.call_status().await, 401);
    }
    assert_eq!(recorded(&host, "passkey_cloned").await, 2);
    assert_eq!(recorded(&host, "passkey_use").await, 1);
}

#[tokio::test]
async fn s10_a_passkey_that_was_removed_meanwhile_counts_for_nothing() {
    let (host, _) = started().await;
    let (mut amy, mut phone) = with_passkey(&host, "amy").await;
    let mut key = Device::at(ORIGIN);
    add(&mut amy, &mut key, "Key").await;
    let mut step = at_step(&host, "amy").await;
    let mut alone = Browser::at(&host, HERE);
    let questions = [
        asked(&step.get(STEP).await.body),
        asked(&alone.get(ALONE).await.body),
    ];
    let ids = listed(&amy.get(SETTINGS).await.body);
    let remove = [("act", "passkey_remove"), ("passkey", ids[0].as_str())];
    assert_eq!(amy.form(SETTINGS, &remove).await.to, SETTINGS);
    for (browser, page, options) in [
        (&mut step, STEP, &questions[0]),
        (&mut alone, ALONE, &questions[1]),
    ] {
        let given = phone.get(options).expect("on the device it is still there");
        assert_eq!(send(browser, page, &given).await, "wrong", "{page}");
    }
    assert_eq!(answer(&mut step, &mut key, STEP).await, "/workspace");
}

#[tokio::test]
async fn s10_the_organisation_says_what_passkeys_are_good_for() {
    let (host, _) = started().await;
    let (mut amy, mut phone) = with_passkey(&host, "amy").await;
    let mut waiting = Browser::at(&host, HERE);
    let question = asked(&waiting.get(ALONE).await.body);
    set(&host, "passkeys", 1).await;
    // Not alone, and not with a question from before.
    let given = phone.get(&question).expect("a passkey");
    assert_eq!(send(&mut waiting, ALONE, &given).await, "wrong");
    let page = waiting.get(ALONE).await.body;
    assert!(page.contains("with a passkey alone") && !page.contains("data-options"));
    assert!(!waiting.get("/login").await.body.contains("data-passkeys"));
    let mut step = at_step(&host, "amy").await;
    let question = asked(&step.get(STEP).await.body);
    let mut there = at_step(&host, "amy").await;
    assert_eq!(answer(&mut there, &mut phone, STEP).await, "/workspace");

    for (name, value) in [("passkeys", 0), ("second_factor", 0)] {
        set(&host, "passkeys", 2).await;
        set(&host, name, value).await;
        // Under way: the sign-in begins again, without it.
        let given = phone.get(&question).expect("a passkey");
        let to = send(&mut step, STEP, &given).await;
        assert!(to.contains("error=again"), "{name}: {to}");
        let mut without = Browser::at(&host, HERE);
        assert_eq!(without.sign_in("amy", PASSWORD).await.to, "/workspace");
        let begun = [("act", "passkey_begin"), ("name", "Another")];
        assert_eq!(amy.form(SETTINGS, &begun).await.to, SETTINGS, "{name}");
        assert!(
            waiting
                .get(ALONE)
                .await
                .body
                .contains("with a passkey alone")
        );
    }
}

#[tokio::test]
async fn s10_e50_an_administrator_takes_lost_passkeys_away_and_a_deleted_user_has_none() {
    let (host, _) = started().await;
    let (mut amy, mut phone) = with_passkey(&host, "amy").await;
    let ada = host.sign_in("ada").await;
    let reset = json!({ "key": key(), "user": "amy" });
    ada.call("administration/user_second_factor_reset", reset)
        .await
        .ok();
    assert_eq!(amy.call_status().await, 401, "her sessions have ended");
    let mut alone = Browser::at(&host, HERE);
    assert_eq!(answer(&mut alone, &mut phone, ALONE).await, "wrong");
    assert_eq!(amy.sign_in("amy", PASSWORD).await.to, "/workspace");

    let (_, mut his) = with_passkey(&host, "ben").await;
    let off = json!({ "key": key(), "user": "ben", "active": false });
    ada.call("administration/user_activate", off).await.ok();
    assert_eq!(answer(&mut alone, &mut his, ALONE).await, "wrong");
    let users = ada.call("administration/user_list", json!({})).await.ok();
    let users = users.as_array().expect("a list");
    let ben = users.iter().find(|user| user["id"] == "ben").expect("ben");
    let delete = json!({ "key": key(), "user": "ben", "version": ben["version"] });
    ada.call("deletions/user_delete", delete).await.ok();
    assert_eq!(answer(&mut alone, &mut his, ALONE).await, "wrong");
    let database = rusqlite::Connection::open(host.database()).expect("the database");
    let count = |table: &str| -> i64 {
        let count = format!("SELECT COUNT(*) FROM {table}");
        let count = database.query_row(&count, [], |row| row.get(0));
        count.expect("a number")
    };
    assert_eq!((count("passkeys"), count("recovery_codes")), (0, 0));
}
