//! Short words of the stories: ids, people, what an answer must be, and what changes tell.

use i18n::{Language, notice_text};
use server::commands::{
    Handover, OrganisationSave, PresenceSet, SessionEnd, SessionProve, SessionsEnd, SettingsSave,
    TeamSave, TemplateDelete, TemplateMove, TemplateUpdate,
};
use server::store::{Change, CommandContext, StoreError, Stored};
use shared::admin::{TeamChange, UserAccount};
use shared::assistance::Template;
use shared::directory::{Notification, Switches};
use shared::error::{ConflictCause, Problem};
use shared::ids::*;
use shared::organisation::SettingChange;
use shared::people::{PersonRef, Presence, Role};
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{Entry, EntryBody};
use shared::workitem::TransferTo;

use crate::administration_commands::PROVED;

pub fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

pub fn team(id: &str) -> TeamId {
    TeamId::parse(id).unwrap()
}

pub fn entry(id: &str) -> EntryId {
    EntryId::parse(id).unwrap()
}

pub fn key(id: &str) -> CommandKey {
    CommandKey::parse(id).unwrap()
}

pub fn channel() -> ChannelKey {
    ChannelKey::parse("care-chat").unwrap()
}

pub fn person(id: &str) -> PersonRef {
    let name = match id {
        "amy" => "Amy Adler",
        "ben" => "Ben Brooks",
        "cleo" => "Cleo Costa",
        "sam" => "Sam Stone",
        "sue" => "Sue Silva",
        "sid" => "Sid Sharp",
        _ => "Ada Almond",
    };
    PersonRef {
        id: user(id),
        name: name.to_owned(),
    }
}

pub fn presence_set(user: &UserId, presence: Presence, context: CommandContext) -> PresenceSet {
    PresenceSet {
        user: user.clone(),
        presence,
        context,
    }
}

pub fn settings_save(user: &UserId, pop_up: bool, context: CommandContext) -> SettingsSave {
    SettingsSave {
        user: user.clone(),
        switches: Switches {
            pop_up: Some(pop_up),
            ..Switches::default()
        },
        context,
    }
}

pub fn sessions_end(user: &UserId, except: Option<&str>, context: CommandContext) -> SessionsEnd {
    SessionsEnd {
        user: user.clone(),
        except: except.map(str::to_owned),
        context,
    }
}

pub fn session_end(session: &str) -> SessionEnd {
    SessionEnd {
        session: session.to_owned(),
        at: Timestamp(1),
    }
}

pub fn session_prove(session: &str, verified: &str, at: Timestamp) -> SessionProve {
    SessionProve {
        session: session.to_owned(),
        verified: verified.to_owned(),
        at,
    }
}

pub fn organisation_save(
    actor: &PersonRef,
    version: i64,
    changes: &[SettingChange],
    key: CommandKey,
    at: Timestamp,
) -> OrganisationSave {
    OrganisationSave {
        actor: actor.clone(),
        version,
        changes: changes.to_vec(),
        session: PROVED.to_owned(),
        key,
        at,
    }
}

/// What is said to a customer or by one.
pub fn said(text: &str) -> MessageText {
    MessageText::parse(text).unwrap()
}

/// What stands in the way of a command.
pub fn conflict<T: std::fmt::Debug>(answer: Stored<T>) -> ConflictCause {
    match answer {
        Err(StoreError::Conflict(cause)) => cause,
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

pub fn not_found<T: std::fmt::Debug>(answer: Stored<T>) {
    assert!(
        matches!(
            answer,
            Err(StoreError::NotFound | StoreError::Refused { .. })
        ),
        "nothing should have been found: {answer:?}"
    );
}

/// The field of an invalid input.
pub fn invalid<T: std::fmt::Debug>(answer: Stored<T>) -> &'static str {
    problem(answer).0
}

/// The field of an invalid input, and what is wrong with it.
pub fn problem<T: std::fmt::Debug>(answer: Stored<T>) -> (&'static str, Problem) {
    match answer {
        Err(StoreError::Invalid { field, problem }) => (field, problem),
        other => panic!("an invalid input was expected, not {other:?}"),
    }
}

/// The notifications among changes, in order.
pub fn notifications(changes: &[Change]) -> Vec<(&str, &Notification)> {
    let own = changes.iter().filter_map(|change| match change {
        Change::Notification { user, event, .. } => Some((user.as_str(), event)),
        _ => None,
    });
    own.collect()
}

/// The revisions of a workitem's topic that changes carry, in order.
pub fn revisions(changes: &[Change]) -> Vec<i64> {
    let revisions = changes.iter().filter_map(|change| match change {
        Change::Workitem { rev, .. } => Some(*rev),
        _ => None,
    });
    revisions.collect()
}

/// A line of a conversation in a few words.
pub fn line(entry: &Entry) -> String {
    match &entry.body {
        EntryBody::Message { name, text, .. } => format!("{name}: {text}"),
        EntryBody::Coaching { name, text, .. } => format!("{name} coaches: {text}"),
        EntryBody::CoachingReply { name, text, .. } => format!("{name} to coach: {text}"),
        EntryBody::MonitoringStarted { name, .. } => format!("{name} is here"),
        EntryBody::MonitoringEnded { name, reason, .. } => {
            format!("{name} is gone: {}", reason.code())
        }
        EntryBody::Notice(notice) => notice_text(Language::En, notice),
    }
}

/// Handed to somebody who is there, without a question.
pub fn handed(to: TransferTo) -> Handover {
    Handover {
        to,
        connected: true,
        confirmed: false,
    }
}

pub fn account(id: &str, name: &str) -> UserAccount {
    UserAccount {
        id: user(id),
        username: "newcomer".to_owned(),
        name: name.to_owned(),
        roles: vec![Role::Agent],
        active: true,
        version: 0,
        capacity: None,
        built: Vec::new(),
    }
}

pub fn team_change(name: &str, members: &[&str], version: i64) -> TeamChange {
    TeamChange {
        name: name.to_owned(),
        members: members.iter().map(|id| user(id)).collect(),
        supervisors: vec![user("sam")],
        priority: None,
        version,
    }
}

pub fn team_edit(change: TeamChange, context: CommandContext) -> TeamSave {
    TeamSave {
        team: team("care"),
        create: false,
        change,
        session: None,
        context,
    }
}

pub fn updated(template: Template, context: CommandContext) -> TemplateUpdate {
    TemplateUpdate { template, context }
}

pub fn moved(template: &TemplateId, up: bool, context: CommandContext) -> TemplateMove {
    TemplateMove {
        template: template.clone(),
        up,
        context,
    }
}

pub fn deleted(
    template: &TemplateId,
    version: Option<i64>,
    context: CommandContext,
) -> TemplateDelete {
    TemplateDelete {
        template: template.clone(),
        version,
        context,
    }
}
