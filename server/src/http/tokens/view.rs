//! What the page of tokens looks like.

use i18n::{Label, Language, t};
use maud::{Markup, html};
use shared::ids::TeamId;
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};

use super::{DAYS, PATH};
use crate::http::forms::value;
use crate::http::forms_page::Shown;
use crate::http::plain_page::{
    MAIN, Proof, UserPage, copy_button, copy_script, made_line, password_field, problem_line,
    said_line,
};
use crate::http::refused::Refused;
use crate::http::secret_rows::{made_and_used, revoke_form, revoked_rows, time_or_never};

/// What stands in the form.
#[derive(Default)]
pub(super) struct Typed {
    key: Option<String>,
    name: String,
    scopes: Vec<String>,
    team: String,
    days: String,
}

impl Typed {
    /// As it was sent; of another form nothing.
    pub(super) fn of(fields: &[(String, String)]) -> Self {
        if value(fields, "act") != "create" {
            return Self::default();
        }
        let text = |name| value(fields, name).to_owned();
        let scopes = fields.iter().filter(|(name, _)| name == "scope");
        Self {
            key: Some(text("key")).filter(|key| !key.is_empty()),
            name: text("name"),
            scopes: scopes.map(|(_, code)| code.clone()).collect(),
            team: text("team"),
            days: text("days"),
        }
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    pub(super) now: Timestamp,
    pub(super) tokens: &'a [ApiToken],
    pub(super) teams: &'a [(TeamId, String)],
    /// Whether a token of a scope can be made here.
    pub(super) offers: &'a dyn Fn(Scope) -> bool,
    /// Whether one of all teams can.
    pub(super) everywhere: bool,
    /// How a proof is asked for, where one is.
    pub(super) proof: Option<Proof>,
    /// What was typed into the form that was refused.
    pub(super) typed: Typed,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let main = html! {
            main class="page admin tokens" id=(MAIN) tabindex="-1" {
                div class="page__head" {
                    h1 class="page__title" { (t!(language, tokens.title)) }
                    (said_line(shown.said.as_deref()))
                }
                p class="admin__lead" { (t!(language, tokens.lead)) }
                p class="row" {
                    a class="button button--quiet" href="/admin/settings" { (t!(language, tokens.back)) }
                    a class="button button--quiet" href="/api/v1/docs" { (t!(language, tokens.reference)) }
                }
                (problem_line(&shown.happened(language)))
                @if let Some(secret) = &shown.secret { (self.secret(secret)) }
                (self.list())
                (self.form(shown))
            }
        };
        UserPage::new(t!(language, tokens.title), main)
    }

    fn secret(&self, secret: &str) -> Markup {
        let language = self.language;
        html! {
            section class="card tokens__card" aria-labelledby="secret-line" data-once {
                (made_line("secret-line", t!(language, tokens.made)))
                div class="field" {
                    label class="field__label" for="secret" { (t!(language, tokens.secret)) }
                    input class="input tokens__secret" id="secret" type="text" readonly value=(secret) autocomplete="off"
                        spellcheck="false" dir="ltr";
                }
                (copy_button(language, "secret", t!(language, chat_settings.copy_secret)))
                (copy_script())
            }
        }
    }

    /// Those that were revoked stand folded behind the others: they are looked up and not managed. One that expired stays in sight, where
    /// the reason of a failure is looked for.
    fn list(&self) -> Markup {
        let (revoked, others): (Vec<&ApiToken>, Vec<_>) =
            (self.tokens.iter()).partition(|token| token.revoked_at.is_some());
        let title = t!(self.language, tokens.title);
        html! {
            @if self.tokens.is_empty() {
                div class="empty card" { p class="empty__title" { (t!(self.language, tokens.none)) } }
            } @else if !others.is_empty() {
                (self.table(title, &others))
            }
            (revoked_rows(self.language, title, revoked.len(), |name| self.table(name, &revoked)))
        }
    }

    fn table(&self, name: &str, tokens: &[&ApiToken]) -> Markup {
        let language = self.language;
        html! {
            div class="admin__list card" {
                div class="table-wrap" tabindex="0" role="region" aria-label=(name) {
                    table class="table admin__table" aria-label=(name) {
                        thead { tr {
                            th scope="col" { (t!(language, tokens.name)) }
                            th scope="col" { (t!(language, tokens.state)) }
                            th scope="col" { (t!(language, tokens.opens)) }
                            th scope="col" { (t!(language, tokens.team)) }
                            th scope="col" { (t!(language, tokens.created)) }
                            th scope="col" { (t!(language, tokens.used)) }
                            th scope="col" { (t!(language, tokens.expires)) }
                            th scope="col" { span class="visually-hidden" { (t!(language, common.actions)) } }
                        } }
                        tbody { @for token in tokens { (self.row(token)) } }
                    }
                }
            }
        }
    }

