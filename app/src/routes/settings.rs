//! `/settings`: what users set for themselves: notification, appearance, password, other sessions.
//!
//! The theme belongs to the browser and is never sent anywhere; everything else belongs to the account.

mod password;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::TeamId;
use shared::people::{Actor, Permission};

use crate::api::ApiError;
use crate::api::account::{sessions_end_elsewhere, settings_save};
use crate::api::coaching::dashboard_load;
use crate::api::workitems::transfer_options_load;
use crate::attempt::{Attempt, LastChoice};
use crate::components::user_menu::{set_theme, theme};
use crate::components::{Icon, PageTitle};
use crate::language::error_text;
use crate::order::by_text;
use crate::state::use_desk;

use password::PasswordSection;

/// The page of a user's own settings.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <PageTitle text="Settings" />
        <div class="page settings">
            <div class="page__head">
                <h1 class="page__title">"Settings"</h1>
            </div>
            <Profile />
            <Notifications />
            <Appearance />
            <PasswordSection />
            <Sessions />
        </div>
    }
}

/// Who is signed in, as others see them.
#[component]
fn Profile() -> impl IntoView {
    let me = use_desk().me;
    // Not part of the first page: the line appears when the names are there.
    let teams = RwSignal::new(Vec::<String>::new());
    Effect::new(move || {
        let me = me.get();
        spawn_local(async move {
            teams.try_set(team_names(me).await);
        });
    });
    view! {
        <section class="settings__section card" aria-labelledby="settings-profile">
            <h2 class="settings__title" id="settings-profile">"Profile"</h2>
            <dl class="settings__facts">
                <div><dt>"Name"</dt><dd>{move || me.with(|me| me.name.clone())}</dd></div>
                <div><dt>"Username"</dt><dd>{move || me.with(|me| me.username.clone())}</dd></div>
                <div><dt>"Roles"</dt><dd>{move || me.with(roles_line)}</dd></div>
                {move || teams.with(|names| (!names.is_empty()).then(|| view! {
                    <div><dt>"Teams"</dt><dd>{names.join(", ")}</dd></div>
                }.into_any()))}
            </dl>
            <p class="field__hint">"An administrator changes name, roles and teams."</p>
        </section>
    }
}

/// Agent Message Notification (M10, M11).
#[component]
fn Notifications() -> impl IntoView {
    let desk = use_desk();
    let pop_up = Memo::new(move |_| desk.settings.with(|settings| settings.pop_up));
    let said = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let choice = LastChoice::new(
        |wanted, key| async move {
            settings_save(key, wanted).await?;
            Ok(())
        },
        move |wanted, answer| match answer {
            Ok(()) => {
                said.try_set("Saved.".to_owned());
            }
            Err(error) => {
                desk.settings.update(|settings| settings.pop_up = !wanted);
                trouble.try_set(Some(error_text(&error)));
            }
        },
    );
    let save = move |wanted: bool| {
        said.set(String::new());
        trouble.set(None);
        desk.settings.update(|settings| settings.pop_up = wanted);
        choice.choose(wanted);
    };
    view! {
        <section class="settings__section card" aria-labelledby="settings-directory">
            <h2 class="settings__title" id="settings-directory">"Directory"</h2>
            <div class="settings__switch">
                <input
                    class="switch"
                    type="checkbox"
                    role="switch"
                    id="settings-pop-up"
                    aria-describedby="settings-pop-up-hint"
                    checked=pop_up.get_untracked()
                    prop:checked=move || pop_up.get()
                    on:change=move |event| {
                        let wanted = event_target_checked(&event);
                        // Fields are announced again after hydration, changed or not.
                        if wanted != pop_up.get_untracked() {
                            save(wanted);
                        }
                    }
                />
                <div>
                    <label class="field__label" for="settings-pop-up">"Agent Message Notification"</label>
                    <p class="field__hint" id="settings-pop-up-hint">
                        "On: a new message pops up and can be answered right there. Off: only a red indicator on the Company Directory."
                    </p>
                </div>
            </div>
            <p class="settings__said" role="status">{move || said.get()}</p>
            {move || trouble.get().map(|text| view! {
                <p class="notice notice--error" role="alert">{text}</p>
            }.into_any())}
        </section>
    }
}

