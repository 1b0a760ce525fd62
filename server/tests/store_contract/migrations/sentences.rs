//! The release that stored what it says as sentences: they become data.

use shared::notice::{HandedTo, Notice};
use shared::transcript::EntryBody;

use super::*;

/// Every sentence that a release wrote into a conversation, and what it said.
fn sentences() -> Vec<(&'static str, Notice)> {
    let (amy, ben) = ("Amy Adler".to_owned(), "Ben Brooks".to_owned());
    let (sam, care) = ("Sam Stone".to_owned(), "Care".to_owned());
    let dana = "Dana Dietz".to_owned();
    let to_ben = || HandedTo::Agent("Ben Brooks".to_owned());
    let to_care = || HandedTo::Team("Care".to_owned());
    let transferred = |to| Notice::Transferred {
        by: "Amy Adler".to_owned(),
        to,
    };
    let reassigned = |from: Option<&String>, to| Notice::Reassigned {
        by: sam.clone(),
        from: from.cloned(),
        to,
    };
    let lost = |seconds| Notice::ConnectionLost {
        agent: "Amy Adler".to_owned(),
        seconds,
        team: "Care".to_owned(),
    };
    let text = |text: &str| Notice::Text {
        text: text.to_owned(),
    };
    let (agent, team) = (amy.clone(), care.clone());
    vec![
        ("Given to Ben Brooks.", Notice::Assigned { agent: ben }),
        (
            "Amy Adler transferred this to Ben Brooks.",
            transferred(to_ben()),
        ),
        (
            "Amy Adler transferred this to the team Care.",
            transferred(to_care()),
        ),
        (
            "Sam Stone reassigned this to Ben Brooks.",
            reassigned(None, to_ben()),
        ),
        (
            "Sam Stone reassigned this to the team Care.",
            reassigned(None, to_care()),
        ),
        (
            "Sam Stone reassigned this from Amy Adler to Ben Brooks.",
            reassigned(Some(&amy), to_ben()),
        ),
        (
            "Sam Stone reassigned this from Amy Adler to the team Care.",
            reassigned(Some(&amy), to_care()),
        ),
        (
            "Amy Adler ended the conversation.",
            Notice::Ended { by: amy.clone() },
        ),
        (
            "Dana Dietz ended the conversation.",
            Notice::EndedByCustomer {
                customer: dana.clone(),
            },
        ),
        (
            "Dana Dietz ended the conversation and can't come back to it.",
            Notice::CustomerForgotten { customer: dana },
        ),
        (
            "Amy Adler closed the workitem.",
            Notice::Closed { by: amy.clone() },
        ),
        (
            "Amy Adler called +493012345.",
            Notice::Called {
                by: amy,
                number: "+493012345".to_owned(),
            },
        ),
        (
            "Amy Adler has had no connection for 1 second. Back in the queue of Care.",
            lost(1),
        ),
        (
            "Amy Adler has had no connection for 90 seconds. Back in the queue of Care.",
            lost(90),
        ),
        (
            "Amy Adler has had no connection for 4 minutes. Back in the queue of Care.",
            lost(240),
        ),
        (
            "Amy Adler lost the connection before this arrived. Back in the queue of Care.",
            Notice::NotReceived {
                agent: agent.clone(),
                team: team.clone(),
            },
        ),
        (
            "Amy Adler cannot take work any more. Back in the queue of Care.",
            Notice::AgentGone {
                agent: agent.clone(),
                team: team.clone(),
            },
        ),
        (
            "Amy Adler left the team Care. Back in the queue of Care.",
            Notice::AgentLeftTeam {
                agent: agent.clone(),
                team: team.clone(),
            },
        ),
        (
            "Closed: Amy Adler cannot take work any more.",
            Notice::ClosedAgentGone {
                agent: agent.clone(),
            },
        ),
        (
            "Closed: Amy Adler left the team Care.",
            Notice::ClosedAgentLeftTeam { agent, team },
        ),
        ("Wrapped up.", text("Wrapped up.")),
        (
            "Amy Adler called the doctor.",
            text("Amy Adler called the doctor."),
        ),
        ("", text("")),
    ]
}

