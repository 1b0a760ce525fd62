//! `/admin/customers`: a customer is found by name, and erased.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_url;
use shared::erasure::{CustomerWorkitem, ERASED, Erasure};
use shared::error::AppError;
use shared::ids::WorkitemId;

use super::proof::{Proof, ProofDialog};
use super::{loading_view, trouble_view};
use crate::api::ApiError;
use crate::api::customers::{CustomerFind, customer_erase, erasure_preview};
use crate::attempt::Attempt;
use crate::components::dialog::DialogFoot;
use crate::components::time::LocalTime;
use crate::components::{Dialog, Icon, PageTitle};
use crate::first_data::first_answer;
use crate::language::label;
use crate::query;

/// The call that an address asks for.
pub fn asked(search: &str) -> CustomerFind {
    CustomerFind {
        name: query::value(search, "name").unwrap_or_default(),
    }
}

/// The page on which customers are erased.
#[component]
pub fn CustomersPage() -> impl IntoView {
    let url = use_url();
    let loaded = first_answer(move || Some(url.with(|url| asked(url.search()))));
    let name = move || url.with_untracked(|url| asked(url.search()).name);
    let state = State {
        chosen: RwSignal::new(None),
        trouble: RwSignal::new(None),
        said: RwSignal::new(""),
        busy: RwSignal::new(false),
        proof: Proof::new(),
        attempt: Attempt::new(),
        again: Callback::new(move |()| loaded.refetch()),
    };
    view! {
        <PageTitle text=t!(customers.title) />
        <div class="page admin">
            <div class="page__head">
                <h1 class="page__title">{t!(customers.title)}</h1>
                <p class="admin__said" role="status">{move || state.said.get()}</p>
            </div>
            <p class="admin__lead">{t!(customers.lead)}</p>
            {trouble_view(state.trouble)}
            <form class="audit__filter card" method="get" action="/admin/customers" role="search">
                <div class="field">
                    <label class="field__label" for="customer-name">{t!(customers.name)}</label>
                    <input class="input" id="customer-name" name="name" value=name() autocomplete="off" dir="auto" />
                </div>
                <div class="audit__actions">
                    <button class="button button--primary" type="submit">{t!(customers.find)}</button>
                </div>
            </form>
            {loaded.show(loading_view, move |found| found_view(state, found, !name().trim().is_empty()))}
            <ErasureDialog state />
            <ProofDialog proof=state.proof />
        </div>
    }
}

/// What the page's parts share. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct State {
    /// Who is about to be erased, and how much that is.
    chosen: RwSignal<Option<(CustomerWorkitem, Erasure)>>,
    trouble: RwSignal<Option<AppError>>,
    said: RwSignal<&'static str>,
    busy: RwSignal<bool>,
    proof: Proof,
    attempt: Attempt,
    again: Callback<()>,
}

impl State {
    fn choose(self, customer: CustomerWorkitem) {
        self.trouble.set(None);
        self.said.set("");
        spawn_local(async move {
            match erasure_preview(customer.id.clone()).await {
                Ok(extent) => drop(self.chosen.try_set(Some((customer, extent)))),
                Err(ApiError(error)) => drop(self.trouble.try_set(Some(error))),
            }
        });
    }

    fn erase(self, workitem: WorkitemId) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let key = self.attempt.key(&workitem);
            let answer = customer_erase(key, workitem.clone()).await;
            self.attempt.answered(&answer);
            // Somebody may have left the page while the answer was on its way.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => {
                    self.chosen.set(None);
                    self.said.set(t!(customers.erased));
                    self.again.run(());
                }
                Err(ApiError(error)) => {
                    let again = Callback::new(move |()| self.erase(workitem.clone()));
                    if !self.proof.takes(&error, Some(again)) {
                        self.chosen.set(None);
                        self.trouble.set(Some(error));
                    }
                }
            }
        });
    }
}

/// Before anything was searched for, nobody is missing.
fn found_view(state: State, found: Vec<CustomerWorkitem>, searched: bool) -> AnyView {
    if found.is_empty() && !searched {
        return ().into_any();
    }
    if found.is_empty() {
        return view! {
            <div class="empty card">
                <Icon name="search" />
                <p class="empty__title">{t!(customers.none)}</p>
            </div>
        }
        .into_any();
    }
    let rows = found.into_iter().map(|row| row_view(state, row));
    view! {
        <div class="admin__list card">
            <table class="table admin__table" aria-label=t!(customers.title)>
                <thead>
                    <tr>
                        <th scope="col">{t!(customers.name)}</th>
                        <th scope="col">{t!(customers.address)}</th>
                        <th scope="col">{t!(customers.channel)}</th>
                        <th scope="col">{t!(customers.started)}</th>
                        <th scope="col"><span class="visually-hidden">{t!(common.actions)}</span></th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row_view(state: State, row: CustomerWorkitem) -> AnyView {
    let erased = row.customer == ERASED;
    let (name, address) = (
        row.customer.clone(),
        row.address.clone().unwrap_or_default(),
    );
    let count = t!(customers.workitems, count = row.workitems);
    let (channel, started_at, customer) = (label(row.channel), row.started_at, name.clone());
    view! {
        <tr>
            <th scope="row" class="admin__name admin__text" dir="auto">{customer}</th>
            <td class="admin__text" dir="auto">{address}</td>
            <td>{channel}</td>
            <td><LocalTime at=started_at />" · "{count}</td>
            <td class="admin__cell">
                {(!erased).then(|| view! {
                    <button
                        class="button button--quiet button--danger"
                        type="button"
                        aria-label=t!(customers.erase_name, name = name)
                        on:click=move |_| state.choose(row.clone())
                    >
                        <Icon name="trash" />
                        {t!(customers.erase)}
                    </button>
                }.into_any())}
            </td>
        </tr>
    }
    .into_any()
}

/// What goes, and the question whether it shall.
#[component]
fn ErasureDialog(state: State) -> impl IntoView {
    let close = Callback::new(move |()| state.chosen.set(None));
    move || {
        state.chosen.get().map(|(customer, extent)| {
            let workitem = customer.id;
            let mut name = customer.customer;
            if let Some(address) = customer.address {
                name = [&name, " · ", &address].concat();
            }
            let lines = [
                match extent.open {
                    0 => t!(customers.workitems, count = extent.workitems),
                    open => t!(customers.open, count = extent.workitems, open = open),
                },
                t!(customers.messages, count = extent.messages),
                t!(customers.files, count = extent.files),
                t!(customers.coaching, count = extent.coaching),
                t!(customers.notices, count = extent.notices),
                t!(customers.requests, count = extent.requests),
            ];
            let lines = lines.map(|line| view! { <li>{line}</li> }.into_any());
            view! {
                <Dialog title=t!(customers.question, name = name) on_close=close class="dialog--narrow">
                    <div class="dialog__body">
                        <p>{t!(customers.goes)}</p>
                        <ul>{lines.into_iter().collect_view()}</ul>
                        <p>{t!(customers.stays)}</p>
                    </div>
                    <DialogFoot
                        label=t!(customers.erase)
                        danger=true
                        busy=state.busy
                        on_cancel=close
                        on_confirm=Callback::new(move |()| state.erase(workitem.clone()))
                    />
                </Dialog>
            }
            .into_any()
        })
    }
}
