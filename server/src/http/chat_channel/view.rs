//! What the page of a chat channel looks like.

use std::collections::BTreeMap;

use i18n::{Language, t};
use maud::{Markup, PreEscaped, html};
use shared::chat_settings::{ChatSettings, NAMES, ORIGINS_MAX, SettingProblem, WrongSetting};
use shared::error::AppError;
use shared::opening_hours::{DAYS, HoursProblem, SPANS_MAX};
use shared::text::GREETING_MAX;

use crate::desk::chat_channels::ChatChannelSetUp;
use crate::http::forms::{
    Fields, Stands, Values, Words, base_digests, switched, value, version_of,
};
use crate::http::forms_page::{Compared, Shown};
use crate::http::plain_page::{
    MAIN, Proof, UserPage, copy_button, copy_script, made_line, password_field_of, problem_line,
    said_line,
};
use crate::http::refused::Refused;

/// The id of the settings' form, which the buttons about the secret send as well.
const FORM: &str = "settings";

/// What came with a form of the page, whose buttons all send the settings; a request that sends none types none.
pub(super) fn typed(fields: Fields) -> Fields {
    let secret = ["make", "remove"].contains(&value(&fields, "act"));
    match secret && value(&fields, "version").is_empty() {
        true => Fields::new(),
        false => fields,
    }
}

/// What came with a form of the page and is saved nowhere; nothing where it is as it was when the page was shown.
pub(super) fn unsaved(language: Language, fields: &Fields) -> Fields {
    let settings = ChatSettings::parse(|name| value(fields, name));
    let now = settings.map(|settings| base_digests("", &words(language, &settings)));
    match now.is_ok_and(|now| now == value(fields, "base")) {
        true => Fields::new(),
        false => typed(fields.clone()),
    }
}

/// The settings in words.
fn words(language: Language, settings: &ChatSettings) -> Words {
    let texts = settings.texts();
    let fields = NAMES.map(|name| {
        let text = texts.get(name).map_or("", String::as_str);
        let stands = match name {
            "origins" => Stands::lines(text),
            "offline_form" => switched(language, !text.is_empty()).into(),
            "hours" if text.is_empty() => t!(language, chat_settings.always).into(),
            "hours" => t!(language, chat_settings.weekly).into(),
            _ => text.into(),
        };
        (name, label(language, name), stands)
    });
    Vec::from(fields)
}

/// Why a setting was refused, with its label in front.
pub(super) fn reason(language: Language, wrong: &WrongSetting) -> String {
    let label = label(language, wrong.field);
    let reason = match &wrong.problem {
        SettingProblem::Origin { line } => t!(language, chat_settings.wrong_origin, line = *line),
        SettingProblem::TooManyOrigins => {
            let max = ORIGINS_MAX as i64;
            t!(language, chat_settings.too_many_origins, max = max)
        }
        SettingProblem::Text(problem) => {
            i18n::error_text(language, &AppError::invalid("text", problem.clone()))
        }
        SettingProblem::TimeZone => t!(language, chat_settings.wrong_time_zone).to_owned(),
        SettingProblem::NeverOpen => t!(language, chat_settings.never_open).to_owned(),
        SettingProblem::Hours(problem) => match problem {
            HoursProblem::Form => t!(language, chat_settings.wrong_hours).to_owned(),
            HoursProblem::Reversed => t!(language, chat_settings.reversed_hours).to_owned(),
            HoursProblem::Overlap => t!(language, chat_settings.overlapping_hours).to_owned(),
            HoursProblem::TooMany => {
                let max = SPANS_MAX as i64;
                t!(language, chat_settings.too_many_hours, max = max)
            }
        },
    };
    format!("{label}: {reason}")
}

