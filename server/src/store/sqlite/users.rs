//! Users as administrators see and change them. There is always an active administrator left.

use serde::Serialize;
use shared::admin::{CapacityChange, UserAccount};
use shared::ids::{EntryId, UserId};
use shared::people::{PersonRef, Role};
use shared::policy::Action;
use shared::time::Timestamp;
use shared::workitem::ChannelCounts;

use super::commands::Command;
use super::edits::{Difference, NOT_SAVED, edited_meanwhile, quoted};
use super::handover::Departure;
use super::rows::{codes, flag, id, int, text, unchanged};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, audit, capacity, handover, requests, rights, sessions};
use crate::store::{Change, CommandContext, StoreError, Stored, Written};

macro_rules! select_accounts {
    ($tail:literal) => {
        concat!(
            "SELECT u.id, u.username, u.name, u.active, u.version, u.capacity,
                (SELECT json_group_array(r.role ORDER BY r.place) FROM user_roles r
                 WHERE r.user_id = u.id) AS roles
             FROM users u ",
            $tail
        )
    };
}
const LIST: &str = select_accounts!("ORDER BY lower(u.name), u.id");
const FIND: &str = select_accounts!("WHERE u.id = $1");
const TAKEN: &str = "SELECT COUNT(*) AS count FROM users WHERE username = $1";
const CREATE: &str = "INSERT INTO users (id, username, name, password_hash, active, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const EDIT: &str = "UPDATE users SET name = $2, version = $3, capacity = $4 WHERE id = $1";
const ACTIVATE: &str = "UPDATE users SET active = $2 WHERE id = $1";
const ROLES_CLEAR: &str = "DELETE FROM user_roles WHERE user_id = $1";
const ROLE_ADD: &str = "INSERT INTO user_roles (user_id, role, place) VALUES ($1, $2, $3)";
const OTHER_ADMINISTRATORS: &str = "SELECT COUNT(*) AS count FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'administrator'
    WHERE u.active = 1 AND u.id <> $1";
const SUPERVISED_BY: &str = "SELECT DISTINCT s.user_id AS id FROM team_members m
    JOIN team_supervisors s ON s.team_id = m.team_id WHERE m.user_id = $1 ORDER BY 1";
const MEMBER_NO_MORE: &str = "DELETE FROM team_members WHERE user_id = $1";
const SUPERVISOR_NO_MORE: &str = "DELETE FROM team_supervisors WHERE user_id = $1";

fn read(row: &Row) -> Stored<UserAccount> {
    Ok(UserAccount {
        id: id(row, "id")?,
        username: text(row, "username")?,
        name: text(row, "name")?,
        roles: codes(row, "roles", Role::from_code)?,
        active: flag(row, "active")?,
        version: int(row, "version")?,
        capacity: capacity::own(row)?,
    })
}

/// A user's account.
pub(super) fn find(connection: &Connection, user: &UserId) -> Stored<Option<UserAccount>> {
    sql(FIND)
        .bind(user.as_str())
        .fetch_optional(connection)?
        .as_ref()
        .map(read)
        .transpose()
}

