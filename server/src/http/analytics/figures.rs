//! From what was counted to what is shown.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shared::assistance::SettledHow;
use shared::ids::{TeamId, UserId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::Channel;

use super::range::Range;
use crate::store::rows::{
    AroundFigure, CoachingFigure, ConversationFigures, ConversationMeasure, QuarterFigure,
    RatingFigure, RequestFigure, TimeFigure,
};

/// Up to this many days each has a bar of its own; beyond, each week has.
const DAY_BARS: i64 = 62;

/// Something that is drawn as a bar: the days it stands for, and how often something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) from: Date,
    pub(super) to: Date,
    pub(super) count: i64,
}

/// Bars of a range, one for each day or for seven.
pub(super) fn bars(range: &Range, moments: impl Iterator<Item = (Timestamp, i64)>) -> Vec<Bar> {
    let days = usize::try_from(range.days()).unwrap_or_default();
    let width = if range.days() > DAY_BARS { 7 } else { 1 };
    let mut bars: Vec<Bar> = (0..days)
        .step_by(width)
        .map(|first| Bar {
            from: range.date(first),
            to: range.date((first + width).min(days) - 1),
            count: 0,
        })
        .collect();
    for (at, count) in moments {
        if let Some(bar) = bars.get_mut(range.moment(at).day / width) {
            bar.count += count;
        }
    }
    bars
}

/// The bars of what was counted by quarters of an hour.
pub(super) fn quarter_bars(range: &Range, quarters: &[QuarterFigure]) -> Vec<Bar> {
    bars(
        range,
        quarters
            .iter()
            .map(|quarter| (quarter.start, quarter.count)),
    )
}

/// How many requests there were in each hour of each weekday, from Monday.
pub(super) type Heat = [[i64; 24]; 7];

/// The hours in which requests were made.
pub(super) fn heat(range: &Range, requests: &[RequestFigure]) -> Heat {
    let mut heat = Heat::default();
    for request in requests {
        let moment = range.moment(request.at);
        heat[moment.weekday][moment.hour] += 1;
    }
    heat
}

/// The middle one of some times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Median {
    /// Seconds.
    pub(super) seconds: Option<i64>,
    /// How many times there are.
    pub(super) of: i64,
}

/// The middle one, in order; of an even number the lower one.
fn median(mut times: Vec<i64>) -> Median {
    times.sort_unstable();
    let middle = times.len().saturating_sub(1) / 2;
    Median {
        seconds: times.get(middle).copied(),
        of: i64::try_from(times.len()).unwrap_or_default(),
    }
}

/// What became of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RequestSummary {
    pub(super) count: i64,
    /// Until somebody claimed them.
    pub(super) to_claim: Median,
    /// Until the agent was first answered.
    pub(super) to_answer: Median,
    /// Until they ended with an answer or as handled.
    pub(super) to_done: Median,
    /// How many ended so.
    pub(super) done: i64,
    /// How many their agents withdrew.
    pub(super) withdrawn: i64,
    /// How many ended because there was no need any more, or nobody left.
    pub(super) lapsed: i64,
    /// How many are open.
    pub(super) open: i64,
}

/// What became of these requests.
pub(super) fn requests<'a>(
    requests: impl Iterator<Item = &'a RequestFigure> + Clone,
) -> RequestSummary {
    let seconds = |times: &dyn Fn(&RequestFigure) -> Option<Timestamp>| {
        let all = requests.clone();
        let taken = all.filter_map(|request| Some(times(request)?.seconds_since(request.at)));
        median(taken.collect())
    };
    let done = |how: SettledHow| {
        matches!(
            how,
            SettledHow::Answered | SettledHow::Coached | SettledHow::Handled
        )
    };
    let ended = |request: &RequestFigure| request.settled.filter(|(_, how)| done(*how));
    let mut summary = RequestSummary {
        to_claim: seconds(&|request| request.claimed_at),
        to_answer: seconds(&|request| request.answered_at),
        to_done: seconds(&|request| ended(request).map(|(at, _)| at)),
        ..RequestSummary::default()
    };
    for request in requests {
        summary.count += 1;
        match request.settled {
            None => summary.open += 1,
            Some((_, how)) if done(how) => summary.done += 1,
            Some((_, SettledHow::Withdrawn)) => summary.withdrawn += 1,
            Some(_) => summary.lapsed += 1,
        }
    }
    summary
}

