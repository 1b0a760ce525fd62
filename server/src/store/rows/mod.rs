//! What a database has to offer: small, named operations on rows, by area. They hold no rule.
//!
//! Each area has a trait of reads, which a [`Snapshot`] and a [`Transaction`] offer, and a trait of writes, which only a
//! transaction offers. A database implements them with its own SQL. Business rules call them from `crate::commands`.

mod absence;
mod accounts;
mod agents;
mod alerts;
mod analytics;
mod attempts;
mod audit;
mod browsers;
mod channels;
mod coaching;
mod commands;
mod contacts;
mod custom_roles;
mod customer_files;
mod customers;
mod dashboards;
mod deletions;
mod deliveries;
mod directory;
mod dismissals;
mod erasure;
mod escalations;
mod events;
mod file_sources;
mod history;
mod jobs;
mod labels;
mod live;
mod monitoring;
mod nodes;
mod notifications;
mod organisation;
mod passkeys;
mod people;
mod provisioning;
mod push;
mod queue;
mod ratings;
mod receivers;
mod requests;
mod retention;
mod reviews;
mod saved_texts;
mod second_factors;
mod sessions;
mod sign_ins;
mod sign_on;
mod teams;
mod templates;
mod tokens;
mod transcripts;
mod users;
mod views;
mod walls;
mod workitems;

pub use absence::*;
pub use accounts::*;
pub use agents::*;
pub use alerts::*;
pub use analytics::*;
pub use attempts::*;
pub use audit::*;
pub use browsers::*;
pub use channels::*;
pub use coaching::*;
pub use commands::*;
pub use contacts::*;
pub use custom_roles::*;
pub use customer_files::*;
pub use customers::*;
pub use dashboards::*;
pub use deletions::*;
pub use deliveries::*;
pub use directory::*;
pub use dismissals::*;
pub use erasure::*;
pub use escalations::*;
pub use events::*;
pub use file_sources::*;
pub use history::*;
pub use jobs::*;
pub use labels::*;
pub use live::*;
pub use monitoring::*;
pub use nodes::*;
pub use notifications::*;
pub use organisation::*;
pub use passkeys::*;
pub use people::*;
pub use provisioning::*;
pub use push::*;
pub use queue::*;
pub use ratings::*;
pub use receivers::*;
pub use requests::*;
pub use retention::*;
pub use reviews::*;
pub use saved_texts::*;
pub use second_factors::*;
pub use sessions::*;
pub use sign_ins::*;
pub use sign_on::*;
pub use teams::*;
pub use templates::*;
pub use tokens::*;
pub use transcripts::*;
pub use users::*;
pub use views::*;
pub use walls::*;
pub use workitems::*;

/// Reads of one state of the data. It holds a connection once it has read, so it is dropped soon.
pub trait Snapshot:
    AbsenceReads
    + AccountReads
    + AgentReads
    + AlertReads
    + AnalyticsReads
    + AuditReads
    + BrowserReads
    + ChannelReads
    + CoachingReads
    + CommandReads
    + ContactReads
    + CustomRoleReads
    + CustomerReads
    + DashboardReads
    + DeletionReads
    + DeliveryReads
    + DirectoryReads
    + DismissalReads
    + ErasureReads
    + EscalationReads
    + EventReads
    + FileSourceReads
    + HistoryReads
    + JobReads
    + LiveReads
    + MonitoringReads
    + NodeReads
    + NotificationReads
    + OrganisationReads
    + PasskeyReads
    + PeopleReads
    + ProvisioningReads
    + PushReads
    + QueueReads
    + RatingReads
    + ReceiverReads
    + RequestReads
    + SecondFactorReads
    + RetentionReads
    + ReviewReads
    + LabelReads
    + SavedTextReads
    + SessionReads
    + SignInReads
    + SignOnReads
    + TeamReads
    + TemplateReads
    + TokenReads
    + TranscriptReads
    + UserReads
    + ViewReads
    + WallReads
    + WorkitemReads
{
}

/// Reads and writes of one transaction. Reads see what it has written.
pub trait Transaction:
    Snapshot
    + AbsenceRows
    + AccountRows
    + AgentRows
    + AlertRows
    + AnalyticsRows
    + AttemptRows
    + AuditRows
    + BrowserRows
    + ChannelRows
    + CoachingRows
    + CommandRows
    + ContactRows
    + CustomRoleRows
    + CustomerFileRows
    + CustomerRows
    + DeletionRows
    + DeliveryRows
    + DirectoryRows
    + DismissalRows
    + ErasureRows
    + EscalationRows
    + EventRows
    + FileSourceRows
    + HistoryRows
    + JobRows
    + MonitoringRows
    + NodeRows
    + NotificationRows
    + OrganisationRows
    + PasskeyRows
    + ProvisioningRows
    + PushRows
    + RatingRows
    + ReceiverRows
    + RequestRows
    + SecondFactorRows
    + RetentionRows
    + ReviewRows
    + LabelRows
    + SavedTextRows
    + SessionRows
    + SignInRows
    + SignOnRows
    + TeamRows
    + TemplateRows
    + TokenRows
    + TranscriptRows
    + UserRows
    + ViewRows
    + WallRows
    + WorkitemRows
{
}
