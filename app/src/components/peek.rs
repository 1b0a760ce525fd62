//! Peeking at the last lines of an agent's conversations: read only, as they were when they were opened. It starts no
//! monitoring and notifies nobody; the audit log records each peek.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::WorkitemId;
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::transcript::{Entry, EntryBody, Peek, data_author, data_entry};
use shared::workitem::Workitem;

use super::transcript::runs::monitoring_text;
use super::transcript_entry::{EntryHead, system_line};
use super::{Dialog, Icon, linked};
use crate::api::coaching::agent_workitems_load;
use crate::api::stepping_in::workitem_peek;
use crate::language::{error_text, notice_text};
use crate::state::use_session;

/// The dialog, while somebody is looked at.
#[component]
pub fn PeekDialog() -> impl IntoView {
    let peek = use_session().peek;
    let close = Callback::new(move |()| peek.set(None));
    move || {
        let of = peek.get()?;
        let title = t!(stepping_in.peek_title, name = of.name.clone());
        Some(
            view! {
                <Dialog title=title class="peek" on_close=close>
                    <Conversations of close />
                </Dialog>
            }
            .into_any(),
        )
    }
}

/// What is loaded of it, or why it is not.
type Loaded<T> = RwSignal<Option<Result<T, String>>>;

/// Chooses one of the agent's workitems, at first the one whose customer waits longest.
#[component]
fn Conversations(of: PersonRef, close: Callback<()>) -> impl IntoView {
    let workitems: Loaded<Vec<Workitem>> = RwSignal::new(None);
    let chosen = RwSignal::new(None::<WorkitemId>);
    let shown: Loaded<Peek> = RwSignal::new(None);
    let agent = StoredValue::new(of.id);
    let look = move |workitem: WorkitemId| {
        chosen.try_set(Some(workitem.clone()));
        shown.try_set(None);
        spawn_local(async move {
            let answer = workitem_peek(workitem.clone()).await;
            // Another one may have been chosen since.
            if chosen.try_get_untracked().flatten() == Some(workitem) {
                shown.try_set(Some(answer.map_err(|error| error_text(&error.0))));
            }
        });
    };
    Effect::new(move || {
        spawn_local(async move {
            let answer = agent_workitems_load(agent.get_value()).await;
            let answer = answer.map(|list| list.workitems);
            let first = answer.as_ref().ok().and_then(|list| {
                let key = |workitem: &&Workitem| {
                    (workitem.waiting_since.is_none(), workitem.waiting_since)
                };
                list.iter().min_by_key(key).map(|first| first.id.clone())
            });
            workitems.try_set(Some(answer.map_err(|error| error_text(&error.0))));
            if let Some(first) = first {
                look(first);
            }
        });
    });
    view! {
        <div class="dialog__body stack">
            {move || match workitems.get() {
                None => view! { <div class="skeleton" aria-hidden="true"></div> }.into_any(),
                Some(Err(error)) => view! { <p class="notice notice--error" role="alert">{error}</p> }.into_any(),
                Some(Ok(list)) if list.is_empty() => view! { <p>{t!(stepping_in.nothing_to_see)}</p> }.into_any(),
                Some(Ok(list)) => choice(list, chosen, look),
            }}
            // Its style begins at the end: the newest lines are what one looks for.
            <div class="peek__lines" role="region" aria-label=t!(workitems.last_messages) tabindex="0">
                <div class="peek__all">
                    {move || shown.get().map(|answer| match answer {
                        Ok(peek) => peek.entries.into_iter().map(line).collect_view().into_any(),
                        Err(error) => view! { <p class="notice notice--error" role="alert">{error}</p> }.into_any(),
                    })}
                </div>
            </div>
            <p class="peek__recorded"><Icon name="eye-off" />{t!(stepping_in.peek_recorded)}</p>
        </div>
        <div class="dialog__foot">
            {move || chosen.get().map(|workitem| {
                let href = format!("/coaching/{}/{workitem}", agent.get_value());
                view! {
                    <a class="button" href=href on:click=move |_| close.run(())>{t!(stepping_in.peek_open)}</a>
                }.into_any()
            })}
        </div>
    }
}

/// Which of them.
fn choice(
    list: Vec<Workitem>,
    chosen: RwSignal<Option<WorkitemId>>,
    look: impl Fn(WorkitemId) + Copy + 'static,
) -> AnyView {
    let options = list
        .into_iter()
        .map(|workitem| {
            let words = t!(
                reassign.workitem_line,
                customer = workitem.customer,
                subject = workitem.subject
            );
            let id = workitem.id.clone();
            let selected = move || chosen.with(|chosen| chosen.as_ref() == Some(&id));
            view! { <option value=workitem.id.to_string() prop:selected=selected>{words}</option> }
                .into_any()
        })
        .collect_view();
    view! {
        <div class="field">
            <label class="field__label" for="peek-workitem">{t!(stepping_in.peek_workitem)}</label>
            <select
                class="select"
                id="peek-workitem"
                on:change=move |event| {
                    if let Ok(workitem) = WorkitemId::parse(event_target_value(&event)) {
                        look(workitem);
                    }
                }
            >
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn line(entry: Entry) -> AnyView {
    let (author, kind, at) = (data_author(&entry.body), data_entry(&entry.body), entry.at);
    let look = match kind {
        "coaching" => kind,
        _ => author,
    };
    let inside = match entry.body {
        EntryBody::Message {
            name, text, files, ..
        } => {
            let file = files.into_iter().next().map(|file| file.name);
            let text = Some(text).filter(|text| !text.is_empty()).or(file);
            said(name, at, text.unwrap_or_default())
        }
        EntryBody::Coaching { name, text, .. } | EntryBody::CoachingReply { name, text, .. } => {
            said(name, at, text)
        }
        EntryBody::Notice(Notice::Note { by, text, .. }) => said(by, at, text),
        EntryBody::Notice(notice) => system_line(notice_text(&notice), at),
        body => system_line(monitoring_text(&body).unwrap_or_default(), at),
    };
    view! {
        <article class=["entry entry--", look].concat() data-author=author data-entry=kind>{inside}</article>
    }
    .into_any()
}

fn said(name: String, at: shared::time::Timestamp, text: String) -> AnyView {
    view! {
        <EntryHead name at />
        <p class="entry__text" dir="auto">{linked(&text)}</p>
    }
    .into_any()
}
