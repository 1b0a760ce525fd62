//! Figures: what happened within some time in the work of some teams.

use async_trait::async_trait;
use shared::assistance::SettledHow;
use shared::ids::{LabelId, TeamId, TemplateId};
use shared::labels::LabelRef;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::Channel;

use crate::store::Stored;

/// Whose work is counted, and from when to before when.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The teams.
    pub teams: Vec<TeamId>,
    /// The first moment that counts.
    pub from: Timestamp,
    /// The first moment that counts no more.
    pub until: Timestamp,
}

/// A request for assistance. It counts for the teams of its agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFigure {
    /// Who asked.
    pub agent: PersonRef,
    /// The agent's teams, as far as they are counted.
    pub teams: Vec<TeamId>,
    /// When.
    pub at: Timestamp,
    /// The template that it was made from; nothing where nobody noted it.
    pub template: Option<TemplateFigure>,
    /// When the supervisor who had it last claimed it.
    pub claimed_at: Option<Timestamp>,
    /// When the agent was first answered: in its conversation, or in the Company Directory.
    pub answered_at: Option<Timestamp>,
    /// When and how it ended.
    pub settled: Option<(Timestamp, SettledHow)>,
}

/// The template of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFigure {
    /// Which.
    pub id: TemplateId,
    /// What it is called now; nothing when it was deleted.
    pub title: Option<String>,
}

/// What one supervisor wrote in the conversations of one agent, or one agent to coaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoachingFigure {
    /// Who wrote.
    pub author: PersonRef,
    /// Whose conversations these are now; nobody's while they wait in a queue.
    pub agent: Option<PersonRef>,
    /// Whether these are replies of an agent.
    pub replies: bool,
    /// How many.
    pub messages: i64,
    /// How many have a thumbs-up.
    pub thumbs_up: i64,
    /// How many have a thumbs-down.
    pub thumbs_down: i64,
    /// How many were forwarded to the customer.
    pub forwarded: i64,
}

/// How often something happened in a quarter of an hour. Every time zone's days begin with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuarterFigure {
    /// When it begins.
    pub start: Timestamp,
    /// How often.
    pub count: i64,
}

/// What is measured of conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConversationMeasure {
    /// From its beginning to the first message of staff.
    FirstAnswer,
    /// From its beginning to its last message, of those that are closed.
    Duration,
    /// From its beginning until an agent was first given it, of those that one was given.
    Waiting,
    /// From when an agent was first given it to its closing, wrap-up included. Nothing where it was closed before that was noted.
    Handling,
}

/// How many conversations of a channel took how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeFigure {
    /// The channel.
    pub channel: Channel,
    /// What was measured.
    pub measure: ConversationMeasure,
    /// How long, in seconds; exact below two minutes, to ten seconds below an hour, to a minute below ten hours, to an hour beyond.
    pub seconds: i64,
    /// How many.
    pub count: i64,
}

/// The conversations that began within some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversationFigures {
    /// When they began, in order.
    pub begun: Vec<QuarterFigure>,
    /// How many began on each channel.
    pub channels: Vec<(Channel, i64)>,
    /// How long they took.
    pub times: Vec<TimeFigure>,
}

/// How many conversations have a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelFigure {
    /// Which.
    pub label: LabelRef,
    /// How many.
    pub count: i64,
}

/// An agent's closed conversations around the first time that the agent was coached: those that began in the two weeks before, or
/// in the two weeks after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AroundFigure {
    /// Who was coached.
    pub agent: PersonRef,
    /// Whether these began after it.
    pub after: bool,
    /// How many.
    pub conversations: i64,
    /// How many of them staff answered.
    pub answered: i64,
    /// From their beginning to the first message of staff, all together, in seconds.
    pub first_answer_s: i64,
    /// From their beginning to their last message, all together, in seconds.
    pub duration_s: i64,
}

/// How the customers of one agent rated the chats of one team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingFigure {
    /// The team.
    pub team: TeamId,
    /// Its name.
    pub team_name: String,
    /// The agent; nobody, where the workitem never left the queue.
    pub agent: Option<PersonRef>,
    /// How many ratings there are.
    pub count: i64,
    /// All scores together.
    pub total: i64,
    /// How many are 4 or 5.
    pub good: i64,
}

/// A day of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamDay {
    /// Which team.
    pub team: TeamId,
    /// Which day, in UTC, from 1 January 1970, which is 0.
    pub day: i64,
}

/// The closed conversations of a team that began on one day, as they were counted from one state of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedDay {
    /// Which.
    pub day: TeamDay,
    /// What had changed since they were counted before.
    pub marks: Vec<String>,
    /// What is kept, by channel.
    pub kept: Vec<(Channel, Vec<u8>)>,
    /// How many conversations of the day have which label; those that are open count as well.
    pub labels: Vec<(LabelId, i64)>,
}

/// A day whose conversations have changed since they were counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangedDay {
    /// So much has changed that what says so is to be made less first.
    Crowded(TeamDay),
    /// It was counted.
    Counted(CountedDay),
}

/// Reads of figures.
#[async_trait]
pub trait AnalyticsReads: Send {
    /// The requests that were made in this time, in order.
    async fn requests_counted(&mut self, of: &Counted) -> Stored<Vec<RequestFigure>>;
    /// Coaching in conversations of these teams, by author and agent.
    async fn coaching_counted(&mut self, of: &Counted) -> Stored<Vec<CoachingFigure>>;
    /// The conversations of each agent who was coached in this time, before and after the first time.
    async fn around_coaching(&mut self, of: &Counted) -> Stored<Vec<AroundFigure>>;
    /// When supervisors coached.
    async fn coaching_by_quarter(&mut self, of: &Counted) -> Stored<Vec<QuarterFigure>>;
    /// Conversations of these teams that began in this time.
    async fn conversations_counted(&mut self, of: &Counted) -> Stored<ConversationFigures>;
    /// The labels of those conversations, outcomes first and the most frequent first.
    async fn labels_counted(&mut self, of: &Counted) -> Stored<Vec<LabelFigure>>;
    /// The ratings that were given in this time, by team and agent.
    async fn ratings_counted(&mut self, of: &Counted) -> Stored<Vec<RatingFigure>>;
    /// The first day before `before` whose conversations are to be counted, if there is one.
    async fn changed_day(&mut self, before: i64) -> Stored<Option<ChangedDay>>;
}

/// What is kept of figures.
#[async_trait]
pub trait AnalyticsRows: Send {
    /// Makes one of some hundred marks of a day. The day stays one that is to be counted.
    async fn marks_fold(&mut self, day: &TeamDay) -> Stored<()>;
    /// Keeps a day as it was counted. Answers whether; it is not when somebody else has kept it, or when what had changed then has
    /// changed since.
    async fn day_keep(&mut self, counted: &CountedDay) -> Stored<bool>;
}
