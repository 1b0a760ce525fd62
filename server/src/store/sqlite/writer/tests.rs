//! One job fails, a transaction is lost, the disk is full: what becomes of everybody else.

use super::*;
use crate::store::sql::rows::text;
use crate::store::sqlite::open;

async fn writer(folder: &tempfile::TempDir) -> Writer {
    let path = folder.path().join("sideline.db");
    let opened = open::open(&path).await.unwrap();
    let connection = open::writer(&path).unwrap();
    let writer = Writer::start(connection, path, opened.lock, Arc::default()).unwrap();
    // Dropped, it would be closed some time later, which may write the log back.
    sqlx::Connection::close(opened.connection).await.unwrap();
    writer
}

impl Writer {
    async fn run<T, W>(&self, work: W) -> Stored<T>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> Stored<T> + Send + 'static,
    {
        self.submit(work, |_| {}).await
    }
}

async fn note(writer: &Writer, what: &'static str) -> Stored<()> {
    writer
        .run(move |connection| {
            sql("INSERT INTO audit (at, what, about) VALUES (0, $1, '')")
                .bind(what)
                .execute(connection)?;
            Ok(())
        })
        .await
}

async fn notes(writer: &Writer) -> Vec<String> {
    let notes = writer.run(|connection| {
        let rows = sql("SELECT what FROM audit WHERE id > 0 ORDER BY id").fetch_all(connection)?;
        rows.iter().map(|row| text(row, "what")).collect()
    });
    notes.await.unwrap()
}

/// Asks for three things while the writer is busy, so that they share a transaction.
async fn together<A, B, C>(
    writer: &Writer,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
    third: impl Future<Output = C>,
) -> (A, B, C) {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let busy = writer.run(move |_| {
        // Nothing is ever sent: it ends when the other end goes away.
        let _ = released.recv();
        Ok(())
    });
    let (_, first, second, third, ()) =
        tokio::join!(busy, first, second, third, async { drop(release) });
    (first, second, third)
}

#[tokio::test]
async fn a_job_that_panics_is_undone_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    let defect = writer.run::<(), _>(|connection| {
        sql("INSERT INTO audit (at, what, about) VALUES (0, 'lost', '')").execute(connection)?;
        panic!("a defect in one job");
    });
    let (before, defect, after) = together(
        &writer,
        note(&writer, "before"),
        defect,
        note(&writer, "after"),
    )
    .await;
    assert!(before.is_ok() && after.is_ok());
    assert!(matches!(defect, Err(StoreError::Storage(_))));
    assert_eq!(notes(&writer).await, ["before", "after"]);
}

#[tokio::test]
async fn a_lost_transaction_is_an_error_for_its_whole_group_and_the_next_one_works() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    // What a full disk does, too: the transaction is gone beneath the group.
    let breaks = writer.run(|connection| {
        sql("ROLLBACK").execute(connection)?;
        Ok(())
    });
    let (before, breaks, after) = together(
        &writer,
        note(&writer, "before"),
        breaks,
        note(&writer, "after"),
    )
    .await;
    for answer in [before, breaks, after] {
        assert!(matches!(answer, Err(StoreError::Storage(_))));
    }
    assert_eq!(notes(&writer).await, Vec::<String>::new());
    note(&writer, "again").await.unwrap();
    assert_eq!(notes(&writer).await, ["again"]);
    assert_eq!(writer.stats().largest_group, 1);
}

async fn large(writer: &Writer, limit: &'static str) -> Stored<()> {
    let fills = writer.run(move |connection| {
        sql(limit).execute(connection)?;
        sql("INSERT INTO audit (at, what, about) VALUES (0, 'large', $1)")
            .bind("x".repeat(100_000))
            .execute(connection)?;
        Ok(())
    });
    fills.await
}

/// SQLite's own limit stands for a full disk: the error comes from where ENOSPC does.
#[tokio::test]
async fn a_full_disk_keeps_its_word_to_everybody_and_with_room_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    let (before, filled, after) = together(
        &writer,
        note(&writer, "before"),
        large(&writer, "PRAGMA max_page_count = 1"),
        note(&writer, "after"),
    )
    .await;
    assert!(
        matches!(&filled, Err(StoreError::Storage(reason)) if reason.contains("full")),
        "{filled:?}"
    );
    // SQLite undoes the one statement or the whole transaction. Either way: who was told "stored" is stored, and
    // nobody else is.
    let answers = [("before", before), ("after", after)];
    let mut stored: Vec<_> = answers
        .iter()
        .filter_map(|(what, answer)| answer.is_ok().then_some(*what))
        .collect();
    assert_eq!(notes(&writer).await, stored);
    large(&writer, "PRAGMA max_page_count = 1000000")
        .await
        .unwrap();
    stored.push("large");
    assert_eq!(notes(&writer).await, stored);
}

