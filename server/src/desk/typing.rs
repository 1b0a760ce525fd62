//! Who is writing right now: the agent to the customer, the customer to the agent. Nothing of it is stored, and nobody else's
//! writing is announced: what a supervisor types, or an agent to anybody but the customer, has no way here.

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

    /// The customer of a conversation writes. As with a message, the answer leaves before staff hear of it.
    pub fn customer_typing(&self, workitem: &WorkitemId) -> Unpublished {
        let changes = vec![Change::CustomerTyping(workitem.clone())];
        let ((), unpublished) = self.unpublished(Written { value: (), changes });
        unpublished
    }
}
