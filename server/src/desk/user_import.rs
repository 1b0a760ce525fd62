//! Many users at once: what would become of the rows of a file, and creating them.

use std::collections::BTreeMap;

use app::backend::{ApiResult, Caller};
use futures_util::{StreamExt, TryStreamExt, stream};
use shared::admin::{Team, UserAccount};
use shared::error::{AppError, Problem};
use shared::fold::folded;
use shared::ids::{CommandKey, TeamId, UserId};
use shared::people::{Actor, Role};
use shared::policy::Action;
use shared::roles::CustomRole;
use shared::text::{DisplayName, Password, Username};

use super::{Desk, to_app_error};
use crate::commands::{ImportedUser, UserImport};
use crate::store::Snapshot;
use crate::store::rows::NameHolder;

/// How many users one file may hold. Hashing their passwords takes some ten seconds, and the answer, in which alone they are shown, has
/// to come within five minutes.
pub(crate) const ROWS_MAX: usize = 200;
/// How many passwords of one import are hashed at the same time; others take turns with it.
const HASHED_AT_ONCE: usize = 2;
/// The signs of an initial password: none that looks like another one.
const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Groups of an initial password, of as many signs each: 80 bits.
const GROUPS: usize = 4;

/// A row of the file, as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImportRow {
    /// In which line of the file it begins, from one.
    pub(crate) line: u64,
    /// How many fields it has, and how many columns there are.
    pub(crate) fields: (usize, usize),
    /// Username, name, roles and teams.
    pub(crate) texts: [String; 4],
}

/// A user who can be created.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    pub(crate) username: Username,
    pub(crate) name: DisplayName,
    pub(crate) roles: Vec<Role>,
    /// The built roles, each of which takes the place of what its kind has.
    pub(crate) built: Vec<CustomRole>,
    pub(crate) teams: Vec<(TeamId, String)>,
}

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Username,
    Name,
    Roles,
    Teams,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It has more or fewer fields than there are columns.
    Fields { expected: usize, actual: usize },
    /// A field breaks a rule that it has elsewhere as well.
    Field(Column, Problem),
    /// An earlier line has the username.
    Twice { line: u64 },
    /// No role is called so.
    UnknownRole(String),
    /// No team is called so.
    UnknownTeam(String),
    /// Somebody who is neither agent nor supervisor is in no team.
    NoTeamRole,
}

/// What would become of a row.
pub(crate) struct CheckedRow {
    pub(crate) row: ImportRow,
    pub(crate) result: Result<NewUser, Vec<Fault>>,
}

/// Somebody who was created, with the password that nobody can show again.
pub(crate) struct Created {
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) password: String,
}

impl Desk {
    /// The names of the teams that a file can name.
    ///
    /// # Errors
    /// `NotFound` for those who may create no users.
    pub(crate) async fn user_import_teams(&self, actor: &Actor) -> ApiResult<Vec<String>> {
        self.allow(actor, Action::UserManage).await?;
        let teams = self.snapshot().await?.team_list().await;
        let teams = teams.map_err(to_app_error)?.into_iter();
        Ok(teams.map(|team| team.name).collect())
    }

    /// What would become of each row now. Changes nothing.
    pub(crate) async fn user_import_check(
        &self,
        actor: &Actor,
        rows: Vec<ImportRow>,
    ) -> ApiResult<Vec<CheckedRow>> {
        self.allow(actor, Action::UserManage).await?;
        if rows.iter().any(|row| !row.texts[3].trim().is_empty()) {
            self.allow(actor, Action::TeamManage).await?;
        }
        let mut store = self.snapshot().await?;
        let teams = store.team_list().await.map_err(to_app_error)?;
        let customs = store.custom_role_list().await.map_err(to_app_error)?;
        let mut lines = BTreeMap::new();
        let mut checked = Vec::with_capacity(rows.len());
        for row in rows {
            let result = check(&mut *store, (&teams[..], &customs[..]), &mut lines, &row).await?;
            checked.push(CheckedRow { row, result });
        }
        Ok(checked)
    }

    /// Whether these rows were imported under this key before. `Conflict` where others were.
    pub(crate) async fn user_import_repeated(
        &self,
        actor: &Actor,
        key: CommandKey,
        rows: Vec<[String; 4]>,
    ) -> ApiResult<bool> {
        self.allow(actor, Action::UserManage).await?;
        if !self.repeated(actor, &key).await? {
            return Ok(false);
        }
        let first = UserImport {
            rows,
            users: Vec::new(),
            session: None,
            context: self.context(actor, key),
        };
        self.execute(first).await?;
        Ok(true)
    }

