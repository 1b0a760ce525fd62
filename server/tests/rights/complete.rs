//! Every server function that changes something has a command in the tables of `acts` and `administration`, and every
//! command of the program has a line in `docs/RIGHTS.md`.

use std::collections::BTreeSet;

use leptos::server_fn::axum::server_fn_paths;
use server::commands;

use crate::{acts, administration, reports};

/// A server function and the command of the store that it carries out.
const COMMANDS: [(&str, &str); 71] = [
    ("account/password_change", "password_set"),
    ("account/presence_set", "presence_set"),
    ("account/session_end", "session_close"),
    ("account/sessions_end_elsewhere", "sessions_end"),
    ("account/language_set", "language_set"),
    ("account/settings_save", "settings_save"),
    ("administration/channel_activate", "channel_activate"),
    ("administration/channel_create", "channel_create"),
    ("administration/channel_update", "channel_update"),
    ("administration/memberships_change", "memberships_change"),
    ("administration/team_create", "team_save"),
    ("administration/team_update", "team_save"),
    ("administration/user_activate", "user_activate"),
    ("administration/user_create", "user_create"),
    ("administration/user_password_reset", "password_set"),
    (
        "administration/user_second_factor_reset",
        "second_factor_reset",
    ),
    ("administration/user_sessions_end", "sessions_end"),
    ("administration/user_update", "user_update"),
    ("alerts/alert_dismiss", "alert_dismiss"),
    ("assistance/assistance_request", "request_create"),
    ("assistance/request_claim", "request_claim"),
    ("assistance/request_hand_back", "request_hand_back"),
    ("assistance/request_handle", "request_handle"),
    ("assistance/request_withdraw", "request_withdraw"),
    ("channels/channel_test", "channel_test"),
    ("channels/provider_channel_create", "provider_channel_save"),
    ("channels/provider_channel_update", "provider_channel_save"),
    ("coaching/coaching_dismiss", "coaching_dismiss"),
    ("coaching/coaching_forward", "coaching_forward"),
    ("coaching/coaching_helped", "conversation_read"),
    ("coaching/coaching_reply", "coaching_reply"),
    ("coaching/coaching_reply_seen", "coaching_reply_seen"),
    ("coaching/coaching_send", "coaching_append"),
    ("coaching/reaction_set", "reaction_set"),
    ("customers/customer_erase", "customer_erase"),
    ("deletions/channel_delete", "channel_delete"),
    ("deletions/team_delete", "team_delete"),
    ("deletions/user_delete", "user_delete"),
    ("directory/directory_read", "directory_read"),
    ("directory/directory_send", "directory_append"),
    ("directory/message_dismiss", "message_dismiss"),
    ("directory/team_message_send", "team_message"),
    ("history/history_read", "history_read"),
    ("history/history_search", "conversation_read"),
    ("labels/label_set", "label_set"),
    ("notes/note_add", "note_append"),
    ("organisation/organisation_save", "organisation_save"),
    ("reviews/review_finish", "review_finish"),
    ("reviews/review_flag", "review_flag"),
    ("stepping_in/barge_send", "barge_append"),
    ("stepping_in/conversation_end", "conversation_end"),
    ("stepping_in/workitem_give_back", "workitem_give_back"),
    ("stepping_in/workitem_peek", "workitem_peek"),
    ("stepping_in/workitem_take_over", "workitem_take_over"),
    ("stepping_in/wrap_up_close", "wrap_up_close"),
    ("templates/template_create", "template_create"),
    ("templates/template_delete", "template_delete"),
    ("templates/template_move", "template_move"),
    ("templates/template_update", "template_update"),
    ("views/view_choose", "view_choose"),
    ("workitems/call_place", "call_record"),
    ("workitems/conversation_load", "conversation_read"),
    ("workitems/conversation_older", "conversation_read"),
    ("workitems/delivery_retry", "delivery_retry"),
    ("workitems/message_send", "message_append"),
    ("workitems/workitem_close", "workitem_close"),
    ("workitems/workitem_read", "workitem_read"),
    ("workitems/workitem_reassign", "workitem_reassign"),
    ("workitems/workitem_reopen", "workitem_reopen"),
    ("workitems/workitem_transfer", "workitem_transfer"),
    ("workitems/workitem_wrap_up", "workitem_wrap_up"),
];

/// Server functions that carry out no command: they read, and `password_prove` marks the caller's own session.
const READS: [&str; 28] = [
    "account/password_prove",
    "account/session_list",
    "administration/team_list",
    "administration/user_list",
    "audit/audit_list",
    "assistance/assistance_options_load",
    "channels/provider_channel_list",
    "coaching/agent_workitems_beside",
    "coaching/agent_workitems_load",
    "coaching/dashboard_load",
    "coaching/queue_load",
    "customers/customer_find",
    "customers/erasure_preview",
    "deletions/deletion_preview",
    "directory/desk_load",
    "directory/directory_conversation",
    "directory/people_list",
    "history/conversations_before",
    "labels/label_list",
    "organisation/organisation_load",
    "organisation/retention_preview",
    "saved_texts/saved_text_list",
    "templates/template_list",
    "views/view_list",
    "workitems/closed_list",
    "workitems/reassign_options_load",
    "workitems/transfer_options_load",
    "workitems/worklist_load",
];