/// Requests by what `of` says of them, most first.
pub(super) fn requests_by<'a, K: Ord + Clone>(
    all: &'a [RequestFigure],
    of: impl Fn(&'a RequestFigure) -> K,
) -> Vec<(K, RequestSummary)> {
    let mut groups: BTreeMap<K, Vec<&RequestFigure>> = BTreeMap::new();
    for request in all {
        groups.entry(of(request)).or_default().push(request);
    }
    let groups = groups.into_iter();
    let mut groups: Vec<(K, RequestSummary)> = groups
        .map(|(key, group)| (key, requests(group.into_iter())))
        .collect();
    groups.sort_by_key(|(_, summary)| -summary.count);
    groups
}

/// Requests by the teams of their agents, by the names of the teams. A request stands in each of them.
pub(super) fn requests_by_team<'a>(
    all: &[RequestFigure],
    teams: &'a [(TeamId, String)],
) -> Vec<(&'a str, RequestSummary)> {
    let mut groups: BTreeMap<&TeamId, Vec<&RequestFigure>> = BTreeMap::new();
    for request in all {
        for team in &request.teams {
            groups.entry(team).or_default().push(request);
        }
    }
    let of_team = |(team, name): &'a (TeamId, String)| {
        let group = groups.remove(team)?;
        Some((&name[..], requests(group.into_iter())))
    };
    teams.iter().filter_map(of_team).collect()
}

/// What coaching came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CoachingSummary {
    pub(super) messages: i64,
    pub(super) thumbs_up: i64,
    pub(super) thumbs_down: i64,
    pub(super) forwarded: i64,
    pub(super) replies: i64,
}

impl CoachingSummary {
    fn add(&mut self, figure: &CoachingFigure) {
        if figure.replies {
            self.replies += figure.messages;
        } else {
            self.messages += figure.messages;
            self.thumbs_up += figure.thumbs_up;
            self.thumbs_down += figure.thumbs_down;
            self.forwarded += figure.forwarded;
        }
    }
}

/// What all coaching came to.
pub(super) fn coaching(figures: &[CoachingFigure]) -> CoachingSummary {
    let mut summary = CoachingSummary::default();
    figures.iter().for_each(|figure| summary.add(figure));
    summary
}

/// Coaching by a person whom `of` names, most first.
pub(super) fn coaching_by<'a>(
    figures: &'a [CoachingFigure],
    of: impl Fn(&'a CoachingFigure) -> Option<&'a PersonRef>,
) -> Vec<(&'a PersonRef, CoachingSummary)> {
    let mut people: BTreeMap<&UserId, (&PersonRef, CoachingSummary)> = BTreeMap::new();
    for figure in figures {
        if let Some(person) = of(figure) {
            let (_, summary) = people
                .entry(&person.id)
                .or_insert((person, CoachingSummary::default()));
            summary.add(figure);
        }
    }
    let mut people: Vec<_> = people.into_values().collect();
    people.sort_by_key(|(_, summary)| -summary.messages);
    people
}

/// What became of an agent's conversations before and after the first coaching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Around<'a> {
    pub(super) before: Option<&'a AroundFigure>,
    pub(super) after: Option<&'a AroundFigure>,
}

/// By agent, in the order in which they are.
pub(super) fn around(figures: &[AroundFigure]) -> Vec<(&PersonRef, Around<'_>)> {
    let mut agents: Vec<(&PersonRef, Around<'_>)> = Vec::new();
    for figure in figures {
        if agents
            .last()
            .is_none_or(|(agent, _)| agent.id != figure.agent.id)
        {
            agents.push((&figure.agent, Around::default()));
        }
        if let Some((_, around)) = agents.last_mut() {
            let side = if figure.after {
                &mut around.after
            } else {
                &mut around.before
            };
            *side = Some(figure);
        }
    }
    agents
}

/// Seconds until staff first answered, on average.
pub(super) fn mean_first_answer(figure: &AroundFigure) -> Option<i64> {
    figure.first_answer_s.checked_div(figure.answered)
}

/// Seconds that the conversations took, on average.
pub(super) fn mean_duration(figure: &AroundFigure) -> Option<i64> {
    figure.duration_s.checked_div(figure.conversations)
}

/// How many conversations there were, and how long they took in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ConversationSummary {
    pub(super) begun: i64,
    pub(super) answered: i64,
    pub(super) first_answer: Median,
    pub(super) first_answer_most: Option<i64>,
    pub(super) closed: i64,
    pub(super) duration: Median,
    pub(super) waiting: Median,
    pub(super) waiting_most: Option<i64>,
    pub(super) handling: Median,
    pub(super) handling_most: Option<i64>,
}