    /// Creates the users of rows that were checked, all of them or none; `None` when the key was repeated: their passwords were shown
    /// then. Asks for the caller's password once more for administrators, built roles and who supervises a team.
    pub(crate) async fn user_import(
        &self,
        caller: &Caller,
        key: CommandKey,
        rows: Vec<(ImportRow, NewUser)>,
    ) -> ApiResult<Option<Vec<Created>>> {
        let actor = &caller.actor;
        self.allow(actor, Action::UserManage).await?;
        if rows.iter().any(|(_, user)| !user.teams.is_empty()) {
            self.allow(actor, Action::TeamManage).await?;
        }
        if rows.iter().any(|(_, user)| user.needs_proof()) {
            self.proved(caller).await?;
        }
        let (texts, users): (Vec<_>, Vec<NewUser>) = rows
            .into_iter()
            .map(|(row, user)| (row.texts, user))
            .unzip();
        let created: Vec<Created> = users.iter().map(Created::with_new_password).collect();
        // Nothing runs before it is polled.
        let hashed = users.into_iter().zip(&created);
        let hashed = hashed.map(|(user, created)| {
            let password = created.password.clone();
            self.imported(actor.id.clone(), user, password)
        });
        let hashed = stream::iter(hashed.collect::<Vec<_>>());
        let import = UserImport {
            rows: texts,
            users: hashed.buffered(HASHED_AT_ONCE).try_collect().await?,
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        let done = self.execute(import).await?;
        Ok(done.then_some(created))
    }

    async fn imported(
        &self,
        actor: UserId,
        user: NewUser,
        password: String,
    ) -> ApiResult<ImportedUser> {
        let password = Password::parse(&password)?;
        let account = UserAccount {
            id: UserId::parse(self.ids().next())?,
            username: user.username.as_str().to_owned(),
            name: user.name.into(),
            roles: user.roles,
            active: true,
            version: 0,
            capacity: None,
            built: Vec::new(),
        };
        Ok(ImportedUser {
            account,
            password_hash: self.passwords().hash(&actor, password).await?,
            built: (user.built.into_iter())
                .map(|role| (role.kind, role.id))
                .collect(),
            teams: user.teams.into_iter().map(|(team, _)| team).collect(),
        })
    }
}

impl NewUser {
    /// Whether creating them asks for the caller's password once more.
    pub(crate) fn needs_proof(&self) -> bool {
        let supervises = self.roles.contains(&Role::Supervisor) && !self.teams.is_empty();
        self.roles.contains(&Role::Administrator) || !self.built.is_empty() || supervises
    }
}

impl Created {
    fn with_new_password(user: &NewUser) -> Self {
        Self {
            username: user.username.as_str().to_owned(),
            name: user.name.as_str().to_owned(),
            password: new_password(),
        }
    }
}

/// A random password that can be typed.
fn new_password() -> String {
    let mut bytes = [0; GROUPS * GROUPS];
    // Without randomness there are no secrets, so the process must not continue.
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    let sign = |byte: &u8| char::from(SIGNS[usize::from(byte % 32)]);
    let groups = bytes.chunks(GROUPS);
    let groups: Vec<String> = groups
        .map(|group| group.iter().map(sign).collect())
        .collect();
    groups.join("-")
}

/// All that is wrong with a row, or the user of whom it speaks. `lines` are those of the usernames so far.
async fn check(
    store: &mut dyn Snapshot,
    (teams, customs): (&[Team], &[CustomRole]),
    lines: &mut BTreeMap<String, u64>,
    row: &ImportRow,
) -> ApiResult<Result<NewUser, Vec<Fault>>> {
    let (actual, expected) = row.fields;
    if actual != expected {
        return Ok(Err(vec![Fault::Fields { expected, actual }]));
    }
    let [username, name, roles, named] = &row.texts;
    let mut faults = Vec::new();
    let username = kept(Username::parse(username), Column::Username, &mut faults);
    let name = kept(DisplayName::parse(name), Column::Name, &mut faults);
    if let Some(username) = &username {
        faults.extend(name_taken(store, username).await?);
        match lines.get(username.as_str()) {
            Some(line) => faults.push(Fault::Twice { line: *line }),
            None => drop(lines.insert(username.as_str().to_owned(), row.line)),
        }
    }
    let (roles, built) = roles_of(customs, roles, &mut faults);
    let teams = teams_of(teams, named, &mut faults);
    let in_teams = roles.contains(&Role::Agent) || roles.contains(&Role::Supervisor);
    if !teams.is_empty() && !roles.is_empty() && !in_teams {
        faults.push(Fault::NoTeamRole);
    }
    Ok(match (username, name, faults.is_empty()) {
        (Some(username), Some(name), true) => Ok(NewUser {
            username,
            name,
            roles,
            built,
            teams,
        }),
        _ => Err(faults),
    })
}

/// What was parsed, or its problem among the others.
fn kept<T>(parsed: Result<T, AppError>, column: Column, faults: &mut Vec<Fault>) -> Option<T> {
    match parsed {
        Ok(parsed) => return Some(parsed),
        Err(AppError::Invalid { problem, .. }) => faults.push(Fault::Field(column, problem)),
        Err(_) => faults.push(Fault::Field(column, Problem::Missing)),
    }
    None
}

async fn name_taken(store: &mut dyn Snapshot, username: &Username) -> ApiResult<Option<Fault>> {
    let holder = store.username_holder(username.as_str()).await;
    let problem = match holder.map_err(to_app_error)? {
        None => return Ok(None),
        Some(NameHolder::Present) => Problem::Taken,
        Some(NameHolder::Deleted) => Problem::TakenBefore,
    };
    Ok(Some(Fault::Field(Column::Username, problem)))
}

/// The roles of a field: by their codes, or by the names of built ones, each of which is one of its kind. Names hold blanks and
/// commas, so a bar stands between them.
fn roles_of(
    customs: &[CustomRole],
    text: &str,
    faults: &mut Vec<Fault>,
) -> (Vec<Role>, Vec<CustomRole>) {
    let (mut roles, mut built) = (Vec::new(), Vec::<CustomRole>::new());
    let known = faults.len();
    for part in text.split('|').map(str::trim) {
        if let Some(custom) = built_role(customs, part) {
            if built.iter().any(|other| other.kind == custom.kind) {
                faults.push(Fault::Field(Column::Roles, Problem::TooMany { max: 1 }));
            }
            if !roles.contains(&custom.kind) {
                roles.push(custom.kind);
            }
            built.push(custom.clone());
            continue;
        }
        let codes = part.split(|sign: char| ",;".contains(sign) || sign.is_whitespace());
        for code in codes.filter(|code| !code.is_empty()) {
            match Role::from_code(&code.to_lowercase()) {
                Some(role) if roles.contains(&role) => {}
                Some(role) => roles.push(role),
                None => faults.push(Fault::UnknownRole(beginning(code))),
            }
        }
    }
    if roles.is_empty() && faults.len() == known {
        faults.push(Fault::Field(Column::Roles, Problem::NoneChosen));
    }
    (roles, built)
}

/// The built role of a name. What is a code means the kind.
fn built_role<'a>(customs: &'a [CustomRole], name: &str) -> Option<&'a CustomRole> {
    if Role::from_code(&name.to_lowercase()).is_some() {
        return None;
    }
    let key = folded(name);
    customs.iter().find(|custom| folded(&custom.name) == key)
}

/// The teams of a field, by their names. A bar stands between them, which rarely stands in a name.
fn teams_of(teams: &[Team], text: &str, faults: &mut Vec<Fault>) -> Vec<(TeamId, String)> {
    let mut found: Vec<(TeamId, String)> = Vec::new();
    for name in text
        .split('|')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let key = folded(name);
        let team = teams.iter().find(|team| folded(&team.name) == key);
        match team {
            Some(team) if found.iter().any(|(id, _)| *id == team.id) => {}
            Some(team) => found.push((team.id.clone(), team.name.clone())),
            None => faults.push(Fault::UnknownTeam(beginning(name))),
        }
    }
    found
}

/// As much of what somebody wrote as is said back.
fn beginning(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use shared::text::Password;

    use super::new_password;
    use crate::password::check_uncommon;

    #[test]
    fn s10_an_initial_password_is_one_that_can_be_set() {
        let first = new_password();
        assert_eq!(first.len(), 19);
        assert_ne!(first, new_password());
        let password = Password::parse(&first).expect("a password");
        assert!(check_uncommon(&password, &["amy"]).is_ok());
    }
}
