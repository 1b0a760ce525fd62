//! The audit log: who did what to what, and what was refused.

#[cfg(not(target_arch = "wasm32"))]
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

#[cfg(not(target_arch = "wasm32"))]
use crate::error::{AppError, Problem};
#[cfg(not(target_arch = "wasm32"))]
use crate::opening_hours::Zone;
use crate::people::PersonRef;
use crate::time::Timestamp;

/// Every act that the log knows, by the code that is stored. A refusal is an act that was not carried out.
pub const ACTS: &[&str] = &[
    "alert_rule_create",
    "alert_rule_delete",
    "alert_rule_update",
    "audit_export",
    "channel_activate",
    "channel_create",
    "channel_delete",
    "channel_update",
    "channel_test",
    "chat_secret_set",
    "chat_settings_save",
    "conversation_end",
    "customer_erase",
    "escalation_save",
    "history_export",
    "history_read",
    "label_create",
    "label_delete",
    "label_update",
    "list_export",
    "monitoring_begin",
    "monitoring_end",
    "organisation_save",
    "passkey_add",
    "passkey_cloned",
    "passkey_refused",
    "passkey_remove",
    "passkey_use",
    "password_change",
    "password_prove",
    "password_refused",
    "provider_channel_create",
    "provider_channel_update",
    "recovery_codes_renew",
    "refusals_skipped",
    "refused_action",
    "refused_agent",
    "refused_cross_site",
    "refused_page",
    "refused_rate",
    "refused_reaction",
    "refused_request",
    "refused_signed_out",
    "refused_token",
    "refused_topic",
    "refused_wall",
    "refused_workitem",
    "rekey",
    "request_claim",
    "request_done",
    "request_hand_back",
    "request_lapse",
    "request_withdraw",
    "retention",
    "review_finish",
    "review_flag",
    "role_create",
    "role_delete",
    "role_give",
    "role_update",
    "saved_text_create",
    "saved_text_delete",
    "saved_text_update",
    "second_factor_limited",
    "second_factor_refused",
    "second_factor_remove",
    "second_factor_reset",
    "second_factor_set",
    "session_close",
    "sessions_end_elsewhere",
    "sign_in",
    "sign_in_limited",
    "sign_in_refused",
    "sign_on_activate",
    "sign_on_delete",
    "sign_on_link",
    "sign_on_logout",
    "sign_on_logout_refused",
    "sign_on_prove",
    "sign_on_refused",
    "sign_on_roles",
    "sign_on_save",
    "sign_on_unlink",
    "sign_out",
    "team_create",
    "team_delete",
    "team_update",
    "template_create",
    "template_delete",
    "template_move",
    "template_update",
    "token_create",
    "token_revoke",
    "transcript_export",
    "user_activate",
    "user_create",
    "user_deactivate",
    "user_delete",
    "user_password_reset",
    "user_sessions_end",
    "user_update",
    "view_create",
    "view_delete",
    "view_update",
    "wall_create",
    "wall_revoke",
    "webhook_activate",
    "webhook_again",
    "webhook_create",
    "webhook_delete",
    "webhook_rotate",
    "webhook_switched_off",
    "webhook_test",
    "webhook_update",
    "workitem_barge",
    "workitem_give_back",
    "workitem_peek",
    "workitem_reassign",
    "workitem_take_over",
    "wrap_up_close",
];

/// What the values of a detail are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Codes of a closed set, one or several; or how many there were. The page of the log has words for each of them.
    Codes,
    /// Ids, one or several. The page says the names of what has them.
    Ids,
    /// Anything else: what people typed, times, numbers. It is shown as it is.
    Plain,
}

