//! Eight weeks of work that is over, so that the history has something to find, four weeks of figures have four before them to be
//! compared with, and the figures have a pattern: Mondays are busiest, weekends are quiet, and most customers come before noon and
//! in the middle of the afternoon. For people alone: tests begin without.

use shared::error::AppError;
use shared::ids::{
    CommandKey, DirectoryMessageId, EntryId, RequestId, TeamId, TemplateId, UserId, WorkitemId,
};
use shared::labels::LabelKind;
use shared::people::PersonRef;
use shared::rating::{Rating, Score};
use shared::text::{CoachingText, MessageText, RatingComment};
use shared::time::Timestamp;
use shared::transcript::{EndReason, Reaction};
use shared::workitem::{Channel, WorkitemState};

use super::dice::Dice;
use super::{CARE, labels, person, reviews, talk};
use crate::commands::{
    CoachingAppend, CoachingForward, DirectoryAppend, MonitoringBegin, MonitoringEnd, RatingImport,
    ReactionSet, RequestClaim, RequestCreate, RequestHandle, RequestWithdraw, WorkitemImport,
    WorkitemRead,
};
use crate::desk::{Desk, to_app_error};
use crate::store::CommandContext;

/// How many days: the usual range of figures, and as many before it.
const DAYS: i64 = 56;
const DAY: i64 = 86_400;
/// How many conversations begin on each day, from Monday. Few: each is written before the demo serves its first page.
const BY_WEEKDAY: [usize; 7] = [5, 3, 3, 3, 3, 1, 0];
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
        60,
        "sam",
        "A good example of how to say sorry. Worth showing to the team.",
        Some("sue"),
    ),
    (
        75,
        "sue",
        "The customer had to ask twice. Is there something missing in our saved texts?",
        None,
    ),
];
/// Every demo that begins on the same weekday has the same past, so that what somebody saw in it can be seen again. With this seed
/// every figure has something to count in both spans of four weeks.
const SEED: u64 = 0x5EED_0FDE_517E_0173;
/// Every so many conversations the agent asks for assistance.
const ASKS_EVERY: usize = 4;
/// What becomes of the requests, one after the other.
const ENDS: [End; 6] = [
    End::Answered,
    End::Coached,
    End::Handled,
    End::Answered,
    End::Withdrawn,
    End::Lapsed,
];
/// What supervisors answer in the Company Directory.
const ANSWERS: [&str; 3] = [
    "Yes, do that, and write the reason into the order.",
    "Offer the exchange. I will approve it.",
    "Ask them for a photo first; then we know which part it is.",
];
/// From how many days ago on every so many conversations are coached. A fortnight without coaching lies between: the days after it
/// show what coaching changed.
const COACHED: [(i64, Option<usize>); 3] = [(DAYS, Some(6)), (28, None), (COACHED_SINCE, Some(2))];
/// The days with most of the coaching began so many days ago; from then on agents answer sooner.
const COACHED_SINCE: i64 = 14;
/// How customers rate chats, as often as the scores stand here: before those days, and since.
const SCORES: [[i64; 6]; 2] = [[2, 3, 3, 4, 4, 5], [3, 4, 4, 5, 5, 5]];
/// What some say about it: customers who are not content, and some who are.
const COMMENTS: [&str; 2] = ["I had to ask twice.", "Quick and friendly."];
/// What agents think of coaching, as often as it stands here.
const REACTIONS: [Option<Reaction>; 6] = [
    Some(Reaction::ThumbsUp),
    Some(Reaction::ThumbsUp),
    Some(Reaction::ThumbsUp),
    Some(Reaction::ThumbsUp),
    Some(Reaction::ThumbsDown),
    None,
];
/// What supervisors say to agents.
const ADVICE: [&str; 6] = [
    "Nice and friendly. Say first when it arrives, then how: that is what they want to know.",
    "Ask for the order number at once; it saves both of you a question.",
    "You can promise the refund within three days, nobody has to wait for the warehouse.",
    "Good answer. Offer the spare parts before they ask for them.",
    "Short sentences work better here. Two would have been enough.",
    FOR_THE_CUSTOMER,
];
/// Agents forward this one.
const FOR_THE_CUSTOMER: &str =
    "One more thing: spare parts are free for five years, also for what was reduced.";

