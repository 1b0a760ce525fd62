//! The log of a receiver's events. It shows no word of what was sent or answered.

use i18n::{Label, Language, t};
use maud::{Markup, html};
use shared::webhooks::{EventFailure, EventState};

use super::PATH;
use super::acts::HOURS;
use super::view::View;
use crate::desk::webhooks::ReceiverPage;
use crate::http::plain_page::time;
use crate::store::rows::{EventRow, ReceiverRow};

impl View<'_> {
    /// The events of a receiver, the newest first.
    pub(super) fn log(&self, page: &ReceiverPage) -> Markup {
        let (language, row) = (self.language, &page.receiver);
        let title = t!(language, webhooks.log);
        html! {
            div {
                h2 class="settings__title" { (title) }
                p class="field__hint" { (t!(language, webhooks.log_line)) }
                @if page.events.is_empty() {
                    div class="empty card" { p class="empty__title" { (t!(language, webhooks.log_empty)) } }
                } @else {
                    div class="admin__list card" {
                        div class="table-wrap" tabindex="0" role="region" aria-label=(title) {
                            table class="table admin__table" aria-label=(title) {
                                thead { tr {
                                    th scope="col" { (t!(language, webhooks.event)) }
                                    th scope="col" { (t!(language, webhooks.happened)) }
                                    th scope="col" { (t!(language, webhooks.state)) }
                                    th scope="col" { (t!(language, webhooks.attempts)) }
                                    th scope="col" { (t!(language, webhooks.tried)) }
                                    th scope="col" { span class="visually-hidden" { (t!(language, common.actions)) } }
                                } }
                                tbody { @for event in &page.events { (self.line(row, event)) } }
                            }
                        }
                    }
                }
                div class="row" {
                    a class="button button--quiet" href={ (PATH) "?receiver=" (row.id) } { (t!(language, webhooks.newest)) }
                    @if let Some(before) = page.older {
                        a class="button button--quiet" href={ (PATH) "?receiver=" (row.id) "&before=" (before) } {
                            (t!(language, webhooks.older))
                        }
                    }
                }
                (self.again_all(row))
            }
        }
    }

    fn line(&self, row: &ReceiverRow, event: &EventRow) -> Markup {
        let language = self.language;
        let (class, state) = match event.state {
            EventState::Pending => ("badge--warn", t!(language, webhooks.pending)),
            EventState::Delivered => ("badge--ok", t!(language, webhooks.delivered)),
            EventState::Failed => ("badge--danger", t!(language, webhooks.failed)),
            EventState::Dropped => ("badge--closed", t!(language, webhooks.dropped)),
        };
        let tries = &event.tries;
        html! {
            tr {
                th scope="row" class="admin__name" {
                    (event.kind.label(language)) br; code { (event.kind.code()) }
                }
                td data-label=(t!(language, webhooks.happened)) { (time(event.at)) }
                td {
                    span class={ "badge " (class) } { (state) }
                    @if let Some(failure) = tries.failure { br; (reason(language, failure, tries.status)) }
                    @else if let Some(status) = tries.status { br; (t!(language, webhooks.status, status = status)) }
                }
                td data-label=(t!(language, webhooks.attempts)) { (tries.attempts) }
                td data-label=(t!(language, webhooks.tried)) {
                    (tries.tried_at.map_or_else(|| html! { (t!(language, webhooks.never)) }, time))
                }
                td class="admin__cell" {
                    @if event.state != EventState::Pending {
                        form method="post" action=(PATH) {
                            (self.hidden(row, "again"))
                            input type="hidden" name="event" value=(event.id);
                            button class="button button--quiet" type="submit" { (t!(language, webhooks.again)) }
                        }
                    }
                }
            }
        }
    }

    fn again_all(&self, row: &ReceiverRow) -> Markup {
        let language = self.language;
        html! {
            form class="row" method="post" action=(PATH) {
                (self.hidden(row, "again_all"))
                label class="field__label" for="again-hours" { (t!(language, webhooks.again_since)) }
                select class="select" id="again-hours" name="hours" {
                    @for hours in HOURS {
                        option value=(hours) {
                            @if hours < 24 { (t!(language, webhooks.hours, count = hours)) }
                            @else { (t!(language, webhooks.days, count = hours / 24)) }
                        }
                    }
                }
                button class="button" type="submit" { (t!(language, webhooks.again_all)) }
            }
        }
    }
}

/// Why an attempt failed, in words.
fn reason(language: Language, failure: EventFailure, status: Option<i64>) -> String {
    let text = match failure {
        EventFailure::Status => {
            let status = status.unwrap_or_default();
            return t!(language, webhooks.status, status = status);
        }
        EventFailure::NoAnswer => t!(language, webhooks.no_answer),
        EventFailure::BrokenOff => t!(language, webhooks.broken_off),
        EventFailure::NoConnection => t!(language, webhooks.no_connection),
        EventFailure::UnknownHost => t!(language, webhooks.unknown_host),
        EventFailure::AddressRefused => t!(language, webhooks.address_refused),
        EventFailure::Sealed => t!(language, webhooks.sealed),
        EventFailure::TooOld => t!(language, webhooks.too_old),
    };
    text.to_owned()
}
