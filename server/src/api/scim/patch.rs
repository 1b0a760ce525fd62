//! PATCH (RFC 7644, 3.5.2), as Entra ID and Okta send it.

use serde_json::{Map, Value};
use shared::people::Role;

use super::body::{
    attribute, display_name, external_id, name, parts, role, roles, text, truth, user_name,
    without_schema,
};
use super::problems::{invalid, wrong};
use crate::commands::ProfileEdit;
use crate::http::problem::Problem;

/// How many operations a request may have.
const OPERATIONS_MAX: usize = 100;

/// Attributes of a user in RFC 7643 that Sideline does not hold: what is done to them is accepted, and nothing happens.
const NOT_HELD: [&str; 16] = [
    "addresses",
    "emails",
    "entitlements",
    "ims",
    "locale",
    "nickname",
    "password",
    "phonenumbers",
    "photos",
    "preferredlanguage",
    "profileurl",
    "schemas",
    "timezone",
    "title",
    "usertype",
    "x509certificates",
];
/// Those that only the host sets.
const READ_ONLY: [&str; 3] = ["groups", "id", "meta"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Add,
    Replace,
    Remove,
}

/// What an operation is about.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// The whole user.
    Everything,
    UserName,
    ExternalId,
    DisplayName,
    Name,
    Formatted,
    Active,
    Roles,
    /// The roles that a filter of the path finds.
    RolesOf(RoleFilter),
    /// Something that Sideline does not hold.
    NotHeld,
}

/// Which roles a path is about.
#[derive(Debug, PartialEq, Eq)]
enum RoleFilter {
    /// The only one, as a provider sees it that gives each user one.
    Primary,
    /// This one.
    Is(Role),
}

/// What the operations of a body change, in their order.
pub(super) fn edits(body: &Map<String, Value>) -> Result<Vec<ProfileEdit>, Problem> {
    let operations = attribute(body, "Operations").and_then(Value::as_array);
    let Some(operations) = operations.filter(|operations| !operations.is_empty()) else {
        return Err(wrong("invalidSyntax", "Operations must be a list."));
    };
    if operations.len() > OPERATIONS_MAX {
        let detail = format!("Send at most {OPERATIONS_MAX} operations.");
        return Err(wrong("tooMany", detail));
    }
    let mut edits = Vec::new();
    for operation in operations {
        let operation = operation.as_object();
        let no_object = || wrong("invalidSyntax", "An operation must be an object.");
        edits.extend(of_operation(operation.ok_or_else(no_object)?)?);
    }
    Ok(edits)
}

fn of_operation(of: &Map<String, Value>) -> Result<Vec<ProfileEdit>, Problem> {
    let word = attribute(of, "op").and_then(Value::as_str);
    let operation = match word.unwrap_or_default().to_ascii_lowercase().as_str() {
        "add" => Operation::Add,
        "replace" => Operation::Replace,
        "remove" => Operation::Remove,
        _ => return Err(wrong("invalidSyntax", "op must be add, replace or remove.")),
    };
    let target = match attribute(of, "path") {
        Some(path) => target(text(path, "path")?)?,
        None => Target::Everything,
    };
    let value = attribute(of, "value");
    match operation {
        Operation::Remove => remove(&target, value),
        Operation::Add | Operation::Replace => put(operation, &target, value),
    }
}

/// Reads a path, without its schema.
fn target(path: &str) -> Result<Target, Problem> {
    let path = path.trim().to_ascii_lowercase();
    let path = without_schema(&path);
    if path.starts_with("urn:") {
        return Ok(Target::NotHeld);
    }
    let shown: String = path.chars().take(80).collect();
    let no_path = || wrong("invalidPath", format!("There is no attribute {shown}."));
    let (base, rest) = match path.find(['.', '[']) {
        Some(end) => path.split_at(end),
        None => (path, ""),
    };
    match (base, rest) {
        ("username", "") => Ok(Target::UserName),
        ("externalid", "") => Ok(Target::ExternalId),
        ("displayname", "") => Ok(Target::DisplayName),
        ("active", "") => Ok(Target::Active),
        ("name", "") => Ok(Target::Name),
        ("name", ".formatted") => Ok(Target::Formatted),
        // Of a name Sideline holds the whole.
        (
            "name",
            ".givenname" | ".familyname" | ".middlename" | ".honorificprefix" | ".honorificsuffix",
        ) => Ok(Target::NotHeld),
        ("roles", "" | ".value") => Ok(Target::Roles),
        ("roles", rest) => of_roles(rest).ok_or_else(no_path)?.map(Target::RolesOf),
        (base, _) if READ_ONLY.contains(&base) => {
            Err(wrong("mutability", format!("{base} cannot be changed.")))
        }
        (base, rest) if NOT_HELD.contains(&base) && is_rest(rest) => Ok(Target::NotHeld),
        _ => Err(no_path()),
    }
}

