//! What the page of links to walls looks like.

use i18n::{Language, t};
use maud::{Markup, html};
use shared::walls::Wall;

use super::PATH;
use crate::desk::walls::WallsManaged;
use crate::http::forms::value;
use crate::http::forms_page::Shown;
use crate::http::plain_page::{
    FormPage, Proof, UserPage, copy_button, copy_script, form_page, made_line, password_field,
};
use crate::http::secret_rows::{made_and_used, revoke_form, revoked_rows};

/// What stands in the form.
#[derive(Default)]
pub(super) struct Typed {
    key: Option<String>,
    name: String,
    teams: Vec<String>,
}

impl Typed {
    /// As it was sent; of another form nothing.
    pub(super) fn of(fields: &[(String, String)]) -> Self {
        if value(fields, "act") != "create" {
            return Self::default();
        }
        let text = |name| value(fields, name).to_owned();
        let teams = fields.iter().filter(|(name, _)| name == "team");
        Self {
            key: Some(text("key")).filter(|key| !key.is_empty()),
            name: text("name"),
            teams: teams.map(|(_, id)| id.clone()).collect(),
        }
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    pub(super) managed: &'a WallsManaged,
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
        let page = FormPage {
            title: t!(language, walls.title),
            lead: t!(language, walls.lead),
            back: ("/", t!(language, texts.back)),
            happened: shown.happened(language),
        };
        let content = html! {
            @if let Some(address) = &shown.secret { (self.address(address)) }
            (self.list())
            (self.form(shown))
        };
        form_page(&page, &content)
    }

    fn address(&self, address: &str) -> Markup {
        let language = self.language;
        html! {
            section class="card tokens__card" aria-labelledby="wall-line" data-once {
                (made_line("wall-line", t!(language, walls.made)))
                div class="field" {
                    label class="field__label" for="wall-address" { (t!(language, walls.address)) }
                    input class="input tokens__secret" id="wall-address" type="text" readonly value=(address) autocomplete="off"
                        spellcheck="false" dir="ltr";
                }
                (copy_button(language, "wall-address", t!(language, walls.copy)))
                p { a class="button" href=(address) target="_blank" rel="noopener noreferrer" { (t!(language, walls.open)) } }
                (copy_script())
            }
        }
    }

    /// Those that were revoked stand folded behind the others: they are looked up and not managed.
    fn list(&self) -> Markup {
        let (revoked, others): (Vec<&(Wall, bool)>, Vec<_>) =
            (self.managed.walls.iter()).partition(|(wall, _)| wall.revoked_at.is_some());
        let title = t!(self.language, walls.title);
        html! {
            @if self.managed.walls.is_empty() {
                div class="empty card" { p class="empty__title" { (t!(self.language, walls.none)) } }
            } @else if !others.is_empty() {
                (self.table(title, &others))
            }
            (revoked_rows(self.language, title, revoked.len(), |name| self.table(name, &revoked)))
        }
    }

    fn table(&self, name: &str, walls: &[&(Wall, bool)]) -> Markup {
        let language = self.language;
        html! {
            div class="admin__list card" {
                div class="table-wrap" tabindex="0" role="region" aria-label=(name) {
                    table class="table admin__table" aria-label=(name) {
                        thead { tr {
                            th scope="col" { (t!(language, walls.name)) }
                            th scope="col" { (t!(language, walls.teams)) }
                            th scope="col" { (t!(language, tokens.state)) }
                            th scope="col" { (t!(language, tokens.created)) }
                            th scope="col" { (t!(language, tokens.used)) }
                            th scope="col" { span class="visually-hidden" { (t!(language, common.actions)) } }
                        } }
                        tbody { @for (wall, lasts) in walls { (self.row(wall, *lasts)) } }
                    }
                }
            }
        }
    }

    fn row(&self, wall: &Wall, lasts: bool) -> Markup {
        let language = self.language;
        let revoked = wall.revoked_at.is_some();
        let state = match (lasts, revoked) {
            (true, _) => t!(language, tokens.valid),
            (false, true) => t!(language, tokens.revoked),
            // Its maker may not see these teams any more.
            (false, false) => t!(language, walls.shows_nothing),
        };
        let name = |team| {
            let found = self.managed.teams.iter().find(|(id, _)| id == team);
            found.map_or(t!(language, walls.other_team), |(_, name)| name)
        };
        html! {
            tr class=[(!lasts).then_some("admin__row--off")] {
                th scope="row" class="admin__name admin__text" dir="auto" { (wall.name) }
                td {
                    ul class="tokens__scopes" role="list" {
                        @for team in &wall.teams { li dir="auto" { (name(team)) } }
                    }
                }
                td { span class={ "badge " (if lasts { "badge--ok" } else { "badge--closed" }) } { (state) } }
                (made_and_used(language, (wall.created_at, &wall.created_by), wall.last_used_at))
                td class="admin__cell" {
                    @if !revoked {
                        (revoke_form(language, (PATH, &(self.key)()), ("wall", wall.id.as_str()), &wall.name))
                    }
                }
            }
        }
    }

    fn form(&self, shown: &Shown) -> Markup {
        let (language, typed, refused) = (self.language, &self.typed, &shown.refused);
        let key = typed.key.clone().unwrap_or_else(self.key);
        html! {
            section class="card tokens__card" aria-labelledby="new-wall" {
                h2 class="settings__title" id="new-wall" { (t!(language, walls.new)) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="create";
                    input type="hidden" name="key" value=(key);
                    div class="field" {
                        label class="field__label" for="wall-name" { (t!(language, walls.name)) }
                        input class="input" id="wall-name" name="name" value=(typed.name) required autocomplete="off" dir="auto"
                            aria-invalid=[refused.invalid("name")] autofocus[refused.first("name")]
                            aria-describedby=[refused.described("name", "wall-name-hint")];
                        (refused.line("name"))
                        p class="field__hint" id="wall-name-hint" { (t!(language, walls.name_hint)) }
                    }
                    fieldset class="tokens__scopes-field" aria-describedby=[refused.described("teams", "")] {
                        legend class="field__label" { (t!(language, walls.teams)) }
                        (refused.line("teams"))
                        @for (place, (id, name)) in self.managed.teams.iter().enumerate() {
                            @let field = format!("wall-team-{place}");
                            div class="tokens__scope" {
                                input type="checkbox" id=(field) name="team" value=(id)
                                    checked[typed.teams.iter().any(|chosen| chosen == id.as_str())]
                                    aria-invalid=[refused.invalid("teams")]
                                    autofocus[place == 0 && refused.first("teams")];
                                label for=(field) dir="auto" { (name) }
                            }
                        }
                    }
                    @if let Some(proof) = &self.proof { (password_field(language, self.username, ("wall-password", proof), refused)) }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" { (t!(language, walls.make)) }
                    }
                }
            }
        }
    }
}
