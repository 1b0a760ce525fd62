//! Webhooks out: which events other systems receive, and how far each event has come. Only the host's own pages show it.

/// How many receivers there may be.
pub const RECEIVERS_MAX: i64 = 20;
/// The longest address of a receiver, in characters.
pub const URL_MAX: usize = 2_048;

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A workitem has begun.
    WorkitemCreated,
    /// An agent has it from now on.
    WorkitemAssigned,
    /// It came into another state.
    WorkitemStateChanged,
    /// Its conversation is over.
    WorkitemEnded,
    /// Its customer was erased.
    WorkitemErased,
    /// Its customer rated it.
    WorkitemRated,
    /// Customer or agent said something that both see.
    MessageCreated,
    /// An agent raised a hand.
    AssistanceRequested,
    /// A raised hand came to its end.
    AssistanceSettled,
    /// A supervisor said something to an agent.
    CoachingCreated,
    /// A supervisor flagged a workitem for review.
    ReviewFlagged,
    /// A supervisor marked a flag as reviewed.
    ReviewFinished,
    /// An administrator tries a receiver.
    Test,
}

impl EventKind {
    /// The events that a receiver can choose, in the order in which they are offered.
    pub const CHOICES: [EventKind; 12] = [
        EventKind::WorkitemCreated,
        EventKind::WorkitemAssigned,
        EventKind::WorkitemStateChanged,
        EventKind::WorkitemEnded,
        EventKind::WorkitemErased,
        EventKind::WorkitemRated,
        EventKind::MessageCreated,
        EventKind::AssistanceRequested,
        EventKind::AssistanceSettled,
        EventKind::CoachingCreated,
        EventKind::ReviewFlagged,
        EventKind::ReviewFinished,
    ];

    /// The word in the database and on the wire.
    pub fn code(self) -> &'static str {
        match self {
            EventKind::WorkitemCreated => "workitem.created",
            EventKind::WorkitemAssigned => "workitem.assigned",
            EventKind::WorkitemStateChanged => "workitem.state_changed",
            EventKind::WorkitemEnded => "workitem.ended",
            EventKind::WorkitemErased => "workitem.erased",
            EventKind::WorkitemRated => "workitem.rated",
            EventKind::MessageCreated => "message.created",
            EventKind::AssistanceRequested => "assistance.requested",
            EventKind::AssistanceSettled => "assistance.settled",
            EventKind::CoachingCreated => "coaching.created",
            EventKind::ReviewFlagged => "review.flagged",
            EventKind::ReviewFinished => "review.finished",
            EventKind::Test => "webhook.test",
        }
    }

    /// The kind of a code.
    pub fn from_code(code: &str) -> Option<EventKind> {
        let mut all = EventKind::CHOICES.into_iter().chain([EventKind::Test]);
        all.find(|kind| kind.code() == code)
    }

    /// Whether it tells what customers must never learn of.
    pub fn internal(self) -> bool {
        matches!(
            self,
            EventKind::AssistanceRequested
                | EventKind::AssistanceSettled
                | EventKind::CoachingCreated
                | EventKind::ReviewFlagged
                | EventKind::ReviewFinished
        )
    }
}

/// How far an event has come on its way to a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventState {
    /// It is still to be delivered.
    Pending,
    /// The receiver has taken it.
    Delivered,
    /// It was given up.
    Failed,
    /// What it was about is gone: nothing was sent.
    Dropped,
}

impl EventState {
    /// Every state.
    pub const ALL: [EventState; 4] = [
        EventState::Pending,
        EventState::Delivered,
        EventState::Failed,
        EventState::Dropped,
    ];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            EventState::Pending => "pending",
            EventState::Delivered => "delivered",
            EventState::Failed => "failed",
            EventState::Dropped => "dropped",
        }
    }

    /// The state of a code.
    pub fn from_code(code: &str) -> Option<EventState> {
        EventState::ALL
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// Why an attempt did not deliver an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventFailure {
    /// The receiver answered with another status than 2xx.
    Status,
    /// It did not answer in time.
    NoAnswer,
    /// The connection ended before the answer, or what came was no answer.
    BrokenOff,
    /// No connection to it, or no TLS.
    NoConnection,
    /// Nobody knows its name.
    UnknownHost,
    /// Its address, or one of several, is one to which nothing is sent.
    AddressRefused,
    /// Its address or its secret cannot be opened: the key file is another one.
    Sealed,
    /// It waited for too long.
    TooOld,
}

impl EventFailure {
    /// Every failure.
    pub const ALL: [EventFailure; 8] = [
        EventFailure::Status,
        EventFailure::NoAnswer,
        EventFailure::BrokenOff,
        EventFailure::NoConnection,
        EventFailure::UnknownHost,
        EventFailure::AddressRefused,
        EventFailure::Sealed,
        EventFailure::TooOld,
    ];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            EventFailure::Status => "status",
            EventFailure::NoAnswer => "no_answer",
            EventFailure::BrokenOff => "broken_off",
            EventFailure::NoConnection => "no_connection",
            EventFailure::UnknownHost => "unknown_host",
            EventFailure::AddressRefused => "address_refused",
            EventFailure::Sealed => "sealed",
            EventFailure::TooOld => "too_old",
        }
    }

    /// The failure of a code.
    pub fn from_code(code: &str) -> Option<EventFailure> {
        EventFailure::ALL
            .into_iter()
            .find(|failure| failure.code() == code)
    }
}

/// Why the program switched a receiver off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffReason {
    /// It answered 410: it wants nothing any more.
    Gone,
    /// It failed for days.
    Failing,
}

impl OffReason {
    /// Every reason.
    pub const ALL: [OffReason; 2] = [OffReason::Gone, OffReason::Failing];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            OffReason::Gone => "gone",
            OffReason::Failing => "failing",
        }
    }

    /// The reason of a code.
    pub fn from_code(code: &str) -> Option<OffReason> {
        OffReason::ALL
            .into_iter()
            .find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_what_it_wrote() {
        for kind in EventKind::CHOICES.into_iter().chain([EventKind::Test]) {
            assert_eq!(EventKind::from_code(kind.code()), Some(kind));
        }
        for state in EventState::ALL {
            assert_eq!(EventState::from_code(state.code()), Some(state));
        }
        for failure in EventFailure::ALL {
            assert_eq!(EventFailure::from_code(failure.code()), Some(failure));
        }
        for reason in OffReason::ALL {
            assert_eq!(OffReason::from_code(reason.code()), Some(reason));
        }
    }

    #[test]
    fn m21_what_customers_never_learn_of_is_internal() {
        let internal = EventKind::CHOICES
            .into_iter()
            .filter(|kind| kind.internal());
        let codes: Vec<&str> = internal.map(EventKind::code).collect();
        let expected = [
            "assistance.requested",
            "assistance.settled",
            "coaching.created",
            "review.flagged",
            "review.finished",
        ];
        assert_eq!(codes, expected);
    }
}
