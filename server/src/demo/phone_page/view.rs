//! What the page of a simulated phone looks like. It reads and writes without a script; `phone.js` puts in what comes later.

use i18n::{Language, delivery_text, t};
use maud::{DOCTYPE, Markup, html};
use shared::delivery::DeliveryState;
use shared::time::Timestamp;

use super::{LIVE, PATH, address, query};
use crate::demo::phones::{Phone, PhoneId, PhoneText, Service, Vendor};
use crate::http::assets;

/// What every form of the page knows.
pub(super) struct View {
    /// The language of its words.
    pub(super) language: Language,
    /// The phones that there are, with their owners' names.
    pub(super) phones: Vec<(PhoneId, Option<String>)>,
    /// Under which the next text is written once.
    pub(super) key: String,
    /// When it is shown.
    pub(super) now: Timestamp,
}

impl View {
    /// The phones that there are, and a form for another one. `number` stands in the form; `refused` says why the one before was
    /// not taken.
    pub(super) fn list(&self, number: &str, refused: Option<&str>) -> String {
        let language = self.language;
        let main = html! {
            main class="chat phones" {
                (self.heading(t!(language, phone.title)))
                div class="phones__body" {
                    p { (t!(language, phone.lead)) }
                    form class="composer phones__new" method="get" action=(PATH) aria-labelledby="new" {
                        h2 id="new" { (t!(language, phone.new)) }
                        div {
                            label for="service" { (t!(language, phone.service)) }
                            select id="service" name="service" {
                                @for service in Service::ALL { option value=(service.code()) { (self.service(service)) } }
                            }
                        }
                        div {
                            label for="number" { (t!(language, phone.number)) }
                            input id="number" name="number" type="tel" dir="ltr" required value=(number) autocomplete="off"
                                aria-invalid=[refused.map(|_| "true")] aria-describedby="number-hint problem";
                        }
                        button { (t!(language, phone.make)) }
                        p class="status" id="number-hint" { (t!(language, phone.number_hint)) }
                        p class="status status--error" id="problem" role="alert" { (refused.unwrap_or_default()) }
                    }
                    h2 id="choose" { (t!(language, phone.choose)) }
                    ul class="phones__list" aria-labelledby="choose" {
                        @for (id, name) in &self.phones {
                            li { a href=(address(id)) { (self.called(id, name.as_deref())) } }
                        }
                    }
                }
            }
        };
        self.document(t!(language, phone.title), false, &main)
    }

    /// A phone. `known_as` is the contact centre; `refused` is what was typed and not taken, with the reason.
    pub(super) fn phone(
        &self,
        id: &PhoneId,
        phone: &Phone,
        known_as: Option<&str>,
        refused: Option<(&str, &str)>,
    ) -> String {
        let language = self.language;
        let off = match id.service.is_app() {
            true => t!(language, phone.off_waits),
            false => t!(language, phone.off),
        };
        let main = html! {
            main class="chat" id="phone" data-live={ (LIVE) "?" (query(id)) } {
                (self.phone_heading(id, phone))
                p class="notice" id="off" hidden[!phone.off] { (off) }
                div id="log" role="log" aria-label=(t!(language, phone.log)) tabindex="0" {
                    @if phone.texts.is_empty() {
                        p class="bubble bubble--note" id="nothing" { (t!(language, phone.nothing)) }
                    }
                    @for text in &phone.texts { (self.text(text)) }
                }
                @match known_as {
                    Some(known_as) => { (self.composer(id, known_as, refused)) }
                    None => { p class="status" { (t!(language, phone.no_number)) } }
                }
            }
        };
        self.document(t!(language, phone.title), true, &main)
    }

    fn heading(&self, title: &str) -> Markup {
        html! {
            header {
                div {
                    h1 { (title) }
                    p { strong { (t!(self.language, phone.simulated)) } }
                }
            }
        }
    }

    fn phone_heading(&self, id: &PhoneId, phone: &Phone) -> Markup {
        let language = self.language;
        let (act, label) = match phone.off {
            true => ("on", t!(language, phone.switch_on)),
            false => ("off", t!(language, phone.switch_off)),
        };
        html! {
            header {
                div {
                    h1 { (self.called(id, phone.name.as_deref())) }
                    p { strong { (t!(language, phone.simulated)) } }
                }
                div class="acts" {
                    a href=(PATH) { (t!(language, phone.back)) }
                    form method="post" action=(PATH) {
                        (fields(id))
                        input type="hidden" name="act" value=(act);
                        button { (label) }
                    }
                }
            }
        }
    }

