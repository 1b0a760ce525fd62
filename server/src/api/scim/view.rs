//! A user as SCIM has them, and which attributes are answered (RFC 7644, 3.9).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::{Map, Value, json};

use super::body::{USER, attribute, text, without_schema};
use super::problems::invalid;
use super::version::tag;
use crate::api::ApiState;
use crate::commands::ProvisionedUser;
use crate::http::problem::Problem;

/// How many attributes may be named.
const NAMED_MAX: usize = 100;

/// Which attributes are answered beside `id` and `schemas`; names in lower case. An extractor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Selection {
    /// All.
    #[default]
    Everything,
    /// These.
    Only(Vec<String>),
    /// All but these.
    Without(Vec<String>),
}

impl FromRequestParts<ApiState> for Selection {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        Self::of_query(query)
    }
}

impl Selection {
    /// As the query of an address has it: names between commas, or the field once for each.
    pub(super) fn of_query(query: &str) -> Result<Self, Problem> {
        let fields: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let named = |field: &str| {
            let values = fields.iter().filter(|(name, _)| name == field);
            let names = values.flat_map(|(_, value)| value.split(','));
            names.map(base_of).collect()
        };
        Self::of(named("attributes"), named("excludedAttributes"))
    }

    /// As the body of a search has it: lists of names.
    pub(super) fn of_body(body: &Map<String, Value>) -> Result<Self, Problem> {
        let named = |field: &str| -> Result<Vec<String>, Problem> {
            let Some(value) = attribute(body, field) else {
                return Ok(Vec::new());
            };
            let names = value.as_array();
            let names = names.ok_or_else(|| invalid(format!("{field} must be a list.")))?;
            let names = names.iter().map(|name| text(name, field).map(base_of));
            names.collect()
        };
        Self::of(named("attributes")?, named("excludedAttributes")?)
    }

    fn of(mut only: Vec<String>, mut without: Vec<String>) -> Result<Self, Problem> {
        for names in [&mut only, &mut without] {
            names.retain(|name| !name.is_empty());
            if names.len() > NAMED_MAX {
                return Err(invalid(format!("Name at most {NAMED_MAX} attributes.")));
            }
        }
        match (only.is_empty(), without.is_empty()) {
            (true, true) => Ok(Self::Everything),
            (false, true) => Ok(Self::Only(only)),
            (true, false) => Ok(Self::Without(without)),
            (false, false) => Err(invalid("Send attributes or excludedAttributes, not both.")),
        }
    }

    fn has(&self, name: &str) -> bool {
        let among = |names: &[String]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        match self {
            // These are always there (RFC 7643, 2.2 and 3.1).
            _ if ["id", "schemas"].contains(&name) => true,
            Self::Everything => true,
            Self::Only(names) => among(names),
            Self::Without(names) => !among(names),
        }
    }
}

/// The attribute that a name is of, without its schema and its sub-attribute, in lower case.
fn base_of(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    let name = without_schema(&name);
    let base = match name.starts_with("urn:") {
        // Another schema's, of which there is nothing.
        true => name,
        false => name.split('.').next().unwrap_or_default(),
    };
    base.to_owned()
}

/// Where a user stands.
pub(super) fn location(base: &str, user: &ProvisionedUser) -> String {
    [base, "/Users/", user.account.id.as_str()].concat()
}

/// The user, with the attributes that are asked for.
pub(super) fn user_view(base: &str, user: &ProvisionedUser, selection: &Selection) -> Value {
    let account = &user.account;
    let roles = account.roles.iter();
    let roles: Vec<Value> = roles.map(|role| json!({ "value": role.code() })).collect();
    let mut view = Map::new();
    let mut put = |name: &str, value: Value| {
        if selection.has(name) {
            view.insert(name.to_owned(), value);
        }
    };
    put("schemas", json!([USER]));
    put("id", account.id.as_str().into());
    if let Some(id) = &user.external_id {
        put("externalId", id.as_str().into());
    }
    put("userName", user.user_name.as_str().into());
    put("displayName", account.name.as_str().into());
    put("name", json!({ "formatted": account.name }));
    put("active", account.active.into());
    put("roles", roles.into());
    let location = location(base, user);
    put(
        "meta",
        json!({ "resourceType": "User", "location": location, "version": tag(user) }),
    );
    Value::Object(view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_says_which_attributes_are_answered() {
        let of = |query: &str| Selection::of_query(query).expect("a selection");
        assert_eq!(of("count=1"), Selection::Everything);
        let names = of("attributes=userName,name.formatted");
        for (name, there) in [
            ("id", true),
            ("schemas", true),
            ("userName", true),
            ("name", true),
            ("active", false),
            ("meta", false),
        ] {
            assert_eq!(names.has(name), there, "{name}");
        }
        let others = of(&format!(
            "excludedAttributes={USER}:active&excludedAttributes=ID"
        ));
        assert!(!others.has("active"));
        assert!(others.has("id") && others.has("roles"));
        assert!(Selection::of_query("attributes=a&excludedAttributes=b").is_err());
    }
}
