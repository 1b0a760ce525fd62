//! What the rule promises, whatever the network, the tabs and the user do.

use shared::error::{ConflictCause, Problem};

use super::*;

fn to(name: &str) -> Destination {
    Destination::Customer(WorkitemId::parse(name).expect("an id"))
}

fn key(name: &str) -> CommandKey {
    CommandKey::parse(name).expect("a key")
}

fn entry(lane: &str, name: &str, at: f64) -> OutboxEntry {
    OutboxEntry {
        key: key(name),
        to: to(lane),
        text: name.to_owned(),
        answers: None,
        reader: None,
        forwards: None,
        at,
        asked: at,
        error: None,
        file: None,
    }
}

fn sent(effects: &[Effect]) -> Vec<String> {
    let sent = effects.iter().filter_map(|effect| match effect {
        Effect::Send(entry) => Some(entry.text.clone()),
        _ => None,
    });
    sent.collect()
}

fn texts(states: &[(OutboxEntry, DeliveryState)]) -> Vec<(&str, &DeliveryState)> {
    states
        .iter()
        .map(|(entry, state)| (&entry.text[..], state))
        .collect()
}

/// One tab whose lock is granted at once.
struct Alone {
    rules: Rules,
    stored: Vec<OutboxEntry>,
    now: f64,
}

impl Alone {
    fn new() -> Self {
        Self {
            rules: Rules::default(),
            stored: Vec::new(),
            now: 1_000.0,
        }
    }

    fn take(&mut self, input: Input) -> Vec<Effect> {
        let mut all = self.rules.take(input, self.now, 0.5);
        let mut at = 0;
        while at < all.len() {
            match all[at].clone() {
                Effect::Keep(entry) => {
                    self.stored.retain(|stored| stored.key != entry.key);
                    self.stored.push(entry);
                }
                Effect::Forget(key) => self.stored.retain(|stored| stored.key != key),
                Effect::Lock(to) => {
                    let granted = Input::Granted(to, self.stored.clone());
                    all.extend(self.rules.take(granted, self.now, 0.5));
                }
                _ => {}
            }
            at += 1;
        }
        all
    }

    fn submit(&mut self, lane: &str, name: &str) -> Vec<String> {
        let entry = entry(lane, name, self.now);
        sent(&self.take(Input::Submit(entry)))
    }

    fn answer(&mut self, lane: &str, name: &str, outcome: Outcome) -> Vec<String> {
        sent(&self.take(Input::Answered(to(lane), key(name), outcome)))
    }
}

#[test]
fn e01_f02_the_next_one_waits_for_the_one_before_it() {
    let mut tab = Alone::new();
    assert_eq!(tab.submit("a", "one"), ["one"]);
    assert!(tab.submit("a", "two").is_empty());
    // Another conversation does not wait for this one.
    assert_eq!(tab.submit("b", "other"), ["other"]);
    assert_eq!(tab.answer("a", "one", Outcome::Acknowledged), ["two"]);
    assert!(tab.answer("a", "two", Outcome::Acknowledged).is_empty());
    assert_eq!(tab.stored.len(), 1);
}

#[test]
fn e01_f02_a_refusal_stops_its_lane_until_the_user_decides() {
    let mut tab = Alone::new();
    tab.submit("a", "one");
    tab.submit("a", "two");
    assert!(
        tab.answer("a", "one", Outcome::Refused("No.".into()))
            .is_empty()
    );
    let states = tab.rules.states(tab.now);
    assert_eq!(
        texts(&states),
        [
            ("one", &DeliveryState::Refused("No.".into())),
            ("two", &DeliveryState::Behind)
        ]
    );
    assert!(sent(&tab.take(Input::Woken)).is_empty());
    assert_eq!(sent(&tab.take(Input::Retry(key("one")))), ["one"]);
    assert!(
        tab.answer("a", "one", Outcome::Refused("No.".into()))
            .is_empty()
    );
    assert_eq!(sent(&tab.take(Input::Remove(key("one")))), ["two"]);
}

