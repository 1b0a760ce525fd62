//! Which agents the User Dashboard shows, as its address says it. The page reads it, and so does the host, which writes the same agents
//! into a file.

use crate::fold::folded;
use crate::people::Presence;
use crate::workitem::{AgentRow, Channel, ChannelWait, WorkitemState};

/// The value of a filter that has no other: agents with an open request, or with an alert.
pub const OPEN: &str = "open";
/// The name of the one choice that stood for presence, request and alert in addresses and views of earlier releases.
pub const SHOW_BEFORE: &str = "show";

/// By what agents are chosen. Filters that are in use combine with *and*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Whether they can be reached.
    Presence,
    /// The name of a team.
    Team,
    /// A channel on which they have work.
    Channel,
    /// A state that work of theirs is in.
    State,
    /// Whether they ask for help.
    Request,
    /// Whether their work has an alert.
    Alert,
}

impl Filter {
    /// In the order in which they are offered.
    pub const ALL: [Filter; 6] = [
        Filter::Presence,
        Filter::Team,
        Filter::Channel,
        Filter::State,
        Filter::Request,
        Filter::Alert,
    ];

    /// The name in the address.
    pub fn code(self) -> &'static str {
        match self {
            Filter::Presence => "presence",
            Filter::Team => "team",
            Filter::Channel => "channel",
            Filter::State => "state",
            Filter::Request => "request",
            Filter::Alert => "alert",
        }
    }

    /// Whether a value in the address means something.
    pub fn knows(self, value: &str) -> bool {
        match self {
            Filter::Presence => Presence::from_code(value).is_some(),
            // A team that is not there is shown as chosen all the same.
            Filter::Team => true,
            Filter::Channel => Channel::from_code(value).is_some(),
            Filter::State => state_of(value).is_some(),
            Filter::Request | Filter::Alert => value == OPEN,
        }
    }

    /// Its value where `show` of an earlier release says it.
    fn before(self, show: &str) -> &str {
        match (self, show) {
            (Filter::Presence, presence) => presence,
            (Filter::Request, "hand") | (Filter::Alert, "alert") => OPEN,
            _ => "",
        }
    }
}

/// The state of a code, if agents have workitems in it.
fn state_of(code: &str) -> Option<WorkitemState> {
    WorkitemState::from_code(code).filter(|state| state.is_at_agent())
}

/// Which agents are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentFilter {
    /// Part of a name or of a team's name.
    pub find: String,
    /// Whether a filter was asked for by a value that means nothing to this release. It chooses nobody out.
    pub unknown: bool,
    /// The value of each filter, in the order of [`Filter::ALL`]; empty for one that is not in use.
    values: [String; Filter::ALL.len()],
}

impl AgentFilter {
    /// The filter of an address, of which `value` gives the value of a name. What means nothing is not in use.
    pub fn of(value: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| value(name).unwrap_or_default();
        let show = value(SHOW_BEFORE);
        let mut filter = Self {
            find: value("find"),
            ..Self::default()
        };
        for by in Filter::ALL {
            let mut now = value(by.code());
            let asked = !now.is_empty();
            if !asked {
                by.before(&show).clone_into(&mut now);
            }
            if by.knows(&now) {
                filter.set(by, now);
            } else {
                filter.unknown |= asked;
            }
        }
        filter
    }

    /// The value of a filter; empty for one that is not in use.
    pub fn value(&self, by: Filter) -> &str {
        &self.values[by as usize]
    }

    /// Changes the value of a filter; an empty one takes it out of use.
    pub fn set(&mut self, by: Filter, value: String) {
        self.values[by as usize] = value;
    }

    /// How many are in use; part of a name is one.
    pub fn count(&self) -> usize {
        let all = self.values.iter().chain([&self.find]);
        all.filter(|value| !value.trim().is_empty()).count()
    }

    /// The channel on which the agents have work, if they are chosen by one.
    pub fn channel(&self) -> Option<Channel> {
        Channel::from_code(self.value(Filter::Channel))
    }

    /// Who waits for an agent, as far as the filter is about it: where agents are chosen by a channel, on that one alone.
    pub fn waits(&self, agent: &AgentRow) -> Vec<ChannelWait> {
        let mut waits = agent.waits();
        if let Some(channel) = self.channel() {
            waits.retain(|wait| wait.channel == channel);
        }
        waits
    }

    /// How many open workitems an agent has, as far as the filter is about them.
    pub fn open_of(&self, agent: &AgentRow) -> i64 {
        match self.channel() {
            Some(channel) => agent.counts.of(channel),
            None => agent.counts.total(),
        }
    }

    /// Whether an agent is shown. `alerted`: whether the agent's work has an alert, which their row does not say; `find`: part of a
    /// name or of a team's name.
    pub fn shows(&self, agent: &AgentRow, alerted: bool, find: &str) -> bool {
        let find = folded(find);
        let named = |text: &str| folded(text).contains(&find);
        let free = |by, passes: bool| passes || self.value(by).is_empty();
        let team = self.value(Filter::Team);
        free(
            Filter::Presence,
            self.value(Filter::Presence) == agent.presence.code(),
        ) && free(Filter::Team, agent.teams.iter().any(|known| known == team))
            && free(Filter::Request, !agent.hands.is_empty())
            && free(Filter::Alert, alerted)
            && self.has_work(agent)
            && (named(&agent.name) || agent.teams.iter().any(|team| named(team)))
    }

