//! Labels: who labels which workitem with what, that a workitem has one outcome, and what closing asks for.

use server::commands::{LabelCreate, LabelDelete, LabelSet, LabelUpdate};
use server::queries;
use server::store::rows::Counted;
use server::store::{Change, CommandContext, Stored, Written};
use shared::error::{ConflictCause, Problem};
use shared::history::HistoryQuery;
use shared::ids::{LabelId, WorkitemId};
use shared::labels::{LABELS_OF_ONE_MAX, Label, LabelKind};
use shared::time::Timestamp;
use shared::workitem::TransferTo;

use crate::fixtures::*;
use crate::organisation::setting;
use crate::words::*;

fn id(name: &str) -> LabelId {
    LabelId::parse(name.to_lowercase()).unwrap()
}

impl Fixture {
    pub async fn add(&self, kind: LabelKind, name: &str, of: Option<&str>) -> Stored<Written<()>> {
        let label = Label {
            id: id(name),
            kind,
            name: name.to_owned(),
            team: of.map(team),
            active: true,
            version: 0,
        };
        let context = self.context_of("ada");
        self.store.execute(LabelCreate { label, context }).await
    }

    async fn change(
        &self,
        label: &str,
        (name, active): (&str, bool),
        version: i64,
        context: CommandContext,
    ) -> Stored<Written<()>> {
        let update = LabelUpdate {
            label: id(label),
            version,
            name: name.to_owned(),
            active,
            context,
        };
        self.store.execute(update).await
    }

    async fn delete_label(
        &self,
        label: &str,
        version: i64,
        context: CommandContext,
    ) -> Stored<Written<()>> {
        let delete = LabelDelete {
            label: id(label),
            version,
            context,
        };
        self.store.execute(delete).await
    }

    /// How many workitems somebody finds by a label.
    async fn found_by_label(&self, who: &str, label: &str) -> usize {
        let query = HistoryQuery {
            label: label.to_owned(),
            ..HistoryQuery::default()
        };
        let mut rows = self.rows().await;
        let asked = query.parse().unwrap();
        let page = queries::history_page(&mut *rows, &user(who), &asked, 25).await;
        page.unwrap().hits.len()
    }

    /// How often the figures of a team have any label.
    async fn labels_in_figures(&self, of: &str) -> i64 {
        let of = Counted {
            teams: vec![team(of)],
            from: Timestamp(0),
            until: Timestamp(i64::MAX),
        };
        let figures = self.rows().await.labels_counted(&of).await.unwrap();
        figures.iter().map(|figure| figure.count).sum()
    }

    pub async fn label(
        &self,
        workitem: &WorkitemId,
        who: &str,
        label: &str,
        on: bool,
    ) -> Stored<Written<()>> {
        let set = LabelSet {
            workitem: workitem.clone(),
            by: user(who),
            label: id(label),
            on,
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(set).await
    }

    /// The names of a workitem's labels.
    async fn labels(&self, workitem: &WorkitemId) -> Vec<String> {
        let labels = self.workitem(workitem).await.labels.into_iter();
        labels.map(|label| label.name).collect()
    }
}

#[tokio::test]
async fn a_workitem_has_one_outcome_and_any_tags_and_the_customer_sees_neither() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        for (kind, name) in [
            (LabelKind::Outcome, "Solved"),
            (LabelKind::Outcome, "Refunded"),
            (LabelKind::Tag, "Router"),
            (LabelKind::Tag, "Angry"),
        ] {
            fixture.add(kind, name, None).await.unwrap();
        }
        let frames = fixture.frames(&chat).await;
        for label in ["Router", "Solved", "Angry", "Refunded"] {
            fixture.label(&chat, "amy", label, true).await.unwrap();
        }
        let again = fixture.label(&chat, "sam", "Router", true).await.unwrap();
        assert_eq!(again.changes, [], "it has it");
        assert_eq!(fixture.labels(&chat).await, ["Refunded", "Angry", "Router"]);
        fixture.label(&chat, "sam", "Angry", false).await.unwrap();
        fixture
            .label(&chat, "amy", "Refunded", false)
            .await
            .unwrap();
        assert_eq!(fixture.labels(&chat).await, ["Router"]);
        assert_eq!(fixture.frames(&chat).await, frames);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn labels_are_given_by_its_agent_and_those_with_authority_closed_or_not() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.add(LabelKind::Tag, "Review", None).await.unwrap();
        for who in ["ben", "sid", "cleo"] {
            not_found(fixture.label(&chat, who, "Review", true).await);
        }
        fixture.wrap_up(&chat, "amy").await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
        fixture.label(&chat, "sam", "Review", true).await.unwrap();
        not_found(fixture.label(&chat, "ben", "Review", false).await);
        assert_eq!(fixture.labels(&chat).await, ["Review"]);
    }
}