fn label(language: Language, field: &str) -> &'static str {
    match field {
        "origins" => t!(language, chat_settings.origins),
        "greeting" => t!(language, chat_settings.greeting),
        "offline_form" => t!(language, chat_settings.offline_form),
        "time_zone" => t!(language, chat_settings.time_zone),
        "monday" => t!(language, chat_settings.monday),
        "tuesday" => t!(language, chat_settings.tuesday),
        "wednesday" => t!(language, chat_settings.wednesday),
        "thursday" => t!(language, chat_settings.thursday),
        "friday" => t!(language, chat_settings.friday),
        "saturday" => t!(language, chat_settings.saturday),
        "sunday" => t!(language, chat_settings.sunday),
        _ => t!(language, chat_settings.hours),
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    /// How a proof is asked for, where one is.
    pub(super) proof: Option<Proof>,
    /// Where this host is reached.
    pub(super) base: &'a str,
    pub(super) found: &'a ChatChannelSetUp,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

impl Compared for View<'_> {
    fn wanted(&self, typed: &Fields) -> Words {
        let settings = ChatSettings::parse(|name| value(typed, name));
        words(self.language, &settings.unwrap_or_default())
    }

    fn stored(&self, _typed: &Fields) -> Option<(Words, Values)> {
        let settings = &self.found.settings;
        let mut texts = settings.texts();
        let values = NAMES.map(|name| (name, texts.remove(name).unwrap_or_default()));
        Some((words(self.language, settings), values.to_vec()))
    }
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let channel = &self.found.channel;
        let main = html! {
            main class="page admin tokens" id=(MAIN) tabindex="-1" {
                div class="page__head" {
                    h1 class="page__title" { (t!(language, chat_settings.title)) ": " bdi { (channel.name) } }
                    (said_line(shown.said.as_deref()))
                }
                p class="row" {
                    a class="button button--quiet" href="/admin/teams" { (t!(language, chat_settings.back)) }
                    a class="button button--quiet" href={ "/chat/" (channel.key) } target="_blank" rel="noopener" {
                        "/chat/" (channel.key)
                    }
                }
                @if !channel.active { p class="notice notice--warn" { (t!(language, chat_settings.is_off)) } }
                (problem_line(&shown.happened(language)))
                @if shown.overtaken {
                    p { a href={ "/admin/chat/" (channel.key) } data-discards { (t!(language, chat_settings.show_stored)) } }
                }
                (self.snippet())
                (self.form(shown))
                (self.secret(shown))
                (copy_script())
            }
        };
        UserPage::new(t!(language, chat_settings.title), main)
    }

    /// The line to paste, which shows nothing on a page whose origin is not allowed.
    fn snippet(&self) -> Markup {
        let language = self.language;
        let key = &self.found.channel.key;
        let line = format!(
            r#"<script async src="{}/widget.js" data-channel="{key}"></script>"#,
            self.base
        );
        html! {
            section class="card tokens__card" aria-labelledby="snippet-title" {
                h2 class="settings__title" id="snippet-title" { (t!(language, chat_settings.snippet)) }
                p id="snippet-hint" { (t!(language, chat_settings.snippet_hint)) }
                div class="field" {
                    label class="field__label" for="snippet" { (t!(language, chat_settings.snippet_label)) }
                    textarea class="input tokens__secret" id="snippet" rows="2" readonly spellcheck="false" dir="ltr"
                        aria-describedby="snippet-hint" { (PreEscaped("\n")) (line) }
                }
                (copy_button(language, "snippet", t!(language, chat_settings.copy_snippet)))
            }
        }
    }

    fn form(&self, shown: &Shown) -> Markup {
        let language = self.language;
        let texts = texts(self.found, &shown.typed);
        let text = |name: &str| texts.get(name).map_or("", String::as_str);
        let typed = &shown.typed;
        let version = version_of(value(typed, "version"), self.found.channel.version);
        let stored = words(language, &self.found.settings);
        let base = base_digests(value(typed, "base"), &stored);
        // A form that was refused is sent again under its key.
        let key = Some(value(typed, "key")).filter(|key| !key.is_empty());
        let key = key.map_or_else(self.key, str::to_owned);
        let weekly = text("hours") == "weekly";
        let refused = &shown.refused;
        html! {
            section class="card tokens__card" aria-labelledby="settings-title" {
                h2 class="settings__title" id="settings-title" { (t!(language, chat_settings.settings)) }
                form class="editor__form" id=(FORM) method="post" action={ "/admin/chat/" (self.found.channel.key) } {
                    input type="hidden" name="key" value=(key);
                    input type="hidden" name="make_key" value=((self.key)());
                    input type="hidden" name="remove_key" value=((self.key)());
                    input type="hidden" name="version" value=(version);
                    input type="hidden" name="base" value=(base);
                    div class="field" {
                        label class="field__label" for="origins" { (t!(language, chat_settings.origins)) }
                        textarea class="input" id="origins" name="origins" rows="3" spellcheck="false" dir="ltr"
                            aria-describedby=[refused.described("origins", "origins-hint")]
                            aria-invalid=[refused.invalid("origins")] autofocus[refused.first("origins")] {
                            (PreEscaped("\n")) (text("origins"))
                        }
                        (refused.line("origins"))
                        p class="field__hint" id="origins-hint" { (t!(language, chat_settings.origins_hint)) }
                    }
                    div class="field" {
                        label class="field__label" for="greeting" { (t!(language, chat_settings.greeting)) }
                        textarea class="input" id="greeting" name="greeting" rows="3" dir="auto"
                            aria-describedby=[refused.described("greeting", "greeting-hint")]
                            aria-invalid=[refused.invalid("greeting")] autofocus[refused.first("greeting")] {
                            (PreEscaped("\n")) (text("greeting"))
                        }
                        (refused.line("greeting"))
                        p class="field__hint" id="greeting-hint" {
                            (t!(language, chat_settings.greeting_hint, max = GREETING_MAX as i64))
                        }
                    }
                    fieldset class="tokens__scopes-field" {
                        legend class="field__label" { (t!(language, chat_settings.hours)) }
                        div class="tokens__scope" {
                            input type="radio" id="hours-always" name="hours" value="" checked[!weekly];
                            label for="hours-always" { (t!(language, chat_settings.always)) }
                        }
                        div class="tokens__scope" {
                            input type="radio" id="hours-weekly" name="hours" value="weekly" checked[weekly]
                                aria-invalid=[refused.invalid("hours")] autofocus[refused.first("hours")]
                                aria-describedby=[refused.described("hours", "")];
                            label for="hours-weekly" { (t!(language, chat_settings.weekly)) }
                        }
                        (refused.line("hours"))
                    }
                    (self.line_field("time_zone", text("time_zone"), refused, "time-zone-hint"))
                    p class="field__hint" id="time-zone-hint" { (t!(language, chat_settings.time_zone_hint)) }
                    p class="field__hint" id="days-hint" { (t!(language, chat_settings.days_hint)) }
                    @for day in DAYS { (self.line_field(day, text(day), refused, "days-hint")) }
                    div class="tokens__scope" {
                        input type="checkbox" id="offline_form" name="offline_form" value="on"
                            checked[text("offline_form") == "on"] aria-describedby="offline-hint";
                        label for="offline_form" { (t!(language, chat_settings.offline_form)) }
                    }
                    p class="field__hint" id="offline-hint" { (t!(language, chat_settings.offline_form_hint)) }
                    div class="editor__foot" {
                        // The first button of the form: Enter in a field saves.
                        button class="button button--primary" type="submit" name="act" value="save" {
                            (t!(language, chat_settings.save))
                        }
                    }
                }
            }
        }
    }

    fn line_field(&self, name: &str, text: &str, refused: &Refused, hint: &str) -> Markup {
        html! {
            div class="field" {
                label class="field__label" for=(name) { (label(self.language, name)) }
                input class="input" id=(name) name=(name) value=(text) autocomplete="off" spellcheck="false" dir="ltr"
                    aria-describedby=[refused.described(name, hint)] aria-invalid=[refused.invalid(name)]
                    autofocus[refused.first(name)];
                (refused.line(name))
            }
        }
    }

    fn secret(&self, shown: &Shown) -> Markup {
        let language = self.language;
        let password = |proof: &Proof| {
            let field = ("secret-password", Some(FORM), proof);
            password_field_of(language, self.username, field, &shown.refused)
        };
        let has = self.found.has_secret;
        html! {
            section class="card tokens__card" aria-labelledby="identity-title" {
                h2 class="settings__title" id="identity-title" { (t!(language, chat_settings.identity)) }
                p { (t!(language, chat_settings.identity_hint)) }
                @if let Some(secret) = &shown.secret {
                    (made_line("secret-line", t!(language, chat_settings.secret_made)))
                    div class="field" data-once {
                        label class="field__label" for="secret" { (t!(language, chat_settings.secret)) }
                        input class="input tokens__secret" id="secret" type="text" readonly value=(secret)
                            autocomplete="off" spellcheck="false" dir="ltr";
                    }
                    (copy_button(language, "secret", t!(language, chat_settings.copy_secret)))
                } @else if has {
                    p { (t!(language, chat_settings.secret_there)) }
                }
                @if let Some(proof) = &self.proof { (password(proof)) }
                div class="row" {
                    @if has {
                        (self.question(
                            t!(language, chat_settings.secret_replace),
                            t!(language, chat_settings.secret_replace_line),
                            ("make", t!(language, chat_settings.secret_replace_now)),
                        ))
                        (self.question(
                            t!(language, chat_settings.secret_remove),
                            t!(language, chat_settings.secret_remove_line),
                            ("remove", t!(language, chat_settings.secret_remove_now)),
                        ))
                    } @else {
                        button class="button" type="submit" form=(FORM) name="act" value="make" {
                            (t!(language, chat_settings.secret_make))
                        }
                    }
                }
            }
        }
    }

    /// Asks before known customers stop being known. The button sends the settings' form, so that nothing typed there is lost.
    fn question(&self, words: &str, line: &str, (act, now): (&str, &str)) -> Markup {
        html! {
            details class="texts__delete" {
                summary class="button" { (words) }
                p { (line) " " (t!(self.language, chat_settings.secret_typed)) }
                button class="button button--danger" type="submit" form=(FORM) name="act" value=(act) { (now) }
            }
        }
    }
}

/// What stands in the form: what was typed and is not saved, else what is stored.
fn texts(found: &ChatChannelSetUp, typed: &Fields) -> BTreeMap<String, String> {
    if typed.is_empty() {
        return found.settings.texts();
    }
    let texts = NAMES.map(|name| (name.to_owned(), value(typed, name).to_owned()));
    BTreeMap::from(texts)
}
