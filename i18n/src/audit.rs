//! The words of the audit log.

use shared::assistance::SettledHow;
use shared::audit::AuditOutcome;

use crate::{Label, Language, t};

impl Label for AuditOutcome {
    fn label(self, language: Language) -> &'static str {
        match self {
            AuditOutcome::Done => t!(language, audit.done),
            AuditOutcome::Refused => t!(language, audit.refused),
        }
    }
}

/// What an act is called. One of another release has its code for a name.
pub fn audit_act(language: Language, code: &str) -> &str {
    match code {
        "alert_rule_create" => t!(language, audit_act.alert_rule_create),
        "alert_rule_delete" => t!(language, audit_act.alert_rule_delete),
        "alert_rule_update" => t!(language, audit_act.alert_rule_update),
        "audit_export" => t!(language, audit_act.audit_export),
        "channel_activate" => t!(language, audit_act.channel_activate),
        "channel_create" => t!(language, audit_act.channel_create),
        "channel_delete" => t!(language, audit_act.channel_delete),
        "channel_update" => t!(language, audit_act.channel_update),
        "channel_test" => t!(language, audit_act.channel_test),
        "chat_secret_set" => t!(language, audit_act.chat_secret_set),
        "chat_settings_save" => t!(language, audit_act.chat_settings_save),
        "conversation_end" => t!(language, audit_act.conversation_end),
        "customer_erase" => t!(language, audit_act.customer_erase),
        "history_export" => t!(language, audit_act.history_export),
        "history_read" => t!(language, audit_act.history_read),
        "label_create" => t!(language, audit_act.label_create),
        "label_delete" => t!(language, audit_act.label_delete),
        "label_update" => t!(language, audit_act.label_update),
        "list_export" => t!(language, audit_act.list_export),
        "monitoring_begin" => t!(language, audit_act.monitoring_begin),
        "monitoring_end" => t!(language, audit_act.monitoring_end),
        "escalation_save" => t!(language, audit_act.escalation_save),
        "review_finish" => t!(language, audit_act.review_finish),
        "review_flag" => t!(language, audit_act.review_flag),
        "role_create" => t!(language, audit_act.role_create),
        "role_delete" => t!(language, audit_act.role_delete),
        "role_give" => t!(language, audit_act.role_give),
        "role_update" => t!(language, audit_act.role_update),
        "organisation_save" => t!(language, audit_act.organisation_save),
        "passkey_add" => t!(language, audit_act.passkey_add),
        "passkey_cloned" => t!(language, audit_act.passkey_cloned),
        "passkey_refused" => t!(language, audit_act.passkey_refused),
        "passkey_remove" => t!(language, audit_act.passkey_remove),
        "passkey_use" => t!(language, audit_act.passkey_use),
        "password_change" => t!(language, audit_act.password_change),
        "password_prove" => t!(language, audit_act.password_prove),
        "password_refused" => t!(language, audit_act.password_refused),
        "provider_channel_create" => t!(language, audit_act.provider_channel_create),
        "provider_channel_update" => t!(language, audit_act.provider_channel_update),
        "recovery_codes_renew" => t!(language, audit_act.recovery_codes_renew),
        "refusals_skipped" => t!(language, audit_act.refusals_skipped),
        "refused_action" => t!(language, audit_act.refused_action),
        "refused_agent" => t!(language, audit_act.refused_agent),
        "refused_cross_site" => t!(language, audit_act.refused_cross_site),
        "refused_page" => t!(language, audit_act.refused_page),
        "refused_rate" => t!(language, audit_act.refused_rate),
        "refused_reaction" => t!(language, audit_act.refused_reaction),
        "refused_request" => t!(language, audit_act.refused_request),
        "refused_signed_out" => t!(language, audit_act.refused_signed_out),
        "refused_token" => t!(language, audit_act.refused_token),
        "refused_topic" => t!(language, audit_act.refused_topic),
        "refused_wall" => t!(language, audit_act.refused_wall),
        "refused_workitem" => t!(language, audit_act.refused_workitem),
        "rekey" => t!(language, audit_act.rekey),
        "request_claim" => t!(language, audit_act.request_claim),
        "request_done" => t!(language, audit_act.request_done),
        "request_hand_back" => t!(language, audit_act.request_hand_back),
        "request_lapse" => t!(language, audit_act.request_lapse),
        "request_withdraw" => t!(language, audit_act.request_withdraw),
        "retention" => t!(language, audit_act.retention),
        "saved_text_create" => t!(language, audit_act.saved_text_create),
        "saved_text_delete" => t!(language, audit_act.saved_text_delete),
        "saved_text_update" => t!(language, audit_act.saved_text_update),
        "second_factor_limited" => t!(language, audit_act.second_factor_limited),
        "second_factor_refused" => t!(language, audit_act.second_factor_refused),
        "second_factor_remove" => t!(language, audit_act.second_factor_remove),
        "second_factor_reset" => t!(language, audit_act.second_factor_reset),
        "second_factor_set" => t!(language, audit_act.second_factor_set),
        "session_close" => t!(language, audit_act.session_close),
        "sessions_end_elsewhere" => t!(language, audit_act.sessions_end_elsewhere),
        "sign_in" => t!(language, audit_act.sign_in),
        "sign_in_limited" => t!(language, audit_act.sign_in_limited),
        "sign_in_refused" => t!(language, audit_act.sign_in_refused),
        "sign_on_activate" => t!(language, audit_act.sign_on_activate),
        "sign_on_delete" => t!(language, audit_act.sign_on_delete),
        "sign_on_link" => t!(language, audit_act.sign_on_link),
        "sign_on_logout" => t!(language, audit_act.sign_on_logout),
        "sign_on_logout_refused" => t!(language, audit_act.sign_on_logout_refused),
        "sign_on_prove" => t!(language, audit_act.sign_on_prove),
        "sign_on_refused" => t!(language, audit_act.sign_on_refused),
        "sign_on_roles" => t!(language, audit_act.sign_on_roles),
        "sign_on_save" => t!(language, audit_act.sign_on_save),
        "sign_on_unlink" => t!(language, audit_act.sign_on_unlink),
        "sign_out" => t!(language, audit_act.sign_out),
        "team_create" => t!(language, audit_act.team_create),
        "team_delete" => t!(language, audit_act.team_delete),
        "team_update" => t!(language, audit_act.team_update),
        "template_create" => t!(language, audit_act.template_create),
        "template_delete" => t!(language, audit_act.template_delete),
        "template_move" => t!(language, audit_act.template_move),
        "template_update" => t!(language, audit_act.template_update),
        "token_create" => t!(language, audit_act.token_create),
        "token_revoke" => t!(language, audit_act.token_revoke),
        "transcript_export" => t!(language, audit_act.transcript_export),
        "user_activate" => t!(language, audit_act.user_activate),
        "user_create" => t!(language, audit_act.user_create),
        "user_deactivate" => t!(language, audit_act.user_deactivate),
        "user_delete" => t!(language, audit_act.user_delete),
        "user_password_reset" => t!(language, audit_act.user_password_reset),
        "user_sessions_end" => t!(language, audit_act.user_sessions_end),
        "user_update" => t!(language, audit_act.user_update),
        "view_create" => t!(language, audit_act.view_create),
        "view_delete" => t!(language, audit_act.view_delete),
        "view_update" => t!(language, audit_act.view_update),
        "wall_create" => t!(language, audit_act.wall_create),
        "wall_revoke" => t!(language, audit_act.wall_revoke),
        "webhook_activate" => t!(language, audit_act.webhook_activate),
        "webhook_again" => t!(language, audit_act.webhook_again),
        "webhook_create" => t!(language, audit_act.webhook_create),
        "webhook_delete" => t!(language, audit_act.webhook_delete),
        "webhook_rotate" => t!(language, audit_act.webhook_rotate),
        "webhook_switched_off" => t!(language, audit_act.webhook_switched_off),
        "webhook_test" => t!(language, audit_act.webhook_test),
        "webhook_update" => t!(language, audit_act.webhook_update),
        "workitem_barge" => t!(language, audit_act.workitem_barge),
        "workitem_give_back" => t!(language, audit_act.workitem_give_back),
        "workitem_peek" => t!(language, audit_act.workitem_peek),
        "workitem_reassign" => t!(language, audit_act.workitem_reassign),
        "workitem_take_over" => t!(language, audit_act.workitem_take_over),
        "wrap_up_close" => t!(language, audit_act.wrap_up_close),
        code => code,
    }
}

