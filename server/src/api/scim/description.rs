//! What this host can do of SCIM, and what a user is to it (RFC 7643, 5 to 7).

use std::sync::LazyLock;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::body::USER;
use super::list::{COUNT_MAX, response};
use super::problems::refused;
use super::{Answer, Base, answer, nowhere};
use crate::api::caller::Bearer;
use crate::desk::Desk;

/// The schema of a user, as providers read it.
static USER_SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("user_schema.json")).expect("a constant text is JSON")
});

/// The resource with its place.
fn placed(mut resource: Value, kind: &str, location: String) -> Value {
    resource["meta"] = json!({ "resourceType": kind, "location": location });
    resource
}

fn user_type(base: &str) -> Value {
    let resource = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "description": "Users who sign in to Sideline.",
        "endpoint": "/Users",
        "schema": USER,
    });
    let location = [base, "/ResourceTypes/User"].concat();
    placed(resource, "ResourceType", location)
}

fn user_schema(base: &str) -> Value {
    let location = [base, "/Schemas/", USER].concat();
    placed(USER_SCHEMA.clone(), "Schema", location)
}

fn provider_config(base: &str) -> Value {
    let resource = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": COUNT_MAX },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "API token",
            "description": "A token of Sideline with the scope users:write, in the header Authorization.",
            "primary": true,
        }],
    });
    let location = [base, "/ServiceProviderConfig"].concat();
    placed(resource, "ServiceProviderConfig", location)
}

/// What this host can do.
pub(super) async fn config(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
) -> Answer {
    desk.may_provision(&token).await.map_err(refused)?;
    Ok(answer(StatusCode::OK, &provider_config(&base)))
}

/// The kinds of resources: users.
pub(super) async fn types(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
) -> Answer {
    desk.may_provision(&token).await.map_err(refused)?;
    let all = response(vec![user_type(&base)], 1, 1);
    Ok(answer(StatusCode::OK, &all))
}

/// One kind.
pub(super) async fn one_type(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
    name: Result<Path<String>, PathRejection>,
) -> Answer {
    desk.may_provision(&token).await.map_err(refused)?;
    match name {
        Ok(Path(name)) if name == "User" => Ok(answer(StatusCode::OK, &user_type(&base))),
        _ => Err(nowhere().await),
    }
}

/// The schemas: that of users.
pub(super) async fn schemas(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
) -> Answer {
    desk.may_provision(&token).await.map_err(refused)?;
    let all = response(vec![user_schema(&base)], 1, 1);
    Ok(answer(StatusCode::OK, &all))
}

/// One schema.
pub(super) async fn one_schema(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
    schema: Result<Path<String>, PathRejection>,
) -> Answer {
    desk.may_provision(&token).await.map_err(refused)?;
    match schema {
        Ok(Path(schema)) if schema.eq_ignore_ascii_case(USER) => {
            Ok(answer(StatusCode::OK, &user_schema(&base)))
        }
        _ => Err(nowhere().await),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_that_of_a_user() {
        assert_eq!(USER_SCHEMA["id"], USER);
    }
}
