//! One line of a conversation. What its agent can do with it stands below it.

mod attached;
mod coaching;
mod delivery;

use leptos::prelude::*;
use shared::ids::WorkitemId;
use shared::notice::Notice;
use shared::time::Timestamp;
use shared::transcript::{Entry, EntryBody, data_author, data_entry};

use self::attached::Attached;
pub use self::coaching::CoachReply;
use self::coaching::{CoachingFoot, ReplyFoot};
use self::delivery::DeliveryFoot;
use super::transcript::runs::{MonitoringLine, Runs, monitoring_text};
use super::{LocalTime, linked};
use crate::language::notice_text;
use crate::live::ConversationView;
use crate::state::use_session;

/// The id of the entry that the address points to.
pub(super) const FOUND: &str = "found-entry";

/// An entry of any kind. An `older` one was loaded by scrolling up, and is laid out only while it is near the screen. A `found` one
/// is what the address points to.
#[component]
pub fn EntryLine(
    view: ConversationView,
    runs: Runs,
    entry: Entry,
    agent_tools: bool,
    older: bool,
    found: bool,
) -> impl IntoView {
    let (author, kind) = (data_author(&entry.body), data_entry(&entry.body));
    let look = match (&entry.body, author) {
        (EntryBody::Coaching { .. } | EntryBody::CoachingReply { .. }, _) => "coaching",
        (_, author) => author,
    };
    let weight = if older { " entry--older" } else { "" };
    let class = ["entry entry--", look, weight].concat();
    if monitoring_text(&entry.body).is_some() {
        return view! { <MonitoringLine runs entry class kind /> }.into_any();
    }
    let inside = content(view, entry, agent_tools);
    view! {
        <article
            class=class
            class:entry--found=found
            id=found.then_some(FOUND)
            tabindex=found.then_some("-1")
            data-author=author
            data-entry=kind
        >
            {found.then(|| view! { <p class="entry__found">{t!(history.found_here)}</p> }.into_any())}
            {inside}
        </article>
    }
    .into_any()
}

/// What an entry says, by its kind.
fn content(view: ConversationView, entry: Entry, agent_tools: bool) -> AnyView {
    let (at, seq) = (entry.at, entry.seq);
    match entry.body.clone() {
        EntryBody::Message {
            name,
            text,
            files,
            delivery,
            ..
        } => view! {
            <EntryHead name=name at=at />
            {(!text.is_empty()).then(|| view! { <p class="entry__text" dir="auto">{linked(&text)}</p> }.into_any())}
            {(!files.is_empty()).then(|| view! { <Attached view seq first=files /> }.into_any())}
            {delivery.map(|first| view! { <DeliveryFoot view entry first agent_tools /> }.into_any())}
        }
        .into_any(),
        EntryBody::Coaching { name, text, .. } => view! {
            <EntryHead name=name at=at />
            <p class="entry__label">
                {if agent_tools {
                    t!(transcript.label_agent)
                } else {
                    t!(transcript.label_supervisor)
                }}
            </p>
            <p class="entry__text" dir="auto">{linked(&text)}</p>
            <CoachingFoot view=view entry=entry text=text agent_tools=agent_tools />
        }
        .into_any(),
        EntryBody::CoachingReply {
            agent,
            name,
            text,
            seen,
        } => view! {
            <EntryHead name=name.clone() at=at />
            <p class="entry__label">
                {if use_session().me.with_untracked(|me| me.id == agent) {
                    t!(transcript.label_reply).to_owned()
                } else {
                    t!(transcript.label_reply_of, name = name)
                }}
            </p>
            <p class="entry__text" dir="auto">{linked(&text)}</p>
            <ReplyFoot view seq first=seen />
        }
        .into_any(),
        EntryBody::Notice(Notice::Earlier { workitem }) => earlier_line(workitem, at, agent_tools),
        EntryBody::Notice(Notice::Note { by, text, .. }) => view! {
            <EntryHead name=by at=at />
            <p class="entry__label">{t!(notes.text)}</p>
            <p class="entry__text" dir="auto">{linked(&text)}</p>
        }
        .into_any(),
        EntryBody::Notice(notice) => system_line(notice_text(&notice), at),
        // Drawn above.
        EntryBody::MonitoringStarted { .. } | EntryBody::MonitoringEnded { .. } => ().into_any(),
    }
}

#[component]
pub(super) fn EntryHead(name: String, at: Timestamp) -> impl IntoView {
    view! {
        <p class="entry__head">
            <bdi class="entry__author">{name}</bdi>
            " "
            <LocalTime at=at />
        </p>
    }
}

pub(super) fn system_line(text: String, at: Timestamp) -> AnyView {
    view! {
        <p class="entry__line">{text} " " <LocalTime at=at /></p>
    }
    .into_any()
}

/// Leads to the customer's conversation before this one, where the reader may open it.
fn earlier_line(workitem: WorkitemId, at: Timestamp, agent_tools: bool) -> AnyView {
    let page = if agent_tools { "workspace" } else { "history" };
    let href = format!("/{page}/{workitem}");
    view! {
        <p class="entry__line">
            <a href=href>{t!(notices.earlier)}</a>" "<LocalTime at=at />
        </p>
    }
    .into_any()
}