/// What a detail of a row is called: a setting of the organisation by its own words, one of another release by its code.
pub fn audit_field(language: Language, code: &str) -> &str {
    match code {
        "act" => t!(language, audit_field.act),
        "active" => t!(language, audit_field.active),
        "address" => t!(language, audit_field.address),
        "agent" => t!(language, audit_field.agent),
        "all_after" => t!(language, audit_field.all_after),
        "ambiguous" => t!(language, audit_field.ambiguous),
        "audit_rows" => t!(language, audit_field.audit_rows),
        "before" => t!(language, audit_field.before),
        "before_until" => t!(language, audit_field.before_until),
        "capacity" => t!(language, audit_field.capacity),
        "channel" => t!(language, audit_field.channel),
        "claimed_by" => t!(language, audit_field.claimed_by),
        "client_id" => t!(language, audit_field.client_id),
        "coaching" => t!(language, audit_field.coaching),
        "condition" => t!(language, audit_field.condition),
        "create" => t!(language, audit_field.create),
        "customer" => t!(language, audit_field.customer),
        "entries" => t!(language, audit_field.entries),
        "events" => t!(language, audit_field.events),
        "expires_at" => t!(language, audit_field.expires_at),
        "external_id" => t!(language, audit_field.external_id),
        "files" => t!(language, audit_field.files),
        "filter" => t!(language, audit_field.filter),
        "format" => t!(language, audit_field.format),
        "friday" => t!(language, audit_field.friday),
        "from" => t!(language, audit_field.from),
        "greeting" => t!(language, audit_field.greeting),
        "hours" => t!(language, audit_field.hours),
        "how" => t!(language, audit_field.how),
        "issuer" => t!(language, audit_field.issuer),
        "kind" => t!(language, audit_field.kind),
        "label" => t!(language, audit_field.label),
        "link" => t!(language, audit_field.link),
        "list" => t!(language, audit_field.list),
        "members" => t!(language, audit_field.members),
        "messages" => t!(language, audit_field.messages),
        "monday" => t!(language, audit_field.monday),
        "name" => t!(language, audit_field.name),
        "notices" => t!(language, audit_field.notices),
        "notified" => t!(language, audit_field.notified),
        "object" => t!(language, audit_field.object),
        "offline_form" => t!(language, audit_field.offline_form),
        "on_call" => t!(language, audit_field.on_call),
        "on_call_after" => t!(language, audit_field.on_call_after),
        "origins" => t!(language, audit_field.origins),
        "outcome" => t!(language, audit_field.outcome),
        "passwords" => t!(language, audit_field.passwords),
        "permissions" => t!(language, audit_field.permissions),
        "place" => t!(language, audit_field.place),
        "priority" => t!(language, audit_field.priority),
        "rating" => t!(language, audit_field.rating),
        "reaction" => t!(language, audit_field.reaction),
        "reason" => t!(language, audit_field.reason),
        "removed_at" => t!(language, audit_field.removed_at),
        "request" => t!(language, audit_field.request),
        "requests" => t!(language, audit_field.requests),
        "review" => t!(language, audit_field.review),
        "revoked_at" => t!(language, audit_field.revoked_at),
        "role" => t!(language, audit_field.role),
        "roles" => t!(language, audit_field.roles),
        "roles_claim" => t!(language, audit_field.roles_claim),
        "saturday" => t!(language, audit_field.saturday),
        "scopes" => t!(language, audit_field.scopes),
        "secret" => t!(language, audit_field.secret),
        "secrets" => t!(language, audit_field.secrets),
        "settings" => t!(language, audit_field.settings),
        "shown" => t!(language, audit_field.shown),
        "state" => t!(language, audit_field.state),
        "sunday" => t!(language, audit_field.sunday),
        "supervisors" => t!(language, audit_field.supervisors),
        "target" => t!(language, audit_field.target),
        "team" => t!(language, audit_field.team),
        "teams" => t!(language, audit_field.teams),
        "text" => t!(language, audit_field.text),
        "thursday" => t!(language, audit_field.thursday),
        "time_zone" => t!(language, audit_field.time_zone),
        "title" => t!(language, audit_field.title),
        "to" => t!(language, audit_field.to),
        "token" => t!(language, audit_field.token),
        "tuesday" => t!(language, audit_field.tuesday),
        "user" => t!(language, audit_field.user),
        "user_name" => t!(language, audit_field.user_name),
        "username" => t!(language, audit_field.username),
        "username_claim" => t!(language, audit_field.username_claim),
        "webhook_events" => t!(language, audit_field.webhook_events),
        "wednesday" => t!(language, audit_field.wednesday),
        "why" => t!(language, audit_field.why),
        "words" => t!(language, audit_field.words),
        "workitem" => t!(language, audit_field.workitem),
        "workitems" => t!(language, audit_field.workitems),
        "written_for" => t!(language, audit_field.written_for),
        code => code,
    }
}

