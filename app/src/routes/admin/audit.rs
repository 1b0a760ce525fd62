//! `/admin/audit`: who did what, and what was refused.
//!
//! What is asked for stands in the address. The filter, the step to older rows and the exports are one plain form, so that
//! they work before the wasm has arrived and take no code of it.

use i18n::setting_value;
use leptos::prelude::*;
use leptos_router::hooks::use_url;
use shared::audit::{ACTS, AuditChange, AuditOutcome, AuditPage, AuditQuery, AuditRow};
use shared::organisation::SETTINGS;

use super::loading_view;
use crate::api::audit::AuditList;
use crate::components::time::LocalTime;
use crate::components::{Icon, PageTitle};
use crate::first_data::first_answer;
use crate::language::{audit_act, audit_field, days_hint, label, language};
use crate::query;

/// The call that an address asks for.
pub fn asked(search: &str) -> AuditList {
    let query = AuditQuery::of(|name| query::value(search, name));
    let language = Some(language());
    AuditList { query, language }
}

/// The page of the audit log.
#[component]
pub fn AuditLogPage() -> impl IntoView {
    let url = use_url();
    let loaded = first_answer(move || Some(url.with(|url| asked(url.search()))));
    let query = move || url.with_untracked(|url| asked(url.search()).query);
    view! {
        <PageTitle text=t!(audit.title) />
        {loaded.show(loading_view, move |page| log_view(query(), page).into_any())}
    }
}

fn log_view(query: AuditQuery, page: AuditPage) -> impl IntoView {
    let older = page.next.map(|next| {
        view! {
            <button class="button" type="submit" form="audit-filter" name="before" value=next>
                {t!(audit.older)}
            </button>
        }
        .into_any()
    });
    let rows = match page.rows.is_empty() {
        true => empty_view(),
        false => table_view(page.rows),
    };
    view! {
        <div class="page admin audit">
            <div class="page__head">
                <h1 class="page__title">{t!(audit.title)}</h1>
            </div>
            <p class="admin__lead">{t!(audit.lead)}</p>
            {filter_view(query)}
            <div class="admin__list card">{rows}</div>
            <div class="audit__foot">{older}</div>
        </div>
    }
}

fn empty_view() -> AnyView {
    view! {
        <div class="empty">
            <Icon name="search" />
            <p class="empty__title">{t!(audit.empty)}</p>
        </div>
    }
    .into_any()
}

fn filter_view(asked: AuditQuery) -> impl IntoView {
    let acts = ACTS.iter().map(|act| (*act, audit_act(act)));
    let outcomes = [AuditOutcome::Done, AuditOutcome::Refused];
    let outcomes = outcomes.map(|outcome| (outcome.code(), label(outcome).to_owned()));
    let zone = query::zone_of_days(&asked.from, &asked.to, &asked.zone);
    let (days, zone) = (days_hint(zone), zone.unwrap_or_default().to_owned());
    view! {
        <form class="audit__filter card" id="audit-filter" method="get" action="/admin/audit" role="search">
            {field_view("from", "date", t!(audit.from), asked.from)}
            {field_view("to", "date", t!(audit.to), asked.to)}
            {field_view("user", "text", t!(audit.user), asked.user)}
            {choice_view("act", t!(audit.act), acts.collect(), &asked.act)}
            {field_view("object", "text", t!(audit.object), asked.object)}
            {field_view("agent", "text", t!(audit.agent), asked.agent)}
            {choice_view("outcome", t!(audit.outcome), outcomes.to_vec(), &asked.outcome)}
            <input type="hidden" name="zone" value=zone />
            <div class="audit__actions">
                <button class="button button--primary" type="submit">{t!(audit.show)}</button>
                {export_view("csv", t!(audit.export_csv))}
                {export_view("jsonl", t!(audit.export_json))}
            </div>
            <p class="field__hint audit__hint">{days}" "{t!(audit.hint)}</p>
        </form>
    }
}

