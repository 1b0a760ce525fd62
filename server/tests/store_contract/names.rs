//! E34: names are found, sorted and kept apart as people read them.

use shared::admin::UserAccount;
use shared::directory::Notification;
use shared::people::Role;
use shared::workitem::Workitem;

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::words::*;

fn account(id: &str, name: &str, roles: &[Role]) -> UserAccount {
    UserAccount {
        id: user(id),
        username: id.to_owned(),
        name: name.to_owned(),
        roles: roles.to_vec(),
        active: true,
        version: 0,
        capacity: None,
        built: Vec::new(),
    }
}

impl Fixture {
    async fn hire(&self, id: &str, name: &str, role: Role) {
        let account = account(id, name, &[role]);
        let hired = self.store.user_create(account, "hash", self.context());
        hired.await.unwrap();
    }

    /// Everybody as the Company Directory lists them.
    async fn people(&self) -> Vec<String> {
        let people = self.rows().await.people_list().await.unwrap();
        people.into_iter().map(|person| person.name).collect()
    }
}

#[tokio::test]
async fn e34_a_team_is_taken_whatever_its_case_accents_and_composition() {
    for fixture in every().await {
        for name in [
            "care",
            "CARE",
            "Cáre",
            "Ca\u{301}re",
            "Ｃａｒｅ",
            "Ca\u{200B}re",
        ] {
            let taken = fixture.save_team("new", name, true, &[], &[]).await;
            assert_eq!(invalid(taken), "team_name", "{name:?}");
        }
        let other = fixture.save_team("new", "Care 2", true, &[], &[]).await;
        other.unwrap();
        let rewritten = fixture.save_team("care", "CARE", false, &[], &[]).await;
        assert_eq!(rewritten.unwrap().value.name, "CARE", "its own name");
    }
}

#[tokio::test]
async fn e34_names_stand_in_the_order_of_their_letters() {
    for fixture in every().await {
        for (id, name) in [
            ("agi", "Ágnes Óvári"),
            ("agnes", "agnes b"),
            ("lars", "Lars Abel"),
            ("kai", "Kai Berg"),
            ("ida", "Ida Zorn"),
            ("zoe", "Zoë Müller"),
        ] {
            fixture.hire(id, name, Role::Agent).await;
        }
        let people = fixture.people().await;
        let ours = ["Ada Almond", "agnes b", "Ágnes Óvári", "Amy Adler"];
        assert_eq!(people[..4], ours, "{people:?}");
        let hired = ["Ida Zorn", "Kai Berg", "Lars Abel"];
        let found = people.iter().filter(|name| hired.contains(&&name[..]));
        assert!(found.eq(hired), "{people:?}");
        assert_eq!(people.last().unwrap(), "Zoë Müller");
    }
}

#[tokio::test]
async fn e34_people_of_one_name_are_told_apart_by_their_usernames() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.hire("amy2", "AMY  Ádler", Role::Agent).await;
        fixture.hire("sam2", "Sam Stone", Role::Supervisor).await;
        let (agents, supervisors) = (&["amy", "amy2"], &["sam", "sam2"]);
        let saved = fixture
            .save_team("care", "Care", false, agents, supervisors)
            .await;
        let members = &saved.unwrap().value.members;
        let of_team: Vec<_> = members.iter().map(|person| person.name.as_str()).collect();
        let both = ["Amy Adler (amy)", "AMY  Ádler (amy2)"];
        assert_eq!(of_team, both);

        let people = fixture.people().await;
        for name in both
            .into_iter()
            .chain(["Sam Stone (sam)", "Sam Stone (sam2)"])
        {
            assert!(people.iter().any(|known| known == name), "{name}");
        }
        let dashboard = fixture.reads.dashboard(&[team("care")]).await.unwrap();
        let agents: Vec<_> = dashboard.agents.iter().map(|row| &row.name[..]).collect();
        assert_eq!(agents, both, "on the dashboard");
        let mut rows = fixture.rows().await;
        let listed = rows.agent_list().await.unwrap();
        let listed: Vec<_> = listed.iter().map(|(agent, _)| &agent.name[..]).collect();
        assert_eq!(listed[..2], both, "for a transfer");
        let asked = rows.supervisors_of(&user("amy")).await.unwrap();
        let asked: Vec<_> = asked.iter().map(|(who, _)| &who.name[..]).collect();
        assert_eq!(asked, ["Sam Stone (sam)", "Sam Stone (sam2)"]);
        let Workitem { agent, .. } = rows.workitem_find(&chat).await.unwrap().unwrap().workitem;
        assert_eq!(agent.unwrap().name, both[0]);
        drop(rows);

        // Customers read the name alone, and who left is no namesake any more.
        assert_eq!(fixture.actor("amy").await.unwrap().name, "Amy Adler");
        fixture
            .store
            .user_activate(&user("amy2"), false, vec![], fixture.context())
            .await
            .unwrap();
        assert!(
            fixture
                .people()
                .await
                .iter()
                .any(|name| name == "Amy Adler")
        );
    }
}