/// What becomes of a request for assistance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With a message in the Company Directory.
    Answered,
    /// In its conversation.
    Coached,
    Handled,
    /// By its agent, before somebody claimed it.
    Withdrawn,
    /// The conversation ended before somebody claimed it.
    Lapsed,
}

/// The times of a conversation.
struct Times {
    began: Timestamp,
    answered: Timestamp,
    thanked: Timestamp,
    bade: Timestamp,
    /// When assistance was asked for, the request was claimed, and it came to its end, if there was one.
    asked: [Timestamp; 3],
    advised: Timestamp,
    forwarded: Timestamp,
    over: Timestamp,
}

impl Times {
    /// By chance. `lately`: since agents answer sooner.
    fn by_chance(dice: &mut Dice, begin: i64, lately: bool, end: Option<End>) -> Self {
        let mut second = begin;
        let mut after = |least: u64, most: u64| {
            second += i64::try_from(dice.between((least, most))).unwrap_or_default();
            Timestamp(second * 1_000_000)
        };
        let answered = after(15, if lately { 200 } else { 400 });
        let (asked, claimed) = (after(20, 60), after(10, 300));
        // To look into something takes longer than an answer.
        let ended = match end {
            Some(End::Handled) => after(240, 720),
            _ => after(30, 240),
        };
        let (thanked, bade) = (after(20, 120), after(10, 60));
        // What is coached stands behind what was said before.
        let asked = match end {
            Some(End::Coached) => [after(5, 20), after(10, 120), after(20, 200)],
            _ => [asked, claimed, ended],
        };
        let advised = match end {
            Some(End::Coached) => asked[2],
            _ => after(5, 20),
        };
        Self {
            began: Timestamp(begin * 1_000_000),
            answered,
            thanked,
            bade,
            asked,
            advised,
            forwarded: after(20, 40),
            over: after(20, 90),
        }
    }
}

