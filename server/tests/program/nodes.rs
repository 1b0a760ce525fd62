//! Several nodes as processes: one is killed at random moments, again and again, NATS and PostgreSQL are killed and started in
//! between, and nodes are cut off from either. What was acknowledged by any node is there, once and in order.

use std::time::Duration;

use rustix::process::Signal;

use crate::counted::rounds;
use crate::dice::{Dice, seed};
use crate::fixtures::{Browser, Data, Gone, Program, run, said};
use crate::links::Link;
use crate::nats::Nats;
use crate::own_postgres::OwnPostgres;
use crate::people::{Customer, Live, nobody_monitors, own_workitem, sign_in};
use crate::power::{Sender, Who, once_and_in_order};

/// How many rounds there are; SIDELINE_ROUNDS says another number.
const ROUNDS: u32 = 10;
const NODES: usize = 3;
const CUSTOMERS: usize = 3;
const SENT_IN_A_ROUND: u32 = 12;
/// How long a node may be cut off: longer than the others wait until they take it for dead.
const CUT_OFF_MS: u64 = 8_000;

/// What the nodes share.
pub struct Cluster {
    data: Data,
    postgres: OwnPostgres,
    nats: Nats,
}

impl Cluster {
    pub fn new() -> Self {
        Self {
            data: Data::new(),
            postgres: OwnPostgres::start(),
            nats: Nats::start(),
        }
    }

    /// The address of the database, by this port.
    fn database(port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    }

    /// Starts a node that has nothing between itself and the servers.
    pub async fn node(&self, more: &[&str]) -> Program {
        self.start(self.postgres.port(), self.nats.port(), more)
            .await
    }

    async fn start(&self, database: u16, bus: u16, more: &[&str]) -> Program {
        let (database, bus) = (Self::database(database), Nats::at(bus));
        let own = [
            "--database",
            &database,
            "--bus",
            &bus,
            "--monitor-grace",
            "1",
        ];
        Program::start(&self.data, &[&own, more].concat()).await
    }
}

/// One node's ways to the servers, which outlive its processes.
struct Ways {
    database: Link,
    bus: Link,
}

impl Ways {
    async fn of(cluster: &Cluster) -> Self {
        Self {
            database: Link::to(cluster.postgres.port()).await,
            bus: Link::to(cluster.nats.port()).await,
        }
    }

    async fn node(&self, cluster: &Cluster) -> Program {
        cluster
            .start(self.database.port(), self.bus.port(), &[])
            .await
    }
}