/// What stands in a detail of a row: the codes of closed sets in words, everything else as it is.
pub fn audit_value(language: Language, field: &str, value: &str) -> String {
    let values = value
        .split(", ")
        .map(|value| one_value(language, field, value));
    values.collect::<Vec<&str>>().join(", ")
}

fn one_value<'a>(language: Language, field: &str, value: &'a str) -> &'a str {
    match (field, value) {
        ("how", code) => SettledHow::from_code(code).map_or(code, |how| how.label(language)),
        ("reason", "authority_lost") => t!(language, audit_value.authority_lost),
        ("reason", "connection_lost") => t!(language, audit_value.connection_lost),
        ("reason", "failing") => t!(language, audit_value.failing),
        ("reason", "gone") => t!(language, audit_value.gone),
        ("reason", "left") => t!(language, audit_value.left),
        ("reason", "signed_out") => t!(language, audit_act.sign_out),
        ("reason", "workitem_closed") => t!(language, audit_value.workitem_closed),
        ("secret", "replaced") => t!(language, audit_value.replaced),
        ("secrets", "access_token") => t!(language, provider_channels.access_token),
        ("secrets", "app_secret") => t!(language, provider_channels.app_secret),
        ("secrets", "auth_token") => t!(language, provider_channels.auth_token),
        ("secrets", "identity") => t!(language, audit_value.identity),
        ("shown", "coaching") => t!(language, audit_field.coaching),
        ("shown", "excerpt") => t!(language, audit_value.excerpt),
        ("shown", "file") => t!(language, audit_value.file),
        ("why", "claimer_absent") => t!(language, audit_value.claimer_absent),
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use shared::assistance::SettledHow;
    use shared::audit::{ACTS, FIELDS};
    use shared::transcript::EndReason;
    use shared::webhooks::OffReason;

    use super::{audit_act, audit_field, audit_value};
    use crate::Language;

    #[test]
    fn e51_codes_of_closed_sets_have_words_and_everything_else_stays_as_it_is() {
        let hows = SettledHow::ALL.map(|how| ("how", how.code()));
        let ends = [
            EndReason::Left,
            EndReason::ConnectionLost,
            EndReason::SignedOut,
            EndReason::AuthorityLost,
            EndReason::WorkitemClosed,
        ];
        let ends = ends.map(|reason| ("reason", reason.code()));
        let offs = OffReason::ALL.map(|reason| ("reason", reason.code()));
        let others = [
            ("secret", "replaced"),
            ("secrets", "access_token"),
            ("secrets", "app_secret"),
            ("secrets", "auth_token"),
            ("secrets", "identity"),
            ("shown", "coaching"),
            ("shown", "excerpt"),
            ("shown", "file"),
            ("why", "claimer_absent"),
        ];
        for language in Language::ALL {
            let codes = hows.iter().chain(&ends).chain(&offs).chain(&others);
            for (field, code) in codes {
                assert_ne!(audit_value(language, field, code), *code, "{field}");
            }
        }
        let words = |field, value| audit_value(Language::En, field, value);
        let both = words("secrets", "access_token, app_secret");
        assert_eq!(both, "Access token, App secret");
        // The count of what was sealed, a reason of another release, and what somebody typed.
        assert_eq!(words("secrets", "12"), "12");
        assert_eq!(words("reason", "of_tomorrow"), "of_tomorrow");
        assert_eq!(words("name", "left, gone"), "left, gone");
    }

    #[test]
    fn e51_every_act_and_every_detail_has_words() {
        for language in Language::ALL {
            for act in ACTS {
                assert_ne!(audit_act(language, act), *act);
            }
            for field in FIELDS {
                assert_ne!(audit_field(language, field), *field);
            }
        }
    }
}
