//! Sessions and the passwords that they rest on.

use std::sync::atomic::{AtomicU64, Ordering};

use server::commands::{BrowserRenewal, PasswordSet, SessionBegin};
use server::store::{Change, CommandContext, StoreError};
use shared::ids::{CommandKey, UserId};
use shared::time::Timestamp;

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::words::*;

const MINUTE: i64 = 60_000_000;

#[tokio::test]
async fn a_session_lasts_while_it_is_used_and_not_for_ever() {
    for fixture in every().await {
        let store = &fixture.store;
        let at = |minutes: i64| Timestamp(minutes * MINUTE);
        let amy = user("amy");
        let begin = |session| SessionBegin {
            idle_us: 30 * MINUTE,
            absolute_us: 100 * MINUTE,
            ..beginning(session, &amy, at(0))
        };
        store.execute(begin("amys")).await.unwrap();
        let here = async |minutes| fixture.session("amys", at(minutes)).await;
        let session = here(20).await.unwrap();
        assert_eq!(session.actor.name, "Amy Adler");
        assert_eq!(session.actor.member_of, [team("care")]);
        assert!(here(45).await.is_some(), "used after 20 minutes");
        assert!(here(70).await.is_some());
        assert!(here(99).await.is_some());
        assert!(here(100).await.is_none(), "not for ever");

        store.execute(begin("left")).await.unwrap();
        assert!(fixture.session("left", at(30)).await.is_none());
        assert!(fixture.session("no", at(1)).await.is_none());
    }
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    for fixture in every().await {
        let store = &fixture.store;
        let amy = user("amy");
        for session in ["here", "there"] {
            let begin = beginning(session, &amy, Timestamp(0));
            store.execute(begin).await.unwrap();
        }
        let set = store.execute(new_hash(&amy, None, Some("here")));
        assert_eq!(
            set.await.unwrap().changes,
            [Change::SessionsEnded {
                user: amy.clone(),
                except: Some("here".to_owned())
            }]
        );
        let find = async |session| fixture.session(session, Timestamp(1)).await;
        assert!(find("here").await.is_some());
        assert!(find("there").await.is_none());
        let credentials = fixture.credentials("amy").await;
        assert_eq!(credentials.password_hash, "new hash");
        store.execute(session_end("here")).await.unwrap();
        assert!(find("here").await.is_none());

        let begin = SessionBegin {
            verified: "new hash".to_owned(),
            ..beginning("again", &amy, Timestamp(2))
        };
        store.execute(begin).await.unwrap();
        store
            .execute(sessions_end(&amy, None, fixture.context()))
            .await
            .unwrap();
        assert!(find("again").await.is_none());
    }
}

fn new_hash(user: &UserId, verified: Option<&str>, except: Option<&str>) -> PasswordSet {
    PasswordSet {
        user: user.clone(),
        hash: "new hash".to_owned(),
        verified: verified.map(str::to_owned),
        except: except.map(str::to_owned),
        session: None,
        // Without a password that was verified it is the operator's.
        context: CommandContext {
            actor: verified.map(|_| user.clone()),
            key: new_key(),
            at: Timestamp(1),
        },
    }
}

/// A key of its own for each new password.
fn new_key() -> CommandKey {
    static MADE: AtomicU64 = AtomicU64::new(0);
    key(&format!("set-{}", MADE.fetch_add(1, Ordering::SeqCst)))
}

