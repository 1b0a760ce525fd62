//! Writing one assistance template, with what the agent will see of it.
//!
//! What is typed stays until the host has stored it or somebody cancels it: leaving the page or a reload loses
//! nothing.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use shared::assistance::Template;
use shared::ids::{CommandKey, TemplateId};
use shared::text::TEMPLATE_MAX;

use super::editor::EditorPanel;
use super::focus_soon;
use super::meanwhile::{Meanwhile, rival};
use super::templates::Page;
use crate::api::ApiError;
use crate::api::templates::{template_create, template_list, template_update};
use crate::attempt::Attempt;
use crate::clock::new_key;
use crate::components::Field;
use crate::json;
use crate::routes::refusal::Refusal;

/// The names of the inputs on the wire.
const FIELDS: &[&str] = &["title", "message"];

/// What stands in the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Draft {
    /// Of which template; `None` for a new one.
    pub(super) template: Option<TemplateId>,
    title: String,
    text: String,
    active: bool,
    /// The version of the template that this started from.
    #[serde(default)]
    version: i64,
}

impl Draft {
    /// The form as it opens: with a template as it is stored, or empty for a new one.
    pub(super) fn of(template: Option<&Template>) -> Self {
        template.map_or(
            Self {
                template: None,
                title: String::new(),
                text: String::new(),
                active: true,
                version: 0,
            },
            |template| Self {
                template: Some(template.id.clone()),
                title: template.title.clone(),
                text: template.text.clone(),
                active: template.active,
                version: template.version,
            },
        )
    }

    /// Whether both forms say the same.
    fn reads_as(&self, other: &Self) -> bool {
        self.title == other.title && self.text == other.text && self.active == other.active
    }

    /// Whether the template says the same.
    pub(super) fn is_stored_as(&self, template: &Template) -> bool {
        self.title.trim() == template.title
            && one_line(&self.text).trim() == template.text
            && self.active == template.active
    }
}

/// The form for one template.
#[component]
pub(super) fn TemplateEditor(page: Page, draft: Draft) -> impl IntoView {
    let original = page.template(draft.template.as_ref());
    let opened = Draft::of(original.as_ref());
    let restored = !draft.reads_as(&opened);
    let title = RwSignal::new(draft.title);
    let text = RwSignal::new(draft.text);
    let active = RwSignal::new(draft.active);
    let saving = RwSignal::new(false);
    let refusal = Refusal::new();
    let heading = if original.is_some() {
        "Edit template"
    } else {
        "New template"
    };
    let original = StoredValue::new(original);
    // One key for one new template: a save that is repeated after a lost answer adds no second one.
    let key = StoredValue::new(None);
    let attempt = Attempt::new();
    let version = StoredValue::new(draft.version);
    // The template as somebody else has saved it since.
    let theirs = RwSignal::new(None::<Template>);

    let dirty = page.editor().dirty;
    Effect::new(move |_| {
        let now = Draft {
            template: opened.template.clone(),
            title: title.get(),
            text: text.get(),
            active: active.get(),
            version: draft.version,
        };
        dirty.set(!now.reads_as(&opened));
        let unsaved = (!now.reads_as(&opened))
            .then(|| json::write(&now))
            .flatten();
        page.unsaved().store(unsaved.as_deref());
    });

    let on_save = Callback::new(move |()| {
        refusal.clear();
        theirs.set(None);
        saving.set(true);
        let typed = (
            title.get_untracked(),
            text.with_untracked(|text| one_line(text)),
            active.get_untracked(),
        );
        spawn_local(async move {
            let answer = match original.get_value() {
                Some(saved) => {
                    let (seen, (title, text, active)) = (version.get_value(), typed);
                    let key = attempt.key(&(&saved.id, seen, &title, &text, active));
                    let answer =
                        template_update(key, saved.id.clone(), Some(seen), title, text, active)
                            .await;
                    attempt.answered(&answer);
                    if let Err(error) = &answer {
                        let load = async {
                            let list = template_list().await?;
                            Ok(list.into_iter().find(|known| known.id == saved.id))
                        };
                        let now = rival(error, seen, |now: &Template| now.version, load).await;
                        theirs.try_set(now);
                    }
                    answer
                }
                None => {
                    let first = key.get_value().unwrap_or_else(new_key);
                    key.set_value(Some(first.clone()));
                    create(first, typed).await
                }
            };
            // Somebody may have left the page while the answer was on its way.
            if saving.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(template) => page.saved(&template),
                Err(error) => {
                    refusal.set(error);
                    focus_soon(".editor [aria-invalid=true], .editor__theirs".to_owned());
                }
            }
        });
    });
    let on_theirs = Callback::new(move |()| {
        if let Some(template) = theirs.get_untracked() {
            page.replaced(template);
        }
    });
    let on_mine = Callback::new(move |()| {
        if let Some(template) = theirs.get_untracked() {
            version.set_value(template.version);
            on_save.run(());
        }
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
            <Meanwhile shown=Signal::derive(move || theirs.with(Option::is_some)) on_theirs on_mine />
            {restored.then(|| view! {
                <p class="notice notice--info" role="status">"You typed this earlier. It is not saved yet."</p>
            }.into_any())}
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

/// A template is one line: it is shown and sent as such.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n', '\t'], " ")
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
        let version = Some(stored.version);
        template_update(Some(new_key()), stored.id, version, title, text, active).await
    }
}

/// Delete, with its one question.
fn delete_view(page: Page, template: Template, asked: RwSignal<bool>) -> impl IntoView {
    let template = StoredValue::new(template);
    move || {
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
            }.into_any()
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
            .into_any()
        }
    }
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
                }.into_any()
            } else {
                view! { <p class="preview__nothing">"Nothing: it is switched off."</p> }.into_any()
            }}
        </figure>
    }
}

fn or_dash(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { "…" } else { text }.to_owned()
}
