//! U28: what an administrator deletes is gone from every list, and history keeps its names.

use server::commands::{
    CallRecord, ChannelCreate, ChannelDelete, ChannelUpdate, TeamDelete, UserCreate, UserDelete,
};
use server::store::{Change, CommandContext, Stored, Written};
use shared::admin::{ChatChannel, UserAccount};
use shared::deletion::DeletionExtent;
use shared::error::{ConflictCause, Difference, PROOF, Problem};
use shared::ids::{ChannelKey, WorkitemId};
use shared::people::Role;
use shared::time::Timestamp;
use shared::workitem::{TransferTo, WorkitemState};

use crate::administration_commands::{Administration, PROVED};
use crate::fixtures::*;
use crate::words::*;

impl Fixture {
    async fn delete_user(&self, id: &str, context: CommandContext) -> Stored<Written<()>> {
        let users = self.store.user_list().await?;
        let known = users.iter().find(|known| known.id == user(id));
        let delete = UserDelete {
            user: user(id),
            version: known.map_or(0, |known| known.version),
            entries: vec![],
            session: Some(PROVED.to_owned()),
            context,
        };
        self.store.execute(delete).await
    }

    async fn delete_team(&self, id: &str) -> Stored<Written<()>> {
        let teams = self.store.team_list().await?;
        let known = teams.iter().find(|known| known.id == team(id));
        let delete = TeamDelete {
            team: team(id),
            version: known.map_or(0, |known| known.version),
            context: self.context(),
        };
        self.store.execute(delete).await
    }

    async fn delete_channel(&self) -> Stored<Written<()>> {
        let delete = ChannelDelete {
            channel: channel(),
            context: self.context(),
        };
        self.store.execute(delete).await
    }

    /// A further channel of Care, at an address that was chosen.
    async fn create_channel(&self, address: &str) -> Stored<Written<ChatChannel>> {
        let create = ChannelCreate {
            team: team("care"),
            channel: ChatChannel {
                key: ChannelKey::parse(address).unwrap(),
                name: "Support".to_owned(),
                active: true,
                version: 0,
                heard_at: None,
            },
            chosen: true,
            context: self.context(),
        };
        self.store.execute(create).await
    }
}

#[tokio::test]
async fn u28_who_is_deleted_is_let_in_nowhere_and_their_words_keep_their_name() {
    for fixture in every().await {
        let (store, amy) = (&fixture.store, user("amy"));
        let active = fixture.chat_of("amy", "kim").await;
        let wrapped = fixture.chat_of("amy", "lou").await;
        let answer = fixture.answer(&active, "amy", "Try another cable.");
        store.execute(answer).await.unwrap();
        fixture.wrap_up(&wrapped, "amy").await.unwrap();
        let begin = beginning("amys", &amy, Timestamp(0));
        store.execute(begin).await.unwrap();
        let extent = fixture.rows().await.user_extent(&amy).await.unwrap();
        assert_eq!(extent.open, 2);

        let gone = fixture.delete_user("amy", fixture.context()).await.unwrap();
        for change in [
            Change::Agent(amy.clone()),
            Change::Queue(team("care")),
            Change::Authority(amy.clone()),
            Change::Authority(user("sam")),
            Change::People,
        ] {
            assert!(gone.changes.contains(&change), "{change:?}");
        }
        let back = fixture.workitem(&active).await;
        assert_eq!((back.state, back.agent), (WorkitemState::Queued, None));
        let wrapped = fixture.workitem(&wrapped).await;
        assert_eq!(wrapped.state, WorkitemState::Closed);
        let lines = fixture.lines(&active).await;
        assert!(lines.contains(&"Amy Adler: Try another cable.".to_owned()));

        assert!(fixture.session("amys", Timestamp(1)).await.is_none());
        assert!(fixture.actor("amy").await.is_none());
        let mut rows = fixture.rows().await;
        assert!(rows.credentials_find("amy").await.unwrap().is_none());
        assert!(rows.credentials_of(&amy).await.unwrap().is_none());
        drop(rows);
        let users = store.user_list().await.unwrap();
        assert!(users.iter().all(|known| known.id != amy));
        let teams = store.team_list().await.unwrap();
        assert_eq!(teams[0].members, [person("ben")]);
        not_found(fixture.delete_user("amy", fixture.context()).await);
        not_found(
            store
                .user_activate(&amy, true, vec![], fixture.context())
                .await,
        );

        // Nobody else is ever called so.
        let again = UserCreate {
            account: UserAccount {
                id: user("amy2"),
                username: "amy".to_owned(),
                name: "Amy Abel".to_owned(),
                roles: vec![Role::Agent],
                active: true,
                version: 0,
                capacity: None,
                built: Vec::new(),
            },
            password_hash: HASH.to_owned(),
            temporary: true,
            session: None,
            context: fixture.context(),
        };
        assert_eq!(
            problem(store.execute(again).await),
            ("username", Problem::TakenBefore)
        );
    }
}