#[test]
fn e04_u16_what_cannot_be_read_is_sent_again_under_its_key() {
    let mut tab = Alone::new();
    tab.submit("a", "one");
    tab.submit("a", "two");
    let lost = || Outcome::Unreadable("Away.".into());
    let effects = tab.take(Input::Answered(to("a"), key("one"), lost()));
    assert!(effects.contains(&Effect::Wait(to("a"), 1_500.0)));
    let states = tab.rules.states(tab.now);
    assert_eq!(texts(&states)[0].1, &DeliveryState::Again("Away.".into()));
    assert_eq!(sent(&tab.take(Input::Due(to("a")))), ["one"]);
    let effects = tab.take(Input::Answered(to("a"), key("one"), lost()));
    assert!(effects.contains(&Effect::Wait(to("a"), 3_000.0)));
    // The network is back: no reason to wait.
    assert_eq!(sent(&tab.take(Input::Woken)), ["one"]);
    assert_eq!(tab.answer("a", "one", Outcome::Acknowledged), ["two"]);
    // A pause that the host asks for is kept.
    let effects = tab.take(Input::Answered(to("a"), key("two"), Outcome::Later(7)));
    assert!(effects.contains(&Effect::Wait(to("a"), 7_500.0)));
}

#[test]
fn e04_what_an_error_means() {
    let unreadable = Outcome::of(&AppError::Unavailable);
    assert!(matches!(unreadable, Outcome::Unreadable(_)));
    let later = Outcome::of(&AppError::rate_limited(3));
    assert_eq!(later, Outcome::Later(3));
    assert_eq!(Outcome::of(&AppError::Unauthenticated), Outcome::SignedOut);
    for refused in [
        AppError::NotFound,
        AppError::NotCoachable,
        AppError::conflict(ConflictCause::WorkitemClosed),
        AppError::invalid("text", Problem::Empty { max: 80 }),
    ] {
        assert!(matches!(Outcome::of(&refused), Outcome::Refused(_)));
    }
}

#[test]
fn e02_what_is_older_than_a_day_waits_for_the_user() {
    let mut tab = Alone::new();
    tab.stored = vec![entry("a", "old", 1_000.0), entry("a", "new", 2.0 * DAY_MS)];
    tab.now = 2.0 * DAY_MS + 1.0;
    assert!(sent(&tab.take(Input::Stored(tab.stored.clone()))).is_empty());
    let states = tab.rules.states(tab.now);
    assert_eq!(
        texts(&states),
        [
            ("old", &DeliveryState::Old),
            ("new", &DeliveryState::Behind)
        ]
    );
    assert_eq!(sent(&tab.take(Input::Retry(key("old")))), ["old"]);
    assert_eq!(tab.answer("a", "old", Outcome::Acknowledged), ["new"]);
}

#[test]
fn e05_when_the_session_is_over_everything_waits_for_the_next_sign_in() {
    let mut tab = Alone::new();
    tab.submit("a", "one");
    assert!(tab.answer("a", "one", Outcome::SignedOut).is_empty());
    assert!(sent(&tab.take(Input::Woken)).is_empty());
    let mut after = Alone::new();
    after.stored = tab.stored;
    assert_eq!(
        sent(&after.take(Input::Stored(after.stored.clone()))),
        ["one"]
    );
}

#[test]
fn a_text_that_the_storage_did_not_take_is_sent_all_the_same() {
    let mut rules = Rules::default();
    rules.take(Input::Submit(entry("a", "one", 1.0)), 1.0, 0.5);
    rules.take(Input::Unkept(key("one")), 1.0, 0.5);
    let effects = rules.take(Input::Granted(to("a"), Vec::new()), 1.0, 0.5);
    assert_eq!(sent(&effects), ["one"]);
}

#[test]
fn e01_names_of_drafts_and_lanes_go_both_ways() {
    for name in ["message-wi-1", "coaching/wi-1", "directory-u-1"] {
        assert_eq!(Destination::named(name).expect("a lane").name(), name);
    }
    assert_eq!(Destination::named("template"), None);
}

#[test]
fn f05_the_note_of_a_transfer_is_found_beside_the_box_to_the_customer() {
    let workitem = WorkitemId::parse("wi-1").expect("an id");
    let note = transfer_note(&workitem);
    assert_eq!(Destination::named(&note), None);
    let customer = Destination::Customer(workitem);
    assert_eq!(Destination::beside(&note), Some(customer));
    assert_eq!(Destination::beside("review/wi-1"), None);
}

