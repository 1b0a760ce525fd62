//! The header of the host's own pages for users: where they are, the way to the pages of the app, their name, and for supervisors how
//! many requests for assistance wait. It looks as the app's does.

use app::components::initials;
use app::page_links::{PageLink, header_pages};
use i18n::{Language, t};
use leptos::prelude::{Owner, provide_context};
use maud::{Markup, html};
use shared::people::Actor;

use super::assets;
use super::paths::{CHAT_SETTINGS, SIGN_ON_SETTINGS, WAITING};
use super::plain_page::MAIN;

/// To which page of the app a page of the host belongs, by how its address begins. The first one counts, and of its pages the first
/// one that the user may see.
const SECTIONS: [(&str, &[&str]); 8] = [
    ("/analytics", &["/dashboard"]),
    ("/dashboard/", &["/dashboard"]),
    (CHAT_SETTINGS, &["/admin/teams"]),
    ("/admin/roles", &["/admin/users"]),
    (SIGN_ON_SETTINGS, &["/admin/users"]),
    ("/admin/users/", &["/admin/users"]),
    ("/admin/", &["/admin/settings"]),
    // Where saved texts are inserted; others keep those of a team.
    ("/texts", &["/workspace", "/dashboard", "/admin/teams"]),
];

fn section(path: &str, links: &[PageLink]) -> Option<&'static str> {
    let found = SECTIONS.iter().find(|(begin, _)| path.starts_with(begin));
    let (_, pages) = found?;
    let mut pages = pages.iter().copied();
    pages.find(|page| links.iter().any(|(href, ..)| href == page))
}

/// The header of the page at `path`. `waiting`: how many requests wait, for those who see such.
pub(super) fn header(language: Language, me: &Actor, path: &str, waiting: Option<usize>) -> Markup {
    let links = pages(language, me);
    let here = section(path, &links);
    html! {
        a class="skip-link" href={ "#" (MAIN) } { (t!(language, frame.skip)) }
        header class="header" {
            a class="header__brand" href=(me.home()) {
                img class="header__mark" src="/favicon.svg" alt="" width="24" height="24";
                span class="header__name" { "Sideline" }
            }
            nav class="header__nav" aria-label=(t!(language, frame.main)) {
                @for (href, icon, label) in links {
                    a class="header__link" href=(href) aria-current=[(here == Some(href)).then_some("true")] {
                        (picture(icon))
                        span class="header__label" { (label) }
                    }
                }
            }
            div class="header__tools" {
                @if let Some(count) = waiting {
                    // Read out when it changes.
                    div aria-live="polite" data-waiting=(WAITING) { (waiting_sign(language, count)) }
                }
                a class="button button--quiet header__user" href="/settings" title=(t!(language, settings.title)) {
                    span class="avatar" aria-hidden="true" data-initials=(initials(&me.name)) {}
                    bdi class="header__label" { (me.name) }
                }
            }
        }
        @if waiting.is_some() { script type="module" src=(assets::url("waiting.js")) {} }
    }
}

/// How many requests wait, as a link to where they are answered; nothing when there are none.
pub(super) fn waiting_sign(language: Language, count: usize) -> Markup {
    html! {
        @if count > 0 {
            a class="button button--danger" href="/dashboard" {
                (picture("hand"))
                (t!(language, header.waiting, count = count))
            }
        }
    }
}

/// The pages of the app, in words of this language.
fn pages(language: Language, me: &Actor) -> Vec<PageLink> {
    // The app takes the language from the context of what is rendered.
    Owner::new().with(|| {
        provide_context(language);
        header_pages(me).collect()
    })
}

fn picture(name: &str) -> Markup {
    html! {
        svg class="icon" aria-hidden="true" focusable="false" {
            use href={ (assets::url("icons.svg")) "#" (name) } {}
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::UserId;
    use shared::people::Role;

    use super::*;

    fn sam(role: Role) -> Actor {
        Actor {
            id: UserId::parse("sam").expect("an id"),
            name: "Sam Stone".to_owned(),
            username: "sam".to_owned(),
            roles: vec![role],
            member_of: Vec::new(),
            supervises: Vec::new(),
            built: Vec::new(),
        }
    }

    #[test]
    fn a_page_of_the_host_belongs_to_a_page_of_the_app() {
        for (role, path, page) in [
            (Role::Supervisor, "/analytics", Some("/dashboard")),
            (Role::Supervisor, "/dashboard/walls", Some("/dashboard")),
            (
                Role::Administrator,
                "/admin/chat/care",
                Some("/admin/teams"),
            ),
            (
                Role::Administrator,
                "/admin/users/import",
                Some("/admin/users"),
            ),
            (
                Role::Administrator,
                "/admin/single-sign-on/links",
                Some("/admin/users"),
            ),
            (
                Role::Administrator,
                "/admin/alerts",
                Some("/admin/settings"),
            ),
            (
                Role::Administrator,
                "/admin/webhooks",
                Some("/admin/settings"),
            ),
            (Role::Agent, "/texts", Some("/workspace")),
            (Role::Supervisor, "/texts", Some("/dashboard")),
            (Role::Administrator, "/texts", Some("/admin/teams")),
            (Role::Administrator, "/analytics", None),
            (Role::Agent, "/settings/second-factor", None),
        ] {
            let links = pages(Language::En, &sam(role));
            assert_eq!(section(path, &links), page, "{path}");
        }
    }

    #[test]
    fn the_pages_of_the_app_are_named_in_the_language_of_the_page() {
        let me = sam(Role::Supervisor);
        for (language, history) in [(Language::En, "History"), (Language::De, "Verlauf")] {
            let pages = pages(language, &me);
            let labels: Vec<&str> = pages.iter().map(|(_, _, label)| *label).collect();
            assert!(labels.contains(&history), "{labels:?}");
            assert!(!labels.contains(&"Teams"), "{labels:?}");
        }
    }
}
