//! The table of who may call which server function.

use serde_json::{Value, json};

use crate::support::key;

/// Who may: the others get "not found", and nobody at all gets "sign in".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// Everybody who is signed in.
    All,
    /// Agents.
    Agents,
    /// Agents and supervisors.
    AgentsAndSupervisors,
    /// The agent who has the workitem.
    Amy,
    /// Amy, and the supervisors of her team.
    AmyAndSam,
    /// Supervisors.
    Supervisors,
    /// The supervisors of amy's team.
    Sam,
    /// Administrators.
    Ada,
}

impl May {
    /// Whether somebody of the demo is among them.
    pub fn includes(self, who: &str) -> bool {
        match self {
            May::All => true,
            May::Agents => ["amy", "ben", "cleo"].contains(&who),
            May::AgentsAndSupervisors => {
                May::Agents.includes(who) || May::Supervisors.includes(who)
            }
            May::Amy => who == "amy",
            May::AmyAndSam => ["amy", "sam"].contains(&who),
            May::Supervisors => ["sam", "sid"].contains(&who),
            May::Sam => who == "sam",
            May::Ada => who == "ada",
        }
    }
}

/// Every server function with an input that is right: the path below `/api/app/api/`, who may, the input.
pub fn table(
    chat: &str,
    coaching: &str,
    template: &str,
    channel: &str,
) -> Vec<(&'static str, May, Value)> {
    let team = json!({ "name": "Care", "members": ["amy", "ben"], "supervisors": ["sam", "sue"] });
    let k = key();
    vec![
        ("workitems/worklist_load", May::Agents, json!({})),
        ("workitems/closed_list", May::Agents, json!({})),
        (
            "workitems/conversation_load",
            May::AmyAndSam,
            json!({ "workitem": chat }),
        ),
        (
            "workitems/conversation_older",
            May::AmyAndSam,
            json!({ "workitem": chat, "before": 5 }),
        ),
        (
            "workitems/message_send",
            May::Amy,
            json!({ "workitem": chat, "key": k, "text": "hello" }),
        ),
        (
            "workitems/delivery_retry",
            May::Amy,
            json!({ "workitem": chat, "key": key(), "entry": coaching }),
        ),
        (
            "workitems/workitem_read",
            May::Amy,
            json!({ "workitem": chat, "through": 1 }),
        ),
        (
            "workitems/workitem_wrap_up",
            May::Amy,
            json!({ "workitem": chat, "key": key() }),
        ),
        (
            "workitems/workitem_reopen",
            May::Amy,
            json!({ "workitem": chat, "key": key() }),
        ),
        (
            "workitems/workitem_close",
            May::Amy,
            json!({ "workitem": chat, "key": key() }),
        ),
        ("workitems/transfer_options_load", May::Agents, json!({})),
        (
            "workitems/workitem_transfer",
            May::Amy,
            json!({ "workitem": chat, "key": key(), "to": { "Agent": "ben" }, "confirmed": true, "note": "Knows Ben." }),
        ),
        (
            "workitems/reassign_options_load",
            May::Supervisors,
            json!({}),
        ),
        (
            "workitems/workitem_reassign",
            May::Sam,
            json!({ "workitem": chat, "key": key(), "to": { "Agent": "amy" }, "confirmed": true }),
        ),
        (
            "workitems/call_place",
            May::Agents,
            json!({ "key": key(), "number": "+49 30 1234" }),
        ),
        (
            "history/history_search",
            May::AgentsAndSupervisors,
            json!({ "query": {
                "words": "hello", "coaching": "1", "customer": "", "agent": "", "channel": "", "state": "", "label": "", "review": "",
                "from": "", "to": "", "before": "",
            } }),
        ),
        (
            "history/history_read",
            May::AmyAndSam,
            json!({ "workitem": chat }),
        ),
        (
            "history/conversations_before",
            May::AmyAndSam,
            json!({ "workitem": chat }),
        ),
        (
            "alerts/alert_dismiss",
            May::Sam,
            json!({ "workitem": chat, "key": key(), "rule": "none", "about": 1 }),
        ),
        (
            "labels/label_list",
            May::AmyAndSam,
            json!({ "workitem": chat }),
        ),
        (
            "labels/label_set",
            May::AmyAndSam,
            json!({ "workitem": chat, "key": key(), "label": "none", "on": true }),
        ),
        (
            "notes/note_add",
            May::AmyAndSam,
            json!({ "workitem": chat, "key": key(), "text": "Called twice." }),
        ),
        (
            "reviews/review_flag",
            May::Sam,
            json!({ "workitem": chat, "key": key(), "comment": "Why so late?" }),
        ),
        (
            "reviews/review_finish",
            May::Sam,
            json!({ "workitem": chat, "key": key(), "number": 1 }),
        ),
        ("coaching/dashboard_load", May::Supervisors, json!({})),
        (
            "coaching/agent_workitems_load",
            May::Sam,
            json!({ "agent": "amy" }),
        ),
        (
            "coaching/agent_workitems_beside",
            May::AmyAndSam,
            json!({ "agent": "amy", "workitem": chat }),
        ),
        ("coaching/queue_load", May::Sam, json!({ "team": "care" })),
        (
            "coaching/coaching_send",
            May::Sam,
            json!({ "workitem": chat, "key": key(), "text": "psst" }),
        ),
        (
            "coaching/coaching_helped",
            May::Sam,
            json!({ "workitem": chat }),
        ),
        (
            "coaching/coaching_reply",
            May::Amy,
            json!({ "workitem": chat, "key": key(), "text": "and now?" }),
        ),
        (
            "coaching/coaching_reply_seen",
            May::Sam,
            json!({ "workitem": chat, "through": 1 }),
        ),
        (
            "coaching/reaction_set",
            May::Amy,
            json!({ "key": key(), "workitem": chat, "entry": coaching, "reaction": "thumbs_up" }),
        ),
        (
            "coaching/coaching_dismiss",
            May::Amy,
            json!({ "workitem": chat, "entry": coaching }),
        ),
        (
            "coaching/coaching_forward",
            May::Amy,
            json!({ "key": key(), "workitem": chat, "entry": coaching }),
        ),
        (
            "stepping_in/barge_send",
            May::Sam,
            json!({ "workitem": chat, "key": key(), "text": "Sam here." }),
        ),
        (
            "stepping_in/workitem_take_over",
            // He is an agent as well.
            May::Sam,
            json!({ "workitem": chat, "key": key(), "from": "amy" }),
        ),
        (
            "stepping_in/workitem_give_back",
            // He took it over.
            May::Sam,
            json!({ "workitem": chat, "key": key() }),
        ),
        (
            "stepping_in/conversation_end",
            May::Sam,
            json!({ "workitem": chat, "key": key() }),
        ),
        (
            "stepping_in/wrap_up_close",
            May::Sam,
            json!({ "workitem": chat, "key": key() }),
        ),
        (
            "stepping_in/workitem_peek",
            May::Sam,
            json!({ "workitem": chat }),
        ),
        ("assistance/assistance_options_load", May::Agents, json!({})),
        (
            "assistance/assistance_request",
            May::Agents,
            json!({ "key": key(), "ask": { "template": template, "recipient": "AllSignedIn", "workitem": null } }),
        ),
        (
            "assistance/request_withdraw",
            // It is amy's request.
            May::Amy,
            json!({ "key": key(), "request": "none" }),
        ),
        (
            "assistance/request_claim",
            // He supervises amy.
            May::Sam,
            json!({ "key": key(), "request": "none" }),
        ),
        (
            "assistance/request_hand_back",
            // He has it.
            May::Sam,
            json!({ "key": key(), "request": "none" }),
        ),
        (
            "assistance/request_handle",
            // It is amy's request, and he was asked.
            May::AmyAndSam,
            json!({ "key": key(), "request": "none" }),
        ),
        (
            "saved_texts/saved_text_list",
            May::Supervisors,
            json!({ "written_for": "coaching" }),
        ),
        ("views/view_list", May::Supervisors, json!({})),
        (
            "views/view_choose",
            May::Supervisors,
            json!({ "choice": { "view": null, "hidden": "monitored" } }),
        ),
        ("templates/template_list", May::Ada, json!({})),
        (
            "templates/template_create",
            May::Ada,
            json!({ "key": key(), "title": "T", "message": "M", "active": true }),
        ),
        (
            "templates/template_update",
            May::Ada,
            json!({ "key": key(), "template": template, "title": "T", "message": "M", "active": true }),
        ),
        (
            "templates/template_move",
            May::Ada,
            json!({ "key": key(), "template": template, "up": false }),
        ),
        (
            "templates/template_delete",
            May::Ada,
            json!({ "key": key(), "template": template }),
        ),
        ("directory/desk_load", May::All, json!({})),
        ("directory/people_list", May::All, json!({})),
        (
            "directory/directory_conversation",
            May::All,
            json!({ "with": "sue", "before": null }),
        ),
        (
            "directory/directory_send",
            May::All,
            json!({ "to": "sue", "key": key(), "text": "hi", "answers": null }),
        ),
        (
            "directory/team_message_send",
            May::Sam,
            json!({ "team": "care", "key": key(), "text": "Lunch is at twelve." }),
        ),
        (
            "directory/directory_read",
            May::All,
            json!({ "with": "sue", "through": 0 }),
        ),
        (
            "directory/message_dismiss",
            May::All,
            json!({ "message": "none" }),
        ),
        (
            "account/presence_set",
            May::All,
            json!({ "key": key(), "presence": "busy" }),
        ),
        (
            "account/language_set",
            May::All,
            json!({ "key": key(), "language": "de" }),
        ),
        (
            "account/settings_save",
            May::All,
            json!({ "key": key(), "pop_up": false }),
        ),
        (
            "account/password_change",
            May::All,
            json!({ "key": key(), "old": "not the password", "new": "another password" }),
        ),
        (
            "account/sessions_end_elsewhere",
            May::All,
            json!({ "key": key() }),
        ),
        (
            "account/password_prove",
            May::All,
            json!({ "password": "not the password" }),
        ),
        ("account/session_list", May::All, json!({})),
        (
            "account/session_end",
            May::All,
            json!({ "key": key(), "session": "none" }),
        ),
        ("administration/user_list", May::Ada, json!({})),
        (
            "administration/user_sessions_end",
            May::Ada,
            json!({ "key": key(), "user": "sue" }),
        ),
        (
            "administration/user_second_factor_reset",
            May::Ada,
            json!({ "key": key(), "user": "sue" }),
        ),
        (
            "administration/user_create",
            May::Ada,
            json!({ "key": key(), "username": "new", "name": "New", "roles": ["agent"], "password": "a long password" }),
        ),
        (
            "administration/user_update",
            May::Ada,
            json!({ "key": key(), "user": "sue", "name": "Sue Silva", "roles": ["supervisor"], "capacity": "organisation" }),
        ),
        (
            "administration/user_password_reset",
            May::Ada,
            json!({ "key": key(), "user": "sue", "password": "a long password" }),
        ),
        (
            "administration/user_activate",
            May::Ada,
            json!({ "key": key(), "user": "sue", "active": true }),
        ),
        ("organisation/organisation_load", May::Ada, json!({})),
        (
            "organisation/retention_preview",
            May::Ada,
            json!({ "changes": [] }),
        ),
        (
            "organisation/organisation_save",
            May::Ada,
            json!({ "key": key(), "version": 0, "changes": [] }),
        ),
        (
            "customers/customer_find",
            May::Ada,
            json!({ "name": "Dana" }),
        ),
        (
            "customers/erasure_preview",
            May::Ada,
            json!({ "workitem": chat }),
        ),
        (
            "customers/customer_erase",
            May::Ada,
            json!({ "key": key(), "workitem": chat }),
        ),
        (
            "audit/audit_list",
            May::Ada,
            json!({ "query": { "from": "", "to": "", "user": "", "act": "", "object": "", "outcome": "", "before": "" } }),
        ),
        ("administration/team_list", May::Ada, json!({})),
        (
            "administration/team_create",
            May::Ada,
            json!({ "key": key(), "change": { "name": "New", "members": [], "supervisors": [] } }),
        ),
        (
            "administration/team_update",
            May::Ada,
            json!({ "key": key(), "team": "care", "change": team }),
        ),
        (
            "administration/memberships_change",
            May::Ada,
            json!({ "key": key(), "user": "cleo", "change": {
                "works_in": ["care"], "leaves": ["sales"], "supervises": [], "hands_over": [],
            } }),
        ),
        (
            "administration/channel_create",
            May::Ada,
            json!({ "key": key(), "team": "care", "name": "Help" }),
        ),
        (
            "administration/channel_update",
            May::Ada,
            json!({ "key": key(), "channel": channel, "version": 0, "name": "Help" }),
        ),
        (
            "deletions/deletion_preview",
            May::Ada,
            json!({ "of": { "user": "sue" } }),
        ),
        (
            "deletions/user_delete",
            May::Ada,
            json!({ "key": key(), "user": "sue", "version": 0 }),
        ),
        (
            "deletions/team_delete",
            May::Ada,
            json!({ "key": key(), "team": "none", "version": 0 }),
        ),
        (
            "deletions/channel_delete",
            May::Ada,
            json!({ "key": key(), "channel": "none" }),
        ),
        (
            "administration/channel_activate",
            May::Ada,
            json!({ "key": key(), "channel": channel, "active": true }),
        ),
        ("channels/provider_channel_list", May::Ada, json!({})),
        (
            "channels/provider_channel_create",
            May::Ada,
            json!({ "key": key(), "change": number("+15550006789") }),
        ),
        (
            "channels/provider_channel_update",
            May::Ada,
            json!({ "key": key(), "channel": channel, "change": number("+15550006789") }),
        ),
        (
            "channels/channel_test",
            May::Ada,
            json!({ "channel": channel, "to": "+15551230000", "text": "A test" }),
        ),
    ]
}

/// A number of Twilio's, as an administrator fills it in.
pub fn number(address: &str) -> Value {
    json!({
        "kind": "twilio_sms", "name": "Care by text", "team": "care", "address": address, "version": 0,
        "settings": [{ "name": "account_sid", "value": "AC00000000000000000000000000000001" }],
        "secrets": [{ "name": "auth_token", "value": "a token" }],
    })
}
