//! Calls and mails: one customer for each number and each address, found again, erased as one, and gone with their last workitem.

use server::commands::{
    CallRecord, CustomerErase, ReportBegin, ReportContext, RetentionStep, TokenCreate,
};
use server::queries;
use shared::ids::{TokenId, WorkitemId};
use shared::notice::Notice;
use shared::text::Username;
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};
use shared::transcript::EntryBody;
use shared::workitem::Channel;

use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

const NUMBER: &str = "+4930901820";
const ADDRESS: &str = "dana@example.com";

/// A system that reports calls and mails.
struct System<'a> {
    fixture: &'a Fixture,
    token: TokenId,
}

impl<'a> System<'a> {
    async fn of(fixture: &'a Fixture) -> Self {
        let token = TokenId::parse("telephony").unwrap();
        let create = TokenCreate {
            token: ApiToken {
                id: token.clone(),
                name: "Telephony".to_owned(),
                scopes: vec![Scope::WorkitemsWrite],
                team: None,
                created_by: person("ada"),
                created_at: Timestamp(0),
                expires_at: None,
                last_used_at: None,
                revoked_at: None,
            },
            hash: "0".repeat(64),
            session: None,
            context: fixture.context(),
        };
        fixture.store.execute(create).await.unwrap();
        Self { fixture, token }
    }

    /// A call or a mail that an agent has, about something.
    async fn reports(
        &self,
        channel: Channel,
        contact: &str,
        agent: &str,
        subject: &str,
    ) -> WorkitemId {
        let fixture = self.fixture;
        let workitem = format!("call-{}", fixture.fresh_entry());
        let begin = ReportBegin {
            channel,
            contact: contact.to_owned(),
            customer: "Dana".to_owned(),
            subject: subject.to_owned(),
            team: None,
            agent: Some(Username::parse(agent).unwrap()),
            text: Some(said("A zephyr of a question")),
            workitem: WorkitemId::parse(workitem).unwrap(),
            entry: fixture.fresh_entry(),
            context: ReportContext {
                token: self.token.clone(),
                key: fixture.fresh_key(),
                at: fixture.now(),
            },
        };
        let begun = fixture.store.execute(begin).await.unwrap();
        begun.value.id
    }

    async fn call(&self, agent: &str, subject: &str) -> WorkitemId {
        self.reports(Channel::Phone, NUMBER, agent, subject).await
    }
}

impl Fixture {
    /// Where the line of a workitem leads that stands behind who reported it.
    async fn leads_to(&self, workitem: &WorkitemId) -> Option<WorkitemId> {
        let entries = self.entries(workitem).await.into_iter();
        let mut earlier = entries.filter_map(|entry| match entry.body {
            EntryBody::Notice(Notice::Earlier { workitem }) => {
                assert_eq!(entry.seq, 2);
                Some(workitem)
            }
            _ => None,
        });
        let first = earlier.next();
        assert_eq!(earlier.next(), None);
        first
    }

    /// What stands beside a workitem as what its customer had before, the newest first.
    async fn before(&self, who: &str, workitem: &WorkitemId) -> Vec<WorkitemId> {
        let mut rows = self.rows().await;
        let found = queries::conversations_before(&mut *rows, &user(who), workitem).await;
        let found = found.unwrap().into_iter();
        found.map(|workitem| workitem.id).collect()
    }

    /// All workitems of the customer of this one.
    async fn of_customer(&self, workitem: &WorkitemId) -> Vec<WorkitemId> {
        let found = self.rows().await.workitems_of_customer(workitem).await;
        found.unwrap()
    }

    /// The latest workitem in Care of the caller with this number.
    async fn latest_call(&self) -> Option<WorkitemId> {
        let (mut rows, care) = (self.rows().await, team("care"));
        let latest = rows.contact_latest(Channel::Phone, NUMBER, &care).await;
        latest.unwrap()
    }
}

