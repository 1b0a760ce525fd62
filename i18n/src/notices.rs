//! What the program notes in a conversation, in words.

use shared::notice::{HandedTo, Notice};
use shared::rating::Score;

use crate::{Language, t};

/// The notice as staff read it.
pub fn notice_text(language: Language, notice: &Notice) -> String {
    match notice {
        Notice::Assigned { agent } => t!(language, notices.assigned, agent = agent),
        Notice::Transferred { by, to } => match to {
            HandedTo::Agent(agent) => {
                t!(language, notices.transferred, name = by, agent = agent)
            }
            HandedTo::Team(team) => {
                t!(
                    language,
                    notices.transferred_to_team,
                    name = by,
                    team = team
                )
            }
        },
        Notice::Reassigned { by, from, to } => reassigned_text(language, by, from.as_deref(), to),
        Notice::Joined { by } => t!(language, notices.joined, name = by),
        Notice::TakenOver { by, from } => {
            t!(language, notices.taken_over, name = by, agent = from)
        }
        Notice::GivenBack { by, to, missing } => match (to, missing) {
            (HandedTo::Agent(agent), _) => {
                t!(language, notices.given_back, name = by, agent = agent)
            }
            (HandedTo::Team(team), agent) => {
                let agent = agent.as_deref().unwrap_or("–");
                t!(
                    language,
                    notices.given_back_to_queue,
                    name = by,
                    agent = agent,
                    team = team
                )
            }
        },
        Notice::Called { by, number } => {
            t!(language, notices.called, name = by, number = number)
        }
        Notice::Ended { by: name } | Notice::EndedByCustomer { customer: name } => {
            t!(language, notices.ended, name = name)
        }
        Notice::CustomerForgotten { customer } => {
            t!(language, notices.customer_forgotten, name = customer)
        }
        Notice::Reopened { by } => t!(language, notices.reopened, name = by),
        Notice::Closed { by } => t!(language, notices.closed, name = by),
        Notice::ConnectionLost {
            agent,
            seconds,
            team,
        } => connection_lost_text(language, agent, *seconds, team),
        Notice::NotReceived { agent, team } => {
            t!(language, notices.not_received, agent = agent, team = team)
        }
        Notice::AgentGone { agent, team } => {
            t!(language, notices.agent_gone, agent = agent, team = team)
        }
        Notice::AgentLeftTeam { agent, team } => {
            t!(
                language,
                notices.agent_left_team,
                agent = agent,
                team = team
            )
        }
        Notice::ClosedAgentGone { agent } => {
            t!(language, notices.closed_agent_gone, agent = agent)
        }
        Notice::ClosedAgentLeftTeam { agent, team } => {
            t!(
                language,
                notices.closed_agent_left_team,
                agent = agent,
                team = team
            )
        }
        Notice::ClosedAgentLost { agent, seconds } => closed_text(language, agent, *seconds),
        Notice::Earlier { .. } => t!(language, notices.earlier).to_owned(),
        Notice::StoppedByCustomer { customer } => {
            t!(language, notices.stopped_by_customer, name = customer)
        }
        Notice::StartedByCustomer { customer } => {
            t!(language, notices.started_by_customer, name = customer)
        }
        Notice::Attachments { count, types } => {
            t!(language, notices.attachments, count = *count, types = types)
        }
        Notice::OfflineForm { email, number } => {
            let ways: Vec<&str> = [email, number]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            t!(language, notices.offline_form, contact = ways.join(", "))
        }
        Notice::Reported { by, customer } => {
            t!(language, notices.reported, name = by, customer = customer)
        }
        Notice::Note { by, text, .. } => t!(language, notices.note, name = by, text = text),
        Notice::Rated { score, comment } => {
            let (score, max) = (score.number(), Score::MAX);
            match comment {
                None => t!(language, notices.rated, score = score, max = max),
                Some(text) => t!(
                    language,
                    notices.rated_with_comment,
                    score = score,
                    max = max,
                    text = text
                ),
            }
        }
        Notice::Withheld => t!(language, notices.withheld).to_owned(),
        Notice::Text { text } => text.clone(),
        Notice::Later => t!(language, notices.later).to_owned(),
    }
}

fn reassigned_text(language: Language, by: &str, from: Option<&str>, to: &HandedTo) -> String {
    match (from, to) {
        (None, HandedTo::Agent(agent)) => {
            t!(language, notices.reassigned, name = by, agent = agent)
        }
        (None, HandedTo::Team(team)) => {
            t!(language, notices.reassigned_to_team, name = by, team = team)
        }
        (Some(giver), HandedTo::Agent(agent)) => {
            t!(
                language,
                notices.reassigned_from,
                name = by,
                giver = giver,
                agent = agent
            )
        }
        (Some(giver), HandedTo::Team(team)) => {
            t!(
                language,
                notices.reassigned_from_to_team,
                name = by,
                giver = giver,
                team = team
            )
        }
    }
}

/// In minutes from two minutes on.
fn connection_lost_text(language: Language, agent: &str, seconds: i64, team: &str) -> String {
    match seconds / 60 {
        ..=1 => t!(
            language,
            notices.connection_lost_for_seconds,
            agent = agent,
            count = seconds,
            team = team
        ),
        minutes => t!(
            language,
            notices.connection_lost_for_minutes,
            agent = agent,
            count = minutes,
            team = team
        ),
    }
}

fn closed_text(language: Language, agent: &str, seconds: i64) -> String {
    match seconds / 60 {
        ..=1 => t!(
            language,
            notices.closed_agent_lost_for_seconds,
            agent = agent,
            count = seconds
        ),
        minutes => t!(
            language,
            notices.closed_agent_lost_for_minutes,
            agent = agent,
            count = minutes
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_has_words_in_each_language() {
        for notice in Notice::samples() {
            let [english, german] = Language::ALL.map(|language| notice_text(language, &notice));
            for text in [&english, &german] {
                assert!(
                    !text.is_empty() && !text.contains(['{', '}']),
                    "{notice:?}: {text}"
                );
            }
            let foreign = matches!(notice, Notice::Text { .. });
            assert_eq!(english == german, foreign, "{english} / {german}");
        }
    }

    #[test]
    fn a_time_is_counted_in_what_fits_it() {
        let lost = |seconds| {
            let notice = Notice::ConnectionLost {
                agent: "Amy".to_owned(),
                seconds,
                team: "Care".to_owned(),
            };
            notice_text(Language::En, &notice)
        };
        assert!(lost(1).starts_with("Amy has had no connection for 1 second."));
        assert!(lost(119).starts_with("Amy has had no connection for 119 seconds."));
        assert!(lost(240).starts_with("Amy has had no connection for 4 minutes."));
    }
}
