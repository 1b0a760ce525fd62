//! The history, as somebody may read it: a search of what was said, a list of workitems, a customer's conversations.

use std::cmp::Reverse;

use shared::fold::{finds, folded};
use shared::history::{Asked, FoundEntry, HistoryCursor, HistoryHit, HistoryPage};
use shared::ids::{LabelId, UserId, WorkitemId};
use shared::notice::Notice;
use shared::people::{Actor, Permission};
use shared::policy::{Action, WorkitemAct, can};
use shared::search::Search;
use shared::transcript::{Entry, EntryBody};
use shared::workitem::Workitem;

use super::reviews::{may_review, review_shown};
use super::transcripts::shown_to;
use crate::commands::rights;
use crate::store::rows::{FoundRow, HistoryScope, SearchIndex, WorkitemRow};
use crate::store::{Snapshot, StoreError, Stored};

/// How much a page of the history holds.
pub const HISTORY_PAGE: usize = 25;
/// Among how many of the latest workitems a subject is looked for. Subjects have no index.
const SUBJECTS_AMONG: i64 = 2_000;
/// How many earlier conversations of a customer are listed.
const EARLIER: usize = 20;
/// Of how many of a customer's conversations the latest are chosen.
const EARLIER_AMONG: usize = 500;

/// What is found in the workitems that `viewer` may read, the newest first, at most `page` of it. `Refused` for those who have
/// none.
pub async fn history_page(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
    asked: &Asked,
    page: usize,
) -> Stored<HistoryPage> {
    let viewer = rights::ask(rows, viewer, Action::HistoryUse).await?;
    let agents = match &asked.filter.agent[..] {
        "" => None,
        name => Some(rows.people_named(name).await?),
    };
    // A search for flags looks through what the viewer may review, which is never their own work.
    let reviews = asked.filter.review.is_some();
    let watches = viewer.holds(Permission::WorkitemMonitor)
        && (!reviews || viewer.holds(Permission::WorkitemReview));
    let scope = HistoryScope {
        viewer: viewer.id.clone(),
        handles: !reviews && viewer.holds(Permission::WorkitemHandle),
        supervises: match watches {
            true => viewer.supervises.clone(),
            false => Vec::new(),
        },
        teams: [&viewer.member_of[..], &viewer.supervises].concat(),
        agents,
        labels: match &asked.filter.label[..] {
            "" => None,
            name => Some(labels_named(rows, name).await?),
        },
    };
    let reading = Reading {
        viewer,
        scope,
        reviews,
        page,
    };
    match &asked.search {
        Some(search) => reading.entries(rows, asked, search).await,
        None if asked.about.is_empty() => reading.workitems(rows, asked).await,
        None => reading.about(rows, asked).await,
    }
}

/// The labels with this in their names, those that were deleted among them.
async fn labels_named(rows: &mut dyn Snapshot, name: &str) -> Stored<Vec<LabelId>> {
    let labels = rows.label_names().await?.into_iter();
    // What has no sign is in no name.
    let seen = !folded(name).trim().is_empty();
    let named = labels.filter(|(_, called)| seen && finds(name, called));
    Ok(named.map(|(label, _)| label).collect())
}

/// Who reads, and what is searched for them.
struct Reading {
    viewer: Actor,
    scope: HistoryScope,
    /// Whether only what they may review counts.
    reviews: bool,
    page: usize,
}

impl Reading {
    /// How much is read at once: one more than is shown tells whether there is more.
    fn batch_size(&self) -> i64 {
        self.page as i64 + 1
    }

    /// Nothing that the policy refuses counts: more is read until the page is full or there is no more.
    async fn entries(
        &self,
        rows: &mut dyn Snapshot,
        asked: &Asked,
        search: &Search,
    ) -> Stored<HistoryPage> {
        let mut hits: Vec<(i64, HistoryHit)> = Vec::new();
        let mut before = asked.before.0;
        while hits.len() <= self.page {
            let found = self.batch(rows, asked, search, before).await?;
            let Some(last) = found.last() else { break };
            before = last.place;
            for row in found {
                let place = row.place;
                let hit = self.entry(rows, row, search).await?;
                hits.extend(hit.map(|hit| (place, hit)));
            }
        }
        let more = hits.len() > self.page;
        hits.truncate(self.page);
        let last = hits.last().filter(|_| more);
        let next = last.map(|(place, _)| HistoryCursor(*place, String::new()).text());
        let hits = hits.into_iter().map(|(_, hit)| hit).collect();
        Ok(HistoryPage { hits, next })
    }

    /// The newest entries before a place, of the indexes that are asked.
    async fn batch(
        &self,
        rows: &mut dyn Snapshot,
        asked: &Asked,
        search: &Search,
        before: i64,
    ) -> Stored<Vec<FoundRow>> {
        let (filter, scope, limit) = (&asked.filter, &self.scope, self.batch_size());
        let messages = SearchIndex::Messages;
        // What an agent made of it is asked of coaching alone.
        let mut found = match filter.reaction {
            None => {
                rows.entries_search(messages, search, filter, scope, before, limit)
                    .await?
            }
            Some(_) => Vec::new(),
        };
        if asked.coaching || filter.reaction.is_some() {
            let coaching = SearchIndex::Coaching;
            found.extend(
                rows.entries_search(coaching, search, filter, scope, before, limit)
                    .await?,
            );
            found.sort_by_key(|row| Reverse(row.place));
            found.truncate(self.page + 1);
        }
        Ok(found)
    }

