//! Load peaks: the start of a shift, when all pages are opened, the return of all tabs after a restart, and a change of one
//! person's presence. Each is measured at several sizes, because quadratic growth shows only there.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use hyper::Method;
use serde::Serialize;
use serde_json::{Value, json};
use shared::directory::Bootstrap;
use shared::live::{ClientFrame, Position, ServerFrame, Topic, dashboard_topics, frame_topics};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use crate::failure::{Outcome, While};
use crate::population::Size;
use crate::population::accounts::{self, Staff};
use crate::population::tab;
use crate::process::{self, Process};
use crate::wire::{Call, Wire};

/// All tabs begin within this time.
const SPAN: Duration = Duration::from_secs(2);
/// Measured after all topics are followed: frames that arrive in this time still belong to the peak.
const SETTLE: Duration = Duration::from_secs(4);
/// How long it may take until all topics are followed.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// Changes of presence, one after the other; what one costs is their mean.
const CHANGES: u32 = 4;
/// From one to the next.
const BETWEEN: Duration = Duration::from_secs(3);

/// What something cost.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Cost {
    /// Processor time of the program.
    pub cpu_seconds: f64,
    /// Bytes of pages and frames that it sent, headers apart.
    pub bytes: u64,
    /// Until all topics were followed; 0 where none is awaited.
    pub seconds: f64,
    /// The most memory that the program took.
    pub peak_bytes: u64,
}

/// One size.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Surge {
    pub tabs: usize,
    /// All pages are opened.
    pub shift_start: Cost,
    /// The program starts again and all tabs come back.
    pub restart: Cost,
    /// One person chooses another presence.
    pub presence: Cost,
    /// Connections that were closed meanwhile because they were too slow, and came back.
    pub reconnected: usize,
}

/// What all tabs count together.
#[derive(Default)]
struct Counts {
    bytes: AtomicU64,
    followed: AtomicUsize,
    /// Connections that the program closed because they were too slow.
    reconnected: AtomicUsize,
    /// Whether the program is about to be ended.
    ending: AtomicBool,
}

/// One person's tab: the person, its topics, and its position in their log.
#[derive(Clone)]
struct Tab {
    number: usize,
    cookie: String,
    page: &'static str,
    topics: Vec<Topic>,
    /// Those that are not followed yet.
    missing: Vec<Topic>,
    own: Option<Position>,
}

/// What the page of a signed-in user begins with, from the document.
fn first_data(document: &str) -> Outcome<Bootstrap> {
    let (_, rest) = document
        .split_once("id=\"first-data\"")
        .ok_or("a page without first data")?;
    let (_, rest) = rest.split_once('>').ok_or("a page that was cut")?;
    let (text, _) = rest.split_once("</script>").ok_or("a page that was cut")?;
    let calls: Vec<(String, String)> = serde_json::from_str(text)?;
    let bootstrap = calls.iter().find(|(call, _)| call.contains("/desk_load "));
    let (_, answer) = bootstrap.ok_or("a page without the data of its frame")?;
    let answer: Value = serde_json::from_str(answer)?;
    Ok(serde_json::from_value(answer["Ok"].clone())?)
}

impl Tab {
    /// Opens the page as the browser does; its own files are in the browser's cache.
    async fn open_page(&mut self, wire: &Wire, counts: &Counts) -> Outcome<()> {
        let call = Call::of(Method::GET, self.page).with_cookie(&self.cookie);
        let answer = wire.call(call).await.when(self.page)?;
        let size = answer.body.len() as u64;
        counts.bytes.fetch_add(size, Ordering::Relaxed);
        let bootstrap = first_data(&String::from_utf8_lossy(&answer.body)).when(self.page)?;
        self.topics = frame_topics(&bootstrap.me);
        if self.page == "/dashboard" {
            self.topics.extend(dashboard_topics());
        }
        self.own = Some(Position {
            epoch: bootstrap.epoch,
            rev: bootstrap.seq,
        });
        Ok(())
    }

    /// Connects, follows everything, and stays until the program ends. Comes back when it was too slow for the program, as a
    /// browser does.
    async fn stay(mut self, wire: Arc<Wire>, counts: Arc<Counts>) -> Outcome<Tab> {
        self.missing.clone_from(&self.topics);
        loop {
            let connected = self.watch(&wire, &counts).await;
            if counts.ending.load(Ordering::Relaxed) {
                return Ok(self);
            }
            connected?;
            counts.reconnected.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(tab::BACK_AFTER).await;
        }
    }