/// Every detail that a row has beside its act, by the code that is stored: a field that was changed, or what was noted; and what its
/// values are. Settings of the organisation come to them, by their names.
pub const FIELDS: &[(&str, Says)] = &[
    ("act", Says::Plain),
    ("active", Says::Plain),
    ("address", Says::Plain),
    ("agent", Says::Ids),
    ("all_after", Says::Plain),
    ("ambiguous", Says::Codes),
    ("audit_rows", Says::Plain),
    ("before", Says::Plain),
    ("before_until", Says::Plain),
    ("capacity", Says::Plain),
    ("channel", Says::Codes),
    ("claimed_by", Says::Ids),
    ("client_id", Says::Plain),
    ("coaching", Says::Codes),
    ("condition", Says::Plain),
    ("create", Says::Plain),
    ("customer", Says::Plain),
    ("entries", Says::Plain),
    ("events", Says::Codes),
    ("expires_at", Says::Plain),
    ("external_id", Says::Plain),
    ("files", Says::Plain),
    ("filter", Says::Plain),
    ("format", Says::Plain),
    ("friday", Says::Plain),
    ("from", Says::Plain),
    ("greeting", Says::Plain),
    ("hours", Says::Codes),
    ("how", Says::Codes),
    ("issuer", Says::Plain),
    ("kind", Says::Codes),
    ("label", Says::Plain),
    ("link", Says::Plain),
    ("list", Says::Codes),
    ("members", Says::Ids),
    ("messages", Says::Plain),
    ("monday", Says::Plain),
    ("name", Says::Plain),
    ("notices", Says::Plain),
    ("notified", Says::Plain),
    ("object", Says::Plain),
    ("offline_form", Says::Codes),
    ("on_call", Says::Ids),
    ("on_call_after", Says::Plain),
    ("origins", Says::Plain),
    ("outcome", Says::Codes),
    ("passwords", Says::Plain),
    ("permissions", Says::Codes),
    ("place", Says::Plain),
    ("priority", Says::Codes),
    ("rating", Says::Plain),
    ("reaction", Says::Codes),
    ("reason", Says::Codes),
    ("removed_at", Says::Plain),
    ("request", Says::Codes),
    ("requests", Says::Plain),
    ("review", Says::Codes),
    ("revoked_at", Says::Plain),
    ("role", Says::Plain),
    ("roles", Says::Codes),
    ("roles_claim", Says::Plain),
    ("saturday", Says::Plain),
    ("scopes", Says::Codes),
    ("secret", Says::Codes),
    ("secrets", Says::Codes),
    ("settings", Says::Plain),
    ("shown", Says::Codes),
    ("state", Says::Codes),
    ("sunday", Says::Plain),
    ("supervisors", Says::Ids),
    ("target", Says::Plain),
    ("team", Says::Ids),
    ("teams", Says::Ids),
    ("text", Says::Plain),
    ("thursday", Says::Plain),
    ("time_zone", Says::Plain),
    ("title", Says::Plain),
    ("to", Says::Plain),
    ("token", Says::Ids),
    ("tuesday", Says::Plain),
    ("user", Says::Plain),
    ("user_name", Says::Plain),
    ("username", Says::Plain),
    ("username_claim", Says::Plain),
    ("webhook_events", Says::Plain),
    ("wednesday", Says::Plain),
    ("why", Says::Codes),
    ("words", Says::Plain),
    ("workitem", Says::Plain),
    ("workitems", Says::Plain),
    ("written_for", Says::Codes),
    ("zone", Says::Plain),
];

/// Details that are stored in no row: the page of the log says a change of `permissions` by what came and what went.
pub const SHOWN: [&str; 2] = ["permissions_added", "permissions_removed"];

/// What the values of a detail are; nothing for one that is not known.
pub fn says(field: &str) -> Option<Says> {
    let mut known = FIELDS.iter();
    let found = known.find(|(name, _)| *name == field);
    found.map(|(_, says)| *says)
}

/// Whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was carried out.
    Done,
    /// It was refused and changed nothing.
    Refused,
}

impl AuditOutcome {
    /// The word in the database and on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }

    /// The outcome of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Done, Self::Refused]
            .into_iter()
            .find(|outcome| outcome.code() == code)
    }
}

/// What an act changed in one field. Never a secret, never what was said in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditChange {
    /// The field's name on the wire.
    pub field: String,
    /// What stood there; nothing where the thing is new.
    pub was: Option<String>,
    /// What stands there; nothing where the thing is gone.
    pub is: Option<String>,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Its number. Numbers have no gaps.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who; nobody: the operator of the program, the program, or somebody who is not signed in.
    pub actor: Option<PersonRef>,
    /// The act's code: one of [`ACTS`], or of another release.
    pub what: String,
    /// The id of what it was done to; empty where there is none.
    pub about: String,
    /// The name that this has now, or had when it was deleted.
    pub about_name: Option<String>,
    /// Whether it was done.
    pub outcome: AuditOutcome,
    /// What it changed.
    pub changes: Vec<AuditChange>,
    /// How many refusals this row stands for that have none of their own.
    pub skipped: i64,
    /// The digest of this row and the one before, in hex.
    pub digest: String,
}

