//! What can go wrong, in words.

use shared::deletion::DeletionExtent;
use shared::error::{AppError, ConflictCause, Difference, Limit, PatternFault, Problem};
use shared::organisation::{SETTINGS, SettingDifference};
use shared::people::{Presence, Role};
use shared::phone::{PHONE_NUMBER_MAX, PHONE_NUMBER_MIN};
use shared::text::listed;
use shared::workitem::{Channel, ChannelCounts};

use crate::{Label, Language, setting_value, settled_text, t};

/// The error as a sentence that says what to do, as far as one can do something.
pub fn error_text(language: Language, error: &AppError) -> String {
    match error {
        AppError::Unauthenticated => t!(language, errors.unauthenticated).to_owned(),
        AppError::NotFound => t!(language, errors.not_found).to_owned(),
        AppError::NotCoachable => t!(language, errors.not_coachable).to_owned(),
        AppError::Invalid {
            field,
            problem: Problem::Taken,
        } if field == "username" => t!(language, problems.username_taken).to_owned(),
        AppError::Invalid { problem, .. } => problem_text(language, problem),
        AppError::Conflict { cause } => conflict_text(language, cause),
        AppError::RateLimited {
            retry_after_s,
            limit,
        } => limit_text(language, *limit, *retry_after_s),
        AppError::Unavailable => t!(language, errors.unavailable).to_owned(),
        AppError::Internal { request_id } => t!(language, errors.internal, reference = request_id),
    }
}

fn limit_text(language: Language, limit: Limit, retry_after_s: i64) -> String {
    match limit {
        Limit::Attempts => t!(language, errors.rate_limited, count = retry_after_s),
        Limit::Address => {
            let minutes = ((retry_after_s + 59) / 60).max(1);
            t!(language, limits.address, count = minutes)
        }
        Limit::Channel => t!(language, limits.channel).to_owned(),
        Limit::Queue => t!(language, limits.queue).to_owned(),
        Limit::Files => t!(language, limits.files, count = retry_after_s),
    }
}

