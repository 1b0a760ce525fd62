//! One conversation of the Company Directory: the messages, what is typed, and what has been read.
//!
//! It marks messages as read only while they can be seen: the conversation open and the tab in front.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::assistance::Settled;
use shared::directory::Notification;
use shared::error::AppError;
use shared::ids::UserId;
use shared::people::PersonRef;

use super::answering::{AnsweringBar, answers_to};
use super::message::{Message, settled_line};
use super::thread::{Added, Thread};
use crate::api::ApiError;
use crate::api::directory::{directory_conversation, directory_read};
use crate::components::focus::use_focus_inside;
use crate::components::print::{print_page, use_print_keys};
use crate::components::resize::use_resize;
use crate::components::{Avatar, Composer, Icon, PresenceDot, use_quiet};
use crate::language::{error_text, number};
use crate::live::{ConnectionState, use_live};
use crate::outbox::{Delivered, Destination};
use crate::state::{PopUp, SessionState, use_session};

/// How near to its end, in pixels, a log counts as being at its end.
const NEAR: i32 = 48;

/// Where loading stands.
#[derive(Clone, PartialEq)]
enum Loading {
    Running,
    Done,
    Failed(AppError),
}

/// The conversation as the component's parts share it. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Open {
    session: SessionState,
    with: StoredValue<UserId>,
    thread: RwSignal<Thread>,
    loading: RwSignal<Loading>,
    /// Older messages are on their way.
    fetching: RwSignal<bool>,
    /// Everything up to here was reported as read, or was read before.
    read: StoredValue<i64>,
    /// Whether the end is in view, so that new messages are scrolled to.
    at_end: StoredValue<bool>,
    /// How many messages came below what is in view.
    news: RwSignal<i64>,
    log: NodeRef<Div>,
}

impl Open {
    /// Loads the newest page, at first and whenever something may have been missed.
    fn refresh(self) {
        let Some(with) = self.with.try_get_value() else {
            return;
        };
        spawn_local(async move {
            match directory_conversation(with.clone(), None).await {
                Ok(page) => {
                    self.thread.update(|thread| thread.renew(page));
                    let unread = self.session.unread.try_with_untracked(|unread| {
                        unread.iter().any(|unread| unread.from == with)
                    });
                    if unread == Some(false)
                        && self.loading.try_get_untracked() == Some(Loading::Running)
                        && let Some(last) = self.thread.try_with_untracked(Thread::last)
                    {
                        self.read.try_set_value(last);
                    }
                    self.loading.set(Loading::Done);
                }
                Err(ApiError(error)) => {
                    // A conversation that is on screen stays there; the connection's state is shown elsewhere.
                    if self.loading.try_get_untracked() == Some(Loading::Running) {
                        self.loading.set(Loading::Failed(error));
                    }
                }
            }
        });
    }

    /// Loads the page before the first message and keeps the scroll position.
    fn older(self) {
        spawn_local(async move {
            let _ = self.page_before().await;
        });
    }

    /// Loads all pages before the first message, then prints.
    fn print_all(self) {
        spawn_local(async move {
            while self.page_before().await {}
            print_page();
        });
    }

    /// Answers whether a page came.
    async fn page_before(self) -> bool {
        let wanted = self
            .thread
            .try_with_untracked(|thread| thread.first().filter(|_| thread.older))
            .flatten();
        let fetching = self.fetching.try_get_untracked();
        let (Some(before), Some(false)) = (wanted, fetching) else {
            return false;
        };
        let with = self.with.get_value();
        self.fetching.set(true);
        let page = directory_conversation(with, Some(before)).await;
        let came = page.is_ok() && !self.thread.is_disposed();
        match page {
            Ok(page) => {
                let from_end = self
                    .log
                    .try_get_untracked()
                    .flatten()
                    .map(|log| log.scroll_height() - log.scroll_top());
                self.at_end.try_set_value(false);
                self.thread.try_update(|thread| thread.prepend(page));
                request_animation_frame(move || {
                    if let (Some(log), Some(from_end)) =
                        (self.log.try_get_untracked().flatten(), from_end)
                    {
                        log.set_scroll_top(log.scroll_height() - from_end);
                    }
                });
            }
            Err(error) => self.session.toast(error_text(&error.0)),
        }
        self.fetching.try_set(false);
        came
    }

