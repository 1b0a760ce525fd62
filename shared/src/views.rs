//! Views of the User Dashboard: a filter, an order and columns that somebody keeps under a name, and may share with a team.

use serde::{Deserialize, Serialize};

use crate::error::{AppError, Problem};
use crate::ids::{TeamId, ViewId};
use crate::people::PersonRef;

/// The most views that one person keeps.
pub const VIEWS_MAX: i64 = 50;
/// The longest filter, in characters.
pub const FILTER_MAX: usize = 600;

/// What a view shows: the query of an address of the dashboard, as forms write it. Names that a release does not know mean
/// nothing to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ViewFilter(String);

impl ViewFilter {
    /// Checks one.
    ///
    /// # Errors
    /// `TooLong`, and `Unreadable` for what no form writes.
    pub fn parse(query: &str) -> Result<Self, AppError> {
        let query = query.trim_start_matches('?');
        let actual = query.chars().count();
        if actual > FILTER_MAX {
            let problem = Problem::TooLong {
                max: FILTER_MAX as i64,
                actual: actual as i64,
            };
            return Err(AppError::invalid("filter", problem));
        }
        let readable = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~*+%=&".contains(&byte);
        if query.bytes().all(readable) {
            Ok(Self(query.to_owned()))
        } else {
            let detail = query.chars().take(40).collect();
            Err(AppError::invalid("filter", Problem::Unreadable { detail }))
        }
    }

    /// The query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A view that somebody may open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardView {
    /// Which.
    pub id: ViewId,
    /// What it is called.
    pub name: String,
    /// What it shows: a query of the dashboard.
    pub filter: String,
    /// The team that it is shared with; nobody but its maker opens one without.
    pub team: Option<TeamId>,
    /// Who made it and may change it.
    pub by: PersonRef,
    /// Counts its edits.
    pub version: i64,
}

/// What somebody's dashboard begins with beside its data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardViews {
    /// The views that they may open: their own by name, then those of others by name.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub views: Vec<DashboardView>,
    /// The one that they opened last, if it is still offered.
    pub last: Option<ViewId>,
    /// The columns that they do not want to see, where no view says it.
    pub hidden: String,
    /// How many workitems waited at most at once in the queues of their teams in each part of the last hour, the present part last.
    /// There are fewer parts while the host is younger than an hour.
    #[serde(default)]
    pub waited: Vec<i64>,
    /// How many whole minutes of the last hour the host has seen: parts begin by the clock, so the first one may be seen in part.
    #[serde(default)]
    pub waited_min: i64,
}

/// In how many parts the last hour is shown.
pub const WAITED_PARTS: usize = 12;
/// The length of a part, in minutes.
pub const WAITED_PART_MIN: i64 = 5;

/// What the dashboard keeps for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DashboardChoice {
    /// The view that was opened last.
    pub view: Option<ViewId>,
    /// The columns that are not shown: their words in the address, with dots between.
    pub hidden: String,
}

/// The longest list of hidden columns, in characters.
const HIDDEN_MAX: usize = 120;

impl DashboardChoice {
    /// Checks the columns.
    ///
    /// # Errors
    /// `Unreadable` for what is no list of columns.
    pub fn checked(self) -> Result<Self, AppError> {
        let readable = |byte: u8| byte.is_ascii_lowercase() || b"._".contains(&byte);
        if self.hidden.len() <= HIDDEN_MAX && self.hidden.bytes().all(readable) {
            return Ok(self);
        }
        let detail = self.hidden.chars().take(40).collect();
        Err(AppError::invalid("hidden", Problem::Unreadable { detail }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_query_of_a_form_within_its_limit() {
        for query in [
            "",
            "show=hand&team=Care+%26+Sales&sort=-wait",
            "?find=%C3%A9*~",
        ] {
            let filter = ViewFilter::parse(query).unwrap();
            assert_eq!(filter.as_str(), query.trim_start_matches('?'));
        }
        for bad in ["a=\"><script>", "a=b c", "é=1", "a=1#b", "//evil", "a\n=1"] {
            let refused = ViewFilter::parse(bad).unwrap_err();
            let unreadable = |problem: &Problem| matches!(problem, Problem::Unreadable { .. });
            assert!(
                matches!(&refused, AppError::Invalid { field, problem } if field == "filter" && unreadable(problem)),
                "{bad:?}: {refused:?}"
            );
        }
        assert!(ViewFilter::parse(&"a".repeat(FILTER_MAX)).is_ok());
        let long = ViewFilter::parse(&"a".repeat(FILTER_MAX + 1));
        let problem = Problem::TooLong {
            max: 600,
            actual: 601,
        };
        assert_eq!(long, Err(AppError::invalid("filter", problem)));
    }

    #[test]
    fn hidden_columns_are_words_with_dots() {
        let choice = |hidden: &str| DashboardChoice {
            view: None,
            hidden: hidden.to_owned(),
        };
        for good in ["", "none", "presence.wait"] {
            assert!(choice(good).checked().is_ok(), "{good}");
        }
        for bad in ["Presence", "a b", "<", "é"] {
            assert!(choice(bad).checked().is_err(), "{bad}");
        }
        assert!(choice(&"a".repeat(121)).checked().is_err());
    }
}
