//! The pages of the steps.

use axum::response::Response;
use i18n::t;
use maud::{Markup, html};
use shared::account::SignInStep;
use shared::local_path::LocalPath;

use super::passkey::Offer;
use super::set_up::{ADD, BEGIN, act};
use super::{STEP, UnderWay};
use crate::http::refused::Refused;
use crate::http::sign_in::document::{
    Field, code_field, hidden_next, key, new_password_fields, page, submit, username_field,
};
use crate::http::sign_in::passkeys::{Asks, form as passkey_form};

impl UnderWay {
    pub(super) fn page(
        &self,
        offer: &Offer,
        (reason, wrong): (Option<&str>, &Refused),
        next: Option<&LocalPath>,
    ) -> Response {
        let language = self.language;
        let (title, step) = match self.step {
            SignInStep::Code | SignInStep::Done => {
                let (title, fields) = match self.app {
                    true => (t!(language, sign_in.code_title), self.code_fields(wrong)),
                    false => (
                        t!(language, passkeys.use_title),
                        self.recovery_fields(wrong),
                    ),
                };
                let code = self.form(&fields, next);
                (title, html! { (offer.render(self, next)) (code) })
            }
            SignInStep::Password => {
                let fields = self.password_fields(wrong);
                let title = t!(language, sign_in.password_title);
                (title, self.form(&fields, next))
            }
            SignInStep::SetUp => {
                let title = t!(language, sign_in.set_up_title);
                (title, self.set_up(offer, wrong, next))
            }
        };
        let content = html! {
            (step)
            form method="get" action="/login" {
                button class="button button--quiet login__submit" type="submit" { (t!(language, sign_in.other)) }
            }
        };
        let at_field = self.at_field(offer) || !wrong.is_empty();
        page(language, title, (reason, at_field), &content)
    }

    /// Whether the page has a field that is filled in first.
    fn at_field(&self, offer: &Offer) -> bool {
        match self.step {
            SignInStep::Code | SignInStep::Done => self.app,
            SignInStep::Password => true,
            SignInStep::SetUp => self.setup.is_some() && !matches!(offer, Offer::Making(_)),
        }
    }

    fn form(&self, fields: &Markup, next: Option<&LocalPath>) -> Markup {
        html! {
            form class="login__form" method="post" action=(STEP) novalidate[self.step == SignInStep::Password] {
                (username_field(&self.actor.username))
                (fields)
                (hidden_next(next))
            }
        }
    }

    /// An app or a passkey; while the browser is asked for one, nothing else.
    fn set_up(&self, offer: &Offer, wrong: &Refused, next: Option<&LocalPath>) -> Markup {
        let language = self.language;
        if let Offer::Making(options) = offer {
            let hidden = html! { (act(ADD)) (hidden_next(next)) };
            return html! {
                p { (t!(language, passkeys.create_line)) }
                (passkey_form(language, Asks::Create, (STEP, options), &hidden))
                form class="login__form" method="get" action=(STEP) {
                    (hidden_next(next))
                    button class="button login__submit" type="submit" { (t!(language, passkeys.other_way)) }
                }
            };
        }
        let app = match &self.setup {
            Some(secret) => self.confirm_fields(secret.reveal(), wrong),
            None => html! {
                p { (t!(language, sign_in.set_up_line)) }
                (submit(t!(language, sign_in.begin)))
            },
        };
        html! {
            @if self.setup.is_none() { p { (t!(language, sign_in.required_line)) } }
            @match offer {
                Offer::Make => {
                    section class="login__form" aria-labelledby="app" {
                        h2 id="app" { (t!(language, passkeys.app_title)) }
                        (self.form(&app, next))
                    }
                    section class="login__form" aria-labelledby="passkeys" {
                        h2 id="passkeys" { (t!(language, passkeys.title)) }
                        p { (t!(language, passkeys.lead)) }
                        (self.form(&self.passkey_fields(wrong), next))
                    }
                }
                _ => {
                    (self.form(&app, next))
                    @if let Offer::Not(reason) = offer { p class="notice" { (reason) } }
                }
            }
        }
    }

    fn passkey_fields(&self, wrong: &Refused) -> Markup {
        let language = self.language;
        let name = Field {
            name: "name",
            label: t!(language, passkeys.name),
            kind: "text",
            autocomplete: "off",
            hint: Some(t!(language, passkeys.name_hint)),
            value: "",
            focus: false,
        };
        html! {
            (act(BEGIN))
            (name.render(wrong))
            button class="button login__submit" type="submit" { (t!(language, passkeys.add)) }
        }
    }

    fn code_fields(&self, wrong: &Refused) -> Markup {
        let language = self.language;
        html! {
            p { (t!(language, sign_in.code_line)) }
            (code_field(language, Some(t!(language, sign_in.code_hint)), wrong))
            (submit(t!(language, login.submit)))
        }
    }

    /// In place of a passkey, for somebody without an app.
    fn recovery_fields(&self, wrong: &Refused) -> Markup {
        let language = self.language;
        let code = Field {
            name: "code",
            label: t!(language, sign_in.code),
            kind: "text",
            autocomplete: "one-time-code",
            hint: Some(t!(language, passkeys.recovery_line)),
            value: "",
            focus: false,
        };
        html! {
            (code.render(wrong))
            button class="button login__submit" type="submit" { (t!(language, login.submit)) }
        }
    }

    fn password_fields(&self, wrong: &Refused) -> Markup {
        let language = self.language;
        html! {
            p { (t!(language, sign_in.password_line)) }
            (new_password_fields(language, true, wrong))
            (submit(t!(language, password.submit)))
        }
    }

    fn confirm_fields(&self, secret: &str, wrong: &Refused) -> Markup {
        let language = self.language;
        html! {
            p { (t!(language, sign_in.scan)) }
            (key(language, &self.actor.username, secret))
            (code_field(language, Some(t!(language, sign_in.confirm_hint)), wrong))
            (submit(t!(language, sign_in.confirm)))
        }
    }
}