    /// Applies a notification of the live connection.
    fn apply(self, event: Notification) {
        let with = self.with.get_value();
        match event {
            Notification::Message(message) if message.from.id == with || message.to.id == with => {
                let added = self
                    .thread
                    .try_update(|thread| thread.add(message))
                    .unwrap_or(Added::Kept);
                if added == Added::Gap {
                    self.refresh();
                }
            }
            Notification::Read {
                with: other,
                through,
            } if other == with => {
                self.read.update_value(|read| *read = through.max(*read));
                if through > self.thread.with_untracked(Thread::last) {
                    self.refresh();
                }
            }
            Notification::RequestAnswered {
                request,
                by,
                how,
                at,
                ..
            } => {
                let settled = Settled::notified(how, by, at.unwrap_or_default());
                self.thread
                    .update(|thread| thread.settled(&request, &settled));
            }
            Notification::RequestClaimed { request, by, .. } => {
                self.thread
                    .update(|thread| thread.claimed(&request, Some(&by)));
            }
            Notification::RequestReturned { request, .. } => {
                self.thread.update(|thread| thread.claimed(&request, None));
            }
            _ => {}
        }
    }

    /// Reports what is on screen as read.
    fn mark_read(self) {
        if document().hidden() || self.loading.get_untracked() != Loading::Done {
            return;
        }
        let with = self.with.get_value();
        let (through, from_them) = self
            .thread
            .with_untracked(|thread| (thread.last(), thread.last_from(&with)));
        let unread = self
            .session
            .unread
            .with_untracked(|unread| unread.iter().any(|unread| unread.from == with));
        if from_them == 0 || !(unread || from_them > self.read.get_value()) {
            return;
        }
        self.read.set_value(through);
        if unread {
            self.session.set_unread(&with, |_| 0);
        }
        spawn_local(async move {
            if directory_read(with, through).await.is_err() {
                // The next message, or showing the page again, tries again.
                self.read.try_set_value(0);
            }
        });
    }

    fn scrolled(self) {
        if let Some(log) = self.log.get_untracked() {
            let below = log.scroll_height() - log.scroll_top() - log.client_height();
            self.at_end.set_value(below < NEAR);
            if below < NEAR {
                self.news.set(0);
            }
            if log.scroll_top() < NEAR && below >= NEAR {
                self.older();
            }
        }
    }

    fn scroll_to_end(self) {
        request_animation_frame(move || {
            if let Some(log) = self.log.try_get_untracked().flatten() {
                log.set_scroll_top(log.scroll_height());
            }
        });
    }
}

/// Loads the conversation at first, and again after every time without a connection; in between takes what the live
/// connection tells.
fn use_updates(open: Open) {
    let live = use_live();
    Effect::new(move |was_live: Option<bool>| {
        let is_live = live.state.get() == ConnectionState::Live;
        if was_live.is_none() || (was_live == Some(false) && is_live) {
            open.refresh();
        }
        is_live
    });
    // Events from before the conversation was opened are in its first page.
    Effect::new(move |known: Option<u64>| {
        let (count, event) = match open.session.last_event.get() {
            Some((count, event)) => (count, Some(event)),
            None => (0, None),
        };
        if let (Some(known), Some(event)) = (known, event)
            && count != known
        {
            open.apply(event);
        }
        count
    });
}

/// Marks as read what can be seen, and takes its pop-ups away.
fn use_read_marks(open: Open) {
    let session = open.session;
    let looked_at = RwSignal::new(());
    let looks = window_event_listener_untyped("visibilitychange", move |_| looked_at.set(()));
    on_cleanup(move || looks.remove());
    Effect::new(move |_| {
        looked_at.track();
        open.loading.track();
        open.thread.track();
        session.unread.track();
        open.mark_read();
    });
    // What is on screen here needs no pop-up; a raised hand stays until it is settled or dismissed.
    let partner = open.with.get_value();
    Effect::new(move |_| {
        let shown =
            |pop_up: &PopUp| pop_up.message.from.id == partner && pop_up.open_request().is_none();
        if session.pop_ups.with(|pop_ups| pop_ups.iter().any(shown)) {
            session
                .pop_ups
                .update(|pop_ups| pop_ups.retain(|pop_up| !shown(pop_up)));
        }
    });
}

/// Keeps the log at its end while it grows, unless somebody scrolled up.
fn use_stick_to_end(open: Open) {
    let with = open.with.get_value();
    Effect::new(move |before: Option<i64>| {
        let before = before.unwrap_or_default();
        let (last, came) = open.thread.with(|thread| {
            let new = thread.messages.iter().rev();
            let new = new.take_while(|message| message.seq > before);
            let from_them = new.filter(|message| message.from.id == with).count();
            (thread.last(), from_them as i64)
        });
        if open.at_end.get_value() {
            open.scroll_to_end();
        } else if came > 0 {
            open.news.update(|news| *news += came);
        }
        last
    });
}

/// Keeps it there as well when it becomes smaller.
fn use_resized_log(open: Open) {
    let resized = move |()| {
        if open.at_end.try_get_value() == Some(true) {
            open.scroll_to_end();
        }
    };
    use_resize(open.log, Callback::new(resized));
}