/// The conversations of one channel, or of all.
pub(super) fn conversations(
    figures: &ConversationFigures,
    channel: Option<Channel>,
) -> ConversationSummary {
    let counts = |of: Channel| channel.is_none_or(|channel| channel == of);
    let begun = figures.channels.iter().filter(|(of, _)| counts(*of));
    let times = |measure| {
        let of = |figure: &&TimeFigure| figure.measure == measure && counts(figure.channel);
        let times = figures.times.iter().filter(of);
        Shares::new(times.map(|figure| (figure.seconds, figure.count)).collect())
    };
    let answers = times(ConversationMeasure::FirstAnswer);
    let durations = times(ConversationMeasure::Duration);
    let waiting = times(ConversationMeasure::Waiting);
    let handling = times(ConversationMeasure::Handling);
    ConversationSummary {
        begun: begun.map(|(_, count)| count).sum(),
        answered: answers.count,
        first_answer: answers.median(),
        first_answer_most: answers.reached(90),
        closed: durations.count,
        duration: durations.median(),
        waiting: waiting.median(),
        waiting_most: waiting.reached(90),
        handling: handling.median(),
        handling_most: handling.reached(90),
    }
}

/// What ratings came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RatingSummary {
    pub(super) count: i64,
    total: i64,
    /// How many are 4 or 5.
    pub(super) good: i64,
}

impl RatingSummary {
    /// The mean with one decimal: the whole number and the tenths.
    pub(super) fn mean(self) -> Option<(i64, i64)> {
        let twice = (self.total * 20).checked_div(self.count)?;
        let tenths = (twice + 1) / 2;
        Some((tenths / 10, tenths % 10))
    }

    /// How many of a hundred are 4 or 5.
    pub(super) fn share(self) -> Option<i64> {
        let twice = (self.good * 200).checked_div(self.count)?;
        Some((twice + 1) / 2)
    }
}

/// What these ratings came to.
pub(super) fn rated<'a>(figures: impl Iterator<Item = &'a RatingFigure>) -> RatingSummary {
    let mut summary = RatingSummary::default();
    for figure in figures {
        summary.count += figure.count;
        summary.total += figure.total;
        summary.good += figure.good;
    }
    summary
}

/// Ratings by what `of` says of them, most first.
pub(super) fn rated_by<'a, K: Ord>(
    figures: &'a [RatingFigure],
    of: impl Fn(&'a RatingFigure) -> K,
) -> Vec<(K, RatingSummary)> {
    let mut groups: BTreeMap<K, Vec<&RatingFigure>> = BTreeMap::new();
    for figure in figures {
        groups.entry(of(figure)).or_default().push(figure);
    }
    let groups = groups.into_iter();
    let mut groups: Vec<(K, RatingSummary)> = groups
        .map(|(key, group)| (key, rated(group.into_iter())))
        .collect();
    groups.sort_by_key(|(_, summary)| -summary.count);
    groups
}

/// How many took how long.
struct Shares {
    times: Vec<(i64, i64)>,
    count: i64,
}

impl Shares {
    fn new(mut times: Vec<(i64, i64)>) -> Self {
        times.sort_unstable();
        let count = times.iter().map(|(_, count)| count).sum();
        Self { times, count }
    }

    fn median(&self) -> Median {
        Median {
            seconds: self.reached(50),
            of: self.count,
        }
    }