fn export_view(format: &'static str, text: &'static str) -> AnyView {
    view! {
        <button class="button" type="submit" formaction="/admin/audit/export" name="format" value=format>
            {text}
        </button>
    }
    .into_any()
}

fn field_view(
    name: &'static str,
    kind: &'static str,
    text: &'static str,
    value: String,
) -> AnyView {
    let id = ["audit-", name].concat();
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{text}</label>
            <input class="input" id=id name=name type=kind value=value autocomplete="off" spellcheck="false" dir="auto" />
        </div>
    }
    .into_any()
}

fn choice_view(
    name: &'static str,
    text: &'static str,
    choices: Vec<(&'static str, String)>,
    chosen: &str,
) -> AnyView {
    let id = ["audit-", name].concat();
    let options = choices.into_iter().map(|(value, text)| {
        view! { <option value=value selected=value == chosen>{text}</option> }.into_any()
    });
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{text}</label>
            <select class="input" id=id name=name>
                <option value="">{t!(audit.any)}</option>
                {options.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

fn table_view(rows: Vec<AuditRow>) -> AnyView {
    view! {
        <table class="table admin__table audit__table" aria-label=t!(audit.title)>
            <thead>
                <tr>
                    <th scope="col">{t!(audit.time)}</th>
                    <th scope="col">{t!(audit.who)}</th>
                    <th scope="col">{t!(audit.act)}</th>
                    <th scope="col">{t!(audit.object)}</th>
                    <th scope="col">{t!(audit.changes)}</th>
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(row_view).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn row_view(row: AuditRow) -> AnyView {
    let refused = row.outcome == AuditOutcome::Refused;
    let actor = match row.actor {
        Some(actor) => actor.name,
        None => t!(audit.nobody).to_owned(),
    };
    // The id is what exports name it by.
    let id = row
        .about_name
        .is_some()
        .then(|| view! { <br /><small class="admin__lead">{row.about.clone()}</small> }.into_any());
    let object = row.about_name.unwrap_or(row.about);
    let settings = row.what == "organisation_save";
    let skipped = (row.skipped > 0).then(|| t!(audit.skipped, count = row.skipped));
    view! {
        <tr>
            <td><LocalTime at=row.at seconds=true /></td>
            <td dir="auto">{actor}</td>
            <th scope="row" class="admin__name">
                {audit_act(&row.what)}
                {refused.then(|| view! { " "<span class="badge">{label(AuditOutcome::Refused)}</span> }.into_any())}
            </th>
            <td class="admin__text"><bdi>{object}</bdi>{id}</td>
            <td class="admin__text">
                {skipped}
                {row.changes.into_iter().map(|change| change_view(change, settings)).collect_view()}
            </td>
        </tr>
    }
    .into_any()
}

/// One field: what stood there, and what stands there, which the host says in words. What stood nowhere before was noted, and not
/// changed. `settings`: it is a setting of the organisation.
fn change_view(change: AuditChange, settings: bool) -> AnyView {
    let AuditChange { field, was, is } = change;
    let setting = SETTINGS
        .iter()
        .find(|known| settings && known.name == field);
    let words = |value: String| match (value.as_str(), setting) {
        ("", _) => "–".to_owned(),
        (number, Some(setting)) => match number.parse::<i64>() {
            Ok(number) => setting_value(language(), setting, number),
            Err(_) => value,
        },
        ("true", None) => t!(audit.yes).to_owned(),
        ("false", None) => t!(audit.no).to_owned(),
        (_, None) => value,
    };
    let is = is.map_or_else(|| "–".to_owned(), words);
    let field = setting.map_or_else(|| audit_field(&field), |setting| label(setting).to_owned());
    let text = match was {
        Some(was) => t!(audit.change, field = field, was = words(was), is = is),
        None => t!(audit.noted, field = field, is = is),
    };
    view! { <p class="audit__change">{text}</p> }.into_any()
}
