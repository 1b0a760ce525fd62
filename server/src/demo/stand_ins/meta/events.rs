//! What Meta says to the contact centre, in the shape of each product.

use serde_json::{Value, json};
use shared::time::Timestamp;

use super::Taken;
use crate::demo::channels::DemoAccount;
use crate::demo::phones::{PhoneId, Service};
use crate::demo::stand_ins::network::Step;

/// Something that happens between a phone and an account of the contact centre.
pub(super) struct Event<'a> {
    pub(super) own: &'a DemoAccount,
    pub(super) phone: &'a PhoneId,
    pub(super) at: Timestamp,
}

impl Event<'_> {
    /// The owner of the phone, who is called so, has written.
    pub(super) fn message(&self, id: &str, text: &str, name: Option<&str>) -> Value {
        if self.phone.service != Service::WhatsAppByMeta {
            return self.item("message", json!({ "mid": id, "text": text }));
        }
        let from = self.phone.address();
        self.change(json!({
            "contacts": [self.contact(name)],
            "messages": [{
                "from": from,
                "from_user_id": self.user_id(),
                "id": id,
                "timestamp": seconds(self.at),
                "type": "text",
                "text": { "body": text },
            }],
        }))
    }

    /// How far a message of the contact centre's has come; nothing where the product says nothing.
    pub(super) fn report(&self, taken: &Taken, step: Step) -> Option<Value> {
        let id = &taken.message.id;
        let until = watermark(taken.at);
        match (self.phone.service, step) {
            (Service::WhatsAppByMeta, step) => Some(self.status(taken, step)),
            (Service::Messenger, Step::Delivered) => {
                Some(self.item("delivery", json!({ "mids": [id], "watermark": until })))
            }
            (Service::Messenger, Step::Read) => {
                Some(self.item("read", json!({ "watermark": until })))
            }
            (Service::Instagram, Step::Read) => Some(self.item("read", json!({ "mid": id }))),
            _ => None,
        }
    }

    fn status(&self, taken: &Taken, step: Step) -> Value {
        let (name, lost) = match step {
            Step::Sent => ("sent", None),
            Step::Delivered => ("delivered", None),
            Step::Read => ("read", None),
            Step::Lost(code) => ("failed", Some(code)),
        };
        let mut status = json!({
            "id": taken.message.id,
            "status": name,
            "timestamp": seconds(self.at),
            "recipient_id": self.phone.address(),
            "recipient_user_id": self.user_id(),
        });
        if let Some(reference) = &taken.reference {
            status["biz_opaque_callback_data"] = json!(reference);
        }
        if let Some(code) = lost {
            status["errors"] = json!([{ "code": code, "title": "Message undeliverable" }]);
        }
        self.change(json!({ "contacts": [self.contact(None)], "statuses": [status] }))
    }

    fn contact(&self, name: Option<&str>) -> Value {
        json!({
            "wa_id": self.phone.address(),
            "user_id": self.user_id(),
            "profile": { "name": name.unwrap_or_default() },
        })
    }

    /// What WhatsApp calls somebody whether or not their number may be known: a country and an id.
    fn user_id(&self) -> String {
        format!("GB.{}", self.phone.address())
    }

    /// Of Messenger and Instagram: what happened, under its name.
    fn item(&self, name: &str, what: Value) -> Value {
        let object = match self.phone.service {
            Service::Instagram => "instagram",
            _ => "page",
        };
        let (page, at) = (&self.own.account.address, millis(self.at));
        let mut item = json!({
            "sender": { "id": self.phone.address() },
            "recipient": { "id": page },
            "timestamp": at,
        });
        item[name] = what;
        json!({ "object": object, "entry": [{ "id": page, "time": at, "messaging": [item] }] })
    }

    /// Of WhatsApp: what has changed at a number.
    fn change(&self, more: Value) -> Value {
        let own = self.own;
        let mut value = json!({
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": own.known_as.trim_start_matches('+'),
                "phone_number_id": own.account.address,
            },
        });
        if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
            value.extend(more);
        }
        // The business is called as its number: nobody here asks for its id.
        let id = &own.account.address;
        let changes = json!([{ "field": "messages", "value": value }]);
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": id, "changes": changes }] })
    }
}

fn millis(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000)
}

