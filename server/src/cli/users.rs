//! `sideline user`: accounts from the command line.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

use i18n::{Label, Language};
use shared::admin::UserAccount;
use shared::ids::{CommandKey, UserId};
use shared::people::Role;
use shared::text::{DisplayName, Password, Username};

use super::database::{Database, database};
use super::{CliError, DataArgs, UserAddArgs, UserResetArgs, cli_error, not_stored, open, refused};
use crate::clock_and_ids::{Clock, Ids, RandomIds, SystemClock};
use crate::commands::{PasswordSet, SecondFactorReset, UserCreate};
use crate::password;
use crate::queries::names_of_organisation;
use crate::store::sqlite::{ListedUser, users_of};
use crate::store::{CommandContext, OwnedStore, Store, StoreError};

/// Creates a user.
pub(super) async fn add(args: UserAddArgs) -> Result<(), CliError> {
    let username = Username::parse(&args.username).map_err(refused)?;
    let name = args.name.unwrap_or_else(|| args.username.clone());
    let name = DisplayName::parse(&name).map_err(refused)?;
    let mut roles: Vec<Role> = Vec::new();
    for role in args.roles {
        if !roles.contains(&role.into()) {
            roles.push(role.into());
        }
    }
    // Before anybody is asked for a password: while Sideline runs this fails.
    let store = open_alone(&args.data).await?;
    let password = read_password(&*store, &[username.as_str(), name.as_str()]).await?;
    let account = UserAccount {
        id: UserId::parse(RandomIds.next()).map_err(refused)?,
        username: username.as_str().to_owned(),
        name: name.into(),
        roles,
        active: true,
        version: 0,
        capacity: None,
        built: Vec::new(),
    };
    let create = UserCreate {
        account,
        password_hash: password::hash_now(&password),
        temporary: true,
        session: None,
        context: context()?,
    };
    let store: &dyn Store = &*store;
    let created = store.execute(create).await.map_err(not_stored)?.value;
    println!(
        "Created {} ({}). The password is changed at the first sign-in.",
        created.username, created.name
    );
    Ok(())
}

/// Sets a user's password.
pub(super) async fn reset_password(args: UserResetArgs) -> Result<(), CliError> {
    let store = open_alone(&args.data).await?;
    let users = store.snapshot().await.map_err(cli_error)?.user_list().await;
    let username = args.username.to_lowercase();
    let user = users.map_err(cli_error)?.into_iter();
    let user = { user }
        .find(|user| user.username == username)
        .ok_or_else(|| {
            let hint = "`sideline user list` shows who there is";
            cli_error(format!("there is no user {username}; {hint}"))
        })?;
    let password = read_password(&*store, &[&user.username, &user.name]).await?;
    let set = PasswordSet {
        user: user.id.clone(),
        hash: password::hash_now(&password),
        verified: None,
        except: None,
        session: None,
        context: context()?,
    };
    let store: &dyn Store = &*store;
    store.execute(set).await.map_err(not_stored)?;
    if args.without_second_factor {
        let reset = SecondFactorReset {
            user: user.id,
            session: None,
            context: context()?,
        };
        store.execute(reset).await.map_err(not_stored)?;
    }
    println!(
        "Set the password of {}, who chooses another one at the next sign-in.",
        user.username
    );
    Ok(())
}

/// Lists the users, one a line.
pub(super) async fn list(data: &DataArgs) -> Result<(), CliError> {
    let users = match database(data) {
        Database::Sqlite(file) => users_of(&file).await.map_err(cli_error)?,
        Database::Postgres(_) => users_in(&*open_alone(data).await?).await?,
    };
    let mut out = std::io::stdout().lock();
    for user in users {
        let roles = user.roles.iter().map(|role| role.label(Language::En));
        let roles = roles.collect::<Vec<_>>().join(", ");
        let state = if user.active { "" } else { "\tdeactivated" };
        // A reader who left has seen enough.
        let _ = writeln!(out, "{}\t{}\t{roles}{state}", user.username, user.name);
    }
    Ok(())
}

/// Everybody by username.
async fn users_in(store: &dyn Store) -> Result<Vec<ListedUser>, CliError> {
    let users = store.snapshot().await.map_err(cli_error)?.user_list().await;
    let listed = users
        .map_err(cli_error)?
        .into_iter()
        .map(|user| ListedUser {
            username: user.username,
            name: user.name,
            roles: user.roles,
            active: user.active,
        });
    let mut listed: Vec<ListedUser> = listed.collect();
    listed.sort_by(|one, other| one.username.cmp(&other.username));
    Ok(listed)
}

/// The operator's.
fn context() -> Result<CommandContext, CliError> {
    Ok(CommandContext {
        actor: None,
        key: CommandKey::parse(RandomIds.next()).map_err(refused)?,
        at: SystemClock.now(),
    })
}

/// The database, which no other process has open.
async fn open_alone(data: &DataArgs) -> Result<Arc<dyn OwnedStore>, CliError> {
    open(data).await.map_err(|CliError(reason)| {
        CliError(format!(
            "{reason} While Sideline runs, users are managed in the browser; stop it to do it here, or name another \
             folder with --data."
        ))
    })
}

async fn read_password(store: &dyn Store, known: &[&str]) -> Result<Password, CliError> {
    let password = Password::parse(&typed_password()?).map_err(refused)?;
    let names = async { names_of_organisation(&mut *store.snapshot().await?).await };
    let names: Result<Vec<String>, StoreError> = names.await;
    let names = names.map_err(cli_error)?;
    let all = known
        .iter()
        .copied()
        .chain(names.iter().map(String::as_str));
    let all: Vec<&str> = all.collect();
    password::check_uncommon(&password, &all).map_err(refused)?;
    Ok(password)
}

fn typed_password() -> Result<String, CliError> {
    if let Ok(password) = std::env::var("SIDELINE_PASSWORD") {
        return Ok(password);
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return rpassword::prompt_password("Password (not shown): ").map_err(cli_error);
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(cli_error)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
