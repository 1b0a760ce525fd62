//! Stories of one workitem between two agents.

use shared::people::PersonRef;
use shared::policy::WorkitemFacts;

use super::*;

mod simulation;

const SETTINGS: Settings = Settings {
    pop_up: true,
    letter_keys: true,
    presence: Presence::Available,
    language: None,
};

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

/// The one workitem of these stories, at an agent.
fn chat_of(agent: &str) -> WorkitemRecord {
    let team = TeamId::parse("care").unwrap();
    let workitem = Workitem {
        agent: Some(PersonRef {
            id: user(agent),
            name: agent.to_owned(),
        }),
        ..Workitem::sample("chat")
    };
    WorkitemRecord {
        facts: WorkitemFacts {
            agent: Some(user(agent)),
            agent_teams: vec![team.clone()],
            team,
        },
        workitem,
    }
}

fn stands_at(agent: &str) -> Change {
    let workitem = chat_of(agent).workitem;
    Change::Workitem {
        id: workitem.id.clone(),
        rev: 1,
        change: WorkitemChange::Workitem(Box::new(workitem)),
    }
}

/// How many workitems are listed at an agent; `None` when the list would be read again.
fn listed(cache: &ReadCache, agent: &str) -> Option<usize> {
    let (count, _) = cache.get(|contents| Some(contents.list(&user(agent))?.len()));
    count
}

fn read(cache: &ReadCache, generation: Generation, agent: &str, list: Vec<WorkitemRecord>) {
    cache.insert_list(generation, user(agent), list);
}

#[test]
fn what_was_read_before_a_change_is_not_cached_after_it() {
    let cache = ReadCache::new(true);
    let ((), before) = cache.get(|_| ());
    cache.apply(&[stands_at("amy")]);
    read(&cache, before, "amy", Vec::new());
    assert_eq!(listed(&cache, "amy"), None);
    let ((), after) = cache.get(|_| ());
    read(&cache, after, "amy", vec![chat_of("amy")]);
    cache.apply(&[stands_at("amy")]);
    assert_eq!(listed(&cache, "amy"), Some(1));
}

/// Between a commit and its report, a reader reads the new state and finds the old one cached.
#[test]
fn what_moves_while_it_is_read_stands_in_one_list() {
    let cache = ReadCache::new(true);
    let ((), generation) = cache.get(|_| ());
    read(&cache, generation, "amy", vec![chat_of("amy")]);
    read(&cache, generation, "ben", vec![chat_of("ben")]);
    cache.apply(&[stands_at("ben")]);
    assert_eq!(listed(&cache, "amy"), None);
    assert_eq!(listed(&cache, "ben"), Some(1));
}

#[test]
fn what_comes_or_goes_makes_the_lists_be_read_again() {
    let cache = ReadCache::new(true);
    let ((), generation) = cache.get(|_| ());
    read(&cache, generation, "amy", vec![chat_of("amy")]);
    read(&cache, generation, "ben", Vec::new());
    cache.apply(&[stands_at("ben")]);
    assert_eq!((listed(&cache, "amy"), listed(&cache, "ben")), (None, None));
    let (known, _) = cache.get(|contents| contents.workitem(&chat_of("amy").workitem.id));
    assert!(known.is_none());
}

#[test]
fn what_was_read_while_something_else_changed_is_cached() {
    let cache = ReadCache::new(true);
    let ((), before) = cache.get(|_| ());
    cache.apply(&[stands_at("amy"), Change::Queue(chat_of("amy").facts.team)]);
    read(&cache, before, "ben", Vec::new());
    assert_eq!(listed(&cache, "ben"), Some(0), "no work of ben's changed");
    cache.insert_settings(before, user("ben"), SETTINGS);
    let (known, _) = cache.get(|contents| contents.settings(&user("ben")));
    assert_eq!(known, Some(SETTINGS));
    cache.insert_skeleton(before, Vec::new(), Arc::default());
    let (known, _) = cache.get(|contents| contents.skeleton(&[]).is_some());
    assert!(!known, "a queue changed");
}

/// The reader of amy's list does not hear where its workitem went; it does not stay with her.
#[test]
fn what_left_while_it_was_read_is_not_cached() {
    let cache = ReadCache::new(true);
    let ((), before) = cache.get(|_| ());
    cache.apply(&[stands_at("ben")]);
    read(&cache, before, "amy", vec![chat_of("amy")]);
    read(&cache, before, "ben", Vec::new());
    assert_eq!((listed(&cache, "amy"), listed(&cache, "ben")), (None, None));
}

#[test]
fn who_reads_for_too_long_inserts_no_list() {
    let cache = ReadCache::new(true);
    let ((), before) = cache.get(|_| ());
    for _ in 0..=REPORTS {
        cache.apply(&[stands_at("amy")]);
    }
    read(&cache, before, "ben", Vec::new());
    assert_eq!(listed(&cache, "ben"), None);
}

#[test]
fn a_failed_commit_keeps_out_what_was_read_before_it() {
    let cache = ReadCache::new(true);
    let ((), before) = cache.get(|_| ());
    cache.apply(&[stands_at("amy")]);
    cache.clear();
    read(&cache, before, "ben", Vec::new());
    assert_eq!(listed(&cache, "ben"), None);
    cache.insert_settings(before, user("ben"), SETTINGS);
    let (known, _) = cache.get(|contents| contents.settings(&user("ben")));
    assert_eq!(known, None);
}

#[test]
fn open_requests_are_read_again_when_a_hand_goes_up_or_down() {
    let cache = ReadCache::new(true);
    let amy = user("amy");
    let known = |cache: &ReadCache| cache.get(|contents| contents.hands(&amy));
    let (none, before) = known(&cache);
    assert_eq!(none, None);
    cache.insert_hands(before, amy.clone(), Vec::new());
    assert_eq!(known(&cache).0, Some(Vec::new()));
    cache.apply(&[Change::Hands(amy.clone())]);
    // What was read before the hand went up is not cached after it.
    cache.insert_hands(before, amy.clone(), Vec::new());
    assert_eq!(known(&cache).0, None);
    // Who has one may be called something else by now.
    let (_, before) = known(&cache);
    cache.insert_hands(before, amy.clone(), Vec::new());
    cache.apply(&[Change::People]);
    assert_eq!(known(&cache).0, None);
}
