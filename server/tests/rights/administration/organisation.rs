//! Templates, settings of the organisation, customers and the audit log.

use server::clock_and_ids::{Ids, RandomIds};
use server::commands::{
    AlertRuleCreate, AlertRuleDelete, AlertRuleUpdate, AuditExport, CustomerErase, EscalationSave,
    LabelCreate, LabelDelete, LabelUpdate, OrganisationSave, SavedTextCreate, SavedTextDelete,
    SavedTextUpdate, TemplateCreate, TemplateDelete, TemplateMove, TemplateUpdate,
};
use server::store::{Store, Stored};
use shared::alerts::{AlertCondition, AlertRule};
use shared::assistance::Template;
use shared::escalation::Escalation;
use shared::ids::{AlertRuleId, EntryId, LabelId, SavedTextId, TemplateId};
use shared::labels::{Label, LabelKind};
use shared::organisation::SettingChange;
use shared::people::PersonRef;
use shared::saved_texts::{SavedFor, SavedText, SavedTextTeam};

use super::{Act, act, team};
use crate::administration_commands::PROVED;
use crate::fixtures::{self, user};

fn template(id: &str) -> Template {
    Template {
        id: TemplateId::parse(id).unwrap(),
        title: "Help".to_owned(),
        text: "Please help.".to_owned(),
        active: true,
        version: 0,
        target_min: None,
    }
}

async fn templates(store: &dyn Store) -> Stored<Vec<Template>> {
    store.snapshot().await?.template_list(false).await
}

/// A rule for every team.
fn alert_rule(id: &str) -> AlertRule {
    AlertRule {
        id: AlertRuleId::parse(id).unwrap(),
        name: "New".to_owned(),
        team: None,
        condition: AlertCondition::Handled(5),
        active: true,
        version: 0,
    }
}

/// A label of no team.
fn new_label() -> Label {
    Label {
        id: LabelId::parse("new").unwrap(),
        kind: LabelKind::Tag,
        name: "New".to_owned(),
        team: None,
        active: true,
        version: 0,
    }
}

/// A text of team Care.
fn saved_text() -> SavedText {
    SavedText {
        id: SavedTextId::parse("a-text").unwrap(),
        written_for: SavedFor::Customer,
        team: Some(SavedTextTeam {
            id: team(),
            name: String::new(),
        }),
        title: "Greeting".to_owned(),
        text: "Hello".to_owned(),
        version: 0,
    }
}

/// One of the demo's texts of the team.
fn saved_text_there() -> SavedTextId {
    SavedTextId::parse("text-care-0").unwrap()
}

pub(super) fn rows() -> Vec<(&'static str, Act)> {
    vec![
        (
            "audit_export",
            act!(|store, context| {
                let export = AuditExport {
                    actor: context.actor.unwrap(),
                    asked: Vec::new(),
                    at: context.at,
                };
                store.execute(export)
            }),
        ),
        (
            "customer_erase",
            act!(|store, context| async move {
                let workitem = store
                    .snapshot()
                    .await?
                    .customers_find("", 1)
                    .await?
                    .remove(0)
                    .id;
                let erase = CustomerErase {
                    workitem,
                    by: PersonRef {
                        id: user("ada"),
                        name: "Ada Almond".to_owned(),
                    },
                    entry: EntryId::parse(RandomIds.next()).unwrap(),
                    session: Some(PROVED.to_owned()),
                    context,
                };
                store.execute(erase).await
            }),
        ),
        (
            "escalation_save",
            act!(|store, context| {
                let escalation = Escalation {
                    team: team(),
                    all_after_min: Some(2),
                    on_call: Some((5, user("sue"))),
                    version: 0,
                };
                store.execute(EscalationSave {
                    escalation,
                    context,
                })
            }),
        ),
        (
            "alert_rule_create",
            act!(|store, context| {
                let rule = alert_rule("new");
                store.execute(AlertRuleCreate { rule, context })
            }),
        ),
        (
            "alert_rule_update",
            act!(|store, context| {
                let rule = alert_rule(fixtures::alert_rule().as_str());
                store.execute(AlertRuleUpdate { rule, context })
            }),
        ),
        (
            "alert_rule_delete",
            act!(|store, context| {
                let delete = AlertRuleDelete {
                    rule: fixtures::alert_rule(),
                    version: 0,
                    context,
                };
                store.execute(delete)
            }),
        ),
        (
            "label_create",
            act!(|store, context| {
                let label = new_label();
                store.execute(LabelCreate { label, context })
            }),
        ),
        (
            "label_update",
            act!(|store, context| {
                let update = LabelUpdate {
                    label: fixtures::label(),
                    version: 0,
                    name: "Settled".to_owned(),
                    active: false,
                    context,
                };
                store.execute(update)
            }),
        ),
        (
            "label_delete",
            act!(|store, context| {
                let delete = LabelDelete {
                    label: fixtures::label(),
                    version: 0,
                    context,
                };
                store.execute(delete)
            }),
        ),
        (
            "saved_text_create",
            act!(|store, context| {
                let text = saved_text();
                store.execute(SavedTextCreate { text, context })
            }),
        ),
        (
            "saved_text_update",
            act!(|store, context| {
                let update = SavedTextUpdate {
                    text: saved_text_there(),
                    version: 0,
                    title: "Farewell".to_owned(),
                    body: "Goodbye".to_owned(),
                    context,
                };
                store.execute(update)
            }),
        ),
        (
            "saved_text_delete",
            act!(|store, context| {
                let delete = SavedTextDelete {
                    text: saved_text_there(),
                    version: 0,
                    context,
                };
                store.execute(delete)
            }),
        ),
        (
            "template_create",
            act!(|store, context| {
                let template = template("new");
                store.execute(TemplateCreate { template, context })
            }),
        ),
        (
            "template_update",
            act!(|store, context| async move {
                let first = templates(store).await?.remove(0);
                let text = "Another text".to_owned();
                let template = Template { text, ..first };
                store.execute(TemplateUpdate { template, context }).await
            }),
        ),
        (
            "template_move",
            act!(|store, context| async move {
                let template = templates(store).await?.pop().unwrap().id;
                let up = TemplateMove {
                    template,
                    up: true,
                    context,
                };
                store.execute(up).await
            }),
        ),
        (
            "template_delete",
            act!(|store, context| async move {
                let template = templates(store).await?.remove(0).id;
                let delete = TemplateDelete {
                    template,
                    version: None,
                    context,
                };
                store.execute(delete).await
            }),
        ),
        (
            "organisation_save",
            act!(|store, context| async move {
                let ada = PersonRef {
                    id: user("ada"),
                    name: "Ada Almond".to_owned(),
                };
                let change = SettingChange {
                    name: "queue_max".to_owned(),
                    value: 7,
                };
                store
                    .execute(OrganisationSave {
                        actor: ada,
                        version: 0,
                        changes: vec![change],
                        session: PROVED.to_owned(),
                        key: context.key,
                        at: context.at,
                    })
                    .await
            }),
        ),
    ]
}
