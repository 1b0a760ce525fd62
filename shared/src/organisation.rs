//! What an administrator sets for the whole organisation.
//!
//! [`SETTINGS`] describes each setting once: its limits, where its value stands. The page, the check of what is saved, and
//! the sentence about a conflict all read it.

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::Problem;
use crate::lenient;
use crate::people::Role;
use crate::workitem::{Channel, ChannelCounts};

/// The organisation's settings. A field that is missing in storage has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganisationSettings {
    /// Seconds without a live connection after which an agent's open work is marked (SPEC, E10).
    pub agent_lost_after_s: i64,
    /// Further seconds after which the agent's active workitems whose customers wait go back to the queue.
    pub requeue_after_s: i64,
    /// How many active workitems of each channel an agent is assigned from the queue (SPEC, E11).
    pub capacity: ChannelCounts,
    /// How many workitems may wait in the queue of one channel before it refuses new ones (SPEC, E42).
    pub queue_max: i64,
    /// Minutes within which a customer who waits on each channel should have an answer.
    pub answer_within_min: ChannelCounts,
    /// Whether a workitem needs an outcome before its agent closes it.
    pub outcome_required: bool,
    /// Whether customers are asked how a chat was when it ends.
    pub rating_asked: bool,
    /// Whether agents are notified of who monitors their work. When it is off, they are notified once somebody coaches.
    pub monitoring_announced: bool,
    /// Whether coaching goes along when a workitem moves to another team.
    pub coaching_crosses_teams: bool,
    /// Who needs a second factor to sign in. A rule that only a later release knows asks everybody.
    #[serde(deserialize_with = "second_factor")]
    pub second_factor: SecondFactorRule,
    /// What passkeys are good for. Where second factors are off, nothing: see [`Self::passkeys_allowed`].
    /// A rule that only a later release knows lets nobody in without a password.
    #[serde(deserialize_with = "passkeys")]
    pub passkeys: PasskeyRule,
    /// Days after which closed work is deleted; 0 keeps it for ever (SPEC, E52).
    pub retention_work_days: i64,
    /// Days after which direct messages are deleted; 0 keeps them for ever.
    pub retention_messages_days: i64,
    /// Days after which rows of the audit log are deleted; 0 keeps them for ever.
    pub retention_audit_days: i64,
}

fn second_factor<'de, D: Deserializer<'de>>(stored: D) -> Result<SecondFactorRule, D::Error> {
    Ok(lenient::known(stored)?.unwrap_or(SecondFactorRule::Everybody))
}

fn passkeys<'de, D: Deserializer<'de>>(stored: D) -> Result<PasskeyRule, D::Error> {
    Ok(lenient::known(stored)?.unwrap_or(PasskeyRule::SecondFactor))
}

/// Who needs a second factor to sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorRule {
    /// Nobody is asked for one, and nobody can set one up.
    Off,
    /// Users who have set one up are asked for it.
    #[default]
    Allowed,
    /// The same, and administrators must have one.
    Administrators,
    /// Everybody must have one.
    Everybody,
}

impl SecondFactorRule {
    /// In the order of their values as a setting.
    pub const ALL: [Self; 4] = [
        Self::Off,
        Self::Allowed,
        Self::Administrators,
        Self::Everybody,
    ];

    /// Whether somebody with these roles must have one.
    pub fn requires(self, roles: &[Role]) -> bool {
        match self {
            Self::Off | Self::Allowed => false,
            Self::Administrators => roles.contains(&Role::Administrator),
            Self::Everybody => true,
        }
    }

    fn of_value(value: i64) -> Self {
        let place = usize::try_from(value).ok();
        let known = place.and_then(|place| Self::ALL.get(place));
        known.copied().unwrap_or_default()
    }
}

/// What passkeys are good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyRule {
    /// Nobody can add one, and those that are there count for nothing.
    Off,
    /// In place of a code, after the password.
    SecondFactor,
    /// The same, and to sign in without username and password.
    #[default]
    Alone,
}

impl PasskeyRule {
    /// In the order of their values as a setting.
    pub const ALL: [Self; 3] = [Self::Off, Self::SecondFactor, Self::Alone];

    fn of_value(value: i64) -> Self {
        let place = usize::try_from(value).ok();
        let known = place.and_then(|place| Self::ALL.get(place));
        known.copied().unwrap_or_default()
    }
}

