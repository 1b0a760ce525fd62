//! Coaching that helped before, in conversations like the one that is open.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use shared::erasure::ERASED;
use shared::helped::HelpedBefore;
use shared::ids::{UserId, WorkitemId};
use shared::policy::{Action, WorkitemAct, can};
use shared::search::indexed;
use shared::transcript::{Author, EntryBody};
use shared::workitem::Workitem;

use crate::commands::rights;
use crate::store::rows::{HelpedLike, HelpedRow};
use crate::store::{Snapshot, StoreError, Stored};

/// How many are offered.
const OFFERED: usize = 5;
/// How many of the conversation's last entries say what it is about.
const SAID: i64 = 30;
/// Shorter words say little of what a conversation is about, in characters.
const WORD_MIN: usize = 4;
/// How many of the conversation's words are looked for in all conversations.
const LOOKED_FOR: usize = 12;
/// For how many words it counts that the same was asked.
const ASKED: usize = 2;

/// What was said to agents of the team on the same channel, was liked or forwarded, and is like the conversation: it shares words
/// with it, or the same was asked from its workitem. Most words first, then the newest. Only from workitems that `viewer` may
/// read, and each with the workitem unless they wrote it. `Refused` for those who do not coach here.
pub async fn helped_before(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
    workitem: &WorkitemId,
) -> Stored<Vec<(HelpedBefore, Option<Workitem>)>> {
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
    let like = HelpedLike {
        team: row.workitem.team,
        channel: row.workitem.channel,
        words: telling(&about),
        request: request_of(rows, workitem).await?,
    };
    let mut likely: Vec<(usize, HelpedRow)> = Vec::new();
    for row in rows.coaching_helped(&like).await? {
        let likeness = likeness(&about, &row);
        if likeness > 0 && row.workitem != *workitem {
            likely.push((likeness, row));
        }
    }
    likely.sort_by_key(|(likeness, row)| Reverse((*likeness, row.at)));
    let mut offered: Vec<(HelpedBefore, Option<Workitem>)> = Vec::new();
    for (_, helped) in likely {
        if offered.len() == OFFERED {
            break;
        }
        let entry = rows.entry_find(&helped.entry).await?;
        let source = rows.workitem_find(&helped.workitem).await?;
        let (Some(entry), Some(source)) = (entry, source) else {
            continue;
        };
        let facts = source.facts();
        let readable = can(&viewer, Action::Workitem(WorkitemAct::Read, &facts)).is_ok();
        let EntryBody::Coaching {
            supervisor,
            name,
            text,
            forwarded_at,
            ..
        } = entry.entry.body
        else {
            continue;
        };
        let known = offered.iter().any(|(helped, _)| helped.text == text);
        if !readable || entry.former.is_some() || known || text == ERASED {
            continue;
        }
        let helped = HelpedBefore {
            text,
            by: name,
            at: entry.entry.at,
            workitem: source.workitem.id.clone(),
            subject: source.workitem.subject.clone(),
            forwarded: forwarded_at.is_some(),
        };
        let others = (supervisor != viewer.id).then_some(source.workitem);
        offered.push((helped, others));
    }
    Ok(offered)
}

/// What was asked from a workitem and waits for an answer, the last of it.
async fn request_of(rows: &mut dyn Snapshot, workitem: &WorkitemId) -> Stored<Option<String>> {
    let open = rows.requests_open_in(workitem).await?;
    let Some((request, _)) = open.last() else {
        return Ok(None);
    };
    let request = rows.request_find(request).await?;
    Ok(request.map(|request| request.text))
}

/// The words that are rare: the longer ones, as a rule.
fn telling(about: &BTreeSet<String>) -> Vec<String> {
    let mut words: Vec<String> = about.iter().cloned().collect();
    words.sort_by_key(|word| Reverse(word.chars().count()));
    words.truncate(LOOKED_FOR);
    words
}

/// How much a conversation in which coaching helped has of what another one is about.
fn likeness(about: &BTreeSet<String>, helped: &HelpedRow) -> usize {
    let mut of_source = &words(&helped.subject) | &words(&helped.text);
    of_source.extend(helped.words.iter().cloned());
    let shared = about.intersection(&of_source).count();
    shared + if helped.asked { ASKED } else { 0 }
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
