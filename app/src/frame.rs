//! What stands around every page of a signed-in user: header, navigation, connection state, and what may appear
//! on any page (pop-ups, Company Directory, toasts). It lets nobody in who is not signed in or may not see a page.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_url;
use shared::directory::Bootstrap;
use shared::error::AppError;
use shared::people::{Permission, Presence};

use crate::answer::{answer_redirect, login_url};
use crate::api::account::presence_set;
use crate::api::directory::DeskLoad;
use crate::attempt::LastChoice;
use crate::components::Icon;
use crate::components::assistance_picker::AssistanceButton;
use crate::components::connection::{ConnectionBanner, ReleaseBanner};
use crate::components::dialpad::DialpadButton;
use crate::components::directory::DirectoryPanel;
use crate::components::keyboard::{Keyboard, KeyboardDialogs, announced};
use crate::components::peek::PeekDialog;
use crate::components::pop_up::PopUps;
use crate::components::toasts::Toasts;
use crate::components::user_menu::UserMenu;
use crate::drafts::provide_drafts;
use crate::first_data::{FirstAnswer, first_answer};
use crate::language::{error_text, label};
use crate::live::notifications::follow_frame;
use crate::live::provide_live;
use crate::news::{mark_icon, renew_push};
use crate::outbox::{Unsent, provide_outbox, use_unsent_colleagues};
use crate::page_links::header_pages;
use crate::routes::not_found::NotFoundPage;
use crate::session::watch_session_end;
use crate::state::{SessionState, use_session};

/// The frame with the page in it, or the way to the sign-in page.
#[component]
pub fn Frame() -> impl IntoView {
    let bootstrap = bootstrap_answer();
    let url = use_url();
    move || match bootstrap.answer.get() {
        None => view! { <p class="frame__loading">{t!(common.loading_more)}</p> }.into_any(),
        Some(Ok(bootstrap)) => {
            view! { <SignedIn bootstrap=bootstrap page=|| Outlet().into_any() /> }.into_any()
        }
        Some(Err(error)) if error.0 == AppError::Unauthenticated => {
            let here = url.with_untracked(|url| match url.search() {
                "" => url.path().to_owned(),
                search => [url.path(), "?", search].concat(),
            });
            answer_redirect(&login_url(&here));
            ().into_any()
        }
        Some(Err(error)) => view! {
            <main id="main" class="page">
                <p class="notice notice--error" role="alert">{error_text(&error.0)}</p>
                <a class="button" href="" rel="external">{t!(common.try_again)}</a>
            </main>
        }
        .into_any(),
    }
}

/// The page of an unknown address: in the frame for signed-in users.
#[component]
pub fn Nowhere() -> impl IntoView {
    let bootstrap = bootstrap_answer();
    let page = || NotFoundPage().into_any();
    move || match bootstrap.answer.get() {
        Some(Ok(bootstrap)) => view! { <SignedIn bootstrap=bootstrap page=page /> }.into_any(),
        _ => view! { <main id="main">{page()}</main> }.into_any(),
    }
}

/// Who is signed in, with what the frame shows.
pub fn bootstrap_answer() -> FirstAnswer<Bootstrap> {
    first_answer(|| Some(DeskLoad {}))
}

#[component]
fn SignedIn(bootstrap: Bootstrap, page: fn() -> AnyView) -> impl IntoView {
    let session = SessionState::new(&bootstrap);
    provide_context(session);
    provide_live();
    watch_session_end();
    provide_drafts();
    provide_outbox();
    follow_frame(session, &bootstrap);
    mark_icon(session);
    renew_push(session);
    let keyboard = Keyboard::provide();
    Effect::new(move || session.show_open_requests(&bootstrap));
    view! {
        <div class="frame">
            <a class="skip-link" href="#main" rel="external">{t!(frame.skip)}</a>
            <Header />
            <div>
                <ConnectionBanner />
                <ReleaseBanner />
            </div>
            <main id="main" class="frame__main" tabindex="-1">
                {page()}
            </main>
            <PopUps />
            <DirectoryPanel />
            <PeekDialog />
            <Toasts />
            <KeyboardDialogs keyboard />
        </div>
    }
}

/// What `aria-current` says at the link of a page: the page itself, or one that belongs to it.
fn place_in(path: &str, page: &str) -> Option<&'static str> {
    let below = |place: &str| {
        let rest = path.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if below(page) {
        Some("page")
    } else {
        // Coaching Pages and the Watch wall are reached from the dashboard.
        (page == "/dashboard" && (below("/coaching") || below("/watch"))).then_some("true")
    }
}

