//! The organisation's settings.

use server::store::Change;
use server::store::Stored;
use server::store::Written;
use shared::admin::{CapacityChange, UserAccount};
use shared::error::{ConflictCause, Difference};
use shared::organisation::{
    OrganisationEdit, OrganisationSettings, SettingChange, SettingDifference,
};
use shared::people::Role;
use shared::workitem::ChannelCounts;

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::words::*;

/// One change of one setting.
pub fn setting(name: &str, value: i64) -> SettingChange {
    SettingChange {
        name: name.to_owned(),
        value,
    }
}

impl Fixture {
    /// Saves settings as they stand now.
    pub async fn set(&self, changes: &[SettingChange]) {
        let edit = self.organisation().await;
        self.save_settings("ada", edit.version, changes)
            .await
            .unwrap();
    }

    async fn save_settings(
        &self,
        who: &str,
        version: i64,
        changes: &[SettingChange],
    ) -> Stored<Written<OrganisationEdit>> {
        let (who, key) = (person(who), self.fresh_key());
        self.store
            .execute(organisation_save(&who, version, changes, key, self.now()))
            .await
    }
}

#[tokio::test]
async fn e11_settings_are_changed_by_name_within_their_limits_by_administrators() {
    for fixture in every().await {
        let edit = fixture.organisation().await;
        assert_eq!((edit.version, edit.settings.capacity.chat), (0, 8));
        let four = [setting("capacity_chat", 4)];
        not_found(fixture.save_settings("sam", 0, &four).await);
        for (name, value, field) in [("queue_max", 0, "queue_max"), ("colour", 1, "changes")] {
            let changes = [setting("capacity_chat", 3), setting(name, value)];
            let refused = fixture.save_settings("ada", 0, &changes).await;
            assert_eq!(invalid(refused), field);
        }
        let saved = fixture.save_settings("ada", 0, &four).await.unwrap().value;
        assert_eq!((saved.version, saved.settings.capacity.chat), (1, 4));
        let (again, _folder) = fixture.reopened().await;
        assert_eq!(
            again
                .snapshot()
                .await
                .unwrap()
                .organisation_find()
                .await
                .unwrap(),
            saved
        );
    }
}

#[tokio::test]
async fn e11_dashboards_say_how_much_agents_may_have_and_hear_of_it() {
    for fixture in every().await {
        let four = [setting("capacity_chat", 4)];
        let saved = fixture.save_settings("ada", 0, &four).await.unwrap();
        assert_eq!(saved.changes, [Change::People]);
        let other = [setting("queue_max", 7)];
        let saved = fixture.save_settings("ada", 1, &other).await.unwrap();
        assert_eq!(saved.changes, []);
        let mut rows = fixture.store.snapshot().await.unwrap();
        let shown = rows.dashboard_skeleton(&[team("care")]).await.unwrap();
        assert_eq!(shown.capacity.unwrap().chat, 4);
        assert!(shown.agents.iter().all(|row| row.capacity.is_none()));
    }
}

#[tokio::test]
async fn e03_a_second_editor_of_the_settings_is_told_what_changed_and_a_repeat_changes_nothing() {
    for fixture in every().await {
        let four = [setting("capacity_chat", 4)];
        let key = fixture.fresh_key();
        let save = async || {
            let (ada, at) = (person("ada"), fixture.now());
            let saved = fixture
                .store
                .execute(organisation_save(&ada, 0, &four, key.clone(), at));
            saved.await
        };
        let first = save().await.unwrap().value;
        let later = [setting("requeue_after_s", 30)];
        fixture.save_settings("ada", 1, &later).await.unwrap();
        assert_eq!(save().await.unwrap().value, first, "the first answer");
        let late = fixture
            .save_settings("ada", 0, &[setting("queue_max", 7)])
            .await;
        let difference = |name: &str, was, is| SettingDifference {
            name: name.to_owned(),
            was,
            is,
        };
        let requeue = difference("requeue_after_s", 120, 30);
        let changed = |changes| ConflictCause::SettingsChanged {
            by: Some("Ada Almond".to_owned()),
            changes,
        };
        let since = vec![requeue.clone(), difference("capacity_chat", 8, 4)];
        assert_eq!(conflict(late), changed(since));
        let late = fixture
            .save_settings("ada", 1, &[setting("queue_max", 7)])
            .await;
        assert_eq!(conflict(late), changed(vec![requeue]), "known already");
        let edit = fixture.organisation().await;
        assert_eq!((edit.version, edit.settings.queue_max), (2, 200));
    }
}

#[tokio::test]
async fn e11_an_agent_is_given_no_more_than_their_capacity() {
    for fixture in every().await {
        fixture.set(&[setting("capacity_chat", 1)]).await;
        let first = fixture.chat_of("amy", "kim").await;
        let second = fixture.customer_says("lou", "Hello?").await.value.workitem;
        assert_eq!(
            conflict(fixture.assign(&second, "amy").await),
            ConflictCause::AgentFull
        );
        fixture.wrap_up(&first, "amy").await.unwrap();
        fixture.assign(&second, "amy").await.unwrap();
        // What she reopens is hers whatever there is, and counts.
        fixture.reopen(&first, "amy").await.unwrap();
        fixture.wrap_up(&second, "amy").await.unwrap();
        let third = fixture.customer_says("mia", "Hello?").await.value.workitem;
        assert_eq!(
            conflict(fixture.assign(&third, "amy").await),
            ConflictCause::AgentFull
        );
    }
}

