//! The requests of the agents for assistance, the oldest first, and who sees to each. The panel stands below the table of
//! agents, so one more moves nothing but what is behind it; while somebody points into it or has the focus there, a request
//! that is over keeps its place (E26).

use leptos::prelude::*;
use shared::people::PersonRef;
use shared::workitem::{HandAbout, RaisedHand};

use super::projection::LiveRow;
use super::row::Nothing;
use crate::clock::use_now;
use crate::components::hold::{Hold, Holding};
use crate::components::request_acts::{
    ClaimButton, RequestAct, RequestActs, claimer_text, escalated_text,
};
use crate::components::{Icon, Waiting};
use crate::language::label;
use crate::paths::coaching_path;
use crate::state::use_session;

/// A request on the panel.
#[derive(Clone, PartialEq)]
struct Listed {
    agent: PersonRef,
    hand: RaisedHand,
    /// It waits no more, and stays for the pointer.
    over: bool,
}

/// All requests that wait. Tracked.
fn waiting(rows: RwSignal<Vec<LiveRow>>) -> Vec<Listed> {
    let mut listed = Vec::new();
    rows.with(|rows| {
        for row in rows {
            row.now.with(|agent| {
                listed.extend(agent.hands.iter().map(|hand| Listed {
                    agent: PersonRef {
                        id: agent.id.clone(),
                        name: agent.name.clone(),
                    },
                    hand: hand.clone(),
                    over: false,
                }));
            });
        }
    });
    let place = |one: &Listed| (one.hand.at, one.hand.request.clone());
    listed.sort_by_key(place);
    listed
}

/// What is shown next. While the panel is held, what is shown keeps its place and what is new comes behind it.
fn next(shown: &[Listed], now: Vec<Listed>, held: bool) -> Vec<Listed> {
    if !held {
        return now;
    }
    let same = |one: &Listed, other: &Listed| one.hand.request == other.hand.request;
    let mut next: Vec<Listed> = shown.to_vec();
    for row in &mut next {
        match now.iter().find(|one| same(one, row)) {
            Some(one) => row.clone_from(one),
            None => row.over = true,
        }
    }
    let new = now.into_iter();
    next.extend(new.filter(|one| !shown.iter().any(|row| same(one, row))));
    next
}

/// The panel.
#[component]
pub(super) fn Requests(rows: RwSignal<Vec<LiveRow>>) -> impl IntoView {
    let now = Memo::new(move |_| waiting(rows));
    let shown = RwSignal::new(now.get_untracked());
    let hold = Hold::default();
    Effect::new(move || {
        let held = hold.get();
        let now = now.get();
        let next = shown.with_untracked(|shown| next(shown, now, held));
        if shown.with_untracked(|shown| *shown != next) {
            shown.set(next);
        }
    });
    let empty = Memo::new(move |_| shown.with(Vec::is_empty));
    view! {
        <Holding hold class="card requests" id="requests">
            <h2 class="requests__title" id="requests-title">{t!(requests.title)}</h2>
            {move || if empty.get() {
                view! {
                    <div class="empty requests__none">
                        <p class="empty__title">{t!(requests.none)}</p>
                        <p>{t!(requests.none_line)}</p>
                    </div>
                }.into_any()
            } else {
                view! { <Table shown /> }.into_any()
            }}
            // Last, so that the keyboard comes to the requests first.
            <a
                class="button button--quiet requests__export"
                href="/dashboard/requests/export"
                rel="external"
                download=""
            >
                {t!(requests.export_csv)}
            </a>
        </Holding>
    }
}

#[component]
fn Table(shown: RwSignal<Vec<Listed>>) -> impl IntoView {
    let heads = [
        t!(dashboard.agent),
        t!(requests.customer),
        t!(requests.request),
        t!(requests.waiting),
        t!(requests.target),
        t!(requests.who),
        t!(common.actions),
    ];
    let heads =
        heads.map(|head| view! { <th scope="col" role="columnheader">{head}</th> }.into_any());
    view! {
        <table class="table requests__table" role="table" aria-labelledby="requests-title">
            <thead role="rowgroup"><tr role="row">{heads.into_iter().collect_view()}</tr></thead>
            <tbody role="rowgroup">
                <For each=move || shown.get() key=|row| row.hand.request.clone() let:row>
                    <Line shown row />
                </For>
            </tbody>
        </table>
    }
}

