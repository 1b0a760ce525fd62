//! Durable (SPEC, part 3): the real program is killed at random moments, again and again. What was acknowledged is
//! there, once and in order; what was not is there once or not at all, and sending it again makes it once.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::counted::counted;
use crate::dice::{Dice, seed};
use crate::fixtures::{Answer, Browser, Data, Gone, Program};
use crate::people::{Customer, Live, call, entries, key, nobody_monitors, own_workitem, sign_in};

const ROUNDS: u32 = 30;
/// What a customer may send in ten seconds is 20 messages; a round is far shorter.
const SENT_IN_A_ROUND: u32 = 18;
const CUSTOMERS: usize = 3;
const GRACE: [&str; 2] = ["--monitor-grace", "1"];

/// Somebody who sends one thing after the other, as a person does. What was not answered is sent again under the
/// same key, before anything new.
pub struct Sender {
    pub who: Who,
    sent: u32,
    pub acknowledged: Vec<String>,
    pub open: Option<(String, String)>,
}

pub enum Who {
    Agent(Browser, String),
    Supervisor(Browser, String),
    Customer(Customer),
}

impl Sender {
    pub fn new(who: Who) -> Self {
        Self {
            who,
            sent: 0,
            acknowledged: Vec::new(),
            open: None,
        }
    }

    pub fn name(&self, number: usize) -> String {
        let kind = match self.who {
            Who::Agent(..) => "agent",
            Who::Supervisor(..) => "supervisor",
            Who::Customer(_) => "customer",
        };
        format!("{kind} {number}")
    }

    pub async fn send(&mut self, at: &Program, text: &str, key: &str) -> Result<Answer, Gone> {
        let input = |workitem: &str| json!({ "workitem": workitem, "key": key, "text": text });
        match &mut self.who {
            Who::Agent(browser, workitem) => {
                call(browser, at, "workitems/message_send", input(workitem)).await
            }
            Who::Supervisor(browser, workitem) => {
                call(browser, at, "coaching/coaching_send", input(workitem)).await
            }
            Who::Customer(customer) => customer.write(at, text, key).await,
        }
    }

    /// What is to be sent next: what was not answered, or something new.
    pub fn next(&mut self, name: &str) -> (String, String) {
        let next = self.open.clone().unwrap_or_else(|| {
            self.sent += 1;
            (format!("{name} says {}", self.sent), key())
        });
        self.open = Some(next.clone());
        next
    }

    /// Sends until the program is gone or the round is over.
    async fn go_on(&mut self, name: &str, at: &Program, heard: &Heard) {
        for _ in 0..SENT_IN_A_ROUND {
            let (text, key) = self.next(name);
            match self.send(at, &text, &key).await {
                Ok(answer) if answer.status == 200 => {
                    self.acknowledged.push(text);
                    self.open = None;
                    heard.one_more();
                }
                Ok(answer) => panic!("{name} was refused: {} {}", answer.status, answer.body),
                Err(Gone) => return,
            }
        }
    }
}

/// Counts acknowledgements and signals when there are enough.
struct Heard {
    left: AtomicU32,
    enough: Notify,
}

impl Heard {
    fn one_more(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.enough.notify_one();
        }
    }
}

/// One round: everybody sends, a supervisor stands by, and the program is killed in the middle of it.
async fn round(
    data: &Data,
    senders: &mut [Sender],
    watched: &[String],
    sam: &Browser,
    dice: &mut Dice,
) {
    let program = Program::start(data, &GRACE).await;
    let mut watching = Live::open(sam, &program).await;
    // Every other run a supervisor is there when it happens; in the others those of the run before are waited for.
    let there = dice.below(2) == 0;
    if there {
        for workitem in watched {
            watching.follow(workitem, true).await;
        }
    }
    let mut senders: Vec<(usize, &mut Sender)> = senders.iter_mut().enumerate().collect();
    // Nobody coaches unseen.
    senders.retain(|(_, sender)| there || !matches!(sender.who, Who::Supervisor(..)));
    let all = SENT_IN_A_ROUND * u32::try_from(senders.len()).expect("a few");
    let heard = Heard {
        left: AtomicU32::new(1 + u32::try_from(dice.below(u64::from(all) - 1)).expect("small")),
        enough: Notify::new(),
    };
    let micros = dice.below(3_000);
    let sending = senders.into_iter().map(|(number, sender)| {
        let (program, heard) = (&program, &heard);
        async move {
            let name = sender.name(number);
            sender.go_on(&name, program, heard).await;
        }
    });
    let killing = async {
        heard.enough.notified().await;
        // Somewhere within the next writes: this wait is the random moment, nothing depends on its length.
        tokio::time::sleep(Duration::from_micros(micros)).await;
        program.signal(rustix::process::Signal::KILL);
    };
    tokio::join!(futures_util::future::join_all(sending), killing);
    program.ended().await;
    data.in_order().await;
}

/// The texts of a sender in the order in which they stand.
fn of<'a>(texts: &'a [String], name: &str) -> Vec<&'a String> {
    let begin = format!("{name} says ");
    texts
        .iter()
        .filter(|text| text.starts_with(&begin))
        .collect()
}

