//! Keys of what administrators do and of what somebody chooses: done once, and a late repeat undoes nothing.

use server::commands::{PasswordSet, SettingsSave, TeamSave, TemplateCreate};
use server::store::CommandContext;
use shared::admin::{ChatChannel, TeamChange};
use shared::assistance::Template;
use shared::directory::Switches;
use shared::error::ConflictCause;
use shared::ids::{ChannelKey, CommandKey, TemplateId};
use shared::people::{Presence, Role};
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Reaction};

use crate::administration_commands::Administration;
use crate::fixtures::*;
use crate::words::*;

const USED: ConflictCause = ConflictCause::KeyReused;

fn team_new(id: &str, change: TeamChange, context: CommandContext) -> TeamSave {
    TeamSave {
        team: team(id),
        create: true,
        change,
        session: None,
        context,
    }
}

fn created(template: Template, context: CommandContext) -> TemplateCreate {
    TemplateCreate { template, context }
}

#[tokio::test]
async fn e03_f04_users_that_are_edited_twice_under_one_key_are_edited_once() {
    for fixture in every().await {
        let store = &fixture.store;
        let ada = || fixture.context_of("ada");

        let context = ada();
        let new = store
            .user_create(account("n1", "Nia"), "hash", context.clone())
            .await
            .unwrap();
        let again = store
            .user_create(account("n2", "Nia"), "other", context.clone())
            .await
            .unwrap();
        assert_eq!((&again.value, again.changes.len()), (&new.value, 0));
        let changed = store
            .user_create(account("n3", "Nina"), "hash", context)
            .await;
        assert_eq!(conflict(changed), USED);

        let context = ada();
        let edit = |name: &'static str, context| async move {
            store
                .user_update(&user("n1"), name, &[Role::Agent], None, 0, context)
                .await
        };
        let first = edit("Nia Nord", context.clone()).await.unwrap();
        store
            .user_update(&user("n1"), "Nia Noll", &[Role::Agent], None, 1, ada())
            .await
            .unwrap();
        let again = edit("Nia Nord", context.clone()).await.unwrap();
        assert_eq!((again.value, again.changes.len()), (first.value, 0));
        assert_eq!(conflict(edit("Nia Nord-Noll", context).await), USED);

        let context = ada();
        let active = |on, context| async move {
            store.user_activate(&user("n1"), on, vec![], context).await
        };
        active(false, context.clone()).await.unwrap();
        active(true, ada()).await.unwrap();
        assert!(
            active(false, context.clone())
                .await
                .unwrap()
                .changes
                .is_empty()
        );
        assert_eq!(conflict(active(true, context).await), USED);
        let users = store.user_list().await.unwrap();
        let nia = users.iter().find(|known| known.id == user("n1")).unwrap();
        assert!(
            nia.active && nia.name == "Nia Noll",
            "what came last counts"
        );
        assert_eq!(users.len(), 8);
    }
}

#[tokio::test]
async fn e03_f04_a_password_that_is_set_twice_under_one_key_is_set_once() {
    for fixture in every().await {
        let store = &fixture.store;
        let set = |hash: &str, key: &CommandKey| {
            store.execute(PasswordSet {
                user: user("ben"),
                hash: hash.to_owned(),
                verified: None,
                except: None,
                session: None,
                context: CommandContext {
                    key: key.clone(),
                    ..fixture.context()
                },
            })
        };
        let (once, later) = (fixture.fresh_key(), fixture.fresh_key());
        set("one", &once).await.unwrap();
        set("two", &later).await.unwrap();
        assert!(set("one", &once).await.unwrap().changes.is_empty());
        let stored = fixture.credentials("ben").await;
        assert_eq!(stored.password_hash, "two");
    }
}

