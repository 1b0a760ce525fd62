//! What a provider sends of a user: JSON whose names have no case, with more in it than Sideline holds.

use std::collections::BTreeSet;
use std::fmt;

use app::json::read_object;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use shared::people::Role;
use shared::text::{DisplayName, ExternalId, NAME_MAX, ProviderName};

use super::problems::{invalid, of, wrong};
use crate::api::ApiState;
use crate::commands::{ProfileEdit, UserProfile};
use crate::http::is_media_type;
use crate::http::problem::Problem;

/// The schema of a user.
pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// How many roles a request may name.
const ROLES_NAMED_MAX: usize = 20;

/// A body of JSON: an object. An extractor.
#[derive(Debug)]
pub(super) struct Body(pub(super) Map<String, Value>);

impl FromRequest<ApiState> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        let kinds = ["application/scim+json", "application/json"];
        let headers = request.headers();
        if !kinds.iter().any(|kind| is_media_type(headers, kind)) {
            let detail = "Send Content-Type: application/scim+json.";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::plain(status, "not_json").with_detail(detail));
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|_| wrong("invalidSyntax", "The body broke off."))?;
        let read = read_object::<Distinct>(&body).map_err(|unread| {
            let detail = format!("This is no JSON object: {}.", unread.words);
            wrong("invalidSyntax", detail)
        })?;
        match read.0 {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(wrong("invalidSyntax", "This is no JSON object.")),
        }
    }
}

