//! What the history is searched by.

use leptos::prelude::*;
use shared::people::Permission;
use shared::rating::RatingBand;
use shared::workitem::{Channel, WorkitemState};
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement, SubmitEvent, UrlSearchParams};

use super::PATH;
use crate::language::{days_hint, label};
use crate::navigation::use_navigation;
use crate::query;
use crate::state::use_session;

/// The names of its fields in the address.
const FIELDS: [&str; 14] = [
    "words", "coaching", "customer", "agent", "channel", "state", "label", "rating", "review",
    "request", "reaction", "from", "to", "zone",
];

/// Those that are seldom needed. They are folded unless one of them is in use: the results need the room.
const LESSER: [&str; 7] = [
    "label", "rating", "review", "request", "reaction", "from", "to",
];

/// The states, in the order in which a workitem has them.
const STATES: [WorkitemState; 4] = [
    WorkitemState::Queued,
    WorkitemState::Active,
    WorkitemState::WrapUp,
    WorkitemState::Closed,
];

/// The form, filled in as the address says. What is searched for once more is loaded `again`; `wrong` is what is wrong with the
/// words.
pub(super) fn form_view(
    search: Memo<String>,
    wrong: Memo<Option<String>>,
    again: Callback<()>,
) -> AnyView {
    let navigation = use_navigation();
    let submitted = move |event: SubmitEvent| {
        let form = event.target();
        let form = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        let Some(asked) = form.and_then(|form| asked_of(&form)) else {
            return;
        };
        event.prevent_default();
        if search.with_untracked(|search| *search == asked) {
            again.run(());
        } else {
            navigation.go(&[PATH, "?", &asked].concat());
        }
    };
    let value = move |name| Signal::derive(move || search.with(|search| value_of(search, name)));
    let coaching = value("coaching");
    let with_coaching = move || coaching.with(|coaching| !coaching.is_empty());
    let supervisor = use_session()
        .me
        .with_untracked(|me| me.holds(Permission::WorkitemMonitor));
    let reviewer = use_session().holds(Permission::WorkitemReview);
    let reviews = [
        ("flagged", t!(review.flagged)),
        ("reviewed", t!(review.reviewed)),
    ];
    let requests = [
        ("any", t!(history.request_any)),
        ("open", t!(history.request_open)),
        ("done", t!(requests.done)),
        ("withdrawn", t!(history.request_withdrawn)),
        ("lapsed", t!(history.request_lapsed)),
    ];
    let reactions = [
        ("thumbs_up", t!(reaction.thumbs_up)),
        ("thumbs_down", t!(reaction.thumbs_down)),
        ("forwarded", t!(history.coaching_forwarded)),
    ];
    let channels = Channel::ALL.map(|channel| (channel.code(), label(channel)));
    let states = STATES.map(|state| (state.code(), label(state)));
    let ratings = RatingBand::ALL.map(|band| (band.code(), band_name(band)));
    let used = |search: &String| LESSER.iter().any(|name| !value_of(search, name).is_empty());
    view! {
        <form class="history__form card" method="get" action=PATH role="search" on:submit=submitted>
            {words_view(value("words"), wrong)}
            {field_view("customer", "text", t!(history.customer), value("customer"))}
            {supervisor.then(|| field_view("agent", "text", t!(history.agent), value("agent")))}
            {choice_view("channel", t!(customers.channel), &channels, value("channel"))}
            {choice_view("state", t!(customers.state), &states, value("state"))}
            <details class="history__more" open=move || search.with(used)>
                <summary>{t!(history.filters_more)}</summary>
                <div class="history__lesser">
                    {field_view("label", "text", t!(labels.line), value("label"))}
                    {choice_view("rating", t!(history.rating), &ratings, value("rating"))}
                    {reviewer.then(|| choice_view("review", t!(review.title), &reviews, value("review")))}
                    {choice_view("request", t!(requests.request), &requests, value("request"))}
                    {choice_view("reaction", t!(history.coaching), &reactions, value("reaction"))}
                    {days_view(search)}
                </div>
            </details>
            <label class="history__coaching">
                <input
                    type="checkbox" name="coaching" value="1"
                    checked=with_coaching
                    prop:checked=with_coaching
                />
                {t!(history.with_coaching)}
            </label>
            <p class="field__hint history__hint" id="history-hint">{t!(history.hint)}</p>
            <button class="button button--primary" type="submit">{t!(history.search)}</button>
        </form>
    }
    .into_any()
}

