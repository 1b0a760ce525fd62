//! Two who edit the same thing, and those who may not edit it.

use server::commands::{MembershipsChange, UserDelete};
use server::store::StoreError;
use shared::admin::{CapacityChange, MembershipChange, TeamChange};
use shared::assistance::Template;
use shared::error::{ConflictCause, Difference};
use shared::ids::UserId;
use shared::organisation::OrganisationSettings;
use shared::people::Role;
use shared::workitem::ChannelCounts;

use crate::administration_commands::{Administration, PROVED};
use crate::fixtures::*;
use crate::words::*;

/// An edit that is refused because of these differences.
fn edited_meanwhile(by: &str, now: Vec<Difference>) -> ConflictCause {
    ConflictCause::EditedMeanwhile {
        by: Some(by.to_owned()),
        now,
        deleting: false,
    }
}

#[tokio::test]
async fn f26_e03_the_second_of_two_edits_is_told_what_changed_and_overwrites_nothing() {
    for fixture in every().await {
        let store = &fixture.store;
        let (ada, sam) = (|| fixture.context_of("ada"), || fixture.context());
        let first = team_edit(team_change("Care & Repair", &["amy"], 0), ada());
        store.execute(first).await.unwrap();
        let second = team_change("Care", &["amy", "ben", "cleo"], 0);
        let now = vec![
            Difference::Name("Care & Repair".to_owned()),
            Difference::Agents(vec!["Amy Adler".to_owned()]),
        ];
        let late = conflict(store.execute(team_edit(second.clone(), sam())).await);
        assert_eq!(late, edited_meanwhile("Ada Almond", now));
        let stored = store.team_list().await.unwrap().remove(0);
        assert_eq!(
            (stored.name.as_str(), stored.members.len(), stored.version),
            ("Care & Repair", 1, 1)
        );
        // Going on with one's own names what it goes over.
        let decided = TeamChange {
            version: 1,
            ..second
        };
        let saved = store.execute(team_edit(decided, sam())).await.unwrap();
        assert_eq!((saved.value.members.len(), saved.value.version), (3, 2));
        // Two who want the same do not contradict each other.
        let same = team_change("Care", &["amy", "ben", "cleo"], 0);
        let saved = store.execute(team_edit(same, sam())).await.unwrap();
        assert_eq!(saved.value.version, 2);

        let rename = |name: &'static str, version, context| async move {
            store
                .user_update(&user("ben"), name, &[Role::Agent], None, version, context)
                .await
        };
        rename("Benjamin Brooks", 0, ada()).await.unwrap();
        let roles = [Role::Agent, Role::Supervisor];
        let second = store
            .user_update(&user("ben"), "Ben Brooks", &roles, None, 0, sam())
            .await;
        let now = vec![
            Difference::Name("Benjamin Brooks".to_owned()),
            Difference::Roles(vec![Role::Agent]),
        ];
        assert_eq!(conflict(second), edited_meanwhile("Ada Almond", now));
        rename("Ben Brooks", 1, sam()).await.unwrap();

        let template = fixture.add_template("help", "Please help.").await;
        let edit = |text: &str, version| Template {
            text: text.to_owned(),
            version,
            ..template.clone()
        };
        store
            .execute(updated(edit("Help me, please.", 0), ada()))
            .await
            .unwrap();
        let second = store.execute(updated(edit("Help!", 0), sam())).await;
        let now = vec![Difference::Message("Help me, please.".to_owned())];
        assert_eq!(conflict(second), edited_meanwhile("Ada Almond", now));
        let timed = Template {
            target_min: Some(10),
            ..edit("Help me, please.", 1)
        };
        store.execute(updated(timed, ada())).await.unwrap();
        let untimed = edit("Help me, please.", 1);
        let second = store.execute(updated(untimed, sam())).await;
        let now = vec![Difference::Target(Some(10))];
        assert_eq!(conflict(second), edited_meanwhile("Ada Almond", now));
        let gone = store.execute(deleted(&template.id, Some(0), sam())).await;
        let by = Some("Ada Almond".to_owned());
        let not_deleted = ConflictCause::EditedMeanwhile {
            by,
            now: Vec::new(),
            deleting: true,
        };
        assert_eq!(conflict(gone), not_deleted);
        let list = fixture.templates(false).await;
        assert_eq!(list[0].text, "Help me, please.");
        store
            .execute(deleted(&template.id, Some(2), sam()))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn e03_of_two_who_change_name_and_capacity_the_second_reads_both_and_can_keep_both() {
    for fixture in every().await {
        let store = &fixture.store;
        let (ada, sam, ben) = (fixture.context_of("ada"), || fixture.context(), user("ben"));
        let own = ChannelCounts {
            chat: 2,
            ..OrganisationSettings::default().capacity
        };
        let (agent, usual) = ([Role::Agent], Some(CapacityChange::Organisation));
        let numbers = Some(CapacityChange::Own(own));
        let first = store.user_update(&ben, "Ben Brooks", &agent, numbers, 0, ada);
        first.await.unwrap();
        let late = store
            .user_update(&ben, "Benny Brooks", &agent, usual, 0, sam())
            .await;
        let now = vec![
            Difference::Name("Ben Brooks".to_owned()),
            Difference::Capacity(Some(own)),
        ];
        assert_eq!(conflict(late), edited_meanwhile("Ada Almond", now));
        // The editor takes the capacity, which was left alone, and sends what it has by now.
        let both = store.user_update(&ben, "Benny Brooks", &agent, numbers, 1, sam());
        let both = both.await.unwrap().value;
        assert_eq!(
            (both.name.as_str(), both.capacity, both.version),
            ("Benny Brooks", Some(own), 2)
        );
    }
}

#[tokio::test]
async fn e03_memberships_that_two_change_are_both_kept_and_a_team_as_it_was_before_is_refused() {
    for fixture in every().await {
        let store = &fixture.store;
        let change = |id: &str, change: MembershipChange| MembershipsChange {
            user: user(id),
            change,
            session: None,
            context: fixture.context_of("ada"),
        };
        let joins = MembershipChange {
            works_in: vec![team("care")],
            ..MembershipChange::default()
        };
        let leaves = MembershipChange {
            leaves: vec![team("care")],
            ..MembershipChange::default()
        };
        store.execute(change("cleo", joins)).await.unwrap();
        store.execute(change("ben", leaves)).await.unwrap();
        let members = || async { store.team_list().await.unwrap().remove(0).members };
        let together = [person("amy"), person("cleo")];
        assert_eq!(members().await, together);
        // Who still sees the team as it was undoes neither.
        let shown = TeamChange {
            supervisors: vec![user("sam"), user("sue")],
            ..team_change("Care", &["amy", "ben"], 0)
        };
        let stale = team_edit(shown, fixture.context());
        let ConflictCause::EditedMeanwhile { now, .. } = conflict(store.execute(stale).await)
        else {
            panic!("the team was changed meanwhile");
        };
        let names = vec!["Amy Adler".to_owned(), "Cleo Costa".to_owned()];
        assert_eq!(now, [Difference::Agents(names)]);
        assert_eq!(members().await, together);
    }
}

#[tokio::test]
async fn e03_what_was_deleted_meanwhile_is_not_made_once_more_by_an_edit() {
    for fixture in every().await {
        let store = &fixture.store;
        let ben = user("ben");
        let delete = UserDelete {
            user: ben.clone(),
            version: 0,
            entries: vec![],
            session: Some(PROVED.to_owned()),
            context: fixture.context_of("ada"),
        };
        store.execute(delete).await.unwrap();
        let late = store.user_update(&ben, "Benny", &[Role::Agent], None, 0, fixture.context());
        not_found(late.await);
        let joins = MembershipsChange {
            user: ben.clone(),
            change: MembershipChange {
                works_in: vec![team("sales")],
                ..MembershipChange::default()
            },
            session: None,
            context: fixture.context(),
        };
        not_found(store.execute(joins).await);
        let users = store.user_list().await.unwrap();
        assert!(users.iter().all(|user| user.id != ben));

        let template = fixture.add_template("help", "Please help.").await;
        let delete = deleted(&template.id, Some(0), fixture.context_of("ada"));
        store.execute(delete).await.unwrap();
        not_found(store.execute(updated(template, fixture.context())).await);
        assert!(fixture.templates(false).await.is_empty());
    }
}

#[tokio::test]
async fn e03_only_those_who_may_do_what_administrators_do() {
    for fixture in every().await {
        let store = &fixture.store;
        let amy = || fixture.context_of("amy");
        let refused = |answer: Result<(), StoreError>| {
            assert!(
                matches!(answer, Err(StoreError::Refused { .. })),
                "{answer:?}"
            );
        };
        let new = store.user_create(account("n1", "Nia"), "hash", amy()).await;
        refused(new.map(drop));
        let ben: UserId = user("ben");
        let edit = store
            .user_update(&ben, "Bob", &[Role::Agent], None, 0, amy())
            .await;
        refused(edit.map(drop));
        refused(
            store
                .user_activate(&ben, false, vec![], amy())
                .await
                .map(drop),
        );
        let team = team_edit(team_change("Mine", &["amy"], 0), amy());
        refused(store.execute(team).await.map(drop));
        refused(
            store
                .channel_activate(&channel(), false, amy())
                .await
                .map(drop),
        );
        let template = fixture.add_template("help", "Please help.").await;
        refused(
            store
                .execute(updated(template.clone(), amy()))
                .await
                .map(drop),
        );
        refused(
            store
                .execute(moved(&template.id, true, amy()))
                .await
                .map(drop),
        );
        refused(
            store
                .execute(deleted(&template.id, None, amy()))
                .await
                .map(drop),
        );
    }
}
