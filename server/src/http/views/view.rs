//! What the page of views looks like.

use i18n::{Language, t};
use maud::{Markup, html};
use shared::ids::{TeamId, UserId};
use shared::views::DashboardView;

use super::{PATH, unknown};
use crate::desk::views::ViewsManaged;
use crate::http::forms::{Fields, Values, Words, base_digests, value, version_of};
use crate::http::forms_page::{Compared, Shown};
use crate::http::plain_page::{FormPage, UserPage, form_page};
use crate::http::refused::Refused;

/// What stands in the form.
#[derive(Default)]
struct Typed {
    key: String,
    version: String,
    base: String,
    name: String,
    team: String,
    replace: bool,
}

impl Typed {
    /// As it was sent, if a form was.
    fn of(fields: &Fields) -> Option<Self> {
        let text = |name| value(fields, name).to_owned();
        (!fields.is_empty()).then(|| Self {
            key: text("key"),
            version: text("version"),
            base: text("base"),
            name: text("name"),
            team: text("team"),
            replace: !value(fields, "replace").is_empty(),
        })
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    /// Who reads it.
    pub(super) me: &'a UserId,
    pub(super) managed: &'a ViewsManaged,
    /// The view that the form is about.
    pub(super) edited: Option<&'a DashboardView>,
    /// What the dashboard shows.
    pub(super) filter: &'a str,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

impl Compared for View<'_> {
    fn wanted(&self, typed: &Fields) -> Words {
        self.words(value(typed, "name"), value(typed, "team"))
    }

    fn stored(&self, _typed: &Fields) -> Option<(Words, Values)> {
        let DashboardView { name, team, .. } = self.edited?;
        let team = team.as_ref().map_or_else(String::new, ToString::to_string);
        let words = self.words(name, &team);
        Some((words, vec![("name", name.clone()), ("team", team)]))
    }
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, views.title),
            lead: t!(language, views.lead),
            back: ("/dashboard", t!(language, views.back)),
            happened: shown.happened(language),
        };
        let content = match self.edited {
            Some(view) => self.edit_form(view, shown),
            None => html! { (self.new_form(shown)) (self.list()) },
        };
        form_page(&page, &content)
    }

    fn list(&self) -> Markup {
        let language = self.language;
        let views = &self.managed.views.views;
        if views.is_empty() {
            return html! { div class="empty card" { p class="empty__title" { (t!(language, views.none)) } } };
        }
        html! {
            div class="admin__list card" {
                div class="table-wrap" tabindex="0" role="region" aria-label=(t!(language, views.title)) {
                    table class="table admin__table" aria-label=(t!(language, views.title)) {
                        thead { tr {
                            th scope="col" { (t!(language, views.name)) }
                            th scope="col" { (t!(language, views.shared_with)) }
                            th scope="col" { (t!(language, views.maker)) }
                            th scope="col" { span class="visually-hidden" { (t!(language, common.actions)) } }
                        } }
                        tbody { @for view in views { (self.row(view)) } }
                    }
                }
            }
        }
    }

    fn row(&self, view: &DashboardView) -> Markup {
        let language = self.language;
        let open = format!("/dashboard?view={}", view.id);
        let edit = match self.filter {
            "" => format!("{PATH}?edit={}", view.id),
            filter => format!("{PATH}?edit={}&{filter}", view.id),
        };
        let is_own = view.by.id == *self.me;
        html! {
            tr {
                th scope="row" class="admin__name admin__text" dir="auto" {
                    a href=(open) { (view.name) }
                    (self.unknown(&view.filter))
                }
                td class="admin__text" dir="auto" data-label=(t!(language, views.shared_with)) { (self.team_name(view.team.as_ref().map_or("", TeamId::as_str))) }
                td class="admin__text" dir="auto" data-label=(t!(language, views.maker)) { @if is_own { (t!(language, views.mine)) } @else { (view.by.name) } }
                td class="admin__cell" {
                    @if is_own {
                        div class="admin__actions" {
                            a class="button button--quiet" href=(edit)
                                aria-label=(t!(language, views.edit_name, name = &view.name)) {
                                (t!(language, common.edit))
                            }
                            details class="texts__delete" {
                                summary class="button button--quiet"
                                    aria-label=(t!(language, views.delete_name, name = &view.name)) {
                                    (t!(language, common.delete))
                                }
                                form method="post" action=(PATH) {
                                    input type="hidden" name="act" value="delete";
                                    input type="hidden" name="id" value=(view.id);
                                    input type="hidden" name="version" value=(view.version);
                                    input type="hidden" name="filter" value=(self.filter);
                                    input type="hidden" name="key" value=((self.key)());
                                    button class="button button--danger" type="submit"
                                        aria-label=(t!(language, views.delete_now_name, name = &view.name)) {
                                        (t!(language, views.delete_now))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Says what of a filter is not known here.
    fn unknown(&self, filter: &str) -> Markup {
        let unknown = unknown(filter);
        html! {
            @if !unknown.is_empty() {
                p class="field__hint" dir="auto" {
                    (t!(self.language, views.unknown, words = unknown.join(", ")))
                }
            }
        }
    }

    /// Name and team of a view, whose filter is replaced by who says so alone.
    fn words(&self, name: &str, team: &str) -> Words {
        let language = self.language;
        let shared_with = self.team_name(team).into();
        vec![
            ("name", t!(language, views.name), name.into()),
            ("team", t!(language, views.shared_with), shared_with),
        ]
    }

    /// Which team a view is shared with, if it is. Its maker may have lost the team: then nobody else is offered it.
    fn team_name(&self, team: &str) -> &str {
        if team.is_empty() {
            return t!(self.language, views.own);
        }
        let mut teams = self.managed.teams.iter();
        let found = teams.find(|(id, _)| id.as_str() == team);
        found.map_or(t!(self.language, views.shared_no_more), |(_, name)| name)
    }

    fn new_form(&self, shown: &Shown) -> Markup {
        let language = self.language;
        let typed = Typed::of(&shown.typed).unwrap_or_else(|| Typed {
            key: (self.key)(),
            ..Typed::default()
        });
        html! {
            section class="card tokens__card" aria-labelledby="new-view" {
                h2 class="settings__title" id="new-view" { (t!(language, views.new)) }
                p class="field__hint" { (t!(language, views.new_line)) }
                (self.unknown(self.filter))
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="create";
                    input type="hidden" name="key" value=(typed.key);
                    input type="hidden" name="filter" value=(self.filter);
                    (self.content_fields(&typed, &shown.refused))
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" { (t!(language, views.keep)) }
                    }
                }
            }
        }
    }

    fn edit_form(&self, view: &DashboardView, shown: &Shown) -> Markup {
        let language = self.language;
        let typed = Typed::of(&shown.typed).unwrap_or_else(|| Typed {
            key: (self.key)(),
            name: view.name.clone(),
            team: view
                .team
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            ..Typed::default()
        });
        let team = view.team.as_ref().map_or("", TeamId::as_str);
        let base = base_digests(&typed.base, &self.words(&view.name, team));
        html! {
            section class="card tokens__card" aria-labelledby="edit-view" {
                h2 class="settings__title" id="edit-view" dir="auto" { (t!(language, views.edit_name, name = &view.name)) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="update";
                    input type="hidden" name="id" value=(view.id);
                    input type="hidden" name="version" value=(version_of(&typed.version, view.version));
                    input type="hidden" name="base" value=(base);
                    input type="hidden" name="key" value=(typed.key);
                    input type="hidden" name="filter" value=(self.filter);
                    (self.content_fields(&typed, &shown.refused))
                    @if self.filter != view.filter {
                        div class="tokens__scope" {
                            input type="checkbox" id="view-replace" name="replace" value="yes" checked[typed.replace];
                            label for="view-replace" { (t!(language, views.replace)) }
                        }
                    }
                    div class="editor__foot" {
                        a class="button" href=(PATH) { (t!(language, common.cancel)) }
                        button class="button button--primary" type="submit" { (t!(language, views.keep)) }
                    }
                }
            }
        }
    }

    fn content_fields(&self, typed: &Typed, refused: &Refused) -> Markup {
        let language = self.language;
        html! {
            div class="field" {
                label class="field__label" for="view-name" { (t!(language, views.name)) }
                input class="input" id="view-name" name="name" value=(typed.name) required autocomplete="off" dir="auto"
                    aria-invalid=[refused.invalid("name")] autofocus[refused.first("name")]
                    aria-describedby=[refused.described("name", "view-name-hint")];
                (refused.line("name"))
                p class="field__hint" id="view-name-hint" { (t!(language, views.name_hint)) }
            }
            div class="field" {
                label class="field__label" for="view-team" { (t!(language, views.shared_with)) }
                select class="select" id="view-team" name="team" aria-invalid=[refused.invalid("team")]
                    autofocus[refused.first("team")] aria-describedby=[refused.described("team", "view-team-hint")] {
                    option value="" { (t!(language, views.own)) }
                    @for (id, name) in &self.managed.teams {
                        option value=(id) dir="auto" selected[typed.team == id.as_str()] { (name) }
                    }
                }
                (refused.line("team"))
                p class="field__hint" id="view-team-hint" { (t!(language, views.team_hint)) }
            }
        }
    }
}
