//! Two weeks of work that is over, so that the history has something to find and the figures have a pattern: Mondays are busiest,
//! weekends are quiet, and most customers come before noon and in the middle of the afternoon. For people alone: tests begin
//! without.

use shared::error::AppError;
use shared::ids::{
    CommandKey, DirectoryMessageId, EntryId, RequestId, TeamId, TemplateId, WorkitemId,
};
use shared::labels::LabelKind;
use shared::people::PersonRef;
use shared::rating::{Rating, Score};
use shared::text::{CoachingText, MessageText, RatingComment};
use shared::time::Timestamp;
use shared::transcript::{EndReason, Reaction};
use shared::workitem::{Channel, WorkitemState};

use super::dice::Dice;
use super::{CARE, end, labels, person, reviews, talk};
use crate::commands::{
    CoachingAppend, MonitoringBegin, MonitoringEnd, RatingImport, ReactionSet, RequestClaim,
    RequestCreate, RequestHandle, WorkitemImport,
};
use crate::desk::{Desk, to_app_error};
use crate::store::CommandContext;

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
/// What supervisors of Care flagged for review, counted among the conversations of their team: which, who, why, and who reviewed it.
const FLAGGED: [(usize, &str, &str, Option<&str>); 2] = [
    (
        12,
        "sam",
        "A good example of how to say sorry. Worth showing to the team.",
        Some("sue"),
    ),
    (
        20,
        "sue",
        "The customer had to ask twice. Is there something missing in our saved texts?",
        None,
    ),
];
/// Every demo that begins on the same weekday has the same past, so that what somebody saw in it can be seen again.
const SEED: u64 = 0x5EED_0FDE_517E_0001;
/// Every so many conversations the agent asks for assistance.
const ASKS_EVERY: usize = 5;
/// Coaching begins so many days ago; from then on agents answer sooner.
const COACHED_SINCE: i64 = 7;
/// How customers rate chats, as often as the scores stand here: before supervisors coached, and since.
const SCORES: [[i64; 6]; 2] = [[2, 3, 3, 4, 4, 5], [3, 4, 4, 5, 5, 5]];
/// What some say about it: customers who are not content, and some who are.
const COMMENTS: [&str; 2] = ["I had to ask twice.", "Quick and friendly."];
/// Every so many conversations a supervisor coaches.
const COACHED_EVERY: usize = 3;
/// What supervisors say to agents.
const ADVICE: [&str; 5] = [
    "Nice and friendly. Say first when it arrives, then how: that is what they want to know.",
    "Ask for the order number at once; it saves both of you a question.",
    "You can promise the refund within three days, nobody has to wait for the warehouse.",
    "Good answer. Offer the spare parts before they ask for them.",
    "Short sentences work better here. Two would have been enough.",
];

/// Tells it all.
pub(super) async fn tell(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let mut dice = Dice::of(SEED);
    let today = now.0.div_euclid(1_000_000).div_euclid(DAY);
    let mut number = 0;
    let mut of_care = Vec::new();
    for day in today - DAYS..today {
        // The epoch began on a Thursday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
        for _ in 0..BY_WEEKDAY[weekday] {
            let hour = HOURS[dice.below(HOURS.len())];
            let second = i64::try_from(dice.below(3_600)).unwrap_or_default();
            number += 1;
            let begin = day * DAY + hour * 3_600 + second;
            let coached = day >= today - COACHED_SINCE;
            let told = one(desk, &mut dice, number, (begin, coached)).await?;
            let (workitem, team, over) = told;
            if team == CARE {
                of_care.push((workitem, over));
            }
        }
    }
    for (agent, _, supervisor) in AGENTS {
        talk::read(desk, &person(supervisor)?, &person(agent)?, now).await?;
    }
    for (place, by, comment, reviewer) in FLAGGED {
        let Some((workitem, over)) = of_care.get(place) else {
            continue;
        };
        let by = person(by)?.id;
        let reviewer = reviewer.map(person).transpose()?.map(|person| person.id);
        reviews::flag(desk, (workitem, &by), comment, *over, reviewer.as_ref()).await?;
    }
    Ok(())
}

