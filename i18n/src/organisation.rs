//! The words of the organisation's settings.

use shared::organisation::{OrganisationSettings, Setting, SettingGroup, SettingKind, Unit};

use crate::{Label, Language, number, t};

impl Label for SettingGroup {
    fn label(self, language: Language) -> &'static str {
        match self {
            SettingGroup::Lost => t!(language, organisation.group_lost),
            SettingGroup::Capacity => t!(language, organisation.group_capacity),
            SettingGroup::Queue => t!(language, organisation.group_queue),
            SettingGroup::Answers => t!(language, organisation.group_answers),
            SettingGroup::WrapUp => t!(language, organisation.group_wrap_up),
            SettingGroup::Coaching => t!(language, organisation.group_coaching),
            SettingGroup::SignIn => t!(language, organisation.group_sign_in),
            SettingGroup::Retention => t!(language, organisation.group_retention),
        }
    }
}

impl Label for Unit {
    fn label(self, language: Language) -> &'static str {
        match self {
            Unit::Seconds => t!(language, organisation.unit_seconds),
            Unit::Minutes => t!(language, organisation.unit_minutes),
            Unit::Days => t!(language, organisation.unit_days),
            Unit::Chats => t!(language, organisation.unit_chats),
            Unit::Conversations => t!(language, organisation.unit_conversations),
            Unit::Workitems => t!(language, organisation.unit_workitems),
        }
    }
}

impl Label for &Setting {
    /// The name of a setting without words is the one on the wire.
    fn label(self, language: Language) -> &'static str {
        match self.name {
            "agent_lost_after_s" => t!(language, organisation.agent_lost_after_s),
            "requeue_after_s" => t!(language, organisation.requeue_after_s),
            "capacity_chat" => t!(language, organisation.capacity_chat),
            "capacity_social" => t!(language, organisation.capacity_social),
            "capacity_sms" => t!(language, organisation.capacity_sms),
            "capacity_phone" => t!(language, organisation.capacity_phone),
            "capacity_email" => t!(language, organisation.capacity_email),
            "queue_max" => t!(language, organisation.queue_max),
            "answer_chat_min" => t!(language, organisation.answer_chat),
            "answer_social_min" => t!(language, organisation.answer_social),
            "answer_sms_min" => t!(language, organisation.answer_sms),
            "answer_phone_min" => t!(language, organisation.answer_phone),
            "answer_email_min" => t!(language, organisation.answer_email),
            "monitoring_announced" => t!(language, organisation.monitoring_announced),
            "outcome_required" => t!(language, organisation.outcome_required),
            "rating_asked" => t!(language, organisation.rating_asked),
            "coaching_crosses_teams" => t!(language, organisation.coaching_crosses_teams),
            "second_factor" => t!(language, organisation.second_factor),
            "passkeys" => t!(language, organisation.passkeys),
            "retention_work_days" => t!(language, organisation.retention_work_days),
            "retention_messages_days" => t!(language, organisation.retention_messages_days),
            "retention_audit_days" => t!(language, organisation.retention_audit_days),
            name => name,
        }
    }
}

/// What a setting does, in a sentence.
pub fn setting_hint(language: Language, setting: &Setting) -> &'static str {
    match setting.name {
        "agent_lost_after_s" => t!(language, organisation.agent_lost_after_s_hint),
        "requeue_after_s" => t!(language, organisation.requeue_after_s_hint),
        "capacity_chat" => t!(language, organisation.capacity_chat_hint),
        "capacity_social" => t!(language, organisation.capacity_social_hint),
        "capacity_sms" => t!(language, organisation.capacity_sms_hint),
        "capacity_phone" => t!(language, organisation.capacity_phone_hint),
        "capacity_email" => t!(language, organisation.capacity_email_hint),
        "queue_max" => t!(language, organisation.queue_max_hint),
        "answer_chat_min" => t!(language, organisation.answer_chat_hint),
        "answer_social_min" => t!(language, organisation.answer_social_hint),
        "answer_sms_min" => t!(language, organisation.answer_sms_hint),
        "answer_phone_min" => t!(language, organisation.answer_phone_hint),
        "answer_email_min" => t!(language, organisation.answer_email_hint),
        "monitoring_announced" => t!(language, organisation.monitoring_announced_hint),
        "outcome_required" => t!(language, organisation.outcome_required_hint),
        "rating_asked" => t!(language, organisation.rating_asked_hint),
        "coaching_crosses_teams" => t!(language, organisation.coaching_crosses_teams_hint),
        "second_factor" => t!(language, organisation.second_factor_hint),
        "passkeys" => t!(language, organisation.passkeys_hint),
        "retention_work_days" => t!(language, organisation.retention_work_days_hint),
        "retention_messages_days" => t!(language, organisation.retention_messages_days_hint),
        "retention_audit_days" => t!(language, organisation.retention_audit_days_hint),
        _ => "",
    }
}

