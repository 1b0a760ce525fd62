//! What stands in the details of the audit log, in words. The host says it with a page of the log, so the browser has none of it.

use shared::admin::QueuePriority;
use shared::alerts::AlertCondition;
use shared::assistance::SettledHow;
use shared::audit::{AuditOutcome, Says, says};
use shared::history::{CoachingFilter, RequestFilter};
use shared::labels::LabelKind;
use shared::people::{Permission, Role};
use shared::reviews::ReviewState;
use shared::saved_texts::SavedFor;
use shared::text::isolated;
use shared::tokens::Scope;
use shared::webhooks::EventKind;
use shared::workitem::{Channel, WorkitemState};

use crate::{Label, Language, audit_act, channel_kind, channel_setting, number, t};

/// What stands between several codes.
const BETWEEN: &str = ", ";

/// What stands in a detail of a row: the codes of closed sets in words, everything else as it is.
pub fn audit_value(language: Language, field: &str, value: &str) -> String {
    match field {
        "act" => audit_act(language, value).to_owned(),
        "condition" => match serde_json::from_str::<AlertCondition>(value) {
            Ok(condition) => condition_text(language, &condition),
            Err(_) => value.to_owned(),
        },
        "settings" => settings_text(language, value),
        _ if says(field) == Some(Says::Codes) => {
            let codes = value.split(BETWEEN);
            let words = codes.map(|code| words_of(language, field, code).unwrap_or(code));
            listed(&words.collect::<Vec<&str>>())
        }
        _ => value.to_owned(),
    }
}

/// Whether the page of the log has words for what an act says in a detail. A vendor's kinds of channels are not known to those who
/// write rows.
pub fn audit_value_has_words(act: &str, field: &str, value: &str) -> bool {
    if field == "condition" {
        return serde_json::from_str::<AlertCondition>(value).is_ok();
    }
    let of_vendor = field == "kind" && act.contains("channel_");
    if of_vendor || says(field) != Some(Says::Codes) {
        return true;
    }
    value.split(BETWEEN).all(|code| {
        // `supervisor/ID`: the name of a role that was built is looked up.
        let code = code.split_once('/').map_or(code, |(kind, _)| kind);
        let counted = code.is_empty() || code.parse::<i64>().is_ok();
        counted || words_of(Language::default(), field, code).is_some()
    })
}

/// Words that have commas themselves are kept apart by more than one.
fn listed(words: &[&str]) -> String {
    let commas = words.iter().any(|word| word.contains(','));
    words.join(if commas { "; " } else { BETWEEN })
}

/// The words of one code; nothing for what is none.
fn words_of(language: Language, field: &str, code: &str) -> Option<&'static str> {
    Some(match (field, code) {
        ("ambiguous" | "roles", code) => Role::from_code(code)?.label(language),
        ("channel", code) => Channel::from_code(code)?.label(language),
        ("coaching" | "offline_form", code) => switch_text(language, code)?,
        ("events", code) => EventKind::from_code(code)?.label(language),
        ("hours", "") => t!(language, chat_settings.always),
        ("hours", "weekly") => t!(language, chat_settings.weekly),
        ("how", code) => SettledHow::from_code(code)?.label(language),
        ("kind", code) => kind_text(language, code)?,
        ("list", "agents") => t!(language, dashboard.agents),
        ("list", "requests") => t!(language, requests.title),
        ("list", "users") => t!(language, users.title),
        ("outcome", code) => AuditOutcome::from_code(code)?.label(language),
        ("permissions", code) => Permission::from_code(code)?.label(language),
        ("priority", code) => QueuePriority::from_code(code)?.label(language),
        ("reaction", code) => reaction_text(language, CoachingFilter::from_code(code)?),
        ("reason", "authority_lost") => t!(language, audit_value.authority_lost),
        ("reason", "connection_lost") => t!(language, audit_value.connection_lost),
        ("reason", "failing") => t!(language, audit_value.failing),
        ("reason", "gone") => t!(language, audit_value.gone),
        ("reason", "left") => t!(language, audit_value.left),
        ("reason", "signed_out") => t!(language, audit_act.sign_out),
        ("reason", "workitem_closed") => t!(language, audit_value.workitem_closed),
        ("request", code) => request_text(language, RequestFilter::from_code(code)?),
        ("review", code) => match ReviewState::from_code(code)? {
            ReviewState::Flagged => t!(language, review.flagged),
            ReviewState::Reviewed => t!(language, review.reviewed),
        },
        ("scopes", code) => Scope::from_code(code)?.label(language),
        ("secret", "replaced") => t!(language, audit_value.replaced),
        ("secrets", "identity") => t!(language, audit_value.identity),
        ("secrets", name) => channel_setting(language, name)?,
        ("shown", "coaching") => t!(language, audit_field.coaching),
        ("shown", "excerpt") => t!(language, audit_value.excerpt),
        ("shown", "file") => t!(language, audit_value.file),
        ("state", code) => WorkitemState::from_code(code)?.label(language),
        ("why", "claimer_absent") => t!(language, audit_value.claimer_absent),
        ("written_for", code) => SavedFor::from_code(code)?.label(language),
        _ => return None,
    })
}

