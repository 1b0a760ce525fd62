//! Messages between colleagues in the directory, all of them read. For people alone: tests begin without any.

use shared::error::AppError;
use shared::ids::{CommandKey, DirectoryMessageId};
use shared::people::PersonRef;
use shared::time::Timestamp;

use super::person;
use crate::commands::{DirectoryAppend, DirectoryRead};
use crate::desk::{Desk, to_app_error};

/// Who wrote what to whom, minutes ago, oldest first.
const MESSAGES: [(&str, &str, i64, &str); 5] = [
    (
        "sam",
        "amy",
        95,
        "Morning, Amy. The new runners for the Hazel table are in stock again; you can promise Thursday.",
    ),
    ("amy", "sam", 93, "Good to know, thank you!"),
    (
        "sue",
        "ben",
        80,
        "Ben, your answer about the oak worktop was spot on. I have saved it as a text for all.",
    ),
    (
        "ben",
        "amy",
        70,
        "Do you have the address of the upholsterer in Leeds?",
    ),
    (
        "amy",
        "ben",
        68,
        "It is in the notes of the Whitcombe order.",
    ),
];

/// Writes them.
pub(super) async fn write(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    for (place, (from, to, minutes, text)) in MESSAGES.into_iter().enumerate() {
        let (from, to) = (person(from)?, person(to)?);
        let append = DirectoryAppend {
            id: DirectoryMessageId::parse(desk.ids().next())?,
            from: from.clone(),
            to: to.id.clone(),
            text: text.to_owned(),
            answers: None,
            at: Timestamp(now.0 - minutes * 60_000_000),
            key: CommandKey::parse(format!("demo-talk-{place}"))?,
        };
        desk.publish(desk.store().execute(append).await.map_err(to_app_error)?);
        read(desk, &to, &from, now).await?;
    }
    Ok(())
}

/// Somebody has read all that somebody else wrote.
pub(super) async fn read(
    desk: &Desk,
    reader: &PersonRef,
    writer: &PersonRef,
    at: Timestamp,
) -> Result<(), AppError> {
    let read = DirectoryRead {
        user: reader.id.clone(),
        with: writer.id.clone(),
        through: i64::MAX,
        at,
    };
    desk.publish(desk.store().execute(read).await.map_err(to_app_error)?);
    Ok(())
}
