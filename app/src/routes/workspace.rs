//! The agent's page: the list of their workitems beside the one that is open. The list stays while workitems
//! are opened and left; both are live.

mod actions;
mod closed;
mod coach_box;
mod conversation;
mod ending;
mod list;
mod order;
mod transfer;

use leptos::Params;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_params, use_params_map};
use leptos_router::params::Params;
use shared::error::AppError;
use shared::ids::WorkitemId;

pub(crate) use self::actions::run_command;
use self::closed::ClosedWorkitems;
use self::conversation::OpenWorkitem;
pub(crate) use self::conversation::{AnswerBox, AnswerWords};
pub(crate) use self::ending::EndConversation;
use self::list::WorkitemList;

use crate::answer::answer_not_found;
use crate::api::workitems::WorklistLoad;
use crate::components::load_failed::LoadFailed;
use crate::components::unsent::{UnsentElsewhere, UnsentHere};
use crate::components::{Icon, PageTitle};
use crate::first_data::first_answer;
use crate::live::conversation::first_conversation;
use crate::live::{ConnectionState, use_live};
use crate::outbox::{Destination, transfer_note};
use crate::state::use_session;

/// The workitem that an address names.
#[derive(Clone, Debug, PartialEq, Params)]
pub struct WorkitemParams {
    /// Which.
    pub workitem: WorkitemId,
}

/// The workitem of the page's address; `None` is no workitem's id.
pub fn use_workitem_param() -> Memo<Option<WorkitemId>> {
    let params = use_params::<WorkitemParams>();
    Memo::new(move |_| params.get().ok().map(|params| params.workitem))
}

/// `/workspace` and what is below it.
#[component]
pub fn WorkspacePage() -> impl IntoView {
    let session = use_session();
    let live = use_live();
    let list = first_answer(|| Some(WorklistLoad {}));
    let shown = list.show(
        || view! { <div class="skeleton" aria-hidden="true"></div> }.into_any(),
        move |loaded| {
            // What came live is newer than an answer that was on its way.
            let newer = live.state.get_untracked() == ConnectionState::Live
                && session.worklist.with_untracked(Option::is_some);
            if !newer {
                session.take_worklist(loaded);
            }
            view! { <Workspace /> }.into_any()
        },
    );
    view! {
        <PageTitle text=t!(workspace.title) />
        <h1 class="visually-hidden">{t!(workspace.title)}</h1>
        {shown}
    }
}

/// The list, and beside it what is open.
#[component]
fn Workspace() -> impl IntoView {
    let params = use_params_map();
    let open = Memo::new(move |_| params.with(|params| params.get_str("workitem").is_some()));
    let worklist = use_session().worklist;
    let gone = Callback::new(move |to| {
        let (Destination::Customer(id) | Destination::Coach(id) | Destination::Staff(id)) = to
        else {
            return None;
        };
        worklist.with(|list| {
            let listed = &list.as_ref()?.workitems;
            let listed = listed.iter().any(|workitem| workitem.id == id);
            (!listed).then(|| format!("/workspace/{id}"))
        })
    });
    view! {
        <div class="workspace" class:workspace--open=move || open.get()>
            <nav class="workspace__list" aria-label=t!(workspace.mine)>
                <UnsentElsewhere reach=gone name=t!(workspace.not_yours_any_more) />
                <WorkitemList />
                <ClosedWorkitems />
            </nav>
            <section class="workspace__conversation" aria-label=t!(workspace.workitem)>
                <Outlet />
            </section>
        </div>
    }
}

/// `/workspace`: nothing is open.
#[component]
pub fn WorkspaceEmpty() -> impl IntoView {
    let session = use_session();
    let some = Memo::new(move |_| {
        session
            .worklist
            .with(|list| list.as_ref().is_some_and(|list| !list.workitems.is_empty()))
    });
    view! {
        <div class="empty">
            <Icon name="chat" />
            <p class="empty__title">
                {move || if some.get() { t!(workspace.choose) } else { t!(workspace.none) }}
            </p>
            <p class="empty__line">
                {move || if some.get() {
                    t!(workspace.choose_line)
                } else {
                    t!(workspace.none_line)
                }}
            </p>
        </div>
    }
}

/// `/workspace/:workitem`: one of the agent's workitems.
#[component]
pub fn WorkspaceWorkitem() -> impl IntoView {
    let id = use_workitem_param();
    let conversation = first_conversation(move || id.get());
    let retry = Callback::new(move |()| conversation.refetch());
    // What was taken over or transferred can come back while its page is open.
    let worklist = use_session().worklist;
    let listed = Memo::new(move |_| {
        let id = id.get();
        worklist.with(|list| {
            let mut own = list.iter().flat_map(|list| &list.workitems);
            own.any(|workitem| Some(&workitem.id) == id.as_ref())
        })
    });
    let gone_now = RwSignal::new(false);
    let missing = move || {
        let answer = conversation.answer.get_untracked();
        let refused = matches!(answer, Some(Err(error)) if error.0 == AppError::NotFound);
        refused || gone_now.get_untracked()
    };
    Effect::new(move |before: Option<bool>| {
        let now = listed.get();
        if now && before == Some(false) && missing() {
            conversation.refetch();
        }
        now
    });
    move || match conversation.answer.get() {
        None => view! { <div class="skeleton" aria-hidden="true"></div> }.into_any(),
        Some(Ok(first)) => view! { <OpenWorkitem first=first gone_now=gone_now /> }.into_any(),
        Some(Err(error)) if error.0 == AppError::NotFound => {
            answer_not_found();
            view! { <NotYours workitem=id.get() /> }.into_any()
        }
        Some(Err(error)) => view! { <LoadFailed error=error.0 retry=retry /> }.into_any(),
    }
}

/// What stands where a workitem was, or never was: the agent cannot tell which, unless this tab has heard who took it. What they
/// wrote there stays.
#[component]
fn NotYours(workitem: Option<WorkitemId>) -> impl IntoView {
    let (taken, id) = (use_session().taken, workitem.clone());
    let line = Memo::new(move |before: Option<&Option<String>>| {
        let now = taken.with(|taken| {
            let (of, line) = taken.as_ref()?;
            (Some(of) == id.as_ref()).then(|| line.clone())
        });
        // The next one that is taken changes nothing here.
        now.or_else(|| before.cloned().flatten())
    });
    view! {
        <div class="empty">
            <Icon name="search" />
            // Who was writing goes on here, where letters do nothing.
            <p class="empty__title" tabindex="-1">{t!(workspace.not_yours)}</p>
            <p class="empty__line">
                {move || line.get().unwrap_or_else(|| t!(workspace.not_yours_line).to_owned())}
            </p>
            {workitem.map(|workitem| view! {
                {Destination::of_agent(&workitem).map(|to| view! { <UnsentHere name=to.name() /> }.into_any())}
                <UnsentHere name=transfer_note(&workitem) />
            }.into_any())}
            <a class="button" href="/workspace">{t!(workspace.back_to_mine)}</a>
        </div>
    }
}
