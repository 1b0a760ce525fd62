//! What the page looks like: the list of receivers, and one of them.

use i18n::{Language, t};
use maud::{Markup, html};
use shared::ids::TeamId;
use shared::time::Timestamp;
use shared::webhooks::OffReason;

use super::PATH;
use super::compared::team_name;
use super::typed::Typed;
use crate::clock_and_ids::Ids;
use crate::desk::webhooks::ReceiverPage;
use crate::http::forms_page::Shown;
use crate::http::plain_page::{
    MAIN, Proof, UserPage, copy_button, copy_script, made_line, password_field, problem_line,
    said_line, time, time_to_the_second,
};
use crate::http::refused::Refused;
use crate::store::rows::ReceiverRow;

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    pub(super) now: Timestamp,
    /// The teams that there are, by name.
    pub(super) teams: Vec<(TeamId, String)>,
    /// How a proof is asked for, where one is.
    pub(super) proof: Option<Proof>,
    /// What has just happened.
    pub(super) shown: &'a Shown,
    /// What was typed into the form that was refused.
    pub(super) typed: Typed,
    /// Where keys of commands come from.
    pub(super) ids: &'a dyn Ids,
}

impl View<'_> {
    /// All receivers.
    pub(super) fn list(&self, receivers: &[ReceiverRow]) -> UserPage {
        let language = self.language;
        let title = t!(language, webhooks.title);
        let content = html! {
            p class="admin__lead" { (t!(language, webhooks.lead)) }
            p class="row" {
                a class="button button--quiet" href="/admin/settings" { (t!(language, webhooks.back)) }
                a class="button button--quiet" href="/api/v1/docs#webhooks" { (t!(language, webhooks.reference)) }
            }
            (self.happened())
            (self.table(receivers))
            (self.form(None))
        };
        self.page(title, &html! { (title) }, &content)
    }

    /// One receiver with its log.
    pub(super) fn one(&self, page: &ReceiverPage) -> UserPage {
        let (language, row) = (self.language, &page.receiver);
        let content = html! {
            p class="row" {
                a class="button button--quiet" href=(PATH) { (t!(language, webhooks.all)) }
            }
            (self.happened())
            (self.standing(page))
            (self.acts(row))
            (self.log(page))
            (self.form(Some(row)))
            (self.rotate(row))
            (self.delete(row))
        };
        let heading = html! { bdi { (row.name) } };
        self.page(t!(language, webhooks.title), &heading, &content)
    }

    fn page(&self, title: &str, heading: &Markup, content: &Markup) -> UserPage {
        let main = html! {
            main class="page admin tokens" id=(MAIN) tabindex="-1" {
                div class="page__head" {
                    h1 class="page__title" { (heading) }
                    (said_line(self.shown.said.as_deref()))
                }
                (content)
            }
        };
        UserPage::new(title, main)
    }

    /// What has just happened.
    fn happened(&self) -> Markup {
        let language = self.language;
        html! {
            (problem_line(&self.shown.happened(language)))
            @if let Some(secret) = &self.shown.secret {
                section class="card tokens__card" aria-labelledby="secret-line" data-once {
                    (made_line("secret-line", t!(language, webhooks.made)))
                    div class="field" {
                        label class="field__label" for="secret" { (t!(language, webhooks.secret)) }
                        input class="input tokens__secret" id="secret" type="text" readonly value=(secret) autocomplete="off"
                            spellcheck="false" dir="ltr";
                    }
                    (copy_button(language, "secret", t!(language, chat_settings.copy_secret)))
                    (copy_script())
                }
            }
        }
    }

    fn table(&self, receivers: &[ReceiverRow]) -> Markup {
        let language = self.language;
        if receivers.is_empty() {
            return html! { div class="empty card" { p class="empty__title" { (t!(language, webhooks.none)) } } };
        }
        let title = t!(language, webhooks.title);
        html! {
            div class="admin__list card" {
                div class="table-wrap" tabindex="0" role="region" aria-label=(title) {
                    table class="table admin__table" aria-label=(title) {
                        thead { tr {
                            th scope="col" { (t!(language, webhooks.name)) }
                            th scope="col" { (t!(language, webhooks.url)) }
                            th scope="col" { (t!(language, webhooks.state)) }
                            th scope="col" { (t!(language, webhooks.events)) }
                            th scope="col" { (t!(language, webhooks.teams)) }
                            th scope="col" { (t!(language, webhooks.succeeded)) }
                        } }
                        tbody { @for row in receivers { (self.row(row)) } }
                    }
                }
            }
        }
    }

    fn row(&self, row: &ReceiverRow) -> Markup {
        let language = self.language;
        html! {
            tr class=[(!row.active).then_some("admin__row--off")] {
                th scope="row" class="admin__name admin__text" dir="auto" {
                    a href={ (PATH) "?receiver=" (row.id) } { (row.name) }
                }
                td dir="ltr" class="admin__text" { (row.place) }
                td { (badge(language, row)) }
                td {
                    ul class="tokens__scopes" role="list" {
                        @for kind in &row.events { li { code { (kind.code()) } } }
                    }
                }
                td data-label=(t!(language, webhooks.teams)) { (self.teams_of(row)) }
                td data-label=(t!(language, webhooks.succeeded)) {
                    (row.health.succeeded_at.map_or_else(|| html! { (t!(language, webhooks.never)) }, time))
                }
            }
        }
    }

    /// Of whose workitems a receiver is told.
    fn teams_of(&self, row: &ReceiverRow) -> Markup {
        let Some(teams) = &row.teams else {
            return html! { (t!(self.language, webhooks.all_teams)) };
        };
        html! {
            ul class="tokens__scopes" role="list" {
                @for team in teams { li dir="auto" { (self.team_name(team)) } }
            }
        }
    }

    /// What a team is called; one that was deleted is called so.
    pub(super) fn team_name(&self, team: &TeamId) -> String {
        team_name(self.language, &self.teams, team.as_str())
    }

    /// How a receiver does.
    fn standing(&self, page: &ReceiverPage) -> Markup {
        let (language, row) = (self.language, &page.receiver);
        let health = &row.health;
        html! {
            section class="card tokens__card" aria-labelledby="standing" {
                h2 class="settings__title" id="standing" { (t!(language, webhooks.state)) }
                p { (badge(language, row)) " " bdi dir="ltr" { (row.place) } }
                p { (t!(language, webhooks.rests_on, name = &row.rests_on.name)) }
                @if let Some((reason, at)) = health.off {
                    p class="notice notice--warn" {
                        @match reason {
                            OffReason::Gone => { (t!(language, webhooks.off_gone)) },
                            OffReason::Failing => { (t!(language, webhooks.off_failing)) },
                        }
                        " " (time(at))
                    }
                }
                p { (t!(language, webhooks.succeeded)) ": "
                    (health.succeeded_at.map_or_else(|| html! { (t!(language, webhooks.never)) }, time)) }
                @if let Some(since) = health.failing_since {
                    p { (t!(language, webhooks.failing, count = health.failures)) " " (time(since)) }
                }
                @if row.active && health.paused_until > self.now {
                    p { (t!(language, webhooks.paused)) " " (time_to_the_second(health.paused_until)) }
                }
                @if let Some(until) = page.both_until {
                    p { (t!(language, webhooks.both_keys)) " " (time(until)) }
                }
            }
        }
    }

    /// Buttons that need no further word.
    fn acts(&self, row: &ReceiverRow) -> Markup {
        let language = self.language;
        html! {
            div class="row" {
                @if row.active {
                    (self.button(row, "test", t!(language, webhooks.test)))
                    (self.button(row, "off", t!(language, webhooks.switch_off)))
                } @else {
                    (self.button(row, "on", t!(language, webhooks.switch_on)))
                }
            }
        }
    }

    fn button(&self, row: &ReceiverRow, act: &str, label: &str) -> Markup {
        html! {
            form method="post" action=(PATH) {
                (self.hidden(row, act))
                button class="button" type="submit" { (label) }
            }
        }
    }

    /// The fields for which the form of this act was refused.
    pub(super) fn refused_by(&self, act: &str) -> &Refused {
        self.shown.refused.when(self.typed.act == act)
    }

    /// What each form about a receiver carries.
    pub(super) fn hidden(&self, row: &ReceiverRow, act: &str) -> Markup {
        html! {
            input type="hidden" name="act" value=(act);
            input type="hidden" name="receiver" value=(row.id);
            input type="hidden" name="key" value=(self.ids.next());
        }
    }

    fn rotate(&self, row: &ReceiverRow) -> Markup {
        let language = self.language;
        html! {
            section class="card tokens__card" aria-labelledby="rotate" {
                h2 class="settings__title" id="rotate" { (t!(language, webhooks.rotate)) }
                p { (t!(language, webhooks.rotate_line)) }
                form class="editor__form" method="post" action=(PATH) {
                    (self.hidden(row, "rotate"))
                    @if let Some(proof) = &self.proof {
                        (password_field(language, self.username, ("rotate-password", proof), self.refused_by("rotate")))
                    }
                    div class="editor__foot" {
                        button class="button" type="submit" { (t!(language, webhooks.rotate_now)) }
                    }
                }
            }
        }
    }

    fn delete(&self, row: &ReceiverRow) -> Markup {
        let language = self.language;
        html! {
            details class="card tokens__card" {
                summary { (t!(language, webhooks.delete)) }
                p { (t!(language, webhooks.delete_line)) }
                form method="post" action=(PATH) {
                    (self.hidden(row, "delete"))
                    button class="button button--danger" type="submit" { (t!(language, webhooks.delete_now)) }
                }
            }
        }
    }
}

fn badge(language: Language, row: &ReceiverRow) -> Markup {
    let (class, text) = match (row.active, row.health.failing_since) {
        (false, _) => ("badge--closed", t!(language, webhooks.off)),
        (true, Some(_)) => ("badge--warn", t!(language, webhooks.fails)),
        (true, None) => ("badge--ok", t!(language, webhooks.on)),
    };
    html! { span class={ "badge " (class) } { (text) } }
}
