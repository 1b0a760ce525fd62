//! Conversations, as far as they are counted: those of some time, and those of a whole day of a team, which are kept as bytes so that
//! a year is not counted row by row each time.

use std::collections::BTreeMap;

use shared::time::Timestamp;
use shared::workitem::Channel;

use super::rows::damaged;
use super::statement::{Cells, Connection, Statement};
use crate::store::Stored;
use crate::store::rows::{ConversationFigures, ConversationMeasure, QuarterFigure, TimeFigure};

/// Microseconds of a quarter of an hour.
pub(super) const QUARTER: i64 = 900_000_000;
/// Microseconds of a day, which begins at midnight in UTC.
pub(in crate::store) const DAY: i64 = 86_400_000_000;
const QUARTERS_OF_DAY: i64 = DAY / QUARTER;
/// From how many seconds on a time is rare.
const LONG_S: usize = 36_000;
/// What is measured, in the order in which it is kept.
const MEASURES: [ConversationMeasure; 4] = [
    ConversationMeasure::FirstAnswer,
    ConversationMeasure::Duration,
    ConversationMeasure::Waiting,
    ConversationMeasure::Handling,
];
/// The first byte of what is kept. What it holds otherwise begins with another one.
const FORMAT: u8 = 1;

/// When what happened to a conversation, as far as it did.
pub(in crate::store) struct Times {
    pub(in crate::store) began: i64,
    pub(in crate::store) answered: Option<i64>,
    pub(in crate::store) given: Option<i64>,
    /// Its last message, of one that is closed.
    pub(in crate::store) last: Option<i64>,
    pub(in crate::store) shut: Option<i64>,
}

/// Conversations that were counted. A day of a large centre has thousands, so nearly all are counted without a search for where.
#[derive(Default)]
pub(in crate::store) struct Counts {
    channels: [ChannelCounts; Channel::ALL.len()],
}

/// Those of a channel.
#[derive(Default)]
struct ChannelCounts {
    begun: QuarterCounts,
    times: [TimeCounts; MEASURES.len()],
}

/// How many began in each quarter of an hour.
#[derive(Default)]
struct QuarterCounts {
    counted: BTreeMap<i64, i64>,
    /// The quarter of the last one, with those that are not in `counted` yet: conversations come in the order in which they began.
    last: (i64, i64),
}

/// How many took how many seconds.
#[derive(Default)]
struct TimeCounts {
    /// Below [`LONG_S`], each at its place; empty while there are none.
    usual: Vec<i64>,
    long: BTreeMap<i64, i64>,
}

/// How long it took, the rougher the longer.
fn rough(microseconds: i64) -> i64 {
    let seconds = microseconds.max(0) / 1_000_000;
    let step = match seconds {
        ..120 => 1,
        120..3_600 => 10,
        3_600..36_000 => 60,
        _ => 3_600,
    };
    seconds / step * step
}

impl QuarterCounts {
    fn add(&mut self, quarter: i64, count: i64) {
        if self.last.0 != quarter {
            self.keep_last(quarter);
        }
        self.last.1 += count;
    }

    fn keep_last(&mut self, next: i64) {
        let (quarter, count) = std::mem::replace(&mut self.last, (next, 0));
        if count > 0 {
            *self.counted.entry(quarter).or_default() += count;
        }
    }

    fn counted(mut self) -> BTreeMap<i64, i64> {
        self.keep_last(0);
        self.counted
    }
}

impl TimeCounts {
    fn add(&mut self, seconds: i64, count: i64) {
        match usize::try_from(seconds) {
            Ok(place) if place < LONG_S => {
                if self.usual.is_empty() {
                    self.usual.resize(LONG_S, 0);
                }
                self.usual[place] += count;
            }
            _ => *self.long.entry(seconds).or_default() += count,
        }
    }

    fn counted(self) -> impl Iterator<Item = (i64, i64)> {
        let usual = (0..).zip(self.usual).filter(|(_, count)| *count > 0);
        usual.chain(self.long)
    }
}