/// Whether it was so, where that is said by other words than `true` and `false`.
fn switch_text(language: Language, code: &str) -> Option<&'static str> {
    match code {
        "on" | "yes" => Some(t!(language, audit.yes)),
        "no" => Some(t!(language, audit.no)),
        _ => None,
    }
}

/// Roles, labels and channels of a provider have kinds. No two of them have the same code.
fn kind_text(language: Language, code: &str) -> Option<&'static str> {
    let role = Role::from_code(code).map(|role| role.label(language));
    let label = || LabelKind::from_code(code).map(|kind| kind.label(language));
    role.or_else(label).or_else(|| channel_kind(language, code))
}

/// As the filter of the history says it.
fn reaction_text(language: Language, reaction: CoachingFilter) -> &'static str {
    match reaction {
        CoachingFilter::ThumbsUp => t!(language, reaction.thumbs_up),
        CoachingFilter::ThumbsDown => t!(language, reaction.thumbs_down),
        CoachingFilter::Forwarded => t!(language, history.coaching_forwarded),
    }
}

/// As the filter of the history says it.
fn request_text(language: Language, request: RequestFilter) -> &'static str {
    match request {
        RequestFilter::Any => t!(language, history.request_any),
        RequestFilter::Open => t!(language, history.request_open),
        RequestFilter::Done => t!(language, requests.done),
        RequestFilter::Withdrawn => t!(language, history.request_withdrawn),
        RequestFilter::Lapsed => t!(language, history.request_lapsed),
    }
}

/// What a rule for alerts looks at, and its fields by their labels, as its page has them.
fn condition_text(language: Language, condition: &AlertCondition) -> String {
    let count = |number_of: &i64| number(language, number_of);
    let words = t!(language, alerts.words);
    let fields = match condition {
        AlertCondition::Words(phrases) => vec![(
            words,
            shared::text::listed(phrases.iter().map(String::as_str)),
        )],
        AlertCondition::Pattern(pattern) => {
            vec![(t!(language, alerts.pattern), pattern.clone())]
        }
        AlertCondition::Capitals { share, letters } => vec![
            (t!(language, alerts.share), count(share)),
            (t!(language, alerts.letters), count(letters)),
        ],
        AlertCondition::Queued(minutes)
        | AlertCondition::Unanswered(minutes)
        | AlertCondition::Handled(minutes) => vec![(t!(language, alerts.minutes), count(minutes))],
        AlertCondition::ThumbsDown(thumbs) => vec![(t!(language, alerts.count), count(thumbs))],
    };
    let fields = fields.iter();
    let fields = fields.map(|(label, value)| format!("{label}: {}", isolated(value)));
    let fields = fields.collect::<Vec<String>>().join("; ");
    format!("{} ({fields})", condition.kind().label(language))
}

/// `name=value` of each setting of a provider's channel.
fn settings_text(language: Language, value: &str) -> String {
    let settings = value.split(BETWEEN).map(|setting| {
        let named = setting.split_once('=');
        let named = named.and_then(|(name, value)| Some((channel_setting(language, name)?, value)));
        match named {
            Some((name, value)) => format!("{name}: {value}"),
            None => setting.to_owned(),
        }
    });
    settings.collect::<Vec<String>>().join(BETWEEN)
}

#[cfg(test)]
mod tests {
    use shared::audit::FIELDS;
    use shared::transcript::EndReason;
    use shared::webhooks::OffReason;

    use super::*;

