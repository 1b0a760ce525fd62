//! The names of things that the data knows by a code.

use shared::people::Role;
use shared::workitem::Channel;

use crate::{Language, t};

/// What has a name on screen.
pub trait Label {
    /// The name.
    fn label(self, language: Language) -> &'static str;
}

impl Label for Role {
    fn label(self, language: Language) -> &'static str {
        match self {
            Role::Agent => t!(language, role.agent),
            Role::Supervisor => t!(language, role.supervisor),
            Role::Administrator => t!(language, role.administrator),
        }
    }
}

impl Label for Channel {
    fn label(self, language: Language) -> &'static str {
        match self {
            Channel::Chat => t!(language, channel.chat),
            Channel::Social => t!(language, channel.social),
            Channel::Sms => t!(language, channel.sms),
            Channel::Phone => t!(language, channel.phone),
            Channel::Email => t!(language, channel.email),
        }
    }
}