    /// What was found, if the viewer may read it.
    async fn entry(
        &self,
        rows: &mut dyn Snapshot,
        found: FoundRow,
        search: &Search,
    ) -> Stored<Option<HistoryHit>> {
        let row = rows.workitem_find(&found.workitem).await?;
        let entry = rows.entry_find(&found.entry).await?;
        let (Some(row), Some(entry)) = (row, entry) else {
            return Ok(None);
        };
        let Some(hit) = self.hit(rows, row).await? else {
            return Ok(None);
        };
        let entry = found_entry(shown_to(entry, &self.viewer), search);
        Ok(entry.map(|entry| HistoryHit {
            entry: Some(entry),
            ..hit
        }))
    }

    /// The workitem with its flag, if the viewer may see what they asked for.
    async fn hit(&self, rows: &mut dyn Snapshot, row: WorkitemRow) -> Stored<Option<HistoryHit>> {
        if self.reviews && !may_review(&self.viewer, &row) {
            return Ok(None);
        }
        let review = review_shown(rows, &self.viewer, &row).await?;
        let workitem = readable(row, &self.viewer);
        Ok(workitem.map(|workitem| HistoryHit {
            workitem,
            entry: None,
            review,
        }))
    }

    async fn workitems(&self, rows: &mut dyn Snapshot, asked: &Asked) -> Stored<HistoryPage> {
        let mut hits: Vec<HistoryHit> = Vec::new();
        let mut before = asked.before.clone();
        while hits.len() <= self.page {
            let found = rows
                .workitems_search(&asked.filter, &self.scope, &before, self.batch_size())
                .await?;
            let Some(last) = found.last() else { break };
            for workitem in &found {
                let Some(row) = rows.workitem_find(workitem).await? else {
                    continue;
                };
                if workitem == last {
                    before = place(&row.workitem);
                }
                hits.extend(self.hit(rows, row).await?);
            }
        }
        let more = hits.len() > self.page;
        hits.truncate(self.page);
        let last = hits.last().filter(|_| more);
        let next = last.map(|hit| place(&hit.workitem).text());
        Ok(HistoryPage { hits, next })
    }

    /// One page, without a next one, of workitems whose customer is called so, and of the latest ones with such a subject.
    async fn about(&self, rows: &mut dyn Snapshot, asked: &Asked) -> Stored<HistoryPage> {
        let mut named = asked.clone();
        named.filter.customer.clone_from(&asked.about);
        let mut hits = self.workitems(rows, &named).await?.hits;
        let latest = rows
            .subjects_latest(&asked.filter, &self.scope, SUBJECTS_AMONG)
            .await?;
        let latest = latest.into_iter();
        let found = latest.filter(|(_, subject)| finds(&asked.about, subject));
        for (workitem, _) in found.take(self.page) {
            if let Some(row) = rows.workitem_find(&workitem).await? {
                hits.extend(self.hit(rows, row).await?);
            }
        }
        hits.sort_by_key(|hit| Reverse((hit.workitem.started_at, hit.workitem.id.clone())));
        hits.dedup_by(|one, other| one.workitem.id == other.workitem.id);
        hits.truncate(self.page);
        Ok(HistoryPage { hits, next: None })
    }
}

/// The workitem, if somebody may read it; without its last words where nothing would say that they read them.
fn readable(row: WorkitemRow, viewer: &Actor) -> Option<Workitem> {
    let facts = row.facts();
    let action = Action::Workitem(WorkitemAct::Read, &facts);
    can(viewer, action).ok()?;
    let mut workitem = row.workitem;
    if workitem.is_unsaid_for(&viewer.id) {
        workitem.preview.clear();
        workitem.coaching_latest = None;
    }
    Some(workitem)
}

fn place(workitem: &Workitem) -> HistoryCursor {
    HistoryCursor(workitem.started_at.0, workitem.id.to_string())
}

/// What was found in an entry; nothing in one whose words are withheld.
fn found_entry(entry: Entry, search: &Search) -> Option<FoundEntry> {
    let (mut coaching, mut note) = (false, false);
    let (name, text) = match entry.body {
        EntryBody::Message { name, text, .. } => (name, text),
        EntryBody::Coaching { name, text, .. } | EntryBody::CoachingReply { name, text, .. } => {
            coaching = true;
            (name, text)
        }
        EntryBody::Notice(Notice::Note { by, text, .. }) => {
            note = true;
            (by, text)
        }
        _ => return None,
    };
    Some(FoundEntry {
        seq: entry.seq,
        at: entry.at,
        name,
        coaching,
        note,
        excerpt: search.excerpt(&text),
    })
}

/// The conversations that the customer of a workitem had before it, as far as `viewer` may read them, the newest first. `Refused`
/// for those who may not read the workitem.
pub async fn conversations_before(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
    workitem: &WorkitemId,
) -> Stored<Vec<Workitem>> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let viewer = rights::ask_in(rows, viewer, WorkitemAct::Read, &row).await?;
    let begun = (row.workitem.started_at, workitem);
    let all = rows.workitems_of_customer(workitem).await?;
    let mut before = Vec::new();
    // Ids rise with time.
    for other in all.iter().rev().take(EARLIER_AMONG) {
        let Some(row) = rows.workitem_find(other).await? else {
            continue;
        };
        if (row.workitem.started_at, other) < begun {
            before.extend(readable(row, &viewer));
        }
    }
    before.sort_by_key(|workitem| Reverse((workitem.started_at, workitem.id.clone())));
    before.truncate(EARLIER);
    Ok(before)
}
