//! SCIM 2.0 (RFC 7643, RFC 7644) at `/scim/v2`: an identity provider creates, changes and deactivates users, by a token with the scope
//! `users:write`. Its JSON is read as plain values: attributes have no case, and what Sideline does not hold is accepted and left out.

mod body;
mod description;
mod filter;
mod list;
mod patch;
mod problems;
mod version;
mod view;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, LOCATION};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use serde_json::{Map, Value};
use shared::error::AppError;
use shared::ids::UserId;
use shared::tokens::ApiToken;

use self::body::Body;
use self::list::ListRequest;
use self::problems::{overtaken, refused};
use self::version::{expected, is_known, tagged};
use self::view::{Selection, user_view};
use super::ApiState;
use super::caller::Bearer;
use crate::commands::{ProfileEdit, ProvisionedUser};
use crate::desk::Desk;
use crate::http::paths::SCIM;
use crate::http::problem::Problem;
use crate::http::routes::Routes;

/// What a handler answers.
type Answer = Result<Response, Problem>;

/// The routes of SCIM.
pub(super) fn routes() -> Routes<ApiState> {
    let at = |path: &str| [SCIM, path].concat();
    Routes::new()
        .route(&at("/ServiceProviderConfig"), get(description::config))
        .route(&at("/ResourceTypes"), get(description::types))
        .route(&at("/ResourceTypes/{name}"), get(description::one_type))
        .route(&at("/Schemas"), get(description::schemas))
        .route(&at("/Schemas/{schema}"), get(description::one_schema))
        .route(&at("/Users"), get(users).post(create))
        .route(
            &at("/Users/{user}"),
            get(one).put(replace).patch(change).delete(remove),
        )
        .route(&at("/Groups"), get(groups))
        .route(&at("/.search"), post(search))
        .route(&at("/Users/.search"), post(search))
        .route(SCIM, any(nowhere))
        .route(&at("/"), any(nowhere))
        .route(&at("/{*rest}"), any(nowhere))
}

/// What no route takes.
async fn nowhere() -> Problem {
    Problem::plain(StatusCode::NOT_FOUND, "not_found")
}

/// An answer with a body.
fn answer(status: StatusCode, body: &Value) -> Response {
    let kind = (CONTENT_TYPE, "application/scim+json");
    (status, [kind], body.to_string()).into_response()
}

/// Where SCIM is reached, without a slash at its end: what locations begin with. An extractor.
struct Base(String);

impl FromRequestParts<ApiState> for Base {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let scheme = if state.secure { "https" } else { "http" };
        let host = parts.headers.get(HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let base = match &state.desk.config().public_url {
            Some(url) => [url.as_str(), SCIM].concat(),
            None => [scheme, "://", host, SCIM].concat(),
        };
        Ok(Self(base))
    }
}

/// The user that an address names. An extractor.
struct Named(UserId);

impl FromRequestParts<ApiState> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        // What is no id is nobody's.
        let id = path.ok().and_then(|Path(id)| UserId::parse(id).ok());
        id.map(Self).ok_or_else(|| Problem::of(&AppError::NotFound))
    }
}

/// Users that a query asks for.
async fn users(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
    asked: ListRequest,
) -> Answer {
    let found = desk.provisioned_list(&token, asked.named()).await;
    let found = found.map_err(refused)?;
    Ok(answer(StatusCode::OK, &asked.of(&base, &found)))
}

/// The same, asked for in a body. There are no resources but users.
async fn search(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
    Body(body): Body,
) -> Answer {
    desk.may_provision(&token).await.map_err(refused)?;
    let asked = ListRequest::of_body(&body)?;
    let found = desk.provisioned_list(&token, asked.named()).await;
    let found = found.map_err(refused)?;
    Ok(answer(StatusCode::OK, &asked.of(&base, &found)))
}

/// Teams are no part of this: providers that ask for groups all the same find none.
async fn groups(State(desk): State<Desk>, Bearer(token): Bearer) -> Answer {
    desk.may_provision(&token).await.map_err(refused)?;
    let none = list::response(Vec::new(), 0, 1);
    Ok(answer(StatusCode::OK, &none))
}

async fn one(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
    selection: Selection,
    Named(user): Named,
    headers: HeaderMap,
) -> Answer {
    let found = desk.provisioned_user(&token, &user).await;
    let found = found.map_err(refused)?;
    let response = match is_known(&headers, &found) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => answer(StatusCode::OK, &user_view(&base, &found, &selection)),
    };
    Ok(tagged(response, &found))
}

async fn create(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
    selection: Selection,
    Body(body): Body,
) -> Answer {
    desk.may_provision(&token).await.map_err(refused)?;
    let profile = body::profile(&body)?;
    let made = desk.provision(&token, profile).await.map_err(refused)?;
    let location = view::location(&base, &made);
    let view = user_view(&base, &made, &selection);
    let mut response = answer(StatusCode::CREATED, &view);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(tagged(response, &made))
}

/// How a body says what becomes of a user.
type Read = fn(&Map<String, Value>) -> Result<Vec<ProfileEdit>, Problem>;

/// Does with a user what a body asks for, if they have a version that the headers expect. Answers them as they are then.
async fn changed(
    desk: &Desk,
    token: &ApiToken,
    (user, headers): (UserId, &HeaderMap),
    (body, read): (&Map<String, Value>, Read),
) -> Result<ProvisionedUser, Problem> {
    desk.may_provision(token).await.map_err(refused)?;
    let expected = (user, expected(headers));
    let now = desk.reprovision(token, expected, read(body)?).await;
    now.map_err(refused)?.ok_or_else(overtaken)
}

async fn replace(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
    selection: Selection,
    Named(user): Named,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer {
    let now = changed(&desk, &token, (user, &headers), (&body, body::replacement)).await?;
    let view = user_view(&base, &now, &selection);
    Ok(tagged(answer(StatusCode::OK, &view), &now))
}

async fn change(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Base(base): Base,
    selection: Selection,
    Named(user): Named,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer {
    let now = changed(&desk, &token, (user, &headers), (&body, patch::edits)).await?;
    let view = user_view(&base, &now, &selection);
    Ok(tagged(answer(StatusCode::OK, &view), &now))
}

async fn remove(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Named(user): Named,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let done = desk.unprovision(&token, user, expected(&headers)).await;
    match done.map_err(refused)? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(overtaken()),
    }
}
