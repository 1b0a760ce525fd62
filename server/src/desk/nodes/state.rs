//! What a node knows of itself and the others by the beats: who is on duty, who is dead, and who is elsewhere. Without a
//! clock and without the store, so a simulation runs it as it is.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use shared::ids::{NodeId, UserId};
use tokio::time::Instant;

use crate::commands::{NodeBeat, NodeView};

/// A node whose beat has not risen for so long is dead.
pub(super) const DEAD_AFTER: Duration = Duration::from_secs(6);
/// For how long after a beat a node is on duty without another one: shorter, so that it has stopped before others begin.
pub(super) const DUTY: Duration = Duration::from_secs(3);

/// What a node knows.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) duty_until: Option<Instant>,
    /// Of each other node the last beat, and since when this node has seen it.
    beats: HashMap<NodeId, (i64, Option<Instant>)>,
    pub(super) last_beat: Option<Instant>,
    /// How many beats it has begun since it last learned something.
    unanswered: u32,
    /// It ends, and beats no more.
    pub(super) left: bool,
    /// Of whom the others know that they have live connections here; nothing: they may know anything.
    announced: Option<HashSet<UserId>>,
    /// Of whom other nodes have live connections.
    pub(super) elsewhere: HashSet<UserId>,
    /// Who was on a node that is gone, each with when they count as gone themselves: until then they may come to another one.
    pub(super) lingering: HashMap<UserId, Instant>,
}

impl State {
    /// Whether this node is on duty at this moment, by its own time. One that has left is not: another one takes over at once.
    pub(super) fn is_on_duty(&self, now: Instant) -> bool {
        !self.left && self.duty_until.is_some_and(|until| now < until)
    }

    /// Everybody who is elsewhere, or may come back.
    pub(super) fn present(&self) -> HashSet<UserId> {
        let lingering = self.lingering.keys();
        self.elsewhere.iter().chain(lingering).cloned().collect()
    }

    /// This node and those that it knows.
    pub(super) fn count(&self) -> u32 {
        let others = u32::try_from(self.beats.len()).unwrap_or(u32::MAX);
        others.saturating_add(1)
    }

    /// The nodes that count as dead, each with its last beat.
    fn dead(&mut self, now: Instant) -> Vec<(NodeId, i64)> {
        // A node that did not beat knows nothing of the others.
        let current = self.last_beat.is_some_and(|last| now - last < DUTY);
        if !current {
            self.beats
                .values_mut()
                .for_each(|(_, since)| *since = Some(now));
        }
        let silent = |since: &Option<Instant>| since.is_some_and(|since| now - since >= DEAD_AFTER);
        let beats = self.beats.iter().filter(|(_, (_, since))| silent(since));
        beats
            .map(|(node, (beat, _))| (node.clone(), *beat))
            .collect()
    }

    /// What a node says by a beat that begins now. Of whom it has live connections it says if the others may not know that: after a
    /// beat whose answer was lost they may know anything.
    pub(super) fn beat(&mut self, me: &NodeId, here: &HashSet<UserId>, now: Instant) -> NodeBeat {
        self.unanswered = self.unanswered.saturating_add(1);
        let news = self.announced.take().as_ref() != Some(here);
        NodeBeat {
            node: me.clone(),
            present: news.then(|| here.iter().cloned().collect()),
            dead: self.dead(now),
        }
    }

    /// A beat has been answered; `said`: it named those who are here.
    pub(super) fn announce(&mut self, here: HashSet<UserId>, said: bool, view: &NodeView) {
        self.announced = (said || view.known).then_some(here);
    }

