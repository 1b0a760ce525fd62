//! Providers and `kill -9`: messages go to customers by a provider and come from them while the program is killed and started
//! again. Each that was acknowledged is handed over at least once and in its customer's order; one that is handed over twice had
//! been missing when the provider was asked for it, or its answer was lost and the provider can be asked nothing (GUARANTEES,
//! *Providers*). What came from outside is there once, with its file,
//! and a receiver of webhooks is told of each message under one id.

use std::cell::Cell;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::carrier::{
    ACCOUNT, APP_SECRET, Carrier, OURS, PHONE, PUBLIC, TOKEN, call, call_of_meta,
};
use crate::counted::{counted, rounds};
use crate::dice::{Dice, seed};
use crate::fixtures::{Browser, Data, Gone, Program};
use crate::people::{self, Live, called, entries, key, sign_in};

/// How often the program is killed, unless `SIDELINE_ROUNDS` says otherwise.
const ROUNDS: u64 = 8;
const SENT_IN_A_ROUND: u32 = 12;
const BY_TEXT: [&str; 3] = ["+15551230001", "+15551230002", "+15551230003"];
/// WhatsApp leaves the plus sign out.
const ON_WHATSAPP: [&str; 2] = ["15551230004", "15551230005"];

/// Of this many texts of a customer one has a file.
const FILE_EVERY: u32 = 2;

/// The agent in a customer's workitem, or the customer. One thing after the other; what was not answered is sent again under the
/// same key, before anything new.
struct Sender {
    agent: Option<Browser>,
    workitem: String,
    customer: &'static str,
    webhook: String,
    /// Where files of customers are.
    files: String,
    sent: u32,
    acknowledged: Vec<String>,
    open: Option<(String, String)>,
}

impl Sender {
    fn name(&self) -> &'static str {
        match self.agent {
            Some(_) => "agent",
            None => "customer",
        }
    }

    /// Whether it was acknowledged.
    async fn send(&mut self, at: &Program, text: &str, key: &str) -> Result<bool, Gone> {
        let Some(browser) = &mut self.agent else {
            if ON_WHATSAPP.contains(&self.customer) {
                return writes(at, &self.webhook, self.customer, key, text).await;
            }
            let file = self.sent.is_multiple_of(FILE_EVERY);
            let file = file.then(|| format!("{}/media/{key}.png", self.files));
            return texts(at, &self.webhook, self.customer, key, text, file.as_deref()).await;
        };
        let input = json!({ "workitem": self.workitem, "key": key, "text": text });
        let answer = people::call(browser, at, "workitems/message_send", input).await?;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Ok(true)
    }

    /// Sends until the program is gone or the round is over.
    async fn go_on(&mut self, at: &Program, heard: &impl Fn()) {
        for _ in 0..SENT_IN_A_ROUND {
            let (text, key) = self.open.clone().unwrap_or_else(|| {
                self.sent += 1;
                (format!("{} says {}", self.name(), self.sent), key())
            });
            self.open = Some((text.clone(), key.clone()));
            match self.send(at, &text, &key).await {
                Ok(true) => {
                    self.acknowledged.push(text);
                    self.open = None;
                    heard();
                }
                Ok(false) => panic!("{} was refused", self.name()),
                Err(Gone) => return,
            }
        }
    }

    /// What stands in the conversation is what was acknowledged, in its order; with the one that never was, or without it.
    fn expect(&self, there: &[String]) {
        let mut due = self.acknowledged.clone();
        if there.len() > due.len() {
            due.extend(self.open.iter().map(|(text, _)| text.clone()));
        }
        assert_eq!(there, due, "{} {}", self.name(), self.customer);
    }
}

/// A customer texts; `key` is what Twilio calls it.
async fn texts(
    at: &Program,
    webhook: &str,
    from: &str,
    key: &str,
    text: &str,
    file: Option<&str>,
) -> Result<bool, Gone> {
    let mut form = vec![
        ("MessageSid", key),
        ("AccountSid", ACCOUNT),
        ("From", from),
        ("To", OURS),
        ("Body", text),
        ("NumMedia", if file.is_some() { "1" } else { "0" }),
    ];
    if let Some(file) = file {
        form.extend([("MediaContentType0", "image/png"), ("MediaUrl0", file)]);
    }
    Ok(call(at.address, webhook, &form).await?.is_success())
}

