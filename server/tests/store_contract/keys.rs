//! Keys of commands: the first answer however old it is, and nothing else under the same key.

use server::commands::{
    CallRecord, CoachingAppend, CustomerSend, DirectoryAppend, MessageAppend, MessageContent,
    RequestCreate, StateChange, WorkitemClose, WorkitemWrapUp,
};
use server::store::CommandContext;
use shared::assistance::Template;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, DirectoryMessageId, EntryId, RequestId, WorkitemId};
use shared::people::Presence;
use shared::text::CoachingText;
use shared::time::Timestamp;
use shared::transcript::Reaction;
use shared::workitem::TransferTo;

use crate::fixtures::*;
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

/// Sam's advice in a chat, under a key of its own.
fn advice(fixture: &Fixture, chat: &WorkitemId) -> CoachingAppend {
    CoachingAppend {
        workitem: chat.clone(),
        supervisor: person("sam"),
        entry: fixture.fresh_entry(),
        at: fixture.now(),
        text: CoachingText::parse("Be kind.").unwrap(),
        agent: None,
        key: fixture.fresh_key(),
    }
}

/// Amy's direct message to somebody.
fn direct(fixture: &Fixture, id: &str, to: &str, text: &str, key: CommandKey) -> DirectoryAppend {
    DirectoryAppend {
        id: message_id(id),
        from: person("amy"),
        to: user(to),
        text: text.to_owned(),
        answers: None,
        at: fixture.now(),
        key,
    }
}

/// The same command, long after.
macro_rules! repeated {
    ($fixture:ident, $command:expr) => {{
        let mut command = $command;
        command.at = Timestamp(2 * YEAR);
        command.entry = $fixture.fresh_entry();
        let again = $fixture.store.execute(command).await.unwrap();
        (again.value, again.changes)
    }};
}

#[tokio::test]
async fn e02_f03_a_key_gives_the_first_answer_after_a_year_of_others() {
    for fixture in every().await {
        let store = &fixture.store;
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.monitor(&chat, "sam").await.unwrap();
        let arrival = fixture.customer_send("lou", "Hello?");
        let arrived = store.execute(arrival.clone()).await.unwrap().value;
        let message = fixture.answer(&chat, "amy", "Hello.");
        let said = store.execute(message.clone()).await.unwrap().value;
        let coaching = advice(&fixture, &chat);
        let coached = store.execute(coaching.clone()).await.unwrap().value;
        let lunch = direct(&fixture, "dm1", "ben", "Lunch?", fixture.fresh_key());
        let written = store.execute(lunch.clone()).await.unwrap().value;

        a_year_goes_by(&fixture, &chat, &coached.entry.id).await;

        let before = fixture.lines(&chat).await;
        assert_eq!(repeated!(fixture, arrival), (arrived, vec![]));
        assert_eq!(repeated!(fixture, message), (said, vec![]));
        let again = repeated!(fixture, coaching);
        assert_eq!(again, (coached, vec![]), "as it was when it was said");
        let lunch = DirectoryAppend {
            at: Timestamp(2 * YEAR),
            id: message_id("dm2"),
            ..lunch
        };
        let again = store.execute(lunch).await.unwrap();
        assert_eq!((again.value, again.changes), (written, vec![]));
        assert_eq!(fixture.lines(&chat).await, before);
    }
}

/// The coaching is seen, liked and forwarded, and more than a thousand other commands come by within the year.
async fn a_year_goes_by(fixture: &Fixture, chat: &WorkitemId, coaching: &EntryId) {
    let seen = fixture.read(chat, "amy", i64::MAX, Timestamp(7));
    seen.await.unwrap();
    let reaction = Some(Reaction::ThumbsUp);
    let liked = fixture.react(chat, "amy", coaching, reaction, fixture.context_of("amy"));
    liked.await.unwrap();
    fixture.forward(chat, coaching, "amy").await.unwrap();
    for number in 0..1_100_i64 {
        let context = CommandContext {
            at: Timestamp(number * YEAR / 1_000),
            ..fixture.context_of("ben")
        };
        let presence = [Presence::Busy, Presence::Away][(number % 2) as usize];
        let set = presence_set(&user("ben"), presence, context);
        fixture.store.execute(set).await.unwrap();
    }
}

