//! Coaching in a workitem that the agent has not open: the words, and the way there. It goes when the agent has looked
//! at the conversation; sent away, the mark in My workitems stays.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::WorkitemId;
use shared::workitem::{COACHING_NOTICE_MAX, CoachingNotice};

use crate::api::coaching::coaching_dismiss;
use crate::components::{Icon, LocalTime, linked};
use crate::language::error_text;
use crate::overlay::close_all;
use crate::state::{SessionState, use_session};

/// The unseen coaching of one workitem.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct CoachingPopUp {
    pub(super) workitem: WorkitemId,
    /// How many coaching messages are unseen.
    pub(super) count: i64,
    pub(super) latest: CoachingNotice,
    subject: String,
}

impl CoachingPopUp {
    /// For screen readers.
    pub(super) fn announcement(&self) -> String {
        t!(
            pop_up.coaching_announcement,
            name = self.latest.supervisor,
            subject = self.subject,
            text = self.latest.text
        )
    }
}

/// The pop-ups to show now. The open workitem has one only while something covers it.
pub(super) fn coaching_notices(session: SessionState) -> Memo<Vec<CoachingPopUp>> {
    Memo::new(move |_| {
        let open = session.open_workitem.get().map(|(workitem, _)| workitem);
        let open = open.filter(|_| !session.covered.get());
        session.worklist.with(|list| {
            let workitems = list.iter().flat_map(|list| &list.workitems);
            let told = workitems.filter(|workitem| Some(&workitem.id) != open.as_ref());
            told.filter_map(|workitem| {
                Some(CoachingPopUp {
                    workitem: workitem.id.clone(),
                    count: workitem.coaching_unseen,
                    latest: workitem.coaching_latest.clone()?,
                    subject: workitem.subject.clone(),
                })
            })
            .collect()
        })
    })
}

#[component]
pub(super) fn CoachingCard(notice: CoachingPopUp) -> impl IntoView {
    let session = use_session();
    let sent_away = RwSignal::new(false);
    let CoachingPopUp {
        workitem,
        count,
        latest,
        subject,
    } = notice;
    let href = format!("/workspace/{workitem}");
    // What was cut may end in the middle of an address.
    let text = match latest.text.chars().count() < COACHING_NOTICE_MAX {
        true => linked(&latest.text),
        false => latest.text.clone().into_any(),
    };
    let dismiss = move |_| {
        sent_away.set(true);
        let (workitem, entry) = (workitem.clone(), latest.entry.clone());
        spawn_local(async move {
            if let Err(error) = coaching_dismiss(workitem, entry).await {
                sent_away.try_set(false);
                session.toast(error_text(&error.0));
            }
        });
    };
    view! {
        <section
            class="pop-up pop-up--coaching"
            role="region"
            aria-label=t!(pop_up.coaching_from, name = latest.supervisor)
            hidden=move || sent_away.get()
        >
            <div class="pop-up__head">
                <Icon name="eye" />
                <h2 class="pop-up__name">{t!(pop_up.coaching_from, name = latest.supervisor)}</h2>
                {(count > 1).then(|| view! { <span class="badge badge--coaching">{count}</span> }.into_any())}
                <LocalTime at=latest.at />
            </div>
            <p class="pop-up__text" dir="auto" tabindex="0">{text}</p>
            <p class="pop-up__subject">
                <bdi class="pop-up__about">{subject}</bdi>
                " "
                <a href=href on:click=move |_| close_all()>{t!(common.open_workitem)}</a>
            </p>
            <button
                class="button button--icon button--quiet pop-up__dismiss"
                type="button"
                aria-label=t!(common.dismiss)
                title=t!(common.dismiss)
                on:click=dismiss
            >
                <Icon name="close" />
            </button>
        </section>
    }
}
