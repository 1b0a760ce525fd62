//! The order of the agents on the dashboard.

use std::cmp::Ordering;

use shared::agent_filter::AgentFilter;
use shared::fold::folded;
use shared::people::Presence;
use shared::workitem::{AgentRow, ChannelCounts};

/// By what the agents are put into order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Who needs somebody first: requests that nobody has claimed, claimed ones, alerts, then customers whose answer is late or will
    /// be; each the longest first.
    #[default]
    Attention,
    /// By name.
    Agent,
    /// Who can be reached first.
    Presence,
    /// The most open workitems first.
    Workitems,
    /// The customer who waits longest first.
    LongestWait,
    /// The oldest request first, claimed or not.
    RaisedHand,
    /// Those whom most supervisors watch first.
    Monitored,
}

/// The last place: nothing in this column. It is last in both directions.
const NONE: i64 = i64::MAX;

impl SortBy {
    /// As they are offered; all but the first are columns, in the order of the table.
    pub const ALL: [SortBy; 7] = [
        SortBy::Attention,
        SortBy::Agent,
        SortBy::Presence,
        SortBy::Workitems,
        SortBy::LongestWait,
        SortBy::RaisedHand,
        SortBy::Monitored,
    ];

    /// The words on screen: for a column, those of its heading.
    pub fn name(self) -> &'static str {
        match self {
            SortBy::Attention => t!(dashboard.sort_attention),
            SortBy::Agent => t!(dashboard.agent),
            SortBy::Presence => t!(dashboard.presence),
            SortBy::Workitems => t!(dashboard.workitems),
            SortBy::LongestWait => t!(dashboard.longest_wait),
            SortBy::RaisedHand => t!(dashboard.raised_hand),
            SortBy::Monitored => t!(dashboard.monitored),
        }
    }

    /// The word in the address.
    pub fn code(self) -> &'static str {
        match self {
            SortBy::Attention => "attention",
            SortBy::Agent => "agent",
            SortBy::Presence => "presence",
            SortBy::Workitems => "workitems",
            SortBy::LongestWait => "wait",
            SortBy::RaisedHand => "hand",
            SortBy::Monitored => "monitored",
        }
    }

    /// Whether the natural order is the smallest first, for those who do not see the arrow.
    fn ascends(self) -> bool {
        matches!(self, SortBy::Agent | SortBy::Presence)
    }

    /// Where an agent stands: the least number first. What waits and what is open counts as far as `filter` is about it. `alerted`:
    /// whether the agent's work has an alert.
    fn place(
        self,
        agent: &AgentRow,
        filter: &AgentFilter,
        alerted: bool,
        within: &ChannelCounts,
    ) -> [i64; 3] {
        let waits = filter.waits(agent);
        let late = waits.iter().map(|wait| wait.late_at(within).0);
        let late = late.min().unwrap_or(NONE);
        let oldest = |claimed| {
            let hands = agent.hands.iter();
            let hands = hands.filter(|hand| hand.claim.is_some() == claimed);
            hands.map(|hand| hand.at.0).min()
        };
        let some = |count: i64| if count == 0 { NONE } else { -count };
        match self {
            SortBy::Attention => match (oldest(false), oldest(true)) {
                (Some(at), _) => [0, at, late],
                (None, Some(at)) => [1, at, late],
                (None, None) if alerted => [2, late, 0],
                (None, None) => [3, late, 0],
            },
            SortBy::Agent => [0; 3],
            SortBy::Presence => {
                let place = Presence::ALL.iter().position(|at| *at == agent.presence);
                [place.map_or(NONE, |place| place as i64), 0, 0]
            }
            SortBy::Workitems => [some(filter.open_of(agent)), 0, 0],
            SortBy::LongestWait => {
                let since = waits.iter().map(|wait| wait.since.0).min();
                [since.unwrap_or(NONE), 0, 0]
            }
            SortBy::RaisedHand => {
                let at = agent.hands.iter().map(|hand| hand.at.0).min();
                [at.unwrap_or(NONE), 0, 0]
            }
            SortBy::Monitored => [some(agent.monitored), 0, 0],
        }
    }
}

/// An order and its direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    by: SortBy,
    /// The other way round than usual for the column.
    reversed: bool,
}

