//! Rows of jobs. The one writer takes them, so nobody else can take the same one.

use async_trait::async_trait;
use shared::time::Timestamp;

use super::rows::{at, at_maybe, flag, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, Sql, sql};
use crate::store::Stored;
use crate::store::rows::{JobReads, JobRoom, JobRow, JobRows, NewJob};

const NEXT: &str = "SELECT j.run_after FROM jobs j
    WHERE j.kind = $1 AND j.queue = $2 AND NOT EXISTS (SELECT 1 FROM jobs ahead WHERE ahead.lane = j.lane AND ahead.id < j.id)
    ORDER BY j.run_after, j.id LIMIT 1";
/// The first job that no pause outlasts, or the first end of a pause for which a job waits.
const NEXT_OF_ANY: &str = "SELECT MIN(due.run_after) AS run_after FROM (
    SELECT head.run_after FROM (SELECT j.run_after FROM jobs j
        WHERE j.kind = $1 AND NOT EXISTS (SELECT 1 FROM jobs ahead WHERE ahead.lane = j.lane AND ahead.id < j.id)
            AND NOT EXISTS (SELECT 1 FROM job_pauses p WHERE p.kind = j.kind AND p.queue = j.queue
                AND p.paused_until > j.run_after)
        ORDER BY j.run_after, j.id LIMIT 1) head
    UNION ALL
    SELECT p.paused_until FROM job_pauses p WHERE p.kind = $1 AND EXISTS (SELECT 1 FROM jobs j
        WHERE j.kind = p.kind AND j.queue = p.queue AND j.run_after < p.paused_until
            AND NOT EXISTS (SELECT 1 FROM jobs ahead WHERE ahead.lane = j.lane AND ahead.id < j.id))) due";
const INSERT: &str = "INSERT INTO jobs (kind, queue, about, lane, created_at, run_after) VALUES ($1, $2, $3, $4, $5, $5)";
const DUE: &str = "SELECT j.id FROM jobs j WHERE j.kind = $1 AND j.queue = $2 AND j.run_after <= $3
    AND NOT EXISTS (SELECT 1 FROM jobs ahead WHERE ahead.lane = j.lane AND ahead.id < j.id)
    ORDER BY j.run_after, j.id LIMIT $4";
macro_rules! due_of_each {
    ($busy:literal) => {
        concat!(
            "SELECT id FROM (SELECT j.id, j.queue, j.run_after,
                ROW_NUMBER() OVER (PARTITION BY j.queue ORDER BY j.run_after, j.id) AS place
                FROM jobs j WHERE j.kind = $1 AND j.run_after <= $2
                    AND NOT EXISTS (SELECT 1 FROM jobs ahead WHERE ahead.lane = j.lane AND ahead.id < j.id)
                    AND NOT EXISTS (SELECT 1 FROM job_pauses p WHERE p.kind = j.kind AND p.queue = j.queue
                        AND p.paused_until > $2)) due
            WHERE place + COALESCE(",
            $busy,
            ", 0) <= $3 ORDER BY run_after, id"
        )
    };
}
/// $3 how many of a queue are done at a time, $4 how many of each are.
const DUE_OF_EACH: Sql = Sql::of(
    due_of_each!("(SELECT busy.value FROM json_each($4) busy WHERE busy.key = queue)"),
    due_of_each!("CAST($4::JSONB ->> queue AS BIGINT)"),
);
/// A lease that is there has run out: its holder may have carried the job out.
const TAKE: &str =
    "UPDATE jobs SET unsettled = CASE WHEN lease IS NULL THEN unsettled ELSE 1 END, lease = $2, run_after = $3,
    attempts = attempts + 1 WHERE id = $1
    RETURNING id, about, created_at, attempts, unsettled";
const HELD: &str = "SELECT COUNT(*) AS count FROM jobs WHERE id = $1 AND lease = $2";
const RELEASE: &str =
    "UPDATE jobs SET lease = NULL, run_after = $2, attempts = attempts - (1 - $3),
    unsettled = MAX(unsettled, $4) WHERE id = $1";
const LEAVE_LANE: &str = "UPDATE jobs SET lane = about WHERE id = $1";
const UNTOUCHED: &str =
    "SELECT about FROM jobs WHERE lane = $1 AND lease IS NULL AND unsettled = 0 ORDER BY id";
const WAITING: &str =
    "SELECT about FROM jobs WHERE kind = $1 AND queue = $2 AND lease IS NULL ORDER BY id";
const DELETE: &str = "DELETE FROM jobs WHERE about = $1";
const PAUSED_UNTIL: &str = "SELECT paused_until FROM job_pauses WHERE kind = $1 AND queue = $2";
const PAUSE: &str = "INSERT INTO job_pauses (kind, queue, paused_until) VALUES ($1, $2, $3)
    ON CONFLICT (kind, queue) DO UPDATE SET paused_until = $3";