impl ChannelCounts {
    fn add(&mut self, times: &Times) {
        let since = |from: i64, to: Option<i64>| to.map(|to| rough(to - from));
        let began = times.began;
        let handled = times.given.and_then(|given| since(given, times.shut));
        let taken = [
            since(began, times.answered),
            since(began, times.last),
            since(began, times.given),
            handled,
        ];
        self.begun.add(began.div_euclid(QUARTER), 1);
        for (counts, seconds) in self.times.iter_mut().zip(taken) {
            if let Some(seconds) = seconds {
                counts.add(seconds, 1);
            }
        }
    }

    /// As bytes; nothing where there are none.
    fn kept(self, day: i64) -> Option<Vec<u8>> {
        let begun = self.begun.counted();
        if begun.is_empty() {
            return None;
        }
        let first = day * QUARTERS_OF_DAY;
        let begun = begun.into_iter();
        let mut bytes = vec![FORMAT];
        put_pairs(
            &mut bytes,
            begun.map(|(quarter, count)| (quarter - first, count)),
        );
        for times in self.times {
            put_pairs(&mut bytes, times.counted());
        }
        Some(bytes)
    }

    /// Nothing where these bytes are not what [`Self::kept`] makes.
    fn add_kept(&mut self, day: i64, bytes: &[u8]) -> Option<()> {
        let mut kept = Kept(bytes.strip_prefix(&[FORMAT])?);
        let Self { begun, times } = self;
        let first = day * QUARTERS_OF_DAY;
        kept.pairs(|quarter, count| begun.add(first + quarter, count))?;
        for times in times {
            kept.pairs(|seconds, count| times.add(seconds, count))?;
        }
        kept.0.is_empty().then_some(())
    }
}

impl Counts {
    /// Counts what a statement answers: channel, beginning, first answer, first given, last message, closing.
    pub(super) fn read(&mut self, statement: Statement<'_>, connection: &Connection) -> Stored<()> {
        statement.each(connection, |row| {
            let times = Times {
                began: row.integer(1)?.ok_or_else(|| damaged("started_at"))?,
                answered: row.integer(2)?,
                given: row.integer(3)?,
                last: row.integer(4)?,
                shut: row.integer(5)?,
            };
            self.add(channel(row)?, &times);
            Ok(())
        })
    }

    /// Adds days that are kept, as a statement answers them: channel, day, figures.
    pub(super) fn read_kept(
        &mut self,
        statement: Statement<'_>,
        connection: &Connection,
    ) -> Stored<()> {
        statement.each(connection, |row| {
            let day = row.integer(1)?.ok_or_else(|| damaged("day"))?;
            let counts = &mut self.channels[channel(row)? as usize];
            let added = counts.add_kept(day, row.bytes(2)?);
            added.ok_or_else(|| damaged("figures"))
        })
    }

    /// Adds a conversation.
    pub(in crate::store) fn add(&mut self, channel: Channel, times: &Times) {
        self.channels[channel as usize].add(times);
    }

    /// Those of one day as they are kept, by channel. The same conversations are the same bytes, in whatever order they were added.
    pub(in crate::store) fn kept(self, day: i64) -> Vec<(Channel, Vec<u8>)> {
        let channels = Channel::ALL.into_iter().zip(self.channels);
        let kept = channels.filter_map(|(channel, counts)| Some((channel, counts.kept(day)?)));
        kept.collect()
    }

    pub(super) fn figures(self) -> ConversationFigures {
        let mut begun: BTreeMap<i64, i64> = BTreeMap::new();
        let (mut channels, mut times) = (Vec::new(), Vec::new());
        for (channel, counts) in Channel::ALL.into_iter().zip(self.channels) {
            let mut all = 0;
            for (quarter, count) in counts.begun.counted() {
                *begun.entry(quarter).or_default() += count;
                all += count;
            }
            if all > 0 {
                channels.push((channel, all));
            }
            for (measure, counts) in MEASURES.into_iter().zip(counts.times) {
                times.extend(counts.counted().map(|(seconds, count)| TimeFigure {
                    channel,
                    measure,
                    seconds,
                    count,
                }));
            }
        }
        let begun = begun.into_iter().map(|(quarter, count)| QuarterFigure {
            start: Timestamp(quarter * QUARTER),
            count,
        });
        ConversationFigures {
            begun: begun.collect(),
            channels,
            times,
        }
    }
}

fn channel(row: &dyn Cells) -> Stored<Channel> {
    Channel::from_code(row.text(0)?).ok_or_else(|| damaged("channel"))
}

