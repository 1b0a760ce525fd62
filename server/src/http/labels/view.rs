//! What the page of labels looks like.

use i18n::{Label as _, Language, t};
use maud::{Markup, html};
use shared::labels::{Label, LabelKind};

use super::PATH;
use crate::desk::labels::LabelsManaged;
use crate::http::ask_once::ask_to_delete;
use crate::http::forms::{Fields, Values, Words, base_digests, switched, value, version_of};
use crate::http::forms_page::{Compared, Shown};
use crate::http::plain_page::{FormPage, UserPage, form_page};

/// What stands in the form that was refused.
struct Typed {
    key: String,
    id: String,
    version: String,
    base: String,
    kind: String,
    team: String,
    name: String,
    active: bool,
}

impl Typed {
    /// As it was sent.
    fn of(fields: &Fields) -> Self {
        let text = |name| value(fields, name).to_owned();
        Self {
            key: text("key"),
            id: text("id"),
            version: text("version"),
            base: text("base"),
            kind: text("kind"),
            team: text("team"),
            name: text("name"),
            active: value(fields, "active") == "on",
        }
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) managed: &'a LabelsManaged,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

impl Compared for View<'_> {
    fn wanted(&self, typed: &Fields) -> Words {
        self.words(value(typed, "name"), value(typed, "active") == "on")
    }

    fn stored(&self, typed: &Fields) -> Option<(Words, Values)> {
        let mut labels = self.managed.labels.iter();
        let label = labels.find(|label| label.id.as_str() == value(typed, "id"))?;
        let active = if label.active { "on" } else { "" };
        let values = vec![("name", label.name.clone()), ("active", active.to_owned())];
        Some((self.words(&label.name, label.active), values))
    }