/// What is wrong with an input: a sentence that stands beside it, so that it need not name it.
pub fn problem_text(language: Language, problem: &Problem) -> String {
    let number = |number: &i64| crate::number(language, number);
    let text = match problem {
        Problem::Empty { max } => return t!(language, problems.empty, max = number(max)),
        Problem::TooLong { max, actual } => {
            let (actual, max) = (number(actual), number(max));
            return t!(language, problems.too_long, actual = actual, max = max);
        }
        Problem::TooManyBytes { max, actual } => {
            let (actual, max) = (number(actual), number(max));
            return t!(
                language,
                problems.too_many_bytes,
                actual = actual,
                max = max
            );
        }
        Problem::WrongLength { min, max, actual } => {
            let (min, max, actual) = (number(min), number(max), number(actual));
            return t!(
                language,
                problems.wrong_length,
                min = min,
                max = max,
                actual = actual
            );
        }
        Problem::UsernameForm { min, max } => {
            return t!(language, problems.username_form, min = min, max = max);
        }
        Problem::AddressForm { min, max } => {
            return t!(language, problems.address_form, min = min, max = max);
        }
        Problem::PhoneNumberForm { min, max } => {
            return t!(language, problems.phone_number_form, min = min, max = max);
        }
        Problem::NoPartOfNumber { place, sign } => {
            let place = number(place);
            let (min, max) = (PHONE_NUMBER_MIN, PHONE_NUMBER_MAX);
            let form = t!(language, problems.phone_number_form, min = min, max = max);
            return t!(
                language,
                problems.no_part_of_number,
                form = form,
                place = place,
                sign = sign
            );
        }
        Problem::OutOfRange { min, max, actual } => {
            let (min, max, actual) = (number(min), number(max), number(actual));
            return t!(
                language,
                problems.out_of_range,
                min = min,
                max = max,
                actual = actual
            );
        }
        Problem::ProofNeeded { minutes } => {
            return t!(language, problems.proof_needed, count = *minutes);
        }
        Problem::TeamWithoutAgents { team } => {
            return t!(language, problems.team_without_agents, team = team);
        }
        Problem::AgentNotAvailable { name, presence } => {
            return not_available_text(language, name, *presence);
        }
        Problem::AgentFull { name } => return t!(language, problems.agent_full, name = name),
        Problem::TooLarge { max_kib } => return t!(language, problems.too_large, max = max_kib),
        Problem::FileTooLarge { max_mib } => {
            return t!(language, problems.file_too_large, max = max_mib);
        }
        Problem::FilesFull { max_mib } => return t!(language, problems.files_full, max = max_mib),
        Problem::Unreadable { detail } => {
            return t!(language, problems.unreadable, detail = detail);
        }
        Problem::TooMany { max } => return t!(language, problems.more_than_allowed, max = max),
        Problem::KeyForm { max } => return t!(language, problems.key_form, max = max),
        Problem::EmailForm { max } => return t!(language, problems.email_form, max = max),
        Problem::Unknown { reason } => reason,
        Problem::ControlCharacters { line, place, sign } => {
            return t!(
                language,
                problems.control_characters,
                line = number(line),
                place = number(place),
                sign = sign
            );
        }
        Problem::LineBreaks => t!(language, problems.line_breaks),
        Problem::BlanksOnly => t!(language, problems.blanks_only),
        Problem::Guessable => t!(language, problems.guessable),
        Problem::NotANumber => t!(language, problems.not_a_number),
        Problem::UnknownSetting => t!(language, problems.unknown_setting),
        Problem::NoneChosen => t!(language, problems.none_chosen),
        Problem::Taken => t!(language, problems.taken),
        Problem::NumberTaken => t!(language, problems.number_taken),
        Problem::InternationalNumber { short_code: true } => {
            t!(language, problems.number_or_short_code)
        }
        Problem::InternationalNumber { short_code: false } => {
            t!(language, problems.international_number)
        }
        Problem::AccountSidForm => t!(language, problems.account_sid_form),
        Problem::TakenBefore => t!(language, problems.taken_before),
        Problem::WrongPassword => t!(language, problems.wrong_password),
        Problem::WrongIdentity => t!(language, problems.wrong_identity),
        Problem::WithoutRole { role } => without_role_text(language, *role),
        Problem::OnlyForRole { role } => only_for_role_text(language, *role),
        Problem::NotAnAgent => t!(language, problems.not_an_agent),
        Problem::NotATeam => t!(language, problems.not_a_team),
        Problem::NotALabel => t!(language, problems.not_a_label),
        Problem::NotSupervised => t!(language, problems.not_supervised),
        Problem::HasItAlready => t!(language, problems.has_it_already),
        Problem::Yourself => t!(language, problems.yourself),
        Problem::NotCoachable => t!(language, errors.not_coachable),
        Problem::FileKind => t!(language, problems.file_kind),
        Problem::FileEmpty => t!(language, problems.file_empty),
        Problem::FileChannel => t!(language, problems.file_channel),
        Problem::BrokenOff => t!(language, problems.broken_off),
        Problem::NotAPlace => t!(language, problems.not_a_place),
        Problem::UnknownField => t!(language, problems.unknown_field),
        Problem::Missing => t!(language, problems.missing),
        Problem::NotInTeam => t!(language, problems.not_in_team),
        Problem::NobodyHasIt => t!(language, problems.nobody_has_it),
        Problem::IdTooLong => t!(language, problems.id_too_long),
        Problem::NoWord => t!(language, problems.no_word),
        Problem::ShortBeginning { min } => {
            return t!(language, problems.short_beginning, min = number(min));
        }
        Problem::BadPattern { place, fault } => {
            let why = pattern_fault_text(language, *fault);
            return match place {
                0 => why.to_owned(),
                place => t!(
                    language,
                    problems.pattern_at,
                    place = number(place),
                    why = why
                ),
            };
        }
    };
    text.to_owned()
}

