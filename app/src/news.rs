//! What is new for a user who is elsewhere: how much of it there is, and what a notice says of it. What was unread when
//! the tab was opened is in the lists and is no news. Whether to alert, and how, is decided by `alerts.js`.

use js_sys::{Array, Function, Reflect};
use leptos::prelude::*;
use shared::alerts::OpenAlert;
use shared::ids::WorkitemId;
use shared::workitem::{AgentWorkitems, ReplyNotice};
use wasm_bindgen::{JsCast, JsValue};

use crate::live::notifications::titled;
use crate::site_assets::use_assets;
use crate::state::{SessionState, Toast};

/// What came into the list since it was `before`: who says it, what, and where.
fn came<'a>(
    before: &'a AgentWorkitems,
    now: &'a AgentWorkitems,
) -> impl Iterator<Item = (&'a str, &'a str, &'a WorkitemId)> {
    now.workitems.iter().filter_map(|workitem| {
        let id = &workitem.id;
        let before = before.workitems.iter().find(|known| &known.id == id);
        let coached = before.is_some_and(|known| known.coaching_unseen < workitem.coaching_unseen);
        if coached && let Some(coaching) = &workitem.coaching_latest {
            return Some((&*coaching.supervisor, &*coaching.text, id));
        }
        match before {
            None => Some((&*workitem.customer, &*workitem.subject, id)),
            Some(before) if before.unread < workitem.unread => {
                Some((&*workitem.customer, &*workitem.preview, id))
            }
            Some(_) => None,
        }
    })
}

/// The addresses of what was in the list and is no more. Lines about it go as well: the customer whom they name may be erased.
fn left<'a>(
    before: Option<&'a AgentWorkitems>,
    now: &'a AgentWorkitems,
) -> impl Iterator<Item = String> + 'a {
    let before = before.into_iter().flat_map(|before| &before.workitems);
    let gone = before.filter(|old| now.workitems.iter().all(|workitem| workitem.id != old.id));
    gone.map(|workitem| format!("/workspace/{}", workitem.id))
}

/// Where a reply can be read. Whose workitem it is by now, that page finds out.
pub fn coaching_path(reply: &ReplyNotice) -> String {
    format!("/coaching/{}/{}", reply.agent.id, reply.workitem)
}

/// Where the workitem of an alert can be read by a supervisor.
pub fn alert_path(alert: &OpenAlert, me: &str) -> String {
    let agent = alert.agent.as_ref().map_or(me, |agent| agent.id.as_str());
    format!("/coaching/{agent}/{}", alert.workitem)
}

/// Whether two are one alert, perhaps of different times.
pub fn is_same(one: &OpenAlert, other: &OpenAlert) -> bool {
    (&one.rule, &one.workitem, one.about) == (&other.rule, &other.workitem, other.about)
}

impl SessionState {
    /// Takes the agent's own workitems as they are now.
    pub fn take_worklist(&self, list: AgentWorkitems) {
        self.known_unread.update_value(|known| known.take(&list));
        self.worklist.with_untracked(|before| {
            for (who, what, workitem) in before.iter().flat_map(|before| came(before, &list)) {
                self.alert(who, what, &format!("/workspace/{workitem}"));
            }
            let gone: Vec<_> = left(before.as_ref(), &list).collect();
            if !gone.is_empty() {
                let leads_there =
                    |toast: &Toast| toast.href.as_ref().is_some_and(|to| gone.contains(to));
                let is_gone = |toast: &Toast| !toast.stays && leads_there(toast);
                (self.toasts).update(|toasts| toasts.retain(|toast| !is_gone(toast)));
            }
        });
        self.worklist.set(Some(list));
    }

    /// Takes the replies to coaching that the user has not seen, as they are now.
    pub fn take_replies(&self, replies: Vec<ReplyNotice>) {
        self.replies.with_untracked(|before| {
            let Some(before) = before else { return };
            let known = |new: &ReplyNotice| {
                let mut before = before.iter();
                before.any(|old| old.workitem == new.workitem && old.seq >= new.seq)
            };
            for new in replies.iter().filter(|new| !known(new)) {
                self.alert(&new.agent.name, &new.text, &coaching_path(new));
            }
        });
        self.replies.set(Some(replies));
    }

    /// Takes the alerts that the user sees, as they are now. What was there when the tab was opened is no news.
    pub fn take_alerts(&self, alerts: Vec<OpenAlert>) {
        let user = self.me.with_untracked(|me| me.id.to_string());
        let heeds = call("heeds", &[&user]).is_some_and(|heeds| heeds.is_truthy());
        let mut notices = self.alert_notices.get_untracked();
        notices.retain(|told| alerts.iter().any(|alert| is_same(alert, told)));
        self.alerts.with_untracked(|before| {
            let Some(before) = before.as_ref().filter(|_| heeds) else {
                return;
            };
            let known = |alert: &&OpenAlert| before.iter().any(|old| is_same(old, alert));
            for alert in alerts.iter().filter(|alert| !known(alert)) {
                let title = t!(alert.of, name = alert.name);
                let path = alert_path(alert, &user);
                self.alert(&title, &titled(&alert.customer, &alert.subject), &path);
                notices.insert(0, alert.clone());
            }
        });
        self.alert_notices.set(notices);
        self.alerts.set(Some(alerts));
    }

    /// How much is new in the user's own workitems, but for the one that is open. Tracked.
    pub fn news_elsewhere(&self) -> i64 {
        let open = self
            .open_workitem
            .with(|open| open.as_ref().map(|open| open.0.clone()));
        self.news_in_work(open.as_ref())
    }

