//! Keys of commands: the first answer however old it is, and nothing else under the same key.

use server::commands::{
    CallRecord, CoachingAppend, CustomerSend, DirectoryAppend, MessageAppend, PasswordSet,
    RequestCreate, StateChange, TeamSave, TemplateCreate, TemplateDelete, TemplateMove,
    TemplateUpdate, WorkitemClose, WorkitemWrapUp,
};
use server::store::{CommandContext, StoreError};
use shared::admin::{ChatChannel, TeamChange, UserAccount};
use shared::assistance::Template;
use shared::error::{ConflictCause, Difference};
use shared::ids::{ChannelKey, CommandKey, DirectoryMessageId, RequestId, TemplateId, UserId};
use shared::people::{Presence, Role};
use shared::text::CoachingText;
use shared::time::Timestamp;
use shared::transcript::{EntryBody, Reaction};
use shared::workitem::TransferTo;

use crate::administration_commands::Administration;
use crate::house::*;
use crate::words::*;

const YEAR: i64 = 365 * 24 * 3_600 * 1_000_000;
const USED: ConflictCause = ConflictCause::KeyReused;

fn message_id(id: &str) -> DirectoryMessageId {
    DirectoryMessageId::parse(id).unwrap()
}

/// Two commands that belong together: they differ in what one of them says.
macro_rules! refused_when_changed {
    ($first:expr, $changed:expr) => {
        $first.await.unwrap();
        assert_eq!(conflict($changed.await), USED);
    };
}

#[tokio::test]
async fn e02_f03_a_key_gives_the_first_answer_after_a_year_of_others() {
    for house in every().await {
        let store = &house.store;
        let chat = house.chat_of("amy", "kim").await;
        house.monitor(&chat, "sam").await.unwrap();
        let arrival = house.customer_send("lou", "Hello?");
        let arrived = store.execute(arrival.clone()).await.unwrap().value;
        let message = house.answer(&chat, "amy", "Hello.");
        let said = store.execute(message.clone()).await.unwrap().value;
        let coaching = CoachingAppend {
            workitem: chat.clone(),
            supervisor: person("sam"),
            entry: house.fresh_entry(),
            at: house.now(),
            text: CoachingText::parse("Be kind.").unwrap(),
            key: house.fresh_key(),
        };
        let coached = store.execute(coaching.clone()).await.unwrap().value;
        let direct = DirectoryAppend {
            id: message_id("dm1"),
            from: person("amy"),
            to: user("ben"),
            text: "Lunch?".to_owned(),
            answers: None,
            at: house.now(),
            key: house.fresh_key(),
        };
        let written = store.execute(direct.clone()).await.unwrap().value;

        // The coaching is liked and forwarded, and more than a thousand other commands come by within the year.
        let entry = &coached.entry.id;
        let reaction = Some(Reaction::ThumbsUp);
        let liked = house.react(&chat, "amy", entry, reaction, house.context_of("amy"));
        liked.await.unwrap();
        house.forward(&chat, entry, "amy").await.unwrap();
        for number in 0..1_100_i64 {
            let context = CommandContext {
                at: Timestamp(number * YEAR / 1_000),
                ..house.context_of("ben")
            };
            let presence = [Presence::Busy, Presence::Away][(number % 2) as usize];
            store
                .execute(presence_set(&user("ben"), presence, context))
                .await
                .unwrap();
        }

        let later = Timestamp(2 * YEAR);
        let before = house.lines(&chat).await;
        let again = |at| CustomerSend {
            at,
            entry: house.fresh_entry(),
            ..arrival.clone()
        };
        let again = store.execute(again(later)).await.unwrap();
        assert_eq!((again.value, again.changes), (arrived, vec![]));
        let repeated = MessageAppend {
            at: later,
            entry: house.fresh_entry(),
            ..message
        };
        let again = store.execute(repeated).await.unwrap();
        assert_eq!((again.value, again.changes), (said, vec![]));
        let repeated = CoachingAppend {
            at: later,
            entry: house.fresh_entry(),
            ..coaching
        };
        let again = store.execute(repeated).await.unwrap();
        assert_eq!(
            (again.value, again.changes),
            (coached, vec![]),
            "as it was when it was said"
        );
        let repeated = DirectoryAppend {
            at: later,
            id: message_id("dm2"),
            ..direct
        };
        let again = store.execute(repeated).await.unwrap();
        assert_eq!((again.value, again.changes), (written, vec![]));
        assert_eq!(house.lines(&chat).await, before);
    }
}