#[tokio::test]
async fn a_label_is_for_its_team_and_only_while_it_is_offered_and_stays_where_it_is() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let tag = LabelKind::Tag;
        fixture.add(tag, "Ours", Some("care")).await.unwrap();
        fixture.add(tag, "Theirs", Some("sales")).await.unwrap();
        let nothing = ("label", Problem::NotALabel);
        for label in ["Theirs", "Nothing"] {
            let refused = fixture.label(&chat, "amy", label, true).await;
            assert_eq!(problem(refused), nothing);
        }
        fixture.label(&chat, "amy", "Ours", true).await.unwrap();
        let ada = fixture.context_of("ada");
        fixture
            .change("Ours", ("Ours and only ours", false), 0, ada)
            .await
            .unwrap();
        assert_eq!(fixture.labels(&chat).await, ["Ours and only ours"]);
        fixture.label(&chat, "amy", "Ours", false).await.unwrap();
        let off = fixture.label(&chat, "amy", "Ours", true).await;
        assert_eq!(problem(off), nothing);
    }
}

#[tokio::test]
async fn a_name_belongs_to_one_label_of_a_kind_and_team_and_a_second_editor_learns_of_the_first() {
    for fixture in every().await {
        let tag = LabelKind::Tag;
        fixture.add(tag, "Coffee", None).await.unwrap();
        let taken = ("name", Problem::Taken);
        let label = Label {
            id: id("another"),
            kind: tag,
            name: "CÖFFÉE".to_owned(),
            team: None,
            active: true,
            version: 0,
        };
        let context = fixture.context_of("ada");
        let create = LabelCreate { label, context };
        assert_eq!(problem(fixture.store.execute(create).await), taken);
        fixture.add(tag, "Tea", Some("care")).await.unwrap();
        fixture.add(tag, "Milk", Some("care")).await.unwrap();
        let context = || fixture.context_of("ada");
        for name in ["Tea", "coffee"] {
            let renamed = fixture.change("Milk", (name, true), 0, context()).await;
            assert_eq!(problem(renamed), taken, "{name}");
        }
        fixture.add(tag, "Milk-2", Some("sales")).await.unwrap();
        let theirs = ("Milk", true);
        fixture
            .change("Milk-2", theirs, 0, context())
            .await
            .unwrap();
        fixture
            .change("Tea", ("Green tea", true), 0, context())
            .await
            .unwrap();
        let late = fixture
            .change("Tea", ("Black tea", true), 0, context())
            .await;
        assert!(matches!(
            conflict(late),
            ConflictCause::EditedMeanwhile { .. }
        ));
        for who in ["sam", "amy"] {
            not_found(
                fixture
                    .change("Tea", ("Mine", true), 1, fixture.context_of(who))
                    .await,
            );
        }
    }
}

#[tokio::test]
async fn a_workitem_has_no_more_labels_than_can_be_read() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        for number in 0..=LABELS_OF_ONE_MAX {
            let name = format!("Tag-{number}");
            fixture.add(LabelKind::Tag, &name, None).await.unwrap();
            let set = fixture.label(&chat, "amy", &name, true).await;
            match number < LABELS_OF_ONE_MAX {
                true => assert!(set.is_ok()),
                false => {
                    let max = LABELS_OF_ONE_MAX as i64;
                    assert_eq!(problem(set), ("labels", Problem::TooMany { max }));
                }
            }
        }
    }
}

#[tokio::test]
async fn closing_asks_for_an_outcome_where_the_organisation_wants_one_and_offers_some() {
    for fixture in every().await {
        let (one, other) = (
            fixture.chat_of("amy", "kim").await,
            fixture.chat_of("amy", "lee").await,
        );
        fixture.set(&[setting("outcome_required", 1)]).await;
        for chat in [&one, &other] {
            fixture.wrap_up(chat, "amy").await.unwrap();
        }
        fixture.close(&one, "amy").await.unwrap();
        fixture
            .add(LabelKind::Outcome, "Solved", None)
            .await
            .unwrap();
        let early = fixture.close(&other, "amy").await;
        assert_eq!(conflict(early), ConflictCause::OutcomeMissing);
        fixture.label(&other, "amy", "Solved", true).await.unwrap();
        fixture.close(&other, "amy").await.unwrap();
        let undone = fixture.label(&other, "amy", "Solved", false).await;
        assert_eq!(conflict(undone), ConflictCause::OutcomeMissing);
    }
}

