//! What waits in the queue of one team, with a way to give it to somebody by hand.
//!
//! The host decides what is to be seen and who may be given it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::workitem::{TeamQueue, Workitem};

use crate::api::coaching::queue_load;
use crate::components::alert_marks::{AlertMarks, alerts_of};
use crate::components::reassign::{Of, ReassignDialog};
use crate::components::{Dialog, Waiting};
use crate::language::{error_text, label};

type Loaded = Result<Vec<Workitem>, String>;

/// Loads the list when the dialog opens, and again whenever the queue changed. What was loaded stays until then; an answer that
/// was overtaken by a later question is dropped.
fn use_waiting(queue: Memo<Option<TeamQueue>>) -> RwSignal<Option<Loaded>> {
    let loaded = RwSignal::new(None::<Loaded>);
    let turn = StoredValue::new(0_u32);
    Effect::new(move || {
        let Some(team) = queue.with(|queue| Some(queue.as_ref()?.team.clone())) else {
            return;
        };
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        spawn_local(async move {
            let answer = queue_load(team).await;
            let answer = answer.map(|list| list.0);
            if turn.try_get_value() == Some(mine) {
                loaded.try_set(Some(answer.map_err(|error| error_text(&error.0))));
            }
        });
    });
    loaded
}

/// The dialog "Queue of TEAM", and in its place the one that assigns a workitem while one is chosen.
#[component]
pub(super) fn QueueDialog(
    /// As the host sent it last; nothing when the team is no longer supervised.
    queue: Memo<Option<TeamQueue>>,
    /// Called when it shall go.
    on_close: Callback<()>,
) -> impl IntoView {
    let loaded = use_waiting(queue);
    let chosen = RwSignal::new(None::<Of>);
    let title = Signal::derive(move || {
        let name = queue.with(|queue| queue.as_ref().map(|queue| queue.name.clone()));
        t!(dashboard.queue_title, team = name.unwrap_or_default())
    });
    move || {
        match chosen.get() {
        Some(of) => view! {
            <ReassignDialog
                of
                on_close=Callback::new(move |()| chosen.set(None))
            />
        }
        .into_any(),
        None => view! {
            <Dialog title=title on_close=on_close>
                <div class="dialog__body" aria-busy=move || loaded.with(Option::is_none).to_string()>
                    {move || loaded.get().map_or_else(
                        || view! { <div class="skeleton" aria-hidden="true"></div> }.into_any(),
                        |loaded| waiting_view(loaded, queue, chosen),
                    )}
                </div>
            </Dialog>
        }
        .into_any(),
    }
    }
}

fn waiting_view(
    loaded: Loaded,
    queue: Memo<Option<TeamQueue>>,
    chosen: RwSignal<Option<Of>>,
) -> AnyView {
    let waiting = match loaded {
        Err(error) => {
            return view! { <p class="notice notice--error" role="alert">{error}</p> }.into_any();
        }
        Ok(waiting) if waiting.is_empty() => {
            return view! { <p>{t!(dashboard.queue_nothing)}</p> }.into_any();
        }
        Ok(waiting) => waiting,
    };
    let listed = waiting.len();
    let all = queue.with_untracked(|queue| queue.as_ref().map_or(0, |queue| queue.queued));
    let more = i64::try_from(listed).is_ok_and(|listed| listed < all);
    let all_of_them = waiting.clone();
    let several = (listed > 1).then(|| {
        let choose = move |_| chosen.set(Some(Of::Queue(all_of_them.clone())));
        view! {
            <button type="button" class="button" aria-haspopup="dialog" on:click=choose>
                {t!(dashboard.queue_assign_several)}
            </button>
        }
        .into_any()
    });
    let rows = waiting
        .into_iter()
        .map(|workitem| view! { <WaitingRow workitem chosen/> }.into_any())
        .collect_view();
    view! {
        {several}
        <ol class="queue-list" aria-label=t!(dashboard.queue_list)>{rows}</ol>
        {more.then(|| view! {
            <p class="field__hint">{t!(dashboard.queue_more, count = listed)}</p>
        }.into_any())}
    }
    .into_any()
}

#[component]
fn WaitingRow(workitem: Workitem, chosen: RwSignal<Option<Of>>) -> impl IntoView {
    let since = workitem.waiting_since.unwrap_or(workitem.last_activity_at);
    let name = t!(
        dashboard.queue_assign_name,
        customer = workitem.customer,
        subject = workitem.subject
    );
    let (customer, subject) = (workitem.customer.clone(), workitem.subject.clone());
    let (channel, preview) = (workitem.channel, workitem.preview.clone());
    view! {
        <li class="queue-list__row">
            <div class="queue-list__what">
                <p class="queue-list__customer">
                    <bdi>{customer}</bdi>
                    " "
                    <span class="badge">{label(channel)}</span>
                </p>
                <p class="queue-list__subject" dir="auto">{subject}</p>
                <p class="queue-list__preview" dir="auto">{preview}</p>
                <AlertMarks alerts=alerts_of(workitem.id.clone()) dismiss=true/>
            </div>
            <span class="queue-list__since"><Waiting since=Signal::stored(Some(since))/></span>
            <button
                type="button"
                class="button"
                aria-haspopup="dialog"
                aria-label=name
                on:click=move |_| chosen.set(Some(Of::Workitem(Box::new(workitem.clone()))))
            >
                {t!(dashboard.queue_assign)}
            </button>
        </li>
    }
}