#[tokio::test]
async fn m03_who_calls_or_mails_again_is_known_on_that_channel() {
    for fixture in every().await {
        let system = System::of(&fixture).await;
        let first = system.call("amy", "My lamp").await;
        assert_eq!(fixture.leads_to(&first).await, None);
        let other = system
            .reports(Channel::Phone, "+4930901821", "amy", "A chair")
            .await;
        assert_eq!(fixture.leads_to(&other).await, None);
        // Whether the one before is over does not matter: each call begins a workitem.
        let second = system.call("ben", "My lamp again").await;
        assert_eq!(fixture.leads_to(&second).await.as_ref(), Some(&first));
        let third = system.call("amy", "The same lamp").await;
        assert_eq!(fixture.leads_to(&third).await.as_ref(), Some(&second));
        assert_eq!(
            fixture.before("sam", &third).await,
            [second.clone(), first.clone()]
        );
        assert_eq!(
            fixture.before("amy", &third).await,
            [first],
            "she may not read ben's"
        );
        assert_eq!(fixture.before("sam", &other).await, []);

        let mail = "Dana@example.com";
        let mail = system.reports(Channel::Email, mail, "amy", "A bill").await;
        assert_eq!(fixture.leads_to(&mail).await, None);
        let answer = system.reports(Channel::Email, ADDRESS, "amy", "Paid").await;
        assert_eq!(fixture.leads_to(&answer).await.as_ref(), Some(&mail));
        assert_eq!(fixture.before("amy", &answer).await, [mail]);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn m04_another_team_learns_nothing_of_what_a_caller_had_before() {
    for fixture in every().await {
        let system = System::of(&fixture).await;
        let first = system.call("amy", "My lamp").await;
        let elsewhere = system.call("cleo", "A new lamp").await;
        assert_eq!(fixture.leads_to(&elsewhere).await, None);
        assert_eq!(fixture.before("sid", &elsewhere).await, []);
        // And the first team nothing of that.
        let again = system.call("amy", "My lamp again").await;
        assert_eq!(fixture.leads_to(&again).await.as_ref(), Some(&first));
        assert_eq!(fixture.before("sam", &again).await, [first]);
    }
}

#[tokio::test]
async fn a_call_that_an_agent_placed_is_of_the_customer_who_calls_back() {
    for fixture in every().await {
        let workitem = WorkitemId::parse("placed").unwrap();
        let placed = CallRecord {
            agent: person("amy"),
            number: NUMBER.to_owned(),
            workitem: workitem.clone(),
            entry: fixture.fresh_entry(),
            at: fixture.now(),
            key: fixture.fresh_key(),
        };
        fixture.store.execute(placed).await.unwrap();
        let system = System::of(&fixture).await;
        let back = system.call("ben", "You called").await;
        assert_eq!(fixture.leads_to(&back).await.as_ref(), Some(&workitem));
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn u09_a_call_is_on_no_page_and_is_reopened_though_its_customer_called_again() {
    for fixture in every().await {
        let system = System::of(&fixture).await;
        let first = system.call("amy", "My lamp").await;
        fixture.wrap_up(&first, "amy").await.unwrap();
        system.call("amy", "My lamp again").await;
        fixture.reopen(&first, "amy").await.unwrap();
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn e52_who_called_is_erased_with_all_their_calls_and_calls_again_as_somebody_new() {
    for fixture in every().await {
        let system = System::of(&fixture).await;
        let calls = [
            system.call("amy", "My lamp").await,
            system.call("cleo", "A new lamp").await,
            system.call("ben", "My lamp again").await,
        ];
        let mail = system.reports(Channel::Email, ADDRESS, "amy", "A bill");
        let mail = mail.await;
        let mut all = calls.to_vec();
        all.sort();
        assert_eq!(fixture.of_customer(&calls[0]).await, all);
        let erase = CustomerErase {
            workitem: calls[1].clone(),
            by: person("ada"),
            entry: fixture.fresh_entry(),
            session: None,
            context: fixture.context(),
        };
        let erased = fixture.store.execute(erase).await.unwrap().value;
        assert_eq!((erased.workitems, erased.open), (3, 3));
        for call in &calls {
            let lines = format!("{:?}", fixture.lines(call).await);
            for word in ["lamp", "zephyr", NUMBER] {
                assert!(!lines.contains(word), "{lines}");
            }
        }
        assert_eq!(fixture.latest_call().await, None);
        let lines = fixture.lines(&mail).await;
        assert!(
            lines[0].contains(ADDRESS),
            "a mail has a customer of its own"
        );
        assert_eq!(fixture.findings().await, []);

        let newcomer = system.call("amy", "A lamp").await;
        assert_eq!(fixture.leads_to(&newcomer).await, None);
        let own = fixture.of_customer(&newcomer).await;
        assert_eq!(own, std::slice::from_ref(&newcomer));
    }
}

#[tokio::test]
async fn a_number_is_kept_as_long_as_there_is_work_of_its_customer() {
    for fixture in every().await {
        let system = System::of(&fixture).await;
        let first = system.call("amy", "My lamp").await;
        let second = system.call("amy", "My lamp again").await;
        fixture.set(&[setting("retention_work_days", 1)]).await;
        let years = Timestamp(fixture.now().0 + 100 * 365 * 24 * 3_600 * 1_000_000);
        for (gone, left) in [(&first, Some(second.clone())), (&second, None)] {
            fixture.wrap_up(gone, "amy").await.unwrap();
            fixture.close(gone, "amy").await.unwrap();
            let step = RetentionStep { at: years };
            let step = fixture.store.execute(step).await.unwrap();
            assert_eq!(step.value.workitems, 1);
            assert_eq!(fixture.latest_call().await, left);
            assert_eq!(fixture.findings().await, []);
        }
    }
}

#[tokio::test]
async fn e34_a_customer_is_found_once_with_the_number_and_how_many_workitems_there_are() {
    for fixture in every().await {
        let system = System::of(&fixture).await;
        for subject in ["A first call", "A second call"] {
            let reported = system.reports(Channel::Phone, NUMBER, "amy", subject);
            reported.await;
        }
        let mut rows = fixture.rows().await;
        let found = rows.customers_find("dana", 10).await.unwrap();
        let known = found
            .iter()
            .map(|one| (one.address.as_deref(), one.workitems));
        let known: Vec<_> = known
            .filter(|(address, _)| *address == Some(NUMBER))
            .collect();
        assert_eq!(known, [(Some(NUMBER), 2)]);
    }
}
