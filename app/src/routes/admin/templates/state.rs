//! What the parts of the templates' page share: the list as the host answered it last, and what is done with it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::assistance::Template;
use shared::error::AppError;
use shared::ids::TemplateId;

use super::draft::Draft;
use crate::api::ApiError;
use crate::api::templates::{template_delete, template_list, template_move};
use crate::attempt::Attempt;
use crate::drafts::{DraftSlot, use_draft_slot};
use crate::json;
use crate::routes::admin::editor::Editor;
use crate::routes::admin::focus_soon;

/// Finds the button that begins a new template.
const NEW: &str = "#template-new";

/// What the page's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct TemplatesState {
    pub(super) templates: RwSignal<Vec<Template>>,
    pub(super) editor: Editor<Draft>,
    /// Of moving and deleting.
    attempt: Attempt,
    /// Where what is typed outlives the page.
    pub(super) unsaved: DraftSlot,
    /// The one that is about to be deleted.
    pub(super) confirming: RwSignal<Option<TemplateId>>,
    busy: RwSignal<bool>,
    pub(super) trouble: RwSignal<Option<AppError>>,
    pub(super) said: RwSignal<String>,
}

impl TemplatesState {
    pub(super) fn new(templates: Vec<Template>) -> Self {
        Self {
            templates: RwSignal::new(templates),
            editor: Editor::new(),
            attempt: Attempt::new(),
            unsaved: use_draft_slot("template"),
            confirming: RwSignal::new(None),
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
            said: RwSignal::new(String::new()),
        }
    }

    /// Asks for the list again, then puts the focus where the selector says.
    fn reload(self, said: String, focus: String) {
        spawn_local(async move {
            match template_list().await {
                Ok(templates) => {
                    self.templates.set(templates);
                    self.said.set(said);
                }
                Err(ApiError(error)) => self.trouble.set(Some(error)),
            }
            self.busy.set(false);
            focus_soon(focus);
        });
    }

    /// What was said of the act before counts no longer.
    fn begin(self) {
        self.busy.set(true);
        self.trouble.set(None);
        self.said.set(String::new());
    }

    /// Moves one place; both buttons of a row at its end would lose the focus, so the other one takes it.
    pub(super) fn step(self, template: &Template, up: bool) {
        if self.busy.get_untracked() {
            return;
        }
        self.begin();
        let (id, title) = (template.id.clone(), template.title.clone());
        spawn_local(async move {
            let key = self.attempt.key(&(&id, up));
            let answer = template_move(key, id.clone(), up).await;
            self.attempt.answered(&answer);
            match answer {
                Ok(()) => {
                    let way = if up { "up" } else { "down" };
                    let other = if up { "down" } else { "up" };
                    let said = match up {
                        true => t!(templates.moved_up, title = title),
                        false => t!(templates.moved_down, title = title),
                    };
                    self.reload(
                        said,
                        format!("[data-move-{way}=\"{id}\"]:enabled, [data-move-{other}=\"{id}\"]"),
                    );
                }
                Err(ApiError(error)) => {
                    self.busy.set(false);
                    self.trouble.set(Some(error));
                }
            }
        });
    }

    /// Deletes after the question. One that is gone already is gone.
    pub(super) fn delete(self, template: &Template) {
        if self.busy.get_untracked() {
            return;
        }
        self.begin();
        let (id, title, version) = (
            template.id.clone(),
            template.title.clone(),
            template.version,
        );
        spawn_local(async move {
            let key = self.attempt.key(&(&id, version));
            let answer = template_delete(key, id.clone(), Some(version)).await;
            self.attempt.answered(&answer);
            match answer {
                Ok(()) | Err(ApiError(AppError::NotFound)) => {
                    // Somebody may have left the page while the answer was on its way.
                    if self.confirming.try_set(None).is_some() {
                        return;
                    }
                    // Another one that is being edited stays as it is.
                    if self
                        .editor
                        .peek()
                        .is_some_and(|draft| draft.template.as_ref() == Some(&id))
                    {
                        self.close(NEW.to_owned());
                    }
                    self.reload(t!(templates.deleted, title = title), NEW.to_owned());
                }
                Err(ApiError(error)) => {
                    // Changed meanwhile: the list shows how it reads now.
                    if matches!(error, AppError::Conflict { .. })
                        && let Ok(templates) = template_list().await
                    {
                        self.templates.try_set(templates);
                        self.confirming.try_set(None);
                    }
                    self.busy.try_set(false);
                    self.trouble.try_set(Some(error));
                }
            }
        });
    }

    /// The editor has saved this one.
    pub(super) fn saved(self, template: &Template) {
        let focus = format!("[data-edit=\"{}\"]", template.id);
        self.trouble.set(None);
        self.close(focus.clone());
        self.reload(t!(templates.saved, title = template.title), focus);
    }

    /// Somebody else has saved this one meanwhile, and what they wrote is gone on with.
    pub(super) fn replaced(self, template: Template) {
        self.unsaved.store(None);
        self.templates.update(|list| {
            for known in list.iter_mut().filter(|known| known.id == template.id) {
                known.clone_from(&template);
            }
        });
        self.editor.reopen(Draft::of(Some(&template)));
    }

    /// The editor was left without saving.
    pub(super) fn cancelled(self, template: Option<&Template>) {
        self.close(template.map_or_else(
            || NEW.to_owned(),
            |template| format!("[data-edit=\"{}\"]", template.id),
        ));
    }

    /// Closes the editor; what was typed is stored now, or nobody wants it any more.
    fn close(self, focus: String) {
        self.unsaved.store(None);
        self.editor.close(focus);
    }

    /// Goes on with what was typed when the page was left.
    pub(super) fn restore(self) {
        self.unsaved.load(move |text| {
            if let Some(draft) = json::read(&text) {
                self.go_on_with(draft);
            }
        });
    }

    fn go_on_with(self, mut draft: Draft) {
        // It was stored after all, when nobody waited for the answer any more.
        if self
            .templates
            .with_untracked(|list| list.iter().any(|template| draft.is_stored_as(template)))
        {
            self.unsaved.store(None);
            return;
        }
        // Deleted meanwhile: what was typed would be a new one.
        draft.template = self.template(draft.template.as_ref()).map(|found| found.id);
        self.editor.open(draft);
        self.editor.dirty.set(true);
    }

    /// The template as the host answered it last. Not tracked.
    pub(super) fn template(self, id: Option<&TemplateId>) -> Option<Template> {
        self.templates.with_untracked(|list| {
            list.iter()
                .find(|template| Some(&template.id) == id)
                .cloned()
        })
    }
}
