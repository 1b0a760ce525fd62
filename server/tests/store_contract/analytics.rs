//! Figures of conversations and requests, worked out by hand.

use server::commands::{
    CustomerEnd, RequestWithdraw, StateChange, WorkitemAssign, WorkitemClose, WorkitemImport,
    WorkitemReopen, WorkitemWrapUp,
};
use server::store::rows::{ConversationMeasure, Counted};
use shared::assistance::SettledHow;
use shared::ids::{TeamId, WorkitemId};
use shared::time::Timestamp;
use shared::workitem::{Channel, TransferTo};

use crate::fixtures::*;
use crate::postgres_databases::connect;
use crate::words::*;

pub fn second(second: i64) -> Timestamp {
    Timestamp(second * 1_000_000)
}

/// What is counted of these teams until a second.
fn counted(teams: &[&str], until: i64) -> Counted {
    Counted {
        teams: teams.iter().map(|id| team(id)).collect(),
        from: Timestamp(0),
        until: second(until),
    }
}

/// A workitem that began with the first of these messages: `true` is the customer. An agent has it since a second, or it waits.
pub async fn import(
    fixture: &Fixture,
    (id, channel): (&str, Channel),
    given: Option<(&str, i64)>,
    messages: &[(bool, i64)],
) -> WorkitemId {
    let id = WorkitemId::parse(id).unwrap();
    let import = WorkitemImport {
        id: id.clone(),
        channel,
        customer: "Kim Kunde".to_owned(),
        subject: id.to_string(),
        team: team("care"),
        agent: given.map(|(agent, _)| user(agent)),
        started_at: second(messages[0].1),
        given_at: given.map(|(_, at)| second(at)),
        messages: messages
            .iter()
            .map(|(by_customer, at)| (*by_customer, second(*at), said("Hello")))
            .collect(),
        carried: None,
    };
    fixture.store.execute(import).await.unwrap();
    id
}

async fn assign(fixture: &Fixture, workitem: &WorkitemId, agent: &str, at: i64) {
    let assign = WorkitemAssign {
        workitem: workitem.clone(),
        agent: user(agent),
        entry: fixture.fresh_entry(),
        at: second(at),
    };
    fixture.store.execute(assign).await.unwrap();
}

/// What an agent does at a second.
pub fn change_at(fixture: &Fixture, workitem: &WorkitemId, agent: &str, at: i64) -> StateChange {
    StateChange {
        at: second(at),
        ..fixture.state_change(workitem, agent)
    }
}

pub async fn wrap_up(fixture: &Fixture, workitem: &WorkitemId, agent: &str, at: i64) {
    let change = change_at(fixture, workitem, agent, at);
    fixture.store.execute(WorkitemWrapUp(change)).await.unwrap();
}

pub async fn close(fixture: &Fixture, workitem: &WorkitemId, agent: &str, at: i64) {
    let change = change_at(fixture, workitem, agent, at);
    fixture.store.execute(WorkitemClose(change)).await.unwrap();
}

/// Waits for 40 seconds, is given to amy, goes back into the queue and to ben, who ends it twice.
async fn handed_on(fixture: &Fixture) {
    let queued = import(fixture, ("queued", Channel::Email), None, &[(true, 1_000)]).await;
    assign(fixture, &queued, "amy", 1_040).await;
    let back = change_at(fixture, &queued, "amy", 1_100);
    let to_care = handed(TransferTo::Team(team("care")));
    fixture.transfer(back, to_care).await.unwrap();
    assign(fixture, &queued, "ben", 1_160).await;
    wrap_up(fixture, &queued, "ben", 1_200).await;
    let again = change_at(fixture, &queued, "ben", 1_260);
    fixture.store.execute(WorkitemReopen(again)).await.unwrap();
    wrap_up(fixture, &queued, "ben", 1_300).await;
    close(fixture, &queued, "ben", 1_340).await;
}