/// Whether something behind an attribute can be read: a sub-attribute, a filter, or both.
fn is_rest(rest: &str) -> bool {
    let after = match rest.strip_prefix('[') {
        Some(filter) => match filter.split_once(']') {
            Some((_, after)) => after,
            None => return false,
        },
        None => rest,
    };
    let name = after.strip_prefix('.').unwrap_or_default();
    after.is_empty() || (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// Reads `[value eq "agent"]` or `[primary eq "True"]`, with `.value` behind it or without. Nothing: another path.
fn of_roles(rest: &str) -> Option<Result<RoleFilter, Problem>> {
    let (filter, after) = rest.strip_prefix('[')?.split_once(']')?;
    if !["", ".value"].contains(&after) {
        return None;
    }
    let (field, value) = filter.split_once(" eq ")?;
    let value = value.trim().trim_matches('"');
    match field.trim() {
        "primary" if value == "true" => Some(Ok(RoleFilter::Primary)),
        "value" => Some(role(value).map(RoleFilter::Is)),
        _ => None,
    }
}

/// What every user has, nobody can take away.
fn needed(name: &str) -> Problem {
    wrong("mutability", format!("{name} cannot be taken away."))
}

fn remove(target: &Target, value: Option<&Value>) -> Result<Vec<ProfileEdit>, Problem> {
    let edit = match target {
        Target::Everything => return Err(wrong("noTarget", "remove needs a path.")),
        Target::UserName => return Err(needed("userName")),
        Target::DisplayName => return Err(needed("displayName")),
        Target::Name | Target::Formatted => return Err(needed("name")),
        Target::Active => return Err(needed("active")),
        Target::ExternalId => ProfileEdit::ExternalId(None),
        Target::RolesOf(RoleFilter::Is(role)) => ProfileEdit::RolesRemove(vec![*role]),
        Target::RolesOf(RoleFilter::Primary) => return Err(needed("the only role")),
        // Entra ID names what goes in the value.
        Target::Roles => match value {
            Some(value) => ProfileEdit::RolesRemove(roles(value)?),
            None => return Err(needed("roles")),
        },
        Target::NotHeld => return Ok(Vec::new()),
    };
    Ok(vec![edit])
}

fn put(
    operation: Operation,
    target: &Target,
    value: Option<&Value>,
) -> Result<Vec<ProfileEdit>, Problem> {
    // Null takes away what can be taken away.
    let Some(value) = value else {
        return match target {
            Target::ExternalId | Target::NotHeld => remove(target, None),
            _ => Err(invalid("value is missing.")),
        };
    };
    let edit = match target {
        Target::Everything => return everything(operation, value),
        Target::UserName => ProfileEdit::UserName(user_name(value)?),
        Target::ExternalId => ProfileEdit::ExternalId(external_id(value)?),
        Target::DisplayName | Target::Formatted => ProfileEdit::Name(display_name(value)?),
        Target::Name => return Ok(name(value)?.map(ProfileEdit::Name).into_iter().collect()),
        Target::Active => ProfileEdit::Active(truth(value, "active")?),
        Target::Roles => of_value(operation, roles(value)?),
        Target::RolesOf(RoleFilter::Primary) => ProfileEdit::Roles(roles(value)?),
        Target::RolesOf(RoleFilter::Is(role)) => {
            let removed = ProfileEdit::RolesRemove(vec![*role]);
            return Ok(vec![removed, ProfileEdit::RolesAdd(roles(value)?)]);
        }
        Target::NotHeld => return Ok(Vec::new()),
    };
    Ok(vec![edit])
}

fn of_value(operation: Operation, roles: Vec<Role>) -> ProfileEdit {
    match operation {
        Operation::Add => ProfileEdit::RolesAdd(roles),
        _ => ProfileEdit::Roles(roles),
    }
}

/// An operation without a path: an object of attributes. Okta sends `{"active": false}`; Entra ID may name paths in it.
fn everything(operation: Operation, value: &Value) -> Result<Vec<ProfileEdit>, Problem> {
    let no_object = || invalid("value must be an object where there is no path.");
    let attributes = value.as_object().ok_or_else(no_object)?;
    let mut edits = Vec::new();
    let mut rest = Map::new();
    for (name, value) in attributes {
        if !name.starts_with("urn:") && name.contains(['.', '[']) {
            let value = Some(value).filter(|value| !value.is_null());
            edits.extend(put(operation, &target(name)?, value)?);
        } else {
            rest.insert(name.clone(), value.clone());
        }
    }
    if let Some(value) = attribute(&rest, "userName") {
        edits.push(ProfileEdit::UserName(user_name(value)?));
    }
    edits.extend(parts(&rest)?.into_iter().map(|edit| match edit {
        ProfileEdit::Roles(roles) => of_value(operation, roles),
        edit => edit,
    }));
    Ok(edits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::text::DisplayName;

    use super::*;
    use crate::api::scim::body::USER;

    fn of(operations: Value) -> Result<Vec<ProfileEdit>, Problem> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        edits(body.as_object().expect("an object"))
    }

    fn called(name: &str) -> ProfileEdit {
        ProfileEdit::Name(DisplayName::parse(name).expect("a name"))
    }

    #[test]
    fn entra_and_okta_are_understood() {
        let supervisor = vec![Role::Supervisor];
        for (operation, edits) in [
            (
                json!({ "op": "Replace", "path": "active", "value": "False" }),
                vec![ProfileEdit::Active(false)],
            ),
            (
                json!({ "op": "replace", "value": { "active": false } }),
                vec![ProfileEdit::Active(false)],
            ),
            (
                json!({ "op": "Add", "path": "emails[type eq \"work\"].value", "value": "amy@example.com" }),
                vec![],
            ),
            (
                json!({ "op": "Replace", "path": "name.givenName", "value": "Amy" }),
                vec![],
            ),
            (
                json!({ "op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "Care" }),
                vec![],
            ),
            (
                json!({ "op": "add", "path": format!("{USER}:displayName"), "value": "Amy" }),
                vec![called("Amy")],
            ),
            (
                json!({ "op": "Add", "value": { "name.formatted": "Amy", "emails": [], "active": "True" } }),
                vec![called("Amy"), ProfileEdit::Active(true)],
            ),
            (
                json!({ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "Supervisor" }),
                vec![ProfileEdit::Roles(supervisor.clone())],
            ),
            (
                json!({ "op": "add", "path": "roles", "value": [{ "value": "supervisor" }] }),
                vec![ProfileEdit::RolesAdd(supervisor.clone())],
            ),
            (
                json!({ "op": "remove", "path": "roles[value eq \"supervisor\"]" }),
                vec![ProfileEdit::RolesRemove(supervisor.clone())],
            ),
            (
                json!({ "op": "remove", "path": "roles", "value": [{ "value": "supervisor" }] }),
                vec![ProfileEdit::RolesRemove(supervisor.clone())],
            ),
            (
                json!({ "op": "replace", "value": { "roles": ["supervisor"] } }),
                vec![ProfileEdit::Roles(supervisor)],
            ),
            (
                json!({ "op": "remove", "path": "externalId" }),
                vec![ProfileEdit::ExternalId(None)],
            ),
        ] {
            let read = of(json!([operation])).expect("it is understood");
            assert_eq!(read, edits, "{operation}");
        }
    }

    #[test]
    fn what_is_wrong_has_its_name() {
        for (operation, scim_type) in [
            (json!("add"), "invalidSyntax"),
            (json!({ "op": "move", "path": "active" }), "invalidSyntax"),
            (json!({ "op": "remove" }), "noTarget"),
            (json!({ "op": "remove", "path": "userName" }), "mutability"),
            (json!({ "op": "remove", "path": "roles" }), "mutability"),
            (
                json!({ "op": "replace", "path": "id", "value": "x" }),
                "mutability",
            ),
            (
                json!({ "op": "add", "path": "shoeSize", "value": 42 }),
                "invalidPath",
            ),
            (
                json!({ "op": "add", "path": "emails[type", "value": 42 }),
                "invalidPath",
            ),
            (
                json!({ "op": "add", "path": "roles[0]", "value": "agent" }),
                "invalidPath",
            ),
            (
                json!({ "op": "add", "path": 1, "value": 42 }),
                "invalidValue",
            ),
            (json!({ "op": "add", "path": "active" }), "invalidValue"),
            (json!({ "op": "add", "value": "active" }), "invalidValue"),
            (
                json!({ "op": "replace", "path": "active", "value": "no" }),
                "invalidValue",
            ),
        ] {
            let refused = format!("{:?}", of(json!([operation])).expect_err("it is wrong"));
            assert!(refused.contains(scim_type), "{operation}: {refused}");
        }
        for none in [json!([]), json!(null), json!({})] {
            let refused = format!("{:?}", of(none).expect_err("it is wrong"));
            assert!(refused.contains("invalidSyntax"), "{refused}");
        }
    }
}