#[tokio::test]
async fn s04_nothing_rests_on_a_password_that_was_changed_meanwhile() {
    for fixture in every().await {
        let store = &fixture.store;
        let amy = user("amy");
        let at = Timestamp;
        store
            .execute(beginning("before", &amy, at(1)))
            .await
            .unwrap();
        // What is under way with the old password when an administrator sets another one.
        let reset = store.execute(new_hash(&amy, None, None)).await;
        reset.unwrap();
        let begun = store.execute(beginning("late", &amy, at(2))).await;
        assert!(matches!(begun, Err(StoreError::NotFound)), "{begun:?}");
        assert!(fixture.session("late", at(3)).await.is_none());
        let proved = store.execute(session_prove("before", HASH, at(3))).await;
        assert!(matches!(proved, Err(StoreError::NotFound)), "{proved:?}");
        let changed = store.execute(new_hash(&amy, Some(HASH), Some("before")));
        assert!(matches!(changed.await, Err(StoreError::Conflict(_))));
        let kept = fixture.credentials("amy").await;
        assert_eq!(kept.password_hash, "new hash");

        // A deactivated user is let in by no password.
        let ben = user("ben");
        let gone = store
            .user_activate(&ben, false, vec![], fixture.context())
            .await;
        gone.unwrap();
        let begun = store.execute(beginning("bens", &ben, at(2))).await;
        assert!(matches!(begun, Err(StoreError::NotFound)), "{begun:?}");
    }
}

#[tokio::test]
async fn s11_a_session_remembers_when_it_proved_its_password() {
    for fixture in every().await {
        let store = &fixture.store;
        let amy = user("amy");
        let proved_at = async |session| {
            store
                .snapshot()
                .await
                .unwrap()
                .session_proved_at(session)
                .await
                .unwrap()
        };
        assert_eq!(proved_at("amys").await, None);
        store
            .execute(beginning("amys", &amy, Timestamp(5)))
            .await
            .unwrap();
        assert_eq!(proved_at("amys").await, Some(Timestamp(5)));
        let proved = store
            .execute(session_prove("amys", HASH, Timestamp(9)))
            .await;
        proved.unwrap();
        assert_eq!(proved_at("amys").await, Some(Timestamp(9)));
    }
}

#[tokio::test]
async fn s09_f55_a_browser_is_known_to_those_who_signed_in_there() {
    for fixture in every().await {
        let store = &fixture.store;
        let amy = user("amy");
        let begin = |number: i64| SessionBegin {
            browser: Some(BrowserRenewal {
                known: format!("browser {number}"),
                former: Vec::new(),
            }),
            ..beginning(&number.to_string(), &amy, Timestamp(number))
        };
        let known = async |user: &UserId, number: i64| {
            let browser = format!("browser {number}");
            let mut rows = store.snapshot().await.unwrap();
            let there = rows.browsers_of(user).await.unwrap();
            there.contains(&browser)
        };
        assert!(!known(&amy, 0).await);
        store.execute(begin(0)).await.unwrap();
        assert!(known(&amy, 0).await);
        assert!(!known(&user("ben"), 0).await);
        // Fifty are remembered, those that were used last.
        for number in 1..50 {
            store.execute(begin(number)).await.unwrap();
        }
        let again = SessionBegin {
            now: Timestamp(50),
            session: "again".to_owned(),
            ..begin(0)
        };
        store.execute(again).await.unwrap();
        store.execute(begin(51)).await.unwrap();
        assert!(known(&amy, 0).await && known(&amy, 51).await);
        assert!(!known(&amy, 1).await);
        // The secret is renewed: the former one is nobody's.
        let renewed = SessionBegin {
            browser: Some(BrowserRenewal {
                known: "browser 52".to_owned(),
                former: vec!["browser 51".to_owned()],
            }),
            ..begin(52)
        };
        store.execute(renewed).await.unwrap();
        assert!(known(&amy, 52).await && known(&amy, 0).await);
        assert!(!known(&amy, 51).await);
    }
}

#[tokio::test]
async fn s27_a_clock_that_jumped_forward_ends_nobodys_session_for_good() {
    for fixture in every().await {
        let store = &fixture.store;
        let (amy, ben) = (user("amy"), user("ben"));
        for (session, user) in [("amys", &amy), ("bens", &ben)] {
            let begin = beginning(session, user, Timestamp(0));
            store.execute(begin).await.unwrap();
        }
        let years = 10 * 365 * 24 * 60 * MINUTE;
        for session in ["jumped", "again"] {
            let begin = beginning(session, &amy, Timestamp(years));
            store.execute(begin).await.unwrap();
        }
        // The clock is right again.
        for session in ["amys", "bens"] {
            let found = fixture.session(session, Timestamp(1)).await;
            assert!(found.is_some(), "{session}");
        }
    }
}
