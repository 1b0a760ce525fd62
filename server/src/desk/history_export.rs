//! What somebody reads in the history, as files: read in pieces, each of which asks for the right with what it reads.

use app::backend::ApiResult;
use shared::audit::AuditChange;
use shared::history::{Asked, HistoryHit, HistoryQuery};
use shared::ids::{UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct};
use shared::transcript::Entry;
use shared::workitem::Workitem;

use super::Desk;
use crate::commands::{HistoryExport, TranscriptExport};
use crate::queries;

/// How many entries of a conversation are read at once.
const ENTRIES: i64 = 200;
/// How many results are read at once.
const HITS: usize = 250;
/// How many results a file holds at most.
pub const HITS_MAX: usize = 5_000;

/// A conversation on its way into a file.
#[derive(Clone, Debug)]
pub struct TranscriptFile {
    /// Its heading.
    pub workitem: Workitem,
    reader: UserId,
    /// The number of the last entry that was read, and of the last one that there is to read.
    place: (i64, i64),
}

/// A list of results on its way into a file.
#[derive(Clone, Debug)]
pub struct HitsFile {
    reader: UserId,
    asked: Asked,
    /// How many were read.
    read: usize,
    /// Whether there is more to read.
    more: bool,
}

impl HitsFile {
    /// Whether it ended before everything was in it.
    pub fn is_cut(&self) -> bool {
        self.more && self.read >= HITS_MAX
    }
}

/// What was asked for, as the audit log says it.
fn wanted(field: &str, value: &str) -> AuditChange {
    AuditChange {
        field: field.to_owned(),
        was: None,
        is: Some(value.to_owned()),
    }
}

/// What the log says of a search: codes and days as they are, of words and names only that there were some.
fn asked_for(query: &HistoryQuery) -> Vec<AuditChange> {
    let typed = |text: &str| match text.is_empty() {
        true => String::new(),
        false => "…".to_owned(),
    };
    let fields = [
        ("words", typed(&query.words)),
        ("coaching", query.coaching.clone()),
        ("customer", typed(&query.customer)),
        ("agent", typed(&query.agent)),
        ("channel", query.channel.clone()),
        ("state", query.state.clone()),
        ("label", typed(&query.label)),
        ("rating", query.rating.clone()),
        ("review", query.review.clone()),
        ("request", query.request.clone()),
        ("reaction", query.reaction.clone()),
        ("from", query.from.clone()),
        ("to", query.to.clone()),
        ("zone", query.zone.clone()),
    ];
    let asked = fields.into_iter().filter(|(_, value)| !value.is_empty());
    asked.map(|(field, value)| wanted(field, &value)).collect()
}

impl Desk {
    /// Begins the file of a conversation, which is in the audit log.
    ///
    /// # Errors
    /// `NotFound` for those who may not read it, `Conflict` while another agent has it.
    pub async fn transcript_export(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        format: &str,
        coaching: &str,
    ) -> ApiResult<TranscriptFile> {
        self.allow(actor, Action::TranscriptExport).await?;
        self.workitem_for(actor, &workitem, WorkitemAct::Read)
            .await?;
        let command = TranscriptExport {
            workitem,
            reader: actor.id.clone(),
            asked: vec![wanted("format", format), wanted("coaching", coaching)],
            at: self.now(),
        };
        let (workitem, last) = self.execute(command).await?;
        Ok(TranscriptFile {
            workitem,
            reader: actor.id.clone(),
            place: (0, last),
        })
    }

    /// The next entries of a conversation; none at its end.
    pub(crate) async fn transcript_export_next(
        &self,
        file: &mut TranscriptFile,
    ) -> ApiResult<Vec<Entry>> {
        let (after, last) = file.place;
        if after >= last {
            return Ok(Vec::new());
        }
        let mut rows = self.snapshot().await?;
        let workitem = &file.workitem.id;
        let piece =
            queries::transcript_piece(&mut *rows, workitem, &file.reader, file.place, ENTRIES);
        let piece = piece.await;
        drop(rows);
        match piece {
            Ok(entries) => {
                file.place.0 = entries.last().map_or(last, |entry| entry.seq);
                Ok(entries)
            }
            Err(error) => Err(self.answered(error).await),
        }
    }

    /// Begins the file of what is found in the history, which is in the audit log. Where the page began counts for nothing.
    ///
    /// # Errors
    /// `NotFound` for those who have no history, `Invalid` for what cannot be read.
    pub async fn history_export(&self, actor: &Actor, query: HistoryQuery) -> ApiResult<HitsFile> {
        self.allow(actor, Action::HistoryUse).await?;
        self.allow(actor, Action::TranscriptExport).await?;
        let query = HistoryQuery {
            before: String::new(),
            ..query
        };
        let asked = query.parse()?;
        let command = HistoryExport {
            reader: actor.id.clone(),
            asked: asked_for(&query),
            at: self.now(),
        };
        self.execute(command).await?;
        if asked.search.is_some() {
            self.history_indexed().await?;
        }
        Ok(HitsFile {
            reader: actor.id.clone(),
            asked,
            read: 0,
            more: true,
        })
    }

    /// The next results; none at the end of the file.
    pub(crate) async fn history_export_next(
        &self,
        file: &mut HitsFile,
    ) -> ApiResult<Vec<HistoryHit>> {
        if !file.more || file.read >= HITS_MAX {
            return Ok(Vec::new());
        }
        let mut rows = self.snapshot().await?;
        let page = queries::history_page(&mut *rows, &file.reader, &file.asked, HITS).await;
        drop(rows);
        let page = match page {
            Ok(page) => page,
            Err(error) => return Err(self.answered(error).await),
        };
        file.read += page.hits.len();
        file.more = page.next.is_some();
        if let Some(next) = page.next {
            let query = HistoryQuery {
                before: next,
                ..HistoryQuery::default()
            };
            file.asked.before = query.parse()?.before;
        }
        Ok(page.hits)
    }
}