#[tokio::test]
async fn s22_a_key_with_other_words_or_another_place_is_refused() {
    for house in every().await {
        let store = &house.store;
        let (chat, other) = (
            house.chat_of("amy", "kim").await,
            house.chat_of("amy", "lou").await,
        );
        for chat in [&chat, &other] {
            house.monitor(chat, "sam").await.unwrap();
        }
        let count = async || {
            (
                house.lines(&chat).await.len(),
                house.lines(&other).await.len(),
            )
        };

        let message = house.answer(&chat, "amy", "Hello.");
        store.execute(message.clone()).await.unwrap();
        let before = count().await;
        let words = MessageAppend {
            text: said("Bye."),
            ..message.clone()
        };
        assert_eq!(conflict(store.execute(words).await), USED);
        let place = MessageAppend {
            workitem: other.clone(),
            ..message.clone()
        };
        assert_eq!(conflict(store.execute(place).await), USED);
        let kind = StateChange {
            key: message.key.clone(),
            ..house.state_change(&chat, "amy")
        };
        assert_eq!(conflict(store.execute(WorkitemWrapUp(kind)).await), USED);
        assert_eq!(count().await, before);

        let coaching = CoachingAppend {
            workitem: chat.clone(),
            supervisor: person("sam"),
            entry: house.fresh_entry(),
            at: house.now(),
            text: CoachingText::parse("Be kind.").unwrap(),
            key: house.fresh_key(),
        };
        store.execute(coaching.clone()).await.unwrap();
        let before = count().await;
        let words = CoachingText::parse("Be quick.").unwrap();
        let words = CoachingAppend {
            text: words,
            ..coaching.clone()
        };
        assert_eq!(conflict(store.execute(words).await), USED);
        let place = CoachingAppend {
            workitem: other.clone(),
            ..coaching
        };
        assert_eq!(conflict(store.execute(place).await), USED);
        assert_eq!(count().await, before);

        let arrival = house.customer_send("kim", "More.");
        store.execute(arrival.clone()).await.unwrap();
        let words = CustomerSend {
            text: said("Less."),
            ..arrival
        };
        assert_eq!(conflict(store.execute(words).await), USED);
        let key = house.fresh_key();
        let say = |text, entry| house.customer_answers(&chat, text, entry, key.clone());
        refused_when_changed!(
            say("One", house.fresh_entry()),
            say("Two", house.fresh_entry())
        );

        let direct = |to: &str, text: &str| DirectoryAppend {
            id: message_id(&format!("d-{to}")),
            from: person("amy"),
            to: user(to),
            text: text.to_owned(),
            answers: None,
            at: house.now(),
            key: key.clone(),
        };
        refused_when_changed!(
            store.execute(direct("ben", "Lunch?")),
            store.execute(direct("ben", "Dinner?"))
        );
        assert_eq!(
            conflict(store.execute(direct("cleo", "Lunch?")).await),
            USED
        );
        let with_cleo = house
            .directory_page(&user("amy"), &user("cleo"), None)
            .await;
        assert_eq!(with_cleo.unwrap().messages.len(), 0);
    }
}

#[tokio::test]
async fn s22_a_key_moves_work_to_one_place_only() {
    for house in every().await {
        let store = &house.store;
        let (chat, other) = (
            house.chat_of("amy", "kim").await,
            house.chat_of("amy", "lou").await,
        );
        let change = house.state_change(&chat, "amy");
        let to_ben = handed(TransferTo::Agent(user("ben")));
        house
            .transfer(change.clone(), to_ben.clone())
            .await
            .unwrap();
        let again = house.transfer(change.clone(), to_ben).await.unwrap();
        assert!(again.changes.is_empty(), "although amy has it no longer");
        let to_cleo = handed(TransferTo::Agent(user("cleo")));
        assert_eq!(
            conflict(house.transfer(change.clone(), to_cleo).await),
            USED
        );
        assert_eq!(house.workitem(&chat).await.agent.unwrap().id, user("ben"));

        let change = house.state_change(&other, "amy");
        store.execute(WorkitemWrapUp(change.clone())).await.unwrap();
        let elsewhere = StateChange {
            workitem: chat.clone(),
            ..change.clone()
        };
        assert_eq!(
            conflict(store.execute(WorkitemWrapUp(elsewhere)).await),
            USED
        );
        assert_eq!(conflict(store.execute(WorkitemClose(change)).await), USED);

        let key = house.fresh_key();
        let call = |number: &str, workitem| {
            store.execute(CallRecord {
                agent: person("amy"),
                number: number.to_owned(),
                workitem,
                entry: house.fresh_entry(),
                at: house.now(),
                key: key.clone(),
            })
        };
        let id = |text: &str| shared::ids::WorkitemId::parse(text).unwrap();
        refused_when_changed!(
            call("+4912345", id("call-1")),
            call("+4954321", id("call-2"))
        );
        let again = call("+4912345", id("call-3")).await.unwrap();
        assert_eq!(again.value, id("call-1"));
        let open = house.reads.agent_workitems(&user("amy")).await.unwrap();
        assert_eq!(open.len(), 2, "the other chat and one call");

        let template = house.add_template("help", "Please help me.").await;
        let second = house.add_template("more", "Once more.").await;
        let ask = |template: &Template| RequestCreate {
            request: RequestId::parse("r-1").unwrap(),
            agent: person("amy"),
            template: template.id.clone(),
            choice: "all_signed_in",
            named: None,
            recipients: vec![(person("sam"), message_id("d-r-1"))],
            workitem: None,
            text: None,
            at: Timestamp(1),
            key: key_of_ask(),
        };
        refused_when_changed!(store.execute(ask(&template)), store.execute(ask(&second)));
        assert!(
            store
                .execute(ask(&template))
                .await
                .unwrap()
                .changes
                .is_empty()
        );
        assert_eq!(house.requests_to("sam").await.len(), 1);
    }
}