/// Sends, each time to one of the nodes, and what was not acknowledged again to another one.
async fn go_on(sender: &mut Sender, name: &str, nodes: &[Program], mut turns: Dice) {
    for _ in 0..SENT_IN_A_ROUND {
        let (text, key) = sender.next(name);
        loop {
            let node = usize::try_from(turns.below(NODES as u64)).expect("small");
            match sender.send(&nodes[node], &text, &key).await {
                Ok(answer) if answer.status == 200 => break,
                // The database is away, or as much was sent as one may send.
                Ok(answer) if matches!(answer.status, 429 | 503) => {}
                Ok(answer) => panic!("{name} was refused: {} {}", answer.status, answer.body),
                Err(Gone) => {}
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        sender.acknowledged.push(text);
        sender.open = None;
    }
}

/// What goes wrong in a round, beside the node that is killed.
#[derive(Clone, Copy)]
enum Harm {
    Nothing,
    NatsKilled,
    PostgresKilled,
    CutOffFromPostgres,
    CutOffFromNats,
}

const HARMS: [Harm; 5] = [
    Harm::Nothing,
    Harm::NatsKilled,
    Harm::PostgresKilled,
    Harm::CutOffFromPostgres,
    Harm::CutOffFromNats,
];

/// A node is killed in the middle of what else goes wrong. Answers which; everything else is as it was.
async fn harm(
    cluster: &mut Cluster,
    nodes: &[Program],
    ways: &[Ways],
    harm: Harm,
    dice: &mut Dice,
) -> usize {
    let pause = |micros| tokio::time::sleep(Duration::from_micros(micros));
    pause(dice.below(300_000)).await;
    let killed = usize::try_from(dice.below(NODES as u64)).expect("small");
    let another = &ways[(killed + 1) % NODES];
    match harm {
        Harm::Nothing => {}
        Harm::NatsKilled => cluster.nats.stop(),
        Harm::PostgresKilled => cluster.postgres.stop(),
        Harm::CutOffFromPostgres => another.database.cut(),
        Harm::CutOffFromNats => another.bus.cut(),
    }
    nodes[killed].signal(Signal::KILL);
    pause(dice.below(300_000)).await;
    match harm {
        Harm::Nothing => {}
        Harm::NatsKilled => cluster.nats.go_on(),
        Harm::PostgresKilled => cluster.postgres.go_on(),
        Harm::CutOffFromPostgres | Harm::CutOffFromNats => {
            pause(dice.below(CUT_OFF_MS * 1_000)).await;
            another.database.mend();
            another.bus.mend();
        }
    }
    killed
}

#[tokio::test(flavor = "multi_thread")]
async fn what_any_node_acknowledged_survives_whichever_is_killed() {
    let rounds = rounds(ROUNDS);
    let seed = seed();
    let mut dice = Dice::of(seed);
    let mut cluster = Cluster::new();
    let (mut ways, mut nodes) = (Vec::new(), Vec::new());
    for _ in 0..NODES {
        let own = Ways::of(&cluster).await;
        nodes.push(own.node(&cluster).await);
        ways.push(own);
    }
    let (mut amy, mut ben) = (
        sign_in(&nodes[0], "amy").await,
        sign_in(&nodes[1], "ben").await,
    );
    let sam = sign_in(&nodes[2], "sam").await;
    let chat = own_workitem(&mut amy, &nodes[0], "chat").await;
    let sms = own_workitem(&mut ben, &nodes[1], "sms").await;
    let mut senders = vec![
        Sender::new(Who::Agent(amy.clone(), chat.clone())),
        Sender::new(Who::Agent(ben.clone(), sms.clone())),
    ];
    for number in 0..CUSTOMERS {
        // The page comes before the first message, and with it the token that makes a repeated one the same.
        let mut customer = Customer::default();
        customer.look(&nodes[number % NODES]).await;
        senders.push(Sender::new(Who::Customer(customer)));
    }
    for round in 0..rounds {
        let watching = usize::try_from(dice.below(NODES as u64)).expect("small");
        let mut watch = Live::open(&sam, &nodes[watching]).await;
        watch.follow(&chat, true).await;
        let sending = senders.iter_mut().enumerate().map(|(number, sender)| {
            let turns = Dice::quiet(seed ^ (u64::from(round) * 100 + number as u64));
            let nodes = &nodes;
            async move {
                let name = sender.name(number);
                go_on(sender, &name, nodes, turns).await;
            }
        });
        let sending = futures_util::future::join_all(sending);
        let ((), killed) = tokio::join!(
            async { drop(sending.await) },
            harm(
                &mut cluster,
                &nodes,
                &ways,
                HARMS[round as usize % HARMS.len()],
                &mut dice
            )
        );
        drop(watch);
        let another = ways[killed].node(&cluster).await;
        std::mem::replace(&mut nodes[killed], another).ended().await;
    }
    nobody_monitors(&mut amy, &nodes[0], &chat).await;
    let agents = [(&mut amy, &chat), (&mut ben, &sms)];
    let story = format!("three nodes, {rounds} rounds, SIDELINE_SEED={seed}");
    let acknowledged = once_and_in_order(&story, &mut senders, agents, &nodes[0]).await;
    assert!(acknowledged > rounds as usize, "the rounds were rounds");
    for node in nodes {
        node.stop().await;
    }
    let url = Cluster::database(cluster.postgres.port());
    let checked = run(&["check", "--data", cluster.data.folder(), "--database", &url]).await;
    assert!(checked.status.success(), "{}", said(&checked));
}

#[tokio::test]
async fn who_has_the_database_alone_and_who_shares_it_do_not_mix() {
    let cluster = Cluster::new();
    let (url, bus) = (
        Cluster::database(cluster.postgres.port()),
        cluster.nats.address(),
    );
    let serve = async |more: &[&str]| {
        let own = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data",
            cluster.data.folder(),
        ];
        said(&run(&[&own, more].concat()).await)
    };
    let shared = cluster.node(&[]).await;
    let words = serve(&["--database", &url]).await;
    assert!(
        words.contains("need NATS: start each with --bus"),
        "{words}"
    );
    shared.stop().await;
    let alone = Program::start(&cluster.data, &["--database", &url]).await;
    let words = serve(&["--database", &url, "--bus", &bus]).await;
    assert!(words.contains("without --bus"), "{words}");
    alone.stop().await;
    let words = serve(&["--bus", &bus]).await;
    assert!(words.contains("need PostgreSQL"), "{words}");
    let words = serve(&["--database", &url, "--bus", "redis://user:hush@127.0.0.1"]).await;
    assert!(
        words.contains("expected nats://") && !words.contains("hush"),
        "{words}"
    );
}

#[tokio::test]
async fn s26_the_link_that_one_node_prints_makes_the_first_administrator_at_another() {
    let cluster = Cluster::new();
    let (url, bus) = (
        Cluster::database(cluster.postgres.port()),
        cluster.nats.address(),
    );
    let shared = ["--database", url.as_str(), "--bus", bus.as_str()];
    let one = Program::start_empty(&cluster.data, &shared).await;
    // Another machine, with the key file that all nodes have.
    let machine = Data::new();
    let key = cluster.data.file("secret.key");
    let key = ["--secret-key-file", key.to_str().expect("a plain name")];
    let two = Program::start_empty(&machine, &[&shared[..], &key[..]].concat()).await;
    let link = one.setup.clone().expect("a link");
    assert_eq!(two.setup.as_ref(), Some(&link), "both print the same");

    let (_, token) = link.split_once("token=").expect("a token");
    let form = format!(
        "token={token}&username=ada&name=Ada+Almond&password=stone-by-stone&repeat=stone-by-stone"
    );
    let mut ada = Browser::default();
    let made = ada.form(&two, "/setup", &form).await.expect("an answer");
    assert_eq!((made.status, made.location.as_str()), (303, "/"));
    for node in [&one, &two] {
        let again = Browser::default().get(node, &link).await;
        assert_eq!(again.expect("an answer").status, 404, "it works once");
    }
    one.stop().await;
    two.stop().await;
}