#[tokio::test]
async fn what_became_of_a_write_is_settled_before_it_is_answered_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    let settled = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let asked = |what: &'static str, answer: Stored<()>| {
        let noted = settled.clone();
        let seen = settled.clone();
        let run = writer.submit(
            move |_| answer,
            move |done| noted.lock().unwrap().push((what, done.is_some())),
        );
        async move {
            let answered = run.await;
            let known = seen.lock().unwrap().iter().any(|(noted, _)| *noted == what);
            assert_eq!(known, answered.is_ok(), "{what}");
        }
    };
    together(
        &writer,
        asked("first", Ok(())),
        asked("refused", Err(StoreError::NotFound)),
        asked("second", Ok(())),
    )
    .await;
    assert_eq!(
        *settled.lock().unwrap(),
        [("first", true), ("second", true)]
    );
    let lost = writer.submit(
        |connection| {
            sql("ROLLBACK").execute(connection)?;
            Ok(())
        },
        {
            let settled = settled.clone();
            move |done: Option<&()>| settled.lock().unwrap().push(("lost", done.is_some()))
        },
    );
    assert!(lost.await.is_err());
    assert_eq!(settled.lock().unwrap().last(), Some(&("lost", false)));
}

#[tokio::test]
async fn a_commit_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    let settings = writer.run(|connection| {
        let mode = sql("PRAGMA journal_mode").fetch_one(connection)?;
        let synchronous = sql("PRAGMA synchronous").fetch_one(connection)?;
        Ok((
            text(&mode, "journal_mode")?,
            int(&synchronous, "synchronous")?,
        ))
    });
    let full = 2;
    assert_eq!(settings.await.unwrap(), ("wal".to_owned(), full));
}

#[tokio::test]
async fn who_asks_when_it_is_closed_or_behind_its_end_hears_that() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    // The end is queued before the second note is.
    let (first, (), behind) = together(
        &writer,
        note(&writer, "first"),
        writer.close(),
        note(&writer, "behind the end"),
    )
    .await;
    assert!(first.is_ok());
    assert!(matches!(behind, Err(StoreError::Closed)), "{behind:?}");
    let late = note(&writer, "late").await;
    assert!(matches!(late, Err(StoreError::Closed)), "{late:?}");
}

/// What is in the log, as text.
fn logged(folder: &tempfile::TempDir) -> String {
    let log = std::fs::read(folder.path().join("sideline.db-wal")).unwrap();
    String::from_utf8_lossy(&log).into_owned()
}

/// Deletes all that was noted, and has the log emptied.
async fn wipe(writer: &Writer) {
    let emptier = writer.emptier();
    let wiped = writer.submit(
        |connection| {
            sql("DELETE FROM audit WHERE id > 0").execute(connection)?;
            Ok(())
        },
        move |_| emptier.ask(),
    );
    wiped.await.unwrap();
}

#[tokio::test]
async fn what_was_wiped_stands_no_more_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    note(&writer, "zephyr").await.unwrap();
    assert!(logged(&folder).contains("zephyr"));
    wipe(&writer).await;
    // It comes behind the order to empty it.
    note(&writer, "after").await.unwrap();
    assert!(!logged(&folder).contains("zephyr"));
    assert_eq!(notes(&writer).await, ["after"]);
}

#[tokio::test]
async fn a_reader_in_the_way_holds_up_no_write_and_the_log_is_emptied_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    note(&writer, "zephyr").await.unwrap();
    let reader = open::reader(&folder.path().join("sideline.db")).unwrap();
    sql("BEGIN").execute(&reader).unwrap();
    sql("SELECT what FROM audit WHERE id > 0")
        .fetch_all(&reader)
        .unwrap();
    wipe(&writer).await;
    note(&writer, "meanwhile").await.unwrap();
    assert!(logged(&folder).contains("zephyr"), "it is read");
    sql("COMMIT").execute(&reader).unwrap();
    while logged(&folder).contains("zephyr") {
        note(&writer, "later").await.unwrap();
    }
    assert_eq!(notes(&writer).await.first().unwrap(), "meanwhile");
}