/// The customer leaves before anybody was given the chat.
async fn given_up(fixture: &Fixture) {
    fixture.customer_says("lou", "Hello?").await;
    let end = CustomerEnd {
        channel: channel(),
        visitor: "lou".to_owned(),
        entry: fixture.fresh_entry(),
        at: fixture.now(),
        key: fixture.fresh_key(),
    };
    fixture.store.execute(end).await.unwrap();
}

#[tokio::test]
async fn waiting_ends_when_an_agent_is_first_given_it_and_handling_goes_from_there_to_the_closing()
{
    for fixture in every().await {
        let (customer, agent) = (true, false);
        given_up(&fixture).await;
        handed_on(&fixture).await;
        let answered = [(customer, 2_000), (agent, 2_030)];
        // Nobody is given anything before it begins.
        let at_once = ("at-once", Channel::Email);
        let at_once = import(&fixture, at_once, Some(("amy", 1_990)), &answered).await;
        wrap_up(&fixture, &at_once, "amy", 2_050).await;
        close(&fixture, &at_once, "amy", 2_110).await;
        let messages = [(customer, 3_000), (agent, 3_007), (customer, 6_705)];
        let long = ("long", Channel::Sms);
        let long = import(&fixture, long, Some(("amy", 3_005)), &messages).await;
        wrap_up(&fixture, &long, "amy", 6_705).await;
        close(&fixture, &long, "amy", 6_710).await;
        let messages = [(customer, 5_000), (agent, 5_060)];
        let open = ("open", Channel::Email);
        import(&fixture, open, Some(("amy", 5_020)), &messages).await;
        let waits = ("waits", Channel::Email);
        import(&fixture, waits, None, &[(customer, 5_500)]).await;

        // The long one begins the later half.
        let of = counted(&["care"], 6_000);
        let figures = fixture.rows().await.conversations_counted(&of).await;
        let figures = figures.unwrap();
        let times = |channel: Channel, measure: ConversationMeasure| -> Vec<(i64, i64)> {
            let times = figures.times.iter();
            let times = times.filter(|time| time.channel == channel && time.measure == measure);
            times.map(|time| (time.seconds, time.count)).collect()
        };
        let (chat, email, sms) = (Channel::Chat, Channel::Email, Channel::Sms);
        for (channel, measure, expected) in [
            (
                email,
                ConversationMeasure::FirstAnswer,
                &[(30, 1), (60, 1)][..],
            ),
            (email, ConversationMeasure::Duration, &[(0, 1), (30, 1)]),
            (
                email,
                ConversationMeasure::Waiting,
                &[(0, 1), (20, 1), (40, 1)],
            ),
            (email, ConversationMeasure::Handling, &[(110, 1), (300, 1)]),
            (sms, ConversationMeasure::FirstAnswer, &[(7, 1)]),
            (sms, ConversationMeasure::Waiting, &[(5, 1)]),
            // To a minute from an hour on: 3,705 seconds each.
            (sms, ConversationMeasure::Duration, &[(3_660, 1)]),
            (sms, ConversationMeasure::Handling, &[(3_660, 1)]),
            (chat, ConversationMeasure::FirstAnswer, &[]),
            (chat, ConversationMeasure::Duration, &[(0, 1)]),
            (chat, ConversationMeasure::Waiting, &[]),
            (chat, ConversationMeasure::Handling, &[]),
        ] {
            let expected: &[(i64, i64)] = expected;
            assert_eq!(times(channel, measure), expected, "{channel:?} {measure:?}");
        }
        let begun = figures.begun.iter();
        let begun: Vec<_> = begun.map(|of| (of.start, of.count)).collect();
        assert_eq!(
            begun,
            [
                (0, 1),
                (900, 1),
                (1_800, 1),
                (2_700, 1),
                (4_500, 1),
                (5_400, 1)
            ]
            .map(|(start, count)| (second(start), count))
        );
        let channels: i64 = figures.channels.iter().map(|(_, count)| count).sum();
        assert_eq!(channels, 6);
        let of_sales = counted(&["sales"], 6_000);
        let none = fixture.rows().await.conversations_counted(&of_sales).await;
        assert_eq!(none.unwrap().times, []);
    }
}

