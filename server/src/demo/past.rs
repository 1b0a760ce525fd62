//! Two weeks of work that is over, so that the history has something to find and the figures have a pattern: Mondays are busiest,
//! weekends are quiet, and most customers come before noon and in the middle of the afternoon. For people alone: tests begin
//! without.

use shared::error::AppError;
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, TeamId, TemplateId, WorkitemId};
use shared::labels::LabelKind;
use shared::people::PersonRef;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::workitem::{Channel, WorkitemState};

use super::dice::Dice;
use super::{end, labels, person};
use crate::commands::{RequestClaim, RequestCreate, RequestHandle, WorkitemImport};
use crate::desk::{Desk, to_app_error};

/// How many days.
const DAYS: i64 = 14;
const DAY: i64 = 86_400;
/// How many conversations begin on each day, from Monday.
const BY_WEEKDAY: [usize; 7] = [14, 11, 9, 9, 11, 4, 2];
/// In which hours, as often as they stand here.
const HOURS: [i64; 12] = [8, 9, 9, 10, 10, 10, 11, 13, 14, 15, 15, 16];
/// Agents with their teams and a supervisor of each.
const AGENTS: [(&str, &str, &str); 3] = [
    ("amy", "care", "sam"),
    ("ben", "care", "sue"),
    ("cleo", "sales", "sid"),
];
const CHANNELS: [Channel; 7] = [
    Channel::Chat,
    Channel::Chat,
    Channel::Chat,
    Channel::Email,
    Channel::Sms,
    Channel::Social,
    Channel::Phone,
];
const CUSTOMERS: [&str; 12] = [
    "Ines Moreau",
    "Tom Becker",
    "Yuki Tanaka",
    "Lena Fuchs",
    "Omar Haddad",
    "Grace Okafor",
    "Piotr Nowak",
    "Sofia Rossi",
    "Jack Doyle",
    "Mina Park",
    "Hugo Silva",
    "Anna Kovács",
];
/// Title, what the customer asks, what the agent answers.
const TALKS: [(&str, &str, &str); 6] = [
    (
        "Delivery date of a table",
        "Hello, when will my Birch table be delivered?",
        "Good morning! It leaves our warehouse on Thursday; the driver calls you an hour before.",
    ),
    (
        "Refund of a lamp",
        "I sent the Dune lamp back last week. When do I get my money?",
        "It arrived with us yesterday. The refund takes three working days from now.",
    ),
    (
        "Missing screws",
        "There are two screws missing in the box of my Fir shelf.",
        "I am sorry about that. I have put a bag of all parts into the post for you.",
    ),
    (
        "Cancelling an order",
        "Can I still cancel the armchair that I ordered this morning?",
        "Yes, it has not been packed yet. I have cancelled it; you get a mail about it.",
    ),
    (
        "Care of oak",
        "Which oil do you recommend for an oak worktop?",
        "A hard wax oil, twice a year. Test it in a corner that nobody sees.",
    ),
    (
        "Invoice for a company",
        "We need our VAT number on the invoice, please.",
        "Of course. Which number shall I put there? You get the corrected invoice today.",
    ),
];
/// How conversations ended, as often as they stand here: places in the list of outcomes.
const OUTCOMES: [usize; 8] = [0, 0, 0, 0, 0, 1, 2, 3];
/// What each talk is about: places in the list of tags.
const TAGS: [usize; 6] = [1, 4, 0, 4, 3, 2];
/// Every so many conversations the agent asks for assistance.
const ASKS_EVERY: usize = 5;

/// Tells it all.
pub(super) async fn tell(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let mut dice = Dice::default();
    let today = now.0.div_euclid(1_000_000).div_euclid(DAY);
    let mut number = 0;
    for day in today - DAYS..today {
        // The epoch began on a Thursday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
        for _ in 0..BY_WEEKDAY[weekday] {
            let hour = HOURS[dice.below(HOURS.len())];
            let second = i64::try_from(dice.below(3_600)).unwrap_or_default();
            number += 1;
            let begin = day * DAY + hour * 3_600 + second;
            one(desk, &mut dice, number, begin).await?;
        }
    }
    Ok(())
}

