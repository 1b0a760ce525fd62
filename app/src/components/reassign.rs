//! A supervisor hands on an agent's work: to another agent, or back to the queue.
//!
//! The host decides whether it may be; what the target cannot take at once it wants confirmed, with a warning.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::{UserId, WorkitemId};
use shared::people::{PersonRef, Presence};
use shared::workitem::{TransferOptions, TransferTo, Workitem, WorkitemState};

use crate::api::ApiError;
use crate::api::coaching::agent_workitems_load;
use crate::api::workitems::{reassign_options_load, workitem_reassign};
use crate::clock::new_key;
use crate::components::Dialog;
use crate::state::use_desk;

/// What stands for "back to the queue" among the agents' ids, none of which is empty.
const QUEUE: &str = "";

/// The warning of a command that is to be confirmed.
pub fn to_confirm(error: &AppError) -> Option<String> {
    match error {
        AppError::Invalid { field, reason } if field == "confirmed" => Some(reason.clone()),
        _ => None,
    }
}

/// A refusal as people read it: the name of an input on the wire says nothing here.
pub fn sentence(error: &AppError) -> String {
    match error {
        AppError::Invalid { field, reason } if field == "to" => format!("Your choice {reason}."),
        other => other.to_string(),
    }
}

/// The warning, announced when it appears.
pub fn confirm_view(warning: RwSignal<Option<String>>) -> impl IntoView {
    move || {
        warning.get().map(|text| {
            view! { <p class="notice notice--warn" role="alert">{text}</p> }
        })
    }
}

/// Whose work is handed on.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    /// One of the open workitems of this agent; which one is chosen in the dialog.
    Agent(PersonRef),
    /// This one.
    Workitem(Box<Workitem>),
}

type Loaded = (Vec<Workitem>, TransferOptions);

async fn load(of: Of) -> Result<Loaded, ApiError> {
    let workitems = match of {
        Of::Agent(agent) => agent_workitems_load(agent.id).await?.workitems,
        Of::Workitem(workitem) => vec![*workitem],
    };
    let open = |workitem: &Workitem| {
        matches!(
            workitem.state,
            WorkitemState::Active | WorkitemState::Queued
        )
    };
    let workitems = workitems.into_iter().filter(open).collect();
    Ok((workitems, reassign_options_load().await?))
}

