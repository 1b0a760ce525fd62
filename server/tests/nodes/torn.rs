//! A message in the middle of which its connection to PostgreSQL ends, or its sender hangs up. It is stored whole or not at all, and what
//! comes next works.

use std::time::Duration;

use serde_json::json;
use shared::ids::WorkitemId;
use sqlx::postgres::PgConnection;
use tokio::time::{sleep, timeout};

use crate::cluster::Cluster;
use crate::support::postgres::connect;
use crate::support::{PATIENCE, Staff, eventually, key};

/// Keeps commands from the last thing that they write, which is their key. All else is written by then, and reads go on.
struct Gate {
    holder: PgConnection,
    /// In a transaction one would always see the same connections.
    beside: PgConnection,
}

impl Gate {
    async fn close(cluster: &Cluster) -> Self {
        let url = cluster.database.url();
        let mut holder = connect(&url).await;
        sqlx::raw_sql("BEGIN; LOCK TABLE commands IN SHARE MODE")
            .execute(&mut holder)
            .await
            .expect("a lock");
        let beside = connect(&url).await;
        Self { holder, beside }
    }

    /// Waits until a command stands in front of it: the process of its connection.
    async fn reached(&mut self) -> i32 {
        let waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()
            AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO commands %'";
        let looking = async {
            loop {
                let found = sqlx::query_scalar::<_, i32>(waiting)
                    .fetch_optional(&mut self.beside)
                    .await;
                if let Some(process) = found.expect("an answer") {
                    return process;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, looking).await.expect("somebody comes")
    }

    /// Ends a connection, as an administrator or a failover does.
    async fn cut(&mut self, process: i32) {
        let ended = sqlx::query_scalar::<_, bool>("SELECT pg_terminate_backend($1, 5000)")
            .bind(process)
            .fetch_one(&mut self.beside)
            .await;
        assert!(ended.expect("an answer"), "it has ended");
    }

    async fn open(mut self) {
        let opened = sqlx::raw_sql("ROLLBACK").execute(&mut self.holder).await;
        opened.expect("it is open");
    }
}

/// Where a conversation stands, and how many lines it has for staff and for its customer.
async fn stored(cluster: &Cluster, chat: &WorkitemId) -> (i64, i64, i64, i64) {
    let mut connection = connect(&cluster.database.url()).await;
    let rows = "SELECT w.head, w.last_entry,
            (SELECT COUNT(*) FROM entries e WHERE e.workitem_id = w.id),
            (SELECT COUNT(*) FROM customer_entries c WHERE c.workitem_id = w.id)
        FROM workitems w WHERE w.id = $1";
    sqlx::query_as(rows)
        .bind(chat.as_str())
        .fetch_one(&mut connection)
        .await
        .expect("a conversation")
}

/// How often a text stands in a conversation.
async fn shown(amy: &Staff<'_>, chat: &WorkitemId, text: &str) -> usize {
    let conversation = amy.conversation(chat).await;
    let entries = conversation["entries"].to_string();
    entries.matches(&format!("\"{text}\"")).count()
}

/// No connection waits in a transaction that nobody ends.
async fn nothing_is_left_open(cluster: &Cluster) {
    let open = "SELECT COUNT(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    eventually("no transaction is open", async || {
        let mut connection = connect(&cluster.database.url()).await;
        let count = sqlx::query_scalar::<_, i64>(open)
            .fetch_one(&mut connection)
            .await;
        count.expect("a count") == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_connection_ends_in_the_middle_is_not_there_and_comes_again() {
    let (cluster, node) = Cluster::of_one().await;
    let amy = node.host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let before = stored(&cluster, &chat).await;
    let message = json!({ "workitem": chat, "key": key(), "text": "Half of it" });
    let mut gate = Gate::close(&cluster).await;
    let sending = amy.call("workitems/message_send", message.clone());
    let cutting = async {
        let process = gate.reached().await;
        gate.cut(process).await;
    };
    let (answer, ()) = tokio::join!(sending, cutting);
    gate.open().await;
    assert_eq!((answer.status, answer.body), (503, json!("Unavailable")));
    assert_eq!(stored(&cluster, &chat).await, before, "nothing of it");
    assert_eq!(shown(&amy, &chat, "Half of it").await, 0);

    let again = async || amy.call("workitems/message_send", message.clone()).await;
    let sent = again().await.ok();
    assert_eq!(again().await.ok(), sent, "it has its key");
    assert_eq!(shown(&amy, &chat, "Half of it").await, 1);
    nothing_is_left_open(&cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_sender_hangs_up_in_the_middle_is_there_once() {
    let (cluster, node) = Cluster::of_one().await;
    let amy = node.host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let message = json!({ "workitem": chat, "key": key(), "text": "Sent and gone" });
    let mut gate = Gate::close(&cluster).await;
    tokio::select! {
        answer = amy.call("workitems/message_send", message.clone()) => {
            panic!("answered with {}", answer.body)
        }
        _ = gate.reached() => {}
    }
    // Nobody waits for the answer any more.
    gate.open().await;
    eventually("it is stored", async || {
        shown(&amy, &chat, "Sent and gone").await == 1
    })
    .await;
    nothing_is_left_open(&cluster).await;
    // The browser asks again, because it had no answer.
    amy.call("workitems/message_send", message).await.ok();
    assert_eq!(shown(&amy, &chat, "Sent and gone").await, 1);
}