    /// One connection, until it ends.
    async fn watch(&mut self, wire: &Wire, counts: &Counts) -> Outcome<()> {
        let mut socket = tab::open(wire, &self.cookie, self.number).await?;
        for topic in &self.topics {
            let own = *topic == Topic::Notifications;
            let frame = ClientFrame::Subscribe {
                patches: topic.has_patches(),
                number: 0,
                after: self.own.clone().filter(|_| own),
                topic: topic.clone(),
                monitor: false,
            };
            tab::follow(&mut socket, &frame).await?;
        }
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Text(text) => {
                    let size = text.len() as u64;
                    counts.bytes.fetch_add(size, Ordering::Relaxed);
                    self.shown(&text, counts);
                }
                Message::Close(_) => break,
                _ => {}
            }
        }
        Ok(())
    }

    fn shown(&mut self, text: &str, counts: &Counts) {
        // The rest costs this machine as much as a browser's to take apart.
        if !text.starts_with("{\"subscribed\"") && !text.starts_with("{\"own\"") {
            return;
        }
        match serde_json::from_str(text) {
            Ok(ServerFrame::Subscribed { topic, .. }) => {
                let before = self.missing.len();
                self.missing.retain(|missing| *missing != topic);
                let followed = before - self.missing.len();
                counts.followed.fetch_add(followed, Ordering::Relaxed);
            }
            Ok(ServerFrame::Notification { seq, .. }) => {
                if let Some(own) = &mut self.own {
                    own.rev = seq;
                }
            }
            _ => {}
        }
    }
}

/// A measurement that has begun.
struct Begun {
    cpu: Duration,
    bytes: u64,
    at: Instant,
}

impl Begun {
    fn now(cpu: Duration, counts: &Counts) -> Self {
        Self {
            cpu,
            bytes: counts.bytes.load(Ordering::Relaxed),
            at: Instant::now(),
        }
    }

    fn cost(&self, process: &Process, counts: &Counts, seconds: f64) -> Outcome<Cost> {
        Ok(Cost {
            cpu_seconds: (process.cpu_time()? - self.cpu).as_secs_f64(),
            bytes: counts.bytes.load(Ordering::Relaxed) - self.bytes,
            seconds,
            peak_bytes: process.peak_bytes()?,
        })
    }
}

