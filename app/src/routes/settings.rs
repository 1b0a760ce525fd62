//! `/settings`: what users set for themselves: notification, appearance, password, second factor, sessions.
//!
//! The theme and what alerts the user belong to the browser and are never sent anywhere; everything else belongs to the
//! account.

mod alerts;
mod keys;
mod password;
mod sessions;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::TeamId;
use shared::language::Language;
use shared::people::{Actor, Permission};
use shared::text::listed;

use crate::api::account::{language_set, settings_save};
use crate::api::coaching::dashboard_load;
use crate::api::workitems::transfer_options_load;
use crate::attempt::LastChoice;
use crate::components::{Icon, PageTitle};
use crate::language::{error_text, label};
use crate::order::by_text;
use crate::state::use_session;
use crate::theme::{set_theme, theme};

use alerts::Alerts;
use keys::Keys;
use password::PasswordSection;
use sessions::Sessions;

/// The page of a user's own settings.
#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <PageTitle text=t!(settings.title) />
        <div class="page settings">
            <div class="page__head">
                <h1 class="page__title">{t!(settings.title)}</h1>
            </div>
            <Profile />
            <Notifications />
            <Alerts />
            <Keys />
            <LanguageChoice />
            <Appearance />
            <PasswordSection />
            <SecondFactor />
            <Sessions />
        </div>
    }
}

/// Who is signed in, as others see them.
#[component]
fn Profile() -> impl IntoView {
    let me = use_session().me;
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
            <h2 class="settings__title" id="settings-profile">{t!(settings.profile)}</h2>
            <dl class="settings__facts">
                <div><dt>{t!(settings.name)}</dt><dd dir="auto">{move || me.with(|me| me.name.clone())}</dd></div>
                <div><dt>{t!(settings.username)}</dt><dd>{move || me.with(|me| me.username.clone())}</dd></div>
                <div><dt>{t!(settings.roles)}</dt><dd>{move || me.with(roles_line)}</dd></div>
                {move || teams.with(|names| (!names.is_empty()).then(|| view! {
                    <div><dt>{t!(settings.teams)}</dt><dd>{listed(names.iter().map(String::as_str))}</dd></div>
                }.into_any()))}
            </dl>
            <p class="field__hint">{t!(settings.profile_hint)}</p>
        </section>
    }
}

/// Agent Message Notification (M10, M11).
#[component]
fn Notifications() -> impl IntoView {
    let session = use_session();
    let pop_up = Memo::new(move |_| session.settings.with(|settings| settings.pop_up));
    let said = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let choice = LastChoice::new(
        |wanted, key| async move {
            settings_save(key, Some(wanted), None).await?;
            Ok(())
        },
        move |wanted, answer| match answer {
            Ok(()) => {
                said.try_set(t!(common.saved).to_owned());
            }
            Err(error) => {
                session
                    .settings
                    .update(|settings| settings.pop_up = !wanted);
                trouble.try_set(Some(error_text(&error)));
            }
        },
    );
    let save = move |wanted: bool| {
        said.set(String::new());
        trouble.set(None);
        session.settings.update(|settings| settings.pop_up = wanted);
        choice.choose(wanted);
    };
    view! {
        <section class="settings__section card" aria-labelledby="settings-directory">
            <h2 class="settings__title" id="settings-directory">{t!(settings.directory)}</h2>
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
                    <label class="field__label" for="settings-pop-up">{t!(settings.notification)}</label>
                    <p class="field__hint" id="settings-pop-up-hint">
                        {t!(settings.notification_hint)}
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

/// The language of the user's pages. The page that shows another one is loaded again.
#[component]
fn LanguageChoice() -> impl IntoView {
    let session = use_session();
    let chosen = Memo::new(move |_| session.settings.with(|settings| settings.language));
    let trouble = RwSignal::new(None::<String>);
    let choice = LastChoice::new(
        |(language, _), key| async move { Ok(language_set(key, language).await?) },
        move |(_, before), answer| match answer {
            // Fails only while the page is already being left.
            Ok(()) => drop(window().location().reload()),
            Err(error) => {
                session
                    .settings
                    .update(|settings| settings.language = before);
                trouble.try_set(Some(error_text(&error)));
            }
        },
    );
    let change = move |event: web_sys::Event| {
        let language = Language::from_tag(&event_target_value(&event));
        let before = chosen.get_untracked();
        trouble.set(None);
        session
            .settings
            .update(|settings| settings.language = language);
        choice.choose((language, before));
    };
    let option = move |language: Option<Language>| {
        let selected = move || chosen.get() == language;
        let code = language.map_or("", Language::code);
        // A language is named in itself.
        let name = language.map_or(t!(settings.language_browser), Language::name);
        view! {
            <option
                value=code
                lang=language.map(Language::code)
                selected=selected
                prop:selected=selected
            >
                {name}
            </option>
        }
        .into_any()
    };
    let languages = Language::ALL.into_iter().map(Some);
    let options = std::iter::once(None).chain(languages).map(option);
    view! {
        <section class="settings__section card" aria-labelledby="settings-language">
            <h2 class="settings__title" id="settings-language">{t!(settings.language)}</h2>
            <select
                class="select settings__language"
                aria-labelledby="settings-language"
                aria-describedby="settings-language-hint"
                on:change=change
            >
                {options.collect_view()}
            </select>
            <p class="field__hint" id="settings-language-hint">{t!(settings.language_hint)}</p>
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
        (
            "system",
            None,
            t!(settings.theme_system),
            "monitor",
            Some(t!(settings.theme_system_hint)),
        ),
        (
            "light",
            Some("light"),
            t!(settings.theme_light),
            "sun",
            None,
        ),
        ("dark", Some("dark"), t!(settings.theme_dark), "moon", None),
    ];
    view! {
        <section class="settings__section card" aria-labelledby="settings-appearance">
            <h2 class="settings__title" id="settings-appearance">{t!(settings.appearance)}</h2>
            <fieldset class="settings__themes">
                <legend class="visually-hidden">{t!(settings.theme)}</legend>
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
                                    aria-describedby=hint.map(|_| hint_id.clone())
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
                                {hint.map(|hint| view! {
                                    <span class="field__hint" id=hint_id>{hint}</span>
                                }.into_any())}
                            </label>
                        }.into_any()
                    })
                    .collect_view()}
            </fieldset>
        </section>
    }
}

/// Leads to the second factor, which is a plain page of the host: a sign-in shows the same before the app is there.
#[component]
fn SecondFactor() -> impl IntoView {
    view! {
        <section class="settings__section card" aria-labelledby="settings-second-factor">
            <h2 class="settings__title" id="settings-second-factor">{t!(settings.second_factor)}</h2>
            <p class="field__hint">{t!(settings.second_factor_hint)}</p>
            <div class="row">
                <a class="button" href="/settings/second-factor" rel="external">
                    <Icon name="key" />
                    {t!(settings.second_factor_open)}
                </a>
            </div>
        </section>
    }
}

fn roles_line(me: &Actor) -> String {
    me.roles
        .iter()
        .map(|role| label(*role))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The names of the user's own teams. An actor knows ids only. Names are readable for users who may
/// hand work over or see the queues. What cannot be named is left out.
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