#[component]
fn Header() -> impl IntoView {
    let me = use_session().me.get_untracked();
    let url = use_url();
    let agent = me.holds(Permission::WorkitemHandle);
    let asks = me.holds(Permission::AssistanceRequest);
    let links = header_pages(&me)
        .map(|(href, icon, label)| {
            view! {
                <a class="header__link" href=href aria-current=move || place_in(url.get().path(), href)>
                    <Icon name=icon />
                    <span class="header__label">{label}</span>
                </a>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <header class="header">
            <a class="header__brand" href=me.home()>
                <img class="header__mark" src="/favicon.svg" alt="" width="24" height="24" />
                <span class="header__name">"Sideline"</span>
            </a>
            <nav class="header__nav" aria-label=t!(frame.main)>
                {links}
            </nav>
            <div class="header__tools">
                {agent.then(|| view! { <DialpadButton /> }.into_any())}
                {asks.then(|| view! { <AssistanceButton /> }.into_any())}
                <DirectoryButton />
                <PresenceSelect />
                <UserMenu />
            </div>
        </header>
    }
}

/// Opens the Company Directory. A red dot and words show unread messages, words what was not sent.
#[component]
fn DirectoryButton() -> impl IntoView {
    let session = use_session();
    let unread = Memo::new(move |_| session.unread_total());
    let unsent = use_unsent_colleagues();
    let words = Memo::new(move |_| {
        let unread = unread.get() as usize;
        let marked =
            |mark| unsent.with(|unsent| unsent.iter().filter(|(_, of)| *of == mark).count());
        let (failed, drafts) = (marked(Unsent::Failed), marked(Unsent::Draft));
        let counts = [
            (unread > 0).then(|| t!(frame.unread, count = unread)),
            (failed > 0).then(|| t!(frame.unsent, count = failed)),
            (drafts > 0).then(|| t!(frame.drafts, count = drafts)),
        ];
        let counts: Vec<String> = counts.into_iter().flatten().collect();
        counts.join(", ")
    });
    let toggle = move |_| {
        session
            .directory
            .update(|open| *open = if open.is_some() { None } else { Some(None) });
    };
    view! {
        <span class="header__tool">
            <button
                type="button"
                class="button button--icon button--quiet"
                aria-label=t!(directory.title)
                aria-haspopup="dialog"
                data-letter="d"
                aria-keyshortcuts=move || announced(session, "d")
                aria-describedby=move || (!words.with(String::is_empty)).then_some("directory-unread")
                title=move || match words.get() {
                    words if words.is_empty() => t!(directory.title).to_owned(),
                    words => t!(frame.directory_with, counts = words),
                }
                on:click=toggle
            >
                <Icon name="directory" />
                <span class="header__word">{t!(frame.directory)}</span>
            </button>
            {move || (unread.get() > 0).then(|| view! {
                <span class="header__indicator" data-testid="directory-indicator" aria-hidden="true"></span>
            }.into_any())}
            {move || (!words.with(String::is_empty)).then(|| view! {
                <span class="visually-hidden" id="directory-unread">{words.get()}</span>
            }.into_any())}
        </span>
    }
}

/// What others see of the user.
#[component]
fn PresenceSelect() -> impl IntoView {
    let session = use_session();
    let chosen = Memo::new(move |_| session.settings.with(|settings| settings.presence));
    let choice = LastChoice::new(
        |(presence, _), key| async move { Ok(presence_set(key, presence).await?) },
        move |(_, before), answer| {
            if let Err(error) = answer {
                session
                    .settings
                    .update(|settings| settings.presence = before);
                session.toast(error_text(&error));
            }
        },
    );
    let change = move |event: web_sys::Event| {
        let Some(presence) = Presence::from_code(&event_target_value(&event)) else {
            return;
        };
        let before = chosen.get_untracked();
        session
            .settings
            .update(|settings| settings.presence = presence);
        choice.choose((presence, before));
    };
    view! {
        <span class="header__presence">
            <span class=move || ["dot dot--", chosen.get().code()].concat() aria-hidden="true"></span>
            <select class="select" aria-label=t!(frame.presence) on:change=change>
                {Presence::ALL
                    .into_iter()
                    .map(|presence| {
                        let selected = move || chosen.get() == presence;
                        view! {
                            <option value=presence.code() selected=selected prop:selected=selected>
                                {label(presence)}
                            </option>
                        }.into_any()
                    })
                    .collect_view()}
            </select>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::place_in;

    #[test]
    fn u25_every_page_has_a_place_in_the_navigation() {
        assert_eq!(place_in("/workspace/wi-1", "/workspace"), Some("page"));
        assert_eq!(place_in("/dashboard", "/dashboard"), Some("page"));
        assert_eq!(place_in("/coaching/amy/wi-1", "/dashboard"), Some("true"));
        assert_eq!(place_in("/watch", "/dashboard"), Some("true"));
        assert_eq!(place_in("/coaching/amy", "/workspace"), None);
        assert_eq!(place_in("/dashboards", "/dashboard"), None);
    }
}
