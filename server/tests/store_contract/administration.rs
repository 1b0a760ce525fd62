//! Sessions, settings, users and teams.

use std::sync::atomic::{AtomicU64, Ordering};

use server::commands::{LanguageSet, PasswordSet, SessionBegin};
use server::store::{Change, StoreError};
use shared::admin::UserAccount;
use shared::directory::OwnEvent;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, UserId};
use shared::language::Language;
use shared::people::{Presence, Role};
use shared::time::Timestamp;
use shared::workitem::WorkitemState;

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
        let here = async |minutes| {
            fixture
                .reads
                .session_find("amys", at(minutes))
                .await
                .unwrap()
        };
        let session = here(20).await.unwrap();
        assert_eq!(session.actor.name, "Amy Adler");
        assert_eq!(session.actor.member_of, [team("care")]);
        assert!(here(45).await.is_some(), "used after 20 minutes");
        assert!(here(70).await.is_some());
        assert!(here(99).await.is_some());
        assert!(here(100).await.is_none(), "not for ever");

        store.execute(begin("left")).await.unwrap();
        assert!(
            fixture
                .reads
                .session_find("left", at(30))
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            fixture
                .reads
                .session_find("no", at(1))
                .await
                .unwrap()
                .is_none()
        );
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
        let find = async |session| {
            fixture
                .reads
                .session_find(session, Timestamp(1))
                .await
                .unwrap()
        };
        assert!(find("here").await.is_some());
        assert!(find("there").await.is_none());
        let credentials = store
            .snapshot()
            .await
            .unwrap()
            .credentials_find("amy")
            .await
            .unwrap()
            .unwrap();
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
        by: match verified {
            Some(_) => user.clone(),
            None => UserId::parse("ada").unwrap(),
        },
        at: Timestamp(1),
        key: new_key(),
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
        assert!(
            fixture
                .reads
                .session_find("late", at(3))
                .await
                .unwrap()
                .is_none()
        );
        let proved = store.execute(session_prove("before", HASH, at(3))).await;
        assert!(matches!(proved, Err(StoreError::NotFound)), "{proved:?}");
        let changed = store.execute(new_hash(&amy, Some(HASH), Some("before")));
        assert!(matches!(changed.await, Err(StoreError::Conflict(_))));
        let kept = store
            .snapshot()
            .await
            .unwrap()
            .credentials_find("amy")
            .await
            .unwrap()
            .unwrap();
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
            browser: Some(format!("browser {number}")),
            ..beginning(&number.to_string(), &amy, Timestamp(number))
        };
        let known = async |user: &UserId, number: i64| {
            let browser = format!("browser {number}");
            store
                .snapshot()
                .await
                .unwrap()
                .browser_known(user, &browser)
                .await
                .unwrap()
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
            let found = fixture
                .reads
                .session_find(session, Timestamp(1))
                .await
                .unwrap();
            assert!(found.is_some(), "{session}");
        }
    }
}

#[tokio::test]
async fn settings_and_presence_are_kept_and_told_to_other_tabs() {
    for fixture in every().await {
        let store = &fixture.store;
        let amy = user("amy");
        let fresh = fixture.reads.settings_load(&amy).await.unwrap();
        assert!(fresh.pop_up);
        assert_eq!(fresh.presence, Presence::Available);
        let saved = store
            .execute(settings_save(&amy, false, fixture.context()))
            .await
            .unwrap();
        assert_eq!(
            told(&saved.changes),
            [("amy", &OwnEvent::Settings(saved.value))]
        );
        let set = store
            .execute(presence_set(&amy, Presence::Away, fixture.context()))
            .await;
        let changed = Change::Presence(amy.clone());
        assert!(set.unwrap().changes.contains(&changed));
        let again = store
            .execute(presence_set(&amy, Presence::Away, fixture.context()))
            .await;
        assert!(again.unwrap().changes.is_empty());
        let set = LanguageSet {
            user: amy.clone(),
            language: Some(Language::De),
            context: fixture.context(),
        };
        let set = store.execute(set).await.unwrap();
        let kept = fixture.reads.settings_load(&amy).await.unwrap();
        assert_eq!(told(&set.changes), [("amy", &OwnEvent::Settings(kept))]);
        assert!(!kept.pop_up);
        assert_eq!(kept.presence, Presence::Away);
        assert_eq!(kept.language, Some(Language::De));
        let people = fixture.rows().await.people_list().await.unwrap();
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        assert!(names.is_sorted());
        let shown = people.iter().find(|person| person.id == amy).unwrap();
        assert_eq!(shown.presence, Presence::Away);
        assert_eq!(shown.teams, ["Care"]);
    }
}