/// Two chats of amy's, both watched by sam.
async fn two_chats(fixture: &Fixture) -> [WorkitemId; 2] {
    let chats = [
        fixture.chat_of("amy", "kim").await,
        fixture.chat_of("amy", "lou").await,
    ];
    for chat in &chats {
        fixture.monitor(chat, "sam").await.unwrap();
    }
    chats
}

/// How much stands in each of two chats.
async fn count(fixture: &Fixture, chats: &[WorkitemId; 2]) -> (usize, usize) {
    let [chat, other] = chats;
    let lines = fixture.lines(chat).await.len();
    (lines, fixture.lines(other).await.len())
}

#[tokio::test]
async fn s22_a_key_with_other_words_or_another_place_is_refused() {
    for fixture in every().await {
        let chats = two_chats(&fixture).await;
        an_agents_key_is_refused(&fixture, &chats).await;
        a_supervisors_key_is_refused(&fixture, &chats).await;
        // A key belongs to its sender: the customer's is amy's as well.
        let key = fixture.fresh_key();
        a_customers_key_is_refused(&fixture, &chats[0], &key).await;
        a_key_of_the_directory_is_refused(&fixture, &key).await;
    }
}

async fn an_agents_key_is_refused(fixture: &Fixture, chats: &[WorkitemId; 2]) {
    let store = &fixture.store;
    let [chat, other] = chats;
    let message = fixture.answer(chat, "amy", "Hello.");
    store.execute(message.clone()).await.unwrap();
    let before = count(fixture, chats).await;
    let words = MessageAppend {
        content: MessageContent::text(said("Bye.")),
        ..message.clone()
    };
    assert_eq!(conflict(store.execute(words).await), USED);
    let place = MessageAppend {
        workitem: other.clone(),
        ..message.clone()
    };
    assert_eq!(conflict(store.execute(place).await), USED);
    let kind = StateChange {
        key: message.key,
        ..fixture.state_change(chat, "amy")
    };
    assert_eq!(conflict(store.execute(WorkitemWrapUp(kind)).await), USED);
    assert_eq!(count(fixture, chats).await, before);
}

async fn a_supervisors_key_is_refused(fixture: &Fixture, chats: &[WorkitemId; 2]) {
    let store = &fixture.store;
    let [chat, other] = chats;
    let coaching = advice(fixture, chat);
    store.execute(coaching.clone()).await.unwrap();
    let before = count(fixture, chats).await;
    let words = CoachingAppend {
        text: CoachingText::parse("Be quick.").unwrap(),
        ..coaching.clone()
    };
    assert_eq!(conflict(store.execute(words).await), USED);
    let place = CoachingAppend {
        workitem: other.clone(),
        ..coaching
    };
    assert_eq!(conflict(store.execute(place).await), USED);
    assert_eq!(count(fixture, chats).await, before);
}

async fn a_customers_key_is_refused(fixture: &Fixture, chat: &WorkitemId, key: &CommandKey) {
    let store = &fixture.store;
    let arrival = fixture.customer_send("kim", "More.");
    store.execute(arrival.clone()).await.unwrap();
    let words = CustomerSend {
        content: MessageContent::text(said("Less.")),
        ..arrival
    };
    assert_eq!(conflict(store.execute(words).await), USED);
    let say = |text, entry| fixture.customer_answers(chat, text, entry, key.clone());
    refused_when_changed!(
        say("One", fixture.fresh_entry()),
        say("Two", fixture.fresh_entry())
    );
}

