//! What the page of the import looks like.

use i18n::{Label, Language, t};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shared::people::Role;

use super::PATH;
use super::file::{COLUMNS, KIB_MAX, Unreadable};
use crate::desk::user_import::{CheckedRow, Column, Created, Fault, NewUser, ROWS_MAX};
use crate::http::csv::csv_line;
use crate::http::plain_page::{
    FormPage, Happened, Proof, UserPage, form_page, made_line, password_field,
};
use crate::http::refused::Refused;

/// How a file begins.
const EXAMPLE: &str = "username,name,roles,teams\nuna,Una Umber,agent,Care|Sales\nvic,Vic Vale,agent|supervisor,Care\n";

/// What the page shows beside its form.
#[derive(Default)]
pub(super) struct Shown {
    /// Why nothing was done.
    pub(super) problem: Option<String>,
    /// The field that it is about.
    pub(super) refused: Refused,
    /// What stands in the box for text.
    pub(super) text: String,
    /// The key of the import, once there is one.
    pub(super) key: Option<String>,
    /// What would become of the rows.
    pub(super) checked: Option<Vec<CheckedRow>>,
    /// Who was created.
    pub(super) created: Vec<Created>,
}

impl Shown {
    fn is_ready(&self) -> bool {
        let checked = self.checked.as_ref();
        checked.is_some_and(|rows| rows.iter().all(|row| row.result.is_ok()))
    }

    /// Whether something stands in the way.
    pub(super) fn is_refused(&self) -> bool {
        self.problem.is_some() || (self.checked.is_some() && !self.is_ready())
    }
}

/// The page with what it needs.
pub(super) struct View<'a> {
    pub(super) language: Language,
    pub(super) username: &'a str,
    /// The names of the teams.
    pub(super) teams: &'a [String],
    /// How a proof is asked for, where one is.
    pub(super) proof: Option<Proof>,
    /// Makes a key of a command.
    pub(super) key: &'a dyn Fn() -> String,
}

impl View<'_> {
    pub(super) fn page(&self, shown: &Shown) -> UserPage {
        let language = self.language;
        let page = FormPage {
            title: t!(language, user_import.title),
            lead: "",
            back: ("/admin/users", t!(language, user_import.back)),
            happened: Happened {
                language,
                said: None,
                problem: shown.problem.as_deref(),
                at_field: !shown.refused.is_empty(),
                lost: &[],
            },
        };
        let content = html! {
            @if !shown.created.is_empty() { (self.created(&shown.created)) }
            @else {
                @if let Some(checked) = &shown.checked { (self.preview(shown, checked)) }
                @if !shown.is_ready() { (self.form(&shown.text)) }
            }
        };
        let mut page = form_page(&page, &content);
        page.unfinished = shown.is_ready();
        page
    }

    fn form(&self, text: &str) -> Markup {
        let language = self.language;
        html! {
            section class="card tokens__card" aria-labelledby="import-file" {
                h2 class="settings__title" id="import-file" { (t!(language, user_import.file)) }
                p { (t!(language, user_import.lead, rows = ROWS_MAX, size = KIB_MAX)) }
                pre class="import__example" dir="ltr" { (EXAMPLE) }
                p class="field__hint" { (t!(language, user_import.roles_hint, sign = "|")) }
                @if !self.teams.is_empty() {
                    p class="field__hint" {
                        (t!(language, user_import.teams_hint)) " "
                        @for (place, team) in self.teams.iter().enumerate() {
                            @if place > 0 { ", " }
                            bdi { (team) }
                        }
                    }
                }
                form class="editor__form" method="post" action=(PATH) enctype="multipart/form-data" {
                    div class="field" {
                        label class="field__label" for="import-upload" { (t!(language, user_import.upload)) }
                        input class="input" id="import-upload" name="file" type="file" accept=".csv,text/csv,text/plain";
                    }
                    div class="field" {
                        label class="field__label" for="import-text" { (t!(language, user_import.paste)) }
                        textarea class="input import__text" id="import-text" name="text" rows="8" dir="auto" spellcheck="false"
                            autocomplete="off" { "\n" (text) }
                    }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" { (t!(language, user_import.check)) }
                    }
                }
            }
        }
    }

    fn preview(&self, shown: &Shown, checked: &[CheckedRow]) -> Markup {
        let language = self.language;
        let wrong = checked.iter().filter(|row| row.result.is_err()).count();
        let proves = checked.iter().any(|row| {
            let user = row.result.as_ref().ok();
            user.is_some_and(NewUser::needs_proof)
        });
        let key = shown.key.clone().unwrap_or_else(self.key);
        html! {
            p class="admin__lead" role="status" id="import-said" tabindex="-1" autofocus[shown.problem.is_none()] {
                @if wrong > 0 { (t!(language, user_import.wrong, count = wrong)) }
                @else { (t!(language, user_import.right, count = checked.len())) }
            }
            @if wrong == 0 {
                form class="editor__form card tokens__card" method="post" action=(PATH) enctype="multipart/form-data" {
                    input type="hidden" name="act" value="import";
                    input type="hidden" name="key" value=(key);
                    input type="hidden" name="text" value=(shown.text);
                    @if let Some(proof) = self.proof.as_ref().filter(|_| proves) {
                        (password_field(language, self.username, ("import-password", proof), &shown.refused))
                    }
                    div class="editor__foot" {
                        button class="button button--primary" type="submit" {
                            (t!(language, user_import.import, count = checked.len()))
                        }
                        a class="button button--quiet" href=(PATH) { (t!(language, user_import.other)) }
                    }
                }
            }
            (self.table(t!(language, user_import.preview), &[
                t!(language, user_import.line),
                t!(language, users.username),
                t!(language, users.name),
                t!(language, user_import.result),
            ], &html! { @for row in checked { (self.row(row)) } }))
        }
    }

    fn table(&self, name: &str, columns: &[&str], rows: &Markup) -> Markup {
        html! {
            div class="admin__list card" {
                div class="table-wrap" tabindex="0" role="region" aria-label=(name) {
                    table class="table admin__table" aria-label=(name) {
                        thead { tr { @for column in columns { th scope="col" { (column) } } } }
                        tbody { (rows) }
                    }
                }
            }
        }
    }

    fn row(&self, checked: &CheckedRow) -> Markup {
        let language = self.language;
        let [username, name, ..] = &checked.row.texts;
        html! {
            tr {
                td { (checked.row.line) }
                th scope="row" class="admin__text" dir="auto" { (beginning(username)) }
                td class="admin__text" dir="auto" { (beginning(name)) }
                td class="admin__text" {
                    @match &checked.result {
                        Ok(user) => { (self.becomes(user)) }
                        Err(faults) => {
                            ul class="tokens__scopes" role="list" {
                                @for fault in faults { li class="field__error" { (fault_text(language, fault)) } }
                            }
                        }
                    }
                }
            }
        }
    }

    fn becomes(&self, user: &NewUser) -> Markup {
        let language = self.language;
        let roles = user.roles.iter().map(|role| {
            let mut built = user.built.iter();
            let built = built.find(|built| built.kind == *role);
            built.map_or(role.label(language), |built| built.name.as_str())
        });
        let roles: Vec<&str> = roles.collect();
        let teams: Vec<&str> = user.teams.iter().map(|(_, name)| &name[..]).collect();
        let teams = teams.join(", ");
        let in_teams = |role| !teams.is_empty() && user.roles.contains(&role);
        html! {
            div { (t!(language, user_import.created_as, roles = roles.join(", "))) }
            @if in_teams(Role::Agent) { div { (t!(language, user_import.works_in, teams = &teams)) } }
            @if in_teams(Role::Supervisor) { div { (t!(language, user_import.supervises, teams = &teams)) } }
        }
    }

    /// Passwords stand in this answer and nowhere else, so the file of them is part of it.
    fn created(&self, created: &[Created]) -> Markup {
        let language = self.language;
        let rows = created
            .iter()
            .map(|user| [&user.username[..], &user.name, &user.password]);
        let lines: String = rows.map(csv_line).collect();
        let file = csv_line(["username", "name", "password"]) + &lines;
        let file = utf8_percent_encode(&file, NON_ALPHANUMERIC);
        html! {
            section class="card tokens__card" aria-labelledby="import-done" data-once {
                (made_line("import-done", &t!(language, user_import.done, count = created.len())))
                p class="row" {
                    a class="button" download="passwords.csv" href={ "data:text/csv;charset=utf-8," (file) } {
                        (t!(language, user_import.save))
                    }
                }
            }
            (self.table(t!(language, user_import.passwords), &[
                t!(language, users.username),
                t!(language, users.name),
                t!(language, users.password),
            ], &html! {
                @for user in created {
                    tr {
                        th scope="row" { (user.username) }
                        td class="admin__text" dir="auto" { (user.name) }
                        td { code dir="ltr" { (user.password) } }
                    }
                }
            }))
        }
    }
}