    fn news_in_work(&self, but: Option<&WorkitemId>) -> i64 {
        self.worklist.with(|list| {
            let workitems = list.iter().flat_map(|list| &list.workitems);
            self.known_unread.with_value(|known| {
                workitems
                    .filter(|workitem| Some(&workitem.id) != but)
                    .map(|workitem| known.news(workitem))
                    .sum()
            })
        })
    }

    /// Everything that is new: what came in the user's workitems, unread messages, raised hands. Tracked.
    pub fn news(&self) -> i64 {
        // A raised hand is a message as well, and waits on when that was read.
        let messages: i64 = self.unread.with(|unread| {
            self.pop_ups.with(|pop_ups| {
                let hands = |from| {
                    let open = pop_ups
                        .iter()
                        .filter(|shown| shown.open_request().is_some());
                    open.filter(|shown| &shown.message.from.id == from).count() as i64
                };
                let read = pop_ups.iter().filter(|shown| {
                    let from = &shown.message.from.id;
                    shown.open_request().is_some()
                        && unread.iter().all(|unread| &unread.from != from)
                });
                let unread = unread.iter();
                unread
                    .map(|unread| unread.count.max(hands(&unread.from)))
                    .sum::<i64>()
                    + read.count() as i64
            })
        });
        let replies = self.replies.with(|replies| {
            let replies = replies.iter().flatten();
            replies.map(|reply| reply.count).sum::<i64>()
        });
        let alerts = self.alert_notices.with(Vec::len) as i64;
        messages + replies + alerts + self.news_in_work(None)
    }

    /// Notifies a user who is elsewhere of what is new, if they want that.
    pub fn alert(&self, title: &str, body: &str, address: &str) {
        let user = self.me.with_untracked(|me| me.id.to_string());
        call("tell", &[&user, title, body, address]);
    }
}

/// Puts a dot on the page's icon as long as something is new, for somebody who sees the tab and not its title.
pub fn mark_icon(session: SessionState) {
    let assets = use_assets();
    let any = Memo::new(move |_| session.news() > 0);
    Effect::new(move || match any.get() {
        true => set_icon(&assets.url("favicon-news.svg")),
        false => set_icon("/favicon.svg"),
    });
    if !cfg!(feature = "ssr") {
        on_cleanup(|| set_icon("/favicon.svg"));
    }
}

/// Brings what the host pushes to this browser into line with what its user wants, as far as the browser can do that.
pub fn renew_push(session: SessionState) {
    Effect::new(move || {
        let user = session.me.with_untracked(|me| me.id.to_string());
        call("renew", &[&user]);
    });
}

fn set_icon(address: &str) {
    if let Ok(Some(icon)) = document().query_selector("link[rel=icon]") {
        // Fails only for a name that is none.
        let _ = icon.set_attribute("href", address);
    }
}

/// Calls a function of `alerts.js`. Nothing where that was not loaded: what it does is no part of the work.
pub fn call(name: &str, words: &[&str]) -> Option<JsValue> {
    let alerts = Reflect::get(&window(), &"sidelineAlerts".into()).ok()?;
    let function: Function = Reflect::get(&alerts, &name.into()).ok()?.dyn_into().ok()?;
    let words: Array = words.iter().map(|word| JsValue::from_str(word)).collect();
    function.apply(&alerts, &words).ok()
}

#[cfg(test)]
mod tests {
    use shared::ids::UserId;
    use shared::people::{PersonRef, Presence};
    use shared::workitem::Workitem;

    use super::*;
    use crate::known_unread::KnownUnread;

    fn list(workitems: &[(&str, i64)]) -> AgentWorkitems {
        let workitem = |(id, unread): &(&str, i64)| Workitem {
            customer: format!("Customer of {id}"),
            subject: format!("Subject of {id}"),
            preview: format!("Preview of {id}"),
            unread: *unread,
            ..Workitem::sample(id)
        };
        AgentWorkitems {
            agent: PersonRef {
                id: UserId::parse("amy").expect("a test id"),
                name: "Amy Adler".to_owned(),
            },
            presence: Presence::Available,
            lost_since: None,
            workitems: workitems.iter().map(workitem).collect(),
            hands: Vec::new(),
        }
    }

    #[test]
    fn e35_what_was_unread_before_is_no_news() {
        let mut known = KnownUnread::default();
        let mut news = |workitems: &[(&str, i64)]| {
            let list = list(workitems);
            known.take(&list);
            let news = list.workitems.iter().map(|workitem| known.news(workitem));
            news.sum::<i64>()
        };
        assert_eq!(news(&[("a", 2), ("b", 0)]), 0);
        assert_eq!(news(&[("a", 3), ("b", 1)]), 2);
        assert_eq!(news(&[("a", 0), ("b", 1), ("c", 1)]), 2);
        assert_eq!(news(&[("a", 1), ("b", 0), ("c", 0)]), 1);
    }

    #[test]
    fn e35_a_notice_says_who_wrote_what() {
        let (before, now) = (
            list(&[("a", 1), ("b", 0)]),
            list(&[("a", 1), ("b", 1), ("c", 1)]),
        );
        let said: Vec<_> = came(&before, &now)
            .map(|(who, what, _)| (who, what))
            .collect();
        assert_eq!(
            said,
            [
                ("Customer of b", "Preview of b"),
                ("Customer of c", "Subject of c")
            ]
        );
    }
}
