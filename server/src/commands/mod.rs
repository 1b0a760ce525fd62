//! Commands: what people and the program do to the data, by area, with every rule about it.
//!
//! A command is a struct with what its sender decided. [`Command::execute`] runs in one transaction over named row
//! operations: it asks the policy again (`rights`), finds the first answer of a repeated key (`keys`), writes, and
//! collects the [`Change`]s that its readers have to see. It knows no SQL, no clock and no connection; times and ids come
//! with the command, so that a test can replay a conversation byte for byte.
//!
//! [`Command::execute`]: crate::store::Command::execute
//! [`Change`]: crate::store::Change

use crate::store::Command;

mod absence;
mod accounts;
pub(crate) mod alerts;
mod assignment;
mod assistance;
mod attempts;
mod audit;
mod calls;
mod capacity;
mod channels;
mod chat_channels;
mod chat_settings;
mod claims;
mod coaching;
mod contacts;
mod custom_roles;
mod day_figures;
mod deletions;
pub(crate) mod deliveries;
mod delivery_claims;
mod delivery_reports;
mod departures;
mod directory;
mod dismissals;
mod edits;
mod entries;
pub(crate) mod erasure;
mod escalation;
mod events;
mod files;
mod handover;
mod history;
mod history_index;
mod imports;
mod inbound;
pub(crate) mod intake;
pub(crate) mod keys;
mod labels;
mod list_export;
mod message_content;
mod messages;
mod monitoring;
mod namesakes;
mod nodes;
mod notes;
pub(crate) mod notifications;
mod one_line;
mod organisation;
mod passkey_sign_ins;
pub(crate) mod passkeys;
mod provisioning;
mod push;
mod queue;
mod ratings;
pub(crate) mod readings;
mod reopening;
mod replies;
mod reports;
mod request_facts;
mod requests;
mod resealing;
mod retention;
mod reviews;
pub(crate) mod rights;
mod saved_texts;
mod second_factors;
mod sessions;
mod sign_ins;
pub(crate) mod sign_on;
mod sign_on_roles;
mod sign_on_sessions;
mod sign_on_use;
mod states;
mod stepping_in;
mod teams;
mod templates;
mod tokens;
mod user_import;
mod users;
mod views;
mod walls;
mod webhooks;
mod workitems;

/// Exports commands by area and lists their names. A command that is not here is of no use to anybody outside, so the list is
/// complete.
macro_rules! commands {
    ($($area:ident: $($command:ident),+;)+) => {
        $(pub use $area::{$($command),+};)+

        /// The names of all commands. `docs/RIGHTS.md` says what each rests on.
        pub const NAMES: &[&str] = &[$($($command::NAME),+),+];
    };
}

