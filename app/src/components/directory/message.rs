//! One message of a directory conversation; a raised hand is shown as such, with the way to its workitem.

use leptos::prelude::*;
use shared::directory::DirectoryMessage;
use shared::people::Permission;

use crate::components::{Icon, LocalTime, linked};
use crate::language::settled_text;
use crate::state::use_session;

/// How the raised hand that the message carries came to its end, in words.
pub(super) fn settled_line(message: &DirectoryMessage) -> Option<String> {
    let request = message.request.as_ref()?;
    request.settled.as_ref().map(settled_text)
}

/// Author, time, text, and what became of a raised hand.
#[component]
pub(super) fn Message(message: DirectoryMessage) -> impl IntoView {
    let session = use_session();
    let mine = session.me.with_untracked(|me| me.id == message.from.id);
    let class = match (mine, message.request.is_some()) {
        (true, _) => "directory__message directory__message--mine",
        (false, true) => "directory__message directory__message--request",
        (false, false) => "directory__message",
    };
    let settled = settled_line(&message);
    let raised = message.request.map(|request| {
        let unreadable = request.unreadable;
        // The way to the workitem is the recipient's: the agent is in it already.
        let way = request
            .workitem
            .filter(|_| {
                !mine
                    && !unreadable
                    && session
                        .me
                        .with_untracked(|me| me.holds(Permission::WorkitemMonitor))
            })
            .map(|(workitem, subject)| {
                (format!("/coaching/{}/{workitem}", message.from.id), subject)
            });
        view! {
            <p class="directory__raised">
                <Icon name="hand" />
                {t!(directory.asked)}
            </p>
            {way.map(|(href, subject)| view! {
                <p class="directory__subject">
                    <bdi>{subject}</bdi>
                    " "
                    // The panel would stand before the page that it leads to.
                    <a href=href on:click=move |_| session.directory.set(None)>{t!(common.open_workitem)}</a>
                </p>
            }.into_any())}
            {settled.map(|line| view! {
                <p class="directory__answered">
                    <Icon name="check" />
                    {line}
                </p>
            }.into_any())}
        }
        .into_any()
    });
    view! {
        <article class=class>
            <p class="directory__author">
                <bdi>{if mine { t!(directory.you).to_owned() } else { message.from.name }}</bdi>
                " "
                <LocalTime at=message.at />
            </p>
            <p class="directory__text" dir="auto">{linked(&message.text)}</p>
            {raised}
        </article>
    }
}
