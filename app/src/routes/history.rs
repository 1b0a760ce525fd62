//! `/history`: what was said in workitems of any state is found by words, and workitems by what is known of them.
//!
//! What is asked for stands in the address, so Back and a reload show it again. The form is a plain one, which works before the
//! wasm has arrived; with it the page stays.

mod form;
mod reading;

use leptos::prelude::*;
use shared::history::{FoundEntry, HistoryHit, HistoryPage as Found, HistoryQuery};
use shared::notice::Notice;
use shared::people::Permission;
use shared::rating::Rating;

pub use self::reading::HistoryReadingPage;

use self::form::form_view;
use crate::api::history::HistorySearch;
use crate::components::earlier::place_of;
use crate::components::review::review_mark;
use crate::components::{Icon, LocalTime, PageTitle};
use crate::first_data::{FirstAnswer, first_answer};
use crate::language::{label, notice_text, number};
use crate::navigation::use_search;
use crate::query;
use crate::state::use_session;

/// The address of the page.
const PATH: &str = "/history";

/// The call that an address asks for.
pub fn asked(search: &str) -> HistorySearch {
    let query = HistoryQuery::of(|name| query::value(search, name));
    HistorySearch { query }
}

/// The page.
#[component]
pub fn HistoryPage() -> impl IntoView {
    let search = use_search(PATH);
    let loaded = first_answer(move || Some(search.with(|search| asked(search))));
    let wrong = Memo::new(move |_| loaded.wrong("words"));
    let results = move || {
        loaded
            .show(
                || {
                    view! { <div class="skeleton history__loading" aria-hidden="true"></div> }
                        .into_any()
                },
                move |found| search.with_untracked(|search| found_view(found, search)),
            )
            .into_any()
    };
    view! {
        <PageTitle text=t!(history.title) />
        <div class="page history">
            <div class="page__head">
                <h1 class="page__title">{t!(history.title)}</h1>
                <p class="history__said" role="status">{said(loaded)}</p>
            </div>
            {form_view(search, wrong, Callback::new(move |()| loaded.refetch()))}
            {move || wrong.with(Option::is_none).then(results)}
        </div>
    }
}

/// What came of the search, for those who do not see it.
fn said(loaded: FirstAnswer<Found>) -> impl Fn() -> String {
    move || {
        loaded.answer.with(|answer| match answer {
            None => t!(history.searching).to_owned(),
            Some(Ok(found)) if found.next.is_some() => {
                t!(history.newest, number = number(found.hits.len()))
            }
            Some(Ok(found)) => t!(history.found, count = found.hits.len()),
            Some(Err(_)) => String::new(),
        })
    }
}

fn found_view(found: Found, search: &str) -> AnyView {
    if found.hits.is_empty() {
        return view! {
            <div class="empty card">
                <Icon name="search" />
                <p class="empty__title">{t!(history.none)}</p>
                <p class="empty__line">{t!(history.none_line)}</p>
            </div>
        }
        .into_any();
    }
    let older = found.next.map(|next| {
        let older = query::replaced(search, "before", &next);
        let href = [PATH, "?", &older].concat();
        view! { <a class="button history__older" href=href>{t!(history.older)}</a> }.into_any()
    });
    let export = [PATH, "/export?", search.trim_start_matches('?')].concat();
    let exports = use_session().holds(Permission::TranscriptExport);
    view! {
        <ol class="history__hits" role="list" aria-label=t!(history.results)>
            {found.hits.into_iter().map(hit_view).collect_view()}
        </ol>
        {older}
        {exports.then(|| view! {
            <a class="button button--quiet" rel="external" href=export>{t!(history.export_csv)}</a>
        }.into_any())}
    }
    .into_any()
}

fn hit_view(hit: HistoryHit) -> AnyView {
    let HistoryHit {
        workitem,
        entry,
        review,
    } = hit;
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let href = place_of(&workitem, &me, entry.as_ref().map(|entry| entry.seq));
    let at = entry.as_ref().map_or(workitem.started_at, |entry| entry.at);
    let agent = workitem.agent.map_or_else(
        || t!(coaching.no_agent).to_owned(),
        |agent| t!(history.agent_is, name = agent.name),
    );
    view! {
        <li class="history__hit card">
            <h2 class="history__subject">
                <a class="history__link" href=href dir="auto">{workitem.subject}</a>
            </h2>
            <p class="history__facts">
                <Icon name=workitem.channel.code() />
                <span>{label(workitem.channel)}</span>
                <bdi>{workitem.customer}</bdi>
                <bdi>{agent}</bdi>
                <span class=["badge badge--", workitem.state.code()].concat()>{label(workitem.state)}</span>
                {review.map(|review| review_mark(&review))}
                <LocalTime at />
            </p>
            {entry.map(excerpt_view)}
            {workitem.rating.map(rating_view)}
        </li>
    }
    .into_any()
}

/// What its customer thought of it, as the line of the conversation says it.
fn rating_view(rating: Rating) -> AnyView {
    let line = Notice::Rated {
        score: rating.score,
        comment: rating.comment.map(String::from),
    };
    view! { <p class="history__rating">{notice_text(&line)}</p> }.into_any()
}

fn excerpt_view(entry: FoundEntry) -> AnyView {
    let piece = |(found, text)| match found {
        true => view! { <mark>{text}</mark> }.into_any(),
        false => view! { <span>{text}</span> }.into_any(),
    };
    view! {
        <p class="history__author">
            <bdi>{entry.name}</bdi>
            {entry.note.then(|| view! { <span class="badge badge--warn">{t!(notes.text)}</span> }.into_any())}
            {entry.coaching.then(|| view! { <span class="badge badge--coaching">{t!(history.coaching)}</span> }.into_any())}
        </p>
        <p class="history__excerpt" dir="auto">{entry.excerpt.into_iter().map(piece).collect_view()}</p>
    }
    .into_any()
}
