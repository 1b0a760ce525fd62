//! A supervisor hands on an agent's work: to another agent, or back to the queue.
//!
//! The host decides whether it may be; what the target cannot take at once it wants confirmed, with a warning.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::{CommandKey, UserId, WorkitemId};
use shared::people::{Permission, PersonRef, Presence};
use shared::workitem::{TransferOptions, TransferTo, Workitem, WorkitemState};

use crate::api::ApiError;
use crate::api::coaching::agent_workitems_load;
use crate::api::workitems::{reassign_options_load, workitem_reassign};
use crate::components::{Dialog, Icon};
use crate::language::{error_text, label, problem_text};
use crate::random::new_key;
use crate::state::{SessionState, use_session};

/// What stands for "back to the queue" among the agents' ids, none of which is empty.
const QUEUE: &str = "";

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
                    {t!(reassign.button)}
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

/// The dialog "Reassign work of NAME".
#[component]
pub fn ReassignDialog(of: Of, on_close: Callback<()>) -> impl IntoView {
    let title = match &of {
        Of::Agent(agent) => t!(reassign.title, name = agent.name),
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

/// What is chosen in the dialog, and how far handing it on has come. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Reassignment {
    workitems: StoredValue<Vec<Workitem>>,
    chosen: RwSignal<Option<WorkitemId>>,
    /// An agent's id, or [`QUEUE`].
    target: RwSignal<String>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<String>>,
    warning: RwSignal<Option<String>>,
    sent: StoredValue<Option<(Choice, CommandKey)>>,
}

/// Which workitem goes where.
type Choice = (WorkitemId, TransferTo);

impl Reassignment {
    fn new(workitems: Vec<Workitem>) -> Self {
        Self {
            chosen: RwSignal::new(workitems.first().map(|workitem| workitem.id.clone())),
            workitems: StoredValue::new(workitems),
            target: RwSignal::new(QUEUE.to_owned()),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            warning: RwSignal::new(None),
            sent: StoredValue::new(None),
        }
    }

    fn workitem(self) -> Option<Workitem> {
        let chosen = self.chosen.get_untracked();
        self.workitems.with_value(|workitems| {
            let mut workitems = workitems.iter();
            workitems
                .find(|workitem| Some(&workitem.id) == chosen.as_ref())
                .cloned()
        })
    }

    fn destination(self, workitem: &Workitem) -> Option<TransferTo> {
        match self.target.get_untracked() {
            queue if queue == QUEUE => Some(TransferTo::Team(workitem.team.clone())),
            agent => UserId::parse(agent).ok().map(TransferTo::Agent),
        }
    }

    /// The same choice tried again is the same command; another choice is another.
    fn key(self, choice: Choice) -> CommandKey {
        let key = match self.sent.get_value() {
            Some((before, key)) if before == choice => key,
            _ => new_key(),
        };
        self.sent.set_value(Some((choice, key.clone())));
        key
    }

    fn send(self, session: SessionState, on_close: Callback<()>) {
        let Some(workitem) = self.workitem().filter(|_| !self.busy.get_untracked()) else {
            return;
        };
        let Some(to) = self.destination(&workitem) else {
            return;
        };
        self.busy.set(true);
        self.error.set(None);
        let confirmed = self.warning.with_untracked(Option::is_some);
        let key = self.key((workitem.id.clone(), to.clone()));
        spawn_local(async move {
            match workitem_reassign(workitem.id, key, to, confirmed).await {
                Ok(()) => {
                    session.toast(t!(reassign.done, subject = workitem.subject));
                    // The live connection may have been quicker and taken the page away.
                    on_close.try_run(());
                }
                Err(ApiError(refused)) => {
                    self.busy.try_set(false);
                    match to_confirm(&refused) {
                        Some(reason) => self.warning.try_set(Some(reason)),
                        None => self.error.try_set(Some(error_text(&refused))),
                    };
                }
            }
        });
    }
}

#[component]
fn Form(
    workitems: Vec<Workitem>,
    options: TransferOptions,
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let agents = agents_view(&workitems, options);
    let form = Reassignment::new(workitems);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        form.send(session, on_close);
    };
    view! {
        <form class="dialog__form" on:submit=submit>
            <div class="dialog__body stack">
                {workitem_view(form)}
                <div class="field">
                    <label class="field__label" for="reassign-target">{t!(reassign.to)}</label>
                    <select
                        class="select"
                        id="reassign-target"
                        on:change=move |event| {
                            form.warning.set(None);
                            form.target.set(event_target_value(&event));
                        }
                    >
                        <option value=QUEUE>{t!(reassign.queue)}</option>
                        {agents}
                    </select>
                </div>
                {confirm_view(form.warning)}
                {move || form.error.get().map(|error| view! {
                    <p class="notice notice--error" role="alert">{error}</p>
                }.into_any())}
            </div>
            <div class="dialog__foot">
                <button type="button" class="button" on:click=move |_| on_close.run(())>{t!(common.cancel)}</button>
                <button type="submit" class="button button--primary" disabled=move || form.busy.get()>
                    {move || match form.warning.with(Option::is_some) {
                        true => t!(reassign.submit_anyway),
                        false => t!(reassign.submit),
                    }}
                </button>
            </div>
        </form>
    }
}

/// Which workitem: chosen from several, or said when there is one.
fn workitem_view(form: Reassignment) -> AnyView {
    let line = |workitem: &Workitem| {
        t!(
            reassign.workitem_line,
            customer = workitem.customer,
            subject = workitem.subject
        )
    };
    let workitems = form.workitems.get_value();
    if let [only] = &workitems[..] {
        return view! { <p class="reassign__what">{line(only)}</p> }.into_any();
    }
    let options = workitems
        .iter()
        .map(|workitem| {
            view! { <option value=workitem.id.to_string()>{line(workitem)}</option> }.into_any()
        })
        .collect_view();
    view! {
        <div class="field">
            <label class="field__label" for="reassign-workitem">{t!(reassign.workitem)}</label>
            <select
                class="select"
                id="reassign-workitem"
                on:change=move |event| {
                    form.warning.set(None);
                    form.chosen.set(WorkitemId::parse(event_target_value(&event)).ok());
                }
            >
                {options}
            </select>
        </div>
    }
    .into_any()
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
            let text = t!(
                reassign.agent_option,
                name = agent.name,
                presence = label(presence)
            );
            view! { <option value=agent.id.to_string()>{text}</option> }.into_any()
        })
        .collect_view()
        .into_any()
}