    /// Takes up what a beat that was begun at `begun` learned; who was on a node that is gone stays for `grace`. Answers what follows
    /// from it.
    pub(super) fn learn(
        &mut self,
        me: &NodeId,
        view: &NodeView,
        begun: Instant,
        grace: Duration,
    ) -> Learned {
        let was_on_duty = self.duty_until.is_some();
        let on_duty = view.nodes.iter().any(|node| node.on_duty && node.id == *me);
        self.duty_until = on_duty.then(|| begun + DUTY);
        let before = std::mem::take(&mut self.beats);
        let mut fewer = false;
        for (node, (beat, since)) in before {
            match view.nodes.iter().find(|row| row.id == node) {
                Some(row) if row.beat == beat => drop(self.beats.insert(node, (beat, since))),
                Some(_) => {}
                None => fewer = true,
            }
        }
        for row in view.nodes.iter().filter(|row| row.id != *me) {
            let seen = (row.beat, Some(begun));
            self.beats.entry(row.id.clone()).or_insert(seen);
        }
        let were = self.present();
        let left = std::mem::replace(
            &mut self.elsewhere,
            view.elsewhere.iter().cloned().collect(),
        );
        if fewer {
            let left = left.into_iter().map(|user| (user, begun + grace));
            self.lingering.extend(left);
        }
        let elsewhere = &self.elsewhere;
        self.lingering
            .retain(|user, until| *until > begun && !elsewhere.contains(user));
        let differ = were
            .symmetric_difference(&self.present())
            .cloned()
            .collect();
        // Among answers that were lost may be the one that said so. A node that counts from its own last beat, which may be as old
        // as duty lasts, takes another one for dead so much earlier.
        let lost = std::mem::take(&mut self.unanswered) > 1;
        let soonest = DEAD_AFTER - DUTY;
        let again = self
            .last_beat
            .is_some_and(|last| !view.known || (lost && begun - last >= soonest));
        self.last_beat = Some(begun);
        Learned {
            differ,
            on_duty,
            takes_over: on_duty && !was_on_duty,
            fewer,
            again,
        }
    }
}