/// The limits and the default, in a sentence.
pub fn setting_limits(language: Language, setting: &Setting) -> String {
    let default = (setting.get)(&OrganisationSettings::default());
    match setting.kind {
        SettingKind::Number { min, max, unit } => t!(
            language,
            organisation.limits,
            min = number(language, &min),
            max = number(language, &max),
            unit = unit.label(language),
            default = number(language, &default)
        ),
        SettingKind::Switch if default == 0 => t!(language, organisation.default_off).to_owned(),
        SettingKind::Switch => t!(language, organisation.default_on).to_owned(),
        SettingKind::Choice { .. } => t!(
            language,
            organisation.default_choice,
            default = setting_choice(language, setting, default)
        ),
    }
}

/// The limits of an agent's own number of workitems, in a sentence.
pub fn capacity_limits(language: Language, min: i64, max: i64, unit: Unit) -> String {
    let (min, max) = (number(language, &min), number(language, &max));
    let unit = unit.label(language);
    t!(language, capacity.limits, min = min, max = max, unit = unit)
}

/// A value of a setting.
pub fn setting_value(language: Language, setting: &Setting, value: i64) -> String {
    match setting.kind {
        SettingKind::Number { unit, .. } => match unit {
            Unit::Seconds => t!(language, organisation.seconds, count = value),
            Unit::Minutes => t!(language, organisation.minutes, count = value),
            Unit::Days => t!(language, organisation.days, count = value),
            Unit::Chats => t!(language, organisation.chats, count = value),
            Unit::Conversations => t!(language, organisation.conversations, count = value),
            Unit::Workitems => t!(language, organisation.workitems, count = value),
        },
        SettingKind::Switch if value == 0 => t!(language, organisation.off).to_owned(),
        SettingKind::Switch => t!(language, organisation.on).to_owned(),
        SettingKind::Choice { .. } => setting_choice(language, setting, value).to_owned(),
    }
}

/// One of the choices of a setting.
pub fn setting_choice(language: Language, setting: &Setting, value: i64) -> &'static str {
    match (setting.name, value) {
        ("second_factor", 0) => t!(language, organisation.second_factor_off),
        ("second_factor", 1) => t!(language, organisation.second_factor_allowed),
        ("second_factor", 2) => t!(language, organisation.second_factor_administrators),
        ("second_factor", 3) => t!(language, organisation.second_factor_everybody),
        ("passkeys", 0) => t!(language, organisation.passkeys_off),
        ("passkeys", 1) => t!(language, organisation.passkeys_second_factor),
        ("passkeys", 2) => t!(language, organisation.passkeys_alone),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use shared::organisation::{SETTINGS, SettingKind};

    use super::{setting_choice, setting_hint, setting_value};
    use crate::{Label, Language};

    #[test]
    fn every_setting_has_words() {
        for language in Language::ALL {
            for setting in SETTINGS {
                assert_ne!(setting.label(language), setting.name);
                assert_ne!(setting_hint(language, setting), "", "{}", setting.name);
                if let SettingKind::Choice { count } = setting.kind {
                    let named = (0..count)
                        .all(|value| !setting_choice(language, setting, value).is_empty());
                    assert!(named, "{}", setting.name);
                }
            }
        }
    }

    #[test]
    fn a_value_reads_with_its_unit() {
        let value = |name: &str, value| {
            let setting = SETTINGS.iter().find(|setting| setting.name == name);
            setting_value(Language::De, setting.expect("a setting"), value)
        };
        assert_eq!(value("agent_lost_after_s", 1), "1 Sekunde");
        assert_eq!(value("capacity_email", 20), "20 Vorgänge");
        assert_eq!(value("coaching_crosses_teams", 0), "aus");
    }
}
