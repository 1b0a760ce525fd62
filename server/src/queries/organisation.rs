//! What is known of the organisation.

use crate::store::{Snapshot, Stored};

/// The names under which the organisation is known: those of its teams and chat channels. It has no other one here.
pub async fn names_of_organisation(rows: &mut dyn Snapshot) -> Stored<Vec<String>> {
    let teams = rows.team_list().await?;
    let names = teams.into_iter().flat_map(|team| {
        let channels = team.channels.into_iter().map(|channel| channel.name);
        channels.chain([team.name])
    });
    Ok(names.collect())
}