    /// The codes of every closed set, by the detail that says them.
    fn sets() -> Vec<(&'static str, Vec<&'static str>)> {
        let ends = [
            EndReason::Left,
            EndReason::ConnectionLost,
            EndReason::SignedOut,
            EndReason::AuthorityLost,
            EndReason::WorkitemClosed,
        ];
        let reasons = ends.into_iter().map(EndReason::code);
        let reasons = reasons.chain(OffReason::ALL.map(OffReason::code));
        let roles = Role::ALL.map(Role::code);
        let of_channels = [
            "meta_instagram",
            "meta_messenger",
            "meta_whatsapp",
            "twilio_sms",
            "twilio_whatsapp",
        ];
        let labels = LabelKind::ALL.map(LabelKind::code);
        let kinds = roles.into_iter().chain(labels).chain(of_channels);
        let states = [
            WorkitemState::Queued,
            WorkitemState::Active,
            WorkitemState::WrapUp,
            WorkitemState::Closed,
        ];
        let outcomes = [AuditOutcome::Done, AuditOutcome::Refused];
        let secrets = ["access_token", "app_secret", "auth_token", "identity"];
        vec![
            ("ambiguous", roles.to_vec()),
            ("channel", Channel::ALL.map(Channel::code).to_vec()),
            // In English these are the words.
            ("coaching", Vec::new()),
            ("events", EventKind::CHOICES.map(EventKind::code).to_vec()),
            ("hours", vec!["", "weekly"]),
            ("how", SettledHow::ALL.map(SettledHow::code).to_vec()),
            ("kind", kinds.collect()),
            ("list", vec!["agents", "requests", "users"]),
            ("offline_form", vec!["on"]),
            ("outcome", outcomes.map(AuditOutcome::code).to_vec()),
            (
                "permissions",
                Permission::ALL.map(Permission::code).to_vec(),
            ),
            (
                "priority",
                QueuePriority::ALL.map(QueuePriority::code).to_vec(),
            ),
            (
                "reaction",
                CoachingFilter::ALL.map(CoachingFilter::code).to_vec(),
            ),
            ("reason", reasons.collect()),
            (
                "request",
                RequestFilter::ALL.map(RequestFilter::code).to_vec(),
            ),
            ("review", ReviewState::ALL.map(ReviewState::code).to_vec()),
            ("roles", roles.to_vec()),
            ("scopes", Scope::ALL.map(Scope::code).to_vec()),
            ("secret", vec!["replaced"]),
            ("secrets", secrets.to_vec()),
            ("shown", vec!["coaching", "excerpt", "file"]),
            ("state", states.map(WorkitemState::code).to_vec()),
            ("why", vec!["claimer_absent"]),
            ("written_for", SavedFor::ALL.map(SavedFor::code).to_vec()),
        ]
    }

    #[test]
    fn e51_codes_of_closed_sets_have_words() {
        let sets = sets();
        let coded = FIELDS.iter().filter(|(_, says)| *says == Says::Codes);
        let coded: Vec<&str> = coded.map(|(field, _)| *field).collect();
        let tried: Vec<&str> = sets.iter().map(|(field, _)| *field).collect();
        assert_eq!(tried, coded, "each field of codes is tried");
        for language in Language::ALL {
            for (field, codes) in &sets {
                for code in codes {
                    assert_ne!(audit_value(language, field, code), *code, "{field}");
                    assert!(audit_value_has_words("role_update", field, code), "{field}");
                }
            }
        }
    }

    #[test]
    fn e51_what_is_no_code_stays_as_it_is_and_a_code_without_words_is_noticed() {
        let words = |field, value| audit_value(Language::En, field, value);
        let both = words("secrets", "access_token, app_secret");
        assert_eq!(both, "Access token, App secret");
        let commas = words("permissions", "workitem.end, user.manage");
        let expected =
            "End agents' conversations; Manage users and roles, and so get every permission";
        assert_eq!(commas, expected);
        let settings = words("settings", "account_sid=AC1, colour=red");
        assert_eq!(settings, "Account SID: AC1, colour=red");
        assert_eq!(audit_value(Language::De, "coaching", "yes"), "ja");
        // The count of what was sealed, a reason of another release, and what somebody typed.
        for (field, value, known) in [
            ("secrets", "12", true),
            ("reason", "of_tomorrow", false),
            ("permissions", "user.manage, moon.land", false),
            ("condition", "{\"moon\":5}", false),
            ("name", "left, gone,red", true),
            ("role", "Left, gone", true),
        ] {
            assert_eq!(audit_value_has_words("user_update", field, value), known);
            if field != "permissions" {
                assert_eq!(words(field, value), value);
            }
        }
        assert!(audit_value_has_words(
            "sign_on_save",
            "roles",
            "agent/r-1, supervisor"
        ));
        assert!(!audit_value_has_words("sign_on_save", "roles", "pilot/r-1"));
        assert!(audit_value_has_words(
            "provider_channel_create",
            "kind",
            "pigeon_post"
        ));
        assert!(!audit_value_has_words(
            "label_create",
            "kind",
            "pigeon_post"
        ));
    }

    #[test]
    fn e51_a_condition_of_an_alert_reads_as_on_the_page_of_rules() {
        for (condition, english, german) in [
            (
                AlertCondition::Words(vec!["refund".to_owned(), "lawyer*".to_owned()]),
                "Words in a message (Words and phrases: refund, lawyer*)",
                "Wörter in einer Nachricht (Wörter und Wendungen: refund, lawyer*)",
            ),
            (
                AlertCondition::Queued(1_440),
                "Waits in the queue for too long (Minutes: 1,440)",
                "Wartet zu lange in der Warteschlange (Minuten: 1.440)",
            ),
            (
                AlertCondition::Capitals {
                    share: 80,
                    letters: 20,
                },
                "Capital letters (Share of capital letters, in percent: 80; Minimum number of letters: 20)",
                "Großbuchstaben (Anteil der Großbuchstaben in Prozent: 80; Mindestzahl der Buchstaben: 20)",
            ),
        ] {
            let stored = serde_json::to_string(&condition).expect("JSON");
            assert_eq!(audit_value(Language::En, "condition", &stored), english);
            assert_eq!(audit_value(Language::De, "condition", &stored), german);
        }
    }
}
