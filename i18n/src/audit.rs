//! The words of the audit log.

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
        "refused_cross_site" => t!(language, audit_act.refused_cross_site),
        "refused_page" => t!(language, audit_act.refused_page),
        "refused_rate" => t!(language, audit_act.refused_rate),
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

#[cfg(test)]
mod tests {
    use shared::audit::ACTS;

    use super::audit_act;
    use crate::Language;

    #[test]
    fn e51_every_act_has_words() {
        for language in Language::ALL {
            for act in ACTS {
                assert_ne!(audit_act(language, act), *act);
            }
        }
    }
}
