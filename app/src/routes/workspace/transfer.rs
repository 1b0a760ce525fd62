//! Handing a workitem to a colleague or to a team. What can be chosen comes from the host when the dialog opens.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::{CommandKey, TeamId, UserId, WorkitemId};
use shared::people::{PersonRef, Presence};
use shared::text::isolated;
use shared::workitem::{Channel, Load, TransferOptions, TransferTo};

use crate::api::ApiError;
use crate::api::workitems::{transfer_options_load, workitem_transfer};
use crate::components::leaving::use_unsent_among;
use crate::components::reassign::{confirm_view, option_text, to_confirm};
use crate::components::{Dialog, Field};
use crate::drafts::{DraftSlot, use_draft, use_draft_slot};
use crate::language::error_text;
use crate::live::notifications::follow_people;
use crate::navigation::{Navigation, use_navigation};
use crate::outbox::{Destination, transfer_note};
use crate::random::new_key;
use crate::state::{SessionState, use_session};

/// The dialog "Transfer workitem".
#[component]
pub fn TransferDialog(workitem: WorkitemId, on_close: Callback<()>) -> impl IntoView {
    follow_people(use_session());
    let options = RwSignal::new(None::<Result<TransferOptions, String>>);
    Effect::new(move || {
        spawn_local(async move {
            let loaded = transfer_options_load().await;
            options.try_set(Some(loaded.map_err(|error| error_text(&error.0))));
        });
    });
    view! {
        <Dialog title=t!(transfer.title) class="dialog--narrow" on_close=on_close>
            {move || match options.get() {
                None => view! {
                    <div class="dialog__body"><div class="skeleton" aria-hidden="true"></div></div>
                }.into_any(),
                Some(Err(error)) => view! {
                    <div class="dialog__body">
                        <p class="notice notice--error" role="alert">{error}</p>
                    </div>
                }.into_any(),
                Some(Ok(options)) => view! {
                    <TransferForm workitem=workitem.clone() options on_close />
                }.into_any(),
            }}
        </Dialog>
    }
}

/// Who or what is chosen, and how far the transfer has come. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Transfer {
    workitem: StoredValue<WorkitemId>,
    to_team: RwSignal<bool>,
    agent: RwSignal<String>,
    team: RwSignal<String>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<String>>,
    warning: RwSignal<Option<String>>,
    /// What the next agent should know.
    note: RwSignal<String>,
    /// Where that is kept until it is sent.
    kept: DraftSlot,
    sent: StoredValue<Option<((TransferTo, String), CommandKey)>>,
}

impl Transfer {
    /// Proposes the first agent; a team rather than somebody who is not there.
    fn new(workitem: WorkitemId, options: &TransferOptions) -> Self {
        let (agent, team) = (options.agents.first(), options.teams.first());
        let draft = transfer_note(&workitem);
        let nobody_there = agent.is_none_or(|(_, presence)| *presence == Presence::Offline);
        Self {
            workitem: StoredValue::new(workitem),
            to_team: RwSignal::new(nobody_there && team.is_some()),
            agent: RwSignal::new(agent.map_or_else(String::new, |(agent, _)| agent.id.to_string())),
            team: RwSignal::new(team.map_or_else(String::new, |(team, _)| team.to_string())),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            warning: RwSignal::new(None),
            kept: use_draft_slot(&draft),
            note: use_draft(draft),
            sent: StoredValue::new(None),
        }
    }

    fn choose_kind(self, to_team: bool) {
        self.warning.set(None);
        self.to_team.set(to_team);
    }

    fn choose_agent(self, agent: String) {
        self.warning.set(None);
        self.agent.set(agent);
    }

    fn target(self) -> Option<TransferTo> {
        let target = if self.to_team.get_untracked() {
            TeamId::parse(self.team.get_untracked()).map(TransferTo::Team)
        } else {
            UserId::parse(self.agent.get_untracked()).map(TransferTo::Agent)
        };
        target.ok()
    }

    /// The same choice with the same note tried again is the same command; another one is another.
    fn key(self, to: &TransferTo, note: &str) -> CommandKey {
        let choice = (to.clone(), note.to_owned());
        let key = match self.sent.get_value() {
            Some((before, key)) if before == choice => key,
            _ => new_key(),
        };
        self.sent.set_value(Some((choice, key.clone())));
        key
    }

