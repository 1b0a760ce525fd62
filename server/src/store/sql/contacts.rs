//! Customers who call and mail. The id of one is the visitor of their workitems' views, which have no channel key.

use async_trait::async_trait;
use shared::ids::{TeamId, WorkitemId};
use shared::workitem::Channel;

use super::rows::{at, id};
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{ContactReads, ContactRows};

/// Among how many of a customer's last workitems the latest of a team is looked for. A switchboard may report one number for
/// all who call.
const AMONG: i64 = 50;
/// Ids rise with time.
const LAST: &str = "SELECT w.id, w.started_at FROM (SELECT v.workitem_id FROM customer_views v
        WHERE v.visitor = (SELECT c.id FROM customer_contacts c WHERE c.channel = $1 AND c.contact = $2)
        ORDER BY v.workitem_id DESC LIMIT $3) latest
    CROSS JOIN workitems w ON w.id = latest.workitem_id WHERE w.team_id = $4";
const INSERT: &str = "INSERT INTO customer_contacts (id, channel, contact) VALUES ($1, $2, $3)
    ON CONFLICT (channel, contact) DO NOTHING";
const SET: &str = "UPDATE customer_views SET visitor = (SELECT c.id FROM customer_contacts c
        WHERE c.channel = $2 AND c.contact = $3)
    WHERE workitem_id = $1";

#[async_trait]
impl<R: Runner> ContactReads for Rows<R> {
    async fn contact_latest(
        &mut self,
        channel: Channel,
        contact: &str,
        team: &TeamId,
    ) -> Stored<Option<WorkitemId>> {
        self.quick(|connection| {
            let rows = sql(LAST)
                .bind(channel.code())
                .bind(contact)
                .bind(AMONG)
                .bind(team.as_str())
                .fetch_all(connection)?;
            let mut found = Vec::new();
            for row in &rows {
                found.push((at(row, "started_at")?, id::<WorkitemId>(row, "id")?));
            }
            Ok(found.into_iter().max().map(|(_, workitem)| workitem))
        })
    }
}

#[async_trait]
impl ContactRows for Rows<Inline<'_>> {
    async fn contact_set(
        &mut self,
        workitem: &WorkitemId,
        channel: Channel,
        contact: &str,
    ) -> Stored<()> {
        // Of the first workitem, so that it is nobody else's. No token's hash and no id of the program looks like it.
        let new = ["contact/", workitem.as_str()].concat();
        sql(INSERT)
            .bind(new)
            .bind(channel.code())
            .bind(contact)
            .execute(self.connection())?;
        sql(SET)
            .bind(workitem.as_str())
            .bind(channel.code())
            .bind(contact)
            .execute(self.connection())?;
        Ok(())
    }
}