impl Default for OrganisationSettings {
    fn default() -> Self {
        Self {
            agent_lost_after_s: 120,
            requeue_after_s: 120,
            capacity: ChannelCounts {
                chat: 8,
                social: 8,
                sms: 8,
                phone: 1,
                email: 20,
            },
            queue_max: 200,
            answer_within_min: ChannelCounts {
                chat: 5,
                social: 15,
                sms: 10,
                phone: 5,
                email: 240,
            },
            outcome_required: false,
            rating_asked: true,
            monitoring_announced: true,
            coaching_crosses_teams: false,
            second_factor: SecondFactorRule::Allowed,
            passkeys: PasskeyRule::Alone,
            retention_work_days: 0,
            retention_messages_days: 0,
            retention_audit_days: 0,
        }
    }
}

/// Settings that stand together on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingGroup {
    /// What happens when an agent's connection is gone.
    Lost,
    /// How much work one agent is assigned.
    Capacity,
    /// The queue.
    Queue,
    /// How long customers wait for an answer.
    Answers,
    /// What an agent does when a conversation is over.
    WrapUp,
    /// Coaching.
    Coaching,
    /// Signing in.
    SignIn,
    /// How long things are kept.
    Retention,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Days.
    Days,
    /// Chats.
    Chats,
    /// Conversations.
    Conversations,
    /// Workitems.
    Workitems,
}

/// What a setting's value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// A whole number within its limits, both included.
    Number {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
        /// What is counted.
        unit: Unit,
    },
    /// 0 is off, 1 is on.
    Switch,
    /// One of several, which are counted from 0.
    Choice {
        /// How many there are.
        count: i64,
    },
}

/// One setting: its limits, and where its value stands. Its words are `i18n`'s.
pub struct Setting {
    /// Its name on the wire.
    pub name: &'static str,
    /// Among which others it stands.
    pub group: SettingGroup,
    /// What its value means.
    pub kind: SettingKind,
    /// Reads its value.
    pub get: fn(&OrganisationSettings) -> i64,
    /// Replaces its value.
    pub set: fn(&mut OrganisationSettings, i64),
}

macro_rules! number {
    ($group:ident, $name:literal, $min:literal..=$max:literal, $unit:ident, $($field:ident).+) => {
        Setting {
            name: $name,
            group: SettingGroup::$group,
            kind: SettingKind::Number { min: $min, max: $max, unit: Unit::$unit },
            get: |settings| settings.$($field).+,
            set: |settings, value| settings.$($field).+ = value,
        }
    };
}

macro_rules! switch {
    ($group:ident, $name:literal, $($field:ident).+) => {
        Setting {
            name: $name,
            group: SettingGroup::$group,
            kind: SettingKind::Switch,
            get: |settings| i64::from(settings.$($field).+),
            set: |settings, value| settings.$($field).+ = value != 0,
        }
    };
}

/// The name of the setting of who needs a second factor. Changing it is a sensitive act.
pub const SECOND_FACTOR: &str = "second_factor";
/// The name of the setting of what passkeys are good for. Changing it is a sensitive act.
pub const PASSKEYS: &str = "passkeys";

/// Every setting, in the order in which the page shows them.
pub const SETTINGS: &[Setting] = &[
    number!(
        Lost,
        "agent_lost_after_s",
        10..=3_600,
        Seconds,
        agent_lost_after_s
    ),
    number!(
        Lost,
        "requeue_after_s",
        0..=86_400,
        Seconds,
        requeue_after_s
    ),
    number!(Capacity, "capacity_chat", 0..=100, Chats, capacity.chat),
    number!(
        Capacity,
        "capacity_social",
        0..=100,
        Conversations,
        capacity.social
    ),
    number!(
        Capacity,
        "capacity_sms",
        0..=100,
        Conversations,
        capacity.sms
    ),
    number!(
        Capacity,
        "capacity_phone",
        0..=100,
        Workitems,
        capacity.phone
    ),
    number!(
        Capacity,
        "capacity_email",
        0..=500,
        Workitems,
        capacity.email
    ),
    number!(Queue, "queue_max", 1..=10_000, Workitems, queue_max),
    number!(
        Answers,
        "answer_chat_min",
        1..=10_080,
        Minutes,
        answer_within_min.chat
    ),
    number!(
        Answers,
        "answer_social_min",
        1..=10_080,
        Minutes,
        answer_within_min.social
    ),
    number!(
        Answers,
        "answer_sms_min",
        1..=10_080,
        Minutes,
        answer_within_min.sms
    ),
    number!(
        Answers,
        "answer_phone_min",
        1..=10_080,
        Minutes,
        answer_within_min.phone
    ),
    number!(
        Answers,
        "answer_email_min",
        1..=10_080,
        Minutes,
        answer_within_min.email
    ),
    switch!(WrapUp, "outcome_required", outcome_required),
    switch!(WrapUp, "rating_asked", rating_asked),
    switch!(Coaching, "monitoring_announced", monitoring_announced),
    switch!(Coaching, "coaching_crosses_teams", coaching_crosses_teams),
    Setting {
        name: SECOND_FACTOR,
        group: SettingGroup::SignIn,
        kind: SettingKind::Choice {
            count: SecondFactorRule::ALL.len() as i64,
        },
        get: |settings| settings.second_factor as i64,
        set: |settings, value| settings.second_factor = SecondFactorRule::of_value(value),
    },
    Setting {
        name: PASSKEYS,
        group: SettingGroup::SignIn,
        kind: SettingKind::Choice {
            count: PasskeyRule::ALL.len() as i64,
        },
        get: |settings| settings.passkeys as i64,
        set: |settings, value| settings.passkeys = PasskeyRule::of_value(value),
    },
    number!(
        Retention,
        "retention_work_days",
        0..=36_500,
        Days,
        retention_work_days
    ),
    number!(
        Retention,
        "retention_messages_days",
        0..=36_500,
        Days,
        retention_messages_days
    ),
    number!(
        Retention,
        "retention_audit_days",
        0..=36_500,
        Days,
        retention_audit_days
    ),
];

