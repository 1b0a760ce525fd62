//! `/admin/templates`: the assistance templates in the order in which agents are offered them (M07).
//!
//! The list is what the host answered last; every change asks for it again.

mod draft;
mod editor;
mod state;

use leptos::prelude::*;
use shared::assistance::Template;

use self::draft::Draft;
use self::editor::TemplateEditor;
use self::state::TemplatesState;
use super::{focus_soon, loading_view, trouble_view};
use crate::api::templates::TemplateList;
use crate::components::{Icon, PageTitle};
use crate::first_data::first_answer;

/// The page of the administrators' messages.
#[component]
pub fn TemplatesPage() -> impl IntoView {
    let loaded = first_answer(|| Some(TemplateList {}));
    view! {
        <PageTitle text=t!(templates.title) />
        {loaded.show(loading_view, |templates| view! { <Templates templates /> }.into_any())}
    }
}

#[component]
fn Templates(templates: Vec<Template>) -> impl IntoView {
    let state = TemplatesState::new(templates);
    Effect::new(move || state.restore());
    let none_active = move || {
        // Where there is none, the list says what that means.
        (state.templates)
            .with(|list| !list.is_empty() && !list.iter().any(|template| template.active))
    };
    view! {
        <div class="page admin">
            <div class="page__head">
                <h1 class="page__title">{t!(templates.title)}</h1>
                <p class="admin__said" role="status">{move || state.said.get()}</p>
                <button
                    class="button button--primary"
                    type="button"
                    id="template-new"
                    on:click=move |_| state.editor.open(Draft::of(None))
                >
                    <Icon name="plus" />
                    {t!(templates.new)}
                </button>
            </div>
            <p class="admin__lead">
                {t!(templates.lead)}
            </p>
            {trouble_view(state.trouble)}
            {move || none_active().then(|| view! {
                <p class="notice notice--warn">
                    <Icon name="warning" />
                    {t!(templates.none_active)}
                </p>
            }.into_any())}
            <div class="admin__split">
                {move || state.editor.get().map(|draft| view! { <TemplateEditor state draft /> }.into_any())}
                <div class="admin__list card">
                    {move || if state.templates.with(Vec::is_empty) {
                        view! {
                            <div class="empty">
                                <Icon name="template" />
                                <p class="empty__title">{t!(templates.none)}</p>
                                <p class="empty__line">
                                    {t!(templates.none_line)}
                                </p>
                            </div>
                        }.into_any()
                    } else {
                        view! { <Table state /> }.into_any()
                    }}
                </div>
            </div>
        </div>
    }
}

#[component]
fn Table(state: TemplatesState) -> impl IntoView {
    view! {
        <table class="table admin__table" aria-label=t!(templates.title)>
            <thead>
                <tr>
                    <th scope="col">{t!(templates.name)}</th>
                    <th scope="col">{t!(templates.message)}</th>
                    <th scope="col">{t!(templates.active)}</th>
                    <th scope="col"><span class="visually-hidden">{t!(common.actions)}</span></th>
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || state.templates.get()
                    key=|template| {
                        (template.id.clone(), template.version, template.title.clone(), template.text.clone(), template.active, template.target_min)
                    }
                    let:template
                >
                    <Row state template />
                </For>
            </tbody>
        </table>
    }
}

#[component]
fn Row(state: TemplatesState, template: Template) -> impl IntoView {
    let id = template.id.clone();
    let whole = StoredValue::new(template.clone());
    let asked = Memo::new(move |_| state.confirming.with(|asked| asked.as_ref() == Some(&id)));
    // The buttons keep their room below the question.
    let question = move || {
        (asked.get()).then(|| view! { <Confirm state template=whole.get_value() /> }.into_any())
    };
    view! {
        <tr>
            <th scope="row" class="admin__name" dir="auto">{template.title}</th>
            <td class="admin__text">
                <span dir="auto">{template.text}</span>
                {template.target_min.map(|minutes| view! {
                    " "<span class="badge">{t!(templates.within, count = minutes)}</span>
                }.into_any())}
            </td>
            <td>
                {if template.active {
                    view! { <span class="badge badge--ok">{t!(templates.active_yes)}</span> }.into_any()
                } else {
                    view! { <span class="badge">{t!(templates.active_no)}</span> }.into_any()
                }}
            </td>
            <td class="admin__cell">
                <Actions state whole />
                {question}
            </td>
        </tr>
    }
}

/// What can be done with a template.
#[component]
fn Actions(state: TemplatesState, whole: StoredValue<Template>) -> impl IntoView {
    let id = whole.with_value(|template| template.id.clone());
    let name = id.to_string();
    let is = move |found: Option<&Template>| {
        found.is_some_and(|found| whole.with_value(|template| found.id == template.id))
    };
    let is_first = Memo::new(move |_| state.templates.with(|list| is(list.first())));
    let is_last = Memo::new(move |_| state.templates.with(|list| is(list.last())));
    view! {
        <div class="admin__actions admin__actions--line">
            <button
                class="button button--quiet"
                type="button"
                data-edit=name.clone()
                on:click=move |_| state.editor.open(whole.with_value(|template| Draft::of(Some(template))))
            >
                <Icon name="edit" />
                {t!(common.edit)}
            </button>
            <button
                class="button button--quiet button--icon"
                type="button"
                aria-label=t!(templates.up)
                title=t!(templates.up)
                data-move-up=name.clone()
                disabled=move || is_first.get()
                on:click=move |_| whole.with_value(|template| state.step(template, true))
            >
                <Icon name="arrow-up" />
            </button>
            <button
                class="button button--quiet button--icon"
                type="button"
                aria-label=t!(templates.down)
                title=t!(templates.down)
                data-move-down=name.clone()
                disabled=move || is_last.get()
                on:click=move |_| whole.with_value(|template| state.step(template, false))
            >
                <Icon name="arrow-down" />
            </button>
            <button
                class="button button--quiet button--icon button--danger"
                type="button"
                aria-label=t!(common.delete)
                title=t!(common.delete)
                data-delete=name.clone()
                on:click=move |_| {
                    state.confirming.set(Some(id.clone()));
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
fn Confirm(state: TemplatesState, template: Template) -> impl IntoView {
    let template = StoredValue::new(template);
    let keep = move || {
        state.confirming.set(None);
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
            <span id="template-question">{t!(templates.delete_question)}</span>
            <button
                class="button button--danger"
                type="button"
                aria-describedby="template-question"
                on:click=move |_| template.with_value(|template| state.delete(template))
            >
                {t!(common.delete)}
            </button>
            <button class="button admin__keep" type="button" on:click=move |_| keep()>{t!(common.cancel)}</button>
        </div>
    }
}