    /// The time that this share of them, in percent, did not exceed.
    fn reached(&self, percent: i64) -> Option<i64> {
        let due = (self.count * percent + 99) / 100;
        let mut reached = 0;
        let found = self.times.iter().find(|(_, count)| {
            reached += count;
            reached >= due
        });
        found.map(|(seconds, _)| *seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_one_decimal_and_nothing_has_none() {
        let summary = |count, total, good| RatingSummary { count, total, good };
        for (of, mean, share) in [
            (summary(1, 4, 1), (4, 0), 100),
            (summary(3, 13, 2), (4, 3), 67),
            (summary(3, 14, 2), (4, 7), 67),
            (summary(20, 79, 1), (4, 0), 5),
            (summary(8, 9, 1), (1, 1), 13),
        ] {
            assert_eq!((of.mean(), of.share()), (Some(mean), Some(share)), "{of:?}");
        }
        let nothing = RatingSummary::default();
        assert_eq!((nothing.mean(), nothing.share()), (None, None));
    }

    /// The median of so many times.
    fn of(times: i64, seconds: i64) -> Median {
        Median {
            seconds: Some(seconds),
            of: times,
        }
    }

    #[test]
    fn waiting_and_handling_have_the_time_of_half_of_them_and_of_nine_in_ten() {
        let time = |channel, measure, seconds, count| TimeFigure {
            channel,
            measure,
            seconds,
            count,
        };
        let figures = ConversationFigures {
            begun: Vec::new(),
            channels: vec![(Channel::Chat, 10), (Channel::Email, 1)],
            times: vec![
                time(Channel::Chat, ConversationMeasure::Waiting, 5, 6),
                time(Channel::Chat, ConversationMeasure::Waiting, 40, 3),
                time(Channel::Chat, ConversationMeasure::Waiting, 90, 1),
                time(Channel::Chat, ConversationMeasure::Handling, 300, 1),
                time(Channel::Email, ConversationMeasure::Handling, 900, 1),
            ],
        };
        let chats = conversations(&figures, Some(Channel::Chat));
        assert_eq!(
            (chats.waiting, chats.waiting_most, chats.handling),
            (of(10, 5), Some(40), of(1, 300))
        );
        let all = conversations(&figures, None);
        assert_eq!((all.handling, all.handling_most), (of(2, 300), Some(900)));
        let mails = conversations(&figures, Some(Channel::Email));
        assert_eq!(
            (mails.waiting, mails.waiting_most),
            (Median::default(), None)
        );
    }

    fn asked(
        at_s: i64,
        claimed_s: Option<i64>,
        settled: Option<(i64, SettledHow)>,
    ) -> RequestFigure {
        let second = |second: i64| Timestamp(second * 1_000_000);
        RequestFigure {
            agent: PersonRef {
                id: UserId::parse("amy").expect("an id"),
                name: "Amy".to_owned(),
            },
            teams: Vec::new(),
            at: second(at_s),
            template: None,
            claimed_at: claimed_s.map(second),
            answered_at: None,
            settled: settled.map(|(at, how)| (second(at), how)),
        }
    }

    #[test]
    fn requests_are_counted_by_how_they_ended_and_times_are_medians() {
        let all = [
            asked(100, Some(110), Some((160, SettledHow::Coached))),
            asked(200, Some(300), Some((500, SettledHow::Handled))),
            asked(300, Some(304), Some((310, SettledHow::Withdrawn))),
            asked(400, None, Some((401, SettledHow::WorkitemClosed))),
            asked(500, None, None),
        ];
        let summary = requests(all.iter());
        assert_eq!((summary.count, summary.done), (5, 2));
        assert_eq!((summary.withdrawn, summary.lapsed, summary.open), (1, 1, 1));
        assert_eq!(summary.to_claim, of(3, 10));
        assert_eq!(summary.to_done, of(2, 60));
        assert_eq!(summary.to_answer, Median::default());
    }

    #[test]
    fn a_request_stands_in_each_team_of_its_agent_and_a_team_without_any_does_not() {
        let team = |id: &str| TeamId::parse(id).expect("an id");
        let within = |teams: &[&str], request: RequestFigure| RequestFigure {
            teams: teams.iter().map(|id| team(id)).collect(),
            ..request
        };
        let all = [
            within(
                &["care", "sales"],
                asked(0, None, Some((40, SettledHow::Coached))),
            ),
            within(
                &["care"],
                asked(10, None, Some((30, SettledHow::Withdrawn))),
            ),
            within(&["sales"], asked(20, None, None)),
        ];
        let teams = ["care", "idle", "sales"].map(|id| (team(id), id.to_uppercase()));
        let found = requests_by_team(&all, &teams);
        let found: Vec<_> = found
            .iter()
            .map(|(name, of)| (*name, of.count, of.done, of.withdrawn, of.open, of.to_done))
            .collect();
        assert_eq!(
            found,
            [
                ("CARE", 2, 1, 1, 0, of(1, 40)),
                ("SALES", 2, 1, 0, 1, of(1, 40))
            ]
        );
    }

    #[test]
    fn a_long_range_has_a_bar_for_each_week_and_loses_nothing() {
        let range = Range::parse("2026-01-01", "2026-04-01", "UTC", Timestamp(0)).expect("a range");
        let days = 91;
        let moments = (0..days).map(|day| {
            let (from, _) = range.bounds();
            (Timestamp(from.0 + day * 86_400_000_000), 1)
        });
        let bars = bars(&range, moments);
        assert_eq!(bars.len(), 13);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<i64>(), days);
        assert_eq!(bars.last().expect("one").to, range.to);
    }

    #[test]
    fn a_share_is_reached_by_the_first_time_that_holds_it() {
        let shares = Shares::new(vec![(60, 1), (10, 8), (3_600, 1)]);
        assert_eq!(shares.reached(50), Some(10));
        assert_eq!(shares.reached(90), Some(60));
        assert_eq!(Shares::new(Vec::new()).reached(50), None);
    }
}
