//! Text messages and messages on WhatsApp, in and out, beside the chat load: customers write by a provider, agents answer, and
//! what they answer is handed to a stand-in in this process. Nothing may be lost or doubled, and a customer's order is kept.

mod compared;
mod report;
mod stand_in;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

pub use self::report::ProvidersReport;
use self::stand_in::{ACCOUNT, PUBLIC, StandIn, TOKEN, call};
use crate::failure::{Failure, Outcome, While};
use crate::latency::Latency;
use crate::load::load;
use crate::population::{Population, Size};
use crate::process::{Process, administrator_add};
use crate::wire::Wire;
use crate::{PERIOD, WARM_UP, say};

/// The people beside whom it happens: 50 agents with 150 chats.
const AGENTS: usize = 50;
/// Conversations of a service for each message a second: each has one of the customer and one of the agent in two seconds.
const CONVERSATIONS: usize = 2;
/// How many requests go at once before and after the load.
const AT_ONCE: usize = 16;
/// How long the assignment of work, and what waits in the outbox, may take.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The two services: the kind of their channels, and what stands in front of a number.
const SERVICES: [(&str, &str); 2] = [("twilio_sms", ""), ("twilio_whatsapp", "whatsapp:")];

struct Conversation {
    customer: String,
    /// What stands in front of the customer's number, and in front of ours.
    prefix: &'static str,
    ours: String,
    webhook: String,
    workitem: String,
    cookie: String,
}

struct Message {
    conversation: usize,
    outbound: bool,
    due: Duration,
}

struct Carried {
    wire: Arc<Wire>,
    conversations: Vec<Conversation>,
    messages: Vec<Message>,
    acknowledged: AtomicUsize,
    inbound: Latency,
    outbound: Latency,
}

/// A text by which a message is known again, as long as a sentence.
fn text(number: usize) -> String {
    format!(
        "carried {number} Your lamp is on its way, and the driver rings this number before noon."
    )
}

fn number_of(text: &str) -> Option<usize> {
    let (number, _) = text.strip_prefix("carried ")?.split_once(' ')?;
    number.parse().ok()
}

/// What is sent when: each conversation has one message of each side in two seconds, and all of them are spread evenly.
fn plan(conversations: usize, rate: usize, length: Duration) -> Vec<Message> {
    let each_second = (rate * SERVICES.len() * 2).max(1);
    let count = (length.as_secs_f64() * each_second as f64) as usize;
    let message = |number: usize| Message {
        conversation: number / 2 % conversations,
        outbound: number % 2 == 1,
        due: Duration::from_secs_f64(number as f64 / each_second as f64),
    };
    (0..count).map(message).collect()
}

/// Runs the load on a fresh database.
pub async fn measure(
    program: &Path,
    data: &Path,
    rate: usize,
    length: Duration,
) -> Outcome<ProvidersReport> {
    let stand_in = StandIn::start().await?;
    administrator_add(program, data, &[]).await?;
    let more = ["--twilio-url", &stand_in.url, "--public-url", PUBLIC];
    let process = Process::serve_with(program, data, &more).await?;
    let wire = Arc::new(Wire::new(process.address));
    stand_in.reports_to(&wire);
    let size = Size::of(AGENTS);
    let population = Arc::new(Population::gather(Arc::clone(&wire), size).await?);
    let conversations = conversations(&wire, &population, rate).await?;
    let messages = plan(conversations.len(), rate, WARM_UP + length);
    let carried = Arc::new(Carried {
        wire,
        conversations,
        messages,
        acknowledged: AtomicUsize::default(),
        inbound: Latency::default(),
        outbound: Latency::default(),
    });
    say(&format!(
        "{rate} SMS and {rate} on WhatsApp a second, in and out"
    ));
    let chat_rate = size.conversations() as f64 / PERIOD.as_secs_f64();
    let begun = Instant::now();
    let chat = async {
        load(&process, &population, chat_rate, WARM_UP).await?;
        load(&process, &population, chat_rate, length).await
    };
    let (chat, sent) = tokio::join!(chat, drive(&carried, begun));
    let (chat, seconds) = (chat?, begun.elapsed().as_secs_f64());
    sent?;
    all_handed_over(&carried, &stand_in).await;
    let mut report = carried.compared(&stand_in, begun, chat).await?;
    report.rate = rate;
    report.seconds = seconds;
    drop((carried, population));
    process.stop().await?;
    Ok(report)
}