/// A customer writes on WhatsApp; `key` is what Meta calls it.
async fn writes(
    at: &Program,
    webhook: &str,
    from: &str,
    key: &str,
    text: &str,
) -> Result<bool, Gone> {
    let now = jiff::Timestamp::now().as_second().to_string();
    let event = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "the-business", "changes": [{
        "field": "messages",
        "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550006789", "phone_number_id": PHONE },
            "contacts": [{ "wa_id": from, "profile": { "name": from } }],
            "messages": [{ "from": from, "id": key, "timestamp": now, "type": "text", "text": { "body": text } }],
        },
    }] }] });
    let status = call_of_meta(at.address, webhook, &event).await?;
    Ok(status.is_success())
}

/// The numbers of team Care, for texts and on WhatsApp; the addresses of their webhooks.
async fn numbers_of_care(program: &Program) -> [String; 2] {
    let mut ada = sign_in(program, "ada").await;
    let by_text = json!({
        "kind": "twilio_sms", "name": "Care by text", "team": "care", "address": OURS, "version": 0,
        "settings": [{ "name": "account_sid", "value": ACCOUNT }],
        "secrets": [{ "name": "auth_token", "value": TOKEN }],
    });
    let on_whatsapp = json!({
        "kind": "meta_whatsapp", "name": "Care on WhatsApp", "team": "care", "address": PHONE, "version": 0,
        "settings": [],
        "secrets": [{ "name": "access_token", "value": TOKEN }, { "name": "app_secret", "value": APP_SECRET }],
    });
    let mut webhooks = [by_text, on_whatsapp];
    for change in &mut webhooks {
        let input = json!({ "key": key(), "change": change });
        let channel = called(&mut ada, program, "channels/provider_channel_create", input).await;
        *change = channel["webhook"].clone();
    }
    webhooks.map(|webhook| webhook.as_str().expect("a URL").to_owned())
}

/// Each customer begins a conversation, which amy is given: the senders of both sides.
async fn conversations(
    program: &Program,
    [by_text, on_whatsapp]: [String; 2],
    files: &str,
    amy: &mut Browser,
) -> Vec<Sender> {
    let mut live = Live::open(amy, program).await;
    live.follow_work_of("amy").await;
    for customer in BY_TEXT {
        let taken = texts(program, &by_text, customer, &key(), "Hello", None).await;
        assert!(taken.expect("an answer"));
    }
    for customer in ON_WHATSAPP {
        let taken = writes(program, &on_whatsapp, customer, &key(), "Hello").await;
        assert!(taken.expect("an answer"));
    }
    let mut senders = Vec::new();
    let by_text = BY_TEXT.map(|customer| (customer, &by_text));
    let on_whatsapp = ON_WHATSAPP.map(|customer| (customer, &on_whatsapp));
    for (customer, webhook) in by_text.into_iter().chain(on_whatsapp) {
        let workitem = loop {
            let list = called(amy, program, "workitems/worklist_load", json!({})).await;
            let rows = list["workitems"].as_array().expect("a list");
            if let Some(row) = rows.iter().find(|row| row["customer"] == customer) {
                break row["id"].as_str().expect("an id").to_owned();
            }
            // Her list has changed; then it is worth looking again.
            let frame = live.next().await;
            frame.expect("it is open").expect("it stays open");
        };
        for agent in [Some(amy.clone()), None] {
            senders.push(Sender {
                agent,
                workitem: workitem.clone(),
                customer,
                webhook: webhook.clone(),
                files: files.to_owned(),
                sent: 0,
                acknowledged: Vec::new(),
                open: None,
            });
        }
    }
    senders
}

/// Both sides of all conversations send, and the program is killed in the middle of it.
async fn round(data: &Data, carrier: &Carrier, senders: &mut [Sender], dice: &mut Dice) {
    let program = Program::start(data, &arguments(carrier)).await;
    carrier.reports_to(program.address);
    let all = u64::from(SENT_IN_A_ROUND) * senders.len() as u64;
    let (left, enough) = (Cell::new(1 + dice.below(all - 1)), Notify::new());
    let heard = || {
        left.set(left.get().saturating_sub(1));
        if left.get() == 0 {
            enough.notify_one();
        }
    };
    let sending = senders
        .iter_mut()
        .map(|sender| sender.go_on(&program, &heard));
    let killing = async {
        enough.notified().await;
        program.signal(rustix::process::Signal::KILL);
    };
    tokio::join!(futures_util::future::join_all(sending), killing);
    program.ended().await;
    carrier.program_was_killed();
    data.in_order().await;
    data.everything_is_due();
}

fn arguments(carrier: &Carrier) -> [&str; 8] {
    [
        "--twilio-url",
        &carrier.url,
        "--meta-url",
        &carrier.url,
        "--public-url",
        PUBLIC,
        "--webhooks-allow-network",
        "127.0.0.0/8",
    ]
}

