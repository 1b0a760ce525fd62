//! Whom a raised hand would reach, from the supervisors of an agent and their presence now. Pure: the picker
//! asks on every change of presence, the tests ask without a browser.

use shared::assistance::Recipient;
use shared::ids::UserId;
use shared::people::{Person, PersonRef, Presence};

/// The three kinds of recipient, as the radio buttons name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Supervisors whose presence is available.
    AllAvailable,
    /// Supervisors who are signed in, whatever their presence.
    AllSignedIn,
    /// One of them.
    One,
}

impl Kind {
    /// In the order in which they are offered.
    pub const ALL: [Kind; 3] = [Kind::AllAvailable, Kind::AllSignedIn, Kind::One];

    /// The words on screen.
    pub fn name(self) -> &'static str {
        match self {
            Kind::AllAvailable => t!(assistance.all_available),
            Kind::AllSignedIn => t!(assistance.all_signed_in),
            Kind::One => t!(assistance.one_supervisor),
        }
    }

    /// Part of the radio button's id.
    pub fn code(self) -> &'static str {
        match self {
            Kind::AllAvailable => "available",
            Kind::AllSignedIn => "signed-in",
            Kind::One => "one",
        }
    }
}

/// The supervisors with their presence now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach(pub Vec<(PersonRef, Presence)>);

impl Reach {
    /// The supervisors as they were when the picker opened, with the presence that the live list shows; everybody who
    /// is not on the live list (yet) keeps the one from the answer.
    pub fn join(supervisors: &[(PersonRef, Presence)], people: &[Person]) -> Self {
        Self(
            supervisors
                .iter()
                .map(|(person, then)| {
                    let now = people.iter().find(|other| other.id == person.id);
                    (person.clone(), now.map_or(*then, |other| other.presence))
                })
                .collect(),
        )
    }

    /// How many a kind would reach; for one supervisor, among how many one can choose.
    pub fn count(&self, kind: Kind) -> usize {
        self.0
            .iter()
            .filter(|(_, presence)| match kind {
                Kind::AllAvailable => *presence == Presence::Available,
                Kind::AllSignedIn | Kind::One => *presence != Presence::Offline,
            })
            .count()
    }

    /// What is chosen for somebody who has not chosen: available ones when there are any, else everybody who is
    /// signed in.
    pub fn default_kind(&self) -> Kind {
        if self.count(Kind::AllAvailable) == 0 && self.count(Kind::AllSignedIn) > 0 {
            Kind::AllSignedIn
        } else {
            Kind::AllAvailable
        }
    }

    /// Whom the list of supervisors shows for somebody who has not chosen.
    pub fn default_supervisor(&self) -> Option<UserId> {
        let with = |wanted: fn(Presence) -> bool| {
            self.0.iter().find(move |(_, presence)| wanted(*presence))
        };
        with(|presence| presence == Presence::Available)
            .or_else(|| with(|presence| presence != Presence::Offline))
            .map(|(person, _)| person.id.clone())
    }

    /// Whether this supervisor can be reached.
    pub fn signed_in(&self, supervisor: &UserId) -> bool {
        self.0
            .iter()
            .any(|(person, presence)| person.id == *supervisor && *presence != Presence::Offline)
    }

    /// The recipient to send to, `None` while the choice reaches nobody.
    pub fn recipient(&self, kind: Kind, supervisor: Option<UserId>) -> Option<Recipient> {
        match kind {
            Kind::AllAvailable => (self.count(kind) > 0).then_some(Recipient::AllAvailable),
            Kind::AllSignedIn => (self.count(kind) > 0).then_some(Recipient::AllSignedIn),
            Kind::One => supervisor
                .filter(|chosen| self.signed_in(chosen))
                .map(Recipient::One),
        }
    }
}

/// "Sam Stone", "Sam Stone and Sue Silva", "Ann, Bob and Cid".
pub fn spoken_list(people: &[PersonRef]) -> String {
    match people {
        [] => String::new(),
        [one] => one.name.clone(),
        [first @ .., last] => t!(
            common.list_and,
            first = shared::transcript::names(first),
            last = last.name
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> PersonRef {
        PersonRef {
            id: UserId::parse(name).expect("a test id"),
            name: name.to_owned(),
        }
    }

    fn reach(sam: Presence, sue: Presence) -> Reach {
        Reach(vec![(person("sam"), sam), (person("sue"), sue)])
    }

    #[test]
    fn the_default_is_the_smallest_circle_that_reaches_somebody() {
        let somebody = reach(Presence::Away, Presence::Available);
        assert_eq!(somebody.default_kind(), Kind::AllAvailable);
        assert_eq!(somebody.default_supervisor(), Some(person("sue").id));
        let nobody_free = reach(Presence::Busy, Presence::Offline);
        assert_eq!(nobody_free.default_kind(), Kind::AllSignedIn);
        assert_eq!(nobody_free.default_supervisor(), Some(person("sam").id));
        let nobody = reach(Presence::Offline, Presence::Offline);
        assert_eq!(nobody.default_kind(), Kind::AllAvailable);
        assert_eq!(nobody.default_supervisor(), None);
        assert_eq!(nobody.recipient(Kind::AllSignedIn, None), None);
    }

    #[test]
    fn a_choice_that_reaches_nobody_is_no_recipient() {
        let now = reach(Presence::Offline, Presence::Away);
        assert_eq!(now.recipient(Kind::AllAvailable, None), None);
        assert_eq!(now.recipient(Kind::One, Some(person("sam").id)), None);
        assert_eq!(
            now.recipient(Kind::One, Some(person("sue").id)),
            Some(Recipient::One(person("sue").id))
        );
        assert_eq!(now.count(Kind::AllSignedIn), 1);
    }

    #[test]
    fn live_presence_wins_over_the_one_of_the_answer() {
        let then = [
            (person("sam"), Presence::Available),
            (person("sue"), Presence::Away),
        ];
        let live = Person {
            id: person("sam").id,
            name: "sam".to_owned(),
            roles: vec![],
            teams: vec![],
            presence: Presence::Offline,
        };
        assert_eq!(
            Reach::join(&then, &[live]),
            reach(Presence::Offline, Presence::Away)
        );
    }

    #[test]
    fn names_are_said_as_one_says_them() {
        assert_eq!(spoken_list(&[person("a")]), "a");
        assert_eq!(spoken_list(&[person("a"), person("b")]), "a and b");
        assert_eq!(
            spoken_list(&[person("a"), person("b"), person("c")]),
            "a, b and c"
        );
    }
}