impl Order {
    /// The order of a word in the address; the default for one that is none.
    pub fn from_code(code: &str) -> Self {
        let (reversed, code) = match code.strip_prefix('-') {
            Some(code) => (true, code),
            None => (false, code),
        };
        match SortBy::ALL.into_iter().find(|by| by.code() == code) {
            None | Some(SortBy::Attention) => Self::default(),
            Some(by) => Self { by, reversed },
        }
    }

    /// The word in the address.
    pub fn code(self) -> String {
        let sign = if self.reversed { "-" } else { "" };
        [sign, self.by.code()].concat()
    }

    /// By what.
    pub fn by(self) -> SortBy {
        self.by
    }

    /// The order after a click on the heading of a column: its usual one, the other way round, then the default.
    pub fn clicked(self, by: SortBy) -> Self {
        if self.by != by {
            return Self {
                by,
                reversed: false,
            };
        }
        match self.reversed {
            false => Self { by, reversed: true },
            true => Self::default(),
        }
    }

    /// The value of `aria-sort` at the heading of a column.
    pub fn aria_sort(self, by: SortBy) -> &'static str {
        match (self.by == by, by.ascends() != self.reversed) {
            (false, _) => "none",
            (true, true) => "ascending",
            (true, false) => "descending",
        }
    }

    /// What an agent's place depends on. `filter`: by what the agents are chosen; `alerted`: whether the agent's work has an alert;
    /// `within`: minutes in which a customer on each channel should have an answer.
    pub fn key(
        self,
        agent: &AgentRow,
        filter: &AgentFilter,
        alerted: bool,
        within: &ChannelCounts,
    ) -> Key {
        Key {
            place: self.by.place(agent, filter, alerted, within),
            name: folded(&agent.name),
        }
    }

    /// Which of two comes first. Agents who are alike in the column stand by name.
    pub fn compare(self, one: &Key, other: &Key) -> Ordering {
        let turned = |order: Ordering| match self.reversed {
            true => order.reverse(),
            false => order,
        };
        let by_name = one.name.cmp(&other.name);
        if self.by == SortBy::Agent {
            return turned(by_name);
        }
        let empty = |key: &Key| key.place[0] == NONE;
        empty(one)
            .cmp(&empty(other))
            .then_with(|| turned(one.place.cmp(&other.place)))
            .then(by_name)
    }
}

/// What an agent's place depends on.
pub struct Key {
    place: [i64; 3],
    name: String,
}

#[cfg(test)]
mod tests {
    use shared::agent_filter::Filter;
    use shared::assistance::Claim;
    use shared::escalation::Step;
    use shared::ids::{RequestId, UserId};
    use shared::organisation::OrganisationSettings;
    use shared::people::PersonRef;
    use shared::time::Timestamp;
    use shared::workitem::{Channel, ChannelWait, RaisedHand};

    use super::super::projection;
    use super::*;

    fn agent(name: &str) -> AgentRow {
        AgentRow {
            name: name.to_owned(),
            ..projection::tests::agent("any")
        }
    }

    fn waits(name: &str, since: i64) -> AgentRow {
        AgentRow {
            waiting_since: Some(Timestamp(since)),
            ..agent(name)
        }
    }

    fn asks(name: &str, at: i64, claimed: bool) -> AgentRow {
        let by = PersonRef {
            id: UserId::parse("sam").expect("a test id"),
            name: "Sam".to_owned(),
        };
        let hand = RaisedHand {
            request: RequestId::parse(name.to_lowercase()).expect("a test id"),
            text: "Help!".to_owned(),
            at: Timestamp(at),
            workitem: None,
            claim: claimed.then_some(Claim {
                by,
                at: Timestamp(at),
            }),
            target_min: None,
            escalated: Step::Asked,
            about: None,
        };
        AgentRow {
            hands: vec![hand],
            ..agent(name)
        }
    }

    fn sorted(code: &str, agents: &[AgentRow]) -> Vec<String> {
        chosen("", code, agents)
    }

