//! Outcomes and tags for every team, so that those who try the program have something to choose from.

use shared::error::AppError;
use shared::ids::{CommandKey, LabelId, UserId, WorkitemId};
use shared::labels::{Label, LabelKind};
use shared::time::Timestamp;

use super::context;
use crate::commands::{LabelCreate, LabelSet};
use crate::desk::{Desk, to_app_error};

/// The outcomes.
const OUTCOMES: [&str; 4] = ["Solved", "Refunded", "Callback agreed", "Not reached"];
/// The tags.
const TAGS: [&str; 5] = [
    "Complaint",
    "Delivery",
    "Invoice",
    "Product question",
    "Return",
];

fn id(kind: LabelKind, place: usize) -> Result<LabelId, AppError> {
    LabelId::parse(format!("{}-{place}", kind.code()))
}

/// Makes them.
pub(super) async fn create(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let names: [(LabelKind, &[&str]); 2] =
        [(LabelKind::Outcome, &OUTCOMES), (LabelKind::Tag, &TAGS)];
    for (kind, names) in names {
        for (place, &name) in names.iter().enumerate() {
            let label = Label {
                id: id(kind, place)?,
                kind,
                name: name.to_owned(),
                team: None,
                active: true,
                version: 0,
            };
            let context = context(&format!("label-{}", label.id), now)?;
            let create = LabelCreate { label, context };
            desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
        }
    }
    Ok(())
}

/// Labels a workitem as somebody who works on it does, with the label in this place of its kind.
pub(super) async fn put(
    desk: &Desk,
    (workitem, by): (&WorkitemId, &UserId),
    (kind, place): (LabelKind, usize),
    at: Timestamp,
) -> Result<(), AppError> {
    let label = id(kind, place)?;
    let set = LabelSet {
        workitem: workitem.clone(),
        by: by.clone(),
        key: CommandKey::parse(format!("demo-label-{workitem}-{label}"))?,
        label,
        on: true,
        at,
    };
    desk.publish(desk.store().execute(set).await.map_err(to_app_error)?);
    Ok(())
}