    fn row(&self, token: &ApiToken) -> Markup {
        let language = self.language;
        let lasts = token.lasts(self.now);
        let state = match (token.revoked_at, lasts) {
            (Some(_), _) => t!(language, tokens.revoked),
            (None, true) => t!(language, tokens.valid),
            (None, false) => t!(language, tokens.ended),
        };
        let team = token.team.as_ref().map(|team| {
            let found = self.teams.iter().find(|(id, _)| id == team);
            found.map_or(team.as_str(), |(_, name)| name)
        });
        html! {
            tr class=[(!lasts).then_some("admin__row--off")] {
                th scope="row" class="admin__name admin__text" dir="auto" { (token.name) }
                td { span class={ "badge " (if lasts { "badge--ok" } else { "badge--closed" }) } { (state) } }
                td data-label=(t!(language, tokens.opens)) {
                    ul class="tokens__scopes" role="list" {
                        @for scope in &token.scopes { li { (scope.label(language)) } }
                    }
                }
                td class="admin__text" dir="auto" data-label=(t!(language, tokens.team)) { (team.unwrap_or(t!(language, tokens.all_teams))) }
                (made_and_used(language, (token.created_at, &token.created_by), token.last_used_at))
                td data-label=(t!(language, tokens.expires)) { (time_or_never(language, token.expires_at)) }
                td class="admin__cell" {
                    @if lasts {
                        (revoke_form(language, (PATH, &(self.key)()), ("token", token.id.as_str()), &token.name))
                    }
                }
            }
        }
    }

    fn form(&self, shown: &Shown) -> Markup {
        let (language, typed, refused) = (self.language, &self.typed, &shown.refused);
        let key = typed.key.clone().unwrap_or_else(self.key);
        html! {
            section class="card tokens__card" aria-labelledby="new-token" {
                h2 class="settings__title" id="new-token" { (t!(language, tokens.new)) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="create";
                    input type="hidden" name="key" value=(key);
                    div class="field" {
                        label class="field__label" for="token-name" { (t!(language, tokens.name)) }
                        input class="input" id="token-name" name="name" value=(typed.name) required autocomplete="off" dir="auto"
                            aria-invalid=[refused.invalid("name")] autofocus[refused.first("name")]
                            aria-describedby=[refused.described("name", "token-name-hint")];
                        (refused.line("name"))
                        p class="field__hint" id="token-name-hint" { (t!(language, tokens.name_hint)) }
                    }
                    fieldset class="tokens__scopes-field" aria-describedby=[refused.described("scopes", "")] {
                        legend class="field__label" { (t!(language, tokens.opens)) }
                        (refused.line("scopes"))
                        @for scope in Scope::ALL {
                            @if (self.offers)(scope) { (scope_field(language, scope, typed, refused)) }
                        }
                    }
                    (self.team_field(shown))
                    (self.days_field(shown))
                    @if let Some(proof) = &self.proof { (password_field(language, self.username, ("token-password", proof), refused)) }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" { (t!(language, tokens.make)) }
                    }
                }
            }
        }
    }

    fn team_field(&self, shown: &Shown) -> Markup {
        let (language, typed, refused) = (self.language, &self.typed, &shown.refused);
        html! {
            div class="field" {
                label class="field__label" for="token-team" { (t!(language, tokens.team)) }
                select class="select" id="token-team" name="team" aria-invalid=[refused.invalid("team")]
                    autofocus[refused.first("team")] aria-describedby=[refused.described("team", "token-team-hint")] {
                    @if self.everywhere { option value="" { (t!(language, tokens.all_teams)) } }
                    @for (id, name) in self.teams {
                        option value=(id) selected[typed.team == id.as_str()] { (name) }
                    }
                }
                (refused.line("team"))
                p class="field__hint" id="token-team-hint" { (t!(language, tokens.team_hint)) }
            }
        }
    }

    fn days_field(&self, shown: &Shown) -> Markup {
        let (language, typed, refused) = (self.language, &self.typed, &shown.refused);
        html! {
            div class="field" {
                label class="field__label" for="token-days" { (t!(language, tokens.expires)) }
                select class="select" id="token-days" name="days" aria-invalid=[refused.invalid("days")]
                    autofocus[refused.first("days")] aria-describedby=[refused.described("days", "")] {
                    @for days in DAYS {
                        option value=(days) selected[typed.days == days.to_string()] {
                            (t!(language, tokens.days, count = days))
                        }
                    }
                    option value="" selected[typed.key.is_some() && typed.days.is_empty()] { (t!(language, tokens.never)) }
                }
                (refused.line("days"))
            }
        }
    }
}

fn scope_field(language: Language, scope: Scope, typed: &Typed, refused: &Refused) -> Markup {
    let id = ["scope-", &scope.code().replace(':', "-")].concat();
    let code = scope.code();
    let chosen = typed.scopes.iter().any(|chosen| chosen == code);
    // The page opens at the first one.
    let first = scope == Scope::ALL[0] && refused.first("scopes");
    html! {
        div class="tokens__scope" {
            input type="checkbox" id=(id) name="scope" value=(code) checked[chosen] autofocus[first]
                aria-invalid=[refused.invalid("scopes")];
            label for=(id) { (scope.label(language)) " " code { (code) } }
        }
    }
}
