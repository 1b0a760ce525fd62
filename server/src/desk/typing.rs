//! Who is writing right now: the agent to the customer, the customer to the agent, coaches and their agent to each other.
//! Nothing of it is stored. What is written between staff is announced by a change of its own, which has no way to a customer.

use shared::ids::WorkitemId;
use shared::people::Actor;
use shared::policy::WorkitemAct;
use shared::workitem::{Channel, WorkitemState};

use super::Desk;
use super::later::Unpublished;
use crate::store::{Change, Written};

impl Desk {
    /// Shows the customer of a chat that its agent writes. Anybody else is refused as elsewhere, and the customer sees
    /// nothing.
    pub async fn agent_typing(&self, actor: &Actor, workitem: &WorkitemId) {
        let found = self.workitem_for(actor, workitem, WorkitemAct::Handle);
        let Ok(found) = found.await else { return };
        let workitem = found.workitem;
        if workitem.channel == Channel::Chat && workitem.state == WorkitemState::Active {
            let change = Change::AgentTyping {
                id: workitem.id,
                name: actor.name.clone(),
            };
            self.bus().publish(change);
        }
    }

    /// Shows the agent that a supervisor who is there writes to them, or those who coach that the agent does. Anybody else is
    /// refused as elsewhere, and nobody sees anything.
    pub async fn coaching_typing(&self, actor: &Actor, workitem: &WorkitemId) {
        let record = self.reads().workitem_find(workitem).await.ok().flatten();
        let own = record.is_some_and(|record| record.facts.agent.as_ref() == Some(&actor.id));
        let act = match own {
            true => WorkitemAct::Handle,
            false => WorkitemAct::Coach,
        };
        let found = self.workitem_for(actor, workitem, act).await;
        let Ok(found) = found else { return };
        let workitem = found.workitem;
        let open = matches!(
            workitem.state,
            WorkitemState::Active | WorkitemState::WrapUp
        );
        let mut there = workitem.agent.iter().chain(&workitem.monitors);
        let by = there.find(|person| person.id == actor.id);
        if let Some(by) = by.filter(|_| open && workitem.channel.coachable()) {
            let (id, by) = (workitem.id.clone(), by.clone());
            self.bus().publish(Change::CoachingTyping { id, by });
        }
    }

    /// The customer of a conversation writes. As with a message, the answer leaves before staff hear of it.
    pub fn customer_typing(&self, workitem: &WorkitemId) -> Unpublished {
        let changes = vec![Change::CustomerTyping(workitem.clone())];
        let ((), unpublished) = self.unpublished(Written { value: (), changes });
        unpublished
    }
}