fn seconds(at: Timestamp) -> String {
    at.0.div_euclid(1_000_000).to_string()
}

/// The moment until which all messages have come so far, one that was taken then included: milliseconds are rounded up.
fn watermark(taken_at: Timestamp) -> i64 {
    millis(taken_at) + 1
}

#[cfg(test)]
mod tests {
    use super::super::test_account;
    use super::*;
    use crate::demo::stand_ins::network::Carried;

    const AT: Timestamp = Timestamp(1_700_000_000_123_456);

    fn taken(phone: PhoneId) -> Taken {
        Taken {
            message: Carried {
                phone,
                id: "m_1".to_owned(),
                text: "Hello".to_owned(),
            },
            at: AT,
            reference: Some("identity.1".to_owned()),
        }
    }

    /// What is said at each step.
    fn reports(service: Service, number: &str) -> Vec<Option<Value>> {
        let taken = taken(PhoneId::new(service, number));
        let event = Event {
            own: &test_account(service),
            phone: &taken.message.phone,
            at: AT,
        };
        let steps = [Step::Sent, Step::Delivered, Step::Read, Step::Lost(131_026)];
        steps.map(|step| event.report(&taken, step)).into()
    }

    fn pointed<'a>(reports: &'a [Option<Value>], path: &str) -> Vec<&'a Value> {
        let told = reports.iter().flatten();
        told.map(|event| event.pointer(path).unwrap()).collect()
    }

    #[test]
    fn messenger_speaks_of_moments_and_instagram_of_what_was_read() {
        let messenger = reports(Service::Messenger, "9");
        let items = pointed(&messenger, "/entry/0/messaging/0");
        assert_eq!(items.len(), 2);
        let until = 1_700_000_000_124_i64;
        let delivery = json!({ "mids": ["m_1"], "watermark": until });
        assert_eq!(items[0]["delivery"], delivery);
        assert_eq!(items[1]["read"], json!({ "watermark": until }));
        let parties = (&items[1]["sender"]["id"], &items[1]["recipient"]["id"]);
        assert_eq!(parties, (&json!("9"), &json!("7")));
        let instagram = reports(Service::Instagram, "9");
        let items = pointed(&instagram, "/entry/0/messaging/0/read");
        assert_eq!(items, [&json!({ "mid": "m_1" })]);
        assert_eq!(pointed(&instagram, "/object"), [&json!("instagram")]);
    }

    #[test]
    fn whatsapp_speaks_of_states_and_gives_back_what_was_sent_with_the_message() {
        let reports = reports(Service::WhatsAppByMeta, "+447700900142");
        let statuses = pointed(&reports, "/entry/0/changes/0/value/statuses/0");
        let names: Vec<&Value> = statuses.iter().map(|status| &status["status"]).collect();
        assert_eq!(names, ["sent", "delivered", "read", "failed"]);
        for status in &statuses {
            assert_eq!(status["recipient_id"], "447700900142");
            assert_eq!(status["biz_opaque_callback_data"], "identity.1");
        }
        assert_eq!(statuses[3]["errors"][0]["code"], 131_026);
        assert_eq!(statuses[0].get("errors"), None);
    }

    #[test]
    fn a_text_names_who_wrote_it_and_on_whatsapp_how_they_call_themselves() {
        let said = |service, number: &str| {
            let event = Event {
                own: &test_account(service),
                phone: &PhoneId::new(service, number),
                at: AT,
            };
            event.message("m_1", "Hi", Some("Dana"))
        };
        let item = &said(Service::Messenger, "9")["entry"][0]["messaging"][0];
        assert_eq!(item["message"], json!({ "mid": "m_1", "text": "Hi" }));
        assert_eq!(item["timestamp"], 1_700_000_000_123_i64);
        let whatsapp = said(Service::WhatsAppByMeta, "+447700900142");
        let value = &whatsapp["entry"][0]["changes"][0]["value"];
        assert_eq!(value["contacts"][0]["profile"]["name"], "Dana");
        assert_eq!(value["messages"][0]["from"], "447700900142");
        assert_eq!(value["messages"][0]["text"]["body"], "Hi");
        let metadata = &value["metadata"];
        assert_eq!(metadata["phone_number_id"], "7");
    }
}