/// Tells it all.
pub(super) async fn tell(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let mut dice = Dice::of(SEED);
    let today = now.0.div_euclid(1_000_000).div_euclid(DAY);
    let mut number = 0;
    let mut of_care = Vec::new();
    for ago in (1..=DAYS).rev() {
        let day = today - ago;
        // The epoch began on a Thursday.
        let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
        for _ in 0..BY_WEEKDAY[weekday] {
            let hour = HOURS[dice.below(HOURS.len())];
            let second = i64::try_from(dice.below(3_600)).unwrap_or_default();
            number += 1;
            let begin = day * DAY + hour * 3_600 + second;
            let (workitem, team, over) = one(desk, &mut dice, number, (begin, ago)).await?;
            if team == CARE {
                of_care.push((workitem, over));
            }
        }
    }
    for (agent, _, supervisor) in AGENTS {
        let (agent, supervisor) = (person(agent)?, person(supervisor)?);
        talk::read(desk, &supervisor, &agent, now).await?;
        talk::read(desk, &agent, &supervisor, now).await?;
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

/// Every how many conversations were coached without being asked, so many days ago.
fn coached_every(ago: i64) -> Option<usize> {
    let mut spans = COACHED.iter().rev();
    spans.find(|(since, _)| ago <= *since)?.1
}

/// What became of the request in this conversation, if there was one.
fn end_of(number: usize, ago: i64, channel: Channel) -> Option<End> {
    if !number.is_multiple_of(ASKS_EVERY) {
        return None;
    }
    let coaches = channel.coachable() && coached_every(ago).is_some();
    match ENDS[number / ASKS_EVERY % ENDS.len()] {
        End::Coached if !coaches => Some(End::Answered),
        end => Some(end),
    }
}

/// Whether a supervisor coached in this conversation.
fn is_coached(number: usize, ago: i64, channel: Channel, end: Option<End>) -> bool {
    let unasked = |every: usize| channel.coachable() && (number + 1).is_multiple_of(every);
    match end {
        None => coached_every(ago).is_some_and(unasked),
        Some(end) => end == End::Coached,
    }
}

/// One conversation that began at this second, so many days ago: which, of which team, and when it was over.
async fn one(
    desk: &Desk,
    dice: &mut Dice,
    number: usize,
    (begin, ago): (i64, i64),
) -> Result<(WorkitemId, &'static str, Timestamp), AppError> {
    let (agent, team, supervisor) = AGENTS[dice.below(AGENTS.len())];
    let (agent, supervisor) = (person(agent)?, person(supervisor)?);
    let talk = dice.below(TALKS.len());
    let customer = CUSTOMERS[dice.below(CUSTOMERS.len())];
    let advice = ADVICE[dice.below(ADVICE.len())];
    let reaction = REACTIONS[dice.below(REACTIONS.len())];
    let channel = CHANNELS[number % CHANNELS.len()];
    let (lately, end) = (ago <= COACHED_SINCE, end_of(number, ago, channel));
    let times = Times::by_chance(dice, begin, lately, end);
    let workitem = WorkitemId::parse(format!("wi-past-{number}"))?;
    let import = WorkitemImport {
        id: workitem.clone(),
        channel,
        customer: customer.to_owned(),
        subject: TALKS[talk].0.to_owned(),
        team: TeamId::parse(team)?,
        agent: Some(agent.id.clone()),
        started_at: times.began,
        // Half of the time the customer waits in the queue, and half for the agent to write.
        given_at: Some(Timestamp(times.began.0.midpoint(times.answered.0))),
        messages: said(talk, &times)?,
        carried: None,
    };
    desk.publish(desk.store().execute(import).await.map_err(to_app_error)?);
    if let Some(end) = end {
        let people = (&agent, &supervisor);
        assist(desk, (number, end), &workitem, people, times.asked).await?;
    }
    if is_coached(number, ago, channel, end) {
        let people = (&agent, supervisor);
        let coaching = coach(desk, &workitem, people, (advice, reaction), times.advised).await?;
        if advice == FOR_THE_CUSTOMER {
            forward(desk, &workitem, coaching, &agent, times.forwarded).await?;
        }
    }
    let over = times.over;
    let outcome = OUTCOMES[dice.below(OUTCOMES.len())];
    for label in [(LabelKind::Outcome, outcome), (LabelKind::Tag, TAGS[talk])] {
        labels::put(desk, (&workitem, &agent.id), label, over).await?;
    }
    super::end(desk, &workitem, agent, WorkitemState::Closed, over).await?;
    if channel == Channel::Chat && dice.below(3) > 0 {
        rate(desk, dice, &workitem, (over, lately)).await?;
    }
    Ok((workitem, team, over))
}

/// What customer and agent said.
fn said(talk: usize, times: &Times) -> Result<Vec<(bool, Timestamp, MessageText)>, AppError> {
    let (_, question, answer) = TALKS[talk];
    let line = |by_customer: bool, at: Timestamp, text: &str| -> Result<_, AppError> {
        Ok((by_customer, at, MessageText::parse(text)?))
    };
    Ok(vec![
        line(true, times.began, question)?,
        line(false, times.answered, answer)?,
        line(true, times.thanked, "Thank you very much!")?,
        line(false, times.bade, "You are welcome. Have a nice day!")?,
    ])
}

/// The agent asked for assistance, and what became of it.
async fn assist(
    desk: &Desk,
    (number, end): (usize, End),
    workitem: &WorkitemId,
    (agent, supervisor): (&PersonRef, &PersonRef),
    [asked, claimed, ended]: [Timestamp; 3],
) -> Result<(), AppError> {
    let request = RequestId::parse(format!("request-past-{number}"))?;
    let key = |step: &str| CommandKey::parse(format!("demo-past-{step}-{number}"));
    let message = DirectoryMessageId::parse(desk.ids().next())?;
    let create = RequestCreate {
        request: request.clone(),
        agent: agent.clone(),
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
    if matches!(end, End::Answered | End::Coached | End::Handled) {
        let claim = RequestClaim {
            request: request.clone(),
            by: supervisor.clone(),
            at: claimed,
            key: key("claim")?,
        };
        desk.publish(desk.store().execute(claim).await.map_err(to_app_error)?);
    }
    match end {
        End::Answered => {
            let answer = DirectoryAppend {
                id: DirectoryMessageId::parse(desk.ids().next())?,
                from: supervisor.clone(),
                to: agent.id.clone(),
                text: ANSWERS[number % ANSWERS.len()].to_owned(),
                answers: Some(request),
                at: ended,
                key: key("answer")?,
            };
            desk.publish(desk.store().execute(answer).await.map_err(to_app_error)?);
        }
        End::Handled => {
            let handle = RequestHandle {
                request,
                by: supervisor.clone(),
                at: ended,
                key: key("handle")?,
            };
            desk.publish(desk.store().execute(handle).await.map_err(to_app_error)?);
        }
        End::Withdrawn => {
            let withdraw = RequestWithdraw {
                request,
                agent: agent.clone(),
                at: ended,
                key: key("withdraw")?,
            };
            desk.publish(desk.store().execute(withdraw).await.map_err(to_app_error)?);
        }
        // Coaching and the end of the conversation settle what is open.
        End::Coached | End::Lapsed => {}
    }
    Ok(())
}

/// A supervisor looked in and coached; the agent saw it and may have said what they think of it. Answers the coaching.
pub(super) async fn coach(
    desk: &Desk,
    workitem: &WorkitemId,
    (agent, supervisor): (&PersonRef, PersonRef),
    (text, reaction): (&str, Option<Reaction>),
    at: Timestamp,
) -> Result<EntryId, AppError> {
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
    let sent = desk.publish(desk.store().execute(advice).await.map_err(to_app_error)?);
    let coaching = sent.entry.id;
    // Nobody reacts to what they have not seen.
    let read = WorkitemRead {
        workitem: workitem.clone(),
        agent: agent.id.clone(),
        through: sent.entry.seq,
        at,
    };
    desk.publish(desk.store().execute(read).await.map_err(to_app_error)?);
    let reaction = ReactionSet {
        workitem: workitem.clone(),
        agent: agent.id.clone(),
        entry: coaching.clone(),
        reaction,
        context: CommandContext {
            actor: Some(agent.id.clone()),
            key: key("like")?,
            at,
        },
    };
    desk.publish(desk.store().execute(reaction).await.map_err(to_app_error)?);
    leave(desk, workitem, supervisor.id, at).await?;
    Ok(coaching)
}

async fn leave(
    desk: &Desk,
    workitem: &WorkitemId,
    supervisor: UserId,
    at: Timestamp,
) -> Result<(), AppError> {
    let end = MonitoringEnd {
        workitem: workitem.clone(),
        supervisor,
        node: None,
        reason: EndReason::Left,
        entry: EntryId::parse(desk.ids().next())?,
        at,
    };
    desk.publish(desk.store().execute(end).await.map_err(to_app_error)?);
    Ok(())
}

/// The agent sends the customer what the supervisor wrote.
async fn forward(
    desk: &Desk,
    workitem: &WorkitemId,
    coaching: EntryId,
    agent: &PersonRef,
    at: Timestamp,
) -> Result<(), AppError> {
    let forward = CoachingForward {
        workitem: workitem.clone(),
        source: coaching,
        agent: agent.clone(),
        entry: EntryId::parse(desk.ids().next())?,
        at,
        key: CommandKey::parse(format!("demo-past-forward-{workitem}"))?,
    };
    desk.publish(desk.store().execute(forward).await.map_err(to_app_error)?);
    Ok(())
}

/// The customer said afterwards how it was.
async fn rate(
    desk: &Desk,
    dice: &mut Dice,
    workitem: &WorkitemId,
    (over, lately): (Timestamp, bool),
) -> Result<(), AppError> {
    let scores = SCORES[usize::from(lately)];
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