#[async_trait]
impl<R: Runner> JobReads for Rows<R> {
    async fn job_next(&mut self, kind: &str, queue: &str) -> Stored<Option<Timestamp>> {
        self.quick(|connection| {
            let row = sql(NEXT)
                .bind(kind)
                .bind(queue)
                .fetch_optional(connection)?;
            row.map(|row| at(&row, "run_after")).transpose()
        })
    }

    async fn job_next_of_any(&mut self, kind: &str) -> Stored<Option<Timestamp>> {
        self.quick(|connection| {
            let row = sql(NEXT_OF_ANY).bind(kind).fetch_one(connection)?;
            at_maybe(&row, "run_after")
        })
    }

    async fn job_paused_until(&mut self, kind: &str, queue: &str) -> Stored<Option<Timestamp>> {
        self.quick(|connection| {
            let row = sql(PAUSED_UNTIL)
                .bind(kind)
                .bind(queue)
                .fetch_optional(connection)?;
            row.map(|row| at(&row, "paused_until")).transpose()
        })
    }
}

#[async_trait]
impl JobRows for Rows<Inline<'_>> {
    async fn job_insert(&mut self, job: &NewJob<'_>, at: Timestamp) -> Stored<()> {
        sql(INSERT)
            .bind(job.kind)
            .bind(job.queue)
            .bind(job.about)
            .bind(job.lane)
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn jobs_claim(
        &mut self,
        (kind, queue): (&str, &str),
        lease: &str,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Stored<Vec<JobRow>> {
        let connection = self.connection();
        let due = sql(DUE)
            .bind(kind)
            .bind(queue)
            .bind(now.0)
            .bind(limit)
            .fetch_all(connection)?;
        take(connection, &due, lease, until)
    }

    async fn jobs_claim_of_each(
        &mut self,
        kind: &str,
        lease: &str,
        now: Timestamp,
        until: Timestamp,
        room: &JobRoom,
    ) -> Stored<Vec<JobRow>> {
        let busy = serde_json::to_string(&room.busy)?;
        let connection = self.connection();
        let due = sql(DUE_OF_EACH)
            .bind(kind)
            .bind(now.0)
            .bind(room.share)
            .bind(busy)
            .fetch_all(connection)?;
        take(connection, &due, lease, until)
    }

    async fn job_held(&mut self, job: i64, lease: &str) -> Stored<bool> {
        let row = sql(HELD)
            .bind(job)
            .bind(lease)
            .fetch_one(self.connection())?;
        Ok(int(&row, "count")? > 0)
    }

    async fn job_release(
        &mut self,
        job: i64,
        run_after: Timestamp,
        counted: bool,
        unsettled: bool,
    ) -> Stored<()> {
        sql(RELEASE)
            .bind(job)
            .bind(run_after.0)
            .bind(i64::from(counted))
            .bind(i64::from(unsettled))
            .execute(self.connection())?;
        Ok(())
    }

    async fn job_leave_lane(&mut self, job: i64) -> Stored<()> {
        sql(LEAVE_LANE).bind(job).execute(self.connection())?;
        Ok(())
    }

    async fn jobs_untouched(&mut self, lane: &str) -> Stored<Vec<String>> {
        let rows = sql(UNTOUCHED).bind(lane).fetch_all(self.connection())?;
        rows.iter().map(|row| text(row, "about")).collect()
    }

    async fn jobs_waiting(&mut self, kind: &str, queue: &str) -> Stored<Vec<String>> {
        let rows = sql(WAITING)
            .bind(kind)
            .bind(queue)
            .fetch_all(self.connection())?;
        rows.iter().map(|row| text(row, "about")).collect()
    }

    async fn job_delete(&mut self, about: &str) -> Stored<()> {
        sql(DELETE).bind(about).execute(self.connection())?;
        Ok(())
    }

    async fn job_set_pause(&mut self, kind: &str, queue: &str, until: Timestamp) -> Stored<()> {
        sql(PAUSE)
            .bind(kind)
            .bind(queue)
            .bind(until.0)
            .execute(self.connection())?;
        Ok(())
    }
}

fn take(
    connection: &Connection,
    due: &[Row],
    lease: &str,
    until: Timestamp,
) -> Stored<Vec<JobRow>> {
    let take = due.iter().map(|row| {
        let row = sql(TAKE)
            .bind(int(row, "id")?)
            .bind(lease)
            .bind(until.0)
            .fetch_one(connection)?;
        Ok(JobRow {
            id: int(&row, "id")?,
            about: text(&row, "about")?,
            created_at: at(&row, "created_at")?,
            attempts: int(&row, "attempts")?,
            unsettled: flag(&row, "unsettled")?,
        })
    });
    take.collect()
}