#[tokio::test]
async fn labels_are_searched_counted_and_go_with_the_workitem() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.add(LabelKind::Tag, "Parcel", None).await.unwrap();
        fixture.label(&chat, "amy", "Parcel", true).await.unwrap();
        assert_eq!(fixture.found_by_label("sam", "parc").await, 1);
        assert_eq!(fixture.found_by_label("sam", "nothing").await, 0);
        assert_eq!(fixture.found_by_label("ben", "parcel").await, 0);
        let counted = async |of: &str| fixture.labels_in_figures(of).await;
        assert_eq!((counted("care").await, counted("sales").await), (1, 0));
        let change = fixture.state_change(&chat, "amy");
        let to = handed(TransferTo::Team(team("sales")));
        let ours = LabelKind::Tag;
        fixture.add(ours, "Ours", Some("care")).await.unwrap();
        fixture.label(&chat, "amy", "Ours", true).await.unwrap();
        fixture.transfer(change, to).await.unwrap();
        assert_eq!((counted("care").await, counted("sales").await), (0, 2));
        assert_eq!(fixture.labels(&chat).await, ["Ours", "Parcel"]);
        // What its team does not offer can be taken away, and not given.
        fixture.label(&chat, "sid", "Ours", false).await.unwrap();
        let again = fixture.label(&chat, "sid", "Ours", true).await;
        assert_eq!(problem(again), ("label", Problem::NotALabel));
    }
}

#[tokio::test]
async fn u28_a_label_that_is_deleted_is_offered_no_more_and_stays_where_it_is() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let other = fixture.chat_of("amy", "lou").await;
        let ada = || fixture.context_of("ada");
        fixture.add(LabelKind::Tag, "Parcel", None).await.unwrap();
        fixture.label(&chat, "amy", "Parcel", true).await.unwrap();
        let gone = fixture.delete_label("Parcel", 0, ada()).await.unwrap();
        assert_eq!(gone.changes, [Change::People]);

        let mut rows = fixture.rows().await;
        assert!(rows.label_list().await.unwrap().is_empty());
        assert!(rows.labels_offered(&team("care")).await.unwrap().is_empty());
        drop(rows);
        let again = fixture.label(&other, "amy", "Parcel", true).await;
        assert_eq!(problem(again), ("label", Problem::NotALabel));
        not_found(fixture.change("Parcel", ("Box", true), 0, ada()).await);
        assert_eq!(fixture.labels(&chat).await, ["Parcel"]);
        assert_eq!(fixture.found_by_label("sam", "parc").await, 1);
        assert_eq!(fixture.labels_in_figures("care").await, 1);

        // Another one can be called so.
        let namesake = Label {
            id: id("another"),
            kind: LabelKind::Tag,
            name: "PARCEL".to_owned(),
            team: None,
            active: true,
            version: 0,
        };
        let create = LabelCreate {
            label: namesake,
            context: ada(),
        };
        fixture.store.execute(create).await.unwrap();
        fixture.label(&other, "amy", "Another", true).await.unwrap();
        assert_eq!(fixture.found_by_label("sam", "parc").await, 2);

        // It can be taken away.
        fixture.label(&chat, "sam", "Parcel", false).await.unwrap();
        let again = fixture.label(&chat, "amy", "Parcel", false).await.unwrap();
        assert_eq!(again.changes, [], "somebody did");
        assert!(fixture.labels(&chat).await.is_empty());
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn u28_a_label_that_two_delete_at_once_is_deleted_once() {
    for fixture in every().await {
        let ada = || fixture.context_of("ada");
        fixture.add(LabelKind::Tag, "Parcel", None).await.unwrap();
        fixture
            .change("Parcel", ("Box", true), 0, ada())
            .await
            .unwrap();
        let stale = conflict(fixture.delete_label("Parcel", 0, ada()).await);
        let meanwhile = matches!(stale, ConflictCause::EditedMeanwhile { deleting: true, .. });
        assert!(meanwhile, "{stale:?}");
        for who in ["sam", "amy"] {
            let context = fixture.context_of(who);
            not_found(fixture.delete_label("Parcel", 1, context).await);
        }
        not_found(fixture.delete_label("Nothing", 0, ada()).await);

        let (one, other) = tokio::join!(
            fixture.delete_label("Parcel", 1, ada()),
            fixture.delete_label("Parcel", 1, fixture.context()),
        );
        let changes = [one.unwrap().changes, other.unwrap().changes].concat();
        assert_eq!(changes, [Change::People]);
        assert_eq!(fixture.acts("label_delete").await, ["Box"]);
    }
}

#[tokio::test]
async fn u28_closing_asks_for_no_outcome_where_all_were_deleted() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.set(&[setting("outcome_required", 1)]).await;
        let outcome = LabelKind::Outcome;
        fixture.add(outcome, "Solved", None).await.unwrap();
        fixture.wrap_up(&chat, "amy").await.unwrap();
        let early = fixture.close(&chat, "amy").await;
        assert_eq!(conflict(early), ConflictCause::OutcomeMissing);
        let ada = fixture.context_of("ada");
        fixture.delete_label("Solved", 0, ada).await.unwrap();
        fixture.close(&chat, "amy").await.unwrap();
    }
}