/// Writes pairs of a value and how often it came, by rising values: how many, and of each how much more than the one before, and its count.
fn put_pairs(bytes: &mut Vec<u8>, pairs: impl Iterator<Item = (i64, i64)>) {
    let pairs: Vec<(i64, i64)> = pairs.collect();
    put(bytes, i64::try_from(pairs.len()).unwrap_or(i64::MAX));
    let mut before = 0;
    for (value, count) in pairs {
        put(bytes, value - before);
        put(bytes, count);
        before = value;
    }
}

/// Writes a number that is not negative: seven bits a byte, the lowest first, and whether there are more.
fn put(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = u64::try_from(number).unwrap_or_default();
    while rest > 0x7f {
        bytes.push((rest.to_le_bytes()[0] & 0x7f) | 0x80);
        rest >>= 7;
    }
    bytes.push(rest.to_le_bytes()[0]);
}

/// What was written by [`put`], from the front.
struct Kept<'a>(&'a [u8]);

impl Kept<'_> {
    fn number(&mut self) -> Option<i64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= i64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn pairs(&mut self, mut take: impl FnMut(i64, i64)) -> Option<()> {
        let mut value: i64 = 0;
        for _ in 0..self.number()? {
            value = value.checked_add(self.number()?)?;
            take(value, self.number()?);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_is_counted_more_roughly_than_a_short_one() {
        for (seconds, counted) in [
            (-5, 0),
            (0, 0),
            (119, 119),
            (125, 120),
            (3_599, 3_590),
            (3_661, 3_660),
            (36_001, 36_000),
            (90_000, 90_000),
            (90_100, 90_000),
        ] {
            assert_eq!(
                rough(seconds * 1_000_000 + 999_999 * i64::from(seconds >= 0)),
                counted
            );
        }
    }

    #[test]
    fn a_number_is_read_as_it_was_written() {
        for number in [0, 1, 127, 128, 16_383, 16_384, 86_400_000_000, i64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            let mut kept = Kept(&bytes);
            assert_eq!(kept.number(), Some(number));
            assert!(kept.0.is_empty(), "{number}");
        }
    }

    /// A conversation of a day that begins and ends so many seconds after its midnight.
    fn of_day(day: i64, began: i64, ended: i64) -> Times {
        let second = |second: i64| day * DAY + second * 1_000_000;
        Times {
            began: second(began),
            answered: (ended % 2 == 0).then(|| second(began + 7)),
            given: Some(second(began + 3)),
            last: Some(second(ended)),
            shut: Some(second(ended + 90_000)),
        }
    }

    #[test]
    fn a_day_that_was_kept_has_the_figures_of_its_conversations() {
        let day = 20_000;
        let (mut counts, mut again) = (Counts::default(), Counts::default());
        for (began, ended) in [
            (0, 30),
            (5, 4_000),
            (901, 902),
            (86_399, 90_000),
            (0, 40_000),
        ] {
            for counts in [&mut counts, &mut again] {
                counts.add(Channel::Chat, &of_day(day, began, ended));
            }
        }
        for counts in [&mut counts, &mut again] {
            counts.add(Channel::Email, &of_day(day, 1_000, 1_001));
        }
        let kept = counts.kept(day);
        let of_channels: Vec<Channel> = kept.iter().map(|(channel, _)| *channel).collect();
        assert_eq!(of_channels, [Channel::Chat, Channel::Email]);
        let mut read = Counts::default();
        for (channel, bytes) in &kept {
            let added = read.channels[*channel as usize].add_kept(day, bytes);
            assert_eq!(added, Some(()));
        }
        assert_eq!(read.figures(), again.figures());
    }

    #[test]
    fn bytes_that_nothing_wrote_are_damage() {
        for bytes in [
            &b""[..],
            &[2],
            &[FORMAT],
            &[FORMAT, 1, 0],
            &[FORMAT, 0, 0, 0, 0, 0, 0],
            &[
                FORMAT, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            ],
        ] {
            assert_eq!(
                ChannelCounts::default().add_kept(0, bytes),
                None,
                "{bytes:?}"
            );
        }
        let empty = &[FORMAT, 0, 0, 0, 0, 0];
        assert_eq!(ChannelCounts::default().add_kept(0, empty), Some(()));
    }
}
