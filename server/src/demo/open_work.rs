//! What staff have added to open work: tags, a note for each other, and a supervisor's coaching, which the agent has seen. For people
//! alone: tests begin without.

use shared::error::AppError;
use shared::ids::{CommandKey, EntryId, WorkitemId};
use shared::labels::LabelKind;
use shared::text::NoteText;
use shared::time::Timestamp;
use shared::transcript::Reaction;

use super::{labels, past, person};
use crate::commands::NoteAppend;
use crate::desk::{Desk, to_app_error};

/// From which story, its agent, and the place in the list of tags.
const TAGGED: [(&str, &str, usize); 5] = [
    ("wi-amy-1", "amy", 0),
    ("wi-amy-2", "amy", 3),
    ("wi-amy-6", "amy", 2),
    ("wi-ben-1", "ben", 1),
    ("wi-ben-3", "ben", 0),
];
/// What an agent noted, where, how many minutes ago.
const NOTED: (&str, &str, &str, i64) = (
    "wi-amy-5",
    "amy",
    "Mr Whitcombe can be called after 5 pm. The mattress is the Willow, firmness 4.",
    2,
);
/// What a supervisor said to an agent, where, how many minutes ago.
const COACHED: (&str, &str, &str, &str, i64) = (
    "wi-amy-2",
    "sam",
    "amy",
    "Lovely, Amy. Ask for the spelling of the name as well: it goes on paper.",
    3,
);

/// Adds it all.
pub(super) async fn add(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let before = |minutes: i64| Timestamp(now.0 - minutes * 60_000_000);
    for (workitem, agent, tag) in TAGGED {
        let (workitem, agent) = (WorkitemId::parse(workitem)?, person(agent)?);
        labels::put(desk, (&workitem, &agent.id), (LabelKind::Tag, tag), now).await?;
    }
    let (workitem, author, text, minutes) = NOTED;
    let note = NoteAppend {
        workitem: WorkitemId::parse(workitem)?,
        author: person(author)?,
        entry: EntryId::parse(desk.ids().next())?,
        at: before(minutes),
        text: NoteText::parse(text)?,
        key: CommandKey::parse("demo-note")?,
    };
    desk.publish(desk.store().execute(note).await.map_err(to_app_error)?);
    let (workitem, supervisor, agent, text, minutes) = COACHED;
    let (workitem, supervisor) = (WorkitemId::parse(workitem)?, person(supervisor)?);
    let people = (&person(agent)?, supervisor);
    let said = (text, Some(Reaction::ThumbsUp));
    past::coach(desk, &workitem, people, said, before(minutes)).await?;
    Ok(())
}
