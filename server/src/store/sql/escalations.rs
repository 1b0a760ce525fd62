//! Escalation of requests for assistance that nobody has claimed.

use async_trait::async_trait;
use shared::escalation::{Escalation, Step};
use shared::ids::{RequestId, TeamId, UserId};
use shared::people::PersonRef;
use shared::time::Timestamp;

use super::names::shown_name;
use super::rows::{at, id, id_maybe, int, int_maybe, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{DueRequest, EscalationReads, EscalationRows};

const FIND: &str = "SELECT team_id, all_after_min, on_call_after_min, on_call_id, version
    FROM escalations WHERE team_id = $1";
const LIST: &str = "SELECT team_id, all_after_min, on_call_after_min, on_call_id, version
    FROM escalations ORDER BY team_id";
const SET: &str =
    "INSERT INTO escalations (team_id, all_after_min, on_call_after_min, on_call_id, version)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (team_id) DO UPDATE SET all_after_min = excluded.all_after_min,
        on_call_after_min = excluded.on_call_after_min, on_call_id = excluded.on_call_id,
        version = excluded.version";
/// (The comparison with '' lets the index of open requests find them.)
const DUE: &str = concat!(
    "SELECT r.id, r.agent_id, ",
    shown_name!("a"),
    " AS agent_name, r.text, r.workitem_id, r.subject,
        1 AS step, NULL AS on_call_id, NULL AS on_call_name, r.at
    FROM requests r JOIN users a ON a.id = r.agent_id
    WHERE r.answered_at IS NULL AND r.agent_id > '' AND r.claimed_by IS NULL AND r.escalated < 1
        AND EXISTS (SELECT 1 FROM team_members m JOIN escalations e ON e.team_id = m.team_id
            WHERE m.user_id = r.agent_id AND r.at + e.all_after_min * 60000000 <= $1)
    UNION ALL
    SELECT r.id, r.agent_id, ",
    shown_name!("a"),
    " AS agent_name, r.text, r.workitem_id, r.subject,
        2 AS step, c.id AS on_call_id, ",
    shown_name!("c"),
    " AS on_call_name, r.at
    FROM requests r JOIN users a ON a.id = r.agent_id
        JOIN team_members m ON m.user_id = r.agent_id
        JOIN escalations e ON e.team_id = m.team_id
        JOIN users c ON c.id = e.on_call_id AND c.active = 1
    WHERE r.answered_at IS NULL AND r.agent_id > '' AND r.claimed_by IS NULL AND r.escalated < 2
        AND r.at + e.on_call_after_min * 60000000 <= $1
    ORDER BY 10, 1, 7"
);
const SET_ESCALATED: &str = "UPDATE requests SET escalated = $2 WHERE id = $1";

fn read(row: &Row) -> Stored<Escalation> {
    let on_call = id_maybe::<UserId>(row, "on_call_id")?;
    Ok(Escalation {
        team: id(row, "team_id")?,
        all_after_min: int_maybe(row, "all_after_min")?,
        on_call: int_maybe(row, "on_call_after_min")?.zip(on_call),
        version: int(row, "version")?,
    })
}

fn due(row: &Row) -> Stored<DueRequest> {
    let workitem = match id_maybe(row, "workitem_id")? {
        Some(workitem) => Some((workitem, text(row, "subject")?)),
        None => None,
    };
    let on_call = match id_maybe(row, "on_call_id")? {
        Some(id) => Some(PersonRef {
            id,
            name: text(row, "on_call_name")?,
        }),
        None => None,
    };
    Ok(DueRequest {
        request: id(row, "id")?,
        agent: PersonRef {
            id: id(row, "agent_id")?,
            name: text(row, "agent_name")?,
        },
        text: text(row, "text")?,
        at: at(row, "at")?,
        workitem,
        step: Step::of_number(int(row, "step")?),
        on_call,
    })
}

#[async_trait]
impl<R: Runner> EscalationReads for Rows<R> {
    async fn escalation_find(&mut self, team: &TeamId) -> Stored<Option<Escalation>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(team.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn escalation_list(&mut self) -> Stored<Vec<Escalation>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }

    async fn requests_due(&mut self, at: Timestamp) -> Stored<Vec<DueRequest>> {
        self.quick(|connection| {
            let rows = sql(DUE).bind(at.0).fetch_all(connection)?;
            rows.iter().map(due).collect()
        })
    }
}

#[async_trait]
impl EscalationRows for Rows<Inline<'_>> {
    async fn escalation_set(&mut self, escalation: &Escalation) -> Stored<()> {
        let (after, who) = escalation.on_call.clone().unzip();
        sql(SET)
            .bind(escalation.team.as_str())
            .bind(escalation.all_after_min)
            .bind(after)
            .bind(who.as_ref().map(UserId::as_str))
            .bind(escalation.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn request_set_escalated(&mut self, request: &RequestId, step: Step) -> Stored<()> {
        sql(SET_ESCALATED)
            .bind(request.as_str())
            .bind(step.number())
            .execute(self.connection())?;
        Ok(())
    }
}
