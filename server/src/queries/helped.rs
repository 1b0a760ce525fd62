//! Coaching that helped before, in conversations like the one that is open.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use shared::erasure::ERASED;
use shared::helped::HelpedBefore;
use shared::ids::{UserId, WorkitemId};
use shared::policy::{Action, WorkitemAct, can};
use shared::search::indexed;
use shared::transcript::{Author, EntryBody};

use crate::commands::rights;
use crate::store::{Snapshot, StoreError, Stored};

/// How many are offered.
const OFFERED: usize = 5;
/// Among how many of the same team and channel, the newest.
const AMONG: i64 = 100;
/// How many of the conversation's last entries say what it is about.
const SAID: i64 = 30;
/// Shorter words say little of what a conversation is about, in characters.
const WORD_MIN: usize = 4;

/// What was said to agents of the team on the same channel, was liked or forwarded, and shares words with the conversation:
/// most words first, then the newest. Only from workitems that `viewer` may read. `Refused` for those who do not coach here.
pub async fn helped_before(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
    workitem: &WorkitemId,
) -> Stored<Vec<HelpedBefore>> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let viewer = rights::ask_in(rows, viewer, WorkitemAct::Coach, &row).await?;
    let mut about = words(&row.workitem.subject);
    for entry in rows.entries_before(workitem, i64::MAX, SAID).await? {
        if let EntryBody::Message {
            author: Author::Customer,
            text,
            ..
        } = &entry.entry.body
        {
            about.extend(words(text));
        }
    }
    let (team, channel) = (&row.workitem.team, row.workitem.channel);
    let mut found: Vec<(usize, HelpedBefore)> = Vec::new();
    for (source, entry) in rows.coaching_helped(team, channel, AMONG).await? {
        if source == *workitem {
            continue;
        }
        let entry = rows.entry_find(&entry).await?;
        let source = rows.workitem_find(&source).await?;
        let (Some(entry), Some(source)) = (entry, source) else {
            continue;
        };
        let facts = source.facts();
        let readable = can(&viewer, Action::Workitem(WorkitemAct::Read, &facts)).is_ok();
        let EntryBody::Coaching {
            name,
            text,
            forwarded_at,
            ..
        } = entry.entry.body
        else {
            continue;
        };
        let known = found.iter().any(|(_, helped)| helped.text == text);
        if !readable || entry.former.is_some() || known || text == ERASED {
            continue;
        }
        let of_source = &words(&source.workitem.subject) | &words(&text);
        let shared = about.intersection(&of_source).count();
        if shared > 0 {
            let helped = HelpedBefore {
                text,
                by: name,
                at: entry.entry.at,
                workitem: source.workitem.id,
                subject: source.workitem.subject,
                forwarded: forwarded_at.is_some(),
            };
            found.push((shared, helped));
        }
    }
    found.sort_by_key(|(shared, helped)| Reverse((*shared, helped.at)));
    let offered = found.into_iter().take(OFFERED);
    Ok(offered.map(|(_, helped)| helped).collect())
}

/// The words that say what a text is about.
fn words(text: &str) -> BTreeSet<String> {
    let words = indexed(text);
    let words = words.split(' ').filter(|word| {
        // A script without blanks is stored letter by letter.
        word.chars().count() >= WORD_MIN || word.chars().any(|letter| letter > '\u{2fff}')
    });
    words.map(str::to_owned).collect()
}
