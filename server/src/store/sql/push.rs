//! Rows of browsers that are told of news while no page of Sideline is open in them.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::language::Language;

use super::rows::{flag, id, known_code, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{PushReads, PushRows, PushSubscription};

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT session_id, user_id, endpoint, p256dh, auth, alerts, quiet_from, quiet_until, zone, language
             FROM push_subscriptions ",
            $tail
        )
    };
}
const FIND: &str = select!("WHERE session_id = $1");
const OF_USER: &str = select!("WHERE user_id = $1 ORDER BY session_id");
const OF_ALERTS: &str = select!("WHERE alerts = 1 ORDER BY user_id, session_id");
/// The same browser, by the keys that it made. Who knows no more than the address of another one takes nothing from it.
const OTHERS: &str = "DELETE FROM push_subscriptions WHERE endpoint = $1 AND session_id <> $2 AND p256dh = $3 AND auth = $4";
const SAVE: &str = "INSERT INTO push_subscriptions
        (session_id, user_id, endpoint, p256dh, auth, alerts, quiet_from, quiet_until, zone, language)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (session_id) DO UPDATE SET endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth,
        alerts = excluded.alerts, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, zone = excluded.zone,
        language = excluded.language";
const DELETE: &str = "DELETE FROM push_subscriptions WHERE session_id = $1 RETURNING session_id";

fn read(row: &Row) -> Stored<PushSubscription> {
    Ok(PushSubscription {
        session: text(row, "session_id")?,
        user: id(row, "user_id")?,
        endpoint: text(row, "endpoint")?,
        p256dh: text(row, "p256dh")?,
        auth: text(row, "auth")?,
        alerts: flag(row, "alerts")?,
        quiet: (text(row, "quiet_from")?, text(row, "quiet_until")?),
        zone: text(row, "zone")?,
        language: known_code(row, "language", Language::from_tag)?.unwrap_or_default(),
    })
}

#[async_trait]
impl<R: Runner> PushReads for Rows<R> {
    async fn push_find(&mut self, session: &str) -> Stored<Option<PushSubscription>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(session).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn push_of(&mut self, user: &UserId) -> Stored<Vec<PushSubscription>> {
        self.quick(|connection| {
            let rows = sql(OF_USER).bind(user.as_str()).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }

    async fn push_of_alerts(&mut self) -> Stored<Vec<PushSubscription>> {
        self.quick(|connection| {
            let rows = sql(OF_ALERTS).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }
}

#[async_trait]
impl PushRows for Rows<Inline<'_>> {
    async fn push_save(&mut self, subscription: &PushSubscription) -> Stored<()> {
        sql(OTHERS)
            .bind(subscription.endpoint.as_str())
            .bind(subscription.session.as_str())
            .bind(subscription.p256dh.as_str())
            .bind(subscription.auth.as_str())
            .execute(self.connection())?;
        sql(SAVE)
            .bind(subscription.session.as_str())
            .bind(subscription.user.as_str())
            .bind(subscription.endpoint.as_str())
            .bind(subscription.p256dh.as_str())
            .bind(subscription.auth.as_str())
            .bind(i64::from(subscription.alerts))
            .bind(subscription.quiet.0.as_str())
            .bind(subscription.quiet.1.as_str())
            .bind(subscription.zone.as_str())
            .bind(subscription.language.code())
            .execute(self.connection())?;
        Ok(())
    }

    async fn push_delete(&mut self, session: &str) -> Stored<bool> {
        let row = sql(DELETE)
            .bind(session)
            .fetch_optional(self.connection())?;
        Ok(row.is_some())
    }
}
