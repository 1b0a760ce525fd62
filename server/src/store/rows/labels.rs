//! Labels, and which workitem has which.

use async_trait::async_trait;
use shared::ids::{LabelId, TeamId, WorkitemId};
use shared::labels::{Label, LabelRef};

use crate::store::Stored;

/// Reads of labels.
#[async_trait]
pub trait LabelReads: Send {
    /// A label; `None` also for one that was deleted.
    async fn label_find(&mut self, label: &LabelId) -> Stored<Option<Label>>;
    /// All that were not deleted, by kind and name.
    async fn label_list(&mut self) -> Stored<Vec<Label>>;
    /// What each is called, those that were deleted among them: workitems still have them.
    async fn label_names(&mut self) -> Stored<Vec<(LabelId, String)>>;
    /// Those that workitems of a team can be given, by kind and name.
    async fn labels_offered(&mut self, team: &TeamId) -> Stored<Vec<LabelRef>>;
    /// Whether another label of its kind has its name, by the key of names, and is of the same team; one of every team is of
    /// each.
    async fn label_name_taken(&mut self, label: &Label) -> Stored<bool>;
}

/// Writes of labels.
#[async_trait]
pub trait LabelRows: Send {
    /// Inserts one.
    async fn label_insert(&mut self, label: &Label) -> Stored<()>;
    /// Sets name, activity and version.
    async fn label_set(&mut self, label: &Label) -> Stored<()>;
    /// Gives a workitem a label, which it may have.
    async fn label_put(&mut self, workitem: &WorkitemId, label: &LabelId) -> Stored<()>;
    /// Takes a label from a workitem, which may not have it.
    async fn label_take(&mut self, workitem: &WorkitemId, label: &LabelId) -> Stored<()>;
}
