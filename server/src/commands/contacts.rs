//! Who calls or mails: the same customer each time, by their number or address, however it is written.

use shared::ids::WorkitemId;

use crate::store::rows::NewWorkitem;
use crate::store::{Stored, Transaction};

/// Notes whose a new workitem of phone or email is. Answers the latest one before it that the customer has in the same team: what
/// they had with another team is not for all who read this one.
pub(super) async fn recognise(
    rows: &mut dyn Transaction,
    new: &NewWorkitem,
    contact: &str,
) -> Stored<Option<WorkitemId>> {
    let contact = known_by(contact);
    let earlier = rows
        .contact_latest(new.channel, &contact, &new.team)
        .await?;
    rows.contact_set(&new.id, new.channel, &contact).await?;
    Ok(earlier)
}

/// By what a customer is known. A [`PhoneNumber`](shared::phone::PhoneNumber) has one form however it was written; of an
/// [`EmailAddress`](shared::email::EmailAddress) the domain has.
fn known_by(contact: &str) -> String {
    contact.to_lowercase()
}

#[cfg(test)]
mod tests {
    use shared::email::EmailAddress;
    use shared::phone::PhoneNumber;

    use super::known_by;

    #[test]
    fn a_number_and_an_address_are_known_however_they_are_written() {
        for written in [
            "+49 30 901820",
            "+49 (0)30 / 90-18-20",
            "(+49) 30 90.18.20",
            "tel:+4930901820",
        ] {
            let number = PhoneNumber::parse(written).unwrap();
            assert_eq!(known_by(number.as_str()), "+4930901820", "{written}");
        }
        for written in ["dana@example.com", " Dana@Example.COM "] {
            let address = EmailAddress::parse(written).unwrap();
            assert_eq!(known_by(address.as_str()), "dana@example.com", "{written}");
        }
        // Whether they are one number only the telephone network knows.
        let local = PhoneNumber::parse("030 901820").unwrap();
        assert_ne!(known_by(local.as_str()), "+4930901820");
    }
}
