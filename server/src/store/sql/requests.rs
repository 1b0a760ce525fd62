//! Requests for assistance, and whom they reached.

use async_trait::async_trait;
use shared::assistance::{Claim, Settled, SettledHow};
use shared::escalation::Step;
use shared::ids::{RequestId, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::RaisedHand;

use super::names::shown_name;
use super::rows::{
    at, at_maybe, before, code, id, id_maybe, ids_argument, int, int_maybe, pair, text, text_maybe,
};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, Statement, sql};
use crate::store::Stored;
use crate::store::rows::{ListedRequest, NewRequest, RequestReads, RequestRow, RequestRows};

const CREATE: &str =
    "INSERT INTO requests (id, agent_id, text, choice, workitem_id, subject, at, target_min, template_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const FIND: &str =
    "SELECT r.text, r.workitem_id, r.agent_id, a.name AS agent_name, r.answered_at, r.settled_how,
        r.answered_by, b.name AS answered_name, r.claimed_at, r.claimed_by, c.name AS claimer_name
    FROM requests r JOIN users a ON a.id = r.agent_id LEFT JOIN users b ON b.id = r.answered_by
        LEFT JOIN users c ON c.id = r.claimed_by
    WHERE r.id = $1";
macro_rules! select_listed {
    ($tail:literal) => {
        concat!(
            "SELECT r.id, r.text, r.workitem_id, r.at, r.agent_id, ",
            shown_name!("a"),
            " AS agent_name, r.answered_at, r.settled_how, r.answered_by, ",
            shown_name!("b"),
            " AS answered_name, r.target_min, r.claimed_at, r.claimed_by, ",
            shown_name!("c"),
            " AS claimer_name
            FROM requests r JOIN users a ON a.id = r.agent_id LEFT JOIN users b ON b.id = r.answered_by
                LEFT JOIN users c ON c.id = r.claimed_by ",
            $tail
        )
    };
}
const BEFORE: &str = select_listed!(
    "WHERE r.at > 0 AND (r.at, r.id) < ($1, $2) ORDER BY r.at DESC, r.id DESC LIMIT $3"
);
const ONE: &str = select_listed!("WHERE r.id = $1");
const OF_TEAM_BEFORE: &str = select_listed!(
    "WHERE r.at > 0 AND (r.at, r.id) < ($1, $2)
        AND EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = $4 AND m.user_id = r.agent_id)
    ORDER BY r.at DESC, r.id DESC LIMIT $3"
);
const BETWEEN: &str = select_listed!(
    "WHERE r.at > 0 AND r.at >= $2 AND r.at < $4 AND EXISTS (SELECT 1 FROM team_members m
        WHERE m.user_id = r.agent_id AND m.team_id IN (SELECT value FROM json_each($1)))
    ORDER BY r.at DESC, r.id DESC LIMIT $3"
);
const SETTLE: &str = "UPDATE requests SET answered_at = $2, answered_by = $3, settled_how = $4
    WHERE id = $1 AND answered_at IS NULL";
const CLAIM: &str = "UPDATE requests SET claimed_at = $2, claimed_by = $3 WHERE id = $1";
const RECIPIENTS: &str = "SELECT DISTINCT CASE from_id WHEN low THEN high ELSE low END AS id
    FROM directory_messages WHERE request_id = $1 ORDER BY 1";
const WAS_ASKED: &str = "SELECT 1 AS asked FROM directory_messages
    WHERE request_id = $1 AND low = $2 AND high = $3";
/// The open requests of an agent in which this supervisor was asked, or that they have, and nobody else has.
const OPEN_BETWEEN: &str = "SELECT r.id FROM requests r
    WHERE r.agent_id = $1 AND r.answered_at IS NULL
      AND (r.claimed_by = $4 OR r.claimed_by IS NULL AND EXISTS (SELECT 1 FROM directory_messages m
        WHERE m.request_id = r.id AND m.low = $2 AND m.high = $3))
    ORDER BY r.at, r.id";
const OPEN_IN: &str = "SELECT id, agent_id FROM requests
    WHERE workitem_id = $1 AND answered_at IS NULL ORDER BY at, id";
macro_rules! select_hands {
    ($agents:literal) => {
        concat!(
            "SELECT r.agent_id, r.id, r.text, r.at, r.workitem_id, r.target_min, r.escalated, r.claimed_at, r.claimed_by, ",
            shown_name!("c"),
            " AS claimer_name
            FROM requests r LEFT JOIN users c ON c.id = r.claimed_by
            WHERE r.agent_id ",
            $agents,
            " AND r.answered_at IS NULL ORDER BY r.at, r.id"
        )
    };
}
const OPEN_OF: &str = select_hands!("= $1");
const OPEN_OF_EACH: &str = select_hands!("IN (SELECT value FROM json_each($1))");
/// (The comparison with '' lets the index of claims find them.)
const STRANDED_CLAIMS: &str = "SELECT r.id FROM requests r
    WHERE r.claimed_by > '' AND r.answered_at IS NULL AND NOT EXISTS (SELECT 1 FROM team_members m
        JOIN team_supervisors s ON s.team_id = m.team_id AND s.user_id = r.claimed_by
        JOIN users u ON u.id = s.user_id AND u.active = 1
        JOIN user_roles a ON a.user_id = u.id AND a.role = 'supervisor'
        WHERE m.user_id = r.agent_id)
    AND NOT EXISTS (SELECT 1 FROM team_members m
        JOIN escalations e ON e.team_id = m.team_id AND e.on_call_id = r.claimed_by
        JOIN users u ON u.id = e.on_call_id AND u.active = 1
        JOIN user_roles a ON a.user_id = u.id AND a.role = 'supervisor'
        WHERE m.user_id = r.agent_id)
    ORDER BY r.at, r.id";
