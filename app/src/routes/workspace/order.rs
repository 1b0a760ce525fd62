//! The order of the agent's own list.

use shared::fold::folded;
use shared::ids::WorkitemId;
use shared::workitem::{Channel, ChannelCounts, Workitem, WorkitemState};

/// By what the workitems are put into order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOrder {
    /// Customers whose answer is late or will be, the first of them first; then new coaching and what did not arrive; then the other
    /// open conversations, and last those in wrap-up. Where nothing differs, as they came in.
    NeedsMe,
    /// As they came in: nothing changes its place.
    Arrival,
    /// The customer who waits longest for an answer first.
    LongestWait,
    /// The newest message first, of the customer or of the agent.
    NewestMessage,
    /// What the agent has not seen first, the longest wait before others.
    Unread,
    /// By the customer's name.
    Customer,
    /// By channel.
    Channel,
}

impl ListOrder {
    /// As they are offered; the first is the default.
    pub const ALL: [ListOrder; 7] = [
        ListOrder::NeedsMe,
        ListOrder::Arrival,
        ListOrder::LongestWait,
        ListOrder::NewestMessage,
        ListOrder::Unread,
        ListOrder::Customer,
        ListOrder::Channel,
    ];

    /// The words on screen.
    pub fn name(self) -> &'static str {
        match self {
            ListOrder::NeedsMe => t!(workspace.sort_needs),
            ListOrder::Arrival => t!(workspace.sort_arrival),
            ListOrder::LongestWait => t!(workspace.sort_wait),
            ListOrder::NewestMessage => t!(workspace.sort_newest),
            ListOrder::Unread => t!(workspace.sort_unread),
            ListOrder::Customer => t!(workitems.customer),
            ListOrder::Channel => t!(customers.channel),
        }
    }

    /// The value of the option, which the browser keeps.
    pub fn code(self) -> &'static str {
        match self {
            ListOrder::NeedsMe => "needs",
            ListOrder::Arrival => "arrival",
            ListOrder::LongestWait => "wait",
            ListOrder::NewestMessage => "newest",
            ListOrder::Unread => "unread",
            ListOrder::Customer => "customer",
            ListOrder::Channel => "channel",
        }
    }

    /// The order of a code; the default for one that is none.
    pub fn from_code(code: &str) -> Self {
        let known = ListOrder::ALL.into_iter().find(|by| by.code() == code);
        known.unwrap_or(ListOrder::NeedsMe)
    }

    /// Where a workitem stands: the least first. `within`: minutes in which a customer on each channel should have an answer.
    fn place(self, workitem: &Workitem, within: &ChannelCounts) -> ([i64; 2], String) {
        // In wrap-up nobody waits any more.
        let active = workitem.state == WorkitemState::Active;
        let since = workitem.waiting_since.filter(|_| active);
        let waits = since.map_or(i64::MAX, |since| since.0);
        let numbers = match self {
            ListOrder::NeedsMe => {
                let news = workitem.coaching_unseen > 0 || workitem.undelivered();
                match since {
                    // As the dashboard has it: when the answer is late.
                    Some(since) => [0, since.0 + within.of(workitem.channel) * 60_000_000],
                    None if news => [1, 0],
                    None if active => [2, 0],
                    None => [3, 0],
                }
            }
            ListOrder::Arrival | ListOrder::Customer => [0, 0],
            ListOrder::LongestWait => [waits, 0],
            ListOrder::NewestMessage => [-workitem.last_activity_at.0, 0],
            ListOrder::Unread => {
                let seen = workitem.unread == 0 && workitem.coaching_unseen == 0;
                [i64::from(seen), waits]
            }
            ListOrder::Channel => {
                let mut channels = Channel::ALL.iter();
                let place = channels.position(|channel| *channel == workitem.channel);
                [place.map_or(i64::MAX, |place| place as i64), 0]
            }
        };
        let name = match self {
            ListOrder::Customer => folded(&workitem.customer),
            _ => String::new(),
        };
        (numbers, name)
    }
}

