//! The conversations of the demo data, from the text files in `stories/`. Invented people of an invented company.
//!
//! A story begins with `== id | channel | customer | title | concern` and, when it is over, `| closed MINUTES` or
//! `| wrap_up MINUTES`. Each line below is `MINUTES > text` (the customer) or `MINUTES < text` (the agent);
//! minutes count back from the moment of seeding, and `\n` breaks a line.

use shared::ids::{TeamId, UserId, WorkitemId};
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::workitem::{Channel, WorkitemState};

use super::lines::Concern;
use super::phones::{PhoneId, Service};
use crate::commands::WorkitemImport;

/// One workitem of the demo data.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) import: WorkitemImport,
    pub(super) concern: Concern,
    /// Set when the conversation is over: how it stands, since when.
    pub(super) over: Option<(WorkitemState, Timestamp)>,
    /// The phone on which the customer writes; on the others nobody simulates anything.
    pub(super) phone: Option<PhoneId>,
    /// The vendor's number of what happened to the agent's last message.
    pub(super) last_failed: Option<i64>,
}

/// A story whose customer writes on a simulated phone: its workitem, by which service, the number, and the vendor's number of
/// what happened to the last message.
type Phoned = (&'static str, Service, &'static str, Option<i64>);

const PHONES: [Phoned; 7] = [
    ("wi-amy-3", Service::WhatsApp, "+447700900143", Some(63_018)),
    ("wi-amy-4", Service::Sms, "+447700900142", None),
    ("wi-ben-3", Service::Messenger, "6543217890123401", None),
    ("wi-ben-4", Service::Sms, "+4915123456789", None),
    ("wi-ben-7", Service::Sms, "+33612345678", None),
    ("wi-cleo-3", Service::WhatsApp, "+447700900188", None),
    ("wi-cleo-4", Service::Sms, "+15550134", None),
];

/// The phones of the stories.
pub(super) fn phones() -> impl Iterator<Item = PhoneId> {
    PHONES.into_iter().map(phone_of)
}

fn phone_of((_, service, number, _): Phoned) -> PhoneId {
    PhoneId::new(service, number)
}

const FILES: [(&str, &str, &str); 3] = [
    ("amy", "care", include_str!("stories/amy.txt")),
    ("ben", "care", include_str!("stories/ben.txt")),
    ("cleo", "sales", include_str!("stories/cleo.txt")),
];

/// All stories, as they stand at `now`. The error says what in the text cannot be read.
pub(super) fn all(now: Timestamp) -> Result<Vec<Story>, String> {
    let mut stories = Vec::new();
    for (agent, team, text) in FILES {
        for chapter in text
            .split("\n== ")
            .map(|chapter| chapter.trim_start_matches("== "))
        {
            let wrong = |what: &str| format!("{what} in a story of {agent}: {chapter:.60}");
            stories.push(
                story(agent, team, chapter, now)
                    .ok_or_else(|| wrong("something cannot be read"))?,
            );
        }
    }
    Ok(stories)
}

fn story(agent: &str, team: &str, chapter: &str, now: Timestamp) -> Option<Story> {
    let mut lines = chapter.lines().filter(|line| !line.trim().is_empty());
    let head: Vec<&str> = lines.next()?.split('|').map(str::trim).collect();
    let [id, channel, customer, title, concern, over @ ..] = head.as_slice() else {
        return None;
    };
    let over = match over {
        [] => None,
        [over] => {
            let (state, minutes) = over.split_once(' ')?;
            Some((WorkitemState::from_code(state)?, ago(now, minutes, 0)?))
        }
        _ => return None,
    };
    let messages: Vec<_> = lines
        .enumerate()
        .map(|(place, line)| message(now, place, line))
        .collect::<Option<_>>()?;
    let import = WorkitemImport {
        id: WorkitemId::parse(*id).ok()?,
        channel: Channel::from_code(channel)?,
        customer: (*customer).to_owned(),
        subject: (*title).to_owned(),
        team: TeamId::parse(team).ok()?,
        agent: Some(UserId::parse(agent).ok()?),
        started_at: messages.first()?.1,
        given_at: None,
        messages,
        carried: None,
    };
    let phoned = PHONES.into_iter().find(|phoned| phoned.0 == *id);
    Some(Story {
        import,
        concern: Concern::from_word(concern)?,
        over,
        phone: phoned.map(phone_of),
        last_failed: phoned.and_then(|phoned| phoned.3),
    })
}

fn message(now: Timestamp, place: usize, line: &str) -> Option<(bool, Timestamp, MessageText)> {
    let (minutes, rest) = line.split_once(' ')?;
    let (mark, text) = rest.split_once(' ')?;
    let customer = match mark {
        ">" => true,
        "<" => false,
        _ => return None,
    };
    Some((
        customer,
        ago(now, minutes, place)?,
        MessageText::parse(&text.replace("\\n", "\n")).ok()?,
    ))
}

/// So many minutes before `now`, and a few seconds earlier: nobody writes on the full minute.
fn ago(now: Timestamp, minutes: &str, place: usize) -> Option<Timestamp> {
    let seconds = i64::try_from(place * 37 % 50).ok()?;
    Some(Timestamp(
        now.0 - (minutes.parse::<i64>().ok()? * 60 + seconds) * 1_000_000,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_can_be_read_and_runs_forward_in_time() {
        let now = Timestamp(1_700_000_000_000_000);
        let stories = all(now).unwrap();
        for Story { import, over, .. } in &stories {
            assert!(
                import.messages.windows(2).all(|pair| pair[0].1 < pair[1].1),
                "{}",
                import.id
            );
            assert!(import.messages.iter().all(|(_, at, _)| *at < now));
            let last = import.messages.last().map(|message| message.1);
            assert!(over.is_none_or(|(_, at)| last < Some(at)), "{}", import.id);
        }
        let longest = stories
            .iter()
            .map(|story| story.import.messages.len())
            .max();
        assert!(
            longest >= Some(30),
            "one conversation is long enough to scroll"
        );
    }

    #[test]
    fn each_phone_belongs_to_a_story_of_its_service() {
        let stories = all(Timestamp(1_700_000_000_000_000)).unwrap();
        let phoned = stories.iter().filter_map(|story| {
            let phone = story.phone.as_ref()?;
            let channel = match phone.service {
                Service::Sms => Channel::Sms,
                _ => Channel::Social,
            };
            assert_eq!(story.import.channel, channel, "{}", story.import.id);
            // What failed is what the agent said last.
            let last_by_customer = story.import.messages.last().unwrap().0;
            assert!(story.last_failed.is_none() || !last_by_customer);
            Some(phone.clone())
        });
        assert_eq!(phoned.count(), PHONES.len());
    }

    #[test]
    fn each_agent_has_open_work_on_every_channel() {
        let stories = all(Timestamp(1_700_000_000_000_000)).unwrap();
        for (agent, ..) in FILES {
            let open = || {
                let own = stories.iter().filter(move |story| {
                    story
                        .import
                        .agent
                        .as_ref()
                        .is_some_and(|id| id.as_str() == agent)
                });
                own.filter(|story| story.over.is_none())
            };
            assert_eq!(open().count(), 6, "{agent}");
            for channel in Channel::ALL {
                assert!(
                    open().any(|story| story.import.channel == channel),
                    "{agent} {channel:?}"
                );
            }
        }
        assert!(stories.iter().filter(|story| story.over.is_some()).count() >= 2);
    }
}
