//! What a visitor's browser sends, and its checks: as JSON from the page's script, as a form from a browser
//! without scripts. Parsing happens here, once; behind it every text is valid.

use app::json::read_sent;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use shared::email::EmailAddress;
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, ID_MAX};
use shared::phone::PhoneNumber;
use shared::text::{CustomerName, MessageText};

use super::stream_cursor::StreamCursor;
use crate::checked_file::CheckedFile;
use crate::commands::Contact;
use crate::desk::customers::{CustomerContent, CustomerMessage};

/// The body of `POST /chat/{key}/messages`. What is missing is treated as empty, so that the error names it.
#[derive(Debug, Deserialize)]
pub(super) struct SentMessage {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    key: String,
    /// Of the form for the time in which no conversation begins.
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
}

/// A message that has been checked.
#[derive(Debug)]
pub(super) struct CheckedMessage {
    pub(super) name: CustomerName,
    pub(super) content: CustomerContent,
    pub(super) key: CommandKey,
    pub(super) contact: Option<Contact>,
}

impl From<CheckedMessage> for CustomerMessage {
    fn from(message: CheckedMessage) -> Self {
        let CheckedMessage {
            name,
            content,
            key,
            contact,
        } = message;
        Self {
            name,
            content,
            key,
            contact,
        }
    }
}

impl SentMessage {
    /// Reads the JSON.
    pub(super) fn parse(body: &[u8]) -> Result<Self, AppError> {
        read_sent(body)
    }

    /// Checks the fields. A visitor who is known by a name keeps it.
    pub(super) fn checked(self, known: Option<&str>) -> Result<CheckedMessage, AppError> {
        Ok(CheckedMessage {
            name: CustomerName::parse(known.or(self.name.as_deref()).unwrap_or_default())?,
            content: CustomerContent::Text(MessageText::parse(&self.text)?),
            key: key(self.key)?,
            contact: None,
        })
    }

    /// Checks the fields of the form for the time in which no conversation begins.
    pub(super) fn checked_offline(self, known: Option<&str>) -> Result<CheckedMessage, AppError> {
        let contact = contact(&self.email, &self.phone);
        let message = self.checked(known)?;
        Ok(CheckedMessage {
            contact: Some(contact?),
            ..message
        })
    }
}

/// What comes beside the content of a file, in headers: words never stand in an address. What is missing is treated as empty.
pub(super) struct SentFile {
    /// How the visitor introduces themselves.
    pub(super) name: String,
    /// How the file is called.
    pub(super) file: String,
    /// Sending it again under the same one gives the first answer.
    pub(super) key: String,
}

impl SentFile {
    /// Checks the fields, and the file by its content.
    pub(super) fn checked(
        self,
        content: &[u8],
        known: Option<&str>,
    ) -> Result<CheckedMessage, AppError> {
        Ok(CheckedMessage {
            name: CustomerName::parse(known.unwrap_or(&self.name))?,
            content: CustomerContent::File(CheckedFile::check(&self.file, content)?),
            key: key(self.key)?,
            contact: None,
        })
    }
}

/// The body of `POST /chat/{key}/end`.
#[derive(Debug, Deserialize)]
pub(super) struct SentEnd {
    #[serde(default)]
    key: String,
}

impl SentEnd {
    /// Reads and checks the JSON.
    pub(super) fn parse(body: &[u8]) -> Result<CommandKey, AppError> {
        let end: Self = read_sent(body)?;
        key(end.key)
    }
}

pub(super) fn key(text: String) -> Result<CommandKey, AppError> {
    let problem = Problem::KeyForm { max: ID_MAX as i64 };
    CommandKey::parse(text).map_err(|_| AppError::invalid("key", problem))
}

/// How a customer is reached who left a message. One of the two is needed.
fn contact(email: &str, phone: &str) -> Result<Contact, AppError> {
    let given = |text: &str| !text.trim().is_empty();
    let email = given(email).then(|| EmailAddress::parse(email));
    let email = email.transpose().map_err(|error| error.at("email"))?;
    let phone = given(phone).then(|| PhoneNumber::parse(phone));
    let phone = phone.transpose().map_err(|error| error.at("phone"))?;
    if email.is_none() && phone.is_none() {
        return Err(AppError::invalid("email", Problem::Missing));
    }
    Ok(Contact {
        email: email.map(|email| email.as_str().to_owned()),
        number: phone.map(|phone| phone.as_str().to_owned()),
    })
}

