//! How far a message has come that a provider carries to its customer. Codes only: words come where it is shown.

use serde::{Deserialize, Serialize};

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// How far.
    pub state: DeliveryState,
    /// Why it did not arrive, or what else is to be known of it.
    #[serde(default, deserialize_with = "crate::lenient::known")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeliveryReason>,
    /// The provider's number for that, where it named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
}

impl Delivery {
    /// Without a reason.
    pub fn of(state: DeliveryState) -> Self {
        Self {
            state,
            reason: None,
            code: None,
        }
    }

    /// It did not arrive.
    pub fn failed(reason: DeliveryReason, code: Option<i64>) -> Self {
        Self {
            state: DeliveryState::Failed,
            reason: Some(reason),
            code,
        }
    }
}

/// How far a message has come, in the order in which it goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits to be handed to the provider.
    Queued,
    /// The provider has it.
    Sent,
    /// It did not arrive. The agent can send it again.
    Failed,
    /// It is on the customer's device.
    Delivered,
    /// The customer has opened it.
    Read,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
    ];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// The state of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Why a message did not arrive; the last one is what is to be known of one that did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryReason {
    /// The provider refused it.
    Refused,
    /// The provider took it and could not deliver it.
    Undelivered,
    /// The customer wants no messages on this way.
    Stopped,
    /// The provider did not answer, however often it was tried.
    NoAnswer,
    /// The channel's set-up is not complete, or the provider does not know it any more.
    NotSetUp,
    /// The customer wrote too long ago for an answer.
    WindowClosed,
    /// It was handed over again after an answer that was lost, by a provider that cannot be asked: the customer may have it
    /// twice.
    MaybeTwice,
    /// It was waiting when a backup was made, in which nothing is sent unasked: the customer may have it from the original.
    Restored,
}

impl DeliveryReason {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Refused,
        Self::Undelivered,
        Self::Stopped,
        Self::NoAnswer,
        Self::NotSetUp,
        Self::WindowClosed,
        Self::MaybeTwice,
        Self::Restored,
    ];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Undelivered => "undelivered",
            Self::Stopped => "stopped",
            Self::NoAnswer => "no_answer",
            Self::NotSetUp => "not_set_up",
            Self::WindowClosed => "window_closed",
            Self::MaybeTwice => "maybe_twice",
            Self::Restored => "restored",
        }
    }

    /// The reason of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_wire() {
        for state in DeliveryState::ALL {
            assert_eq!(DeliveryState::from_code(state.code()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.code());
        }
        for reason in DeliveryReason::ALL {
            assert_eq!(DeliveryReason::from_code(reason.code()), Some(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        }
        let failed = Delivery::failed(DeliveryReason::Refused, Some(21_211));
        let text = serde_json::to_string(&failed).unwrap();
        assert_eq!(serde_json::from_str::<Delivery>(&text).unwrap(), failed);
    }
}
