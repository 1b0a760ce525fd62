//! People of one name, distinguished where staff read of them: by their usernames. Customers read the name alone, and so do the
//! rows that both read.

use shared::directory::Notification;
use shared::ids::UserId;
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::transcript::EntryBody;

use crate::store::{Snapshot, Stored};

/// The name of somebody as staff read it.
pub(super) async fn shown(rows: &mut dyn Snapshot, person: &PersonRef) -> Stored<String> {
    let mut name = person.name.clone();
    add(rows, &person.id, &mut name).await?;
    Ok(name)
}

/// Adds the username, unless there is no namesake or it stands there already.
async fn add(rows: &mut dyn Snapshot, user: &UserId, name: &mut String) -> Stored<()> {
    if let Some(username) = rows.username_of_namesake(user).await? {
        let username = format!(" ({username})");
        if !name.ends_with(&username) {
            name.push_str(&username);
        }
    }
    Ok(())
}

/// The author of an entry that was just written, as staff read it from the store.
pub(super) async fn tell_author_apart(
    rows: &mut dyn Snapshot,
    author: Option<&UserId>,
    body: &mut EntryBody,
) -> Stored<()> {
    let name = match body {
        EntryBody::Message { name, .. }
        | EntryBody::Coaching { name, .. }
        | EntryBody::CoachingReply { name, .. }
        | EntryBody::MonitoringStarted { name, .. }
        | EntryBody::MonitoringEnded { name, .. }
        | EntryBody::Notice(Notice::Note { by: name, .. }) => name,
        EntryBody::Notice(_) => return Ok(()),
    };
    match author {
        Some(author) => add(rows, author, name).await,
        None => Ok(()),
    }
}

/// The people whom a notification names. Messages were read from the store, where they are distinguished.
pub(super) async fn tell_people_apart(
    rows: &mut dyn Snapshot,
    event: &mut Notification,
) -> Stored<()> {
    let people: [Option<&mut PersonRef>; 2] = match event {
        Notification::RequestAnswered { by, agent, .. } => [Some(by), agent.as_mut()],
        Notification::RequestClaimed { by, agent, .. }
        | Notification::RequestReturned { by, agent, .. } => [Some(by), Some(agent)],
        Notification::MonitoringStarted { supervisor, .. }
        | Notification::MonitoringEnded { supervisor, .. } => [Some(supervisor), None],
        Notification::WorkAssigned { from, .. } => [from.as_mut(), None],
        Notification::WorkTaken { to, by, .. } => [to.as_mut(), by.as_mut()],
        Notification::Later
        | Notification::Message(_)
        | Notification::Read { .. }
        | Notification::RequestEscalated { .. }
        | Notification::Dismissed { .. }
        | Notification::Settings(_) => return Ok(()),
    };
    for person in people.into_iter().flatten() {
        add(rows, &person.id, &mut person.name).await?;
    }
    Ok(())
}
