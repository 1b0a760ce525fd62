//! What the page of rules looks like.

use i18n::{Label, Language, t};
use maud::{Markup, html};
use shared::alerts::{
    ALERT_LETTERS, ALERT_MINUTES, ALERT_PATTERN_MAX, ALERT_PHRASES_MAX, ALERT_SHARE, ALERT_THUMBS,
    AlertCondition, AlertKind, AlertRule,
};

use super::PATH;
use crate::desk::alerts::AlertRulesManaged;
use crate::http::ask_once::ask_to_delete;
use crate::http::forms::{
    Fields, Stands, Values, Words, base_digests, switched, value, version_of,
};
use crate::http::forms_page::{Compared, Shown};
use crate::http::plain_page::{FormPage, UserPage, form_page};
use crate::http::refused::Refused;

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) managed: &'a AlertRulesManaged,
    /// Of which kind a new rule shall be.
    pub(super) new: Option<AlertKind>,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

/// What stands in the fields of one form.
struct Filled {
    key: String,
    name: String,
    condition: Values,
}

impl Filled {
    fn of(&self, field: &str) -> &str {
        let mut fields = self.condition.iter();
        fields
            .find(|(name, _)| *name == field)
            .map_or("", |(_, value)| value)
    }
}

/// What a field is called.
pub(super) fn label(language: Language, field: &str) -> Option<&'static str> {
    Some(match field {
        "name" => t!(language, alerts.name),
        "team" => t!(language, alerts.team),
        "words" => t!(language, alerts.words),
        "pattern" => t!(language, alerts.pattern),
        "minutes" => t!(language, alerts.minutes),
        "count" => t!(language, alerts.count),
        "share" => t!(language, alerts.share),
        "letters" => t!(language, alerts.letters),
        "active" => t!(language, alerts.on),
        "rules" => t!(language, alerts.rules),
        _ => return None,
    })
}

/// The fields of a condition with what stands in them.
fn condition_values(condition: &AlertCondition) -> Values {
    match condition {
        AlertCondition::Words(words) => vec![("words", words.join("\n"))],
        AlertCondition::Pattern(pattern) => vec![("pattern", pattern.clone())],
        AlertCondition::Capitals { share, letters } => {
            vec![
                ("share", share.to_string()),
                ("letters", letters.to_string()),
            ]
        }
        AlertCondition::Queued(minutes)
        | AlertCondition::Unanswered(minutes)
        | AlertCondition::Handled(minutes) => vec![("minutes", minutes.to_string())],
        AlertCondition::ThumbsDown(count) => vec![("count", count.to_string())],
    }
}

/// The fields of a rule with what stands in them.
fn values_of(name: &str, condition: &AlertCondition, active: bool) -> Values {
    let active = if active { "on" } else { "" };
    let mut values = vec![("name", name.to_owned())];
    values.extend(condition_values(condition));
    values.push(("active", active.to_owned()));
    values
}

/// What a new rule begins with.
fn proposed(kind: AlertKind) -> AlertCondition {
    match kind {
        AlertKind::Words => AlertCondition::Words(Vec::new()),
        AlertKind::Pattern => AlertCondition::Pattern(String::new()),
        AlertKind::Capitals => AlertCondition::Capitals {
            share: 80,
            letters: 20,
        },
        AlertKind::Queued => AlertCondition::Queued(5),
        AlertKind::Unanswered => AlertCondition::Unanswered(5),
        AlertKind::Handled => AlertCondition::Handled(60),
        AlertKind::ThumbsDown => AlertCondition::ThumbsDown(3),
    }
}

