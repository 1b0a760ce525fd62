//! This process as one of several on a database. One that is alone has no link, is always on duty and never beats.
//!
//! Each node raises its beat every second and says of whom it has live connections. It learns the others' the same way, so a
//! lost hint costs a second. One node is on duty: it assigns queued work, looks after who is absent, raises alerts that are due
//! and deletes what is too old. What it does rests on transactions that ask again, so two nodes that both take themselves for
//! that one, in the moment of a change, do nothing twice.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::ids::{NodeId, UserId};
use shared::time::Timestamp;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::Desk;
use crate::bus::hint::Hint;
use crate::bus::link::{Heard, Link, LinkState};
use crate::commands::{NodeBeat, NodeLeave, NodeView};
use crate::store::{Change, StoreError, Stored};
use crate::traces::traced;

/// How often a node beats.
const EVERY: Duration = Duration::from_secs(1);
/// The shortest time between two beats.
const PAUSE: Duration = Duration::from_millis(50);
/// A node whose beat has not risen for so long is dead.
const DEAD_AFTER: Duration = Duration::from_secs(6);
/// For how long after a beat a node is on duty without another one: shorter, so that it has stopped before others begin.
const DUTY: Duration = Duration::from_secs(3);
/// Each time after so many beats it reads who is absent.
const ABSENCES_EVERY: u64 = 5;

/// What a node needs to be one of several.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its id, of this run of the process alone.
    pub id: NodeId,
    /// The way to the others.
    pub link: Arc<dyn Link>,
}

/// What this process knows of other nodes.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    config: Option<NodeConfig>,
    state: Mutex<State>,
    /// Held from a beat's beginning to its end, so that the last one is over before the node leaves.
    beating: tokio::sync::Mutex<()>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct State {
    duty_until: Option<Instant>,
    /// Of each other node the last beat, and since when this node has seen it.
    beats: HashMap<NodeId, (i64, Option<Instant>)>,
    last_beat: Option<Instant>,
    /// How many beats it has begun since it last learned something.
    unanswered: u32,
    /// It ends, and beats no more.
    left: bool,
    /// Of whom the others know that they have live connections here; nothing: they may know anything.
    announced: Option<HashSet<UserId>>,
    /// Of whom other nodes have live connections.
    elsewhere: HashSet<UserId>,
    /// Who was on a node that is gone, each with when they count as gone themselves: until then they may come to another one.
    lingering: HashMap<UserId, Instant>,
}

impl State {
    /// Whether this node is on duty at this moment, by its own time. One that has left is not: another one takes over at once.
    fn is_on_duty(&self, now: Instant) -> bool {
        !self.left && self.duty_until.is_some_and(|until| now < until)
    }

    /// Everybody who is elsewhere, or may come back.
    fn present(&self) -> HashSet<UserId> {
        let lingering = self.lingering.keys();
        self.elsewhere.iter().chain(lingering).cloned().collect()
    }