/// What is asked of the log, as it stands in the address of its page. An empty text asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// The first day, as `2026-11-26`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The time zone of the days, as `Europe/Berlin`. Without one they are in UTC.
    #[serde(default)]
    pub zone: String,
    /// The username of the actor.
    pub user: String,
    /// The act's code.
    pub act: String,
    /// The id of what it was done to, or its name.
    pub object: String,
    /// The username of the agent whose work it was.
    #[serde(default)]
    pub agent: String,
    /// The outcome's code.
    pub outcome: String,
    /// Where the page before ended: only what is older.
    pub before: String,
}

/// One page of the log, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The rows.
    pub rows: Vec<AuditRow>,
    /// For [`AuditQuery::before`]; nothing when there is nothing older.
    pub next: Option<String>,
}

/// What the log is read by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFilter {
    /// The earliest time.
    pub from: Timestamp,
    /// The username of the actor.
    pub user: Option<String>,
    /// The act's code.
    pub act: Option<String>,
    /// The id of what it was done to; the desk takes a name as well.
    pub object: Option<String>,
    /// The username of the agent whose work it was.
    pub agent: Option<String>,
    /// Whether it was done.
    pub outcome: Option<AuditOutcome>,
}

/// A place in the log: only what stands before it is read. The time of a row, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditCursor(pub Timestamp, pub i64);

impl AuditCursor {
    /// Behind the newest row.
    pub const NEWEST: Self = Self(Timestamp(i64::MAX), i64::MAX);

    /// As it stands in the address.
    pub fn text(self) -> String {
        format!("{}.{}", self.0.0, self.1)
    }

    /// From the address.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self(Timestamp(at.parse().ok()?), id.parse().ok()?))
    }
}

impl AuditQuery {
    /// The names in the address, each with its value.
    pub fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("from", &self.from),
            ("to", &self.to),
            ("zone", &self.zone),
            ("user", &self.user),
            ("act", &self.act),
            ("object", &self.object),
            ("agent", &self.agent),
            ("outcome", &self.outcome),
            ("before", &self.before),
        ]
    }

    /// From an address of which `value` answers the value of a name.
    pub fn of(value: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name| value(name).unwrap_or_default().trim().to_owned();
        Self {
            from: text("from"),
            to: text("to"),
            zone: text("zone"),
            user: text("user"),
            act: text("act"),
            object: text("object"),
            agent: text("agent"),
            outcome: text("outcome"),
            before: text("before"),
        }
    }

    /// What it asks for. `Invalid` names the field that cannot be read.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn parse(&self) -> Result<(AuditFilter, AuditCursor), AppError> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let outcome = match &self.outcome[..] {
            "" => None,
            code => {
                let known = AuditOutcome::from_code(code);
                Some(known.ok_or_else(|| unreadable("outcome", code))?)
            }
        };
        let zone = zone(&self.zone)?;
        let to = day_after(&self.to, "to", &zone)?.map(|end| AuditCursor(end, i64::MIN));
        let before = match &self.before[..] {
            "" => None,
            place => Some(AuditCursor::parse(place).ok_or_else(|| unreadable("before", place))?),
        };
        let filter = AuditFilter {
            from: day(&self.from, "from", &zone)?.unwrap_or(Timestamp(i64::MIN)),
            user: text(&self.user).map(|user| user.to_lowercase()),
            act: text(&self.act),
            object: text(&self.object),
            agent: text(&self.agent).map(|agent| agent.to_lowercase()),
            outcome,
        };
        let cursor = to.into_iter().chain(before).min();
        Ok((filter, cursor.unwrap_or(AuditCursor::NEWEST)))
    }
}

/// The zone of a search by days: UTC where none is named, as in addresses of releases before.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn zone(name: &str) -> Result<Zone, AppError> {
    let zone = Zone::parse(if name.is_empty() { "UTC" } else { name });
    zone.ok_or_else(|| unreadable("zone", name))
}

/// When the day of a field begins; nothing where the field is empty.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn day(text: &str, field: &str, zone: &Zone) -> Result<Option<Timestamp>, AppError> {
    begin(text, field, |date| zone.midnight(date))
}

/// When the day after that of a field begins: a day may have 23 or 25 hours.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn day_after(
    text: &str,
    field: &str,
    zone: &Zone,
) -> Result<Option<Timestamp>, AppError> {
    begin(text, field, |date| zone.midnight(date.tomorrow().ok()?))
}

