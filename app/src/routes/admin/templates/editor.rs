//! Writing one assistance template, with what the agent will see of it.
//!
//! What is typed stays until the host has stored it or somebody cancels it: leaving the page or a reload loses
//! nothing.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::assistance::{TARGET_MAX_MIN, Template};
use shared::error::{AppError, Difference};
use shared::ids::CommandKey;
use shared::text::{TEMPLATE_MAX, TemplateText, TemplateTitle, one_line, tidy_line};

use super::draft::{Draft, typed_target};
use super::state::TemplatesState;
use crate::api::ApiError;
use crate::api::templates::{template_create, template_list, template_update};
use crate::attempt::Attempt;
use crate::components::Field;
use crate::json;
use crate::language::number;
use crate::random::new_key;
use crate::routes::admin::editor::EditorPanel;
use crate::routes::admin::focus_soon;
use crate::routes::admin::meanwhile::{Meanwhile, follow, only_theirs, rival};
use crate::routes::refusal::Refusal;

/// The names of the inputs on the wire.
const FIELDS: &[&str] = &["title", "message", "target"];

/// Title, text, whether it is active, and its target time in minutes (0: none).
type Typed = (String, String, bool, i64);

/// One template as it is being written. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Form {
    state: TemplatesState,
    /// As it is stored; `None` for a new one.
    original: StoredValue<Option<Template>>,
    title: RwSignal<String>,
    text: RwSignal<String>,
    active: RwSignal<bool>,
    target: RwSignal<String>,
    /// The version that a save replaces.
    version: StoredValue<i64>,
    /// The template as somebody else has saved it since.
    theirs: RwSignal<Option<Template>>,
    attempt: Attempt,
    /// One key for one new template: a save that is repeated after a lost answer adds no second one.
    key: StoredValue<Option<CommandKey>>,
    saving: RwSignal<bool>,
    refusal: Refusal,
}

impl Form {
    fn new(state: TemplatesState, original: Option<Template>, draft: Draft) -> Self {
        Self {
            state,
            original: StoredValue::new(original),
            title: RwSignal::new(draft.title),
            text: RwSignal::new(draft.text),
            active: RwSignal::new(draft.active),
            target: RwSignal::new(draft.target),
            version: StoredValue::new(draft.version),
            theirs: RwSignal::new(None),
            attempt: Attempt::new(),
            key: StoredValue::new(None),
            saving: RwSignal::new(false),
            refusal: Refusal::new(),
        }
    }

    /// What is typed, and what is wrong with it.
    fn typed(self) -> (Typed, Vec<AppError>) {
        let target = self.target.with_untracked(|target| typed_target(target));
        let typed = (
            self.title.get_untracked(),
            self.text.with_untracked(|text| one_line(text)),
            self.active.get_untracked(),
            target.as_ref().ok().copied().flatten().unwrap_or_default(),
        );
        let title = TemplateTitle::parse(&typed.0).err().into_iter();
        let wrong = title.chain(TemplateText::parse(&typed.1).err());
        let wrong = wrong.chain(target.err()).collect();
        (typed, wrong)
    }