    fn composer(&self, id: &PhoneId, known_as: &str, refused: Option<(&str, &str)>) -> Markup {
        let language = self.language;
        let (typed, why) = refused.unwrap_or_default();
        html! {
            p class="status status--error" id="status" role="status" { (why) }
            form class="composer" id="composer" method="post" action=(PATH)
                data-unanswered=(t!(language, phone.unanswered)) {
                (fields(id))
                input type="hidden" name="act" value="write";
                input type="hidden" name="key" value=(self.key);
                div {
                    label for="text" { (t!(language, phone.message, number = known_as)) }
                    input id="text" name="text" dir="auto" required value=(typed) autocomplete="off" enterkeyhint="send"
                        aria-invalid=[refused.map(|_| "true")] aria-describedby="status";
                }
                button { (t!(language, phone.send)) }
            }
            div class="composer phones__words" {
                @if id.service.vendor() == Vendor::Twilio {
                    @for (word, label) in [("STOP", t!(language, phone.stop)), ("START", t!(language, phone.start))] {
                        form method="post" action=(PATH) {
                            (fields(id))
                            input type="hidden" name="act" value="write";
                            button name="text" value=(word) { (label) }
                        }
                    }
                }
                noscript { p class="status" { (t!(language, phone.reload)) } }
            }
        }
    }

    fn text(&self, text: &PhoneText) -> Markup {
        let language = self.language;
        let (class, who) = match text.mine {
            true => ("bubble bubble--mine", t!(language, phone.you)),
            false => ("bubble bubble--theirs", t!(language, phone.they)),
        };
        let failed = text
            .delivery
            .is_some_and(|delivery| delivery.state == DeliveryState::Failed);
        html! {
            article class={ (class) @if failed { " bubble--failed" } } id={ "text-" (text.id) } {
                span class="visually-hidden" { (who) " " }
                p dir="auto" { (text.text) }
                (time(text.at, self.now))
                @if let Some(delivery) = &text.delivery {
                    span class="bubble__meta" {
                        @match (text.mine, delivery.state, delivery.code) {
                            (true, DeliveryState::Failed, Some(status)) => { (t!(language, phone.not_taken, status = status)) }
                            (true, DeliveryState::Failed, None) => { (t!(language, phone.not_reached)) }
                            _ => { (delivery_text(language, delivery)) }
                        }
                    }
                }
            }
        }
    }

    /// How a phone is called: its service, its number, its owner.
    fn called(&self, id: &PhoneId, name: Option<&str>) -> Markup {
        html! {
            (self.service(id.service)) " "
            bdi dir="ltr" { (id.number) }
            @if let Some(name) = name { " " bdi { (name) } }
        }
    }

    fn service(&self, service: Service) -> &'static str {
        match service {
            Service::Sms => t!(self.language, phone.sms),
            Service::WhatsApp => t!(self.language, phone.whatsapp),
            Service::Messenger => t!(self.language, phone.messenger),
            Service::Instagram => t!(self.language, phone.instagram),
            Service::WhatsAppByMeta => t!(self.language, phone.whatsapp_meta),
        }
    }

    fn document(&self, title: &str, script: bool, main: &Markup) -> String {
        let language = self.language;
        let document = html! {
            (DOCTYPE)
            html lang=(language.code()) dir=(language.direction()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport"
                        content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                    meta name="robots" content="noindex";
                    title { (title) " · " (t!(language, phone.simulated_short)) }
                    link rel="icon" href=(assets::url("favicon.svg"));
                    link rel="stylesheet" href=(assets::url("chat.css"));
                    link rel="stylesheet" href=(assets::url("phone.css"));
                    @if script { script type="module" src=(assets::url("phone.js")) {} }
                }
                body { (main) }
            }
        };
        document.into_string()
    }
}

/// The fields with which a form says whose phone it is.
fn fields(id: &PhoneId) -> Markup {
    html! {
        input type="hidden" name="service" value=(id.service.code());
        input type="hidden" name="number" value=(id.number);
    }
}

/// Hours and minutes in UTC, with the date when it is another one.
fn time(at: Timestamp, now: Timestamp) -> Markup {
    let (at, now) = (at.rfc3339(), now.rfc3339());
    let (date, clock) = (at.get(..10), at.get(11..16).unwrap_or_default());
    let date = date.filter(|date| now.get(..10) != Some(*date));
    html! {
        time datetime=(at) {
            @if let Some(date) = date { (date) " " }
            (clock) " UTC"
        }
    }
}
