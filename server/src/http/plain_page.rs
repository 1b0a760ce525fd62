//! Plain pages: complete HTML of the host without the app, styled like it. They need no script, and the app loads nothing for
//! them. Those for users alone are put below a header (`header.rs`) by who reads them (`page_reader.rs`).

use app::answer::login_url;
use axum::http::header::{CONTENT_SECURITY_POLICY, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use i18n::{Language, t};
use maud::{DOCTYPE, Markup, html};
use shared::error::PROOF;
use shared::ids::UserId;
use shared::time::Timestamp;

use super::assets;
use super::paths::SIGN_ON_AGAIN;
use super::refused::Refused;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// That of pages below a header, whose scripts hold a live connection with this host and ask it how many requests wait.
const POLICY_BELOW_HEADER: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The id of a page's `main`, to which the header offers to skip.
pub(crate) const MAIN: &str = "main";

/// A page around its `main`.
pub(crate) fn plain_page(language: Language, title: &str, main: &Markup) -> Response {
    document(language, title, main, POLICY)
}

/// The same below the header of somebody who is signed in. Unlike a [`UserPage`] it keeps nothing that is typed.
pub(crate) fn plain_page_below(
    language: Language,
    title: &str,
    header: &Markup,
    main: &Markup,
) -> Response {
    let body = html! { (header) (main) };
    document(language, title, &body, POLICY_BELOW_HEADER)
}

/// A page for a user, before it is put below a header.
pub(crate) struct UserPage {
    title: String,
    main: Markup,
    /// Whether it says why a form was refused.
    pub(crate) refused: bool,
    /// Whether a form was about something that is there no more.
    pub(crate) gone: bool,
    /// Whether what a form brought is not saved yet although nothing was refused: the page asks for something more.
    pub(crate) unfinished: bool,
}

impl UserPage {
    /// A page around its `main`, which has the id [`MAIN`].
    pub(crate) fn new(title: &str, main: Markup) -> Self {
        Self {
            title: title.to_owned(),
            main,
            refused: false,
            gone: false,
            unfinished: false,
        }
    }

    /// The whole page for a user. It has the status of a refusal where it says why a form was refused, and that of what is not there where
    /// a form was about something that is gone. `answers`: it says what became of a form.
    pub(crate) fn below(
        self,
        language: Language,
        header: &Markup,
        user: &UserId,
        answers: bool,
    ) -> Response {
        let answer = answers.then_some(if self.unfinished {
            "step"
        } else if self.gone {
            "gone"
        } else if self.refused {
            "refused"
        } else {
            "saved"
        });
        let body =
            html! { (header) (self.main) (drafts(language, user, answer)) (leaving_script()) };
        let mut response = document(language, &self.title, &body, POLICY_BELOW_HEADER);
        if self.gone {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        with_status(response, self.refused)
    }
}

/// A page, with the status of a refusal where it says why a form was refused. What is no page keeps its own.
pub(crate) fn with_status(mut page: Response, refused: bool) -> Response {
    if refused && page.status().is_success() {
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    page
}

/// A page that says after how many seconds to try again. What is no page keeps its status.
pub(crate) fn too_many(mut page: Response, retry_after_s: i64) -> Response {
    if page.status().is_success() {
        *page.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        let seconds = HeaderValue::from(retry_after_s);
        page.headers_mut().insert(RETRY_AFTER, seconds);
    }
    page
}

fn document(language: Language, title: &str, body: &Markup, policy: &'static str) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang=(language.code()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " · Sideline" }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                // Applies the theme that was chosen.
                script src=(assets::url("early.js")) {}
                link rel="stylesheet" href=(assets::url("sideline.css"));
            }
            body { (body) }
        }
    };
    let mut response = Html(document.into_string()).into_response();
    let policy = HeaderValue::from_static(policy);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// What has just happened on a page. It stands above its forms.
pub(crate) struct Happened<'a> {
    pub(crate) language: Language,
    /// What was done.
    pub(crate) said: Option<&'a str>,
    /// Why something was not done.
    pub(crate) problem: Option<&'a str>,
    /// Whether the page opens at a field that was refused, and not at the reason above.
    pub(crate) at_field: bool,
    /// What was typed into a form that is not there any more.
    pub(crate) lost: &'a [(&'static str, &'static str, String)],
}

/// What stands around the lists and forms of a page for administrators and the like.
pub(crate) struct FormPage<'a> {
    /// Its title and heading.
    pub(crate) title: &'a str,
    /// What it is for; empty where a form says so.
    pub(crate) lead: &'a str,
    /// Where it leads back to, and the words of that link.
    pub(crate) back: (&'a str, &'a str),
    /// What has just happened.
    pub(crate) happened: Happened<'a>,
}

/// Such a page around its lists and forms.
pub(crate) fn form_page(page: &FormPage<'_>, content: &Markup) -> UserPage {
    let main = html! {
        main class="page admin tokens" id=(MAIN) tabindex="-1" {
            div class="page__head" {
                h1 class="page__title" { (page.title) }
                (said_line(page.happened.said))
            }
            @if !page.lead.is_empty() { p class="admin__lead" { (page.lead) } }
            p class="row" { a class="button button--quiet" href=(page.back.0) { (page.back.1) } }
            (problem_line(&page.happened))
            (content)
        }
    };
    UserPage::new(page.title, main)
}

/// What was done. The page opens here, so that it is read out: what stands in a status as a page comes is no change of it.
pub(crate) fn said_line(said: Option<&str>) -> Markup {
    html! {
        @if let Some(said) = said { p class="admin__said" role="status" tabindex="-1" autofocus { (said) } }
    }
}

