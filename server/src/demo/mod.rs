//! Data to try Sideline with: accounts, teams, templates and conversations that read like real ones, and
//! simulated customers, whose phones hang on stand-ins of the vendors that carry messages. Nothing outside calls this unless
//! somebody asked for demo data.

mod alerts;
mod channels;
pub mod customers;
mod dice;
mod labels;
mod lines;
mod open_work;
mod past;
pub mod phone_page;
pub mod phones;
mod requests;
mod reviews;
mod saved_texts;
mod set_up;
pub mod stand_ins;
mod stories;
mod talk;

use i18n::{Label, Language};
use shared::admin::{ChatChannel, TeamChange, UserAccount};
use shared::assistance::Template;
use shared::delivery::DeliveryState;
use shared::error::AppError;
use shared::ids::{ChannelKey, CommandKey, EntryId, TeamId, TemplateId, UserId, WorkitemId};
use shared::people::{PersonRef, Role};
use shared::text::Password;
use shared::time::Timestamp;
use shared::workitem::WorkitemState;

use crate::commands::{
    ChannelCreate, ImportCarried, StateChange, TeamSave, TemplateCreate, UserCreate, WorkitemClose,
    WorkitemWrapUp,
};
use crate::desk::{Desk, to_app_error};
use crate::password;
use crate::store::CommandContext;
use stories::Story;

/// The password of every demo account.
pub const PASSWORD: &str = "sideline-demo";

/// The chat channel that feeds team Care.
const CARE: &str = "care";
/// The one that feeds team Sales.
const SALES: &str = "sales";

/// Username, display name, role.
const PEOPLE: [(&str, &str, Role); 7] = [
    ("amy", "Amy Adler", Role::Agent),
    ("ben", "Ben Brooks", Role::Agent),
    ("cleo", "Cleo Costa", Role::Agent),
    ("sam", "Sam Stone", Role::Supervisor),
    ("sue", "Sue Silva", Role::Supervisor),
    ("sid", "Sid Sharp", Role::Supervisor),
    ("ada", "Ada Almond", Role::Administrator),
];

/// A supervisor who is an agent as well where the data is for people: only agents take work over. Tests begin with one role each.
const ALSO_AGENT: &str = "sue";

/// The roles of somebody; `carried`: the data is for people.
fn roles_of(username: &str, role: Role, carried: bool) -> Vec<Role> {
    let second = (carried && username == ALSO_AGENT).then_some(Role::Agent);
    [role].into_iter().chain(second).collect()
}

struct DemoTeam {
    id: &'static str,
    name: &'static str,
    members: &'static [&'static str],
    supervisors: &'static [&'static str],
    channel: &'static str,
}

const TEAMS: [DemoTeam; 2] = [
    DemoTeam {
        id: CARE,
        name: "Care",
        members: &["amy", "ben"],
        supervisors: &["sam", "sue"],
        channel: "Larkfield Care",
    },
    DemoTeam {
        id: SALES,
        name: "Sales",
        members: &["cleo"],
        supervisors: &["sid"],
        channel: "Larkfield Sales",
    },
];

/// Title and message.
const TEMPLATES: [(&str, &str); 4] = [
    (
        "Customer wants to cancel",
        "My customer wants to cancel and I have offered what I can. Could you look in and tell me what else we have?",
    ),
    (
        "Refund above my limit",
        "I need a decision on a refund that is above my limit. The customer is waiting for an answer.",
    ),
    (
        "Upset customer",
        "This customer is upset and it is getting worse. Please read along and help me to find the right words.",
    ),
    (
        "Technical question I cannot answer",
        "I have a technical question that neither I nor the knowledge base can answer. Do you know, or know who knows?",
    ),
];

/// What to try in the demo at `address` (`http://127.0.0.1:3000`); `phones`: whether there are simulated phones.
pub fn welcome(address: &str, phones: bool) -> String {
    let mut text = format!("\nSign in at {address}/login with the password {PASSWORD}\n");
    for (username, name, role) in PEOPLE {
        let roles = roles_of(username, role, phones);
        let roles: Vec<&str> = roles.iter().map(|role| role.label(Language::En)).collect();
        text.push_str(&format!(
            "  {username:<5} {name:<11} {}\n",
            roles.join(", ")
        ));
    }
    text.push_str(&format!("Be a customer at {address}/chat/{CARE}\n"));
    if phones {
        let path = phone_page::PATH;
        text.push_str(&format!(
            "Hold a customer's phone, simulated with SMS, WhatsApp, Messenger and Instagram, at {address}{path}\n"
        ));
    }
    text
}

