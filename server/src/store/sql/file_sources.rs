//! Rows that say where providers have files that are coming.

use async_trait::async_trait;
use shared::ids::{ChannelKey, EntryId, FileId};

use super::customer_files::read_file;
use super::rows::{id, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{FileSource, FileSourceReads, FileSourceRows};

const FIND: &str = "SELECT f.id, f.name, f.media_type, f.size, f.state, f.workitem_id, s.entry_id, s.channel_key, s.source
    FROM file_sources s JOIN customer_files f ON f.id = s.file_id WHERE s.file_id = $1";
const ADD: &str =
    "INSERT INTO file_sources (file_id, entry_id, channel_key, source) VALUES ($1, $2, $3, $4)";
const DELETE: &str = "DELETE FROM file_sources WHERE file_id = $1";

#[async_trait]
impl<R: Runner> FileSourceReads for Rows<R> {
    async fn file_source_find(&mut self, file: &FileId) -> Stored<Option<FileSource>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(file.as_str()).fetch_optional(connection)?;
            row.map(|row| {
                Ok(FileSource {
                    file: read_file(&row)?,
                    workitem: id(&row, "workitem_id")?,
                    entry: id(&row, "entry_id")?,
                    channel: id(&row, "channel_key")?,
                    source: text(&row, "source")?,
                })
            })
            .transpose()
        })
    }
}

#[async_trait]
impl FileSourceRows for Rows<Inline<'_>> {
    async fn file_source_insert(
        &mut self,
        file: &FileId,
        entry: &EntryId,
        channel: &ChannelKey,
        source: &str,
    ) -> Stored<()> {
        sql(ADD)
            .bind(file.as_str())
            .bind(entry.as_str())
            .bind(channel.as_str())
            .bind(source)
            .execute(self.connection())?;
        Ok(())
    }

    async fn file_source_delete(&mut self, file: &FileId) -> Stored<()> {
        sql(DELETE).bind(file.as_str()).execute(self.connection())?;
        Ok(())
    }
}
