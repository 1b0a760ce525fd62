//! Coaching in a workitem that the agent has not open, and replies in one that the coach has not open: the words, and the way
//! there. It goes when they have looked at the conversation. When the agent sends it away, the mark in My workitems stays; a
//! coach has no such list, so they say that they have read it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;
use shared::alerts::OpenAlert;
use shared::ids::{AlertRuleId, EntryId, UserId, WorkitemId};
use shared::time::Timestamp;
use shared::workitem::{COACHING_NOTICE_MAX, CoachingNotice, ReplyNotice};

use crate::api::coaching::{coaching_dismiss, coaching_reply_seen};
use crate::components::alert_marks::dismiss_alert;
use crate::components::{Icon, LocalTime, linked};
use crate::language::error_text;
use crate::live::notifications::titled;
use crate::news::{alert_path, coaching_path, is_same};
use crate::overlay::close_all;
use crate::state::{SessionState, use_session};

/// Of how many workitems replies are shown at once, and how many alerts; the title counts all of them.
const SHOWN: usize = 3;

/// Who said it: it decides where the way leads, and what sends the notice away.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Said {
    /// A coach, in this entry.
    Coach(EntryId),
    /// An agent who was coached: where it can be read, and its number there.
    Agent(String, i64),
    /// A rule, in this alert.
    Rule(AlertRuleId, i64),
}

/// What is unseen in one workitem: coaching, or the replies to it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct CoachingPopUp {
    pub(super) workitem: WorkitemId,
    /// How much of it there is.
    pub(super) count: i64,
    /// The newest.
    pub(super) said: Said,
    who: String,
    at: Timestamp,
    text: String,
    subject: String,
}

impl CoachingPopUp {
    /// For screen readers.
    pub(super) fn announcement(&self) -> String {
        let (name, subject, text) = (&self.who, &self.subject, &self.text);
        match self.said {
            Said::Coach(_) => t!(
                pop_up.coaching_announcement,
                name = name,
                subject = subject,
                text = text
            ),
            Said::Agent(..) => t!(
                pop_up.replied_announcement,
                name = name,
                subject = subject,
                text = text
            ),
            Said::Rule(..) => t!(alert.announcement, name = name, subject = subject),
        }
    }
}

impl CoachingPopUp {
    /// The title of its card, the way to its workitem, and the name of the button that sends it away.
    fn words(&self, me: &UserId) -> (String, String, &'static str) {
        let (name, workitem) = (&self.who, &self.workitem);
        match &self.said {
            Said::Coach(_) => (
                t!(pop_up.coaching_from, name = name),
                format!("/workspace/{workitem}"),
                t!(common.dismiss),
            ),
            // The agent sees that it was seen.
            Said::Agent(path, _) => (
                t!(pop_up.replied, name = name),
                path.clone(),
                t!(pop_up.mark_read),
            ),
            // The mark stays where the workitem stands.
            Said::Rule(..) => (
                t!(alert.of, name = name),
                format!("/coaching/{me}/{workitem}"),
                t!(common.close),
            ),
        }
    }

    /// The alert, if it is one.
    fn alert(&self, session: SessionState) -> Option<OpenAlert> {
        let Said::Rule(rule, about) = &self.said else {
            return None;
        };
        session.alert_notices.with_untracked(|alerts| {
            let is_it = |alert: &&OpenAlert| {
                (&alert.rule, &alert.workitem, &alert.about) == (rule, &self.workitem, about)
            };
            alerts.iter().find(is_it).cloned()
        })
    }

    /// Sends it away: an alert on this page alone, coaching and replies on the host as well.
    fn send_away(
        &self,
        session: SessionState,
        alert: Option<&OpenAlert>,
        sent_away: RwSignal<bool>,
    ) {
        sent_away.set(true);
        if let Some(alert) = alert {
            let others = |open: &OpenAlert| !is_same(open, alert);
            session.alert_notices.update(|open| open.retain(others));
            return;
        }
        let (workitem, said) = (self.workitem.clone(), self.said.clone());
        spawn_local(async move {
            let answer = match said {
                Said::Coach(entry) => coaching_dismiss(workitem, entry).await,
                Said::Agent(_, seq) => coaching_reply_seen(workitem, seq).await,
                Said::Rule(..) => return,
            };
            if let Err(error) = answer {
                sent_away.try_set(false);
                session.toast(error_text(&error.0));
            }
        });
    }
}