/// Fills an empty database. Changes nothing and answers `false` when there are users already.
pub async fn seed(desk: &Desk) -> Result<bool, AppError> {
    fill(desk, false).await
}

/// As [`seed`], with channels of simulated providers, which carry the stories of phones, eight weeks of work that is over,
/// requests that wait, and what staff have set up. A database that was filled before gets the channels alone. Needs
/// stand-ins that answer for them.
pub async fn seed_with_channels(desk: &Desk) -> Result<bool, AppError> {
    let filled = fill(desk, true).await?;
    // Somebody may have deleted the team, or given the number to another channel.
    if let (false, Err(error)) = (filled, channels::create(desk).await) {
        tracing::warn!(?error, "the simulated providers have no channels");
    }
    Ok(filled)
}

async fn fill(desk: &Desk, carried: bool) -> Result<bool, AppError> {
    let store = desk.store();
    if !desk.user_accounts().await?.is_empty() {
        return Ok(false);
    }
    let now = desk.clock().now();
    let stories = stories::all(now).map_err(unreadable)?;
    let hash = password::hash_now(&Password::parse(PASSWORD)?);
    for (username, name, role) in PEOPLE {
        let account = UserAccount {
            id: UserId::parse(username)?,
            username: username.to_owned(),
            name: name.to_owned(),
            roles: roles_of(username, role, carried),
            active: true,
            version: 0,
            capacity: None,
            built: Vec::new(),
        };
        let create = UserCreate {
            account,
            password_hash: hash.clone(),
            temporary: false,
            session: None,
            context: context(username, now)?,
        };
        desk.publish(store.execute(create).await.map_err(to_app_error)?);
    }
    for team in &TEAMS {
        let id = TeamId::parse(team.id)?;
        let (members, supervisors) = (users(team.members)?, users(team.supervisors)?);
        let save = TeamSave {
            team: id.clone(),
            create: true,
            change: TeamChange {
                name: team.name.to_owned(),
                members,
                supervisors,
                priority: None,
                version: 0,
            },
            session: None,
            context: context(&format!("team-{id}"), now)?,
        };
        desk.publish(store.execute(save).await.map_err(to_app_error)?);
        let channel = ChatChannel {
            key: ChannelKey::parse(team.id)?,
            name: team.channel.to_owned(),
            active: true,
            version: 0,
            heard_at: None,
        };
        let create = ChannelCreate {
            context: context(&format!("channel-{id}"), now)?,
            team: id,
            channel,
            chosen: true,
        };
        desk.publish(store.execute(create).await.map_err(to_app_error)?);
        saved_texts::keep(desk, team.id, now).await?;
    }
    if carried {
        channels::create(desk).await?;
        labels::create(desk, now).await?;
    }
    templates(desk, now, carried).await?;
    for story in stories {
        tell(desk, story, carried).await?;
    }
    if carried {
        past::tell(desk, now).await?;
        talk::write(desk, now).await?;
        open_work::add(desk, now).await?;
        set_up::make(desk, now).await?;
        requests::raise(desk, now).await?;
        alerts::raise(desk, now).await?;
    }
    Ok(true)
}

/// Some have a target time where the data is for people.
async fn templates(desk: &Desk, now: Timestamp, timed: bool) -> Result<(), AppError> {
    for (place, (title, text)) in TEMPLATES.into_iter().enumerate() {
        let id = format!("template-{}", place + 1);
        let mut timed_ones = requests::TIMED.into_iter().filter(|_| timed);
        let target = timed_ones.find(|one| one.0 == id).map(|one| one.1);
        let template = Template {
            id: TemplateId::parse(id)?,
            title: title.to_owned(),
            text: text.to_owned(),
            active: true,
            version: 0,
            target_min: target,
        };
        let context = context(&format!("template-{}", place + 1), now)?;
        let create = TemplateCreate { template, context };
        desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
    }
    Ok(())
}

