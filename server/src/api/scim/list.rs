//! Lists of users: which are asked for, and which piece of them (RFC 7644, 3.4.2).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::{Map, Value, json};

use super::body::{attribute, text};
use super::filter::Filter;
use super::problems::invalid;
use super::view::{Selection, user_view};
use crate::api::ApiState;
use crate::commands::ProvisionedUser;
use crate::http::problem::Problem;

/// How many users a piece has if nobody says, and at most.
pub(super) const COUNT_MAX: usize = 100;

/// What is asked for. An extractor: from the query of an address, of which other fields do not matter.
#[derive(Debug)]
pub(super) struct ListRequest {
    filter: Option<Filter>,
    /// The number of the first user of the piece, from 1.
    start: usize,
    count: usize,
    selection: Selection,
}

impl FromRequestParts<ApiState> for ListRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let value = |name: &str| {
            let mut fields = form_urlencoded::parse(query.as_bytes());
            let found = fields.find(|(known, _)| known == name);
            found.map(|(_, value)| value.into_owned())
        };
        let number = |name: &str| value(name).map(|text| whole(&text, name)).transpose();
        let (start, count) = (number("startIndex")?, number("count")?);
        let filter = value("filter");
        Self::new(
            filter.as_deref(),
            (start, count),
            Selection::of_query(query)?,
        )
    }
}

fn whole(text: &str, name: &str) -> Result<i64, Problem> {
    let number = text.trim().parse();
    number.map_err(|_| invalid(format!("{name} must be a whole number.")))
}

impl ListRequest {
    /// As the body of a search has it.
    pub(super) fn of_body(body: &Map<String, Value>) -> Result<Self, Problem> {
        let number = |name: &str| match attribute(body, name) {
            Some(value) => {
                let number = value.as_i64();
                let wrong = || invalid(format!("{name} must be a whole number."));
                number.ok_or_else(wrong).map(Some)
            }
            None => Ok(None),
        };
        let filter = attribute(body, "filter").map(|filter| text(filter, "filter"));
        Self::new(
            filter.transpose()?,
            (number("startIndex")?, number("count")?),
            Selection::of_body(body)?,
        )
    }

    fn new(
        filter: Option<&str>,
        (start, count): (Option<i64>, Option<i64>),
        selection: Selection,
    ) -> Result<Self, Problem> {
        // What is below 1 is 1, and below 0 it is 0; what is above is as much as there may be.
        let start = usize::try_from(start.unwrap_or(1)).unwrap_or(1).max(1);
        let count = count.map_or(COUNT_MAX, |count| usize::try_from(count).unwrap_or(0));
        Ok(Self {
            filter: filter.map(Filter::parse).transpose()?,
            start,
            count: count.min(COUNT_MAX),
            selection,
        })
    }

    /// What the provider calls the only user who can be in the list.
    pub(super) fn named(&self) -> Option<&str> {
        self.filter.as_ref()?.named()
    }

    /// The piece of these users that is asked for.
    pub(super) fn of(&self, base: &str, users: &[ProvisionedUser]) -> Value {
        let filter = self.filter.as_ref();
        let fits = |user: &&ProvisionedUser| filter.is_none_or(|filter| filter.fits(user));
        let found: Vec<_> = users.iter().filter(fits).collect();
        let piece = found.iter().skip(self.start - 1).take(self.count);
        let piece = piece.map(|user| user_view(base, user, &self.selection));
        response(piece.collect(), found.len(), self.start)
    }
}

/// A list with a piece of its resources.
pub(super) fn response(resources: Vec<Value>, total: usize, start: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}