#[tokio::test]
async fn e03_f04_teams_and_channels_that_are_made_twice_under_one_key_are_made_once() {
    for fixture in every().await {
        let store = &fixture.store;
        let ada = || fixture.context_of("ada");

        let context = fixture.context();
        let change = team_change("Night", &["amy"], 0);
        let new = store
            .execute(team_new("t1", change.clone(), context.clone()))
            .await
            .unwrap();
        let again = store
            .execute(team_new("t2", change, context.clone()))
            .await
            .unwrap();
        assert_eq!((&again.value, again.changes.len()), (&new.value, 0));
        let other = team_new("t3", team_change("Day", &["amy"], 0), context);
        assert_eq!(conflict(store.execute(other).await), USED);
        assert_eq!(store.team_list().await.unwrap().len(), 3);

        let context = ada();
        let channel = |key: &str, name: &str| ChatChannel {
            key: ChannelKey::parse(key).unwrap(),
            name: name.to_owned(),
            active: true,
            version: 0,
            heard_at: None,
        };
        let night = team("t1");
        let new = store
            .channel_create(&night, channel("c1", "Night"), context.clone())
            .await
            .unwrap();
        let again = store
            .channel_create(&night, channel("c2", "Night"), context.clone())
            .await
            .unwrap();
        assert_eq!(again.value, new.value);
        let other = store
            .channel_create(&night, channel("c3", "Day"), context)
            .await;
        assert_eq!(conflict(other), USED);
        let context = ada();
        let switch = |on, context| async move {
            let key = ChannelKey::parse("c1").unwrap();
            store.channel_activate(&key, on, context).await
        };
        switch(false, context.clone()).await.unwrap();
        switch(true, ada()).await.unwrap();
        switch(false, context).await.unwrap();
        let teams = store.team_list().await.unwrap();
        let channels = &teams
            .iter()
            .find(|known| known.id == night)
            .unwrap()
            .channels;
        assert_eq!((channels.len(), channels[0].active), (1, true));
    }
}

#[tokio::test]
async fn e03_f04_templates_move_and_go_once() {
    for fixture in every().await {
        let [first, second, third] = [
            fixture.add_template("first", "One").await,
            fixture.add_template("second", "Two").await,
            fixture.add_template("third", "Three").await,
        ];
        moved_once(&fixture, &third).await;
        edited_once(&fixture, first).await;
        deleted_once(&fixture, &second).await;
        created_once(&fixture, second).await;
        assert_eq!(titles(&fixture).await.len(), 3);
    }
}

/// The templates in their order.
async fn titles(fixture: &Fixture) -> Vec<String> {
    let list = fixture.templates(false).await.into_iter();
    list.map(|template| template.title).collect()
}

async fn moved_once(fixture: &Fixture, third: &Template) {
    let context = fixture.context_of("ada");
    let step = |up| {
        let step = moved(&third.id, up, context.clone());
        fixture.store.execute(step)
    };
    step(true).await.unwrap();
    assert!(step(true).await.unwrap().changes.is_empty());
    assert_eq!(titles(fixture).await, ["first", "third", "second"]);
    assert_eq!(conflict(step(false).await), USED);
}

async fn edited_once(fixture: &Fixture, first: Template) {
    let store = &fixture.store;
    let context = fixture.context_of("ada");
    let wanted = Template {
        text: "Uno".to_owned(),
        ..first
    };
    let saved = store
        .execute(updated(wanted.clone(), context.clone()))
        .await
        .unwrap();
    assert_eq!(saved.value.version, 1);
    let later = Template {
        text: "Eins".to_owned(),
        ..saved.value.clone()
    };
    store
        .execute(updated(later, fixture.context_of("ada")))
        .await
        .unwrap();
    let again = store.execute(updated(wanted, context)).await.unwrap();
    assert_eq!((again.value, again.changes.len()), (saved.value, 0));
    let list = fixture.templates(false).await;
    assert_eq!(list[0].text, "Eins");
}

