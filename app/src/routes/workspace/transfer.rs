//! Handing a workitem to a colleague or to a team. What can be chosen comes from the host when the dialog opens.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::people::Presence;
use shared::workitem::{TransferOptions, TransferTo};

use crate::api::ApiError;
use crate::api::workitems::{transfer_options_load, workitem_transfer};
use crate::clock::new_key;
use crate::components::Dialog;
use crate::components::reassign::{confirm_view, sentence, to_confirm};
use crate::live::own::follow_people;
use crate::navigation::use_navigation;
use crate::state::use_desk;

/// The dialog "Transfer workitem".
#[component]
pub fn TransferDialog(workitem: WorkitemId, on_close: Callback<()>) -> impl IntoView {
    follow_people(use_desk());
    let options = RwSignal::new(None::<Result<TransferOptions, String>>);
    Effect::new(move || {
        spawn_local(async move {
            let loaded = transfer_options_load().await;
            options.try_set(Some(loaded.map_err(|error| error.to_string())));
        });
    });
    view! {
        <Dialog title="Transfer workitem" class="dialog--narrow" on_close=on_close>
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
                    <TransferForm workitem=workitem.clone() options=options on_close=on_close />
                }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn TransferForm(
    workitem: WorkitemId,
    options: TransferOptions,
    on_close: Callback<()>,
) -> impl IntoView {
    let desk = use_desk();
    let navigation = use_navigation();
    let mut options = options;
    // Who can take it at once stands first, and is proposed; a team rather than somebody who is not there.
    let (mut agents, others): (Vec<_>, Vec<_>) =
        (options.agents.into_iter()).partition(|(_, presence)| *presence == Presence::Available);
    agents.extend(others);
    options.agents = agents;
    let no_agents = options.agents.is_empty();
    let no_teams = options.teams.is_empty();
    let nobody_there =
        (options.agents.first()).is_none_or(|(_, presence)| *presence == Presence::Offline);
    let team_first = nobody_there && !no_teams;
    let to_team = RwSignal::new(team_first);
    let agent = RwSignal::new(
        options
            .agents
            .first()
            .map(|(agent, _)| agent.id.to_string())
            .unwrap_or_default(),
    );
    let team = RwSignal::new(
        options
            .teams
            .first()
            .map(|(team, _)| team.to_string())
            .unwrap_or_default(),
    );
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let warning = RwSignal::new(None::<String>);
    let key = StoredValue::new(None);

    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let to = if to_team.get_untracked() {
            TeamId::parse(team.get_untracked()).map(TransferTo::Team)
        } else {
            UserId::parse(agent.get_untracked()).map(TransferTo::Agent)
        };
        let to = match to {
            Ok(to) if !busy.get_untracked() => to,
            _ => return,
        };
        busy.set(true);
        error.set(None);
        let confirmed = warning.with_untracked(Option::is_some);
        // The same choice tried again is the same command; another choice is another.
        let key = key
            .try_update_value(|kept| match kept {
                Some((before, key)) if before == &to => Clone::clone(key),
                _ => {
                    let key = new_key();
                    *kept = Some((to.clone(), key.clone()));
                    key
                }
            })
            .unwrap_or_else(new_key);
        let workitem = workitem.clone();
        spawn_local(async move {
            match workitem_transfer(workitem, key, to, confirmed).await {
                Ok(()) => {
                    desk.toast("Transferred");
                    // The live connection may have been quicker and taken the page away.
                    on_close.try_run(());
                    navigation.go("/workspace");
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

    let agents = options
        .agents
        .into_iter()
        .map(|(agent, presence)| {
            let id = agent.id.clone();
            let text = move || {
                let now = desk.people.with(|people| {
                    let known = people.iter().find(|person| person.id == agent.id);
                    known.map_or(presence, |person| person.presence)
                });
                [&agent.name, " (", now.label(), ")"].concat()
            };
            view! { <option value=id.to_string()>{text}</option> }.into_any()
        })
        .collect_view();
    let teams = options
        .teams
        .into_iter()
        .map(|(team, name)| view! { <option value=team.to_string()>{name}</option> }.into_any())
        .collect_view();
    view! {
        <form class="dialog__form" on:submit=submit>
            <div class="dialog__body stack">
                <div role="radiogroup" aria-label="Transfer to" class="stack">
                    <label class="row">
                        <input
                            type="radio"
                            name="transfer-to"
                            checked=!team_first
                            disabled=no_agents
                            on:change=move |_| {
                                warning.set(None);
                                to_team.set(false);
                            }
                        />
                        "An agent"
                    </label>
                    <select
                        class="select"
                        aria-label="Agent"
                        disabled=move || no_agents || to_team.get()
                        on:change=move |event| {
                            warning.set(None);
                            agent.set(event_target_value(&event));
                        }
                    >
                        {agents}
                    </select>
                    <label class="row">
                        <input
                            type="radio"
                            name="transfer-to"
                            checked=team_first
                            disabled=no_teams
                            on:change=move |_| {
                                warning.set(None);
                                to_team.set(true);
                            }
                        />
                        "A team"
                    </label>
                    <select
                        class="select"
                        aria-label="Team"
                        disabled=move || no_teams || !to_team.get()
                        on:change=move |event| team.set(event_target_value(&event))
                    >
                        {teams}
                    </select>
                </div>
                {confirm_view(warning)}
                {move || error.get().map(|error| view! {
                    <p class="notice notice--error" role="alert">{error}</p>
                }.into_any())}
            </div>
            <div class="dialog__foot">
                <button type="button" class="button" on:click=move |_| on_close.run(())>"Cancel"</button>
                <button
                    type="submit"
                    class="button button--primary"
                    disabled=move || busy.get() || (no_agents && no_teams)
                >
                    {move || match warning.with(Option::is_some) {
                        true => "Transfer all the same",
                        false => "Transfer",
                    }}
                </button>
            </div>
        </form>
    }
}