/// The dialog "Reassign work of NAME".
#[component]
pub fn ReassignDialog(of: Of, on_close: Callback<()>) -> impl IntoView {
    let title = match &of {
        Of::Agent(agent) => format!("Reassign work of {}", agent.name),
        Of::Workitem(workitem) => match &workitem.agent {
            Some(agent) => format!("Reassign work of {}", agent.name),
            None => "Reassign a queued workitem".to_owned(),
        },
    };
    let loaded = RwSignal::new(None::<Result<Loaded, String>>);
    Effect::new(move || {
        let of = of.clone();
        spawn_local(async move {
            let answer = load(of).await;
            loaded.try_set(Some(answer.map_err(|error| error.to_string())));
        });
    });
    view! {
        <Dialog title=title class="dialog--narrow" on_close=on_close>
            {move || match loaded.get() {
                None => view! {
                    <div class="dialog__body" aria-busy="true">
                        <div class="skeleton" aria-hidden="true"></div>
                    </div>
                }.into_any(),
                Some(Err(error)) => view! {
                    <div class="dialog__body">
                        <p class="notice notice--error" role="alert">{error}</p>
                    </div>
                }.into_any(),
                Some(Ok((workitems, _))) if workitems.is_empty() => view! {
                    <div class="dialog__body"><p>"There is no open work to hand on."</p></div>
                }.into_any(),
                Some(Ok((workitems, options))) => view! { <Form workitems options on_close /> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Form(
    workitems: Vec<Workitem>,
    options: TransferOptions,
    on_close: Callback<()>,
) -> impl IntoView {
    let desk = use_desk();
    let chosen = RwSignal::new(workitems.first().map(|workitem| workitem.id.clone()));
    let target = RwSignal::new(QUEUE.to_owned());
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let warning = RwSignal::new(None::<String>);
    let sent = StoredValue::new(None);
    let known = StoredValue::new(workitems.clone());
    let current = move || {
        let chosen = chosen.get_untracked();
        known.with_value(|known| {
            let mut known = known.iter();
            known
                .find(|workitem| Some(&workitem.id) == chosen.as_ref())
                .cloned()
        })
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(workitem) = current().filter(|_| !busy.get_untracked()) else {
            return;
        };
        let to = match target.get_untracked() {
            queue if queue == QUEUE => TransferTo::Team(workitem.team.clone()),
            agent => match UserId::parse(agent) {
                Ok(agent) => TransferTo::Agent(agent),
                Err(_) => return,
            },
        };
        busy.set(true);
        error.set(None);
        let confirmed = warning.with_untracked(Option::is_some);
        // The same choice tried again is the same command; another choice is another.
        let command = (workitem.id.clone(), to.clone());
        let key = match sent.get_value() {
            Some((before, key)) if before == command => key,
            _ => new_key(),
        };
        sent.set_value(Some((command, key.clone())));
        spawn_local(async move {
            match workitem_reassign(workitem.id, key, to, confirmed).await {
                Ok(()) => {
                    desk.toast(format!("Reassigned “{}”", workitem.subject));
                    // The live connection may have been quicker and taken the page away.
                    on_close.try_run(());
                }
                Err(ApiError(refused)) => {
                    busy.try_set(false);
                    match to_confirm(&refused) {
                        Some(reason) => warning.try_set(Some(reason)),
                        None => error.try_set(Some(sentence(&refused))),
                    };
                }
            }
        });
    };
    let one = workitems.len() == 1;
    let lines = workitems
        .iter()
        .map(|workitem| {
            let text = format!("{}: {}", workitem.customer, workitem.subject);
            view! { <option value=workitem.id.to_string()>{text}</option> }
        })
        .collect_view();
    let what = if one {
        let only = workitems.first();
        let text = only.map(|workitem| format!("{}: {}", workitem.customer, workitem.subject));
        view! { <p class="reassign__what" dir="auto">{text}</p> }.into_any()
    } else {
        view! {
            <div class="field">
                <label class="field__label" for="reassign-workitem">"Workitem"</label>
                <select
                    class="select"
                    id="reassign-workitem"
                    on:change=move |event| {
                        warning.set(None);
                        chosen.set(WorkitemId::parse(event_target_value(&event)).ok());
                    }
                >
                    {lines}
                </select>
            </div>
        }
        .into_any()
    };
    view! {
        <form class="dialog__form" on:submit=submit>
            <div class="dialog__body stack">
                {what}
                <div class="field">
                    <label class="field__label" for="reassign-target">"Reassign to"</label>
                    <select
                        class="select"
                        id="reassign-target"
                        on:change=move |event| {
                            warning.set(None);
                            target.set(event_target_value(&event));
                        }
                    >
                        <option value=QUEUE>"Back to the team’s queue"</option>
                        {agents_view(&workitems, options)}
                    </select>
                </div>
                {confirm_view(warning)}
                {move || error.get().map(|error| view! {
                    <p class="notice notice--error" role="alert">{error}</p>
                })}
            </div>
            <div class="dialog__foot">
                <button type="button" class="button" on:click=move |_| on_close.run(())>"Cancel"</button>
                <button type="submit" class="button button--primary" disabled=move || busy.get()>
                    {move || match warning.with(Option::is_some) {
                        true => "Reassign all the same",
                        false => "Reassign",
                    }}
                </button>
            </div>
        </form>
    }
}

/// Everybody but who has the work, those first who can take it at once.
fn agents_view(workitems: &[Workitem], options: TransferOptions) -> AnyView {
    let has = workitems
        .first()
        .and_then(|workitem| workitem.agent.as_ref());
    let others = options.agents.into_iter();
    let others = others.filter(|(agent, _)| has.is_none_or(|has| has.id != agent.id));
    let (mut agents, rest): (Vec<_>, Vec<_>) =
        others.partition(|(_, presence)| *presence == Presence::Available);
    agents.extend(rest);
    agents
        .into_iter()
        .map(|(agent, presence)| {
            let text = format!("{} ({})", agent.name, presence.label());
            view! { <option value=agent.id.to_string()>{text}</option> }
        })
        .collect_view()
        .into_any()
}