async fn deleted_once(fixture: &Fixture, second: &Template) {
    let delete = |context| {
        let delete = deleted(&second.id, Some(0), context);
        fixture.store.execute(delete)
    };
    let context = fixture.context_of("ada");
    delete(context.clone()).await.unwrap();
    delete(context).await.unwrap();
    not_found(delete(fixture.context_of("ada")).await);
}

async fn created_once(fixture: &Fixture, like: Template) {
    let context = fixture.context_of("ada");
    let create = |id: &str| {
        let id = TemplateId::parse(id).unwrap();
        let template = Template { id, ..like.clone() };
        fixture.store.execute(created(template, context.clone()))
    };
    create("fourth").await.unwrap();
    let again = create("fifth").await.unwrap();
    assert_eq!(again.value.id.as_str(), "fourth");
}

#[tokio::test]
async fn e03_f04_a_late_repeat_of_a_choice_does_not_undo_the_last_one() {
    for fixture in every().await {
        the_last_reaction_stays(&fixture).await;
        the_last_settings_stay(&fixture).await;
        later_sessions_stay(&fixture).await;
    }
}

async fn the_last_reaction_stays(fixture: &Fixture) {
    let chat = fixture.chat_of("amy", "kim").await;
    fixture.monitor(&chat, "sam").await.unwrap();
    let tip = fixture.coach(&chat, "sam", "Be kind.").await;
    let tip = tip.unwrap().value.entry;
    let react = async |reaction, context| {
        fixture
            .react(&chat, "amy", &tip.id, reaction, context)
            .await
            .unwrap()
    };
    let up = fixture.context_of("amy");
    react(Some(Reaction::ThumbsUp), up.clone()).await;
    react(Some(Reaction::ThumbsDown), fixture.context_of("amy")).await;
    assert!(react(Some(Reaction::ThumbsUp), up).await.changes.is_empty());
    let entries = fixture.entries(&chat).await;
    let shown = entries.iter().find_map(|entry| match &entry.body {
        EntryBody::Coaching { reaction, .. } => Some(*reaction),
        _ => None,
    });
    assert_eq!(shown, Some(Some(Reaction::ThumbsDown)));
}

async fn the_last_settings_stay(fixture: &Fixture) {
    let store = &fixture.store;
    let amy = user("amy");
    let (busy, off) = (fixture.context_of("amy"), fixture.context_of("amy"));
    let set = |presence, context| store.execute(presence_set(&amy, presence, context));
    set(Presence::Busy, busy.clone()).await.unwrap();
    let away = fixture.context_of("amy");
    set(Presence::Away, away).await.unwrap();
    set(Presence::Busy, busy).await.unwrap();
    let save = |pop_up, context| store.execute(settings_save(&amy, pop_up, context));
    save(false, off.clone()).await.unwrap();
    save(true, fixture.context_of("amy")).await.unwrap();
    let again = save(false, off).await.unwrap();
    assert!(!again.value.pop_up, "the first answer");
    let settings = fixture.reads.settings_load(&amy).await.unwrap();
    assert_eq!((settings.presence, settings.pop_up), (Presence::Away, true));
    let letters = Switches {
        letter_keys: Some(false),
        ..Switches::default()
    };
    let letters = SettingsSave {
        switches: letters,
        ..settings_save(&amy, false, fixture.context_of("amy"))
    };
    let after = store.execute(letters).await.unwrap().value;
    assert_eq!(
        (after.pop_up, after.letter_keys),
        (true, false),
        "what is not named stays"
    );
}

/// Sessions that began after the first time stay.
async fn later_sessions_stay(fixture: &Fixture) {
    let store = &fixture.store;
    let amy = user("amy");
    let context = fixture.context_of("amy");
    let end = || store.execute(sessions_end(&amy, None, context.clone()));
    end().await.unwrap();
    let begin = beginning("new", &amy, Timestamp(0));
    store.execute(begin).await.unwrap();
    end().await.unwrap();
    assert!(fixture.session("new", Timestamp(1)).await.is_some());
}