async fn a_key_of_the_directory_is_refused(fixture: &Fixture, key: &CommandKey) {
    let store = &fixture.store;
    let write = |to: &str, text: &str| {
        let id = format!("d-{to}");
        store.execute(direct(fixture, &id, to, text, key.clone()))
    };
    refused_when_changed!(write("ben", "Lunch?"), write("ben", "Dinner?"));
    assert_eq!(conflict(write("cleo", "Lunch?").await), USED);
    let with_cleo = fixture
        .directory_page(&user("amy"), &user("cleo"), None)
        .await;
    assert_eq!(with_cleo.unwrap().messages.len(), 0);
}

#[tokio::test]
async fn s22_a_key_moves_work_to_one_place_only() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let other = fixture.chat_of("amy", "lou").await;
        one_transfer(&fixture, &chat).await;
        one_wrap_up(&fixture, &other, &chat).await;
        one_call(&fixture).await;
        one_request(&fixture).await;
    }
}

async fn one_transfer(fixture: &Fixture, chat: &WorkitemId) {
    let change = fixture.state_change(chat, "amy");
    let to_ben = handed(TransferTo::Agent(user("ben")));
    fixture
        .transfer(change.clone(), to_ben.clone())
        .await
        .unwrap();
    let again = fixture.transfer(change.clone(), to_ben).await.unwrap();
    assert!(again.changes.is_empty(), "although amy has it no longer");
    let to_cleo = handed(TransferTo::Agent(user("cleo")));
    assert_eq!(conflict(fixture.transfer(change, to_cleo).await), USED);
    assert_eq!(fixture.workitem(chat).await.agent.unwrap().id, user("ben"));
}

async fn one_wrap_up(fixture: &Fixture, chat: &WorkitemId, other: &WorkitemId) {
    let store = &fixture.store;
    let change = fixture.state_change(chat, "amy");
    store.execute(WorkitemWrapUp(change.clone())).await.unwrap();
    let elsewhere = StateChange {
        workitem: other.clone(),
        ..change.clone()
    };
    assert_eq!(
        conflict(store.execute(WorkitemWrapUp(elsewhere)).await),
        USED
    );
    assert_eq!(conflict(store.execute(WorkitemClose(change)).await), USED);
}

async fn one_call(fixture: &Fixture) {
    let key = fixture.fresh_key();
    let call = |number: &str, workitem| {
        fixture.store.execute(CallRecord {
            agent: person("amy"),
            number: number.to_owned(),
            workitem,
            entry: fixture.fresh_entry(),
            at: fixture.now(),
            key: key.clone(),
        })
    };
    let id = |text: &str| WorkitemId::parse(text).unwrap();
    refused_when_changed!(
        call("+4912345", id("call-1")),
        call("+4954321", id("call-2"))
    );
    let again = call("+4912345", id("call-3")).await.unwrap();
    assert_eq!(again.value, id("call-1"));
    let open = fixture
        .reads
        .view()
        .agent_workitems(&user("amy"))
        .await
        .unwrap();
    assert_eq!(open.len(), 2, "the other chat and one call");
}

async fn one_request(fixture: &Fixture) {
    let store = &fixture.store;
    let template = fixture.add_template("help", "Please help me.").await;
    let second = fixture.add_template("more", "Once more.").await;
    let ask = |template: &Template| {
        store.execute(RequestCreate {
            request: RequestId::parse("r-1").unwrap(),
            agent: person("amy"),
            template: template.id.clone(),
            choice: "all_signed_in",
            named: None,
            recipients: vec![(person("sam"), message_id("d-r-1"))],
            workitem: None,
            text: None,
            at: Timestamp(1),
            key: key("ask"),
        })
    };
    refused_when_changed!(ask(&template), ask(&second));
    assert!(ask(&template).await.unwrap().changes.is_empty());
    assert_eq!(fixture.requests_to("sam").await.len(), 1);
}