    /// A label is shown by the name in its field.
    fn row(&self, typed: &Fields) -> Option<(&'static str, String)> {
        let mut labels = self.managed.labels.iter();
        let label = labels.find(|label| label.id.as_str() == value(typed, "id"))?;
        let what = label.kind.label(self.language);
        Some((what, value(typed, "name").to_owned()))
    }
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, labels.title),
            lead: t!(language, labels.lead),
            back: ("/admin/settings", t!(language, labels.back)),
            happened: shown.happened(language),
        };
        let content = html! {
            @for kind in LabelKind::ALL { (self.list(kind, shown)) }
            (self.new_form(shown))
        };
        form_page(&page, &content)
    }

    fn list(&self, kind: LabelKind, shown: &Shown) -> Markup {
        let language = self.language;
        let labels = self.managed.labels.iter();
        let labels: Vec<&Label> = labels.filter(|label| label.kind == kind).collect();
        let (title, none) = match kind {
            LabelKind::Outcome => (
                t!(language, labels.outcomes),
                t!(language, labels.no_outcomes),
            ),
            LabelKind::Tag => (t!(language, labels.tags), t!(language, labels.no_tags)),
        };
        html! {
            section class="card tokens__card" aria-labelledby=(kind.code()) {
                h2 class="settings__title" id=(kind.code()) { (title) }
                @if labels.is_empty() {
                    p class="field__hint" { (none) }
                } @else {
                    ul class="labels__list" aria-labelledby=(kind.code()) {
                        @for label in labels {
                            li class="row labels__item" { (self.row(label, shown)) (self.delete(label)) }
                        }
                    }
                }
            }
        }
    }

    fn words(&self, name: &str, active: bool) -> Words {
        let language = self.language;
        let offered = switched(language, active).into();
        vec![
            ("name", t!(language, labels.name), name.into()),
            ("active", t!(language, labels.offered), offered),
        ]
    }

    /// What was typed into the form that was refused stands there still.
    fn row(&self, label: &Label, shown: &Shown) -> Markup {
        let (language, typed) = (self.language, Typed::of(&shown.typed));
        let refused = shown.refused.when(typed.id == label.id.as_str());
        let (name, active, seen, base) = match typed.id == label.id.as_str() {
            true => (
                &typed.name,
                typed.active,
                &typed.version[..],
                &typed.base[..],
            ),
            false => (&label.name, label.active, "", ""),
        };
        let base = base_digests(base, &self.words(&label.name, label.active));
        let id = format!("name-{}", label.id);
        html! {
            form class="labels__row" method="post" action=(PATH) {
                input type="hidden" name="act" value="update";
                input type="hidden" name="id" value=(label.id);
                input type="hidden" name="version" value=(version_of(seen, label.version));
                input type="hidden" name="base" value=(base);
                input type="hidden" name="key" value=((self.key)());
                label class="visually-hidden" for=(id) { (t!(language, labels.name_of, name = &label.name)) }
                input class="input" id=(id) name="name" value=(name) required autocomplete="off" dir="auto"
                    aria-invalid=[refused.invalid("name")] aria-describedby=[refused.described("name", "")]
                    autofocus[refused.first("name")];
                (refused.line("name"))
                span class="labels__team" dir="auto" { (self.team_name(label)) }
                label class="row" {
                    input type="checkbox" name="active" value="on" checked[active]
                        aria-label=(t!(language, labels.offered_name, name = &label.name));
                    (t!(language, labels.offered))
                }
                button class="button" type="submit" aria-label=(t!(language, labels.save_name, name = &label.name)) {
                    (t!(language, common.save))
                }
            }
        }
    }

    fn delete(&self, label: &Label) -> Markup {
        let language = self.language;
        let fields = html! {
            input type="hidden" name="id" value=(label.id);
            input type="hidden" name="version" value=(label.version);
            input type="hidden" name="key" value=((self.key)());
            p class="field__hint" { (t!(language, label_deletion.line)) }
        };
        ask_to_delete(language, PATH, &label.name, &fields)
    }

    fn team_name(&self, label: &Label) -> &str {
        let Some(team) = &label.team else {
            return t!(self.language, labels.every_team);
        };
        let mut teams = self.managed.teams.iter();
        let found = teams.find(|(id, _)| id == team);
        found.map_or(t!(self.language, labels.team_gone), |(_, name)| name)
    }

    fn new_form(&self, shown: &Shown) -> Markup {
        let (language, typed) = (self.language, Typed::of(&shown.typed));
        // What was typed into the form of a label that is there says nothing of a new one.
        let of_new = typed.id.is_empty() && !typed.key.is_empty();
        let key = match of_new {
            true => typed.key.clone(),
            false => (self.key)(),
        };
        let name = if of_new { &typed.name[..] } else { "" };
        let refused = shown.refused.when(of_new);
        html! {
            section class="card tokens__card" aria-labelledby="new-label" {
                h2 class="settings__title" id="new-label" { (t!(language, labels.new)) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="create";
                    input type="hidden" name="key" value=(key);
                    div class="field" {
                        label class="field__label" for="label-kind" { (t!(language, labels.kind)) }
                        select class="select" id="label-kind" name="kind" {
                            @for kind in LabelKind::ALL {
                                option value=(kind.code()) selected[typed.kind == kind.code()] {
                                    (kind.label(language))
                                }
                            }
                        }
                    }
                    div class="field" {
                        label class="field__label" for="label-team" { (t!(language, labels.team)) }
                        select class="select" id="label-team" name="team" aria-invalid=[refused.invalid("team")]
                            aria-describedby=[refused.described("team", "")] autofocus[refused.first("team")] {
                            option value="" { (t!(language, labels.every_team)) }
                            @for (id, name) in &self.managed.teams {
                                option value=(id) dir="auto" selected[typed.team == id.as_str()] { (name) }
                            }
                        }
                        (refused.line("team"))
                    }
                    div class="field" {
                        label class="field__label" for="label-name" { (t!(language, labels.name)) }
                        input class="input" id="label-name" name="name" value=(name) required autocomplete="off" dir="auto"
                            aria-invalid=[refused.invalid("name")] aria-describedby=[refused.described("name", "")]
                            autofocus[refused.first("name")];
                        (refused.line("name"))
                    }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" { (t!(language, labels.add)) }
                    }
                }
            }
        }
    }
}