/// Waits until this many topics are followed. Returns the time since `begun`.
async fn stand(counts: &Counts, wanted: usize, begun: Instant) -> Outcome<f64> {
    while counts.followed.load(Ordering::Relaxed) < wanted {
        if begun.elapsed() > PATIENCE {
            let followed = counts.followed.load(Ordering::Relaxed);
            return Err(format!("{followed} of {wanted} topics are followed").into());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(begun.elapsed().as_secs_f64())
}

type Tabs = JoinSet<Outcome<Tab>>;

async fn shift_start(
    process: &Process,
    wire: &Arc<Wire>,
    counts: &Arc<Counts>,
    people: Vec<(Staff, &'static str)>,
) -> Outcome<(Tabs, Cost)> {
    process.peak_forget()?;
    let begun = Begun::now(process.cpu_time()?, counts);
    let mut tabs = JoinSet::new();
    let wanted = Arc::new(AtomicUsize::new(0));
    let opened = Arc::new(AtomicUsize::new(0));
    let all = people.len();
    for (number, (person, page)) in people.into_iter().enumerate() {
        let (wire, counts) = (Arc::clone(wire), Arc::clone(counts));
        let (wanted, opened) = (Arc::clone(&wanted), Arc::clone(&opened));
        let due = SPAN.mul_f64(number as f64 / all as f64);
        tabs.spawn(async move {
            tokio::time::sleep(due).await;
            let mut tab = Tab {
                number,
                cookie: person.cookie,
                page,
                topics: Vec::new(),
                missing: Vec::new(),
                own: None,
            };
            tab.open_page(&wire, &counts).await?;
            wanted.fetch_add(tab.topics.len(), Ordering::Relaxed);
            opened.fetch_add(1, Ordering::Relaxed);
            tab.stay(wire, counts).await
        });
    }
    while opened.load(Ordering::Relaxed) < all {
        if let Some(ended) = tabs.try_join_next() {
            ended??;
            return Err("a tab was closed".into());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let seconds = stand(counts, wanted.load(Ordering::Relaxed), begun.at).await?;
    tokio::time::sleep(SETTLE).await;
    let cost = begun.cost(process, counts, seconds)?;
    Ok((tabs, cost))
}

/// All tabs at once, as soon as the program listens again.
async fn come_back(
    process: &Process,
    wire: &Arc<Wire>,
    counts: &Arc<Counts>,
    gone: Vec<Tab>,
) -> Outcome<(Tabs, Cost)> {
    // The start of the program is part of it.
    let begun = Begun::now(Duration::ZERO, counts);
    let before = counts.followed.load(Ordering::Relaxed);
    let mut wanted = before;
    let mut tabs = JoinSet::new();
    for tab in gone {
        wanted += tab.topics.len();
        tabs.spawn(tab.stay(Arc::clone(wire), Arc::clone(counts)));
    }
    let seconds = stand(counts, wanted, begun.at).await?;
    tokio::time::sleep(SETTLE).await;
    let cost = begun.cost(process, counts, seconds)?;
    Ok((tabs, cost))
}

/// One person changes their presence.
async fn presence(process: &Process, wire: &Wire, counts: &Counts, agent: &Staff) -> Outcome<Cost> {
    process.peak_forget()?;
    let begun = Begun::now(process.cpu_time()?, counts);
    for change in 0..CHANGES {
        let chosen = ["busy", "available"][change as usize % 2];
        wire.function(
            &agent.cookie,
            "account/presence_set",
            &json!({ "presence": chosen, "key": format!("presence-{change}") }),
        )
        .await?;
        tokio::time::sleep(BETWEEN).await;
    }
    let cost = begun.cost(process, counts, 0.0)?;
    Ok(Cost {
        cpu_seconds: cost.cpu_seconds / f64::from(CHANGES),
        bytes: cost.bytes / u64::from(CHANGES),
        ..cost
    })
}

/// Measures with this many tabs: one supervisor for ten agents.
pub async fn measure(program: &Path, data: &Path, tabs: usize) -> Outcome<Surge> {
    process::administrator_add(program, data, &[]).await?;
    let served = Process::serve(program, data).await?;
    let address = served.address;
    let wire = Arc::new(Wire::new(address));
    let people = accounts::open(&wire, Size::of_tabs(tabs)).await?;
    let agent = people.agents.first().cloned().ok_or("nobody is an agent")?;
    let on = |page| move |person: Staff| (person, page);
    let agents = people.agents.into_iter().map(on("/workspace"));
    let supervisors = people.supervisors.into_iter().map(on("/dashboard"));
    let people: Vec<_> = agents.chain(supervisors).collect();
    let counts = Arc::new(Counts::default());
    tokio::time::sleep(SETTLE).await;

    let (mut open, shift_start) = shift_start(&served, &wire, &counts, people).await?;
    counts.ending.store(true, Ordering::Relaxed);
    served.stop().await?;
    let mut gone = Vec::new();
    while let Some(tab) = open.join_next().await {
        gone.push(tab??);
    }
    counts.ending.store(false, Ordering::Relaxed);
    let served = Process::serve_at(program, data, address).await?;
    // Connections of the one before are of no use.
    let wire = Arc::new(Wire::new(address));
    let (open, restart) = come_back(&served, &wire, &counts, gone).await?;
    let presence = presence(&served, &wire, &counts, &agent).await?;
    counts.ending.store(true, Ordering::Relaxed);
    drop(open);
    served.stop().await?;
    Ok(Surge {
        tabs,
        shift_start,
        restart,
        presence,
        reconnected: counts.reconnected.load(Ordering::Relaxed),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::size::TEAM;

    #[test]
    fn f60_the_bootstrap_is_read_from_the_document() {
        let bootstrap = json!({
            "me": {
                "id": "amy", "name": "Amy", "username": "amy",
                "roles": ["agent"], "member_of": [], "supervises": [],
            },
            "settings": { "pop_up": true, "presence": "available" },
            "assistance": false, "unread": [], "open_requests": [], "seq": 7, "epoch": "e",
        });
        let calls = json!([[
            "/api/app/api/directory/desk_load {}",
            json!({ "Ok": bootstrap }).to_string()
        ]]);
        let document = format!("<script type=\"x\" id=\"first-data\">{calls}</script>");
        let bootstrap = first_data(&document).expect("the data of a frame");
        assert_eq!((bootstrap.seq, bootstrap.epoch.as_str()), (7, "e"));
        let own_list = Topic::Agent(bootstrap.me.id.clone());
        assert_eq!(
            frame_topics(&bootstrap.me),
            [Topic::Notifications, Topic::Assistance, own_list]
        );
        assert!(first_data("<html></html>").is_err());
    }

    #[test]
    fn f60_a_supervisor_stands_beside_ten_agents() {
        let size = Size::of_tabs(500);
        assert_eq!((size.agents, size.supervisors), (454, 46));
        assert!(size.supervisors * TEAM >= size.agents);
    }
}