#[tokio::test]
async fn e34_who_takes_the_name_of_another_in_letters_that_look_the_same_is_told_apart() {
    for fixture in every().await {
        // Its first letter is Cyrillic.
        let taken = "\u{410}my Adler";
        fixture.hire("amy2", taken, Role::Agent).await;
        let people = fixture.people().await;
        for name in ["Amy Adler (amy)", &format!("{taken} (amy2)")] {
            assert!(people.iter().any(|known| known == name), "{people:?}");
        }
        let mut rows = fixture.rows().await;
        for name in ["Amy Adler", taken] {
            let mut named = rows.audit_objects_named(name).await.unwrap();
            named.sort();
            assert_eq!(named, ["amy", "amy2"], "{name}");
        }
    }
}

#[tokio::test]
async fn e34_a_capital_i_a_small_l_and_a_1_look_alike_and_so_do_o_and_0() {
    for fixture in every().await {
        for (number, (name, other, alike)) in [
            ("Ian Hill", "lan Hill", true),
            ("Paula Adler", "PauIa AdIer", true),
            ("Emil Lind", "Emi1 Lind", true),
            ("Oskar Bold", "0skar B0ld", true),
            // Cyrillic beside it.
            ("Ilona Kolb", "l1\u{43E}na K0lb", true),
            ("Tom Reed", "Tim Reed", false),
            ("Desk 20", "Desk 21", false),
            ("Mia Frank", "Mira Frank", false),
        ]
        .into_iter()
        .enumerate()
        {
            let ids = [format!("first{number}"), format!("second{number}")];
            let both = [(&ids[0], name), (&ids[1], other)];
            for (id, name) in both {
                fixture.hire(id, name, Role::Agent).await;
            }
            let people = fixture.people().await;
            let mut rows = fixture.rows().await;
            for (id, shown) in both {
                let told_apart = format!("{shown} ({id})");
                assert_eq!(people.contains(&told_apart), alike, "{told_apart}");
                let named = rows.audit_objects_named(shown).await.unwrap();
                assert_eq!(named.len(), 1 + usize::from(alike), "{shown}: {named:?}");
            }
        }
    }
}

#[tokio::test]
async fn e34_namesakes_are_told_apart_in_conversations_and_notifications_and_never_to_the_customer()
{
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.hire("amy2", "Amy Adler", Role::Agent).await;
        fixture.hire("sam2", "Sam Stone", Role::Supervisor).await;
        let began = fixture.monitor(&chat, "sam").await.unwrap();
        let events = notifications(&began.changes);
        let Some((_, Notification::MonitoringStarted { supervisor, .. })) = events.first() else {
            panic!("{events:?}");
        };
        assert_eq!(supervisor.name, "Sam Stone (sam)");
        let answer = fixture.answer(&chat, "amy", "Hello!");
        let sent = fixture.store.execute(answer).await.unwrap();
        assert_eq!(line(&sent.value.entry), "Amy Adler (amy): Hello!");
        fixture
            .coach(&chat, "sam", "Offer a refund.")
            .await
            .unwrap();
        let lines = fixture.lines(&chat).await;
        for said in [
            "Sam Stone (sam) is here",
            "Amy Adler (amy): Hello!",
            "Sam Stone (sam) coaches: Offer a refund.",
        ] {
            assert!(lines.iter().any(|line| line == said), "{said}: {lines:?}");
        }
        let notice = fixture.workitem(&chat).await.coaching_latest.unwrap();
        assert_eq!(notice.supervisor, "Sam Stone (sam)");
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let ended = fixture.lines(&chat).await.pop().unwrap();
        assert_eq!(ended, "Amy Adler (amy) ended the conversation.");

        let frames = serde_json::to_string(&fixture.frames(&chat).await).unwrap();
        assert!(frames.contains("Amy Adler"), "{frames}");
        assert!(!frames.contains("(amy)"), "{frames}");
    }
}

#[tokio::test]
async fn e34_a_customer_is_found_without_case_and_accents() {
    for fixture in every().await {
        let mut send = fixture.customer_send("zoe", "Hello");
        send.name = "Zoë Müller".to_owned();
        fixture.store.execute(send).await.unwrap();
        let mut rows = fixture.rows().await;
        for search in [
            "ZOE",
            "  zoe\u{308} m",
            "zoë muller",
            "muller",
            "Müll",
            "m zoe",
        ] {
            let found = rows.customers_find(search, 10).await.unwrap();
            assert_eq!(found.len(), 1, "{search}");
        }
        for search in ["uller", "zoe miller", "muller zoe anne"] {
            let found = rows.customers_find(search, 10).await.unwrap();
            assert_eq!(found.len(), 0, "{search}");
        }
    }
}