/// One conversation that began at this second, before or after supervisors began to coach: which, of which team, and when it
/// was over.
async fn one(
    desk: &Desk,
    dice: &mut Dice,
    number: usize,
    (begin, coached): (i64, bool),
) -> Result<(WorkitemId, &'static str, Timestamp), AppError> {
    let (agent, team, supervisor) = AGENTS[dice.below(AGENTS.len())];
    let talk = dice.below(TALKS.len());
    let (subject, question, answer) = TALKS[talk];
    let mut at = begin;
    let mut after = |least: u64, most: u64| {
        at += i64::try_from(dice.between((least, most))).unwrap_or_default();
        Timestamp(at * 1_000_000)
    };
    let answered = after(15, if coached { 200 } else { 400 });
    // Half of the time the customer waits in the queue, and half for the agent to write.
    let given = Timestamp((begin * 1_000_000).midpoint(answered.0));
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
    let advised = after(5, 20);
    let over = after(20, 90);
    let channel = CHANNELS[number % CHANNELS.len()];
    let workitem = WorkitemId::parse(format!("wi-past-{number}"))?;
    let import = WorkitemImport {
        id: workitem.clone(),
        channel,
        customer: CUSTOMERS[dice.below(CUSTOMERS.len())].to_owned(),
        subject: subject.to_owned(),
        team: TeamId::parse(team)?,
        agent: Some(person(agent)?.id),
        started_at: Timestamp(begin * 1_000_000),
        given_at: Some(given),
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
    if coached && channel.coachable() && number.is_multiple_of(COACHED_EVERY) {
        let advice = (ADVICE[dice.below(ADVICE.len())], dice.below(4) > 0);
        coach(
            desk,
            &workitem,
            (&agent, person(supervisor)?),
            advice,
            advised,
        )
        .await?;
    }
    let outcome = OUTCOMES[dice.below(OUTCOMES.len())];
    for label in [(LabelKind::Outcome, outcome), (LabelKind::Tag, TAGS[talk])] {
        labels::put(desk, (&workitem, &agent.id), label, over).await?;
    }
    end(desk, &workitem, agent, WorkitemState::Closed, over).await?;
    if channel == Channel::Chat && dice.below(3) > 0 {
        rate(desk, dice, &workitem, (over, coached)).await?;
    }
    Ok((workitem, team, over))
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

/// A supervisor looked in and coached, and most agents liked it.
pub(super) async fn coach(
    desk: &Desk,
    workitem: &WorkitemId,
    (agent, supervisor): (&PersonRef, PersonRef),
    (text, liked): (&str, bool),
    at: Timestamp,
) -> Result<(), AppError> {
    let entry = || EntryId::parse(desk.ids().next());
    let key = |step: &str| CommandKey::parse(format!("demo-past-{step}-{workitem}"));
    let begin = MonitoringBegin {
        workitem: workitem.clone(),
        supervisor: supervisor.clone(),
        node: None,
        entry: entry()?,
        at,
    };
    desk.publish(desk.store().execute(begin).await.map_err(to_app_error)?);
    let advice = CoachingAppend {
        workitem: workitem.clone(),
        supervisor: supervisor.clone(),
        entry: entry()?,
        at,
        text: CoachingText::parse(text)?,
        agent: None,
        key: key("coach")?,
    };
    let coaching = advice.entry.clone();
    desk.publish(desk.store().execute(advice).await.map_err(to_app_error)?);
    let reaction = ReactionSet {
        workitem: workitem.clone(),
        agent: agent.id.clone(),
        entry: coaching,
        reaction: liked.then_some(Reaction::ThumbsUp),
        context: CommandContext {
            actor: Some(agent.id.clone()),
            key: key("like")?,
            at,
        },
    };
    desk.publish(desk.store().execute(reaction).await.map_err(to_app_error)?);
    let end = MonitoringEnd {
        workitem: workitem.clone(),
        supervisor: supervisor.id,
        node: None,
        reason: EndReason::Left,
        entry: entry()?,
        at,
    };
    desk.publish(desk.store().execute(end).await.map_err(to_app_error)?);
    Ok(())
}

/// The customer said afterwards how it was.
async fn rate(
    desk: &Desk,
    dice: &mut Dice,
    workitem: &WorkitemId,
    (over, coached): (Timestamp, bool),
) -> Result<(), AppError> {
    let scores = SCORES[usize::from(coached)];
    let score = Score::parse(scores[dice.below(scores.len())])?;
    // A customer who is content does not say that they had to ask twice.
    let content = score.number() > 3;
    let comment = dice.below(2) > 0;
    let comment = comment.then_some(COMMENTS[usize::from(content)]);
    let rating = RatingImport {
        workitem: workitem.clone(),
        rating: Rating {
            score,
            comment: comment.map(RatingComment::parse).transpose()?,
        },
        entry: EntryId::parse(desk.ids().next())?,
        at: Timestamp(over.0 + 60_000_000),
    };
    desk.publish(desk.store().execute(rating).await.map_err(to_app_error)?);
    Ok(())
}
