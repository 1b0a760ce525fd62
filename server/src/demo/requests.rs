//! Requests for assistance that wait: one longer than the target time of its template, one within its time, one that a
//! supervisor has claimed, and one in the other team. Escalation says who else is asked when nobody claims them. For people
//! alone: tests begin without any.

use shared::error::AppError;
use shared::escalation::Escalation;
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, TeamId, TemplateId, WorkitemId};
use shared::time::Timestamp;

use super::{CARE, SALES, context, person};
use crate::commands::{EscalationSave, RequestClaim, RequestCreate};
use crate::desk::{Desk, to_app_error};

/// The templates with a target time, in minutes.
pub(super) const TIMED: [(&str, i64); 2] = [("template-2", 10), ("template-3", 30)];
/// Team, minutes until all supervisors are asked, minutes until the person on call is asked, and who that is.
const STEPS: [(&str, i64, i64, &str); 2] = [(CARE, 10, 30, "sid"), (SALES, 15, 45, "sam")];

/// A request that is open.
struct Open {
    agent: &'static str,
    /// The story from which the agent asks.
    workitem: &'static str,
    template: &'static str,
    /// Who is asked: one supervisor, or all of the team.
    asked: &'static [&'static str],
    /// Minutes since the agent asked.
    since: i64,
    /// Who has claimed it, minutes ago.
    claimed: Option<(&'static str, i64)>,
}

const OPEN: [Open; 4] = [
    Open {
        agent: "amy",
        workitem: "wi-amy-1",
        template: "template-2",
        asked: &["sam", "sue"],
        since: 14,
        claimed: None,
    },
    Open {
        agent: "ben",
        workitem: "wi-ben-5",
        template: "template-1",
        asked: &["sue"],
        since: 8,
        claimed: Some(("sue", 6)),
    },
    Open {
        agent: "ben",
        workitem: "wi-ben-3",
        template: "template-3",
        asked: &["sue"],
        since: 4,
        claimed: None,
    },
    Open {
        agent: "cleo",
        workitem: "wi-cleo-1",
        template: "template-4",
        asked: &["sid"],
        since: 5,
        claimed: None,
    },
];

/// Sets the steps, and lets the agents ask.
pub(super) async fn raise(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    for (team, all_after, on_call_after, on_call) in STEPS {
        let save = EscalationSave {
            escalation: Escalation {
                team: TeamId::parse(team)?,
                all_after_min: Some(all_after),
                on_call: Some((on_call_after, person(on_call)?.id)),
                version: 0,
            },
            context: context(&format!("escalation-{team}"), now)?,
        };
        desk.publish(desk.store().execute(save).await.map_err(to_app_error)?);
    }
    for (place, open) in OPEN.iter().enumerate() {
        ask(desk, &format!("request-{}", place + 1), open, now).await?;
    }
    Ok(())
}

async fn ask(desk: &Desk, id: &str, open: &Open, now: Timestamp) -> Result<(), AppError> {
    let before = |minutes: i64| Timestamp(now.0 - minutes * 60_000_000);
    let request = RequestId::parse(id)?;
    let mut recipients = Vec::new();
    for supervisor in open.asked {
        let message = DirectoryMessageId::parse(desk.ids().next())?;
        recipients.push((person(supervisor)?, message));
    }
    let (choice, named) = match open.asked {
        [one] => ("one", Some(person(one)?.id)),
        _ => ("all_signed_in", None),
    };
    let create = RequestCreate {
        request: request.clone(),
        agent: person(open.agent)?,
        template: TemplateId::parse(open.template)?,
        choice,
        named,
        recipients,
        workitem: Some(WorkitemId::parse(open.workitem)?),
        text: None,
        at: before(open.since),
        key: CommandKey::parse(format!("demo-{id}"))?,
    };
    desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
    if let Some((supervisor, minutes)) = open.claimed {
        let claim = RequestClaim {
            request,
            by: person(supervisor)?,
            at: before(minutes),
            key: CommandKey::parse(format!("demo-claim-{id}"))?,
        };
        desk.publish(desk.store().execute(claim).await.map_err(to_app_error)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_is_overdue_one_is_in_time_and_one_is_claimed() {
        let target = |open: &Open| {
            let timed = TIMED.iter().find(|timed| timed.0 == open.template);
            timed.map(|timed| timed.1)
        };
        let overdue = OPEN
            .iter()
            .filter(|open| target(open).is_some_and(|target| target < open.since));
        assert_eq!(overdue.count(), 1);
        let in_time = OPEN
            .iter()
            .filter(|open| target(open).is_some_and(|target| target > open.since));
        assert_eq!(in_time.count(), 1);
        assert_eq!(OPEN.iter().filter(|open| open.claimed.is_some()).count(), 1);
    }
}