    /// The agents in an order, where they are chosen by a channel.
    fn chosen(channel: &str, code: &str, agents: &[AgentRow]) -> Vec<String> {
        let order = Order::from_code(code);
        let mut filter = AgentFilter::default();
        filter.set(Filter::Channel, channel.to_owned());
        let within = OrganisationSettings::default().answer_within_min;
        let mut keyed: Vec<_> = agents
            .iter()
            .map(|agent| {
                (
                    order.key(agent, &filter, agent.name.starts_with("Alerted"), &within),
                    agent,
                )
            })
            .collect();
        keyed.sort_by(|(one, _), (other, _)| order.compare(one, other));
        keyed
            .into_iter()
            .map(|(_, agent)| agent.name.clone())
            .collect()
    }

    #[test]
    fn who_needs_somebody_is_first() {
        let agents = [
            agent("Zoe"),
            agent("Amy"),
            waits("Ben", 50),
            waits("Cleo", 40),
            agent("Alerted Al"),
            waits("Alerted Bo", 60),
            asks("Dan", 10, true),
            asks("Eve", 30, false),
            asks("Fay", 20, false),
        ];
        let expected = [
            "Fay",
            "Eve",
            "Dan",
            "Alerted Bo",
            "Alerted Al",
            "Cleo",
            "Ben",
            "Amy",
            "Zoe",
        ];
        assert_eq!(sorted("", &agents), expected);
        assert_eq!(sorted("nonsense", &agents), expected);
        assert_eq!(sorted("-attention", &agents), expected);
    }

    #[test]
    fn a_chat_needs_somebody_before_an_email_that_waits_longer() {
        let on = |name, channel, since| AgentRow {
            waits: vec![ChannelWait {
                channel,
                since: Timestamp(since),
            }],
            ..waits(name, since)
        };
        let agents = [
            on("Ben", Channel::Email, 1),
            on("Cleo", Channel::Chat, 60_000_000),
        ];
        assert_eq!(sorted("", &agents), ["Cleo", "Ben"]);
        assert_eq!(sorted("wait", &agents), ["Ben", "Cleo"]);
        let chats = chosen("chat", "wait", &agents);
        assert_eq!(chats, ["Cleo", "Ben"], "an email is no wait in chats");
    }

    #[test]
    fn what_a_column_lacks_is_last_in_both_directions() {
        let agents = [
            agent("Zoe"),
            waits("Ben", 50),
            waits("Cleo", 40),
            agent("Amy"),
        ];
        assert_eq!(sorted("wait", &agents), ["Cleo", "Ben", "Amy", "Zoe"]);
        assert_eq!(sorted("-wait", &agents), ["Ben", "Cleo", "Amy", "Zoe"]);
    }

    #[test]
    fn columns_have_their_usual_order_and_its_reverse() {
        let mut busy = agent("Ben");
        busy.presence = Presence::Busy;
        busy.counts.add(Channel::Chat, 2);
        let mut watched = agent("Émile");
        watched.monitored = 3;
        watched.counts.add(Channel::Sms, 1);
        let agents = [agent("Fay"), watched, busy];
        assert_eq!(sorted("agent", &agents), ["Ben", "Émile", "Fay"]);
        assert_eq!(sorted("-agent", &agents), ["Fay", "Émile", "Ben"]);
        assert_eq!(sorted("presence", &agents), ["Émile", "Fay", "Ben"]);
        assert_eq!(sorted("workitems", &agents), ["Ben", "Émile", "Fay"]);
        assert_eq!(sorted("-workitems", &agents), ["Émile", "Ben", "Fay"]);
        assert_eq!(sorted("monitored", &agents), ["Émile", "Ben", "Fay"]);
    }

    #[test]
    fn a_heading_turns_the_order_and_then_lets_go_of_it() {
        let order = Order::default().clicked(SortBy::LongestWait);
        assert_eq!(
            (order.code().as_str(), order.aria_sort(SortBy::LongestWait)),
            ("wait", "descending")
        );
        let order = order.clicked(SortBy::LongestWait);
        assert_eq!(
            (order.code().as_str(), order.aria_sort(SortBy::LongestWait)),
            ("-wait", "ascending")
        );
        assert_eq!(order.aria_sort(SortBy::Agent), "none");
        assert_eq!(order.clicked(SortBy::LongestWait), Order::default());
    }
}
