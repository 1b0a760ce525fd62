//! `/admin/settings`: what holds for the whole organisation.
//!
//! The fields come from `shared::organisation::SETTINGS`. Only what was changed is sent, with the version that the
//! page began with, so that nobody overwrites what somebody else has changed in the meantime.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::{AppError, Problem};
use shared::ids::CommandKey;
use shared::organisation::{
    Expiring, OrganisationEdit, SETTING_NAMES, SETTINGS, Setting, SettingChange, SettingGroup,
    SettingKind, Unit,
};

use super::proof::{Proof, ProofDialog};
use super::{focus_soon, loading_view};
use crate::api::ApiError;
use crate::api::organisation::{OrganisationLoad, organisation_save, retention_preview};
use crate::components::dialog::DialogFoot;
use crate::components::{Dialog, PageTitle};
use crate::drafts::{DraftSlot, use_draft_slot, use_fields_draft};
use crate::first_data::first_answer;
use crate::language::{error_text, label, setting_choice, setting_hint, setting_limits};
use crate::page_links::{PageLink, plain_pages};
use crate::random::new_key;
use crate::routes::refusal::Refusal;
use crate::state::use_session;

/// What else holds for the whole organisation.
const WAYS: [&str; 7] = [
    "/admin/tokens",
    "/admin/webhooks",
    "/admin/labels",
    "/admin/escalation",
    "/admin/alerts",
    "/analytics",
    "/dashboard/walls",
];

/// The page of the organisation's settings.
#[component]
pub fn OrganisationPage() -> impl IntoView {
    let loaded = first_answer(|| Some(OrganisationLoad {}));
    let again = Callback::new(move |()| loaded.refetch());
    view! {
        <PageTitle text=t!(organisation.title) />
        {loaded.show(loading_view, move |edit| view! { <Form edit again /> }.into_any())}
    }
}

/// What the form's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct OrganisationState {
    /// What the form began with.
    edit: StoredValue<OrganisationEdit>,
    /// What is typed, in the order of `SETTINGS`.
    typed: StoredValue<Vec<RwSignal<String>>>,
    /// What was sent last, with its key: a repeated save is the same command.
    sent: StoredValue<Option<(Vec<SettingChange>, CommandKey)>>,
    /// Where what is typed outlives the page.
    kept: DraftSlot,
    saving: RwSignal<bool>,
    said: RwSignal<&'static str>,
    refusal: Refusal,
    /// Somebody else has saved; the settings on the page are old.
    overtaken: RwSignal<Option<String>>,
    /// What goes with the changes, while it is asked whether it shall.
    expiring: RwSignal<Option<Expiring>>,
    proof: Proof,
}

impl OrganisationState {
    /// What differs from what the form began with. `Invalid` for what is not a whole number.
    fn changes(self) -> Result<Vec<SettingChange>, AppError> {
        let mut changes = Vec::new();
        let typed = self.typed.get_value();
        for (setting, typed) in SETTINGS.iter().zip(typed) {
            let text = typed.get_untracked();
            let value = text
                .trim()
                .parse::<i64>()
                .map_err(|_| AppError::invalid(setting.name, Problem::NotANumber))?;
            if value != self.edit.with_value(|edit| (setting.get)(&edit.settings)) {
                changes.push(SettingChange {
                    name: setting.name.to_owned(),
                    value,
                });
            }
        }
        Ok(changes)
    }

    fn key(self, changes: &[SettingChange]) -> CommandKey {
        if let Some((sent, key)) = self.sent.get_value()
            && sent == changes
        {
            return key;
        }
        let key = new_key();
        self.sent.set_value(Some((changes.to_vec(), key.clone())));
        key
    }

    fn refuse(self, error: AppError) {
        let again = Callback::new(move |()| self.send());
        if self.proof.takes(&error, Some(again)) {
            return;
        }
        match error {
            AppError::Conflict { .. } => self.overtaken.set(Some(error_text(&error))),
            other => self.refusal.set(other),
        }
        focus_soon(".organisation [aria-invalid=true], .organisation__overtaken".to_owned());
    }

    fn save(self) {
        if self.saving.get_untracked() {
            return;
        }
        self.refusal.clear();
        self.said.set("");
        let changes = match self.changes() {
            Ok(changes) => changes,
            Err(error) => return self.refuse(error),
        };
        if changes.is_empty() {
            self.said.set(t!(organisation.unchanged));
            return;
        }
        if self
            .edit
            .with_value(|edit| edit.settings.deletes_sooner(&changes))
        {
            return self.preview(changes);
        }
        self.send();
    }

