//! The form of the dialog: which workitems, and where they go. A caller who may end conversations can end them here as well.

use leptos::prelude::*;
use shared::ids::UserId;
use shared::people::{Permission, PersonRef, Presence};
use shared::workitem::{Load, TransferOptions, TransferTo, Workitem};

use super::bulk::{Bulk, say_done};
use super::{confirm_view, option_text};
use crate::api::stepping_in::conversation_end;
use crate::api::workitems::workitem_reassign;
use crate::components::leaving::use_unsent_among;
use crate::outbox::Destination;
use crate::state::{SessionState, use_session};

/// What stands for "back to the queue" among the agents' ids, none of which is empty. Of work that waits there already it
/// stands for no choice.
const QUEUE: &str = "";

/// What is asked of the workitems that are chosen. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Reassignment {
    bulk: Bulk,
    /// An agent's id, or [`QUEUE`].
    target: RwSignal<String>,
    /// Whether the work waits in a queue, so that it can go to an agent alone.
    queued: bool,
    /// Whether the question stands there that is asked before conversations end.
    ending: RwSignal<bool>,
    /// Whether something that was written in one of them was not sent.
    unsent: Memo<bool>,
    session: SessionState,
    on_close: Callback<()>,
}

impl Reassignment {
    fn reassign(self) {
        let target = self.target.get_untracked();
        let agent = match target.as_str() {
            QUEUE => None,
            agent => match UserId::parse(agent.to_owned()) {
                Ok(agent) => Some(agent),
                Err(_) => return,
            },
        };
        let confirmed = self.bulk.warning.with_untracked(Option::is_some);
        let act = move |workitem: Workitem, key| {
            let to = match &agent {
                Some(agent) => TransferTo::Agent(agent.clone()),
                None => TransferTo::Team(workitem.team),
            };
            workitem_reassign(workitem.id, key, to, confirmed)
        };
        self.bulk.run(&target, act, move |done, whole| {
            say_done(
                self.session,
                done,
                |subject| match self.queued {
                    true => t!(reassign.assigned, subject = subject),
                    false => t!(reassign.done, subject = subject),
                },
                |count| match self.queued {
                    true => t!(reassign.assigned_several, count = count),
                    false => t!(reassign.done_several, count = count),
                },
            );
            self.close_if(whole);
        });
    }

    fn end(self) {
        let act = |workitem: Workitem, key| conversation_end(workitem.id, key);
        self.bulk.run("end", act, move |done, whole| {
            say_done(
                self.session,
                done,
                |subject| t!(reassign.ended, subject = subject),
                |count| t!(reassign.ended_several, count = count),
            );
            self.ending.try_set(false);
            self.close_if(whole);
        });
    }

    fn close_if(self, whole: bool) {
        if whole {
            // The live connection may have been quicker and taken the page away.
            self.on_close.try_run(());
        }
    }
}

#[component]
pub(super) fn Form(
    workitems: Vec<Workitem>,
    options: TransferOptions,
    on_close: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let agents = agents_for(&workitems, options);
    let queued = workitems.iter().all(|workitem| workitem.agent.is_none());
    let first = (agents.first()).filter(|first| queued && first.can_take());
    let target = first.map_or_else(|| QUEUE.to_owned(), |first| first.agent.id.to_string());
    let several = workitems.len() > 1;
    // Of one workitem the page that shows it has the button.
    let ends = several
        && session
            .me
            .with_untracked(|me| me.holds(Permission::WorkitemEnd));
    let unsent: Vec<_> = workitems
        .iter()
        .map(|one| {
            let lanes = Destination::of_supervisor(&one.id);
            (one.id.clone(), use_unsent_among(lanes))
        })
        .collect();
    let bulk = Bulk::new(workitems);
    let form = Reassignment {
        bulk,
        unsent: Memo::new(move |_| {
            let chosen = bulk.chosen.get();
            let mut unsent = unsent.iter().filter(|(_, unsent)| unsent.get());
            unsent.any(|(id, _)| chosen.contains(id))
        }),
        target: RwSignal::new(target),
        queued,
        ending: RwSignal::new(false),
        session,
        on_close,
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if form.ending.get_untracked() {
            form.end();
        } else {
            form.reassign();
        }
    };
    view! {
        <form class="dialog__form" on:submit=submit>
            <div class="dialog__body stack">
                {workitems_view(form.bulk, several)}
                {target_view(form, agents)}
                {confirm_view(form.bulk.warning)}
                {move || form.unsent.get().then(|| view! {
                    <p class="notice notice--warn" role="alert">{t!(reassign.unsent)}</p>
                }.into_any())}
                {move || form.ending.get().then(|| question_view(form.bulk))}
            </div>
            {foot_view(form, ends)}
        </form>
    }
}

