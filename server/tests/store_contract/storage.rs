//! The file itself: what outlives a restart, what is refused, and how the writer groups its commits.

use std::path::Path;

use futures_util::FutureExt;
use futures_util::future::join_all;
use server::commands::AuditRecord;
use server::store::sqlite::{OpenError, SqliteStore};
use server::store::{CommandContext, Store, StoreError};
use shared::admin::UserAccount;
use shared::people::Role;
use shared::time::Timestamp;
use sqlx::{Connection, SqliteConnection};

use crate::administration_commands::Administration;
use crate::words::*;

fn account(id: &str) -> UserAccount {
    UserAccount {
        id: user(id),
        username: id.to_owned(),
        name: id.to_owned(),
        roles: vec![Role::Agent],
        active: true,
        version: 0,
        capacity: None,
        built: Vec::new(),
    }
}

/// The operator does something.
fn context(id: &str, at: i64) -> CommandContext {
    CommandContext {
        actor: None,
        key: key(id),
        at: Timestamp(at),
    }
}

fn as_store(store: &SqliteStore) -> &dyn Store {
    store
}

async fn refused(path: &Path) -> OpenError {
    match SqliteStore::open(path).await {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/sideline.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let epoch = store.epoch().to_owned();
    assert_eq!(epoch.len(), 32);
    as_store(&store)
        .user_create(account("amy"), "hash", context("k0", 1))
        .await
        .unwrap();
    store.close().await;
    let late = as_store(&store).user_create(account("ben"), "hash", context("k1", 1));
    assert!(matches!(late.await, Err(StoreError::Closed)));

    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.epoch(), epoch);
    assert_eq!(
        as_store(&store).user_list().await.unwrap(),
        [account("amy")]
    );
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let _store = SqliteStore::open(&path).await.unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_second_process_is_refused_and_a_later_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let error = refused(&path).await;
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    store.close().await;
    SqliteStore::open(&path).await.unwrap();
}

#[tokio::test]
async fn migrating_twice_does_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let (from, to) = SqliteStore::migrate(&path).await.unwrap();
    assert!(from == 0 && to > 0);
    assert_eq!(SqliteStore::migrate(&path).await.unwrap(), (to, to));
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    SqliteStore::migrate(&path).await.unwrap();
    let mut file = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    sqlx::query("INSERT INTO schema_version (version) VALUES (9999)")
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let error = refused(&path).await;
    assert!(matches!(error, OpenError::Newer { found: 9999, .. }));
    assert!(error.to_string().contains("newer Sideline"), "{error}");
}

#[tokio::test]
async fn another_kind_of_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let letter = "Dear Sideline, ".repeat(100);
    let path = folder.path().join("letter.txt");
    std::fs::write(&path, &letter).unwrap();
    let error = refused(&path).await;
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);

    let path = folder.path().join("others.db");
    let mut file = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", path.display()))
        .await
        .unwrap();
    sqlx::query("CREATE TABLE recipes (name TEXT)")
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let error = refused(&path).await;
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = refused(&file.join("sideline.db")).await;
    assert!(matches!(error, OpenError::Folder { .. }), "{error}");
    assert!(error.to_string().contains("cannot be written"), "{error}");
}

/// A write of no consequence.
fn audited(about: &str, number: i64) -> AuditRecord {
    AuditRecord {
        actor: None,
        what: "refused_page".to_owned(),
        about: about.to_owned(),
        skipped: 0,
        at: Timestamp(number),
    }
}

#[tokio::test]
async fn writes_that_wait_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let audits = (0..1_000).map(|number| {
        let about = number.to_string();
        let store: &dyn Store = &store;
        async move { store.execute(audited(&about, number)).await }
    });
    for written in join_all(audits).await {
        written.unwrap();
    }
    let stats = store.writer_stats();
    assert_eq!(stats.jobs, 1_000);
    // How many there are when the writer looks is the system's choice.
    assert!(stats.commits < 100, "{stats:?}");
    assert_eq!(stats.largest_group, 128);
}

#[tokio::test]
async fn a_full_queue_says_so_and_loses_nothing_that_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let store = SqliteStore::open(&path).await.unwrap();
    // The writer takes from the queue meanwhile, but not as fast as it is filled.
    let audits = (0..20_000).map(|number| {
        let store: &dyn Store = &store;
        store.execute(audited("", number))
    });
    let answers = join_all(audits).await;
    let stored = answers.iter().filter(|answer| answer.is_ok()).count();
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        let busy = matches!(answer, Err(StoreError::Storage(reason)) if reason == "busy");
        assert!(busy, "{answer:?}");
    }
    assert!(stored < 20_000);
    assert_eq!(store.writer_stats().jobs, stored as u64);
}

#[tokio::test]
async fn a_write_whose_asker_went_away_is_done_and_leaves_the_way_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let store = SqliteStore::open(&path).await.unwrap();
    // Asked, and dropped at once.
    let gone = as_store(&store).user_create(account("amy"), "hash", context("k2", 1));
    let _ = gone.now_or_never();
    as_store(&store)
        .user_create(account("ben"), "hash", context("k3", 2))
        .await
        .unwrap();
    assert_eq!(as_store(&store).user_list().await.unwrap().len(), 2);
    let amy = user("amy");
    let mut rows = store.snapshot().await.unwrap();
    let reading = rows.notifications_after(&amy, 0, 1);
    let _ = reading.now_or_never();
    drop(rows);
    as_store(&store)
        .user_update(&amy, "Amy", &[Role::Agent], None, 0, context("k4", 3))
        .await
        .unwrap();
    assert_eq!(as_store(&store).user_list().await.unwrap()[0].name, "Amy");
}