    fn save(self) {
        self.refusal.clear();
        self.state.said.set(String::new());
        self.theirs.set(None);
        let (typed, wrong) = self.typed();
        if self.refusal.set_all(wrong) {
            focus_soon(".editor [aria-invalid=true]".to_owned());
            return;
        }
        self.saving.set(true);
        spawn_local(async move {
            let answer = match self.original.get_value() {
                Some(saved) => self.update(saved, typed).await,
                None => {
                    let first = self.key.get_value().unwrap_or_else(new_key);
                    self.key.set_value(Some(first.clone()));
                    create(first, typed).await
                }
            };
            // Somebody may have left the page while the answer was on its way.
            if self.saving.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(template) => self.state.saved(&template),
                Err(error) => {
                    self.refusal.set(error);
                    focus_soon(".editor [aria-invalid=true], .editor__theirs".to_owned());
                }
            }
        });
    }

    /// Stores the changes. When somebody else was quicker, goes on from what they wrote.
    async fn update(
        self,
        saved: Template,
        (title, text, active, target): Typed,
    ) -> Result<Template, ApiError> {
        let (id, seen) = (saved.id.clone(), self.version.get_value());
        let content = (&id, seen, &title, &text, active, target);
        let key = self.attempt.key(&content);
        let target = Some(target);
        let mut answer = template_update(key, id, Some(seen), title, text, active, target).await;
        self.attempt.answered(&answer);
        if let Err(error) = &mut answer {
            let load = async {
                let list = template_list().await?;
                Ok(list.into_iter().find(|known| known.id == saved.id))
            };
            let now = rival(error, seen, |now: &Template| now.version, load).await;
            if let Some(now) = now
                && self.saving.try_get_untracked().is_some()
            {
                // What a draft of an older version was shown with is not known.
                let shown = (saved.version == seen).then_some(&saved);
                if let Some(shown) = shown {
                    only_theirs(error, &differences(shown));
                }
                self.start_from(now, shown);
            }
        }
        answer
    }

    /// Goes on from the template as it is by now; before, the form was shown with another one.
    fn start_from(self, now: Template, shown: Option<&Template>) {
        self.version.set_value(now.version);
        self.original.set_value(Some(now.clone()));
        if shown.is_some() {
            let (shown, stored) = (Draft::of(shown), Draft::of(Some(&now)));
            follow(self.title, &shown.title, &stored.title);
            follow(self.text, &shown.text, &stored.text);
            follow(self.active, &shown.active, &stored.active);
            follow(self.target, &shown.target, &stored.target);
        }
        self.theirs.set(Some(now));
    }

    fn take_theirs(self) {
        if let Some(template) = self.theirs.get_untracked() {
            self.state.replaced(template);
        }
    }

    fn cancel(self) {
        self.original
            .with_value(|template| self.state.cancelled(template.as_ref()));
    }
}

/// A template as a refusal would name it.
fn differences(template: &Template) -> [Difference; 4] {
    [
        Difference::Title(template.title.clone()),
        Difference::Message(template.text.clone()),
        Difference::Active(template.active),
        Difference::Target(template.target_min),
    ]
}

/// Keeps what differs from the template as it is stored where it outlives the page.
fn use_unsaved(form: Form) {
    let state = form.state;
    let dirty = state.editor.dirty;
    Effect::new(move |_| {
        let stored = (form.original).with_value(|stored| Draft::of(stored.as_ref()));
        let now = Draft {
            template: stored.template.clone(),
            title: form.title.get(),
            text: form.text.get(),
            active: form.active.get(),
            target: form.target.get(),
            version: form.version.get_value(),
        };
        let changed = !now.reads_as(&stored);
        dirty.set(changed);
        let unsaved = changed.then(|| json::write(&now)).flatten();
        state.unsaved.store(unsaved.as_deref());
    });
}

/// The form for one template.
#[component]
pub(super) fn TemplateEditor(state: TemplatesState, draft: Draft) -> impl IntoView {
    let original = state.template(draft.template.as_ref());
    let heading = match &original {
        Some(_) => t!(templates.edit),
        None => t!(templates.new),
    };
    let restored = !draft.reads_as(&Draft::of(original.as_ref()));
    let form = Form::new(state, original, draft);
    use_unsaved(form);
    let Form {
        title,
        text,
        active,
        theirs,
        refusal,
        ..
    } = form;
    let asked = RwSignal::new(false);
    view! {
        <EditorPanel
            title=heading.to_owned()
            refused=refusal.above(FIELDS)
            saving=form.saving
            held=state.editor.held()
            on_save=Callback::new(move |()| form.save())
            on_cancel=Callback::new(move |()| form.cancel())
            further=move || form.original.get_value().map(|template| delete_view(state, template, asked))
        >
            <Meanwhile
                shown=Signal::derive(move || theirs.with(Option::is_some))
                on_theirs=Callback::new(move |()| form.take_theirs())
                on_mine=Callback::new(move |()| form.save())
            />
            {restored.then(|| view! {
                <p class="notice notice--info" role="status">{t!(templates.restored)}</p>
            }.into_any())}
            <Field
                label=t!(templates.name)
                name="template-title"
                value=title
                error=refusal.at("title")
                required=true
            />
            <Field
                label=t!(templates.message)
                name="template-message"
                value=text
                error=refusal.at("message")
                lines=4
                required=true
            />
            <Count text />
            <Field
                label=t!(templates.target)
                name="template-target"
                value=form.target
                error=refusal.at("target")
                hint=t!(templates.target_hint, max = number(TARGET_MAX_MIN))
                inputmode="numeric"
            />
            <ActiveSwitch active />
            <Preview title text active />
        </EditorPanel>
    }
}

