//! What live connections ask for: the statements of several areas, carried out together.

use async_trait::async_trait;

use super::runner::{Rows, Runner};
use super::statement::{Connection, Row, Statement};
use super::{accounts, requests, sessions, transcripts, workitems};
use crate::store::Stored;
use crate::store::rows::{LiveReads, LiveRows, LiveRowsAsked};

/// Workitems and agents of whom no more are named are found before another thread would have begun, and what is new in one log.
const FEW: usize = 8;

/// Takes up a row of a statement.
type Take = fn(&mut LiveRows, &Row) -> Stored<()>;

/// Statements, and what takes up the rows of each.
#[derive(Default)]
struct Parts {
    statements: Vec<Statement<'static>>,
    takes: Vec<Take>,
}

impl Parts {
    fn ask(&mut self, statement: Statement<'static>, take: Take) {
        self.statements.push(statement);
        self.takes.push(take);
    }
}

#[async_trait]
impl<R: Runner> LiveReads for Rows<R> {
    async fn live_rows(&mut self, asked: LiveRowsAsked) -> Stored<LiveRows> {
        let few = asked.workitems.len() + asked.open_of.len() <= FEW && asked.logs.len() < 2;
        let read = move |connection: &Connection| read(connection, &asked);
        match few {
            true => self.quick(read),
            false => self.slow(read).await,
        }
    }
}

fn read(connection: &Connection, asked: &LiveRowsAsked) -> Stored<LiveRows> {
    let parts = parts(asked);
    let mut found = LiveRows::default();
    let answers = connection.fetch_together(&parts.statements)?;
    for (rows, take) in answers.iter().zip(parts.takes) {
        rows.iter().try_for_each(|row| take(&mut found, row))?;
    }
    Ok(found)
}

fn parts(asked: &LiveRowsAsked) -> Parts {
    let mut parts = Parts::default();
    if let Some((ids, now)) = &asked.sessions {
        parts.ask(sessions::find_each(ids, *now), |found, row| {
            found.sessions.push(sessions::found(row)?);
            Ok(())
        });
    }
    if !asked.workitems.is_empty() {
        parts.ask(workitems::find_each(&asked.workitems), |found, row| {
            found.workitems.push(workitems::read(row)?);
            Ok(())
        });
    }
    if !asked.logs.is_empty() {
        parts.ask(transcripts::after_each(&asked.logs), |found, row| {
            found.entries.push(transcripts::found(row)?);
            Ok(())
        });
    }
    if !asked.open_of.is_empty() {
        parts.ask(workitems::open_of_each(&asked.open_of), |found, row| {
            found.open.push(workitems::read(row)?);
            Ok(())
        });
    }
    if !asked.standing_of.is_empty() {
        parts.ask(requests::open_of_each(&asked.standing_of), |found, row| {
            found.hands.push(requests::found(row)?);
            Ok(())
        });
        parts.ask(accounts::presences_of(&asked.standing_of), |found, row| {
            found.presences.push(accounts::found(row)?);
            Ok(())
        });
    }
    parts
}