    /// This node and those that it knows.
    fn count(&self) -> u32 {
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
    fn beat(&mut self, me: &NodeId, here: &HashSet<UserId>, now: Instant) -> NodeBeat {
        self.unanswered = self.unanswered.saturating_add(1);
        let news = self.announced.take().as_ref() != Some(here);
        NodeBeat {
            node: me.clone(),
            present: news.then(|| here.iter().cloned().collect()),
            dead: self.dead(now),
        }
    }

    /// A beat has been answered; `said`: it named those who are here.
    fn announce(&mut self, here: HashSet<UserId>, said: bool, view: &NodeView) {
        self.announced = (said || view.known).then_some(here);
    }

    /// Takes up what a beat that was begun at `begun` learned; who was on a node that is gone stays for `grace`. Answers what follows
    /// from it.
    fn learn(&mut self, me: &NodeId, view: &NodeView, begun: Instant, grace: Duration) -> Learned {
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
struct Learned {
    /// Who came to another node, or went from there.
    differ: Vec<UserId>,
    on_duty: bool,
    /// This node is on duty from now on.
    takes_over: bool,
    /// A node is gone.
    fewer: bool,
    /// This node was taken for dead, or may have been.
    again: bool,
}

impl Nodes {
    pub(super) fn new(config: Option<NodeConfig>) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its id, for one of several.
    pub(super) fn id(&self) -> Option<NodeId> {
        self.config.as_ref().map(|config| config.id.clone())
    }

    /// Whether this node does what is done once.
    pub(super) fn on_duty(&self) -> bool {
        self.config.is_none() || self.state().is_on_duty(Instant::now())
    }

    /// How many nodes there are as far as this one knows, itself included: one for a process that is alone.
    pub(super) fn count(&self) -> u32 {
        self.state().count()
    }

    /// Whether another node has a live connection of the user, or had one until it went a moment ago.
    pub(super) fn elsewhere(&self, user: &UserId) -> bool {
        let state = self.state();
        state.elsewhere.contains(user) || state.lingering.contains_key(user)
    }

    /// Somebody's first live connection of this node came, or the last one went.
    pub(super) fn changed(&self) {
        self.wake.notify_one();
    }
}

impl Desk {
    /// How the way to the other nodes stands; nothing for a process that is alone.
    pub fn link_state(&self) -> Option<LinkState> {
        let config = self.0.nodes.config.as_ref()?;
        Some(config.link.state())
    }

    /// Whether this process does what is done once: it is alone, or the others leave it to this one.
    pub fn on_duty(&self) -> bool {
        self.0.nodes.on_duty()
    }

    /// Becomes one of the nodes, before anything else is done.
    pub(super) async fn nodes_join(&self) -> Stored<()> {
        let Some(config) = self.0.nodes.config.clone() else {
            return Ok(());
        };
        let learned = self.node_beat(&config).await?;
        if learned.takes_over {
            self.absences_adopt().await?;
        }
        if let Some(heard) = config.link.listen() {
            tokio::spawn(listen(self.clone(), heard));
        }
        tokio::spawn(run(self.clone(), config));
        Ok(())
    }

    /// Ends being one of the nodes. The others need not wait until this one counts as dead.
    pub async fn nodes_leave(&self) {
        if let Some(node) = self.0.nodes.id() {
            self.0.nodes.state().left = true;
            // A beat that is still on its way would bring the node back.
            let _beating = self.0.nodes.beating.lock().await;
            // If this fails, the node counts as dead soon.
            let _ = self.store().execute(NodeLeave { node }).await;
            self.hint(&Hint::Nodes);
        }
    }

    fn hint(&self, hint: &Hint) {
        if let Some(config) = &self.0.nodes.config {
            config.link.send(hint);
        }
    }

    /// One beat.
    async fn node_beat(&self, config: &NodeConfig) -> Stored<Learned> {
        let begun = Instant::now();
        let here = self.presences_here();
        let beat = self.0.nodes.state().beat(&config.id, &here, begun);
        let said = beat.present.is_some();
        let view = self.store().execute(beat).await?.value;
        let learned = {
            let mut state = self.0.nodes.state();
            let learned = state.learn(&config.id, &view, begun, self.0.config.grace);
            state.announce(here, said, &view);
            learned
        };
        if view.changed || !view.known {
            self.hint(&Hint::Nodes);
        }
        Ok(learned)
    }

    /// What another node changed.
    pub(crate) fn on_hint(&self, hint: Hint) {
        match &hint {
            Hint::Nodes => self.0.nodes.changed(),
            Hint::Workitem {
                id,
                holder: Some(holder),
                ..
            } => self.monitoring_review(self.0.monitors.moved(id, holder.clone())),
            _ => {}
        }
        if let Some(change) = hint.change() {
            self.follow_up(&change);
            self.bus().publish_here(change);
        }
    }
}

/// Hears what other nodes say, as long as the process lives.
async fn listen(desk: Desk, mut heard: mpsc::Receiver<Heard>) {
    while let Some(heard) = heard.recv().await {
        match heard {
            Heard::Hint(hint, origin) => {
                let span = traced!("hint");
                origin.continue_in(&span);
                span.in_scope(|| desk.on_hint(hint));
            }
            Heard::Gap => {
                desk.0.nodes.changed();
                desk.0.gap.notify_one();
            }
        }
    }
}

/// Beats as long as the process lives.
async fn run(desk: Desk, config: NodeConfig) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for beats in 1_u64.. {
        tokio::select! {
            _ = tick.tick() => {}
            () = desk.0.nodes.wake.notified() => {}
        }
        let beaten = {
            let _beating = desk.0.nodes.beating.lock().await;
            if desk.0.nodes.state().left {
                return;
            }
            desk.node_beat(&config).await
        };
        match beaten {
            Ok(learned) => {
                desk.node_learned(learned).await;
                if beats.is_multiple_of(ABSENCES_EVERY)
                    && let Err(error) = desk.absences_read().await
                {
                    tracing::warn!(%error, "who is absent could not be read");
                }
            }
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "this node could not say that it lives"),
        }
        sleep(PAUSE).await;
    }
}

impl Desk {
    async fn node_learned(&self, learned: Learned) {
        for user in &learned.differ {
            self.presence_moved_elsewhere(user);
            self.0.people.touch(user);
            self.bus().publish_here(Change::Agent(user.clone()));
        }
        if !learned.differ.is_empty() || learned.takes_over {
            self.0.queue.notify_one();
        }
        if learned.again {
            tracing::warn!("the other nodes took this one for dead, or may have");
            self.0.nodes.changed();
            let desk = self.clone();
            tokio::spawn(async move { desk.monitoring_hold_again().await });
        }
        if learned.takes_over {
            tracing::info!("this node is on duty");
        }
        if learned.takes_over || (learned.fewer && learned.on_duty) {
            let desk = self.clone();
            tokio::spawn(async move { desk.node_inherit(learned.takes_over).await });
        }
    }

    /// After a node is gone: its monitorings and its agents, unless they come to another one.
    async fn node_inherit(&self, takes_over: bool) {
        let heard =
            Timestamp(self.now().0 - i64::try_from((DEAD_AFTER + DUTY).as_micros()).unwrap_or(0));
        if let Err(error) = self.monitoring_adopt().await {
            tracing::error!(%error, "monitorings of a node that is gone could not be taken over");
        }
        sleep(self.0.config.grace).await;
        let adopted = match takes_over {
            true => self.absences_adopt().await,
            false => self.absences_inherit().await,
        };
        match adopted {
            Ok(gone) => gone
                .iter()
                .for_each(|user| self.unseen_reclaim(user, heard)),
            Err(error) => {
                tracing::error!(%error, "agents of a node that is gone could not be marked")
            }
        }
    }
}

#[cfg(test)]
mod simulation;

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