/// JSON in which no object has a name twice: of two values nobody knows which one is meant.
#[derive(Debug)]
struct Distinct(Value);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Distinct;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Distinct, E> {
        Ok(Distinct(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Distinct, E> {
        Ok(Distinct(Value::Bool(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Distinct, E> {
        Ok(Distinct(Value::from(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Distinct, E> {
        Ok(Distinct(Value::from(value)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Distinct, E> {
        Ok(Distinct(Value::from(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Distinct, E> {
        Ok(Distinct(Value::from(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut of: A) -> Result<Distinct, A::Error> {
        let mut all = Vec::new();
        while let Some(Distinct(one)) = of.next_element()? {
            all.push(one);
        }
        Ok(Distinct(Value::Array(all)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut of: A) -> Result<Distinct, A::Error> {
        let (mut members, mut names) = (Map::new(), BTreeSet::new());
        while let Some(name) = of.next_key::<String>()? {
            // Names have no case (RFC 7643, 2.1).
            if !names.insert(name.to_ascii_lowercase()) {
                let name: String = name.chars().take(80).collect();
                return Err(A::Error::custom(format!("{name} stands there twice")));
            }
            let Distinct(value) = of.next_value()?;
            members.insert(name, value);
        }
        Ok(Distinct(Value::Object(members)))
    }
}

/// The value of an attribute, whose name has no case (RFC 7643, 2.1). Null stands for nothing (2.5).
pub(super) fn attribute<'a>(of: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = of
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// The name of an attribute without the schema of users, which may stand in front of it.
pub(super) fn without_schema(name: &str) -> &str {
    let schema = name.get(..USER.len());
    let schema = schema.filter(|schema| schema.eq_ignore_ascii_case(USER));
    let behind = schema.and_then(|schema| name[schema.len()..].strip_prefix(':'));
    behind.unwrap_or(name)
}

/// A text.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, Problem> {
    let text = value.as_str();
    text.ok_or_else(|| invalid(format!("{name} must be a text.")))
}

/// A truth value. Entra ID writes it as a text.
pub(super) fn truth(value: &Value, name: &str) -> Result<bool, Problem> {
    let word = match value {
        Value::Bool(truth) => return Ok(*truth),
        Value::String(word) => word.trim(),
        _ => "",
    };
    if word.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if word.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(invalid(format!("{name} must be true or false.")))
    }
}

/// What the provider calls a user.
pub(super) fn user_name(value: &Value) -> Result<ProviderName, Problem> {
    ProviderName::parse(text(value, "userName")?).map_err(|error| of(&error))
}

/// The provider's own id of a user; an empty text is none.
pub(super) fn external_id(value: &Value) -> Result<Option<ExternalId>, Problem> {
    match text(value, "externalId")?.trim() {
        "" => Ok(None),
        id => ExternalId::parse(id).map(Some).map_err(|error| of(&error)),
    }
}

/// A display name.
pub(super) fn display_name(value: &Value) -> Result<DisplayName, Problem> {
    DisplayName::parse(text(value, "displayName")?).map_err(|error| of(&error))
}

/// The display name that the parts of `name` make; nothing where they make none.
pub(super) fn name(value: &Value) -> Result<Option<DisplayName>, Problem> {
    let parts = value.as_object();
    let parts = parts.ok_or_else(|| invalid("name must be an object."))?;
    let part = |name: &str| match attribute(parts, name) {
        Some(value) => text(value, name).map(str::trim),
        None => Ok(""),
    };
    let whole = match part("formatted")? {
        "" => [part("givenName")?, part("familyName")?].join(" "),
        formatted => formatted.to_owned(),
    };
    if whole.trim().is_empty() {
        return Ok(None);
    }
    DisplayName::parse(&whole)
        .map(Some)
        .map_err(|error| of(&error))
}

/// A role by its code, whose case does not matter.
pub(super) fn role(word: &str) -> Result<Role, Problem> {
    let role = Role::from_code(&word.trim().to_lowercase());
    role.ok_or_else(|| {
        let known = Role::ALL.map(Role::code).join(", ");
        let word: String = word.chars().take(40).collect();
        invalid(format!("roles: there is no {word}. There are {known}."))
    })
}

/// Roles: objects with a `value`, or the codes themselves; a single one need not be in a list.
pub(super) fn roles(value: &Value) -> Result<Vec<Role>, Problem> {
    let all = match value {
        Value::Array(all) => &all[..],
        one => std::slice::from_ref(one),
    };
    if all.len() > ROLES_NAMED_MAX {
        return Err(invalid(format!("roles: name at most {ROLES_NAMED_MAX}.")));
    }
    let mut roles = Vec::with_capacity(all.len());
    for one in all {
        let code = match one {
            Value::Object(parts) => attribute(parts, "value"),
            code => Some(code),
        };
        let code = code.ok_or_else(|| invalid("roles: value is missing."))?;
        roles.push(role(text(code, "roles")?)?);
    }
    Ok(roles)
}

/// The display name that a whole user has in a body: `displayName`, or else what `name` makes.
pub(super) fn called(body: &Map<String, Value>) -> Result<Option<DisplayName>, Problem> {
    let own = attribute(body, "displayName").filter(|own| {
        let blank = own.as_str().is_some_and(|text| text.trim().is_empty());
        !blank
    });
    match (own, attribute(body, "name")) {
        (Some(own), _) => display_name(own).map(Some),
        (None, Some(parts)) => name(parts),
        (None, None) => Ok(None),
    }
}

fn needed_user_name(body: &Map<String, Value>) -> Result<ProviderName, Problem> {
    let value = attribute(body, "userName");
    user_name(value.ok_or_else(|| invalid("userName is missing."))?)
}

/// A user who is new: an active agent, where the provider says nothing else.
pub(super) fn profile(body: &Map<String, Value>) -> Result<UserProfile, Problem> {
    let user_name = needed_user_name(body)?;
    let name = match called(body)? {
        Some(name) => name,
        None => {
            let short: String = user_name.as_str().chars().take(NAME_MAX).collect();
            DisplayName::parse(&short).map_err(|error| of(&error))?
        }
    };
    let external_id = attribute(body, "externalId").map(external_id);
    // An empty list stands for nothing (RFC 7643, 2.5).
    let given = attribute(body, "roles").map(roles).transpose()?;
    let given = given.filter(|roles| !roles.is_empty());
    let active = attribute(body, "active").map(|active| truth(active, "active"));
    Ok(UserProfile {
        user_name,
        external_id: external_id.transpose()?.flatten(),
        name,
        roles: given.unwrap_or_else(|| vec![Role::Agent]),
        active: active.transpose()?.unwrap_or(true),
    })
}

/// What a user shall be who is there. What the body leaves out stays as it is (RFC 7644, 3.5.1, leaves that to the host).
pub(super) fn replacement(body: &Map<String, Value>) -> Result<Vec<ProfileEdit>, Problem> {
    let user_name = needed_user_name(body)?;
    let mut edits = vec![ProfileEdit::UserName(user_name)];
    edits.extend(parts(body)?);
    Ok(edits)
}

/// Everything of a user that stands in an object, save `userName`, which a whole user needs and a part may have.
pub(super) fn parts(body: &Map<String, Value>) -> Result<Vec<ProfileEdit>, Problem> {
    let mut edits = Vec::new();
    if let Some(value) = attribute(body, "externalId") {
        edits.push(ProfileEdit::ExternalId(external_id(value)?));
    }
    edits.extend(called(body)?.map(ProfileEdit::Name));
    if let Some(value) = attribute(body, "roles") {
        let roles = roles(value)?;
        edits.extend((!roles.is_empty()).then_some(ProfileEdit::Roles(roles)));
    }
    if let Some(value) = attribute(body, "active") {
        edits.push(ProfileEdit::Active(truth(value, "active")?));
    }
    Ok(edits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of_json(body: Value) -> Result<UserProfile, Problem> {
        profile(body.as_object().expect("an object"))
    }

    #[test]
    fn what_a_provider_leaves_out_is_made_of_the_rest() {
        for (body, called) in [
            (json!({ "userName": "amy@example.com" }), "amy@example.com"),
            (
                json!({ "USERNAME": "amy", "displayName": " ", "name": { "givenName": "Amy", "familyName": "Adams" } }),
                "Amy Adams",
            ),
            (
                json!({ "userName": "amy", "name": { "formatted": "A. Adams", "givenName": "Amy" } }),
                "A. Adams",
            ),
            (
                json!({ "userName": "amy", "displayName": "Amy", "name": { "formatted": "A. Adams" } }),
                "Amy",
            ),
        ] {
            let profile = of_json(body).expect("a profile");
            assert_eq!(profile.name.as_str(), called);
            assert_eq!(profile.roles, [Role::Agent]);
            assert!(profile.active);
        }
    }

    #[test]
    fn roles_and_truth_are_read_in_each_spelling() {
        for roles in [
            json!("Supervisor"),
            json!(["supervisor"]),
            json!([{ "value": "SUPERVISOR", "primary": true }]),
        ] {
            let body = json!({ "userName": "amy", "roles": roles, "active": "False" });
            let profile = of_json(body).expect("a profile");
            assert_eq!(profile.roles, [Role::Supervisor]);
            assert!(!profile.active);
        }
        for body in [
            json!({}),
            json!({ "userName": 1 }),
            json!({ "userName": "  " }),
            json!({ "userName": "amy", "roles": "king" }),
            json!({ "userName": "amy", "roles": [{}] }),
            json!({ "userName": "amy", "active": "perhaps" }),
            json!({ "userName": "amy", "name": "Amy" }),
            json!({ "userName": "a".repeat(300) }),
        ] {
            let refused = format!("{:?}", of_json(body.clone()).expect_err("it is wrong"));
            assert!(refused.contains("invalidValue"), "{body}: {refused}");
        }
    }
}