impl Compared for View<'_> {
    fn wanted(&self, typed: &Fields) -> Words {
        let Some(kind) = AlertKind::from_code(value(typed, "kind")) else {
            return Words::new();
        };
        let fields = values_of("", &proposed(kind), false).into_iter();
        let typed = fields.map(|(field, _)| (field, value(typed, field).to_owned()));
        self.words(typed.collect())
    }

    fn stored(&self, typed: &Fields) -> Option<(Words, Values)> {
        let rule = self.edited(typed)?;
        let values = || values_of(&rule.name, &rule.condition, rule.active);
        Some((self.words(values()), values()))
    }

    fn row(&self, typed: &Fields) -> Option<(&'static str, String)> {
        let rule = self.edited(typed)?;
        Some((t!(self.language, alerts.rule), rule.name.clone()))
    }
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, alerts.title),
            lead: t!(language, alerts.lead),
            back: ("/admin/settings", t!(language, alerts.back)),
            happened: shown.happened(language),
        };
        let content = html! {
            (self.list(shown))
            (self.new_rule(shown))
        };
        form_page(&page, &content)
    }

    /// The rule that a form changes.
    fn edited(&self, typed: &Fields) -> Option<&AlertRule> {
        let mut rules = self.managed.rules.iter();
        rules.find(|rule| rule.id.as_str() == value(typed, "id"))
    }

    /// The fields of a rule by their labels.
    fn words(&self, values: Values) -> Words {
        let language = self.language;
        let fields = values.into_iter().map(|(field, value)| {
            let label = label(language, field).unwrap_or_default();
            let words = match field {
                "active" => Stands::from(switched(language, value == "on")),
                "words" => Stands::lines(&value),
                _ => Stands::from(value),
            };
            (field, label, words)
        });
        fields.collect()
    }

    fn hint(&self, kind: AlertKind) -> String {
        let language = self.language;
        match kind {
            AlertKind::Words => t!(language, alerts.hint_words, max = ALERT_PHRASES_MAX),
            AlertKind::Pattern => t!(language, alerts.hint_pattern, max = ALERT_PATTERN_MAX),
            AlertKind::Capitals => t!(language, alerts.hint_capitals).to_owned(),
            AlertKind::Queued => t!(language, alerts.hint_queued).to_owned(),
            AlertKind::Unanswered => t!(language, alerts.hint_unanswered).to_owned(),
            AlertKind::Handled => t!(language, alerts.hint_handled).to_owned(),
            AlertKind::ThumbsDown => t!(language, alerts.hint_thumbs_down).to_owned(),
        }
    }

    fn list(&self, shown: &Shown) -> Markup {
        let language = self.language;
        html! {
            section class="card tokens__card" aria-labelledby="rules" {
                h2 class="settings__title" id="rules" { (t!(language, alerts.rules)) }
                @if self.managed.rules.is_empty() {
                    p class="field__hint" { (t!(language, alerts.none)) }
                } @else {
                    ul class="labels__list" aria-labelledby="rules" {
                        @for rule in &self.managed.rules { li { (self.rule(rule, shown)) (self.delete(rule)) } }
                    }
                }
            }
        }
    }

    /// What was typed into the form that was refused stands there still.
    fn rule(&self, rule: &AlertRule, shown: &Shown) -> Markup {
        let (language, typed) = (self.language, &shown.typed);
        let (kind, of_it) = (
            rule.condition.kind(),
            value(typed, "id") == rule.id.as_str(),
        );
        let before = condition_values(&rule.condition);
        let condition = before.into_iter().map(|(field, stored)| match of_it {
            true => (field, value(typed, field).to_owned()),
            false => (field, stored),
        });
        let values = Filled {
            key: (self.key)(),
            name: match of_it {
                true => value(typed, "name").to_owned(),
                false => rule.name.clone(),
            },
            condition: condition.collect(),
        };
        let team = self.team_name(rule);
        let active = match of_it {
            true => value(typed, "active") == "on",
            false => rule.active,
        };
        let sent = |field| if of_it { value(typed, field) } else { "" };
        let version = version_of(sent("version"), rule.version);
        let stored = values_of(&rule.name, &rule.condition, rule.active);
        let base = base_digests(sent("base"), &self.words(stored));
        html! {
            form method="post" action=(PATH) novalidate {
                input type="hidden" name="act" value="update";
                input type="hidden" name="id" value=(rule.id);
                input type="hidden" name="version" value=(version);
                input type="hidden" name="base" value=(base);
                fieldset class="alerts__rule" {
                    legend class="alerts__legend" { bdi { (rule.name) } }
                    p class="labels__team" { (kind.label(language)) " · " bdi { (team) } }
                    (self.fields(kind, &values, rule.id.as_str(), shown.refused.when(of_it)))
                    label class="row" {
                        input type="checkbox" name="active" value="on" checked[active]
                            aria-label=(t!(language, alerts.on_name, name = &rule.name));
                        (t!(language, alerts.on))
                    }
                    div class="editor__foot" {
                        button class="button" type="submit"
                            aria-label=(t!(language, alerts.save_name, name = &rule.name)) {
                            (t!(language, common.save))
                        }
                    }
                }
            }
        }
    }

    fn delete(&self, rule: &AlertRule) -> Markup {
        let language = self.language;
        let fields = html! {
            input type="hidden" name="id" value=(rule.id);
            input type="hidden" name="version" value=(rule.version);
            input type="hidden" name="key" value=((self.key)());
            p class="field__hint" { (t!(language, alerts.delete_line)) }
        };
        ask_to_delete(language, PATH, &rule.name, &fields)
    }

    fn team_name(&self, rule: &AlertRule) -> &str {
        let Some(team) = &rule.team else {
            return t!(self.language, alerts.every_team);
        };
        let mut teams = self.managed.teams.iter();
        let found = teams.find(|(id, _)| id == team);
        found.map_or(t!(self.language, alerts.team_gone), |(_, name)| name)
    }

    /// Name and condition.
    fn fields(&self, kind: AlertKind, values: &Filled, of: &str, refused: &Refused) -> Markup {
        let language = self.language;
        let id = |field: &str| [field, "-", of].concat();
        let hint = id("hint");
        let number = |field: &str, label: &str, (min, max): (i64, i64)| {
            html! {
                div class="field" {
                    label class="field__label" for=(id(field)) { (label) }
                    input class="input alerts__number" id=(id(field)) name=(field) type="number" min=(min) max=(max)
                        inputmode="numeric" value=(values.of(field)) required aria-invalid=[refused.invalid(field)]
                        aria-describedby=[refused.described(field, &hint)] autofocus[refused.first(field)];
                    (refused.line(field))
                }
            }
        };
        html! {
            input type="hidden" name="key" value=(values.key);
            input type="hidden" name="kind" value=(kind.code());
            p class="field__hint" id=(hint) { (self.hint(kind)) }
            div class="field" {
                label class="field__label" for=(id("name")) { (t!(language, alerts.name)) }
                input class="input" id=(id("name")) name="name" value=(values.name) required autocomplete="off" dir="auto"
                    aria-invalid=[refused.invalid("name")] aria-describedby=[refused.described("name", "")]
                    autofocus[refused.first("name")];
                (refused.line("name"))
            }
            @match kind {
                AlertKind::Words => {
                    div class="field" {
                        label class="field__label" for=(id("words")) { (t!(language, alerts.words)) }
                        textarea class="input" id=(id("words")) name="words" rows="4" required dir="auto"
                            aria-invalid=[refused.invalid("words")] autofocus[refused.first("words")]
                            aria-describedby=[refused.described("words", &hint)] { (values.of("words")) }
                        (refused.line("words"))
                    }
                }
                AlertKind::Pattern => {
                    div class="field" {
                        label class="field__label" for=(id("pattern")) { (t!(language, alerts.pattern)) }
                        input class="input" id=(id("pattern")) name="pattern" value=(values.of("pattern")) required
                            autocomplete="off" spellcheck="false" dir="ltr" aria-invalid=[refused.invalid("pattern")]
                            aria-describedby=[refused.described("pattern", &hint)] autofocus[refused.first("pattern")];
                        (refused.line("pattern"))
                    }
                }
                AlertKind::Capitals => {
                    (number("share", t!(language, alerts.share), ALERT_SHARE))
                    (number("letters", t!(language, alerts.letters), ALERT_LETTERS))
                }
                AlertKind::Queued | AlertKind::Unanswered | AlertKind::Handled => {
                    (number("minutes", t!(language, alerts.minutes), ALERT_MINUTES))
                }
                AlertKind::ThumbsDown => {
                    (number("count", t!(language, alerts.count), ALERT_THUMBS))
                }
            }
        }
    }

    fn new_rule(&self, shown: &Shown) -> Markup {
        let language = self.language;
        html! {
            section class="card tokens__card" aria-labelledby="new-rule" {
                h2 class="settings__title" id="new-rule" {
                    @match self.new {
                        Some(kind) => (t!(language, alerts.new_kind, kind = kind.label(language))),
                        None => (t!(language, alerts.new)),
                    }
                }
                nav class="row" aria-label=(t!(language, alerts.kinds)) {
                    @for kind in AlertKind::ALL {
                        a class="button button--quiet" href={ (PATH) "?new=" (kind.code()) "#new-rule" }
                            aria-current=[(self.new == Some(kind)).then_some("true")] {
                            (kind.label(language))
                        }
                    }
                }
                @if let Some(kind) = self.new { (self.new_form(kind, shown)) }
            }
        }
    }

    fn new_form(&self, kind: AlertKind, shown: &Shown) -> Markup {
        let (language, typed) = (self.language, &shown.typed);
        // What was typed into the form of a rule that is there says nothing of a new one.
        let again = value(typed, "act") == "create";
        let refused = shown.refused.when(again);
        let proposed = condition_values(&proposed(kind)).into_iter();
        let condition = proposed.map(|(field, proposed)| match again {
            true => (field, value(typed, field).to_owned()),
            false => (field, proposed),
        });
        let values = Filled {
            key: match value(typed, "key") {
                key if again && !key.is_empty() => key.to_owned(),
                _ => (self.key)(),
            },
            name: value(typed, "name").to_owned(),
            condition: condition.collect(),
        };
        html! {
            form class="editor__form" method="post" action=(PATH) novalidate {
                input type="hidden" name="act" value="create";
                (self.fields(kind, &values, "new", refused))
                div class="field" {
                    label class="field__label" for="team-new" { (t!(language, alerts.team)) }
                    select class="select" id="team-new" name="team" aria-invalid=[refused.invalid("team")]
                        aria-describedby=[refused.described("team", "")] autofocus[refused.first("team")] {
                        option value="" { (t!(language, alerts.every_team)) }
                        @for (id, name) in &self.managed.teams {
                            option value=(id) dir="auto" selected[value(typed, "team") == id.as_str()] { (name) }
                        }
                    }
                    (refused.line("team"))
                }
                div class="editor__foot" {
                    button class="button button--primary" type="submit" { (t!(language, alerts.add)) }
                }
            }
        }
    }
}
