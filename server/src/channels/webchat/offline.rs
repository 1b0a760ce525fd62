//! The time in which no conversation begins: what the page says then, and the form by which a customer leaves a message and
//! how they are reached.

use i18n::{Language, t};
use maud::{Markup, PreEscaped, html};
use shared::error::Problem;
use shared::opening_hours::Zone;
use shared::time::Timestamp;

use super::message::SentForm;

/// A channel that begins no conversations at the moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Closed {
    /// When it does again, and where its clock hangs; `None` when nobody can say.
    pub(super) opens: Option<(Timestamp, Zone)>,
    /// Whether there is a form meanwhile.
    pub(super) form: bool,
}

impl Closed {
    /// What the page says, with the clock of the channel. The script writes the customer's own over it.
    pub(super) fn words(&self, language: Language) -> String {
        let Some((at, zone)) = &self.opens else {
            return t!(language, conflicts.channel_closed).to_owned();
        };
        let time = format!("{} ({})", zone.written(*at), zone.name());
        t!(language, chat.closed_until, time = &time)
    }

    /// The same for the script, which fills in the time at which it opens.
    pub(super) fn script_words(&self, language: Language) -> (String, Option<String>) {
        match &self.opens {
            Some((at, _)) => {
                let words = t!(language, chat.closed_until, time = "{time}");
                (words, Some(at.rfc3339()))
            }
            None => (t!(language, conflicts.channel_closed).to_owned(), None),
        }
    }
}

/// An error of the form's own fields as the page says it.
pub(super) fn error_text(language: Language, field: &str, problem: &Problem) -> String {
    match problem {
        Problem::Missing => t!(language, chat.contact_missing).to_owned(),
        Problem::EmailForm { .. } => t!(language, chat.email_form).to_owned(),
        _ if field == "phone" => t!(language, chat.phone_form).to_owned(),
        _ => t!(language, chat.refused).to_owned(),
    }
}

/// The form. It is there in any case where the channel has one, because hours end while a page is open; `hidden` until then.
pub(super) fn form(
    language: Language,
    path: &str,
    (fields, name): (&Markup, Option<&str>),
    typed: Option<&SentForm>,
    hidden: bool,
) -> Markup {
    let value = |of: fn(&SentForm) -> &String| typed.map_or("", |form| of(form).as_str());
    html! {
        form class="composer offline" id="offline" method="post" action=(path) hidden[hidden] aria-labelledby="offline-title" {
            (fields)
            h2 id="offline-title" { (t!(language, chat.offline_title)) }
            p { (t!(language, chat.offline_lead)) }
            div class="composer__name" {
                label for="offline-name" { (t!(language, chat.your_name)) }
                input type="text" id="offline-name" name="name" dir="auto" autocomplete="name" required aria-describedby="status"
                    value=(name.unwrap_or_else(|| value(|form| &form.name)));
            }
            div class="composer__name" {
                label for="offline-email" { (t!(language, chat.your_email)) }
                input id="offline-email" name="email" type="email" dir="ltr" autocomplete="email" aria-describedby="status"
                    value=(value(|form| &form.email));
            }
            div class="composer__name" {
                label for="offline-phone" { (t!(language, chat.your_phone)) }
                input id="offline-phone" name="phone" type="tel" dir="ltr" autocomplete="tel" aria-describedby="status"
                    value=(value(|form| &form.phone));
            }
            div class="composer__name" {
                label for="offline-text" { (t!(language, chat.message)) }
                textarea id="offline-text" name="text" dir="auto" rows="3" required aria-describedby="status" {
                    (PreEscaped("\n")) (value(|form| &form.text))
                }
            }
            button { (t!(language, chat.offline_send)) }
        }
    }
}