/// Light or dark. Known only to the browser, so the choice is marked once the page is mounted.
#[component]
fn Appearance() -> impl IntoView {
    let chosen = RwSignal::new(None::<String>);
    Effect::new(move |_| chosen.set(Some(theme().unwrap_or_else(|| "system".to_owned()))));
    let choices = [
        ("system", None, "System", "monitor", "As the device is set."),
        ("light", Some("light"), "Light", "sun", "Dark on light."),
        ("dark", Some("dark"), "Dark", "moon", "Light on dark."),
    ];
    view! {
        <section class="settings__section card" aria-labelledby="settings-appearance">
            <h2 class="settings__title" id="settings-appearance">"Appearance"</h2>
            <fieldset class="settings__themes">
                <legend class="visually-hidden">"Theme"</legend>
                {choices
                    .into_iter()
                    .map(|(value, theme, label, icon, hint)| {
                        let hint_id = format!("settings-theme-{value}");
                        view! {
                            <label class="settings__theme">
                                <input
                                    type="radio"
                                    name="theme"
                                    value=value
                                    aria-label=label
                                    aria-describedby=hint_id.clone()
                                    prop:checked=move || chosen.with(|chosen| chosen.as_deref() == Some(value))
                                    on:change=move |event| {
                                        if event_target_checked(&event) {
                                            set_theme(theme);
                                            chosen.set(Some(value.to_owned()));
                                        }
                                    }
                                />
                                <Icon name=icon />
                                <span class="settings__theme-name">{label}</span>
                                <span class="field__hint" id=hint_id>{hint}</span>
                            </label>
                        }.into_any()
                    })
                    .collect_view()}
            </fieldset>
        </section>
    }
}

/// Ends the user's other sessions, on a device that was left behind for instance.
#[component]
fn Sessions() -> impl IntoView {
    let busy = RwSignal::new(false);
    let attempt = Attempt::new();
    let said = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let end = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        said.set(String::new());
        trouble.set(None);
        spawn_local(async move {
            let answer = sessions_end_elsewhere(attempt.key(&())).await;
            attempt.answered(&answer);
            match answer {
                Ok(()) => said.set("Signed out everywhere else.".to_owned()),
                Err(ApiError(error)) => trouble.set(Some(error_text(&error))),
            }
            busy.set(false);
        });
    };
    view! {
        <section class="settings__section card" aria-labelledby="settings-sessions">
            <h2 class="settings__title" id="settings-sessions">"Sessions"</h2>
            <p class="field__hint">"Left yourself signed in on another device? This window stays signed in."</p>
            <div class="row">
                <button
                    class="button"
                    type="button"
                    aria-disabled=move || busy.get().then_some("true")
                    on:click=end
                >
                    <Icon name="logout" />
                    "Sign out everywhere else"
                </button>
                <p class="settings__said" role="status">{move || said.get()}</p>
            </div>
            {move || trouble.get().map(|text| view! {
                <p class="notice notice--error" role="alert">{text}</p>
            }.into_any())}
        </section>
    }
}

fn roles_line(me: &Actor) -> String {
    me.roles
        .iter()
        .map(|role| role.label())
        .collect::<Vec<_>>()
        .join(", ")
}

/// The names of one's own teams. An actor knows ids only; whoever may hand work over knows the teams' names, and
/// so does whoever sees their queues. What cannot be named is left out.
async fn team_names(me: Actor) -> Vec<String> {
    let mut known: Vec<(TeamId, String)> = Vec::new();
    if me.holds(Permission::WorkitemHandle)
        && let Ok(options) = transfer_options_load().await
    {
        known.extend(options.teams);
    }
    if me.holds(Permission::WorkitemView)
        && let Ok(dashboard) = dashboard_load().await
    {
        known.extend(
            dashboard
                .queues
                .into_iter()
                .map(|queue| (queue.team, queue.name)),
        );
    }
    let names = known
        .into_iter()
        .filter(|(team, _)| me.member_of.contains(team) || me.supervises.contains(team))
        .map(|(_, name)| name)
        .collect();
    let mut names = by_text(names, String::clone);
    names.dedup();
    names
}