/// The conversation with one person, with everything that happens in it from now on.
#[component]
pub fn DirectoryConversation(
    /// With whom.
    with: PersonRef,
    /// Whether they can be written to no more.
    deactivated: bool,
) -> impl IntoView {
    let session = use_session();
    let PersonRef { id, name } = with;
    let open = Open {
        session,
        with: StoredValue::new(id.clone()),
        thread: RwSignal::new(Thread::default()),
        loading: RwSignal::new(Loading::Running),
        fetching: RwSignal::new(false),
        read: StoredValue::new(0),
        at_end: StoredValue::new(true),
        news: RwSignal::new(0),
        log: NodeRef::new(),
    };
    use_updates(open);
    use_read_marks(open);
    use_stick_to_end(open);
    use_resized_log(open);
    let root = NodeRef::<Div>::new();
    use_focus_inside(root, "textarea");
    let presence = Memo::new(move |_| session.presence_of(&id));
    let foot = if deactivated {
        view! { <p class="directory__closed">{t!(directory.closed)}</p> }.into_any()
    } else {
        view! { <Answer open name=name.clone() /> }.into_any()
    };
    view! {
        <div class="directory__conversation" node_ref=root>
            <div class="directory__partner">
                <Avatar name=name.clone() />
                <h3 class="directory__name" dir="auto">{name.clone()}</h3>
                {if deactivated {
                    view! { <span class="badge">{t!(common.deactivated)}</span> }.into_any()
                } else {
                    view! { <PresenceDot presence /> }.into_any()
                }}
            </div>
            <Log open name />
            {foot}
        </div>
    }
}

#[component]
fn Log(open: Open, name: String) -> impl IntoView {
    let live = use_quiet(Signal::derive(move || {
        open.fetching.get() || open.loading.with(|loading| *loading == Loading::Running)
    }));
    let more = Signal::derive(move || open.thread.with(|thread| thread.older));
    use_print_keys(more, Callback::new(move |()| open.print_all()));
    view! {
        <div
            class="directory__log"
            role="log"
            aria-label=t!(directory.conversation_with, name = name)
            aria-live=live
            tabindex="0"
            node_ref=open.log
            on:scroll=move |_| open.scrolled()
        >
            {move || (open.thread.with(|thread| thread.older)).then(|| view! {
                <button
                    class="button button--quiet directory__older"
                    type="button"
                    disabled=move || open.fetching.get()
                    on:click=move |_| open.older()
                >
                    {move || if open.fetching.get() { t!(common.loading_more) } else { t!(directory.older) }}
                </button>
            }.into_any())}
            <For
                each=move || open.thread.with(|thread| thread.messages.clone())
                key=|message| (message.seq, settled_line(message))
                let:message
            >
                <Message message />
            </For>
            {move || state_view(open)}
        </div>
        {move || (open.news.get() > 0).then(|| view! {
            <button type="button" class="button directory__jump" on:click=move |_| open.scroll_to_end()>
                <Icon name="arrow-down" />
                {move || t!(transcript.news, number = number(open.news.get()))}
            </button>
        }.into_any())}
    }
}

/// What the next message answers, and the box for it.
#[component]
fn Answer(open: Open, name: String) -> impl IntoView {
    let with = open.with.get_value();
    let answers = answers_to(open.session, open.thread, with.clone());
    let on_sent = Callback::new(move |delivered| {
        let Delivered::Message(message, _) = delivered else {
            return;
        };
        let added = open.thread.try_update(|thread| thread.add(message));
        open.at_end.try_set_value(true);
        if added == Some(Added::Gap) {
            open.refresh();
        }
    });
    view! {
        <AnsweringBar answers />
        <Composer
            label=t!(directory.message_to, name = name)
            placeholder=t!(directory.message_to, name = name)
            to=Destination::Colleague(with)
            answers=Signal::derive(move || answers.chosen())
            on_sent=on_sent
        />
    }
}

/// What stands in the log instead of messages.
fn state_view(open: Open) -> AnyView {
    match open.loading.get() {
        Loading::Running => view! {
            <div class="directory__loading" aria-busy="true">
                <p class="visually-hidden">{t!(directory.loading_messages)}</p>
                <div class="skeleton"></div>
                <div class="skeleton"></div>
            </div>
        }
        .into_any(),
        Loading::Failed(error) => view! {
            <div class="notice notice--error" role="alert">
                <span>{error_text(&error)}</span>
                <button
                    class="button"
                    type="button"
                    on:click=move |_| {
                        open.loading.set(Loading::Running);
                        open.refresh();
                    }
                >
                    {t!(common.retry)}
                </button>
            </div>
        }
        .into_any(),
        Loading::Done if open.thread.with(|thread| thread.messages.is_empty()) => view! {
            <div class="empty">
                <Icon name="chat" />
                <p class="empty__title">{t!(directory.no_messages)}</p>
            </div>
        }
        .into_any(),
        Loading::Done => ().into_any(),
    }
}