fn key_of_ask() -> shared::ids::CommandKey {
    key("ask")
}

fn account(id: &str, name: &str) -> UserAccount {
    UserAccount {
        id: user(id),
        username: "newcomer".to_owned(),
        name: name.to_owned(),
        roles: vec![Role::Agent],
        active: true,
        version: 0,
        capacity: None,
    }
}

fn team_change(name: &str, members: &[&str], version: i64) -> TeamChange {
    TeamChange {
        name: name.to_owned(),
        members: members.iter().map(|id| user(id)).collect(),
        supervisors: vec![user("sam")],
        version,
    }
}

fn team_new(id: &str, change: TeamChange, context: CommandContext) -> TeamSave {
    TeamSave {
        team: team(id),
        create: true,
        change,
        context,
    }
}

fn team_edit(change: TeamChange, context: CommandContext) -> TeamSave {
    TeamSave {
        team: team("care"),
        create: false,
        change,
        context,
    }
}

#[tokio::test]
async fn e03_f04_what_an_administrator_does_twice_under_one_key_is_done_once() {
    for house in every().await {
        let store = &house.store;
        let ada = || house.context_of("ada");

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

        let set = |hash: &str, key: &CommandKey| {
            store.execute(PasswordSet {
                user: user("n1"),
                hash: hash.to_owned(),
                by: user("ada"),
                verified: None,
                except: None,
                at: house.now(),
                key: key.clone(),
            })
        };
        let (once, later) = (house.fresh_key(), house.fresh_key());
        set("one", &once).await.unwrap();
        set("two", &later).await.unwrap();
        assert!(set("one", &once).await.unwrap().changes.is_empty());
        let stored = store
            .snapshot()
            .await
            .unwrap()
            .credentials_find("newcomer")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(stored.password_hash, "two");

        let context = ada();
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

fn created(template: Template, context: CommandContext) -> TemplateCreate {
    TemplateCreate { template, context }
}

fn updated(template: Template, context: CommandContext) -> TemplateUpdate {
    TemplateUpdate { template, context }
}

fn moved(template: &TemplateId, up: bool, context: CommandContext) -> TemplateMove {
    TemplateMove {
        template: template.clone(),
        up,
        context,
    }
}

fn deleted(template: &TemplateId, version: Option<i64>, context: CommandContext) -> TemplateDelete {
    TemplateDelete {
        template: template.clone(),
        version,
        context,
    }
}

#[tokio::test]
async fn e03_f04_templates_move_and_go_once() {
    for house in every().await {
        let store = &house.store;
        let [first, second, third] = [
            house.add_template("first", "One").await,
            house.add_template("second", "Two").await,
            house.add_template("third", "Three").await,
        ];
        let order = async || {
            let list = house.templates(false).await;
            list.into_iter()
                .map(|template| template.title)
                .collect::<Vec<_>>()
        };
        let context = house.context_of("ada");
        store
            .execute(moved(&third.id, true, context.clone()))
            .await
            .unwrap();
        let again = store
            .execute(moved(&third.id, true, context.clone()))
            .await
            .unwrap();
        assert!(again.changes.is_empty());
        assert_eq!(order().await, ["first", "third", "second"]);
        assert_eq!(
            conflict(store.execute(moved(&third.id, false, context)).await),
            USED
        );

        let context = house.context_of("ada");
        let wanted = Template {
            text: "Uno".to_owned(),
            ..first.clone()
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
            .execute(updated(later, house.context_of("ada")))
            .await
            .unwrap();
        let again = store.execute(updated(wanted, context)).await.unwrap();
        assert_eq!((again.value, again.changes.len()), (saved.value, 0));
        let list = house.templates(false).await;
        assert_eq!(list[0].text, "Eins");

        let context = house.context_of("ada");
        store
            .execute(deleted(&second.id, Some(0), context.clone()))
            .await
            .unwrap();
        store
            .execute(deleted(&second.id, Some(0), context))
            .await
            .unwrap();
        not_found(
            store
                .execute(deleted(&second.id, Some(0), house.context_of("ada")))
                .await,
        );
        let new = Template {
            id: TemplateId::parse("fourth").unwrap(),
            ..second
        };
        let context = house.context_of("ada");
        store
            .execute(created(new.clone(), context.clone()))
            .await
            .unwrap();
        let again = Template {
            id: TemplateId::parse("fifth").unwrap(),
            ..new
        };
        let again = store.execute(created(again, context)).await.unwrap();
        assert_eq!(again.value.id.as_str(), "fourth");
        assert_eq!(order().await.len(), 3);
    }
}

#[tokio::test]
async fn e03_f04_a_late_repeat_of_a_choice_does_not_undo_the_last_one() {
    for house in every().await {
        let store = &house.store;
        let amy = user("amy");
        let chat = house.chat_of("amy", "kim").await;
        house.monitor(&chat, "sam").await.unwrap();
        let tip = house
            .coach(&chat, "sam", "Be kind.")
            .await
            .unwrap()
            .value
            .entry;
        let react = async |reaction, context| {
            house
                .react(&chat, "amy", &tip.id, reaction, context)
                .await
                .unwrap()
        };
        let up = house.context_of("amy");
        react(Some(Reaction::ThumbsUp), up.clone()).await;
        react(Some(Reaction::ThumbsDown), house.context_of("amy")).await;
        assert!(react(Some(Reaction::ThumbsUp), up).await.changes.is_empty());
        let entries = house.entries(&chat).await;
        let shown = entries.iter().find_map(|entry| match &entry.body {
            EntryBody::Coaching { reaction, .. } => Some(*reaction),
            _ => None,
        });
        assert_eq!(shown, Some(Some(Reaction::ThumbsDown)));

        let (busy, off) = (house.context_of("amy"), house.context_of("amy"));
        store
            .execute(presence_set(&amy, Presence::Busy, busy.clone()))
            .await
            .unwrap();
        store
            .execute(presence_set(&amy, Presence::Away, house.context_of("amy")))
            .await
            .unwrap();
        store
            .execute(presence_set(&amy, Presence::Busy, busy))
            .await
            .unwrap();
        store
            .execute(settings_save(&amy, false, off.clone()))
            .await
            .unwrap();
        store
            .execute(settings_save(&amy, true, house.context_of("amy")))
            .await
            .unwrap();
        let again = store
            .execute(settings_save(&amy, false, off))
            .await
            .unwrap();
        assert!(!again.value.pop_up, "the first answer");
        let settings = house.reads.settings_load(&amy).await.unwrap();
        assert_eq!((settings.presence, settings.pop_up), (Presence::Away, true));

        // Sessions that began after the first time stay.
        let context = house.context_of("amy");
        store
            .execute(sessions_end(&amy, None, context.clone()))
            .await
            .unwrap();
        let begin = beginning("new", &amy, Timestamp(0));
        store.execute(begin).await.unwrap();
        store
            .execute(sessions_end(&amy, None, context))
            .await
            .unwrap();
        assert!(
            house
                .reads
                .session_find("new", Timestamp(1))
                .await
                .unwrap()
                .is_some()
        );
    }
}

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
    for house in every().await {
        let store = &house.store;
        let (ada, sam) = (|| house.context_of("ada"), || house.context());
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

        let template = house.add_template("help", "Please help.").await;
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
        let gone = store.execute(deleted(&template.id, Some(0), sam())).await;
        let by = Some("Ada Almond".to_owned());
        let not_deleted = ConflictCause::EditedMeanwhile {
            by,
            now: Vec::new(),
            deleting: true,
        };
        assert_eq!(conflict(gone), not_deleted);
        let list = house.templates(false).await;
        assert_eq!(list[0].text, "Help me, please.");
        store
            .execute(deleted(&template.id, Some(1), sam()))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn e03_only_those_who_may_do_what_administrators_do() {
    for house in every().await {
        let store = &house.store;
        let amy = || house.context_of("amy");
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
        let template = house.add_template("help", "Please help.").await;
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
