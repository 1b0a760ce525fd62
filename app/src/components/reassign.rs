//! A supervisor hands on work, one workitem or several at once: to another agent, or back to the queue.
//!
//! The host decides whether it may be; what the target cannot take at once it wants confirmed, with a warning.

mod bulk;
mod form;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::people::{Permission, PersonRef, Presence};
use shared::workitem::{Load, TransferOptions, Workitem, WorkitemState};

use self::form::Form;
use crate::api::ApiError;
use crate::api::coaching::agent_workitems_load;
use crate::api::workitems::reassign_options_load;
use crate::components::{Dialog, Icon};
use crate::language::{error_text, label, problem_text};
use crate::state::use_session;

/// The warning of a command that is to be confirmed.
pub fn to_confirm(error: &AppError) -> Option<String> {
    match error {
        AppError::Invalid { field, problem } if field == "confirmed" => Some(problem_text(problem)),
        _ => None,
    }
}

/// The warning, announced when it appears.
pub fn confirm_view(warning: RwSignal<Option<String>>) -> impl IntoView {
    move || {
        warning
            .get()
            .map(|text| view! { <p class="notice notice--warn" role="alert">{text}</p> }.into_any())
    }
}

/// An agent to choose, in words: their name, whether they can be reached, how much they have of what they may have, and whether that
/// is all.
pub fn option_text(name: &str, presence: Presence, load: Option<Load>) -> String {
    let mut state = label(presence).to_owned();
    let mut add = |words: &str| {
        state.push_str(", ");
        state.push_str(words);
    };
    if let Some(load) = load {
        let Load { active, most } = load;
        add(&t!(dashboard.capacity_active, active = active, most = most));
        if load.is_full() {
            add(t!(reassign.full));
        }
    }
    t!(reassign.agent_option, name = name, presence = state)
}

/// Whose work is handed on.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    /// Some of the open workitems of this agent; which is chosen in the dialog.
    Agent(PersonRef),
    /// Some of these, which wait in one queue.
    Queue(Vec<Workitem>),
    /// This one.
    Workitem(Box<Workitem>),
}

type Loaded = (Vec<Workitem>, TransferOptions);

async fn load(of: Of) -> Result<Loaded, ApiError> {
    let workitems = match of {
        Of::Agent(agent) => agent_workitems_load(agent.id).await?.workitems,
        Of::Queue(workitems) => workitems,
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

/// The button that hands on one workitem, for those who may, and its dialog while it is open.
#[component]
pub fn ReassignButton(
    /// As it is when the button is pressed.
    #[prop(into)]
    workitem: Signal<Workitem>,
    /// Whether the button is there. The dialog stays without it.
    #[prop(into, default = Signal::stored(true))]
    offered: Signal<bool>,
    /// The button's style.
    #[prop(default = "button")]
    class: &'static str,
) -> impl IntoView {
    let me = use_session().me;
    if !me.with_untracked(|me| me.holds(Permission::WorkitemAssign)) {
        return None;
    }
    let chosen = RwSignal::new(None::<Workitem>);
    Some(
        view! {
            {move || offered.get().then(|| view! {
                <button
                    type="button"
                    class=class
                    aria-haspopup="dialog"
                    on:click=move |_| chosen.set(Some(workitem.get_untracked()))
                >
                    <Icon name="transfer" />
                    {move || match workitem.with(|workitem| workitem.agent.is_none()) {
                        true => t!(dashboard.queue_assign),
                        false => t!(reassign.button),
                    }}
                </button>
            }.into_any())}
            {move || chosen.get().map(|workitem| view! {
                <ReassignDialog
                    of=Of::Workitem(Box::new(workitem))
                    on_close=Callback::new(move |()| chosen.set(None))
                />
            }.into_any())}
        }
        .into_any(),
    )
}

/// The dialog "Reassign work of NAME", or "Assign a queued workitem".
#[component]
pub fn ReassignDialog(of: Of, on_close: Callback<()>) -> impl IntoView {
    let title = match &of {
        Of::Agent(agent) => t!(reassign.title, name = agent.name),
        Of::Queue(_) => t!(reassign.title_queue).to_owned(),
        Of::Workitem(workitem) => match &workitem.agent {
            Some(agent) => t!(reassign.title, name = agent.name),
            None => t!(reassign.title_queued).to_owned(),
        },
    };
    let loaded = RwSignal::new(None::<Result<Loaded, String>>);
    Effect::new(move || {
        let of = of.clone();
        spawn_local(async move {
            let answer = load(of).await;
            loaded.try_set(Some(answer.map_err(|error| error_text(&error.0))));
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
                    <div class="dialog__body"><p>{t!(reassign.nothing)}</p></div>
                }.into_any(),
                Some(Ok((workitems, options))) => view! { <Form workitems options on_close /> }.into_any(),
            }}
        </Dialog>
    }
}
