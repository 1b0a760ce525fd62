//! How much work one agent is assigned: the organisation's numbers, or the agent's own for each channel.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::admin::CapacityChange;
use shared::error::{AppError, Problem};
use shared::organisation::{Setting, SettingKind, capacity_settings};
use shared::workitem::{Channel, ChannelCounts};

use crate::api::organisation::organisation_load;
use crate::components::Field;
use crate::language::{label, language};
use crate::routes::admin::meanwhile::follow;
use crate::routes::refusal::Refusal;

/// What stands in the form. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Capacity {
    usual: RwSignal<bool>,
    /// In the order of the channels.
    typed: StoredValue<Vec<RwSignal<String>>>,
}

impl Capacity {
    pub(super) fn new(own: Option<ChannelCounts>) -> Self {
        let typed = capacity_settings().map(|(channel, _)| RwSignal::new(text(own, channel)));
        Self {
            usual: RwSignal::new(own.is_none()),
            typed: StoredValue::new(typed.collect()),
        }
    }

    /// What was chosen. `Invalid` for what is not a whole number.
    pub(super) fn chosen(self) -> Result<CapacityChange, AppError> {
        if self.usual.get_untracked() {
            return Ok(CapacityChange::Organisation);
        }
        let mut own = ChannelCounts::default();
        for ((channel, setting), typed) in capacity_settings().zip(self.typed.get_value()) {
            let number = typed.with_untracked(|text| text.trim().parse::<i64>());
            let number =
                number.map_err(|_| AppError::invalid(setting.name, Problem::NotANumber))?;
            own.add(channel, number);
        }
        Ok(CapacityChange::Own(own))
    }

    /// Whether something else stands there now.
    pub(super) fn differs(self, from: Option<ChannelCounts>) -> bool {
        let usual = self.usual.get();
        let typed = self.typed.get_value();
        match from {
            None => !usual,
            Some(own) => {
                usual
                    || capacity_settings().zip(typed).any(|((channel, _), typed)| {
                        typed.with(|text| text.trim() != own.of(channel).to_string())
                    })
            }
        }
    }

    /// Puts what is stored by now into what was left alone.
    pub(super) fn follow(self, shown: Option<ChannelCounts>, now: Option<ChannelCounts>) {
        // Numbers of one's own and the organisation's cannot be mixed.
        if shown.is_some() != now.is_some() && untrack(|| self.differs(shown)) {
            return;
        }
        follow(self.usual, &shown.is_none(), &now.is_none());
        for ((channel, _), typed) in capacity_settings().zip(self.typed.get_value()) {
            follow(typed, &text(shown, channel), &text(now, channel));
        }
    }

    /// Own numbers begin with the organisation's. Boxes stay empty when these cannot be had.
    fn begin(self) {
        spawn_local(async move {
            let Ok(edit) = organisation_load().await else {
                return;
            };
            let Some(typed) = self.typed.try_get_value() else {
                return;
            };
            for ((channel, _), typed) in capacity_settings().zip(typed) {
                typed.try_update(|text| {
                    if text.is_empty() {
                        *text = edit.settings.capacity.of(channel).to_string();
                    }
                });
            }
        });
    }
}

/// What stands in the box of a channel.
fn text(own: Option<ChannelCounts>, channel: Channel) -> String {
    own.map_or_else(String::new, |own| own.of(channel).to_string())
}

/// A checkbox for the organisation's numbers and, without it, a box for each channel.
#[component]
pub(super) fn CapacityField(capacity: Capacity, refusal: Refusal) -> impl IntoView {
    let usual = capacity.usual;
    let boxes = move || {
        let fields = capacity_settings().zip(capacity.typed.get_value());
        let fields = fields.map(|((channel, setting), typed)| {
            view! {
                <Field
                    label=label(channel)
                    name=setting.name
                    value=typed
                    error=refusal.at(setting.name)
                    hint=hint(setting)
                    inputmode="numeric"
                />
            }
            .into_any()
        });
        fields.collect_view()
    };
    view! {
        <fieldset class="field capacity" aria-describedby="capacity-hint capacity-error">
            <legend class="field__label">{t!(capacity.title)}</legend>
            <p class="field__hint" id="capacity-hint">
                {t!(capacity.hint)}
            </p>
            <label class="roles__label">
                <input
                    type="checkbox"
                    name="capacity-usual"
                    prop:checked=move || usual.get()
                    on:change=move |event| {
                        let chosen = event_target_checked(&event);
                        usual.set(chosen);
                        if !chosen {
                            capacity.begin();
                        }
                    }
                />
                {t!(capacity.usual)}
            </label>
            {move || (!usual.get()).then(boxes)}
            <p class="field__error" id="capacity-error" role="alert">
                {move || refusal.at("capacity").get()}
            </p>
        </fieldset>
    }
}

/// The limits in words.
fn hint(setting: &Setting) -> String {
    match setting.kind {
        SettingKind::Number { min, max, unit } => i18n::capacity_limits(language(), min, max, unit),
        SettingKind::Switch | SettingKind::Choice { .. } => String::new(),
    }
}
