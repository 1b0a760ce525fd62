//! What the forms of the page do.

use i18n::t;
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, ReceiverId, TeamId};
use shared::text::TokenName;
use shared::time::Timestamp;
use shared::webhooks::EventKind;

use super::{PATH, Page};
use crate::commands::Again;
use crate::desk::webhooks::{NotSaved, TypedReceiver};
use crate::http::forms::{Fields, unreadable, value};
use crate::http::forms_page::{Done, FormsPage};
use crate::http::refused::{NotDone, Refused};
use crate::secrets::Secret;

/// Since how many hours ago everything that was given up can be delivered again.
pub(super) const HOURS: [i64; 4] = [1, 24, 72, 720];
const HOUR_US: i64 = 3_600 * 1_000_000;

impl Page {
    /// Does what a form about a receiver asks for.
    pub(super) async fn change(
        &self,
        key: CommandKey,
        receiver: &ReceiverId,
        fields: &Fields,
    ) -> Result<Done, NotDone> {
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        let (language, actor) = (self.reader.language, &caller.actor);
        let id = receiver.clone();
        let page = page_of(receiver);
        let said = match value(fields, "act") {
            "update" => {
                let version = value(fields, "version").parse();
                let version =
                    version.map_err(|_| AppError::invalid("version", Problem::NotANumber))?;
                let typed = self.typed(fields).await?;
                let update = desk.webhook_update(caller, key, id, version, typed);
                update.await.map_err(|error| self.not_saved(error))?;
                t!(language, common.saved).to_owned()
            }
            act @ ("on" | "off") => {
                let on = act == "on";
                desk.webhook_activate(actor, key, id, on).await?;
                match on {
                    true => t!(language, webhooks.switched_on).to_owned(),
                    false => t!(language, webhooks.switched_off).to_owned(),
                }
            }
            "delete" => {
                desk.webhook_delete(actor, key, id).await?;
                return Ok(Done::saved(PATH, t!(language, webhooks.deleted)));
            }
            "rotate" => {
                self.reader.prove(value(fields, "password")).await?;
                let secret = desk.webhook_rotate(caller, key, id).await?;
                let again = t!(language, webhooks.again_secret);
                return Ok(Done::secret(secret, &page, again));
            }
            "test" => {
                desk.webhook_test(actor, key, id).await?;
                t!(language, webhooks.tested).to_owned()
            }
            act @ ("again" | "again_all") => {
                let what = again(act, fields, desk.clock().now())?;
                let count = desk.webhook_again(actor, key, id, what).await?;
                t!(language, webhooks.queued_again, count = count)
            }
            _ => return Err(AppError::NotFound.into()),
        };
        Ok(Done::saved(&page, &said))
    }

    /// Makes a receiver. Its page shows the secret: a form that is sent again makes none.
    pub(super) async fn create(&self, key: CommandKey, fields: &Fields) -> Result<Done, NotDone> {
        if value(fields, "act") != "create" {
            return Err(AppError::NotFound.into());
        }
        let typed = self.typed(fields).await?;
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        let made = desk.webhook_create(caller, key, typed).await;
        let made = made.map_err(|error| self.not_saved(error))?;
        let (page, secret) = match made {
            Some((receiver, secret)) => (page_of(&receiver), Some(secret)),
            None => (PATH.to_owned(), None),
        };
        let again = t!(self.reader.language, webhooks.again_secret);
        Ok(Done::secret(secret, &page, again))
    }

    /// What the form says of a receiver. The address of one that is there may be left empty.
    async fn typed(&self, fields: &[(String, String)]) -> Result<TypedReceiver, NotDone> {
        let reason = |error: &AppError| self.reason(error);
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        let proof = self.reader.proved(value(fields, "password")).await;
        let url = Secret::new(value(fields, "url").trim());
        let kept = url.reveal().is_empty() && value(fields, "act") == "update";
        let usable = match kept {
            true => Ok(()),
            false => desk.webhook_url_check(caller, &url).await,
        };
        let mut refused = Refused::default();
        let name = refused.take(TokenName::parse(value(fields, "name")), reason)?;
        match usable {
            Err(NotSaved::Url(problem)) => refused.add("url", self.url_reason(problem)),
            // Said at the password, behind the other fields.
            Err(NotSaved::App(error)) if error.asks_for_proof() => {}
            Err(NotSaved::App(error)) => {
                refused.take::<()>(Err(error), reason)?;
            }
            Ok(()) => {}
        }
        let events = refused.take(events_of(fields), reason)?;
        let teams = refused.take(teams_of(fields), reason)?;
        let proof = refused.take(proof, reason)?;
        match (name, events, teams, proof) {
            (Some(name), Some(events), Some(teams), Some(())) if refused.is_empty() => {
                Ok(TypedReceiver {
                    name,
                    url,
                    events,
                    teams,
                })
            }
            _ => Err(NotDone::Fields(refused)),
        }
    }
}

/// The address of a receiver's page.
fn page_of(receiver: &ReceiverId) -> String {
    [PATH, "?receiver=", receiver.as_str()].concat()
}

/// The events that a form chooses; at least one.
fn events_of(fields: &[(String, String)]) -> Result<Vec<EventKind>, AppError> {
    let chosen = fields.iter().filter(|(name, _)| name == "event");
    let kind = |code: &str| {
        let kind = EventKind::from_code(code);
        kind.filter(|kind| EventKind::CHOICES.contains(kind))
            .ok_or_else(|| unreadable("events", code))
    };
    let events: Result<Vec<EventKind>, AppError> = chosen.map(|(_, code)| kind(code)).collect();
    match events {
        Ok(events) if events.is_empty() => Err(AppError::invalid("events", Problem::NoneChosen)),
        events => events,
    }
}

/// The teams that a form chooses; none means all.
fn teams_of(fields: &[(String, String)]) -> Result<Vec<TeamId>, AppError> {
    let chosen = fields.iter().filter(|(name, _)| name == "team");
    let team =
        |id: &str| TeamId::parse(id).map_err(|_| AppError::invalid("teams", Problem::NotATeam));
    chosen.map(|(_, id)| team(id)).collect()
}

fn again(act: &str, fields: &[(String, String)], now: Timestamp) -> Result<Again, AppError> {
    if act == "again" {
        return Ok(Again::One(value(fields, "event").to_owned()));
    }
    let typed = value(fields, "hours");
    let hours = HOURS.into_iter().find(|hours| hours.to_string() == typed);
    let hours = hours.ok_or_else(|| unreadable("hours", typed))?;
    Ok(Again::FailedSince(Timestamp(now.0 - hours * HOUR_US)))
}