fn foot_view(form: Reassignment, ends: bool) -> impl IntoView {
    let Reassignment { bulk, ending, .. } = form;
    let nothing = move || bulk.busy.get() || bulk.chosen.with(|chosen| chosen.is_empty());
    // Work that waits, and no agent is chosen.
    let nowhere =
        move || form.queued && !ending.get() && form.target.with(|target| target == QUEUE);
    let cancel = move |_| {
        if ending.get_untracked() {
            ending.set(false);
        } else {
            form.on_close.run(());
        }
    };
    let asked = move || bulk.warning.with(Option::is_some) || form.unsent.get();
    let submit_words = move || match (asked(), form.queued) {
        _ if ending.get() => t!(reassign.end),
        (true, true) => t!(reassign.assign_anyway),
        (false, true) => t!(reassign.assign),
        (true, false) => t!(reassign.submit_anyway),
        (false, false) => t!(reassign.submit),
    };
    view! {
        <div class="dialog__foot">
            <button type="button" class="button" on:click=cancel>{t!(common.cancel)}</button>
            {move || (ends && !ending.get()).then(|| view! {
                <button type="button" class="button" disabled=nothing on:click=move |_| ending.set(true)>
                    {t!(reassign.end_ask)}
                </button>
            }.into_any())}
            <button type="submit" class="button button--primary" disabled=move || nothing() || nowhere()>{submit_words}</button>
        </div>
    }
}

/// What happens to the customers, before it does.
fn question_view(bulk: Bulk) -> AnyView {
    view! {
        <p class="notice notice--warn" role="alert">
            {move || t!(reassign.end_question, count = bulk.chosen.with(|chosen| chosen.len()))}
        </p>
    }
    .into_any()
}

fn target_view(form: Reassignment, agents: Vec<Candidate>) -> impl IntoView {
    let queue = form.target.with_untracked(|target| target == QUEUE);
    let queue = queue.then(|| {
        let words = match (form.queued, agents.is_empty()) {
            (false, _) => t!(reassign.queue),
            (true, true) => t!(reassign.no_agents),
            (true, false) => t!(reassign.choose),
        };
        view! { <option value=QUEUE>{words}</option> }.into_any()
    });
    let label = match form.queued {
        true => t!(reassign.assign_to),
        false => t!(reassign.to),
    };
    let agents = agents.into_iter().map(agent_option).collect_view();
    let choose = move |event| {
        form.bulk.warning.set(None);
        form.target.set(event_target_value(&event));
    };
    view! {
        <div class="field" hidden=move || form.ending.get()>
            <label class="field__label" for="reassign-target">{label}</label>
            <select class="select" id="reassign-target" on:change=choose>
                {queue}
                {agents}
            </select>
        </div>
    }
}

fn line(workitem: &Workitem) -> String {
    t!(
        reassign.workitem_line,
        customer = workitem.customer,
        subject = workitem.subject
    )
}

/// Which workitems: chosen from several, or said when there is one. Those that are done leave the list.
fn workitems_view(bulk: Bulk, several: bool) -> AnyView {
    if !several {
        let only = bulk.workitems.get_untracked();
        let lines = only.iter().map(line).collect::<String>();
        let refused = move || {
            let reasons = bulk.refused.get();
            reasons
                .into_values()
                .map(|reason| {
                    view! { <p class="notice notice--error" role="alert">{reason}</p> }.into_any()
                })
                .collect_view()
        };
        return view! { <p class="reassign__what">{lines}</p> {refused} }.into_any();
    }
    let choose_all = move |event| bulk.choose_all(event_target_checked(&event));
    view! {
        // No fieldset, which would not scroll.
        <div class="reassign__workitems" role="group" aria-labelledby="reassign-workitems">
            <p class="field__label" id="reassign-workitems">{t!(reassign.workitems)}</p>
            <label class="reassign__choice reassign__all">
                <input type="checkbox" prop:checked=move || bulk.all_chosen() on:change=choose_all />
                {t!(reassign.all)}
            </label>
            <For each=move || bulk.workitems.get() key=|workitem| workitem.id.clone() let:workitem>
                <Choice workitem bulk />
            </For>
        </div>
    }
    .into_any()
}