async fn refused(writer: &Writer, what: &'static str) {
    let answer = note(writer, what).await;
    assert!(matches!(answer, Err(StoreError::Storage(_))), "{answer:?}");
}

#[tokio::test]
async fn s14_nothing_is_acknowledged_into_a_file_that_is_gone_or_was_replaced() {
    for ending in ["", "-wal"] {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder).await;
        let file = folder.path().join(format!("sideline.db{ending}"));
        let aside = folder.path().join("aside");
        note(&writer, "before").await.unwrap();
        std::fs::rename(&file, &aside).unwrap();
        refused(&writer, "gone").await;
        std::fs::copy(&aside, &file).unwrap();
        refused(&writer, "replaced").await;
        // The file itself is put back.
        std::fs::rename(&aside, &file).unwrap();
        note(&writer, "after").await.unwrap();
        assert_eq!(notes(&writer).await, ["before", "after"], "{ending}");
    }
}

#[tokio::test]
async fn s14_nothing_is_acknowledged_into_a_file_that_somebody_else_wrote_into() {
    for ending in ["", "-wal"] {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder).await;
        note(&writer, "before").await.unwrap();
        let file = folder.path().join(format!("sideline.db{ending}"));
        let copy = std::fs::read(&file).unwrap();
        // In place: the file stays the same one.
        std::fs::write(&file, "x".repeat(copy.len())).unwrap();
        refused(&writer, "overwritten").await;
        std::fs::write(&file, &copy[..copy.len() / 2]).unwrap();
        refused(&writer, "cut short").await;
    }
}

/// Writes into a file in place, as long as it was.
fn scribble(file: &std::path::Path, at: u64) -> Vec<u8> {
    use std::io::{Seek, SeekFrom, Write};
    let before = std::fs::read(file).unwrap();
    let mut file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[0xa5; 8]).unwrap();
    before
}

#[tokio::test]
async fn s14_nothing_is_acknowledged_into_a_log_that_would_not_be_read_to_its_end() {
    // The salts of the header, a frame's own header, a page in the middle, the last page.
    for place in ["salts", "frame", "middle", "last"] {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder).await;
        for _ in 0..20 {
            note(&writer, "before").await.unwrap();
        }
        let log = folder.path().join("sideline.db-wal");
        let bytes = std::fs::metadata(&log).unwrap().len();
        let frame = 24 + 4_096;
        let middle = 32 + (bytes - 32) / frame / 2 * frame;
        let before = scribble(
            &log,
            match place {
                "salts" => 16,
                "frame" => middle,
                "middle" => middle + 1_000,
                _ => bytes - 1_000,
            },
        );
        for _ in 0..3 {
            refused(&writer, place).await;
        }
        // What was there is put back.
        std::fs::write(&log, before).unwrap();
        note(&writer, "after").await.unwrap();
        assert_eq!(notes(&writer).await.len(), 21, "{place}");
    }
}

#[tokio::test]
async fn s14_somebody_elses_honest_write_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    let path = folder.path().join("sideline.db");
    let tool = || {
        let tool = open::writer(&path).unwrap();
        // It only appends to the log.
        tool.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        sql("INSERT INTO audit (at, what, about) VALUES (0, 'tool', '')")
            .execute(&tool)
            .unwrap();
    };
    tool();
    note(&writer, "one").await.unwrap();
    tool();
    tool();
    // A transaction that writes nothing, and one that does.
    assert_eq!(notes(&writer).await, ["tool", "one", "tool", "tool"]);
    note(&writer, "two").await.unwrap();
    // The log is written back, and begun again by the tool.
    for turn in 0..170 {
        large(&writer, "PRAGMA max_page_count = 1000000")
            .await
            .unwrap();
        if turn >= 150 {
            tool();
        }
    }
    note(&writer, "three").await.unwrap();
    assert_eq!(notes(&writer).await.len(), 196);
    scribble(&folder.path().join("sideline.db-wal"), 16);
    refused(&writer, "three").await;
}

#[tokio::test]
async fn s14_the_log_is_written_back_and_nobody_is_blamed_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let writer = writer(&folder).await;
    let database = folder.path().join("sideline.db");
    let before = std::fs::metadata(&database).unwrap().len();
    // Some 25 pages each: more than twice as many as the log grows to.
    for _ in 0..400 {
        large(&writer, "PRAGMA max_page_count = 1000000")
            .await
            .unwrap();
    }
    assert!(std::fs::metadata(&database).unwrap().len() > before);
    note(&writer, "after").await.unwrap();
}
