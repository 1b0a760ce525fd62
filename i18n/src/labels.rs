//! The names of things that the data knows by a code.

use shared::admin::QueuePriority;
use shared::assistance::{Returned, Settled, SettledHow};
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::files::FileState;
use shared::people::{Presence, Role};
use shared::transcript::Reaction;
use shared::workitem::{Channel, Service, WaitingFor, WorkitemState};

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

impl Label for Presence {
    fn label(self, language: Language) -> &'static str {
        match self {
            Presence::Available => t!(language, presence.available),
            Presence::Busy => t!(language, presence.busy),
            Presence::Away => t!(language, presence.away),
            Presence::Offline => t!(language, presence.offline),
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

impl Label for Service {
    fn label(self, language: Language) -> &'static str {
        match self {
            Service::Instagram => t!(language, service.instagram),
            Service::Messenger => t!(language, service.messenger),
            Service::Whatsapp => t!(language, service.whatsapp),
        }
    }
}

impl Label for QueuePriority {
    fn label(self, language: Language) -> &'static str {
        match self {
            QueuePriority::High => t!(language, priority.high),
            QueuePriority::Normal => t!(language, priority.normal),
            QueuePriority::Low => t!(language, priority.low),
        }
    }
}

impl Label for WorkitemState {
    fn label(self, language: Language) -> &'static str {
        match self {
            WorkitemState::Queued => t!(language, workitem_state.queued),
            WorkitemState::Active => t!(language, workitem_state.active),
            WorkitemState::WrapUp => t!(language, workitem_state.wrap_up),
            WorkitemState::Closed => t!(language, workitem_state.closed),
        }
    }
}

impl Label for WaitingFor {
    fn label(self, language: Language) -> &'static str {
        match self {
            WaitingFor::Nobody => t!(language, waiting_for.nobody),
            WaitingFor::Queue => t!(language, waiting_for.queue),
            WaitingFor::Agent => t!(language, waiting_for.agent),
            WaitingFor::Customer => t!(language, waiting_for.customer),
        }
    }
}

impl Label for Reaction {
    fn label(self, language: Language) -> &'static str {
        match self {
            Reaction::ThumbsUp => t!(language, reaction.thumbs_up),
            Reaction::ThumbsDown => t!(language, reaction.thumbs_down),
        }
    }
}

impl Label for DeliveryReason {
    fn label(self, language: Language) -> &'static str {
        match self {
            DeliveryReason::Refused => t!(language, delivery.refused),
            DeliveryReason::Undelivered => t!(language, delivery.undelivered),
            DeliveryReason::Stopped => t!(language, delivery.stopped),
            DeliveryReason::NoAnswer => t!(language, delivery.no_answer),
            DeliveryReason::NotSetUp => t!(language, delivery.not_set_up),
            DeliveryReason::WindowClosed => t!(language, delivery.window_closed),
            // Said of a message that was handed over; see `delivery_text`.
            DeliveryReason::MaybeTwice => t!(language, delivery.undelivered),
            DeliveryReason::Restored => t!(language, delivery.restored),
        }
    }
}

/// What a kind of channel that goes through a provider is called; nothing for one of another release.
pub fn channel_kind(language: Language, code: &str) -> Option<&'static str> {
    Some(match code {
        "meta_instagram" => t!(language, provider_channels.meta_instagram),
        "meta_messenger" => t!(language, provider_channels.meta_messenger),
        "meta_whatsapp" => t!(language, provider_channels.meta_whatsapp),
        "twilio_sms" => t!(language, provider_channels.twilio_sms),
        "twilio_whatsapp" => t!(language, provider_channels.twilio_whatsapp),
        _ => return None,
    })
}

/// What a setting or a secret of such a channel is called; nothing for one of another release.
pub fn channel_setting(language: Language, name: &str) -> Option<&'static str> {
    Some(match name {
        "access_token" => t!(language, provider_channels.access_token),
        "account_sid" => t!(language, provider_channels.account_sid),
        "app_secret" => t!(language, provider_channels.app_secret),
        "auth_token" => t!(language, provider_channels.auth_token),
        "page_id" => t!(language, provider_channels.page_id),
        "rate" => t!(language, provider_channels.rate),
        _ => return None,
    })
}

/// Why the content of a file is not here; nothing for one that is.
pub fn file_state_text(language: Language, state: FileState) -> &'static str {
    match state {
        FileState::Ready => "",
        FileState::Coming => t!(language, files.coming),
        FileState::Refused => t!(language, files.refused),
        FileState::TooLarge => t!(language, files.too_large),
        FileState::NoRoom => t!(language, files.no_room),
        FileState::Gone => t!(language, files.gone),
        FileState::NoAnswer => t!(language, files.no_answer),
        FileState::NotSetUp => t!(language, files.not_set_up),
    }
}

/// How far a message has come that a provider carries.
pub fn delivery_text(language: Language, delivery: &Delivery) -> String {
    let plain = match delivery.state {
        DeliveryState::Queued => t!(language, delivery.queued),
        DeliveryState::Sent => t!(language, delivery.sent),
        DeliveryState::Delivered => t!(language, delivery.delivered),
        DeliveryState::Read => t!(language, delivery.read),
        DeliveryState::Failed => {
            let reason = delivery.reason.unwrap_or(DeliveryReason::Undelivered);
            let reason = reason.label(language);
            return match delivery.code {
                Some(code) => t!(
                    language,
                    delivery.failed_code,
                    reason = reason,
                    code = code.to_string()
                ),
                None => t!(language, delivery.failed, reason = reason),
            };
        }
    };
    match delivery.reason {
        Some(DeliveryReason::MaybeTwice) => t!(language, delivery.maybe_twice, state = plain),
        _ => plain.to_owned(),
    }
}

/// Why a request is open again that somebody had claimed, without a full stop.
pub fn returned_text(language: Language, why: Returned, name: &str) -> String {
    match why {
        Returned::HandedBack => t!(language, requests.back_by, name = name),
        Returned::ClaimerGone => t!(language, requests.back_gone, name = name),
        Returned::ClaimerAbsent => t!(language, requests.back_absent, name = name),
    }
}

impl Label for SettledHow {
    fn label(self, language: Language) -> &'static str {
        match self {
            SettledHow::Answered | SettledHow::Coached => t!(language, settled.answered),
            SettledHow::Handled => t!(language, settled.handled),
            SettledHow::Withdrawn => t!(language, settled.withdrawn),
            SettledHow::ConversationEnded => t!(language, settled.conversation_ended),
            SettledHow::WorkitemClosed => t!(language, settled.workitem_closed),
            SettledHow::WorkitemMoved => t!(language, settled.workitem_moved),
            SettledHow::AgentGone => t!(language, settled.agent_gone),
            SettledHow::NobodyLeft => t!(language, settled.nobody_left),
        }
    }
}

/// What stands at a request that is settled, without a full stop.
pub fn settled_text(language: Language, settled: &Settled) -> String {
    let by = settled.by.as_ref().map(|by| by.name.as_str());
    match (settled.how, by) {
        (SettledHow::Answered | SettledHow::Coached, Some(name)) => {
            t!(language, settled.answered_by, name = name)
        }
        (SettledHow::Handled, Some(name)) => t!(language, settled.handled_by, name = name),
        (how, _) => how.label(language).to_owned(),
    }
}