/// What follows from a beat.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Learned {
    /// Who came to another node, or went from there.
    pub(super) differ: Vec<UserId>,
    pub(super) on_duty: bool,
    /// This node is on duty from now on.
    pub(super) takes_over: bool,
    /// A node is gone.
    pub(super) fewer: bool,
    /// This node was taken for dead, or may have been.
    pub(super) again: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rows::NodeRow;

    const GRACE: Duration = Duration::from_secs(8);

    fn node(id: &str) -> NodeId {
        NodeId::parse(id).unwrap()
    }

    /// What a node learns: each node with its beat, the one on duty first.
    fn view(nodes: &[(&str, i64)]) -> NodeView {
        let rows = nodes.iter().enumerate().map(|(place, (id, beat))| NodeRow {
            id: node(id),
            beat: *beat,
            on_duty: place == 0,
        });
        NodeView {
            known: true,
            changed: false,
            nodes: rows.collect(),
            elsewhere: Vec::new(),
        }
    }

    /// The state of node `me`, which beats once a second, and the time at which it began.
    struct Observer {
        state: State,
        begun: Instant,
    }

    impl Observer {
        fn new() -> Self {
            Self {
                state: State::default(),
                begun: Instant::now(),
            }
        }

        /// Who counts as dead at a second; then it learns this.
        fn at(&mut self, second: u64, nodes: &[(&str, i64)]) -> (usize, Learned) {
            let now = self.begun + Duration::from_secs(second);
            let dead = self.state.dead(now).len();
            (dead, self.learns(second, &view(nodes)))
        }

        /// It learns this at a second.
        fn learns(&mut self, second: u64, view: &NodeView) -> Learned {
            let now = self.begun + Duration::from_secs(second);
            self.state.learn(&node("me"), view, now, GRACE)
        }
    }

    #[test]
    fn a_node_whose_beat_rests_for_six_seconds_is_dead() {
        let mut observer = Observer::new();
        for second in 0..=5 {
            let beats = [("other", 7), ("me", 1)];
            assert_eq!(observer.at(second, &beats).0, 0, "at {second}");
        }
        assert_eq!(observer.at(6, &[("other", 7), ("me", 1)]).0, 1);
        // It rose after all.
        observer.at(7, &[("other", 8), ("me", 1)]);
        assert_eq!(observer.at(8, &[("other", 8), ("me", 1)]).0, 0);
    }

    #[test]
    fn a_node_that_did_not_beat_itself_takes_nobody_for_dead() {
        let mut observer = Observer::new();
        observer.at(0, &[("other", 7), ("me", 1)]);
        assert_eq!(observer.at(60, &[("other", 7), ("me", 1)]).0, 0);
        for second in 61..=65 {
            assert_eq!(observer.at(second, &[("other", 7), ("me", 1)]).0, 0);
        }
        assert_eq!(observer.at(66, &[("other", 7), ("me", 1)]).0, 1);
    }

    #[test]
    fn who_was_on_a_node_that_is_gone_stays_for_the_grace_time() {
        let user = |id: &str| UserId::parse(id).unwrap();
        let with = |nodes: &[(&str, i64)], users: &[&str]| NodeView {
            elsewhere: users.iter().map(|id| user(id)).collect(),
            ..view(nodes)
        };
        let three = [("me", 1), ("one", 1), ("two", 1)];
        let two = [("me", 1), ("two", 1)];
        let mut observer = Observer::new();
        observer.learns(0, &with(&three, &["amy", "ben", "cleo"]));
        // Cleo went from a node that lives, which has waited for her already.
        assert_eq!(
            observer.learns(1, &with(&three, &["amy", "ben"])).differ,
            [user("cleo")]
        );
        assert_eq!(observer.learns(2, &with(&two, &[])).differ, []);
        assert_eq!(observer.learns(3, &with(&two, &["ben"])).differ, []);
        assert_eq!(observer.learns(9, &with(&two, &["ben"])).differ, []);
        assert_eq!(
            observer.learns(10, &with(&two, &["ben"])).differ,
            [user("amy")]
        );
        assert_eq!(observer.learns(11, &with(&two, &[])).differ, [user("ben")]);
    }

    #[test]
    fn after_a_lost_answer_a_node_says_once_more_who_is_here() {
        let mut state = State::default();
        let (me, now) = (node("me"), Instant::now());
        let amy = UserId::parse("amy").unwrap();
        let nobody: HashSet<UserId> = HashSet::new();
        let here = HashSet::from([amy.clone()]);
        assert_eq!(state.beat(&me, &nobody, now).present, Some(Vec::new()));
        state.announce(nobody.clone(), true, &view(&[("me", 1)]));
        assert_eq!(state.beat(&me, &nobody, now).present, None);
        state.announce(nobody.clone(), false, &view(&[("me", 2)]));
        // She comes, nothing is heard of the beat that says so, and she goes.
        assert_eq!(state.beat(&me, &here, now).present, Some(vec![amy]));
        assert_eq!(state.beat(&me, &nobody, now).present, Some(Vec::new()));
    }

    #[test]
    fn a_node_that_missed_an_answer_may_have_been_taken_for_dead() {
        let again = |beats: usize, second: u64| {
            let mut observer = Observer::new();
            observer.at(0, &[("me", 1)]);
            for _ in 0..beats {
                let (me, here) = (node("me"), HashSet::new());
                observer.state.beat(&me, &here, observer.begun);
            }
            observer.at(second, &[("me", 2)]).1.again
        };
        assert!(!again(1, 7), "it was only slow");
        assert!(again(2, 7), "one answer is missing");
        assert!(!again(2, 2), "too soon for that");
    }

    #[test]
    fn a_node_counts_itself_and_those_that_are_listed() {
        let mut observer = Observer::new();
        assert_eq!(observer.state.count(), 1, "alone, or before the first beat");
        observer.at(0, &[("one", 1), ("two", 1), ("me", 1)]);
        assert_eq!(observer.state.count(), 3);
        observer.at(1, &[("two", 2), ("me", 2)]);
        assert_eq!(observer.state.count(), 2);
    }

    #[test]
    fn who_is_on_duty_takes_over_once_and_learns_of_a_node_that_is_gone() {
        let mut observer = Observer::new();
        let (_, learned) = observer.at(0, &[("other", 7), ("me", 1)]);
        assert!(!learned.on_duty && !learned.takes_over);
        let (_, learned) = observer.at(1, &[("me", 2)]);
        assert!(learned.on_duty && learned.takes_over && learned.fewer);
        let (_, learned) = observer.at(2, &[("me", 3)]);
        assert!(learned.on_duty && !learned.takes_over && !learned.fewer);
        assert_eq!(
            observer.state.duty_until,
            Some(observer.begun + Duration::from_secs(5))
        );
    }
}