#[test]
fn e06_an_entry_of_the_release_before_forwards_nothing() {
    let mut stored = serde_json::to_value(entry("a", "one", 1.0)).expect("an entry");
    let fields = stored.as_object_mut().expect("an object");
    assert!(fields.remove("forwards").is_some());
    let read: OutboxEntry = serde_json::from_value(stored).expect("an entry");
    assert_eq!(read, entry("a", "one", 1.0));
}

/// Several tabs of one browser, a network that does what it likes, and a host that stores each key once.
struct World {
    dice: u64,
    now: f64,
    stored: Vec<OutboxEntry>,
    tabs: Vec<Rules>,
    /// Which tab holds a lane, and who waits for it.
    held: Vec<(Destination, usize)>,
    wanted: Vec<(Destination, usize)>,
    /// Requests on their way.
    requests: Vec<(usize, OutboxEntry)>,
    /// In the order of their first arrival.
    host: Vec<(Destination, CommandKey)>,
    refusals: Vec<CommandKey>,
    removed: Vec<CommandKey>,
    submitted: Vec<(Destination, CommandKey)>,
}

impl World {
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice % sides
    }

    fn feed(&mut self, tab: usize, input: Input) {
        let random = self.roll(100) as f64 / 100.0;
        let effects = self.tabs[tab].take(input, self.now, random);
        for effect in effects {
            match effect {
                Effect::Keep(entry) => {
                    self.stored.retain(|stored| stored.key != entry.key);
                    self.stored.push(entry);
                }
                Effect::Forget(key) => self.stored.retain(|stored| stored.key != key),
                Effect::Lock(to) => self.wanted.push((to, tab)),
                Effect::Unlock(to) => self.held.retain(|held| held != &(to.clone(), tab)),
                Effect::Send(entry) => self.requests.push((tab, entry)),
                Effect::Wait(..) => {}
            }
        }
    }

    fn grant(&mut self) {
        let free = self
            .wanted
            .iter()
            .position(|(to, _)| self.held.iter().all(|(held, _)| held != to));
        if let Some(at) = free {
            let (to, tab) = self.wanted.remove(at);
            self.held.push((to.clone(), tab));
            let stored = self.stored.clone();
            self.feed(tab, Input::Granted(to, stored));
        }
    }

    fn arrive(&mut self, entry: &OutboxEntry) -> Outcome {
        if self.host.iter().any(|(_, key)| key == &entry.key) {
            return Outcome::Acknowledged;
        }
        if let Some(at) = self.refusals.iter().position(|key| key == &entry.key) {
            self.refusals.remove(at);
            return Outcome::Refused("No.".into());
        }
        self.host.push((entry.to.clone(), entry.key.clone()));
        Outcome::Acknowledged
    }

    fn answer(&mut self, fair: bool) {
        if self.requests.is_empty() {
            return;
        }
        let at = self.roll(self.requests.len() as u64) as usize;
        let (tab, entry) = self.requests.remove(at);
        let fate = if fair { 0 } else { self.roll(4) };
        let outcome = match fate {
            // The request is lost; the answer is lost; the host asks for patience.
            1 => Outcome::Unreadable("Lost.".into()),
            2 => {
                self.arrive(&entry);
                Outcome::Unreadable("Cut.".into())
            }
            3 => Outcome::Later(1),
            _ => self.arrive(&entry),
        };
        self.feed(tab, Input::Answered(entry.to, entry.key, outcome));
    }

    /// The page of a tab goes away and comes back. What it had under way may still arrive.
    fn reload(&mut self, tab: usize) {
        self.held.retain(|(_, holder)| *holder != tab);
        self.wanted.retain(|(_, waiting)| *waiting != tab);
        let under_way: Vec<OutboxEntry> = self
            .requests
            .iter()
            .filter(|(of, _)| *of == tab)
            .map(|(_, entry)| entry.clone())
            .collect();
        self.requests.retain(|(of, _)| *of != tab);
        for entry in under_way {
            if self.roll(2) == 0 {
                self.arrive(&entry);
            }
        }
        self.tabs[tab] = Rules::default();
        let stored = self.stored.clone();
        self.feed(tab, Input::Stored(stored));
    }

    /// The user decides about what was refused, in any tab.
    fn decide(&mut self, tab: usize) {
        let stored = self.stored.clone();
        self.feed(tab, Input::Stored(stored));
        let states = self.tabs[tab].states(self.now);
        let refused = states
            .into_iter()
            .find(|(_, state)| matches!(state, DeliveryState::Refused(_)));
        if let Some((entry, _)) = refused {
            if self.roll(3) == 0 {
                self.removed.push(entry.key.clone());
                self.feed(tab, Input::Remove(entry.key));
            } else {
                self.feed(tab, Input::Retry(entry.key));
            }
        }
    }
}

