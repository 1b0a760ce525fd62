//! `sideline user`: accounts from the command line.

use std::io::{BufRead, IsTerminal};

use shared::admin::UserAccount;
use shared::ids::{CommandKey, UserId};
use shared::people::Role;
use shared::text::{DisplayName, Password, Username};

use super::{CliError, UserAddArgs, cli_error, not_stored, open, refused};
use crate::clock_and_ids::{Clock, Ids, RandomIds, SystemClock};
use crate::commands::UserCreate;
use crate::password;
use crate::store::{CommandContext, Store};

/// Creates a user.
pub(super) async fn add(args: UserAddArgs) -> Result<(), CliError> {
    let username = Username::parse(&args.username).map_err(refused)?;
    let name = args.name.unwrap_or_else(|| args.username.clone());
    let name = DisplayName::parse(&name).map_err(refused)?;
    let password = Password::parse(&read_password()?).map_err(refused)?;
    password::check_uncommon(&password, &[username.as_str(), name.as_str()]).map_err(refused)?;
    let mut roles: Vec<Role> = Vec::new();
    for role in args.roles {
        if !roles.contains(&role.into()) {
            roles.push(role.into());
        }
    }
    let store = open(&args.data.data).await?;
    let account = UserAccount {
        id: UserId::parse(RandomIds.next()).map_err(refused)?,
        username: username.as_str().to_owned(),
        name: name.into(),
        roles,
        active: true,
        version: 0,
        capacity: None,
    };
    let context = CommandContext {
        actor: None,
        key: CommandKey::parse(RandomIds.next()).map_err(refused)?,
        at: SystemClock.now(),
    };
    let create = UserCreate {
        account,
        password_hash: password::hash_now(&password),
        context,
    };
    let store: &dyn Store = &store;
    let created = store.execute(create).await.map_err(not_stored)?.value;
    println!("Created {} ({}).", created.username, created.name);
    Ok(())
}

fn read_password() -> Result<String, CliError> {
    if let Ok(password) = std::env::var("SIDELINE_PASSWORD") {
        return Ok(password);
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("Password (it is shown as you type): ");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(cli_error)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
