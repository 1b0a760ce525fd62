//! The ways on which customers come, and what is counted for each of them.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The way on which a customer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The chat page or widget.
    Chat,
    /// Messenger and the like.
    Social,
    /// Text messages.
    Sms,
    /// A call; Sideline carries no voice, it records that there is one.
    Phone,
    /// Mail; Sideline carries none, it records that there is one.
    Email,
}

impl Channel {
    /// Every channel, in the order in which they are shown.
    pub const ALL: [Channel; 5] = [
        Channel::Chat,
        Channel::Social,
        Channel::Sms,
        Channel::Phone,
        Channel::Email,
    ];

    /// Whether a supervisor can coach here; phone and email are view-only.
    pub fn coachable(self) -> bool {
        matches!(self, Channel::Chat | Channel::Social | Channel::Sms)
    }

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Chat => "chat",
            Channel::Social => "social",
            Channel::Sms => "sms",
            Channel::Phone => "phone",
            Channel::Email => "email",
        }
    }

    /// The channel of a code.
    pub fn from_code(code: &str) -> Option<Channel> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.code() == code)
    }
}

/// The service behind a social conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Instagram.
    Instagram,
    /// Messenger.
    Messenger,
    /// WhatsApp, where customers have telephone numbers.
    Whatsapp,
}

impl Service {
    /// The service of a kind of channel, such as `meta_whatsapp`; nothing for text messages.
    pub fn of_kind(kind: &str) -> Option<Service> {
        let (_, service) = kind.split_once('_')?;
        match service {
            "instagram" => Some(Service::Instagram),
            "messenger" => Some(Service::Messenger),
            "whatsapp" => Some(Service::Whatsapp),
            _ => None,
        }
    }
}

/// How many workitems of each channel: those that an agent has open, or may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelCounts {
    /// Chats.
    pub chat: i64,
    /// Social conversations.
    pub social: i64,
    /// SMS conversations.
    pub sms: i64,
    /// Calls.
    pub phone: i64,
    /// Mails.
    pub email: i64,
}

impl ChannelCounts {
    /// The count of one channel.
    pub fn of(&self, channel: Channel) -> i64 {
        match channel {
            Channel::Chat => self.chat,
            Channel::Social => self.social,
            Channel::Sms => self.sms,
            Channel::Phone => self.phone,
            Channel::Email => self.email,
        }
    }

    /// Counts one more.
    pub fn add(&mut self, channel: Channel, count: i64) {
        match channel {
            Channel::Chat => self.chat += count,
            Channel::Social => self.social += count,
            Channel::Sms => self.sms += count,
            Channel::Phone => self.phone += count,
            Channel::Email => self.email += count,
        }
    }

    /// All channels together.
    pub fn total(&self) -> i64 {
        Channel::ALL
            .into_iter()
            .map(|channel| self.of(channel))
            .sum()
    }

    /// Whether there is none of any channel.
    pub fn is_zero(&self) -> bool {
        self.total() == 0
    }
}

/// Since when a customer waits for an agent on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelWait {
    /// On which.
    pub channel: Channel,
    /// Since when.
    pub since: Timestamp,
}

impl ChannelWait {
    /// When an answer is late. `within`: how many minutes each channel has.
    pub fn late_at(self, within: &ChannelCounts) -> Timestamp {
        Timestamp(self.since.0 + within.of(self.channel) * 60_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_channel_has_its_service() {
        for (kind, service) in [
            ("meta_instagram", Some(Service::Instagram)),
            ("meta_messenger", Some(Service::Messenger)),
            ("meta_whatsapp", Some(Service::Whatsapp)),
            ("twilio_whatsapp", Some(Service::Whatsapp)),
            ("twilio_sms", None),
            ("chat", None),
        ] {
            assert_eq!(Service::of_kind(kind), service, "{kind}");
        }
    }
}
