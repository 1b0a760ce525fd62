//! Turns at hashing: a limited number at a time, a bounded queue, and fairness between origins and accounts.
//!
//! A turn takes 46 MiB and some 50 ms of a processor. Origins take turns, within an origin the accounts, and within an
//! account the first to come. A browser that is known to have signed in before does not wait behind strangers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How many hash at the same time.
const AT_ONCE: usize = 2;
/// How many may wait, altogether and from one origin: an office signs in at the beginning of its shift.
const WAITING: usize = 1_024;
const WAITING_OF_ONE: usize = 512;
/// How many are done in a second, at a guess, for those who ask when to come again.
const A_SECOND: usize = 20;

/// In which line somebody stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Whether it is known that this person has signed in before.
    pub known: bool,
    /// Where they come from: an address, a known browser, a user who is signed in.
    pub origin: String,
    /// The account in question.
    pub account: String,
}

/// The queue is full; seconds until there may be room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// How long to stay away.
    pub retry_after_s: i64,
}

/// Leave to hash; dropping it hands it on.
#[derive(Debug)]
pub struct Turn(Turns);

#[derive(Debug)]
struct Waiting {
    lane: Lane,
    grant: oneshot::Sender<Turn>,
}

/// Something that takes turns with others of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Party {
    Origin(String),
    Account(String, String),
}

#[derive(Debug)]
struct State {
    free: usize,
    /// In order of arrival. Empty while a turn is free.
    waiting: Vec<Waiting>,
    /// Counts the turns that were given.
    given: u64,
    /// For those who wait: the turn at which each party had its last one, or came.
    last: HashMap<Party, u64>,
    /// Whether the last turn went to a known browser.
    known_had_it: bool,
}

/// The turns of one host. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Mutex<State>>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            free: AT_ONCE,
            waiting: Vec::new(),
            given: 0,
            last: HashMap::new(),
            known_had_it: false,
        })))
    }
}