/// The workitems in the order of a code. Those that are alike stand as the host sent them: as they came in. `within`: minutes in
/// which a customer on each channel should have an answer.
pub fn ordered(workitems: &[Workitem], code: &str, within: &ChannelCounts) -> Vec<WorkitemId> {
    let by = ListOrder::from_code(code);
    let mut placed: Vec<_> = workitems
        .iter()
        .map(|workitem| (by.place(workitem, within), &workitem.id))
        .collect();
    placed.sort_by(|(one, _), (other, _)| one.cmp(other));
    placed.into_iter().map(|(_, id)| id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use shared::organisation::OrganisationSettings;
    use shared::time::Timestamp;

    use super::*;

    fn workitem(id: &str) -> Workitem {
        Workitem {
            customer: id.to_owned(),
            subject: String::new(),
            started_at: Timestamp(0),
            last_activity_at: Timestamp(0),
            ..Workitem::sample(id)
        }
    }

    fn waits(id: &str, since: i64) -> Workitem {
        Workitem {
            waiting_since: Some(Timestamp(since)),
            ..workitem(id)
        }
    }

    fn sorted(code: &str, workitems: &[Workitem]) -> Vec<String> {
        let within = OrganisationSettings::default().answer_within_min;
        let ids = ordered(workitems, code, &within).into_iter();
        ids.map(|id| id.to_string()).collect()
    }

    #[test]
    fn u19_without_a_choice_what_needs_the_agent_is_first() {
        let coached = Workitem {
            coaching_unseen: 1,
            ..workitem("coached")
        };
        let over = Workitem {
            state: WorkitemState::WrapUp,
            ..waits("over", 1)
        };
        let list = [
            over,
            workitem("zoe"),
            workitem("amy"),
            coached,
            waits("late", 9),
            waits("first", 5),
        ];
        for code in ["needs", "", "nonsense"] {
            assert_eq!(
                sorted(code, &list),
                ["first", "late", "coached", "zoe", "amy", "over"],
                "{code}"
            );
        }
    }

    #[test]
    fn u19_a_chat_needs_its_agent_before_an_email_that_waits_longer() {
        let email = Workitem {
            channel: Channel::Email,
            ..waits("email", 1)
        };
        let list = [email, waits("chat", 60_000_000)];
        assert_eq!(sorted("needs", &list), ["chat", "email"]);
        assert_eq!(sorted("wait", &list), ["email", "chat"]);
    }

    #[test]
    fn u19_by_arrival_the_list_stands_as_it_came_in() {
        let list = [waits("zoe", 9), workitem("amy"), waits("ben", 1)];
        assert_eq!(sorted("arrival", &list), ["zoe", "amy", "ben"]);
    }

    #[test]
    fn u19_who_waits_longest_is_first_and_in_wrap_up_nobody_waits() {
        let over = Workitem {
            state: WorkitemState::WrapUp,
            ..waits("over", 1)
        };
        let list = [over, workitem("calm"), waits("late", 9), waits("first", 5)];
        assert_eq!(sorted("wait", &list), ["first", "late", "over", "calm"]);
    }

    #[test]
    fn u19_what_is_new_is_first() {
        let spoke = |id, at| Workitem {
            last_activity_at: Timestamp(at),
            ..workitem(id)
        };
        let list = [spoke("old", 1), spoke("new", 3), spoke("middle", 2)];
        assert_eq!(sorted("newest", &list), ["new", "middle", "old"]);
        let unread = Workitem {
            unread: 2,
            ..waits("unread", 9)
        };
        let coached = Workitem {
            coaching_unseen: 1,
            ..workitem("coached")
        };
        let list = [coached, waits("seen", 1), unread, workitem("calm")];
        assert_eq!(
            sorted("unread", &list),
            ["unread", "coached", "seen", "calm"]
        );
    }

    #[test]
    fn u19_e34_names_are_sorted_without_their_accents_and_channels_as_they_are_shown() {
        let of = |id, customer: &str, channel| Workitem {
            customer: customer.to_owned(),
            channel,
            ..workitem(id)
        };
        let list = [
            of("zoe", "Zoe", Channel::Chat),
            of("agnes", "Ágnes", Channel::Email),
            of("bob", "bob", Channel::Sms),
            of("ada", "Ada", Channel::Chat),
        ];
        assert_eq!(sorted("customer", &list), ["ada", "agnes", "bob", "zoe"]);
        assert_eq!(sorted("channel", &list), ["zoe", "ada", "bob", "agnes"]);
    }
}
