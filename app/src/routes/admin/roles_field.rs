//! The choice of a user's roles, in their order: the first one decides the page after sign-in.

use leptos::prelude::*;
use shared::people::Role;

use crate::language::label;

/// A checkbox for each role; the chosen ones keep the order in which they were chosen.
#[component]
pub(super) fn RolesField(
    /// The chosen roles, first one first.
    roles: RwSignal<Vec<Role>>,
    /// What is wrong with them.
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <fieldset
            class="field roles"
            class:roles--wrong=move || error.with(Option::is_some)
            aria-describedby="roles-hint roles-error">
            <legend class="field__label">{t!(roles_field.title)}</legend>
            {Role::ALL.map(|role| view! { <RoleLine roles role /> }.into_any()).into_iter().collect_view()}
            <p class="field__hint" id="roles-hint">{t!(roles_field.hint)}</p>
            <p class="field__error" id="roles-error" role="alert">{move || error.get()}</p>
        </fieldset>
    }
}

#[component]
fn RoleLine(roles: RwSignal<Vec<Role>>, role: Role) -> impl IntoView {
    let place = Memo::new(move |_| roles.with(|roles| roles.iter().position(|held| *held == role)));
    view! {
        <div class="roles__line">
            <label class="roles__label">
                <input
                    type="checkbox"
                    name="roles"
                    value=role.code()
                    prop:checked=move || place.get().is_some()
                    on:change=move |event| {
                        let chosen = event_target_checked(&event);
                        roles.update(|roles| choose(roles, role, chosen));
                    }
                />
                {label(role)}
            </label>
            {move || match place.get() {
                Some(0) => view! {
                    <span class="badge badge--accent">{starts(role)}</span>
                }.into_any(),
                Some(_) => view! {
                    <button
                        class="button button--quiet roles__first"
                        type="button"
                        on:click=move |_| roles.update(|roles| make_first(roles, role))
                    >
                        {t!(roles_field.make_first)}
                        <span class="visually-hidden">{t!(roles_field.make_first_role, role = label(role))}</span>
                    </button>
                }.into_any(),
                None => ().into_any(),
            }}
        </div>
    }
}

/// That it is the first role, and which page follows from that.
fn starts(role: Role) -> &'static str {
    match role {
        Role::Agent => t!(roles_field.starts_agent),
        Role::Supervisor => t!(roles_field.starts_supervisor),
        Role::Administrator => t!(roles_field.starts_administrator),
    }
}

fn choose(roles: &mut Vec<Role>, role: Role, chosen: bool) {
    roles.retain(|held| *held != role);
    if chosen {
        roles.push(role);
    }
}

fn make_first(roles: &mut Vec<Role>, role: Role) {
    roles.retain(|held| *held != role);
    roles.insert(0, role);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_roles_keep_their_order_and_stand_once() {
        let mut roles = vec![];
        choose(&mut roles, Role::Supervisor, true);
        choose(&mut roles, Role::Agent, true);
        choose(&mut roles, Role::Agent, true);
        assert_eq!(roles, [Role::Supervisor, Role::Agent]);
        make_first(&mut roles, Role::Agent);
        assert_eq!(roles, [Role::Agent, Role::Supervisor]);
        choose(&mut roles, Role::Agent, false);
        assert_eq!(roles, [Role::Supervisor]);
    }
}