/// The demo data is the operator's.
fn context(what: &str, at: Timestamp) -> Result<CommandContext, AppError> {
    Ok(CommandContext {
        actor: None,
        key: CommandKey::parse(format!("demo-{what}"))?,
        at,
    })
}

/// By the simulated provider of the story's phone.
async fn carried_by(desk: &Desk, story: &Story) -> Result<Option<ImportCarried>, AppError> {
    let Some(phone) = &story.phone else {
        return Ok(None);
    };
    let Some(channel) = channels::find(desk, phone.service).await? else {
        return Ok(None);
    };
    Ok(Some(ImportCarried {
        channel,
        address: phone.address().to_owned(),
        identity: desk.ids().secret().split_off(32),
        delivered: match phone.service.is_app() {
            true => DeliveryState::Read,
            false => DeliveryState::Delivered,
        },
        last_failed: story.last_failed,
    }))
}

async fn tell(desk: &Desk, mut story: Story, carried: bool) -> Result<(), AppError> {
    if carried {
        story.import.carried = carried_by(desk, &story).await?;
    }
    let Story { import, over, .. } = story;
    let (id, agent) = (import.id.clone(), import.agent.clone());
    desk.publish(desk.store().execute(import).await.map_err(to_app_error)?);
    let (Some((state, at)), Some(agent)) = (over, agent) else {
        return Ok(());
    };
    end(desk, &id, person(agent.as_str())?, state, at).await
}

/// The agent ends the conversation, and closes the workitem if that is how it stands.
async fn end(
    desk: &Desk,
    workitem: &WorkitemId,
    agent: PersonRef,
    state: WorkitemState,
    at: Timestamp,
) -> Result<(), AppError> {
    let change = |step: &str| -> Result<StateChange, AppError> {
        Ok(StateChange {
            workitem: workitem.clone(),
            by: agent.clone(),
            entry: EntryId::parse(desk.ids().next())?,
            at,
            key: CommandKey::parse(format!("demo-{step}-{workitem}"))?,
        })
    };
    let ended = desk.store().execute(WorkitemWrapUp(change("wrap-up")?));
    desk.publish(ended.await.map_err(to_app_error)?);
    if state == WorkitemState::Closed {
        let closed = desk.store().execute(WorkitemClose(change("close")?));
        desk.publish(closed.await.map_err(to_app_error)?);
    }
    Ok(())
}

/// Somebody of the demo.
fn person(username: &str) -> Result<PersonRef, AppError> {
    let found = PEOPLE.iter().find(|person| person.0 == username);
    Ok(PersonRef {
        id: UserId::parse(username)?,
        name: found.map_or("", |person| person.1).to_owned(),
    })
}

/// A defect of the text files, which a test would have found.
fn unreadable(what: String) -> AppError {
    tracing::error!(what, "the demo data cannot be read");
    AppError::Unavailable
}

fn users(ids: &[&str]) -> Result<Vec<UserId>, AppError> {
    ids.iter().map(|id| UserId::parse(*id)).collect()
}

#[cfg(test)]
mod tests {
    use shared::text::{CustomerName, TemplateText, TemplateTitle};

    use super::*;

    #[test]
    fn what_the_demo_writes_would_be_accepted_from_a_person() {
        assert!(Password::parse(PASSWORD).is_ok());
        for (title, text) in TEMPLATES {
            assert!(
                TemplateTitle::parse(title).is_ok() && TemplateText::parse(text).is_ok(),
                "{title}"
            );
        }
        for team in &TEAMS {
            assert!(CustomerName::parse(team.channel).is_ok());
        }
    }

    #[test]
    fn the_welcome_names_every_account_and_the_customers_page() {
        let text = welcome("http://127.0.0.1:3000", false);
        assert!(
            PEOPLE
                .iter()
                .all(|(username, name, _)| text.contains(username) && text.contains(name))
        );
        assert!(text.contains("http://127.0.0.1:3000/chat/care") && text.contains(PASSWORD));
        assert!(!text.contains("phone") && !text.contains("Supervisor, Agent"));
        let text = welcome("http://127.0.0.1:3000", true);
        assert!(text.contains("http://127.0.0.1:3000/demo/phone"));
        assert!(text.contains("Sue Silva   Supervisor, Agent"), "{text}");
    }
}