/// Why something was not done. The page opens here, unless it does at a field that was refused. What was typed into a form that is not
/// there any more stands below, to be read and copied; leaving it is asked about, as it is shown once.
pub(crate) fn problem_line(happened: &Happened<'_>) -> Markup {
    html! {
        @if let Some(problem) = happened.problem {
            p class="notice notice--error" role="alert" id="problem" tabindex="-1" autofocus[!happened.at_field] { (problem) }
        }
        @if !happened.lost.is_empty() {
            section class="card tokens__card" aria-labelledby="lost" data-once {
                h2 class="settings__title" id="lost" { (t!(happened.language, forms.lost)) }
                @for (name, label, text) in happened.lost {
                    div class="field" {
                        label class="field__label" for={ "lost-" (name) } { (label) }
                        textarea class="textarea" id={ "lost-" (name) } rows=(text.lines().count().min(8)) readonly dir="auto" {
                            "\n" (text)
                        }
                    }
                }
            }
        }
    }
}

/// The line that stands above a secret that was made. The page opens here, so that it is read out.
pub(crate) fn made_line(id: &str, words: &str) -> Markup {
    html! { p id=(id) role="status" tabindex="-1" autofocus { (words) } }
}

/// What those see who may not know of a page.
pub(crate) fn nowhere(language: Language) -> Response {
    let main = html! {
        main class="page" {
            div class="empty" {
                h1 class="empty__title" { (t!(language, not_found.title)) }
                p class="empty__line" { (t!(language, not_found.line)) }
                a class="button" href="/" { (t!(language, not_found.home)) }
            }
        }
    };
    let mut response = plain_page(language, t!(language, not_found.page), &main);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// A time in UTC, to the minute: a plain page has no script that knows the reader's own.
pub(crate) fn time(at: Timestamp) -> Markup {
    time_of(at, "2026-11-29T12:28".len())
}

/// A time in UTC, to the second.
pub(crate) fn time_to_the_second(at: Timestamp) -> Markup {
    time_of(at, "2026-11-29T12:28:07".len())
}

fn time_of(at: Timestamp, length: usize) -> Markup {
    let exact = at.rfc3339();
    let shown = exact.get(..length).unwrap_or_default().replace('T', " ");
    html! { time datetime=(exact) { (shown) " UTC" } }
}

/// Copies a field by [`copy_script`], without which the button stays hidden: it could do nothing.
pub(crate) fn copy_button(language: Language, field: &str, words: &str) -> Markup {
    html! {
        p class="row" {
            button class="button" type="button" data-copy=(field) data-copied=(t!(language, chat_settings.copied)) hidden {
                (words)
            }
            span role="status" data-copied-of=(field) {}
        }
    }
}

/// What the buttons of [`copy_button`] work by; behind them on the page.
pub(crate) fn copy_script() -> Markup {
    html! { script type="module" src=(assets::url("copy.js")) {} }
}

/// Keeps what is typed into the forms of a page until an `answer` says that it was saved, and words for the line above what is put back.
fn drafts(language: Language, user: &UserId, answer: Option<&str>) -> Markup {
    html! {
        template id="drafts" data-user=(user) data-answer=[answer] data-restored=(t!(language, forms.restored))
            data-overtaken=(t!(language, forms.overtaken)) {
            div class="notice notice--info" {
                span role="status" {}
                button class="button" type="button" { (t!(language, forms.discard)) }
            }
        }
        script type="module" src=(assets::url("drafts.js")) {}
    }
}

/// Asks before what was typed, or what is shown once, is left. What is shown once is marked by `data-once`, and by `data-kept` what its
/// reader presses who has kept it.
pub(crate) fn leaving_script() -> Markup {
    html! { script type="module" src=(assets::url("leaving.js")) {} }
}

/// How somebody proves that it is still them.
pub(crate) struct Proof {
    /// The provider at which they can sign in once more, if there is one.
    pub(crate) provider: Option<String>,
    /// The page to which that leads back.
    pub(crate) page: String,
}

/// Where somebody types their password once more, or goes to the provider. `id` is that of the input. Why the form was refused names
/// it as [`PROOF`].
pub(super) fn password_field(
    language: Language,
    username: &str,
    (id, proof): (&str, &Proof),
    refused: &Refused,
) -> Markup {
    password_field_of(language, username, (id, None, proof), refused)
}

/// The same for a form of this id, where the field stands outside of it.
pub(super) fn password_field_of(
    language: Language,
    username: &str,
    (id, form, proof): (&str, Option<&str>, &Proof),
    refused: &Refused,
) -> Markup {
    let hint = [id, "-hint"].concat();
    let again = || {
        [
            SIGN_ON_AGAIN,
            login_url(&proof.page).trim_start_matches("/login"),
        ]
        .concat()
    };
    html! {
        input type="text" name="username" autocomplete="username" value=(username) form=[form] readonly hidden;
        div class="field" {
            label class="field__label" for=(id) { (t!(language, proof.password)) }
            input class="input" id=(id) name="password" type="password" autocomplete="current-password" form=[form]
                aria-invalid=[refused.invalid(PROOF)] aria-describedby=[refused.described(PROOF, &hint)]
                autofocus[refused.first(PROOF)];
            (refused.line(PROOF))
            p class="field__hint" id=(hint) { (t!(language, proof.line)) }
        }
        @if let Some(name) = &proof.provider {
            p {
                a class="button" href=(again()) { (t!(language, proof.provider, name = name)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_to_the_minute_or_to_the_second() {
        let at = Timestamp(1_000_000 * 67);
        assert!(
            time(at)
                .into_string()
                .ends_with(">1970-01-01 00:01 UTC</time>")
        );
        let exact = time_to_the_second(at).into_string();
        assert!(
            exact.ends_with(">1970-01-01 00:01:07 UTC</time>"),
            "{exact}"
        );
    }
}