/// Makes the channels, and has each customer begin; once everybody has an agent, the conversations.
async fn conversations(
    wire: &Wire,
    population: &Population,
    rate: usize,
) -> Outcome<Vec<Conversation>> {
    let accounts = &population.accounts;
    let mut conversations = Vec::new();
    for (service, (kind, prefix)) in SERVICES.into_iter().enumerate() {
        for (number, team) in accounts.teams.iter().enumerate() {
            let ours = format!("+1556000{service}{number:03}");
            let change = json!({
                "kind": kind, "name": format!("{kind} {number}"), "team": team, "address": ours, "version": 0,
                "settings": [{ "name": "account_sid", "value": ACCOUNT }],
                "secrets": [{ "name": "auth_token", "value": TOKEN }],
            });
            let input = json!({ "key": format!("{kind}-{number}"), "change": change });
            let create = "channels/provider_channel_create";
            let channel = wire
                .function(&accounts.administrator, create, &input)
                .await?;
            let webhook = channel["webhook"].as_str().ok_or("no webhook")?.to_owned();
            let theirs =
                (0..rate * CONVERSATIONS).filter(|one| one % accounts.teams.len() == number);
            conversations.extend(theirs.map(|one| Conversation {
                customer: format!("+1555{service}{one:06}"),
                prefix,
                ours: ours.clone(),
                webhook: webhook.clone(),
                workitem: String::new(),
                cookie: String::new(),
            }));
        }
    }
    let begin = conversations
        .iter()
        .enumerate()
        .map(|(number, one)| async move {
            let sid = format!("begin-{number}");
            match one.write(wire, &sid, "Hello").await? {
                true => Ok::<_, Failure>(()),
                false => Err("a customer's first message was refused".into()),
            }
        });
    stream::iter(begin)
        .buffered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    let given = given(population, conversations.len()).await?;
    for one in &mut conversations {
        let (workitem, agent) = given.get(&one.customer).ok_or("a customer is unknown")?;
        one.workitem.clone_from(workitem);
        one.cookie.clone_from(&accounts.agents[*agent].cookie);
    }
    Ok(conversations)
}

/// Waits until so many customers of providers have an agent: by number the workitem and the agent.
async fn given(population: &Population, count: usize) -> Outcome<HashMap<String, (String, usize)>> {
    let begun = Instant::now();
    loop {
        let mut given = population.given_out().await?;
        given.retain(|customer, _| customer.starts_with('+'));
        if given.len() == count {
            return Ok(given);
        }
        if begun.elapsed() > PATIENCE {
            let found = given.len();
            return Err(format!("{found} of {count} customers were given an agent").into());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Sends each message when it is due, whether or not the program keeps up.
async fn drive(carried: &Arc<Carried>, begun: Instant) -> Outcome<()> {
    let (runtime, senders) = (Handle::current(), Arc::clone(carried));
    let metronome = tokio::task::spawn_blocking(move || {
        let mut sends = JoinSet::new();
        let _inside = runtime.enter();
        for (number, message) in senders.messages.iter().enumerate() {
            let wait = (begun + message.due).saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                std::thread::sleep(wait);
            }
            let carried = Arc::clone(&senders);
            sends.spawn(async move { carried.send(number, begun).await });
        }
        sends
    });
    let sends = metronome.await.when("the sending stopped")?;
    sends.join_all().await;
    Ok(())
}

/// Waits until the outbox is empty, or does not get on any more.
async fn all_handed_over(carried: &Carried, stand_in: &StandIn) {
    let due = carried
        .messages
        .iter()
        .filter(|message| message.outbound)
        .count();
    let begun = Instant::now();
    while stand_in.count() < due && begun.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    // The reports of the last ones.
    tokio::time::sleep(Duration::from_secs(1)).await;
}

impl Conversation {
    /// The customer writes; whether it was taken.
    async fn write(&self, wire: &Wire, sid: &str, text: &str) -> Outcome<bool> {
        let (from, to) = (
            [self.prefix, &self.customer].concat(),
            [self.prefix, &self.ours].concat(),
        );
        let form = [
            ("AccountSid", ACCOUNT),
            ("Body", text),
            ("From", &from),
            ("MessageSid", sid),
            ("NumMedia", "0"),
            ("To", &to),
        ];
        call(wire, &self.webhook, &form).await
    }

    /// The agent answers; whether it was taken.
    async fn answer(&self, wire: &Wire, key: &str, text: &str) -> Outcome<bool> {
        let input = json!({ "workitem": self.workitem, "key": key, "text": text });
        let answer = wire.function(&self.cookie, "workitems/message_send", &input);
        answer.await.map(|_| true)
    }
}

impl Carried {
    async fn send(&self, number: usize, begun: Instant) {
        let message = &self.messages[number];
        let conversation = &self.conversations[message.conversation];
        let (key, text) = (format!("carried-{number}"), text(number));
        let sent = match message.outbound {
            true => conversation.answer(&self.wire, &key, &text).await,
            false => conversation.write(&self.wire, &key, &text).await,
        };
        if !sent.is_ok_and(|taken| taken) {
            return;
        }
        self.acknowledged.fetch_add(1, Relaxed);
        let times = match message.outbound {
            true => &self.outbound,
            false => &self.inbound,
        };
        if message.due >= WARM_UP {
            times.add((begun + message.due).elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_has_as_many_messages_of_each_side_as_were_asked_for() {
        let messages = plan(200, 50, Duration::from_secs(3));
        assert_eq!(messages.len(), 600);
        for second in 0..3 {
            let due = messages
                .iter()
                .filter(|message| message.due.as_secs() == second);
            let (outbound, inbound): (Vec<_>, Vec<_>) = due.partition(|message| message.outbound);
            assert_eq!((outbound.len(), inbound.len()), (100, 100));
        }
        let own = messages.iter().filter(|message| message.conversation == 7);
        assert_eq!(own.count(), 4);
    }

    #[test]
    fn a_text_is_known_again_and_short_enough_for_one_message() {
        assert_eq!(number_of(&text(1_234)), Some(1_234));
        assert_eq!(number_of("Hello"), None);
        assert!(text(1_000_000).len() <= 160);
    }
}