/// One conversation that began at this second.
async fn one(desk: &Desk, dice: &mut Dice, number: usize, begin: i64) -> Result<(), AppError> {
    let (agent, team, supervisor) = AGENTS[dice.below(AGENTS.len())];
    let talk = dice.below(TALKS.len());
    let (subject, question, answer) = TALKS[talk];
    let mut at = begin;
    let mut after = |least: u64, most: u64| {
        at += i64::try_from(dice.between((least, most))).unwrap_or_default();
        Timestamp(at * 1_000_000)
    };
    let answered = after(15, 400);
    let asked = after(20, 60);
    let claimed = after(10, 300);
    let handled = after(30, 600);
    let thanked = after(20, 120);
    let messages = vec![
        (
            true,
            Timestamp(begin * 1_000_000),
            MessageText::parse(question)?,
        ),
        (false, answered, MessageText::parse(answer)?),
        (true, thanked, MessageText::parse("Thank you very much!")?),
        (
            false,
            after(10, 60),
            MessageText::parse("You are welcome. Have a nice day!")?,
        ),
    ];
    let over = after(20, 90);
    let workitem = WorkitemId::parse(format!("wi-past-{number}"))?;
    let import = WorkitemImport {
        id: workitem.clone(),
        channel: CHANNELS[number % CHANNELS.len()],
        customer: CUSTOMERS[dice.below(CUSTOMERS.len())].to_owned(),
        subject: subject.to_owned(),
        team: TeamId::parse(team)?,
        agent: Some(person(agent)?.id),
        started_at: Timestamp(begin * 1_000_000),
        messages,
        carried: None,
    };
    desk.publish(desk.store().execute(import).await.map_err(to_app_error)?);
    if number.is_multiple_of(ASKS_EVERY) {
        let (agent, supervisor) = (person(agent)?, person(supervisor)?);
        let times = [asked, claimed, handled];
        assist(desk, number, &workitem, (agent, supervisor), times).await?;
    }
    let agent = person(agent)?;
    let outcome = OUTCOMES[dice.below(OUTCOMES.len())];
    for label in [(LabelKind::Outcome, outcome), (LabelKind::Tag, TAGS[talk])] {
        labels::put(desk, (&workitem, &agent.id), label, over).await?;
    }
    end(desk, &workitem, agent, WorkitemState::Closed, over).await
}

/// The agent asked for assistance, a supervisor claimed the request and handled it.
async fn assist(
    desk: &Desk,
    number: usize,
    workitem: &WorkitemId,
    (agent, supervisor): (PersonRef, PersonRef),
    [asked, claimed, handled]: [Timestamp; 3],
) -> Result<(), AppError> {
    let request = RequestId::parse(format!("request-past-{number}"))?;
    let key = |step: &str| CommandKey::parse(format!("demo-past-{step}-{number}"));
    let message = DirectoryMessageId::parse(desk.ids().next())?;
    let create = RequestCreate {
        request: request.clone(),
        agent,
        template: TemplateId::parse(format!("template-{}", number / ASKS_EVERY % 4 + 1))?,
        choice: "one",
        named: Some(supervisor.id.clone()),
        recipients: vec![(supervisor.clone(), message)],
        workitem: Some(workitem.clone()),
        text: None,
        at: asked,
        key: key("ask")?,
    };
    desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
    let claim = RequestClaim {
        request: request.clone(),
        by: supervisor.clone(),
        at: claimed,
        key: key("claim")?,
    };
    desk.publish(desk.store().execute(claim).await.map_err(to_app_error)?);
    let handle = RequestHandle {
        request,
        by: supervisor,
        at: handled,
        key: key("handle")?,
    };
    desk.publish(desk.store().execute(handle).await.map_err(to_app_error)?);
    Ok(())
}
