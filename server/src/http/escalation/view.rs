//! What the page of escalation looks like.

use i18n::{Language, t};
use maud::{Markup, html};
use shared::admin::Team;
use shared::escalation::{Escalation, STEP_MAX_MIN};
use shared::ids::UserId;

use super::PATH;
use crate::desk::escalation::EscalationsManaged;
use crate::http::forms::{Fields, Values, Words, base_digests, value, version_of};
use crate::http::forms_page::{Compared, Shown};
use crate::http::plain_page::{FormPage, UserPage, form_page};
use crate::http::refused::Refused;

/// What stands in the form of a team.
struct Typed {
    team: String,
    version: String,
    base: String,
    all_after: String,
    on_call_after: String,
    on_call: String,
}

impl Typed {
    /// As it was sent.
    fn of(fields: &Fields) -> Self {
        let text = |name| value(fields, name).to_owned();
        Self {
            team: text("team"),
            version: text("version"),
            base: text("base"),
            all_after: text("all_after"),
            on_call_after: text("on_call_after"),
            on_call: text("on_call"),
        }
    }

    /// As it is stored.
    fn stored(steps: Option<&Escalation>) -> Self {
        let minutes = |minutes: Option<i64>| minutes.map(|min| min.to_string()).unwrap_or_default();
        let on_call = steps.and_then(|steps| steps.on_call.as_ref());
        Self {
            team: String::new(),
            version: String::new(),
            base: String::new(),
            all_after: minutes(steps.and_then(|steps| steps.all_after_min)),
            on_call_after: minutes(on_call.map(|(after, _)| *after)),
            on_call: on_call.map(|(_, who)| who.to_string()).unwrap_or_default(),
        }
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) managed: &'a EscalationsManaged,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

impl Compared for View<'_> {
    fn wanted(&self, typed: &Fields) -> Words {
        self.words(&Typed::of(typed))
    }

    fn stored(&self, typed: &Fields) -> Option<(Words, Values)> {
        let mut steps = self.managed.steps.iter();
        let stored = steps.find(|steps| steps.team.as_str() == value(typed, "team"));
        let stored = Typed::stored(stored);
        let words = self.words(&stored);
        let values = vec![
            ("all_after", stored.all_after),
            ("on_call_after", stored.on_call_after),
            ("on_call", stored.on_call),
        ];
        Some((words, values))
    }

    fn row(&self, typed: &Fields) -> Option<(&'static str, String)> {
        let mut teams = self.managed.teams.iter();
        let team = teams.find(|team| team.id.as_str() == value(typed, "team"))?;
        Some((t!(self.language, labels.team), team.name.clone()))
    }
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, escalation.title),
            lead: t!(language, escalation.lead),
            back: ("/admin/settings", t!(language, labels.back)),
            happened: shown.happened(language),
        };
        let content = html! {
            @if self.managed.teams.is_empty() {
                p { (t!(language, escalation.no_teams)) }
            }
            @for team in &self.managed.teams { (self.team(team, shown)) }
        };
        form_page(&page, &content)
    }

    fn words(&self, steps: &Typed) -> Words {
        let language = self.language;
        vec![
            (
                "all_after",
                t!(language, escalation.all_after),
                steps.all_after.clone().into(),
            ),
            (
                "on_call_after",
                t!(language, escalation.on_call_after),
                steps.on_call_after.clone().into(),
            ),
            (
                "on_call",
                t!(language, escalation.on_call),
                self.name_of(&steps.on_call).into(),
            ),
        ]
    }

    /// Who is on call, by name.
    fn name_of(&self, user: &str) -> &str {
        let mut supervisors = self.managed.supervisors.iter();
        let found = supervisors.find(|(known, ..)| known.as_str() == user);
        found.map_or(t!(self.language, escalation.nobody), |(_, name, _)| {
            name.as_str()
        })
    }

    fn team(&self, team: &Team, page: &Shown) -> Markup {
        let typed = Typed::of(&page.typed);
        let Team {
            id: team,
            name,
            supervisors,
            ..
        } = team;
        let (own, others): (Vec<_>, Vec<_>) = (self.managed.supervisors.iter())
            .partition(|(user, ..)| supervisors.iter().any(|own| own.id == *user));
        let language = self.language;
        let steps = self.managed.steps.iter().find(|steps| steps.team == *team);
        let stored = Typed::stored(steps);
        let shown = match typed.team == team.as_str() {
            true => &typed,
            false => &stored,
        };
        let refused = page.refused.when(typed.team == team.as_str());
        let version = version_of(&shown.version, steps.map_or(0, |steps| steps.version));
        let base = base_digests(&shown.base, &self.words(&stored));
        let id = |field: &str| format!("{field}-{team}");
        html! {
            section class="card tokens__card" aria-labelledby=(id("team")) {
                h2 class="settings__title" id=(id("team")) dir="auto" { (name) }
                form class="editor__form" method="post" action=(PATH) novalidate {
                    input type="hidden" name="act" value="save";
                    input type="hidden" name="team" value=(team);
                    input type="hidden" name="version" value=(version);
                    input type="hidden" name="base" value=(base);
                    input type="hidden" name="key" value=((self.key)());
                    (minutes(&id("all"), ("all_after", t!(language, escalation.all_after)), &shown.all_after, refused))
                    (minutes(&id("later"), ("on_call_after", t!(language, escalation.on_call_after)), &shown.on_call_after, refused))
                    div class="field" {
                        label class="field__label" for=(id("who")) { (t!(language, escalation.on_call)) }
                        select class="select" id=(id("who")) name="on_call" aria-invalid=[refused.invalid("on_call")]
                            aria-describedby=[refused.described("on_call", &id("help"))] autofocus[refused.first("on_call")] {
                            option value="" { (t!(language, escalation.nobody)) }
                            (self.options(t!(language, escalation.of_team), &own, &shown.on_call))
                            (self.options(t!(language, escalation.of_others), &others, &shown.on_call))
                        }
                        (refused.line("on_call"))
                        p class="field__hint" id=(id("help")) { (t!(language, escalation.on_call_help)) }
                    }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit"
                            aria-label=(t!(language, escalation.save_name, name = name)) {
                            (t!(language, common.save))
                        }
                    }
                }
            }
        }
    }

    /// A group of those who can be chosen.
    fn options(&self, label: &str, people: &[&(UserId, String, bool)], chosen: &str) -> Markup {
        let shown =
            |(user, _, active): &&&(UserId, String, bool)| *active || chosen == user.as_str();
        html! {
            @if people.iter().any(|one| shown(&one)) {
                optgroup label=(label) {
                    @for (user, name, active) in people.iter().filter(shown).copied() {
                        (self.option(user, (name, *active), chosen))
                    }
                }
            }
        }
    }

    /// Somebody who was chosen and is deactivated is named as such: nobody asks them.
    fn option(&self, user: &UserId, (name, active): (&str, bool), chosen: &str) -> Markup {
        html! {
            option value=(user) dir="auto" selected[chosen == user.as_str()] {
                (name)
                @if !active { " · " (t!(self.language, common.deactivated)) }
            }
        }
    }
}

fn minutes(id: &str, (name, label): (&str, &str), typed: &str, refused: &Refused) -> Markup {
    html! {
        div class="field" {
            label class="field__label" for=(id) { (label) }
            input class="input" id=(id) name=(name) value=(typed) inputmode="numeric" autocomplete="off"
                placeholder=(format!("1–{STEP_MAX_MIN}")) aria-invalid=[refused.invalid(name)]
                aria-describedby=[refused.described(name, "")] autofocus[refused.first(name)];
            (refused.line(name))
        }
    }
}