/// Following a conversation as its supervisor begins a monitoring; there is no server function for it.
const LIVE: &str = "monitoring_begin";

/// Files are routes.
const ROUTES: [&str; 4] = [
    "audit_export",
    "history_export",
    "list_export",
    "transcript_export",
];

/// Commands of plain forms.
const FORMS: [&str; 42] = [
    "alert_rule_create",
    "alert_rule_delete",
    "alert_rule_update",
    "chat_secret_set",
    "chat_settings_save",
    "escalation_save",
    "label_create",
    "label_delete",
    "label_update",
    "passkey_add",
    "passkey_begin",
    "passkey_remove",
    "recovery_codes_renew",
    "role_create",
    "role_delete",
    "role_give",
    "role_update",
    "saved_text_create",
    "saved_text_delete",
    "saved_text_update",
    "second_factor_confirm",
    "second_factor_remove",
    "second_factor_set_up",
    "sign_on_activate",
    "sign_on_delete",
    "sign_on_save",
    "sign_on_unlink",
    "token_create",
    "token_revoke",
    "user_import",
    "view_create",
    "view_delete",
    "view_update",
    "wall_create",
    "wall_revoke",
    "webhook_activate",
    "webhook_again",
    "webhook_create",
    "webhook_delete",
    "webhook_rotate",
    "webhook_test",
    "webhook_update",
];

/// Commands of other systems, which come over the HTTP API with a token.
const REPORTS: [&str; 8] = [
    "report_begin",
    "report_end",
    "report_message",
    "report_note",
    "report_state",
    "user_provision",
    "user_reprovision",
    "user_unprovision",
];

/// Commands of the program itself and its operator, of providers, whose right is their signature, of customers, whose right is their cookie, and of sessions and sign-ins, whose right is
/// their token, a password, a passkey or what a provider has signed.
const WITHOUT_ACTOR: [&str; 57] = [
    "absence_set",
    "absences_adopt",
    "attempt_count",
    "attempt_return",
    "node_beat",
    "node_leave",
    "alerts_raise",
    "alerts_settle",
    "app_keys_seal",
    "audit_record",
    "customer_append",
    "customer_append_to",
    "customer_end",
    "customer_forget",
    "customer_rate",
    "deliveries_claim",
    "delivery_report",
    "delivery_settle",
    "event_settle",
    "day_keep",
    "events_claim",
    "file_settle",
    "files_claim",
    "first_user_create",
    "history_index",
    "inbound_receive",
    "monitoring_end",
    "push_subscribe",
    "push_unsubscribe",
    "passkey_answered",
    "passkey_ask",
    "passkey_sign_in",
    "requests_escalate",
    "requests_review",
    "retention_step",
    "secrets_reseal",
    "session_begin",
    "session_end",
    "session_prove",
    "session_seen",
    "sign_in_code",
    "sign_in_confirm",
    "sign_in_passkey",
    "sign_in_passkey_add",
    "sign_in_passkey_begin",
    "sign_in_password",
    "sign_in_set_up",
    "token_seen",
    "wall_seen",
    "workitem_assign",
    "workitem_import",
    "rating_import",
    "workitem_reclaim",
    "claim_return",
    "sign_on_logout",
    "sign_on_prove",
    "sign_on_use",
];

#[test]
fn s07_every_command_behind_a_server_function_is_tried_and_documented() {
    let served: BTreeSet<&str> = server_fn_paths()
        .map(|(path, _)| path.trim_start_matches("/api/app/api/"))
        .collect();
    let known = COMMANDS.iter().map(|(function, _)| *function);
    let known: BTreeSet<&str> = known.chain(READS).collect();
    assert_eq!(served, known, "the program (left) and the tables disagree");

    let expected = COMMANDS.iter().map(|(_, command)| *command);
    let expected = expected.chain([LIVE]).chain(ROUTES).chain(FORMS);
    let expected: BTreeSet<&str> = expected.chain(REPORTS).collect();
    let tried = acts::commands().chain(administration::commands());
    let tried: BTreeSet<&str> = tried.chain(reports::commands()).collect();
    assert_eq!(
        tried, expected,
        "what is tried (left) and the commands disagree"
    );

    let all: BTreeSet<&str> = commands::NAMES.iter().copied().collect();
    assert_eq!(
        all.len(),
        commands::NAMES.len(),
        "a name stands for one command"
    );
    let known: BTreeSet<&str> = tried.into_iter().chain(WITHOUT_ACTOR).collect();
    assert_eq!(all, known, "the program (left) and the tables disagree");

    let documented = include_str!("../../../docs/RIGHTS.md");
    for command in all {
        assert!(
            documented.contains(&format!("| `{command}` |")),
            "docs/RIGHTS.md does not say what {command} rests on"
        );
    }
}
