//! The dock: what somebody has just written or asked, with a box to answer in place (M10, M12), and coaching in a
//! workitem that is not open. It takes room of its own beside or below the page and covers nothing. One pop-up is
//! unfolded, the others are rows.
//!
//! A pop-up never takes the focus. Going away it leaves the message unread, so that the red indicator stays.

mod card;
mod coaching;
mod remaining;

use std::time::Duration;

use leptos::prelude::*;
use shared::directory::DirectoryMessage;
use shared::ids::DirectoryMessageId;

use self::card::Card;
use self::coaching::{CoachingCard, coaching_notices};
use crate::state::{SessionState, use_session};

/// How many are listed at once; the others wait behind a button.
const SHOWN: usize = 5;
/// How long an announcement stands before it is cleared, so that nobody finds it twice in the page.
const ANNOUNCED: Duration = Duration::from_secs(2);

/// The dock, empty and without any room while there is nothing to show.
#[component]
pub fn PopUps() -> impl IntoView {
    let session = use_session();
    let every = RwSignal::new(false);
    // A raised hand waits behind the open conversation with its agent, which shows it and answers it.
    let listed = Memo::new(move |_| {
        let partner = session.directory.get().flatten();
        session.pop_ups.with(|pop_ups| {
            pop_ups
                .iter()
                .filter(|pop_up| Some(&pop_up.message.from.id) != partner.as_ref())
                .map(|pop_up| pop_up.id)
                .collect::<Vec<_>>()
        })
    });
    let unfolded = Memo::new(move |_| {
        let chosen = session.unfolded.get();
        listed.with(|listed| {
            let chosen = chosen.filter(|chosen| listed.contains(chosen));
            chosen.or_else(|| listed.first().copied())
        })
    });
    let shown = Memo::new(move |_| {
        let mut shown = listed.get();
        if !every.get() {
            shown.truncate(SHOWN);
        }
        shown
    });
    let more = Memo::new(move |_| listed.with(Vec::len) - shown.with(Vec::len));
    Effect::new(move || {
        if listed.with(|listed| listed.len() <= SHOWN) {
            every.set(false);
        }
    });
    let coaching = coaching_notices(session);
    let empty = Memo::new(move |_| listed.with(Vec::is_empty) && coaching.with(Vec::is_empty));
    let announced = use_announcement(session, coaching);
    view! {
        <p class="visually-hidden" role="status">{move || announced.get()}</p>
        <div class="pop-ups" class:pop-ups--empty=move || empty.get()>
            <For
                each=move || coaching.get()
                key=|notice| (notice.workitem.clone(), notice.said.clone(), notice.count)
                let:notice
            >
                <CoachingCard notice />
            </For>
            <For each=move || shown.get() key=|id| *id let:id>
                <Card id unfolded />
            </For>
            {move || (more.get() > 0).then(|| view! {
                <button
                    type="button"
                    class="button button--quiet pop-ups__more"
                    on:click=move |_| every.set(true)
                >
                    {move || t!(pop_up.more, count = more.get())}
                </button>
            }.into_any())}
        </div>
    }
}

/// What a screen reader announces: each message and each coaching once, when it comes.
fn use_announcement(
    session: SessionState,
    coaching: Memo<Vec<coaching::CoachingPopUp>>,
) -> RwSignal<String> {
    let text = RwSignal::new(String::new());
    let clearing = StoredValue::new(None::<TimeoutHandle>);
    let say = move |words: String| {
        text.set(words);
        // The timer of the one before would clear this one too early.
        if let Some(before) = clearing.get_value() {
            before.clear();
        }
        let clear = move || {
            text.try_set(String::new());
        };
        clearing.set_value(set_timeout_with_handle(clear, ANNOUNCED).ok());
    };
    Effect::new(move |told: Option<Vec<DirectoryMessageId>>| {
        let told = told.unwrap_or_default();
        session.pop_ups.with(|pop_ups| {
            let new = |id: &DirectoryMessageId| !told.contains(id);
            if let Some(pop_up) = pop_ups.iter().rev().find(|pop_up| new(&pop_up.message.id)) {
                say(announcement(&pop_up.message));
            }
            let messages = pop_ups.iter().map(|pop_up| pop_up.message.id.clone());
            messages.collect()
        })
    });
    Effect::new(move |told: Option<Vec<coaching::Said>>| {
        let told = told.unwrap_or_default();
        coaching.with(|notices| {
            let new = |notice: &&coaching::CoachingPopUp| !told.contains(&notice.said);
            if let Some(notice) = notices.iter().rev().find(new) {
                say(notice.announcement());
            }
            notices.iter().map(|notice| notice.said.clone()).collect()
        })
    });
    text
}

fn announcement(message: &DirectoryMessage) -> String {
    t!(
        pop_up.announcement,
        name = message.from.name,
        text = message.text
    )
}