    /// Whether the agent has work on the channel, in the state: both are of one workitem.
    fn has_work(&self, agent: &AgentRow) -> bool {
        let channel = self.channel();
        let state = state_of(self.value(Filter::State));
        let has = |channel| match state {
            Some(state) => agent.in_state(state, channel) > 0,
            None => agent.counts.of(channel) > 0,
        };
        match (channel, state) {
            (Some(channel), _) => has(channel),
            (None, Some(_)) => Channel::ALL.into_iter().any(has),
            (None, None) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{RequestId, UserId};
    use crate::time::Timestamp;
    use crate::workitem::RaisedHand;

    fn amy() -> AgentRow {
        AgentRow {
            id: UserId::parse("amy").expect("a test id"),
            name: "Amy Adler".to_owned(),
            teams: vec!["Care".to_owned()],
            presence: Presence::Available,
            presence_since: None,
            lost_since: None,
            counts: Default::default(),
            wrap_up: Default::default(),
            capacity: None,
            waiting_since: None,
            waits: vec![],
            hands: vec![],
            monitored: 0,
        }
    }

    fn asks(agent: AgentRow) -> AgentRow {
        let hand = RaisedHand {
            request: RequestId::parse("one").expect("a test id"),
            text: "Help!".to_owned(),
            at: Timestamp(0),
            workitem: None,
            claim: None,
            target_min: None,
            escalated: Default::default(),
            about: None,
        };
        AgentRow {
            hands: vec![hand],
            ..agent
        }
    }

    /// The filter of some pairs of a name and a value.
    fn of(pairs: &[(&str, &str)]) -> AgentFilter {
        AgentFilter::of(|name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn u06_a_state_and_a_channel_are_of_one_workitem() {
        let mut amy = amy();
        amy.counts.add(Channel::Chat, 2);
        amy.counts.add(Channel::Email, 1);
        amy.wrap_up.add(Channel::Email, 1);
        for (channel, state, shown) in [
            ("", "active", true),
            ("", "wrap_up", true),
            ("chat", "active", true),
            ("chat", "wrap_up", false),
            ("email", "active", false),
            ("email", "wrap_up", true),
            ("email", "", true),
            ("sms", "", false),
        ] {
            let filter = of(&[("channel", channel), ("state", state)]);
            assert_eq!(filter.shows(&amy, false, ""), shown, "{channel} {state}");
        }
        assert!(!of(&[("state", "active")]).shows(&self::amy(), false, ""));
    }

    #[test]
    fn u06_where_agents_are_chosen_by_a_channel_its_waits_and_its_work_count() {
        let mut amy = amy();
        amy.counts.add(Channel::Chat, 2);
        amy.counts.add(Channel::Sms, 1);
        let wait = |channel, since| ChannelWait {
            channel,
            since: Timestamp(since),
        };
        amy.waits = vec![wait(Channel::Chat, 20), wait(Channel::Sms, 10)];
        amy.waiting_since = Some(Timestamp(10));
        let everybody = AgentFilter::default();
        assert_eq!(everybody.waits(&amy), amy.waits);
        assert_eq!(everybody.open_of(&amy), 3);
        let chats = of(&[("channel", "chat")]);
        assert_eq!(chats.waits(&amy), [wait(Channel::Chat, 20)]);
        assert_eq!(chats.open_of(&amy), 2);
        assert!(of(&[("channel", "email")]).waits(&amy).is_empty());
    }

    #[test]
    fn u06_presence_request_and_alert_combine() {
        let (calm, asking) = (amy(), asks(amy()));
        let all = of(&[
            ("presence", "available"),
            ("request", OPEN),
            ("alert", OPEN),
        ]);
        assert_eq!(all.count(), 3);
        assert!(all.shows(&asking, true, ""));
        assert!(!all.shows(&asking, false, "") && !all.shows(&calm, true, ""));
        let away = AgentRow {
            presence: Presence::Away,
            ..asking
        };
        assert!(!all.shows(&away, true, ""));
        let everybody = AgentFilter::default();
        assert!(everybody.shows(&away, false, "") && everybody.count() == 0);
    }

    #[test]
    fn u06_an_address_of_a_release_before_means_the_same() {
        for (show, now) in [
            ("hand", vec![("request", OPEN)]),
            ("alert", vec![("alert", OPEN)]),
            ("away", vec![("presence", "away")]),
            ("everybody", vec![]),
            ("nonsense", vec![]),
        ] {
            assert_eq!(of(&[("show", show)]), of(&now), "{show}");
        }
        let both = of(&[("show", "away"), ("presence", "busy"), ("team", "Care")]);
        assert_eq!(both, of(&[("presence", "busy"), ("team", "Care")]));
    }

    #[test]
    fn u06_what_means_nothing_chooses_nobody_out() {
        for (name, value) in [
            ("presence", "asleep"),
            ("channel", "pigeon"),
            ("state", "queued"),
            ("state", "closed"),
            ("request", "hand"),
            ("alert", "yes"),
        ] {
            let filter = of(&[(name, value), ("team", "Care")]);
            let known = AgentFilter {
                unknown: true,
                ..of(&[("team", "Care")])
            };
            assert_eq!(filter, known, "only {name} is left out, and it is said");
        }
        assert_eq!(of(&[("team", "Gone")]).value(Filter::Team), "Gone");
    }

    #[test]
    fn a_filter_looks_at_names_and_teams() {
        let (amy, everybody) = (amy(), AgentFilter::default());
        for (find, shown) in [
            (" ADL", true),
            ("care", true),
            ("\u{c1}dle", true),
            ("sales", false),
        ] {
            assert_eq!(everybody.shows(&amy, false, find), shown, "{find}");
        }
        assert_eq!(of(&[("find", "adl"), ("team", "Care")]).count(), 2);
        assert!(!of(&[("team", "Sales")]).shows(&amy, false, ""));
    }
}