/// The settings' names on the wire, in the same order.
pub const SETTING_NAMES: [&str; SETTINGS.len()] = {
    let mut names = [""; SETTINGS.len()];
    let mut place = 0;
    while place < SETTINGS.len() {
        names[place] = SETTINGS[place].name;
        place += 1;
    }
    names
};

/// Whether another lifetime, in days, deletes sooner than the one before. 0 deletes nothing.
pub fn deletes_sooner(was: i64, is: i64) -> bool {
    is > 0 && (was == 0 || is < was)
}

/// The settings of how much work one agent is assigned, each with its channel.
pub fn capacity_settings() -> impl Iterator<Item = (Channel, &'static Setting)> {
    let settings = SETTINGS
        .iter()
        .filter(|setting| setting.group == SettingGroup::Capacity);
    Channel::ALL.into_iter().zip(settings)
}

/// Refuses an agent's own numbers that are out of the limits of the organisation's.
pub fn capacity_check(own: &ChannelCounts) -> Result<(), SettingRefused> {
    capacity_settings().try_for_each(|(channel, setting)| setting.check(own.of(channel)))
}

impl Setting {
    fn check(&self, value: i64) -> Result<(), SettingRefused> {
        let (min, max) = match self.kind {
            SettingKind::Number { min, max, .. } => (min, max),
            SettingKind::Switch => (0, 1),
            SettingKind::Choice { count } => (0, count - 1),
        };
        if (min..=max).contains(&value) {
            return Ok(());
        }
        Err(SettingRefused {
            field: self.name,
            problem: Problem::OutOfRange {
                min,
                max,
                actual: value,
            },
        })
    }
}

/// A change that names no setting, or a value out of its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRefused {
    /// The setting's name on the wire.
    pub field: &'static str,
    /// What is wrong with it, with the limits.
    pub problem: Problem,
}

/// Another value of one setting. A save names what it changes, so that a page of an older release leaves the settings
/// alone that it does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChange {
    /// The setting's name on the wire.
    pub name: String,
    /// Its new value; 0 or 1 for a switch.
    pub value: i64,
}

/// A setting that has another value than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingDifference {
    /// The setting's name on the wire.
    pub name: String,
    /// Its value before.
    pub was: i64,
    /// Its value now.
    pub is: i64,
}

impl std::fmt::Display for SettingDifference {
    /// As the audit log has it: `queue_max 200 -> 300`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, was, is } = self;
        write!(f, "{name} {was} -> {is}")
    }
}

/// How much goes at once when lifetimes get shorter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiring {
    /// Closed workitems.
    pub workitems: i64,
    /// Direct messages; those of open requests for assistance stay.
    pub messages: i64,
    /// Rows of the audit log.
    pub audit_rows: i64,
}

/// The settings as they are edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationEdit {
    /// As they stand.
    pub settings: OrganisationSettings,
    /// Counts the changes; a save names the one that it started from.
    pub version: i64,
}

impl OrganisationSettings {
    /// What passkeys are good for: they are second factors, so nothing where those are off.
    pub fn passkeys_allowed(&self) -> PasskeyRule {
        match self.second_factor {
            SecondFactorRule::Off => PasskeyRule::Off,
            _ => self.passkeys,
        }
    }

