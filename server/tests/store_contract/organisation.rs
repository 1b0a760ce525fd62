//! The organisation's settings.

use server::store::Stored;
use server::store::Written;
use shared::organisation::{OrganisationEdit, SettingChange};

use crate::house::*;
use crate::words::*;

/// One change of one setting.
pub fn setting(name: &str, value: i64) -> SettingChange {
    SettingChange {
        name: name.to_owned(),
        value,
    }
}

impl House {
    /// Saves settings as they stand now.
    pub async fn set(&self, changes: &[SettingChange]) {
        let edit = self.store.organisation_load().await.unwrap();
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
            .organisation_save(&who, version, changes, key, self.now())
            .await
    }
}

#[tokio::test]
async fn e11_settings_are_changed_by_name_within_their_limits_by_administrators() {
    for house in every().await {
        let edit = house.store.organisation_load().await.unwrap();
        assert_eq!((edit.version, edit.settings.capacity.chat), (0, 8));
        let four = [setting("capacity_chat", 4)];
        not_found(house.save_settings("sam", 0, &four).await);
        for (name, value, field) in [("queue_max", 0, "queue_max"), ("colour", 1, "changes")] {
            let changes = [setting("capacity_chat", 3), setting(name, value)];
            let refused = house.save_settings("ada", 0, &changes).await;
            assert_eq!(invalid(refused), field);
        }
        let saved = house.save_settings("ada", 0, &four).await.unwrap().value;
        assert_eq!((saved.version, saved.settings.capacity.chat), (1, 4));
        let (again, _folder) = house.anew().await;
        assert_eq!(again.organisation_load().await.unwrap(), saved);
    }
}

#[tokio::test]
async fn e03_a_second_editor_of_the_settings_is_told_what_changed_and_a_repeat_changes_nothing() {
    for house in every().await {
        let four = [setting("capacity_chat", 4)];
        let key = house.fresh_key();
        let save = async || {
            let (ada, at) = (person("ada"), house.now());
            let saved = house
                .store
                .organisation_save(&ada, 0, &four, key.clone(), at);
            saved.await
        };
        let first = save().await.unwrap().value;
        let later = [setting("requeue_after_s", 30)];
        house.save_settings("ada", 1, &later).await.unwrap();
        assert_eq!(save().await.unwrap().value, first, "the first answer");
        let late = house
            .save_settings("ada", 0, &[setting("queue_max", 7)])
            .await;
        assert_eq!(
            conflict(late),
            "Ada Almond changed these settings in the meantime. Back to the queue after a further: 30 seconds (was \
             120 seconds); Chats at a time: 4 chats (was 8 chats). Nothing of yours was saved."
        );
        let late = house
            .save_settings("ada", 1, &[setting("queue_max", 7)])
            .await;
        assert!(!conflict(late).contains("Chats at a time"), "known already");
        let edit = house.store.organisation_load().await.unwrap();
        assert_eq!((edit.version, edit.settings.queue_max), (2, 200));
    }
}

#[tokio::test]
async fn e11_an_agent_is_given_no_more_than_their_capacity() {
    for house in every().await {
        house.set(&[setting("capacity_chat", 1)]).await;
        let first = house.chat_of("amy", "kim").await;
        let second = house.customer_says("lou", "Hello?").await.value.workitem;
        assert_eq!(
            conflict(house.assign(&second, "amy").await),
            "This agent has as much of this as they can take."
        );
        house.wrap_up(&first, "amy").await.unwrap();
        house.assign(&second, "amy").await.unwrap();
    }
}
