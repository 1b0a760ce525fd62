//! Views of the dashboard and links to walls: once under one key, one's own alone, from the version that was seen.

use server::commands::{ViewChoose, ViewCreate, ViewDelete, ViewUpdate, WallCreate, WallRevoke};
use server::store::{CommandContext, StoreError, Stored, Written};
use shared::ids::{ViewId, WallId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::views::{DashboardChoice, DashboardView};
use shared::walls::Wall;

use crate::fixtures::*;
use crate::words::*;

fn id(name: &str) -> ViewId {
    ViewId::parse(name).unwrap()
}

fn person(name: &str) -> PersonRef {
    PersonRef {
        id: user(name),
        name: String::new(),
    }
}

fn view(name: &str, by: &str, of: Option<&str>) -> DashboardView {
    DashboardView {
        id: id(name),
        name: name.to_owned(),
        filter: "show=hand".to_owned(),
        team: of.map(team),
        by: person(by),
        version: 0,
    }
}

impl Fixture {
    async fn rename(
        &self,
        view: &str,
        version: i64,
        name: &str,
        context: CommandContext,
    ) -> Stored<Written<()>> {
        let update = ViewUpdate {
            view: id(view),
            version,
            name: name.to_owned(),
            filter: None,
            team: None,
            context,
        };
        self.store.execute(update).await
    }

    /// Name and version of the views that somebody who supervises a team is shown.
    async fn views(&self, who: &str, of: &str) -> Vec<(String, i64)> {
        let mut rows = self.store.snapshot().await.unwrap();
        let views = rows.view_list(&user(who), &[team(of)]).await.unwrap();
        let views = views.into_iter();
        views.map(|view| (view.name, view.version)).collect()
    }
}

#[tokio::test]
async fn a_view_is_kept_once_and_changed_by_its_maker_from_the_version_that_was_seen() {
    for fixture in every().await {
        let context = fixture.context_of("sam");
        for _ in 0..2 {
            let create = ViewCreate {
                view: view("mine", "sam", None),
                context: context.clone(),
            };
            fixture.store.execute(create).await.unwrap();
        }
        let create = ViewCreate {
            view: view("shared", "sam", Some("care")),
            context: fixture.context_of("sam"),
        };
        fixture.store.execute(create).await.unwrap();
        let named = |name: &str, version| (name.to_owned(), version);
        let both = [named("mine", 0), named("shared", 0)];
        assert_eq!(fixture.views("sam", "sales").await, both);
        assert_eq!(fixture.views("sue", "care").await, [named("shared", 0)]);
        assert_eq!(fixture.views("sue", "sales").await, []);

        let sue = fixture.context_of("sue");
        not_found(fixture.rename("shared", 0, "Taken", sue).await);
        let sam = || fixture.context_of("sam");
        fixture.rename("mine", 0, "first", sam()).await.unwrap();
        let late = fixture.rename("mine", 0, "second", sam()).await;
        assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
        let same = fixture.rename("mine", 0, "first", sam()).await;
        assert!(same.is_ok(), "it says what is there: {same:?}");
        let delete = |version| ViewDelete {
            view: id("mine"),
            version,
            context: sam(),
        };
        let late = fixture.store.execute(delete(0)).await;
        assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
        fixture.store.execute(delete(1)).await.unwrap();
        assert_eq!(fixture.views("sam", "sales").await, [named("shared", 0)]);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn what_a_dashboard_keeps_is_each_persons_own() {
    for fixture in every().await {
        let choice = |view: &str, hidden: &str| DashboardChoice {
            view: Some(id(view)),
            hidden: hidden.to_owned(),
        };
        for (who, choice) in [
            ("sam", choice("one", "")),
            ("sue", choice("two", "wait")),
            ("sam", choice("three", "presence")),
        ] {
            let user = user(who);
            fixture
                .store
                .execute(ViewChoose { user, choice })
                .await
                .unwrap();
        }
        let mut rows = fixture.store.snapshot().await.unwrap();
        let of_sam = rows.dashboard_choice(&user("sam")).await.unwrap();
        assert_eq!(of_sam, choice("three", "presence"));
        let of_sue = rows.dashboard_choice(&user("sue")).await.unwrap();
        assert_eq!(of_sue, choice("two", "wait"));
        let of_sid = rows.dashboard_choice(&user("sid")).await.unwrap();
        assert_eq!(of_sid, DashboardChoice::default());
    }
}

#[tokio::test]
async fn a_link_to_a_wall_is_made_once_and_found_by_its_hash_after_it_was_revoked_too() {
    for fixture in every().await {
        // The operator makes it and proves nothing.
        let context = fixture.context();
        let create = WallCreate {
            wall: Wall {
                id: WallId::parse("hall").unwrap(),
                name: "Hall".to_owned(),
                teams: vec![team("care"), team("sales")],
                created_by: person("ada"),
                created_at: Timestamp(5),
                last_used_at: None,
                revoked_at: None,
            },
            hash: "0".repeat(64),
            session: None,
            context: context.clone(),
        };
        assert!(fixture.store.execute(create.clone()).await.unwrap().value);
        assert!(!fixture.store.execute(create).await.unwrap().value);
        let revoke = |who: &str| WallRevoke {
            wall: WallId::parse("hall").unwrap(),
            context: fixture.context_of(who),
        };
        not_found(fixture.store.execute(revoke("sam")).await);
        fixture.store.execute(revoke("ada")).await.unwrap();
        let mut rows = fixture.store.snapshot().await.unwrap();
        let found = rows.wall_of(&"0".repeat(64)).await.unwrap().unwrap();
        assert!(found.revoked_at.is_some());
        assert_eq!(found.teams, [team("care"), team("sales")]);
        assert_eq!(rows.wall_of(&"1".repeat(64)).await.unwrap(), None);
        assert_eq!(rows.wall_list().await.unwrap().len(), 1);
    }
}