commands! {
    absence: AbsenceSet, AbsencesAdopt, WorkitemReclaim;
    accounts: PasswordSet, SettingsSave, LanguageSet, PresenceSet;
    alerts: AlertRuleCreate, AlertRuleUpdate, AlertsRaise, AlertsSettle, AlertDismiss;
    assistance: RequestCreate;
    attempts: AttemptCount, AttemptReturn;
    audit: AuditRecord, AuditExport;
    calls: CallRecord;
    chat_channels: ChannelCreate, ChannelUpdate, ChannelActivate;
    chat_settings: ChatSettingsSave, ChatSecretSet;
    claims: RequestClaim, RequestHandBack, ClaimReturn;
    coaching: CoachingAppend, CoachingDismiss, ReactionSet, CoachingForward;
    day_figures: DayKeep;
    deletions: UserDelete, TeamDelete, ChannelDelete, LabelDelete, AlertRuleDelete;
    channels: ProviderChannelSave, ChannelTest;
    deliveries: DeliveryRetry, DeliverySettle;
    delivery_claims: DeliveriesClaim;
    delivery_reports: DeliveryReport;
    directory: DirectoryAppend, DirectoryRead, TeamMessage;
    dismissals: MessageDismiss;
    erasure: CustomerErase;
    files: FilesClaim, FileSettle;
    handover: WorkitemTransfer, WorkitemReassign;
    history: HistoryRead, HistoryExport, TranscriptExport;
    history_index: HistoryIndex;
    imports: WorkitemImport;
    inbound: InboundReceive;
    intake: CustomerSend, CustomerEnd, CustomerForget, CustomerAnswer;
    escalation: EscalationSave, RequestsEscalate;
    custom_roles: RoleCreate, RoleUpdate, RoleDelete, RoleGive;
    labels: LabelCreate, LabelUpdate, LabelSet;
    list_export: ListExport;
    messages: MessageAppend, WorkitemRead;
    monitoring: MonitoringBegin, MonitoringEnd;
    nodes: NodeBeat, NodeLeave;
    notes: NoteAppend;
    organisation: OrganisationSave;
    passkey_sign_ins: SignInPasskey, SignInPasskeyBegin, SignInPasskeyAdd, PasskeySignIn;
    passkeys: PasskeyAsk, PasskeyAnswered, PasskeyBegin, PasskeyAdd, PasskeyRemove;
    provisioning: UserProvision, UserReprovision, UserUnprovision;
    push: PushSubscribe, PushUnsubscribe;
    queue: WorkitemAssign;
    ratings: CustomerRate, RatingImport;
    reopening: WorkitemReopen;
    readings: ConversationRead;
    replies: CoachingReply, CoachingReplySeen;
    reports: ReportBegin, ReportMessage, ReportNote, ReportState, ReportEnd;
    requests: RequestsReview, RequestHandle, RequestWithdraw;
    resealing: SecretsReseal;
    retention: RetentionStep;
    reviews: ReviewFlag, ReviewFinish;
    saved_texts: SavedTextCreate, SavedTextUpdate, SavedTextDelete;
    second_factors: AppKeysSeal, SecondFactorSetUp, SecondFactorConfirm, RecoveryCodesRenew, SecondFactorRemove, SecondFactorReset;
    sessions: SessionProve, SessionSeen, SessionEnd, SessionClose, SessionsEnd;
    sign_ins: SessionBegin, SignInCode, SignInPassword, SignInSetUp, SignInConfirm;
    sign_on: SignOnSave, SignOnActivate, SignOnDelete, SignOnUnlink;
    sign_on_sessions: SignOnProve, SignOnLogout;
    sign_on_use: SignOnUse;
    states: WorkitemWrapUp, WorkitemClose;
    stepping_in: BargeAppend, WorkitemTakeOver, WorkitemGiveBack, ConversationEnd, WrapUpClose, WorkitemPeek;
    teams: TeamSave, MembershipsChange;
    templates: TemplateCreate, TemplateUpdate, TemplateMove, TemplateDelete;
    tokens: TokenCreate, TokenRevoke, TokenSeen;
    user_import: UserImport;
    users: UserCreate, FirstUserCreate, UserUpdate, UserActivate;
    views: ViewCreate, ViewUpdate, ViewDelete, ViewChoose;
    walls: WallCreate, WallRevoke, WallSeen;
    webhooks: WebhookCreate, WebhookUpdate, WebhookActivate, WebhookDelete, WebhookRotate, WebhookTest,
        WebhookAgain, EventsClaim, EventSettle;
}

pub use attempts::AttemptLimit;
pub use deliveries::{ChannelPause, DeliveryOutcome, DeliverySettled};
pub use delivery_claims::DeliveryJob;
pub use delivery_reports::Reported;
pub use files::{FileJob, FileOutcome};
pub use handover::Handover;
pub use imports::ImportCarried;
pub use inbound::{Received, Wish};
pub use intake::{Contact, KnownCustomer};
pub use list_export::List;
pub use message_content::{ComingFile, MessageContent};
pub use nodes::NodeView;
pub(crate) use passkey_sign_ins::what_is_refused;
pub use passkeys::PasskeyAdded;
pub use provisioning::{ProfileEdit, ProvisionContext, ProvisionedUser, UserProfile};
pub use readings::Shown;
pub use reports::{ReportContext, ReportedState, WorkitemSummary};
pub use resealing::Resealed;
pub(crate) use resealing::sealed_with;
pub use retention::Deleted;
pub use sign_ins::BrowserRenewal;
pub(crate) use sign_ins::sign_in_step;
pub use sign_on::SignOnChange;
pub use sign_on_use::{ProviderUser, SignOnRefusal};
pub use states::StateChange;
pub use user_import::ImportedUser;
pub use webhooks::{Again, EventJob, EventOutcome, ReceiverChange};
