//! `/admin/templates`: the assistance templates in the order in which agents are offered them (M07).
//!
//! The list is what the host answered last; every change asks for it again.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::assistance::Template;
use shared::error::AppError;
use shared::ids::TemplateId;

use super::editor::Editor;
use super::template_editor::{Draft, TemplateEditor};
use super::{focus_soon, loading_view, trouble_view};
use crate::api::ApiError;
use crate::api::templates::{TemplateList, template_delete, template_list, template_move};
use crate::attempt::Attempt;
use crate::components::{Icon, PageTitle};
use crate::drafts::{Kept, use_kept};
use crate::first_data::first_answer;
use crate::json;

/// Finds the button that begins a new template.
const NEW: &str = "#template-new";

/// The page of the administrators' messages.
#[component]
pub fn TemplatesPage() -> impl IntoView {
    let loaded = first_answer(|| Some(TemplateList {}));
    view! {
        <PageTitle text="Assistance templates" />
        {loaded.show(loading_view, |templates| view! { <Templates templates /> }.into_any())}
    }
}

/// What the page's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Page {
    templates: RwSignal<Vec<Template>>,
    editor: Editor<Draft>,
    /// Of moving and deleting.
    attempt: Attempt,
    /// Where what is typed outlives the page.
    unsaved: Kept,
    /// The one that is about to be deleted.
    confirming: RwSignal<Option<TemplateId>>,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<AppError>>,
    said: RwSignal<String>,
}

impl Page {
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