    fn send(self, session: SessionState, navigation: Navigation, on_close: Callback<()>) {
        let Some(to) = self.target().filter(|_| !self.busy.get_untracked()) else {
            return;
        };
        self.busy.set(true);
        self.error.set(None);
        let confirmed = self.warning.with_untracked(Option::is_some);
        let note = self.note.get_untracked().trim().to_owned();
        let (workitem, key) = (self.workitem.get_value(), self.key(&to, &note));
        let note = Some(note).filter(|note| !note.is_empty());
        let written = self.kept.clearing();
        spawn_local(async move {
            match workitem_transfer(workitem, key, to, confirmed, note).await {
                Ok(()) => {
                    session.toast(t!(transfer.done));
                    // The live connection may have been quicker and taken the page away.
                    self.note.try_set(String::new());
                    written();
                    on_close.try_run(());
                    navigation.go("/workspace");
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

/// Agents who can take it at once stand first.
fn able_first(options: &mut TransferOptions, channel: Option<Channel>) {
    let agents = std::mem::take(&mut options.agents).into_iter();
    let (mut agents, others): (Vec<_>, Vec<_>) = agents.partition(|(agent, presence)| {
        let load = channel.and_then(|channel| options.load(&agent.id, channel));
        *presence == Presence::Available && !load.is_some_and(Load::is_full)
    });
    agents.extend(others);
    options.agents = agents;
}

/// The channel of a workitem of the agent's.
fn channel_of(session: SessionState, workitem: &WorkitemId) -> Option<Channel> {
    session.worklist.with_untracked(|list| {
        let mut workitems = list.as_ref()?.workitems.iter();
        let found = workitems.find(|known| known.id == *workitem);
        found.map(|workitem| workitem.channel)
    })
}

#[component]
fn TransferForm(
    workitem: WorkitemId,
    options: TransferOptions,
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let navigation = use_navigation();
    let mut options = options;
    let channel = channel_of(session, &workitem);
    able_first(&mut options, channel);
    let nothing = options.agents.is_empty() && options.teams.is_empty();
    let unsent = use_unsent_among(Destination::of_agent(&workitem));
    let transfer = Transfer::new(workitem, &options);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        transfer.send(session, navigation, on_close);
    };
    view! {
        <form class="dialog__form" on:submit=submit>
            <div class="dialog__body stack">
                <Target transfer options channel />
                <Field
                    label=t!(transfer.note)
                    name="transfer-note"
                    value=transfer.note
                    hint=t!(transfer.note_hint)
                    lines=3
                />
                {confirm_view(transfer.warning)}
                // What is on its way may arrive while this stands there.
                {move || unsent.get().then(|| view! {
                    <p class="notice notice--warn" role="alert">{t!(workspace.end_unsent)}</p>
                }.into_any())}
                {move || transfer.error.get().map(|error| view! {
                    <p class="notice notice--error" role="alert">{error}</p>
                }.into_any())}
            </div>
            <div class="dialog__foot">
                <button type="button" class="button" on:click=move |_| on_close.run(())>{t!(common.cancel)}</button>
                <button
                    type="submit"
                    class="button button--primary"
                    disabled=move || transfer.busy.get() || nothing
                >
                    {move || match transfer.warning.with(Option::is_some) || unsent.get() {
                        true => t!(transfer.submit_anyway),
                        false => t!(transfer.submit),
                    }}
                </button>
            </div>
        </form>
    }
}

/// An agent or a team, and which one.
#[component]
fn Target(transfer: Transfer, options: TransferOptions, channel: Option<Channel>) -> impl IntoView {
    let load = |(agent, _): &(PersonRef, Presence)| options.load(&agent.id, channel?);
    let loads: Vec<_> = options.agents.iter().map(load).collect();
    let TransferOptions { agents, teams, .. } = options;
    let (no_agents, no_teams) = (agents.is_empty(), teams.is_empty());
    let to_team = transfer.to_team;
    let team_first = to_team.get_untracked();
    view! {
        <div role="radiogroup" aria-label=t!(transfer.to) class="stack">
            <label class="row">
                <input
                    type="radio"
                    name="transfer-to"
                    checked=!team_first
                    disabled=no_agents
                    on:change=move |_| transfer.choose_kind(false)
                />
                {t!(transfer.to_agent)}
            </label>
            <select
                class="select"
                aria-label=t!(transfer.agent)
                disabled=move || no_agents || to_team.get()
                on:change=move |event| transfer.choose_agent(event_target_value(&event))
            >
                {agents
                    .into_iter()
                    .zip(loads)
                    .map(|((agent, presence), load)| agent_option(agent, presence, load))
                    .collect_view()}
            </select>
            <label class="row">
                <input
                    type="radio"
                    name="transfer-to"
                    checked=team_first
                    disabled=no_teams
                    on:change=move |_| transfer.choose_kind(true)
                />
                {t!(transfer.to_team)}
            </label>
            <select
                class="select"
                aria-label=t!(transfer.team)
                disabled=move || no_teams || !to_team.get()
                on:change=move |event| transfer.team.set(event_target_value(&event))
            >
                {teams
                    .into_iter()
                    .map(|(team, name)| view! { <option value=team.to_string()>{isolated(&name).into_owned()}</option> }.into_any())
                    .collect_view()}
            </select>
        </div>
    }
}

/// An agent with their presence, as it is now, and how much they have.
fn agent_option(agent: PersonRef, presence: Presence, load: Option<Load>) -> AnyView {
    let session = use_session();
    let id = agent.id.to_string();
    let text = move || {
        let now = session.people.with(|people| {
            let known = people.iter().find(|person| person.id == agent.id);
            known.map_or(presence, |person| person.presence)
        });
        option_text(&agent.name, now, load)
    };
    view! { <option value=id>{text}</option> }.into_any()
}