/// The fields of the page's forms.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct SentForm {
    /// As the visitor introduced themselves; not asked for again.
    #[serde(default)]
    pub(super) name: String,
    /// The message.
    #[serde(default)]
    pub(super) text: String,
    /// Where they are reached by mail; in the form for the time in which no conversation begins.
    #[serde(default)]
    pub(super) email: String,
    /// By telephone.
    #[serde(default)]
    pub(super) phone: String,
    /// How good it was; in the form of a rating.
    #[serde(default)]
    pub(super) rating: String,
    /// What the customer adds to that.
    #[serde(default)]
    pub(super) comment: String,
    /// How much of the conversation the page showed.
    #[serde(default)]
    pub(super) after: String,
    /// The page's token: who the visitor is in a browser that keeps no cookies.
    #[serde(default)]
    pub(super) visitor: String,
}

impl SentForm {
    /// Checks the fields. The key follows from what was said where: a form that is sent twice, by a second
    /// click or a reload, is stored once.
    pub(super) fn checked(&self, known: Option<&str>) -> Result<CheckedMessage, AppError> {
        let text = MessageText::parse(&self.text)?;
        let key = self.key(&format!("\n{}", text.as_str()))?;
        Ok(CheckedMessage {
            name: CustomerName::parse(known.unwrap_or(&self.name))?,
            content: CustomerContent::Text(text),
            key,
            contact: None,
        })
    }

    /// Checks the fields of the form for the time in which no conversation begins.
    pub(super) fn checked_offline(&self, known: Option<&str>) -> Result<CheckedMessage, AppError> {
        let message = self.checked(known)?;
        Ok(CheckedMessage {
            contact: Some(contact(&self.email, &self.phone)?),
            ..message
        })
    }

    /// The key of ending what the page showed.
    pub(super) fn end_key(&self) -> Result<CommandKey, AppError> {
        self.key(" end")
    }

    pub(super) fn key(&self, said: &str) -> Result<CommandKey, AppError> {
        let cursor = StreamCursor::parse(&self.after)?;
        let digest = Sha256::digest(format!("{cursor}{said}").as_bytes());
        CommandKey::parse(format!("form-{}", hex::encode(&digest[..16])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(error: AppError) -> String {
        match error {
            AppError::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_mistake_names_its_field() {
        for (body, wrong) in [
            ("{", "body"),
            ("\"text\"", "body"),
            ("{\"text\":1}", "text"),
            ("{\"text\":\"a\",\"key\":\"k\"}", "name"),
            ("{\"name\":\"Eve\",\"text\":\" \",\"key\":\"k\"}", "text"),
            ("{\"name\":\"Eve\",\"text\":\"a\"}", "key"),
            ("{\"name\":\"Eve\",\"text\":\"a\",\"key\":\"a b\"}", "key"),
        ] {
            let error = SentMessage::parse(body.as_bytes())
                .and_then(|message| message.checked(None))
                .unwrap_err();
            assert_eq!(field(error), wrong, "{body}");
        }
    }

    #[test]
    fn a_known_name_stays() {
        let message =
            SentMessage::parse(b"{\"name\":\"Mallory\",\"text\":\"a\",\"key\":\"k\"}").unwrap();
        assert_eq!(message.checked(Some("Eve")).unwrap().name.as_str(), "Eve");
    }

    #[test]
    fn a_form_sent_twice_has_one_key() {
        let form = |text: &str, after: &str| {
            let form = SentForm {
                name: "Eve".to_owned(),
                text: text.to_owned(),
                after: after.to_owned(),
                ..SentForm::default()
            };
            form.checked(None).unwrap().key
        };
        assert_eq!(form("a", "7-1"), form("a", "7-1"));
        assert_ne!(form("a", "7-1"), form("a", "7-2"));
        assert_ne!(form("a", "7-1"), form("b", "7-1"));
    }

    #[test]
    fn one_way_to_reach_a_customer_is_needed() {
        let both = contact(" Eve@Example.COM ", "+49 (30) 123-45").unwrap();
        assert_eq!(both.email.as_deref(), Some("Eve@example.com"));
        assert_eq!(both.number.as_deref(), Some("+493012345"));
        assert!(contact("eve@example.com", "").is_ok() && contact(" ", "030 1234").is_ok());
        for (email, phone, field) in [
            ("", " ", "email"),
            ("eve", "", "email"),
            ("", "call me", "phone"),
        ] {
            let error = contact(email, phone).unwrap_err();
            let named = matches!(&error, AppError::Invalid { field: named, .. } if named == field);
            assert!(named, "{error:?}");
        }
    }
}
