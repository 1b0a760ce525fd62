//! Writing one assistance template, with what the agent will see of it.
//!
//! What is typed stays until the host has stored it; a new template's text outlives a reload.

use std::time::Duration;

use shared::assistance::Template;
use shared::ids::CommandKey;
use shared::text::TEMPLATE_MAX;

use super::editor::EditorPanel;
use super::focus_soon;
use super::templates::Page;
use crate::api::ApiError;
use crate::api::templates::{template_create, template_update};
use crate::clock::new_key;
use crate::components::Field;
use crate::drafts::use_draft;
use crate::prelude::*;
use crate::routes::refusal::Refusal;

/// The names of the inputs on the wire.
const FIELDS: &[&str] = &["title", "message"];

/// The form for one template; `None` writes a new one.
#[component]
pub(super) fn TemplateEditor(page: Page, template: Option<Template>) -> impl IntoView {
    let (title, text) = match &template {
        Some(template) => (
            RwSignal::new(template.title.clone()),
            RwSignal::new(template.text.clone()),
        ),
        None => (
            use_draft("template-title".to_owned()),
            use_draft("template-message".to_owned()),
        ),
    };
    let active = RwSignal::new(template.as_ref().is_none_or(|template| template.active));
    let saving = RwSignal::new(false);
    let refusal = Refusal::new();
    let heading = if template.is_some() {
        "Edit template"
    } else {
        "New template"
    };
    let original = StoredValue::new(template);
    // One key for one new template: a save that is repeated after a lost answer adds no second one.
    let key = StoredValue::new(None);

    let dirty = page.editor().dirty;
    Effect::new(move |_| {
        let (title, text, active) = (title.get(), text.get(), active.get());
        dirty.set(original.with_value(|original| match original {
            Some(saved) => saved.title != title || saved.text != text || saved.active != active,
            // Kept as a draft: nothing is lost by leaving it.
            None => false,
        }));
    });

    let on_save = Callback::new(move |()| {
        refusal.clear();
        saving.set(true);
        // A template is one line: it is shown and sent as such.
        let typed = (
            title.get_untracked(),
            text.get_untracked().replace(['\r', '\n', '\t'], " "),
            active.get_untracked(),
        );
        spawn_local(async move {
            let answer = match original.get_value() {
                Some(saved) => template_update(saved.id, typed.0, typed.1, typed.2).await,
                None => {
                    let first = key.get_value().unwrap_or_else(new_key);
                    key.set_value(Some(first.clone()));
                    create(first, typed).await
                }
            };
            saving.set(false);
            match answer {
                Ok(template) => {
                    if original.with_value(Option::is_none) {
                        title.set(String::new());
                        text.set(String::new());
                    }
                    // Once the emptied drafts have left the storage.
                    set_timeout(move || page.saved(&template), Duration::ZERO);
                }
                Err(error) => {
                    refusal.set(error);
                    focus_soon(".editor [aria-invalid=true]".to_owned());
                }
            }
        });
    });
    let on_cancel = Callback::new(move |()| {
        original.with_value(|template| page.cancelled(template.as_ref()));
    });
    let count = Memo::new(move |_| text.with(|text| text.trim().chars().count()));
    let too_long = Memo::new(move |_| count.get() > TEMPLATE_MAX);
    let asked = RwSignal::new(false);

    view! {
        <EditorPanel
            title=heading.to_owned()
            refused=refusal.above(FIELDS)
            saving
            held=page.editor().held()
            on_save
            on_cancel
            further=move || original.get_value().map(|template| delete_view(page, template, asked))
        >
            <Field
                label="Title"
                name="template-title"
                value=title
                error=refusal.at("Title", "title")
                required=true
            />
            <Field
                label="Message"
                name="template-message"
                value=text
                error=refusal.at("Message", "message")
                lines=4
                required=true
            />
            <p class="editor__count" class:editor__count--over=move || too_long.get()>
                {move || format!("{} of {TEMPLATE_MAX} characters", count.get())}
            </p>
            <div class="editor__switch">
                <input
                    class="switch"
                    type="checkbox"
                    role="switch"
                    id="template-active"
                    aria-describedby="template-active-hint"
                    prop:checked=move || active.get()
                    on:change=move |event| active.set(event_target_checked(&event))
                />
                <label class="field__label" for="template-active">"Active"</label>
                <p class="field__hint" id="template-active-hint">"Switched off, agents are not offered it."</p>
            </div>
            <Preview title text active />
        </EditorPanel>
    }
}

/// Stores a new template. Had an earlier attempt been stored after all, its answer comes again and what was
/// typed since then is stored over it.
async fn create(
    key: CommandKey,
    (title, text, active): (String, String, bool),
) -> Result<Template, ApiError> {
    let stored = template_create(key, title.clone(), text.clone(), active).await?;
    if stored.title == title.trim() && stored.text == text.trim() && stored.active == active {
        Ok(stored)
    } else {
        template_update(stored.id, title, text, active).await
    }
}

/// Delete, with its one question.
fn delete_view(page: Page, template: Template, asked: RwSignal<bool>) -> AnyView {
    let template = StoredValue::new(template);
    dynamic(move || {
        if asked.get() {
            view! {
                <div class="editor__question" role="group" aria-labelledby="editor-question">
                    <span id="editor-question">"Delete for good?"</span>
                    <button class="button editor__keep" type="button" on:click=move |_| asked.set(false)>
                        "Keep"
                    </button>
                    <button
                        class="button button--danger"
                        type="button"
                        aria-describedby="editor-question"
                        on:click=move |_| template.with_value(|template| page.delete(template))
                    >
                        "Delete"
                    </button>
                </div>
            }
        } else {
            view! {
                <button
                    class="button button--danger editor__delete"
                    type="button"
                    on:click=move |_| {
                        asked.set(true);
                        focus_soon(".editor__keep".to_owned());
                    }
                >
                    "Delete"
                </button>
            }
        }
    })
}

/// The line of the agent's picker that this template will be.
#[component]
fn Preview(
    title: RwSignal<String>,
    text: RwSignal<String>,
    active: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <figure class="preview">
            <figcaption class="field__label">"What the agent sees"</figcaption>
            {move || if active.get() {
                view! {
                    <div class="choice preview__choice">
                        <span class="preview__radio" aria-hidden="true"></span>
                        <span class="choice__body">
                            <span class="choice__title">
                                {move || title.with(|title| or_dash(title))}
                            </span>
                            " "
                            <span class="choice__text">
                                {move || text.with(|text| or_dash(text))}
                            </span>
                        </span>
                    </div>
                }
            } else {
                view! { <p class="preview__nothing">"Nothing: it is switched off."</p> }
            }}
        </figure>
    }
}

fn or_dash(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { "…" } else { text }.to_owned()
}