/// As much of a field as is said back.
fn beginning(text: &str) -> String {
    text.chars().take(100).collect()
}

fn column_name(column: Column) -> &'static str {
    match column {
        Column::Username => COLUMNS[0],
        Column::Name => COLUMNS[1],
        Column::Roles => COLUMNS[2],
        Column::Teams => COLUMNS[3],
    }
}

/// What is wrong with a row, with the name of the column.
fn fault_text(language: Language, fault: &Fault) -> String {
    let (column, text) = match fault {
        Fault::Fields { expected, actual } => {
            return t!(
                language,
                user_import.fields,
                expected = *expected,
                actual = *actual
            );
        }
        Fault::Field(column, problem) => (*column, i18n::problem_text(language, problem)),
        Fault::Twice { line } => (
            Column::Username,
            t!(language, user_import.twice, line = line.to_string()),
        ),
        Fault::UnknownRole(role) => (
            Column::Roles,
            t!(language, user_import.unknown_role, role = role),
        ),
        Fault::UnknownTeam(team) => (
            Column::Teams,
            t!(language, user_import.unknown_team, team = team),
        ),
        Fault::NoTeamRole => (
            Column::Teams,
            t!(language, user_import.no_team_role).to_owned(),
        ),
    };
    format!("{}: {text}", column_name(column))
}

/// Why a file cannot be read.
pub(super) fn unreadable_text(language: Language, unreadable: &Unreadable) -> String {
    match unreadable {
        Unreadable::TooLarge => t!(language, user_import.too_large, size = KIB_MAX),
        Unreadable::NotText => t!(language, user_import.not_text).to_owned(),
        Unreadable::Empty => t!(language, user_import.empty).to_owned(),
        Unreadable::TooManyRows => t!(language, user_import.rows_exceeded, rows = ROWS_MAX),
        Unreadable::ColumnMissing(column) => {
            t!(language, user_import.column_missing, column = *column)
        }
        Unreadable::ColumnUnknown(column) => {
            t!(language, user_import.column_unknown, column = column)
        }
        Unreadable::ColumnTwice(column) => t!(language, user_import.column_twice, column = *column),
    }
}