impl Fixture {
    /// Ada gives amy numbers of her own, or the organisation's back; `None` is a page that knows no such thing.
    async fn amys(
        &self,
        capacity: Option<CapacityChange>,
        version: i64,
    ) -> Stored<Written<UserAccount>> {
        let (amy, roles) = (person("amy"), [Role::Agent]);
        let context = self.context_of("ada");
        (self.store)
            .user_update(&amy.id, &amy.name, &roles, capacity, version, context)
            .await
    }

    async fn amys_account(&self) -> UserAccount {
        let all = self.store.user_list().await.unwrap();
        let mut amys = all.into_iter().filter(|account| account.id == user("amy"));
        amys.next().unwrap()
    }
}

/// As many chats, and of the other channels what the organisation has.
fn chats(chat: i64) -> ChannelCounts {
    ChannelCounts {
        chat,
        ..OrganisationSettings::default().capacity
    }
}

#[tokio::test]
async fn e11_an_agents_own_number_counts_before_the_organisations_until_it_is_taken_back() {
    for fixture in every().await {
        fixture.set(&[setting("capacity_chat", 2)]).await;
        let own = |chat| Some(CapacityChange::Own(chats(chat)));
        let given = fixture.amys(own(1), 0).await.unwrap().value;
        assert_eq!((given.capacity, given.version), (Some(chats(1)), 1));
        assert_eq!(fixture.amys_account().await, given);
        let may = async || {
            let may = fixture.candidates(&[team("care")]).await.into_iter();
            let chats = may.map(|one| (one.agent.to_string(), one.capacity.chat));
            chats.collect::<std::collections::BTreeMap<_, _>>()
        };
        let told = may().await;
        assert_eq!((told["amy"], told["ben"]), (1, 2));
        fixture.chat_of("amy", "kim").await;
        let second = fixture.customer_says("lou", "Hello?").await.value.workitem;
        let full = ConflictCause::AgentFull;
        assert_eq!(conflict(fixture.assign(&second, "amy").await), full);
        // More of the organisation's is not more of hers, and a page that knows no numbers leaves them.
        fixture.set(&[setting("capacity_chat", 5)]).await;
        let kept = fixture.amys(None, 1).await.unwrap().value;
        assert_eq!(kept, given);
        assert_eq!(conflict(fixture.assign(&second, "amy").await), full);
        let back = fixture.amys(Some(CapacityChange::Organisation), 1).await;
        assert_eq!(back.unwrap().value.capacity, None);
        assert_eq!(may().await["amy"], 5);
        fixture.assign(&second, "amy").await.unwrap();
        // And the other way round: her own may be more.
        fixture.set(&[setting("capacity_chat", 2)]).await;
        let third = fixture.customer_says("mia", "Hello?").await.value.workitem;
        assert_eq!(conflict(fixture.assign(&third, "amy").await), full);
        fixture.amys(own(3), 2).await.unwrap();
        fixture.assign(&third, "amy").await.unwrap();
    }
}

#[tokio::test]
async fn e11_own_numbers_have_limits_and_are_for_agents_and_a_second_editor_is_told_them() {
    for fixture in every().await {
        for (wrong, field) in [
            (chats(101), "capacity_chat"),
            (chats(-1), "capacity_chat"),
            (
                ChannelCounts {
                    email: 501,
                    ..chats(1)
                },
                "capacity_email",
            ),
        ] {
            let refused = fixture.amys(Some(CapacityChange::Own(wrong)), 0).await;
            assert_eq!(invalid(refused), field);
        }
        assert_eq!(fixture.amys_account().await.capacity, None);
        let save = async |who: &str, roles: &[Role], capacity, version, by: &str| {
            let (who, context) = (person(who), fixture.context_of(by));
            (fixture.store)
                .user_update(&who.id, &who.name, roles, capacity, version, context)
                .await
        };
        let own = Some(CapacityChange::Own(chats(3)));
        let supervisor = [Role::Supervisor];
        let refused = save("sam", &supervisor, own, 0, "ada").await;
        assert_eq!(invalid(refused), "capacity");
        not_found(save("amy", &[Role::Agent], own, 0, "sam").await);
        fixture.amys(own, 0).await.unwrap();
        let late = fixture.amys(Some(CapacityChange::Organisation), 0).await;
        let edited = |now| ConflictCause::EditedMeanwhile {
            by: Some("Ada Almond".to_owned()),
            now: vec![Difference::Capacity(now)],
            deleting: false,
        };
        assert_eq!(conflict(late), edited(Some(chats(3))));
        fixture
            .amys(Some(CapacityChange::Organisation), 1)
            .await
            .unwrap();
        let late = conflict(fixture.amys(own, 1).await);
        assert_eq!(late, edited(None));
        // A former agent has no numbers, and does not find them again.
        fixture.amys(own, 2).await.unwrap();
        save("amy", &supervisor, None, 3, "ada").await.unwrap();
        assert_eq!(fixture.amys_account().await.capacity, None);
        let again = save("amy", &[Role::Agent], None, 4, "ada").await.unwrap();
        assert_eq!(again.value.capacity, None);
    }
}