#[test]
fn e01_e04_f02_f05_any_mixture_of_tabs_failures_and_reloads_keeps_order_and_loses_nothing() {
    for seed in 1..=300 {
        let mut world = World {
            dice: u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15) | 1,
            now: 1_000.0,
            stored: Vec::new(),
            tabs: vec![Rules::default(), Rules::default()],
            held: Vec::new(),
            wanted: Vec::new(),
            requests: Vec::new(),
            host: Vec::new(),
            refusals: Vec::new(),
            removed: Vec::new(),
            submitted: Vec::new(),
        };
        for step in 0..200 {
            world.now += world.roll(3) as f64;
            let tab = world.roll(2) as usize;
            match world.roll(10) {
                0 | 1 => {
                    let lane = ["a", "b"][world.roll(2) as usize];
                    let name = format!("k{step}");
                    if world.roll(6) == 0 {
                        world.refusals.push(key(&name));
                    }
                    world.submitted.push((to(lane), key(&name)));
                    let entry = entry(lane, &name, world.now);
                    // As the browser does: what lies in the storage is read before a place is chosen.
                    let stored = world.stored.clone();
                    world.feed(tab, Input::Stored(stored));
                    world.feed(tab, Input::Submit(entry));
                }
                2 => world.reload(tab),
                3 => world.decide(tab),
                4 => world.feed(tab, Input::Woken),
                5 => {
                    let lane = ["a", "b"][world.roll(2) as usize];
                    world.feed(tab, Input::Due(to(lane)));
                }
                6 => {
                    let stored = world.stored.clone();
                    world.feed(tab, Input::Stored(stored));
                }
                7 => world.answer(false),
                _ => world.grant(),
            }
        }
        // In the end the network is good and the user decides about everything.
        for _ in 0..2_000 {
            let tab = world.roll(2) as usize;
            world.grant();
            world.answer(true);
            world.decide(tab);
            world.feed(tab, Input::Woken);
        }
        assert!(world.stored.is_empty(), "seed {seed}: {:?}", world.stored);
        for lane in ["a", "b"] {
            let of_lane = |all: &[(Destination, CommandKey)]| -> Vec<CommandKey> {
                all.iter()
                    .filter(|(of, key)| of == &to(lane) && !world.removed.contains(key))
                    .map(|(_, key)| key.clone())
                    .collect()
            };
            assert_eq!(
                of_lane(&world.host),
                of_lane(&world.submitted),
                "seed {seed}: each once, in the order in which they were sent"
            );
        }
    }
}

#[test]
fn u17_what_is_written_to_the_coach_has_a_lane_and_a_draft_of_its_own() {
    let workitem = WorkitemId::parse("w-1").expect("an id");
    let all = [
        Destination::Customer(workitem.clone()),
        Destination::Agent(workitem.clone()),
        Destination::Coach(workitem),
    ];
    for (place, to) in all.iter().enumerate() {
        assert_eq!(Destination::named(&to.name()).as_ref(), Some(to));
        let others = all.iter().enumerate().filter(|(other, _)| *other != place);
        for (_, other) in others {
            assert_ne!(to.name(), other.name());
        }
        let text = serde_json::to_string(to).expect("text");
        assert_eq!(
            &serde_json::from_str::<Destination>(&text).expect("one"),
            to
        );
    }
    // While the one to the customer waits for the network, the one to the coach goes.
    let mut alone = Alone::new();
    let of = |to: &Destination, name: &str, at: f64| OutboxEntry {
        to: to.clone(),
        ..entry("w-1", name, at)
    };
    let customer = of(&all[0], "customer", 1.0);
    assert_eq!(
        sent(&alone.take(Input::Submit(customer.clone()))),
        ["customer"]
    );
    let coach = of(&all[2], "coach", 2.0);
    let effects = alone.take(Input::Submit(coach.clone()));
    let send = effects.iter().find_map(|effect| match effect {
        Effect::Send(entry) => Some(entry),
        _ => None,
    });
    let send = send.expect("it is sent");
    assert_eq!((&send.to, &send.text), (&all[2], &coach.text));
}