/// Ada adds a receiver that is told of every message.
async fn receiver_of_messages(program: &Program, carrier: &Carrier) {
    let mut ada = sign_in(program, "ada").await;
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("act", "create"),
            ("key", &key()),
            ("name", "Archive"),
            ("url", &format!("{}/hook", carrier.url)),
            ("event", "message.created"),
        ])
        .finish();
    let made = ada.form(program, "/admin/webhooks", &form).await;
    let made = made.expect("an answer");
    assert_eq!(made.status, 303, "{}", made.body);
}

/// How many files of a conversation are there, and whether one is not there yet.
fn files(entries: &[Value]) -> (usize, bool) {
    let files = entries
        .iter()
        .filter_map(|entry| entry["body"]["Message"]["files"].as_array());
    let files: Vec<&Value> = files.flatten().collect();
    let there = files
        .iter()
        .filter(|file| file.get("state").is_none())
        .count();
    (there, there < files.len())
}

/// The texts of one side, and how far those of the agent have come.
fn said(entries: &[Value], by: &str) -> Vec<(String, Value)> {
    let begin = format!("{by} says ");
    let message = |entry: &Value| {
        let message = &entry["body"]["Message"];
        let text = message["text"].as_str()?;
        let delivery = message["delivery"]["state"].clone();
        Some((text.to_owned(), delivery))
    };
    let messages = entries.iter().filter_map(message);
    messages
        .filter(|(text, _)| text.starts_with(&begin))
        .collect()
}

/// Waits until nothing of a conversation waits to be sent or fetched any more; the conversation.
async fn settled(amy: &mut Browser, program: &Program, workitem: &str) -> Vec<Value> {
    let mut live = Live::open(amy, program).await;
    live.follow(workitem, false).await;
    loop {
        let entries = entries(amy, program, workitem).await;
        let waits = said(&entries, "agent");
        let sent = waits.iter().all(|(_, state)| *state != "queued");
        if sent && !files(&entries).1 {
            return entries;
        }
        // A change is announced; then it is worth looking again.
        live.next()
            .await
            .expect("it is open")
            .expect("it stays open");
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_handed_over_in_order_whenever_the_program_is_killed() {
    let rounds = rounds(ROUNDS);
    let seed = seed();
    let mut dice = Dice::of(seed);
    let carrier = Carrier::start(Dice::of(seed)).await;
    let data = Data::new();
    let program = Program::start(&data, &arguments(&carrier)).await;
    let webhooks = numbers_of_care(&program).await;
    let mut amy = sign_in(&program, "amy").await;
    receiver_of_messages(&program, &carrier).await;
    let mut senders = conversations(&program, webhooks, &carrier.url, &mut amy).await;
    program.stop().await;
    for _ in 0..rounds {
        round(&data, &carrier, &mut senders, &mut dice).await;
    }

    carrier.calms_down();
    let program = Program::start(&data, &arguments(&carrier)).await;
    carrier.reports_to(program.address);
    let (mut acknowledged, mut with_files) = (0, 0);
    for sender in &senders {
        let entries = settled(&mut amy, &program, &sender.workitem).await;
        let there = said(&entries, sender.name());
        let (texts, states): (Vec<_>, Vec<_>) = there.into_iter().unzip();
        sender.expect(&texts);
        for text in &texts {
            while carrier.told(&sender.workitem, text) == 0 {
                carrier.hears().await;
            }
            assert_eq!(carrier.told(&sender.workitem, text), 1, "{text}");
        }
        acknowledged += sender.acknowledged.len();
        if sender.agent.is_some() {
            let arrived = |state: &Value| *state == "sent" || *state == "delivered";
            assert!(states.iter().all(arrived), "{states:?}");
            with_files += files(&entries).0;
            let mut taken = carrier.taken(sender.customer);
            taken.dedup();
            assert_eq!(taken, texts, "handed over to {}", sender.customer);
        }
    }
    let counts = carrier.counts();
    counted(&format!(
        "outbox and kill -9, {rounds} rounds, SIDELINE_SEED={seed}: {acknowledged} acknowledged, {with_files} with a file; {counts:?}"
    ));
    assert_eq!(counts.needlessly, 0, "{counts:?}");
    assert_eq!(counts.on_whatsapp_needlessly, 0, "{counts:?}");
    assert!(counts.on_whatsapp > 0, "{counts:?}");
    assert!(acknowledged as u64 > rounds, "the rounds were rounds");
    program.stop().await;
    data.in_order().await;
}