#[tokio::test]
async fn a_username_belongs_to_one_person() {
    for fixture in every().await {
        let account = |id: &str, username: &str| UserAccount {
            id: user(id),
            username: username.to_owned(),
            name: "Another Amy".to_owned(),
            roles: vec![Role::Supervisor, Role::Agent],
            active: true,
            version: 0,
            capacity: None,
        };
        let taken = fixture
            .store
            .user_create(account("amy2", "amy"), "hash", fixture.context());
        assert_eq!(invalid(taken.await), "username");
        let created = fixture
            .store
            .user_create(account("amy2", "amy2"), "hash", fixture.context());
        created.await.unwrap();
        let actor = fixture
            .store
            .snapshot()
            .await
            .unwrap()
            .actor_find(&user("amy2"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            actor.roles,
            [Role::Supervisor, Role::Agent],
            "in this order"
        );
    }
}

#[tokio::test]
async fn a_deactivated_agents_work_goes_back_to_the_queue() {
    for fixture in every().await {
        let store = &fixture.store;
        let amy = user("amy");
        let active = fixture.chat_of("amy", "kim").await;
        let wrapped = fixture.chat_of("amy", "lou").await;
        fixture.wrap_up(&wrapped, "amy").await.unwrap();
        let begin = beginning("amys", &amy, Timestamp(0));
        store.execute(begin).await.unwrap();

        let entries = vec![fixture.fresh_entry()];
        let gone = store
            .user_activate(&amy, false, entries, fixture.context())
            .await;
        let gone = gone.unwrap();
        assert!(!gone.value.active);
        let expected = [
            Change::Agent(amy.clone()),
            Change::Queue(team("care")),
            Change::Authority(amy.clone()),
            Change::People,
            Change::SessionsEnded {
                user: amy.clone(),
                except: None,
            },
        ];
        for change in expected {
            assert!(gone.changes.contains(&change), "{change:?}");
        }
        let back = fixture.workitem(&active).await;
        assert_eq!((back.state, back.agent), (WorkitemState::Queued, None));
        assert_eq!(
            fixture.workitem(&wrapped).await.state,
            WorkitemState::Closed
        );
        assert_eq!(
            fixture.lines(&active).await.last().unwrap(),
            "Amy Adler cannot take work any more. Back in the queue of Care."
        );
        let session = fixture
            .reads
            .session_find("amys", Timestamp(1))
            .await
            .unwrap();
        assert!(session.is_none());
        assert!(
            store
                .snapshot()
                .await
                .unwrap()
                .actor_find(&amy)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            fixture
                .rows()
                .await
                .agent_find(&amy)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            !store
                .snapshot()
                .await
                .unwrap()
                .credentials_find("amy")
                .await
                .unwrap()
                .unwrap()
                .active
        );
        assert_eq!(
            conflict(fixture.assign(&active, "amy").await),
            ConflictCause::AgentGone
        );
        let shown = fixture.reads.dashboard(&[team("care")]).await.unwrap();
        assert_eq!(shown.agents.len(), 1);

        store
            .user_activate(&amy, true, vec![], fixture.context())
            .await
            .unwrap();
        let actor = store
            .snapshot()
            .await
            .unwrap()
            .actor_find(&amy)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(actor.member_of, [team("care")], "amy is in her team again");
    }
}

#[tokio::test]
async fn an_administrator_remains() {
    for fixture in every().await {
        let store = &fixture.store;
        let ada = user("ada");
        let last = ConflictCause::LastAdministrator;
        let off = store
            .user_activate(&ada, false, vec![], fixture.context())
            .await;
        assert_eq!(conflict(off), last);
        let roles = [Role::Agent];
        let demoted = store
            .user_update(&ada, "Ada", &roles, None, 0, fixture.context())
            .await;
        assert_eq!(conflict(demoted), last);
        let both = [Role::Supervisor, Role::Administrator];
        store
            .user_update(&user("sam"), "Sam Stone", &both, None, 0, fixture.context())
            .await
            .unwrap();
        store
            .user_activate(&ada, false, vec![], fixture.context())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn who_is_an_agent_no_longer_gives_the_work_back() {
    for fixture in every().await {
        let store = &fixture.store;
        let chat = fixture.chat_of("amy", "kim").await;
        let renamed = store
            .user_update(
                &user("amy"),
                "Amy Abel",
                &[Role::Agent],
                None,
                0,
                fixture.context(),
            )
            .await
            .unwrap();
        assert!(renamed.changes.contains(&Change::Authority(user("amy"))));
        let ended = |change: &Change| matches!(change, Change::SessionsEnded { .. });
        assert!(!renamed.changes.iter().any(ended));
        let roles = [Role::Supervisor];
        let moved = store
            .user_update(&user("amy"), "Amy Abel", &roles, None, 1, fixture.context())
            .await
            .unwrap();
        for change in [
            Change::Authority(user("amy")),
            Change::Authority(user("sam")),
            Change::Queue(team("care")),
        ] {
            assert!(moved.changes.contains(&change), "{change:?}");
        }
        assert_eq!(fixture.workitem(&chat).await.state, WorkitemState::Queued);
        let teams = store.team_list().await.unwrap();
        assert_eq!(teams[0].members, [person("ben")]);
    }
}

#[tokio::test]
async fn a_teams_people_are_replaced_and_their_authority_is_told() {
    for fixture in every().await {
        let wrong = fixture
            .save_team("care", "Care", false, &["sam"], &[])
            .await;
        assert_eq!(invalid(wrong), "members");
        let wrong = fixture
            .save_team("care", "Care", false, &[], &["amy"])
            .await;
        assert_eq!(invalid(wrong), "supervisors");
        let taken = fixture.save_team("care", "Sales", false, &[], &[]).await;
        assert_eq!(invalid(taken), "team_name");
        not_found(fixture.save_team("none", "None", false, &[], &[]).await);

        let saved = fixture
            .save_team("care", "Customer Care", false, &["amy"], &["sam", "sid"])
            .await
            .unwrap();
        assert_eq!(saved.value.name, "Customer Care");
        assert_eq!(saved.value.channels.len(), 1);
        let touched: Vec<&str> = saved
            .changes
            .iter()
            .filter_map(|change| match change {
                Change::Authority(user) => Some(user.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(touched, ["ben", "sam", "sid", "sue"]);
        let asked = fixture.rows().await.supervisors_of(&user("amy")).await;
        let asked = asked.unwrap();
        let asked: Vec<&str> = asked.iter().map(|(who, _)| who.name.as_str()).collect();
        assert_eq!(asked, ["Sam Stone", "Sid Sharp"]);
    }
}
