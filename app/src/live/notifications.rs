//! The user's notifications, applied to the state of the session: pop-ups, the red indicator, toasts,
//! presence. The only place that reads the user's own log.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::assistance::{Settled, SettledHow};
use shared::directory::{Bootstrap, DirectoryMessage, Notification};
use shared::ids::{UserId, WorkitemId};
use shared::live::{Position, ServerFrame, Topic, frame_topics};
use shared::people::PersonRef;

use super::{Live, use_live};
use crate::api::directory::desk_load;
use crate::language::{returned_text, settled_text};
use crate::state::SessionState;

/// Follows everything that the frame itself shows, from where `bootstrap` ends.
pub fn follow_frame(session: SessionState, bootstrap: &Bootstrap) {
    let live = use_live();
    let seen = StoredValue::new(Vec::new());
    for topic in frame_topics(&bootstrap.me) {
        let after = (topic == Topic::Notifications).then(|| position(bootstrap));
        live.follow(topic, after, false, move |frame| match frame {
            ServerFrame::Notification { event, .. } => apply(session, seen, event),
            ServerFrame::NotificationsReset => reload(session, live),
            ServerFrame::Assistance(offered) if session.assistance.get_untracked() != *offered => {
                session.assistance.set(*offered);
            }
            ServerFrame::Agent(list) => session.take_worklist(list.clone()),
            ServerFrame::Alerts(alerts) => session.take_alerts(alerts.clone()),
            ServerFrame::Replies(replies) => session.take_replies(replies.clone()),
            _ => {}
        });
    }
}

/// Follows everybody's presence for the life of the current reactive owner: for what shows people while it is open. A tab
/// that shows none hears nothing of them.
pub fn follow_people(session: SessionState) {
    if session.people_followers.get_value() == 0 {
        // Left over from the last time.
        session.people.set(Vec::new());
    }
    session.people_followers.update_value(|count| *count += 1);
    on_cleanup(move || {
        session
            .people_followers
            .try_update_value(|count| *count -= 1);
    });
    use_live().follow(Topic::People, None, false, move |frame| {
        if let ServerFrame::People(people) = frame {
            session.set_people(people.clone());
        }
    });
}

fn position(bootstrap: &Bootstrap) -> Position {
    Position {
        epoch: bootstrap.epoch.clone(),
        rev: bootstrap.seq,
    }
}

fn reload(session: SessionState, live: Live) {
    spawn_local(async move {
        // Without an answer the log stays where it is, and the next connection gets the reset again.
        if let Ok(bootstrap) = desk_load().await
            && !session.me.is_disposed()
        {
            session.reload(&bootstrap);
            live.resume(&Topic::Notifications, position(&bootstrap));
        }
    });
}

/// The number of the last message of each person, to know how many remain unread after some were read.
type Seen = StoredValue<Vec<(UserId, i64)>>;

fn apply(session: SessionState, seen: Seen, event: &Notification) {
    match event {
        Notification::Message(message) => {
            let sent = session.me.with_untracked(|me| me.id == message.from.id);
            let other = if sent { &message.to } else { &message.from };
            session.talked_with(&other.id);
            received(session, seen, message);
        }
        Notification::Read { with, through } => read(session, seen, with, *through),
        Notification::RequestAnswered {
            request,
            by,
            how,
            at,
            agent,
            text,
        } => {
            let settled = Settled::notified(*how, by.clone(), at.unwrap_or_default());
            let shown = session.settled(request, &settled);
            if let Some(line) = settled_line(session, &settled, agent.as_ref(), text, shown) {
                session.toast(line);
            }
        }
        Notification::RequestClaimed { .. } | Notification::RequestReturned { .. } => {
            claim_changed(session, event);
        }
        Notification::RequestEscalated { request, step } => session.escalated(request, *step),
        Notification::Dismissed { message } => session.pop_up_gone(message),
        Notification::MonitoringStarted {
            workitem,
            subject,
            customer,
            supervisor,
        } => {
            let text = monitoring_line(true, &supervisor.name, &titled(customer, subject));
            session.toast_with_workitem(text, workitem);
        }
        Notification::MonitoringEnded {
            workitem,
            subject,
            customer,
            supervisor,
        } => {
            let text = monitoring_line(false, &supervisor.name, &titled(customer, subject));
            session.toast_with_workitem(text, workitem);
        }
        Notification::WorkAssigned {
            workitem,
            subject,
            customer,
            from,
        } => {
            // What was said when it went is over.
            let back = |taken: &Option<(WorkitemId, String)>| {
                taken.as_ref().is_some_and(|(of, _)| of == workitem)
            };
            if session.taken.with_untracked(back) {
                session.taken.set(None);
            }
            let text = assigned_line(&titled(customer, subject), from.as_ref());
            session.toast_with_workitem(text, workitem);
        }
        Notification::WorkTaken { .. } => work_taken(session, event),
        Notification::Settings(settings) => session.settings.set(*settings),
        Notification::Later => {}
    }
    session
        .last_event
        .set(Some((session.next(), event.clone())));
}

/// The user has read the messages of `with` up to `through`, perhaps in another window.
fn read(session: SessionState, seen: Seen, with: &UserId, through: i64) {
    let last = seen
        .with_value(|seen| {
            seen.iter()
                .find(|(from, _)| from == with)
                .map(|(_, last)| *last)
        })
        .unwrap_or(through);
    session.set_unread(with, |count| count.min(last - through));
}

