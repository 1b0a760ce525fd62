//! Settings, users and teams.

use server::commands::{LanguageSet, MembershipsChange};
use server::store::Change;
use shared::admin::{MembershipChange, UserAccount};
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::WorkitemId;
use shared::language::Language;
use shared::people::{Presence, Role};
use shared::time::Timestamp;
use shared::workitem::WorkitemState;

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::words::*;

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
            notifications(&saved.changes),
            [("amy", &Notification::Settings(saved.value))]
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
        assert_eq!(
            notifications(&set.changes),
            [("amy", &Notification::Settings(kept))]
        );
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
            built: Vec::new(),
        };
        let taken = fixture
            .store
            .user_create(account("amy2", "amy"), "hash", fixture.context());
        assert_eq!(invalid(taken.await), "username");
        let created = fixture
            .store
            .user_create(account("amy2", "amy2"), "hash", fixture.context());
        created.await.unwrap();
        let actor = fixture.actor("amy2").await.unwrap();
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
        everybody_learns_that_amy_is_gone(&gone.changes);
        work_is_back(&fixture, &active, &wrapped).await;
        amy_is_let_in_nowhere(&fixture).await;
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
        let actor = fixture.actor("amy").await.unwrap();
        assert_eq!(actor.member_of, [team("care")], "amy is in her team again");
    }
}

fn everybody_learns_that_amy_is_gone(changes: &[Change]) {
    let amy = user("amy");
    let expected = [
        Change::Agent(amy.clone()),
        Change::Queue(team("care")),
        Change::Authority(amy.clone()),
        Change::People,
        Change::SessionsEnded {
            user: amy,
            except: None,
        },
    ];
    for change in expected {
        assert!(changes.contains(&change), "{change:?}");
    }
}

async fn work_is_back(fixture: &Fixture, active: &WorkitemId, wrapped: &WorkitemId) {
    let back = fixture.workitem(active).await;
    assert_eq!((back.state, back.agent), (WorkitemState::Queued, None));
    let wrapped = fixture.workitem(wrapped).await;
    assert_eq!(wrapped.state, WorkitemState::Closed);
    assert_eq!(
        fixture.lines(active).await.last().unwrap(),
        "Amy Adler cannot take work any more. Back in the queue of Care."
    );
}

async fn amy_is_let_in_nowhere(fixture: &Fixture) {
    assert!(fixture.session("amys", Timestamp(1)).await.is_none());
    assert!(fixture.actor("amy").await.is_none());
    let agent = fixture.rows().await.agent_find(&user("amy")).await;
    assert!(agent.unwrap().is_none());
    assert!(!fixture.credentials("amy").await.active);
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
async fn an_administrator_who_has_no_way_in_is_not_the_one_who_remains() {
    for fixture in every().await {
        let store = &fixture.store;
        let eve = UserAccount {
            id: user("eve"),
            username: "eve".to_owned(),
            name: "Eve Early".to_owned(),
            roles: vec![Role::Administrator],
            built: Vec::new(),
            active: true,
            version: 0,
            capacity: None,
        };
        let created = store.user_create(eve, "", fixture.context());
        created.await.unwrap();
        let off = store
            .user_activate(&user("ada"), false, vec![], fixture.context())
            .await;
        assert_eq!(conflict(off), ConflictCause::LastAdministrator);
        store
            .user_activate(&user("eve"), false, vec![], fixture.context())
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

#[tokio::test]
async fn u28_somebody_is_put_into_teams_and_taken_out_of_others() {
    for fixture in every().await {
        let store = &fixture.store;
        let chat = fixture.chat_of("amy", "kim").await;
        let change = |id: &str, change: MembershipChange| MembershipsChange {
            user: user(id),
            change,
            session: None,
            context: fixture.context(),
        };
        let moves = MembershipChange {
            works_in: vec![team("sales")],
            leaves: vec![team("care")],
            ..MembershipChange::default()
        };
        let moved = store.execute(change("amy", moves.clone())).await.unwrap();
        for change in [
            Change::Authority(user("sam")),
            Change::Authority(user("sid")),
            Change::Queue(team("care")),
            Change::People,
        ] {
            assert!(moved.changes.contains(&change), "{change:?}");
        }
        let teams = store.team_list().await.unwrap();
        assert_eq!(teams[0].members, [person("ben")]);
        assert_eq!(teams[1].members, [person("amy"), person("cleo")]);
        assert_eq!((teams[0].version, teams[1].version), (1, 1));
        assert_eq!(fixture.workitem(&chat).await.state, WorkitemState::Queued);

        // What is so already changes nothing; who lacks the role is refused, and so is a team that is none.
        let again = store.execute(change("amy", moves)).await.unwrap();
        assert!(again.changes.is_empty());
        let supervises = MembershipChange {
            supervises: vec![team("care")],
            ..MembershipChange::default()
        };
        let refused = store.execute(change("amy", supervises)).await;
        assert_eq!(invalid(refused), "supervisors");
        let nowhere = MembershipChange {
            leaves: vec![team("none")],
            ..MembershipChange::default()
        };
        not_found(store.execute(change("amy", nowhere)).await);
    }
}
