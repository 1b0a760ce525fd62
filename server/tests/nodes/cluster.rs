//! Several nodes on one database and one NATS, each in a runtime of its own that can end like a process that is killed.

use std::sync::Arc;

use server::bus::nats::NatsLink;
use server::clock_and_ids::{Ids, RandomIds};
use server::desk::nodes::NodeConfig;
use server::secrets::Keyring;
use server::store::Store;
use server::store::postgres::{PostgresStore, Sharing};
use shared::ids::NodeId;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::support::nats::Nats;
use crate::support::postgres::{Database, connect};
use crate::support::{Host, eventually};

/// One node. Dropping it is its end without a word.
pub struct Node {
    pub host: Host,
    store: Arc<PostgresStore>,
    runtime: Option<Runtime>,
}

impl Node {
    /// It ends as a program that is asked to: it says so to the others.
    pub async fn leave(self) {
        self.host.desk.nodes_leave().await;
        self.store.close().await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// How many there are at a time: each of their nodes has connections, and a server's usual limit is a hundred.
static TURNS: Semaphore = Semaphore::const_new(2);

/// The database and the NATS of some nodes, and the keys of their secrets.
pub struct Cluster {
    pub database: Database,
    pub nats: Nats,
    keys: Keyring,
    _turn: SemaphorePermit<'static>,
}

impl Cluster {
    /// With the demo's data, and its first node.
    async fn start_with(nats: Nats) -> (Self, Node) {
        let turn = TURNS.acquire().await.expect("nobody closes it");
        let cluster = Self {
            database: Database::new().await,
            nats,
            keys: Keyring::default(),
            _turn: turn,
        };
        let first = cluster.node_as(true).await;
        (cluster, first)
    }

    /// With one node.
    pub async fn of_one() -> (Self, Node) {
        Self::start_with(Nats::any()).await
    }

    /// With three nodes.
    pub async fn of_three() -> (Self, [Node; 3]) {
        Self::of_three_with(Nats::any()).await
    }

    /// With three nodes and this NATS.
    pub async fn of_three_with(nats: Nats) -> (Self, [Node; 3]) {
        let (cluster, first) = Self::start_with(nats).await;
        let nodes = [first, cluster.node().await, cluster.node().await];
        (cluster, nodes)
    }

    /// A further node.
    pub async fn node(&self) -> Node {
        self.node_as(false).await
    }

    /// How many nodes the database knows.
    pub async fn listed(&self) -> i64 {
        let mut connection = connect(&self.database.url()).await;
        sqlx::query_scalar("SELECT count(*) FROM nodes")
            .fetch_one(&mut connection)
            .await
            .expect("a list of nodes")
    }

    async fn node_as(&self, first: bool) -> Node {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let store = PostgresStore::open(&self.database.address(), Sharing::Nodes).await;
        let store = Arc::new(store.expect("the database opens"));
        let (nats, opened) = (self.nats.address(), Arc::clone(&store));
        let keys = self.keys.clone();
        let starting = runtime.spawn(async move {
            let address = nats.parse().expect("an address");
            let link = NatsLink::open(&address, None, None, opened.epoch()).await;
            let node = NodeConfig {
                id: NodeId::parse(RandomIds.next()).expect("an id"),
                link: Arc::new(link.expect("a link")),
            };
            Host::start_node(opened, node, keys, first).await
        });
        let host = starting.await.expect("a node");
        let node = Node {
            host,
            store,
            runtime: Some(runtime),
        };
        eventually("NATS is reached", async || node.connected()).await;
        node
    }
}

impl Node {
    /// Under which name nodes of this database say something on NATS.
    pub fn space(&self) -> &str {
        self.store.epoch()
    }

    /// Whether NATS can be reached, as far as the node knows.
    pub fn connected(&self) -> bool {
        let link = self.host.desk.link_state();
        link.is_some_and(|link| link.connected)
    }
}
