//! How long a customer has waited for an answer: the longer, the more it catches the eye. What is long depends on the channel, as
//! the organisation says.

use leptos::prelude::*;
use shared::time::Timestamp;
use shared::workitem::ChannelWait;

use crate::clock::use_now;
use crate::components::{Icon, Waiting};
use crate::state::use_session;

/// The wait of the customer who has waited longest, counting; nothing while nobody waits. Its colour is that of the most urgent one.
#[component]
pub fn Wait(
    /// Who waits; of several, one for each channel.
    #[prop(into)]
    waits: Signal<Vec<ChannelWait>>,
) -> impl IntoView {
    let (now, within) = (use_now(), use_session().answer_within);
    let since = Memo::new(move |_| waits.with(|waits| waits.iter().map(|wait| wait.since).min()));
    let class = Memo::new(move |_| {
        let (now, within) = (now.get()?, within.get());
        let urgent = |wait: &ChannelWait| urgency(wait.since, wait.late_at(&within), now);
        waits.with(|waits| waits.iter().map(urgent).max())
    });
    let class = move || match class.get() {
        Some(Urgency::Late) => "wait wait--danger",
        Some(Urgency::Soon) => "wait wait--warn",
        _ => "wait",
    };
    let some = Memo::new(move |_| since.get().is_some());
    move || {
        some.get().then(|| {
            view! {
                <span class=class>
                    <Icon name="clock" />
                    <span class="visually-hidden">{t!(common.waiting_word)}" "</span>
                    <Waiting since=since />
                </span>
            }
            .into_any()
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    None,
    /// Two fifths of the time for an answer are over.
    Soon,
    Late,
}

fn urgency(since: Timestamp, late: Timestamp, now: Timestamp) -> Urgency {
    let (waited, allowed) = (now.0 - since.0, late.0 - since.0);
    match waited {
        _ if waited > allowed => Urgency::Late,
        _ if waited > allowed / 5 * 2 => Urgency::Soon,
        _ => Urgency::None,
    }
}

#[cfg(test)]
mod tests {
    use shared::organisation::OrganisationSettings;
    use shared::workitem::Channel;

    use super::*;

    #[test]
    fn u06_an_email_may_wait_for_longer_than_a_chat() {
        let within = OrganisationSettings::default().answer_within_min;
        let after = |channel, minutes: i64| {
            let since = Timestamp(7);
            let late = ChannelWait { channel, since }.late_at(&within);
            urgency(since, late, Timestamp(7 + minutes * 60_000_000))
        };
        assert_eq!(after(Channel::Chat, 2), Urgency::None);
        assert_eq!(after(Channel::Chat, 3), Urgency::Soon);
        assert_eq!(after(Channel::Chat, 6), Urgency::Late);
        assert_eq!(after(Channel::Email, 90), Urgency::None);
        assert_eq!(after(Channel::Email, 100), Urgency::Soon);
        assert_eq!(after(Channel::Email, 241), Urgency::Late);
    }
}