    /// Asks first, with how much goes.
    fn preview(self, changes: Vec<SettingChange>) {
        self.saving.set(true);
        spawn_local(async move {
            let answer = retention_preview(changes).await;
            if self.saving.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(expiring) => self.expiring.set(Some(expiring)),
                Err(ApiError(error)) => self.refuse(error),
            }
        });
    }

    fn send(self) {
        let Ok(changes) = self.changes() else { return };
        self.saving.set(true);
        let key = self.key(&changes);
        let version = self.edit.with_value(|edit| edit.version);
        let clear = self.kept.clearing();
        spawn_local(async move {
            let answer = organisation_save(key, version, changes).await;
            if answer.is_ok() {
                clear();
            }
            // Somebody may have left the page while the answer was on its way.
            if self.saving.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(edit) => {
                    self.edit.set_value(edit);
                    self.sent.set_value(None);
                    self.said.set(t!(common.saved));
                }
                Err(ApiError(error)) => self.refuse(error),
            }
        });
    }
}

#[component]
fn Form(edit: OrganisationEdit, again: Callback<()>) -> impl IntoView {
    let typed: Vec<RwSignal<String>> = SETTINGS
        .iter()
        .map(|setting| RwSignal::new((setting.get)(&edit.settings).to_string()))
        .collect();
    let kept = use_draft_slot("organisation");
    let version = edit.version;
    let edit = StoredValue::new(edit);
    let overtaken = Callback::new(move |(_, version): (Vec<String>, i64)| {
        edit.update_value(|edit| edit.version = version);
    });
    let restored = use_fields_draft(kept, typed.clone(), version, overtaken);
    let state = OrganisationState {
        kept,
        edit,
        typed: StoredValue::new(typed),
        sent: StoredValue::new(None),
        saving: RwSignal::new(false),
        said: RwSignal::new(""),
        refusal: Refusal::new(),
        overtaken: RwSignal::new(None),
        expiring: RwSignal::new(None),
        proof: Proof::new(),
    };
    let above = state.refusal.above(&SETTING_NAMES);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        state.save();
    };
    let mut groups: Vec<SettingGroup> = SETTINGS.iter().map(|setting| setting.group).collect();
    groups.dedup();
    let sections = groups
        .into_iter()
        .enumerate()
        .map(|(place, group)| section(state, place, group))
        .collect_view();
    let show_present = move || {
        let show = move |_| {
            kept.store(None);
            again.run(());
        };
        view! {
            <button class="button" type="button" on:click=show>{t!(organisation.show_present)}</button>
        }
    };
    view! {
        <div class="page organisation">
            <div class="page__head">
                <h1 class="page__title">{t!(organisation.title)}</h1>
                <p class="admin__said" role="status">{move || state.said.get()}</p>
            </div>
            <ExpiringDialog state />
            <ProofDialog proof=state.proof />
            <p class="row">{ways()}</p>
            {move || restored.get().then(|| view! {
                <div class="notice notice--info" role="status">
                    <p>{t!(templates.restored)}</p>
                    {show_present()}
                </div>
            }.into_any())}
            <form class="organisation__form" method="post" novalidate on:submit=submit>
                {sections}
                {move || above.get().map(|text| view! {
                    <p class="notice notice--error" role="alert">{text}</p>
                }.into_any())}
                {move || state.overtaken.get().map(|text| view! {
                    <div class="notice notice--warn organisation__overtaken" role="alert" tabindex="-1">
                        <p>{text}</p>
                        {show_present()}
                    </div>
                }.into_any())}
                <div class="organisation__foot">
                    <button
                        class="button button--primary"
                        type="submit"
                        aria-disabled=move || state.saving.get().then_some("true")
                    >
                        {t!(common.save)}
                    </button>
                </div>
            </form>
        </div>
    }
}

/// What goes, and the question whether it shall.
#[component]
fn ExpiringDialog(state: OrganisationState) -> impl IntoView {
    let close = Callback::new(move |()| state.expiring.set(None));
    let confirm = Callback::new(move |()| {
        state.expiring.set(None);
        state.send();
    });
    move || {
        state.expiring.get().map(|expiring| {
            let lines = [
                t!(customers.workitems, count = expiring.workitems),
                t!(customers.messages, count = expiring.messages),
                t!(organisation.audit_rows, count = expiring.audit_rows),
            ];
            let lines = lines.map(|line| view! { <li>{line}</li> }.into_any());
            view! {
                <Dialog title=t!(organisation.expiring_question).to_owned() on_close=close class="dialog--narrow">
                    <div class="dialog__body">
                        <p>{t!(organisation.expiring_goes)}</p>
                        <ul>{lines.into_iter().collect_view()}</ul>
                    </div>
                    <DialogFoot label=t!(common.save) danger=true on_cancel=close on_confirm=confirm />
                </Dialog>
            }
            .into_any()
        })
    }
}