/// Requests that nobody can answer or that nobody needs an answer to any more. (The comparison with '' lets the index of
/// open requests find them.)
const STRANDED: &str = "SELECT r.id,
        CASE WHEN NOT EXISTS (SELECT 1 FROM users u
                JOIN user_roles a ON a.user_id = u.id AND a.role = 'agent'
                WHERE u.id = r.agent_id AND u.active = 1) THEN 'agent_gone'
            WHEN w.state = 'closed' THEN 'workitem_closed'
            WHEN w.id IS NOT NULL AND w.agent_id IS DISTINCT FROM r.agent_id THEN 'workitem_moved'
            WHEN NOT EXISTS (SELECT 1 FROM team_members m
                JOIN team_supervisors s ON s.team_id = m.team_id
                JOIN users u ON u.id = s.user_id AND u.active = 1
                JOIN user_roles a ON a.user_id = u.id AND a.role = 'supervisor'
                WHERE m.user_id = r.agent_id AND u.id <> r.agent_id) THEN 'nobody_left'
        END AS how
    FROM requests r LEFT JOIN workitems w ON w.id = r.workitem_id
    WHERE r.answered_at IS NULL AND r.agent_id > '' ORDER BY r.at, r.id";

#[async_trait]
impl<R: Runner> RequestReads for Rows<R> {
    async fn request_find(&mut self, request: &RequestId) -> Stored<Option<RequestRow>> {
        self.quick(|connection| {
            let row = sql(FIND)
                .bind(request.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn requests_before(
        &mut self,
        team: Option<&TeamId>,
        at: Timestamp,
        id: &str,
        limit: i64,
    ) -> Stored<Vec<ListedRequest>> {
        let (team, id) = (team.cloned(), id.to_owned());
        self.slow(move |connection| {
            let statements = (OF_TEAM_BEFORE.into(), BEFORE.into());
            let rows = before(connection, statements, team.as_ref(), (at, &id), limit)?;
            rows.iter().map(listed).collect()
        })
        .await
    }

    async fn requests_between(
        &mut self,
        teams: &[TeamId],
        from: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Stored<Vec<ListedRequest>> {
        let teams = ids_argument(teams);
        self.slow(move |connection| {
            let rows = sql(BETWEEN)
                .bind(teams.as_str())
                .bind(from.0)
                .bind(limit)
                .bind(until.0)
                .fetch_all(connection)?;
            rows.iter().map(listed).collect()
        })
        .await
    }

    async fn requests_open_in(
        &mut self,
        workitem: &WorkitemId,
    ) -> Stored<Vec<(RequestId, UserId)>> {
        self.quick(|connection| {
            let rows = sql(OPEN_IN).bind(workitem.as_str()).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, id(row, "agent_id")?)))
                .collect()
        })
    }

    async fn requests_open_of(&mut self, agent: &UserId) -> Stored<Vec<RaisedHand>> {
        self.quick(|connection| {
            let rows = sql(OPEN_OF).bind(agent.as_str()).fetch_all(connection)?;
            rows.iter().map(hand).collect()
        })
    }

    async fn requests_open_between(
        &mut self,
        agent: &UserId,
        supervisor: &UserId,
    ) -> Stored<Vec<RequestId>> {
        let (low, high) = pair(agent, supervisor);
        self.quick(|connection| {
            let rows = sql(OPEN_BETWEEN)
                .bind(agent.as_str())
                .bind(low)
                .bind(high)
                .bind(supervisor.as_str())
                .fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
    }

    async fn requests_stranded(&mut self) -> Stored<Vec<(RequestId, SettledHow)>> {
        self.slow(|connection| {
            let mut stranded = Vec::new();
            for row in &sql(STRANDED).fetch_all(connection)? {
                if text_maybe(row, "how")?.is_some() {
                    let how = code(row, "how", SettledHow::from_code)?;
                    stranded.push((id(row, "id")?, how));
                }
            }
            Ok(stranded)
        })
        .await
    }

    async fn claims_stranded(&mut self) -> Stored<Vec<RequestId>> {
        self.slow(|connection| {
            let rows = sql(STRANDED_CLAIMS).fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
        .await
    }

    async fn request_was_sent(
        &mut self,
        request: &RequestId,
        agent: &UserId,
        to: &UserId,
    ) -> Stored<bool> {
        let (low, high) = pair(agent, to);
        self.quick(|connection| {
            let row = sql(WAS_ASKED)
                .bind(request.as_str())
                .bind(low)
                .bind(high)
                .fetch_optional(connection)?;
            Ok(row.is_some())
        })
    }

    async fn request_recipients(&mut self, request: &RequestId) -> Stored<Vec<UserId>> {
        self.quick(|connection| {
            let rows = sql(RECIPIENTS)
                .bind(request.as_str())
                .fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
    }
}

#[async_trait]
impl RequestRows for Rows<Inline<'_>> {
    async fn request_insert(&mut self, request: &NewRequest) -> Stored<()> {
        let workitem = request.workitem.as_ref();
        sql(CREATE)
            .bind(request.id.as_str())
            .bind(request.agent.as_str())
            .bind(request.text.as_str())
            .bind(request.choice)
            .bind(workitem.map(|(workitem, _)| workitem.as_str()))
            .bind(workitem.map(|(_, subject)| subject.as_str()))
            .bind(request.at.0)
            .bind(request.target_min)
            .bind(request.template.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn request_set_claim(
        &mut self,
        request: &RequestId,
        claim: Option<&Claim>,
    ) -> Stored<()> {
        sql(CLAIM)
            .bind(request.as_str())
            .bind(claim.map(|claim| claim.at.0))
            .bind(claim.map(|claim| claim.by.id.as_str()))
            .execute(self.connection())?;
        Ok(())
    }

    async fn request_settle(&mut self, request: &RequestId, settled: &Settled) -> Stored<bool> {
        let updated = sql(SETTLE)
            .bind(request.as_str())
            .bind(settled.at.0)
            .bind(settled.by.as_ref().map(|by| by.id.as_str()))
            .bind(settled.how.code())
            .execute(self.connection())?;
        Ok(updated > 0)
    }
}

/// In which way a request was settled. The first releases wrote none: somebody had answered. A way that only a later release knows
/// counts as no answer.
pub(super) fn settled_how(row: &Row) -> Stored<SettledHow> {
    Ok(match text_maybe(row, "settled_how")? {
        Some(how) => SettledHow::from_code(&how).unwrap_or(SettledHow::Handled),
        None => SettledHow::Answered,
    })
}

/// How a request was settled, from its columns; `answered_name` is the name of the user who did it.
pub(super) fn settled(row: &Row) -> Stored<Option<Settled>> {
    let Some(at) = at_maybe(row, "answered_at")? else {
        return Ok(None);
    };
    let how = settled_how(row)?;
    let by = id_maybe(row, "answered_by")?
        .zip(text_maybe(row, "answered_name")?)
        .map(|(id, name)| PersonRef { id, name });
    Ok(Some(Settled { how, by, at }))
}

/// Who sees to a request, from its columns; `claimer_name` is the name of the claimer.
pub(super) fn claim(row: &Row) -> Stored<Option<Claim>> {
    let by = id_maybe(row, "claimed_by")?
        .zip(text_maybe(row, "claimer_name")?)
        .map(|(id, name)| PersonRef { id, name });
    let at = at_maybe(row, "claimed_at")?;
    Ok(by.zip(at).map(|(by, at)| Claim { by, at }))
}

/// Finds the open requests of these agents, the oldest first.
pub(super) fn open_of_each(agents: &[UserId]) -> Statement<'static> {
    sql(OPEN_OF_EACH).bind(ids_argument(agents))
}

/// A request that was found so, with its agent.
pub(super) fn found(row: &Row) -> Stored<(UserId, RaisedHand)> {
    Ok((id(row, "agent_id")?, hand(row)?))
}

/// An open request from its columns.
pub(super) fn hand(row: &Row) -> Stored<RaisedHand> {
    Ok(RaisedHand {
        request: id(row, "id")?,
        text: text(row, "text")?,
        at: at(row, "at")?,
        workitem: id_maybe(row, "workitem_id")?,
        claim: claim(row)?,
        target_min: int_maybe(row, "target_min")?,
        escalated: Step::of_number(int(row, "escalated")?),
        about: None,
    })
}

fn read(row: &Row) -> Stored<RequestRow> {
    Ok(RequestRow {
        text: text(row, "text")?,
        workitem: id_maybe(row, "workitem_id")?,
        agent: PersonRef {
            id: id(row, "agent_id")?,
            name: text(row, "agent_name")?,
        },
        claim: claim(row)?,
        settled: settled(row)?,
    })
}

/// A request as lists show it.
pub(super) fn one_listed(
    connection: &Connection,
    request: &RequestId,
) -> Stored<Option<ListedRequest>> {
    let row = sql(ONE).bind(request.as_str()).fetch_optional(connection)?;
    row.as_ref().map(listed).transpose()
}

fn listed(row: &Row) -> Stored<ListedRequest> {
    Ok(ListedRequest {
        id: id(row, "id")?,
        agent: PersonRef {
            id: id(row, "agent_id")?,
            name: text(row, "agent_name")?,
        },
        text: text(row, "text")?,
        workitem: id_maybe(row, "workitem_id")?,
        at: at(row, "at")?,
        target_min: int_maybe(row, "target_min")?,
        claim: claim(row)?,
        settled: settled(row)?,
    })
}
