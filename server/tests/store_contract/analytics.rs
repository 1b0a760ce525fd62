//! Figures of conversations and requests, worked out by hand.

use server::commands::{RequestWithdraw, WorkitemImport};
use server::store::rows::{ConversationMeasure, Counted};
use shared::assistance::SettledHow;
use shared::ids::{TeamId, WorkitemId};
use shared::time::Timestamp;
use shared::workitem::Channel;

use crate::fixtures::*;
use crate::words::*;

fn second(second: i64) -> Timestamp {
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

/// A workitem of amy's that began with the first of these messages: `true` is the customer.
async fn import(fixture: &Fixture, id: &str, channel: Channel, messages: &[(bool, i64)]) {
    let import = WorkitemImport {
        id: WorkitemId::parse(id).unwrap(),
        channel,
        customer: "Kim Kunde".to_owned(),
        subject: id.to_owned(),
        team: team("care"),
        agent: Some(user("amy")),
        started_at: second(messages[0].1),
        messages: messages
            .iter()
            .map(|(by_customer, at)| (*by_customer, second(*at), said("Hello")))
            .collect(),
        carried: None,
    };
    fixture.store.execute(import).await.unwrap();
}

#[tokio::test]
async fn handling_goes_from_the_first_answer_to_the_last_message_of_what_is_closed() {
    for fixture in every().await {
        let (customer, agent) = (true, false);
        let answered = [
            (customer, 1_000),
            (agent, 1_030),
            (customer, 1_090),
            (agent, 1_330),
        ];
        import(&fixture, "answered", Channel::Email, &answered).await;
        import(&fixture, "ignored", Channel::Email, &[(customer, 2_000)]).await;
        let long = [(customer, 3_000), (agent, 3_005), (customer, 6_705)];
        import(&fixture, "long", Channel::Sms, &long).await;
        for id in ["answered", "ignored", "long"] {
            let id = WorkitemId::parse(id).unwrap();
            fixture.wrap_up(&id, "amy").await.unwrap();
            fixture.close(&id, "amy").await.unwrap();
        }
        let open = [(customer, 4_000), (agent, 4_060)];
        import(&fixture, "open", Channel::Email, &open).await;

        // The long one begins the later half.
        let of = counted(&["care"], 6_000);
        let figures = fixture.rows().await.conversations_counted(&of).await;
        let figures = figures.unwrap();
        let times = |channel: Channel, measure: ConversationMeasure| -> Vec<(i64, i64)> {
            let times = figures.times.iter();
            let times = times.filter(|time| time.channel == channel && time.measure == measure);
            times.map(|time| (time.seconds, time.count)).collect()
        };
        for (channel, measure, expected) in [
            (
                Channel::Email,
                ConversationMeasure::FirstAnswer,
                &[(30, 1), (60, 1)][..],
            ),
            (
                Channel::Email,
                ConversationMeasure::Duration,
                &[(0, 1), (330, 1)],
            ),
            (Channel::Email, ConversationMeasure::Handling, &[(300, 1)]),
            (Channel::Sms, ConversationMeasure::FirstAnswer, &[(5, 1)]),
            // To a minute from an hour on: 3,705 and 3,700 seconds.
            (Channel::Sms, ConversationMeasure::Duration, &[(3_660, 1)]),
            (Channel::Sms, ConversationMeasure::Handling, &[(3_660, 1)]),
        ] {
            let expected: &[(i64, i64)] = expected;
            assert_eq!(times(channel, measure), expected, "{channel:?} {measure:?}");
        }
        let begun = figures.begun.iter();
        let begun: Vec<_> = begun.map(|of| (of.start, of.count)).collect();
        assert_eq!(
            begun,
            [900, 1_800, 2_700, 3_600].map(|start| (second(start), 1_i64))
        );
        let channels: i64 = figures.channels.iter().map(|(_, count)| count).sum();
        assert_eq!(channels, 4);
        let of_sales = counted(&["sales"], 6_000);
        let none = fixture.rows().await.conversations_counted(&of_sales).await;
        assert_eq!(none.unwrap().times, []);
    }
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