    /// Moves one place; both buttons of a row at its end would lose the focus, so the other one takes it.
    fn step(self, template: &Template, up: bool) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.trouble.set(None);
        let (id, title) = (template.id.clone(), template.title.clone());
        spawn_local(async move {
            let key = self.attempt.key(&(&id, up));
            let answer = template_move(key, id.clone(), up).await;
            self.attempt.answered(&answer);
            match answer {
                Ok(()) => {
                    let way = if up { "up" } else { "down" };
                    let other = if up { "down" } else { "up" };
                    self.reload(
                        format!("Moved “{title}” {way}."),
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
        self.busy.set(true);
        self.trouble.set(None);
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
                    self.reload(format!("Deleted “{title}”."), NEW.to_owned());
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
        self.reload(format!("Saved “{}”.", template.title), focus);
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
    fn restore(self) {
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

    /// The editor whose changes are not saved yet.
    pub(super) fn editor(self) -> Editor<Draft> {
        self.editor
    }

    /// Where what is typed outlives the page.
    pub(super) fn unsaved(self) -> Kept {
        self.unsaved
    }
}

#[component]
fn Templates(templates: Vec<Template>) -> impl IntoView {
    let page = Page {
        templates: RwSignal::new(templates),
        editor: Editor::new(),
        attempt: Attempt::new(),
        unsaved: use_kept("template"),
        confirming: RwSignal::new(None),
        busy: RwSignal::new(false),
        trouble: RwSignal::new(None),
        said: RwSignal::new(String::new()),
    };
    Effect::new(move || page.restore());
    let none_active = move || {
        page.templates
            .with(|list| !list.iter().any(|template| template.active))
    };
    view! {
        <div class="page admin">
            <div class="page__head">
                <h1 class="page__title">"Assistance templates"</h1>
                <p class="admin__said" role="status">{move || page.said.get()}</p>
                <button
                    class="button button--primary"
                    type="button"
                    id="template-new"
                    on:click=move |_| page.editor.open(Draft::of(None))
                >
                    <Icon name="plus" />
                    "New template"
                </button>
            </div>
            <p class="admin__lead">
                "The messages that agents choose from when they ask for assistance, in this order."
            </p>
            {trouble_view(page.trouble)}
            {move || none_active().then(|| view! {
                <p class="notice notice--warn">
                    <Icon name="warning" />
                    "No template is active: agents have no Assistance button."
                </p>
            }.into_any())}
            <div class="admin__split">
                {move || page.editor.get().map(|draft| view! { <TemplateEditor page draft /> }.into_any())}
                <div class="admin__list card">
                    {move || if page.templates.with(Vec::is_empty) {
                        view! {
                            <div class="empty">
                                <Icon name="template" />
                                <p class="empty__title">"No templates yet"</p>
                                <p class="empty__line">
                                    "Without an active template agents have no Assistance button. Write the first one."
                                </p>
                            </div>
                        }.into_any()
                    } else {
                        view! { <Table page /> }.into_any()
                    }}
                </div>
            </div>
        </div>
    }
}

#[component]
fn Table(page: Page) -> impl IntoView {
    view! {
        <table class="table admin__table" aria-label="Assistance templates">
            <thead>
                <tr>
                    <th scope="col">"Title"</th>
                    <th scope="col">"Message"</th>
                    <th scope="col">"Active"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || page.templates.get()
                    key=|template| {
                        (template.id.clone(), template.version, template.title.clone(), template.text.clone(), template.active)
                    }
                    let:template
                >
                    <Row page template />
                </For>
            </tbody>
        </table>
    }
}

#[component]
fn Row(page: Page, template: Template) -> impl IntoView {
    let id = template.id.clone();
    let whole = StoredValue::new(template.clone());
    let asked = Memo::new(move |_| page.confirming.with(|asked| asked.as_ref() == Some(&id)));
    let actions = move || {
        if asked.get() {
            view! { <Confirm page template=whole.get_value() /> }.into_any()
        } else {
            view! { <Actions page whole /> }.into_any()
        }
    };
    view! {
        <tr>
            <th scope="row" class="admin__name">{template.title}</th>
            <td class="admin__text">{template.text}</td>
            <td>
                {if template.active {
                    view! { <span class="badge badge--ok">"Yes"</span> }.into_any()
                } else {
                    view! { <span class="badge">"No"</span> }.into_any()
                }}
            </td>
            <td class="admin__cell">{actions}</td>
        </tr>
    }
}

/// What can be done with a template.
#[component]
fn Actions(page: Page, whole: StoredValue<Template>) -> impl IntoView {
    let id = whole.with_value(|template| template.id.clone());
    let name = id.to_string();
    let is = move |found: Option<&Template>| {
        found.is_some_and(|found| whole.with_value(|template| found.id == template.id))
    };
    let is_first = Memo::new(move |_| page.templates.with(|list| is(list.first())));
    let is_last = Memo::new(move |_| page.templates.with(|list| is(list.last())));
    view! {
        <div class="admin__actions admin__actions--line">
            <button
                class="button button--quiet"
                type="button"
                data-edit=name.clone()
                on:click=move |_| page.editor.open(whole.with_value(|template| Draft::of(Some(template))))
            >
                <Icon name="edit" />
                "Edit"
            </button>
            <button
                class="button button--quiet button--icon"
                type="button"
                aria-label="Move up"
                title="Move up"
                data-move-up=name.clone()
                disabled=move || is_first.get()
                on:click=move |_| whole.with_value(|template| page.step(template, true))
            >
                <Icon name="arrow-up" />
            </button>
            <button
                class="button button--quiet button--icon"
                type="button"
                aria-label="Move down"
                title="Move down"
                data-move-down=name.clone()
                disabled=move || is_last.get()
                on:click=move |_| whole.with_value(|template| page.step(template, false))
            >
                <Icon name="arrow-down" />
            </button>
            <button
                class="button button--quiet button--icon button--danger"
                type="button"
                aria-label="Delete"
                title="Delete"
                data-delete=name.clone()
                on:click=move |_| {
                    page.confirming.set(Some(id.clone()));
                    focus_soon(".admin__keep".to_owned());
                }
            >
                <Icon name="trash" />
            </button>
        </div>
    }
}

/// The one question before a template is deleted. "Keep" lies where "Delete" was: a double click deletes nothing.
#[component]
fn Confirm(page: Page, template: Template) -> impl IntoView {
    let template = StoredValue::new(template);
    let keep = move || {
        page.confirming.set(None);
        focus_soon(template.with_value(|template| format!("[data-delete=\"{}\"]", template.id)));
    };
    view! {
        <div
            class="admin__actions admin__question"
            role="group"
            aria-labelledby="template-question"
            on:keydown=move |event: leptos::ev::KeyboardEvent| {
                if event.key() == "Escape" {
                    keep();
                }
            }
        >
            <span id="template-question">"Delete for good?"</span>
            <button
                class="button button--danger"
                type="button"
                aria-describedby="template-question"
                on:click=move |_| template.with_value(|template| page.delete(template))
            >
                "Delete"
            </button>
            <button class="button admin__keep" type="button" on:click=move |_| keep()>"Keep"</button>
        </div>
    }
}
