//! What the page of saved texts looks like.

use i18n::{Label, Language, t};
use maud::{Markup, html};
use shared::saved_texts::{PLACEHOLDERS, SavedText};

use super::PATH;
use crate::desk::saved_texts::SavedTextsManaged;
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
    written_for: String,
    team: String,
    title: String,
    text: String,
}

impl Typed {
    /// As it was sent, if a form was.
    fn of(fields: &Fields) -> Option<Self> {
        let text = |name| value(fields, name).to_owned();
        (!fields.is_empty()).then(|| Self {
            key: text("key"),
            version: text("version"),
            base: text("base"),
            written_for: text("for"),
            team: text("team"),
            title: text("title"),
            text: text("text"),
        })
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) managed: &'a SavedTextsManaged,
    /// The text that the form is about.
    pub(super) edited: Option<&'a SavedText>,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

impl Compared for View<'_> {
    fn wanted(&self, typed: &Fields) -> Words {
        self.words(value(typed, "title"), value(typed, "text"))
    }

    fn stored(&self, _typed: &Fields) -> Option<(Words, Values)> {
        let SavedText { title, text, .. } = self.edited?;
        let values = vec![("title", title.clone()), ("text", text.clone())];
        Some((self.words(title, text), values))
    }
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, texts.title),
            lead: t!(language, texts.lead),
            back: ("/", t!(language, texts.back)),
            happened: shown.happened(language),
        };
        let content = match self.edited {
            Some(text) => self.edit_form(text, shown),
            None => html! { (self.list()) (self.new_form(shown)) },
        };
        form_page(&page, &content)
    }

    fn words(&self, title: &str, text: &str) -> Words {
        let language = self.language;
        vec![
            ("title", t!(language, texts.name), title.into()),
            ("text", t!(language, texts.text), text.into()),
        ]
    }

    fn list(&self) -> Markup {
        let language = self.language;
        if self.managed.texts.is_empty() {
            return html! {
                div class="empty card" {
                    p class="empty__title" { (t!(language, texts.none)) }
                    p class="empty__line" { (t!(language, texts.none_line)) }
                }
            };
        }
        html! {
            div class="admin__list card" {
                div class="table-wrap" tabindex="0" role="region" aria-label=(t!(language, texts.title)) {
                    table class="table admin__table" aria-label=(t!(language, texts.title)) {
                        thead { tr {
                            th scope="col" { (t!(language, texts.name)) }
                            th scope="col" { (t!(language, texts.text)) }
                            th scope="col" { (t!(language, texts.written_for)) }
                            th scope="col" { (t!(language, texts.whose)) }
                            th scope="col" { span class="visually-hidden" { (t!(language, common.actions)) } }
                        } }
                        tbody { @for (text, manages) in &self.managed.texts { (self.row(text, *manages)) } }
                    }
                }
            }
        }
    }

    fn row(&self, text: &SavedText, manages: bool) -> Markup {
        let language = self.language;
        let edit = format!("{PATH}?edit={}", text.id);
        html! {
            tr {
                th scope="row" class="admin__name admin__text" dir="auto" { (text.title) }
                td class="admin__text texts__text" dir="auto" { (text.text) }
                td data-label=(t!(language, texts.written_for)) { (text.written_for.label(language)) }
                td class="admin__text" dir="auto" data-label=(t!(language, texts.whose)) { (self.whose(text)) }
                td class="admin__cell" {
                    @if manages {
                        div class="admin__actions" {
                            a class="button button--quiet" href=(edit)
                                aria-label=(t!(language, texts.edit_name, title = &text.title)) {
                                (t!(language, common.edit))
                            }
                            details class="texts__delete" {
                                summary class="button button--quiet"
                                    aria-label=(t!(language, texts.delete_name, title = &text.title)) {
                                    (t!(language, common.delete))
                                }
                                form method="post" action=(PATH) {
                                    input type="hidden" name="act" value="delete";
                                    input type="hidden" name="id" value=(text.id);
                                    input type="hidden" name="version" value=(text.version);
                                    input type="hidden" name="key" value=((self.key)());
                                    button class="button button--danger" type="submit"
                                        aria-label=(t!(language, texts.delete_now_name, title = &text.title)) {
                                        (t!(language, texts.delete_now))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn whose<'b>(&self, text: &'b SavedText) -> &'b str {
        let own = t!(self.language, texts.own);
        text.team.as_ref().map_or(own, |team| &team.name)
    }

    fn new_form(&self, shown: &Shown) -> Markup {
        let language = self.language;
        let managed = self.managed;
        let typed = Typed::of(&shown.typed).unwrap_or_else(|| Typed {
            key: (self.key)(),
            ..Typed::default()
        });
        let kinds = match managed.own.is_empty() {
            true => &managed.of_teams,
            false => &managed.own,
        };
        html! {
            section class="card tokens__card" aria-labelledby="new-text" {
                h2 class="settings__title" id="new-text" { (t!(language, texts.new)) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="create";
                    input type="hidden" name="key" value=(typed.key);
                    div class="field" {
                        label class="field__label" for="text-for" { (t!(language, texts.written_for)) }
                        select class="select" id="text-for" name="for" {
                            @for kind in kinds {
                                option value=(kind.code()) selected[typed.written_for == kind.code()] {
                                    (kind.label(language))
                                }
                            }
                        }
                    }
                    div class="field" {
                        label class="field__label" for="text-team" { (t!(language, texts.whose)) }
                        select class="select" id="text-team" name="team" aria-invalid=[shown.refused.invalid("team")]
                            aria-describedby=[shown.refused.described("team", "")] autofocus[shown.refused.first("team")] {
                            @if !managed.own.is_empty() { option value="" { (t!(language, texts.own)) } }
                            @for team in &managed.teams {
                                option value=(team.id) dir="auto" selected[typed.team == team.id.as_str()] { (team.name) }
                            }
                        }
                    }
                    (shown.refused.line("team"))
                    (self.content_fields(&typed, &shown.refused))
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" { (t!(language, texts.keep)) }
                    }
                }
            }
        }
    }

    fn edit_form(&self, text: &SavedText, shown: &Shown) -> Markup {
        let language = self.language;
        let typed = Typed::of(&shown.typed).unwrap_or_else(|| Typed {
            key: (self.key)(),
            title: text.title.clone(),
            text: text.text.clone(),
            ..Typed::default()
        });
        let base = base_digests(&typed.base, &self.words(&text.title, &text.text));
        html! {
            section class="card tokens__card" aria-labelledby="edit-text" {
                h2 class="settings__title" id="edit-text" dir="auto" { (t!(language, texts.edit_name, title = &text.title)) }
                p class="field__hint" {
                    (text.written_for.label(language)) " · " bdi { (self.whose(text)) }
                }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="update";
                    input type="hidden" name="id" value=(text.id);
                    input type="hidden" name="version" value=(version_of(&typed.version, text.version));
                    input type="hidden" name="base" value=(base);
                    input type="hidden" name="key" value=(typed.key);
                    (self.content_fields(&typed, &shown.refused))
                    div class="editor__foot" {
                        a class="button" href=(PATH) { (t!(language, common.cancel)) }
                        button class="button button--primary" type="submit" { (t!(language, texts.keep)) }
                    }
                }
            }
        }
    }

    fn content_fields(&self, typed: &Typed, refused: &Refused) -> Markup {
        let language = self.language;
        let placeholders = PLACEHOLDERS.join(" ");
        html! {
            div class="field" {
                label class="field__label" for="text-title" { (t!(language, texts.name)) }
                input class="input" id="text-title" name="title" value=(typed.title) required autocomplete="off" dir="auto"
                    aria-invalid=[refused.invalid("title")] autofocus[refused.first("title")]
                    aria-describedby=[refused.described("title", "text-title-hint")];
                (refused.line("title"))
                p class="field__hint" id="text-title-hint" { (t!(language, texts.name_hint)) }
            }
            div class="field" {
                label class="field__label" for="text-text" { (t!(language, texts.text)) }
                textarea class="textarea" id="text-text" name="text" rows="5" required dir="auto"
                    aria-invalid=[refused.invalid("text")] autofocus[refused.first("text")]
                    aria-describedby=[refused.described("text", "text-text-hint")] { "\n" (typed.text) }
                (refused.line("text"))
                p class="field__hint" id="text-text-hint" {
                    (t!(language, texts.text_hint)) " " bdi { code { (placeholders) } }
                }
            }
        }
    }
}