/// A database of the last release that wrote sentences: Dana's chat with all of them, a call that Amy was given, and
/// what the administrator changed.
async fn of_sentences(path: &Path) {
    of_release(9, path).await;
    let mut script = "
        INSERT INTO users (id, username, name, password_hash, created_at) VALUES ('amy', 'amy', 'Amy Adler', 'x', 1);
        INSERT INTO workitems (id, channel, customer, subject, state, agent_id, team_id, started_at, last_activity_at) VALUES
            ('chat', 'chat', 'Dana Dietz', 'Call to arms', 'active', 'amy', 'care', 1, 1),
            ('call', 'phone', '+4930', 'Call to +4930', 'active', 'amy', 'care', 1, 1);
        INSERT INTO requests (id, agent_id, text, choice, workitem_id, subject, at) VALUES
            ('r', 'amy', 'Help', 'one', 'call', 'Call to +4930', 1);
        INSERT INTO own_log (user_id, seq, event) VALUES
            ('amy', 1, '{\"WorkAssigned\":{\"workitem\":\"call\",\"subject\":\"Call to +4930\",\"from\":null}}'),
            ('amy', 2, '{\"Message\":{\"text\":\"Call to +4930\",\"request\":{\"workitem\":[\"call\",\"Call to +4930\"]}}}');
        INSERT INTO audit (at, actor_id, what, about) VALUES
            (1, 'amy', 'organisation_save', 'Chats at a time: 4 chats (was 8 chats)'),
            (2, 'amy', 'organisation_save',
                'Mark as lost after: 60 seconds (was 120 seconds); Coaching goes along to another team: on (was off)'),
            (3, 'amy', 'organisation_save', 'Chats at a time: many'),
            (4, 'amy', 'team_update', 'care');"
        .to_owned();
    for (number, (sentence, _)) in (1..).zip(sentences()) {
        let sentence = sentence.replace('\'', "''");
        script += &format!(
            "INSERT INTO entries (workitem_id, seq, id, rev, at, kind) VALUES ('chat', {number}, 'e{number}', {number}, 1, 'notice');
             INSERT INTO notices (entry_id, text) VALUES ('e{number}', '{sentence}');"
        );
    }
    let last = sentences().len();
    script +=
        &format!("UPDATE workitems SET head = {last}, last_entry = {last} WHERE id = 'chat';");
    let mut file = connect(path).await;
    let script = sqlx::raw_sql(AssertSqlSafe(script));
    script.execute(&mut file).await.unwrap();
    file.close().await.unwrap();
}

#[tokio::test]
async fn what_was_stored_as_a_sentence_becomes_data() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    of_sentences(&path).await;
    SqliteStore::migrate(&path).await.unwrap();

    let store = SqliteStore::open(&path).await.unwrap();
    let mut rows = store.snapshot().await.unwrap();
    let chat = WorkitemId::parse("chat").unwrap();
    let mut read = rows.entries_before(&chat, i64::MAX, 100).await.unwrap();
    read.reverse();
    drop(rows);
    store.close().await;
    assert_eq!(read.len(), sentences().len());
    for (row, (sentence, notice)) in read.into_iter().zip(sentences()) {
        assert_eq!(row.entry.body, EntryBody::Notice(notice), "{sentence}");
    }

    // E34
    assert_eq!(
        texts(
            &path,
            "SELECT name_key FROM users UNION ALL SELECT name_key FROM teams"
        )
        .await,
        ["amy adler", "care"]
    );
    assert_eq!(
        texts(&path, "SELECT customer_key FROM workitems ORDER BY id").await,
        ["+4930", "dana dietz"]
    );
    let subjects = "SELECT subject FROM workitems ORDER BY id";
    assert_eq!(texts(&path, subjects).await, ["+4930", "Call to arms"]);
    assert_eq!(
        texts(&path, "SELECT subject FROM requests").await,
        ["+4930"]
    );
    assert_eq!(
        texts(&path, "SELECT event FROM own_log ORDER BY seq").await,
        [
            r#"{"WorkAssigned":{"workitem":"call","subject":"+4930","from":null}}"#,
            r#"{"Message":{"text":"Call to +4930","request":{"workitem":["call","+4930"]}}}"#,
        ]
    );
    assert_eq!(
        texts(&path, "SELECT about FROM audit ORDER BY at").await,
        [
            "capacity_chat 8 -> 4",
            "agent_lost_after_s 120 -> 60; coaching_crosses_teams 0 -> 1",
            "Chats at a time: many",
            "care",
        ]
    );
}

#[tokio::test]
async fn e51_rows_of_the_release_before_become_a_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    of_sentences(&path).await;
    SqliteStore::migrate(&path).await.unwrap();
    let digests = "SELECT hex(digest) FROM audit GROUP BY digest HAVING length(digest) = 32";
    assert_eq!(texts(&path, digests).await.len(), 4);
    let findings = verify(&path).await.unwrap();
    let broken = findings
        .iter()
        .filter(|finding| finding.rule == "audit chain");
    assert_eq!(broken.count(), 0);
}