#[component]
fn Line(shown: RwSignal<Vec<Listed>>, row: Listed) -> impl IntoView {
    let request = row.hand.request.clone();
    let acts = RequestActs::new(request.clone());
    let (since, due) = (row.hand.at, row.hand.due());
    let (text, target) = (row.hand.text.clone(), row.hand.target_min);
    let path = match &row.hand.workitem {
        Some(workitem) => format!("{}/{workitem}", coaching_path(&row.agent.id)),
        None => coaching_path(&row.agent.id),
    };
    let live = Memo::new(move |_| {
        let now = shown.with(|shown| {
            shown
                .iter()
                .find(|one| one.hand.request == request)
                .cloned()
        });
        now.unwrap_or_else(|| row.clone())
    });
    let name = Memo::new(move |_| live.with(|live| live.agent.name.clone()));
    let over = Memo::new(move |_| live.with(|live| live.over));
    let by = Memo::new(move |_| {
        live.with(|live| live.hand.claim.as_ref().map(|claim| claim.by.clone()))
    });
    let escalated = Memo::new(move |_| live.with(|live| live.hand.escalated));
    let now = use_now();
    let overdue = Memo::new(move |_| due.zip(now.get()).is_some_and(|(due, now)| now >= due));
    view! {
        <tr
            class="requests__row"
            class:requests__row--overdue=move || overdue.get() && !over.get()
            class:requests__row--over=move || over.get()
            role="row"
        >
            <th scope="row" role="rowheader" class="requests__agent" dir="auto" title=move || name.get()>
                {move || name.get()}
            </th>
            <td role="cell" data-label=t!(requests.customer)><Customer live /></td>
            <td role="cell" data-label=t!(requests.request) class="requests__text" dir="auto" title=text.clone()>
                {text.clone()}
            </td>
            <td role="cell" data-label=t!(requests.waiting) class="requests__since">
                <Waiting since=Signal::stored(Some(since)) />
            </td>
            <td role="cell" data-label=t!(requests.target)>
                {match target {
                    Some(minutes) => view! {
                        <span class="requests__target">{t!(requests.minutes, count = minutes)}</span>
                        " "
                        {move || overdue.get().then(|| view! {
                            <span class="badge badge--danger">{t!(requests.overdue)}</span>
                        }.into_any())}
                    }.into_any(),
                    None => view! { <Nothing /> }.into_any(),
                }}
                {move || escalated_text(escalated.get()).map(|text| view! {
                    " "
                    <span class="badge badge--danger">{text}</span>
                }.into_any())}
            </td>
            <td role="cell" data-label=t!(requests.who)><Who by over /></td>
            <td role="cell" class="requests__ways">
                <span class="requests__acts" hidden=move || over.get()>
                    <ClaimButton acts by name />
                    <DoneButton acts by name />
                </span>
                <a class="button button--quiet" href=path aria-label=move || t!(requests.open_of, name = name.get())>
                    {t!(requests.open)}
                </a>
            </td>
        </tr>
    }
}

/// Whom the request is about, with the way on which they came.
#[component]
fn Customer(live: Memo<Listed>) -> impl IntoView {
    let about = Memo::new(move |_| live.with(|live| live.hand.about.clone()));
    move || match about.get() {
        Some(HandAbout { channel, customer }) => view! {
            <span class="requests__customer" title=customer.clone()>
                <Icon name=channel.code() />
                <span class="visually-hidden">{label(channel)}" "</span>
                <bdi>{customer.clone()}</bdi>
            </span>
        }
        .into_any(),
        None => view! { <Nothing /> }.into_any(),
    }
}

/// Who has it.
#[component]
fn Who(by: Memo<Option<PersonRef>>, over: Memo<bool>) -> impl IntoView {
    let session = use_session();
    let words = Memo::new(move |_| {
        by.with(|by| match by {
            _ if over.get() => t!(requests.over).to_owned(),
            Some(by) => claimer_text(session, by),
            None => t!(requests.nobody).to_owned(),
        })
    });
    view! { <span class="requests__who" title=move || words.get()>{move || words.get()}</span> }
}

/// *Done*, for the claimer, and for everybody while nobody has claimed it.
#[component]
fn DoneButton(acts: RequestActs, by: Memo<Option<PersonRef>>, name: Memo<String>) -> impl IntoView {
    let me = use_session().me;
    let elsewhere =
        move || by.with(|by| by.as_ref().is_some_and(|by| me.with(|me| me.id != by.id)));
    view! {
        <button
            type="button"
            class="button"
            hidden=elsewhere
            aria-label=move || t!(requests.done_of, name = name.get())
            aria-disabled=move || acts.busy.get().to_string()
            on:click=move |_| acts.run(RequestAct::Handle)
        >
            {t!(requests.done)}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use shared::escalation::Step;
    use shared::ids::{RequestId, UserId};
    use shared::time::Timestamp;

    use super::*;

    fn listed(request: &str) -> Listed {
        Listed {
            agent: PersonRef {
                id: UserId::parse("amy").expect("a test id"),
                name: "Amy Adler".to_owned(),
            },
            hand: RaisedHand {
                request: RequestId::parse(request).expect("a test id"),
                text: "I need help.".to_owned(),
                at: Timestamp(1),
                workitem: None,
                claim: None,
                target_min: None,
                escalated: Step::Asked,
                about: None,
            },
            over: false,
        }
    }

    fn places(rows: &[Listed]) -> Vec<(&str, bool)> {
        rows.iter()
            .map(|row| (row.hand.request.as_str(), row.over))
            .collect()
    }

    #[test]
    fn e26_under_the_pointer_a_request_that_is_over_keeps_its_place() {
        let shown = [listed("first"), listed("second")];
        let now = || vec![listed("second"), listed("third")];
        let held = next(&shown, now(), true);
        let expected = [("first", true), ("second", false), ("third", false)];
        assert_eq!(places(&held), expected);
        let released = next(&held, now(), false);
        assert_eq!(places(&released), [("second", false), ("third", false)]);
        let back = next(&held, vec![listed("first")], true);
        let expected = [("first", false), ("second", true), ("third", true)];
        assert_eq!(places(&back), expected, "what comes back is where it was");
    }
}
