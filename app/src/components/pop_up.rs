//! The dock: what somebody has just written or asked, with a box to answer in place (M10, M12), and coaching in a
//! workitem that is not open. It takes room of its own beside or below the page and covers nothing. One pop-up is
//! unfolded, the others are rows; on the Watch wall it is a strip with one of them (`dock.rs`).
//!
//! A pop-up never takes the focus. Going away it leaves the message unread, so that the red indicator stays.

mod card;
mod coaching;
mod dock;
mod order;
mod remaining;

use std::time::Duration;

use leptos::prelude::*;
use shared::directory::DirectoryMessage;
use shared::ids::DirectoryMessageId;

use self::card::Card;
use self::coaching::CoachingCard;
use self::dock::Dock;
use crate::components::hold::Holding;
use crate::state::{SessionState, use_session};

/// How long an announcement stands before it is cleared, so that nobody finds it twice in the page.
const ANNOUNCED: Duration = Duration::from_secs(2);

/// The dock, empty and without any room while there is nothing to show; a strip on the Watch wall.
#[component]
pub fn PopUps() -> impl IntoView {
    let session = use_session();
    let dock = Dock::new(session);
    let announced = use_announcement(session, dock.coaching);
    // On the Watch wall the list comes and goes behind the button, in the order of the keyboard too.
    let button = Memo::new(move |_| {
        let (more, at_wall) = (dock.more.get(), dock.at_wall.get());
        (dock.closes.get() || more > 0).then_some(at_wall)
    });
    let button_if = move |at_wall: bool| {
        (button.get() == Some(at_wall)).then(|| view! { <MoreButton dock /> }.into_any())
    };
    view! {
        <p class="visually-hidden" role="status">{move || announced.get()}</p>
        <Holding hold=dock.hold class=dock.class() label=t!(pop_up.title)>
            {move || dock.says_nothing().then(|| view! {
                <p class="pop-ups__none">{t!(pop_up.none)}</p>
            }.into_any())}
            {move || button_if(true)}
            <For
                each=move || dock.notices.get()
                key=|notice| (notice.workitem.clone(), notice.said.clone(), notice.count)
                let:notice
            >
                <CoachingCard notice />
            </For>
            <For each=move || dock.cards.get() key=|id| *id let:id>
                <Card id dock />
            </For>
            {move || button_if(false)}
        </Holding>
    }
}

/// Says how many more there are, and lists them; on the Watch wall it closes the list, too.
#[component]
fn MoreButton(dock: Dock) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button button--quiet pop-ups__more"
            aria-expanded=move || dock.expanded()
            on:click=move |_| dock.toggle()
        >
            {move || match dock.closes.get() {
                true => t!(pop_up.fewer).to_owned(),
                false => t!(pop_up.more, count = dock.more.get()),
            }}
        </button>
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
