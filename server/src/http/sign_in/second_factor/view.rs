//! What the page of a user's own second factor looks like.

use i18n::{Language, t};
use maud::{Markup, html};
use shared::organisation::PasskeyRule;

use super::{Act, PATH, Shown, Status};
use crate::commands::passkeys::PASSKEYS_MAX;
use crate::http::ask_once::ask_once;
use crate::http::plain_page::time;
use crate::http::refused::Refused;
use crate::http::sign_in::document::{Field, code_field, key, submit, username_field};
use crate::http::sign_in::passkeys::{Asks, form as passkey_form, why_not};
use crate::store::rows::PasskeyRow;

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    pub(super) status: &'a Status,
    /// The fields for which a form was refused.
    pub(super) wrong: &'a Refused,
}

impl View<'_> {
    fn form(&self, act: Act, fields: &Markup) -> Markup {
        html! {
            form class="login__form" method="post" action=(PATH) {
                (act.field())
                (fields)
            }
        }
    }

    fn button(&self, act: Act, label: &str) -> Markup {
        let button = html! { button class="button login__submit" type="submit" { (label) } };
        self.form(act, &button)
    }

    /// A button behind which a line says what is lost, and another one does it.
    fn asked(&self, act: Act, words: &str, (line, now): (&str, &str)) -> Markup {
        let fields = html! {
            p { (line) }
            button class="button button--danger login__submit" type="submit" { (now) }
        };
        ask_once(words, None, &self.form(act, &fields))
    }

    /// Asks for the password once more.
    pub(super) fn prove(&self) -> Markup {
        let language = self.language;
        let password = Field {
            name: "password",
            label: t!(language, proof.password),
            kind: "password",
            autocomplete: "current-password",
            hint: None,
            value: "",
            focus: true,
        };
        let fields = html! {
            p { (t!(language, proof.line)) }
            (username_field(self.username))
            (password.render(self.wrong))
            (submit(t!(language, proof.submit)))
        };
        self.form(Act::Prove, &fields)
    }

    /// How it stands, or what is set up; and whether it has a field that is filled in first.
    pub(super) fn content(&self, shown: Shown) -> (Markup, bool) {
        let (language, status) = (self.language, self.status);
        if let (Shown::NewApp, Some(secret)) = (shown, &status.setup) {
            let fields = html! {
                p { (t!(language, sign_in.scan)) }
                (key(language, self.username, secret.reveal()))
                (code_field(language, Some(t!(language, sign_in.confirm_hint)), self.wrong))
                (submit(t!(language, sign_in.confirm)))
            };
            return (self.form(Act::Confirm, &fields), true);
        }
        if let (Shown::NewPasskey, Some(options)) = (shown, &status.asked) {
            let asks = html! {
                p { (t!(language, passkeys.create_line)) }
                (passkey_form(language, Asks::Create, (PATH, options), &Act::PasskeyAdd.field()))
            };
            return (asks, false);
        }
        let stands = html! {
            @if status.any() {
                p { (t!(language, sign_in.is_on)) " " (t!(language, sign_in.codes_left, count = status.codes_left)) }
                (self.asked(
                    Act::Renew,
                    t!(language, sign_in.renew),
                    (t!(language, sign_in.renew_line), t!(language, sign_in.renew_now)),
                ))
            } @else {
                p { (t!(language, sign_in.is_off)) }
            }
            (self.app())
            @if status.passkey_rule != PasskeyRule::Off || !status.passkeys.is_empty() {
                (self.passkeys())
            }
        };
        (stands, !self.wrong.is_empty())
    }

    fn app(&self) -> Markup {
        let (language, status) = (self.language, self.status);
        html! {
            section class="login__form" aria-labelledby="app" {
                h2 id="app" { (t!(language, passkeys.app_title)) }
                @if status.on {
                    (self.button(Act::Begin, t!(language, sign_in.begin_again)))
                    @if !status.required || status.passkeys_count() {
                        (self.asked(
                            Act::Remove,
                            t!(language, sign_in.remove),
                            (t!(language, sign_in.remove_line), t!(language, sign_in.remove_now)),
                        ))
                    }
                } @else {
                    p { (t!(language, sign_in.set_up_line)) }
                    (self.form(Act::Begin, &submit(t!(language, sign_in.begin))))
                }
            }
        }
    }

    fn passkeys(&self) -> Markup {
        let (language, status) = (self.language, self.status);
        html! {
            section class="login__form" aria-labelledby="passkeys" {
                h2 id="passkeys" { (t!(language, passkeys.title)) }
                @if status.passkeys.is_empty() {
                    p { (t!(language, passkeys.none)) " " (t!(language, passkeys.lead)) }
                } @else {
                    @if status.passkey_rule == PasskeyRule::Off { p { (t!(language, passkeys.off)) } }
                    ul class="login__passkeys" aria-labelledby="passkeys" {
                        @for passkey in &status.passkeys { (self.passkey(passkey)) }
                    }
                }
                @if status.passkey_rule != PasskeyRule::Off { (self.add()) }
            }
        }
    }

    fn passkey(&self, passkey: &PasskeyRow) -> Markup {
        let (language, status) = (self.language, self.status);
        let needed = status.required && !status.on && status.passkeys.len() == 1;
        let elsewhere = match &status.party {
            Ok(party) => party.host() != passkey.host,
            Err(_) => true,
        };
        let remove = t!(language, passkeys.remove_name, name = &passkey.name);
        let form = html! {
            form method="post" action=(PATH) {
                (Act::PasskeyRemove.field())
                input type="hidden" name="passkey" value=(passkey.id);
                button class="button button--danger" type="submit"
                    aria-label=(t!(language, passkeys.remove_now_name, name = &passkey.name)) {
                    (t!(language, passkeys.remove_now))
                }
            }
        };
        html! {
            li class="login__passkey" {
                div {
                    p { bdi { (passkey.name) } }
                    p class="field__hint" {
                        (t!(language, passkeys.added)) " " (time(passkey.added_at))
                        br;
                        @match passkey.used_at {
                            Some(at) => { (t!(language, passkeys.used)) " " (time(at)) }
                            None => { (t!(language, passkeys.never_used)) }
                        }
                        @if elsewhere { br; (t!(language, passkeys.works_at, host = &passkey.host)) }
                    }
                }
                @if !needed { (ask_once(t!(language, passkeys.remove), Some(&remove), &form)) }
            }
        }
    }

    fn add(&self) -> Markup {
        let (language, status) = (self.language, self.status);
        if let Err(no_party) = &status.party {
            return html! { p class="notice" { (why_not(language, no_party)) } };
        }
        if status.passkeys.len() >= PASSKEYS_MAX {
            return html! { p { (t!(language, passkeys.limit, max = PASSKEYS_MAX)) } };
        }
        let name = Field {
            name: "name",
            label: t!(language, passkeys.name),
            kind: "text",
            autocomplete: "off",
            hint: Some(t!(language, passkeys.name_hint)),
            value: "",
            focus: false,
        };
        let fields = html! {
            (name.render(self.wrong))
            button class="button login__submit" type="submit" { (t!(language, passkeys.add)) }
        };
        self.form(Act::PasskeyBegin, &fields)
    }
}
