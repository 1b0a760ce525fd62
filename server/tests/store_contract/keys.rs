//! Keys of commands: the first answer however old it is, and nothing else under the same key.

use server::commands::{
    CallRecord, CoachingAppend, CustomerSend, DirectoryAppend, MessageAppend, RequestCreate,
    StateChange, WorkitemClose, WorkitemWrapUp,
};
use server::store::CommandContext;
use shared::assistance::Template;
use shared::error::ConflictCause;
use shared::ids::{DirectoryMessageId, RequestId};
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
        let coaching = CoachingAppend {
            workitem: chat.clone(),
            supervisor: person("sam"),
            entry: fixture.fresh_entry(),
            at: fixture.now(),
            text: CoachingText::parse("Be kind.").unwrap(),
            key: fixture.fresh_key(),
        };
        let coached = store.execute(coaching.clone()).await.unwrap().value;
        let direct = DirectoryAppend {
            id: message_id("dm1"),
            from: person("amy"),
            to: user("ben"),
            text: "Lunch?".to_owned(),
            answers: None,
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        let written = store.execute(direct.clone()).await.unwrap().value;

        // The coaching is liked and forwarded, and more than a thousand other commands come by within the year.
        let entry = &coached.entry.id;
        let reaction = Some(Reaction::ThumbsUp);
        let liked = fixture.react(&chat, "amy", entry, reaction, fixture.context_of("amy"));
        liked.await.unwrap();
        fixture.forward(&chat, entry, "amy").await.unwrap();
        for number in 0..1_100_i64 {
            let context = CommandContext {
                at: Timestamp(number * YEAR / 1_000),
                ..fixture.context_of("ben")
            };
            let presence = [Presence::Busy, Presence::Away][(number % 2) as usize];
            store
                .execute(presence_set(&user("ben"), presence, context))
                .await
                .unwrap();
        }

        let later = Timestamp(2 * YEAR);
        let before = fixture.lines(&chat).await;
        let again = |at| CustomerSend {
            at,
            entry: fixture.fresh_entry(),
            ..arrival.clone()
        };
        let again = store.execute(again(later)).await.unwrap();
        assert_eq!((again.value, again.changes), (arrived, vec![]));
        let repeated = MessageAppend {
            at: later,
            entry: fixture.fresh_entry(),
            ..message
        };
        let again = store.execute(repeated).await.unwrap();
        assert_eq!((again.value, again.changes), (said, vec![]));
        let repeated = CoachingAppend {
            at: later,
            entry: fixture.fresh_entry(),
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
        assert_eq!(fixture.lines(&chat).await, before);
    }
}

#[tokio::test]
async fn s22_a_key_with_other_words_or_another_place_is_refused() {
    for fixture in every().await {
        let store = &fixture.store;
        let (chat, other) = (
            fixture.chat_of("amy", "kim").await,
            fixture.chat_of("amy", "lou").await,
        );
        for chat in [&chat, &other] {
            fixture.monitor(chat, "sam").await.unwrap();
        }
        let count = async || {
            (
                fixture.lines(&chat).await.len(),
                fixture.lines(&other).await.len(),
            )
        };

        let message = fixture.answer(&chat, "amy", "Hello.");
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
            ..fixture.state_change(&chat, "amy")
        };
        assert_eq!(conflict(store.execute(WorkitemWrapUp(kind)).await), USED);
        assert_eq!(count().await, before);

        let coaching = CoachingAppend {
            workitem: chat.clone(),
            supervisor: person("sam"),
            entry: fixture.fresh_entry(),
            at: fixture.now(),
            text: CoachingText::parse("Be kind.").unwrap(),
            key: fixture.fresh_key(),
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

        let arrival = fixture.customer_send("kim", "More.");
        store.execute(arrival.clone()).await.unwrap();
        let words = CustomerSend {
            text: said("Less."),
            ..arrival
        };
        assert_eq!(conflict(store.execute(words).await), USED);
        let key = fixture.fresh_key();
        let say = |text, entry| fixture.customer_answers(&chat, text, entry, key.clone());
        refused_when_changed!(
            say("One", fixture.fresh_entry()),
            say("Two", fixture.fresh_entry())
        );

        let direct = |to: &str, text: &str| DirectoryAppend {
            id: message_id(&format!("d-{to}")),
            from: person("amy"),
            to: user(to),
            text: text.to_owned(),
            answers: None,
            at: fixture.now(),
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
        let with_cleo = fixture
            .directory_page(&user("amy"), &user("cleo"), None)
            .await;
        assert_eq!(with_cleo.unwrap().messages.len(), 0);
    }
}

#[tokio::test]
async fn s22_a_key_moves_work_to_one_place_only() {
    for fixture in every().await {
        let store = &fixture.store;
        let (chat, other) = (
            fixture.chat_of("amy", "kim").await,
            fixture.chat_of("amy", "lou").await,
        );
        let change = fixture.state_change(&chat, "amy");
        let to_ben = handed(TransferTo::Agent(user("ben")));
        fixture
            .transfer(change.clone(), to_ben.clone())
            .await
            .unwrap();
        let again = fixture.transfer(change.clone(), to_ben).await.unwrap();
        assert!(again.changes.is_empty(), "although amy has it no longer");
        let to_cleo = handed(TransferTo::Agent(user("cleo")));
        assert_eq!(
            conflict(fixture.transfer(change.clone(), to_cleo).await),
            USED
        );
        assert_eq!(fixture.workitem(&chat).await.agent.unwrap().id, user("ben"));

        let change = fixture.state_change(&other, "amy");
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

        let key = fixture.fresh_key();
        let call = |number: &str, workitem| {
            store.execute(CallRecord {
                agent: person("amy"),
                number: number.to_owned(),
                workitem,
                entry: fixture.fresh_entry(),
                at: fixture.now(),
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
        let open = fixture.reads.agent_workitems(&user("amy")).await.unwrap();
        assert_eq!(open.len(), 2, "the other chat and one call");

        let template = fixture.add_template("help", "Please help me.").await;
        let second = fixture.add_template("more", "Once more.").await;
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
        assert_eq!(fixture.requests_to("sam").await.len(), 1);
    }
}

fn key_of_ask() -> shared::ids::CommandKey {
    key("ask")
}