fn pattern_fault_text(language: Language, fault: PatternFault) -> &'static str {
    match fault {
        PatternFault::Unclosed => t!(language, problems.pattern_unclosed),
        PatternFault::Unopened => t!(language, problems.pattern_unopened),
        PatternFault::NothingRepeated => t!(language, problems.pattern_nothing_repeated),
        PatternFault::Repetition => t!(language, problems.pattern_repetition),
        PatternFault::Escape => t!(language, problems.pattern_escape),
        PatternFault::Class => t!(language, problems.pattern_class),
        PatternFault::Unsupported => t!(language, problems.pattern_unsupported),
        PatternFault::TooLarge => t!(language, problems.pattern_too_large),
        PatternFault::FitsEverything => t!(language, problems.pattern_fits_everything),
        PatternFault::Other => t!(language, problems.pattern_unreadable),
    }
}

fn without_role_text(language: Language, role: Role) -> &'static str {
    match role {
        Role::Agent => t!(language, problems.not_all_agents),
        Role::Supervisor => t!(language, problems.not_all_supervisors),
        Role::Administrator => t!(language, problems.not_all_administrators),
    }
}

fn only_for_role_text(language: Language, role: Role) -> &'static str {
    match role {
        Role::Agent => t!(language, problems.only_for_agents),
        Role::Supervisor => t!(language, problems.only_for_supervisors),
        Role::Administrator => t!(language, problems.only_for_administrators),
    }
}

fn not_available_text(language: Language, name: &str, presence: Presence) -> String {
    match presence {
        Presence::Busy => t!(language, problems.agent_busy, name = name),
        Presence::Away => t!(language, problems.agent_away, name = name),
        Presence::Available | Presence::Offline => {
            t!(language, problems.agent_offline, name = name)
        }
    }
}

/// What stands in the way, in one sentence or several.
pub fn conflict_text(language: Language, cause: &ConflictCause) -> String {
    let text = match cause {
        ConflictCause::KeyReused => t!(language, conflicts.key_reused),
        ConflictCause::ConversationEnded => t!(language, conflicts.conversation_ended),
        ConflictCause::ConversationOver => t!(language, conflicts.conversation_over),
        ConflictCause::WorkitemClosed => t!(language, conflicts.workitem_closed),
        ConflictCause::NotWrappedUp => t!(language, conflicts.not_wrapped_up),
        ConflictCause::OutcomeMissing => t!(language, conflicts.outcome_missing),
        ConflictCause::NotEnded => t!(language, conflicts.not_ended),
        ConflictCause::AlreadyRated => t!(language, conflicts.already_rated),
        ConflictCause::EndedByCustomer => t!(language, conflicts.ended_by_customer),
        ConflictCause::CustomerGone => t!(language, conflicts.customer_gone),
        ConflictCause::NewerConversation => t!(language, conflicts.newer_conversation),
        ConflictCause::NotActive => t!(language, conflicts.not_active),
        ConflictCause::InThisQueue => t!(language, conflicts.in_this_queue),
        ConflictCause::TakenMeanwhile => t!(language, conflicts.taken_meanwhile),
        ConflictCause::AgentGone => t!(language, conflicts.agent_gone),
        ConflictCause::AgentNotAvailable => t!(language, conflicts.agent_not_available),
        ConflictCause::AgentFull => t!(language, conflicts.agent_full),
        ConflictCause::ReasonGone => t!(language, conflicts.reason_gone),
        ConflictCause::AnsweredElsewhere => t!(language, conflicts.answered_elsewhere),
        ConflictCause::NobodyCoaches => t!(language, conflicts.nobody_coaches),
        ConflictCause::HandedOnMeanwhile => t!(language, conflicts.handed_on_meanwhile),
        ConflictCause::NotTakenOver => t!(language, conflicts.not_taken_over),
        ConflictCause::NobodyHasIt => t!(language, conflicts.nobody_has_it),
        ConflictCause::NotMonitoring => t!(language, conflicts.not_monitoring),
        ConflictCause::ChannelClosed => t!(language, conflicts.channel_closed),
        ConflictCause::CustomerStopped => t!(language, conflicts.customer_stopped),
        ConflictCause::WindowClosed => t!(language, conflicts.window_closed),
        ConflictCause::NoTeam => t!(language, conflicts.no_team),
        ConflictCause::NobodyAvailable => t!(language, conflicts.nobody_available),
        ConflictCause::NobodySignedIn => t!(language, conflicts.nobody_signed_in),
        ConflictCause::SupervisorSignedOut => t!(language, conflicts.supervisor_signed_out),
        ConflictCause::RecipientsGone => t!(language, conflicts.recipients_gone),
        ConflictCause::TemplateGone => t!(language, conflicts.template_gone),
        ConflictCause::TemplateChanged { text } => {
            return t!(language, conflicts.template_changed, text = text);
        }
        ConflictCause::RequestClaimed { by } => {
            return t!(language, conflicts.request_claimed, name = by);
        }
        ConflictCause::RequestSettled { settled } => {
            let how = settled_text(language, settled);
            return t!(language, conflicts.request_settled, how = how);
        }
        ConflictCause::ReviewOpen { by } => {
            return t!(language, conflicts.review_open, name = by);
        }
        ConflictCause::ReviewDone { by } => {
            return t!(language, conflicts.review_done, name = by);
        }
        ConflictCause::TeamExists => t!(language, conflicts.team_exists),
        ConflictCause::ChannelKeyTaken => t!(language, conflicts.channel_key_taken),
        ConflictCause::WorkitemExists => t!(language, conflicts.workitem_exists),
        ConflictCause::LastAdministrator => t!(language, conflicts.last_administrator),
        ConflictCause::RoleInUse => t!(language, conflicts.role_in_use),
        ConflictCause::OwnPassword => t!(language, conflicts.own_password),
        ConflictCause::OwnDeactivation => t!(language, conflicts.own_deactivation),
        ConflictCause::OwnDeletion => t!(language, conflicts.own_deletion),
        ConflictCause::TeamInUse { extent } => {
            let what = extent_text(language, extent);
            return t!(language, conflicts.team_in_use, what = what);
        }
        ConflictCause::ChannelInUse { open } => {
            return t!(language, conflicts.channel_in_use, count = *open);
        }
        ConflictCause::PasswordChanged => t!(language, conflicts.password_changed),
        ConflictCause::EditedMeanwhile { by, now, deleting } => {
            return edited_text(language, by.as_deref(), now, *deleting);
        }
        ConflictCause::SettingsChanged { by, changes } => {
            return settings_changed_text(language, by.as_deref(), changes);
        }
        ConflictCause::Unknown { reason } => reason,
    };
    text.to_owned()
}

