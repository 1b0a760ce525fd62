//! In which order pop-ups take the strip of the Watch wall and stand in its list: those that nobody sees to come first.

use shared::escalation::Step;
use shared::time::Timestamp;

use crate::state::PopUp;

/// How much a pop-up needs somebody, the most first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// A raised hand that nobody has claimed, and that was escalated.
    Escalated,
    /// A raised hand that nobody has claimed.
    Unclaimed,
    /// A raised hand that somebody sees to, or that came to its end.
    SeenTo,
    /// Any other message.
    Message,
}

/// The ids of these pop-ups. Of raised hands with the same need the longest waiting is first; messages stay as they came.
pub(super) fn by_need<'a>(pop_ups: impl Iterator<Item = &'a PopUp>) -> Vec<u64> {
    let mut ranked: Vec<_> = pop_ups.map(|pop_up| (rank(pop_up), pop_up.id)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, id)| id).collect()
}

fn rank(pop_up: &PopUp) -> (Need, Option<Timestamp>) {
    let Some(request) = &pop_up.message.request else {
        return (Need::Message, None);
    };
    let unclaimed = pop_up.open_request().is_some() && pop_up.claimed_by.is_none();
    let need = match request.escalated {
        _ if !unclaimed => Need::SeenTo,
        Step::Asked => Need::Unclaimed,
        Step::Everybody | Step::OnCall => Need::Escalated,
    };
    (need, Some(pop_up.message.raised_at()))
}

#[cfg(test)]
mod tests {
    use shared::directory::{DirectoryMessage, RequestRef};
    use shared::ids::{DirectoryMessageId, RequestId, UserId};
    use shared::people::PersonRef;

    use super::*;

    fn person(id: &str) -> PersonRef {
        PersonRef {
            id: UserId::parse(id).unwrap(),
            name: id.to_owned(),
        }
    }

    /// A message, sent at this time.
    fn message(id: u64, at: i64) -> PopUp {
        PopUp {
            id,
            message: DirectoryMessage {
                id: DirectoryMessageId::parse(format!("m{id}")).unwrap(),
                seq: 1,
                at: Timestamp(at),
                from: person("amy"),
                to: person("sam"),
                text: "Hello".to_owned(),
                request: None,
            },
            claimed_by: None,
            elsewhere: false,
            settled: None,
            started_ms: 0.0,
        }
    }

    /// A raised hand of this time; a step of the escalation writes its message later.
    fn hand(id: u64, at: i64, escalated: Step) -> PopUp {
        let mut pop_up = message(id, at + 1_000);
        pop_up.message.request = Some(Box::new(RequestRef {
            id: RequestId::parse(format!("r{id}")).unwrap(),
            at: Some(Timestamp(at)),
            escalated,
            workitem: None,
            answered_by: None,
            settled: None,
            claimed: false,
            claimed_by: None,
            unreadable: false,
        }));
        pop_up
    }

    fn claimed(pop_up: PopUp, by: &str, elsewhere: bool) -> PopUp {
        PopUp {
            claimed_by: Some(person(by)),
            elsewhere,
            ..pop_up
        }
    }

    #[test]
    fn e24_hands_that_nobody_has_come_first_and_of_them_those_that_escalated() {
        let cases = [
            (
                "the longest waiting first",
                vec![hand(1, 30, Step::Asked), hand(2, 10, Step::Asked)],
                vec![2, 1],
            ),
            (
                "an escalated one before one that waits longer",
                vec![
                    hand(1, 10, Step::Asked),
                    hand(2, 40, Step::OnCall),
                    hand(3, 20, Step::Everybody),
                ],
                vec![3, 2, 1],
            ),
            (
                "a claimed one behind, also when it escalated, no matter who has it",
                vec![
                    claimed(hand(1, 10, Step::Everybody), "sam", false),
                    claimed(hand(2, 5, Step::Asked), "sue", true),
                    hand(3, 50, Step::Asked),
                ],
                vec![3, 2, 1],
            ),
            (
                "messages last, as they came",
                vec![
                    message(1, 20),
                    message(2, 10),
                    claimed(hand(3, 30, Step::Asked), "sam", false),
                    hand(4, 40, Step::Asked),
                ],
                vec![4, 3, 1, 2],
            ),
        ];
        for (what, pop_ups, expected) in cases {
            assert_eq!(by_need(pop_ups.iter()), expected, "{what}");
        }
    }
}
