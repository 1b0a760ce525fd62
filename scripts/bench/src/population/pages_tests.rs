use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;

const LENGTH: Duration = Duration::from_secs(15);

fn workitem(id: &str) -> WorkitemId {
    WorkitemId::parse(id).expect("an id")
}

/// One hand and one alarm of agent 13 among 50.
fn seen() -> (Pages, Arc<Seen>, UnboundedReceiver<FollowUp>) {
    let (follow_ups, inbox) = unbounded_channel();
    let happenings = (
        vec![Hand::new(13, workitem("wi-1"))],
        vec![Alarm::new(13, 40, workitem("wi-2"))],
    );
    let begun = Instant::now();
    let seen = Seen::new(Size::of(50), (begun, LENGTH), happenings, follow_ups);
    let (pages, seen) = (Pages::default(), Arc::new(seen));
    pages.open(&seen);
    seen.raises(0, begun);
    seen.says(0, begun);
    (pages, seen, inbox)
}

/// The notification of a raised hand, as the program writes it.
fn asked(seq: i64) -> String {
    let person = |id: &str| json!({ "id": id, "name": id });
    let message = json!({
        "id": "m-1", "seq": 1, "at": 5, "from": person("agent-13"), "to": person("supervisor-1"), "text": "?",
        "request": { "id": "r-1", "workitem": ["wi-1", "A lamp"], "answered_by": null },
    });
    json!({ "own": { "seq": seq, "event": { "Message": message } } }).to_string()
}

/// The tabs of the agent's supervisor, of another one, of the agent and of both leads.
const OWN_TAB: usize = 51;
const OTHER_TAB: usize = 52;
const AGENTS_TAB: usize = 13;
const LEADS_TABS: [usize; 2] = [205, 206];

#[test]
fn pages_are_numbered_as_tabs_are() {
    let size = Size::of(50);
    assert_eq!(first_lead(size), LEADS_TABS[0]);
    assert_eq!(page(size, AGENTS_TAB), PageOwner::Agent(13));
    assert_eq!(page(size, OWN_TAB), PageOwner::Supervisor(1));
    assert_eq!(page(size, LEADS_TABS[1]), PageOwner::Lead(1));
}

#[test]
fn a_hand_is_seen_once_on_each_page_and_its_supervisor_acts_once() {
    let (pages, seen, mut inbox) = seen();
    seen.hands[0].raised.acknowledge();
    assert_eq!(seen.lost(), 3);
    for tab in [OTHER_TAB, AGENTS_TAB] {
        assert_eq!(pages.shown(tab, &asked(7)), Some(7));
    }
    assert_eq!(seen.lost(), 3, "it is not theirs");
    assert_eq!(pages.shown(OWN_TAB, &asked(8)), Some(8));
    assert!(matches!(
        inbox.try_recv(),
        Ok(FollowUp::Hand { number: 0, request }) if request.as_str() == "r-1"
    ));
    for tab in LEADS_TABS {
        pages.shown(tab, &asked(9));
    }
    assert!(inbox.try_recv().is_err());
    assert_eq!((seen.lost(), seen.times().raised.count), (0, 3));
    pages.shown(OWN_TAB, &asked(10));
    assert_eq!(seen.doubled.load(Relaxed), 1);
    assert!(inbox.try_recv().is_err());
}

#[test]
fn a_claim_is_timed_at_the_agent_and_the_leads() {
    let (pages, seen, _inbox) = seen();
    pages.shown(OWN_TAB, &asked(1));
    seen.hands[0].claimed.begins(Instant::now());
    seen.hands[0].claimed.acknowledge();
    let person = |id: &str| json!({ "id": id, "name": id });
    let claimed = json!({ "own": { "seq": 2, "event": { "RequestClaimed": {
        "request": "r-1", "by": person("supervisor-1"), "agent": person("agent-13"), "text": "?", "unread": 0,
    } } } });
    for tab in [OWN_TAB, OTHER_TAB, AGENTS_TAB, LEADS_TABS[0], LEADS_TABS[1]] {
        assert_eq!(pages.shown(tab, &claimed.to_string()), Some(2));
    }
    assert_eq!((seen.lost(), seen.times().claimed.count), (0, 3));
}

#[test]
fn an_alert_that_stays_open_is_timed_once() {
    let (pages, seen, mut inbox) = seen();
    seen.alarms[0].said.acknowledge();
    let alert = |workitem: &str| {
        json!({
            "rule": "rule-1", "name": "Chargeback", "about": 9, "at": 9, "workitem": workitem, "channel": "chat",
            "customer": "Eve", "subject": "A lamp", "agent": null, "team": "team-1",
        })
    };
    let open = json!({ "alerts": [alert("wi-2"), alert("wi-9")] }).to_string();
    for tab in [OWN_TAB, OWN_TAB, LEADS_TABS[0], LEADS_TABS[1]] {
        assert_eq!(pages.shown(tab, &open), None);
    }
    assert_eq!((seen.lost(), seen.times().alerted.count), (0, 3));
    assert!(matches!(
        inbox.try_recv(),
        Ok(FollowUp::Alarm {
            number: 0,
            about: 9,
            ..
        })
    ));
    assert!(inbox.try_recv().is_err());
}

#[test]
fn frames_of_the_leads_dashboards_are_counted() {
    let (pages, seen, _inbox) = seen();
    let patch = json!({ "dashboard_patch": { "queues": [] } }).to_string();
    for tab in [LEADS_TABS[0], LEADS_TABS[0], LEADS_TABS[1], OWN_TAB] {
        assert!(tells(&patch));
        pages.shown(tab, &patch);
    }
    let counted = seen.dashboards();
    assert_eq!((counted.count, counted.whole), (3, 0));
    assert_eq!(counted.bytes, 3 * patch.len());
    assert_eq!(seen.times().gaps.count, 1);
}

#[test]
fn nothing_is_taken_apart_while_nobody_measures() {
    let (pages, seen, _inbox) = seen();
    pages.close();
    assert_eq!(pages.shown(OWN_TAB, &asked(1)), None);
    assert_eq!(seen.times().raised.count, 0);
}
