//! The plain pages of signing in and of a user's own second factor: complete HTML that needs no script, styled like the app.

use axum::response::Response;
use i18n::{Language, t};
use maud::{Markup, html};
use shared::local_path::LocalPath;

use crate::http::plain_page::{MAIN, leaving_script, plain_page, plain_page_below};
use crate::http::refused::Refused;
use crate::second_factor::{qr_path, uri};

/// A page with one card, and the reason why something was refused, if it was. It opens at a field of its content (`at_field`), else at
/// the reason or at its heading, so that it is read out from there.
pub(super) fn page(
    language: Language,
    title: &str,
    refused: (Option<&str>, bool),
    content: &Markup,
) -> Response {
    plain_page(language, title, &card(title, refused, content))
}

/// The same below the header of somebody who is signed in.
pub(super) fn page_below(
    header: &Markup,
    language: Language,
    title: &str,
    refused: (Option<&str>, bool),
    content: &Markup,
) -> Response {
    plain_page_below(language, title, header, &card(title, refused, content))
}

fn card(title: &str, (reason, at_field): (Option<&str>, bool), content: &Markup) -> Markup {
    let at_heading = !at_field && reason.is_none();
    html! {
        main class="login" id=(MAIN) tabindex="-1" {
            div class="login__card card" {
                header class="login__brand" {
                    img class="login__mark" src="/favicon.svg" alt="" width="40" height="40";
                    h1 class="login__title" tabindex=[at_heading.then_some("-1")] autofocus[at_heading] { (title) }
                }
                @if let Some(reason) = reason {
                    p class="notice notice--error" role="alert" id="problem" tabindex="-1" autofocus[!at_field] { (reason) }
                }
                (content)
            }
        }
    }
}

/// A field of a form.
pub(super) struct Field<'a> {
    /// Its name and, with `step-` in front, its id.
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    /// `text` or `password`.
    pub(super) kind: &'a str,
    /// What the browser's password store knows it by.
    pub(super) autocomplete: &'a str,
    pub(super) hint: Option<&'a str>,
    pub(super) value: &'a str,
    pub(super) focus: bool,
}

impl Field<'_> {
    /// With why it was refused, if it was; the page opens at the first one.
    pub(super) fn render(&self, refused: &Refused) -> Markup {
        let id = format!("step-{}", self.name);
        let hint_id = self.hint.map(|_| format!("{id}-hint"));
        let hint_id = hint_id.unwrap_or_default();
        let focus = match refused.is_empty() {
            true => self.focus,
            false => refused.first(self.name),
        };
        html! {
            div class="field" {
                label class="field__label" for=(id) { (self.label) }
                input class="input" id=(id) name=(self.name) type=(self.kind) autocomplete=(self.autocomplete)
                    autocapitalize="none" spellcheck="false" required autofocus[focus] value=(self.value)
                    dir=[(self.name == "name").then_some("auto")]
                    aria-invalid=[refused.invalid(self.name)] aria-describedby=[refused.described(self.name, &hint_id)];
                (refused.line(self.name))
                @if let Some(hint) = self.hint {
                    p class="field__hint" id=(hint_id) { (hint) }
                }
            }
        }
    }
}

/// The field for a code of the app, or a recovery code where those count.
pub(super) fn code_field(language: Language, hint: Option<&str>, refused: &Refused) -> Markup {
    Field {
        name: "code",
        label: t!(language, sign_in.code),
        kind: "text",
        autocomplete: "one-time-code",
        hint,
        value: "",
        focus: true,
    }
    .render(refused)
}

/// A new password, twice, with why it was refused, if it was.
pub(super) fn new_password_fields(language: Language, focus: bool, refused: &Refused) -> Markup {
    let new = Field {
        name: "password",
        label: t!(language, password.new),
        kind: "password",
        autocomplete: "new-password",
        hint: Some(t!(language, password.hint)),
        value: "",
        focus,
    };
    let repeat = Field {
        name: "repeat",
        label: t!(language, password.repeat),
        hint: None,
        focus: false,
        ..new
    };
    html! { (new.render(refused)) (repeat.render(refused)) }
}

/// Tells the browser's password store whose password it is.
pub(super) fn username_field(username: &str) -> Markup {
    html! {
        input type="text" name="username" autocomplete="username" value=(username) readonly hidden;
    }
}

/// The button that sends a form.
pub(super) fn submit(label: &str) -> Markup {
    html! { button class="button button--primary login__submit" type="submit" { (label) } }
}

/// A key as a QR code and as text.
pub(super) fn key(language: Language, username: &str, key: &str) -> Markup {
    let picture = qr_path(&uri(username, key));
    let groups = key.as_bytes().chunks(4);
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    html! {
        @if let Some((path, width)) = picture {
            svg class="login__qr" role="img" aria-label=(t!(language, sign_in.qr))
                viewBox={ "0 0 " (width) " " (width) } shape-rendering="crispEdges" {
                rect width=(width) height=(width) fill="#fff" {}
                path d=(path) fill="#000" {}
            }
        }
        p {
            (t!(language, sign_in.key)) " "
            code class="login__key" { (groups.join(" ")) }
        }
    }
}

/// The recovery codes, which are shown this one time: leaving them is asked about. `line` says why there are new ones.
pub(super) fn recovery_codes(
    language: Language,
    line: &str,
    codes: &[String],
    onwards: &str,
) -> Markup {
    html! {
        p { (line) }
        ul class="login__codes" aria-label=(t!(language, sign_in.recovery_title)) data-once {
            @for code in codes { li { code { (code) } } }
        }
        p class="field__hint" { (t!(language, sign_in.recovery_hint)) }
        a class="button button--primary login__submit" href=(onwards) data-kept { (t!(language, sign_in.kept)) }
        (leaving_script())
    }
}

/// Where to go afterwards, as a field of a form.
pub(super) fn hidden_next(next: Option<&LocalPath>) -> Markup {
    html! {
        @if let Some(next) = next {
            input type="hidden" name="next" value=(next.as_str());
        }
    }
}