impl Turns {
    /// Waits for a turn. Dropping the wait gives the place back.
    pub async fn take(&self, lane: Lane) -> Result<Turn, Full> {
        let granted = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Turn(self.clone()));
            }
            state.enqueue(lane)?
        };
        // Pushed out by somebody of whose kind there were fewer.
        granted.await.map_err(|_| self.lock().full())
    }

    /// Hands a turn on to the next in line.
    fn hand_on(&self) {
        let next = {
            let mut state = self.lock();
            let next = state.next();
            if next.is_none() {
                state.free += 1;
            }
            next
        };
        if let Some(next) = next {
            // Comes back, and is handed on, when the one who waited has just left.
            let _ = next.grant.send(Turn(self.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.hand_on();
    }
}

impl State {
    fn enqueue(&mut self, lane: Lane) -> Result<oneshot::Receiver<Turn>, Full> {
        self.forget_the_gone();
        let of_one = self.waiting_of(&lane.origin);
        if of_one >= WAITING_OF_ONE {
            return Err(self.full());
        }
        if self.waiting.len() >= WAITING {
            let most = self.most_crowded().filter(|(_, count)| *count > of_one + 1);
            let Some((origin, _)) = most else {
                return Err(self.full());
            };
            let last = self
                .waiting
                .iter()
                .rposition(|waiting| waiting.lane.origin == origin);
            self.waiting.remove(last.unwrap_or_default());
        }
        let (grant, granted) = oneshot::channel();
        for party in parties(&lane) {
            self.last.entry(party).or_insert(self.given);
        }
        self.waiting.push(Waiting { lane, grant });
        Ok(granted)
    }

    fn next(&mut self) -> Option<Waiting> {
        self.forget_the_gone();
        let of_kind = |known: bool| {
            let of_kind = self.waiting.iter().enumerate();
            of_kind
                .filter(move |(_, waiting)| waiting.lane.known == known)
                // The first of those that are equal: in order of arrival.
                .min_by_key(|(_, waiting)| {
                    parties(&waiting.lane).map(|party| self.last.get(&party).copied())
                })
                .map(|(index, _)| index)
        };
        let first = !self.known_had_it;
        let index = of_kind(first).or_else(|| of_kind(!first))?;
        let next = self.waiting.remove(index);
        self.known_had_it = next.lane.known;
        self.given += 1;
        for party in parties(&next.lane) {
            self.last.insert(party, self.given);
        }
        Some(next)
    }

    fn forget_the_gone(&mut self) {
        self.waiting.retain(|waiting| !waiting.grant.is_closed());
        if self.waiting.is_empty() {
            self.last.clear();
        }
    }

    fn waiting_of(&self, origin: &str) -> usize {
        let of_origin = self.waiting.iter();
        of_origin
            .filter(|waiting| waiting.lane.origin == origin)
            .count()
    }

    fn most_crowded(&self) -> Option<(String, usize)> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for waiting in &self.waiting {
            *counts.entry(&waiting.lane.origin).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map(|(origin, count)| (origin.to_owned(), count))
    }

    fn full(&self) -> Full {
        let seconds = self.waiting.len().div_ceil(A_SECOND).max(1);
        Full {
            retry_after_s: i64::try_from(seconds).unwrap_or(i64::MAX),
        }
    }
}

fn parties(lane: &Lane) -> [Party; 2] {
    [
        Party::Origin(lane.origin.clone()),
        Party::Account(lane.origin.clone(), lane.account.clone()),
    ]
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    type Asked = Pin<Box<dyn Future<Output = Result<Turn, Full>>>>;

    fn lane(known: bool, origin: &str, account: &str) -> Lane {
        let (origin, account) = (origin.to_owned(), account.to_owned());
        Lane {
            known,
            origin,
            account,
        }
    }

    fn poll(asked: &mut Asked) -> Poll<Result<Turn, Full>> {
        asked.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }

    /// Somebody who stands in the queue, or what became of it at once.
    fn ask(turns: &Turns, lane: Lane) -> Result<Asked, Full> {
        let turns = turns.clone();
        let mut asked: Asked = Box::pin(async move { turns.take(lane).await });
        match poll(&mut asked) {
            Poll::Pending => Ok(asked),
            Poll::Ready(Err(full)) => Err(full),
            Poll::Ready(Ok(_)) => panic!("no turn is free"),
        }
    }

    fn busy(turns: &Turns) -> Vec<Turn> {
        let take = |_| match poll(
            &mut (Box::pin({
                let turns = turns.clone();
                async move { turns.take(lane(false, "before", "before")).await }
            }) as Asked),
        ) {
            Poll::Ready(Ok(turn)) => turn,
            _ => panic!("a turn is free"),
        };
        (0..AT_ONCE).map(take).collect()
    }

    /// Hands on turn after turn, each handed on as soon as it is had: in which order they come.
    fn order(mut held: Vec<Turn>, mut waiting: Vec<(&'static str, Asked)>) -> Vec<&'static str> {
        let mut order = Vec::new();
        // One that goes round.
        let mut turn = held.pop();
        while !waiting.is_empty() {
            drop(turn.take());
            let next = waiting
                .iter_mut()
                .enumerate()
                .find_map(|(index, (_, asked))| match poll(asked) {
                    Poll::Ready(Ok(turn)) => Some((index, turn)),
                    _ => None,
                });
            let (index, given) = next.expect("the turn goes to somebody");
            order.push(waiting.remove(index).0);
            turn = Some(given);
        }
        order
    }

    #[test]
    fn s03_one_elsewhere_is_next_however_many_wait_before() {
        let turns = Turns::default();
        let held = busy(&turns);
        let mut waiting = Vec::new();
        for number in 0..500 {
            let crowd = lane(false, "crowd", &number.to_string());
            waiting.push(("crowd", ask(&turns, crowd).unwrap()));
        }
        waiting.push(("cleo", ask(&turns, lane(false, "home", "cleo")).unwrap()));
        let order = order(held, waiting);
        let cleo = order.iter().position(|name| *name == "cleo").unwrap();
        assert!(cleo <= 1, "{cleo}");
    }

    #[test]
    fn s03_accounts_of_one_office_take_turns() {
        let turns = Turns::default();
        let held = busy(&turns);
        let mut waiting = Vec::new();
        for _ in 0..20 {
            waiting.push(("amy", ask(&turns, lane(false, "office", "amy")).unwrap()));
        }
        waiting.push(("ben", ask(&turns, lane(false, "office", "ben")).unwrap()));
        assert_eq!(order(held, waiting)[..2], ["amy", "ben"]);
    }

    #[test]
    fn s09_known_browsers_do_not_wait_behind_strangers() {
        let turns = Turns::default();
        let held = busy(&turns);
        let mut waiting = Vec::new();
        for number in 0..200 {
            // A stranger from each of many addresses.
            let number = number.to_string();
            waiting.push((
                "stranger",
                ask(&turns, lane(false, &number, "sam")).unwrap(),
            ));
        }
        waiting.push(("sam", ask(&turns, lane(true, "browser", "sam")).unwrap()));
        assert_eq!(order(held, waiting)[..2], ["sam", "stranger"]);
    }

    #[test]
    fn s03_whoever_left_takes_no_turn_and_no_place() {
        let turns = Turns::default();
        let held = busy(&turns);
        let crowd = || lane(false, "crowd", "amy");
        let left: Vec<_> = (0..WAITING_OF_ONE).map(|_| ask(&turns, crowd())).collect();
        assert!(ask(&turns, crowd()).is_err());
        drop(left);
        let waiting = vec![("stays", ask(&turns, crowd()).unwrap())];
        assert_eq!(order(held, waiting), ["stays"]);
        assert_eq!(turns.lock().free, AT_ONCE);
    }

    #[test]
    fn s03_a_full_queue_makes_room_for_whoever_has_fewer_in_it() {
        let turns = Turns::default();
        let _held = busy(&turns);
        let mut crowd = Vec::new();
        for origin in ["here", "there"] {
            for _ in 0..WAITING / 2 {
                crowd.push(ask(&turns, lane(false, origin, "amy")).unwrap());
            }
        }
        let full = ask(&turns, lane(false, "here", "amy")).err();
        assert!(full.is_some_and(|full| full.retry_after_s > 0));
        let _cleo = ask(&turns, lane(false, "home", "cleo")).unwrap();
        assert_eq!(turns.lock().waiting.len(), WAITING);
        let pushed_out = crowd
            .iter_mut()
            .filter_map(|asked| match poll(asked) {
                Poll::Ready(Err(_)) => Some(()),
                _ => None,
            })
            .count();
        assert_eq!(pushed_out, 1);
    }
}
