//! The header of the host's own pages for users: where they are, the way to the pages of the app, their name, what is new, and for
//! supervisors how many requests for assistance wait. It looks as the app's does. Who reads such a page is present (`present.js`).

use app::answer::login_url;
use app::components::initials;
use app::page_links::{PageLink, header_pages};
use i18n::{Language, t};
use leptos::prelude::{Owner, provide_context};
use maud::{Markup, html};
use serde_json::json;
use shared::live::Position;
use shared::people::{Actor, Permission};

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

/// What the header of a user's page begins with.
pub(super) struct HeaderNews {
    /// How many requests wait, for those who see such.
    pub(super) waiting: Option<usize>,
    /// Whether they see alerts.
    pub(super) alerts: bool,
    /// Up to where the page knows the user's notifications.
    pub(super) position: Position,
}

/// The header of the page at `path`.
pub(super) fn header(language: Language, me: &Actor, path: &str, news: &HeaderNews) -> Markup {
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
                @if let Some(count) = news.waiting {
                    // Read out when it changes.
                    div aria-live="polite" data-waiting=(WAITING) { (waiting_sign(language, count)) }
                }
                a class="button button--quiet header__user" href="/settings" title=(t!(language, settings.title)) {
                    span class="avatar" aria-hidden="true" data-initials=(initials(&me.name)) {}
                    bdi class="header__label" { (me.name) }
                }
            }
            (lines(language, me, path, news))
        }
        // Notices and sounds, for somebody who looks elsewhere.
        script src=(assets::url("alerts.js")) defer {}
        script type="module" src=(assets::url("present.js")) {}
        @if news.waiting.is_some() { script type="module" src=(assets::url("waiting.js")) {} }
    }
}

/// Where lines come about what is new, and what is said when the session is over. `present.js` has no words of its own.
fn lines(language: Language, me: &Actor, path: &str, news: &HeaderNews) -> Markup {
    let over = "connection__line connection__line--offline";
    let sign_in = t!(language, login.submit);
    html! {
        div class="header__lines" data-live data-user=(me.id.as_str()) data-home=(me.home()) data-alerts[news.alerts]
            data-handles[me.holds(Permission::WorkitemHandle)] data-epoch=(news.position.epoch) data-rev=(news.position.rev)
            data-news-words=(words(language)) {
            div aria-live="polite" data-lines {}
            div aria-live="polite" {
                p class=(over) data-over="ended" hidden {
                    (t!(language, login.ended)) " " a href=(login_url(path)) { (sign_in) }
                }
                // Who comes next may be somebody else: it does not lead back.
                p class=(over) data-over="out" hidden {
                    (t!(language, login.signed_out)) " " a href="/login" { (sign_in) }
                }
            }
        }
    }
}

/// The words of lines, notices and title. A name between two percent signs is the place of a value.
fn words(language: Language) -> String {
    let words = json!({
        "alert": t!(language, alert.of, name = "%name%"),
        "assigned": t!(language, notifications.assigned, subject = "%subject%"),
        "coached": t!(language, header.coached, name = "%name%", subject = "%subject%"),
        "coaching": t!(language, header.coaching, subject = "%subject%"),
        "counted": t!(language, common.title_counted, number = "%number%", title = "%title%"),
        "message": t!(language, pop_up.message_from, name = "%name%"),
        "replied": t!(language, header.replied, name = "%name%", subject = "%subject%"),
        "titled": t!(language, reassign.workitem_line, customer = "%customer%", subject = "%subject%"),
    });
    words.to_string()
}

/// How many requests wait, as a link to where they are answered; nothing when there are none.
pub(super) fn waiting_sign(language: Language, count: usize) -> Markup {
    html! {
        @if count > 0 {
            a class="button button--danger" href="/dashboard" data-news=(count) {
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

    #[test]
    fn the_words_of_the_script_have_places_for_what_it_says() {
        for (language, assigned) in [
            (Language::En, "New workitem: “%subject%”"),
            (Language::De, "Neuer Vorgang: „%subject%“"),
        ] {
            let words: serde_json::Value =
                serde_json::from_str(&words(language)).expect("JSON for the script");
            assert_eq!(words["assigned"], assigned);
            assert_eq!(words["counted"], "(%number%) %title%");
        }
    }
}