#[tokio::test]
async fn u28_the_last_administrator_and_oneself_are_not_deleted() {
    for fixture in every().await {
        let store = &fixture.store;
        let last = fixture.delete_user("ada", fixture.context()).await;
        assert_eq!(conflict(last), ConflictCause::LastAdministrator);
        let own = fixture.delete_user("ada", fixture.context_of("ada")).await;
        assert_eq!(conflict(own), ConflictCause::OwnDeletion);

        let stale = UserDelete {
            user: user("ben"),
            version: 7,
            entries: vec![],
            session: None,
            context: fixture.context(),
        };
        let stale = conflict(store.execute(stale).await);
        let meanwhile = matches!(stale, ConflictCause::EditedMeanwhile { deleting: true, .. });
        assert!(meanwhile, "{stale:?}");

        let mut late = fixture.context_of("ada");
        late.at = Timestamp(16 * 60_000_000);
        let late = fixture.delete_user("ben", late).await;
        assert_eq!(invalid(late), PROOF);
    }
}

#[tokio::test]
async fn u28_a_team_is_deleted_when_nothing_hangs_on_it() {
    for fixture in every().await {
        let store = &fixture.store;
        let chat = fixture.chat_of("amy", "kim").await;
        let in_use = |agents, channels, open| ConflictCause::TeamInUse {
            extent: DeletionExtent {
                open,
                agents,
                channels,
            },
        };
        assert_eq!(conflict(fixture.delete_team("care").await), in_use(2, 1, 1));
        fixture.wrap_up(&chat, "amy").await.unwrap();
        assert_eq!(conflict(fixture.delete_team("care").await), in_use(2, 1, 1));
        fixture.close(&chat, "amy").await.unwrap();
        fixture.delete_channel().await.unwrap();
        assert_eq!(conflict(fixture.delete_team("care").await), in_use(2, 0, 0));
        let emptied = fixture.save_team("care", "Care", false, &[], &["sam"]);
        emptied.await.unwrap();
        let gone = fixture.delete_team("care").await.unwrap();
        assert!(gone.changes.contains(&Change::Authority(user("sam"))));

        let teams = store.team_list().await.unwrap();
        let names: Vec<&str> = teams.iter().map(|team| team.name.as_str()).collect();
        assert_eq!(names, ["Sales"]);
        let mut rows = fixture.rows().await;
        let offered = rows.team_names().await.unwrap();
        assert!(offered.iter().all(|(id, _)| *id != team("care")));
        let people = rows.people_list().await.unwrap();
        let sam = people.iter().find(|one| one.id == user("sam")).unwrap();
        assert!(sam.teams.is_empty());
        let seen = rows.dashboard_skeleton(&[team("care")]).await.unwrap();
        assert!(seen.queues.is_empty());
        drop(rows);
        not_found(fixture.delete_team("care").await);
        not_found(fixture.save_team("care", "Care", false, &[], &[]).await);
        not_found(fixture.create_channel("care-again").await);

        // Closed work keeps the team's name, and its supervisor reads it.
        let closed = fixture.workitem(&chat).await;
        assert_eq!(closed.team_name, "Care");
        let lines = fixture.entries_of(&chat, &user("sam")).await;
        assert!(!lines.is_empty());
        let taken = fixture.save_team("care2", "CARE", true, &[], &[]).await;
        assert_eq!(problem(taken), ("team_name", Problem::TakenBefore));
        // Nothing is handed to it.
        let call = CallRecord {
            agent: person("cleo"),
            number: "+493012345".to_owned(),
            workitem: WorkitemId::parse("call").unwrap(),
            entry: fixture.fresh_entry(),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        let call = store.execute(call).await.unwrap().value;
        let change = fixture.state_change(&call, "cleo");
        let to = handed(TransferTo::Team(team("care")));
        assert_eq!(problem(fixture.transfer(change, to).await).0, "to");
    }
}

#[tokio::test]
async fn u28_a_channel_is_deleted_when_no_conversation_of_it_is_open() {
    for fixture in every().await {
        let store = &fixture.store;
        let chat = fixture.chat_of("amy", "kim").await;
        let change = fixture.state_change(&chat, "amy");
        let to = handed(TransferTo::Team(team("sales")));
        fixture.transfer(change, to).await.unwrap();
        assert!(fixture.lines_for("kim", &chat, 0).await.is_some());
        let refused = conflict(fixture.delete_channel().await);
        assert_eq!(
            refused,
            ConflictCause::ChannelInUse { open: 1 },
            "whose team it has does not matter"
        );
        fixture.assign(&chat, "cleo").await.unwrap();
        fixture.wrap_up(&chat, "cleo").await.unwrap();
        fixture.close(&chat, "cleo").await.unwrap();
        fixture.delete_channel().await.unwrap();

        assert!(store.team_list().await.unwrap()[0].channels.is_empty());
        let page = fixture.rows().await.customer_channel_find(&channel()).await;
        assert!(page.unwrap().is_none());
        assert_eq!(fixture.lines_for("kim", &chat, 0).await, None);
        let begun = fixture.customer_send("mia", "Hello?");
        not_found(store.execute(begun).await);
        not_found(
            store
                .channel_activate(&channel(), true, fixture.context())
                .await,
        );
        let reused = fixture.create_channel(channel().as_str()).await;
        assert_eq!(problem(reused), ("address", Problem::TakenBefore));
    }
}

#[tokio::test]
async fn u28_a_channel_has_an_address_of_its_own_and_can_be_renamed() {
    for fixture in every().await {
        let store = &fixture.store;
        let made = fixture.create_channel("support").await.unwrap().value;
        assert_eq!(made.key.as_str(), "support");
        let taken = fixture.create_channel("support").await;
        assert_eq!(problem(taken), ("address", Problem::Taken));

        let rename = |name: &str, version| ChannelUpdate {
            channel: made.key.clone(),
            name: name.to_owned(),
            version,
            context: fixture.context(),
        };
        let renamed = store.execute(rename("Help", 0)).await.unwrap().value;
        assert_eq!((renamed.name.as_str(), renamed.version), ("Help", 1));
        let page = fixture.rows().await.customer_channel_find(&made.key).await;
        assert_eq!(page.unwrap().unwrap().name, "Help");
        // Who started from the first version learns what was changed since.
        let late = conflict(store.execute(rename("Aid", 0)).await);
        let expected = vec![Difference::Name("Help".to_owned())];
        assert!(
            matches!(&late, ConflictCause::EditedMeanwhile { now, .. } if *now == expected),
            "{late:?}"
        );
        store.execute(rename("Help", 0)).await.unwrap();
    }
}
