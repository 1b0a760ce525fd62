//! What the page looks like: sections of key figures, pictures and tables.

use i18n::{Label, Language, t};
use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use shared::labels::{LabelKind, LabelRef};

use super::figures::{
    Around, CoachingSummary, Median, RatingSummary, RequestSummary, around, bars, coaching,
    coaching_by, conversations, heat, mean_duration, mean_first_answer, quarter_bars, rated,
    rated_by, requests, requests_by, requests_by_team,
};
use super::range::{DAYS_MAX, Problem};
use super::words::{duration, mean, median, share};
use super::{Asked, PATH, plot};
use crate::http::assets;
use crate::http::forms::value;
use crate::http::plain_page::{MAIN, UserPage};
use crate::http::refused::Refused;
use crate::queries::Analytics;
use crate::store::rows::{AroundFigure, LabelFigure};

/// Ranges that a click chooses, in days until today.
const RANGES: [i64; 4] = [7, 28, 90, 365];
/// How many rows a table of people or templates has.
const ROWS: usize = 50;

/// The page with what it shows.
pub(super) struct View<'a> {
    pub(super) language: Language,
    /// Whether its reader may save the requests themselves.
    pub(super) lists_requests: bool,
    pub(super) analytics: &'a Analytics,
    pub(super) asked: &'a Asked,
    /// What was typed into the form.
    pub(super) fields: &'a [(String, String)],
    /// The fields of it that cannot be read.
    pub(super) refused: &'a Refused,
}

/// What is wrong with the range that was asked for, at its fields.
pub(super) fn refused(language: Language, problems: &[Problem]) -> Refused {
    let mut refused = Refused::default();
    for problem in problems {
        refused.add(problem.field(), reason(language, *problem));
    }
    refused
}

fn reason(language: Language, problem: Problem) -> String {
    match problem {
        Problem::From => t!(language, analytics.wrong_from).to_owned(),
        Problem::To => t!(language, analytics.wrong_to).to_owned(),
        Problem::Order => t!(language, analytics.wrong_order).to_owned(),
        Problem::TooLong => t!(language, analytics.too_long, max = DAYS_MAX),
        Problem::Zone => t!(language, analytics.wrong_zone).to_owned(),
    }
}

/// A key figure.
struct Key<'a> {
    name: &'a str,
    now: String,
    /// Of how many it is the median.
    of: Option<i64>,
    before: String,
}

impl<'a> Key<'a> {
    fn new(name: &'a str, now: String, before: String) -> Self {
        Self {
            name,
            now,
            of: None,
            before,
        }
    }

    fn count(name: &'a str, now: i64, before: i64) -> Self {
        Self::new(name, now.to_string(), before.to_string())
    }

    fn time(name: &'a str, now: Option<i64>, before: Option<i64>) -> Self {
        Self::new(name, duration(now), duration(before))
    }

    fn median(language: Language, name: &'a str, now: Median, before: Median) -> Self {
        Self {
            of: Some(now.of),
            ..Self::new(name, duration(now.seconds), median(language, before))
        }
    }
}