/// The plain pages of the host that lead on from here, as far as the user may see them.
fn ways() -> Vec<AnyView> {
    let me = use_session().me.get_untracked();
    let pages = plain_pages(&me).into_iter();
    let pages = pages.filter(|(href, ..)| WAYS.contains(href));
    let link = |(href, _, label): PageLink| {
        view! { <a class="button" href=href rel="external">{label}</a> }.into_any()
    };
    pages.map(link).collect()
}

/// The settings of one group, under their heading.
fn section(state: OrganisationState, place: usize, group: SettingGroup) -> AnyView {
    let heading = format!("organisation-group-{place}");
    let heading_id = heading.clone();
    let fields = SETTINGS
        .iter()
        .zip(state.typed.get_value())
        .filter(|(setting, _)| setting.group == group)
        .map(|(setting, typed)| match setting.kind {
            SettingKind::Number { unit, .. } => number_view(state, setting, typed, unit),
            SettingKind::Switch => switch_view(setting, typed),
            SettingKind::Choice { count } => choice_view(setting, typed, count),
        })
        .collect_view();
    view! {
        <section class="organisation__section card" aria-labelledby=heading>
            <h2 class="organisation__title" id=heading_id>{label(group)}</h2>
            {fields}
        </section>
    }
    .into_any()
}

fn number_view(
    state: OrganisationState,
    setting: &'static Setting,
    typed: RwSignal<String>,
    unit: Unit,
) -> AnyView {
    let error = state.refusal.at(setting.name);
    let hint_id = format!("{}-hint", setting.name);
    let error_id = format!("{}-error", setting.name);
    let described = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || match error.with(Option::is_some) {
            true => format!("{error_id} {hint_id}"),
            false => hint_id.clone(),
        }
    };
    view! {
        <div class="field organisation__field">
            <label class="field__label" for=setting.name>{label(setting)}</label>
            <span class="organisation__value">
                <input
                    class="input organisation__number"
                    id=setting.name
                    name=setting.name
                    inputmode="numeric"
                    autocomplete="off"
                    aria-describedby=described
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    prop:value=move || typed.get()
                    on:input=move |event| typed.set(event_target_value(&event))
                />
                <span aria-hidden="true">{label(unit)}</span>
            </span>
            <p class="field__hint" id=hint_id>{setting_hint(setting)}" "{setting_limits(setting)}</p>
            {move || error.get().map(|error| view! {
                <p class="field__error" id=error_id.clone() role="alert">{error}</p>
            }.into_any())}
        </div>
    }
    .into_any()
}

fn choice_view(setting: &'static Setting, typed: RwSignal<String>, count: i64) -> AnyView {
    let hint_id = format!("{}-hint", setting.name);
    let option = |value: i64| {
        let value_text = value.to_string();
        let selected = {
            let value = value_text.clone();
            move || typed.with(|typed| *typed == value)
        };
        view! {
            <option value=value_text selected=selected.clone() prop:selected=selected>
                {setting_choice(setting, value)}
            </option>
        }
        .into_any()
    };
    view! {
        <div class="field organisation__field">
            <label class="field__label" for=setting.name>{label(setting)}</label>
            <select
                class="select"
                id=setting.name
                aria-describedby=hint_id.clone()
                on:change=move |event| typed.set(event_target_value(&event))
            >
                {(0..count).map(option).collect_view()}
            </select>
            <p class="field__hint" id=hint_id>{setting_hint(setting)}" "{setting_limits(setting)}</p>
        </div>
    }
    .into_any()
}

fn switch_view(setting: &'static Setting, typed: RwSignal<String>) -> AnyView {
    let on = move || typed.with(|typed| typed != "0");
    let hint_id = format!("{}-hint", setting.name);
    view! {
        <div class="organisation__field organisation__switch">
            <input
                class="switch"
                type="checkbox"
                role="switch"
                id=setting.name
                aria-describedby=hint_id.clone()
                checked=typed.with_untracked(|typed| typed != "0")
                prop:checked=on
                on:change=move |event| {
                    let wanted = if event_target_checked(&event) { "1" } else { "0" };
                    typed.set(wanted.to_owned());
                }
            />
            <div>
                <label class="field__label" for=setting.name>{label(setting)}</label>
                <p class="field__hint" id=hint_id>{setting_hint(setting)}" "{setting_limits(setting)}</p>
            </div>
        </div>
    }
    .into_any()
}
