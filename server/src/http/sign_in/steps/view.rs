//! The pages of the steps.

use axum::response::Response;
use i18n::t;
use maud::{Markup, html};
use shared::account::SignInStep;
use shared::local_path::LocalPath;

use super::passkey::Offer;
use super::{STEP, UnderWay};
use crate::http::sign_in::document::{
    Field, code_field, key, new_password_fields, page, problem, submit, username_field,
};

impl UnderWay {
    pub(super) fn page(
        &self,
        offer: &Offer,
        reason: Option<&str>,
        next: Option<&LocalPath>,
    ) -> Response {
        let language = self.language;
        let (title, fields) = match (self.step, &self.setup) {
            (SignInStep::Code | SignInStep::Done, _) if self.app => {
                (t!(language, sign_in.code_title), self.code_fields())
            }
            (SignInStep::Code | SignInStep::Done, _) => {
                (t!(language, passkeys.use_title), self.recovery_fields())
            }
            (SignInStep::Password, _) => {
                (t!(language, sign_in.password_title), self.password_fields())
            }
            (SignInStep::SetUp, Some(secret)) => (
                t!(language, sign_in.set_up_title),
                self.confirm_fields(secret.reveal()),
            ),
            (SignInStep::SetUp, None) => (
                t!(language, sign_in.set_up_title),
                html! {
                    p { (t!(language, sign_in.required_line)) }
                    p { (t!(language, sign_in.set_up_line)) }
                    (submit(t!(language, sign_in.begin)))
                },
            ),
        };
        let content = html! {
            (problem(reason))
            (offer.render(self, next))
            form class="login__form" method="post" action=(STEP) {
                (username_field(&self.actor.username))
                (fields)
                (hidden_next(next))
            }
            form method="get" action="/login" {
                button class="button button--quiet login__submit" type="submit" { (t!(language, sign_in.other)) }
            }
        };
        page(language, title, &content)
    }

    fn code_fields(&self) -> Markup {
        let language = self.language;
        html! {
            p { (t!(language, sign_in.code_line)) }
            (code_field(language, Some(t!(language, sign_in.code_hint))))
            (submit(t!(language, login.submit)))
        }
    }

    /// In place of a passkey, for somebody without an app.
    fn recovery_fields(&self) -> Markup {
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
            (code.render())
            button class="button login__submit" type="submit" { (t!(language, login.submit)) }
        }
    }

    fn password_fields(&self) -> Markup {
        let language = self.language;
        html! {
            p { (t!(language, sign_in.password_line)) }
            (new_password_fields(language, true))
            (submit(t!(language, password.submit)))
        }
    }

    fn confirm_fields(&self, secret: &str) -> Markup {
        let language = self.language;
        html! {
            p { (t!(language, sign_in.scan)) }
            (key(language, &self.actor.username, secret))
            (code_field(language, Some(t!(language, sign_in.confirm_hint))))
            (submit(t!(language, sign_in.confirm)))
        }
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