/// Who begins to monitor a workitem of the agent, or ends it.
fn monitoring_line(begins: bool, name: &str, subject: &str) -> String {
    match begins {
        true => t!(
            notifications.monitoring_started,
            name = name,
            subject = subject
        ),
        false => t!(
            notifications.monitoring_ended,
            name = name,
            subject = subject
        ),
    }
}

/// Which workitem the agent has from now on, and who transferred it, if somebody did.
fn assigned_line(subject: &str, from: Option<&PersonRef>) -> String {
    match from {
        Some(from) => t!(
            notifications.transferred,
            name = from.name,
            subject = subject
        ),
        None => t!(notifications.assigned, subject = subject),
    }
}

/// A workitem is not in the agent's list any more.
fn work_taken(session: SessionState, event: &Notification) {
    let Notification::WorkTaken {
        workitem,
        subject,
        customer,
        to,
        by,
        closed,
    } = event
    else {
        return;
    };
    let subject = titled(customer, subject);
    if let Some(by) = by.as_ref().filter(|_| *closed) {
        let line = t!(notifications.closed, by = by.name, subject = subject);
        // It stays theirs to read.
        session.toast_with_closed(line, workitem);
        return;
    }
    let line = taken_line(&subject, by.as_ref(), to.as_ref());
    session.taken.set(Some((workitem.clone(), line.clone())));
    session.toast(line);
}

/// To whom a workitem went that the agent had, and by whom.
fn taken_line(subject: &str, by: Option<&PersonRef>, to: Option<&PersonRef>) -> String {
    match (by, to) {
        (Some(by), Some(to)) if by.id == to.id => {
            t!(notifications.taken_over, by = by.name, subject = subject)
        }
        (Some(by), Some(to)) => t!(
            notifications.reassigned_to,
            by = by.name,
            subject = subject,
            to = to.name
        ),
        (Some(by), None) => t!(
            notifications.reassigned_to_queue,
            by = by.name,
            subject = subject
        ),
        (None, Some(to)) => t!(notifications.moved_to, subject = subject, to = to.name),
        (None, None) => t!(notifications.moved_to_queue, subject = subject),
    }
}

/// Somebody sees to a raised hand, or nobody does any more: in its pop-up where there is one, else in a line.
fn claim_changed(session: SessionState, event: &Notification) {
    let me = session.me.with_untracked(|me| me.id.clone());
    let (by, agent, shown, line) = match event {
        Notification::RequestClaimed {
            request,
            by,
            agent,
            text,
            unread,
        } => {
            let shown = session.claimed(request, Some(by));
            session.set_unread(&agent.id, |_| *unread);
            let line = match agent.id == me {
                true => t!(notifications.own_claimed, name = by.name, text = text),
                false => t!(
                    notifications.claimed,
                    by = by.name,
                    name = agent.name,
                    text = text
                ),
            };
            (by, agent, shown, line)
        }
        Notification::RequestReturned {
            request,
            by,
            why,
            agent,
            text,
            unread,
            message,
        } => {
            let shown = session.claimed(request, None);
            session.set_unread(&agent.id, |_| *unread);
            if let Some(message) = message {
                session.alert(&agent.name, text, "");
                if session.settings.with_untracked(|settings| settings.pop_up) {
                    session.pop_up(DirectoryMessage::clone(message));
                }
            }
            let how = returned_text(*why, &by.name);
            let line = match agent.id == me {
                true => t!(notifications.own_returned, text = text, how = how),
                false => t!(
                    notifications.returned,
                    name = agent.name,
                    text = text,
                    how = how
                ),
            };
            (by, agent, shown, line)
        }
        _ => return,
    };
    if by.id != me && (agent.id == me || !shown) {
        session.toast(line);
    }
}

/// A workitem in a line: its customer first, whom people remember.
pub(crate) fn titled(customer: &str, subject: &str) -> String {
    match customer.is_empty() || customer == subject {
        true => subject.to_owned(),
        false => t!(
            reassign.workitem_line,
            customer = customer,
            subject = subject
        ),
    }
}

/// What is said of a request that was settled: to the agent how it ended, where nothing else says so; to supervisors who
/// see no pop-up of it, who has it.
fn settled_line(
    session: SessionState,
    settled: &Settled,
    agent: Option<&PersonRef>,
    text: &str,
    shown: bool,
) -> Option<String> {
    let agent = agent?;
    let me = session.me.with_untracked(|me| me.id.clone());
    let by_me = settled.by.as_ref().is_some_and(|by| by.id == me);
    let own = agent.id == me;
    // The agent sees the answer itself.
    let answered = matches!(settled.how, SettledHow::Answered | SettledHow::Coached);
    if by_me || (own && answered) || (!own && shown) {
        return None;
    }
    let how = settled_text(settled);
    Some(match own {
        true => t!(notifications.own_settled, text = text, how = how),
        false => t!(
            notifications.settled,
            name = agent.name,
            text = text,
            how = how
        ),
    })
}

fn received(session: SessionState, seen: Seen, message: &DirectoryMessage) {
    let from = &message.from.id;
    if session.me.with_untracked(|me| &me.id == from) {
        return;
    }
    seen.update_value(|seen| {
        seen.retain(|(person, _)| person != from);
        seen.push((from.clone(), message.seq));
    });
    let open = session
        .directory
        .with_untracked(|open| matches!(open, Some(Some(with)) if with == from));
    session.alert(&message.from.name, &message.text, "");
    // An open conversation shows the message and marks it as read itself. A raised hand waits behind it.
    if !open {
        session.set_unread(from, |count| count + 1);
    }
    if open && message.request.is_none() {
        return;
    }
    if session.settings.with_untracked(|settings| settings.pop_up) {
        session.pop_up(message.clone());
    }
}
