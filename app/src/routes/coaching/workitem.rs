//! `/coaching/{agent}/{workitem}`: the conversation as it happens, and the box that speaks to the agent alone.
//! As long as this page shows a workitem, its supervisor monitors it, and the agent has been notified.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::{UserId, WorkitemId};
use shared::live::Topic;
use shared::people::Permission;
use shared::saved_texts::SavedFor;
use shared::transcript::{Conversation, Entry, EntryBody};
use shared::workitem::{Workitem, WorkitemState};

use super::barge_box::{CustomerOpener, ToCustomer, use_barge_box};
use super::following::{Following, NextOne, use_following};
use super::heading::Heading;
use super::others::OtherWorkitems;
use super::requests::Requests;
use super::use_agent_param;
use crate::api::coaching::coaching_reply_seen;
use crate::components::keyboard::use_focus_on_open;
use crate::components::note_box::{NoteBox, NoteOpener, use_note_box};
use crate::components::review::review_comment;
use crate::components::saved_texts::SavedTexts;
use crate::components::unsent::UnsentHere;
use crate::components::{Composer, Icon, PageTitle, Transcript};
use crate::live::conversation::{ConversationView, first_conversation, follow_conversation};
use crate::live::use_live;
use crate::navigation::use_navigation;
use crate::outbox::Destination;
use crate::routes::workspace::use_workitem_param;
use crate::state::use_session;

/// The page.
#[component]
pub fn CoachingWorkitem() -> impl IntoView {
    let agent = use_agent_param();
    let workitem = use_workitem_param();
    // The workitem alone: when it moves to another agent the address changes and the monitoring goes on.
    let first = first_conversation(move || workitem.get());
    let lost = Memo::new(move |_| {
        let refused = first
            .answer
            .with(|answer| matches!(answer, Some(Err(error)) if error.0 == AppError::NotFound));
        workitem.get().filter(|_| refused)
    });
    let page = first.show(
        || {
            view! {
                <div class="coaching" aria-busy="true">
                    <div class="skeleton coaching__loading"></div>
                </div>
            }
            .into_any()
        },
        move |conversation| {
            view! { <Coaching first=conversation agent=agent workitem=workitem/> }.into_any()
        },
    );
    view! {
        {page}
        {move || lost.get().map(|workitem| view! {
            <div class="page"><Unsent workitem/></div>
        }.into_any())}
    }
}

/// The page with its data, for as long as its user may see them.
#[component]
fn Coaching(
    first: Conversation,
    agent: Memo<Option<UserId>>,
    workitem: Memo<Option<WorkitemId>>,
) -> impl IntoView {
    let id = first.workitem.id.clone();
    let view = follow_conversation(first, true);
    let list = RwSignal::new(Vec::new());
    let following = use_following(view, agent, list);
    use_address_of_holder(view, id.clone(), agent, following);
    let gone = Memo::new(move |_| {
        view.refused
            .with(|refused| *refused == Some(AppError::NotFound))
    });
    move || {
        if gone.get() {
            view! { <AccessLost workitem=id.clone()/> }.into_any()
        } else {
            view! { <Opened view agent workitem list following/> }.into_any()
        }
    }
}

/// What stands where the work was. What the supervisor wrote there stays.
#[component]
fn AccessLost(workitem: WorkitemId) -> impl IntoView {
    view! {
        <PageTitle text=t!(not_found.page)/>
        <div class="page">
            <div class="empty" role="alert">
                <Icon name="info"/>
                <h1 class="empty__title">{t!(coaching.access_lost)}</h1>
                <a class="button" href="/dashboard">{t!(coaching.to_dashboard)}</a>
            </div>
            <Unsent workitem/>
        </div>
    }
}

/// What the supervisor wrote in a workitem: to its agent, to its customer, for its review and for staff.
#[component]
fn Unsent(workitem: WorkitemId) -> impl IntoView {
    view! {
        {Destination::of_supervisor(&workitem).map(|to| view! { <UnsentHere name=to.name()/> }.into_any())}
        <UnsentHere name=review_comment(&workitem)/>
        <UnsentHere name=Destination::Staff(workitem).name()/>
    }
}

#[component]
fn Opened(
    view: ConversationView,
    agent: Memo<Option<UserId>>,
    workitem: Memo<Option<WorkitemId>>,
    list: RwSignal<Vec<Workitem>>,
    following: Following,
) -> impl IntoView {
    let live = use_live();
    let (id, channel) = view
        .workitem
        .with_untracked(|workitem| (workitem.id.clone(), workitem.channel));
    let title = Signal::derive(move || {
        let subject = view.workitem.try_with(|workitem| workitem.subject.clone());
        t!(
            coaching.title_workitem,
            subject = subject.unwrap_or_default()
        )
    });
    let topic = Topic::Workitem(id.clone());
    let on_back = Callback::new(move |()| {
        following.end();
        live.unfollow(&topic);
    });
    let over = use_end_of_coaching(view);
    let hands = RwSignal::new(Vec::new());
    let presence = RwSignal::new(None);
    let barge = channel.coachable().then(|| use_barge_box(view)).flatten();
    let note = use_note_box(view);
    use_focus_on_open();
    let seen = RwSignal::new(0_i64);
    mark_replies_seen(view, seen);

    view! {
        <PageTitle text=title />
        <div class="coaching">
            <OtherWorkitems agent=agent current=workitem workitems=list hands=hands presence=presence/>
            <div class="coaching__main">
                <Heading view agent list presence following on_back/>
                <Requests workitem=view.workitem hands=hands/>
                <Transcript view=view seen=seen/>
                <div class="coaching__foot">
                    <div role="status">
                        {move || over.get().map(|line| view! {
                            <p class="notice notice--warn coaching__over">
                                <Icon name="info"/>
                                {line}
                                <NextOne following/>
                                <a href="/dashboard">{t!(coaching.to_dashboard)}</a>
                            </p>
                        }.into_any())}
                    </div>
                    <div class="beside beside--foot">
                        <div class="beside__openers">
                            <NoteOpener view side=note />
                            {barge.map(|side| view! { <CustomerOpener view side /> }.into_any())}
                        </div>
                    </div>
                    <NoteBox view side=note />
                    {barge.map(|side| view! { <ToCustomer view side /> }.into_any())}
                    <ToAgent view over />
                </div>
            </div>
        </div>
    }
}