/// From which day to which, on whose clock. The browser's zone comes with the form (`early.js`).
fn days_view(search: Memo<String>) -> AnyView {
    let value = move |name| Signal::derive(move || search.with(|search| value_of(search, name)));
    let hint = move || {
        search.with(|search| {
            let [from, to, zone] = ["from", "to", "zone"].map(|name| value_of(search, name));
            days_hint(query::zone_of_days(&from, &to, &zone))
        })
    };
    view! {
        {field_view("from", "date", t!(audit.from), value("from"))}
        {field_view("to", "date", t!(audit.to), value("to"))}
        <input type="hidden" name="zone" />
        <p class="field__hint history__days">{hint}</p>
    }
    .into_any()
}

/// What was said, and what is wrong with it as a search.
fn words_view(value: Signal<String>, wrong: Memo<Option<String>>) -> AnyView {
    let described = move || match wrong.with(Option::is_some) {
        true => "history-wrong history-hint",
        false => "history-hint",
    };
    view! {
        <div class="field history__words">
            <label class="field__label" for="history-words">{t!(history.words)}</label>
            <input
                class="input" id="history-words" name="words" type="search" dir="auto" autocomplete="off"
                aria-describedby=described
                aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                value=value prop:value=value
            />
            {move || wrong.get().map(|wrong| view! {
                <p class="field__error" id="history-wrong" role="alert">{wrong}</p>
            }.into_any())}
        </div>
    }
    .into_any()
}

/// The scores of a band, as people write them.
fn band_name(band: RatingBand) -> &'static str {
    match band {
        RatingBand::Low => "1–2",
        RatingBand::Middle => "3",
        RatingBand::High => "4–5",
    }
}

/// What the form asks for, as it stands in an address: without what is empty.
fn asked_of(form: &HtmlFormElement) -> Option<String> {
    let data = FormData::new_with_form(form).ok()?;
    let asked = UrlSearchParams::new().ok()?;
    for name in FIELDS {
        let value = data.get(name).as_string().unwrap_or_default();
        if !value.trim().is_empty() {
            asked.append(name, value.trim());
        }
    }
    Some(String::from(asked.to_string()))
}

fn value_of(search: &str, name: &str) -> String {
    query::value(search, name).unwrap_or_default()
}

fn field_view(
    name: &'static str,
    kind: &'static str,
    text: &'static str,
    value: Signal<String>,
) -> AnyView {
    let id = ["history-", name].concat();
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{text}</label>
            <input
                class="input" id=id name=name type=kind dir="auto" autocomplete="off" spellcheck="false"
                value=value prop:value=value
            />
        </div>
    }
    .into_any()
}

fn choice_view(
    name: &'static str,
    text: &'static str,
    choices: &[(&'static str, &'static str)],
    chosen: Signal<String>,
) -> AnyView {
    let id = ["history-", name].concat();
    let option = |&(code, text): &(&'static str, &'static str)| {
        let selected = move || chosen.with(|chosen| chosen == code);
        view! { <option value=code selected=selected prop:selected=selected>{text}</option> }
            .into_any()
    };
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{text}</label>
            <select class="input" id=id name=name>
                {option(&("", t!(audit.any)))}
                {choices.iter().map(option).collect_view()}
            </select>
        </div>
    }
    .into_any()
}