impl View<'_> {
    pub(super) fn page(&self) -> UserPage {
        let language = self.language;
        let title = t!(language, analytics.title);
        let main = html! {
            main class="page admin analytics" id=(MAIN) tabindex="-1" {
                div class="page__head" { h1 class="page__title" { (title) } }
                p class="row" { a class="button button--quiet" href="/" { (t!(language, analytics.back)) } }
                (self.form())
                (self.section("requests", t!(language, analytics.requests), self.requests()))
                (self.section("coaching", t!(language, analytics.coaching), self.coaching()))
                @if !self.analytics.around.is_empty() {
                    (self.section("around_coaching", t!(language, analytics.around), self.around_coaching()))
                }
                (self.section("conversations", t!(language, analytics.conversations), self.conversations()))
                (self.section("labels", t!(language, labels.title), self.labels()))
                (self.section("ratings", t!(language, analytics.ratings), self.ratings()))
            }
            script type="module" src=(assets::url("analytics.js")) {}
        };
        UserPage::new(title, main)
    }

    /// The address of the page or of a file, with these days and what else was asked for.
    fn address(&self, path: &str, days: (Date, Date), figure: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1);
        let query = query
            .append_pair("from", &days.0.to_string())
            .append_pair("to", &days.1.to_string())
            .append_pair("zone", self.asked.range.zone());
        if let Some(team) = &self.asked.team {
            query.append_pair("team", team.as_str());
        }
        if let Some(figure) = figure {
            query.append_pair("figure", figure);
        }
        query.finish()
    }

    /// The address of so many days until today.
    fn last(&self, days: i64) -> String {
        let today = self.asked.today;
        let from = today.saturating_sub((days - 1).days());
        self.address(PATH, (from, today), None)
    }

    fn form(&self) -> Markup {
        let (language, refused) = (self.language, self.refused);
        let range = &self.asked.range;
        let (from, to) = (range.from.to_string(), range.to.to_string());
        let typed = |name: &str, shown: &str| match refused.is_empty() {
            false => value(self.fields, name).to_owned(),
            true => shown.to_owned(),
        };
        let box_of = |name: &str, label: &str, kind: &str, shown: &str| {
            html! {
                div class="field" {
                    label class="field__label" for=(name) { (label) }
                    input class="input" id=(name) name=(name) type=(kind) value=(typed(name, shown)) dir="ltr" autocomplete="off"
                        aria-invalid=[refused.invalid(name)] aria-describedby=[refused.described(name, "")]
                        autofocus[refused.first(name)];
                    (refused.line(name))
                }
            }
        };
        html! {
            form class="audit__filter card" method="get" action=(PATH) id="range" data-zone=[self.zone_is_open()] {
                @if let Some(reasons) = refused.reasons() {
                    p class="notice notice--error audit__hint" role="alert" id="problem" { (reasons) }
                }
                (box_of("from", t!(language, analytics.from), "date", &from))
                (box_of("to", t!(language, analytics.to), "date", &to))
                div class="field" {
                    label class="field__label" for="team" { (t!(language, analytics.team)) }
                    select class="input" id="team" name="team" {
                        option value="" { (t!(language, analytics.all_teams)) }
                        @for (team, name) in &self.analytics.teams {
                            option value=(team.as_str()) selected[self.asked.team.as_ref() == Some(team)] { (name) }
                        }
                    }
                }
                (box_of("zone", t!(language, analytics.zone), "text", range.zone()))
                div class="audit__actions" {
                    button class="button button--primary" type="submit" { (t!(language, analytics.show)) }
                    @for days in RANGES { a class="button button--quiet" href=(self.last(days)) {
                        (t!(language, analytics.last, count = days))
                    } }
                }
            }
        }
    }

    /// Whether nobody has said which zone; then the browser does.
    fn zone_is_open(&self) -> Option<&'static str> {
        value(self.fields, "zone").is_empty().then_some("open")
    }

    fn section(&self, figure: &str, title: &str, content: Markup) -> Markup {
        let id = [figure, "-title"].concat();
        let range = &self.asked.range;
        let file = self.address("/analytics/export", (range.from, range.to), Some(figure));
        html! {
            section class="card analytics__section" aria-labelledby=(id) {
                div class="analytics__head" {
                    h2 class="section__title" id=(id) { (title) }
                    a class="button button--quiet" href=(file) download {
                        "CSV" span class="visually-hidden" { ": " (title) }
                    }
                }
                (content)
            }
        }
    }

    /// Key figures beside those of the range before.
    fn keys(&self, keys: &[Key<'_>]) -> Markup {
        html! {
            dl class="analytics__keys" {
                @for key in keys {
                    div class="analytics__key" {
                        dt { (key.name) }
                        dd { span class="analytics__value" { (key.now) } " "
                            span class="analytics__before" {
                                @if let Some(number) = key.of { (t!(self.language, analytics.n, number = number)) " · " }
                                (t!(self.language, analytics.before, value = key.before))
                            } }
                    }
                }
            }
        }
    }

    fn table(&self, title: &str, heads: &[&str], rows: &[(Markup, Vec<String>)]) -> Markup {
        if rows.is_empty() {
            return html! {};
        }
        html! {
            div class="table-wrap analytics__table" tabindex="0" role="region" aria-label=(title) {
                table class="table" aria-label=(title) {
                    thead { tr { th scope="col" { (title) } @for head in heads { th scope="col" { (head) } } } }
                    tbody { @for (name, cells) in rows.iter().take(ROWS) {
                        tr { th scope="row" { (name) } @for cell in cells { td { (cell) } } }
                    } }
                }
            }
        }
    }

    fn requests(&self) -> Markup {
        let (language, range) = (self.language, &self.asked.range);
        let all = &self.analytics.now.requests;
        let (now, before) = (
            requests(all.iter()),
            requests(self.analytics.before.requests.iter()),
        );
        let count = |of: fn(&RequestSummary) -> i64, name| Key::count(name, of(&now), of(&before));
        let time = |of: fn(&RequestSummary) -> Median, name| {
            Key::median(language, name, of(&now), of(&before))
        };
        let cells = |summary: &RequestSummary| {
            vec![
                summary.count.to_string(),
                summary.done.to_string(),
                median(language, summary.to_claim),
                median(language, summary.to_answer),
                median(language, summary.to_done),
            ]
        };
        let heads = [
            t!(language, analytics.count),
            t!(language, analytics.done),
            t!(language, analytics.to_claim),
            t!(language, analytics.to_answer),
            t!(language, analytics.to_done),
        ];
        let agents: Vec<_> = requests_by(all, |request| (&request.agent.id, &request.agent.name))
            .into_iter()
            .map(|((_, name), summary)| (html! { bdi { (name) } }, cells(&summary)))
            .collect();
        // Templates that were deleted have no titles by which to tell them apart.
        let templates = requests_by(all, |request| {
            let template = request.template.as_ref()?;
            Some((&template.id, template.title.as_deref()?))
        });
        let templates: Vec<_> = templates
            .into_iter()
            .map(|(template, summary)| {
                let gone = t!(language, analytics.message_gone);
                let title = template.map_or(gone, |(_, title)| title);
                (html! { bdi { (title) } }, cells(&summary))
            })
            .collect();
        let teams: Vec<_> = requests_by_team(all, &self.analytics.teams)
            .into_iter()
            .map(|(name, summary)| (html! { bdi { (name) } }, cells(&summary)))
            .collect();
        html! {
            (self.keys(&[
                count(|of| of.count, t!(language, analytics.requests)),
                count(|of| of.done, t!(language, analytics.done)),
                count(|of| of.withdrawn, t!(language, analytics.withdrawn)),
                count(|of| of.lapsed, t!(language, analytics.lapsed)),
                count(|of| of.open, t!(language, analytics.open)),
                time(|of| of.to_claim, t!(language, analytics.to_claim)),
                time(|of| of.to_answer, t!(language, analytics.to_answer)),
                time(|of| of.to_done, t!(language, analytics.to_done)),
            ]))
            p class="analytics__hint" { (t!(language, analytics.medians)) }
            (plot::bars(language, "requests-days", t!(language, analytics.requests_by_day),
                &bars(range, all.iter().map(|request| (request.at, 1)))))
            @if !all.is_empty() { (plot::heat_map(language, t!(language, analytics.by_hour), &heat(range, all))) }
            (self.table(t!(language, analytics.message), &heads, &templates))
            (self.table(t!(language, analytics.team), &heads, &teams))
            (self.table(t!(language, analytics.agent), &heads, &agents))
            (self.requests_file())
        }
    }

    /// The requests themselves, of the days that are shown.
    fn requests_file(&self) -> Markup {
        let range = &self.asked.range;
        let file = self.address("/dashboard/requests/export", (range.from, range.to), None);
        html! {
            @if self.lists_requests {
                p class="row" {
                    a class="button button--quiet" href=(file) download { (t!(self.language, analytics.requests_file)) }
                }
            }
        }
    }

    fn coaching(&self) -> Markup {
        let (language, range) = (self.language, &self.asked.range);
        let figures = &self.analytics.now.coaching;
        let (now, before) = (coaching(figures), coaching(&self.analytics.before.coaching));
        let key = |of: fn(&CoachingSummary) -> i64, name| Key::count(name, of(&now), of(&before));
        let heads = [
            t!(language, analytics.messages),
            t!(language, analytics.thumbs_up),
            t!(language, analytics.thumbs_down),
            t!(language, analytics.forwarded),
        ];
        let cells = |summary: &CoachingSummary| {
            vec![
                summary.messages.to_string(),
                summary.thumbs_up.to_string(),
                summary.thumbs_down.to_string(),
                summary.forwarded.to_string(),
            ]
        };
        let supervisors: Vec<_> = coaching_by(figures, |of| (!of.replies).then_some(&of.author))
            .into_iter()
            .map(|(person, summary)| (html! { bdi { (person.name) } }, cells(&summary)))
            .collect();
        let agents: Vec<_> = coaching_by(figures, |of| of.agent.as_ref())
            .into_iter()
            .map(|(person, summary)| {
                let mut cells = cells(&summary);
                cells.push(summary.replies.to_string());
                (html! { bdi { (person.name) } }, cells)
            })
            .collect();
        let of_agents = [&heads[..], &[t!(language, analytics.replies)]].concat();
        html! {
            (self.keys(&[
                key(|of| of.messages, t!(language, analytics.messages)),
                key(|of| of.thumbs_up, t!(language, analytics.thumbs_up)),
                key(|of| of.thumbs_down, t!(language, analytics.thumbs_down)),
                key(|of| of.forwarded, t!(language, analytics.forwarded)),
                key(|of| of.replies, t!(language, analytics.replies)),
            ]))
            (plot::bars(language, "coaching-days", t!(language, analytics.coaching_by_day),
                &quarter_bars(range, &self.analytics.now.coached)))
            (self.table(t!(language, analytics.supervisor), &heads, &supervisors))
            (self.table(t!(language, analytics.agent), &of_agents, &agents))
        }
    }

    /// Each agent's conversations before and after the first coaching of the range.
    fn around_coaching(&self) -> Markup {
        let language = self.language;
        let agents = around(&self.analytics.around);
        let pair = |around: &Around<'_>, of: &dyn Fn(&AroundFigure) -> String| {
            [around.before, around.after].map(|side| side.map_or_else(|| "–".to_owned(), of))
        };
        let rows: Vec<_> = agents
            .iter()
            .map(|(agent, around)| {
                let cells = [
                    pair(around, &|side| side.conversations.to_string()),
                    pair(around, &|side| duration(mean_first_answer(side))),
                    pair(around, &|side| duration(mean_duration(side))),
                ];
                (html! { bdi { (agent.name) } }, cells.concat())
            })
            .collect();
        let heads = [
            t!(language, analytics.around_before),
            t!(language, analytics.around_after),
            t!(language, analytics.around_answer_before),
            t!(language, analytics.around_answer_after),
            t!(language, analytics.around_duration_before),
            t!(language, analytics.around_duration_after),
        ];
        let drawn = |of: fn(&AroundFigure) -> Option<i64>| -> Vec<_> {
            let of = |side: Option<&AroundFigure>| side.and_then(of);
            let agents = agents.iter().take(ROWS);
            agents
                .map(|(agent, around)| plot::Pair {
                    name: &agent.name,
                    before: of(around.before),
                    after: of(around.after),
                })
                .collect()
        };
        html! {
            p class="analytics__hint" { (t!(language, analytics.around_words)) }
            (plot::pairs(language, "around-answers", t!(language, analytics.around_answer), &drawn(mean_first_answer)))
            (plot::pairs(language, "around-durations", t!(language, analytics.around_duration), &drawn(mean_duration)))
            (self.table(t!(language, analytics.around_agent), &heads, &rows))
        }
    }

    fn conversations(&self) -> Markup {
        let (language, range) = (self.language, &self.asked.range);
        let figures = &self.analytics.now.conversations;
        let now = conversations(figures, None);
        let before = conversations(&self.analytics.before.conversations, None);
        let middle = |name, now, before| Key::median(language, name, now, before);
        let heads = [
            t!(language, analytics.begun),
            t!(language, analytics.answered),
            t!(language, analytics.waiting),
            t!(language, analytics.waiting_most),
            t!(language, analytics.first_answer),
            t!(language, analytics.first_answer_most),
            t!(language, analytics.duration),
            t!(language, analytics.handling),
            t!(language, analytics.handling_most),
        ];
        let channels: Vec<_> = figures
            .channels
            .iter()
            .map(|(channel, _)| {
                let summary = conversations(figures, Some(*channel));
                let cells = vec![
                    summary.begun.to_string(),
                    summary.answered.to_string(),
                    median(language, summary.waiting),
                    duration(summary.waiting_most),
                    median(language, summary.first_answer),
                    duration(summary.first_answer_most),
                    median(language, summary.duration),
                    median(language, summary.handling),
                    duration(summary.handling_most),
                ];
                (html! { (channel.label(language)) }, cells)
            })
            .collect();
        html! {
            (self.keys(&[
                Key::count(t!(language, analytics.begun), now.begun, before.begun),
                Key::count(t!(language, analytics.answered), now.answered, before.answered),
                middle(t!(language, analytics.waiting), now.waiting, before.waiting),
                Key::time(t!(language, analytics.waiting_most), now.waiting_most, before.waiting_most),
                middle(t!(language, analytics.first_answer), now.first_answer, before.first_answer),
                Key::time(t!(language, analytics.first_answer_most), now.first_answer_most, before.first_answer_most),
                middle(t!(language, analytics.duration), now.duration, before.duration),
                middle(t!(language, analytics.handling), now.handling, before.handling),
                Key::time(t!(language, analytics.handling_most), now.handling_most, before.handling_most),
            ]))
            p class="analytics__hint" { (t!(language, analytics.conversation_times)) }
            (plot::bars(language, "conversations-days", t!(language, analytics.conversations_by_day),
                &quarter_bars(range, &figures.begun)))
            (self.table(t!(language, analytics.channel), &heads, &channels))
        }
    }

    /// How conversations ended and what they were about, beside the range before.
    fn labels(&self) -> Markup {
        let language = self.language;
        let before = |label: &LabelRef| {
            let mut before = self.analytics.before.labels.iter();
            let found = before.find(|figure| figure.label.id == label.id);
            found.map_or(0, |figure| figure.count)
        };
        let rows = |kind: LabelKind| -> Vec<_> {
            let figures = self.analytics.now.labels.iter();
            let figures = figures.filter(|figure| figure.label.kind == kind);
            figures
                .map(|LabelFigure { label, count }| {
                    let cells = vec![count.to_string(), before(label).to_string()];
                    (html! { bdi { (label.name) } }, cells)
                })
                .collect()
        };
        let heads = [
            t!(language, analytics.conversations),
            t!(language, analytics.range_before),
        ];
        if self.analytics.now.labels.is_empty() {
            return html! { p class="analytics__hint" { (t!(language, analytics.no_labels)) } };
        }
        html! {
            (self.table(t!(language, labels.outcome), &heads, &rows(LabelKind::Outcome)))
            (self.table(t!(language, labels.tag), &heads, &rows(LabelKind::Tag)))
        }
    }

    /// What customers thought of their chats, by team and by agent.
    fn ratings(&self) -> Markup {
        let language = self.language;
        let figures = &self.analytics.now.ratings;
        let now = rated(figures.iter());
        let before = rated(self.analytics.before.ratings.iter());
        let heads = [
            t!(language, analytics.count),
            t!(language, analytics.rating_mean),
            t!(language, analytics.rating_share),
        ];
        let cells = |summary: RatingSummary| {
            vec![
                summary.count.to_string(),
                mean(language, summary),
                share(language, summary),
            ]
        };
        let teams: Vec<_> = rated_by(figures, |of| (&of.team, &of.team_name))
            .into_iter()
            .map(|((_, name), summary)| (html! { bdi { (name) } }, cells(summary)))
            .collect();
        let agents: Vec<_> = rated_by(figures, |of| {
            of.agent.as_ref().map(|agent| (&agent.id, &agent.name))
        })
        .into_iter()
        .map(|(agent, summary)| {
            let name = agent.map_or(t!(language, analytics.no_agent), |(_, name)| name);
            (html! { bdi { (name) } }, cells(summary))
        })
        .collect();
        html! {
            (self.keys(&[
                Key::count(t!(language, analytics.count), now.count, before.count),
                Key::new(t!(language, analytics.rating_mean), mean(language, now), mean(language, before)),
                Key::new(t!(language, analytics.rating_share), share(language, now), share(language, before)),
            ]))
            p class="analytics__hint" { (t!(language, analytics.ratings_hint)) }
            (self.table(t!(language, analytics.team), &heads, &teams))
            (self.table(t!(language, analytics.agent), &heads, &agents))
        }
    }
}