/// Tells the host which of the agent's replies its supervisor has had in front of them, once for each newest one.
pub(super) fn mark_replies_seen(view: ConversationView, seen: RwSignal<i64>) {
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let unseen = Memo::new(move |_| {
        let through = seen.get();
        let news = |entry: &&Entry| match &entry.body {
            EntryBody::CoachingReply { seen, .. } => seen.iter().all(|seen| seen.by.id != me),
            _ => false,
        };
        view.entries.with(|entries| {
            let mut shown = entries.iter().rev().filter(|entry| entry.seq <= through);
            shown.find(news).map(|entry| entry.seq)
        })
    });
    let sent = StoredValue::new(0);
    Effect::new(move || {
        let Some(through) = unseen.get().filter(|through| *through > sent.get_value()) else {
            return;
        };
        sent.set_value(through);
        let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
        spawn_local(async move {
            if coaching_reply_seen(workitem, through).await.is_err() {
                // The next one, or showing the page again, tries again.
                sent.try_set_value(0);
            }
        });
    });
}

/// A workitem that moves to another agent takes the page with it, unless the agent is followed: the address names the agent who has it
/// now. A user who takes it over goes to the workspace instead: nobody coaches themselves.
fn use_address_of_holder(
    view: ConversationView,
    id: WorkitemId,
    agent: Memo<Option<UserId>>,
    following: Following,
) {
    let navigation = use_navigation();
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let holder = Memo::new(move |_| {
        view.workitem
            .with(|workitem| workitem.agent.as_ref().map(|agent| agent.id.clone()))
    });
    Effect::new(move |_| {
        if let Some(holder) = holder.get().filter(|holder| *holder != me)
            && agent.get_untracked().as_ref() != Some(&holder)
            && !following.stays()
        {
            navigation.correct(&format!("/coaching/{holder}/{id}"));
        }
    });
}

/// Why nobody can be coached here any more.
pub(super) fn use_end_of_coaching(view: ConversationView) -> Memo<Option<&'static str>> {
    let state = Memo::new(move |_| view.workitem.with(|workitem| workitem.state));
    Memo::new(move |_| {
        if state.get() == WorkitemState::Closed {
            Some(t!(coaching.closed))
        } else if view.refused.with(Option::is_some) {
            Some(t!(coaching.access_lost))
        } else {
            None
        }
    })
}

/// The box that speaks to the agent, or why there is none.
#[component]
pub(super) fn ToAgent(view: ConversationView, over: Memo<Option<&'static str>>) -> impl IntoView {
    let (id, channel) = view
        .workitem
        .with_untracked(|workitem| (workitem.id.clone(), workitem.channel));
    let coaches = use_session()
        .me
        .with_untracked(|me| me.holds(Permission::CoachingSend));
    let why_not = match (channel.coachable(), coaches) {
        (true, true) => return view! { <CoachingBox view id over /> }.into_any(),
        (true, false) => t!(coaching.role_reads),
        (false, _) => t!(coaching.view_only),
    };
    view! {
        <p class="coaching__view-only">
            <Icon name="eye"/>
            {why_not}
        </p>
    }
    .into_any()
}

/// The box that speaks to the agent. When it is shut it keeps what was typed in it.
#[component]
fn CoachingBox(
    view: ConversationView,
    id: WorkitemId,
    over: Memo<Option<&'static str>>,
) -> impl IntoView {
    let shut = Signal::derive(move || over.get().map(|_| t!(coaching.shut).to_owned()));
    let agent = Memo::new(move |_| view.workitem.with(|workitem| workitem.agent.clone()));
    // Another coach writes to the agent, and the agent to all of them.
    let typing = move || {
        let writer = view.coaching_writer()?;
        let agent = view.workitem.with(|workitem| {
            workitem
                .agent
                .as_ref()
                .is_some_and(|agent| agent.id == writer.id)
        });
        Some(match agent {
            true => t!(coaching.typing, name = writer.name),
            false => t!(workspace.customer_typing, name = writer.name),
        })
    };
    let placeholder = Signal::derive(move || match agent.get() {
        Some(agent) => t!(coaching.placeholder, name = agent.name),
        None => t!(coaching.placeholder_nobody).to_owned(),
    });
    view! {
        <div class="coaching__compose">
            <p class="workspace__typing beside__coach" dir="auto">{typing}</p>
            <Composer
                label=t!(coaching.message)
                placeholder=placeholder
                to=Destination::Agent(id)
                reader=agent
                saved=SavedTexts { written_for: SavedFor::Coaching, view }
                closed=shut
                on_sent=Callback::new(move |delivered| view.apply_delivered(delivered))
            />
            <p class="coaching__aid" hidden=move || over.with(Option::is_some)>
                {t!(coaching.private)}
            </p>
        </div>
    }
}