/// What was acknowledged is there in its order, and nothing else except what was never acknowledged.
fn expect(name: &str, there: &[&String], sender: &Sender) {
    let mut due: Vec<&String> = sender.acknowledged.iter().collect();
    if there.len() > due.len() {
        due.extend(sender.open.iter().map(|(text, _)| text));
    }
    assert_eq!(there, due, "{name}");
}

fn texts(entries: &[Value]) -> Vec<String> {
    let text = |entry: &Value| {
        let body = &entry["body"];
        let text = body["Message"]["text"]
            .as_str()
            .or(body["Coaching"]["text"].as_str())?;
        Some(text.to_owned())
    };
    entries.iter().filter_map(text).collect()
}

/// What became of the senders' words.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    acknowledged: usize,
    lost: usize,
    doubled: usize,
}

impl Tally {
    fn add(&mut self, there: &[&String], sender: &Sender) {
        let standing: HashSet<&String> = there.iter().copied().collect();
        let lost = sender.acknowledged.iter();
        let lost = lost.filter(|text| !standing.contains(text));
        self.acknowledged += sender.acknowledged.len();
        self.lost += lost.count();
        self.doubled += there.len() - standing.len();
    }
}

/// Every sender's words stand once and in their order, in the agents' views and in the customers' own. Says what was counted, whether
/// that is so or not, and answers how many were acknowledged.
pub async fn once_and_in_order(
    story: &str,
    senders: &mut [Sender],
    agents: [(&mut Browser, &String); 2],
    program: &Program,
) -> usize {
    let mut conversations = HashMap::new();
    for (agent, workitem) in agents {
        let entries = entries(agent, program, workitem).await;
        let seqs = entries
            .iter()
            .map(|entry| entry["seq"].as_i64().expect("a number"));
        assert!(seqs.eq(1..=entries.len() as i64), "a gap");
        conversations.insert(workitem.clone(), texts(&entries));
    }
    let (mut tally, mut found) = (Tally::default(), Vec::new());
    for (number, sender) in senders.iter_mut().enumerate() {
        let name = sender.name(number);
        let there = match &mut sender.who {
            Who::Agent(_, workitem) | Who::Supervisor(_, workitem) => {
                conversations[workitem.as_str()].clone()
            }
            Who::Customer(customer) => {
                let lines = customer.history(program).await;
                let seqs = lines
                    .iter()
                    .map(|line| line["seq"].as_i64().expect("a number"));
                assert!(seqs.eq(1..=lines.len() as i64), "a gap");
                let text = |line: &Value| line["body"]["text"].as_str().map(str::to_owned);
                lines.iter().filter_map(text).collect()
            }
        };
        tally.add(&of(&there, &name), sender);
        found.push((name, there));
    }
    let Tally {
        acknowledged,
        lost,
        doubled,
    } = tally;
    counted(&format!(
        "{story}: {acknowledged} acknowledged commands, {lost} lost, {doubled} doubled"
    ));
    for (sender, (name, there)) in senders.iter().zip(&found) {
        expect(name, &of(there, name), sender);
    }
    acknowledged
}

#[tokio::test]
async fn what_was_acknowledged_survives_being_killed_at_any_moment() {
    let seed = seed();
    let mut dice = Dice::of(seed);
    let data = Data::new();
    let program = Program::start(&data, &GRACE).await;
    let (mut amy, mut ben) = (
        sign_in(&program, "amy").await,
        sign_in(&program, "ben").await,
    );
    let sam = sign_in(&program, "sam").await;
    let (chat, sms) = (
        own_workitem(&mut amy, &program, "chat").await,
        own_workitem(&mut ben, &program, "sms").await,
    );
    let mut customers = Vec::new();
    for _ in 0..CUSTOMERS {
        // The page comes before the first message, and with it the token that makes a repeated one the same.
        let mut customer = Customer::default();
        customer.look(&program).await;
        customers.push(customer);
    }
    program.stop().await;
    let mut senders = vec![
        Sender::new(Who::Agent(amy.clone(), chat.clone())),
        Sender::new(Who::Agent(ben.clone(), sms.clone())),
        Sender::new(Who::Supervisor(sam.clone(), chat.clone())),
        Sender::new(Who::Supervisor(sam.clone(), sms.clone())),
    ];
    senders.extend(
        customers
            .into_iter()
            .map(|customer| Sender::new(Who::Customer(customer))),
    );
    let watched = [chat.clone(), sms.clone()];
    for _ in 0..ROUNDS {
        round(&data, &mut senders, &watched, &sam, &mut dice).await;
    }

    let program = Program::start(&data, &GRACE).await;
    nobody_monitors(&mut amy, &program, &chat).await;
    let agents = [(&mut amy, &chat), (&mut ben, &sms)];
    let story = format!("kill -9, {ROUNDS} rounds, SIDELINE_SEED={seed}");
    let acknowledged = once_and_in_order(&story, &mut senders, agents, &program).await;
    assert!(acknowledged > ROUNDS as usize, "the rounds were rounds");
    program.stop().await;
    data.in_order().await;
}
