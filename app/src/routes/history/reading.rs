//! `/history/{workitem}`: a conversation that nobody has any more, or yet, to be read and nothing else. Nobody is notified; the audit
//! log names who reads.

use leptos::prelude::*;
use shared::history::HistoryReading;
use shared::people::Permission;
use shared::transcript::Conversation;
use shared::workitem::Workitem;

use super::PATH;
use crate::api::history::HistoryRead;
use crate::components::earlier::{Earlier, place_of};
use crate::components::labels::LabelLine;
use crate::components::review::ReviewLine;
use crate::components::{Icon, LocalTime, PageTitle, Transcript};
use crate::first_data::first_answer;
use crate::language::{channel_text, label};
use crate::live::conversation::{ConversationView, follow_conversation};
use crate::navigation::use_navigation;
use crate::routes::workspace::use_workitem_param;
use crate::state::use_session;

/// The page.
#[component]
pub fn HistoryReadingPage() -> impl IntoView {
    let id = use_workitem_param();
    let first = first_answer(move || id.get().map(|workitem| HistoryRead { workitem }));
    first.show(
        || {
            view! { <div class="coaching"><div class="skeleton coaching__loading"></div></div> }
                .into_any()
        },
        |HistoryReading {
             workitem,
             conversation,
         }| match conversation {
            Some(first) => reading_view(first),
            None => under_way_view(workitem),
        },
    )
}

/// As long as no agent has it.
fn reading_view(first: Conversation) -> AnyView {
    let view = follow_conversation(first, false);
    let open = Memo::new(move |_| view.workitem.with(|workitem| workitem.state.is_at_agent()));
    let shown = move || match open.get() {
        true => under_way_view(view.workitem.get_untracked()),
        false => conversation_view(view),
    };
    shown.into_any()
}

fn conversation_view(view: ConversationView) -> AnyView {
    let title = Signal::derive(move || {
        let subject = view.workitem.try_with(|workitem| workitem.subject.clone());
        subject.unwrap_or_default()
    });
    view! {
        <PageTitle text=title />
        <div class="coaching">
            <div class="coaching__main">
                {move || head_view(view.workitem.get())}
                <LabelLine view />
                <ReviewLine view />
                <Transcript view />
                <div class="coaching__foot">
                    <p class="coaching__view-only">
                        <Icon name="eye" />
                        {t!(history.read_only)}
                    </p>
                    {files_view(&view.workitem.get_untracked())}
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// The conversation as files of the host.
fn files_view(workitem: &Workitem) -> Option<AnyView> {
    if !use_session().holds(Permission::TranscriptExport) {
        return None;
    }
    let link = |file: &str, text: &'static str| {
        let href = [PATH, "/", workitem.id.as_str(), "/transcript.", file].concat();
        view! { <a class="button button--quiet" rel="external" href=href>{text}</a> }.into_any()
    };
    let links = view! {
        <p class="history__files">
            {link("txt", t!(history.save_text))}
            {link("txt?coaching=yes", t!(history.save_text_coaching))}
            {link("json", t!(history.save_json))}
            {link("json?coaching=yes", t!(history.save_json_coaching))}
        </p>
    }
    .into_any();
    Some(links)
}

/// Back to what was found, if the way came from there.
fn head_view(workitem: Workitem) -> AnyView {
    let navigation = use_navigation();
    let back = move |event: web_sys::MouseEvent| {
        let modified = event.ctrl_key() || event.meta_key() || event.shift_key();
        if !modified
            && navigation.came_from() == PATH
            && let Ok(history) = window().history()
        {
            event.prevent_default();
            // Fails only without an entry to go to.
            let _ = history.back();
        }
    };
    let agent = workitem.agent.as_ref().map(|agent| agent.name.clone());
    let channel = channel_text(&workitem);
    view! {
        <header class="coaching__head">
            <a
                class="button button--quiet button--icon coaching__back"
                href=PATH
                aria-label=t!(history.back)
                title=t!(history.back)
                on:click=back
            >
                <Icon name="back" />
            </a>
            <div class="coaching__title">
                <h1 class="page__title" dir="auto">{workitem.subject}</h1>
                <p class="coaching__facts">
                    <span class="coaching__fact"><Icon name=workitem.channel.code() />{channel}</span>
                    <span class="coaching__fact">
                        <span class="coaching__word">{t!(coaching.customer)}" "</span>
                        <bdi>{workitem.customer}</bdi>
                    </span>
                    <span class="coaching__fact">
                        <span class="coaching__word">{t!(coaching.agent)}" "</span>
                        <bdi>{agent.unwrap_or_else(|| t!(coaching.no_agent).to_owned())}</bdi>
                    </span>
                    <bdi>{workitem.team_name}</bdi>
                    <span class=["badge badge--", workitem.state.code()].concat()>{label(workitem.state)}</span>
                    <LocalTime at=workitem.last_activity_at from=workitem.started_at />
                </p>
                <Earlier workitem=workitem.id />
            </div>
        </header>
    }
    .into_any()
}

/// An agent has it: others read it where the agent is notified, and the agent in the workspace.
fn under_way_view(workitem: Workitem) -> AnyView {
    let me = use_session().me.with_untracked(|me| me.id.clone());
    let href = place_of(&workitem, &me, None);
    let mine = workitem.agent.as_ref().is_some_and(|agent| agent.id == me);
    let words = match mine {
        true => t!(history.yours),
        false => t!(history.under_way),
    };
    view! {
        <PageTitle text=t!(history.title) />
        <div class="page">
            <div class="empty card">
                <Icon name="eye" />
                <h1 class="empty__title" dir="auto">{workitem.subject}</h1>
                <p class="empty__line">{words}</p>
                <a class="button" href=href>{t!(history.open)}</a>
            </div>
        </div>
    }
    .into_any()
}