/// One workitem to choose, and why it could not be done.
#[component]
fn Choice(workitem: Workitem, bulk: Bulk) -> impl IntoView {
    let id = StoredValue::new(workitem.id.clone());
    let chosen = move || id.with_value(|id| bulk.chosen.with(|chosen| chosen.contains(id)));
    let choose = move |event| id.with_value(|id| bulk.choose(id, event_target_checked(&event)));
    let refused = move || id.with_value(|id| bulk.refused.with(|all| all.get(id).cloned()));
    view! {
        <div>
            <label class="reassign__choice">
                <input type="checkbox" prop:checked=chosen on:change=choose />
                <span dir="auto">{line(&workitem)}</span>
            </label>
            {move || refused().map(|reason| view! {
                <p class="notice notice--error" role="alert">{reason}</p>
            }.into_any())}
        </div>
    }
}

/// Who may be chosen.
struct Candidate {
    agent: PersonRef,
    presence: Presence,
    /// How much they have of the channel of the work on which they have the least room.
    load: Option<Load>,
}

impl Candidate {
    /// Whether the host would ask no question first.
    fn can_take(&self) -> bool {
        self.presence == Presence::Available && !self.load.is_some_and(Load::is_full)
    }
}

/// Everybody but who has the work, those first who can take it at once.
fn agents_for(workitems: &[Workitem], options: TransferOptions) -> Vec<Candidate> {
    let has = workitems
        .first()
        .and_then(|workitem| workitem.agent.as_ref());
    let others = options.agents.iter();
    let others = others.filter(|(agent, _)| has.is_none_or(|has| has.id != agent.id));
    let candidates = others.map(|(agent, presence)| {
        let loads = workitems.iter();
        let loads = loads.filter_map(|one| options.load(&agent.id, one.channel));
        Candidate {
            agent: agent.clone(),
            presence: *presence,
            load: loads.min_by_key(|load| load.most - load.active),
        }
    });
    let (mut agents, rest): (Vec<_>, Vec<_>) = candidates.partition(Candidate::can_take);
    agents.extend(rest);
    agents
}

fn agent_option(candidate: Candidate) -> AnyView {
    let Candidate {
        agent,
        presence,
        load,
    } = candidate;
    let text = option_text(&agent.name, presence, load);
    view! { <option value=agent.id.to_string()>{text}</option> }.into_any()
}

#[cfg(test)]
mod tests {
    use shared::workitem::{Channel, ChannelCounts, WorkitemState};

    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).expect("a test id")
    }

    fn waiting(channel: Channel) -> Workitem {
        Workitem {
            channel,
            state: WorkitemState::Queued,
            ..Workitem::sample("w")
        }
    }

    /// The order, and how many of them can take it.
    fn order(channel: Channel) -> (Vec<String>, usize) {
        let agent = |id: &str, presence| {
            let name = id.to_owned();
            (PersonRef { id: user(id), name }, presence)
        };
        let of = |chat| ChannelCounts {
            chat,
            sms: 1,
            ..ChannelCounts::default()
        };
        let most = ChannelCounts { sms: 2, ..of(3) };
        let load = |id: &str, chats| (user(id), of(chats), most);
        let options = TransferOptions {
            agents: vec![
                agent("amy", Presence::Offline),
                agent("ben", Presence::Available),
                agent("cleo", Presence::Available),
            ],
            teams: Vec::new(),
            loads: vec![load("amy", 0), load("ben", 3), load("cleo", 2)],
        };
        let agents = agents_for(&[waiting(channel)], options);
        let able = agents.iter().filter(|one| one.can_take()).count();
        (agents.into_iter().map(|one| one.agent.name).collect(), able)
    }

    #[test]
    fn e11_who_can_take_it_stands_first() {
        let (names, able) = order(Channel::Chat);
        assert_eq!(names, ["cleo", "amy", "ben"]);
        assert_eq!(able, 1);
        let (names, able) = order(Channel::Sms);
        assert_eq!(names, ["ben", "cleo", "amy"]);
        assert_eq!(able, 2);
    }
}
