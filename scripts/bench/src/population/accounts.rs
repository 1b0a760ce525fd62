//! The population's accounts, made as an administrator makes them: users, teams of ten with a supervisor, and a chat
//! channel for each team. Each signs in by the form, once.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use shared::ids::UserId;
use shared::live::{Topic, frame_topics};
use shared::people::{Actor, Role};

use super::size::{Size, TEAM};
use crate::failure::{Outcome, While};
use crate::process::{ADMINISTRATOR, FIRST_PASSWORD, PASSWORD};
use crate::wire::{Call, Wire};

/// Hashing is done two at a time by the program; more at once would only wait there.
const AT_ONCE: usize = 4;

/// A signed-in member of staff.
#[derive(Clone, Debug)]
pub struct Staff {
    pub id: String,
    pub role: Role,
    pub cookie: String,
}

impl Staff {
    /// What the frame around their page follows.
    pub fn topics(&self) -> Outcome<Vec<Topic>> {
        Ok(frame_topics(&Actor {
            id: UserId::try_from(self.id.clone()).when("a user's id")?,
            name: String::new(),
            username: String::new(),
            roles: vec![self.role],
            member_of: Vec::new(),
            supervises: Vec::new(),
            built: Vec::new(),
        }))
    }
}

/// All accounts, the teams, and the key of each team's chat channel.
pub struct Accounts {
    /// The administrator's cookie.
    pub administrator: String,
    pub agents: Vec<Staff>,
    pub supervisors: Vec<Staff>,
    pub teams: Vec<String>,
    pub channels: Vec<String>,
}

fn text(value: &Value, name: &str) -> Outcome<String> {
    let text = value[name]
        .as_str()
        .ok_or_else(|| format!("no {name} in {value}"))?;
    Ok(text.to_owned())
}

/// Signs in for the first time, which asks for a password of the user's own, and answers the cookie. The program limits failed
/// attempts only, and these do not fail.
pub async fn sign_in(wire: &Wire, username: &str) -> Outcome<String> {
    let form = format!("username={username}&password={FIRST_PASSWORD}");
    let answer = wire.call(Call::form("/login", form)).await.when("/login")?;
    let cookie = answer.cookie().ok_or("/login sets no cookie")?;
    let form = format!("password={PASSWORD}&repeat={PASSWORD}");
    let own = Call::form("/login/step", form).with_cookie(&cookie);
    let answer = wire.call(own).await.when("/login/step")?;
    match answer.cookie() {
        Some(cookie) if answer.status == 303 => Ok(cookie),
        _ => Err(format!("{username} cannot sign in: {}", answer.status).into()),
    }
}

/// Creates a user and signs in. `number` is another one for each user of a role.
pub async fn join(wire: &Wire, administrator: &str, role: Role, number: usize) -> Outcome<Staff> {
    let code = role.code();
    let username = format!("{code}-{number}");
    let input = json!({
        "username": username, "name": format!("{code} {number}"), "roles": [code], "password": FIRST_PASSWORD,
        "key": format!("join-{username}"),
    });
    let created = wire
        .function(administrator, "administration/user_create", &input)
        .await?;
    Ok(Staff {
        id: text(&created, "id")?,
        role,
        cookie: sign_in(wire, &username).await?,
    })
}

async fn all(wire: &Wire, administrator: &str, role: Role, count: usize) -> Outcome<Vec<Staff>> {
    stream::iter(0..count)
        .map(|number| join(wire, administrator, role, number))
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

/// Makes the accounts for a population.
pub async fn open(wire: &Wire, size: Size) -> Outcome<Accounts> {
    let administrator = sign_in(wire, ADMINISTRATOR).await?;
    let agents = all(wire, &administrator, Role::Agent, size.agents).await?;
    let supervisors = all(wire, &administrator, Role::Supervisor, size.supervisors).await?;
    let (mut teams, mut channels) = (Vec::new(), Vec::new());
    for (number, (members, supervisor)) in agents.chunks(TEAM).zip(&supervisors).enumerate() {
        let name = format!("Team {number}");
        let members: Vec<&str> = members.iter().map(|agent| agent.id.as_str()).collect();
        let change = json!({ "name": name, "members": members, "supervisors": [supervisor.id] });
        let team = wire
            .function(
                &administrator,
                "administration/team_create",
                &json!({ "change": change, "key": format!("team-{number}") }),
            )
            .await?;
        let input = json!({ "team": team["id"], "name": name, "key": format!("channel-{number}") });
        let channel = wire
            .function(&administrator, "administration/channel_create", &input)
            .await?;
        channels.push(text(&channel, "key")?);
        teams.push(text(&team, "id")?);
    }
    Ok(Accounts {
        administrator,
        agents,
        supervisors,
        teams,
        channels,
    })
}
