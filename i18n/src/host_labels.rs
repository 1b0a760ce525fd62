//! The names of what only pages of the host, and what the host says itself, show by a name. The browser does not have most of these
//! words.

use shared::alerts::AlertKind;
use shared::labels::LabelKind;
use shared::people::Permission;
use shared::saved_texts::SavedFor;
use shared::tokens::Scope;
use shared::webhooks::EventKind;

use crate::{Label, Language, t};

impl Label for AlertKind {
    fn label(self, language: Language) -> &'static str {
        match self {
            AlertKind::Words => t!(language, alerts.words_kind),
            AlertKind::Pattern => t!(language, alerts.pattern_kind),
            AlertKind::Capitals => t!(language, alerts.capitals),
            AlertKind::Queued => t!(language, alerts.queued),
            AlertKind::Unanswered => t!(language, alerts.unanswered),
            AlertKind::Handled => t!(language, alerts.handled),
            AlertKind::ThumbsDown => t!(language, alerts.thumbs_down),
        }
    }
}

impl Label for LabelKind {
    fn label(self, language: Language) -> &'static str {
        match self {
            LabelKind::Outcome => t!(language, labels.outcome),
            LabelKind::Tag => t!(language, labels.tag),
        }
    }
}

/// What a permission lets its holder do.
impl Label for Permission {
    fn label(self, language: Language) -> &'static str {
        match self {
            Permission::WorkitemHandle => t!(language, permission.workitem_handle),
            Permission::WorkitemView => t!(language, permission.workitem_view),
            Permission::WorkitemMonitor => t!(language, permission.workitem_monitor),
            Permission::CoachingSend => t!(language, permission.coaching_send),
            Permission::WorkitemAssign => t!(language, permission.workitem_assign),
            Permission::WorkitemBarge => t!(language, permission.workitem_barge),
            Permission::WorkitemTakeOver => t!(language, permission.workitem_take_over),
            Permission::WorkitemGiveBack => t!(language, permission.workitem_give_back),
            Permission::WorkitemEnd => t!(language, permission.workitem_end),
            Permission::WorkitemPeek => t!(language, permission.workitem_peek),
            Permission::WorkitemReview => t!(language, permission.workitem_review),
            Permission::TranscriptExport => t!(language, permission.transcript_export),
            Permission::AnalyticsView => t!(language, permission.analytics_view),
            Permission::AssistanceRequest => t!(language, permission.assistance_request),
            Permission::TemplateManage => t!(language, permission.template_manage),
            Permission::UserManage => t!(language, permission.user_manage),
            Permission::TeamManage => t!(language, permission.team_manage),
            Permission::OrganisationManage => t!(language, permission.organisation_manage),
            Permission::AuditView => t!(language, permission.audit_view),
            Permission::CustomerErase => t!(language, permission.customer_erase),
            Permission::TokenManage => t!(language, permission.token_manage),
        }
    }
}

/// Whom a text is written for.
impl Label for SavedFor {
    fn label(self, language: Language) -> &'static str {
        match self {
            SavedFor::Customer => t!(language, texts.for_customer),
            SavedFor::Coaching => t!(language, texts.for_coaching),
        }
    }
}

/// What a scope opens.
impl Label for Scope {
    fn label(self, language: Language) -> &'static str {
        match self {
            Scope::WorkitemsWrite => t!(language, tokens.scope_workitems_write),
            Scope::WorkitemsRead => t!(language, tokens.scope_workitems_read),
            Scope::TranscriptsCustomer => t!(language, tokens.scope_transcripts_customer),
            Scope::TranscriptsStaff => t!(language, tokens.scope_transcripts_staff),
            Scope::TemplatesRead => t!(language, tokens.scope_templates_read),
            Scope::UsersRead => t!(language, tokens.scope_users_read),
            Scope::TeamsRead => t!(language, tokens.scope_teams_read),
            Scope::RequestsRead => t!(language, tokens.scope_requests_read),
            Scope::UsersWrite => t!(language, tokens.scope_users_write),
            Scope::ReviewsRead => t!(language, tokens.scope_reviews_read),
        }
    }
}

/// What an event says.
impl Label for EventKind {
    fn label(self, language: Language) -> &'static str {
        match self {
            EventKind::WorkitemCreated => t!(language, webhooks.event_workitem_created),
            EventKind::WorkitemAssigned => t!(language, webhooks.event_workitem_assigned),
            EventKind::WorkitemStateChanged => t!(language, webhooks.event_workitem_state_changed),
            EventKind::WorkitemEnded => t!(language, webhooks.event_workitem_ended),
            EventKind::WorkitemErased => t!(language, webhooks.event_workitem_erased),
            EventKind::WorkitemRated => t!(language, webhooks.event_workitem_rated),
            EventKind::MessageCreated => t!(language, webhooks.event_message_created),
            EventKind::AssistanceRequested => t!(language, webhooks.event_assistance_requested),
            EventKind::AssistanceSettled => t!(language, webhooks.event_assistance_settled),
            EventKind::CoachingCreated => t!(language, webhooks.event_coaching_created),
            EventKind::ReviewFlagged => t!(language, webhooks.event_review_flagged),
            EventKind::ReviewFinished => t!(language, webhooks.event_review_finished),
            EventKind::Test => t!(language, webhooks.event_test),
        }
    }
}
