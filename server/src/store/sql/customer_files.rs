//! Rows of files that came with customers' messages. As in `customers`, no table of the staff's is named here.

use async_trait::async_trait;
use shared::files::{FileRef, FileState};
use shared::ids::{FileId, WorkitemId};
use shared::lenient::List;

use super::rows::{blob, code, id, int, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use crate::store::Stored;
use crate::store::rows::{CustomerFileReads, CustomerFileRows, FileContent};

/// The files of a line of a customer's view, `$line`, as JSON; NULL where there are none. Most lines have none, and cost
/// nothing.
macro_rules! files_of {
    ($line:literal) => {
        concat!(
            "CASE WHEN ", $line, ".files > 0 THEN (SELECT json_group_array(json_object(
                'id', f.id, 'name', f.name, 'media_type', f.media_type, 'size', f.size, 'state', f.state) ORDER BY f.position)
                FROM customer_files f WHERE f.workitem_id = ", $line, ".workitem_id AND f.seq = ", $line, ".seq) END AS files"
        )
    };
}
pub(super) use files_of;

const PLACE: &str = "SELECT workitem_id FROM customer_files WHERE id = $1";
const CONTENT: &str =
    "SELECT f.id, f.name, f.media_type, f.size, f.state, c.content FROM customer_files f
    JOIN customer_file_contents c ON c.file_id = f.id WHERE f.id = $1 AND f.workitem_id = $2";
const SIZE: &str = "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) AS size FROM customer_files WHERE workitem_id = $1";
const ADD: &str =
    "INSERT INTO customer_files (workitem_id, seq, position, id, name, media_type, size, state)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const SETTLE: &str =
    "UPDATE customer_files SET name = $2, media_type = $3, size = $4, state = $5 WHERE id = $1";
const ADD_CONTENT: &str = "INSERT INTO customer_file_contents (file_id, content) VALUES ($1, $2)";

/// The column of [`files_of`].
pub(super) fn read_files(row: &Row) -> Stored<Vec<FileRef>> {
    match text_maybe(row, "files")? {
        Some(files) => Ok(serde_json::from_str::<List<FileRef>>(&files)?.0),
        None => Ok(Vec::new()),
    }
}

#[async_trait]
impl<R: Runner> CustomerFileReads for Rows<R> {
    async fn customer_file_place(&mut self, file: &FileId) -> Stored<Option<WorkitemId>> {
        self.quick(|connection| {
            let row = sql(PLACE).bind(file.as_str()).fetch_optional(connection)?;
            row.map(|row| id(&row, "workitem_id")).transpose()
        })
    }

    async fn customer_file_content(
        &mut self,
        workitem: &WorkitemId,
        file: &FileId,
    ) -> Stored<Option<FileContent>> {
        let (workitem, file) = (workitem.clone(), file.clone());
        self.slow(move |connection| {
            let row = sql(CONTENT)
                .bind(file.as_str())
                .bind(workitem.as_str())
                .fetch_optional(connection)?;
            row.map(|row| {
                Ok(FileContent {
                    file: read_file(&row)?,
                    content: blob(&row, "content")?,
                })
            })
            .transpose()
        })
        .await
    }

    async fn customer_files_size(&mut self, workitem: &WorkitemId) -> Stored<i64> {
        self.quick(|connection| {
            let row = sql(SIZE).bind(workitem.as_str()).fetch_one(connection)?;
            int(&row, "size")
        })
    }
}

#[async_trait]
impl CustomerFileRows for Rows<Inline<'_>> {
    async fn customer_file_insert(
        &mut self,
        workitem: &WorkitemId,
        (seq, position): (i64, i64),
        file: &FileRef,
        content: Option<&[u8]>,
    ) -> Stored<()> {
        sql(ADD)
            .bind(workitem.as_str())
            .bind(seq)
            .bind(position)
            .bind(file.id.as_str())
            .bind(file.name.as_str())
            .bind(file.media_type.as_str())
            .bind(file.size)
            .bind(file.state.code())
            .execute(self.connection())?;
        add_content(self.connection(), &file.id, content)
    }

    async fn customer_file_settle(&mut self, file: &FileRef, content: Option<&[u8]>) -> Stored<()> {
        sql(SETTLE)
            .bind(file.id.as_str())
            .bind(file.name.as_str())
            .bind(file.media_type.as_str())
            .bind(file.size)
            .bind(file.state.code())
            .execute(self.connection())?;
        add_content(self.connection(), &file.id, content)
    }
}

fn add_content(connection: &Connection, file: &FileId, content: Option<&[u8]>) -> Stored<()> {
    if let Some(content) = content {
        sql(ADD_CONTENT)
            .bind(file.as_str())
            .bind(content)
            .execute(connection)?;
    }
    Ok(())
}

/// A file from the columns `id`, `name`, `media_type`, `size` and `state`.
pub(super) fn read_file(row: &Row) -> Stored<FileRef> {
    Ok(FileRef {
        id: id(row, "id")?,
        name: text(row, "name")?,
        media_type: text(row, "media_type")?,
        size: int(row, "size")?,
        state: code(row, "state", FileState::from_code)?,
    })
}