/// How long the message is, of what it may be.
#[component]
fn Count(text: RwSignal<String>) -> impl IntoView {
    let count = Memo::new(move |_| text.with(|text| tidy_line(&one_line(text)).chars().count()));
    let too_long = Memo::new(move |_| count.get() > TEMPLATE_MAX);
    view! {
        <p class="editor__count" class:editor__count--over=move || too_long.get()>
            {move || t!(templates.length, actual = number(count.get()), max = number(TEMPLATE_MAX))}
        </p>
    }
}

/// Whether agents are offered it.
#[component]
fn ActiveSwitch(active: RwSignal<bool>) -> impl IntoView {
    view! {
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
            <label class="field__label" for="template-active">{t!(templates.active)}</label>
            <p class="field__hint" id="template-active-hint">{t!(templates.active_hint)}</p>
        </div>
    }
}

/// Stores a new template. Had an earlier attempt been stored after all, its answer comes again and what was
/// typed since then is stored over it.
async fn create(
    key: CommandKey,
    (title, text, active, target): Typed,
) -> Result<Template, ApiError> {
    let stored = template_create(key, title.clone(), text.clone(), active, Some(target)).await?;
    if stored.title == tidy_line(&title)
        && stored.text == tidy_line(&text)
        && stored.active == active
        && stored.target_min.unwrap_or_default() == target
    {
        Ok(stored)
    } else {
        let version = Some(stored.version);
        let (key, target) = (Some(new_key()), Some(target));
        template_update(key, stored.id, version, title, text, active, target).await
    }
}

/// Delete, with its one question.
fn delete_view(state: TemplatesState, template: Template, asked: RwSignal<bool>) -> impl IntoView {
    let template = StoredValue::new(template);
    move || {
        if asked.get() {
            view! {
                <div class="editor__question" role="group" aria-labelledby="editor-question">
                    <span id="editor-question">{t!(templates.delete_question)}</span>
                    <button class="button editor__keep" type="button" on:click=move |_| asked.set(false)>
                        {t!(common.cancel)}
                    </button>
                    <button
                        class="button button--danger"
                        type="button"
                        aria-describedby="editor-question"
                        on:click=move |_| template.with_value(|template| state.delete(template))
                    >
                        {t!(common.delete)}
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
                    {t!(common.delete)}
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
            <figcaption class="field__label">{t!(templates.preview)}</figcaption>
            {move || if active.get() {
                view! {
                    <div class="choice preview__choice">
                        <span class="preview__radio" aria-hidden="true"></span>
                        <span class="choice__body">
                            <span class="choice__title" dir="auto">
                                {move || title.with(|title| or_dash(title))}
                            </span>
                            " "
                            <span class="choice__text" dir="auto">
                                {move || text.with(|text| or_dash(text))}
                            </span>
                        </span>
                    </div>
                }.into_any()
            } else {
                view! { <p class="preview__nothing">{t!(templates.preview_off)}</p> }.into_any()
            }}
        </figure>
    }
}

fn or_dash(text: &str) -> String {
    let text = tidy_line(text);
    if text.is_empty() {
        "…".to_owned()
    } else {
        text
    }
}