/// What hangs on something that is about to be deleted, with commas between.
fn extent_text(language: Language, extent: &DeletionExtent) -> String {
    let counts = [
        (extent.agents > 0).then(|| t!(language, deletion.agents, count = extent.agents)),
        (extent.channels > 0).then(|| t!(language, deletion.channels, count = extent.channels)),
        (extent.open > 0).then(|| t!(language, deletion.open, count = extent.open)),
    ];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn edited_text(language: Language, by: Option<&str>, now: &[Difference], deleting: bool) -> String {
    let mut sentences = vec![match by {
        Some(name) => t!(language, conflicts.edited_by, name = name),
        None => t!(language, conflicts.edited).to_owned(),
    }];
    sentences.extend(now.iter().map(|value| difference_text(language, value)));
    let kept = match deleting {
        true => t!(language, conflicts.not_deleted),
        false => t!(language, conflicts.not_saved),
    };
    sentences.push(kept.to_owned());
    sentences.join(" ")
}

fn difference_text(language: Language, now: &Difference) -> String {
    match now {
        Difference::Name(text) => t!(language, conflicts.now_name, text = text),
        Difference::Title(text) => t!(language, conflicts.now_title, text = text),
        Difference::Message(text) => t!(language, conflicts.now_message, text = text),
        Difference::Active(true) => t!(language, conflicts.now_active).to_owned(),
        Difference::Active(false) => t!(language, conflicts.now_inactive).to_owned(),
        Difference::Target(Some(minutes)) => {
            t!(language, conflicts.now_target, count = *minutes)
        }
        Difference::Target(None) => t!(language, conflicts.now_no_target).to_owned(),
        Difference::Roles(roles) => {
            let labels: Vec<&str> = (roles.iter())
                .map(|role| Label::label(*role, language))
                .collect();
            t!(language, conflicts.now_roles, roles = labels.join(", "))
        }
        Difference::Capacity(None) => t!(language, conflicts.now_organisation_capacity).to_owned(),
        Difference::Capacity(Some(own)) => {
            let numbers = capacity_text(language, own);
            t!(language, conflicts.now_own_capacity, numbers = numbers)
        }
        Difference::Agents(names) if names.is_empty() => {
            t!(language, conflicts.now_no_agents).to_owned()
        }
        Difference::Agents(names) => {
            t!(
                language,
                conflicts.now_agents,
                names = listed(names.iter().map(String::as_str))
            )
        }
        Difference::Priority(priority) => t!(
            language,
            conflicts.now_priority,
            priority = priority.label(language)
        ),
        Difference::Supervisors(names) if names.is_empty() => {
            t!(language, conflicts.now_no_supervisors).to_owned()
        }
        Difference::Supervisors(names) => {
            t!(
                language,
                conflicts.now_supervisors,
                names = listed(names.iter().map(String::as_str))
            )
        }
    }
}

fn capacity_text(language: Language, own: &ChannelCounts) -> String {
    let each = Channel::ALL.map(|channel| {
        let label = Label::label(channel, language);
        format!("{label} {}", crate::number(language, &own.of(channel)))
    });
    each.join(", ")
}

fn settings_changed_text(
    language: Language,
    by: Option<&str>,
    changes: &[SettingDifference],
) -> String {
    let mut sentences = vec![match by {
        Some(name) => t!(language, conflicts.settings_changed_by, name = name),
        None => t!(language, conflicts.settings_changed).to_owned(),
    }];
    sentences.extend(changes.iter().map(|change| setting_text(language, change)));
    sentences.push(t!(language, conflicts.nothing_saved).to_owned());
    sentences.join(" ")
}

fn setting_text(language: Language, change: &SettingDifference) -> String {
    let SettingDifference { name, was, is } = change;
    let known = SETTINGS.iter().find(|setting| setting.name == *name);
    let (label, past, present) = match known {
        Some(setting) => (
            setting.label(language),
            setting_value(language, setting, *was),
            setting_value(language, setting, *is),
        ),
        None => (name.as_str(), was.to_string(), is.to_string()),
    };
    t!(
        language,
        conflicts.setting_changed,
        setting = label,
        past = past,
        present = present
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors whose words come from elsewhere: from the host, or with a name in them.
    fn words(error: &AppError) -> [String; 2] {
        Language::ALL.map(|language| error_text(language, error))
    }

    #[test]
    fn every_problem_and_every_cause_has_words_in_each_language() {
        for error in AppError::samples() {
            let [english, german] = words(&error);
            for text in [&english, &german] {
                assert!(
                    !text.is_empty() && !text.contains(['{', '}']),
                    "{error:?}: {text}"
                );
            }
            let foreign = matches!(
                &error,
                AppError::Invalid {
                    problem: Problem::Unknown { .. },
                    ..
                } | AppError::Conflict {
                    cause: ConflictCause::Unknown { .. }
                }
            );
            assert_eq!(english == german, foreign, "{english} / {german}");
        }
    }

    #[test]
    fn a_limit_stands_in_the_words() {
        let error = AppError::invalid(
            "text",
            Problem::TooLong {
                max: 80,
                actual: 81,
            },
        );
        assert_eq!(
            words(&error),
            [
                "Too long: 81 of 80 characters.",
                "Zu lang: 81 von 80 Zeichen."
            ]
        );
        let edited = AppError::conflict(ConflictCause::EditedMeanwhile {
            by: Some("Ada Almond".to_owned()),
            now: vec![
                Difference::Name("Day".to_owned()),
                Difference::Roles(vec![Role::Agent, Role::Supervisor]),
                Difference::Agents(Vec::new()),
            ],
            deleting: false,
        });
        assert_eq!(
            words(&edited)[0],
            "Ada Almond has changed this meanwhile. Name: now “Day”. Roles: now Agent, Supervisor. \
             Agents: now nobody. Your changes are not saved."
        );
    }
}