    /// The settings with these changes. `Invalid` names the first setting that is unknown or out of its limits.
    pub fn changed(&self, changes: &[SettingChange]) -> Result<Self, SettingRefused> {
        let mut settings = self.clone();
        for change in changes {
            let known = SETTINGS.iter().find(|setting| setting.name == change.name);
            let setting = known.ok_or(SettingRefused {
                field: "changes",
                problem: Problem::UnknownSetting,
            })?;
            setting.check(change.value)?;
            (setting.set)(&mut settings, change.value);
        }
        Ok(settings)
    }

    /// Whether these changes delete something sooner than before. That is a sensitive act.
    pub fn deletes_sooner(&self, changes: &[SettingChange]) -> bool {
        let mut lifetimes = SETTINGS
            .iter()
            .filter(|setting| setting.group == SettingGroup::Retention);
        lifetimes.any(|setting| {
            let mut changes = changes.iter();
            changes.any(|change| {
                change.name == setting.name && deletes_sooner((setting.get)(self), change.value)
            })
        })
    }

    /// What is different in `other`.
    pub fn differences(&self, other: &Self) -> Vec<SettingDifference> {
        let differences = SETTINGS.iter().map(|setting| SettingDifference {
            name: setting.name.to_owned(),
            was: (setting.get)(self),
            is: (setting.get)(other),
        });
        differences
            .filter(|difference| difference.was != difference.is)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(name: &str, value: i64) -> SettingChange {
        SettingChange {
            name: name.to_owned(),
            value,
        }
    }

    #[test]
    fn each_setting_reads_what_it_wrote_and_its_default_is_within_its_limits() {
        let defaults = OrganisationSettings::default();
        for setting in SETTINGS {
            let before = (setting.get)(&defaults);
            assert!(setting.check(before).is_ok(), "{}", setting.name);
            let other = if before == 1 { 0 } else { 1 };
            let mut changed = defaults.clone();
            (setting.set)(&mut changed, other);
            assert_eq!((setting.get)(&changed), other, "{}", setting.name);
            assert_eq!(defaults.differences(&changed).len(), 1, "{}", setting.name);
        }
    }

    #[test]
    fn a_lifetime_deletes_sooner_when_it_begins_or_gets_shorter() {
        for (was, is, sooner) in [
            (0, 30, true),
            (30, 29, true),
            (30, 30, false),
            (30, 31, false),
            (30, 0, false),
        ] {
            let kept = OrganisationSettings {
                retention_audit_days: was,
                ..OrganisationSettings::default()
            };
            let changes = [change("queue_max", 1), change("retention_audit_days", is)];
            assert_eq!(kept.deletes_sooner(&changes), sooner, "{was} {is}");
        }
        let settings = OrganisationSettings::default();
        assert!(!settings.deletes_sooner(&[change("queue_max", 1)]));
    }

    #[test]
    fn each_channel_has_its_own_setting_of_how_much_work_is_given() {
        assert_eq!(capacity_settings().count(), Channel::ALL.len());
        for (channel, setting) in capacity_settings() {
            let mut settings = OrganisationSettings::default();
            (setting.set)(&mut settings, 77);
            assert_eq!(settings.capacity.of(channel), 77, "{}", setting.name);
            let refused = capacity_check(&ChannelCounts {
                phone: -1,
                ..settings.capacity
            });
            assert_eq!(refused.unwrap_err().field, "capacity_phone");
        }
    }

    #[test]
    fn a_value_out_of_its_limits_is_refused_by_name_and_nothing_is_changed() {
        let defaults = OrganisationSettings::default();
        let refused = defaults.changed(&[change("queue_max", 5), change("capacity_chat", -1)]);
        let refused = refused.unwrap_err();
        assert_eq!(refused.field, "capacity_chat");
        let problem = Problem::OutOfRange {
            min: 0,
            max: 100,
            actual: -1,
        };
        assert_eq!(refused.problem, problem);
        assert!(defaults.changed(&[change("no_such", 1)]).is_err());
        let changed = defaults.changed(&[change("capacity_chat", 3)]).unwrap();
        let differences = defaults.differences(&changed);
        assert_eq!(
            differences,
            [SettingDifference {
                name: "capacity_chat".to_owned(),
                was: 8,
                is: 3,
            }]
        );
        assert_eq!(differences[0].to_string(), "capacity_chat 8 -> 3");
    }
}
