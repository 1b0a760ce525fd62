//! Choosing people for a team: a list of checkboxes that stays usable with hundreds of them.

use std::collections::BTreeSet;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use shared::fold::finds;
use shared::ids::UserId;
use shared::people::PersonRef;

/// From how many people on the list can be searched.
const SEARCHED_FROM: usize = 8;

/// A searchable list of people, each chosen or not.
#[component]
pub(super) fn PeoplePicker(
    /// What they are chosen as; the group's name.
    legend: &'static str,
    /// The name of the search box.
    search_label: &'static str,
    /// A line that says who is on the list.
    hint: &'static str,
    /// Who can be chosen, by name.
    people: RwSignal<Vec<PersonRef>>,
    /// Who is chosen.
    chosen: RwSignal<BTreeSet<UserId>>,
    /// What is wrong with the choice.
    error: Signal<Option<String>>,
) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let searched = people.with_untracked(Vec::len) > SEARCHED_FROM;
    let line = move |person: PersonRef| {
        let name = person.name.clone();
        let hidden = Memo::new(move |_| search.with(|search| !finds(search, &name)));
        view! {
            <li hidden=move || hidden.get()>
                {choice(person.id, person.name, chosen)}
            </li>
        }
        .into_any()
    };
    let lines = move || match people.get() {
        nobody if nobody.is_empty() => {
            view! { <p class="picker__nobody">{t!(picker.nobody)}</p> }.into_any()
        }
        people => {
            let lines = people.into_iter().map(line).collect_view();
            view! { <ul class="picker__people" role="list">{lines}</ul> }.into_any()
        }
    };
    view! {
        <fieldset class="field picker">
            <legend class="field__label">
                {legend}
                " "
                <span class="badge">{move || t!(picker.chosen, count = chosen.with(BTreeSet::len))}</span>
            </legend>
            <p class="field__hint">{hint}</p>
            {searched.then(|| view! {
                <input
                    class="input"
                    dir="auto"
                    type="search"
                    aria-label=search_label
                    placeholder=t!(picker.search_hint)
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || search.get()
                    on:input=move |event| search.set(event_target_value(&event))
                    on:keydown=move |event: KeyboardEvent| {
                        // Enter in a search is no wish to save the team.
                        if event.key() == "Enter" {
                            event.prevent_default();
                        }
                    }
                />
            }.into_any())}
            {lines}
            {move || error.get().map(|text| view! { <p class="field__error" role="alert">{text}</p> }.into_any())}
        </fieldset>
    }
}

/// A checkbox for one of what can be chosen.
pub(super) fn choice<T>(id: T, name: String, chosen: RwSignal<BTreeSet<T>>) -> AnyView
where
    T: Clone + Ord + Send + Sync + 'static,
{
    let id = StoredValue::new(id);
    view! {
        <label class="picker__label">
            <input
                type="checkbox"
                prop:checked=move || chosen.with(|chosen| id.with_value(|id| chosen.contains(id)))
                on:change=move |event| {
                    let take = event_target_checked(&event);
                    chosen.update(|chosen| {
                        if take {
                            chosen.insert(id.get_value());
                        } else {
                            id.with_value(|id| chosen.remove(id));
                        }
                    });
                }
            />
            <bdi>{name}</bdi>
        </label>
    }
    .into_any()
}
