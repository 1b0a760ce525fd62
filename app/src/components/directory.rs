//! The Company Directory: a side sheet with the people of the organisation and the conversations with them.
//!
//! A dialog that lets the page behind it go on: it never blocks the work, and it is not in the page while
//! closed. What it shows is in `people` and `conversation`.

mod answering;
mod conversation;
mod message;
mod people;
mod thread;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::directory::Unread;
use shared::ids::UserId;
use shared::people::PersonRef;

use crate::api::directory::people_list;
use crate::components::Icon;
use crate::components::focus::use_focus_return;
use crate::language::error_text;
use crate::live::notifications::follow_people;
use crate::live::{ConnectionState, use_live};
use crate::overlay::use_overlay;
use crate::state::{SessionState, use_session};

use conversation::DirectoryConversation;
use people::People;

/// The Company Directory, while `session.directory` says that it is open.
#[component]
pub fn DirectoryPanel() -> impl IntoView {
    let session = use_session();
    let open = Memo::new(move |_| session.directory.with(Option::is_some));
    move || open.get().then(|| view! { <Panel /> }.into_any())
}

/// Loads the people where no live connection brings them.
fn use_people(session: SessionState) -> (RwSignal<Option<String>>, Callback<()>) {
    let failed = RwSignal::new(None::<String>);
    let load = move || {
        failed.set(None);
        spawn_local(async move {
            match people_list().await {
                // The live connection may have sent more in the meantime.
                Ok(people) => session.people.update(|known| {
                    if known.is_empty() {
                        *known = people.0;
                    }
                }),
                Err(error) => failed.set(Some(error_text(&error.0))),
            }
        });
    };
    let live = use_live();
    Effect::new(move |_| {
        let connected = live.state.get() == ConnectionState::Live;
        if !connected && session.people.with_untracked(Vec::is_empty) {
            load();
        }
    });
    (failed, Callback::new(move |()| load()))
}

#[component]
fn Panel() -> impl IntoView {
    let session = use_session();
    follow_people(session);
    let with = Memo::new(move |_| session.directory.get().flatten());
    // Noted while the panel opens, before anything in it takes the focus.
    let opener = use_focus_return();
    let close = move || {
        session.directory.set(None);
        opener.give_back_next();
    };
    use_overlay(Callback::new(move |()| close()));
    let last = RwSignal::new(None::<UserId>);
    // Of others than the one whose conversation is open.
    let elsewhere = Memo::new(move |_| {
        session.unread.with(|unread| {
            let of_others =
                |unread: &&Unread| with.with(|with| Some(&unread.from) != with.as_ref());
            let of_others = unread.iter().filter(of_others);
            of_others.map(|unread| unread.count).sum::<i64>()
        })
    });
    view! {
        <section
            class="directory"
            role="dialog"
            aria-labelledby="directory-title"
            on:keydown=move |event: KeyboardEvent| {
                if event.key() == "Escape" && !event.default_prevented() {
                    event.prevent_default();
                    event.stop_propagation();
                    close();
                }
            }
        >
            <div class="directory__head">
                {move || with.get().is_some().then(|| view! {
                    <button
                        class="button button--icon button--quiet"
                        type="button"
                        aria-label=t!(directory.all)
                        aria-description=move || (elsewhere.get() > 0).then(|| {
                            t!(frame.unread, count = elsewhere.get() as usize)
                        })
                        title=t!(directory.all)
                        on:click=move |_| {
                            last.set(with.get_untracked());
                            session.directory.set(Some(None));
                        }
                    >
                        <Icon name="back" />
                        {move || (elsewhere.get() > 0).then(|| view! {
                            <span class="badge badge--count">{elsewhere.get()}</span>
                        }.into_any())}
                    </button>
                }.into_any())}
                <h2 class="directory__title" id="directory-title">{t!(directory.title)}</h2>
                <button
                    class="button button--icon button--quiet"
                    type="button"
                    aria-label=t!(common.close)
                    title=t!(common.close)
                    on:click=move |_| close()
                >
                    <Icon name="close" />
                </button>
            </div>
            <Body with last />
        </section>
    }
}

/// The people, or the conversation with one of them.
#[component]
fn Body(with: Memo<Option<UserId>>, last: RwSignal<Option<UserId>>) -> impl IntoView {
    let session = use_session();
    let search = RwSignal::new(String::new());
    let (failed, on_retry) = use_people(session);
    let partner = Memo::new(move |_| {
        let user = with.get()?;
        session.people.with(|people| {
            people
                .iter()
                .find(|person| person.id == user)
                .map(|person| PersonRef {
                    id: user.clone(),
                    name: person.name.clone(),
                })
        })
    });
    let former = Memo::new(move |_| with.get().and_then(|user| session.former_named(&user)));
    let on_open = Callback::new(move |user: UserId| {
        last.set(Some(user.clone()));
        session.directory.set(Some(Some(user)));
    });
    move || match (with.get(), partner.get().or_else(|| former.get())) {
        (None, _) => {
            view! { <People search last on_open failed=failed.into() on_retry /> }.into_any()
        }
        (Some(_), Some(partner)) => {
            let deactivated = former.get().is_some();
            view! { <DirectoryConversation with=partner deactivated=deactivated /> }.into_any()
        }
        (Some(_), None) => view! { <Unknown failed=failed.into() on_retry /> }.into_any(),
    }
}

/// A conversation with somebody who is not in the list: it is still on its way, or they have left.
#[component]
fn Unknown(failed: Signal<Option<String>>, on_retry: Callback<()>) -> impl IntoView {
    let session = use_session();
    move || {
        let loading = session.people.with(Vec::is_empty);
        match (failed.get(), loading) {
            (Some(reason), true) => view! {
                <div class="notice notice--error" role="alert">
                    <span>{reason}</span>
                    <button class="button" type="button" on:click=move |_| on_retry.run(())>{t!(common.retry)}</button>
                </div>
            }.into_any(),
            (None, true) => view! {
                <div class="directory__loading" aria-busy="true">
                    <p class="visually-hidden">{t!(common.loading)}</p>
                    <div class="skeleton"></div>
                    <div class="skeleton"></div>
                </div>
            }.into_any(),
            (_, false) => view! {
                <div class="empty">
                    <Icon name="directory" />
                    <p class="empty__title">{t!(directory.unknown)}</p>
                    <p class="empty__line">{t!(directory.unknown_line)}</p>
                </div>
            }.into_any(),
        }
    }
}
