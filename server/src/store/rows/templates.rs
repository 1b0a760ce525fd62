//! Assistance templates, in the administrators' order.

use async_trait::async_trait;
use shared::assistance::Template;
use shared::ids::TemplateId;

use crate::store::Stored;

/// Reads of templates.
#[async_trait]
pub trait TemplateReads: Send {
    /// A template.
    async fn template_find(&mut self, template: &TemplateId) -> Stored<Option<Template>>;
    /// Templates in order.
    async fn template_list(&mut self, active_only: bool) -> Stored<Vec<Template>>;
    /// The place of a template in the order.
    async fn template_place(&mut self, template: &TemplateId) -> Stored<Option<i64>>;
    /// The template next to a place, above or below, with its own place; `None` at the end of the list.
    async fn template_beside(&mut self, place: i64, up: bool) -> Stored<Option<(TemplateId, i64)>>;
}

/// Writes of templates.
#[async_trait]
pub trait TemplateRows: Send {
    /// Inserts a template at the end.
    async fn template_insert(&mut self, template: &Template) -> Stored<()>;
    /// Sets everything of a template but its place.
    async fn template_set(&mut self, template: &Template) -> Stored<()>;
    /// Sets the place of a template.
    async fn template_set_place(&mut self, template: &TemplateId, place: i64) -> Stored<()>;
    /// Deletes a template.
    async fn template_delete(&mut self, template: &TemplateId) -> Stored<()>;
}
