//! The two groups of radio buttons in the Assistance picker: which message, and to whom. They write what the
//! agent chooses into `Picked` and load nothing.

use leptos::prelude::*;
use shared::assistance::AssistanceOptions;
use shared::ids::UserId;

use super::Picked;
use super::reach::Kind;

use crate::language::label;

/// From so many messages on they can be searched.
const SEARCH_FROM: usize = 8;

/// Which message.
#[component]
pub fn Messages(picked: Picked) -> impl IntoView {
    let templates = Memo::new(move |_| picked.found());
    let many = Memo::new(move |_| {
        let count = |options: &AssistanceOptions| options.templates.len();
        picked
            .options
            .with(|options| options.as_ref().map_or(0, count) >= SEARCH_FROM)
    });
    view! {
        <fieldset class="choices" role="radiogroup" aria-labelledby="assistance-message">
            <legend class="choices__legend" id="assistance-message">{t!(assistance.message)}</legend>
            <Show when=move || many.get()>
                <input
                    class="input"
                    dir="auto"
                    type="search"
                    placeholder=t!(assistance.search)
                    aria-label=t!(assistance.search)
                    on:input=move |event| picked.search.set(event_target_value(&event))
                />
            </Show>
            <For
                each=move || templates.get()
                key=|template| (template.id.clone(), template.title.clone(), template.text.clone())
                let:template
            >
                {
                    let id = template.id.clone();
                    let checked = {
                        let id = id.clone();
                        move || picked.message().as_ref() == Some(&id)
                    };
                    let name_id = format!("assistance-message-{id}");
                    let text_id = format!("assistance-text-{id}");
                    view! {
                        <label class="choice">
                            <input
                                class="choice__radio"
                                type="radio"
                                name="assistance-message"
                                aria-labelledby=name_id.clone()
                                aria-describedby=text_id.clone()
                                prop:checked=checked
                                on:change=move |_| picked.message.set(Some(id.clone()))
                            />
                            <span class="choice__body">
                                <span class="choice__title" dir="auto" id=name_id>{template.title.clone()}</span>
                                <span class="choice__text" dir="auto" id=text_id>{template.text.clone()}</span>
                            </span>
                        </label>
                    }
                }
            </For>
        </fieldset>
        <Show when=move || templates.with(Vec::is_empty)>
            <p class="notice notice--info">
                {move || if many.get() { t!(assistance.none_found) } else { t!(assistance.no_message) }}
            </p>
        </Show>
    }
}

/// To whom.
#[component]
pub fn Recipients(picked: Picked) -> impl IntoView {
    let one = move |kind: Kind| {
        let count = Memo::new(move |_| picked.reach.with(|reach| reach.count(kind)));
        let name_id = format!("assistance-to-{}", kind.code());
        let count_id = format!("assistance-count-{}", kind.code());
        view! {
            <label class="choice" class:choice--disabled=move || count.get() == 0>
                <input
                    class="choice__radio"
                    type="radio"
                    name="assistance-recipient"
                    aria-labelledby=name_id.clone()
                    aria-describedby=count_id.clone()
                    prop:checked=move || picked.kind() == kind
                    prop:disabled=move || count.get() == 0
                    on:change=move |_| picked.kind.set(Some(kind))
                />
                <span class="choice__body choice__body--line">
                    <span class="choice__title" id=name_id>{kind.name()}</span>
                    <span class="choice__count" id=count_id>{move || count_line(kind, count.get())}</span>
                </span>
            </label>
        }.into_any()
    };
    view! {
        <fieldset class="choices" role="radiogroup" aria-labelledby="assistance-recipient">
            <legend class="choices__legend" id="assistance-recipient">{t!(assistance.recipient)}</legend>
            {Kind::ALL.into_iter().map(one).collect_view()}
        </fieldset>
        // Its room is there from the start, so that nothing below moves.
        <div class="assistance__one">
            <Show when=move || picked.kind() == Kind::One>
                <SupervisorSelect picked=picked/>
            </Show>
        </div>
    }
}

/// Which supervisor, when it shall be one.
#[component]
fn SupervisorSelect(picked: Picked) -> impl IntoView {
    let ids = Memo::new(move |_| {
        picked.reach.with(|reach| {
            reach
                .0
                .iter()
                .map(|(person, _)| person.id.clone())
                .collect::<Vec<_>>()
        })
    });
    view! {
        <div class="field assistance__supervisor">
            <label class="field__label" for="assistance-supervisor">{t!(assistance.supervisor)}</label>
            <select
                id="assistance-supervisor"
                class="select"
                on:change=move |event| {
                    picked.supervisor.set(UserId::parse(event_target_value(&event)).ok());
                }
            >
                <For each=move || ids.get() key=|id| id.clone() let:id>
                    {
                        let (shown, chosen, reachable) = (id.clone(), id.clone(), id.clone());
                        view! {
                            <option
                                value=id.to_string()
                                prop:selected=move || picked.supervisor().as_ref() == Some(&chosen)
                                prop:disabled=move || {
                                    !picked.reach.with(|reach| reach.signed_in(&reachable))
                                }
                            >
                                {move || option_line(picked, &shown)}
                            </option>
                        }
                    }
                </For>
            </select>
        </div>
    }
}

fn option_line(picked: Picked, supervisor: &UserId) -> Option<String> {
    picked.reach.with(|reach| {
        reach
            .0
            .iter()
            .find(|(person, _)| person.id == *supervisor)
            .map(|(person, presence)| {
                t!(
                    assistance.supervisor_option,
                    name = person.name,
                    presence = label(*presence)
                )
            })
    })
}

fn count_line(kind: Kind, count: usize) -> String {
    match (kind, count) {
        (_, 0) => t!(assistance.count_nobody).to_owned(),
        (Kind::AllAvailable, count) => t!(assistance.count_available, count = count),
        (Kind::AllSignedIn, count) => t!(assistance.count_signed_in, count = count),
        (Kind::One, count) => t!(assistance.count_choices, count = count),
    }
}
