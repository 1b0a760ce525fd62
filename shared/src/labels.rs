//! Labels of workitems: how a conversation ended (its outcome) and what it is about (tags). An administrator keeps the list;
//! those who work on a workitem choose from it.

use serde::{Deserialize, Serialize};

use crate::ids::{LabelId, TeamId};

/// The most labels that an organisation offers. Those that are switched off do not count.
pub const LABELS_MAX: i64 = 300;

/// The most labels that one workitem has.
pub const LABELS_OF_ONE_MAX: usize = 20;

/// What a label says of a workitem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelKind {
    /// How it ended. A workitem has one at most.
    Outcome,
    /// What it is about.
    Tag,
}

impl LabelKind {
    /// Both, in the order in which they are shown.
    pub const ALL: [LabelKind; 2] = [LabelKind::Outcome, LabelKind::Tag];

    /// The word in the database and on the wire.
    pub fn code(self) -> &'static str {
        match self {
            LabelKind::Outcome => "outcome",
            LabelKind::Tag => "tag",
        }
    }

    /// The one with this word.
    pub fn from_code(code: &str) -> Option<LabelKind> {
        LabelKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A label as its administrators keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Which.
    pub id: LabelId,
    /// What it says.
    pub kind: LabelKind,
    /// Its name; unique among those of its kind that are offered to the same team.
    pub name: String,
    /// The team whose workitems can have it; those of every team where there is none.
    pub team: Option<TeamId>,
    /// Whether it can be chosen.
    pub active: bool,
    /// Counts its edits.
    pub version: i64,
}

/// A label as a workitem has it, or can have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LabelRef {
    /// What it says.
    pub kind: LabelKind,
    /// Its name.
    pub name: String,
    /// Which.
    pub id: LabelId,
}