/// A workitem, when an agent was first given it, and when it was closed.
type Handled = (String, Option<i64>, Option<i64>);

/// What PostgreSQL holds before a migration is what the release after it would have noted.
#[tokio::test]
async fn times_of_the_release_before_are_found_in_its_lines() {
    let fixture = on_postgres().await;
    given_up(&fixture).await;
    handed_on(&fixture).await;
    let imported = ("imported", Channel::Email);
    let imported = import(&fixture, imported, Some(("amy", 2_000)), &[(true, 2_000)]).await;
    let to_ben = handed(TransferTo::Agent(user("ben")));
    let change = change_at(&fixture, &imported, "amy", 2_100);
    fixture.transfer(change, to_ben).await.unwrap();
    let (database, _) = fixture.postgres();
    let mut connection = connect(&database.url()).await;
    let stored = "SELECT id, first_given_at, shut_at FROM workitems ORDER BY started_at";
    let noted = sqlx::query_as::<_, Handled>(stored)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let [lous, queued, imported] = &noted[..] else {
        panic!("{noted:?}");
    };
    assert_eq!((lous.1, lous.2.is_some()), (None, true));
    let time = |at: i64| Some(second(at).0);
    assert_eq!((queued.1, queued.2), (time(1_040), time(1_340)));
    assert_eq!((imported.1, imported.2), (time(2_000), None));
    // What a later migration has made of these columns.
    let before = "DROP TRIGGER workitems_changed_is ON workitems;
        ALTER TABLE workitems DROP COLUMN first_given_at, DROP COLUMN shut_at;
        CREATE INDEX workitems_figures ON workitems (id)";
    let migration = include_str!("../../../migrations/postgres/0061_handle_time.sql");
    for script in [before, migration] {
        let script = sqlx::raw_sql(script);
        script.execute(&mut connection).await.unwrap();
    }
    let found = sqlx::query_as::<_, Handled>(stored)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(found, noted);
}

#[tokio::test]
async fn a_request_counts_for_each_of_its_agents_teams_that_is_counted() {
    for fixture in every().await {
        fixture
            .save_team("sales", "Sales", false, &["cleo", "ben"], &["sid"])
            .await
            .unwrap();
        let help = fixture.add_template("help", "I need help.").await;
        let (of_amy, _) = fixture
            .raise_hand("amy", &help, &["sam"], None)
            .await
            .unwrap();
        let withdraw = RequestWithdraw {
            request: of_amy,
            agent: person("amy"),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        fixture.store.execute(withdraw).await.unwrap();
        fixture
            .raise_hand("ben", &help, &["sam"], None)
            .await
            .unwrap();
        for (teams, expected) in [
            (
                &["care", "sales"][..],
                &[("amy", "care"), ("ben", "care sales")][..],
            ),
            (&["care"], &[("amy", "care"), ("ben", "care")]),
            (&["sales"], &[("ben", "sales")]),
            (&[], &[]),
        ] {
            let of = counted(teams, 1_000_000);
            let figures = fixture.rows().await.requests_counted(&of).await.unwrap();
            let found = figures.iter().map(|request| {
                let teams: Vec<&str> = request.teams.iter().map(TeamId::as_str).collect();
                (request.agent.id.to_string(), teams.join(" "))
            });
            let expected = expected.iter();
            let expected =
                expected.map(|(agent, teams)| ((*agent).to_owned(), (*teams).to_owned()));
            assert_eq!(
                found.collect::<Vec<_>>(),
                expected.collect::<Vec<_>>(),
                "{teams:?}"
            );
            for request in figures {
                let ended = request.settled.map(|(_, how)| how);
                let withdrawn = request.agent.id == user("amy");
                assert_eq!(ended, withdrawn.then_some(SettledHow::Withdrawn));
                let template = request.template.and_then(|template| template.title);
                assert_eq!(template.as_deref(), Some("help"));
            }
        }
    }
}
