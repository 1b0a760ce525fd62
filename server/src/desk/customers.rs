//! What customers do. They are nobody's actor: the channel's public key and the visitor's secret are all that
//! they have, and the only conversation that they reach is their own.

use app::backend::Answer;
use shared::ids::{ChannelKey, CommandKey, WorkitemId};
use shared::text::{CustomerName, MessageText};

use super::{Desk, outward};
use crate::store::{CustomerSend, CustomerSent};

impl Desk {
    /// What a customer writes on a chat page. Begins a workitem where none is open.
    pub async fn customer_send(
        &self,
        channel: &ChannelKey,
        visitor: &str,
        name: CustomerName,
        text: MessageText,
        key: CommandKey,
    ) -> Answer<CustomerSent> {
        let command = CustomerSend {
            channel: channel.clone(),
            visitor: visitor.to_owned(),
            name: name.into(),
            text,
            at: self.now(),
            workitem: WorkitemId::parse(self.ids().next())?,
            entry: self.entry_id(),
            key,
        };
        Ok(self.publish(
            self.store()
                .customer_append(command)
                .await
                .map_err(outward)?,
        ))
    }

    /// What a simulated customer answers in a workitem that exists.
    pub async fn customer_answer(&self, workitem: &WorkitemId, text: MessageText) -> Answer<()> {
        let key = CommandKey::parse(self.ids().next())?;
        let written = self
            .store()
            .customer_append_to(workitem, text, self.entry_id(), self.now(), key)
            .await
            .map_err(outward)?;
        self.publish(written);
        Ok(())
    }
}