#[cfg(not(target_arch = "wasm32"))]
fn begin(
    text: &str,
    field: &str,
    of: impl Fn(Date) -> Option<Timestamp>,
) -> Result<Option<Timestamp>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    let date = text.parse::<Date>().ok();
    let date = date.filter(|_| text.len() == "2026-11-26".len());
    let start = date.and_then(of);
    Ok(Some(start.ok_or_else(|| unreadable(field, text))?))
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn unreadable(field: &str, text: &str) -> AppError {
    let detail = text.chars().take(40).collect();
    AppError::invalid(field, Problem::Unreadable { detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> AuditQuery {
        AuditQuery::of(|name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    /// An export is in the log with what it asks for.
    #[test]
    fn e51_what_is_asked_of_the_log_is_a_detail_with_words() {
        for (field, _) in AuditQuery::default().fields() {
            assert!(says(field).is_some(), "{field}");
        }
    }

    #[test]
    fn e51_an_address_says_what_is_asked_of_the_log() {
        let asked = query(&[
            ("from", "2026-11-25"),
            ("to", "2026-11-26"),
            ("user", " Ada "),
            ("agent", "Amy"),
            ("outcome", "refused"),
        ]);
        let (filter, cursor) = asked.parse().expect("a query");
        assert_eq!(filter.from.rfc3339(), "2026-11-25T00:00:00.000Z");
        assert_eq!(cursor.0.rfc3339(), "2026-11-27T00:00:00.000Z");
        assert_eq!(filter.user.as_deref(), Some("ada"));
        assert_eq!(filter.agent.as_deref(), Some("amy"));
        assert_eq!(filter.outcome, Some(AuditOutcome::Refused));
        assert_eq!(filter.act, None);
        let (filter, cursor) = query(&[]).parse().expect("a query");
        assert_eq!(filter.from, Timestamp(i64::MIN));
        assert_eq!(cursor, AuditCursor::NEWEST);
    }

    /// The first moment of a day, and the first that is too late.
    fn bounds(day: &str, zone: &str) -> [String; 2] {
        let asked = query(&[("from", day), ("to", day), ("zone", zone)]);
        let (filter, cursor) = asked.parse().expect("a query");
        [filter.from.rfc3339(), cursor.0.rfc3339()]
    }

    #[test]
    fn days_begin_and_end_on_the_clock_of_the_zone() {
        for (day, zone, from, to) in [
            ("2026-12-01", "", "2026-12-01T00:00", "2026-12-02T00:00"),
            (
                "2026-12-01",
                "Pacific/Auckland",
                "2026-11-30T11:00",
                "2026-12-01T11:00",
            ),
            (
                "2026-12-01",
                "America/Los_Angeles",
                "2026-12-01T08:00",
                "2026-12-02T08:00",
            ),
            // 23 hours, and 25.
            (
                "2026-03-29",
                "Europe/Berlin",
                "2026-03-28T23:00",
                "2026-03-29T22:00",
            ),
            (
                "2026-10-25",
                "Europe/Berlin",
                "2026-10-24T22:00",
                "2026-10-25T23:00",
            ),
            // The clock is put forward at midnight, so the day begins at 1:00.
            (
                "2018-11-04",
                "America/Sao_Paulo",
                "2018-11-04T03:00",
                "2018-11-05T02:00",
            ),
        ] {
            let expected = [from, to].map(|time| [time, ":00.000Z"].concat());
            assert_eq!(bounds(day, zone), expected, "{day} {zone}");
        }
    }

    #[test]
    fn e51_the_next_page_begins_where_this_one_ends() {
        let place = AuditCursor(Timestamp(-5), 17);
        assert_eq!(AuditCursor::parse(&place.text()), Some(place));
        let (_, cursor) = query(&[("before", "100.3"), ("to", "2026-11-26")])
            .parse()
            .expect("a query");
        assert_eq!(cursor, AuditCursor(Timestamp(100), 3));
    }

    #[test]
    fn e51_what_cannot_be_read_is_named() {
        for (field, text) in [
            ("from", "yesterday"),
            ("to", "2026-02-30"),
            ("from", "2026-12-01T00:00"),
            ("to", "9999-12-31"),
            ("zone", "Europe/Atlantis"),
            ("zone", "+01:00"),
            ("outcome", "maybe"),
            ("before", "1"),
        ] {
            let refused = query(&[(field, text)]).parse().expect_err(text);
            assert!(
                matches!(&refused, AppError::Invalid { field: named, .. } if named == field),
                "{refused:?}"
            );
        }
    }
}