/// The pop-ups to show now. The open workitem has one only while something covers it.
pub(super) fn coaching_notices(session: SessionState) -> Memo<Vec<CoachingPopUp>> {
    let path = use_location().pathname;
    Memo::new(move |_| {
        let open = session.open_workitem.get().map(|(workitem, _)| workitem);
        let open = open.filter(|_| !session.covered.get());
        let coaching = session.worklist.with(|list| {
            let workitems = list.iter().flat_map(|list| &list.workitems);
            let notices = workitems.filter(|workitem| Some(&workitem.id) != open.as_ref());
            let notices = notices.filter_map(|workitem| {
                let CoachingNotice {
                    entry,
                    at,
                    supervisor,
                    text,
                } = workitem.coaching_latest.clone()?;
                Some(CoachingPopUp {
                    workitem: workitem.id.clone(),
                    count: workitem.coaching_unseen,
                    said: Said::Coach(entry),
                    who: supervisor,
                    at,
                    text,
                    subject: workitem.subject.clone(),
                })
            });
            notices.collect::<Vec<_>>()
        });
        let replies = session.replies.with(|replies| {
            let path = path.get();
            let here = |reply: &&ReplyNotice| path.ends_with(reply.workitem.as_str());
            let replies = replies.iter().flatten();
            let notices = replies.filter(|reply| session.covered.get() || !here(reply));
            let notices = notices.take(SHOWN).map(|reply| CoachingPopUp {
                workitem: reply.workitem.clone(),
                count: reply.count,
                said: Said::Agent(coaching_path(reply), reply.seq),
                who: reply.agent.name.clone(),
                at: reply.at,
                text: reply.text.clone(),
                subject: titled(&reply.customer, &reply.subject),
            });
            notices.collect::<Vec<_>>()
        });
        let alerts = session.alert_notices.with(|alerts| {
            let path = path.get();
            let here = |alert: &&OpenAlert| path.ends_with(alert.workitem.as_str());
            let notices = alerts.iter();
            let notices = notices.filter(|alert| session.covered.get() || !here(alert));
            let notices = notices.take(SHOWN).map(|alert| CoachingPopUp {
                workitem: alert.workitem.clone(),
                count: 1,
                said: Said::Rule(alert.rule.clone(), alert.about),
                who: alert.name.clone(),
                at: alert.at,
                text: match &alert.agent {
                    Some(agent) => t!(alert.with, name = agent.name),
                    None => t!(alert.queue).to_owned(),
                },
                subject: titled(&alert.customer, &alert.subject),
            });
            notices.collect::<Vec<_>>()
        });
        [coaching, replies, alerts].concat()
    })
}

#[component]
pub(super) fn CoachingCard(notice: CoachingPopUp) -> impl IntoView {
    let session = use_session();
    let sent_away = RwSignal::new(false);
    let me = session.me.with_untracked(|me| me.id.clone());
    let (title, href, away) = notice.words(&me);
    let alert = notice.alert(session);
    let href = alert
        .as_ref()
        .map_or(href, |alert| alert_path(alert, me.as_str()));
    let class = match alert.is_some() {
        true => "pop-up pop-up--coaching pop-up--alert",
        false => "pop-up pop-up--coaching",
    };
    let icon = if alert.is_some() { "warning" } else { "eye" };
    let (count, at, subject) = (notice.count, notice.at, notice.subject.clone());
    // What was cut may end in the middle of an address.
    let text = match notice.text.chars().count() < COACHING_NOTICE_MAX {
        true => linked(&notice.text),
        false => notice.text.clone().into_any(),
    };
    let shown = alert.clone();
    let dismiss = move |_| notice.send_away(session, shown.as_ref(), sent_away);
    view! {
        <section
            class=class
            role="region"
            aria-label=title
            hidden=move || sent_away.get()
        >
            <div class="pop-up__head">
                <Icon name=icon />
                <h2 class="pop-up__name">{title.clone()}</h2>
                {(count > 1).then(|| view! { <span class="badge badge--coaching">{count}</span> }.into_any())}
                <LocalTime at=at />
            </div>
            <p class="pop-up__text" dir="auto" tabindex="0">{text}</p>
            <p class="pop-up__subject">
                <bdi class="pop-up__about">{subject}</bdi>
                " "
                <a href=href on:click=move |_| close_all()>{t!(common.open_workitem)}</a>
                {alert.map(|alert| view! {
                    " "
                    <button
                        type="button"
                        class="button button--quiet"
                        on:click=move |_| dismiss_alert(session, alert.clone())
                    >
                        {t!(alert.dismiss)}
                    </button>
                }.into_any())}
            </p>
            <button
                class="button button--icon button--quiet pop-up__dismiss"
                type="button"
                aria-label=away
                title=away
                on:click=dismiss
            >
                <Icon name="close" />
            </button>
        </section>
    }
}
