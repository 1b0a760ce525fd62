//! The server ends what hangs, and the connections are used again. The limits themselves take too long for a test, so each story has a
//! shorter one; that every connection has its own is looked at.

use std::time::Duration;

use sqlx::postgres::{PgConnection, PgPool};
use tokio::runtime::Handle;
use tokio::time::sleep;

use super::address::Address;
use super::session::{Purpose, Session, Trouble};
use crate::store::sql::statement::sql;

fn server() -> Address {
    let server = std::env::var("SIDELINE_TEST_POSTGRES");
    let server =
        server.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    server.parse().expect("an address")
}

async fn begin(pool: &PgPool, purpose: Purpose) -> Session {
    let begun = Session::begin(Handle::current(), pool, purpose).await;
    begun.expect("a transaction")
}

/// Whether a statement that takes a moment is answered.
fn answers(session: &Session) -> bool {
    sql("SELECT 1 AS answer").fetch_one(session).is_ok()
}

async fn has_limits(connection: &mut PgConnection) {
    for (name, limit) in [
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("lock_timeout", "10s"),
    ] {
        let shown = sqlx::query_scalar::<_, String>("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(&mut *connection)
            .await;
        assert_eq!(shown.expect("a setting"), limit, "{name}");
    }
}

#[tokio::test]
async fn every_connection_has_limits() {
    let address = server();
    has_limits(&mut address.connect().await.expect("a connection")).await;
    let pool = address.pool(2);
    let mut first = pool.acquire().await.expect("a connection");
    let mut second = pool.acquire().await.expect("a connection");
    has_limits(&mut first).await;
    has_limits(&mut second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_ended_and_its_connection_is_used_again() {
    let pool = server().with(("statement_timeout", "200ms")).pool(1);
    for purpose in [Purpose::Command, Purpose::Snapshot] {
        let session = begin(&pool, purpose).await;
        // As long as the limit that connections have, and shorter than anybody waits for an answer.
        let ended = sql("SELECT 1 AS answer FROM pg_sleep(30)").fetch_one(&session);
        assert!(ended.is_err(), "it took its time");
        assert!(matches!(session.trouble(), Some(Trouble::Failed(_))));
        assert!(!answers(&session), "the transaction is over");
        drop(session);
        // There is one connection.
        let session = begin(&pool, purpose).await;
        assert!(answers(&session));
        session.commit().expect("it commits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_in_which_nothing_happens_is_ended_and_another_one_begins() {
    let limit = ("idle_in_transaction_session_timeout", "200ms");
    let pool = server().with(limit).pool(1);
    for purpose in [Purpose::Command, Purpose::Snapshot] {
        let session = begin(&pool, purpose).await;
        let mut looks = 0;
        while answers(&session) {
            looks += 1;
            assert!(looks < 40, "nobody ends it");
            // Each look is something that happens, so there is time between them.
            sleep(Duration::from_millis(500)).await;
        }
        assert!(session.commit().is_err(), "nothing of it is stored");
        let session = begin(&pool, purpose).await;
        assert!(answers(&session));
        session.commit().expect("it commits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_lock_gives_up_and_its_connection_is_used_again() {
    let pool = server().with(("lock_timeout", "200ms")).pool(2);
    // A lock of this story alone.
    let lock = "SELECT 1 AS answer FROM pg_advisory_xact_lock(7308332213957063457)";
    let holder = begin(&pool, Purpose::Command).await;
    sql(lock).fetch_one(&holder).expect("nobody has it");
    let session = begin(&pool, Purpose::Command).await;
    assert!(sql(lock).fetch_one(&session).is_err(), "it is taken");
    assert!(matches!(session.trouble(), Some(Trouble::Failed(_))));
    drop(session);
    holder.commit().expect("it commits");
    let session = begin(&pool, Purpose::Command).await;
    sql(lock).fetch_one(&session).expect("it is free again");
    session.commit().expect("it commits");
}