/// See the trait.
pub(super) async fn user_list(store: &SqliteStore) -> Stored<Vec<UserAccount>> {
    store
        .read(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
}

/// See the trait.
pub(super) async fn user_create(
    store: &SqliteStore,
    account: UserAccount,
    password_hash: &str,
    context: CommandContext,
) -> Stored<Written<UserAccount>> {
    let password_hash = password_hash.to_owned();
    store
        .write(move |connection| create(connection, account, password_hash, context))
        .await
}

fn create(
    connection: &Connection,
    account: UserAccount,
    password_hash: String,
    context: CommandContext,
) -> Stored<Written<UserAccount>> {
    let content = (&account.username, &account.name, &account.roles);
    let command = Command::in_context(&context, "user_create", &content)?;
    if let Some(first) = command.first_answer(connection)? {
        return Ok(unchanged(first));
    }
    rights::ask_for(connection, &context, Action::UserManage)?;
    let taken = sql(TAKEN)
        .bind(account.username.as_str())
        .fetch_one(connection)?;
    if int(&taken, "count")? > 0 {
        return Err(StoreError::Invalid {
            field: "username",
            reason: "is taken".to_owned(),
        });
    }
    sql(CREATE)
        .bind(account.id.as_str())
        .bind(account.username.as_str())
        .bind(account.name.as_str())
        .bind(password_hash)
        .bind(i64::from(account.active))
        .bind(context.at.0)
        .execute(connection)?;
    roles_store(connection, &account.id, &account.roles)?;
    audit::act(connection, &context, "user_create", account.id.as_str())?;
    command.keep(connection, context.at, &account)?;
    Ok(Written {
        value: account,
        changes: vec![Change::People],
    })
}

fn roles_store(connection: &Connection, user: &UserId, roles: &[Role]) -> Stored<()> {
    sql(ROLES_CLEAR).bind(user.as_str()).execute(connection)?;
    for (place, role) in (1_i64..).zip(roles) {
        sql(ROLE_ADD)
            .bind(user.as_str())
            .bind(role.code())
            .bind(place)
            .execute(connection)?;
    }
    Ok(())
}

/// Refuses to take away the last one who can let others in.
fn another_administrator(connection: &Connection, user: &UserId) -> Stored<()> {
    let others = sql(OTHER_ADMINISTRATORS)
        .bind(user.as_str())
        .fetch_one(connection)?;
    if int(&others, "count")? == 0 {
        return Err(StoreError::Conflict(
            "This is the last active administrator.".to_owned(),
        ));
    }
    Ok(())
}

/// See the trait. Who is an agent no longer leaves their teams and gives their open work back as at a
/// deactivation; who is a supervisor no longer leaves the teams that they supervised.
pub(super) async fn user_update(
    store: &SqliteStore,
    user: &UserId,
    name: &str,
    roles: &[Role],
    capacity: Option<CapacityChange>,
    version: i64,
    context: CommandContext,
) -> Stored<Written<UserAccount>> {
    let edit = Edit {
        user: user.clone(),
        name: name.to_owned(),
        roles: roles.to_vec(),
        capacity,
        version,
    };
    store
        .write(move |connection| update(connection, edit, context))
        .await
}

/// Name, roles and capacity as they shall be, and the version that this started from.
#[derive(Serialize)]
struct Edit {
    user: UserId,
    name: String,
    roles: Vec<Role>,
    // A command of an older release, which knew no capacity, stays the same command.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<CapacityChange>,
    version: i64,
}

impl Edit {
    /// The agent's own numbers as they shall be; who is no agent has none.
    fn capacity(&self, stored: &UserAccount) -> Stored<Option<ChannelCounts>> {
        let agent = self.roles.contains(&Role::Agent);
        match (self.capacity, agent) {
            (Some(CapacityChange::Own(own)), true) => capacity::within_limits(own).map(Some),
            (Some(CapacityChange::Own(_)), false) => Err(StoreError::Invalid {
                field: "capacity",
                reason: "is only for users with the agent role".to_owned(),
            }),
            (None, true) => Ok(stored.capacity),
            (Some(CapacityChange::Organisation), _) | (None, false) => Ok(None),
        }
    }

    /// In which fields the stored account is another one.
    fn differences(&self, stored: &UserAccount, own: Option<ChannelCounts>) -> Vec<Difference> {
        let labels = |roles: &Vec<Role>| {
            let labels: Vec<&str> = roles.iter().map(|role| role.label()).collect();
            format!("now {}", labels.join(", "))
        };
        [
            Difference::of("Name", &stored.name, &self.name, quoted),
            Difference::of("Roles", &stored.roles, &self.roles, labels),
            Difference::of("Capacity", &stored.capacity, &own, capacity::words),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn update(
    connection: &Connection,
    edit: Edit,
    context: CommandContext,
) -> Stored<Written<UserAccount>> {
    let command = Command::in_context(&context, "user_update", &edit)?;
    if let Some(first) = command.first_answer(connection)? {
        return Ok(unchanged(first));
    }
    rights::ask_for(connection, &context, Action::UserManage)?;
    let before = find(connection, &edit.user)?.ok_or(StoreError::NotFound)?;
    let own = edit.capacity(&before)?;
    let differences = edit.differences(&before, own);
    if !differences.is_empty() && edit.version != before.version {
        let id = edit.user.as_str();
        return Err(edited_meanwhile(
            connection,
            id,
            "user_update",
            &differences,
            NOT_SAVED,
        )?);
    }
    let (user, now) = (edit.user, context.at);
    let after = UserAccount {
        name: edit.name,
        roles: edit.roles,
        capacity: own,
        version: before.version + i64::from(!differences.is_empty()),
        ..before.clone()
    };
    audit::act(connection, &context, "user_update", user.as_str())?;
    command.keep(connection, now, &after)?;
    if after == before {
        return Ok(unchanged(after));
    }
    let lost = |role| before.roles.contains(&role) && !after.roles.contains(&role);
    if before.active && lost(Role::Administrator) {
        another_administrator(connection, &user)?;
    }
    let mut changes = Vec::new();
    sql(EDIT)
        .bind(user.as_str())
        .bind(after.name.as_str())
        .bind(after.version)
        .bind(capacity::stored(after.capacity)?)
        .execute(connection)?;
    if after.roles != before.roles {
        roles_store(connection, &user, &after.roles)?;
        requests::review(connection, now, &mut changes)?;
        if lost(Role::Agent) {
            agent_no_more(connection, &after, now, &mut changes)?;
        }
        if lost(Role::Supervisor) {
            sql(SUPERVISOR_NO_MORE)
                .bind(user.as_str())
                .execute(connection)?;
            requests::review(connection, now, &mut changes)?;
        }
        sessions::end_of(connection, &user, None, &mut changes)?;
    }
    // Who is signed in goes by their new name at once.
    changes.push(Change::Authority(user.clone()));
    changes.push(Change::Agent(user));
    changes.push(Change::People);
    Ok(Written {
        value: after,
        changes,
    })
}

fn agent_no_more(
    connection: &Connection,
    account: &UserAccount,
    now: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let agent = PersonRef {
        id: account.id.clone(),
        name: account.name.clone(),
    };
    handover::give_back(
        connection,
        &agent,
        Departure::Agent,
        Vec::new(),
        now,
        changes,
    )?;
    // Their supervisors lose authority over them.
    let supervisors = sql(SUPERVISED_BY)
        .bind(agent.id.as_str())
        .fetch_all(connection)?;
    for row in &supervisors {
        changes.push(Change::Authority(id(row, "id")?));
    }
    sql(MEMBER_NO_MORE)
        .bind(agent.id.as_str())
        .execute(connection)?;
    Ok(())
}

/// See the trait. Workitems in wrap-up are closed: their conversation is over, nobody can go on with it.
pub(super) async fn user_activate(
    store: &SqliteStore,
    user: &UserId,
    active: bool,
    entries: Vec<EntryId>,
    context: CommandContext,
) -> Stored<Written<UserAccount>> {
    let user = user.clone();
    store
        .write(move |connection| activate(connection, user, active, entries, context))
        .await
}

fn activate(
    connection: &Connection,
    user: UserId,
    active: bool,
    entries: Vec<EntryId>,
    context: CommandContext,
) -> Stored<Written<UserAccount>> {
    let act = if active {
        "user_activate"
    } else {
        "user_deactivate"
    };
    let command = Command::in_context(&context, act, &user)?;
    if let Some(first) = command.first_answer(connection)? {
        return Ok(unchanged(first));
    }
    rights::ask_for(connection, &context, Action::UserManage)?;
    let now = context.at;
    let before = find(connection, &user)?.ok_or(StoreError::NotFound)?;
    let after = UserAccount {
        active,
        ..before.clone()
    };
    audit::act(connection, &context, act, user.as_str())?;
    command.keep(connection, now, &after)?;
    if after == before {
        return Ok(unchanged(after));
    }
    if !active && before.roles.contains(&Role::Administrator) {
        another_administrator(connection, &user)?;
    }
    sql(ACTIVATE)
        .bind(user.as_str())
        .bind(i64::from(active))
        .execute(connection)?;
    let mut changes = Vec::new();
    if active {
        changes.push(Change::Agent(user.clone()));
    } else {
        let agent = PersonRef {
            id: user.clone(),
            name: after.name.clone(),
        };
        // First, so that a request ends for the true reason: not because its workitem moves.
        requests::review(connection, now, &mut changes)?;
        handover::give_back(
            connection,
            &agent,
            Departure::Agent,
            entries,
            now,
            &mut changes,
        )?;
        sessions::end_of(connection, &user, None, &mut changes)?;
    }
    changes.push(Change::Authority(user));
    changes.push(Change::People);
    Ok(Written {
        value: after,
        changes,
    })
}
